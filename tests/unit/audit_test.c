/* login/audit: the line of DESIGN section 9, field by field, and what never stands in it. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fault.h"
#include "jose/jws.h"
#include "login/audit.h"

struct fixture {
    char *text; /* of the token */
    struct jws *jws;
    struct claims *claims;
    struct log log;
    struct site site;
    struct provider provider;
    struct attempt attempt;
    struct token token;
    struct why why;
    struct audit audit;
    struct buf line; /* what was logged */
    enum log_level level;
    unsigned int lines;
};

static void
keep(void *context, enum log_level level, const char *text)
{
    struct fixture *fixture = context;

    buf_cut(&fixture->line, 0);
    fixture->level = level;
    fixture->lines++;
    /* Where memory has run out, the line is a constant, and short. */
    if (buf_add_text(&fixture->line, text) != ST_OK) {
        fixture->lines = 1000;
    }
}

static void
set_token(struct fixture *fixture, const char *header, const char *payload)
{
    jws_done(&fixture->jws);
    claims_done(&fixture->claims);
    free(fixture->text);
    fixture->text = support_join(header, payload, "sig", 3);
    assert_int_equal(jws_parse(span_of(fixture->text), NULL, &fixture->jws), ST_OK);
    fixture->claims = support_claims(payload);
    fixture->token.jws = fixture->jws;
    fixture->token.claims = fixture->claims;
}

static int
setup(void **state)
{
    static char corp[] = "corp";
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->line = (struct buf)BUF(16384);
    fixture->log = (struct log){.line = keep, .context = fixture};
    fixture->site = (struct site){.log = &fixture->log};
    fixture->provider.name = corp;
    fixture->token = (struct token)TOKEN;
    fixture->token.provider = &fixture->provider;
    set_token(fixture, "{\"alg\":\"RS256\",\"kid\":\"k1\"}",
              "{\"sub\":\"248\",\"jti\":\"a\",\"email\":\"canary@example.org\"}");
    fixture->attempt = (struct attempt){.site = &fixture->site,
                                        .account = "alice",
                                        .service_name = "sshd",
                                        .tty = "",
                                        .rhost = "192.0.2.1",
                                        .started_ms = clock_ms(),
                                        .ref = "7f3akq2m"};
    fixture->audit = (struct audit){.event = "sign_in",
                                    .status = ST_OK,
                                    .method = "token",
                                    .token = &fixture->token,
                                    .rule = "accounts.map:12",
                                    .why = &fixture->why,
                                    .account = AUDIT_ACCOUNT_KNOWN};
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;

    jws_done(&fixture->jws);
    claims_done(&fixture->claims);
    free(fixture->text);
    buf_done(&fixture->line);
    free(fixture);
    return 0;
}

/* The line, with its milliseconds, which are few, made 3. */
static const char *
written(struct fixture *fixture)
{
    fixture->lines = 0;
    audit_write(&fixture->attempt, &fixture->audit);
    assert_int_equal(fixture->lines, 1);
    char *ms = strstr(fixture->line.at, " ms=");
    if (ms != NULL) {
        size_t digits = strspn(ms + 4, "0123456789");
        assert_true(digits > 0 && digits < 5);
        ms[4] = '3';
        memmove(ms + 5, ms + 4 + digits, strlen(ms + 4 + digits) + 1);
    }
    return fixture->line.at;
}

static void
an_accepted_sign_in_has_every_field_but_reason_and_detail(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(
        written(fixture),
        "event=sign_in v=1 verdict=accepted provider=corp sub=\"248\" account=alice "
        "service=sshd method=token alg=RS256 kid=\"k1\" rule=accounts.map:12 "
        "rhost=192.0.2.1 jti=ca978112 ms=3 ref=7f3akq2m");
    assert_int_equal(fixture->level, LOG_LEVEL_INFO);
}

static void
a_refusal_has_them_all_in_their_order(void **state)
{
    struct fixture *fixture = *state;
    size_t at = 0;

    fixture->audit.status = ST_AUDIENCE;
    (void)status_because(&fixture->why, ST_AUDIENCE, "it is for \"x\"");
    const char *line = written(fixture);
    assert_int_equal(fixture->level, LOG_LEVEL_NOTICE);
    assert_non_null(strstr(line, " verdict=refused reason=audience "));
    assert_non_null(strstr(line, " ref=7f3akq2m detail=\"it is for \\x22x\\x22\""));
    /* The table that pam-oauth why reads with is the one that was written with. */
    for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++) {
        char *key = support_text("%s%s=", i > 0 ? " " : "", audit_field_names[i]);
        const char *found = strstr(line + at, key);
        if (found == NULL) {
            fail_msg("%s does not follow in: %s", key, line);
        }
        at = (size_t)(found - line) + 1;
        free(key);
    }
    fixture->audit.status = ST_PROVIDER;
    assert_non_null(strstr(written(fixture), " verdict=failed reason=provider "));
    assert_int_equal(fixture->level, LOG_LEVEL_ERROR);
}

static void
what_is_not_known_is_left_out(void **state)
{
    struct fixture *fixture = *state;

    fixture->audit =
        (struct audit){.event = "sign_in", .status = ST_CONFIG, .rule = "", .why = &fixture->why};
    fixture->attempt.rhost = "";
    fixture->attempt.service_name = "";
    assert_string_equal(written(fixture), "event=sign_in v=1 verdict=failed reason=config ms=3 "
                                          "ref=7f3akq2m detail=\"\"");
    /* A token that got nowhere, or not far. */
    struct token none = TOKEN;
    fixture->audit.token = &none;
    fixture->audit.status = ST_OK;
    assert_string_equal(written(fixture), "event=sign_in v=1 verdict=accepted ms=3 ref=7f3akq2m");
    set_token(fixture, "{\"alg\":\"ES256\"}", "{\"sub\":7}");
    fixture->audit.token = &fixture->token;
    assert_string_equal(written(fixture), "event=sign_in v=1 verdict=accepted provider=corp "
                                          "alg=ES256 ms=3 ref=7f3akq2m");
}

static void
an_unknown_user_is_not_written_down_R95(void **state)
{
    struct fixture *fixture = *state;

    fixture->audit.account = AUDIT_ACCOUNT_UNKNOWN;
    fixture->attempt.account = "hunter2";
    const char *line = written(fixture);
    assert_non_null(strstr(line, " account=\"unknown user\" "));
    assert_null(strstr(line, "hunter2"));
    fixture->audit.account = AUDIT_ACCOUNT_NOT_ASKED;
    assert_null(strstr(written(fixture), "account="));
}

static void
no_claim_but_sub_is_written_down_R94(void **state)
{
    struct fixture *fixture = *state;

    fixture->audit.status = ST_REQUIREMENT;
    const char *line = written(fixture);
    assert_null(strstr(line, "canary"));
    assert_null(strstr(line, fixture->text));
    assert_null(strstr(line, strchr(fixture->text, '.')));
}

static void
foreign_text_makes_no_second_line_and_no_second_field_E68_R93(void **state)
{
    static const struct {
        const char *account;
        const char *field;
    } rows[] = {
        {"a\nb", " account=\"a\\x0ab\" "},
        {"%s%n", " account=%s%n "},
        {"\033[2J", " account=\"\\x1b[2J\" "},
        {"a b", " account=\"a b\" "},
        {"x verdict=accepted", " account=\"x verdict=accepted\" "},
        {"a=b", " account=\"a=b\" "},
        {"a\"b\\", " account=\"a\\x22b\\x5c\" "},
        {"\xc3\xa4", " account=\"\\xc3\\xa4\" "},
    };
    struct fixture *fixture = *state;
    char *large = malloc(10241);

    assert_non_null(large);
    for (size_t i = 0; i < COUNT(rows); i++) {
        fixture->attempt.account = rows[i].account;
        if (strstr(written(fixture), rows[i].field) == NULL) {
            fail_msg("%s is not in: %s", rows[i].field, fixture->line.at);
        }
    }
    memset(large, '\n', 10240);
    large[10240] = '\0';
    fixture->attempt.account = large;
    fixture->attempt.rhost = large;
    fixture->attempt.service_name = large;
    fixture->audit.method = large;
    fixture->audit.status = ST_ACCOUNT;
    memset(fixture->why.sentence, '"', sizeof(fixture->why.sentence) - 1);
    const char *line = written(fixture);
    assert_null(strchr(line, '\n'));
    assert_true(strlen(line) < 8192);
    assert_non_null(strstr(line, "...\""));
    free(large);
}

static enum status
write_again(void *world)
{
    struct fixture *fixture = world;

    audit_write(&fixture->attempt, &fixture->audit);
    /* Whole, or a line that says why it is not. */
    return strstr(buf_text(&fixture->line), " reason=memory") == NULL ? ST_OK : ST_MEMORY;
}

static void
there_is_a_line_where_memory_runs_out_E69(void **state)
{
    struct fixture *fixture = *state;

    fixture->audit.status = ST_AUDIENCE;
    (void)buf_reserve(&fixture->line, 16000);
    assert_true(fault_each(write_again, fixture) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_accepted_sign_in_has_every_field_but_reason_and_detail),
        TEST(a_refusal_has_them_all_in_their_order),
        TEST(what_is_not_known_is_left_out),
        TEST(an_unknown_user_is_not_written_down_R95),
        TEST(no_claim_but_sub_is_written_down_R94),
        TEST(foreign_text_makes_no_second_line_and_no_second_field_E68_R93),
        TEST(there_is_a_line_where_memory_runs_out_E69),
    };

    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
