/*
 * When a provider is asked for its keys, and by whom, so that all sign-ins of a host together ask
 * as little as they can (store/flight.h):
 *
 *   - Nothing usable is stored: one process asks, the others wait for it (R123).
 *   - A token names a key that is not known: the same, and once a minute for the whole host (R70).
 *   - Keys are known but stale: they are used, nobody waits (R72), and a process that nobody waits
 *     for is called, once a minute.
 *
 * A host that cannot keep these books (a full disk, an unprivileged screen locker) asks when it has
 * nothing, and not otherwise (R76).
 */
#ifndef PAM_OAUTH_LOGIN_KEYS_REFRESH_H
#define PAM_OAUTH_LOGIN_KEYS_REFRESH_H

#include "login/keys/keyring.h"

/*
 * For an issuer for which keyring_load() found nothing: keys that may be used, from another process
 * or from the provider, by `deadline_ms` (clock_ms). ST_KEYS_UNAVAILABLE with the cause, ST_CONFIG
 * (the fetcher is missing), ST_CLOCK, ST_MEMORY.
 */
MUST_CHECK enum status refresh_missing(const struct keyring *keyring, struct keyring_issuer *issuer,
                                       int64_t deadline_ms, struct why *why);

/*
 * For an issuer that does not have the key which a token names: true if by `deadline_ms` it has
 * other keys than before, so that it is worth looking again. Why there are none is logged.
 */
bool refresh_unknown(const struct keyring *keyring, struct keyring_issuer *issuer,
                     int64_t deadline_ms);

/*
 * For an issuer by one of whose keys a token was just verified: if they are stale, that is logged.
 */
void refresh_used(const struct keyring *keyring, struct keyring_issuer *issuer);

/*
 * For an issuer whose keys are missing, or do not have the one that a token names, where nobody may
 * wait for them: calls the process that nobody waits for, if we are root, and the ring may.
 */
void refresh_wanted(const struct keyring *keyring, struct keyring_issuer *issuer);

/*
 * For whoever was told to refresh: asks now, however fresh the keys are, unless another process
 * asks at this moment; then what that one stored is taken. ST_KEYS_UNAVAILABLE with the cause,
 * ST_STORE when they were fetched and could not be stored, and as above.
 */
MUST_CHECK enum status refresh_now(const struct keyring *keyring, struct keyring_issuer *issuer,
                                   int64_t deadline_ms, struct why *why);

#endif
