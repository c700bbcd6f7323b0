/*
 * `claim=value`: the one kind of condition that a configuration can set on a token. It stands in
 * account rules, in `require` lines and in `access_token_marker`.
 */
#ifndef PAM_OAUTH_OAUTH_CONDITION_H
#define PAM_OAUTH_OAUTH_CONDITION_H

#include <stdbool.h>

#include "base/span.h"
#include "base/status.h"

struct claims;

/* Both spans point into the text that was parsed, or into the caller's unquoted copy of it. */
struct condition {
    struct span name;
    struct span value;
    bool wildcard; /* value holds one unquoted `*` */
};

/*
 * Does the claim have the value? A string is compared byte for byte; `true` and `false` match a
 * boolean and integers match their decimal form; an array matches if one of these in it does;
 * `scope`, whose words are separated by spaces (RFC 8693 section 4.2), if one of its words does; an
 * object (Zitadel's roles) if one of its names does whose value is not false or null. A missing
 * claim never matches. A string of which claims_set_comma_lists says that it is a list matches if
 * one of its parts between commas does, without the blanks around it; as a whole it is nothing.
 * On a match `*ret_star` is what the wildcard stood for; it points into the claims.
 */
bool condition_holds(const struct condition *condition, const struct claims *claims,
                     struct span *ret_star);

#endif
