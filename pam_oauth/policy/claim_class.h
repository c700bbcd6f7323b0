/*
 * What a claim says of a person or a job, by its name: whether it may decide which account they get
 * (R18, R26, R29).
 */
#ifndef PAM_OAUTH_POLICY_CLAIM_CLASS_H
#define PAM_OAUTH_POLICY_CLAIM_CLASS_H

#include <stdbool.h>

#include "base/span.h"
#include "policy/config/config.h"

/*
 * What a claim is good for. STABLE: nobody but the provider decides it, and it never passes to
 * another person. SHARED: the provider decides it, but many people have it: it may name an account
 * and never be one. OCCASION: how, where or for whom somebody signed in, not who. MUTABLE: the
 * rest.
 */
enum claim_class { CLAIM_STABLE, CLAIM_SHARED, CLAIM_OCCASION, CLAIM_MUTABLE };
enum claim_class claim_class_of(struct span name, const struct provider *provider);

/*
 * What a provider of jobs gives once and to one alone: GitHub's, GitLab's and Kubernetes' numbers,
 * and what the administrator says of others. Names, refs and events are given to anybody's jobs.
 */
bool claim_class_is_for_good(struct span name, const struct provider *provider);

/*
 * A scope that whoever signs in is granted if only their program asks for it (OpenID Connect Core
 * 5.4 and 11): it tells nobody from anybody else.
 */
bool claim_class_is_everybodys(struct span name, struct span value);

#endif
