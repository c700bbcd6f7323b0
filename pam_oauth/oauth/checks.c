#include "oauth/checks.h"

#include "base/strictjson.h"
#include "base/text.h"
#include "oauth/claims.h"

static enum status
check_issuer(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    struct span issuer;

    if (!claims_text(claims, "iss", &issuer)) {
        return status_because(why, ST_ISSUER, "the token's iss is missing or not a string");
    }
    if (!span_is(issuer, expect->issuer)) {
        return status_because(why, ST_ISSUER,
                              "the token's iss is '%s', not '%s' (compared byte for byte)",
                              text_quote(issuer).text, expect->issuer);
    }
    return ST_OK;
}

static bool
is_audience(struct span value, char *const *audiences, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(value, audiences[i])) {
            return true;
        }
    }
    return false;
}

/* The aud values as one array: false if the one at `at` is no string, or not there. */
static bool
audience_at(const json_t *aud, size_t at, struct span *ret_value)
{
    const json_t *value = json_is_array(aud) ? json_array_get(aud, at) : aud;

    if (!json_is_string(value)) {
        return false;
    }
    *ret_value = strictjson_string(value);
    return true;
}

static size_t
audience_count(const json_t *aud)
{
    return json_is_array(aud) ? json_array_size(aud) : 1;
}

bool
checks_audience_matches(const struct claims *claims, char *const *audiences, size_t count)
{
    const json_t *aud = claims_find(claims, span_of("aud"));
    bool matches = false;

    for (size_t i = 0; i < audience_count(aud); i++) {
        struct span value;
        if (!audience_at(aud, i, &value)) {
            return false;
        }
        matches = matches || is_audience(value, audiences, count);
    }
    return matches;
}

static enum status
check_audience(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    const json_t *aud = claims_find(claims, span_of("aud"));
    struct span first = {.at = "", .length = 0};

    if (checks_audience_matches(claims, expect->audiences, expect->audience_count)) {
        return ST_OK;
    }
    bool readable = audience_count(aud) > 0;
    for (size_t i = audience_count(aud); readable && i > 0; i--) {
        readable = audience_at(aud, i - 1, &first);
    }
    if (!readable) {
        return status_because(why, ST_AUDIENCE,
                              "the token's aud is missing, empty, or not made of strings");
    }
    return status_because(why, ST_AUDIENCE,
                          "the token's aud is '%s'%s, not '%s'%s; ask for a token with this "
                          "host's audience",
                          text_quote(first).text, audience_count(aud) > 1 ? " and others" : "",
                          expect->audience_count > 0 ? expect->audiences[0] : "",
                          expect->audience_count > 1 ? " or another that is configured" : "");
}

static bool
has(const struct claims *claims, const char *name)
{
    return claims_find(claims, span_of(name)) != NULL;
}

/* RFC 9068 2.1: with or without `application/`; RFC 2045 5.1: in any case. */
static bool
typ_is_at_jwt(const struct claims *claims)
{
    struct span typ = claims_typ(claims);

    return text_is_in_any_case(typ, "at+jwt") || text_is_in_any_case(typ, "application/at+jwt");
}

static bool
typ_is_jwt(const struct claims *claims)
{
    struct span typ = claims_typ(claims);

    return text_is_in_any_case(typ, "JWT") || text_is_in_any_case(typ, "application/JWT");
}

/* The token says that it is an access token: by RFC 9068, or in its provider's own way. */
static bool
is_access_token(const struct claims *claims, const struct expectation *expect)
{
    struct span star;

    return typ_is_at_jwt(claims) ||
           (expect->marker != NULL && condition_holds(expect->marker, claims, &star));
}

/* Only an ID token has these (OpenID Connect Core 2 and 3.1.3.6). */
static bool
is_id_token(const struct claims *claims)
{
    return has(claims, "nonce") || has(claims, "at_hash") || has(claims, "c_hash");
}

/* OpenID Connect Core 3.1.3.7, items 3 to 5; an access token's azp is whoever asked for it. */
static enum status
check_authorized_party(const struct claims *claims, const struct expectation *expect,
                       struct why *why)
{
    const json_t *aud = claims_find(claims, span_of("aud"));
    struct span azp;

    if (expect->token_kind == TOKEN_ACCESS || is_access_token(claims, expect)) {
        return ST_OK;
    }
    if (!has(claims, "azp")) {
        return audience_count(aud) <= 1
                   ? ST_OK
                   : status_because(why, ST_AUDIENCE,
                                    "an ID token with %zu audiences must say in azp for whom it "
                                    "is",
                                    audience_count(aud));
    }
    if (!claims_text(claims, "azp", &azp)) {
        return status_because(why, ST_AUDIENCE, "the token's azp is not a string");
    }
    bool ours = expect->client_id != NULL
                    ? span_is(azp, expect->client_id)
                    : is_audience(azp, expect->audiences, expect->audience_count);
    return ours ? ST_OK
                : status_because(why, ST_AUDIENCE, "the token's azp is '%s', another client",
                                 text_quote(azp).text);
}

static enum status
check_expiry(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    double exp = 0;

    switch (claims_date(claims, "exp", &exp)) {
    case CLAIMS_DATE_ABSENT:
        return status_because(why, ST_EXPIRED, "the token has no exp; it would be good for ever");
    case CLAIMS_DATE_BAD:
        return status_because(why, ST_EXPIRED, "the token's exp is not a date");
    case CLAIMS_DATE_OK:
    default:
        break;
    }
    /* RFC 7519 4.1.4: the current time must be before exp. */
    double late = (double)(expect->now_s - expect->clock_skew_s) - exp;
    if (late >= 0) {
        return status_because(why, ST_EXPIRED,
                              "the token expired %.0f s ago; get a new one, or set the clock",
                              (double)expect->now_s - exp);
    }
    return ST_OK;
}

static enum status
check_not_before(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    double nbf = 0; /* where it is absent: long past */

    if (claims_date(claims, "nbf", &nbf) == CLAIMS_DATE_BAD) {
        return status_because(why, ST_NOT_YET_VALID, "the token's nbf is not a date");
    }
    if (nbf > (double)(expect->now_s + expect->clock_skew_s)) {
        return status_because(why, ST_NOT_YET_VALID,
                              "the token is not valid for another %.0f s; is the clock right?",
                              nbf - (double)expect->now_s);
    }
    return ST_OK;
}

static enum status
check_issued_at(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    double iat = 0;

    switch (claims_date(claims, "iat", &iat)) {
    case CLAIMS_DATE_ABSENT:
        return expect->token_kind == TOKEN_ID
                   ? status_because(why, ST_CLAIM, "the ID token has no iat")
                   : ST_OK;
    case CLAIMS_DATE_BAD:
        return status_because(why, ST_CLAIM, "the token's iat is not a date");
    case CLAIMS_DATE_OK:
    default:
        break;
    }
    if (iat > (double)(expect->now_s + expect->clock_skew_s)) {
        return status_because(why, ST_NOT_YET_VALID,
                              "the token was issued %.0f s from now; is the clock right?",
                              iat - (double)expect->now_s);
    }
    return ST_OK;
}

/* How long it lives, and how long ago it was made; without iat its birth is counted from now. */
static enum status
check_age(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    double exp = 0;
    double iat = 0;

    if (claims_date(claims, "exp", &exp) != CLAIMS_DATE_OK) {
        return status_because(why, ST_EXPIRED, "the token's exp is not a date");
    }
    bool dated = claims_date(claims, "iat", &iat) == CLAIMS_DATE_OK;
    double lives = exp - (dated ? iat : (double)expect->now_s);
    if (lives > (double)expect->max_token_lifetime_s) {
        return status_because(why, ST_TOO_OLD,
                              "the token lives %.0f s; at most %lld s are accepted "
                              "(max_token_lifetime)",
                              lives, (long long)expect->max_token_lifetime_s);
    }
    double age = dated ? (double)expect->now_s - iat : 0;
    if (age > (double)(expect->max_token_age_s + expect->clock_skew_s)) {
        return status_because(why, ST_TOO_OLD,
                              "the token is %.0f s old; at most %lld s are accepted "
                              "(max_token_age); get a new one",
                              age, (long long)expect->max_token_age_s);
    }
    return ST_OK;
}

/* A logout token, a proof, an event: signed by the same keys, never a sign-in (RFC 8725 3.11). */
static enum status
check_typ(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    (void)expect;
    if (claims_typ(claims).length == 0 || typ_is_jwt(claims) || typ_is_at_jwt(claims)) {
        return ST_OK;
    }
    return status_because(why, ST_TYPE, "the token's typ is '%s'; that is no sign-in",
                          text_quote(claims_typ(claims)).text);
}

static enum status
check_kind(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    if (expect->token_kind == TOKEN_ACCESS) {
        if (!is_access_token(claims, expect)) {
            return status_because(why, ST_TYPE,
                                  "not marked as an access token: its typ is not at+jwt and no "
                                  "access_token_marker of the provider holds");
        }
        if (is_id_token(claims)) {
            return status_because(why, ST_TYPE, "an ID token where an access token is wanted");
        }
    }
    if (expect->token_kind == TOKEN_ID && is_access_token(claims, expect)) {
        return status_because(why, ST_TYPE, "an access token where an ID token is wanted");
    }
    return ST_OK;
}

/*
 * OpenID Connect Core 3.1.3.8: at_hash may be missing here; where it is there, the access token
 * beside it is the one that it was made for, or somebody exchanged one of the two.
 */
static enum status
check_access_token_hash(const struct claims *claims, const struct expectation *expect,
                        struct why *why)
{
    struct buf wanted CLEANUP(buf_done) = BUF(128);
    const json_t *hash = claims_find(claims, span_of("at_hash"));

    if (expect->access_token.length == 0 || hash == NULL) {
        return ST_OK;
    }
    enum status status = claims_left_half(claims, expect->access_token, &wanted);
    if (status != ST_OK) {
        return status_because(why, status, "the access token beside the ID token cannot be hashed");
    }
    if (!span_equals(strictjson_string(hash), buf_span(&wanted))) {
        return status_because(why, ST_CLAIM,
                              "the ID token's at_hash does not fit the access token that came with "
                              "it");
    }
    return ST_OK;
}

/* The claim is this text, or an array that holds it. */
static bool
holds_text(const struct claims *claims, const char *name, const char *text)
{
    const json_t *value = claims_find(claims, span_of(name));
    const json_t *element;
    size_t i;

    json_array_foreach(value, i, element)
    {
        if (span_is(strictjson_string(element), text)) {
            return true;
        }
    }
    return span_is(strictjson_string(value), text);
}

/*
 * A program's own token, made with its client's secret: nobody approved it (RFC 9700 4.15). Okta
 * names the client in cid, Entra ID's version 1 in appid.
 */
static enum status
check_person(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    static const char *const client_claims[] = {"client_id", "azp", "cid", "appid"};
    static const char *const grants[] = {"client-credentials", "client_credentials"};
    const json_t *subject = claims_find(claims, span_of("sub"));

    if (expect->provider_kind == PROVIDER_WORKLOAD || !json_is_string(subject)) {
        return ST_OK;
    }
    for (size_t i = 0; i < COUNT(client_claims); i++) {
        if (json_equal(claims_find(claims, span_of(client_claims[i])), subject) == 1) {
            return status_because(why, ST_TYPE,
                                  "the token is a client's own, not a person's: "
                                  "its sub is its %s",
                                  client_claims[i]);
        }
    }
    if (holds_text(claims, "idtyp", "app") || holds_text(claims, "gty", grants[0]) ||
        holds_text(claims, "gty", grants[1])) {
        return status_because(why, ST_TYPE, "the token is a client's own, not a person's");
    }
    return ST_OK;
}

/* Bound to a key whose possession we cannot check (RFC 7800, RFC 8705, RFC 9449). */
static enum status
check_unbound(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    (void)expect;
    return !has(claims, "cnf") ? ST_OK
                               : status_because(why, ST_CLAIM,
                                                "the token is bound to a key (cnf) whose holder "
                                                "cannot be checked here");
}

static enum status
check_subject(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    struct span subject;

    (void)expect;
    if (!claims_text(claims, "sub", &subject)) {
        return status_because(why, ST_CLAIM, "the token's sub is missing or not a string");
    }
    if (subject.length == 0 || subject.length > 255 || !text_is_printable(subject)) {
        return status_because(why, ST_CLAIM,
                              "the token's sub is not 1 to 255 printable ASCII characters");
    }
    return ST_OK;
}

static const struct check checks[] = {
    {"issuer", "RFC 7519 4.1.1", check_issuer},
    {"audience", "RFC 7519 4.1.3", check_audience},
    {"authorized_party", "OpenID Connect Core 3.1.3.7", check_authorized_party},
    {"expiry", "RFC 7519 4.1.4", check_expiry},
    {"not_before", "RFC 7519 4.1.5", check_not_before},
    {"issued_at", "RFC 7519 4.1.6", check_issued_at},
    {"age", "RFC 8725 3.9", check_age},
    {"typ", "RFC 8725 3.11", check_typ},
    {"kind", "RFC 9068 4", check_kind},
    {"access_token_hash", "OpenID Connect Core 3.1.3.8", check_access_token_hash},
    {"person", "RFC 9700 4.15", check_person},
    {"unbound", "RFC 7800 3.1", check_unbound},
    {"subject", "OpenID Connect Core 2", check_subject},
};

const struct check *
checks_table(size_t *ret_count)
{
    *ret_count = COUNT(checks);
    return checks;
}

enum status
checks_run(const struct claims *claims, const struct expectation *expect, struct why *why)
{
    for (size_t i = 0; i < COUNT(checks); i++) {
        TRY(checks[i].run(claims, expect, why));
    }
    return ST_OK;
}
