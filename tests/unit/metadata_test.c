/* oauth/metadata: the discovery document. OIDC Discovery 4, RFC 8414 3, R65, R66, E38. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "oauth/metadata.h"

#define ISSUER "https://sso.example.org/realms/corp"
#define ISSUER_MEMBER "\"issuer\":\"" ISSUER "\""
#define JWKS_MEMBER "\"jwks_uri\":\"https://sso.example.org/jwks\""

static void
both_document_urls_are_built_R65(void **state)
{
    static const struct {
        const char *issuer;
        const char *oidc;
        const char *rfc8414;
    } cases[] = {
        {"https://accounts.google.com",
         "https://accounts.google.com/.well-known/openid-configuration",
         "https://accounts.google.com/.well-known/oauth-authorization-server"},
        /* Auth0 ends in a slash; only one goes. */
        {"https://corp.eu.auth0.com/", "https://corp.eu.auth0.com/.well-known/openid-configuration",
         "https://corp.eu.auth0.com/.well-known/oauth-authorization-server"},
        {ISSUER, ISSUER "/.well-known/openid-configuration",
         "https://sso.example.org/.well-known/oauth-authorization-server/realms/corp"},
        {"https://sts.example/tid/", "https://sts.example/tid/.well-known/openid-configuration",
         "https://sts.example/.well-known/oauth-authorization-server/tid"},
        {"https://gitlab.example:8443",
         "https://gitlab.example:8443/.well-known/openid-configuration",
         "https://gitlab.example:8443/.well-known/oauth-authorization-server"},
        {"https://[2001:db8::1]:444/a//",
         "https://[2001:db8::1]:444/a//.well-known/openid-configuration",
         "https://[2001:db8::1]:444/.well-known/oauth-authorization-server/a/"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf oidc CLEANUP(buf_done) = BUF(METADATA_URL_MAX);
        struct buf rfc8414 CLEANUP(buf_done) = BUF(METADATA_URL_MAX);
        assert_int_equal(metadata_url(cases[i].issuer, METADATA_OIDC, NULL, &oidc), ST_OK);
        assert_int_equal(metadata_url(cases[i].issuer, METADATA_RFC8414, NULL, &rfc8414), ST_OK);
        assert_string_equal(buf_text(&oidc), cases[i].oidc);
        assert_string_equal(buf_text(&rfc8414), cases[i].rfc8414);
    }
}

static void
an_issuer_that_is_none_is_a_matter_of_configuration_R65(void **state)
{
    static const char *const cases[] = {
        "",
        "accounts.google.com",
        "http://fs.example/adfs/services/trust",
        "kubernetes/serviceaccount",
        "https://idp.example/?x=1",
        "https://idp.example?x=1",
        "https://idp.example/#x",
        "https://user@idp.example/",
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "https://idp.example/\x1b[2J",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf url CLEANUP(buf_done) = BUF(METADATA_URL_MAX);
        struct metadata metadata CLEANUP(metadata_done) = METADATA;
        struct why why = {""};

        if (metadata_url(cases[i], METADATA_OIDC, &why, &url) != ST_CONFIG) {
            fail_msg("%s", cases[i]);
        }
        assert_int_equal(url.length, 0);
        assert_int_equal(strncmp(why.sentence, "issuer '", 8), 0);
        assert_true(text_is_printable(span_of(why.sentence)));
        assert_int_equal(metadata_parse(span_of("{}"), cases[i], NULL, 0, &why, &metadata),
                         ST_CONFIG);
    }
}

static void
an_issuer_too_long_for_its_document_is_refused(void **state)
{
    char issuer[METADATA_URL_MAX + 1];
    struct buf url CLEANUP(buf_done) = BUF(METADATA_URL_MAX);
    struct why why = {""};

    (void)state;
    memset(issuer, 'a', sizeof(issuer));
    memcpy(issuer, "https://a/", 10);
    issuer[METADATA_URL_MAX] = '\0';
    assert_int_equal(metadata_url(issuer, METADATA_OIDC, &why, &url), ST_CONFIG);
    assert_int_equal(metadata_url(issuer, METADATA_RFC8414, &why, &url), ST_CONFIG);
    assert_non_null(strstr(why.sentence, "too long"));
    issuer[METADATA_URL_MAX - strlen("/.well-known/openid-configuration")] = '\0';
    assert_int_equal(metadata_url(issuer, METADATA_OIDC, &why, &url), ST_OK);
    assert_int_equal(url.length, METADATA_URL_MAX);
}

static void
a_document_is_read(void **state)
{
    struct metadata metadata CLEANUP(metadata_done) = METADATA;
    char host[] = "Keys.Example.NET";
    char *allowed[] = {host};
    struct why why = {""};

    (void)state;
    assert_int_equal(
        metadata_parse(
            span_of(" { " ISSUER_MEMBER ", \"jwks_uri\":\"https:\\/\\/keys.example.net\\/k?p=1\","
                    "\"token_endpoint\":\"https://sso.example.org:8443/token\","
                    "\"device_authorization_endpoint\":\"https://sso.example.org/device\","
                    "\"authorization_endpoint\":\"http://not.used.example/\","
                    "\"scopes_supported\":[\"openid\"] }\n"),
            ISSUER, allowed, 1, &why, &metadata),
        ST_OK);
    assert_string_equal(buf_text(&metadata.jwks_uri), "https://keys.example.net/k?p=1");
    assert_string_equal(buf_text(&metadata.token_endpoint), "https://sso.example.org:8443/token");
    assert_string_equal(buf_text(&metadata.device_authorization_endpoint),
                        "https://sso.example.org/device");

    /* Without the optional ones, and over an older one: nothing of that is left. */
    assert_int_equal(
        metadata_parse(span_of("{" ISSUER_MEMBER "," JWKS_MEMBER ",\"token_endpoint\":null}"),
                       ISSUER, NULL, 0, &why, &metadata),
        ST_OK);
    assert_string_equal(buf_text(&metadata.jwks_uri), "https://sso.example.org/jwks");
    assert_int_equal(metadata.token_endpoint.length, 0);
    assert_int_equal(metadata.device_authorization_endpoint.length, 0);
}

static void
hostile_documents_leave_everything_as_it_was_R65_R66_E38(void **state)
{
    static const struct {
        const char *document;
        const char *reason; /* a part of it */
    } cases[] = {
        {"", "not JSON"},
        {"<html>", "not JSON"},
        {"[]", "not an object"},
        {"{" ISSUER_MEMBER "," JWKS_MEMBER "} x", "not JSON"},
        {"{" ISSUER_MEMBER "," ISSUER_MEMBER "," JWKS_MEMBER "}", "stands twice"},
        {"{\"issuer\":\"" ISSUER "\\u0000\"," JWKS_MEMBER "}", "not JSON"},
        {"{" JWKS_MEMBER "}", "no issuer"},
        {"{\"issuer\":null," JWKS_MEMBER "}", "no issuer"},
        {"{\"issuer\":[\"" ISSUER "\"]," JWKS_MEMBER "}", "no issuer"},
        /* Byte for byte: a slash, a case, an escape of another letter, another host. */
        {"{\"issuer\":\"" ISSUER "/\"," JWKS_MEMBER "}", "byte for byte"},
        {"{\"issuer\":\"https://SSO.example.org/realms/corp\"," JWKS_MEMBER "}", "byte for byte"},
        {"{\"issuer\":\"https://sso.example.org:443/realms/corp\"," JWKS_MEMBER "}",
         "byte for byte"},
        {"{\"issuer\":\"https://evil.example/realms/corp\"," JWKS_MEMBER "}", "byte for byte"},
        {"{\"issuer\":\"\"," JWKS_MEMBER "}", "byte for byte"},
        {"{\"issuer\":\"\\u001b[2J\\u0007\"," JWKS_MEMBER "}", "'\\x1b[2J\\x07'"},
        {"{" ISSUER_MEMBER "}", "no jwks_uri"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":null}", "no jwks_uri"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":7}", "jwks_uri is not a string"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":{\"a\":1}}", "jwks_uri is not a string"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"\"}", "jwks_uri '' is not an https URL"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"http://sso.example.org/jwks\"}", "not an https URL"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"file:///etc/passwd\"}",
         "jwks_uri 'file:///etc/passwd' is not an https URL"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"https://sso.example.org@evil.example/\"}",
         "user information"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"https://sso.example.org/#x\"}", "fragment"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"https://sso.example.org/\\r\\nX: y\"}", "no URL has"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"https://evil.example/jwks\"}",
         "on host 'evil.example', not on the issuer's; add it to allowed_hosts"},
        {"{" ISSUER_MEMBER ",\"jwks_uri\":\"https://sso.example.org.evil.example/jwks\"}",
         "not on the issuer's"},
    };
    struct metadata metadata CLEANUP(metadata_done) = METADATA;
    char host[] = "keys.example.net";
    char *allowed[] = {host};

    (void)state;
    assert_int_equal(buf_add_text(&metadata.jwks_uri, "kept"), ST_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct why why = {""};

        if (metadata_parse(span_of(cases[i].document), ISSUER, allowed, 1, &why, &metadata) !=
                ST_PROVIDER ||
            strstr(why.sentence, cases[i].reason) == NULL) {
            fail_msg("%s: %s", cases[i].document, why.sentence);
        }
        assert_int_equal(strncmp(why.sentence, "discovery: ", 11), 0);
        assert_true(text_is_printable(span_of(why.sentence)));
        assert_string_equal(buf_text(&metadata.jwks_uri), "kept");
    }
}

/* Whoever needs the endpoint is told why there is none; whoever needs keys alone has them. */
static void
a_refused_endpoint_is_none_and_costs_no_keys_R66(void **state)
{
    static const struct {
        const char *value;
        const char *reason; /* behind the name */
    } cases[] = {
        {"\"https://evil.example/t\"",
         " is on host 'evil.example', not on the issuer's; add it to allowed_hosts"},
        {"\"https://169.254.169.254/latest\"", " is on host '169.254.169.254', not on"},
        {"\"https://sso.example.org.evil.example/\"", " is on host 'sso.example.org.evil.example'"},
        {"\"http://sso.example.org/t\"", " 'http://sso.example.org/t' is not an https URL"},
        {"\"https://sso.example.org/\\r\\nX: y\"", " 'https://sso.example.org/\\x0d\\x0aX: y' is"},
        {"\"\"", " '' is not an https URL"},
        {"false", " is not a string"},
        {"[\"https://sso.example.org/t\"]", " is not a string"},
    };
    static const char *const names[] = {"device_authorization_endpoint", "token_endpoint"};

    (void)state;
    for (size_t i = 0; i < COUNT(cases) * COUNT(names); i++) {
        const char *name = names[i % COUNT(names)];
        const char *other = names[(i + 1) % COUNT(names)];
        bool device = i % COUNT(names) == 0;
        struct metadata metadata CLEANUP(metadata_done) = METADATA;
        struct buf document CLEANUP(buf_done) = BUF(4096);
        struct buf reason CLEANUP(buf_done) = BUF(512);
        struct why why = {""};

        assert_int_equal(buf_printf(&document,
                                    "{" ISSUER_MEMBER "," JWKS_MEMBER ",\"%s\":%s,"
                                    "\"%s\":\"https://sso.example.org/other\"}",
                                    name, cases[i / COUNT(names)].value, other),
                         ST_OK);
        assert_int_equal(
            buf_printf(&reason, "discovery: %s%s", name, cases[i / COUNT(names)].reason), ST_OK);
        assert_int_equal(metadata_parse(buf_span(&document), ISSUER, NULL, 0, &why, &metadata),
                         ST_OK);
        assert_string_equal(why.sentence, "");
        assert_string_equal(buf_text(&metadata.jwks_uri), "https://sso.example.org/jwks");
        assert_string_equal(buf_text(&metadata.device_authorization_endpoint),
                            device ? "" : "https://sso.example.org/other");
        assert_string_equal(buf_text(&metadata.token_endpoint),
                            device ? "https://sso.example.org/other" : "");
        const struct why *refused = device ? &metadata.device_refused : &metadata.token_refused;
        const struct why *taken = device ? &metadata.token_refused : &metadata.device_refused;
        assert_int_equal(strncmp(refused->sentence, buf_text(&reason), reason.length), 0);
        assert_true(text_is_printable(span_of(refused->sentence)));
        assert_string_equal(taken->sentence, "");
    }
}

/* A program that signs its own user in uses them all: there the same is an error, as ever. */
static void
a_client_is_refused_with_its_endpoint_R66(void **state)
{
    static const char *const names[] = {"authorization_endpoint", "device_authorization_endpoint",
                                        "token_endpoint", "revocation_endpoint"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct metadata_client metadata CLEANUP(metadata_client_done) = METADATA_CLIENT;
        struct buf document CLEANUP(buf_done) = BUF(4096);
        struct why why = {""};

        assert_int_equal(buf_printf(&document,
                                    "{" ISSUER_MEMBER "," JWKS_MEMBER
                                    ",\"%s\":\"https://evil.example/t\"}",
                                    names[i]),
                         ST_OK);
        assert_int_equal(
            metadata_parse_client(buf_span(&document), ISSUER, NULL, 0, &why, &metadata),
            ST_PROVIDER);
        assert_non_null(strstr(why.sentence, "is on host 'evil.example', not on the issuer's; add "
                                             "it to allowed_hosts"));
    }
}

static void
a_client_finds_its_endpoints_and_whether_the_issuer_is_named(void **state)
{
    static const struct {
        const char *document;
        bool names_issuer;
    } cases[] = {
        {("{" ISSUER_MEMBER ",\"authorization_endpoint\":\"https://sso.example.org/a\","
          "\"device_authorization_endpoint\":\"https://sso.example.org/d\","
          "\"token_endpoint\":\"https://sso.example.org/t\","
          "\"revocation_endpoint\":\"https://sso.example.org/r\","
          "\"authorization_response_iss_parameter_supported\":true}"),
         true},
        {("{" ISSUER_MEMBER ",\"authorization_endpoint\":\"https://sso.example.org/a\","
          "\"authorization_response_iss_parameter_supported\":\"true\"}"),
         false},
    };
    struct metadata_client metadata CLEANUP(metadata_client_done) = METADATA_CLIENT;
    struct why why = {""};

    (void)state;
    /* One after the other into the same: of the first nothing is left. */
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            metadata_parse_client(span_of(cases[i].document), ISSUER, NULL, 0, &why, &metadata),
            ST_OK);
        assert_string_equal(buf_text(&metadata.authorization_endpoint),
                            "https://sso.example.org/a");
        assert_string_equal(buf_text(&metadata.device_authorization_endpoint),
                            i == 0 ? "https://sso.example.org/d" : "");
        assert_string_equal(buf_text(&metadata.token_endpoint),
                            i == 0 ? "https://sso.example.org/t" : "");
        assert_string_equal(buf_text(&metadata.revocation_endpoint),
                            i == 0 ? "https://sso.example.org/r" : "");
        assert_int_equal(metadata.names_issuer, cases[i].names_issuer);
    }
}

static void
a_url_has_an_end_E38(void **state)
{
    struct buf document CLEANUP(buf_done) = BUF(4096);
    struct metadata metadata CLEANUP(metadata_done) = METADATA;
    struct why why = {""};
    char path[METADATA_URL_MAX];

    (void)state;
    memset(path, 'a', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(buf_printf(&document,
                                "{" ISSUER_MEMBER ",\"jwks_uri\":"
                                "\"https://sso.example.org/%s\"}",
                                path),
                     ST_OK);
    assert_int_equal(metadata_parse(buf_span(&document), ISSUER, NULL, 0, &why, &metadata),
                     ST_PROVIDER);
    assert_non_null(strstr(why.sentence, "longer than 1024 bytes"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_document_urls_are_built_R65),
        cmocka_unit_test(an_issuer_that_is_none_is_a_matter_of_configuration_R65),
        cmocka_unit_test(an_issuer_too_long_for_its_document_is_refused),
        cmocka_unit_test(a_document_is_read),
        cmocka_unit_test(hostile_documents_leave_everything_as_it_was_R65_R66_E38),
        cmocka_unit_test(a_refused_endpoint_is_none_and_costs_no_keys_R66),
        cmocka_unit_test(a_client_is_refused_with_its_endpoint_R66),
        cmocka_unit_test(a_client_finds_its_endpoints_and_whether_the_issuer_is_named),
        cmocka_unit_test(a_url_has_an_end_E38),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
