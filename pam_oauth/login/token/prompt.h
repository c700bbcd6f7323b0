/*
 * A token typed at a prompt: in one answer, or in parts where a prompt passes only so many bytes
 * (sudo 511, ssh 1023, login and su 4095). DESIGN section 6, R33, R115, R116.
 */
#ifndef PAM_OAUTH_LOGIN_TOKEN_PROMPT_H
#define PAM_OAUTH_LOGIN_TOKEN_PROMPT_H

#include "jose/jws.h"
#include "login/conversation.h"

/* What is asked: pam-oauth-askpass answers these, and nothing else, by itself. */
#define TOKEN_PROMPT "Token: "
#define TOKEN_PROMPT_OR_BROWSER "Token (press Enter to sign in with a browser): "
#define TOKEN_PROMPT_PART_BEFORE "Token, part "
#define TOKEN_PROMPT_PART_BEHIND ": "

/* Enough for the longest token in parts of 500 bytes. */
#define TOKEN_PARTS_MAX 140

struct token_answer {
    struct buf text;    /* the parts put together, without line end */
    size_t last_length; /* bytes of the last answer as it arrived */
    unsigned int parts;
};
#define TOKEN_ANSWER                                                                               \
    {                                                                                              \
        .text = BUF(JWS_TOKEN_MAX), .last_length = 0, .parts = 0                                   \
    }
void token_answer_done(struct token_answer *answer);

/*
 * Asks with `prompt`; an answer that ends in `+` is continued at `Token, part N: `. An empty first
 * answer leaves the text empty. ST_MALFORMED for a part that repeats the one before it, too many
 * parts or too long a token; ST_CONVERSATION, ST_MEMORY.
 */
MUST_CHECK enum status token_prompt_ask(const struct conversation *talk, const char *prompt,
                                        struct why *why, struct token_answer *answer);

/* Was a token that came to `status` probably cut off by the program that asked for it? */
bool token_answer_cut(const struct token_answer *answer, enum status status);

/* ST_TRUNCATED, with the limit and the remedy in `why`. */
enum status token_answer_explain(const struct token_answer *answer, struct why *why);

#endif
