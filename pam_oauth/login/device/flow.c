#include "login/device/flow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "login/confinement.h"
#include "login/device/client.h"
#include "login/device/interrupt.h"
#include "login/device/text.h"
#include "login/keys/refresh.h"
#include "login/terminal.h"
#include "oauth/device.h"
#include "store/seat.h"

/* Behind sshd: how long we ask the provider after one Enter before we ask the person again. */
#define ROUND_MS 20000
/* Elsewhere: how often a line says how much time is left. */
#define COUNTDOWN_MS 30000
/* A provider that starts no flow for now is asked so often in all. */
#define CODE_REQUESTS_MAX 3
#define ANSWER_MAX ((size_t)4096)

/* All that one run of the flow holds. */
struct flow {
    const struct attempt *attempt;
    const struct provider *provider;
    struct device_client client;
    struct client asking;
    struct buf device_endpoint;
    struct buf token_endpoint;
    struct seat seat; /* among those that wait on this host */
    struct device_grant grant;
    int64_t end_ms;
};
#define FLOW                                                                                       \
    {                                                                                              \
        .asking = CLIENT, .device_endpoint = BUF(2048), .token_endpoint = BUF(2048), .seat = SEAT, \
        .grant = DEVICE_GRANT                                                                      \
    }

static void
flow_done(struct flow *flow)
{
    seat_done(&flow->seat);
    buf_done(&flow->device_endpoint);
    buf_done(&flow->token_endpoint);
    client_done(&flow->asking);
    device_grant_done(&flow->grant);
}

/*
 * So many may wait at the provider's door at once (R89). Where nobody can be counted nobody is kept
 * out: the limit is there so that people can sign in. Whoever is not root, as a screen locker,
 * could ask the provider without us.
 */
static enum status
take_seat(struct flow *flow, struct why *why)
{
    const struct attempt *attempt = flow->attempt;
    const struct service *service = attempt->service;
    struct seat_wish wish = {
        .directory = attempt->site->config->paths.run,
        .owner = attempt->site->owner,
        .account = attempt->account,
        .now_ms = clock_ms(),
        .until_ms = attempt->started_ms + service->device_timeout_s * 1000,
        .for_all = service->device_limit,
        .for_account = service->device_limit_per_account,
    };
    struct why cause = {""};

    if (geteuid() != 0) {
        return ST_OK;
    }
    enum status status = seat_take(&wish, &cause, &flow->seat);
    if (status == ST_STORE) {
        provider_keys_log(attempt->site, flow->provider, LOG_LEVEL_NOTICE,
                          "device_flow_not_counted", cause.sentence);
        return ST_OK;
    }
    return status == ST_OK ? ST_OK : status_because(why, status, "%s", cause.sentence);
}

/* Where an endpoint may come from. */
struct source {
    const char *name;
    const char *configured; /* goes before what is published; NULL if it is not there */
    struct span published;
    struct why refused; /* why what is published counts as nothing */
};

static bool
is_nowhere(const struct source *source)
{
    return source->configured == NULL && source->published.length == 0;
}

static enum status
endpoint(const struct source *source, struct why *why, struct buf *into)
{
    if (is_nowhere(source) && source->refused.sentence[0] != '\0') {
        return status_because(why, ST_PROVIDER, "%s", source->refused.sentence);
    }
    if (is_nowhere(source)) {
        return status_because(why, ST_CONFIG,
                              "the provider publishes no %s; set it, or take `device` out of "
                              "methods",
                              source->name);
    }
    return source->configured != NULL ? buf_add_text(into, source->configured)
                                      : buf_add(into, source->published);
}

static enum status
find_endpoints(struct flow *flow, struct keyring *keyring, struct why *why)
{
    const struct provider *provider = flow->provider;
    struct keyring_issuer *issuer = keyring_issuer_of(keyring, provider);
    struct metadata now CLEANUP(metadata_done) = METADATA;
    struct source device = {.name = "device_authorization_endpoint",
                            .configured = provider->device_authorization_endpoint};
    struct source token = {.name = "token_endpoint", .configured = provider->token_endpoint};

    if (issuer == NULL) {
        return status_because(why, ST_INTERNAL, "the device flow's provider is not of the service");
    }
    enum status status = keyring_load(keyring, issuer, why);
    if (status == ST_KEYS_UNAVAILABLE && !issuer->loaded) {
        status = refresh_missing(keyring, issuer, keyring->site->deadline_ms, why);
    }
    TRY(status);
    TRY(keyring_usable(issuer, why));
    if (issuer->entry != NULL) {
        device.published = issuer->entry->device_authorization_endpoint;
        token.published = issuer->entry->token_endpoint;
    }
    /* Not stored is why: the provider has none, or we refuse it; and either may be mended by now.
     */
    if (issuer->entry != NULL && provider->jwks_uri == NULL &&
        (is_nowhere(&device) || is_nowhere(&token))) {
        TRY(provider_keys_endpoints(keyring->site, provider, keyring->site->deadline_ms, why,
                                    &now));
        device.published = buf_span(&now.device_authorization_endpoint);
        device.refused = now.device_refused;
        token.published = buf_span(&now.token_endpoint);
        token.refused = now.token_refused;
    }
    TRY(endpoint(&device, why, &flow->device_endpoint));
    return endpoint(&token, why, &flow->token_endpoint);
}

/* `*ret_again_ms`: how long to wait before asking once more, or -1. */
static enum status
request_code(struct flow *flow, const struct buf *body, struct why *why, int64_t *ret_again_ms)
{
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;

    *ret_again_ms = -1;
    TRY(client_post(&flow->asking, buf_text(&flow->device_endpoint), body, why, &reply));
    confinement_tell(flow->attempt->site, reply.confined);
    enum status status = device_reply(&flow->client, reply.http_status, buf_span(&reply.body),
                                      clock_ms(), why, &flow->grant);
    if (status == ST_PROVIDER) {
        *ret_again_ms = device_request_again_ms(reply.http_status, buf_span(&reply.body),
                                                buf_span(&reply.retry_after));
    }
    return status;
}

/*
 * Asks for a code (RFC 8628 3.1 and 3.2). Where the provider starts no flow for now, again, while
 * that leaves the person half of their time.
 */
static enum status
ask_for_code(struct flow *flow, struct why *why)
{
    int64_t latest_ms =
        flow->attempt->started_ms + flow->attempt->service->device_timeout_s * 1000 / 2;
    struct buf body CLEANUP(buf_done) = BUF(DEVICE_REQUEST_MAX);
    struct why cause = {""};
    int64_t again_ms = -1;

    TRY(device_request(&flow->client, &body));
    enum status status = request_code(flow, &body, &cause, &again_ms);
    for (int requests = 1; again_ms >= 0 && requests < CODE_REQUESTS_MAX; requests++) {
        if (clock_ms() + again_ms > latest_ms) {
            break;
        }
        TRY(interrupt_wait(clock_ms() + again_ms, why));
        status = request_code(flow, &body, &cause, &again_ms);
    }
    return status == ST_OK ? ST_OK
                           : status_because(why, status, "%s: %s", buf_text(&flow->device_endpoint),
                                            cause.sentence);
}

static void
set_end(struct flow *flow)
{
    int64_t limit_ms = flow->attempt->started_ms + flow->attempt->service->device_timeout_s * 1000;

    flow->end_ms = flow->grant.expires_ms < limit_ms ? flow->grant.expires_ms : limit_ms;
}

/* One poll of the token endpoint; a provider that does not answer is asked again, more slowly. */
static enum status
poll_once(struct flow *flow, struct why *why, struct device_tokens *tokens,
          enum device_event *ret_event)
{
    struct buf body CLEANUP(buf_done) = BUF(DEVICE_REQUEST_MAX);
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;

    *ret_event = DEVICE_PENDING;
    TRY(device_poll_request(&flow->client, &flow->grant, &body));
    enum status status =
        client_post(&flow->asking, buf_text(&flow->token_endpoint), &body, why, &reply);
    if (status == ST_PROVIDER) {
        device_poll_failed(&flow->grant, clock_ms());
        return client_restart(&flow->asking, why);
    }
    TRY(status);
    return device_poll_reply(&flow->grant, reply.http_status, buf_span(&reply.body),
                             buf_span(&reply.retry_after), clock_ms(), why, tokens, ret_event);
}

/*
 * Polls, never early, until `until_ms`; DEVICE_PENDING if it was not approved by then. It takes
 * until then even if no poll falls due: who asks again at once gets the same prompt no faster.
 */
static enum status
poll_until(struct flow *flow, int64_t until_ms, struct why *why, struct device_tokens *tokens,
           enum device_event *ret_event)
{
    *ret_event = DEVICE_PENDING;
    while (*ret_event == DEVICE_PENDING && flow->grant.next_poll_ms <= until_ms) {
        TRY(interrupt_wait(flow->grant.next_poll_ms, why));
        TRY(poll_once(flow, why, tokens, ret_event));
    }
    return *ret_event == DEVICE_PENDING ? interrupt_wait(until_ms, why) : ST_OK;
}

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static enum status
expired(struct why *why)
{
    return status_because(why, ST_DEVICE_EXPIRED,
                          "not approved in time (device_timeout, or the "
                          "code's own time)");
}

/* sshd shows a message only together with the next prompt: so everything stands in prompts. */
static enum status
run_with_prompts(struct flow *flow, struct why *why, struct device_tokens *tokens)
{
    const struct conversation *talk = flow->attempt->talk;
    struct buf text CLEANUP(buf_done) = BUF(DEVICE_TEXT_MAX);
    enum device_event event = DEVICE_PENDING;

    TRY(device_text_write(flow->attempt, &flow->grant, &text));
    TRY(buf_add_text(&text, "\nPress Enter when you have approved: "));
    while (event == DEVICE_PENDING) {
        struct buf answer CLEANUP(buf_done) = BUF(ANSWER_MAX);

        TRY(talk->ask(talk->context, buf_text(&text), &answer));
        if (answer.length > 0) {
            return status_because(why, ST_CANCELLED, "something was typed at the approval prompt");
        }
        if (clock_ms() >= flow->end_ms) {
            return expired(why);
        }
        int64_t round_ms = earlier(clock_ms() + ROUND_MS, flow->end_ms);
        TRY(poll_until(flow, round_ms, why, tokens, &event));
        int64_t left_s = (flow->end_ms - clock_ms()) / 1000;
        if (event == DEVICE_PENDING && left_s <= 0) {
            return expired(why);
        }
        buf_cut(&text, 0);
        TRY(buf_printf(&text, "Not approved yet (%lld s left). Press Enter to check again: ",
                       (long long)left_s));
    }
    return ST_OK;
}

static enum status
tell_time_left(const struct flow *flow)
{
    const struct conversation *talk = flow->attempt->talk;
    struct buf text CLEANUP(buf_done) = BUF(DEVICE_TEXT_MAX);
    int64_t left_s = (flow->end_ms - clock_ms()) / 1000;

    TRY(device_text_wait(flow->attempt, &flow->grant, left_s, &text));
    return talk->tell(talk->context, buf_text(&text));
}

/* What it takes to approve: told whatever else is not (R8). */
static enum status
tell_page(const struct flow *flow)
{
    const struct conversation *talk = flow->attempt->talk;
    struct buf text CLEANUP(buf_done) = BUF(DEVICE_TEXT_MAX);

    if (!device_text_is_one_line(flow->attempt)) {
        TRY(device_text_write(flow->attempt, &flow->grant, &text));
        return talk->tell(talk->context, buf_text(&text));
    }
    TRY(device_text_announce(flow->attempt, &text));
    TRY(talk->tell(talk->context, buf_text(&text)));
    return tell_time_left(flow);
}

/* Elsewhere a message is shown at once, and we wait for the approval behind it. */
static enum status
run_with_messages(struct flow *flow, struct why *why, struct device_tokens *tokens)
{
    enum device_event event = DEVICE_PENDING;

    TRY(tell_page(flow));
    while (event == DEVICE_PENDING) {
        int64_t until_ms = earlier(clock_ms() + COUNTDOWN_MS, flow->end_ms);
        TRY(poll_until(flow, until_ms, why, tokens, &event));
        if (event == DEVICE_PENDING) {
            if (until_ms == flow->end_ms) {
                return expired(why);
            }
            TRY(flow->attempt->silent ? ST_OK : tell_time_left(flow));
        }
    }
    return ST_OK;
}

/* Cockpit's session and sshd hold messages back until the next prompt (PEERS: before 10.3). */
static bool
wants_prompts(const struct attempt *attempt)
{
    switch (attempt->service->device_display) {
    case DISPLAY_PROMPT:
        return true;
    case DISPLAY_MESSAGE:
        return false;
    case DISPLAY_AUTO:
    default:
        return strcmp(attempt->tty, TERMINAL_SSH) == 0 ||
               strcmp(attempt->service_name, "cockpit") == 0;
    }
}

bool
device_flow_has_reader(const struct attempt *attempt)
{
    bool is_set_user_id = attempt->invoker != 0 && geteuid() == 0;

    return !is_set_user_id || attempt->tty[0] != '\0';
}

enum status
device_flow_run(const struct attempt *attempt, const struct provider *provider,
                struct keyring *keyring, struct why *why, struct device_tokens *tokens)
{
    struct flow flow CLEANUP(flow_done) = FLOW;

    flow.attempt = attempt;
    flow.provider = provider;
    flow.client = (struct device_client){
        .issuer = provider->issuer,
        .client_id = provider->client_id,
        .scope = provider->scope,
        .audience = attempt->audience,
        .allowed_hosts = provider->allowed_hosts.at,
        .allowed_count = provider->allowed_hosts.count,
    };
    TRY(take_seat(&flow, why));
    TRY(find_endpoints(&flow, keyring, why));
    TRY(client_open(attempt->site, provider, why, &flow.asking));
    flow.client.client_secret = flow.asking.secret_in_body;
    TRY(ask_for_code(&flow, why));
    set_end(&flow);
    return wants_prompts(attempt) ? run_with_prompts(&flow, why, tokens)
                                  : run_with_messages(&flow, why, tokens);
}
