/*
 * pam-oauth login: the user's own token on this machine, from a sign-in in the browser here, or by
 * a code in a browser anywhere.
 */
#include <locale.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/flags.h"
#include "cli/login/browser.h"
#include "cli/login/grant.h"
#include "cli/login/keep.h"
#include "cli/login/mine.h"
#include "cli/print.h"
#include "login/device/flow.h"
#include "policy/requirement.h"

/* How long a code may take; most providers give it less. */
#define DEVICE_TIMEOUT_S 900
/* A sign-in for a service that wants a fresh one is to be a fresh one (OpenID Connect max_age). */
#define FRESH_S 60

struct login {
    char *provider_name;
    char *more_scope;
    char *audience;
    bool device;
    struct mine mine;
    struct provider provider; /* a copy, so that its scope can grow */
    struct buf scope;
    struct buf acr_values;
    struct metadata_client metadata;
    struct granted granted;
    struct grant grant;
    char nonce[BROWSER_NONCE_LENGTH + 1];
};

static void
login_done(struct login *login)
{
    buf_done(&login->scope);
    buf_done(&login->acr_values);
    metadata_client_done(&login->metadata);
    granted_done(&login->granted);
    grant_done(&login->grant);
    mine_done(&login->mine);
}

/* ---- what is asked for ---------------------------------------------------------------------- */

static bool
has_word(const char *text, struct span wanted)
{
    struct span rest = span_of(text);
    struct span word;

    while (span_word(&rest, &word)) {
        if (span_equals(word, wanted)) {
            return true;
        }
    }
    return false;
}

/* Adds a word to a list of them, if it is not there. */
static enum status
add_word(struct buf *list, struct span word)
{
    if (has_word(buf_text(list), word)) {
        return ST_OK;
    }
    TRY(list->length > 0 ? buf_add_char(list, ' ') : ST_OK);
    return buf_add(list, word);
}

/* The provider's scope, and what was typed besides. */
static enum status
widen_scope(struct login *login)
{
    struct span rest = span_of(login->more_scope);
    struct span word;

    login->provider = *login->mine.provider;
    TRY(buf_add_text(&login->scope, login->provider.scope));
    while (span_word(&rest, &word)) {
        TRY(add_word(&login->scope, word));
    }
    login->provider.scope = login->scope.at;
    login->mine.provider = &login->provider;
    return ST_OK;
}

/* Does the service take tokens of this provider that people have stored? */
static bool
takes_stored(const struct service *service, const struct provider *provider)
{
    for (size_t i = 0; i < service->provider_count; i++) {
        if (strcmp(service->providers[i]->name, provider->name) == 0) {
            return config_has_method(service, METHOD_STORED);
        }
    }
    return false;
}

/* `require = acr=phr or acr=phrh`: each of them may do. A value with a blank cannot be asked for.
 */
static enum status
add_acr(const struct requirement *requirement, struct buf *values)
{
    for (size_t i = 0; requirement_claim(requirement, i).length > 0; i++) {
        struct span value = requirement_value(requirement, i);
        if (span_is(requirement_claim(requirement, i), "acr") && value.length > 0 &&
            memchr(value.at, ' ', value.length) == NULL) {
            TRY(add_word(values, value));
        }
    }
    return ST_OK;
}

/* A service of this host that takes the token takes only a fresh one, and perhaps a strong one. */
static enum status
look_at_services(struct login *login, int64_t *ret_max_age_s)
{
    const struct config *config = login->mine.system.config;

    *ret_max_age_s = -1;
    for (size_t i = 0; config != NULL && i < config->service_count; i++) {
        const struct service *service = config->services[i];
        if (!takes_stored(service, &login->provider)) {
            continue;
        }
        *ret_max_age_s = FRESH_S;
        for (size_t j = 0; j < service->requirement_count; j++) {
            TRY(add_acr(service->requirements[j], &login->acr_values));
        }
    }
    return ST_OK;
}

/* ---- the two ways --------------------------------------------------------------------------- */

static enum status
by_browser(struct login *login, struct why *why)
{
    struct browser_errand errand = {
        .provider = &login->provider,
        .audience = login->audience,
        .metadata = &login->metadata,
    };

    TRY(look_at_services(login, &errand.max_age_s));
    errand.acr_values = buf_text(&login->acr_values);
    if (login->metadata.authorization_endpoint.length == 0) {
        return status_because(why, ST_CONFIG,
                              "%s publishes no authorization_endpoint; run 'pam-oauth login "
                              "--device', or set it",
                              login->provider.name);
    }
    return browser_sign_in(&login->mine, &errand, why, login->nonce, &login->granted);
}

/* There is nobody to ask: what is shown is an answer to somebody's own command. */
static enum status
ask_nobody(void *context, const char *prompt, struct buf *answer)
{
    (void)context;
    (void)prompt;
    (void)answer;
    return ST_CONVERSATION;
}

static enum status
tell_terminal(void *context, const char *text)
{
    (void)context;
    return printf("%s\n", text) >= 0 && fflush(stdout) == 0 ? ST_OK : ST_CONVERSATION;
}

static enum status
move_tokens(struct device_tokens *tokens, struct granted *granted)
{
    TRY(buf_add(&granted->id_token, buf_span(&tokens->id_token)));
    TRY(buf_add(&granted->access_token, buf_span(&tokens->access_token)));
    return buf_add(&granted->refresh_token, buf_span(&tokens->refresh_token));
}

static enum status
by_code(struct login *login, struct why *why)
{
    const struct conversation talk = {.ask = ask_nobody, .tell = tell_terminal};
    const struct service service = {
        .name = login->provider.name,
        .device_timeout_s = DEVICE_TIMEOUT_S,
        .device_limit = 1000,
        .device_limit_per_account = 1000,
        .device_display = DISPLAY_MESSAGE,
        .qr = QR_AUTO,
    };
    const struct passwd *user = getpwuid(geteuid());
    const char *tty = ttyname(STDOUT_FILENO);
    const struct attempt attempt = {
        .site = &login->mine.cli->site,
        .service = &service,
        .account = user != NULL ? user->pw_name : "",
        .service_name = "pam-oauth login",
        .tty = tty != NULL ? tty : "",
        .rhost = "",
        .talk = &talk,
        .started_ms = clock_ms(),
        .audience = login->audience,
    };
    const struct provider *provider = &login->provider;
    struct device_tokens tokens CLEANUP(device_tokens_done) = DEVICE_TOKENS_TO_KEEP;
    struct keyring keyring CLEANUP(keyring_done) = KEYRING;

    TRY(mine_look_at_clock(&login->mine, why));
    TRY(keyring_open(&login->mine.cli->site, &provider, 1, &keyring));
    TRY(device_flow_run(&attempt, provider, &keyring, why, &tokens));
    return move_tokens(&tokens, &login->granted);
}

/* ---- and what is kept ----------------------------------------------------------------------- */

static enum status
prepare_grant(struct login *login)
{
    struct grant *grant = &login->grant;

    TRY(grant_set(&grant->issuer, span_of(login->provider.issuer)));
    TRY(grant_set(&grant->client_id, span_of(login->provider.client_id)));
    TRY(grant_set(&grant->token_endpoint, buf_span(&login->metadata.token_endpoint)));
    TRY(grant_set(&grant->revocation_endpoint, buf_span(&login->metadata.revocation_endpoint)));
    TRY(grant_set(&grant->asked_audience, span_of(login->audience)));
    return grant_set(&grant->scope, buf_span(&login->scope));
}

static enum status
keep(struct login *login, int directory, struct why *why)
{
    struct buf lock_name CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);
    int lock CLEANUP(file_close) = -1;

    TRY(buf_printf(&lock_name, "%s.lock", login->provider.name));
    TRY(wallet_lock(directory, buf_text(&lock_name), clock_ms() + MINE_LOCK_MS, why, &lock));
    return grant_save(directory, login->provider.name, &login->grant, why);
}

static void
print_quoted(const char *before, struct span text)
{
    struct buf escaped CLEANUP(buf_done) = BUF(4096);

    if (text.length > 0 && text_escape(&escaped, text, 200) == ST_OK) {
        (void)printf("%s%s", before, buf_text(&escaped));
    }
}

static void
tell_success(const struct login *login)
{
    const struct grant *grant = &login->grant;

    (void)printf("Signed in at %s", login->provider.name);
    print_quoted(" as ", buf_span(&grant->subject));
    print_quoted("; the token is for ", buf_span(&grant->audience));
    (void)printf(" and good for %lld s.%s\n",
                 (long long)(grant->expires_s - login->mine.cli->site.clock_s),
                 grant->refresh_token.length > 0 ? " It will be renewed." : "");
}

static enum status
sign_in(struct login *login, struct why *why)
{
    int directory CLEANUP(file_close) = -1;

    /* What cannot be kept need not be asked for. */
    TRY(wallet_make(&login->mine.place, why, &directory));
    TRY(widen_scope(login));
    TRY(mine_look_at_clock(&login->mine, why));
    TRY(provider_keys_client(&login->mine.cli->site, &login->provider,
                             login->mine.cli->site.deadline_ms, why, &login->metadata));
    if (login->metadata.token_endpoint.length == 0) {
        return status_because(why, ST_CONFIG, "%s publishes no token_endpoint; set it",
                              login->provider.name);
    }
    TRY(prepare_grant(login));
    TRY(login->device ? by_code(login, why) : by_browser(login, why));
    TRY(keep_judge(&login->mine, &login->granted, login->device ? NULL : login->nonce, why,
                   &login->grant));
    return keep(login, directory, why);
}

enum exit_code
login_run(const struct common *common, int argc, char **argv)
{
    struct login login CLEANUP(login_done) = {
        .mine = MINE,
        .scope = BUF(GRANTED_SCOPE_MAX),
        .acr_values = BUF(GRANTED_SCOPE_MAX),
        .metadata = METADATA_CLIENT,
        .granted = GRANTED,
        .grant = GRANT,
    };
    const struct flag flags[] = {
        {"provider", .text = &login.provider_name},
        {"scope", .text = &login.more_scope},
        {"audience", .text = &login.audience},
        {"device", .on = &login.device},
    };
    struct why why = {""};

    if (flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, &login, &why) != ST_OK) {
        return command_misused("login", "%s", why.sentence);
    }
    (void)setlocale(LC_CTYPE, ""); /* whether a QR code can be shown */
    (void)umask(077);              /* whatever is made here is nobody else's */
    enum status status = mine_open(common, login.provider_name, &why, &login.mine);
    if (status == ST_OK && login.mine.provider->client_id == NULL) {
        status = status_because(&why, ST_CONFIG, "[provider %s] has no client_id; add one",
                                login.mine.provider->name);
    }
    if (status == ST_OK) {
        status = sign_in(&login, &why);
    }
    if (status != ST_OK) {
        return mine_failed("login", status, &why);
    }
    tell_success(&login);
    return EXIT_YES;
}
