/* libjose: signature and payload; it imports the JWK each time, and knows no EdDSA. */
#include <jansson.h>
#include <jose/b64.h>
#include <jose/jws.h>
#include <string.h>

#include "driver.h"

const char bench_name[] = "jose";
const bool bench_checks_claims = false;

static json_t *key;

bool
bench_open(const struct bench_input *input)
{
    if (strncmp(input->alg, "Ed", 2) == 0) {
        return false;
    }
    key = json_loads(input->jwk, 0, NULL);
    return key != NULL;
}

bool
bench_verify(const char *token, size_t length)
{
    const char *first = memchr(token, '.', length);
    const char *last = memrchr(token, '.', length);
    int header = (int)(first - token);
    int payload = (int)(last - first) - 1;
    int signature = (int)(length - (size_t)(last - token)) - 1;

    json_t *jws = json_pack("{s:s%,s:s%,s:s%}", "protected", token, (size_t)header, "payload",
                            first + 1, (size_t)payload, "signature", last + 1, (size_t)signature);
    json_t *claims = NULL;
    if (jws != NULL && jose_jws_ver(NULL, jws, NULL, key, false)) {
        claims = jose_b64_dec_load(json_object_get(jws, "payload"));
    }
    bool good = claims != NULL;
    json_decref(claims);
    json_decref(jws);
    return good;
}
