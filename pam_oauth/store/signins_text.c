#include "store/signins_text.h"

#include <string.h>

#include "base/text.h"
#include "jose/digest.h"
#include "store/place.h"

#define FIRST_LINE "pam_oauth signins 1"
#define LAST_LINE "end"

void
signins_done(struct signins *signins)
{
    buf_done(&signins->text);
    *signins = (struct signins)SIGNINS;
}

/* ---- what a file says ------------------------------------------------------------------------ */

/* Takes the next line, which must be `name VALUE`, a value that could stand in any log. */
static bool
take_value(struct span *rest, const char *name, struct span *ret_value)
{
    struct span line;
    struct span key;

    return span_line(rest, &line) && span_cut(line, ' ', &key, ret_value) && span_is(key, name) &&
           ret_value->length > 0 && ret_value->length <= SIGNINS_VALUE_MAX &&
           text_is_printable(*ret_value);
}

static bool
take_digest(struct span *rest, const char *name, struct span *ret_digest)
{
    if (!take_value(rest, name, ret_digest) || ret_digest->length != (size_t)2 * DIGEST_BYTES) {
        return false;
    }
    for (size_t i = 0; i < ret_digest->length; i++) {
        char byte = ret_digest->at[i];
        if (!text_is_digit(byte) && (byte < 'a' || byte > 'f')) {
            return false;
        }
    }
    return true;
}

/* Two numbers of seconds; the boot that they belong to is the file's. */
static bool
take_moment(struct span *rest, const char *name, struct clock_moment *ret_moment)
{
    struct span value;
    struct span boot;
    struct span wall;

    return take_value(rest, name, &value) && span_cut(value, ' ', &boot, &wall) &&
           text_number(boot, 0, PLACE_SECONDS_MAX, &ret_moment->boot_s) &&
           text_number(wall, 0, PLACE_SECONDS_MAX, &ret_moment->wall_s);
}

static bool
take_auth_time(struct span *rest, int64_t *ret_s)
{
    struct span value;

    *ret_s = -1;
    return take_value(rest, "auth_time", &value) &&
           (span_is(value, "-") || text_number(value, 0, PLACE_SECONDS_MAX, ret_s));
}

static bool
take_signin(struct span *rest, struct signin *signin)
{
    return take_digest(rest, "key", &signin->key) && take_digest(rest, "policy", &signin->policy) &&
           take_moment(rest, "at", &signin->at) && take_auth_time(rest, &signin->auth_time_s) &&
           take_value(rest, "service", &signin->service) &&
           take_value(rest, "provider", &signin->provider) &&
           take_value(rest, "rule", &signin->rule) && take_value(rest, "sub", &signin->sub);
}

bool
signins_next(const struct signins *signins, struct span *entries, struct signin *ret_signin)
{
    ret_signin->at = signins->last; /* the boot is the same */
    return take_signin(entries, ret_signin);
}

/* No moment of a file is later than now by the clock that nobody can set. */
static bool
is_past(const struct clock_moment *then, const struct clock_moment *now)
{
    return clock_seconds_since(then, now) >= 0;
}

static bool
parse_head(struct span *rest, const struct clock_moment *now, struct signins *signins)
{
    struct span line;

    signins->last = *now; /* the boot is the same */
    return span_line(rest, &line) && span_is(line, FIRST_LINE) &&
           take_value(rest, "account", &signins->account) && take_value(rest, "boot", &line) &&
           span_is(line, now->boot) && take_moment(rest, "last", &signins->last) &&
           is_past(&signins->last, now);
}

/* As many as the file says, and then its last line and nothing else. */
static bool
parse_entries(struct span rest, const struct clock_moment *now, struct span *ret_entries)
{
    const char *from;
    struct signin signin = {.at = *now};
    struct span line;
    int64_t count;

    if (!take_value(&rest, "remembered", &line) || !text_number(line, 0, SIGNINS_MAX, &count)) {
        return false;
    }
    from = rest.at;
    for (int64_t i = 0; i < count; i++) {
        if (!take_signin(&rest, &signin) || !is_past(&signin.at, now)) {
            return false;
        }
    }
    *ret_entries = (struct span){.at = from, .length = (size_t)(rest.at - from)};
    return span_is(rest, LAST_LINE "\n");
}

bool
signins_text_parse(struct span text, const struct clock_moment *now, struct signins *signins)
{
    struct signins found = SIGNINS;

    if (!parse_head(&text, now, &found) || !parse_entries(text, now, &found.entries)) {
        return false;
    }
    signins->account = found.account;
    signins->last = found.last;
    signins->entries = found.entries;
    return true;
}

/* ---- what is written ------------------------------------------------------------------------- */

/* Not by printf, which would end a value at its first NUL and so write another one. */
static enum status
add_value(struct buf *text, const char *name, struct span value)
{
    TRY(buf_printf(text, "%s ", name));
    TRY(buf_add(text, value));
    return buf_add_char(text, '\n');
}

static enum status
add_moment(struct buf *text, const char *name, const struct clock_moment *moment)
{
    return buf_printf(text, "%s %lld %lld\n", name, (long long)moment->boot_s,
                      (long long)moment->wall_s);
}

static enum status
add_signin(struct buf *text, const struct signin *signin)
{
    TRY(add_value(text, "key", signin->key));
    TRY(add_value(text, "policy", signin->policy));
    TRY(add_moment(text, "at", &signin->at));
    TRY(signin->auth_time_s < 0
            ? buf_add_text(text, "auth_time -\n")
            : buf_printf(text, "auth_time %lld\n", (long long)signin->auth_time_s));
    TRY(add_value(text, "service", signin->service));
    TRY(add_value(text, "provider", signin->provider));
    TRY(add_value(text, "rule", signin->rule));
    return add_value(text, "sub", signin->sub);
}

/* Does the old one go when the new one (or NULL) comes? */
static bool
is_outlived(const struct signin *old, const struct signin *signin, const struct clock_moment *now)
{
    return clock_seconds_since(&old->at, now) > SIGNINS_AGE_MAX_S ||
           (signin != NULL && span_equals(old->key, signin->key) &&
            span_equals(old->service, signin->service));
}

/* Adds the old ones that stay, without the first `skipped` of them; how many there were. */
static enum status
add_old(const struct signins *old, const struct signin *signin, const struct clock_moment *now,
        struct buf *text, size_t *count)
{
    struct span entries = old->entries;
    struct signin one;
    size_t skipped = *count > SIGNINS_MAX ? *count - SIGNINS_MAX : 0;

    *count = signin != NULL ? 1 : 0;
    while (signins_next(old, &entries, &one)) {
        if (is_outlived(&one, signin, now)) {
            continue;
        }
        if (skipped > 0) {
            skipped--;
            continue;
        }
        TRY(add_signin(text, &one));
        ++*count;
    }
    return ST_OK;
}

enum status
signins_text_compose(const char *account, const struct signins *old, const struct signin *signin,
                     const struct clock_moment *now, struct buf *text)
{
    struct buf lines CLEANUP(buf_done) = BUF(SIGNINS_FILE_MAX);
    size_t count = 0;

    /* Once to count them; there is at most one too many, the oldest. */
    TRY(add_old(old, signin, now, &lines, &count));
    buf_cut(&lines, 0);
    TRY(add_old(old, signin, now, &lines, &count));
    TRY(buf_printf(text, FIRST_LINE "\naccount %s\nboot %s\n", account, now->boot));
    TRY(add_moment(text, "last", now));
    TRY(buf_printf(text, "remembered %zu\n", count));
    TRY(buf_add(text, buf_span(&lines)));
    TRY(signin != NULL ? add_signin(text, signin) : ST_OK);
    return buf_add_text(text, LAST_LINE "\n");
}
