/* librhonabwy (GnuTLS): signature and payload. */
#include <rhonabwy.h>
#include <string.h>

#include "driver.h"

const char bench_name[] = "rhonabwy";
const bool bench_checks_claims = false;

static jwk_t *key;

bool
bench_open(const struct bench_input *input)
{
    return r_global_init() == RHN_OK && r_jwk_init(&key) == RHN_OK &&
           r_jwk_import_from_json_str(key, input->jwk) == RHN_OK;
}

bool
bench_verify(const char *token, size_t length)
{
    jwt_t *jwt = NULL;

    (void)length;
    bool good = r_jwt_init(&jwt) == RHN_OK && r_jwt_parse(jwt, token, 0) == RHN_OK &&
                r_jwt_verify_signature(jwt, key, 0) == RHN_OK;
    r_jwt_free(jwt);
    return good;
}
