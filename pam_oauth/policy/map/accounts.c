#include "policy/map/accounts.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "oauth/claims.h"
#include "policy/dropins.h"
#include "policy/fingerprint.h"
#include "policy/lines.h"
#include "policy/map/lanes.h"
#include "policy/map/pieces.h"
#include "policy/map/rule.h"

enum status
accounts_maps(const struct config *config, uid_t owner, struct why *why, struct words *paths)
{
    struct dropins dropins = {.directory = "accounts.d", .suffix = ".map"};

    return dropins_and_main(config->paths.accounts, dropins, owner, why, paths);
}

static const char *
last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

struct search {
    const struct accounts_query *query;
    const char *path; /* of the map at hand */
    struct pieces *pieces;
    struct buf copy; /* of the line that `rule` was read from */
    struct rule rule;
    struct why *why;
    bool admitted; /* from then on only refusals are looked for */
    bool denied;
    struct accounts_rule decisive;
};

static struct accounts_rule
place_of(const struct search *search, struct span line)
{
    struct accounts_rule rule = {""};

    (void)snprintf(rule.place, sizeof(rule.place), "%s:%u", last_name(search->path),
                   pieces_line_number(search->pieces, line.at));
    return rule;
}

static void
show(const struct search *search, struct span line)
{
    const struct accounts_watcher *watcher = search->query->watcher;
    if (watcher != NULL && rule_is_for_account(&search->rule, search->query->account)) {
        watcher->saw(watcher->context, place_of(search, line).place, line, &search->rule);
    }
}

/* The name of the provider that a rule begins with, without its `!`. */
static struct span
provider_of(struct span line)
{
    struct span word;

    (void)span_word(&line, &word);
    size_t bang = span_starts(word, "!") ? 1 : 0;
    return (struct span){.at = word.at + bang, .length = word.length - bang};
}

static bool
provider_exists(const struct config *config, struct span name)
{
    for (size_t i = 0; i < config->provider_count; i++) {
        if (span_is(name, config->providers[i]->name)) {
            return true;
        }
    }
    return false;
}

/*
 * A rule of another provider says nothing of this token. But a refusal that names no provider at
 * all is a slip of the pen, and to pass over it would let in whom it was to keep out.
 */
static enum status
pass_over(const struct search *search, struct span line, struct span name)
{
    if (!span_starts(span_trim(line), "!") || provider_exists(search->query->config, name)) {
        return ST_OK;
    }
    return status_because(search->why, ST_CONFIG,
                          "%s:%u: '!%s' names no provider of the configuration", search->path,
                          pieces_line_number(search->pieces, line.at), text_quote(name).text);
}

/* A line that may matter, looked at in full. */
static enum status
consider(struct search *search, struct span line)
{
    const struct provider *provider = search->query->provider;
    struct span name = provider_of(line);
    struct why cause = {""};

    if (syntax_is_name(name) && !span_is(name, provider->name)) {
        return pass_over(search, line, name);
    }
    enum status status = rule_read(line, &search->copy, &cause, &search->rule);
    if (status == ST_OK) {
        status = rule_permitted(&search->rule, provider, &cause);
    }
    if (status != ST_OK) {
        return status_because(search->why, status, "%s:%u: %s", search->path,
                              pieces_line_number(search->pieces, line.at), cause.sentence);
    }
    show(search, line);
    if (rule_applies(&search->rule, search->query)) {
        *(search->rule.refuses ? &search->denied : &search->admitted) = true;
        search->decisive = place_of(search, line);
    }
    return ST_OK;
}

/*
 * A CR or a NUL in whatever line: what an editor shows behind it as a line of its own, perhaps a
 * refusal, is none. Two searches of libc's cost less than one look at every byte.
 */
static enum status
search_bad_bytes(const struct search *search, struct span piece)
{
    const char *cr = memchr(piece.at, '\r', piece.length);
    const char *bad = cr != NULL ? cr : memchr(piece.at, '\0', piece.length);

    return bad == NULL ? ST_OK
                       : status_because(search->why, ST_CONFIG, "%s:%u: the line has %s",
                                        search->path, pieces_line_number(search->pieces, bad),
                                        lines_fault(span_line_around(piece, bad)));
}

static const char *
end_of(struct span span)
{
    return span.at + span.length;
}

/*
 * Every line with a `!` that is not plainly something else: a comment, or a rule that admits,
 * which begins with a byte of a provider's name. A `!` behind a byte order mark is looked at.
 */
static enum status
search_refusals(struct search *search, struct span piece)
{
    const char *at = piece.at;

    while (!search->denied && (at = memchr(at, '!', (size_t)(end_of(piece) - at))) != NULL) {
        struct span line = span_line_around(piece, at);
        struct span first = span_trim(line);
        first.length = first.length > 0 ? 1 : 0;
        if (!span_is(first, "#") && !syntax_is_name(first)) {
            TRY(consider(search, line));
        }
        at = end_of(line);
    }
    return ST_OK;
}

/* Does an arrow stand before this word of the piece? */
static bool
follows_arrow(struct span piece, const char *at)
{
    while (at > piece.at && (at[-1] == ' ' || at[-1] == '\t')) {
        at--;
    }
    return at - piece.at >= 2 && at[-1] == '>' && at[-2] == '-';
}

/* Considers the line of a word that could be the account of a rule. */
static enum status
consider_account(struct search *search, struct span piece, const char *at)
{
    struct span line = span_line_around(piece, at);

    if (!follows_arrow(piece, at) || span_starts(span_trim(line), "#")) {
        return ST_OK;
    }
    return consider(search, line);
}

static enum status
search_stars(struct search *search, struct span piece)
{
    const char *at = piece.at;

    while (!search->admitted && (at = memchr(at, '*', (size_t)(end_of(piece) - at))) != NULL) {
        TRY(consider_account(search, piece, at));
        at++;
    }
    return ST_OK;
}

/* Every place in `part` of the piece where the account's name stands. */
static enum status
search_names(struct search *search, struct span piece, struct span part, struct span name)
{
    const char *at = part.at;

    while (!search->admitted &&
           (at = memmem(at, (size_t)(end_of(part) - at), name.at, name.length)) != NULL) {
        const char *behind = at + name.length;
        /* An odd byte behind it makes a bad rule; it must not make the rule invisible. */
        if (behind == end_of(piece) || *behind <= ' ' || *behind > '~') {
            TRY(consider_account(search, piece, at));
        }
        at++;
    }
    return ST_OK;
}

#define FOUR ((size_t)4 * LANES)
#define ROUND ((size_t)4 * FOUR)
#define BLOCK ((size_t)16 * ROUND)

/* Three bytes of a name, and where the last but one stands and the last. */
struct sample {
    lanes first;
    lanes inner;
    lanes last;
    size_t inner_at;
    size_t last_at;
};

static struct sample
sample_of(struct span name)
{
    size_t inner_at = name.length > 2 ? name.length - 2 : 0;
    size_t last_at = name.length - 1;

    return (struct sample){.first = lanes_of(name.at[0]),
                           .inner = lanes_of(name.at[inner_at]),
                           .last = lanes_of(name.at[last_at]),
                           .inner_at = inner_at,
                           .last_at = last_at};
}

/* All ones where three of the name's bytes stand at their places from `at` on. */
static inline lanes
may_begin(const char *at, const struct sample *name)
{
    return lanes_equal(at, name->first) & lanes_equal(at + name->inner_at, name->inner) &
           lanes_equal(at + name->last_at, name->last);
}

static inline lanes
may_begin_in_four(const char *row, const struct sample *name)
{
    return may_begin(row, name) | may_begin(row + LANES, name) | may_begin(row + 2 * LANES, name) |
           may_begin(row + 3 * LANES, name);
}

/*
 * Could the name begin in this block? memmem would cost three times as much, and nearly all blocks
 * of a large map are ruled out here.
 */
static bool
block_may_hold(const char *block, const struct sample *name)
{
    lanes found = {0};

    for (const char *row = block; row < block + BLOCK; row += ROUND) {
        found |= may_begin_in_four(row, name) | may_begin_in_four(row + FOUR, name) |
                 may_begin_in_four(row + 2 * FOUR, name) | may_begin_in_four(row + 3 * FOUR, name);
    }
    return lanes_any(found);
}

/* Could the name stand in this part? Looks at the block that ends with it, if there is one. */
static bool
part_may_hold(struct span piece, struct span part, const struct sample *name)
{
    size_t looked_at = BLOCK + name->last_at;

    return (size_t)(end_of(part) - piece.at) < looked_at ||
           block_may_hold(end_of(part) - looked_at, name);
}

/* Every rule whose account is ours; the others could not admit whatever else they say. */
static enum status
search_admissions(struct search *search, struct span piece)
{
    struct span name = span_of(search->query->account);
    struct span rest = piece;

    /* No rule can name it; and strangers choose it, a blank for example, which is everywhere. */
    if (!syntax_is_account(name)) {
        return ST_OK;
    }
    TRY(search_stars(search, piece));
    const struct sample sample = sample_of(name);
    while (!search->admitted && rest.length >= name.length) {
        /* A name that begins in these BLOCK bytes may end behind them. */
        size_t length = BLOCK + name.length - 1;
        struct span part = {.at = rest.at, .length = length < rest.length ? length : rest.length};
        if (part_may_hold(piece, part, &sample)) {
            TRY(search_names(search, piece, part, name));
        }
        size_t step = BLOCK < rest.length ? BLOCK : rest.length;
        rest = (struct span){.at = rest.at + step, .length = rest.length - step};
    }
    return ST_OK;
}

static enum status
search_map(struct search *search, const char *path, uid_t owner)
{
    struct pieces pieces CLEANUP(pieces_done) = PIECES;
    struct span piece = {.at = NULL, .length = 0};
    struct why cause = {""};

    TRY(pieces_open(&pieces, path, owner, search->why));
    search->path = path;
    search->pieces = &pieces;
    do {
        enum status status = pieces_next(&pieces, &cause, &piece);
        if (status != ST_OK) {
            return status_because(search->why, status, "%s: %s", path, cause.sentence);
        }
        if (piece.length > 0) {
            TRY(search_bad_bytes(search, piece));
            TRY(search_refusals(search, piece));
            TRY(search->admitted || search->denied ? ST_OK : search_admissions(search, piece));
        }
        if (search->query->fingerprint != NULL) {
            fingerprint_add(search->query->fingerprint, piece);
        }
    } while (piece.length > 0 && !search->denied);
    return search->query->fingerprint != NULL && !search->denied
               ? fingerprint_end_map(search->query->fingerprint, path)
               : ST_OK;
}

static enum status
search_maps(struct search *search, uid_t owner)
{
    struct words paths CLEANUP(words_done) = {.at = NULL, .count = 0};

    TRY(accounts_maps(search->query->config, owner, search->why, &paths));
    for (size_t i = 0; i < paths.count && !search->denied; i++) {
        TRY(search_map(search, paths.at[i], owner));
    }
    return ST_OK;
}

/* A subject has at most 255 bytes (R61), each of which may be quoted. */
#define VALUE_MAX ((size_t)2 * 255 + 2)

/* Says which line would admit, for an administrator who knows that it should. */
static enum status
no_rule(const struct accounts_query *query, struct why *why)
{
    struct buf value CLEANUP(buf_done) = BUF(VALUE_MAX);
    struct span subject = {.at = "", .length = 0};
    const char *map = query->config->paths.accounts;
    struct text_quoted account = text_quote(span_of(query->account));

    if (!syntax_is_account(span_of(query->account))) {
        return status_because(why, ST_ACCOUNT,
                              "no rule of %s can name the account '%s': a-z or _, then at most 30 "
                              "of a-z, 0-9, _ and -",
                              map, account.text);
    }
    if (!claims_text(query->claims, "sub", &subject) ||
        syntax_write_value(subject, &value) != ST_OK) {
        return status_because(why, ST_ACCOUNT,
                              "no rule of %s admits this subject to the account '%s'", map,
                              account.text);
    }
    return status_because(why, ST_ACCOUNT,
                          "no rule of %s admits this subject to the account '%s'; one that would: "
                          "%s sub=%.*s -> %s",
                          map, account.text, query->provider->name, SPAN_ARGS(buf_span(&value)),
                          account.text);
}

enum status
accounts_search(const struct accounts_query *query, struct why *why, struct accounts_rule *ret_rule)
{
    struct search search = {.query = query, .copy = BUF(RULE_LENGTH_MAX), .why = why};
    enum status status = search_maps(&search, query->owner);

    buf_done(&search.copy);
    TRY(status);
    if (!search.admitted && !search.denied) {
        return no_rule(query, why);
    }
    *ret_rule = search.decisive;
    if (search.denied) {
        return status_because(why, ST_DENIED, "%s refuses this subject", search.decisive.place);
    }
    return ST_OK;
}
