#include "login/keys/provider_keys.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "fetch/fetch.h"
#include "jose/base64url.h"
#include "login/confinement.h"
#include "oauth/freshness.h"
#include "oauth/httpdate.h"

void
provider_keys_done(struct provider_keys *keys)
{
    keystore_entry_done(&keys->entry);
    keyset_done(&keys->keyset);
    buf_done(&keys->metadata_text);
}

/* One conversation with a provider. */
struct asking {
    const struct site *site;
    const struct provider *provider;
    struct fetch_session *session;
    int64_t deadline_ms;
};

static void
asking_done(struct asking *asking)
{
    fetch_end(&asking->session);
}

static enum status
start(struct asking *asking, struct why *why)
{
    const struct paths *paths = &asking->site->config->paths;
    struct fetch_program program = {.path = paths->fetcher, .user = paths->fetcher_user};

    return fetch_start(&program, why, &asking->session);
}

static struct fetch_request
request_for(const struct provider *provider, const char *url)
{
    return (struct fetch_request){
        .url = url,
        .post = false,
        .ca_file = provider->ca_file,
        .proxy = provider->proxy,
        .no_proxy = provider->no_proxy,
        .timeout_ms = provider->timeout_s * 1000,
    };
}

/* One GET that must end in 200; anything else is an answer to log, not a document (R68). */
static enum status
get(const struct asking *asking, const char *url, struct why *why, struct fetch_reply *reply)
{
    struct fetch_request request = request_for(asking->provider, url);
    struct why cause = {""};

    enum status status = fetch_ask(asking->session, &request, asking->deadline_ms, &cause, reply);
    if (status != ST_OK) {
        return status_because(why, status, "%s: %s", url, cause.sentence);
    }
    confinement_tell(asking->site, reply->confined);
    if (reply->http_status != 200) {
        return status_because(why, ST_PROVIDER, "%s: HTTP status %d", url, reply->http_status);
    }
    return ST_OK;
}

/* The metadata document, not looked at yet, and in `url` where it was. */
static enum status
get_document(const struct asking *asking, enum metadata_form form, struct why *why, struct buf *url,
             struct fetch_reply *reply)
{
    TRY(metadata_url(asking->provider->issuer, form, why, url));
    return get(asking, buf_text(url), why, reply);
}

/* A reason has to say of which document. */
static void
say_where(const struct buf *url, struct why *refused)
{
    struct why cause = *refused;

    if (cause.sentence[0] != '\0') {
        (void)status_because(refused, ST_PROVIDER, "%s: %s", buf_text(url), cause.sentence);
    }
}

static enum status
discover_at(const struct asking *asking, enum metadata_form form, struct why *why,
            struct metadata *metadata)
{
    const struct provider *provider = asking->provider;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct buf url CLEANUP(buf_done) = BUF(METADATA_URL_MAX);
    struct why cause = {""};

    TRY(get_document(asking, form, why, &url, &reply));
    enum status status =
        metadata_parse(buf_span(&reply.body), provider->issuer, provider->allowed_hosts.at,
                       provider->allowed_hosts.count, &cause, metadata);
    if (status != ST_OK) {
        return status_because(why, status, "%s: %s", buf_text(&url), cause.sentence);
    }
    say_where(&url, &metadata->device_refused);
    say_where(&url, &metadata->token_refused);
    return ST_OK;
}

static enum status
discover_client_at(const struct asking *asking, enum metadata_form form, struct why *why,
                   struct metadata_client *metadata)
{
    const struct provider *provider = asking->provider;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct buf url CLEANUP(buf_done) = BUF(METADATA_URL_MAX);
    struct why cause = {""};

    TRY(get_document(asking, form, why, &url, &reply));
    enum status status =
        metadata_parse_client(buf_span(&reply.body), provider->issuer, provider->allowed_hosts.at,
                              provider->allowed_hosts.count, &cause, metadata);
    return status == ST_OK ? ST_OK
                           : status_because(why, status, "%s: %s", buf_text(&url), cause.sentence);
}

/* What the administrator wrote goes before what the provider publishes. */
static enum status
override(struct buf *published, const char *configured)
{
    if (configured == NULL) {
        return ST_OK;
    }
    buf_cut(published, 0);
    return buf_add_text(published, configured);
}

/* The OpenID Connect form first; a plain OAuth server has only the other one. */
static enum status
discover(const struct asking *asking, struct why *why, struct metadata *metadata)
{
    const struct provider *provider = asking->provider;

    /* Where the keys are given, the endpoints are given with them: there is no discovery. */
    if (provider->jwks_uri == NULL) {
        struct why second = {""};
        enum status status = discover_at(asking, METADATA_OIDC, why, metadata);
        if (status == ST_PROVIDER &&
            discover_at(asking, METADATA_RFC8414, &second, metadata) == ST_OK) {
            status = ST_OK;
        }
        TRY(status); /* the first form's reason is the one that helps */
    }
    TRY(override(&metadata->jwks_uri, provider->jwks_uri));
    TRY(override(&metadata->device_authorization_endpoint,
                 provider->device_authorization_endpoint));
    return override(&metadata->token_endpoint, provider->token_endpoint);
}

static enum status
read_jwks(const struct fetch_reply *reply, const char *url, struct why *why,
          struct provider_keys *keys)
{
    struct why cause = {""};

    if (reply->body.length > KEYSET_DOCUMENT_MAX) {
        return status_because(why, ST_PROVIDER, "%s: larger than %zu bytes", url,
                              KEYSET_DOCUMENT_MAX);
    }
    enum status status =
        keyset_read(buf_span(&reply->body), KEYSET_FETCHED_MAX, &cause, &keys->keyset);
    if (status == ST_MEMORY) {
        return status;
    }
    if (status != ST_OK) {
        return status_because(why, ST_PROVIDER, "%s: %s", url, cause.sentence);
    }
    TRY(keyset_prove(&keys->keyset));
    if (keys->keyset.usable == 0) {
        return status_because(why, ST_PROVIDER, "%s: no key in it can be used (%s)", url,
                              keys->keyset.passed_over > 0 ? keys->keyset.first_passed_over.sentence
                                                           : "it is empty");
    }
    return ST_OK;
}

/* One text that the entry's spans can point into, whatever becomes of `metadata`. */
static enum status
keep_metadata(const struct provider *provider, const struct metadata *metadata,
              struct provider_keys *keys)
{
    struct buf *text = &keys->metadata_text;

    TRY(buf_printf(text, "%s\n%s\n%s\n%s\n", provider->issuer, buf_text(&metadata->jwks_uri),
                   buf_text(&metadata->device_authorization_endpoint),
                   buf_text(&metadata->token_endpoint)));
    struct span rest = buf_span(text);
    if (!span_line(&rest, &keys->entry.issuer) || !span_line(&rest, &keys->entry.jwks_uri) ||
        !span_line(&rest, &keys->entry.device_authorization_endpoint) ||
        !span_line(&rest, &keys->entry.token_endpoint)) {
        return ST_INTERNAL;
    }
    return ST_OK;
}

/* A cache hands on the Date that it got, and says how long ago that was (RFC 9111 section 5.1). */
static int64_t
date_of(const struct fetch_reply *reply)
{
    int64_t date_s = 0;
    int64_t age_s = 0;

    if (!httpdate_parse(buf_span(&reply->date), &date_s)) {
        return -1;
    }
    (void)text_number(buf_span(&reply->age), 0, INT32_MAX, &age_s);
    return date_s + age_s;
}

static enum status
fetch_both(const struct asking *asking, struct why *why, struct provider_keys *keys)
{
    const struct provider *provider = asking->provider;
    struct metadata metadata CLEANUP(metadata_done) = METADATA;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    /* When they were asked for: whoever takes his time to answer does not make them younger. */
    int64_t now_s = asking->site->clock_s;

    TRY(discover(asking, why, &metadata));
    keys->keyset.issuer = provider->issuer;
    keys->keyset.work = asking->site->unwatched ? KEYSET_WORK_UNWATCHED : KEYSET_WORK_WAITED;
    TRY(get(asking, buf_text(&metadata.jwks_uri), why, &reply));
    fetch_hang_up(asking->session);
    TRY(read_jwks(&reply, buf_text(&metadata.jwks_uri), why, keys));
    TRY(keep_metadata(provider, &metadata, keys));
    keys->device_refused = metadata.device_refused;
    keys->token_refused = metadata.token_refused;
    keys->date_s = date_of(&reply);
    keys->entry.lines = buf_span(&keys->keyset.lines);
    keys->entry.fetched_s = now_s;
    keys->entry.fresh_until_s =
        now_s + freshness_s(buf_span(&reply.cache_control), buf_span(&reply.age),
                            provider->jwks_min_age_s, provider->jwks_max_age_s);
    return ST_OK;
}

void
provider_keys_log(const struct site *site, const struct provider *provider, enum log_level level,
                  const char *event, const char *sentence)
{
    struct buf line CLEANUP(buf_done) = BUF(2048);

    if (site->log == NULL ||
        buf_printf(&line, "event=%s v=1 provider=%s detail=\"", event, provider->name) != ST_OK ||
        text_escape(&line, span_of(sentence), 500) != ST_OK || buf_add_char(&line, '"') != ST_OK) {
        return;
    }
    site->log->line(site->log->context, level, buf_text(&line));
}

/* Two keys of one name are no key (R39), so nobody with a token of theirs gets in. */
static void
log_shared_kid(const struct site *site, const struct provider *provider, struct span shared)
{
    struct buf kid CLEANUP(buf_done) = BUF(JWS_KID_MAX);
    struct why why = {""};

    /* As it stands in a line: `=` and base64url. */
    if (base64url_decode((struct span){.at = shared.at + 1, .length = shared.length - 1}, &kid) ==
        ST_OK) {
        (void)status_because(&why, ST_UNKNOWN_KEY, "two keys with kid '%s'",
                             text_quote(buf_span(&kid)).text);
        provider_keys_log(site, provider, LOG_LEVEL_ALERT, "kid_published_twice", why.sentence);
    }
}

/* An encryption key among the others is everyday; a published private key is an alarm. */
static void
log_passed_over(const struct site *site, const struct provider *provider,
                const struct keyset *keyset)
{
    if (keyset->private_parts > 0) {
        provider_keys_log(site, provider, LOG_LEVEL_ALERT, "private_key_published",
                          "the provider publishes a key with its private part; it was passed over");
    }
    if (keyset->shared_kid.length > 0) {
        log_shared_kid(site, provider, keyset->shared_kid);
    }
    if (keyset->passed_over > 0) {
        provider_keys_log(site, provider, LOG_LEVEL_DEBUG, "keys_passed_over",
                          keyset->first_passed_over.sentence);
    }
}

enum status
provider_keys_fetch(const struct site *site, const struct provider *provider, int64_t deadline_ms,
                    struct why *why, struct provider_keys *keys)
{
    struct asking asking CLEANUP(asking_done) = {
        .site = site, .provider = provider, .deadline_ms = deadline_ms};

    TRY(start(&asking, why));
    TRY(fetch_both(&asking, why, keys));
    log_passed_over(site, provider, &keys->keyset);
    return ST_OK;
}

enum status
provider_keys_endpoints(const struct site *site, const struct provider *provider,
                        int64_t deadline_ms, struct why *why, struct metadata *metadata)
{
    struct asking asking CLEANUP(asking_done) = {
        .site = site, .provider = provider, .deadline_ms = deadline_ms};

    TRY(start(&asking, why));
    return discover(&asking, why, metadata);
}

static enum status
discover_client(const struct asking *asking, struct why *why, struct metadata_client *metadata)
{
    const struct provider *provider = asking->provider;

    if (provider->jwks_uri == NULL && provider->jwks_file == NULL) {
        struct why second = {""};
        enum status status = discover_client_at(asking, METADATA_OIDC, why, metadata);
        if (status == ST_PROVIDER &&
            discover_client_at(asking, METADATA_RFC8414, &second, metadata) == ST_OK) {
            status = ST_OK;
        }
        TRY(status);
    }
    TRY(override(&metadata->authorization_endpoint, provider->authorization_endpoint));
    TRY(override(&metadata->device_authorization_endpoint,
                 provider->device_authorization_endpoint));
    return override(&metadata->token_endpoint, provider->token_endpoint);
}

enum status
provider_keys_client(const struct site *site, const struct provider *provider, int64_t deadline_ms,
                     struct why *why, struct metadata_client *metadata)
{
    struct asking asking CLEANUP(asking_done) = {
        .site = site, .provider = provider, .deadline_ms = deadline_ms};

    TRY(start(&asking, why));
    return discover_client(&asking, why, metadata);
}

enum status
provider_keys_save(const struct site *site, const struct provider_keys *keys, struct why *why)
{
    int64_t now_s;

    /* This may have taken long: the process may have been stopped meanwhile. */
    TRY(clock_wall_s(why, &now_s));
    return keystore_save(site->config->paths.cache, &keys->entry, now_s, why);
}

struct lifetime
provider_keys_lifetime(const struct provider *provider, const struct keystore_entry *entry,
                       int64_t now_s)
{
    const struct lifetime_limits limits = {
        .max_age_s = provider->jwks_max_age_s,
        .stale_limit_s = provider->jwks_stale_limit_s,
        .clock_skew_s = provider->clock_skew_s,
    };

    return lifetime_of(entry->fetched_s, entry->fresh_until_s, &limits, now_s);
}
