#include "askpass/allowed.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "policy/config/config.h"
#include "policy/hosts.h"

#define VARIABLE "PAM_OAUTH_HOSTS"
#define CONFIGURATION ".config/pam_oauth/pam_oauth.conf"
#define AUDIENCE "ssh://"

/* ---- PAM_OAUTH_HOSTS ------------------------------------------------------------------------ */

static enum status
refuse(struct span host, const char *list, struct why *why)
{
    return status_because(why, ST_DENIED, "%.*s is not one of the hosts of %s", SPAN_ARGS(host),
                          list);
}

static enum status
by_variable(struct span host, const char *list, struct why *why)
{
    struct span rest = span_of(list);
    struct span word;
    bool found = false;

    while (span_word(&rest, &word)) {
        if (!hosts_is_pattern(word)) {
            return status_because(why, ST_CONFIG,
                                  "'%s' in " VARIABLE " is no pattern of a host's name; it takes "
                                  "patterns separated by blanks, such as '*.example.org'",
                                  text_quote(word).text);
        }
        found = found || hosts_match(word, host);
    }
    return found ? ST_OK : refuse(host, VARIABLE, why);
}

/* ---- what the token says of itself ---------------------------------------------------------- */

/* Nothing has verified it; it is our user's own, and only tells where it may be of use. */
static enum status
read_payload(struct span token, struct why *why, json_t **ret_payload)
{
    struct buf text CLEANUP(buf_done) = BUF(JWS_TOKEN_MAX);
    struct why cause = {""};
    struct span header;
    struct span rest;
    struct span payload;
    struct span signature;

    if (span_cut(token, '.', &header, &rest) && span_cut(rest, '.', &payload, &signature)) {
        enum status status = base64url_decode(payload, &text);
        if (status == ST_OK) {
            status = strictjson_object(buf_span(&text), &strictjson_token, &cause, ret_payload);
        }
        if (status == ST_OK || status == ST_MEMORY) {
            return status;
        }
    }
    return status_because(why, ST_DENIED,
                          "the token does not say for which host it is; name the hosts that may "
                          "have it in " VARIABLE);
}

/* `ssh://HOST`, HOST being as ssh writes it, in small letters. */
static bool
is_for(struct span audience, struct span host)
{
    size_t front = strlen(AUDIENCE);

    return audience.length == front + host.length && span_starts(audience, AUDIENCE) &&
           memcmp(audience.at + front, host.at, host.length) == 0;
}

/* For nobody else: whoever gets it could show it to all the others that it names. */
static bool
is_made_for(const json_t *payload, struct span host)
{
    const json_t *audience = json_object_get(payload, "aud");
    size_t index;
    const json_t *one;

    json_array_foreach(audience, index, one)
    {
        if (!is_for(strictjson_string(one), host)) {
            return false;
        }
    }
    return json_array_size(audience) > 0 || is_for(strictjson_string(audience), host);
}

/* ---- the user's configuration --------------------------------------------------------------- */

/* Every finding of the file but the first is for `pam-oauth check`. */
static enum status
load_real(const char *path, struct why *why, struct config **ret_config)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    struct span line;

    enum status status = config_load(path, geteuid(), "localhost", &findings, ret_config);
    if (status != ST_CONFIG) {
        return status;
    }
    struct span rest = buf_span(&findings.lines);
    (void)span_line(&rest, &line);
    return status_because(why, ST_CONFIG, "%.*s", SPAN_ARGS(line));
}

/*
 * Sets `*ret_config` to NULL when the user has none. Links on the way to the home directory are the
 * administrator's; the real file is checked.
 */
static enum status
load(struct why *why, struct config **ret_config)
{
    const char *home = getenv("HOME");
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);

    *ret_config = NULL;
    if (home == NULL || home[0] != '/') {
        return ST_OK;
    }
    TRY(buf_printf(&path, "%s/" CONFIGURATION, home));
    char *real = canonicalize_file_name(buf_text(&path));
    if (real == NULL) {
        return errno == ENOENT || errno == ENOTDIR
                   ? ST_OK
                   : status_because(why, ST_CONFIG, "%s: %s", buf_text(&path),
                                    strerrordesc_np(errno));
    }
    enum status status = load_real(real, why, ret_config);
    free(real);
    return status;
}

/* What the providers of that issuer say: whether any has a list, and whether the host is in it. */
static void
look_up(const struct config *config, struct span issuer, struct span host, bool *ret_listed,
        bool *ret_found)
{
    for (size_t i = 0; i < config->provider_count; i++) {
        const struct provider *provider = config->providers[i];
        if (!span_is(issuer, provider->issuer)) {
            continue;
        }
        for (size_t j = 0; j < provider->hosts.count; j++) {
            *ret_listed = true;
            *ret_found = *ret_found || hosts_match(span_of(provider->hosts.at[j]), host);
        }
    }
}

static enum status
by_token(struct span host, struct span token, struct why *why)
{
    struct config *config CLEANUP(config_done) = NULL;
    json_t *payload CLEANUP(strictjson_done) = NULL;
    struct span issuer = {.at = "", .length = 0};
    bool listed = false;
    bool found = false;

    TRY(load(why, &config));
    TRY(read_payload(token, why, &payload));
    if (config != NULL && strictjson_text(payload, "iss", &issuer)) {
        look_up(config, issuer, host, &listed, &found);
    }
    if (listed) {
        return found ? ST_OK : refuse(host, "'hosts' in ~/" CONFIGURATION, why);
    }
    if (is_made_for(payload, host)) {
        return ST_OK;
    }
    return status_because(why, ST_DENIED,
                          "the token is not made for %.*s alone (aud " AUDIENCE "%.*s); if that "
                          "host may have it, name it in " VARIABLE,
                          SPAN_ARGS(host), SPAN_ARGS(host));
}

enum status
allowed_to(struct span host, struct span token, struct why *why)
{
    const char *list = getenv(VARIABLE);

    return list != NULL && list[0] != '\0' ? by_variable(host, list, why)
                                           : by_token(host, token, why);
}
