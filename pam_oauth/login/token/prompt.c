#include "login/token/prompt.h"

#include <stdio.h>

void
token_answer_done(struct token_answer *answer)
{
    buf_done(&answer->text);
    *answer = (struct token_answer)TOKEN_ANSWER;
}

/* Adds one part; true in `*ret_more` if it announces another. */
static enum status
add_part(struct token_answer *answer, struct span typed, struct buf *previous, struct why *why,
         bool *ret_more)
{
    struct span part = jws_without_line_end(typed);

    answer->last_length = typed.length;
    answer->parts++;
    *ret_more = part.length > 0 && part.at[part.length - 1] == '+';
    if (*ret_more) {
        part.length--;
    }
    if (answer->parts > 1 && span_equals(part, buf_span(previous))) {
        return status_because(why, ST_MALFORMED,
                              "part %u of the token is the same as the one "
                              "before it",
                              answer->parts);
    }
    buf_cut(previous, 0);
    TRY(buf_add(previous, part));
    enum status status = buf_add(&answer->text, part);
    return status == ST_MALFORMED
               ? status_because(why, status, "the token is longer than %zu bytes", JWS_TOKEN_MAX)
               : status;
}

enum status
token_prompt_ask(const struct conversation *talk, const char *prompt, struct why *why,
                 struct token_answer *answer)
{
    struct buf previous CLEANUP(buf_done) = BUF(JWS_TOKEN_MAX);
    bool more = true;

    while (more) {
        struct buf typed CLEANUP(buf_done) = BUF(JWS_TOKEN_MAX + 2);
        char next[32];

        if (answer->parts == TOKEN_PARTS_MAX) {
            return status_because(why, ST_MALFORMED, "the token has more than %d parts",
                                  TOKEN_PARTS_MAX);
        }
        (void)snprintf(next, sizeof(next), TOKEN_PROMPT_PART_BEFORE "%u" TOKEN_PROMPT_PART_BEHIND,
                       answer->parts + 1);
        enum status status = talk->ask(talk->context, answer->parts == 0 ? prompt : next, &typed);
        if (status != ST_OK) {
            return status_because(why, status, "%s",
                                  status == ST_CONVERSATION
                                      ? "nobody answers the prompt: there is no terminal, or the "
                                        "answer is longer than the program in front passes (sudo: "
                                        "511 bytes)"
                                      : "the answer is too long");
        }
        TRY(add_part(answer, buf_span(&typed), &previous, why, &more));
    }
    return ST_OK;
}

bool
token_answer_cut(const struct token_answer *answer, enum status status)
{
    bool at_limit =
        answer->last_length == 511 || answer->last_length == 1023 || answer->last_length == 4095;

    return at_limit && (status == ST_MALFORMED || status == ST_SIGNATURE);
}

enum status
token_answer_explain(const struct token_answer *answer, struct why *why)
{
    return status_because(why, ST_TRUNCATED,
                          "the answer has exactly %zu bytes, all that the program in front passes, "
                          "and is no whole token; send it in parts, each but the last ending in +",
                          answer->last_length);
}
