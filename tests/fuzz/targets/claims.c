/*
 * Payloads behind a real signature: what the checks accept is accepted again by a second, simple
 * reading of iss, aud, exp, nbf, iat and sub (R50 to R62).
 *
 * Parts: the payload; what is expected: the words id, any, workload, marker, client, typ=TYP,
 * token=ACCESS-TOKEN.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "fuzz.h"
#include "oauth/checks.h"
#include "oauth/claims.h"
#include "sign.h"

#define NOW_S INT64_C(1893456000)
#define SKEW_S 60
#define LIFETIME_S 86400
#define AGE_S 3600
#define ISSUER "https://issuer.example/realm"

static char *const audiences[] = {(char *)(uintptr_t) "ssh://host.example",
                                  (char *)(uintptr_t) "linux-login"};
static const struct condition marker = {
    .name = {"scope", 5}, .value = {"login", 5}, .wildcard = false};

struct wanted {
    struct expectation expect;
    char *typ;
};

static void
read_word(struct span word, struct wanted *wanted)
{
    struct expectation *expect = &wanted->expect;

    if (span_is(word, "id")) {
        expect->token_kind = TOKEN_ID;
    } else if (span_is(word, "any")) {
        expect->token_kind = TOKEN_ANY;
    } else if (span_is(word, "workload")) {
        expect->provider_kind = PROVIDER_WORKLOAD;
    } else if (span_is(word, "marker")) {
        expect->marker = &marker;
    } else if (span_is(word, "client")) {
        expect->client_id = "linux-login";
    } else if (span_starts(word, "token=")) {
        expect->access_token = (struct span){.at = word.at + 6, .length = word.length - 6};
    } else if (span_starts(word, "typ=") && word.length < 64) {
        struct span typ = {.at = word.at + 4, .length = word.length - 4};
        wanted->typ = fuzz_is_printable(typ, false) && memchr(typ.at, '"', typ.length) == NULL &&
                              memchr(typ.at, '\\', typ.length) == NULL
                          ? fuzz_string(typ)
                          : NULL;
    }
}

static struct wanted
read_wanted(struct span rest)
{
    struct wanted wanted = {.expect = {.issuer = ISSUER,
                                       .audiences = audiences,
                                       .audience_count = COUNT(audiences),
                                       .token_kind = TOKEN_ACCESS,
                                       .provider_kind = PROVIDER_PEOPLE,
                                       .now_s = NOW_S,
                                       .clock_skew_s = SKEW_S,
                                       .max_token_age_s = AGE_S,
                                       .max_token_lifetime_s = LIFETIME_S}};
    struct span word;

    while (span_word(&rest, &word)) {
        read_word(word, &wanted);
    }
    return wanted;
}

/* ---- the second reading ---------------------------------------------------------------------- */

static bool
is_ours(const json_t *text)
{
    const char *value = json_string_value(text);

    return value != NULL && (strcmp(value, audiences[0]) == 0 || strcmp(value, audiences[1]) == 0);
}

static bool
audience_is_ours(const json_t *aud)
{
    bool ours = is_ours(aud);

    for (size_t i = 0; i < json_array_size(aud); i++) {
        if (!json_is_string(json_array_get(aud, i))) {
            return false;
        }
        ours = ours || is_ours(json_array_get(aud, i));
    }
    return ours;
}

/* Absent, or a number between the two. */
static bool
is_between(const json_t *date, double least, double most)
{
    return date == NULL || (json_is_number(date) && json_number_value(date) >= least &&
                            json_number_value(date) <= most);
}

static void
check_times(const json_t *all)
{
    const json_t *exp = json_object_get(all, "exp");
    const json_t *iat = json_object_get(all, "iat");
    double now = (double)NOW_S;

    PROMISE(exp != NULL && is_between(exp, now - SKEW_S, now + LIFETIME_S + SKEW_S));
    PROMISE(json_number_value(exp) > now - SKEW_S);
    PROMISE(is_between(json_object_get(all, "nbf"), 1e-300, now + SKEW_S));
    PROMISE(is_between(iat, now - AGE_S - SKEW_S, now + SKEW_S));
    PROMISE(iat == NULL || json_number_value(exp) - json_number_value(iat) <= LIFETIME_S);
}

static void
check_subject(const json_t *all)
{
    const json_t *sub = json_object_get(all, "sub");

    PROMISE(json_is_string(sub) && json_string_length(sub) > 0 && json_string_length(sub) < 256);
    PROMISE(fuzz_is_printable(strictjson_string(sub), false));
    PROMISE(json_object_get(all, "cnf") == NULL);
}

static void
check_kind(const json_t *all, const struct wanted *wanted)
{
    bool id_token =
        json_object_get(all, "nonce") != NULL || json_object_get(all, "at_hash") != NULL;
    const char *typ = wanted->typ != NULL ? wanted->typ : "";
    bool at_jwt = strcasecmp(typ, "at+jwt") == 0 || strcasecmp(typ, "application/at+jwt") == 0;

    PROMISE(at_jwt || typ[0] == '\0' || strcasecmp(typ, "JWT") == 0 ||
            strcasecmp(typ, "application/JWT") == 0);
    PROMISE(wanted->expect.token_kind != TOKEN_ACCESS || !id_token);
    PROMISE(wanted->expect.token_kind != TOKEN_ACCESS || at_jwt || wanted->expect.marker != NULL);
    PROMISE(wanted->expect.token_kind != TOKEN_ID || (!at_jwt && json_object_get(all, "iat")));
}

static void
check_person(const json_t *all, const struct wanted *wanted)
{
    const json_t *sub = json_object_get(all, "sub");

    PROMISE(wanted->expect.provider_kind == PROVIDER_WORKLOAD ||
            (!json_equal(sub, json_object_get(all, "client_id")) &&
             !json_equal(sub, json_object_get(all, "azp"))));
}

/* OpenID Connect Core 3.1.3.8, for the key that the token was signed with: half a SHA-512 (R62). */
static void
check_access_token(const json_t *all, const struct wanted *wanted)
{
    struct span token = wanted->expect.access_token;
    const json_t *hash = json_object_get(all, "at_hash");
    unsigned char digest[64];
    size_t length = 0;

    if (token.length == 0 || hash == NULL) {
        return;
    }
    PROMISE(EVP_Q_digest(NULL, "SHA512", NULL, token.at, token.length, digest, &length) == 1);
    char *half = sign_encode((struct span){.at = (const char *)digest, .length = length / 2});
    PROMISE(json_is_string(hash) && strcmp(json_string_value(hash), half) == 0);
}

static void
check_accepted(const json_t *all, const struct wanted *wanted)
{
    const char *issuer = json_string_value(json_object_get(all, "iss"));

    PROMISE(issuer != NULL && strcmp(issuer, ISSUER) == 0);
    PROMISE(audience_is_ours(json_object_get(all, "aud")));
    check_times(all);
    check_subject(all);
    check_kind(all, wanted);
    check_person(all, wanted);
    check_access_token(all, wanted);
}

/* ---- one payload ----------------------------------------------------------------------------- */

static void
check_payload(struct span payload, const struct wanted *wanted)
{
    struct claims *claims CLEANUP(claims_done) = sign_claims(wanted->typ, payload);
    struct why why = {""};

    if (claims == NULL) {
        return;
    }
    enum status status = fuzz_status(checks_run(claims, &wanted->expect, &why));
    fuzz_why(&why);
    PROMISE(status == ST_OK || why.sentence[0] != '\0');
    if (status == ST_OK) {
        fault_end();
        json_t *all CLEANUP(strictjson_done) = json_loadb(payload.at, payload.length, 0, NULL);
        PROMISE(json_equal(all, claims_all(claims)));
        check_accepted(all, wanted);
    }
}

/* The promises are empty unless something is accepted. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char good[] = "{\"iss\":\"" ISSUER "\",\"aud\":\"linux-login\",\"exp\":1893456100,"
                               "\"iat\":1893455900,\"sub\":\"1\"}";
    struct wanted wanted = read_wanted(span_of("any"));
    struct claims *claims CLEANUP(claims_done) = sign_claims(NULL, span_of(good));

    (void)argc;
    (void)argv;
    PROMISE(claims != NULL && checks_run(claims, &wanted.expect, NULL) == ST_OK);
    fuzz_done();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span payload = fuzz_part(&input);
    struct wanted wanted = read_wanted(fuzz_part(&input));

    fault_begin(input.faults);
    check_payload(payload, &wanted);
    fault_end();
    fuzz_done();
    return 0;
}
