/*
 * pam-oauth logout: takes the user's stored tokens away, and has the provider revoke what could
 * renew them.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/flags.h"
#include "cli/login/mine.h"
#include "cli/login/stored.h"
#include "cli/print.h"
#include "login/device/client.h"
#include "oauth/url.h"
#include "policy/syntax.h"

struct logout {
    char *provider_name;
    struct mine mine;
    bool any;
};

static void
logout_done(struct logout *logout)
{
    mine_done(&logout->mine);
}

/* RFC 7009: 200 whether the token was good or not. */
static enum status
ask(struct logout *logout, const struct provider *provider, const struct grant *grant,
    struct why *why)
{
    struct client asking CLEANUP(client_done) = CLIENT;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct buf body CLEANUP(buf_done) = BUF(GRANTED_REQUEST_MAX);
    struct url issuer;
    struct url endpoint;

    if (!span_is(buf_span(&grant->issuer), provider->issuer) ||
        url_parse(span_of(provider->issuer), SIZE_MAX, why, &issuer) != ST_OK ||
        url_parse(buf_span(&grant->revocation_endpoint), GRANT_TEXT_MAX, why, &endpoint) != ST_OK ||
        !url_host_allowed(&endpoint, &issuer, provider->allowed_hosts.at,
                          provider->allowed_hosts.count)) {
        return status_because(why, ST_STORE, "the sign-in is not of the provider of that name now");
    }
    TRY(cli_site_look_at_clock(logout->mine.cli, /* at_s: */ -1, why));
    TRY(client_open(&logout->mine.cli->site, provider, why, &asking));
    struct granted_client client = {
        .client_id = provider->client_id,
        .client_secret = asking.secret_in_body,
    };
    TRY(granted_revoke_request(&client, buf_span(&grant->refresh_token), &body));
    TRY(client_post(&asking, buf_text(&grant->revocation_endpoint), &body, why, &reply));
    return reply.http_status == 200
               ? ST_OK
               : status_because(why, ST_PROVIDER, "HTTP status %d", reply.http_status);
}

/* A provider that cannot be asked keeps nobody signed in here. */
static void
revoke_grant(struct logout *logout, const char *name, const struct grant *grant)
{
    struct why why = {""};

    if (grant->refresh_token.length == 0 || grant->revocation_endpoint.length == 0) {
        return;
    }
    const struct provider *provider = mine_provider(&logout->mine, name, &logout->mine.cli);
    enum status status =
        provider != NULL && provider->client_id != NULL
            ? ask(logout, provider, grant, &why)
            : status_because(&why, ST_CONFIG, "no configuration has a provider of that name");
    if (status != ST_OK) {
        (void)fprintf(stderr,
                      "pam-oauth logout: %s: the provider could not be asked to revoke the "
                      "sign-in: ",
                      name);
        print_sentence(stderr, span_of(why.sentence));
        (void)fputc('\n', stderr);
    }
}

static enum status
remove_files(int directory, const char *name, struct why *why)
{
    static const char *const suffixes[] = {".token", ".grant"};

    for (size_t i = 0; i < COUNT(suffixes); i++) {
        struct buf file CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);
        TRY(buf_printf(&file, "%s%s", name, suffixes[i]));
        TRY(wallet_remove(directory, buf_text(&file), why));
    }
    return ST_OK;
}

/* With the lock: no renewal brings back what was just taken away. */
static enum status
forget(void *context, const char *name, struct why *why)
{
    struct logout *logout = context;
    struct grant grant CLEANUP(grant_done) = GRANT;
    struct buf lock_name CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);
    int directory CLEANUP(file_close) = -1;
    int lock CLEANUP(file_close) = -1;
    struct why damage = {""};
    bool found = false;

    TRY(wallet_open(&logout->mine.place, why, &directory));
    if (directory < 0) {
        return ST_OK;
    }
    TRY(buf_printf(&lock_name, "%s.lock", name));
    TRY(wallet_lock(directory, buf_text(&lock_name), clock_ms() + MINE_LOCK_MS, why, &lock));
    /* Damaged or not, it goes. */
    if (grant_load(&logout->mine.place, name, &damage, &grant, &found) == ST_OK && found) {
        revoke_grant(logout, name, &grant);
    }
    TRY(remove_files(directory, name, why));
    if (found) {
        logout->any = true;
        (void)printf("%s: the stored token is gone\n", name);
    }
    return ST_OK;
}

enum exit_code
logout_run(const struct common *common, int argc, char **argv)
{
    struct logout logout CLEANUP(logout_done) = {.mine = MINE};
    const struct flag flags[] = {
        {"provider", .text = &logout.provider_name},
    };
    struct why why = {""};

    if (flags_parse(flags, COUNT(flags), argc, argv, flags_no_operand, &logout, &why) != ST_OK) {
        return command_misused("logout", "%s", why.sentence);
    }
    if (logout.provider_name != NULL && !syntax_is_name(span_of(logout.provider_name))) {
        return command_misused("logout", "'%s' is no name of a provider",
                               text_quote(span_of(logout.provider_name)).text);
    }
    enum status status = mine_open_wallet(common, &why, &logout.mine);
    if (status == ST_OK) {
        status = stored_each(&logout.mine.place, logout.provider_name, forget, &logout, &why);
    }
    if (status != ST_OK) {
        return mine_failed("logout", status, &why);
    }
    if (!logout.any) {
        (void)printf("no token was stored\n");
    }
    return EXIT_YES;
}
