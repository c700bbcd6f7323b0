/*
 * What a verified token must say before anybody asks whose it is: RFC 7519 section 4.1, OpenID
 * Connect Core 3.1.3.7, RFC 9068 section 4, RFC 8725. One row a check, run in the order of the
 * table; the first that fails is the reason.
 */
#ifndef PAM_OAUTH_OAUTH_CHECKS_H
#define PAM_OAUTH_OAUTH_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "oauth/condition.h"

enum token_kind { TOKEN_ACCESS, TOKEN_ID, TOKEN_ANY };
enum provider_kind { PROVIDER_PEOPLE, PROVIDER_WORKLOAD };

/* What the configuration (or a command line) expects; everything borrowed. */
struct expectation {
    const char *issuer; /* compared byte for byte */
    char *const *audiences;
    size_t audience_count;
    const char *client_id; /* for azp and ID tokens; NULL: the audiences stand for it */
    enum token_kind token_kind;
    const struct condition *marker; /* how the provider marks access tokens, NULL for none */
    enum provider_kind provider_kind;
    struct span access_token; /* that came in the same reply; empty when none did */
    int64_t now_s;
    int64_t clock_skew_s;
    int64_t max_token_age_s;
    int64_t max_token_lifetime_s;
};

struct check {
    const char *name; /* stable: `verify --json` shows it */
    const char *rule; /* the clause that it implements */
    enum status (*run)(const struct claims *claims, const struct expectation *expect,
                       struct why *why);
};

/* The table; `*ret_count` rows. */
const struct check *checks_table(size_t *ret_count);

/* Runs them all in order: ST_OK, or the first refusal with its sentence. */
MUST_CHECK enum status checks_run(const struct claims *claims, const struct expectation *expect,
                                  struct why *why);

/*
 * Does `aud` name one of the audiences? Tells apart the providers of one issuer (R51). False for
 * an `aud` that is not a string or an array of strings.
 */
bool checks_audience_matches(const struct claims *claims, char *const *audiences,
                             size_t audience_count);

#endif
