#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "jose/digest.h"
#include "oauth/authcode.h"
#include "oauth/form.h"

#define STATE "s2a"
#define ISSUER "https://sso.example.org/realms/corp"
#define ISS "iss=https%3A%2F%2Fsso.example.org%2Frealms%2Fcorp"
#define LINE(query) "GET /callback?" query " HTTP/1.1\r\n"

static const struct authcode_wish wish = {.state = STATE, .issuer = ISSUER, .names_issuer = false};
static const struct authcode_wish named = {.state = STATE, .issuer = ISSUER, .names_issuer = true};

static struct authcode_request
request(void)
{
    return (struct authcode_request){
        .endpoint = "https://sso.example.org/auth",
        .client_id = "linux login",
        .redirect_uri = "http://127.0.0.1:4711/callback",
        .scope = "openid sudo",
        .state = STATE,
        .nonce = "n",
        .challenge = "c",
        .acr_values = "",
        .max_age_s = -1,
    };
}

static void
expect_url(const struct authcode_request *wanted, const char *url)
{
    struct buf text CLEANUP(buf_done) = BUF(AUTHCODE_URL_MAX);

    assert_int_equal(authcode_url(wanted, &text), ST_OK);
    assert_string_equal(buf_text(&text), url);
}

#define BEGINS                                                                                     \
    "response_type=code&client_id=linux+login&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2F"       \
    "callback&scope="
#define ENDS "&state=s2a&nonce=n&code_challenge=c&code_challenge_method=S256"

static void
a_sign_in_is_asked_for(void **state)
{
    struct authcode_request wanted = request();

    (void)state;
    expect_url(&wanted, "https://sso.example.org/auth?" BEGINS "openid+sudo" ENDS);
    wanted.endpoint = "https://sso.example.org/auth?tenant=1";
    wanted.max_age_s = 60;
    wanted.acr_values = "phr phrh";
    expect_url(&wanted, "https://sso.example.org/auth?tenant=1&" BEGINS "openid+sudo" ENDS
                        "&acr_values=phr+phrh&max_age=60");
    wanted = request();
    wanted.audience = "ssh://a&b";
    wanted.scope = "openid offline_access";
    expect_url(&wanted,
               "https://sso.example.org/auth?" BEGINS
               "openid+offline_access&audience=ssh%3A%2F%2Fa%26b&resource=ssh%3A%2F%2Fa%26b" ENDS
               "&prompt=consent");
    wanted.audience = "api";
    wanted.scope = "openid";
    expect_url(&wanted, "https://sso.example.org/auth?" BEGINS "openid&audience=api" ENDS);
}

static void
what_does_not_fit_into_a_url_is_the_configuration_s_fault(void **state)
{
    struct authcode_request wanted = request();
    struct buf url CLEANUP(buf_done) = BUF(AUTHCODE_URL_MAX);
    char *scope = calloc(1, AUTHCODE_URL_MAX + 1);

    (void)state;
    memset(scope, 'x', AUTHCODE_URL_MAX);
    wanted.scope = scope;
    assert_int_equal(authcode_url(&wanted, &url), ST_CONFIG);
    free(scope);
}

/* RFC 7636 appendix B. */
static void
the_challenge_is_S256_of_the_verifier(void **state)
{
    struct buf challenge CLEANUP(buf_done) = BUF(64);

    (void)state;
    assert_int_equal(
        digest_sha256_base64url(span_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), &challenge),
        ST_OK);
    assert_string_equal(buf_text(&challenge), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

struct outcome {
    enum status status;
    enum authcode_event event;
    struct why why;
    char code[128];
};

static struct outcome
answer(const struct authcode_wish *wanted, const char *line)
{
    struct outcome outcome = {.event = AUTHCODE_ELSEWHERE};
    struct buf code CLEANUP(buf_done) = BUF(AUTHCODE_CODE_MAX);

    outcome.status = authcode_answer(wanted, span_of(line), &outcome.why, &code, &outcome.event);
    (void)snprintf(outcome.code, sizeof(outcome.code), "%s", buf_text(&code));
    return outcome;
}

static void
the_answer_brings_a_code(void **state)
{
    static const char *const lines[] = {
        LINE("code=a%2Bb&state=" STATE),
        LINE("state=" STATE "&code=a%2Bb&session_state=x&scope=openid+a"),
        "GET /callback?code=a%2Bb&state=" STATE " HTTP/1.0",
        LINE(ISS "&code=a%2Bb&state=" STATE),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct outcome outcome = answer(&wish, lines[i]);
        assert_int_equal(outcome.status, ST_OK);
        assert_int_equal(outcome.event, AUTHCODE_ANSWERED);
        assert_string_equal(outcome.code, "a+b");
    }
    assert_int_equal(answer(&named, lines[3]).status, ST_OK);
}

/* RFC 9207 2.4: whose answer it is comes before what it says. */
static void
another_provider_s_answer_is_refused(void **state)
{
    static const char *const lines[] = {
        LINE("iss=https%3A%2F%2Fevil.example&code=c&state=" STATE),
        LINE("iss=https%3A%2F%2Fevil.example&error=access_denied&state=" STATE),
        LINE("iss=&code=c&state=" STATE),
        LINE(ISS "%2F&code=c&state=" STATE),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct outcome outcome = answer(&wish, lines[i]);
        assert_int_equal(outcome.status, ST_ISSUER);
        assert_int_equal(outcome.event, AUTHCODE_ANSWERED);
        assert_string_equal(outcome.code, "");
    }
    assert_int_equal(answer(&named, LINE("code=c&state=" STATE)).status, ST_ISSUER);
}

static void
strangers_end_nothing(void **state)
{
    static const char *const elsewhere[] = {
        "",
        "\r\n",
        "GET / HTTP/1.1",
        "GET /callback HTTP/1.1",
        "GET /callback/?code=c&state=" STATE " HTTP/1.1",
        "GET //callback?code=c&state=" STATE " HTTP/1.1",
        "GET http://127.0.0.1/callback?code=c&state=" STATE " HTTP/1.1",
        "POST /callback?code=c&state=" STATE " HTTP/1.1",
        "get /callback?code=c&state=" STATE " HTTP/1.1",
        "GET /callback?code=c&state=" STATE,
        "GET /callback?code=c&state=" STATE " HTTP/2.0",
        "GET /callback?code=c&state=" STATE " HTTP/1.1 ",
        "GET  /callback?code=c&state=" STATE " HTTP/1.1",
    };
    static const char *const foreign[] = {
        LINE("code=c"),
        LINE("code=c&state="),
        LINE("code=c&state=S2A"),
        LINE("code=c&state=" STATE "x"),
        LINE("code=c&state=" STATE "%00"),
        LINE("code=c&state=" STATE "&state=" STATE),
        LINE("code=c&code=d&state=" STATE),
        LINE("code=c&state[]=" STATE),
        LINE(""),
        LINE("error=access_denied&state=other"),
        LINE("code=%zz&state=" STATE),
        LINE("code=\x1b[2J&state=" STATE),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(elsewhere); i++) {
        struct outcome outcome = answer(&wish, elsewhere[i]);
        assert_int_equal(outcome.status, ST_OK);
        assert_int_equal(outcome.event, AUTHCODE_ELSEWHERE);
    }
    for (size_t i = 0; i < COUNT(foreign); i++) {
        struct outcome outcome = answer(&wish, foreign[i]);
        assert_int_equal(outcome.status, ST_OK);
        if (outcome.event != AUTHCODE_FOREIGN) {
            fail_msg("not foreign: %s", foreign[i]);
        }
        assert_string_equal(outcome.code, "");
    }
}

static void
E49_what_an_error_says_is_not_repeated(void **state)
{
    static const struct {
        const char *query;
        enum status status;
        const char *sentence;
    } rows[] = {
        {LINE("error=access_denied&error_description=evil&state=" STATE), ST_CANCELLED,
         "the sign-in was refused at the provider: access_denied"},
        {LINE("error=invalid_scope&error_uri=evil&state=" STATE), ST_CONFIG,
         "the provider does not grant the scope; check it: invalid_scope"},
        {LINE("error=evil%1b%5b2J&error_description=evil&state=" STATE), ST_PROVIDER,
         "the provider ended the sign-in with an error"},
        {LINE("error=&code=evil&state=" STATE), ST_PROVIDER,
         "the provider ended the sign-in with an error"},
        {LINE("code=&state=" STATE), ST_PROVIDER, "the answer holds neither a code nor an error"},
        {LINE("code=%1b%5b2J&state=" STATE), ST_PROVIDER,
         "the answer holds neither a code nor an error"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome outcome = answer(&wish, rows[i].query);
        assert_int_equal(outcome.status, rows[i].status);
        assert_string_equal(outcome.why.sentence, rows[i].sentence);
        assert_string_equal(outcome.code, "");
    }
}

static void
a_code_is_exchanged(void **state)
{
    struct buf body CLEANUP(buf_done) = BUF(GRANTED_REQUEST_MAX);
    struct granted_client client = {.client_id = "linux", .client_secret = "s&t"};
    struct authcode_exchange exchange = {
        .redirect_uri = "http://127.0.0.1:1/callback", .verifier = "v", .audience = NULL};

    (void)state;
    assert_int_equal(authcode_token_request(&client, &exchange, span_of("a+b"), &body), ST_OK);
    assert_string_equal(buf_text(&body),
                        "grant_type=authorization_code&code=a%2Bb&redirect_uri=http%3A%2F%2F127.0."
                        "0.1%3A1%2Fcallback&code_verifier=v&client_id=linux&client_secret=s%26t");
}

static void
a_nonce_is_the_sign_in_s_own(void **state)
{
    static const char *const others[] = {"{\"sub\":\"1\"}", "{\"nonce\":\"N\"}", "{\"nonce\":\"\"}",
                                         "{\"nonce\":[\"n\"]}", "{\"nonce\":\"nn\"}"};
    struct why why = {""};

    (void)state;
    struct claims *own = support_claims("{\"nonce\":\"n\"}");
    assert_int_equal(authcode_check_nonce(own, "n", &why), ST_OK);
    claims_done(&own);
    for (size_t i = 0; i < COUNT(others); i++) {
        struct claims *claims = support_claims(others[i]);
        assert_int_equal(authcode_check_nonce(claims, "n", &why), ST_CLAIM);
        claims_done(&claims);
    }
}

/* ---- granted.h ------------------------------------------------------------------------------ */

static void
tokens_are_renewed_and_revoked(void **state)
{
    struct buf body CLEANUP(buf_done) = BUF(GRANTED_REQUEST_MAX);
    struct granted_client client = {.client_id = "linux", .client_secret = NULL};

    (void)state;
    assert_int_equal(granted_refresh_request(&client, span_of("r"), "ssh://h", &body), ST_OK);
    assert_string_equal(buf_text(&body),
                        "grant_type=refresh_token&refresh_token=r&audience=ssh%3A%2F%2Fh&resource="
                        "ssh%3A%2F%2Fh&client_id=linux");
    buf_cut(&body, 0);
    assert_int_equal(granted_revoke_request(&client, span_of("r"), &body), ST_OK);
    assert_string_equal(buf_text(&body), "token=r&token_type_hint=refresh_token&client_id=linux");
    struct buf small CLEANUP(buf_done) = BUF(8);
    assert_int_equal(granted_revoke_request(&client, span_of("r"), &small), ST_CONFIG);
    assert_int_equal(granted_refresh_request(&client, span_of("r"), NULL, &small), ST_CONFIG);
}

static void
what_is_granted_is_read(void **state)
{
    struct granted granted CLEANUP(granted_done) = GRANTED;
    struct why why = {""};

    (void)state;
    assert_int_equal(granted_reply(200,
                                   span_of("{\"access_token\":\"a\",\"id_token\":\"i\","
                                           "\"refresh_token\":\"r\",\"scope\":\"openid x\","
                                           "\"token_type\":\"bearer\",\"expires_in\":600}"),
                                   span_of("c"), &why, &granted),
                     ST_OK);
    assert_string_equal(buf_text(&granted.access_token), "a");
    assert_string_equal(buf_text(&granted.id_token), "i");
    assert_string_equal(buf_text(&granted.refresh_token), "r");
    assert_string_equal(buf_text(&granted.scope), "openid x");
    assert_int_equal(
        granted_reply(200, span_of("{\"access_token\":\"b\"}"), span_of("c"), &why, &granted),
        ST_OK);
    assert_string_equal(buf_text(&granted.access_token), "b");
    assert_int_equal(granted.refresh_token.length, 0);
}

static void
what_is_not_granted_leaves_what_there_was(void **state)
{
    static const struct {
        int http_status;
        const char *body;
        enum status status;
        const char *part;
    } rows[] = {
        {400, "{\"error\":\"invalid_grant\"}", ST_EXPIRED, "(invalid_grant)"},
        {401, "{\"error\":\"invalid_client\"}", ST_CONFIG, "check client_id"},
        {400, "{\"error\":\"invalid_target\"}", ST_CONFIG, "knows no such audience"},
        {400, "{\"error\":\"x\",\"error_description\":\"has SECRET in it\"}", ST_PROVIDER,
         "(x: withheld, as it repeats a secret)"},
        {200, "{\"error\":\"server_error\",\"access_token\":\"b\"}", ST_PROVIDER, "server_error"},
        {500, "<h1>", ST_PROVIDER, "answered HTTP 500 with"},
        {503, "{\"access_token\":\"b\"}", ST_PROVIDER, "answered HTTP 503 without an error"},
        {200, "{\"access_token\":\"b\",\"token_type\":\"DPoP\"}", ST_PROVIDER,
         "of type 'DPoP', not Bearer"},
        {200, "[]", ST_PROVIDER, "answered HTTP 200 with"},
    };
    struct granted granted CLEANUP(granted_done) = GRANTED;

    (void)state;
    assert_int_equal(buf_add_text(&granted.access_token, "a"), ST_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct why why = {""};
        assert_int_equal(granted_reply(rows[i].http_status, span_of(rows[i].body),
                                       span_of("SECRET"), &why, &granted),
                         rows[i].status);
        if (strstr(why.sentence, rows[i].part) == NULL || strstr(why.sentence, "SECRET") != NULL) {
            fail_msg("%s", why.sentence);
        }
        assert_string_equal(buf_text(&granted.access_token), "a");
    }
}

static void
a_token_that_is_too_long_is_refused(void **state)
{
    struct granted granted CLEANUP(granted_done) = GRANTED;
    struct buf body CLEANUP(buf_done) = BUF(2 * GRANTED_TOKEN_MAX);
    struct why why = {""};

    (void)state;
    assert_int_equal(buf_add_text(&body, "{\"scope\":\""), ST_OK);
    for (size_t i = 0; i < GRANTED_SCOPE_MAX + 1; i++) {
        assert_int_equal(buf_add_char(&body, 'x'), ST_OK);
    }
    assert_int_equal(buf_add_text(&body, "\"}"), ST_OK);
    assert_int_equal(granted_reply(200, buf_span(&body), span_of(""), &why, &granted), ST_PROVIDER);
    assert_non_null(strstr(why.sentence, "sent a scope of 4097 bytes"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sign_in_is_asked_for),
        cmocka_unit_test(what_does_not_fit_into_a_url_is_the_configuration_s_fault),
        cmocka_unit_test(the_challenge_is_S256_of_the_verifier),
        cmocka_unit_test(the_answer_brings_a_code),
        cmocka_unit_test(another_provider_s_answer_is_refused),
        cmocka_unit_test(strangers_end_nothing),
        cmocka_unit_test(E49_what_an_error_says_is_not_repeated),
        cmocka_unit_test(a_code_is_exchanged),
        cmocka_unit_test(a_nonce_is_the_sign_in_s_own),
        cmocka_unit_test(tokens_are_renewed_and_revoked),
        cmocka_unit_test(what_is_granted_is_read),
        cmocka_unit_test(what_is_not_granted_leaves_what_there_was),
        cmocka_unit_test(a_token_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests_name("authcode", tests, NULL, NULL);
}
