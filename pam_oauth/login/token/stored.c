#include "login/token/stored.h"

#include <string.h>

#include "base/file.h"
#include "base/identity.h"
#include "login/terminal.h"
#include "store/wallet.h"

/* Where sudo is told to say where its caller is (pam_rhost), it says this host. */
static bool
is_remote(const struct attempt *attempt)
{
    return attempt->rhost[0] != '\0' && strcmp(attempt->rhost, attempt->site->host) != 0 &&
           strcmp(attempt->rhost, "localhost") != 0;
}

/* Did a person who is on this host start the program that asks, to be more than they are? */
static bool
is_invoked_here(const struct attempt *attempt)
{
    return attempt->privileged && attempt->invoker != 0 &&
           strcmp(attempt->tty, TERMINAL_SSH) != 0 && !is_remote(attempt);
}

static enum status
read_token(const struct attempt *attempt, const char *name, struct why *why, struct buf *text,
           bool *ret_found)
{
    const struct wallet_place place = {
        .runtime = WALLET_RUNTIME,
        .run = attempt->site->config->paths.run,
        .uid = attempt->invoker,
    };
    struct identity identity CLEANUP(identity_done) = IDENTITY;
    int directory CLEANUP(file_close) = -1;

    TRY(identity_take(attempt->invoker, attempt->invoker_group, why, &identity));
    TRY(wallet_open(&place, why, &directory));
    return directory < 0 ? ST_OK
                         : wallet_read(directory, attempt->invoker, name, why, text, ret_found);
}

enum status
stored_token(const struct attempt *attempt, const struct provider *provider, struct why *why,
             struct buf *text, bool *ret_found)
{
    struct buf name CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);

    *ret_found = false;
    if (!is_invoked_here(attempt)) {
        return status_because(why, ST_OK,
                              "a stored token is for programs with root's rights that a user of "
                              "this host starts, such as sudo");
    }
    TRY(buf_printf(&name, "%s.token", provider->name));
    TRY(read_token(attempt, buf_text(&name), why, text, ret_found));
    if (!*ret_found) {
        return status_because(why, ST_OK,
                              "uid %u has stored no token of %s; 'pam-oauth login' stores one",
                              (unsigned int)attempt->invoker, provider->name);
    }
    if (text->length > 0 && text->at[text->length - 1] == '\n') {
        buf_cut(text, text->length - 1);
    }
    return ST_OK;
}
