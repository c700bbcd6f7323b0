/*
 * What rules are written in: words separated by blanks, conditions `claim=value`, and the names
 * of providers and accounts. It stands in the account map, in `require` lines and in
 * `access_token_marker`.
 *
 * A claim name or a value that holds blanks or a quote is quoted as a whole, with \" and \\ inside.
 * Quoted words are unquoted where they stand: the text is the caller's own copy, and it changes.
 */
#ifndef PAM_OAUTH_POLICY_SYNTAX_H
#define PAM_OAUTH_POLICY_SYNTAX_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/guard.h"
#include "base/span.h"
#include "base/status.h"
#include "oauth/condition.h"

/* What is left of a text. */
struct syntax {
    char *at;
    size_t length;
};

/* Takes the next word, up to a blank; empty when there is none left. */
struct span syntax_word(struct syntax *rest);

/* Takes the next word if it is this one. */
bool syntax_keyword(struct syntax *rest, const char *keyword);

/* True if nothing but blanks is left. */
bool syntax_at_end(const struct syntax *rest);

/* Takes a condition. ST_CONFIG with the reason and the remedy. */
MUST_CHECK enum status syntax_condition(struct syntax *rest, struct why *why,
                                        struct condition *ret_condition);

/* Appends a value as it is written to mean itself: in quotes where it must be. Fails as buf_add. */
MUST_CHECK enum status syntax_write_value(struct span value, struct buf *into);

/* [a-z0-9_-]+, at most 64: a provider, a preset. */
bool syntax_is_name(struct span text);

/* [a-z_][a-z0-9_-]{0,30}: an account that a rule may name (R21). */
bool syntax_is_account(struct span text);

#endif
