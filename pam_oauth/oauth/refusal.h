/*
 * What a provider's error means in a device flow, and to the administrator who reads of it: RFC
 * 8628 sections 3.2 and 3.5, RFC 6749 section 5.2, and what providers say instead. One row an
 * error; the sentences are ours, the provider's own words are only quoted behind them (R85).
 */
#ifndef PAM_OAUTH_OAUTH_REFUSAL_H
#define PAM_OAUTH_OAUTH_REFUSAL_H

#include "oauth/reply.h"

/* The row for the error in a reply of the device authorization endpoint; the last one for any
 * other. */
const struct reply_refusal *refusal_of_request(const struct reply *reply);

/*
 * The row for the error in a reply of the token endpoint; one without an `error` for any other.
 *
 * An organisation that blocks the device flow in Entra ID (conditional access) lets the person
 * approve and then answers `invalid_grant` or `interaction_required`: the former is a block only
 * with one of the codes or sub-errors that say so, the latter always is, since it asks for a
 * browser on this very device, which there is none of.
 */
const struct reply_refusal *refusal_of_poll(const struct reply *reply);

#endif
