/*
 * login/recent/remember and login/recent/recent, and the fingerprint of a policy that they stand
 * on: what is remembered of a sign-in that was accepted, and everything that makes it count for
 * nothing (DESIGN section 7). A real configuration, real maps, claims of real tokens.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "fault.h"
#include "login/recent/recent.h"
#include "login/recent/remember.h"

#define INFO "publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="
#define PAYLOAD "{\"sub\":\"248\",\"auth_time\":%lld}"

static const char configuration[] = "[provider corp]\n"
                                    "issuer = https://sso.example.org\n"
                                    "audience = ssh://%%h\n"
                                    "[provider other]\n"
                                    "issuer = https://other.example.org\n"
                                    "audience = b\n"
                                    "[service sshd sshd-inside]\n"
                                    "providers = corp\n"
                                    "methods = token\n"
                                    "%s"
                                    "[service sudo]\n"
                                    "providers = corp\n"
                                    "methods = token\n"
                                    "[paths]\n"
                                    "run = %s/run\n";

struct fixture {
    char *directory;
    struct findings findings;
    struct config *config;
    struct site site;
    struct log log;
    struct conversation talk;
    struct attempt attempt;
    char logged[1024];
    char told[1024];
};

/* The last line that was logged above debug, or a line of debug. */
static void
log_line(void *context, enum log_level level, const char *text)
{
    struct fixture *fixture = context;

    (void)snprintf(fixture->logged, sizeof(fixture->logged), "%d %s", (int)level, text);
}

static enum status
tell(void *context, const char *text)
{
    struct fixture *fixture = context;

    (void)snprintf(fixture->told, sizeof(fixture->told), "%s", text);
    return ST_OK;
}

static void
configure(struct fixture *fixture, const char *more)
{
    char *text = support_text(configuration, more, fixture->directory);
    char *path = support_text("%s/pam_oauth.conf", fixture->directory);

    config_done(&fixture->config);
    findings_done(&fixture->findings);
    support_write(fixture->directory, "pam_oauth.conf", text);
    if (config_load(path, geteuid(), fixture->site.host, &fixture->findings, &fixture->config) !=
        ST_OK) {
        fail_msg("%s", buf_text(&fixture->findings.lines));
    }
    fixture->site.config = fixture->config;
    fixture->attempt.service = config_service(fixture->config, fixture->attempt.service_name);
    free(text);
    free(path);
}

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->directory = support_directory();
    fixture->findings = (struct findings)FINDINGS;
    fixture->log = (struct log){.line = log_line, .context = fixture};
    fixture->talk = (struct conversation){.tell = tell, .context = fixture};
    fixture->site = (struct site){.host = "db-1", .owner = geteuid(), .log = &fixture->log};
    fixture->attempt = (struct attempt){.site = &fixture->site,
                                        .account = "nobody",
                                        .service_name = "sshd",
                                        .tty = "ssh",
                                        .rhost = "192.0.2.1",
                                        .ssh_auth_info = INFO,
                                        .talk = &fixture->talk,
                                        .ref = "abcdefgh"};
    support_write(fixture->directory, "accounts.map", "corp sub=248 -> nobody\n");
    configure(fixture, "remember = 1h\n");
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;

    config_done(&fixture->config);
    findings_done(&fixture->findings);
    support_remove(fixture->directory);
    free(fixture);
    return 0;
}

/* A sign-in as signin.c does it from the map on: searched, and written down. */
static enum status
sign_in(struct fixture *fixture, struct claims *claims)
{
    struct fingerprint fingerprint CLEANUP(fingerprint_done) = FINGERPRINT;
    struct accounts_rule rule = {""};
    struct token token = TOKEN;
    struct why why = {""};
    struct accounts_query query = {
        .config = fixture->config,
        .provider = config_provider(fixture->config, "corp"),
        .claims = claims,
        .account = fixture->attempt.account,
        .service = fixture->attempt.service_name,
        .host = fixture->site.host,
        .owner = geteuid(),
        .fingerprint = remember_wants(&fixture->attempt) ? &fingerprint : NULL,
    };
    struct remember_source source = {.token = &token, .rule = &rule, .fingerprint = &fingerprint};

    TRY(accounts_search(&query, &why, &rule));
    token.provider = query.provider;
    token.claims = claims;
    remember_store(&fixture->attempt, &source);
    return ST_OK;
}

static void
sign_in_now(struct fixture *fixture)
{
    struct why why = {""};
    int64_t now_s;

    assert_int_equal(clock_wall_s(&why, &now_s), ST_OK);
    char *payload = support_text(PAYLOAD, (long long)now_s);
    struct claims *claims = support_claims(payload);
    fixture->logged[0] = '\0';
    assert_int_equal(sign_in(fixture, claims), ST_OK);
    claims_done(&claims);
    free(payload);
}

static enum status
recall(struct fixture *fixture)
{
    struct remembered remembered CLEANUP(remembered_done) = REMEMBERED;
    struct why why = {""};

    enum status status = remember_recall(&fixture->attempt, &why, &remembered);
    assert_int_equal(status == ST_OK, why.sentence[0] == '\0');
    assert_int_equal(status == ST_OK, remembered.provider != NULL);
    if (status == ST_OK) {
        assert_string_equal(remembered.provider->name, "corp");
        assert_true(span_is(remembered.signin.sub, "248"));
        assert_true(span_is(remembered.signin.rule, "accounts.map:1"));
    }
    return status;
}

static char *
record(const struct fixture *fixture)
{
    struct buf digest CLEANUP(buf_done) = BUF(64);

    assert_int_equal(digest_sha256_hex(span_of(fixture->attempt.account), &digest), ST_OK);
    return support_text("%s/run/signins/%s.signins", fixture->directory, buf_text(&digest));
}

/* Puts `to` where `from` stands in the record. */
static void
edit(const struct fixture *fixture, const char *from, const char *to)
{
    char *path = record(fixture);
    char text[2048] = "";
    FILE *file = fopen(path, "r+e");

    assert_non_null(file);
    (void)!fread(text, 1, sizeof(text) - 1, file);
    char *at = strstr(text, from);
    assert_non_null(at);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    assert_int_equal(ftruncate(fileno(file), 0), 0);
    (void)fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* ---- remember -------------------------------------------------------------------------------- */

static void
the_same_key_is_remembered_and_nothing_else_is(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    sign_in_now(fixture);
    assert_int_equal(recall(fixture), ST_OK);
    fixture->attempt.ssh_auth_info = "publickey ssh-ed25519 other";
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    assert_non_null(strstr(fixture->logged, "event=sign_in_not_remembered v=1 account=nobody "
                                            "detail=\"no sign-in with this key is remembered\""));
    fixture->attempt.ssh_auth_info = INFO "\n";
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    fixture->attempt.ssh_auth_info = INFO "\n" INFO;
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    fixture->attempt.ssh_auth_info = INFO;
    fixture->attempt.account = "daemon";
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    fixture->attempt.account = "nobody";
    fixture->attempt.service_name = "sshd-inside";
    fixture->attempt.service = config_service(fixture->config, "sshd-inside");
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    /* which has none of its own, and says nothing */
    fixture->logged[0] = '\0';
    fixture->attempt.service_name = "sudo";
    fixture->attempt.service = config_service(fixture->config, "sudo");
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    assert_string_equal(fixture->logged, "");
}

static void
only_lines_of_public_keys_are_keys(void **state)
{
    static const char *const keys[] = {INFO, INFO "\n", INFO "\n" INFO, INFO "\n" INFO "\n",
                                       "publickey a b"};
    static const char *const others[] = {
        "",
        "\n",
        "password",
        "publickey",
        "publickey ",
        "publickey a",
        "publickey a ",
        "publickey  b",
        "publickey a b ",
        "publickey a b c",
        " publickey a b",
        "Publickey a b",
        "hostbased a b",
        (INFO "\n\n"),
        (INFO "\npassword"),
        ("keyboard-interactive/pam\n" INFO),
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(keys); i++) {
        fixture->attempt.ssh_auth_info = keys[i];
        assert_true(remember_wants(&fixture->attempt));
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        fixture->attempt.ssh_auth_info = others[i];
        if (remember_wants(&fixture->attempt)) {
            fail_msg("'%s'", others[i]);
        }
        /* and nothing is written down of it */
        sign_in_now(fixture);
        assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    }
    char *path = record(fixture);
    assert_int_equal(access(path, F_OK), -1);
    free(path);
}

static void
its_time_and_its_boot_end_it(void **state)
{
    struct fixture *fixture = *state;
    struct clock_moment now;
    struct why why = {""};

    configure(fixture, "remember = 100s\n");
    sign_in_now(fixture);
    assert_int_equal(clock_moment_now(&why, &now), ST_OK);
    char *at = support_text("at %lld ", (long long)now.boot_s);
    char *just = support_text("at %lld ", (long long)now.boot_s - 98);
    char *over = support_text("at %lld ", (long long)now.boot_s - 100);
    edit(fixture, at, just);
    assert_int_equal(recall(fixture), ST_OK);
    edit(fixture, just, over);
    assert_int_equal(recall(fixture), ST_TOO_OLD);
    edit(fixture, over, at);
    edit(fixture, now.boot, "00000000-0000-4000-8000-000000000000");
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    free(at);
    free(just);
    free(over);
}

static void
max_auth_age_ends_it_too(void **state)
{
    struct fixture *fixture = *state;
    struct why why = {""};
    int64_t now_s;

    configure(fixture, "remember = 1h\nmax_auth_age = 100s\n");
    sign_in_now(fixture);
    assert_int_equal(recall(fixture), ST_OK);
    assert_int_equal(clock_wall_s(&why, &now_s), ST_OK);
    char *old = support_text("auth_time %lld", (long long)now_s - 135);
    edit(fixture, "auth_time ", "auth_time 1\nx");
    assert_int_equal(recall(fixture), ST_UNKNOWN_KEY);
    sign_in_now(fixture);
    char *fresh = support_text("auth_time %lld", (long long)now_s);
    edit(fixture, fresh, old);
    assert_int_equal(recall(fixture), ST_REQUIREMENT);
    edit(fixture, old, "auth_time -");
    assert_int_equal(recall(fixture), ST_REQUIREMENT);
    free(old);
    free(fresh);
}

static void
any_byte_of_the_policy_ends_it(void **state)
{
    struct fixture *fixture = *state;

    sign_in_now(fixture);
    support_write(fixture->directory, "accounts.map", "corp sub=248 -> nobody\n\n");
    assert_int_equal(recall(fixture), ST_CONFIG);
    support_write(fixture->directory, "accounts.map", "corp sub=248 -> nobody\n");
    assert_int_equal(recall(fixture), ST_OK);
    char *drop_ins = support_text("%s/accounts.d", fixture->directory);
    assert_int_equal(mkdir(drop_ins, 0755), 0);
    assert_int_equal(recall(fixture), ST_OK);
    support_write(drop_ins, "a.map", "");
    assert_int_equal(recall(fixture), ST_CONFIG);
    /* The same bytes under another name, and divided in another way, are another policy. */
    sign_in_now(fixture);
    assert_int_equal(recall(fixture), ST_OK);
    char *from = support_text("%s/a.map", drop_ins);
    char *to = support_text("%s/b.map", drop_ins);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(recall(fixture), ST_CONFIG);
    assert_int_equal(unlink(to), 0);
    assert_int_equal(rmdir(drop_ins), 0);
    sign_in_now(fixture);
    configure(fixture, "remember = 1h\n\n");
    assert_int_equal(recall(fixture), ST_CONFIG);
    configure(fixture, "remember = 1h\n");
    assert_int_equal(recall(fixture), ST_OK);
    fixture->site.host = "db-2";
    configure(fixture, "remember = 1h\n");
    assert_int_equal(recall(fixture), ST_CONFIG);
    fixture->site.host = "db-1";
    configure(fixture, "remember = 1h\n");
    /* A map that cannot be trusted, or is not there. */
    char *map = support_text("%s/accounts.map", fixture->directory);
    assert_int_equal(chmod(map, 0664), 0);
    assert_int_equal(recall(fixture), ST_CONFIG);
    assert_int_equal(unlink(map), 0);
    assert_int_equal(recall(fixture), ST_CONFIG);
    free(drop_ins);
    free(from);
    free(to);
    free(map);
}

static void
a_map_of_many_pieces_has_the_same_fingerprint_however_it_is_read(void **state)
{
    struct fixture *fixture = *state;
    struct buf text CLEANUP(buf_done) = BUF(1000000);

    for (int i = 0; i < 9000; i++) {
        assert_int_equal(buf_printf(&text, "corp sub=%d -> user%d\n", 1000 + i, i), ST_OK);
    }
    assert_int_equal(buf_add_text(&text, "corp sub=248 -> nobody"), ST_OK);
    support_write(fixture->directory, "accounts.map", buf_text(&text));
    struct claims *claims = support_claims("{\"sub\":\"248\"}");
    struct remembered remembered CLEANUP(remembered_done) = REMEMBERED;
    struct why why = {""};
    assert_int_equal(sign_in(fixture, claims), ST_OK);
    assert_int_equal(remember_recall(&fixture->attempt, &why, &remembered), ST_OK);
    assert_true(span_is(remembered.signin.rule, "accounts.map:9001"));
    assert_int_equal(remembered.signin.auth_time_s, -1);
    claims_done(&claims);
}

static void
a_provider_that_the_service_has_not_is_none(void **state)
{
    struct fixture *fixture = *state;

    sign_in_now(fixture);
    edit(fixture, "provider corp", "provider other");
    assert_int_equal(recall(fixture), ST_CONFIG);
    edit(fixture, "provider other", "provider corpo");
    assert_int_equal(recall(fixture), ST_CONFIG);
    edit(fixture, "provider corpo", "provider corp");
    assert_int_equal(recall(fixture), ST_OK);
}

static void
a_configuration_that_remembers_nothing_has_no_fingerprint(void **state)
{
    struct fixture *fixture = *state;
    struct buf policy CLEANUP(buf_done) = BUF(64);
    struct why why = {""};

    configure(fixture, "");
    assert_int_equal(fixture->config->texts.length, 0);
    assert_int_equal(fingerprint_of(fixture->config, geteuid(), &why, &policy), ST_INTERNAL);
    assert_int_equal(policy.length, 0);
    sign_in_now(fixture);
    char *path = record(fixture);
    assert_int_equal(access(path, F_OK), -1);
    free(path);
}

static void
what_cannot_be_written_is_logged_and_refuses_nobody_R76(void **state)
{
    struct fixture *fixture = *state;
    char *run = support_text("%s/run", fixture->directory);

    assert_int_equal(mkdir(run, 0777), 0);
    assert_int_equal(chmod(run, 0777), 0);
    sign_in_now(fixture);
    assert_non_null(strstr(fixture->logged, "event=sign_in_not_stored v=1 account=nobody detail="));
    assert_int_equal(recall(fixture), ST_STORE);
    free(run);
}

/* Who is not root persists nothing (DESIGN section 8). */
static void
who_is_not_root_writes_nothing(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(seteuid(65534), 0);
    fixture->logged[0] = '\0';
    remember_store(&fixture->attempt, NULL);
    assert_int_equal(seteuid(0), 0);
    assert_string_equal(fixture->logged, "");
}

/* ---- sign_in_within -------------------------------------------------------------------------- */

static void
a_sign_in_by_any_service_counts_for_the_account_E74(void **state)
{
    struct fixture *fixture = *state;

    configure(fixture, "sign_in_within = 1h\n");
    assert_int_equal(recent_check(&fixture->attempt), ST_REQUIREMENT);
    assert_non_null(strstr(fixture->logged,
                           "2 event=account v=1 verdict=refused reason=requirement account=nobody "
                           "service=sshd rhost=192.0.2.1 ms="));
    assert_string_equal(
        fixture->told, "Nobody has signed in to this account here for too long. Sign in once with "
                       "a token or a browser: ssh -o PreferredAuthentications=keyboard-interactive "
                       "nobody@db-1. If you need help, give this reference: abcdefgh");
    fixture->attempt.tty = "pts/1";
    assert_int_equal(recent_check(&fixture->attempt), ST_REQUIREMENT);
    assert_string_equal(fixture->told,
                        "Nobody has signed in to this account here for too long. Sign in once with "
                        "a token or a browser. If you need help, give this reference: abcdefgh");
    fixture->attempt.service_name = "sudo";
    fixture->attempt.ssh_auth_info = "";
    sign_in_now(fixture);
    fixture->attempt.service_name = "sshd";
    fixture->told[0] = '\0';
    assert_int_equal(recent_check(&fixture->attempt), ST_OK);
    assert_non_null(strstr(fixture->logged, "3 event=account v=1 verdict=accepted"));
    assert_string_equal(fixture->told, "");
    fixture->attempt.account = "daemon";
    assert_int_equal(recent_check(&fixture->attempt), ST_REQUIREMENT);
}

static void
R92_what_is_no_account_s_name_is_shown_escaped(void **state)
{
    struct fixture *fixture = *state;

    configure(fixture, "sign_in_within = 1h\n");
    fixture->attempt.account = "\033]0;x\a\n";
    assert_int_not_equal(recent_check(&fixture->attempt), ST_OK);
    assert_non_null(strstr(fixture->told, " \\x1b]0;x\\x07\\x0a@db-1. "));
}

static void
its_time_ends_it_and_silence_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct clock_moment now;
    struct why why = {""};

    configure(fixture, "sign_in_within = 100s\n");
    sign_in_now(fixture);
    assert_int_equal(clock_moment_now(&why, &now), ST_OK);
    char *last = support_text("last %lld ", (long long)now.boot_s);
    char *just = support_text("last %lld ", (long long)now.boot_s - 98);
    char *over = support_text("last %lld ", (long long)now.boot_s - 100);
    edit(fixture, last, just);
    assert_int_equal(recent_check(&fixture->attempt), ST_OK);
    edit(fixture, just, over);
    fixture->attempt.silent = true;
    assert_int_equal(recent_check(&fixture->attempt), ST_REQUIREMENT);
    assert_string_equal(fixture->told, "");
    free(last);
    free(just);
    free(over);
}

static void
what_is_no_account_or_cannot_be_told_is_refused_R95(void **state)
{
    struct fixture *fixture = *state;
    char *run = support_text("%s/run", fixture->directory);

    configure(fixture, "sign_in_within = 1h\n");
    fixture->attempt.account = "no such user";
    assert_int_equal(recent_check(&fixture->attempt), ST_UNKNOWN_USER);
    assert_null(strstr(fixture->logged, "no such user"));
    assert_non_null(strstr(fixture->told, "Nobody has signed in to this account here"));
    fixture->attempt.account = "nobody";
    assert_int_equal(mkdir(run, 0777), 0);
    assert_int_equal(chmod(run, 0777), 0);
    assert_int_equal(recent_check(&fixture->attempt), ST_STORE);
    assert_non_null(strstr(fixture->logged, "1 event=account v=1 verdict=failed reason=store"));
    assert_string_equal(fixture->told,
                        "Signing in is not possible right now. Try again later. If you need help, "
                        "give this reference: abcdefgh");
    free(run);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static enum status
recall_in(void *world)
{
    struct fixture *fixture = world;
    struct remembered remembered CLEANUP(remembered_done) = REMEMBERED;
    struct why why = {""};

    return remember_recall(&fixture->attempt, &why, &remembered);
}

static enum status
check_in(void *world)
{
    struct fixture *fixture = world;

    TRY(recent_check(&fixture->attempt));
    /* Without memory for the line there is a shorter one. */
    return strstr(fixture->logged, "account=nobody") != NULL ? ST_OK : ST_MEMORY;
}

static enum status
load_and_fingerprint(void *world)
{
    struct fixture *fixture = world;
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    struct config *config CLEANUP(config_done) = NULL;
    struct buf policy CLEANUP(buf_done) = BUF(64);
    struct why why = {""};
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/pam_oauth.conf", fixture->directory);
    TRY(config_load(path, geteuid(), "db-1", &findings, &config));
    TRY(fingerprint_of(config, geteuid(), &why, &policy));
    assert_int_equal(policy.length, 64);
    return ST_OK;
}

struct signing {
    struct fixture *fixture;
    struct claims *claims;
    const char *path;
};

/* Stored, or said not to be: never one without the other. */
static enum status
sign_in_in(void *world)
{
    struct signing *signing = world;

    (void)unlink(signing->path);
    TRY(sign_in(signing->fixture, signing->claims));
    return access(signing->path, F_OK) == 0 ? ST_OK : ST_MEMORY;
}

static void
E69_without_memory_nobody_is_remembered(void **state)
{
    struct fixture *fixture = *state;
    struct claims *claims = support_claims("{\"sub\":\"248\"}");
    char *path = record(fixture);
    struct signing signing = {.fixture = fixture, .claims = claims, .path = path};

    sign_in_now(fixture);
    assert_true(fault_each(recall_in, fixture) > 10);
    assert_true(fault_each(load_and_fingerprint, fixture) > 20);
    configure(fixture, "sign_in_within = 1h\n");
    sign_in_now(fixture);
    assert_true(fault_each(check_in, fixture) > 3);
    configure(fixture, "remember = 1h\n");
    assert_true(fault_each(sign_in_in, &signing) > 10);
    claims_done(&claims);
    free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_key_is_remembered_and_nothing_else_is),
        TEST(only_lines_of_public_keys_are_keys),
        TEST(its_time_and_its_boot_end_it),
        TEST(max_auth_age_ends_it_too),
        TEST(any_byte_of_the_policy_ends_it),
        TEST(a_map_of_many_pieces_has_the_same_fingerprint_however_it_is_read),
        TEST(a_provider_that_the_service_has_not_is_none),
        TEST(a_configuration_that_remembers_nothing_has_no_fingerprint),
        TEST(what_cannot_be_written_is_logged_and_refuses_nobody_R76),
        TEST(who_is_not_root_writes_nothing),
        TEST(a_sign_in_by_any_service_counts_for_the_account_E74),
        TEST(R92_what_is_no_account_s_name_is_shown_escaped),
        TEST(its_time_ends_it_and_silence_is_kept),
        TEST(what_is_no_account_or_cannot_be_told_is_refused_R95),
        TEST(E69_without_memory_nobody_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
