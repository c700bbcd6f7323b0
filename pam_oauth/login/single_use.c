#include "login/single_use.h"

#include "jose/digest.h"
#include "store/used.h"

/* Every token that passed the checks has an exp. `digest` owns what `used` points to. */
static enum status
identify(const struct token *token, struct why *why, struct buf *digest, struct used_token *used)
{
    double exp = 0;
    enum status status = jws_digest(token->jws, digest);

    if (status != ST_OK) {
        return status_because(why, status, "single_use: the token's digest cannot be computed");
    }
    if (claims_date(token->claims, "exp", &exp) != CLAIMS_DATE_OK) {
        return status_because(why, ST_INTERNAL, "single_use: the token has no exp");
    }
    *used = (struct used_token){.digest = buf_text(digest), .expires_s = (int64_t)exp};
    return ST_OK;
}

static struct used_store
store_of(const struct site *site)
{
    return (struct used_store){.directory = site->config->paths.state, .owner = site->owner};
}

enum status
single_use_claim(const struct site *site, const struct service *service, const struct token *token,
                 struct why *why)
{
    struct buf digest CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    struct used_store store = store_of(site);
    struct used_token used = {.digest = NULL, .expires_s = 0};

    if (!service->single_use) {
        return ST_OK;
    }
    TRY(identify(token, why, &digest, &used));
    return used_claim(&store, &used, site->clock_s, why);
}

enum status
single_use_look(const struct site *site, const struct service *service, const struct token *token,
                struct why *why)
{
    struct buf digest CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    struct used_store store = store_of(site);
    struct used_token used = {.digest = NULL, .expires_s = 0};

    if (!service->single_use) {
        return ST_OK;
    }
    TRY(identify(token, why, &digest, &used));
    return used_look(&store, &used, why);
}
