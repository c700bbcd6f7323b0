/*
 * The checks run on claims, and claims exist only behind a verified signature (claims_test.c): each
 * payload here is signed and verified first.
 */
#include "support.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "fault.h"
#include "oauth/checks.h"

#define ISSUER "https://issuer.example/realms/corp"
#define NOW 1800000000 /* written out in the payloads below; skew 30 s, age 1 h, lifetime 24 h */

static char *audiences[] = {(char[]){"ssh://host"}, (char[]){"linux-login"}};

static const struct condition marker = {
    .name = {.at = "typ", .length = 3}, .value = {.at = "Bearer", .length = 6}, .wildcard = false};

static struct expectation
expecting(enum token_kind kind)
{
    return (struct expectation){.issuer = ISSUER,
                                .audiences = audiences,
                                .audience_count = COUNT(audiences),
                                .client_id = "linux-login",
                                .token_kind = kind,
                                .marker = NULL,
                                .provider_kind = PROVIDER_PEOPLE,
                                .now_s = NOW,
                                .clock_skew_s = 30,
                                .max_token_age_s = 3600,
                                .max_token_lifetime_s = 86400};
}

/* A good token of either kind; the access token's header says at+jwt. */
#define ACCESS                                                                                     \
    "{\"iss\":\"" ISSUER "\",\"sub\":\"248\",\"aud\":\"ssh://host\",\"exp\":1800000600,"           \
    "\"iat\":1799999990,\"client_id\":\"app\"}"
#define ID                                                                                         \
    "{\"iss\":\"" ISSUER "\",\"sub\":\"248\",\"aud\":\"linux-login\",\"exp\":1800000600,"          \
    "\"iat\":1799999990,\"nonce\":\"n\"}"

/* `base` without one member (NULL: all stay) and with those of the object `with` set. */
static struct claims *
claims_of(const char *typ, const char *base, const char *without, const char *with)
{
    json_t *payload = json_loads(base, 0, NULL);
    json_t *changes = json_loads(with, 0, NULL);

    assert_non_null(payload);
    if (changes == NULL) {
        fail_msg("%s", with);
    }
    if (without != NULL) {
        assert_int_equal(json_object_del(payload, without), 0);
    }
    assert_int_equal(json_object_update(payload, changes), 0);
    char *text = json_dumps(payload, JSON_COMPACT);
    struct claims *claims = support_claims_typ(typ, text);
    json_decref(payload);
    json_decref(changes);
    free(text);
    return claims;
}

/*
 * The name of the check that refuses, NULL for none. However the token looks: the reason is that
 * of the first row of the table that fails when each is asked alone.
 */
static const char *
refusing(const struct claims *claims, const struct expectation *expect, enum status *ret_status)
{
    size_t count = 0;
    const struct check *table = checks_table(&count);
    struct why why = {""};
    enum status status = checks_run(claims, expect, &why);

    *ret_status = status;
    for (size_t i = 0; i < count; i++) {
        struct why alone = {""};
        enum status single = table[i].run(claims, expect, &alone);
        assert_int_equal(alone.sentence[0] == '\0', single == ST_OK);
        assert_int_equal(table[i].run(claims, expect, NULL), single);
        if (single != ST_OK) {
            assert_int_equal(status, single);
            assert_string_equal(why.sentence, alone.sentence);
            return table[i].name;
        }
    }
    assert_int_equal(status, ST_OK);
    assert_string_equal(why.sentence, "");
    return NULL;
}

struct row {
    const char *without;
    const char *with;
    const char *check; /* that refuses, NULL: accepted */
    enum status status;
};

static void
run_row(const struct row *row, const char *typ, const char *base, const struct expectation *expect)
{
    struct claims *claims = claims_of(typ, base, row->without, row->with);
    enum status status = ST_OK;
    const char *check = refusing(claims, expect, &status);

    if (status != row->status || (check == NULL) != (row->check == NULL) ||
        (check != NULL && strcmp(check, row->check) != 0)) {
        fail_msg("without %s, with %s: %s (%s), not %s (%s)",
                 row->without != NULL ? row->without : "nothing", row->with,
                 check != NULL ? check : "no check", status_word(status),
                 row->check != NULL ? row->check : "no check", status_word(row->status));
    }
    claims_done(&claims);
}

static void
run_rows(const struct row *rows, size_t count, const char *typ, const char *base,
         const struct expectation *expect)
{
    for (size_t i = 0; i < count; i++) {
        run_row(&rows[i], typ, base, expect);
    }
}

static void
good_tokens_pass_every_check(void **state)
{
    static const struct row good = {NULL, "{}", NULL, ST_OK};
    struct expectation access = expecting(TOKEN_ACCESS);
    struct expectation id = expecting(TOKEN_ID);
    struct expectation any = expecting(TOKEN_ANY);

    (void)state;
    run_row(&good, "at+jwt", ACCESS, &access);
    run_row(&good, NULL, ID, &id);
    run_row(&good, "JWT", ID, &id);
    run_row(&good, "at+jwt", ACCESS, &any);
    run_row(&good, NULL, ID, &any);
}

static void
the_table_is_in_this_order(void **state)
{
    static const char *const names[] = {
        "issuer", "audience", "authorized_party",  "expiry", "not_before", "issued_at", "age",
        "typ",    "kind",     "access_token_hash", "person", "unbound",    "subject"};
    size_t count = 0;
    const struct check *table = checks_table(&count);

    (void)state;
    assert_int_equal(count, COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_string_equal(table[i].name, names[i]);
        assert_true(strlen(table[i].rule) > 0);
    }
}

/* Everything wrong at once, then repaired one by one: the reasons come in the order of the table.
 */
static void
the_first_failing_check_gives_the_reason(void **state)
{
    static const struct {
        const char *repair;
        const char *check;
    } steps[] = {
        {"{}", "issuer"},
        {"{\"iss\":\"" ISSUER "\"}", "audience"},
        {"{\"aud\":[\"ssh://host\",\"linux-login\"]}", "authorized_party"},
        {"{\"azp\":\"linux-login\"}", "expiry"},
        {"{\"exp\":1800086401}", "not_before"},
        {"{\"nbf\":1800000000}", "issued_at"},
        {"{\"iat\":1800000000}", "age"},
        {"{\"exp\":1800000600}", "typ"},
    };
    struct expectation expect = expecting(TOKEN_ID);
    json_t *payload = json_loads("{\"iss\":\"x\",\"aud\":5,\"azp\":\"other\",\"exp\":\"soon\","
                                 "\"nbf\":\"x\",\"iat\":\"x\",\"sub\":\"\",\"client_id\":\"\","
                                 "\"cnf\":{}}",
                                 0, NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        json_t *repair = json_loads(steps[i].repair, 0, NULL);
        enum status status = ST_OK;
        assert_int_equal(json_object_update(payload, repair), 0);
        char *text = json_dumps(payload, 0);
        struct claims *claims = support_claims_typ("logout+jwt", text);
        assert_string_equal(refusing(claims, &expect, &status), steps[i].check);
        claims_done(&claims);
        free(text);
        json_decref(repair);
    }
    json_decref(payload);
    static const struct row rows[] = {
        {NULL, "{\"client_id\":\"\",\"sub\":\"\",\"cnf\":{}}", "kind", ST_TYPE},
    };
    run_rows(rows, 1, "at+jwt", ID, &expect);
    static const struct row more[] = {
        {NULL, "{\"client_id\":\"\",\"sub\":\"\",\"cnf\":{}}", "person", ST_TYPE},
        {NULL, "{\"sub\":\"\",\"cnf\":{}}", "unbound", ST_CLAIM},
        {NULL, "{\"sub\":\"\"}", "subject", ST_CLAIM},
    };
    run_rows(more, COUNT(more), NULL, ID, &expect);
}

/* `verify --json` asks every check; one that needs another's claim refuses without it by itself. */
static void
each_check_stands_alone(void **state)
{
    static const struct {
        const char *without;
        const char *with;
        const char *check;
        enum status status;
    } rows[] = {
        {"exp", "{}", "age", ST_EXPIRED},
        {NULL, "{\"exp\":\"x\"}", "age", ST_EXPIRED},
        {NULL, "{\"iat\":\"x\"}", "age", ST_OK},
        {"sub", "{}", "person", ST_OK},
        {"aud", "{}", "authorized_party", ST_OK},
        {NULL, "{\"aud\":[1,2]}", "authorized_party", ST_AUDIENCE},
    };
    struct expectation expect = expecting(TOKEN_ID);
    size_t count = 0;
    const struct check *table = checks_table(&count);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct claims *claims = claims_of(NULL, ID, rows[i].without, rows[i].with);
        for (size_t j = 0; j < count; j++) {
            if (strcmp(table[j].name, rows[i].check) == 0 &&
                table[j].run(claims, &expect, NULL) != rows[i].status) {
                fail_msg("row %zu", i);
            }
        }
        claims_done(&claims);
    }
}

/* Administrators and users act on these numbers and names. */
static void
a_sentence_says_what_was_found_and_what_was_wanted(void **state)
{
    static const struct {
        const char *without;
        const char *with;
        const char *says;
    } rows[] = {
        {NULL, "{\"exp\":1799999960}", "expired 40 s ago"},
        {NULL, "{\"nbf\":1800000031}", "for another 31 s"},
        {NULL, "{\"iat\":1800000031}", "issued 31 s from now"},
        {NULL, "{\"iat\":1799996369}", "3631 s old; at most 3600 s"},
        {NULL, "{\"iat\":1800000000,\"exp\":1800086401}", "lives 86401 s; at most 86400 s"},
        {NULL, "{\"iss\":\"other\"}", "iss is 'other', not '" ISSUER "'"},
        {NULL, "{\"aud\":\"x\"}", "aud is 'x', not 'ssh://host' or another"},
        {NULL, "{\"aud\":[\"x\"]}", "aud is 'x', not 'ssh://host' or another"},
        {NULL, "{\"aud\":[\"x\",\"y\"]}", "aud is 'x' and others, not 'ssh://host'"},
        {"iss", "{}", "iss is missing"},
        {NULL, "{\"iss\":5}", "iss is missing or not a string"},
        {"exp", "{}", "no exp; it would be good for ever"},
        {NULL, "{\"exp\":\"1\"}", "exp is not a date"},
        {NULL, "{\"nbf\":\"1\"}", "nbf is not a date"},
        {NULL, "{\"iat\":\"1\"}", "iat is not a date"},
        {"iat", "{}", "the ID token has no iat"},
        {NULL, "{\"azp\":5}", "azp is not a string"},
        {NULL, "{\"aud\":[\"ssh://host\",\"x\"]}", "2 audiences must say in azp"},
        {"sub", "{}", "sub is missing or not a string"},
        {NULL, "{\"sub\":\"\"}", "sub is not 1 to 255"},
        {NULL, "{\"cnf\":{}}", "bound to a key"},
        {"aud", "{}", "aud is missing"},
        {NULL, "{\"aud\":[]}", "aud is missing"},
        {NULL, "{\"aud\":[5,\"x\"]}", "not made of strings"},
        {NULL, "{\"aud\":[\"x\",5]}", "not made of strings"},
        {NULL, "{\"azp\":\"x\"}", "azp is 'x', another client"},
        {NULL, "{\"client_id\":\"248\"}", "its sub is its client_id"},
    };
    struct expectation expect = expecting(TOKEN_ID);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct claims *claims = claims_of(NULL, ID, rows[i].without, rows[i].with);
        struct why why = {""};
        assert_int_not_equal(checks_run(claims, &expect, &why), ST_OK);
        if (strstr(why.sentence, rows[i].says) == NULL) {
            fail_msg("%s: %s", rows[i].with, why.sentence);
        }
        claims_done(&claims);
    }
    struct claims *claims = claims_of(NULL, ID, NULL, "{\"aud\":\"x\"}");
    struct why why = {""};
    expect.audience_count = 1;
    assert_int_equal(checks_run(claims, &expect, &why), ST_AUDIENCE);
    assert_non_null(strstr(why.sentence, "not 'ssh://host';"));
    expect.audiences = NULL;
    expect.audience_count = 0;
    assert_int_equal(checks_run(claims, &expect, &why), ST_AUDIENCE);
    assert_non_null(strstr(why.sentence, "not '';"));
    claims_done(&claims);
}

/* ---- iss, aud, azp -------------------------------------------------------------------------- */

static void
E17_R50_the_issuer_is_compared_byte_for_byte(void **state)
{
    static const struct row rows[] = {
        {"iss", "{}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":null}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":5}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":[\"" ISSUER "\"]}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":{\"" ISSUER "\":1}}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"" ISSUER "/\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"" ISSUER " \"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\" " ISSUER "\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"https://issuer.example/realms/cor\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"https://issuer.example/realms/Corp\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"https://Issuer.example/realms/corp\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"HTTPS://issuer.example/realms/corp\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"http://issuer.example/realms/corp\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"https://issuer.example:443/realms/corp\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"https://issuer.example/realms/%63orp\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"https://other.example/realms/corp\"}", "issuer", ST_ISSUER},
        {NULL, "{\"iss\":\"https:\\/\\/issuer.example\\/realms\\/corp\"}", NULL, ST_OK},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
}

static void
E16_R52_the_audience_names_us_and_is_made_of_strings(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"aud\":\"linux-login\"}", NULL, ST_OK},
        {NULL, "{\"aud\":[\"ssh://host\"]}", NULL, ST_OK},
        {NULL, "{\"aud\":[\"other\",\"ssh://host\"]}", NULL, ST_OK},
        {NULL, "{\"aud\":[\"ssh://host\",\"ssh://host\"]}", NULL, ST_OK},
        {"aud", "{}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":null}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":true}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":1}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[1]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":{\"ssh://host\":1}}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"other\"]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"other\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"ssh://host\",1]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[1,\"ssh://host\"]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"ssh://host\",null]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"ssh://host\",[\"x\"]]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":[[\"ssh://host\"]]}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"ssh://host/\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"ssh://hos\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"ssh://host2\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"SSH://HOST\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\" ssh://host\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"ssh://host linux-login\"}", "audience", ST_AUDIENCE},
        {NULL, "{\"aud\":\"*\"}", "audience", ST_AUDIENCE},
        {"aud", "{\"a\":{\"aud\":\"ssh://host\"},\"Aud\":\"ssh://host\"}", "audience", ST_AUDIENCE},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
    expect.audience_count = 0;
    expect.audiences = NULL;
    static const struct row none = {NULL, "{}", "audience", ST_AUDIENCE};
    run_row(&none, "at+jwt", ACCESS, &expect);
}

/* R51: the same question, asked alone to tell the providers of one issuer apart. */
static void
R51_an_audience_tells_providers_apart(void **state)
{
    static const struct {
        const char *payload;
        bool matches;
    } rows[] = {
        {"{\"aud\":\"linux-login\"}", true},
        {"{\"aud\":[\"a\",\"linux-login\",\"b\"]}", true},
        {"{\"aud\":[\"linux-login\",5]}", false},
        {"{\"aud\":[5,\"linux-login\"]}", false},
        {"{\"aud\":\"a\"}", false},
        {"{\"aud\":[]}", false},
        {"{\"aud\":{\"linux-login\":1}}", false},
        {"{}", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct claims *claims = support_claims(rows[i].payload);
        if (checks_audience_matches(claims, audiences, COUNT(audiences)) != rows[i].matches) {
            fail_msg("%s", rows[i].payload);
        }
        assert_false(checks_audience_matches(claims, audiences, 0));
        assert_false(checks_audience_matches(claims, audiences, 1));
        claims_done(&claims);
    }
}

static void
E16_R52_the_authorized_party_of_an_id_token_is_our_client(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"azp\":\"linux-login\"}", NULL, ST_OK},
        {NULL, "{\"azp\":\"other\"}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"azp\":\"\"}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"azp\":\"ssh://host\"}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"azp\":null}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"azp\":5}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"azp\":[\"linux-login\"]}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"linux-login\"]}", NULL, ST_OK},
        {NULL, "{\"aud\":[\"linux-login\",\"x\"]}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"linux-login\",\"x\"],\"azp\":\"linux-login\"}", NULL, ST_OK},
        {NULL, "{\"aud\":[\"linux-login\",\"x\"],\"azp\":\"x\"}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"linux-login\",\"linux-login\"]}", "authorized_party", ST_AUDIENCE},
    };
    static const struct row without_client[] = {
        {NULL, "{\"azp\":\"linux-login\"}", NULL, ST_OK},
        {NULL, "{\"azp\":\"ssh://host\"}", NULL, ST_OK},
        {NULL, "{\"azp\":\"other\"}", "authorized_party", ST_AUDIENCE},
        {NULL, "{\"aud\":[\"linux-login\",\"x\"]}", "authorized_party", ST_AUDIENCE},
    };
    struct expectation id = expecting(TOKEN_ID);
    struct expectation any = expecting(TOKEN_ANY);

    (void)state;
    run_rows(rows, COUNT(rows), NULL, ID, &id);
    run_rows(rows, COUNT(rows), NULL, ID, &any);
    id.client_id = NULL;
    run_rows(without_client, COUNT(without_client), NULL, ID, &id);
}

/* Who asked for an access token is not whom it is for. */
static void
an_access_token_may_have_any_authorized_party(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"azp\":\"other\"}", NULL, ST_OK},
        {NULL, "{\"azp\":5}", NULL, ST_OK},
        {NULL, "{\"aud\":[\"ssh://host\",\"x\"]}", NULL, ST_OK},
    };
    struct expectation access = expecting(TOKEN_ACCESS);
    struct expectation any = expecting(TOKEN_ANY);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &access);
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &any);
    any.marker = &marker;
    static const struct row marked[] = {
        {NULL, "{\"azp\":\"other\",\"typ\":\"Bearer\"}", NULL, ST_OK},
        {NULL, "{\"azp\":\"other\",\"typ\":\"ID\"}", "authorized_party", ST_AUDIENCE},
    };
    run_rows(marked, COUNT(marked), "JWT", ACCESS, &any);
    /* Where only access tokens are wanted, what is not marked as one fails as that. */
    static const struct row unmarked[] = {
        {NULL, "{\"azp\":\"other\"}", "kind", ST_TYPE},
    };
    run_rows(unmarked, COUNT(unmarked), "JWT", ACCESS, &access);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void
E14_R53_an_expiry_is_a_date_that_has_not_come(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"exp\":1800000060.5}", NULL, ST_OK},
        {NULL, "{\"exp\":1.8000006e9}", NULL, ST_OK},
        {"exp", "{}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":1e308}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":-1}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":0}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":-0.0}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":1.5}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":\"9999999999\"}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":\"1800000600\"}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":null}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":true}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":[1800000600]}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":{}}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":9223372036854775807}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":253402300800}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":253402300799}", "age", ST_TOO_OLD},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
}

/* RFC 7519 4.1.4: now must be before exp; the skew moves now, once (R55). */
static void
E15_R53_R55_the_second_of_expiry(void **state)
{
    static const struct row with_skew[] = {
        {NULL, "{\"exp\":1799999969}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":1799999970}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":1799999970.5}", NULL, ST_OK},
        {NULL, "{\"exp\":1799999971}", NULL, ST_OK},
        {NULL, "{\"exp\":1800000000}", NULL, ST_OK},
    };
    static const struct row without_skew[] = {
        {NULL, "{\"exp\":1799999999}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":1799999999.75}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":1800000000}", "expiry", ST_EXPIRED},
        {NULL, "{\"exp\":1800000000.25}", NULL, ST_OK},
        {NULL, "{\"exp\":1800000001}", NULL, ST_OK},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(with_skew, COUNT(with_skew), "at+jwt", ACCESS, &expect);
    expect.clock_skew_s = 0;
    run_rows(without_skew, COUNT(without_skew), "at+jwt", ACCESS, &expect);
}

static void
E15_R54_R55_the_second_of_not_before(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"nbf\":1}", NULL, ST_OK},
        {NULL, "{\"nbf\":1800000030}", NULL, ST_OK},
        {NULL, "{\"nbf\":1800000030.25}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":1800000031}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":253402300799}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":0}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":-1}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":1e308}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":null}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":\"1\"}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":false}", "not_before", ST_NOT_YET_VALID},
        {NULL, "{\"nbf\":[]}", "not_before", ST_NOT_YET_VALID},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
}

static void
E15_R54_R55_the_second_of_issue(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"iat\":1800000030}", NULL, ST_OK},
        {NULL, "{\"iat\":1800000030.25}", "issued_at", ST_NOT_YET_VALID},
        {NULL, "{\"iat\":1800000031}", "issued_at", ST_NOT_YET_VALID},
        {NULL, "{\"iat\":253402300799}", "issued_at", ST_NOT_YET_VALID},
        {NULL, "{\"iat\":0}", "issued_at", ST_CLAIM},
        {NULL, "{\"iat\":-5}", "issued_at", ST_CLAIM},
        {NULL, "{\"iat\":1e308}", "issued_at", ST_CLAIM},
        {NULL, "{\"iat\":null}", "issued_at", ST_CLAIM},
        {NULL, "{\"iat\":\"1799999990\"}", "issued_at", ST_CLAIM},
        {NULL, "{\"iat\":true}", "issued_at", ST_CLAIM},
        {NULL, "{\"iat\":{}}", "issued_at", ST_CLAIM},
    };
    static const struct row absent_access = {"iat", "{}", NULL, ST_OK};
    static const struct row absent_id = {"iat", "{}", "issued_at", ST_CLAIM};
    struct expectation access = expecting(TOKEN_ACCESS);
    struct expectation id = expecting(TOKEN_ID);
    struct expectation any = expecting(TOKEN_ANY);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &access);
    run_rows(rows, COUNT(rows), NULL, ID, &id);
    run_row(&absent_access, "at+jwt", ACCESS, &access);
    run_row(&absent_access, NULL, ID, &any);
    run_row(&absent_id, NULL, ID, &id); /* R54 */
}

static void
R56_age_and_lifetime_to_the_second(void **state)
{
    static const struct row rows[] = {
        /* Age: 3600 s and the skew. */
        {NULL, "{\"iat\":1799996400}", NULL, ST_OK},
        {NULL, "{\"iat\":1799996370}", NULL, ST_OK},
        {NULL, "{\"iat\":1799996369.75}", "age", ST_TOO_OLD},
        {NULL, "{\"iat\":1799996369}", "age", ST_TOO_OLD},
        {NULL, "{\"iat\":1}", "age", ST_TOO_OLD},
        /* Lifetime: 86400 s from iat to exp, no skew: both are the provider's. */
        {NULL, "{\"iat\":1800000000,\"exp\":1800086400}", NULL, ST_OK},
        {NULL, "{\"iat\":1800000000,\"exp\":1800086400.25}", "age", ST_TOO_OLD},
        {NULL, "{\"iat\":1800000000,\"exp\":1800086401}", "age", ST_TOO_OLD},
        {NULL, "{\"iat\":1799999990,\"exp\":2115359990}", "age", ST_TOO_OLD}, /* ten years */
        /* Without iat both are counted from now. */
        {"iat", "{\"exp\":1800086400}", NULL, ST_OK},
        {"iat", "{\"exp\":1800086401}", "age", ST_TOO_OLD},
        {"iat", "{\"exp\":253402300799}", "age", ST_TOO_OLD},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
    static const struct row young[] = {
        {NULL, "{\"iat\":1800000000,\"exp\":1800000001}", NULL, ST_OK},
        {NULL, "{\"iat\":1800000000,\"exp\":1800000002}", "age", ST_TOO_OLD},
        {NULL, "{\"iat\":1799999999,\"exp\":1800000000.5}", "age", ST_TOO_OLD},
        {NULL, "{\"iat\":1799999970,\"exp\":1799999971}", NULL, ST_OK},
        {NULL, "{\"iat\":1799999969.5,\"exp\":1799999970.5}", "age", ST_TOO_OLD},
    };
    expect.max_token_lifetime_s = 1;
    expect.max_token_age_s = 0;
    run_rows(young, COUNT(young), "at+jwt", ACCESS, &expect);
    static const struct row newborn = {"iat", "{\"exp\":1800000001}", NULL, ST_OK};
    expect.clock_skew_s = 0;
    run_row(&newborn, "at+jwt", ACCESS, &expect);
}

static void
R64_the_year_2038_is_a_year_like_any_other(void **state)
{
    static const struct {
        int64_t now_s;
        const char *check;
    } rows[] = {{2147483646, NULL},
                {2147483647, NULL},
                {2147483648, NULL},
                {4294967296, NULL},
                {253402300000, NULL},
                {2147483648 + 700, "expiry"},
                {2147483648 - 700, "issued_at"}};
    static const int64_t issued[] = {2147483646,   2147483647, 2147483648, 4294967296,
                                     253402300000, 2147483648, 2147483648};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct expectation expect = expecting(TOKEN_ACCESS);
        char *with = support_text("{\"iat\":%lld,\"exp\":%lld}", (long long)issued[i],
                                  (long long)issued[i] + 600);
        struct row row = {NULL, with, rows[i].check,
                          rows[i].check == NULL                  ? ST_OK
                          : strcmp(rows[i].check, "expiry") == 0 ? ST_EXPIRED
                                                                 : ST_NOT_YET_VALID};
        expect.now_s = rows[i].now_s;
        run_row(&row, "at+jwt", ACCESS, &expect);
        free(with);
    }
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static void
E18_R43_a_typ_says_jwt_or_at_jwt_or_nothing(void **state)
{
    static const struct {
        const char *typ;
        bool good;
    } rows[] = {
        {NULL, true},
        {"JWT", true},
        {"jwt", true},
        {"application/jwt", true},
        {"Application/JWT", true},
        {"at+jwt", true},
        {"AT+JWT", true},
        {"application/at+jwt", true},
        {"APPLICATION/at+JWT", true},
        {"logout+jwt", false},
        {"dpop+jwt", false},
        {"secevent+jwt", false},
        {"vp+jwt", false},
        {"token-introspection+jwt", false},
        {"at+jwtx", false},
        {"xat+jwt", false},
        {"at+jw", false},
        {"JW", false},
        {"JWTx", false},
        {"JWT ", false},
        {" JWT", false},
        {"application/", false},
        {"application", false},
        {"application/application/jwt", false},
        {"text/jwt", false},
        {"applicationXjwt", false},
        {"pplication/xjwt", false},
        {"xpplication/jwt", false},
        {"xpplication/at+jwt", false},
        {"Bearer", false},
        {"\\u000aJWT", false},
    };
    struct expectation expect = expecting(TOKEN_ANY);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct row row = {NULL, "{}", rows[i].good ? NULL : "typ", rows[i].good ? ST_OK : ST_TYPE};
        run_row(&row, rows[i].typ, ID, &expect);
    }
}

/* Every way in which a token can say what it is, against every kind that can be wanted. */
static void
R62_access_and_id_tokens_are_told_apart(void **state)
{
    static const char *const typs[] = {NULL, "JWT", "at+jwt", "application/AT+JWT"};
    static const char *const marks[] = {"", ",\"typ\":\"Bearer\"", ",\"typ\":\"ID\"",
                                        ",\"typ\":[\"x\",\"Bearer\"]"};
    static const char *const ids[] = {"", ",\"nonce\":\"n\"", ",\"at_hash\":\"h\"",
                                      ",\"c_hash\":\"h\"", ",\"nonce\":null"};
    size_t both = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(typs) * COUNT(marks) * COUNT(ids) * 2; i++) {
        size_t typ = i % COUNT(typs);
        size_t mark = i / COUNT(typs) % COUNT(marks);
        size_t id = i / COUNT(typs) / COUNT(marks) % COUNT(ids);
        bool with_marker = i / COUNT(typs) / COUNT(marks) / COUNT(ids) > 0;
        bool says_access = typ >= 2 || (with_marker && (mark == 1 || mark == 3));
        char *with = support_text("{\"aud\":\"linux-login\"%s%s}", marks[mark], ids[id]);
        struct row access_row = {NULL, with, says_access && id == 0 ? NULL : "kind",
                                 says_access && id == 0 ? ST_OK : ST_TYPE};
        struct row id_row = {NULL, with, says_access ? "kind" : NULL,
                             says_access ? ST_TYPE : ST_OK};
        struct row any_row = {NULL, with, NULL, ST_OK};
        struct expectation access = expecting(TOKEN_ACCESS);
        struct expectation wants_id = expecting(TOKEN_ID);
        struct expectation any = expecting(TOKEN_ANY);
        access.marker = wants_id.marker = any.marker = with_marker ? &marker : NULL;
        run_row(&access_row, typs[typ], ACCESS, &access);
        run_row(&id_row, typs[typ], ACCESS, &wants_id);
        run_row(&any_row, typs[typ], ACCESS, &any);
        both += access_row.check == NULL && id_row.check == NULL ? 1 : 0;
        free(with);
    }
    assert_int_equal(both, 0); /* E75: no token is good for both */
}

/* ---- at_hash (R62) --------------------------------------------------------------------------- */

/* The access token of OpenID Connect Core A.3, whose at_hash for RS256 stands there, too. */
#define ACCESS_TOKEN "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
#define HALF_256 "77QmUPtjPfzWtF2AnpK9RQ"
#define HALF_384 "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs"
#define HALF_512 "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"
#define HALF_SHAKE "W6Ie3EoycJT-JESJ2WSAWX7LRP3FuHvmvNycBMeL-NngYGhJXChp7YRUBdOXcrKGZD4qnhCAstjO"

static enum status
hash_check(EVP_PKEY *pair, enum alg alg, const char *with, const char *access_token)
{
    struct expectation expect = expecting(TOKEN_ID);
    char *payload = support_text("%.*s%s}", (int)sizeof(ID) - 2, ID, with);
    struct claims *claims = support_claims_signed(pair, alg, NULL, payload);
    enum status status = ST_OK;

    expect.access_token = span_of(access_token);
    const char *check = refusing(claims, &expect, &status);
    assert_true(check == NULL || strcmp(check, "access_token_hash") == 0);
    claims_done(&claims);
    free(payload);
    return status;
}

/* The hash is that of the signature: by its name, or for EdDSA by the curve of the key. */
static void
R62_at_hash_is_of_the_access_token_beside_it(void **state)
{
    static const struct {
        enum alg key;
        enum alg alg;
        const char *hash;
    } rows[] = {
        {ALG_RS256, ALG_RS256, HALF_256},   {ALG_RS256, ALG_RS384, HALF_384},
        {ALG_RS256, ALG_RS512, HALF_512},   {ALG_RS256, ALG_PS256, HALF_256},
        {ALG_RS256, ALG_PS384, HALF_384},   {ALG_RS256, ALG_PS512, HALF_512},
        {ALG_ES256, ALG_ES256, HALF_256},   {ALG_ES384, ALG_ES384, HALF_384},
        {ALG_ES512, ALG_ES512, HALF_512},   {ALG_EDDSA, ALG_EDDSA, HALF_512},
        {ALG_EDDSA, ALG_ED25519, HALF_512}, {ALG_ED448, ALG_EDDSA, HALF_SHAKE},
        {ALG_ED448, ALG_ED448, HALF_SHAKE},
    };
    static const char *const halves[] = {HALF_256, HALF_384, HALF_512, HALF_SHAKE};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        EVP_PKEY *pair = support_key(rows[i].key);
        for (size_t j = 0; j < COUNT(halves); j++) {
            char *with = support_text(",\"at_hash\":\"%s\"", halves[j]);
            bool fits = strcmp(halves[j], rows[i].hash) == 0;
            if (hash_check(pair, rows[i].alg, with, ACCESS_TOKEN) != (fits ? ST_OK : ST_CLAIM)) {
                fail_msg("%s with %s", alg_row(rows[i].alg)->name, halves[j]);
            }
            free(with);
        }
        EVP_PKEY_free(pair);
    }
}

static void
R62_another_at_hash_is_refused_and_none_is_not_asked_for(void **state)
{
    static const struct {
        const char *with;
        const char *access_token;
        enum status status;
    } rows[] = {
        {",\"at_hash\":\"" HALF_512 "\"", ACCESS_TOKEN, ST_OK},
        {",\"at_hash\":\"" HALF_512 "\"", ACCESS_TOKEN "x", ST_CLAIM},
        {",\"at_hash\":\"" HALF_512 "\"", "x", ST_CLAIM},
        {",\"at_hash\":\"" HALF_512 "A\"", ACCESS_TOKEN, ST_CLAIM},
        {",\"at_hash\":\"q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBN\"", ACCESS_TOKEN, ST_CLAIM},
        {",\"at_hash\":\"\"", ACCESS_TOKEN, ST_CLAIM},
        {",\"at_hash\":null", ACCESS_TOKEN, ST_CLAIM},
        {",\"at_hash\":[\"" HALF_512 "\"]", ACCESS_TOKEN, ST_CLAIM},
        /* Absent it may be; and alone there is nothing that it could be compared with. */
        {"", ACCESS_TOKEN, ST_OK},
        {",\"at_hash\":\"x\"", NULL, ST_OK},
    };
    EVP_PKEY *pair = support_key(ALG_EDDSA);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (hash_check(pair, ALG_EDDSA, rows[i].with, rows[i].access_token) != rows[i].status) {
            fail_msg("%s beside %s", rows[i].with, rows[i].access_token);
        }
    }
    EVP_PKEY_free(pair);
}

struct hashed {
    struct claims *claims;
    struct expectation expect;
};

static enum status
run_hashed(void *world)
{
    const struct hashed *hashed = world;
    struct why why = {""};

    return checks_run(hashed->claims, &hashed->expect, &why);
}

static void
E69_no_at_hash_fits_where_a_call_fails(void **state)
{
    EVP_PKEY *pair = support_key(ALG_EDDSA);
    char *payload = support_text("%.*s,\"at_hash\":\"" HALF_512 "\"}", (int)sizeof(ID) - 2, ID);
    struct hashed hashed = {.claims = support_claims_signed(pair, ALG_EDDSA, NULL, payload),
                            .expect = expecting(TOKEN_ID)};

    (void)state;
    hashed.expect.access_token = span_of(ACCESS_TOKEN);
    assert_int_equal(fault_each(run_hashed, &hashed), 6);
    claims_done(&hashed.claims);
    free(payload);
    EVP_PKEY_free(pair);
}

/* ---- persons, keys, subjects ------------------------------------------------------------------
 */

static void
E26_R30_a_clients_own_token_is_no_person(void **state)
{
    static const struct row people[] = {
        {NULL, "{\"client_id\":\"248\"}", "person", ST_TYPE},
        {NULL, "{\"azp\":\"248\"}", "person", ST_TYPE},
        {NULL, "{\"client_id\":\"248\",\"azp\":\"x\"}", "person", ST_TYPE},
        {NULL, "{\"cid\":\"248\"}", "person", ST_TYPE},
        {NULL, "{\"appid\":\"248\"}", "person", ST_TYPE},
        {NULL, "{\"idtyp\":\"app\"}", "person", ST_TYPE},
        {NULL, "{\"gty\":\"client-credentials\"}", "person", ST_TYPE},
        {NULL, "{\"gty\":\"client_credentials\"}", "person", ST_TYPE},
        {NULL, "{\"gty\":[\"x\",\"client_credentials\"]}", "person", ST_TYPE},
        {NULL, "{\"gty\":[\"refresh_token\",\"password\",5]}", NULL, ST_OK},
        {NULL, "{\"gty\":{\"client_credentials\":1}}", NULL, ST_OK},
        {NULL, "{\"idtyp\":\"user\"}", NULL, ST_OK},
        {NULL, "{\"gty\":\"password\"}", NULL, ST_OK},
        {NULL, "{\"cid\":\"x\",\"appid\":\"y\"}", NULL, ST_OK},
        {NULL, "{\"client_id\":\"2480\",\"azp\":\"24\"}", NULL, ST_OK},
        {NULL, "{\"client_id\":248,\"azp\":null}", NULL, ST_OK},
        {"client_id", "{}", NULL, ST_OK},
        {"sub", "{\"idtyp\":\"app\"}", "subject", ST_CLAIM},
    };
    static const struct row workload[] = {
        {NULL, "{\"client_id\":\"248\"}", NULL, ST_OK},
        {NULL, "{\"azp\":\"248\"}", NULL, ST_OK},
        {NULL, "{\"idtyp\":\"app\",\"gty\":\"client-credentials\"}", NULL, ST_OK},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(people, COUNT(people), "at+jwt", ACCESS, &expect);
    expect.provider_kind = PROVIDER_WORKLOAD;
    run_rows(workload, COUNT(workload), "at+jwt", ACCESS, &expect);
}

static void
E26_R60_a_token_bound_to_a_key_is_refused(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"cnf\":{\"jkt\":\"x\"}}", "unbound", ST_CLAIM},
        {NULL, "{\"cnf\":{\"x5t#S256\":\"x\"}}", "unbound", ST_CLAIM},
        {NULL, "{\"cnf\":{}}", "unbound", ST_CLAIM},
        {NULL, "{\"cnf\":null}", "unbound", ST_CLAIM},
        {NULL, "{\"cnf\":\"\"}", "unbound", ST_CLAIM},
        {NULL, "{\"cnf\":false}", "unbound", ST_CLAIM},
        {NULL, "{\"Cnf\":{},\"x\":{\"cnf\":{}}}", NULL, ST_OK},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
    expect.provider_kind = PROVIDER_WORKLOAD;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
}

static void
E19_R61_a_subject_is_1_to_255_printable_characters(void **state)
{
    static const struct row rows[] = {
        {NULL, "{\"sub\":\"a\"}", NULL, ST_OK},
        {NULL, "{\"sub\":\" !~\"}", NULL, ST_OK},
        {NULL, "{\"sub\":\"repo:acme/site:ref:refs/heads/main\"}", NULL, ST_OK},
        {"sub", "{}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":248}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":null}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":true}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":[\"248\"]}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":{\"248\":1}}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"alice\\n\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"\\talice\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"a\\u001b[2J\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"a\\u007f\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"\\u0430lice\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"alice\\u200b\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"\\u202ealice\"}", "subject", ST_CLAIM},
        {NULL, "{\"sub\":\"al\\u00e9\"}", "subject", ST_CLAIM},
    };
    struct expectation expect = expecting(TOKEN_ACCESS);
    char subject[257];

    (void)state;
    run_rows(rows, COUNT(rows), "at+jwt", ACCESS, &expect);
    for (size_t length = 254; length <= 256; length++) {
        memset(subject, 's', length);
        subject[length] = '\0';
        char *with = support_text("{\"sub\":\"%s\"}", subject);
        struct row row = {NULL, with, length <= 255 ? NULL : "subject",
                          length <= 255 ? ST_OK : ST_CLAIM};
        run_row(&row, "at+jwt", ACCESS, &expect);
        free(with);
    }
}

/* Foreign text in a sentence is quoted: no control character of a token reaches a log. */
static void
R93_sentences_are_printable(void **state)
{
    static const char *const changes[] = {
        "{\"iss\":\"\\u001b[2J\\n\\\"x\"}",
        "{\"aud\":\"\\u001b[2J\\n\\\"x\"}",
        "{\"azp\":\"\\u001b[2J\\n\\\"x\"}",
    };
    struct expectation expect = expecting(TOKEN_ID);

    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct claims *claims = claims_of(NULL, ID, NULL, changes[i]);
        struct why why = {""};
        assert_int_not_equal(checks_run(claims, &expect, &why), ST_OK);
        assert_non_null(strstr(why.sentence, "\\x1b[2J\\x0a\\x22x"));
        claims_done(&claims);
    }
    struct claims *claims = claims_of("\\u001b[2J", ID, NULL, "{}");
    struct why why = {""};
    assert_int_equal(checks_run(claims, &expect, &why), ST_TYPE);
    assert_non_null(strstr(why.sentence, "\\x1b[2J"));
    claims_done(&claims);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_tokens_pass_every_check),
        cmocka_unit_test(the_table_is_in_this_order),
        cmocka_unit_test(the_first_failing_check_gives_the_reason),
        cmocka_unit_test(each_check_stands_alone),
        cmocka_unit_test(a_sentence_says_what_was_found_and_what_was_wanted),
        cmocka_unit_test(E17_R50_the_issuer_is_compared_byte_for_byte),
        cmocka_unit_test(E16_R52_the_audience_names_us_and_is_made_of_strings),
        cmocka_unit_test(R51_an_audience_tells_providers_apart),
        cmocka_unit_test(E16_R52_the_authorized_party_of_an_id_token_is_our_client),
        cmocka_unit_test(an_access_token_may_have_any_authorized_party),
        cmocka_unit_test(E14_R53_an_expiry_is_a_date_that_has_not_come),
        cmocka_unit_test(E15_R53_R55_the_second_of_expiry),
        cmocka_unit_test(E15_R54_R55_the_second_of_not_before),
        cmocka_unit_test(E15_R54_R55_the_second_of_issue),
        cmocka_unit_test(R56_age_and_lifetime_to_the_second),
        cmocka_unit_test(R64_the_year_2038_is_a_year_like_any_other),
        cmocka_unit_test(E18_R43_a_typ_says_jwt_or_at_jwt_or_nothing),
        cmocka_unit_test(R62_access_and_id_tokens_are_told_apart),
        cmocka_unit_test(R62_at_hash_is_of_the_access_token_beside_it),
        cmocka_unit_test(R62_another_at_hash_is_refused_and_none_is_not_asked_for),
        cmocka_unit_test(E69_no_at_hash_fits_where_a_call_fails),
        cmocka_unit_test(E26_R30_a_clients_own_token_is_no_person),
        cmocka_unit_test(E26_R60_a_token_bound_to_a_key_is_refused),
        cmocka_unit_test(E19_R61_a_subject_is_1_to_255_printable_characters),
        cmocka_unit_test(R93_sentences_are_printable),
    };

    return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
