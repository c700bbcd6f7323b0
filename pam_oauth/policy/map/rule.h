/*
 * One line of the account map (DESIGN section 4): what it says, whether it may say so, and whether
 * it is about the sign-in at hand. R16..R29.
 *
 *     provider  claim=value [and claim=value]... -> account  [service=GLOB] [host=GLOB]
 *     !provider claim=value [and claim=value]...             [service=GLOB] [host=GLOB]
 */
#ifndef PAM_OAUTH_POLICY_MAP_RULE_H
#define PAM_OAUTH_POLICY_MAP_RULE_H

#include "base/buf.h"
#include "policy/map/accounts.h"
#include "policy/syntax.h"

#define RULE_CONDITIONS_MAX 16

/* All spans point into the text that was parsed. */
struct rule {
    bool refuses; /* `!` */
    struct span provider;
    struct condition conditions[RULE_CONDITIONS_MAX];
    size_t count;
    const struct condition *star; /* the condition with the `*`, or NULL */
    struct span account;          /* `*`, or a name; empty when the rule refuses */
    struct condition service;     /* its value is a pattern; no name: any */
    struct condition host;
};

/* The longest line that may be a rule: its reader has to see it whole. */
#define RULE_LENGTH_MAX ((size_t)4096)

/*
 * Reads a line that is neither blank nor a comment. It is copied into `copy` (whatever was there),
 * which the rule then points into, as it does into itself: neither may move. ST_CONFIG with the
 * reason, ST_MEMORY.
 */
MUST_CHECK enum status rule_read(struct span line, struct buf *copy, struct why *why,
                                 struct rule *rule);

/*
 * May a rule for this provider say that? Which account somebody gets is decided by claims that
 * nobody can choose for themselves (R18, R29). ST_CONFIG with the reason and the remedy.
 */
MUST_CHECK enum status rule_permitted(const struct rule *rule, const struct provider *provider,
                                      struct why *why);

/* Is the rule about this service, host and subject and, unless it refuses, this account? */
bool rule_applies(const struct rule *rule, const struct accounts_query *query);

/* Could the rule decide about this account at all: does it name it, or `*`, or refuse? */
bool rule_is_for_account(const struct rule *rule, const char *account);

/*
 * Of a rule for this account, what keeps it from applying: its service, its host, or the first of
 * its conditions that does not hold. NULL if it applies.
 */
const struct condition *rule_misfit(const struct rule *rule, const struct accounts_query *query);

/* Is it for that service, whatever else it says? */
bool rule_is_for_service(const struct rule *rule, const char *service);
bool rule_is_for_host(const struct rule *rule, const char *host);

/* Can its owner or an administrator change this claim at the provider? */
bool rule_claim_is_mutable(struct span name, const struct provider *provider);

/* Whom a rule that admits is about: a person (or job) known for good, or several. */
enum rule_subject { RULE_ONE, RULE_ANY_ACCOUNT, RULE_SHARED, RULE_CHANGEABLE };
enum rule_subject rule_subject(const struct rule *rule, const struct provider *provider);

/* Does the provider say that the e-mail address is this person's? True and nothing else (R18). */
bool rule_email_is_verified(const struct claims *claims);

/*
 * Is the claim left out of the token because it would be too large (Entra's overage of groups)?
 * Then nobody knows what it would have said (R26).
 */
bool rule_claim_is_elsewhere(struct span name, const struct claims *claims);

#endif
