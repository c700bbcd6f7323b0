/*
 * What became of a call: one enum for the whole project, generated from status.def.
 *
 * ST_OK is the only success. Every other value denies; its class says whether the input was
 * refused or whether we could not decide. The sentence that explains it to an administrator
 * travels beside it in a struct why, filled where the reason is known.
 */
#ifndef PAM_OAUTH_BASE_STATUS_H
#define PAM_OAUTH_BASE_STATUS_H

#include "base/guard.h"

enum status {
#define STATUS(name, word, class, outcome, advice) name,
#include "base/status.def"
#undef STATUS
    ST_COUNT
};

enum status_class { CLASS_OK, CLASS_REFUSED, CLASS_FAULT };

/* What the program that asked is told; module/ turns it into a PAM code, cli/ into an exit code. */
enum status_outcome {
    OUTCOME_ACCEPTED,
    OUTCOME_DENIED,
    OUTCOME_UNAVAILABLE,
    OUTCOME_MISCONFIGURED,
    OUTCOME_NO_MEMORY,
    OUTCOME_NO_CONVERSATION,
    OUTCOME_BROKEN
};

/* What the user is told; login/ has the words. */
enum status_advice {
    ADVICE_NONE,
    ADVICE_REFUSED,
    ADVICE_IDENTITY, /* the same, unless the person has just approved something */
    ADVICE_CUT,
    ADVICE_NOT_APPROVED,
    ADVICE_BLOCKED,
    ADVICE_LATER
};

/*
 * One sentence for an administrator: names the thing, the reason and the remedy; no full stop at
 * its end. May hold foreign text, so whoever prints it escapes it (base/text.h).
 */
struct why {
    char sentence[512];
};

/* The stable reason word of a status, such as "audience"; never NULL. */
const char *status_word(enum status status);

/* "accepted", "refused" or "failed": the class as logs and commands say it. */
const char *status_verdict(enum status status);

enum status_class status_class(enum status status);
enum status_outcome status_outcome(enum status status);
enum status_advice status_advice(enum status status);

/*
 * Writes the sentence into `why` (cut to its size; NULL is allowed and drops it) and returns
 * `status`, so that a check reads `return status_because(why, ST_AUDIENCE, "...")`.
 */
enum status status_because(struct why *why, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
