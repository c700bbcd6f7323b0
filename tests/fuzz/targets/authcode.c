/*
 * What comes to the loopback address of `pam-oauth login`, and what a token endpoint grants. Only a
 * line with our state ends the wait, whatever else is in it; a code is printable; no reason repeats
 * what a stranger wrote but by an error code of ours; tokens are all there or none is new. Parts: a
 * request line; a reply's body.
 */
#include <string.h>

#include "fuzz.h"
#include "oauth/authcode.h"

#define STATE "abcdefghijklmnopqrstuvwxyz234567"
#define ISSUER "https://sso.example"
#define SENT "the-refresh-token-that-was-sent"

static void
read_answer(struct span line, bool names_issuer)
{
    const struct authcode_wish wish = {
        .state = STATE, .issuer = ISSUER, .names_issuer = names_issuer};
    struct buf code CLEANUP(buf_done) = BUF(AUTHCODE_CODE_MAX);
    enum authcode_event event = AUTHCODE_ANSWERED;
    struct why why = {""};

    enum status status = fuzz_status(authcode_answer(&wish, line, &why, &code, &event));
    fuzz_why(&why);
    fuzz_show("sentence", span_of(why.sentence));
    PROMISE(fuzz_is_printable(span_of(why.sentence), false));
    PROMISE(event == AUTHCODE_ANSWERED || code.length == 0);
    PROMISE(event == AUTHCODE_ANSWERED || status == ST_OK || status == ST_MEMORY);
    if (event == AUTHCODE_ANSWERED) {
        /* `%61` is an `a` too: so not the state itself, but as many bytes. */
        PROMISE(span_starts(line, "GET /callback?") && line.length >= strlen(STATE));
    }
    if (event == AUTHCODE_ANSWERED && status == ST_OK) {
        PROMISE(code.length > 0 && fuzz_is_printable(buf_span(&code), false));
        PROMISE(!names_issuer || fuzz_holds(line, span_of("iss")));
    }
}

static void
read_grant(struct span body)
{
    struct granted granted CLEANUP(granted_done) = GRANTED;
    struct why why = {""};

    enum status status = fuzz_status(granted_reply(200, body, span_of(SENT), &why, &granted));
    fuzz_why(&why);
    PROMISE(fuzz_is_printable(span_of(why.sentence), false));
    PROMISE(!fuzz_holds(span_of(why.sentence), span_of(SENT)));
    if (status != ST_OK) {
        PROMISE(granted.access_token.length == 0 && granted.id_token.length == 0 &&
                granted.refresh_token.length == 0 && granted.scope.length == 0);
    }
}

/* What was written is read as it was: a redirect with our state and any code. */
static void
read_what_a_provider_would_write(struct span code)
{
    const struct granted_client client = {.client_id = "linux", .client_secret = NULL};
    const struct authcode_exchange exchange = {
        .redirect_uri = "http://127.0.0.1:1/callback", .verifier = "v", .audience = "ssh://h"};
    struct buf body CLEANUP(buf_done) = BUF(GRANTED_REQUEST_MAX);

    enum status status = fuzz_status(authcode_token_request(&client, &exchange, code, &body));
    PROMISE(status == ST_OK || fault_happened() || code.length > AUTHCODE_CODE_MAX);
    PROMISE(status != ST_OK || fuzz_is_printable(buf_span(&body), false));
    buf_cut(&body, 0);
    status = fuzz_status(granted_refresh_request(&client, code, "ssh://h", &body));
    PROMISE(status != ST_OK || fuzz_is_printable(buf_span(&body), false));
    buf_cut(&body, 0);
    status = fuzz_status(granted_revoke_request(&client, code, &body));
    PROMISE(status != ST_OK || fuzz_is_printable(buf_span(&body), false));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span line = fuzz_body(&input);
    struct span body = fuzz_body(&input);

    fault_begin(input.faults);
    read_answer(line, true);
    read_answer(line, false);
    read_grant(body);
    read_what_a_provider_would_write(line);
    fault_end();
    fuzz_done();
    return 0;
}
