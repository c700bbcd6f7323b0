/* libjwt as Debian has it (1.10): signature and payload, from PEM each time; no PS, no EdDSA. */
#include <jwt.h>
#include <string.h>

#include "driver.h"

const char bench_name[] = "libjwt";
const bool bench_checks_claims = false;

static const unsigned char *key;
static int key_length;

bool
bench_open(const struct bench_input *input)
{
    key = (const unsigned char *)input->pem;
    key_length = (int)strlen(input->pem);
    return input->alg[0] == 'R' || strncmp(input->alg, "ES", 2) == 0;
}

bool
bench_verify(const char *token, size_t length)
{
    jwt_t *jwt = NULL;

    (void)length;
    bool good = jwt_decode(&jwt, token, key, key_length) == 0;
    jwt_free(jwt);
    return good;
}
