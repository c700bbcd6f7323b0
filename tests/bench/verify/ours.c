/*
 * pam_oauth: everything from the token's text to the last check of its claims, as a login does it
 * once its keys are loaded.
 */
#include <string.h>

#include "base/clock.h"
#include "driver.h"
#include "login/token/token.h"

const char bench_name[] = "pam_oauth";
const bool bench_checks_claims = true;

static struct {
    struct site site;
    struct provider provider;
    const struct provider *providers[1];
    struct keyring keyring;
    char *audiences[1];
    char name[8];
    char issuer[sizeof(BENCH_ISSUER)];
    char audience[sizeof(BENCH_AUDIENCE)];
    char client[sizeof("linux-login")];
    char file[2];
} ours = {.keyring = KEYRING};

bool
bench_open(const struct bench_input *input)
{
    struct why why = {""};
    struct span unknown;

    memcpy(ours.issuer, BENCH_ISSUER, sizeof(BENCH_ISSUER));
    memcpy(ours.audience, BENCH_AUDIENCE, sizeof(BENCH_AUDIENCE));
    memcpy(ours.client, "linux-login", sizeof("linux-login"));
    memcpy(ours.file, "-", 2);
    ours.audiences[0] = ours.audience;
    ours.provider = (struct provider){
        .name = ours.name,
        .issuer = ours.issuer,
        .client_id = ours.client,
        .token_kind = TOKEN_ANY,
        .kind = PROVIDER_PEOPLE,
        .clock_skew_s = 30,
        .max_token_age_s = 3600,
        .max_token_lifetime_s = 86400,
        .jwks_file = ours.file,
        .audience = {.at = ours.audiences, .count = 1},
    };
    ours.providers[0] = &ours.provider;
    return alg_set_parse(span_of(input->alg), &ours.provider.algorithms, &unknown) &&
           clock_wall_s(&why, &ours.site.now_s) == ST_OK &&
           keyring_open(&ours.site, ours.providers, 1, &ours.keyring) == ST_OK &&
           keyring_pin(&ours.keyring, span_of(input->jwks), &why) == ST_OK;
}

bool
bench_verify(const char *token, size_t length)
{
    struct token checked CLEANUP(token_done) = TOKEN;
    struct token_policy policy = {.providers = ours.providers, .provider_count = 1};
    struct span text = {.at = token, .length = length};
    struct why why = {""};

    return token_check(&ours.site, &policy, &ours.keyring, text, &why, &checked) == ST_OK;
}
