/*
 * fetcher/resp: of all that a server can say to a claim two answers count, and until one of them is
 * there whole nobody knows (R57, E29).
 */
#include "support.h"

#include <string.h>

#include "base/text.h"
#include "fetcher/resp.h"

static enum resp
say(struct span text, size_t count)
{
    struct why why = {""};
    enum resp answer = resp_answers(text, count, &why);

    assert_int_equal(answer == RESP_BAD, why.sentence[0] != '\0');
    assert_true(text_is_printable(span_of(why.sentence)));
    return answer;
}

static void
two_answers_and_no_others_R57_E29(void **state)
{
    static const char *const bad[] = {"+ok\r\n",
                                      "+OK\n",
                                      "+OK \r\n",
                                      "+OKAY\r\n",
                                      "OK\r\n",
                                      "+QUEUED\r\n",
                                      ":1\r\n",
                                      "$0\r\n\r\n",
                                      "$2\r\nOK\r\n",
                                      "$-10\r\n",
                                      "$-2\r\n",
                                      "$536870912\r\n",
                                      "*-1\r\n",
                                      "*0\r\n",
                                      "_\r\n",
                                      "#t\r\n",
                                      "\r\n",
                                      " +OK\r\n",
                                      "HTTP/1.1 200 OK\r\n\r\n",
                                      "\xff",
                                      "x",
                                      "+OK\r\n+OK\r\n",
                                      "+OK\r\nx",
                                      "$-1\r\n\n",
                                      "-\r\n",
                                      "-ERR x\r\n",
                                      "+OK\r\n-ERR\r\n"};
    (void)state;

    assert_int_equal(say(span_of("+OK\r\n"), 1), RESP_OK);
    assert_int_equal(say(span_of("$-1\r\n"), 1), RESP_NIL);
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (say(span_of(bad[i]), 1) != RESP_BAD) {
            fail_msg("%s", bad[i]);
        }
    }
    assert_int_equal(say((struct span){"+OK\r\n\0", 6}, 1), RESP_BAD);
    assert_int_equal(say((struct span){"+\0K\r\n", 5}, 1), RESP_BAD);
}

static void
until_the_last_byte_nobody_knows_R57_E29(void **state)
{
    static const char *const whole[] = {"+OK\r\n", "$-1\r\n", "-WRONGPASS no\r\n"};
    (void)state;

    for (size_t i = 0; i < COUNT(whole); i++) {
        for (size_t length = 0; length < strlen(whole[i]); length++) {
            assert_int_equal(say((struct span){whole[i], length}, 1), RESP_MORE);
        }
        assert_int_not_equal(say(span_of(whole[i]), 1), RESP_MORE);
    }
    assert_int_equal(say((struct span){NULL, 0}, 1), RESP_MORE);
}

static void
every_command_before_the_last_must_be_ok_R57_E29(void **state)
{
    (void)state;
    assert_int_equal(say(span_of("+OK\r\n"), 2), RESP_MORE);
    assert_int_equal(say(span_of("+OK\r\n+OK\r"), 2), RESP_MORE);
    assert_int_equal(say(span_of("+OK\r\n+OK\r\n"), 2), RESP_OK);
    assert_int_equal(say(span_of("+OK\r\n$-1\r\n"), 2), RESP_NIL);
    assert_int_equal(say(span_of("$-1\r\n+OK\r\n"), 2), RESP_BAD);
    assert_int_equal(say(span_of("$-1\r\n"), 2), RESP_BAD);
    assert_int_equal(say(span_of("-ERR\r\n+OK\r\n"), 2), RESP_BAD);
    assert_int_equal(say(span_of("+OK\r\n+OK\r\n+OK\r\n"), 2), RESP_BAD);
}

/* Redis says again what it does not understand. */
static void
of_an_error_its_first_word_is_told_R95(void **state)
{
    static const struct {
        const char *error;
        const char *said;
    } rows[] = {
        {"-WRONGPASS invalid username-password pair\r\n", "it answers with the error WRONGPASS"},
        {"-ERR unknown command 'AUTH', with args: 'secret'\r\n", "it answers with the error ERR"},
        {"-secret\r\n", "it answers with the error ?"},
        {"-\x1b[2J\r\n", "it answers with the error ?"},
        {"-ABCDEFGHIJKLMNOPQRSTUVWX is 24 letters\r\n",
         "it answers with the error ABCDEFGHIJKLMNOPQRSTUVWX"},
        {"-ABCDEFGHIJKLMNOPQRSTUVWXY is 25 letters\r\n", "it answers with the error ?"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        assert_int_equal(resp_answers(span_of(rows[i].error), 1, &why), RESP_BAD);
        assert_string_equal(why.sentence, rows[i].said);
    }
}

static void
an_error_without_an_end_is_not_waited_for_E29(void **state)
{
    char endless[RESP_ERROR_MAX];
    (void)state;

    memset(endless, 'E', sizeof(endless));
    endless[0] = '-';
    assert_int_equal(say((struct span){endless, sizeof(endless) - 1}, 1), RESP_MORE);
    assert_int_equal(say((struct span){endless, sizeof(endless)}, 1), RESP_BAD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_answers_and_no_others_R57_E29),
        cmocka_unit_test(until_the_last_byte_nobody_knows_R57_E29),
        cmocka_unit_test(every_command_before_the_last_must_be_ok_R57_E29),
        cmocka_unit_test(of_an_error_its_first_word_is_told_R95),
        cmocka_unit_test(an_error_without_an_end_is_not_waited_for_E29),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
