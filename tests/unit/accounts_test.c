#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "fault.h"
#include "policy/map/accounts.h"
#include "policy/map/pieces.h"
#include "policy/map/rule.h"

/*
 * A configuration with a provider of each sort: `corp`, whose people have an oid; `open`, whose
 * people may be known by mutable claims; `ci`, whose subjects are jobs.
 */
static const char configuration[] = "[provider corp]\n"
                                    "issuer = https://sso.example.org\n"
                                    "audience = a\n"
                                    "stable_claims = oid uid\n"
                                    "[provider open]\n"
                                    "issuer = https://open.example.org\n"
                                    "audience = b\n"
                                    "mutable_claims = yes\n"
                                    "[provider ci]\n"
                                    "issuer = https://ci.example.org\n"
                                    "audience = c\n"
                                    "kind = workload\n"
                                    "stable_claims = pipeline\n"
                                    "[service sshd sudo]\n"
                                    "providers = corp open ci\n"
                                    "methods = token\n"
                                    "local_users = breakglass\n"
                                    "[service login]\n"
                                    "providers = corp\n"
                                    "methods = token\n"
                                    "local_users = breakglass carol\n"
                                    "system_users = root\n";

struct fixture {
    char *directory;
    struct config *config;
    struct findings findings;
    struct accounts_query query;
    struct accounts_rule rule;
    struct why why;
};

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->directory = support_directory();
    fixture->findings = (struct findings)FINDINGS;
    support_write(fixture->directory, "pam_oauth.conf", configuration);
    char *path = support_text("%s/pam_oauth.conf", fixture->directory);
    assert_int_equal(config_load(path, getuid(), "db-1", &fixture->findings, &fixture->config),
                     ST_OK);
    free(path);
    fixture->query = (struct accounts_query){.config = fixture->config,
                                             .account = "alice",
                                             .service = "sshd",
                                             .host = "db-1",
                                             .owner = getuid()};
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

/* Looks for the account in the maps that are there. */
static enum status
search_for(struct fixture *fixture, const char *provider, const char *payload, const char *account)
{
    struct claims *claims = support_claims(payload);

    fixture->why = (struct why){""};
    fixture->rule = (struct accounts_rule){""};
    fixture->query.provider = config_provider(fixture->config, provider);
    fixture->query.account = account;
    fixture->query.claims = claims;
    enum status status = accounts_search(&fixture->query, &fixture->why, &fixture->rule);
    claims_done(&claims);
    assert_true((status == ST_OK) == (fixture->why.sentence[0] == '\0'));
    assert_true((status == ST_OK || status == ST_DENIED) == (fixture->rule.place[0] != '\0'));
    return status;
}

static enum status
search(struct fixture *fixture, const char *map, const char *provider, const char *payload,
       const char *account)
{
    support_write(fixture->directory, "accounts.map", map);
    return search_for(fixture, provider, payload, account);
}

static unsigned int
check(struct fixture *fixture, const char *map)
{
    findings_done(&fixture->findings);
    support_write(fixture->directory, "accounts.map", map);
    assert_int_equal(accounts_check(fixture->config, getuid(), &fixture->findings), ST_OK);
    return fixture->findings.errors;
}

static const char *
said(const struct fixture *fixture)
{
    return buf_text(&fixture->findings.lines);
}

static void
make_directory(const struct fixture *fixture, const char *name)
{
    char *path = support_text("%s/%s", fixture->directory, name);

    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(chmod(path, 0755), 0);
    free(path);
}

struct row {
    const char *map;
    const char *provider;
    const char *payload;
    const char *account;
    enum status status;
    const char *place;
};

static void
search_rows(struct fixture *fixture, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        enum status status = search(fixture, row->map, row->provider, row->payload, row->account);
        if (status != row->status) {
            fail_msg("row %zu: %s -> %s: %s: %s", i, row->map, row->account, status_word(status),
                     fixture->why.sentence);
        }
        if (row->place != NULL) {
            assert_string_equal(fixture->rule.place, row->place);
        }
    }
}

/* ---- what a rule says ---------------------------------------------------------------------------
 */

#define SUB "{\"sub\":\"248\"}"

static void
rules_admit_whom_they_name_and_nobody_else_R17_R25(void **state)
{
    static const struct row rows[] = {
        {"corp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, "accounts.map:1"},
        {"corp sub=248 -> alice", "corp", SUB, "alice", ST_OK, "accounts.map:1"},
        {"# c\n\n  \n\tcorp \t sub=248\t->\talice  \n", "corp", SUB, "alice", ST_OK,
         "accounts.map:4"},
        {"corp sub=248 -> alice\n", "corp", SUB, "bob", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice\n", "corp", SUB, "alic", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice\n", "corp", SUB, "alice2", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice\n", "corp", SUB, "Alice", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice\n", "corp", SUB, "", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice\n", "open", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp sub=2480 -> alice\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp sub=24 -> alice\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp sub=\"248\" -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        {"corp \"sub\"=248 -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        {"", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"\n\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"# corp sub=248 -> alice\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"  # corp sub=248 -> alice\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        /* A subject may hold several accounts, an account several subjects. */
        {"corp sub=248 -> bob\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK,
         "accounts.map:2"},
        {"corp sub=1 -> alice\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK,
         "accounts.map:2"},
        {"corp sub=248 -> alice\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK,
         "accounts.map:1"},
        {"corp sub=248 and oid=7 -> alice\n", "corp", "{\"sub\":\"248\",\"oid\":\"7\"}", "alice",
         ST_OK, NULL},
        {"corp sub=248 and oid=7 -> alice\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp uid=7 -> alice\n", "corp", "{\"sub\":\"248\",\"uid\":7}", "alice", ST_OK, NULL},
        /* An arrow and a name inside a value are not the rule's. */
        {"corp sub=\"x -> alice\" -> bob\n", "corp", "{\"sub\":\"x -> alice\"}", "alice",
         ST_ACCOUNT, NULL},
        {"corp sub=\"x -> alice\" -> bob\n", "corp", "{\"sub\":\"x -> alice\"}", "bob", ST_OK,
         NULL},
        {"corp sub=\"a\\\"b\\\\c\" -> bob\n", "corp", "{\"sub\":\"a\\\"b\\\\c\"}", "bob", ST_OK,
         NULL},
        {"corp sub=auth0|65=? -> bob\n", "corp", "{\"sub\":\"auth0|65=?\"}", "bob", ST_OK, NULL},
    };

    search_rows(*state, rows, COUNT(rows));
}

#define NAMED(name) "{\"sub\":\"1\",\"oid\":\"" name "\"}"

static void
a_star_is_the_account_byte_for_byte_R17_R21_R22_E20_E21(void **state)
{
    static const struct row rows[] = {
        {"corp oid=*@example -> *\n", "corp", NAMED("alice@example"), "alice", ST_OK,
         "accounts.map:1"},
        {"corp oid=* -> *\n", "corp", NAMED("alice"), "alice", ST_OK, NULL},
        {"corp oid=* -> *\n", "corp", NAMED("alice"), "bob", ST_ACCOUNT, NULL},
        {"corp oid=u-* -> *\n", "corp", NAMED("u-alice"), "alice", ST_OK, NULL},
        {"corp sub=* and oid=1 -> *\n", "corp", "{\"sub\":\"alice\",\"oid\":\"1\"}", "alice", ST_OK,
         NULL},
        {"corp oid=*@example -> *\n", "corp", NAMED("alice@evil.example"), "alice", ST_ACCOUNT,
         NULL},
        {"corp oid=*@example -> *\n", "corp", NAMED("alice@x@example"), "alice", ST_ACCOUNT, NULL},
        {"corp oid=*@example -> *\n", "corp", NAMED("alice@x@example"), "alice@x", ST_ACCOUNT,
         NULL},
        {"corp oid=*@example -> *\n", "corp", NAMED("Alice@example"), "alice", ST_ACCOUNT, NULL},
        {"corp oid=*@example -> *\n", "corp", NAMED("Alice@example"), "Alice", ST_ACCOUNT, NULL},
        {"corp oid=*@example -> *\n", "corp", NAMED("@example"), "", ST_ACCOUNT, NULL},
        /* A list would offer a choice of accounts (R19). */
        {"corp oid=* -> *\n", "corp", "{\"sub\":\"1\",\"oid\":[\"alice\"]}", "alice", ST_ACCOUNT,
         NULL},
        {"corp oid=* -> *\n", "corp", "{\"sub\":\"1\",\"oid\":{\"alice\":1}}", "alice", ST_ACCOUNT,
         NULL},
    };
    /* Whoever is called root at the provider: root is in system_users, and needs its name (R23). */
    static const struct row named[] = {
        {"corp oid=* -> *\n", "corp", NAMED("root"), "root", ST_ACCOUNT, NULL},
        {"corp oid=*@example -> *\n", "corp", NAMED("root@example"), "root", ST_ACCOUNT, NULL},
        {"corp oid=* -> *\ncorp sub=1 -> root\n", "corp", NAMED("root"), "root", ST_OK,
         "accounts.map:2"},
        {"corp oid=* -> *\n", "corp", NAMED("alice"), "alice", ST_OK, NULL},
    };
    /* What the star stands for is an account, or else nothing (E20). */
    static const char *const hostile[] = {
        "../x",
        "-r",
        "a:b",
        "alice\\r",
        "alice\\n",
        "0",
        "+",
        "\\u0430lice",
        "\\uff41lice",
        "alice\\u200b",
        "\\u202ealice",
        "e\\u0301ve",
        ".",
        "..",
        "a/b",
        "1234",
        "a b",
        "*",
        "%u",
        "alice$",
        "Root",
        "abcdefghijklmnopqrstuvwxyz012345",
        "a\\u007f",
        "~root",
        "@wheel",
        "alice\\t",
    };

    struct fixture *fixture = *state;

    search_rows(fixture, rows, COUNT(rows));
    fixture->query.service = "login";
    search_rows(fixture, named, COUNT(named));
    for (size_t i = 0; i < COUNT(hostile); i++) {
        char *payload = support_text("{\"sub\":\"1\",\"oid\":\"%s\"}", hostile[i]);
        json_error_t error;
        json_t *object = json_loads(payload, 0, &error);
        assert_int_equal(search(fixture, "corp oid=* -> *\n", "corp", payload,
                                json_string_value(json_object_get(object, "oid"))),
                         ST_ACCOUNT);
        json_decref(object);
        free(payload);
    }
}

/* Does `corp oid=* -> *` let the subject with this oid into this account? Asked without a search.
 */
static bool
star_applies(struct fixture *fixture, const char *oid, const char *account, bool is_list)
{
    char name[] = "oid";
    char *names[] = {name};
    char *payload = support_text("{\"sub\":\"1\",\"oid\":\"%s\"}", oid);
    struct claims *claims = support_claims(payload);
    struct buf copy = BUF(RULE_LENGTH_MAX);
    struct rule rule;

    claims_set_comma_lists(claims, names, is_list ? 1 : 0);
    fixture->query.claims = claims;
    fixture->query.account = account;
    assert_int_equal(rule_read(span_of("corp oid=* -> *"), &copy, NULL, &rule), ST_OK);
    bool applies = rule_applies(&rule, &fixture->query);
    buf_done(&copy);
    claims_done(&claims);
    free(payload);
    return applies;
}

static void
a_star_is_an_account_or_nothing_R19_R21(void **state)
{
    struct fixture *fixture = *state;

    assert_true(star_applies(fixture, "alice", "alice", false));
    /* Part of a list would be a choice. */
    assert_false(star_applies(fixture, "alice,bob", "alice", true));
    assert_false(star_applies(fixture, "alice", "alice", true));
    assert_false(star_applies(fixture, "alice,bob", "alice,bob", false));
    assert_false(star_applies(fixture, "Alice", "Alice", false));
    assert_false(star_applies(fixture, "", "", false));
    /* A service without a section has no system_users. */
    fixture->query.service = "cups";
    assert_true(star_applies(fixture, "root", "root", false));
}

static void
a_refusal_wins_wherever_it_stands_R25(void **state)
{
    static const struct row rows[] = {
        {"!corp sub=248\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_DENIED,
         "accounts.map:1"},
        {"corp sub=248 -> alice\n!corp sub=248\n", "corp", SUB, "alice", ST_DENIED,
         "accounts.map:2"},
        {"corp sub=248 -> alice\n\n \t!corp sub=248", "corp", SUB, "alice", ST_DENIED,
         "accounts.map:3"},
        {"!corp sub=248\n", "corp", SUB, "alice", ST_DENIED, "accounts.map:1"},
        {"!corp sub=777\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, "accounts.map:2"},
        {"!open sub=248\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        {"!corp sub=248 service=sudo\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        {"!corp sub=248 service=s*\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_DENIED,
         NULL},
        {"!corp sub=2*\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_DENIED, NULL},
        {"!corp sub=248 and oid=7\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        {"# !corp sub=248\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        {"corp sub=a!b -> bob\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        /* It may go by anything, verified or not: it lets nobody in. */
        {"!corp email=x@y.z\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"email\":\"x@y.z\"}", "alice", ST_DENIED, NULL},
        {"!ci groups=bad*\nci sub=248 -> alice\n", "ci", "{\"sub\":\"248\",\"groups\":[\"bad1\"]}",
         "alice", ST_DENIED, NULL},
        /* Groups left out for their number do not get around it. */
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"_claim_names\":{\"groups\":\"src1\"}}", "alice", ST_DENIED, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"hasgroups\":true}", "alice", ST_DENIED, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"hasgroups\":\"true\"}", "alice", ST_DENIED, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"hasgroups\":false}", "alice", ST_OK, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"hasgroups\":null}", "alice", ST_OK, NULL},
        /* Of the others it says nothing. */
        {"!corp roles=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"hasgroups\":true}", "alice", ST_OK, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"hasgroups\":true,\"groups\":[\"in\"]}", "alice", ST_OK, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"hasgroups\":true,\"groups\":null}", "alice", ST_DENIED, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"groups\":[],\"_claim_names\":{\"groups\":\"src1\"}}", "alice",
         ST_DENIED, NULL},
        /* Numbers in a list are no way around it either. */
        {"!corp groups=4711\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"groups\":[4710,4711]}", "alice", ST_DENIED, NULL},
        {"!corp groups=left\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_OK, NULL},
        /* Everybody, for a service; and a claim that is called like that. */
        {"!corp sub=* service=sshd\ncorp sub=248 -> alice\n", "corp", SUB, "alice", ST_DENIED,
         NULL},
        {"!corp \"service\"=x\ncorp sub=248 -> alice\n", "corp",
         "{\"sub\":\"248\",\"service\":\"x\"}", "alice", ST_DENIED, NULL},
    };

    search_rows(*state, rows, COUNT(rows));
}

static void
service_and_host_narrow_a_rule(void **state)
{
    static const struct row rows[] = {
        {"corp sub=248 -> alice service=sshd\n", "corp", SUB, "alice", ST_OK, NULL},
        {"corp sub=248 -> alice service=sudo\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice service=*\n", "corp", SUB, "alice", ST_OK, NULL},
        {"corp sub=248 -> alice service=\"*\"\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice service=ssh*\n", "corp", SUB, "alice", ST_OK, NULL},
        {"corp sub=248 -> alice host=db-*\n", "corp", SUB, "alice", ST_OK, NULL},
        {"corp sub=248 -> alice host=*-1 service=sshd\n", "corp", SUB, "alice", ST_OK, NULL},
        {"corp sub=248 -> alice host=web-*\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp sub=248 -> alice host=db\n", "corp", SUB, "alice", ST_ACCOUNT, NULL},
        {"corp oid=* -> * host=db-*\n", "corp", NAMED("alice"), "alice", ST_OK, NULL},
        /* A claim of that name is quoted. */
        {"open \"service\"=x and \"host\"=y -> alice\n", "open",
         "{\"sub\":\"1\",\"service\":\"x\",\"host\":\"y\"}", "alice", ST_OK, NULL},
    };

    search_rows(*state, rows, COUNT(rows));
}

/* ---- which claims may decide --------------------------------------------------------------------
 */

#define PERSON                                                                                     \
    "{\"sub\":\"248\",\"email\":\"alice@example.org\",\"email_verified\":true,"                    \
    "\"preferred_username\":\"alice\",\"groups\":[\"alice\",\"ops\"],\"scope\":\"login alice\","   \
    "\"acr\":\"phr\",\"realm_access\":{\"roles\":[\"ops\"]},\"user_metadata\":{\"role\":\"ops\"}," \
    "\"aud\":\"a\",\"https://x.example/groups\":[\"ops\"],\"cognito:groups\":[\"ops\"]}"

#define EVERYBODY                                                                                  \
    "{\"sub\":\"1\",\"groups\":[\"ops\"],\"scope\":\"openid profile\","                            \
    "\"scp\":[\"offline_access\"],\"acr\":\"phr\"}"

static void
only_claims_that_nobody_can_choose_name_an_account_R18_R26(void **state)
{
    static const struct row rows[] = {
        {"corp groups=ops -> root\n", "corp", PERSON, "root", ST_OK, NULL},
        {"corp groups=ops and acr=phr -> root\n", "corp", PERSON, "root", ST_OK, NULL},
        {"corp acr=phr and groups=ops -> root\n", "corp", PERSON, "root", ST_OK, NULL},
        {"corp realm_access.roles=ops -> root\n", "corp", PERSON, "root", ST_OK, NULL},
        {"corp https://x.example/groups=ops -> root\n", "corp", PERSON, "root", ST_OK, NULL},
        {"corp cognito:groups=ops -> root\n", "corp", PERSON, "root", ST_OK, NULL},
        {"corp scope=login -> root\n", "corp", PERSON, "root", ST_OK, NULL},
        /* Whoever asks for it has it. */
        {"corp scope=openid -> root\n", "corp", EVERYBODY, "root", ST_CONFIG, NULL},
        {"corp scp=offline_access and acr=phr -> root\n", "corp", EVERYBODY, "root", ST_CONFIG,
         NULL},
        {"open \"scope\"=\"profile\" -> root\n", "open", EVERYBODY, "root", ST_CONFIG, NULL},
        {"corp scope=openid and groups=ops -> root\n", "corp", EVERYBODY, "root", ST_OK, NULL},
        {"corp groups=* -> *\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"corp scope=* -> *\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"corp realm_access.roles=* -> *\n", "corp", PERSON, "ops", ST_CONFIG, NULL},
        {"corp acr=* -> *\n", "corp", PERSON, "phr", ST_CONFIG, NULL},
        {"corp acr=phr -> alice\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"corp aud=a -> alice\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"corp user_metadata.role=ops -> alice\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"corp email=alice@example.org -> alice\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"corp preferred_username=* -> *\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"corp sub=248 and upn=x -> alice\n", "corp", PERSON, "alice", ST_CONFIG, NULL},
        {"open preferred_username=* -> *\n", "open", PERSON, "alice", ST_OK, NULL},
        {"open preferred_username=* and groups=ops -> *\n", "open", PERSON, "alice", ST_OK, NULL},
        {"open email=*@example.org -> *\n", "open", PERSON, "alice", ST_OK, NULL},
        {"open groups=* -> *\n", "open", PERSON, "alice", ST_CONFIG, NULL},
        /* Not there, though sub is the account's name: no fallback (R19, E23). */
        {"open upn=* -> *\n", "open", "{\"sub\":\"alice\"}", "alice", ST_ACCOUNT, NULL},
        {"open upn=alice -> alice\n", "open", "{\"sub\":\"alice\",\"upn\":\"\"}", "alice",
         ST_ACCOUNT, NULL},
        /* E24 */
        {"corp groups=ops -> root\n", "corp", "{\"sub\":\"1\"}", "root", ST_ACCOUNT, NULL},
        {"corp groups=ops -> root\n", "corp", "{\"sub\":\"1\",\"hasgroups\":true}", "root",
         ST_ACCOUNT, NULL},
        {"corp groups=ops -> root\n", "corp", "{\"sub\":\"1\",\"groups\":\"ops,x\"}", "root",
         ST_ACCOUNT, NULL},
    };

    search_rows(*state, rows, COUNT(rows));
}

/* Whatever a provider calls it, a group may name an account, and never stand for one. */
static void
a_group_by_any_name_is_shared_R26(void **state)
{
    static const char *const names[] = {
        "groups",
        "group",
        "groups_direct",
        "roles",
        "role",
        "scope",
        "scp",
        "entitlements",
        "cognito:groups",
        "https://x.example/roles",
        "realm_access.roles",
        "resource_access.linux-login.roles",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(names); i++) {
        char *payload = support_text("{\"sub\":\"1\",\"%s\":\"ops\"}", names[i]);
        char *named = support_text("corp %s=ops -> root\n", names[i]);
        char *star = support_text("open %s=* -> *\n", names[i]);
        if (search(fixture, named, "corp", payload, "root") != ST_OK ||
            search(fixture, star, "open", payload, "ops") != ST_CONFIG ||
            strstr(fixture->why.sentence, "is not one person's own") == NULL) {
            fail_msg("%s: %s", names[i], fixture->why.sentence);
        }
        free(payload);
        free(named);
        free(star);
    }
}

/* How somebody signed in says of nobody who it is. */
static void
an_occasion_names_nobody(void **state)
{
    static const char *const names[] = {"acr", "amr", "aud", "iss"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(names); i++) {
        char *payload = support_text("{\"sub\":\"1\",\"%s\":\"x\"}", names[i]);
        char *alone = support_text("open %s=x -> alice\n", names[i]);
        char *star = support_text("open %s=* -> *\n", names[i]);
        char *beside = support_text("corp sub=1 and %s=x -> alice\n", names[i]);
        assert_int_equal(search(fixture, alone, "open", payload, "alice"), ST_CONFIG);
        assert_non_null(strstr(fixture->why.sentence, "say how somebody signed in, not who"));
        assert_int_equal(search(fixture, star, "open", payload, "x"), ST_CONFIG);
        assert_non_null(strstr(fixture->why.sentence, "is not one person's own"));
        assert_int_equal(search(fixture, beside, "corp", payload, "alice"), ST_OK);
        free(payload);
        free(alone);
        free(star);
        free(beside);
    }
}

static void
a_scope_of_everybodys_names_nobody(void **state)
{
    static const char *const names[] = {"scope", "scp", "https://x.example/scope"};
    static const char *const scopes[] = {"openid",  "profile", "email",
                                         "address", "phone",   "offline_access"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(names) * COUNT(scopes); i++) {
        const char *name = names[i / COUNT(scopes)];
        const char *scope = scopes[i % COUNT(scopes)];
        char *map = support_text("corp %s=%s -> alice\n", name, scope);
        char *payload = support_text("{\"sub\":\"1\",\"%s\":\"%s\"}", name, scope);
        if (search(fixture, map, "corp", payload, "alice") != ST_CONFIG ||
            strstr(fixture->why.sentence, "is anybody's who asks for it") == NULL) {
            fail_msg("%s: %s", map, fixture->why.sentence);
        }
        free(map);
        free(payload);
    }
    assert_int_equal(search(fixture, "corp groups=openid -> alice\n", "corp",
                            "{\"sub\":\"1\",\"groups\":[\"openid\"]}", "alice"),
                     ST_OK);
}

static void
an_email_counts_only_when_it_is_verified_R18_E22(void **state)
{
    static const char *const verified[] = {"false", "\"true\"", "1", "null", "[true]", "{}"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(verified); i++) {
        char *payload = support_text(
            "{\"sub\":\"1\",\"email\":\"alice@example.org\",\"email_verified\":%s}", verified[i]);
        assert_int_equal(
            search(fixture, "open email=*@example.org -> *\n", "open", payload, "alice"),
            ST_ACCOUNT);
        assert_int_equal(search(fixture, "open sub=1 and email=alice@example.org -> alice\n",
                                "open", payload, "alice"),
                         ST_ACCOUNT);
        free(payload);
    }
    assert_int_equal(search(fixture, "open email=*@example.org -> *\n", "open",
                            "{\"sub\":\"1\",\"email\":\"alice@example.org\"}", "alice"),
                     ST_ACCOUNT);
}

#define JOB(sub)                                                                                   \
    "{\"sub\":\"" sub "\",\"repository_id\":\"4711\",\"aud\":\"c\",\"ref\":\"refs/heads/main\","   \
    "\"kubernetes.io\":{\"namespace\":\"prod\",\"serviceaccount\":{\"uid\":\"u-1\"}}}"
#define MAIN "repo:acme/site:ref:refs/heads/main"

static void
a_job_is_known_by_its_sub_or_by_two_claims_R29_E25(void **state)
{
    static const struct row rows[] = {
        {"ci sub=" MAIN " -> deploy\n", "ci", JOB(MAIN), "deploy", ST_OK, NULL},
        {"ci sub=" MAIN " and repository_id=4711 -> deploy\n", "ci", JOB(MAIN), "deploy", ST_OK,
         NULL},
        {"ci repository_id=4711 and ref=refs/heads/main -> deploy\n", "ci", JOB("customised"),
         "deploy", ST_OK, NULL},
        {"ci repository_id=4712 and ref=refs/heads/main -> deploy\n", "ci", JOB("customised"),
         "deploy", ST_ACCOUNT, NULL},
        /* Two are enough, also where a third says one of them again. */
        {"ci ref=refs/heads/main and repository_id=4711 and ref=refs/heads/main -> deploy\n", "ci",
         JOB(MAIN), "deploy", ST_OK, NULL},
        /* Other forms of the same repository's sub are other subjects. */
        {"ci sub=" MAIN " -> deploy\n", "ci",
         JOB("repo:acme@123456/site@456789:ref:refs/heads/main"), "deploy", ST_ACCOUNT, NULL},
        {"ci sub=" MAIN " -> deploy\n", "ci", JOB("repo:acme/site:pull_request"), "deploy",
         ST_ACCOUNT, NULL},
        {"ci sub=" MAIN " -> deploy\n", "ci", JOB("repo:evil/acme/site:ref:refs/heads/main"),
         "deploy", ST_ACCOUNT, NULL},
        {"ci sub=" MAIN " -> deploy\n", "ci", JOB(MAIN "2"), "deploy", ST_ACCOUNT, NULL},
        {"ci repository_id=4711 -> deploy\n", "ci", JOB(MAIN), "deploy", ST_CONFIG, NULL},
        {"ci aud=c -> deploy\n", "ci", JOB(MAIN), "deploy", ST_CONFIG, NULL},
        {"ci aud=c and repository_id=4711 -> deploy\n", "ci", JOB(MAIN), "deploy", ST_CONFIG, NULL},
        {"ci ref=refs/heads/main and ref=refs/heads/main -> deploy\n", "ci", JOB(MAIN), "deploy",
         ST_CONFIG, NULL},
        {"ci repository_id=4711 and repository_id=4711 -> deploy\n", "ci", JOB(MAIN), "deploy",
         ST_CONFIG, NULL},
        /* Nothing but names and refs, which anybody's job can have. */
        {"ci ref=refs/heads/main and kubernetes.io.namespace=prod -> deploy\n", "ci", JOB(MAIN),
         "deploy", ST_CONFIG, NULL},
        {"ci aud=c and ref=refs/heads/main and kubernetes.io.namespace=prod -> deploy\n", "ci",
         JOB(MAIN), "deploy", ST_CONFIG, NULL},
        {"ci kubernetes.io.namespace=prod and kubernetes.io.serviceaccount.uid=u-1 -> deploy\n",
         "ci", JOB(MAIN), "deploy", ST_OK, NULL},
        {"ci kubernetes.io.namespace=prod and kubernetes.io.serviceaccount.uid=u-2 -> deploy\n",
         "ci", JOB(MAIN), "deploy", ST_ACCOUNT, NULL},
        {"ci sub=* -> *\n", "ci", JOB("deploy"), "deploy", ST_CONFIG, NULL},
        {"ci sub=repo:acme/* -> deploy\n", "ci", JOB(MAIN), "deploy", ST_CONFIG, NULL},
        {"ci sub=system:serviceaccount:prod:x -> deploy\n", "ci",
         JOB("system:serviceaccount:prod:x"), "deploy", ST_OK, NULL},
        {"ci sub=system:serviceaccount:prod:x -> deploy\n", "ci",
         JOB("system:serviceaccount:dev:x"), "deploy", ST_ACCOUNT, NULL},
    };

    /* What is one job's for good, each beside a ref. */
    static const char *const identifiers[] = {
        "repository_id",
        "repository_owner_id",
        "project_id",
        "namespace_id",
        "kubernetes.io.serviceaccount.uid",
        "pipeline",
    };

    search_rows(*state, rows, COUNT(rows));
    for (size_t i = 0; i < COUNT(identifiers); i++) {
        char *payload = support_text("{\"sub\":\"1\",\"ref\":\"x\",\"%s\":\"7\"}", identifiers[i]);
        char *map = support_text("ci ref=x and %s=7 -> deploy\n", identifiers[i]);
        assert_int_equal(search(*state, map, "ci", payload, "deploy"), ST_OK);
        free(payload);
        free(map);
    }
}

/* ---- bad maps -----------------------------------------------------------------------------------
 */

static void
a_bad_rule_that_could_decide_refuses_everybody_R25(void **state)
{
    static const struct {
        const char *map;
        const char *reason;
    } rows[] = {
        {"corp -> alice\n", "'->' is not a condition"},
        {"corp sub -> alice\n", "'sub' is not a condition"},
        {"corp sub=248 oid=7 -> alice\n", "where 'and' or '->' must stand"},
        {"corp sub=248 or oid=7 -> alice\n", "no 'or' in a rule"},
        {"corp sub=248 and -> alice\n", "'->' is not a condition"},
        {"corp sub=\"248 -> alice\n", "not closed"},
        {"corp sub=\"248\"x -> alice\n", "right behind a closing quote"},
        {"corp sub=a*b* -> *\n", "more than one '*'"},
        {"corp sub=a* and oid=b* -> *\n", "'*' in two conditions"},
        {"corp sub=248 -> *\n", "the account is '*', but no condition"},
        {"corp sub=2* -> alice\n", "only the account '*' may follow"},
        {"corp sub=248 -> alice bob\n", "'bob' is not a condition"},
        {"corp sub=248 -> alice acr=x\n", "only service= and host="},
        {"corp sub=248 -> alice service=a service=b\n", "stands twice"},
        {"corp sub=248 -> alice -> alice\n", "'->' is not a condition"},
        {"corp sub=248 -> alice # comment\n", "'#' is not a condition"},
        {"corp sub=248 -> alice\r\n", "a carriage return"},
        /* What limits a rule is no claim: taken for one, these would refuse nobody. */
        {"!corp service=sudo\n", "'service=' where a claim must stand"},
        {"!corp host=* service=sudo\n", "'host=' where a claim must stand"},
        {"!corp sub=248 and host=db-1\n", "'host=' where a claim must stand"},
        {"corp sub=248 and service=sshd -> alice\n", "'service=' where a claim must stand"},
        {"corp sub=248\x01 -> alice\n", "a control character"},
        {"corp sub=\xff -> alice\n", "not UTF-8"},
        {"corp sub=248 -> alice\xc2\xa0\n", "is no account"},
        {"!corp sub=248 -> alice\n", "a '!' rule names no account"},
        {"!corp\n", "a condition is missing"},
        {"!corp sub\n", "'sub' is not a condition"},
        {"! corp sub=248\n", "'!' is not the name of a provider"},
        {"!Corp sub=248\n", "'!Corp' is not the name of a provider"},
        {"!!corp sub=248\n", "is not the name of a provider"},
        {"\xef\xbb\xbf!corp sub=248\n", "is not the name of a provider"},
        {"\xc2\xa0!corp sub=248\n", "is not the name of a provider"},
        {"\"!corp\" sub=248\n", "is not the name of a provider"},
        {"!corp sub=248\r\n", "a carriage return"},
        {"!corp sub=248 and sub=\"\n", "not closed"},
        {"Corp sub=248 -> alice\n", "'Corp' is not the name of a provider"},
        {"-> alice\n", "is not the name of a provider"},
        {"corp a=1 and b=1 and c=1 and d=1 and e=1 and f=1 and g=1 and h=1 and i=1 and j=1 and "
         "k=1 and l=1 and m=1 and n=1 and o=1 and p=1 and q=1 -> alice\n",
         "more than 16 conditions"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        /* Also where a good rule would have let the person in, before it or behind it. */
        char *before = support_text("%scorp sub=249 -> bob\n", rows[i].map);
        enum status status = search(fixture, before, "corp", SUB, "alice");
        if (status != ST_CONFIG || strstr(fixture->why.sentence, rows[i].reason) == NULL ||
            strstr(fixture->why.sentence, "/accounts.map:1: ") == NULL) {
            fail_msg("%s: %s: %s", rows[i].map, status_word(status), fixture->why.sentence);
        }
        free(before);
        assert_int_equal(check(fixture, rows[i].map), 1);
        if (strstr(said(fixture), ":1: error: ") == NULL ||
            strstr(said(fixture), rows[i].reason) == NULL) {
            fail_msg("%s: %s", rows[i].map, said(fixture));
        }
    }
    /* A bad refusal is found behind the rule that admits. */
    assert_int_equal(search(fixture, "corp sub=248 -> alice\n!corp x\n", "corp", SUB, "alice"),
                     ST_CONFIG);
}

static void
a_bad_rule_of_another_provider_does_not_hurt_ours(void **state)
{
    struct fixture *fixture = *state;
    static const char map[] = "open garbage -> alice\n!open garbage\nnobody x=y -> alice\n"
                              "corp garbage -> bob\ncorp sub=248 -> alice\n";

    assert_int_equal(search(fixture, map, "corp", SUB, "alice"), ST_OK);
    assert_string_equal(fixture->rule.place, "accounts.map:5");
    assert_int_equal(search(fixture, map, "open", SUB, "alice"), ST_CONFIG);
    assert_int_equal(check(fixture, map), 4);
}

static void
write_bytes(const struct fixture *fixture, const char *map, size_t length)
{
    char *path = support_text("%s/accounts.map", fixture->directory);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(map, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* In whatever line: an editor shows a CR as the end of one, and the refusal behind it as a line. */
static void
a_cr_or_a_nul_hides_nothing_E63(void **state)
{
    struct fixture *fixture = *state;
#define MAP(text, line, fault)                                                                     \
    {                                                                                              \
        text, sizeof(text) - 1, line, fault                                                        \
    }
    static const struct {
        const char *map;
        size_t length;
        const char *line;
        const char *fault;
    } rows[] = {
        MAP("corp sub=248\0 -> alice\n", ":1: ", "a NUL byte"),
        MAP("corp sub=248 -> alice\ncorp sub=1 -> bob\0\n", ":2: ", "a NUL byte"),
        MAP("corp sub=248 -> alice\ncorp sub=1 -> bob\r!corp sub=248\n", ":2: ", "a carriage ret"),
        MAP("corp sub=248 -> alice\n\n# left\r!corp sub=248\n", ":3: ", "a carriage return"),
        MAP("corp sub=248 -> alice\n\r\n", ":2: ", "a carriage return"),
        MAP("open sub=1 -> bob\r\ncorp sub=248 -> alice\n", ":1: ", "a carriage return"),
    };
#undef MAP

    for (size_t i = 0; i < COUNT(rows); i++) {
        write_bytes(fixture, rows[i].map, rows[i].length);
        assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_CONFIG);
        if (strstr(fixture->why.sentence, rows[i].line) == NULL ||
            strstr(fixture->why.sentence, rows[i].fault) == NULL) {
            fail_msg("row %zu: %s", i, fixture->why.sentence);
        }
        findings_done(&fixture->findings);
        assert_int_equal(accounts_check(fixture->config, getuid(), &fixture->findings), ST_OK);
        assert_int_equal(fixture->findings.errors, 1);
        assert_non_null(strstr(said(fixture), rows[i].line));
    }
}

static void
a_map_that_is_missing_or_not_ours_refuses_R111_E63(void **state)
{
    struct fixture *fixture = *state;
    char *path = support_text("%s/accounts.map", fixture->directory);
    char *dropins = support_text("%s/accounts.d", fixture->directory);

    assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_CONFIG);
    assert_non_null(strstr(fixture->why.sentence, "No such file"));
    assert_int_equal(accounts_check(fixture->config, getuid(), &fixture->findings), ST_OK);
    assert_int_equal(fixture->findings.errors, 1);

    support_write_mode(fixture->directory, "accounts.map", "corp sub=248 -> alice\n", 0646);
    assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_CONFIG);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_CONFIG);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(search(fixture, "corp sub=248 -> alice\n", "corp", SUB, "alice"), ST_OK);
    make_directory(fixture, "accounts.d");
    support_write_mode(fixture->directory, "accounts.d/a.map", "", 0666);
    assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_CONFIG);
    support_write(fixture->directory, "accounts.d/a.map", "");
    assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_OK);
    assert_int_equal(chmod(dropins, 0777), 0);
    assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_CONFIG);
    free(dropins);
    free(path);
}

static void
dropins_add_rules_and_refusals(void **state)
{
    struct fixture *fixture = *state;

    make_directory(fixture, "accounts.d");
    support_write(fixture->directory, "accounts.d/20.map", "corp sub=248 -> alice\n");
    support_write(fixture->directory, "accounts.d/10.map", "#\ncorp sub=248 -> alice\n");
    support_write(fixture->directory, "accounts.d/x.txt", "garbage -> alice\n");
    support_write(fixture->directory, "accounts.d/.x.map", "garbage -> alice\n");
    assert_int_equal(search(fixture, "", "corp", SUB, "alice"), ST_OK);
    assert_string_equal(fixture->rule.place, "10.map:2");
    support_write(fixture->directory, "accounts.d/30.map", "!corp sub=248\n");
    assert_int_equal(search(fixture, "corp sub=248 -> alice\n", "corp", SUB, "alice"), ST_DENIED);
    assert_string_equal(fixture->rule.place, "30.map:1");
    support_write(fixture->directory, "accounts.d/30.map", "!corp broken\n");
    assert_int_equal(search(fixture, "corp sub=248 -> alice\n", "corp", SUB, "alice"), ST_CONFIG);
}

/* Whoever pastes it into the map lets in this subject and nobody else. */
static void
the_line_that_would_admit_does_R97(void **state)
{
    static const char *const subjects[] = {
        "248",
        "a b -> root",
        "*",
        "2*8",
        "say \\\"x\\\"",
        "back\\\\slash",
        "back \\\\slash",
        ("project_path:a-group-with-a-long-name/of-a-project-with-a-long-name-too:ref_type:branch:"
         "ref:a-branch-with-a-name-that-is-longer-still-and-goes-on-for-a-while"),
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(subjects); i++) {
        char *payload = support_text("{\"sub\":\"%s\"}", subjects[i]);
        assert_int_equal(search(fixture, "", "corp", payload, "alice"), ST_ACCOUNT);
        const char *line = strstr(fixture->why.sentence, "one that would: ");
        assert_non_null(line);
        char *map = support_text("%s\n", line + strlen("one that would: "));
        if (search(fixture, map, "corp", payload, "alice") != ST_OK) {
            fail_msg("%s: %s: %s", subjects[i], map, fixture->why.sentence);
        }
        assert_int_equal(search_for(fixture, "corp", "{\"sub\":\"249\"}", "alice"), ST_ACCOUNT);
        assert_int_equal(check(fixture, map), 0);
        free(payload);
        free(map);
    }
    assert_int_equal(search(fixture, "", "corp", SUB, "Alice"), ST_ACCOUNT);
    assert_non_null(strstr(fixture->why.sentence, "can name the account 'Alice'"));
    assert_int_equal(search(fixture, "", "corp", "{\"sub\":7}", "alice"), ST_ACCOUNT);
    assert_null(strstr(fixture->why.sentence, "one that would"));
}

/* ---- what check says ----------------------------------------------------------------------------
 */

static void
check_reports_every_error_with_its_line(void **state)
{
    struct fixture *fixture = *state;
    static const char map[] = "# comment\n"
                              "crop sub=1 -> alice\n"
                              "corp sub=1 -> Alice\n"
                              "corp email=a@b.c -> alice\n"
                              "corp sub=1 -> alice\n"
                              "garbage\n"
                              "# \x01\n"
                              "ci sub=x* -> deploy\n"
                              "zzzzzz sub=1 -> alice";
    static const char *const findings[] = {
        ":2: error: there is no provider 'crop'; did you mean 'corp'?\n",
        ":3: error: 'Alice' is no account that a rule may name",
        ":4: error: 'email' can be changed by its owner or an administrator; use sub",
        ":6: error: a condition is missing",
        ":7: error: the line has a control character",
        ":8: error: a condition has a '*', which only the account '*' may follow",
        ":9: error: there is no provider 'zzzzzz'; remove the rule\n",
    };

    assert_int_equal(check(fixture, map), COUNT(findings));
    assert_int_equal(fixture->findings.warnings, 0);
    for (size_t i = 0; i < COUNT(findings); i++) {
        if (strstr(said(fixture), findings[i]) == NULL) {
            fail_msg("%s is not in:\n%s", findings[i], said(fixture));
        }
    }
}

static void
check_warns_of_rules_that_do_nothing_or_too_little(void **state)
{
    static const struct {
        const char *map;
        const char *finding;
    } rows[] = {
        {"corp sub=1 and sub=2 -> alice\n", ":1: warning: the rule can never match: nobody has"},
        {"open sub=1 -> alice service=login\n", ":1: warning: the rule can never match: no [serv"},
        {"corp sub=1 -> alice service=shhd\n", ":1: warning: the rule can never match: no [serv"},
        {"open email=a and email=b -> alice\n", "nobody has two values of email; write two"},
        {"!corp iss=https://elsewhere.example.org\n",
         "iss is always the issuer of [provider corp]"},
        {"corp sub=1 -> breakglass\n", "every [service] that it is for has 'breakglass' in local"},
        {"corp sub=1 -> root service=s*\n", "no [service] that it is for has root in system_users"},
        {"!corp email=a@b.c\n", ":1: warning: 'email' can be changed, and whoever"},
        {"corp oid=%h -> alice\n", ":1: warning: '%h' means itself in a map"},
    };
    static const char fine[] = "corp sub=1 -> alice\n!corp sub=1\n!corp groups=x\n!ci ref=y\n"
                               "corp sub=1 and sub=1 -> alice\ncorp sub=1 -> alice service=s*\n"
                               "corp sub=1 and iss=https://sso.example.org -> carol\n"
                               "corp groups=a and groups=b -> alice\ncorp sub=1 -> root\n"
                               "corp sub=1 and sub=* -> *\ncorp sub=* and sub=1 -> *\n";
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(check(fixture, rows[i].map), 0);
        assert_int_equal(fixture->findings.warnings, 1);
        if (strstr(said(fixture), rows[i].finding) == NULL) {
            fail_msg("%s: %s", rows[i].map, said(fixture));
        }
    }
    assert_int_equal(check(fixture, fine), 0);
    assert_string_equal(said(fixture), "");
    /* A user's own configuration has no services, and a rule of it no service to come to. */
    size_t services = fixture->config->service_count;
    fixture->config->service_count = 0;
    assert_int_equal(check(fixture, "open sub=1 -> alice service=login\n"), 0);
    assert_string_equal(said(fixture), "");
    fixture->config->service_count = services;
}

static void
the_shipped_map_is_good_and_lets_nobody_in(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen("conf/accounts.map", "re");
    char *text = calloc(1, 65536);

    if (file == NULL) {
        fail_msg("run the tests from the top of the source");
    }
    assert_true(fread(text, 1, 65535, file) > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(check(fixture, text), 0);
    assert_int_equal(search(fixture, text, "corp", SUB, "alice"), ST_ACCOUNT);
    free(text);
}

/* ---- memory ------------------------------------------------------------------------------------
 */

static enum status
search_again(void *world)
{
    struct fixture *fixture = world;

    fixture->rule = (struct accounts_rule){""};
    return accounts_search(&fixture->query, &fixture->why, &fixture->rule);
}

static void
E69_nobody_is_admitted_where_memory_runs_out(void **state)
{
    struct fixture *fixture = *state;
    struct claims *claims = support_claims(SUB);

    make_directory(fixture, "accounts.d");
    support_write(fixture->directory, "accounts.d/a.map", "!corp sub=777\n");
    support_write(fixture->directory, "accounts.map", "corp oid=* -> *\ncorp sub=248 -> alice\n");
    fixture->query.provider = config_provider(fixture->config, "corp");
    fixture->query.claims = claims;
    assert_true(fault_each(search_again, fixture) > 5);
    claims_done(&claims);
}

/* ---- large maps ---------------------------------------------------------------------------------
 */

/* The rule at every place around the end of a piece, and behind one that fills it exactly. */
static void
a_rule_is_found_across_the_end_of_a_piece(void **state)
{
    static const char rule[] = "corp sub=248 -> alice\n";
    static const char refusal[] = "!corp sub=248\n";
    struct fixture *fixture = *state;
    char *map = malloc(PIECES_LENGTH + 4096);

    assert_non_null(map);
    for (size_t back = 0; back < 64; back++) {
        size_t length = PIECES_LENGTH + 8 - back;
        memset(map, 'x', length);
        for (size_t at = 99; at < length; at += 100) {
            map[at] = '\n';
        }
        for (size_t at = 0; at < length; at += 100) {
            map[at] = '#';
        }
        map[length - 1] = '\n';
        strcpy(map + length, rule);
        assert_int_equal(search(fixture, map, "corp", SUB, "alice"), ST_OK);
        size_t line = (length + 99) / 100 + 1;
        char *place = support_text("accounts.map:%zu", line);
        assert_string_equal(fixture->rule.place, place);
        free(place);
        strcpy(map + length, refusal);
        assert_int_equal(search_for(fixture, "corp", SUB, "alice"), ST_OK);
        assert_int_equal(search(fixture, map, "corp", SUB, "alice"), ST_DENIED);
    }
    free(map);
}

/* Large maps are looked at in blocks and rows: nowhere in one is a rule overlooked. */
static void
a_rule_is_found_wherever_it_stands(void **state)
{
    static const char rule[] = "\ncorp sub=248 -> alice";
    struct fixture *fixture = *state;
    static char map[9000];

    for (size_t before = 1; before < 4200; before++) {
        memset(map, 'x', sizeof(map));
        map[0] = '#';
        map[sizeof(map) - 1] = '\0';
        memcpy(map + before, rule, sizeof(rule) - 1);
        memcpy(map + before + sizeof(rule) - 1, "\n#", 2);
        assert_int_equal(search(fixture, map, "corp", SUB, "alice"), ST_OK);
        assert_string_equal(fixture->rule.place, "accounts.map:2");
        /* And at the end of the file, which needs no LF. */
        map[before + sizeof(rule) - 1] = '\0';
        if (before > 4000) {
            assert_int_equal(search(fixture, map, "corp", SUB, "alice"), ST_OK);
            assert_string_equal(fixture->rule.place, "accounts.map:2");
        }
    }
}

/* Lines are counted many at a time, and the most there can be are those without anything. */
static void
empty_lines_are_counted(void **state)
{
    static const char rule[] = "corp sub=248 -> alice\n";
    struct fixture *fixture = *state;
    char *map = malloc(PIECES_LENGTH + sizeof(rule));

    assert_non_null(map);
    for (size_t lines = PIECES_LENGTH - 300; lines < PIECES_LENGTH; lines += 13) {
        memset(map, '\n', lines);
        strcpy(map + lines, rule);
        char *place = support_text("accounts.map:%zu", lines + 1);
        assert_int_equal(search(fixture, map, "corp", SUB, "alice"), ST_OK);
        assert_string_equal(fixture->rule.place, place);
        free(place);
    }
    free(map);
}

static void
long_lines_are_bounded_R25(void **state)
{
    struct fixture *fixture = *state;
    char *map = malloc(PIECES_LENGTH + 8192);

    assert_non_null(map);
    /* A rule of 4096 bytes is one, a longer one is refused. */
    for (size_t extra = 0; extra < 2; extra++) {
        size_t padding = RULE_LENGTH_MAX + extra - strlen("corp sub=248 ->alice");
        int at = sprintf(map, "corp sub=248 ->");
        memset(map + at, ' ', padding);
        strcpy(map + at + padding, "alice\n");
        assert_int_equal(search(fixture, map, "corp", SUB, "alice"),
                         extra == 0 ? ST_OK : ST_CONFIG);
        assert_int_equal(check(fixture, map), extra);
    }
    assert_non_null(strstr(said(fixture), "a rule longer than 4096 bytes"));
    /* A line that fits into no piece. */
    memset(map, 'x', PIECES_LENGTH + 4096);
    strcpy(map + PIECES_LENGTH + 4096, "\ncorp sub=248 -> alice\n");
    assert_int_equal(search(fixture, map, "corp", SUB, "alice"), ST_CONFIG);
    assert_non_null(strstr(fixture->why.sentence, "line 1 is longer than"));
    assert_int_equal(check(fixture, map), 1);
    free(map);
}

static void
a_large_map_is_searched_whole(void **state)
{
    struct fixture *fixture = *state;
    size_t lines = 200000;
    char *map = malloc(lines * 40 + 100);
    size_t at = 0;

    assert_non_null(map);
    for (size_t i = 0; i < lines; i++) {
        at += (size_t)sprintf(map + at, "corp sub=s%06zu -> user%06zu\n", i, i);
    }
    assert_int_equal(search(fixture, map, "corp", "{\"sub\":\"s199999\"}", "user199999"), ST_OK);
    assert_string_equal(fixture->rule.place, "accounts.map:200000");
    assert_int_equal(search_for(fixture, "corp", "{\"sub\":\"s000000\"}", "user000000"), ST_OK);
    assert_string_equal(fixture->rule.place, "accounts.map:1");
    assert_int_equal(search_for(fixture, "corp", "{\"sub\":\"s123456\"}", "user123456"), ST_OK);
    assert_string_equal(fixture->rule.place, "accounts.map:123457");
    assert_int_equal(search_for(fixture, "corp", "{\"sub\":\"s123456\"}", "user123457"),
                     ST_ACCOUNT);
    sprintf(map + at, "!corp sub=s000000\n");
    assert_int_equal(search(fixture, map, "corp", "{\"sub\":\"s000000\"}", "user000000"),
                     ST_DENIED);
    assert_string_equal(fixture->rule.place, "accounts.map:200001");
    assert_int_equal(check(fixture, map), 0);
    free(map);
}

/* ---- the same by other means --------------------------------------------------------------------
 */

/* What the map says, line by line and without any short cut. */
static enum status
search_slowly(const struct accounts_query *query, const char *map)
{
    struct span rest = span_of(map);
    struct span line;
    enum status status = ST_ACCOUNT;

    while (span_line(&rest, &line)) {
        struct buf copy CLEANUP(buf_done) = BUF(RULE_LENGTH_MAX);
        struct rule rule;
        struct span said_line = span_trim(line);
        if (said_line.length == 0 || said_line.at[0] == '#') {
            continue;
        }
        if (rule_read(line, &copy, NULL, &rule) != ST_OK ||
            !span_is(rule.provider, query->provider->name)) {
            continue;
        }
        if (rule_permitted(&rule, query->provider, NULL) == ST_OK && rule_applies(&rule, query)) {
            status = rule.refuses ? ST_DENIED : status == ST_DENIED ? ST_DENIED : ST_OK;
        }
    }
    return status;
}

static unsigned int
next_random(unsigned int *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16;
}

static const char *const random_accounts[] = {"alice", "al", "a", "alice-2", "bob", "sub"};

/* One line of a map; `@` in a template is an account. Most lines are of no interest to anybody. */
static void
add_random_line(struct buf *map, unsigned int *seed)
{
    static const char *const templates[] = {
        "corp sub=248 -> @",
        "corp  oid=7\t->\t@",
        "open sub=248 -> @",
        "corp sub=\"248\" -> @",
        "corp oid=* -> * host=db-*",
        "corp sub=1 -> @ service=s*",
        "corp sub=\"-> @\" -> bob",
        "!corp sub=@",
        "!open sub=248",
        "!corp oid=@ service=sudo",
        "!corp oid=@ host=d*",
        "# corp sub=248 -> @",
        "# ! * > -> @",
        "corp sub=a!b>c and sub=1 -> bob",
        "corp groups=\"@\" -> @",
        "  corp sub=248 -> @   ",
        "",
    };
    const char *account = random_accounts[next_random(seed) % COUNT(random_accounts)];
    const char *line = "corp sub=x -> @";

    if (next_random(seed) % 8 == 0) {
        line = templates[next_random(seed) % COUNT(templates)];
    }
    for (; *line != '\0'; line++) {
        assert_int_equal(*line == '@' ? buf_add_text(map, account) : buf_add_char(map, *line),
                         ST_OK);
    }
    assert_int_equal(buf_add_char(map, '\n'), ST_OK);
}

/* Thousands of maps of good rules in odd shapes: the fast search and the slow one agree. */
static void
the_fast_search_finds_what_a_slow_one_does(void **state)
{
    struct fixture *fixture = *state;
    struct claims *claims = support_claims("{\"sub\":\"248\",\"oid\":\"al\",\"groups\":[\"a\"]}");
    unsigned int seed = 1;
    unsigned int met[ST_COUNT] = {0};

    fixture->query.claims = claims;
    fixture->query.provider = config_provider(fixture->config, "corp");
    for (unsigned int round = 0; round < 1000; round++) {
        struct buf map CLEANUP(buf_done) = BUF(65536);
        for (unsigned int lines = next_random(&seed) % 240; lines > 0; lines--) {
            add_random_line(&map, &seed);
        }
        support_write(fixture->directory, "accounts.map", buf_text(&map));
        for (size_t i = 0; i < COUNT(random_accounts); i++) {
            fixture->query.account = random_accounts[i];
            enum status fast = accounts_search(&fixture->query, &fixture->why, &fixture->rule);
            if (fast != search_slowly(&fixture->query, buf_text(&map))) {
                fail_msg("%s for %s:\n%s", status_word(fast), random_accounts[i], buf_text(&map));
            }
            met[fast]++;
        }
    }
    /* All three answers came up, so that the agreement means something. */
    assert_true(met[ST_OK] > 300 && met[ST_DENIED] > 300 && met[ST_ACCOUNT] > 300);
    claims_done(&claims);
}

/* A byte changed anywhere never turns no into yes for somebody whom no rule names. */
static void
damage_never_admits_R131(void **state)
{
    static const char whole[] = "corp sub=248 and acr=\"p h\" -> alice service=sshd host=db-*\n"
                                "!corp sub=777\ncorp oid=*@example -> *\n# -> mallory\n";
    struct fixture *fixture = *state;
    struct claims *claims = support_claims("{\"sub\":\"999\",\"oid\":\"x\",\"acr\":\"p h\"}");

    fixture->query.claims = claims;
    fixture->query.provider = config_provider(fixture->config, "corp");
    fixture->query.account = "mallory";
    for (size_t at = 0; at < sizeof(whole) - 1; at++) {
        for (unsigned int byte = 1; byte < 256; byte += byte < 128 ? 1 : 17) {
            char text[sizeof(whole)];
            memcpy(text, whole, sizeof(whole));
            text[at] = (char)byte;
            support_write(fixture->directory, "accounts.map", text);
            enum status status = accounts_search(&fixture->query, &fixture->why, &fixture->rule);
            if (status == ST_OK) {
                fail_msg("admitted by:\n%s", text);
            }
        }
    }
    claims_done(&claims);
}

/* What the watcher was told: `PLACE,MISFIT;` a rule. */
static void
note_rule(void *context, const char *place, struct span line, const struct rule *rule)
{
    struct fixture *fixture = ((void **)context)[0];
    struct buf *seen = ((void **)context)[1];
    const struct condition *misfit = rule_misfit(rule, &fixture->query);

    assert_true(line.length > 0 && line.at[line.length - 1] != '\n');
    assert_int_equal(buf_printf(seen, "%s,%.*s;", place,
                                misfit != NULL ? (int)misfit->name.length : 7,
                                misfit != NULL ? misfit->name.at : "applies"),
                     ST_OK);
}

static void
every_rule_that_could_decide_is_shown_with_what_does_not_fit_R97(void **state)
{
    struct fixture *fixture = *state;
    struct buf seen CLEANUP(buf_done) = BUF(4096);
    void *context[] = {fixture, &seen};
    struct accounts_watcher watcher = {.saw = note_rule, .context = context};

    fixture->query.watcher = &watcher;
    enum status status = search(fixture,
                                "corp sub=1 -> bob\n"
                                "corp sub=2 and groups=ops -> alice\n"
                                "corp sub=1 and groups=dev -> alice\n"
                                "corp sub=1 -> alice service=su\n"
                                "corp sub=1 -> alice host=web-*\n"
                                "corp sub=1 -> alice2\n"
                                "!corp sub=3\n"
                                "ci sub=1 and repository_id=7 -> alice\n"
                                "corp sub=1 -> alice\n"
                                "corp sub=9 -> alice\n",
                                "corp", "{\"sub\":\"1\",\"groups\":[\"ops\"]}", "alice");
    assert_int_equal(status, ST_OK);
    assert_string_equal(fixture->rule.place, "accounts.map:9");
    assert_string_equal(buf_text(&seen),
                        "accounts.map:7,sub;accounts.map:2,sub;accounts.map:3,groups;"
                        "accounts.map:4,service;accounts.map:5,host;"
                        "accounts.map:9,applies;");
    fixture->query.watcher = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rules_admit_whom_they_name_and_nobody_else_R17_R25),
        TEST(a_star_is_the_account_byte_for_byte_R17_R21_R22_E20_E21),
        TEST(a_star_is_an_account_or_nothing_R19_R21),
        TEST(a_refusal_wins_wherever_it_stands_R25),
        TEST(service_and_host_narrow_a_rule),
        TEST(only_claims_that_nobody_can_choose_name_an_account_R18_R26),
        TEST(a_group_by_any_name_is_shared_R26),
        TEST(an_occasion_names_nobody),
        TEST(a_scope_of_everybodys_names_nobody),
        TEST(an_email_counts_only_when_it_is_verified_R18_E22),
        TEST(a_job_is_known_by_its_sub_or_by_two_claims_R29_E25),
        TEST(a_bad_rule_that_could_decide_refuses_everybody_R25),
        TEST(a_bad_rule_of_another_provider_does_not_hurt_ours),
        TEST(a_cr_or_a_nul_hides_nothing_E63),
        TEST(a_map_that_is_missing_or_not_ours_refuses_R111_E63),
        TEST(dropins_add_rules_and_refusals),
        TEST(the_line_that_would_admit_does_R97),
        TEST(check_reports_every_error_with_its_line),
        TEST(check_warns_of_rules_that_do_nothing_or_too_little),
        TEST(the_shipped_map_is_good_and_lets_nobody_in),
        TEST(E69_nobody_is_admitted_where_memory_runs_out),
        TEST(a_rule_is_found_across_the_end_of_a_piece),
        TEST(a_rule_is_found_wherever_it_stands),
        TEST(empty_lines_are_counted),
        TEST(long_lines_are_bounded_R25),
        TEST(a_large_map_is_searched_whole),
        TEST(the_fast_search_finds_what_a_slow_one_does),
        TEST(damage_never_admits_R131),
        TEST(every_rule_that_could_decide_is_shown_with_what_does_not_fit_R97),
    };

    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
