/* All maps from end to end, and whom a rule is about: what pam-oauth check and who-can stand on. */
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "policy/map/maps.h"
#include "policy/map/rule.h"

static const char configuration[] = "[provider corp]\n"
                                    "issuer = https://sso.example.org\n"
                                    "audience = %h\n"
                                    "stable_claims = oid\n"
                                    "mutable_claims = yes\n"
                                    "[provider ci]\n"
                                    "issuer = https://ci.example.org\n"
                                    "audience = %h\n"
                                    "kind = workload\n";

struct fixture {
    char *directory;
    struct config *config;
    struct buf seen;
    enum status answer; /* to every line */
};

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct findings findings = FINDINGS;

    assert_non_null(fixture);
    fixture->directory = support_directory();
    fixture->seen = (struct buf)BUF(65536);
    support_write(fixture->directory, "pam_oauth.conf", configuration);
    char *path = support_text("%s/pam_oauth.conf", fixture->directory);
    assert_int_equal(config_load(path, getuid(), "db-1", &findings, &fixture->config), ST_OK);
    free(path);
    findings_done(&findings);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;

    config_done(&fixture->config);
    buf_done(&fixture->seen);
    support_remove(fixture->directory);
    free(fixture);
    return 0;
}

static const char *
last_name(const char *path)
{
    return strrchr(path, '/') + 1;
}

static enum status
see_line(void *context, struct place place, struct span text)
{
    struct fixture *fixture = context;

    TRY(buf_printf(&fixture->seen, "%s:%u:%.*s|", last_name(place.file), place.line,
                   SPAN_ARGS(text)));
    return fixture->answer;
}

static enum status
see_broken(void *context, const char *path, const struct why *why)
{
    struct fixture *fixture = context;

    assert_true(why->sentence[0] != '\0');
    return buf_printf(&fixture->seen, "%s is broken|", last_name(path));
}

static enum status
walk(void *world)
{
    struct fixture *fixture = world;
    struct maps_visitor visitor = {.line = see_line, .broken = see_broken, .context = fixture};

    buf_cut(&fixture->seen, 0);
    return maps_walk(fixture->config, getuid(), &visitor);
}

static void
directory(const struct fixture *fixture, const char *name, mode_t mode)
{
    char *path = support_text("%s/%s", fixture->directory, name);

    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

static void
every_line_of_every_map_is_seen(void **state)
{
    struct fixture *fixture = *state;

    support_write(fixture->directory, "accounts.map", "# a\n\n  \ncorp sub=1 -> alice\nlast");
    directory(fixture, "accounts.d", 0755);
    support_write(fixture->directory, "accounts.d/b.map", "!corp sub=2\n");
    assert_int_equal(walk(fixture), ST_OK);
    assert_string_equal(buf_text(&fixture->seen),
                        "accounts.map:1:# a|accounts.map:4:corp sub=1 -> alice|accounts.map:5:last|"
                        "b.map:1:!corp sub=2|");
}

static void
the_visitor_ends_the_walk(void **state)
{
    struct fixture *fixture = *state;

    support_write(fixture->directory, "accounts.map", "a\nb\n");
    fixture->answer = ST_INTERNAL;
    assert_int_equal(walk(fixture), ST_INTERNAL);
    assert_string_equal(buf_text(&fixture->seen), "accounts.map:1:a|");
}

static void
a_map_that_cannot_be_read_is_told_and_the_others_go_on_R111_E63(void **state)
{
    struct fixture *fixture = *state;
    char *line = malloc(80000);

    assert_non_null(line);
    memset(line, 'x', 79999);
    line[79999] = '\0';
    directory(fixture, "accounts.d", 0755);
    support_write(fixture->directory, "accounts.d/a.map", line);
    support_write(fixture->directory, "accounts.d/b.map", "b\n");
    free(line);
    assert_int_equal(walk(fixture), ST_OK);
    assert_string_equal(buf_text(&fixture->seen),
                        "accounts.map is broken|a.map is broken|b.map:1:b|");
}

static void
a_directory_that_others_may_write_is_told_R111_E63(void **state)
{
    struct fixture *fixture = *state;

    support_write(fixture->directory, "accounts.map", "a\n");
    directory(fixture, "accounts.d", 0777);
    assert_int_equal(walk(fixture), ST_OK);
    assert_non_null(strstr(buf_text(&fixture->seen), "accounts.map is broken|"));
}

static void
memory_runs_out_E69(void **state)
{
    struct fixture *fixture = *state;

    support_write(fixture->directory, "accounts.map", "a\n");
    assert_true(fault_each(walk, fixture) > 3);
}

static void
whom_a_rule_is_about(void **state)
{
    static const struct {
        const char *provider;
        const char *line;
        enum rule_subject subject;
    } rows[] = {
        {"corp", "corp sub=1 -> alice", RULE_ONE},
        {"corp", "corp oid=1 and groups=a -> alice", RULE_ONE},
        {"corp", "corp groups=a and email=b -> alice", RULE_CHANGEABLE},
        {"corp", "corp email=b and groups=a -> alice", RULE_CHANGEABLE},
        {"corp", "corp groups=a and acr=b -> alice", RULE_SHARED},
        {"corp", "corp sub=* -> *", RULE_ANY_ACCOUNT},
        {"ci", "ci repository_id=1 and ref=x -> alice", RULE_ONE},
    };
    struct fixture *fixture = *state;
    struct buf copy = BUF(RULE_LENGTH_MAX);
    struct rule rule;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct provider *provider = config_provider(fixture->config, rows[i].provider);
        assert_int_equal(rule_read(span_of(rows[i].line), &copy, NULL, &rule), ST_OK);
        assert_int_equal(rule_permitted(&rule, provider, NULL), ST_OK);
        assert_int_equal(rule_subject(&rule, provider), rows[i].subject);
        assert_true(rule_is_for_host(&rule, "db-1"));
    }
    assert_int_equal(rule_read(span_of("corp sub=1 -> alice host=web-*"), &copy, NULL, &rule),
                     ST_OK);
    assert_true(rule_is_for_host(&rule, "web-7"));
    assert_false(rule_is_for_host(&rule, "db-1"));
    buf_done(&copy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_line_of_every_map_is_seen),
        TEST(the_visitor_ends_the_walk),
        TEST(a_map_that_cannot_be_read_is_told_and_the_others_go_on_R111_E63),
        TEST(a_directory_that_others_may_write_is_told_R111_E63),
        TEST(memory_runs_out_E69),
        TEST(whom_a_rule_is_about),
    };

    return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
