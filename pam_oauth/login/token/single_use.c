#include "login/token/single_use.h"

#include "base/clock.h"
#include "base/file.h"
#include "fetch/frame.h"
#include "jose/digest.h"
#include "login/confinement.h"
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

/* ---- a Redis that several hosts share -------------------------------------------------------- */

static enum status
ask_redis(const struct site *site, const struct fetch_request *request, struct why *why,
          enum fetch_claimed *ret_claimed)
{
    const struct paths *paths = &site->config->paths;
    struct fetch_program program = {.path = paths->fetcher, .user = paths->fetcher_user};
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;

    TRY(fetch_start(&program, why, &session));
    TRY(fetch_ask(session, request, clock_ms() + request->timeout_ms, why, &reply));
    confinement_tell(site, reply.confined);
    *ret_claimed = reply.claimed;
    return ST_OK;
}

static enum status
claim_in_redis(const struct site *site, const struct used_token *used, struct why *why)
{
    const struct store *store = &site->config->store;
    struct buf password CLEANUP(buf_done) = BUF(FRAME_BASIC_MAX);
    enum fetch_claimed claimed = FETCH_NO_CLAIM;
    struct why cause = {""};
    struct fetch_request request = {
        .url = store->used_tokens,
        .ca_file = store->ca_file,
        .timeout_ms = store->timeout_s * 1000,
        .claim = used->digest,
        .claim_s = used->expires_s - site->clock_s + USED_GRACE_S,
    };

    if (store->password_file != NULL) {
        TRY(file_read_secret(store->password_file, site->owner, why, &password));
        request.basic_user = store->user;
        request.basic_password = buf_text(&password);
    }
    enum status status = ask_redis(site, &request, &cause, &claimed);
    if (status != ST_OK) {
        return status_because(why, status == ST_PROVIDER ? ST_STORE : status,
                              "single_use: used_tokens: %s", cause.sentence);
    }
    return claimed == FETCH_CLAIMED ? ST_OK : status_because(why, ST_REPLAYED, USED_SENTENCE);
}

/* ---- one token ------------------------------------------------------------------------------- */

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
    return config_used_tokens_url(site->config) != NULL
               ? claim_in_redis(site, &used, why)
               : used_claim(&store, &used, site->clock_s, why);
}

enum status
single_use_look(const struct site *site, const struct token *token, struct why *why)
{
    struct buf digest CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    struct used_store store = store_of(site);
    struct used_token used = {.digest = NULL, .expires_s = 0};

    TRY(identify(token, why, &digest, &used));
    return used_look(&store, &used, why);
}
