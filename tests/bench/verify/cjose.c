/* libcjose: signature and payload; it knows no claims and no EdDSA. */
#include <cjose/cjose.h>
#include <jansson.h>
#include <string.h>

#include "driver.h"

const char bench_name[] = "cjose";
const bool bench_checks_claims = false;

static cjose_jwk_t *key;

bool
bench_open(const struct bench_input *input)
{
    cjose_err error;

    if (strncmp(input->alg, "Ed", 2) == 0) {
        return false;
    }
    key = cjose_jwk_import(input->jwk, strlen(input->jwk), &error);
    return key != NULL;
}

bool
bench_verify(const char *token, size_t length)
{
    cjose_err error;
    cjose_jws_t *jws = cjose_jws_import(token, length, &error);
    uint8_t *payload = NULL;
    size_t payload_length = 0;
    json_t *claims = NULL;

    if (jws != NULL && cjose_jws_verify(jws, key, &error) &&
        cjose_jws_get_plaintext(jws, &payload, &payload_length, &error)) {
        claims = json_loadb((const char *)payload, payload_length, JSON_REJECT_DUPLICATES, NULL);
    }
    bool good = claims != NULL;
    json_decref(claims);
    cjose_jws_release(jws);
    return good;
}
