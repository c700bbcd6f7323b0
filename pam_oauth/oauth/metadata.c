#include "oauth/metadata.h"

#include "base/strictjson.h"
#include "base/text.h"
#include "oauth/url.h"

#define OIDC_SUFFIX "/.well-known/openid-configuration"
#define RFC8414_INFIX "/.well-known/oauth-authorization-server"

void
metadata_client_done(struct metadata_client *metadata)
{
    buf_done(&metadata->authorization_endpoint);
    buf_done(&metadata->device_authorization_endpoint);
    buf_done(&metadata->token_endpoint);
    buf_done(&metadata->revocation_endpoint);
}

void
metadata_done(struct metadata *metadata)
{
    buf_done(&metadata->jwks_uri);
    buf_done(&metadata->device_authorization_endpoint);
    buf_done(&metadata->token_endpoint);
}

/* An issuer comes from the administrator, so what is wrong with it is theirs to mend. */
static enum status
parse_issuer(const char *issuer, struct why *why, struct url *ret_url)
{
    struct why cause = {""};
    struct span before;
    struct span after;

    if (url_parse(span_of(issuer), METADATA_URL_MAX, &cause, ret_url) != ST_OK) {
        return status_because(why, ST_CONFIG, "issuer '%s' is %s; write it as the provider does",
                              text_quote(span_of(issuer)).text, cause.sentence);
    }
    if (span_cut(ret_url->path, '?', &before, &after)) {
        return status_because(why, ST_CONFIG,
                              "issuer '%s' has a query; an issuer has none (RFC 8414 section 2)",
                              text_quote(span_of(issuer)).text);
    }
    return ST_OK;
}

enum status
metadata_url(const char *issuer, enum metadata_form form, struct why *why, struct buf *url)
{
    struct url parsed;

    TRY(parse_issuer(issuer, why, &parsed));
    struct span path = parsed.path;
    struct span origin = {.at = issuer, .length = (size_t)(path.at - issuer)};
    /* Both specifications: a terminating slash goes before anything is put behind or between. */
    if (path.length > 0 && path.at[path.length - 1] == '/') {
        path.length--;
    }
    enum status status =
        form == METADATA_OIDC
            ? buf_printf(url, "%.*s%.*s" OIDC_SUFFIX, SPAN_ARGS(origin), SPAN_ARGS(path))
            : buf_printf(url, "%.*s" RFC8414_INFIX "%.*s", SPAN_ARGS(origin), SPAN_ARGS(path));
    return status == ST_MALFORMED ? status_because(why, ST_CONFIG, "issuer '%s' is too long",
                                                   text_quote(span_of(issuer)).text)
                                  : status;
}

/* What every member of one document is held against. */
struct reading {
    const json_t *object;
    struct url issuer;
    char *const *allowed_hosts;
    size_t allowed_count;
    struct why *why;
};

/* Takes the URL if it is there; null is a way to say that it is not. */
static enum status
take_url(const struct reading *reading, const char *name, struct buf *into)
{
    const json_t *member = json_object_get(reading->object, name);
    struct why cause = {""};
    struct url url;

    if (member == NULL || json_is_null(member)) {
        return ST_OK;
    }
    if (!json_is_string(member)) {
        return status_because(reading->why, ST_PROVIDER, "discovery: %s is not a string", name);
    }
    struct span text = strictjson_string(member);
    if (url_parse(text, into->limit, &cause, &url) != ST_OK) {
        return status_because(reading->why, ST_PROVIDER, "discovery: %s '%s' is %s", name,
                              text_quote(text).text, cause.sentence);
    }
    if (!url_host_allowed(&url, &reading->issuer, reading->allowed_hosts, reading->allowed_count)) {
        return status_because(reading->why, ST_PROVIDER,
                              "discovery: %s is on host '%s', not on the issuer's; add it to "
                              "allowed_hosts if it is the provider's",
                              name, text_quote(url.host).text);
    }
    return buf_add(into, text);
}

/* OpenID Connect Discovery 4.3, RFC 8414 section 3.3: identical, or the document is not used. */
static enum status
check_issuer(const json_t *object, const char *issuer, struct why *why)
{
    struct span said;

    if (!strictjson_text(object, "issuer", &said)) {
        return status_because(why, ST_PROVIDER, "discovery: no issuer in the document");
    }
    if (!span_is(said, issuer)) {
        return status_because(why, ST_PROVIDER,
                              "discovery: the document is of issuer '%s', not of '%s'; the "
                              "configured issuer must be the same byte for byte",
                              text_quote(said).text, text_quote(span_of(issuer)).text);
    }
    return ST_OK;
}

/* Takes the URL if it is there and good; what is wrong with it goes to `refused`. */
static enum status
take_good_url(const struct reading *reading, const char *name, struct why *refused,
              struct buf *into)
{
    struct reading lenient = *reading;

    lenient.why = refused;
    enum status status = take_url(&lenient, name, into);
    return status == ST_PROVIDER ? ST_OK : status;
}

static enum status
take_urls(const struct reading *reading, struct metadata *metadata)
{
    TRY(take_url(reading, "jwks_uri", &metadata->jwks_uri));
    TRY(take_good_url(reading, "device_authorization_endpoint", &metadata->device_refused,
                      &metadata->device_authorization_endpoint));
    TRY(take_good_url(reading, "token_endpoint", &metadata->token_refused,
                      &metadata->token_endpoint));
    if (metadata->jwks_uri.length == 0) {
        return status_because(reading->why, ST_PROVIDER, "discovery: no jwks_uri in the document");
    }
    return ST_OK;
}

/* A document of this issuer; the caller owns `*ret_object`, to which the reading points. */
static enum status
begin(struct span document, const char *issuer, struct reading *reading, json_t **ret_object)
{
    struct why cause = {""};

    TRY(parse_issuer(issuer, reading->why, &reading->issuer));
    enum status status = strictjson_object(document, &strictjson_document, &cause, ret_object);
    if (status != ST_OK) {
        return status_because(reading->why, status == ST_MEMORY ? ST_MEMORY : ST_PROVIDER,
                              "discovery: %s", cause.sentence);
    }
    reading->object = *ret_object;
    return check_issuer(*ret_object, issuer, reading->why);
}

enum status
metadata_parse(struct span document, const char *issuer, char *const *allowed_hosts,
               size_t allowed_count, struct why *why, struct metadata *metadata)
{
    struct metadata fresh CLEANUP(metadata_done) = METADATA;
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct reading reading = {
        .allowed_hosts = allowed_hosts, .allowed_count = allowed_count, .why = why};

    TRY(begin(document, issuer, &reading, &object));
    TRY(take_urls(&reading, &fresh));
    metadata_done(metadata);
    *metadata = fresh;
    fresh = (struct metadata)METADATA;
    return ST_OK;
}

enum status
metadata_parse_client(struct span document, const char *issuer, char *const *allowed_hosts,
                      size_t allowed_count, struct why *why, struct metadata_client *metadata)
{
    struct metadata_client fresh CLEANUP(metadata_client_done) = METADATA_CLIENT;
    json_t *object CLEANUP(strictjson_done) = NULL;
    struct reading reading = {
        .allowed_hosts = allowed_hosts, .allowed_count = allowed_count, .why = why};

    TRY(begin(document, issuer, &reading, &object));
    TRY(take_url(&reading, "authorization_endpoint", &fresh.authorization_endpoint));
    TRY(take_url(&reading, "device_authorization_endpoint", &fresh.device_authorization_endpoint));
    TRY(take_url(&reading, "token_endpoint", &fresh.token_endpoint));
    TRY(take_url(&reading, "revocation_endpoint", &fresh.revocation_endpoint));
    fresh.names_issuer =
        json_is_true(json_object_get(object, "authorization_response_iss_parameter_supported"));
    metadata_client_done(metadata);
    *metadata = fresh;
    fresh = (struct metadata_client)METADATA_CLIENT;
    return ST_OK;
}
