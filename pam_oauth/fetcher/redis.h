/*
 * Claiming a token in a Redis that several hosts share: AUTH, SELECT, and SET with NX and EX, over
 * the connection of fetcher/host.h, TLS verified like any other. Only if each is answered exactly
 * as it should be, the last with OK or nil, within the time, is there an answer.
 */
#ifndef PAM_OAUTH_FETCHER_REDIS_H
#define PAM_OAUTH_FETCHER_REDIS_H

#include "fetcher/host.h"

/* Before the digest, so that other things may be kept in the same database. */
#define REDIS_PREFIX "pam_oauth:used:"
#define REDIS_DATABASE_MAX 9999

/*
 * `request` has a claim. ST_PROVIDER or ST_CONFIG with the cause when there is no answer: then it
 * may be claimed all the same; ST_CANCELLED as in host_begin; ST_MEMORY. After any of these, and
 * after an answer, `host` is of no further use for a claim.
 */
MUST_CHECK enum status redis_claim(struct host *host, const struct frame_request *request,
                                   int asker, struct why *why, enum fetch_claimed *ret_claimed);

#endif
