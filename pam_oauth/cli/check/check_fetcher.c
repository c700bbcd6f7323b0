#include "cli/check/check_fetcher.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "fetch/confined.h"
#include "fetch/fetch.h"

/* It starts, confines itself and ends in some 20 ms; a busy machine takes longer. */
#define PATIENCE_MS 5000

static bool
has_device(const struct service *service)
{
    for (size_t i = 0; i < service->method_count; i++) {
        if (service->methods[i] == METHOD_DEVICE) {
            return true;
        }
    }
    return false;
}

static bool
needs_network(const struct config *config)
{
    for (size_t i = 0; i < config->provider_count; i++) {
        if (config->providers[i]->jwks_file == NULL) {
            return true;
        }
    }
    /* Used tokens that several hosts share are in a Redis. */
    bool shared = strstr(config->store.used_tokens, "://") != NULL;
    for (size_t i = 0; i < config->service_count; i++) {
        if (has_device(config->services[i]) || (shared && config->services[i]->single_use)) {
            return true;
        }
    }
    return false;
}

static enum status
ask(const struct fetch_program *program, struct why *why, unsigned int *ret_confined)
{
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct fetch_request request = {.url = FETCH_CONFINEMENT, .timeout_ms = PATIENCE_MS};
    struct why cause = {""};

    TRY(fetch_start(program, why, &session));
    enum status status = fetch_ask(session, &request, clock_ms() + PATIENCE_MS, &cause, &reply);
    if (status != ST_OK) {
        /* It names the host, and here there is none. */
        return status_because(why, status, "%s; see pam-oauth-fetcher(8)",
                              cause.sentence + strspn(cause.sentence, "?: "));
    }
    *ret_confined = reply.confined;
    return ST_OK;
}

enum status
check_fetcher(const struct config *config, struct findings *findings, bool *ret_works)
{
    const struct paths *paths = &config->paths;
    struct fetch_program program = {.path = paths->fetcher, .user = paths->fetcher_user};
    struct why why = {""};
    unsigned int confined;

    *ret_works = false;
    if (!needs_network(config)) {
        return ST_OK;
    }
    enum status status = ask(&program, &why, &confined);
    if (status == ST_MEMORY) {
        return status;
    }
    *ret_works = status == ST_OK;
    if (status != ST_OK) {
        findings_file_error(findings, paths->fetcher, &why);
    } else if (confined != CONFINED_ALL) {
        confined_explain(confined, &why);
        findings_warning(findings, paths->fetcher, 0, "%s", why.sentence);
    } else {
        (void)fprintf(stderr,
                      "%s: confined to one TCP port, no file (Landlock) and the system calls that "
                      "it needs (seccomp)\n",
                      text_quote(span_of(paths->fetcher)).text);
    }
    return ST_OK;
}
