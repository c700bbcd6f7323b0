#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/strictjson.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/keys/jwks.h"
#include "cli/print.h"
#include "cli/table.h"
#include "jose/base64url.h"
#include "login/keys/keyring.h"

/* What is known of one issuer's keys. */
struct shown {
    const struct jwks_issuer *issuer;
    int64_t now_s;
    const char *freshness; /* as --json has it */
    struct lifetime lifetime;
    struct keystore_entry entry; /* of the store, */
    struct keyset pinned;        /* or of a file */
    struct span lines;
    struct why why; /* why they may not be used */
};

static void
shown_done(struct shown *shown)
{
    keystore_entry_done(&shown->entry);
    keyset_done(&shown->pinned);
}

/* ---- finding out --------------------------------------------------------------------------- */

static enum status
look_into_file(const struct cli_site *cli, struct shown *shown)
{
    struct buf document CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);
    struct file_trust trust = {.also_owner = cli->site.owner, .secret = false};

    TRY(file_read_trusted(shown->issuer->provider->jwks_file, trust, &shown->why, &document));
    shown->pinned.issuer = shown->issuer->provider->issuer;
    TRY(keyset_read(buf_span(&document), KEYSET_PINNED_MAX, &shown->why, &shown->pinned));
    shown->lines = buf_span(&shown->pinned.lines);
    return shown->pinned.usable > 0
               ? ST_OK
               : status_because(&shown->why, ST_KEYS_UNAVAILABLE, "no key in it can be used");
}

static enum status
look_into_store(const struct cli_site *cli, struct shown *shown)
{
    static const char *const words[] = {
        [LIFETIME_FRESH] = "fresh", [LIFETIME_STALE] = "stale", [LIFETIME_OVER] = "too_stale"};
    enum status status = keyring_stored(&cli->site, shown->issuer->provider, &shown->why,
                                        &shown->entry, &shown->lifetime);

    shown->lines = shown->entry.lines;
    if (shown->entry.lines.length == 0) {
        shown->freshness = "absent";
    } else {
        bool usable = status == ST_OK || shown->lifetime.state == LIFETIME_OVER;
        shown->freshness = usable ? words[shown->lifetime.state] : "not_used";
    }
    return status;
}

/* ST_OK if there are keys that may be used. */
static enum status
look(const struct cli_site *cli, const struct jwks_issuer *issuer, struct shown *shown)
{
    *shown = (struct shown){
        .issuer = issuer,
        .now_s = cli->site.clock_s,
        .entry = KEYSTORE_ENTRY,
        .pinned = KEYSET,
    };
    if (issuer->provider->jwks_file == NULL) {
        return look_into_store(cli, shown);
    }
    enum status status = look_into_file(cli, shown);
    shown->freshness = status == ST_OK ? "pinned" : "not_used";
    return status;
}

/* ---- one key ------------------------------------------------------------------------------- */

static const char *
type_of(const struct jwk *jwk)
{
    return jwk->kty == KTY_RSA ? "RSA" : alg_crv_row(jwk->crv)->name;
}

static const char *
alg_of(const struct jwk *jwk)
{
    return jwk->pinned ? alg_row(jwk->alg)->name : NULL;
}

/* A key may have a kid that is the empty text, which is not the same as none. */
static bool
has_kid(const struct jwk *jwk)
{
    return jwk->kid.at[0] == '=';
}

/* The kid as the provider wrote it; empty without one. */
static enum status
kid_of(const struct jwk *jwk, struct buf *kid)
{
    struct span encoded = {.at = jwk->kid.at + 1, .length = jwk->kid.length - 1};

    return has_kid(jwk) ? base64url_decode(encoded, kid) : ST_OK;
}

/* ---- for people ---------------------------------------------------------------------------- */

enum { PROVIDER, ISSUER, KID, TYPE, ALG, AGE, FRESHNESS, REFRESH, COLUMNS };

/* `fresh for 12m`, `stale, refused in 3h`, and so on. */
static void
describe_freshness(const struct shown *shown, char *into, size_t room)
{
    const struct lifetime *lifetime = &shown->lifetime;

    if (strcmp(shown->freshness, "fresh") == 0) {
        (void)snprintf(into, room, "fresh for %s",
                       duration_of(lifetime->stale_s - shown->now_s).text);
    } else if (strcmp(shown->freshness, "stale") == 0) {
        (void)snprintf(into, room, "stale, refused in %s",
                       duration_of(lifetime->over_s - shown->now_s).text);
    } else if (strcmp(shown->freshness, "too_stale") == 0) {
        (void)snprintf(into, room, "too stale");
    } else if (strcmp(shown->freshness, "not_used") == 0) {
        (void)snprintf(into, room, "not used");
    } else {
        (void)snprintf(into, room, "%s", shown->freshness);
    }
}

static void
describe_refresh(const struct shown *shown, char *into, size_t room)
{
    if (strcmp(shown->freshness, "pinned") == 0) {
        (void)snprintf(into, room, "-");
    } else if (strcmp(shown->freshness, "fresh") == 0 && shown->now_s < shown->lifetime.due_s) {
        (void)snprintf(into, room, "in %s", duration_of(shown->lifetime.due_s - shown->now_s).text);
    } else {
        (void)snprintf(into, room, "due");
    }
}

static enum status
add_rows(struct table *table, const struct shown *shown)
{
    struct span rest = shown->lines;
    struct span line;
    char freshness[64];
    char refresh[64];
    bool of_store = shown->entry.lines.length > 0;
    struct duration age = duration_of(shown->now_s - shown->entry.fetched_s);
    const char *cells[COLUMNS] = {
        [PROVIDER] = shown->issuer->names,
        [ISSUER] = shown->issuer->provider->issuer,
        [KID] = "-",
        [TYPE] = "-",
        [ALG] = "-",
        [AGE] = of_store ? age.text : "-",
        [FRESHNESS] = freshness,
        [REFRESH] = refresh,
    };

    describe_freshness(shown, freshness, sizeof(freshness));
    describe_refresh(shown, refresh, sizeof(refresh));
    if (rest.length == 0) {
        return table_add(table, cells);
    }
    while (span_line(&rest, &line)) {
        struct buf kid CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
        struct buf escaped CLEANUP(buf_done) = BUF(4 * JWK_LINE_MAX);
        struct jwk jwk;
        if (!jwk_parse(line, &jwk)) {
            continue;
        }
        TRY(kid_of(&jwk, &kid));
        TRY(text_escape(&escaped, buf_span(&kid), 64));
        if (kid.length == 0) {
            TRY(buf_add_text(&escaped, has_kid(&jwk) ? "\"\"" : "-"));
        }
        cells[KID] = buf_text(&escaped);
        cells[TYPE] = type_of(&jwk);
        cells[ALG] = alg_of(&jwk) != NULL ? alg_of(&jwk) : "-";
        TRY(table_add(table, cells));
    }
    return ST_OK;
}

/* ---- for programs -------------------------------------------------------------------------- */

static json_t *
text_or_null(struct span text)
{
    return text.length > 0 ? print_json_text(text) : json_null();
}

static enum status
add_key(json_t *keys, struct span line)
{
    struct buf kid CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
    struct jwk jwk;

    if (!jwk_parse(line, &jwk)) {
        return ST_OK;
    }
    TRY(kid_of(&jwk, &kid));
    json_t *name =
        has_kid(&jwk) && kid.length == 0 ? json_string("") : text_or_null(buf_span(&kid));
    json_t *key =
        json_pack("{s:o, s:s, s:s?}", "kid", name, "type", type_of(&jwk), "alg", alg_of(&jwk));
    return json_array_append_new(keys, key) == 0 ? ST_OK : ST_MEMORY;
}

static json_t *
names_of(const char *names)
{
    json_t *array = json_array();
    struct span rest = span_of(names);
    struct span name;

    while (span_cut(rest, ',', &name, &rest)) {
        (void)json_array_append_new(array, text_or_null(name));
    }
    (void)json_array_append_new(array, text_or_null(rest));
    return array;
}

static bool
set_times(json_t *object, const struct shown *shown)
{
    const struct lifetime *lifetime = &shown->lifetime;

    if (shown->entry.lines.length == 0) {
        return true;
    }
    return json_object_set_new(object, "jwks_uri", text_or_null(shown->entry.jwks_uri)) == 0 &&
           json_object_set_new(object, "fetched", json_integer(shown->entry.fetched_s)) == 0 &&
           json_object_set_new(object, "age",
                               json_integer(shown->now_s - shown->entry.fetched_s)) == 0 &&
           json_object_set_new(object, "refresh_at", json_integer(lifetime->due_s)) == 0 &&
           json_object_set_new(object, "stale_at", json_integer(lifetime->stale_s)) == 0 &&
           json_object_set_new(object, "refused_at", json_integer(lifetime->over_s)) == 0;
}

static enum status
print_object(const struct shown *shown)
{
    json_t *keys = json_array();
    json_t *object CLEANUP(strictjson_done) =
        json_pack("{s:o, s:s, s:s?, s:s, s:o, s:o}", "providers", names_of(shown->issuer->names),
                  "issuer", shown->issuer->provider->issuer, "jwks_file",
                  shown->issuer->provider->jwks_file, "freshness", shown->freshness, "reason",
                  text_or_null(span_of(shown->why.sentence)), "keys", keys);
    struct span rest = shown->lines;
    struct span line;

    if (object == NULL || !set_times(object, shown)) {
        return ST_MEMORY;
    }
    while (span_line(&rest, &line)) {
        TRY(add_key(keys, line));
    }
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (text == NULL) {
        return ST_MEMORY;
    }
    (void)puts(text);
    free(text);
    return ST_OK;
}

/* ---- both ---------------------------------------------------------------------------------- */

/* Behind the table: the reasons have no room in it. */
static void
print_reason(const struct shown *shown)
{
    (void)fprintf(stderr, "pam-oauth: %s: ", shown->issuer->names);
    print_sentence(stderr, span_of(shown->why.sentence));
    (void)fputc('\n', stderr);
}

enum exit_code
jwks_list(const struct cli_site *cli, const struct jwks_options *options)
{
    static const char *const head[COLUMNS] = {
        [PROVIDER] = "PROVIDER",   [ISSUER] = "ISSUER",  [KID] = "KID",
        [TYPE] = "TYPE",           [ALG] = "ALG",        [AGE] = "AGE",
        [FRESHNESS] = "FRESHNESS", [REFRESH] = "REFRESH"};
    struct table table CLEANUP(table_done) = {.columns = COLUMNS};
    enum exit_code code = EXIT_YES;
    struct jwks_issuer issuer;
    size_t at = 0;

    enum status status = table_add(&table, head);
    while (status == ST_OK && jwks_next(cli->config, options, &at, &issuer)) {
        struct shown shown CLEANUP(shown_done);
        if (look(cli, &issuer, &shown) != ST_OK) {
            code = EXIT_REFUSED;
            print_reason(&shown);
        }
        status = options->json ? print_object(&shown) : add_rows(&table, &shown);
    }
    if (!options->json) {
        table_print(&table);
    }
    if (fflush(stdout) != 0 || status != ST_OK) {
        return command_misused("jwks", "the list cannot be written");
    }
    return code;
}
