#include "cli/login/browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "cli/login/loopback.h"
#include "jose/digest.h"
#include "login/confinement.h"
#include "login/device/client.h"

/* People look for their telephone meanwhile. */
#define WAIT_MS 300000
#define STATE_LENGTH 32
#define VERIFIER_LENGTH 64

/* Everything of one sign-in. */
struct errand {
    struct mine *mine;
    const struct browser_errand *wanted;
    struct loopback loopback;
    char state[STATE_LENGTH + 1];
    char verifier[VERIFIER_LENGTH + 1];
    struct buf code;
};
#define ERRAND                                                                                     \
    {                                                                                              \
        .loopback = LOOPBACK, .code = BUF(AUTHCODE_CODE_MAX)                                       \
    }

static void
errand_done(struct errand *errand)
{
    loopback_done(&errand->loopback);
    buf_done(&errand->code);
    explicit_bzero(errand->verifier, sizeof(errand->verifier));
}

/* ---- the browser ---------------------------------------------------------------------------- */

/* $BROWSER is the user's word; without it, and without a display, there is nothing to open. */
static const char *
find_opener(void)
{
    const char *browser = getenv("BROWSER");
    const char *x11 = getenv("DISPLAY");
    const char *wayland = getenv("WAYLAND_DISPLAY");

    if (browser != NULL && browser[0] != '\0') {
        return browser;
    }
    return (x11 != NULL && x11[0] != '\0') || (wayland != NULL && wayland[0] != '\0') ? "xdg-open"
                                                                                      : NULL;
}

/* In a session of its own, so that Ctrl-C here does not end it; what it says is not for here. */
static bool
open_browser(const char *url)
{
    const char *opener = find_opener();
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    pid_t child = -1;

    if (opener == NULL || posix_spawn_file_actions_init(&files) != 0) {
        return false;
    }
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&files);
        return false;
    }
    char *name = strdup(opener);
    char *address = strdup(url);
    char *arguments[] = {name, address, NULL};
    bool opened = name != NULL && address != NULL &&
                  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0;
    for (int fd = STDIN_FILENO; opened && fd <= STDERR_FILENO; fd++) {
        opened = posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0) == 0;
    }
    opened = opened && posix_spawnp(&child, opener, &files, &attributes, arguments, environ) == 0;
    free(name);
    free(address);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return opened;
}

/* ---- there and back ------------------------------------------------------------------------- */

static enum status
compose_url(const struct errand *errand, const char *nonce, struct buf *url)
{
    const struct browser_errand *wanted = errand->wanted;
    struct buf challenge CLEANUP(buf_done) = BUF(64);

    TRY(digest_sha256_base64url(span_of(errand->verifier), &challenge));
    struct authcode_request request = {
        .endpoint = buf_text(&wanted->metadata->authorization_endpoint),
        .client_id = wanted->provider->client_id,
        .redirect_uri = errand->loopback.redirect_uri,
        .scope = wanted->provider->scope,
        .audience = wanted->audience,
        .state = errand->state,
        .nonce = nonce,
        .challenge = buf_text(&challenge),
        .acr_values = wanted->acr_values,
        .max_age_s = wanted->max_age_s,
    };
    return authcode_url(&request, url);
}

/* The URL is printable: a checked endpoint, and what we encoded behind it. */
static void
show(const char *url)
{
    (void)printf("Sign in on this page, in a browser on this machine:\n\n  %s\n\n", url);
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s",
                  open_browser(url) ? "The page has been opened in your browser.\n"
                                    : "No browser could be opened. If this machine has none, run "
                                      "'pam-oauth login --device'.\n");
}

static enum status
send_there(struct errand *errand, struct why *why, char *nonce)
{
    struct buf url CLEANUP(buf_done) = BUF(AUTHCODE_URL_MAX);

    if (random_text(errand->state, STATE_LENGTH) != ST_OK ||
        random_text(errand->verifier, VERIFIER_LENGTH) != ST_OK ||
        random_text(nonce, BROWSER_NONCE_LENGTH) != ST_OK) {
        return status_because(why, ST_INTERNAL, "the kernel has no randomness");
    }
    TRY(loopback_open(why, &errand->loopback));
    enum status status = compose_url(errand, nonce, &url);
    if (status != ST_OK) {
        return status_because(why, status, "the sign-in cannot be asked for: %s",
                              status == ST_CONFIG ? "scope and audience are too long"
                                                  : status_word(status));
    }
    show(buf_text(&url));
    return ST_OK;
}

static enum status
exchange(struct errand *errand, struct why *why, struct granted *granted)
{
    const struct browser_errand *wanted = errand->wanted;
    const char *endpoint = buf_text(&wanted->metadata->token_endpoint);
    struct client asking CLEANUP(client_done) = CLIENT;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct buf body CLEANUP(buf_done) = BUF(GRANTED_REQUEST_MAX);
    struct authcode_exchange what = {
        .redirect_uri = errand->loopback.redirect_uri,
        .verifier = errand->verifier,
        .audience = wanted->audience,
    };

    TRY(client_open(&errand->mine->cli->site, wanted->provider, why, &asking));
    struct granted_client client = {
        .client_id = wanted->provider->client_id,
        .client_secret = asking.secret_in_body,
    };
    TRY(authcode_token_request(&client, &what, buf_span(&errand->code), &body));
    TRY(client_post(&asking, endpoint, &body, why, &reply));
    confinement_tell(&errand->mine->cli->site, reply.confined);
    return granted_reply(reply.http_status, buf_span(&reply.body), buf_span(&errand->code), why,
                         granted);
}

enum status
browser_sign_in(struct mine *mine, const struct browser_errand *wanted, struct why *why,
                char *nonce, struct granted *granted)
{
    struct errand errand CLEANUP(errand_done) = ERRAND;
    struct authcode_wish wish = {
        .state = errand.state,
        .issuer = wanted->provider->issuer,
        .names_issuer = wanted->metadata->names_issuer,
    };

    errand.mine = mine;
    errand.wanted = wanted;
    TRY(send_there(&errand, why, nonce));
    TRY(loopback_wait(&errand.loopback, &wish, clock_ms() + WAIT_MS, why, &errand.code));
    return exchange(&errand, why, granted);
}
