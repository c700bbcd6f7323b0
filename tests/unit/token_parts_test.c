/* login/token/parts: a token in answers that pass, and the module's own reading of them. R116. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "login/token/parts.h"
#include "login/token/prompt.h"

/* A program that answers a prompt for one part after the other. */
struct answers {
    struct span token;
    size_t most;
    unsigned int given;
};

static enum status
ask(void *context, const char *prompt, struct buf *answer)
{
    struct answers *answers = context;
    struct token_part part = token_parts_at(answers->token, answers->most, ++answers->given);

    (void)prompt;
    assert_true(part.text.length + (part.more ? 1 : 0) <= answers->most);
    assert_int_equal(buf_add(answer, part.text), ST_OK);
    return part.more ? buf_add_char(answer, '+') : ST_OK;
}

static void
comes_back(struct span token, size_t most)
{
    struct answers answers = {.token = token, .most = most};
    struct conversation talk = {.ask = ask, .tell = NULL, .context = &answers};
    struct token_answer answer CLEANUP(token_answer_done) = TOKEN_ANSWER;
    struct why why = {""};

    assert_int_equal(token_prompt_ask(&talk, TOKEN_PROMPT, &why, &answer), ST_OK);
    assert_true(span_equals(buf_span(&answer.text), token));
    assert_int_equal(token_parts_count(token, most), answer.parts);
    assert_int_equal(token_parts_at(token, most, answer.parts + 1).text.length, 0);
    assert_false(token_parts_at(token, most, answer.parts + 1).more);
}

static void
R116_every_token_comes_back_whole(void **state)
{
    static const size_t most[] = {8, TOKEN_PART_SUDO, TOKEN_PART_SSH};
    char *token = malloc(JWS_TOKEN_MAX);

    (void)state;
    assert_non_null(token);
    for (size_t i = 0; i < JWS_TOKEN_MAX; i++) {
        token[i] = (char)('a' + i * 7919 % 26);
    }
    for (size_t i = 0; i < COUNT(most); i++) {
        for (size_t length = 1; length < 40; length++) {
            comes_back((struct span){.at = token, .length = length}, most[i]);
            comes_back((struct span){.at = token, .length = length * most[i] / 10}, most[i]);
        }
    }
    comes_back((struct span){.at = token, .length = JWS_TOKEN_MAX}, TOKEN_PART_SUDO);
    free(token);
}

/* One letter again and again: cut at equal lengths, all parts would be equal and refused. */
static void
R116_no_part_is_the_same_as_the_one_before(void **state)
{
    char *token = malloc(JWS_TOKEN_MAX);

    (void)state;
    assert_non_null(token);
    memset(token, 'x', JWS_TOKEN_MAX);
    for (size_t length = 1; length < 80; length++) {
        comes_back((struct span){.at = token, .length = length}, 8);
    }
    for (size_t length = 990; length < 1010; length++) {
        comes_back((struct span){.at = token, .length = length}, TOKEN_PART_SUDO);
    }
    comes_back((struct span){.at = token, .length = JWS_TOKEN_MAX}, TOKEN_PART_SUDO);
    comes_back((struct span){.at = token, .length = JWS_TOKEN_MAX}, TOKEN_PART_SSH);
    free(token);
}

static void
R115_no_part_is_taken_for_one_that_was_cut(void **state)
{
    struct token_answer answer = {.parts = 1};

    (void)state;
    answer.last_length = TOKEN_PART_SUDO;
    assert_false(token_answer_cut(&answer, ST_MALFORMED));
    answer.last_length = TOKEN_PART_SSH;
    assert_false(token_answer_cut(&answer, ST_MALFORMED));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R116_every_token_comes_back_whole),
        cmocka_unit_test(R116_no_part_is_the_same_as_the_one_before),
        cmocka_unit_test(R115_no_part_is_taken_for_one_that_was_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
