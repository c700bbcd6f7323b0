#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "policy/requirement.h"

#define NOW 1700000000

/* Parses one `require` line and checks claims against it. */
static enum status
require(const char *text, const char *payload, const char *account, struct why *why)
{
    struct place place = {.file = "pam_oauth.conf", .line = 7};
    struct requirement *requirement = NULL;
    struct claims *claims = support_claims(payload);
    struct service service = {.requirement_count = 1};
    enum status status = requirement_parse(place, text, why, &requirement);

    service.requirements = &requirement;
    if (status == ST_OK) {
        status = requirement_check(&service, claims, account, "db-1", NOW, why);
    }
    requirement_done(&requirement);
    claims_done(&claims);
    return status;
}

static const char person[] =
    "{\"groups\":[\"ops\",\"Linux Users\"],\"acr\":\"phr\",\"amr\":[\"pwd\","
    "\"hwk\"],\"n\":3,\"ok\":true,\"pct\":\"50%\",\"quote\":\"a\\\"b\\\\c\","
    "\"hosts\":[\"on-db-1\"],\"preferred_username\":\"alice\","
    "\"email\":\"alice@example.org\",\"a b\":\"c d\",\"star\":\"*\"}";

static void
conditions_are_joined_by_and_and_or_R59(void **state)
{
    static const struct {
        const char *text;
        enum status status;
    } rows[] = {
        {"groups=ops", ST_OK},
        {"groups=other", ST_REQUIREMENT},
        {"groups=\"Linux Users\"", ST_OK},
        {"groups=other or groups=ops", ST_OK},
        {"groups=ops and acr=phr", ST_OK},
        {"groups=ops and acr=phrh", ST_REQUIREMENT},
        {"acr=phr or acr=phrh", ST_OK},
        /* and binds tighter */
        {"groups=ops or groups=x and acr=no", ST_OK},
        {"groups=x and acr=phr or groups=y", ST_REQUIREMENT},
        {"groups=x and acr=phr or groups=ops", ST_OK},
        {"groups=ops and acr=no or amr=hwk and n=3", ST_OK},
        {"groups=ops and acr=no or amr=hwk and n=4", ST_REQUIREMENT},
        {"groups=ops and acr=no or amr=hwk and n=4 or ok=true", ST_OK},
        {"missing=x", ST_REQUIREMENT},
        {"missing=x or missing=y", ST_REQUIREMENT},
        {"  groups=ops \t and\tacr=phr  ", ST_OK},
        {"quote=\"a\\\"b\\\\c\"", ST_OK},
        {"\"a b\"=\"c d\"", ST_OK},
        {"amr=h*", ST_OK},
        {"star=\"*\"", ST_OK},
        {"acr=\"*\"", ST_REQUIREMENT},
        {"pct=50%%", ST_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        enum status status = require(rows[i].text, person, "alice", &why);
        if (status != rows[i].status) {
            fail_msg("%s: %s: %s", rows[i].text, status_word(status), why.sentence);
        }
    }
}

static void
bad_lines_are_refused_with_a_reason_R12(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } rows[] = {
        {"", "a condition is missing"},
        {"   ", "a condition is missing"},
        {"groups", "'groups' is not a condition"},
        {"groups =ops", "'groups' is not a condition"},
        {"groups= ops", "'groups=' has no value"},
        {"groups=", "'groups=' has no value"},
        {"groups=\"\"", "'groups=' has no value"},
        {"=ops", "without a claim name"},
        {"\"\"=ops", "without a claim name"},
        {"groups=ops groups=x", "where 'and' or 'or' must stand"},
        {"groups=ops AND acr=phr", "where 'and' or 'or' must stand"},
        {"groups=ops and", "a condition is missing"},
        {"groups=ops or", "a condition is missing"},
        {"and groups=ops", "'and' is not a condition"},
        {"groups=ops and or acr=x", "'or' is not a condition"},
        {"groups=\"ops", "not closed"},
        {"groups=\"ops\\", "not followed by"},
        {"groups=\"o\\ps\"", "not followed by"},
        {"groups=\"ops\"x", "right behind a closing quote"},
        {"groups=o\"ps\"", "in the middle of a word"},
        {"\"groups\"ops", "is not a condition"},
        {"groups=a*b*", "more than one '*'"},
        {"groups=%x", "only %h"},
        {"groups=%", "only %h"},
        {"groups=%h*", "not both"},
        {"groups=\"%d\"", "only %h"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        assert_int_equal(require(rows[i].text, person, "alice", &why), ST_CONFIG);
        if (strstr(why.sentence, rows[i].reason) == NULL) {
            fail_msg("%s: %s", rows[i].text, why.sentence);
        }
    }
}

static void
host_and_account_are_filled_in_and_never_become_a_pattern(void **state)
{
    struct why why = {""};

    (void)state;
    assert_int_equal(require("hosts=on-%h", person, "alice", &why), ST_OK);
    assert_int_equal(require("hosts=%h", person, "alice", &why), ST_REQUIREMENT);
    assert_int_equal(require("preferred_username=%u", person, "alice", &why), ST_OK);
    assert_int_equal(require("preferred_username=\"%u\"", person, "alice", &why), ST_OK);
    assert_int_equal(require("preferred_username=%u", person, "Alice", &why), ST_REQUIREMENT);
    /* An account named `*` (or `%h`) is text and nothing else. */
    assert_int_equal(require("preferred_username=%u", person, "*", &why), ST_REQUIREMENT);
    assert_int_equal(require("hosts=on-%u", person, "%h", &why), ST_REQUIREMENT);
    assert_int_equal(require("star=%u", person, "*", &why), ST_OK);
    assert_int_equal(require("preferred_username=%u", person, "", &why), ST_REQUIREMENT);
}

/* There is room for 16 KiB where something is filled in; where nothing is, none is needed. */
static void
a_long_value_takes_no_memory(void **state)
{
    char *plain = support_text("acr=%017000d or acr=phr", 0);
    char *filled = support_text("acr=%017000d%%h or acr=phr", 0);
    struct why why = {""};

    (void)state;
    assert_int_equal(require(plain, person, "alice", &why), ST_OK);
    assert_int_equal(require(filled, person, "alice", &why), ST_MEMORY);
    free(plain);
    free(filled);
}

/* What every token says is no requirement; one way of several that everybody has opens them all. */
static void
it_is_known_what_turns_nobody_away(void **state)
{
    static const struct {
        const char *text;
        bool nobody;
    } rows[] = {
        {"sub=*", true},
        {"iss=*", true},
        {"aud=*", true},
        {"scope=openid", true},
        {"scp=profile", true},
        {"groups=ops or sub=*", true},
        {"sub=* or groups=ops", true},
        {"sub=* and scope=openid", true},
        {"groups=ops and acr=phr or iss=* and aud=*", true},
        {"sub=a*", false},
        {"sub=\"*\"", false},
        {"sub=x", false},
        {"email=*", false},
        {"scope=admin", false},
        {"sub=* and groups=ops", false},
        {"groups=ops and sub=*", false},
        {"groups=ops or sub=* and acr=phr", false},
        {"sub=* and acr=phr or groups=ops", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct place place = {.file = "pam_oauth.conf", .line = 7};
        struct requirement *requirement CLEANUP(requirement_done) = NULL;
        assert_int_equal(requirement_parse(place, rows[i].text, NULL, &requirement), ST_OK);
        if (requirement_turns_nobody_away(requirement) != rows[i].nobody) {
            fail_msg("%s", rows[i].text);
        }
    }
}

static void
the_sentence_names_the_line_and_the_overage_R26_E24(void **state)
{
    struct why why = {""};

    (void)state;
    assert_int_equal(require("groups=admins", person, "alice", &why), ST_REQUIREMENT);
    assert_non_null(strstr(why.sentence, "pam_oauth.conf:7:"));
    assert_non_null(strstr(why.sentence, "'require = groups=admins'"));
    assert_null(strstr(why.sentence, "too many groups"));

    static const char *const overage[] = {
        "{\"_claim_names\":{\"groups\":\"src1\"},\"_claim_sources\":{\"src1\":{\"endpoint\":\"x\"}}"
        "}",
        "{\"hasgroups\":true}",
    };
    for (size_t i = 0; i < COUNT(overage); i++) {
        assert_int_equal(require("groups=admins", overage[i], "alice", &why), ST_REQUIREMENT);
        assert_non_null(strstr(why.sentence, "too many groups"));
    }
    /* One string that lists several is none of them (E24). */
    assert_int_equal(require("groups=ops", "{\"groups\":\"ops,admins\"}", "alice", &why),
                     ST_REQUIREMENT);
}

static void
an_unverified_email_meets_nothing_R18_E22(void **state)
{
    static const char *const unverified[] = {
        "{\"email\":\"alice@example.org\"}",
        "{\"email\":\"alice@example.org\",\"email_verified\":false}",
        "{\"email\":\"alice@example.org\",\"email_verified\":\"true\"}",
        "{\"email\":\"alice@example.org\",\"email_verified\":1}",
        "{\"email\":\"alice@example.org\",\"email_verified\":null}",
    };
    struct why why = {""};

    (void)state;
    for (size_t i = 0; i < COUNT(unverified); i++) {
        assert_int_equal(require("email=*@example.org", unverified[i], "alice", &why),
                         ST_REQUIREMENT);
    }
    assert_int_equal(require("email=*@example.org",
                             "{\"email\":\"alice@example.org\",\"email_verified\":true}", "alice",
                             &why),
                     ST_OK);
}

static enum status
check_auth_time(const char *payload, int64_t max_auth_age_s, struct why *why)
{
    struct service service = {.max_auth_age_s = max_auth_age_s};
    struct claims *claims = support_claims(payload);

    *why = (struct why){""};
    enum status status = requirement_check(&service, claims, "alice", "db-1", NOW, why);
    assert_true((status == ST_OK) == (why->sentence[0] == '\0'));
    claims_done(&claims);
    return status;
}

static void
auth_time_is_present_numeric_past_and_recent_R59_E27(void **state)
{
    static const struct {
        const char *auth_time;
        const char *reason; /* NULL: recent */
    } rows[] = {
        {"1699999990", NULL},
        {"1699999990.5", NULL},
        {"1700000000", NULL},
        {"1700000030", NULL}, /* within the skew */
        {"1700000031", "31 s in the future"},
        {"1699999670", NULL}, /* 300 s and the skew */
        {"1699999669", "331 s ago; at most 300 s"},
        {"\"1699999990\"", "is not a time"},
        {"true", "is not a time"},
        {"null", "is not a time"},
        {"[1699999990]", "is not a time"},
        {"0", "is not a time"},
        {"-1", "is not a time"},
        {"1e300", "is not a time"},
        {"9223372036854775807", "is not a time"},
    };
    struct why why;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *payload = support_text("{\"auth_time\":%s}", rows[i].auth_time);
        enum status status = check_auth_time(payload, 300, &why);
        if (status != (rows[i].reason == NULL ? ST_OK : ST_REQUIREMENT) ||
            (rows[i].reason != NULL && strstr(why.sentence, rows[i].reason) == NULL)) {
            fail_msg("auth_time %s: %s: %s", rows[i].auth_time, status_word(status), why.sentence);
        }
        free(payload);
    }
    assert_int_equal(check_auth_time("{}", 300, &why), ST_REQUIREMENT);
    assert_non_null(strstr(why.sentence, "has no auth_time"));
    assert_int_equal(check_auth_time("{}", 0, &why), ST_OK);
}

static void
every_line_must_hold(void **state)
{
    struct place place = {.file = "f", .line = 1};
    struct requirement *both[2] = {NULL, NULL};
    struct claims *claims = support_claims(person);
    struct service service = {.requirements = both, .requirement_count = 2};
    struct why why = {""};

    (void)state;
    assert_int_equal(requirement_parse(place, "groups=ops", &why, &both[0]), ST_OK);
    assert_int_equal(requirement_parse(place, "acr=other", &why, &both[1]), ST_OK);
    assert_int_equal(requirement_check(&service, claims, "a", "h", NOW, &why), ST_REQUIREMENT);
    service.requirement_count = 1;
    assert_int_equal(requirement_check(&service, claims, "a", "h", NOW, &why), ST_OK);
    service.requirement_count = 0;
    assert_int_equal(requirement_check(&service, claims, "a", "h", NOW, &why), ST_OK);
    requirement_done(&both[0]);
    requirement_done(&both[1]);
    requirement_done(&both[1]);
    claims_done(&claims);
}

/* ---- memory --------------------------------------------------------------------------------- */

struct wanted {
    char *text;
    struct claims *claims;
};

static enum status
parse_and_check(void *world)
{
    const struct wanted *wanted = world;
    struct requirement *requirement CLEANUP(requirement_done) = NULL;
    struct place place = {.file = "pam_oauth.conf", .line = 7};
    struct service service = {.requirement_count = 1};
    struct why why = {""};
    enum status status = requirement_parse(place, wanted->text, &why, &requirement);

    assert_int_equal(requirement != NULL, status == ST_OK);
    TRY(status);
    service.requirements = &requirement;
    return requirement_check(&service, wanted->claims, "alice", "db-1", NOW, &why);
}

/* Values of all lengths, so that there is one to need more memory at each of their pieces. */
static void
E69_no_requirement_is_met_where_memory_runs_out(void **state)
{
    (void)state;
    for (size_t length = 240; length < 260; length++) {
        char filler[261];
        memset(filler, 'x', length);
        filler[length] = '\0';
        char *payload = support_text("{\"a\":\"%s%%db-1alice.\",\"b\":\"c\"}", filler);
        struct wanted wanted = {
            .text = support_text("b=x or b=c and a=%s%%%%%%h%%u. or b=y and b=z", filler),
            .claims = support_claims(payload)};
        assert_true(fault_each(parse_and_check, &wanted) > 6);
        claims_done(&wanted.claims);
        free(wanted.text);
        free(payload);
    }
}

static void
a_requirement_says_where_it_stands_and_what_it_looks_at(void **state)
{
    struct place place = {.file = "pam_oauth.conf", .line = 7};
    struct requirement *requirement CLEANUP(requirement_done) = NULL;
    struct why why = {""};

    (void)state;
    assert_int_equal(
        requirement_parse(place, "\"a b\"=\"c\" and acr=phr or n=3", &why, &requirement), ST_OK);
    assert_string_equal(requirement_place(requirement).file, "pam_oauth.conf");
    assert_int_equal(requirement_place(requirement).line, 7);
    assert_string_equal(requirement_said(requirement), "\"a b\"=\"c\" and acr=phr or n=3");
    assert_true(span_is(requirement_claim(requirement, 0), "a b"));
    assert_true(span_is(requirement_claim(requirement, 1), "acr"));
    assert_true(span_is(requirement_claim(requirement, 2), "n"));
    assert_int_equal(requirement_claim(requirement, 3).length, 0);
    assert_true(span_is(requirement_value(requirement, 0), "c"));
    requirement_done(&requirement);
    assert_int_equal(requirement_parse(place, "acr=ph* or acr=%u", &why, &requirement), ST_OK);
    assert_int_equal(requirement_value(requirement, 0).length, 0);
    assert_int_equal(requirement_value(requirement, 1).length, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_are_joined_by_and_and_or_R59),
        cmocka_unit_test(bad_lines_are_refused_with_a_reason_R12),
        cmocka_unit_test(host_and_account_are_filled_in_and_never_become_a_pattern),
        cmocka_unit_test(a_long_value_takes_no_memory),
        cmocka_unit_test(it_is_known_what_turns_nobody_away),
        cmocka_unit_test(the_sentence_names_the_line_and_the_overage_R26_E24),
        cmocka_unit_test(an_unverified_email_meets_nothing_R18_E22),
        cmocka_unit_test(auth_time_is_present_numeric_past_and_recent_R59_E27),
        cmocka_unit_test(every_line_must_hold),
        cmocka_unit_test(E69_no_requirement_is_met_where_memory_runs_out),
        cmocka_unit_test(a_requirement_says_where_it_stands_and_what_it_looks_at),
    };

    return cmocka_run_group_tests_name("requirement", tests, NULL, NULL);
}
