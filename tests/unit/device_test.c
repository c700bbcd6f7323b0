/* oauth/device: what is sent, and the first reply. RFC 8628 3.1 and 3.2, R78, R79, R83, R84, R88.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "oauth/device.h"

#define NOW ((int64_t)1000000)
#define DEVICE_CODE "canary-device-code"
#define USER_CODE "WDJB-MJHT"
#define SECRET "canary/client secret"

/* Of Jansson: how many more succeed; -1 for all. */
static int allocations_left = -1;

static char listed_host[] = "Microsoft.com";
static char *listed[] = {listed_host};

static const struct device_client client = {.issuer = "https://idp.example/realms/corp",
                                            .client_id = "linux login",
                                            .client_secret = SECRET,
                                            .scope = "openid groups",
                                            .allowed_hosts = listed,
                                            .allowed_count = 1};

/* A reply with these members in the place of the usual ones; NULL leaves the usual one. */
struct members {
    const char *device_code;
    const char *user_code;
    const char *uri;
    const char *expires_in;
    const char *more; /* begins with a comma */
};

static void
write_reply(struct buf *body, const struct members *members)
{
    const char *codes =
        members->device_code != NULL ? members->device_code : "\"device_code\":\"" DEVICE_CODE "\"";
    const char *user =
        members->user_code != NULL ? members->user_code : ",\"user_code\":\"" USER_CODE "\"";
    const char *uri = members->uri != NULL ? members->uri
                                           : ",\"verification_uri\":\"https://idp.example/device\"";
    const char *expires = members->expires_in != NULL ? members->expires_in : ",\"expires_in\":600";

    assert_int_equal(buf_printf(body, "{%s%s%s%s%s}", codes, user, uri, expires,
                                members->more != NULL ? members->more : ""),
                     ST_OK);
}

static enum status
reply_with(struct members members, struct why *why, struct device_grant *grant)
{
    struct buf body CLEANUP(buf_done) = BUF(100000);

    write_reply(&body, &members);
    return device_reply(&client, 200, buf_span(&body), NOW, why, grant);
}

static void
granted(struct device_grant *grant)
{
    assert_int_equal(reply_with((struct members){NULL, NULL, NULL, NULL, NULL}, NULL, grant),
                     ST_OK);
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

/* ---- requests ---- */

static void
requests_are_form_encoded_bodies_R87_R88(void **state)
{
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct device_client public_client = client;
    struct buf body CLEANUP(buf_done) = BUF(DEVICE_REQUEST_MAX);

    (void)state;
    assert_int_equal(device_request(&client, &body), ST_OK);
    assert_string_equal(buf_text(&body), "client_id=linux+login&client_secret=canary%2Fclient+"
                                         "secret&scope=openid+groups");
    buf_cut(&body, 0);
    public_client.client_secret = NULL;
    assert_int_equal(device_request(&public_client, &body), ST_OK);
    assert_string_equal(buf_text(&body), "client_id=linux+login&scope=openid+groups");

    granted(&grant);
    buf_cut(&body, 0);
    assert_int_equal(device_poll_request(&public_client, &grant, &body), ST_OK);
    assert_string_equal(buf_text(&body),
                        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&"
                        "device_code=" DEVICE_CODE "&client_id=linux+login");
    buf_cut(&body, 0);
    assert_int_equal(device_poll_request(&client, &grant, &body), ST_OK);
    assert_non_null(strstr(buf_text(&body), "&client_secret=canary%2Fclient+secret"));
}

static void
a_request_too_long_is_a_matter_of_configuration(void **state)
{
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct buf body CLEANUP(buf_done) = BUF(60);

    (void)state;
    granted(&grant);
    assert_int_equal(device_request(&client, &body), ST_CONFIG);
    buf_cut(&body, 0);
    assert_int_equal(device_poll_request(&client, &grant, &body), ST_CONFIG);
}

static void
the_longest_device_code_fits_in_a_request(void **state)
{
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct buf body CLEANUP(buf_done) = BUF(DEVICE_REQUEST_MAX);

    (void)state;
    for (size_t i = 0; i < DEVICE_CODE_MAX; i++) {
        assert_int_equal(buf_add_char(&grant.device_code, '/'), ST_OK);
    }
    assert_int_equal(device_poll_request(&client, &grant, &body), ST_OK);
}

/* ---- the device authorization reply ---- */

static void
a_reply_becomes_a_grant_R78_R79(void **state)
{
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct why why = {""};

    (void)state;
    assert_int_equal(
        reply_with((struct members){.more =
                                        ",\"interval\":7,\"message\":\"\\u001b[2J\","
                                        "\"verification_uri_complete\":"
                                        "\"https://idp.example/device?user_code=" USER_CODE "\""},
                   &why, &grant),
        ST_OK);
    assert_string_equal(buf_text(&grant.device_code), DEVICE_CODE);
    assert_string_equal(buf_text(&grant.user_code), USER_CODE);
    assert_string_equal(buf_text(&grant.verification_uri), "https://idp.example/device");
    assert_string_equal(buf_text(&grant.verification_uri_complete),
                        "https://idp.example/device?user_code=" USER_CODE);
    assert_int_equal(grant.interval_ms, 7000);
    assert_int_equal(grant.expires_ms, NOW + 600000);
    assert_int_equal(grant.next_poll_ms, NOW + 7000);

    /* Another one over it leaves nothing of the first. */
    granted(&grant);
    assert_int_equal(grant.interval_ms, 5000);
    assert_int_equal(grant.verification_uri_complete.length, 0);
}

static void
the_fields_providers_replies_are_accepted(void **state)
{
    static const char *const bodies[] = {
        /* Google: verification_url. */
        "{\"device_code\":\"4/4-GMMhmHCXhWEzkobqIHGG_EnNYYsAkukHspeYUk9E8\","
        "\"user_code\":\"GQVQ-JKEC\",\"verification_url\":\"https://idp.example/device\","
        "\"expires_in\":1800,\"interval\":5}",
        /* Entra ID: a message, no complete URI, a host of its own. */
        "{\"user_code\":\"GBXK36DLM\",\"device_code\":\"GAQABAAEAAAD\","
        "\"verification_uri\":\"https://microsoft.com/devicelogin\",\"expires_in\":900,"
        "\"interval\":5,\"message\":\"To sign in, use a web browser\"}",
        /* Dex: pretty-printed. */
        "{\n  \"device_code\": \"f\",\n  \"user_code\": \"QWBK-LCSS\",\n"
        "  \"verification_uri\": \"https://idp.example/device\",\n"
        "  \"verification_uri_complete\": \"https://idp.example/device?user_code=QWBK-LCSS\",\n"
        "  \"expires_in\": 300,\n  \"interval\": 5\n}\n",
        /* Authentik: nine digits, one minute. */
        "{\"device_code\":\"d\",\"user_code\":\"843621957\","
        "\"verification_uri\":\"https://idp.example/device\","
        "\"verification_uri_complete\":\"https://idp.example/device?code=843621957\","
        "\"expires_in\":60,\"interval\":5}",
        /* oidc-provider: no interval. */
        "{\"device_code\":\"d\",\"user_code\":\"HKVT-ZQLN\","
        "\"verification_uri\":\"https://idp.example/device\",\"expires_in\":600}",
        /* GitHub without Accept: a form. */
        "device_code=3584d8&expires_in=900&interval=5&user_code=WDJB-MJHT&"
        "verification_uri=https%3A%2F%2Fidp.example%2Flogin%2Fdevice",
        /* The longest and the shortest code; null is absent. */
        "{\"device_code\":\"d\",\"user_code\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ-01234\","
        "\"verification_uri\":null,\"verification_url\":\"https://idp.example/device\","
        "\"verification_uri_complete\":null,\"interval\":null,\"error\":null,\"expires_in\":1}",
        "{\"device_code\":\"d\",\"user_code\":\"0O-9\","
        "\"verification_uri\":\"https://IDP.example:8443\",\"expires_in\":1}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct why why = {""};

        if (device_reply(&client, 200, span_of(bodies[i]), NOW, &why, &grant) != ST_OK) {
            fail_msg("%s: %s", bodies[i], why.sentence);
        }
        assert_int_equal(grant.interval_ms, 5000);
        /* The body decides, whatever the status. */
        assert_int_equal(device_reply(&client, 400, span_of(bodies[i]), NOW, &why, &grant), ST_OK);
    }
}

static void
an_interval_is_taken_clamped_or_made_up_R78_E47(void **state)
{
    static const struct {
        const char *more;
        int64_t interval_s;
    } cases[] = {
        {"", 5},
        {",\"interval\":1", 1},
        {",\"interval\":5", 5},
        {",\"interval\":60", 60},
        {",\"interval\":61", 60},
        {",\"interval\":1000000000", 60},
        {",\"interval\":9223372036854775807", 60},
        {",\"interval\":0", 1},
        {",\"interval\":-5", 1},
        {",\"interval\":-9223372036854775808", 1},
        {",\"interval\":1e9", 5},
        {",\"interval\":1.5", 5},
        {",\"interval\":\"5\"", 5},
        {",\"interval\":\"60\"", 5},
        {",\"interval\":true", 5},
        {",\"interval\":null", 5},
        {",\"interval\":[30]", 5},
        {",\"interval\":{}", 5},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

        assert_int_equal(reply_with((struct members){.more = cases[i].more}, NULL, &grant), ST_OK);
        if (grant.interval_ms != cases[i].interval_s * 1000) {
            fail_msg("%s: %lld", cases[i].more, (long long)grant.interval_ms);
        }
        assert_int_equal(grant.next_poll_ms, NOW + grant.interval_ms);
    }
}

static void
a_forms_interval_is_digits_R78(void **state)
{
    static const struct {
        const char *more;
        int64_t interval_s;
    } cases[] = {
        {"", 5},
        {"&interval=7", 7},
        {"&interval=0", 1},
        {"&interval=", 5},
        {"&interval=-1", 5},
        {"&interval=1.5", 5},
        {"&interval=05", 5},
        {"&interval=99999999999999999999", 5},
        {"&interval=600", 60},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct buf body CLEANUP(buf_done) = BUF(1000);

        assert_int_equal(buf_printf(&body,
                                    "device_code=d&user_code=ABCD&expires_in=60&"
                                    "verification_uri=https://idp.example/d%s",
                                    cases[i].more),
                         ST_OK);
        assert_int_equal(device_reply(&client, 200, buf_span(&body), NOW, NULL, &grant), ST_OK);
        assert_int_equal(grant.interval_ms, cases[i].interval_s * 1000);
    }
}

static void
an_expiry_is_required_and_cut_R79_E47(void **state)
{
    static const struct {
        const char *expires_in;
        int64_t expires_s; /* 0: refused */
    } cases[] = {
        {",\"expires_in\":1", 1},
        {",\"expires_in\":1800", 1800},
        {",\"expires_in\":1801", 1800},
        {",\"expires_in\":1000000000000", 1800},
        {",\"expires_in\":9223372036854775807", 1800},
        {"", 0},
        {",\"expires_in\":0", 0},
        {",\"expires_in\":-1", 0},
        {",\"expires_in\":-9223372036854775808", 0},
        {",\"expires_in\":1e12", 0},
        {",\"expires_in\":600.0", 0},
        {",\"expires_in\":\"600\"", 0},
        {",\"expires_in\":true", 0},
        {",\"expires_in\":null", 0},
        {",\"expires_in\":99999999999999999999", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        struct why why = {""};
        enum status status =
            reply_with((struct members){.expires_in = cases[i].expires_in}, &why, &grant);

        if (status != (cases[i].expires_s > 0 ? ST_OK : ST_PROVIDER)) {
            fail_msg("%s: %s", cases[i].expires_in, why.sentence);
        }
        assert_int_equal(grant.expires_ms,
                         cases[i].expires_s > 0 ? NOW + cases[i].expires_s * 1000 : 0);
    }
}

static void
hostile_codes_abort_R83_E49(void **state)
{
    static const char *const user_codes[] = {
        "",
        ",\"user_code\":null",
        ",\"user_code\":\"\"",
        ",\"user_code\":12345678",
        ",\"user_code\":[\"ABCD\"]",
        ",\"user_code\":\"ABC\"",
        ",\"user_code\":\"ABCDEFGHIJKLMNOPQRSTUVWXYZ-012345\"",
        ",\"user_code\":\"abcd-efgh\"",
        ",\"user_code\":\"ABCd\"",
        ",\"user_code\":\"ABCD EFGH\"",
        ",\"user_code\":\" ABCD\"",
        ",\"user_code\":\"ABCD\\n\"",
        ",\"user_code\":\"ABCD\\r\"",
        ",\"user_code\":\"AB\\u001b[2JCD\"",
        ",\"user_code\":\"\\u001b]52;c;ZXZpbA==\\u0007\"",
        ",\"user_code\":\"ABCD\\u0007\"",
        ",\"user_code\":\"ABCD\\u009b\"",
        ",\"user_code\":\"AB\\u202eCD\"",
        ",\"user_code\":\"AB\\u200bCD\"",
        ",\"user_code\":\"\\u0410BCD\"",
        ",\"user_code\":\"AB_CD\"",
        ",\"user_code\":\"AB.CD\"",
        ",\"user_code\":\"AB\\\"CD\"",
        ",\"user_code\":\"ABCD\\u0000\"",
    };
    static const char *const device_codes[] = {
        "\"x\":1",
        "\"device_code\":null",
        "\"device_code\":\"\"",
        "\"device_code\":7",
    };
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct why why = {""};

    (void)state;
    for (size_t i = 0; i < COUNT(user_codes); i++) {
        if (reply_with((struct members){.user_code = user_codes[i]}, &why, &grant) != ST_PROVIDER) {
            fail_msg("%s", user_codes[i]);
        }
        assert_clean(&why);
        assert_null(strstr(why.sentence, "ABC"));
    }
    for (size_t i = 0; i < COUNT(device_codes); i++) {
        assert_int_equal(reply_with((struct members){.device_code = device_codes[i]}, &why, &grant),
                         ST_PROVIDER);
        assert_string_equal(
            why.sentence,
            "the device authorization endpoint answered HTTP 200 without a device_code");
    }
    assert_int_equal(grant.user_code.length, 0);
    assert_int_equal(grant.device_code.length, 0);
}

static void
a_device_code_has_an_end(void **state)
{
    for (size_t length = DEVICE_CODE_MAX; length <= DEVICE_CODE_MAX + 1; length++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        static char member[DEVICE_CODE_MAX + 32];
        struct why why = {""};

        (void)state;
        memset(member, 'a', sizeof(member));
        memcpy(member, "\"device_code\":\"", 15);
        memcpy(member + 15 + length, "\"", 2);
        enum status status = reply_with((struct members){.device_code = member}, &why, &grant);
        assert_int_equal(status, length == DEVICE_CODE_MAX ? ST_OK : ST_PROVIDER);
    }
}

static void
hostile_verification_uris_abort_R83_E49_E50(void **state)
{
    static const char *const uris[] = {
        "",
        ",\"verification_uri\":\"\"",
        ",\"verification_uri\":7,\"verification_url\":\"https://idp.example/\"",
        ",\"verification_uri\":\"http://idp.example/device\"",
        ",\"verification_uri\":\"javascript:alert(1)\"",
        ",\"verification_uri\":\"file:///etc/passwd\"",
        ",\"verification_uri\":\"idp.example/device\"",
        ",\"verification_uri\":\"https://login.microsoftonline.com@evil.example/\"",
        ",\"verification_uri\":\"https://idp.example@evil.example/\"",
        ",\"verification_uri\":\"https://evil.example/idp.example\"",
        ",\"verification_uri\":\"https://idp.example.evil.example/\"",
        ",\"verification_uri\":\"https://xn--dp-mja.example/\"",
        ",\"verification_uri\":\"https://\\u0430ccounts.example/\"",
        ",\"verification_uri\":\"https://idp.example/\\u001b[2J\"",
        ",\"verification_uri\":\"https://idp.example/\\u001b]8;;https://evil\\u0007\"",
        ",\"verification_uri\":\"https://idp.example/\\u001b]52;c;ZXZpbA==\\u0007\"",
        ",\"verification_uri\":\"https://idp.example/\\rhttps://evil.example\"",
        ",\"verification_uri\":\"https://idp.example/\\n\"",
        ",\"verification_uri\":\"https://idp.example/\\u009b2J\"",
        ",\"verification_uri\":\"https://idp.example/\\u202egpj\"",
        ",\"verification_uri\":\"https://idp.example/ and more\"",
        ",\"verification_uri\":\"https://idp.example/#x\"",
        ",\"verification_url\":\"https://evil.example/\"",
        (",\"verification_uri\":\"https://evil.example/\","
         "\"verification_url\":\"https://idp.example/\""),
    };
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct why why = {""};

    (void)state;
    for (size_t i = 0; i < COUNT(uris); i++) {
        if (reply_with((struct members){.uri = uris[i]}, &why, &grant) != ST_PROVIDER) {
            fail_msg("%s", uris[i]);
        }
        assert_clean(&why);
    }
    assert_int_equal(grant.verification_uri.length, 0);
    assert_non_null(strstr(why.sentence, "on host 'evil.example'"));
    assert_non_null(strstr(why.sentence, "allowed_hosts"));
}

static void
a_verification_uri_has_200_bytes_at_most_R83_E50(void **state)
{
    static const size_t lengths[] = {200, 201, 4096};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        static char uri[5000];
        struct why why = {""};
        int start = snprintf(uri, sizeof(uri), ",\"verification_uri\":\"");

        memset(uri + start, 'a', lengths[i]);
        memcpy(uri + start, "https://idp.example/", 20);
        memcpy(uri + start + lengths[i], "\"", 2);
        assert_int_equal(reply_with((struct members){.uri = uri}, &why, &grant),
                         lengths[i] == 200 ? ST_OK : ST_PROVIDER);
        assert_int_equal(grant.verification_uri.length, lengths[i] == 200 ? 200 : 0);
    }
}

static void
a_complete_uri_is_kept_only_when_harmless_R84(void **state)
{
    static const struct {
        const char *more;
        bool kept;
    } cases[] = {
        {",\"verification_uri_complete\":\"https://idp.example/device?c=WDJB-MJHT\"", true},
        {",\"verification_uri_complete\":\"https://IDP.example:443/WDJB-MJHT\"", true},
        {",\"verification_uri_complete\":\"https://idp.example?WDJB-MJHT\"", true},
        {",\"verification_uri_complete\":null", false},
        {",\"verification_uri_complete\":7", false},
        {",\"verification_uri_complete\":\"\"", false},
        {",\"verification_uri_complete\":\"https://idp.example/device\"", false},
        {",\"verification_uri_complete\":\"https://idp.example/device?c=WDJBMJHT\"", false},
        {",\"verification_uri_complete\":\"https://idp.example/device?c=wdjb-mjht\"", false},
        {",\"verification_uri_complete\":\"http://idp.example/device?c=WDJB-MJHT\"", false},
        {",\"verification_uri_complete\":\"https://evil.example/device?c=WDJB-MJHT\"", false},
        /* Allowed for the plain one, but not where the plain one is. */
        {",\"verification_uri_complete\":\"https://microsoft.com/?c=WDJB-MJHT\"", false},
        {",\"verification_uri_complete\":\"https://idp.example:8443/?c=WDJB-MJHT\"", false},
        {",\"verification_uri_complete\":\"https://x@idp.example/?c=WDJB-MJHT\"", false},
        {",\"verification_uri_complete\":\"https://idp.example/?c=WDJB-MJHT#x\"", false},
        {",\"verification_uri_complete\":\"https://idp.example/?c=WDJB-MJHT\\u001b[2J\"", false},
        {",\"verification_uri_complete\":\"https://idp.example/\\u202e?c=WDJB-MJHT\"", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

        assert_int_equal(reply_with((struct members){.more = cases[i].more}, NULL, &grant), ST_OK);
        if ((grant.verification_uri_complete.length > 0) != cases[i].kept) {
            fail_msg("%s", cases[i].more);
        }
    }
    /* The code in the host proves nothing. */
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    assert_int_equal(device_reply(&client, 200,
                                  span_of("device_code=d&user_code=1234&expires_in=60&"
                                          "verification_uri=https://idp.example/&"
                                          "verification_uri_complete=https://idp.example:1234/"),
                                  NOW, NULL, &grant),
                     ST_OK);
    assert_int_equal(grant.verification_uri_complete.length, 0);
}

static void
a_long_complete_uri_is_dropped_R84(void **state)
{
    for (size_t length = 400; length <= 401; length++) {
        struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
        char more[500];
        int start = snprintf(more, sizeof(more), ",\"verification_uri_complete\":\"");

        (void)state;
        memset(more + start, 'a', length);
        memcpy(more + start, "https://idp.example/" USER_CODE, 20 + strlen(USER_CODE));
        memcpy(more + (size_t)start + length, "\"", 2);
        assert_int_equal(reply_with((struct members){.more = more}, NULL, &grant), ST_OK);
        assert_int_equal(grant.verification_uri_complete.length, length == 400 ? 400 : 0);
    }
}

static void
refused_device_requests_have_their_reasons_E48(void **state)
{
    static const struct {
        int http_status;
        const char *body;
        enum status expected;
        const char *reason; /* a part of it */
    } cases[] = {
        {400, "{\"error\":\"unauthorized_client\"}", ST_DEVICE_BLOCKED, "(unauthorized_client)"},
        {400, "{\"error\":\"unsupported_grant_type\"}", ST_DEVICE_BLOCKED, "device flow"},
        {403, "{\"error\":\"access_denied\"}", ST_DEVICE_BLOCKED, "device flow"},
        {401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000218: x\"}",
         ST_CONFIG, "(invalid_client: AADSTS7000218: x)"},
        {200, "error=invalid_client&error_description=no+such+client", ST_CONFIG,
         "(invalid_client: no such client)"},
        {429, "{\"error\":\"slow_down\"}", ST_PROVIDER, "rate limit"},
        {400, "{\"error\":\"invalid_scope\"}", ST_PROVIDER, "scope"},
        {400, "{\"error\":\"invalid_request\"}", ST_PROVIDER, "(invalid_request)"},
        {400, "{\"error\":\"Access_Denied\"}", ST_PROVIDER, "(Access_Denied)"},
        {400, "{\"error\":\"\"}", ST_PROVIDER, "(no error code)"},
        {400, "{\"error\":{\"code\":7},\"error_description\":\"x\"}", ST_PROVIDER,
         "(no error code: x)"},
        /* An error and a grant in one reply are no grant. */
        {200,
         "{\"error\":\"weird\",\"device_code\":\"d\",\"user_code\":\"ABCD\",\"expires_in\":60,"
         "\"verification_uri\":\"https://idp.example/\"}",
         ST_PROVIDER, "(weird)"},
        {404, "<html>not found</html>", ST_PROVIDER, "HTTP 404"},
        {503, "", ST_PROVIDER, "HTTP 503"},
        {200, "[]", ST_PROVIDER, "HTTP 200 with"},
        {200, "{", ST_PROVIDER, "HTTP 200 with"},
        {200, "{\"device_code\":\"a\",\"device_code\":\"b\"}", ST_PROVIDER, "HTTP 200 with"},
        {302, "{}", ST_PROVIDER, "HTTP 302 without a device_code"},
    };
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;

    (void)state;
    granted(&grant);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct why why = {""};
        enum status status = device_reply(&client, cases[i].http_status, span_of(cases[i].body),
                                          NOW + 1, &why, &grant);

        if (status != cases[i].expected || strstr(why.sentence, cases[i].reason) == NULL) {
            fail_msg("%s: %s: %s", cases[i].body, status_word(status), why.sentence);
        }
        assert_clean(&why);
    }
    assert_string_equal(buf_text(&grant.device_code), DEVICE_CODE);
    assert_int_equal(grant.next_poll_ms, NOW + 5000);
}

static void
a_bad_issuer_is_a_matter_of_configuration(void **state)
{
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct device_client bad = client;
    struct buf body CLEANUP(buf_done) = BUF(1000);
    struct why why = {""};

    (void)state;
    bad.issuer = "http://idp.example";
    write_reply(&body, &(struct members){NULL, NULL, NULL, NULL, NULL});
    assert_int_equal(device_reply(&bad, 200, buf_span(&body), NOW, &why, &grant), ST_CONFIG);
    assert_string_equal(why.sentence, "the issuer is not an https URL");
}

static bool
is_memory_left(void)
{
    return allocations_left < 0 || allocations_left-- > 0;
}

static void *
allocate(size_t size)
{
    return is_memory_left() ? malloc(size) : NULL;
}

static void
memory_that_runs_out_grants_nothing(void **state)
{
    static const char body[] =
        "device_code=d&user_code=ABCD&expires_in=60&verification_uri=https://idp.example/";
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    enum status status = ST_MEMORY;
    int wanted = 0;

    (void)state;
    json_set_alloc_funcs(allocate, free);
    for (; status != ST_OK; wanted++) {
        struct why why = {""};

        allocations_left = wanted;
        status = device_reply(&client, 200, span_of(body), NOW, &why, &grant);
        allocations_left = -1;
        assert_true(status == ST_OK || status == ST_MEMORY);
        assert_int_equal(grant.device_code.length > 0, status == ST_OK);
    }
    json_set_alloc_funcs(malloc, free);
    assert_true(wanted > 5);
}

static void
a_grant_is_wiped_when_done(void **state)
{
    struct device_grant grant = DEVICE_GRANT;

    (void)state;
    granted(&grant);
    device_grant_done(&grant);
    assert_null(grant.device_code.at);
    assert_null(grant.user_code.at);
    assert_null(grant.verification_uri.at);
    assert_null(grant.verification_uri_complete.at);
    /* It can be used again. */
    granted(&grant);
    device_grant_done(&grant);
    device_grant_done(&grant);
}

static void
a_code_may_be_asked_for_again_where_the_provider_is_only_busy_R80_R121(void **state)
{
    static const struct {
        int http_status;
        const char *body;
        const char *retry_after;
        int64_t again_s; /* -1: no use */
    } cases[] = {
        {429, "{\"error\":\"slow_down\"}", NULL, 5},
        {429, "{\"error\":\"slow_down\"}", "20", 20},
        {429, "<html>", "3600", 60},
        {429, "", "1", 5},
        {429, "", "Wed, 21 Oct 2037 07:28:00 GMT", 5},
        {503, "", "7", 7},
        {400, "{\"error\":\"slow_down\"}", NULL, 5},
        {200, "error=slow_down", "9", 9},
        {400, "{\"error\":\"invalid_client\"}", "9", -1},
        {400, "{\"error\":\"authorization_pending\"}", NULL, -1},
        {400, "{\"error\":[\"slow_down\"]}", NULL, -1},
        {500, "<html>", "9", -1},
        {200, "{}", "9", -1},
        {404, "", NULL, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t again_ms = device_request_again_ms(cases[i].http_status, span_of(cases[i].body),
                                                   span_of(cases[i].retry_after));
        int64_t wanted_ms = cases[i].again_s < 0 ? -1 : cases[i].again_s * 1000;
        if (again_ms != wanted_ms) {
            fail_msg("case %zu: %lld", i, (long long)again_ms);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_form_encoded_bodies_R87_R88),
        cmocka_unit_test(a_request_too_long_is_a_matter_of_configuration),
        cmocka_unit_test(the_longest_device_code_fits_in_a_request),
        cmocka_unit_test(a_reply_becomes_a_grant_R78_R79),
        cmocka_unit_test(the_fields_providers_replies_are_accepted),
        cmocka_unit_test(an_interval_is_taken_clamped_or_made_up_R78_E47),
        cmocka_unit_test(a_forms_interval_is_digits_R78),
        cmocka_unit_test(an_expiry_is_required_and_cut_R79_E47),
        cmocka_unit_test(hostile_codes_abort_R83_E49),
        cmocka_unit_test(a_device_code_has_an_end),
        cmocka_unit_test(hostile_verification_uris_abort_R83_E49_E50),
        cmocka_unit_test(a_verification_uri_has_200_bytes_at_most_R83_E50),
        cmocka_unit_test(a_complete_uri_is_kept_only_when_harmless_R84),
        cmocka_unit_test(a_long_complete_uri_is_dropped_R84),
        cmocka_unit_test(refused_device_requests_have_their_reasons_E48),
        cmocka_unit_test(a_bad_issuer_is_a_matter_of_configuration),
        cmocka_unit_test(memory_that_runs_out_grants_nothing),
        cmocka_unit_test(a_grant_is_wiped_when_done),
        cmocka_unit_test(a_code_may_be_asked_for_again_where_the_provider_is_only_busy_R80_R121),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
