/*
 * oauth/device and oauth/reply: the replies of the token endpoint. RFC 8628 3.5 as providers speak
 * it, R78 to R80, R85 to R88, E46, E48, E49, E52.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "oauth/device.h"

#define NOW ((int64_t)1000000)
#define DEVICE_CODE "canary-device-code"
#define USER_CODE "WDJB-MJHT"
#define SECRET "canary/client secret"

static const struct device_client client = {
    .issuer = "https://idp.example", .client_id = "linux", .client_secret = SECRET};

/* A grant of 600 s with this interval. */
static void
granted_with(struct device_grant *grant, int interval_s)
{
    struct buf body CLEANUP(buf_done) = BUF(1000);

    assert_int_equal(buf_printf(&body,
                                "{\"device_code\":\"" DEVICE_CODE "\",\"user_code\":\"" USER_CODE
                                "\",\"verification_uri\":\"https://idp.example/device\","
                                "\"expires_in\":600,\"interval\":%d}",
                                interval_s),
                     ST_OK);
    assert_int_equal(device_reply(&client, 200, buf_span(&body), NOW, NULL, grant), ST_OK);
}

static void
granted(struct device_grant *grant)
{
    granted_with(grant, 5);
}

static enum status
poll_with(struct device_grant *grant, int http_status, const char *body, const char *retry_after,
          int64_t now_ms, struct why *why)
{
    struct device_tokens tokens CLEANUP(device_tokens_done) = DEVICE_TOKENS;
    enum device_event event = DEVICE_GRANTED;

    enum status status = device_poll_reply(grant, http_status, span_of(body), span_of(retry_after),
                                           now_ms, why, &tokens, &event);
    if (status == ST_OK) {
        assert_int_equal(event, DEVICE_PENDING);
    }
    assert_int_equal(tokens.id_token.length, 0);
    return status;
}

/* What may reach a log at all, and none of what never may (R85, R92, R94). */
static void
assert_clean(const struct why *why)
{
    static const char *const canaries[] = {DEVICE_CODE, USER_CODE, SECRET};

    assert_true(text_is_printable(span_of(why->sentence)));
    assert_true(why->sentence[0] != '\0');
    for (size_t i = 0; i < COUNT(canaries); i++) {
        assert_null(strstr(why->sentence, canaries[i]));
    }
}

static void
a_grant_hands_over_the_id_token_and_what_its_at_hash_is_of_R62_R86_R87(void **state)
{
    static const struct {
        const char *body;
        const char *access_token;
    } rows[] = {
        {("{\"id_token\":\"a.b.c\",\"access_token\":\"x\",\"refresh_token\":\"y\","
          "\"token_type\":\"Bearer\",\"expires_in\":3600}"),
         "x"},
        {"{\"id_token\":\"a.b.c\",\"error\":null}", ""},
        {"{\"id_token\":\"a.b.c\",\"access_token\":\"\"}", ""},
        {"access_token=x%2By&id_token=a.b.c&scope=&token_type=bearer", "x+y"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct device_tokens tokens CLEANUP(device_tokens_done) = DEVICE_TOKENS;
        enum device_event event = DEVICE_PENDING;
        struct span none = {NULL, 0};

        granted(&grant);
        assert_int_equal(buf_add_text(&tokens.id_token, "an older one"), ST_OK);
        assert_int_equal(buf_add_text(&tokens.access_token, "and its"), ST_OK);
        /* Also past the expiry: who granted it knows best, and the token has its own. */
        assert_int_equal(device_poll_reply(&grant, 200, span_of(rows[i].body), none, NOW + 700000,
                                           NULL, &tokens, &event),
                         ST_OK);
        assert_int_equal(event, DEVICE_GRANTED);
        assert_string_equal(buf_text(&tokens.id_token), "a.b.c");
        assert_string_equal(buf_text(&tokens.access_token), rows[i].access_token);
    }
}

/* For `pam-oauth login`, which keeps it; a sign-in has no use for it, and does not take it. */
static void
a_refresh_token_is_taken_where_there_is_room_for_it(void **state)
{
    static const char body[] = "{\"id_token\":\"a.b.c\",\"refresh_token\":\"again\"}";
    static const size_t rooms[] = {0, 5, 4};

    (void)state;
    for (size_t i = 0; i < COUNT(rooms); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct device_tokens tokens CLEANUP(device_tokens_done) = DEVICE_TOKENS;
        enum device_event event = DEVICE_PENDING;
        struct span none = {NULL, 0};
        struct why why = {""};

        granted(&grant);
        tokens.refresh_token.limit = rooms[i];
        assert_int_equal(
            device_poll_reply(&grant, 200, span_of(body), none, NOW, &why, &tokens, &event),
            rooms[i] == 4 ? ST_PROVIDER : ST_OK);
        assert_string_equal(buf_text(&tokens.refresh_token), rooms[i] == 5 ? "again" : "");
    }
}

static void
a_grant_without_an_id_token_names_the_scope_R86_E52(void **state)
{
    static const char *const bodies[] = {
        "{\"access_token\":\"gho_16C7e42F292c6912E7710c838347Ae178B4a\"}",
        "access_token=gho_16C7e42F292c6912E7710c838347Ae178B4a&scope=repo&token_type=bearer",
        "{\"access_token\":\"gho_16\",\"id_token\":null}",
        "{\"access_token\":\"gho_16\",\"id_token\":\"\"}",
        "{\"access_token\":\"gho_16\",\"id_token\":{\"a\":1}}",
        "{}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct why why = {""};

        granted(&grant);
        assert_int_equal(poll_with(&grant, 200, bodies[i], NULL, NOW, &why), ST_PROVIDER);
        assert_non_null(strstr(why.sentence, "add openid to scope"));
        assert_null(strstr(why.sentence, "gho_"));
    }
}

static void
a_token_has_65536_bytes_at_most(void **state)
{
    static const struct {
        const char *before;
        const char *behind;
    } forms[] = {
        {"{\"id_token\":\"", "\"}"},
        {"id_token=", ""},
        {"{\"id_token\":\"x\",\"access_token\":\"", "\"}"},
        {"id_token=x&access_token=", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(forms) * 2; i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct buf body CLEANUP(buf_done) = BUF(200000);
        struct device_tokens tokens CLEANUP(device_tokens_done) = DEVICE_TOKENS;
        static char token[65538];
        struct why why = {""};
        enum device_event event = DEVICE_PENDING;
        size_t length = 65536 + i % 2;
        bool fits = i % 2 == 0;

        granted(&grant);
        memset(token, 'a', sizeof(token));
        token[length] = '\0';
        assert_int_equal(buf_add_text(&body, forms[i / 2].before), ST_OK);
        assert_int_equal(buf_add_text(&body, token), ST_OK);
        assert_int_equal(buf_add_text(&body, forms[i / 2].behind), ST_OK);
        assert_int_equal(device_poll_reply(&grant, 200, buf_span(&body), span_of(NULL), NOW, &why,
                                           &tokens, &event),
                         fits ? ST_OK : ST_PROVIDER);
        assert_int_equal((i < 4 ? tokens.id_token : tokens.access_token).length, fits ? length : 0);
        assert_int_equal(tokens.id_token.length > 0, fits);
        assert_null(strstr(why.sentence, "aaaa"));
    }
}

static void
pending_is_pending_whatever_the_status(void **state)
{
    static const struct {
        int http_status;
        const char *body;
    } cases[] = {
        {400, "{\"error\":\"authorization_pending\"}"},
        {428, "{\"error\":\"authorization_pending\",\"error_description\":\"Precondition\"}"},
        {403, "{\"error\":\"authorization_pending\"}"},
        {401, " \r\n\t{\n \"error\": \"authorization_pending\"\n}\n"},
        {200, "{\"error\":\"authorization_pending\",\"interval\":60}"},
        {200, "error=authorization_pending&error_description=x&error_uri=https%3A%2F%2Fx"},
        {500, "{\"error\":\"authorization_pending\"}"},
        {0, "{\"error\":\"authorization_pending\"}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

        granted(&grant);
        assert_int_equal(
            poll_with(&grant, cases[i].http_status, cases[i].body, "50", NOW + 5000, NULL), ST_OK);
        assert_int_equal(grant.interval_ms, 5000);
        assert_int_equal(grant.next_poll_ms, NOW + 10000);
    }
}

static void
slow_down_adds_five_seconds_for_good_R78_E46(void **state)
{
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

    (void)state;
    granted(&grant);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(
            poll_with(&grant, i == 2 ? 429 : 400, "{\"error\":\"slow_down\"}", NULL, NOW, NULL),
            ST_OK);
        assert_int_equal(grant.interval_ms, 5000 + i * 5000);
        assert_int_equal(grant.next_poll_ms, NOW + 5000 + i * 5000);
    }
    assert_int_equal(
        poll_with(&grant, 400, "{\"error\":\"authorization_pending\"}", NULL, NOW + 20000, NULL),
        ST_OK);
    assert_int_equal(grant.next_poll_ms, NOW + 40000);
}

static void
slow_down_takes_a_longer_interval_but_no_shorter_one_E46(void **state)
{
    static const struct {
        const char *body;
        int64_t interval_s;
    } cases[] = {
        {"{\"error\":\"slow_down\",\"interval\":10}", 10},
        {"{\"error\":\"slow_down\",\"interval\":20}", 20},
        {"{\"error\":\"slow_down\",\"interval\":5}", 10},
        {"{\"error\":\"slow_down\",\"interval\":0}", 10},
        {"{\"error\":\"slow_down\",\"interval\":-9223372036854775808}", 10},
        {"{\"error\":\"slow_down\",\"interval\":9223372036854775807}", 60},
        {"{\"error\":\"slow_down\",\"interval\":\"20\"}", 10},
        {"{\"error\":\"slow_down\",\"interval\":20.5}", 10},
        {"error=slow_down&interval=20", 20},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

        granted(&grant);
        assert_int_equal(poll_with(&grant, 200, cases[i].body, NULL, NOW, NULL), ST_OK);
        assert_int_equal(grant.interval_ms, cases[i].interval_s * 1000);
    }
    /* From 60 it still grows: RFC 8628 leaves no choice. */
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    granted_with(&grant, 60);
    assert_int_equal(poll_with(&grant, 400, "{\"error\":\"slow_down\"}", NULL, NOW, NULL), ST_OK);
    assert_int_equal(grant.interval_ms, 65000);
}

static void
retry_after_is_honoured_to_a_minute_R80_E48(void **state)
{
    static const struct {
        int http_status;
        const char *body;
        const char *retry_after;
        int64_t wait_s;
    } cases[] = {
        {429, "", "30", 30},
        {429, "", "3600", 60},
        {429, "{\"error\":\"authorization_pending\"}", "30", 30},
        {429, "{\"error\":\"slow_down\"}", "30", 30},
        {429, "{\"error\":\"slow_down\"}", "7", 10},
        {429, "", "1", 5},
        {429, "", "0", 5},
        {429, "", "-1", 5},
        {429, "", NULL, 5},
        {429, "", "Wed, 21 Oct 2037 07:28:00 GMT", 5},
        {503, "<html>", "20", 20},
        {503, "", "99999999999999999999", 60},
        {500, "", "20", 5},
        {400, "{\"error\":\"authorization_pending\"}", "20", 5},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

        granted(&grant);
        assert_int_equal(
            poll_with(&grant, cases[i].http_status, cases[i].body, cases[i].retry_after, NOW, NULL),
            ST_OK);
        if (grant.next_poll_ms != NOW + cases[i].wait_s * 1000) {
            fail_msg("case %zu: %lld", i, (long long)(grant.next_poll_ms - NOW));
        }
    }
}

static void
a_provider_in_trouble_gets_five_more_chances_E48(void **state)
{
    static const char *const bodies[] = {
        "",
        "<html>502 Bad Gateway</html>",
        "{\"message\":\"no upstream\"}",
        "{\"timestamp\":1,\"status\":500,\"error\":\"Internal Server Error\"}",
        "{\"error\":{\"code\":503}}",
        "{\"error\":\"server_error\"}",
    };
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct why why = {""};

    (void)state;
    granted(&grant);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(
                poll_with(&grant, i == 0 ? 429 : 500 + (int)i, bodies[i], NULL, NOW, NULL), ST_OK);
            assert_int_equal(grant.interval_ms, 5000);
        }
        /* One proper answer, and it counts from the start. */
        assert_int_equal(
            poll_with(&grant, 400, "{\"error\":\"authorization_pending\"}", NULL, NOW, NULL),
            ST_OK);
    }
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(poll_with(&grant, 500, bodies[5 - i], NULL, NOW, NULL), ST_OK);
    }
    assert_int_equal(poll_with(&grant, 502, bodies[0], NULL, NOW, &why), ST_PROVIDER);
    assert_string_equal(why.sentence,
                        "the token endpoint answered HTTP 502, and no better 5 times before");
    assert_int_equal(poll_with(&grant, 502, bodies[0], NULL, NOW, &why), ST_PROVIDER);
}

static void
any_other_answer_ends_it_E48(void **state)
{
    static const struct {
        int http_status;
        const char *body;
        enum status expected;
        const char *reason; /* a part of it */
    } cases[] = {
        {400, "{\"error\":\"access_denied\"}", ST_DEVICE_DENIED, "(access_denied)"},
        {403, "{\"error\":\"access_denied\"}", ST_DEVICE_DENIED, "refused at the provider"},
        {200, "{\"error\":\"access_denied\"}", ST_DEVICE_DENIED, "refused at the provider"},
        {500, "{\"error\":\"access_denied\"}", ST_DEVICE_DENIED, "refused at the provider"},
        {200, "error=access_denied", ST_DEVICE_DENIED, "refused at the provider"},
        {400, "{\"error\":\"authorization_declined\"}", ST_DEVICE_DENIED, "refused"},
        {400, "{\"error\":\"expired_token\"}", ST_DEVICE_EXPIRED, "expired"},
        {200, "{\"error\":\"token_expired\"}", ST_DEVICE_EXPIRED, "expired"},
        {400, "{\"error\":\"code_expired\"}", ST_DEVICE_EXPIRED, "expired"},
        {400, "{\"error\":\"bad_verification_code\"}", ST_DEVICE_EXPIRED, "no longer"},
        {400, "{\"error\":\"unauthorized_client\"}", ST_DEVICE_BLOCKED, "device flow"},
        {400, "{\"error\":\"unsupported_grant_type\"}", ST_DEVICE_BLOCKED, "device flow"},
        {401, "{\"error\":\"invalid_client\"}", ST_CONFIG, "client_id"},
        {400, "{\"error\":\"invalid_grant\"}", ST_PROVIDER, "(invalid_grant)"},
        {400, "{\"error\":\"invalid_request\"}", ST_PROVIDER, "(invalid_request)"},
        {400, "{\"error\":\"server_error\"}", ST_PROVIDER, "(server_error)"},
        {400, "{\"error\":\"Authorization_Pending\"}", ST_PROVIDER, "(Authorization_Pending)"},
        {400, "{\"error\":\"authorization_pending \"}", ST_PROVIDER, "(authorization_pending )"},
        {400, "{\"error\":\"\"}", ST_PROVIDER, "(no error code)"},
        {400, "{\"error\":7}", ST_PROVIDER, "(no error code)"},
        {400, "{}", ST_PROVIDER, "HTTP 400 without an error of OAuth"},
        {400, "{\"id_token\":\"a.b.c\"}", ST_PROVIDER, "HTTP 400 without an error of OAuth"},
        {201, "{\"id_token\":\"a.b.c\"}", ST_PROVIDER, "HTTP 201 without an error of OAuth"},
        {204, "{}", ST_PROVIDER, "HTTP 204"},
        {302, "{\"id_token\":\"a.b.c\"}", ST_PROVIDER, "HTTP 302"},
        {499, "{\"id_token\":\"a.b.c\"}", ST_PROVIDER, "HTTP 499"},
        {404, "<html>", ST_PROVIDER, "HTTP 404 with a form"},
        {400, "", ST_PROVIDER, "HTTP 400 with a form"},
        /* What claims to be a grant must be one. */
        {200, "", ST_PROVIDER, "HTTP 200 with a form"},
        {200, "<html>", ST_PROVIDER, "HTTP 200 with a form"},
        {200, "{\"id_token\":\"a.b.c\"", ST_PROVIDER, "HTTP 200 with not JSON"},
        {200, "{\"id_token\":\"a.b.c\",\"id_token\":\"d.e.f\"}", ST_PROVIDER, "HTTP 200"},
        {200, "id_token=a.b.c&id_token=d.e.f", ST_PROVIDER, "occurs twice"},
        {200, "{\"id_token\":\"a.b.c\",\"error\":\"access_denied\"}", ST_DEVICE_DENIED, "refused"},
        {200, "{\"id_token\":\"a.b.c\",\"error\":\"other\"}", ST_PROVIDER, "(other)"},
        {200, "{\"id_token\":\"a.b.c\",\"error\":\"\"}", ST_PROVIDER, "(no error code)"},
        {200, "{\"id_token\":\"a.b.c\",\"error\":false}", ST_PROVIDER, "(no error code)"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct why why = {""};

        granted(&grant);
        enum status status =
            poll_with(&grant, cases[i].http_status, cases[i].body, NULL, NOW + 5000, &why);
        if (status != cases[i].expected || strstr(why.sentence, cases[i].reason) == NULL) {
            fail_msg("%s: %s: %s", cases[i].body, status_word(status), why.sentence);
        }
        assert_clean(&why);
        assert_null(strstr(why.sentence, "a.b.c"));
    }
}

/* Entra ID's conditional access: the person approved, and the tenant's policy says no. */
static void
a_policy_that_blocks_the_flow_is_told_from_a_grant_that_is_no_good(void **state)
{
    static const struct {
        const char *error;
        const char *more; /* further members */
        enum status expected;
    } cases[] = {
        {"invalid_grant", "\"error_codes\":[53003],\"suberror\":\"message_only\"",
         ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[50199]", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[530033]", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[70000,53000]", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[53004]", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[530030]", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[530039]", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[50005]", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"suberror\":\"basic_action\"", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"suberror\":\"additional_action\"", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"suberror\":\"message_only\"", ST_DEVICE_BLOCKED},
        {"interaction_required", "\"error_codes\":[53003]", ST_DEVICE_BLOCKED},
        {"interaction_required", "\"error_codes\":[50076]", ST_DEVICE_BLOCKED},
        {"interaction_required", "\"x\":1", ST_DEVICE_BLOCKED},
        {"invalid_grant", "\"error_codes\":[70000]", ST_PROVIDER},
        {"invalid_grant", "\"error_codes\":[52999]", ST_PROVIDER},
        {"invalid_grant", "\"error_codes\":[53005]", ST_PROVIDER},
        {"invalid_grant", "\"error_codes\":[530029]", ST_PROVIDER},
        {"invalid_grant", "\"error_codes\":[530040]", ST_PROVIDER},
        {"invalid_grant", "\"error_codes\":[\"53003\",53003.0,null,[53003]]", ST_PROVIDER},
        {"invalid_grant", "\"error_codes\":53003", ST_PROVIDER},
        {"invalid_grant", "\"error_codes\":{\"53003\":1}", ST_PROVIDER},
        {"invalid_grant", "\"suberror\":\"bad_token\"", ST_PROVIDER},
        {"invalid_grant", "\"suberror\":53003", ST_PROVIDER},
        {"invalid_request", "\"error_codes\":[53003]", ST_PROVIDER},
        {"access_denied", "\"error_codes\":[53003]", ST_DEVICE_DENIED},
        {"authorization_pending", "\"error_codes\":[53003]", ST_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct buf body CLEANUP(buf_done) = BUF(1000);
        struct why why = {""};

        granted(&grant);
        assert_int_equal(buf_printf(&body, "{\"error\":\"%s\",%s}", cases[i].error, cases[i].more),
                         ST_OK);
        enum status status = poll_with(&grant, 400, buf_text(&body), NULL, NOW, &why);
        if (status != cases[i].expected) {
            fail_msg("%s: %s: %s", buf_text(&body), status_word(status), why.sentence);
        }
        if (status == ST_DEVICE_BLOCKED) {
            assert_non_null(strstr(why.sentence, "conditional access"));
        }
    }
}

static void
a_code_expires_although_the_provider_says_pending_for_ever_R79(void **state)
{
    static const struct {
        int http_status;
        const char *body;
    } cases[] = {
        {400, "{\"error\":\"authorization_pending\"}"},
        {400, "{\"error\":\"slow_down\"}"},
        {503, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct why why = {""};

        granted(&grant);
        assert_int_equal(poll_with(&grant, cases[i].http_status, cases[i].body, NULL,
                                   grant.expires_ms - 1, &why),
                         ST_OK);
        assert_int_equal(
            poll_with(&grant, cases[i].http_status, cases[i].body, NULL, grant.expires_ms, &why),
            ST_DEVICE_EXPIRED);
        assert_clean(&why);
    }
}

static void
a_poll_is_never_due_early_R78(void **state)
{
    static const char *const bodies[] = {"{\"error\":\"authorization_pending\"}",
                                         "{\"error\":\"slow_down\"}", ""};
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    int64_t now_ms = NOW;
    int polls = 0;

    (void)state;
    granted_with(&grant, 2);
    /* Whatever it answers: at most expires_in / interval + 1 polls. */
    for (; grant.next_poll_ms < grant.expires_ms; polls++) {
        int64_t interval_ms = grant.interval_ms;
        assert_true(grant.next_poll_ms - now_ms >= interval_ms);
        now_ms = grant.next_poll_ms;
        assert_int_equal(poll_with(&grant, polls % 3 == 2 ? 429 : 400, bodies[polls % 3],
                                   polls % 2 == 0 ? "1" : "17", now_ms, NULL),
                         ST_OK);
        assert_true(grant.interval_ms >= interval_ms);
    }
    assert_true(polls > 3);
    assert_true(polls <= 600 / 2 + 1);
}

static void
no_reply_doubles_the_interval_R80(void **state)
{
    static const int64_t expected_s[] = {10, 20, 40, 60, 60};
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

    (void)state;
    granted(&grant);
    for (size_t i = 0; i < COUNT(expected_s); i++) {
        device_poll_failed(&grant, NOW + (int64_t)i);
        assert_int_equal(grant.interval_ms, expected_s[i] * 1000);
        assert_int_equal(grant.next_poll_ms, NOW + (int64_t)i + expected_s[i] * 1000);
    }
    grant.interval_ms = 65000;
    device_poll_failed(&grant, NOW);
    assert_int_equal(grant.interval_ms, 65000);
    assert_int_equal(grant.next_poll_ms, NOW + 65000);
}

/* ---- what a provider says of an error ---- */

static void
foreign_text_is_escaped_and_cut_R85_R92_E49(void **state)
{
    static const struct {
        const char *description; /* as JSON */
        const char *shown;       /* a part of the reason */
    } cases[] = {
        {"\\u001b[2J", "(bad: \\x1b[2J)"},
        {"\\u001b]8;;https://evil\\u0007", "(bad: \\x1b]8;;https://evil\\x07)"},
        {"\\u001b]52;c;ZXZpbA==\\u0007", "\\x1b]52;c;"},
        {"a\\rb\\nc", "a\\x0db\\x0ac"},
        {"\\u009b2J", "\\xc2\\x9b2J"},
        {"\\u202egpj", "\\xe2\\x80\\xaegpj"},
        {"say \\\"yes\\\" \\\\o/", "say \\x22yes\\x22 \\x5co/"},
        {"%s%n%s%n", "%s%n%s%n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct buf body CLEANUP(buf_done) = BUF(1000);
        struct why why = {""};

        granted(&grant);
        assert_int_equal(buf_printf(&body, "{\"error\":\"bad\",\"error_description\":\"%s\"}",
                                    cases[i].description),
                         ST_OK);
        assert_int_equal(poll_with(&grant, 400, buf_text(&body), NULL, NOW, &why), ST_PROVIDER);
        if (strstr(why.sentence, cases[i].shown) == NULL) {
            fail_msg("%s", why.sentence);
        }
        assert_clean(&why);
        assert_int_equal(device_reply(&client, 400, buf_span(&body), NOW, &why, &grant),
                         ST_PROVIDER);
        assert_clean(&why);
    }
}

static void
long_foreign_text_ends_after_200_bytes_R85_E49(void **state)
{
    static const char *const units[] = {"x", "\\u001b", "\\u20ac"};

    (void)state;
    for (size_t i = 0; i < COUNT(units); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct buf body CLEANUP(buf_done) = BUF(200000);
        struct why why = {""};

        granted(&grant);
        assert_int_equal(buf_add_text(&body, "{\"error\":\""), ST_OK);
        for (int j = 0; j < 10000; j++) {
            assert_int_equal(buf_add_text(&body, units[i]), ST_OK);
        }
        assert_int_equal(buf_add_text(&body, "\",\"error_description\":\""), ST_OK);
        for (int j = 0; j < 10000; j++) {
            assert_int_equal(buf_add_text(&body, units[i]), ST_OK);
        }
        assert_int_equal(buf_add_text(&body, "\"}"), ST_OK);
        assert_int_equal(poll_with(&grant, 400, buf_text(&body), NULL, NOW, &why), ST_PROVIDER);
        assert_clean(&why);
        const char *behind = strstr(why.sentence, ": ");
        assert_non_null(behind);
        assert_int_equal(strlen(behind), 2 + 200 + 1);
        assert_int_equal(why.sentence[strlen(why.sentence) - 1], ')');
    }
}

static void
codes_and_secrets_are_not_repeated_R88(void **state)
{
    static const char *const polls[] = {
        "{\"error\":\"invalid_grant\",\"error_description\":\"code " DEVICE_CODE " is bad\"}",
        "{\"error\":\"" DEVICE_CODE "\"}",
        "{\"error\":\"expired_token\",\"error_description\":\"" USER_CODE "\"}",
        ("error=invalid_grant&error_description=" DEVICE_CODE),
    };
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct why why = {""};

    (void)state;
    granted(&grant);
    for (size_t i = 0; i < COUNT(polls); i++) {
        assert_int_not_equal(poll_with(&grant, 400, polls[i], NULL, NOW, &why), ST_OK);
        assert_clean(&why);
        assert_non_null(strstr(why.sentence, "withheld"));
    }
    assert_int_equal(device_reply(&client, 401,
                                  span_of("{\"error\":\"invalid_client\",\"error_description\":"
                                          "\"bad secret " SECRET "\"}"),
                                  NOW, &why, &grant),
                     ST_CONFIG);
    assert_clean(&why);
    assert_non_null(strstr(why.sentence, "withheld"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_hands_over_the_id_token_and_what_its_at_hash_is_of_R62_R86_R87),
        cmocka_unit_test(a_refresh_token_is_taken_where_there_is_room_for_it),
        cmocka_unit_test(a_grant_without_an_id_token_names_the_scope_R86_E52),
        cmocka_unit_test(a_token_has_65536_bytes_at_most),
        cmocka_unit_test(pending_is_pending_whatever_the_status),
        cmocka_unit_test(slow_down_adds_five_seconds_for_good_R78_E46),
        cmocka_unit_test(slow_down_takes_a_longer_interval_but_no_shorter_one_E46),
        cmocka_unit_test(retry_after_is_honoured_to_a_minute_R80_E48),
        cmocka_unit_test(a_provider_in_trouble_gets_five_more_chances_E48),
        cmocka_unit_test(any_other_answer_ends_it_E48),
        cmocka_unit_test(a_policy_that_blocks_the_flow_is_told_from_a_grant_that_is_no_good),
        cmocka_unit_test(a_code_expires_although_the_provider_says_pending_for_ever_R79),
        cmocka_unit_test(a_poll_is_never_due_early_R78),
        cmocka_unit_test(no_reply_doubles_the_interval_R80),
        cmocka_unit_test(foreign_text_is_escaped_and_cut_R85_R92_E49),
        cmocka_unit_test(long_foreign_text_ends_after_200_bytes_R85_E49),
        cmocka_unit_test(codes_and_secrets_are_not_repeated_R88),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
