/*
 * The device flow's replies: a grant is only one that can be shown and polled as the RFC says; a
 * poll ends in an ID token only when the provider sent one, never comes early, and no sentence
 * repeats a code (R78 to R88).
 *
 * Parts: the device authorization reply; then one poll after the other. Each begins with a line
 * `STATUS RETRY-AFTER`, and the body follows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "fuzz.h"
#include "oauth/device.h"
#include "oauth/form.h"
#include "oauth/reply.h"
#include "oauth/url.h"

#define NOW_MS INT64_C(1000000)
#define POLLS_MAX 16
#define SECRET "s3cret-of-the-client"

static char *const allowed[] = {(char *)(uintptr_t) "login.example"};
static const struct device_client client = {
    .issuer = "https://issuer.example/realm",
    .client_id = "linux login&co",
    .client_secret = SECRET,
    .scope = "openid groups",
    .allowed_hosts = allowed,
    .allowed_count = COUNT(allowed),
};

struct http {
    int status;
    struct span retry_after;
    struct span body;
};

static struct http
read_http(struct span part)
{
    struct http http = {.status = 200};
    struct span line = {.at = NULL, .length = 0};
    struct span word;
    int64_t status;

    http.body = part;
    if (!span_line(&http.body, &line)) {
        return http;
    }
    (void)span_word(&line, &word);
    http.status = text_number(word, 100, 599, &status) ? (int)status : 200;
    http.retry_after = span_trim(line);
    http.body = http.body.length > 0 ? fuzz_copy(http.body) : (struct span){NULL, 0};
    return http;
}

/* ---- the grant ------------------------------------------------------------------------------- */

static void
check_user_code(struct span code)
{
    PROMISE(code.length >= 4 && code.length <= 32);
    for (size_t i = 0; i < code.length; i++) {
        PROMISE(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", code.at[i]) != NULL);
    }
}

static void
check_uris(const struct device_grant *grant)
{
    struct span complete = buf_span(&grant->verification_uri_complete);
    struct url issuer;
    struct url plain;
    struct url url;

    PROMISE(url_parse(span_of(client.issuer), 200, NULL, &issuer) == ST_OK);
    PROMISE(url_parse(buf_span(&grant->verification_uri), 200, NULL, &plain) == ST_OK);
    PROMISE(url_host_allowed(&plain, &issuer, allowed, COUNT(allowed)));
    if (complete.length > 0) {
        PROMISE(url_parse(complete, 400, NULL, &url) == ST_OK && url_same_origin(&url, &plain));
        PROMISE(fuzz_holds(complete, buf_span(&grant->user_code)));
    }
}

static void
check_grant(const struct device_grant *grant, int64_t now_ms)
{
    PROMISE(grant->device_code.length > 0 && grant->device_code.length <= DEVICE_CODE_MAX);
    check_user_code(buf_span(&grant->user_code));
    check_uris(grant);
    PROMISE(grant->interval_ms >= 1000 && grant->interval_ms <= 60000);
    PROMISE(grant->expires_ms > now_ms && grant->expires_ms <= now_ms + 1800 * 1000);
    PROMISE(grant->next_poll_ms == now_ms + grant->interval_ms);
}

/* A body that we send holds what we put in, and can be read. */
static void
check_request(const struct buf *body, const char *name, struct span value)
{
    json_t *fields CLEANUP(strictjson_done) = NULL;
    struct span read;

    if (form_object(buf_span(body), NULL, &fields) == ST_OK) {
        PROMISE(strictjson_text(fields, "client_id", &read) && span_is(read, client.client_id));
        PROMISE(strictjson_text(fields, "client_secret", &read) && span_is(read, SECRET));
        PROMISE(strictjson_text(fields, name, &read) && span_equals(read, value));
    } else {
        PROMISE(fault_happened());
    }
}

/* ---- a poll ---------------------------------------------------------------------------------- */

/*
 * A code of a few bytes may stand in any sentence by chance. A host that a URL names is shown, and
 * so is a word for an error: a provider that puts our secret there has published it.
 */
static void
check_silence(const struct device_grant *grant, struct span body, const struct why *why)
{
    struct span said = span_of(why->sentence);

    fuzz_why(why);
    PROMISE(fuzz_is_printable(said, false));
    PROMISE(grant->device_code.length < 16 || !fuzz_holds(said, buf_span(&grant->device_code)));
    PROMISE(grant->user_code.length < 16 || !fuzz_holds(said, buf_span(&grant->user_code)));
    PROMISE(!fuzz_holds(said, span_of(SECRET)) || fuzz_holds(body, span_of(SECRET)));
}

static void
check_granted(const struct http *http, const struct device_tokens *tokens)
{
    struct reply reply CLEANUP(reply_done) = REPLY;
    struct span said;

    fault_pause();
    PROMISE(http->status == 200 && tokens->id_token.length > 0);
    PROMISE(reply_open(http->body, NULL, &reply) == ST_OK && !reply_has(&reply, "error"));
    PROMISE(reply_text(&reply, "id_token", &said) &&
            span_equals(said, buf_span(&tokens->id_token)));
    fault_resume();
}

/* True while polling goes on. */
static bool
poll_once(struct device_grant *grant, const struct http *http, int64_t now_ms)
{
    struct buf body CLEANUP(buf_done) = BUF(DEVICE_REQUEST_MAX);
    struct device_tokens tokens CLEANUP(device_tokens_done) = DEVICE_TOKENS;
    struct why why = {""};
    enum device_event event = DEVICE_PENDING;
    int64_t interval_ms = grant->interval_ms;

    if (fuzz_status(device_poll_request(&client, grant, &body)) == ST_OK) {
        check_request(&body, "device_code", buf_span(&grant->device_code));
    }
    enum status status = fuzz_status(device_poll_reply(
        grant, http->status, http->body, http->retry_after, now_ms, &why, &tokens, &event));
    check_silence(grant, http->body, &why);
    if (status != ST_OK) {
        PROMISE(tokens.id_token.length == 0 || fault_happened());
        return false;
    }
    if (event == DEVICE_GRANTED) {
        check_granted(http, &tokens);
        return false;
    }
    PROMISE(tokens.id_token.length == 0 && now_ms < grant->expires_ms);
    PROMISE(grant->interval_ms >= interval_ms && grant->interval_ms <= interval_ms + 60000);
    PROMISE(grant->next_poll_ms >= now_ms + grant->interval_ms);
    PROMISE(grant->next_poll_ms <= now_ms + grant->interval_ms + 60000);
    return true;
}

static void
run(struct fuzz_input *input)
{
    struct device_grant grant CLEANUP(device_grant_done) = DEVICE_GRANT;
    struct buf body CLEANUP(buf_done) = BUF(DEVICE_REQUEST_MAX);
    struct http http = read_http(fuzz_part(input));
    struct why why = {""};

    if (fuzz_status(device_request(&client, &body)) == ST_OK) {
        check_request(&body, "scope", span_of(client.scope));
    }
    enum status status =
        fuzz_status(device_reply(&client, http.status, http.body, NOW_MS, &why, &grant));
    check_silence(&grant, http.body, &why);
    if (status != ST_OK) {
        PROMISE(grant.device_code.length == 0);
        PROMISE(why.sentence[0] != '\0' || fault_happened());
        int64_t again_ms = device_request_again_ms(http.status, http.body, http.retry_after);
        PROMISE(again_ms == -1 || (again_ms >= 5000 && again_ms <= 60000));
        return;
    }
    check_grant(&grant, NOW_MS);
    for (int i = 0; i < POLLS_MAX && input->rest.length > 0; i++) {
        http = read_http(fuzz_part(input));
        if (!poll_once(&grant, &http, grant.next_poll_ms)) {
            return;
        }
        device_poll_failed(&grant, grant.next_poll_ms);
        PROMISE(grant.interval_ms >= 1000);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    fault_begin(input.faults);
    run(&input);
    fault_end();
    fuzz_done();
    return 0;
}
