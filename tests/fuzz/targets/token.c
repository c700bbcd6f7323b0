/*
 * Tokens against a fixed set of keys, those of the examples in RFC 7515, RFC 7520 and RFC 8037. An
 * input is a token, or, where it begins with a brace, a protected header that is put in front of a
 * fixed payload and signed for real. Nothing verifies but the tokens of the RFCs and, of the
 * headers, those that say what a token for us may say (R31 to R43).
 */
#include <string.h>

#include "base/strictjson.h"
#include "fuzz.h"
#include "jose/jws.h"
#include "jose/keyset.h"
#include "sign.h"

#define EVERY_ALG (~(alg_set)0)
#define PAYLOAD "{\"sub\":\"248289761001\"}"

/*
 * RFC 7515 A.2 and A.3, RFC 8037 A.1; one whose private key nobody has; RFC 7515 A.4; and of RFC
 * 7520 4.2, pinned, as it would else be a second one for RS256.
 */
static const char jwks[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx"
    "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGz"
    "jb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3"
    "qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp"
    "oQ\",\"e\":\"AQAB\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
    "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\",\"x\":"
    "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"nobody\",\"x\":"
    "\"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3\",\"y\":"
    "\"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":"
    "\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOn"
    "YG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\",\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l"
    "2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\"},"
    "{\"kty\":\"RSA\",\"kid\":\"bilbo.baggins@hobbiton.example\",\"alg\":\"PS384\",\"n\":"
    "\"n4EPtAOCc9Alk"
    "eQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJ"
    "MRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe"
    "-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_"
    "3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\",\"e\":\""
    "AQAB\"}]}";

/* RFC 7515 A.2.1 and A.3.1, one payload under two headers; RFC 8037 A.4; and of the other two. */
#define A2_PAYLOAD                                                                                 \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl" \
    "fQ"
static const char *const good_signed_parts[] = {
    "eyJhbGciOiJSUzI1NiJ9." A2_PAYLOAD,
    "eyJhbGciOiJFUzI1NiJ9." A2_PAYLOAD,
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
    "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
    "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGE"
    "gZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB"
    "0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmc"
    "gd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
};

/* Under the P-256 key whoever has a signature (r, s) has (r, n - s) too: so not the signature. */
static bool
is_good(struct span token)
{
    for (size_t i = 0; i < COUNT(good_signed_parts); i++) {
        size_t length = strlen(good_signed_parts[i]);
        if (token.length > length && token.at[length] == '.' &&
            memcmp(token.at, good_signed_parts[i], length) == 0) {
            return true;
        }
    }
    return false;
}

/* The header of a token that was made here: read once more, with the rules said once more. */
static bool
header_may_pass(struct span text)
{
    static const char *const refused[] = {"crit", "b64", "jwk", "zip", "enc"};
    json_t *header CLEANUP(strictjson_done) =
        json_loadb(text.at, text.length, JSON_REJECT_DUPLICATES, NULL);
    const char *alg = json_string_value(json_object_get(header, "alg"));
    const json_t *kid = json_object_get(header, "kid");
    const json_t *typ = json_object_get(header, "typ");

    if (alg == NULL || (strcmp(alg, "EdDSA") != 0 && strcmp(alg, "Ed25519") != 0) ||
        (kid != NULL && (!json_is_string(kid) || strcmp(json_string_value(kid), "ed") != 0)) ||
        (typ != NULL && !json_is_string(typ))) {
        return false;
    }
    for (size_t i = 0; i < COUNT(refused); i++) {
        if (json_object_get(header, refused[i]) != NULL) {
            return false;
        }
    }
    return true;
}

static struct keyset keys = KEYSET;

static enum status
verify(struct span token, struct verified **ret_verified)
{
    struct jws *jws CLEANUP(jws_done) = NULL;
    struct key *key CLEANUP(key_done) = NULL;
    struct why why = {""};

    enum status status = fuzz_status(jws_parse(token, &why, &jws));
    fuzz_why(&why);
    TRY(status);
    PROMISE(jws_header(jws)->alg < ALG_COUNT && jws_header(jws)->kid.length <= JWS_KID_MAX);
    status =
        fuzz_status(keyset_select(buf_span(&keys.lines), jws_header(jws), EVERY_ALG, &why, &key));
    fuzz_why(&why);
    TRY(status);
    status = fuzz_status(jws_verify(jws, key, &why, ret_verified));
    fuzz_why(&why);
    return status;
}

static void
check_token(struct span token, struct span faults)
{
    struct verified *verified CLEANUP(verified_done) = NULL;

    fault_begin(faults);
    enum status status = verify(token, &verified);
    fault_end();
    PROMISE((status == ST_OK) == (verified != NULL));
    PROMISE(status != ST_OK || is_good(token));
}

static void
check_header(struct span header, struct span faults)
{
    struct verified *verified CLEANUP(verified_done) = NULL;
    struct span token = fuzz_copy(span_of(sign_token(header, span_of(PAYLOAD))));

    fault_begin(faults);
    enum status status = verify(token, &verified);
    fault_end();
    if (status == ST_OK) {
        PROMISE(header_may_pass(header));
        PROMISE(span_is(verified_payload(verified), PAYLOAD));
    }
}

static void
check_line_end(struct span typed)
{
    struct span token = jws_without_line_end(typed);
    struct span tail = {.at = token.at + token.length, .length = typed.length - token.length};

    PROMISE(token.at == typed.at);
    PROMISE(tail.length == 0 || span_is(tail, "\n") || span_is(tail, "\r") ||
            span_is(tail, "\r\n"));
}

/* The promises are empty unless there is something that does verify. */
static void
check_that_good_is_good(void)
{
    static const char good[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_"
                               "MGCjP0JzlnLWG1PPOt7-09PGcv"
                               "Mg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    struct verified *verified CLEANUP(verified_done) = NULL;

    PROMISE(verify(span_of(good), &verified) == ST_OK);
    PROMISE(span_is(verified_payload(verified), "Example of Ed25519 signing"));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct why why = {""};

    (void)argc;
    (void)argv;
    PROMISE(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, &why, &keys) == ST_OK);
    PROMISE(keys.usable == 6);
    check_that_good_is_good();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span part = fuzz_part(&input);

    fuzz_traces_begin(size % 2 == 0);
    if (span_starts(part, "{")) {
        check_header(part, input.faults);
    } else if (part.length > 0) {
        check_token(part, input.faults);
        check_line_end(part);
    }
    fuzz_traces_end();
    fuzz_done();
    return 0;
}
