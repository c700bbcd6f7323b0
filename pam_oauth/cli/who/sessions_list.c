#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/who/sessions.h"
#include "policy/fingerprint.h"

/* So much of a digest tells keys apart. */
#define KEY_SHOWN 12

/* What is there: an account an object, as --json prints it. */
struct list {
    const struct cli_site *cli;
    struct clock_moment now;
    struct buf policy; /* as it is now; empty when nothing is remembered, or it cannot be read */
    json_t *accounts;
};

/* ---- finding out ----------------------------------------------------------------------------- */

/* Why a key would be asked again, or `remembered`. */
static const char *
state_of(const struct list *list, const struct signin *signin, const struct service *service)
{
    int64_t age_s = clock_seconds_since(&signin->at, &list->now);

    if (service == NULL || service->remember_s == 0) {
        return "off";
    }
    if (age_s < 0 || age_s >= service->remember_s) {
        return "over";
    }
    return span_equals(signin->policy, buf_span(&list->policy)) ? "remembered" : "policy_changed";
}

static const struct service *
service_of(const struct list *list, struct span name)
{
    const struct config *config = list->cli->config;

    for (size_t i = 0; i < config->service_count; i++) {
        if (span_is(name, config->services[i]->name)) {
            return config->services[i];
        }
    }
    return NULL;
}

static json_t *
signin_object(const struct list *list, const struct signin *signin)
{
    const struct service *service = service_of(list, signin->service);
    const char *state = state_of(list, signin, service);
    int64_t age_s = clock_seconds_since(&signin->at, &list->now);
    bool live = strcmp(state, "remembered") == 0;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:o}", "service",
                     print_json_text(signin->service), "provider",
                     print_json_text(signin->provider), "sub", print_json_text(signin->sub), "rule",
                     print_json_text(signin->rule), "key", print_json_text(signin->key), "state",
                     state, "signed_in", (json_int_t)signin->at.wall_s, "age", (json_int_t)age_s,
                     "left", live ? json_integer(service->remember_s - age_s) : json_null());
}

static enum status
take(void *into, const struct signins *signins)
{
    struct list *list = into;
    struct span entries = signins->entries;
    struct signin signin;
    json_t *remembered = json_array();
    json_t *account = json_pack(
        "{s:o, s:I, s:I, s:o}", "account", print_json_text(signins->account), "signed_in",
        (json_int_t)signins->last.wall_s, "age",
        (json_int_t)clock_seconds_since(&signins->last, &list->now), "remembered", remembered);

    if (json_array_append_new(list->accounts, account) != 0) {
        return ST_MEMORY;
    }
    while (signins_next(signins, &entries, &signin)) {
        if (json_array_append_new(remembered, signin_object(list, &signin)) != 0) {
            return ST_MEMORY;
        }
    }
    return ST_OK;
}

static enum status
look(struct list *list, struct signins_place place, struct why *why)
{
    const struct cli_site *cli = list->cli;
    struct why cause = {""};

    list->accounts = json_array();
    TRY(clock_moment_now(why, &list->now));
    if (config_remembers(cli->config) &&
        fingerprint_of(cli->config, cli->site.owner, &cause, &list->policy) != ST_OK) {
        (void)fputs("pam-oauth sessions: ", stderr);
        print_sentence(stderr, span_of(cause.sentence));
        (void)fputc('\n', stderr);
    }
    return signins_each(place, &list->now, why, take, list);
}

static int
by_account(const void *a, const void *b)
{
    const json_t *const *left = a;
    const json_t *const *right = b;

    return strcmp(json_string_value(json_object_get(*left, "account")),
                  json_string_value(json_object_get(*right, "account")));
}

/* ---- showing it ------------------------------------------------------------------------------ */

enum { ACCOUNT, LAST, SERVICE, PROVIDER, SUBJECT, KEY, STATE, COLUMNS };

static void
describe(const json_t *signin, char *into, size_t room)
{
    const char *state = json_string_value(json_object_get(signin, "state"));

    if (strcmp(state, "remembered") == 0) {
        (void)snprintf(
            into, room, "for %s",
            duration_of((int64_t)json_integer_value(json_object_get(signin, "left"))).text);
    } else {
        (void)snprintf(into, room, "%s",
                       strcmp(state, "policy_changed") == 0 ? "no, the policy changed"
                       : strcmp(state, "over") == 0         ? "no, it is over"
                                                            : "no");
    }
}

static enum status
add_row(struct table *table, const char *const *account_cells, const json_t *signin)
{
    char state[64];
    char key[KEY_SHOWN + 1];
    const char *cells[COLUMNS] = {
        [ACCOUNT] = account_cells[ACCOUNT],
        [LAST] = account_cells[LAST],
        [SERVICE] = json_string_value(json_object_get(signin, "service")),
        [PROVIDER] = json_string_value(json_object_get(signin, "provider")),
        [SUBJECT] = json_string_value(json_object_get(signin, "sub")),
        [KEY] = key,
        [STATE] = state,
    };

    describe(signin, state, sizeof(state));
    (void)snprintf(key, sizeof(key), "%.*s", KEY_SHOWN,
                   json_string_value(json_object_get(signin, "key")));
    return table_add(table, cells);
}

static enum status
add_rows(struct table *table, const json_t *account)
{
    const json_t *remembered = json_object_get(account, "remembered");
    struct duration age = duration_of((int64_t)json_integer_value(json_object_get(account, "age")));
    char last[64];
    const char *cells[COLUMNS] = {
        [ACCOUNT] = json_string_value(json_object_get(account, "account")),
        [LAST] = last,
        [SERVICE] = "-",
        [PROVIDER] = "-",
        [SUBJECT] = "-",
        [KEY] = "-",
        [STATE] = "-",
    };
    const json_t *signin;
    size_t i;

    (void)snprintf(last, sizeof(last), "%s ago", age.text);
    json_array_foreach(remembered, i, signin)
    {
        TRY(add_row(table, cells, signin));
    }
    return json_array_size(remembered) == 0 ? table_add(table, cells) : ST_OK;
}

static enum status
print_rows(json_t *const *accounts, size_t count)
{
    static const char *const head[COLUMNS] = {
        [ACCOUNT] = "ACCOUNT", [LAST] = "SIGNED IN", [SERVICE] = "SERVICE", [PROVIDER] = "PROVIDER",
        [SUBJECT] = "SUBJECT", [KEY] = "KEY",        [STATE] = "REMEMBERED"};
    struct table table CLEANUP(table_done) = {.columns = COLUMNS};

    TRY(table_add(&table, head));
    for (size_t i = 0; i < count; i++) {
        TRY(add_rows(&table, accounts[i]));
    }
    table_print(&table);
    return ST_OK;
}

static enum status
print_objects(json_t *const *accounts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!print_json_line(stdout, accounts[i])) {
            return ST_MEMORY;
        }
    }
    return ST_OK;
}

static void
free_pointers(json_t ***pointers)
{
    free(*pointers);
}

static enum status
print(const json_t *accounts, bool json)
{
    size_t count = json_array_size(accounts);
    json_t **sorted CLEANUP(free_pointers) = calloc(count + 1, sizeof(*sorted));

    if (sorted == NULL) {
        return ST_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = json_array_get(accounts, i);
    }
    qsort(sorted, count, sizeof(*sorted), by_account);
    return json ? print_objects(sorted, count) : print_rows(sorted, count);
}

enum exit_code
sessions_list(const struct cli_site *cli, struct signins_place place, bool json)
{
    struct list list = {.cli = cli, .policy = BUF(2 * DIGEST_BYTES)};
    struct why why = {"out of memory"};

    enum status status = look(&list, place, &why);
    if (status == ST_OK) {
        status = print(list.accounts, json);
    }
    json_decref(list.accounts);
    buf_done(&list.policy);
    if (status != ST_OK || fflush(stdout) != 0) {
        return command_misused("sessions", "%s: %s", status_word(status), why.sentence);
    }
    return EXIT_YES;
}
