#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "login/token/prompt.h"

/* A person who gives these answers, one a prompt, and remembers what was asked. */
struct person {
    const char *const *answers;
    size_t count;
    size_t given;
    char asked[256];
};

static enum status
ask(void *context, const char *prompt, struct buf *answer)
{
    struct person *person = context;

    (void)strncat(person->asked, prompt, sizeof(person->asked) - strlen(person->asked) - 1);
    if (person->given == person->count) {
        return ST_CONVERSATION;
    }
    return buf_add_text(answer, person->answers[person->given++]);
}

static enum status
run(struct person *person, struct token_answer *answer)
{
    struct conversation talk = {.ask = ask, .tell = NULL, .context = person};
    struct why why = {""};

    return token_prompt_ask(&talk, "Token: ", &why, answer);
}

static void
one_answer_is_the_token_without_its_line_end(void **state)
{
    static const char *const typed[] = {"a.b.c", "a.b.c\n", "a.b.c\r\n"};

    (void)state;
    for (size_t i = 0; i < COUNT(typed); i++) {
        struct person person = {.answers = &typed[i], .count = 1};
        struct token_answer answer CLEANUP(token_answer_done) = TOKEN_ANSWER;

        assert_int_equal(run(&person, &answer), ST_OK);
        assert_string_equal(buf_text(&answer.text), "a.b.c");
        assert_string_equal(person.asked, "Token: ");
    }
}

static void
R116_parts_are_put_together(void **state)
{
    static const char *const typed[] = {"aaa+", "bbb+", "ccc"};
    struct person person = {.answers = typed, .count = 3};
    struct token_answer answer CLEANUP(token_answer_done) = TOKEN_ANSWER;

    (void)state;
    assert_int_equal(run(&person, &answer), ST_OK);
    assert_string_equal(buf_text(&answer.text), "aaabbbccc");
    assert_string_equal(person.asked, "Token: Token, part 2: Token, part 3: ");
}

static void
R116_a_repeated_part_is_refused(void **state)
{
    static const char *const typed[] = {"aaa+", "aaa+", "ccc"};
    struct person person = {.answers = typed, .count = 3};
    struct token_answer answer CLEANUP(token_answer_done) = TOKEN_ANSWER;

    (void)state;
    assert_int_equal(run(&person, &answer), ST_MALFORMED);
}

static void
R116_there_is_an_end_to_parts(void **state)
{
    const char *typed[TOKEN_PARTS_MAX + 1];
    struct token_answer answer CLEANUP(token_answer_done) = TOKEN_ANSWER;

    (void)state;
    for (size_t i = 0; i <= TOKEN_PARTS_MAX; i++) {
        typed[i] = i % 2 == 0 ? "even+" : "odd+";
    }
    struct person person = {.answers = typed, .count = TOKEN_PARTS_MAX + 1};
    assert_int_equal(run(&person, &answer), ST_MALFORMED);
    assert_int_equal(person.given, TOKEN_PARTS_MAX);
}

static void
R32_parts_longer_than_any_token_are_refused(void **state)
{
    char *a = calloc(1, 40000);
    char *b = calloc(1, 40000);
    struct token_answer answer CLEANUP(token_answer_done) = TOKEN_ANSWER;

    (void)state;
    memset(a, 'a', 39998);
    memset(b, 'b', 39998);
    a[39997] = '+';
    const char *const typed[] = {a, b};
    struct person person = {.answers = typed, .count = 2};
    assert_int_equal(run(&person, &answer), ST_MALFORMED);
    free(a);
    free(b);
}

static void
R6_nobody_there_is_a_fault_and_an_empty_answer_stays_empty(void **state)
{
    static const char *const nothing[] = {""};
    struct person silent = {.answers = nothing, .count = 1};
    struct person absent = {.answers = NULL, .count = 0};
    struct token_answer first CLEANUP(token_answer_done) = TOKEN_ANSWER;
    struct token_answer second CLEANUP(token_answer_done) = TOKEN_ANSWER;

    (void)state;
    assert_int_equal(run(&silent, &first), ST_OK);
    assert_int_equal(first.text.length, 0);
    assert_int_equal(run(&absent, &second), ST_CONVERSATION);
}

static void
R115_a_cut_is_suspected_at_the_known_limits_alone(void **state)
{
    static const struct {
        size_t length;
        enum status status;
        bool cut;
    } cases[] = {
        {511, ST_MALFORMED, true},  {1023, ST_SIGNATURE, true},  {4095, ST_MALFORMED, true},
        {510, ST_MALFORMED, false}, {1024, ST_SIGNATURE, false}, {1023, ST_EXPIRED, false},
        {1023, ST_OK, false},       {4096, ST_MALFORMED, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct token_answer answer = TOKEN_ANSWER;
        struct why why = {""};

        answer.last_length = cases[i].length;
        assert_int_equal(token_answer_cut(&answer, cases[i].status), cases[i].cut);
        assert_int_equal(token_answer_explain(&answer, &why), ST_TRUNCATED);
        assert_non_null(strstr(why.sentence, "parts"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_answer_is_the_token_without_its_line_end),
        cmocka_unit_test(R116_parts_are_put_together),
        cmocka_unit_test(R116_a_repeated_part_is_refused),
        cmocka_unit_test(R116_there_is_an_end_to_parts),
        cmocka_unit_test(R32_parts_longer_than_any_token_are_refused),
        cmocka_unit_test(R6_nobody_there_is_a_fault_and_an_empty_answer_stays_empty),
        cmocka_unit_test(R115_a_cut_is_suspected_at_the_known_limits_alone),
    };

    return cmocka_run_group_tests_name("token_prompt", tests, NULL, NULL);
}
