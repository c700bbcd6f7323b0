#include "login/recent/recent.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "login/account.h"
#include "login/audit.h"
#include "login/terminal.h"
#include "store/signins.h"

static enum status
check(const struct attempt *attempt, struct why *why)
{
    struct signins_place place = {.run = attempt->site->config->paths.run,
                                  .owner = attempt->site->owner};
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct clock_moment now;

    /* What is no account may be a password that was typed too early (R95). */
    TRY(account_exists(attempt->account, why));
    TRY(clock_moment_now(why, &now));
    TRY(signins_load(place, attempt->account, &now, why, &signins));
    int64_t age_s = signins.known ? clock_seconds_since(&signins.last, &now) : -1;
    if (age_s >= 0 && age_s < attempt->service->sign_in_within_s) {
        return ST_OK;
    }
    return status_because(
        why, ST_REQUIREMENT,
        "nobody has signed in to this account, on this host since it was started, "
        "within %lld s (sign_in_within); sign in once with a token or a browser",
        (long long)attempt->service->sign_in_within_s);
}

/* Whoever showed a key is at an ssh that would not ask: the sentence says how to make it. */
static void
advise(const struct attempt *attempt, enum status status)
{
    char text[512];
    bool ssh = strcmp(attempt->tty, TERMINAL_SSH) == 0;

    if (status == ST_OK || attempt->silent) {
        return;
    }
    if (status_class(status) == CLASS_FAULT) {
        (void)snprintf(text, sizeof(text),
                       "Signing in is not possible right now. Try again later. If you need help, "
                       "give this reference: %s",
                       attempt->ref);
    } else {
        (void)snprintf(text, sizeof(text),
                       "Nobody has signed in to this account here for too long. Sign in once with "
                       "a token or a browser%s%s%s%s. If you need help, give this reference: %s",
                       ssh ? ": ssh -o PreferredAuthentications=keyboard-interactive " : "",
                       ssh ? text_quote(span_of(attempt->account)).text : "", ssh ? "@" : "",
                       ssh ? attempt->site->host : "", attempt->ref);
    }
    /* Whoever cannot be told is not told: the answer stays the same. */
    (void)attempt->talk->tell(attempt->talk->context, text);
}

enum status
recent_check(const struct attempt *attempt)
{
    struct why why = {""};
    enum status status = check(attempt, &why);
    struct audit audit = {
        .event = "account",
        .status = status,
        .rule = "",
        .why = &why,
        .account = status == ST_UNKNOWN_USER ? AUDIT_ACCOUNT_UNKNOWN : AUDIT_ACCOUNT_KNOWN,
    };

    audit_write(attempt, &audit);
    advise(attempt, status);
    return status;
}
