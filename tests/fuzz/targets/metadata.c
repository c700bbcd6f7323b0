/*
 * Discovery documents: what is taken from one is https, on an allowed host, and nothing a terminal
 * would mind; and the document is the issuer's own (R65, R66). Parts: the document; an issuer, for
 * the URL of its document.
 */
#include <string.h>

#include "base/strictjson.h"
#include "fuzz.h"
#include "oauth/metadata.h"
#include "oauth/url.h"

#define ISSUER "https://issuer.example/realm"

static char *const allowed[] = {(char *)(uintptr_t) "login.example"};

static void
check_endpoint(const struct buf *endpoint)
{
    struct span text = buf_span(endpoint);
    struct url url;

    if (text.length == 0) {
        return;
    }
    PROMISE(text.length <= METADATA_URL_MAX && fuzz_is_printable(text, false));
    PROMISE(url_parse(text, METADATA_URL_MAX, NULL, &url) == ST_OK);
    PROMISE((url.host.length == 14 && strncasecmp(url.host.at, "issuer.example", 14) == 0) ||
            (url.host.length == 13 && strncasecmp(url.host.at, "login.example", 13) == 0));
}

/* What is refused is not there. */
static void
check_refusal(const struct why *refused, const struct buf *endpoint)
{
    fuzz_why(refused);
    PROMISE(fuzz_is_printable(span_of(refused->sentence), false));
    PROMISE(refused->sentence[0] == '\0' || endpoint->length == 0);
}

static void
read_document(struct span document)
{
    struct metadata metadata CLEANUP(metadata_done) = METADATA;
    struct why why = {""};
    enum status status =
        fuzz_status(metadata_parse(document, ISSUER, allowed, COUNT(allowed), &why, &metadata));

    fuzz_why(&why);
    PROMISE(fuzz_is_printable(span_of(why.sentence), false));
    check_endpoint(&metadata.jwks_uri);
    check_endpoint(&metadata.device_authorization_endpoint);
    check_endpoint(&metadata.token_endpoint);
    check_refusal(&metadata.device_refused, &metadata.device_authorization_endpoint);
    check_refusal(&metadata.token_refused, &metadata.token_endpoint);
    if (status != ST_OK) {
        PROMISE(status == ST_PROVIDER || fault_happened());
        PROMISE(metadata.jwks_uri.length == 0);
        return;
    }
    fault_end();
    json_t *object CLEANUP(strictjson_done) = json_loadb(document.at, document.length, 0, NULL);
    const char *issuer = json_string_value(json_object_get(object, "issuer"));
    PROMISE(issuer != NULL && strcmp(issuer, ISSUER) == 0);
    PROMISE(metadata.jwks_uri.length > 0);
}

static void
make_url(const char *issuer, enum metadata_form form)
{
    struct buf url CLEANUP(buf_done) = BUF(METADATA_URL_MAX);
    struct why why = {""};
    struct url parsed;
    enum status status = fuzz_status(metadata_url(issuer, form, &why, &url));

    fuzz_why(&why);
    PROMISE(fuzz_is_printable(span_of(why.sentence), false));
    if (status == ST_OK) {
        PROMISE(url_parse(buf_span(&url), METADATA_URL_MAX, NULL, &parsed) == ST_OK);
        PROMISE(fuzz_holds(parsed.path, span_of("/.well-known/")));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span document = fuzz_body(&input);
    char *issuer = fuzz_text(&input);

    fault_begin(input.faults);
    make_url(issuer, METADATA_OIDC);
    make_url(issuer, METADATA_RFC8414);
    read_document(document);
    fault_end();
    fuzz_done();
    return 0;
}
