/*
 * Patterns of host names, for whoever says to which hosts a token may go. Label by label, as names
 * are: a `*` stands for one or more characters of its own label, so `build-*` is no
 * `build-7.evil.example`, and a pattern that names nothing, such as `*.*`, is none. ASCII letters
 * have no case.
 */
#ifndef PAM_OAUTH_POLICY_HOSTS_H
#define PAM_OAUTH_POLICY_HOSTS_H

#include <stdbool.h>

#include "base/span.h"

/*
 * Letters, digits, `.`, `-`, `_`, `:` and `%` (for IPv6, without brackets), at most one `*` between
 * two dots, and at least one letter or digit.
 */
bool hosts_is_pattern(struct span word);

/* A pattern without a star. */
bool hosts_is_name(struct span word);

/* Is `host` one of those that `pattern`, a word of hosts_is_pattern, stands for? */
bool hosts_match(struct span pattern, struct span host);

#endif
