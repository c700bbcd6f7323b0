#include "policy/config/url.h"

#include <string.h>

#include "base/text.h"
#include "oauth/url.h"
#include "policy/config/keys.h"

/* Discovery adds some 40 bytes to an issuer; the other URLs have the same bound. */
#define URL_LENGTH_MAX 900

/* The URL itself is not shown: somebody may have put a password in it. */
static enum status
check(const struct config_reading *reading, struct span text, const char *must_be, struct why *why,
      struct url *ret_url)
{
    struct why cause = {""};

    if (url_parse(text, URL_LENGTH_MAX, &cause, ret_url) != ST_OK) {
        return status_because(why, ST_CONFIG, "'%s' is %s; it must be %s", reading->key->name,
                              cause.sentence, must_be);
    }
    return ST_OK;
}

static enum status
read_url(const struct config_reading *reading, void *object, struct why *why)
{
    struct url url;

    TRY(check(reading, reading->text, "an https URL", why, &url));
    return config_value_store(reading, reading->text, object);
}

/* Hosts where the first name of the path is a tenant, whatever follows. */
static bool
is_entra(struct span host)
{
    static const char *const hosts[] = {
        "login.microsoftonline.com", "login.microsoftonline.us", "login.microsoftonline.de",
        "login.microsoft.com",       "login.windows.net",        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",    "sts.windows.net"};

    for (size_t i = 0; i < COUNT(hosts); i++) {
        if (text_is_in_any_case(host, hosts[i])) {
            return true;
        }
    }
    return false;
}

/*
 * Entra's addresses for everybody: no token names them as its issuer, or all tenants' do (R28).
 * Where the host is none that is known here, what follows must be Entra's, too: a realm may well be
 * called common.
 */
static bool
is_for_all_tenants(const struct url *url)
{
    static const char *const tenants[] = {"/common", "/organizations", "/consumers"};

    for (size_t i = 0; i < COUNT(tenants); i++) {
        size_t length = strlen(tenants[i]);
        struct span start = {.at = url->path.at, .length = length};
        if (url->path.length < length || !text_is_in_any_case(start, tenants[i])) {
            continue;
        }
        struct span rest = {.at = url->path.at + length, .length = url->path.length - length};
        if (span_is(rest, "/v2.0") ||
            (is_entra(url->host) && (rest.length == 0 || rest.at[0] == '/'))) {
            return true;
        }
    }
    return false;
}

static enum status
read_issuer(const struct config_reading *reading, void *object, struct why *why)
{
    static const char must_be[] = "an https URL without query and fragment";
    struct span before;
    struct span after;
    struct url url;

    if (span_cut(reading->text, '{', &before, &after)) {
        return status_because(why, ST_CONFIG,
                              "'issuer' is a template for many tenants; write the issuer of your "
                              "one tenant, with its identifier");
    }
    TRY(check(reading, reading->text, must_be, why, &url));
    if (span_cut(url.path, '?', &before, &after)) {
        return status_because(why, ST_CONFIG, "'issuer' has a query; it must be %s", must_be);
    }
    if (is_for_all_tenants(&url)) {
        return status_because(why, ST_CONFIG,
                              "'issuer' is for the people of every tenant; write the issuer of "
                              "your one tenant, with its identifier in place of the first name");
    }
    return config_value_store(reading, reading->text, object);
}

static enum status
read_proxy(const struct config_reading *reading, void *object, struct why *why)
{
    static const char must_be[] = "http:// or https://, a host and a port, without a password";
    struct buf https CLEANUP(buf_done) = BUF(URL_LENGTH_MAX + 1);
    struct span plain = reading->text;
    struct url url;

    /* url_parse knows https alone; but for the scheme the rules are the same. */
    if (span_starts(plain, "http://") && plain.length < URL_LENGTH_MAX) {
        TRY(buf_add_text(&https, "https"));
        TRY(buf_add(&https, (struct span){.at = plain.at + 4, .length = plain.length - 4}));
        plain = buf_span(&https);
    }
    TRY(check(reading, plain, must_be, why, &url));
    if (url.path.length > 0 && !span_is(url.path, "/")) {
        return status_because(why, ST_CONFIG, "'proxy' has a path; it must be %s", must_be);
    }
    if (url.port.length == 0) {
        return status_because(why, ST_CONFIG, "'proxy' has no port; it must be %s", must_be);
    }
    return config_value_store(reading, reading->text, object);
}

/* Without the scheme, as url_parse knows it; false when it is neither of ours. */
static bool
redis_to_https(struct span text, struct span *ret_rest)
{
    size_t length = span_starts(text, "redis://")    ? strlen("redis")
                    : span_starts(text, "rediss://") ? strlen("rediss")
                                                     : 0;

    *ret_rest = (struct span){.at = text.at + length, .length = text.length - length};
    return length > 0;
}

/* Nothing, a slash, or a slash and the number of a database. */
static bool
is_database(struct span path)
{
    int64_t number;

    return path.length < 2 ||
           text_number((struct span){.at = path.at + 1, .length = path.length - 1}, 0, 9999,
                       &number);
}

static enum status
read_used_tokens(const struct config_reading *reading, void *object, struct why *why)
{
    static const char must_be[] =
        "directory, or redis:// or rediss://, a host, a port and perhaps a database, as "
        "rediss://redis.example.org:6379/0, without a password";
    struct buf https CLEANUP(buf_done) = BUF(URL_LENGTH_MAX + 8);
    struct span rest;
    struct url url;

    if (span_is(reading->text, "directory")) {
        return config_value_store(reading, reading->text, object);
    }
    if (!redis_to_https(reading->text, &rest) || reading->text.length > URL_LENGTH_MAX) {
        return status_because(why, ST_CONFIG, "'used_tokens' must be %s", must_be);
    }
    TRY(buf_add_text(&https, "https"));
    TRY(buf_add(&https, rest));
    TRY(check(reading, buf_span(&https), must_be, why, &url));
    if (url.port.length == 0 || !is_database(url.path)) {
        return status_because(why, ST_CONFIG, "'used_tokens' has %s; it must be %s",
                              url.port.length == 0 ? "no port" : "a path that is no database",
                              must_be);
    }
    return config_value_store(reading, reading->text, object);
}

const struct config_value config_url_https = {read_url, config_value_text_done, NULL, NULL};
const struct config_value config_url_issuer = {read_issuer, config_value_text_done, NULL, NULL};
const struct config_value config_url_proxy = {read_proxy, config_value_text_done, NULL, NULL};
const struct config_value config_url_used_tokens = {read_used_tokens, config_value_text_done, NULL,
                                                    NULL};
