/*
 * A token cut into answers for prompts that pass only so many bytes (prompt.h): each but the
 * last ends in `+`. For whoever answers: pam-oauth-askpass, and `pam-oauth token --parts`.
 */
#ifndef PAM_OAUTH_LOGIN_TOKEN_PARTS_H
#define PAM_OAUTH_LOGIN_TOKEN_PARTS_H

#include <stdbool.h>

#include "base/span.h"

/* What passes sudo (511 bytes) and ssh (1023), and is not taken for an answer that was cut. */
#define TOKEN_PART_SUDO ((size_t)500)
#define TOKEN_PART_SSH ((size_t)1000)

/* One answer is `text`, and a `+` if there is `more`. */
struct token_part {
    struct span text; /* points into the token; empty when there is no such part */
    bool more;
};

/*
 * Part `number`, from 1 on, in answers of at most `most` bytes, at least 8. No part is the same as
 * the one before it, which would be refused as a slip of the hand.
 */
struct token_part token_parts_at(struct span token, size_t most, unsigned int number);

/* How many there are; 1 for a token that fits. */
unsigned int token_parts_count(struct span token, size_t most);

#endif
