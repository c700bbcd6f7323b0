#include "login/recent/remember.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "jose/digest.h"
#include "policy/requirement.h"

void
remembered_done(struct remembered *remembered)
{
    signins_done(&remembered->signins);
    *remembered = (struct remembered)REMEMBERED;
}

static struct signins_place
place_of(const struct site *site)
{
    return (struct signins_place){.run = site->config->paths.run, .owner = site->owner};
}

static void
log_event(const struct attempt *attempt, enum log_level level, const char *event,
          const struct why *why)
{
    struct buf line CLEANUP(buf_done) = BUF(2048);
    const struct log *log = attempt->site->log;

    if (buf_printf(&line, "event=%s v=1 account=%s detail=\"", event, attempt->account) == ST_OK &&
        text_escape(&line, span_of(why->sentence), 400) == ST_OK &&
        buf_add_char(&line, '"') == ST_OK) {
        log->line(log->context, level, buf_text(&line));
    }
}

/* ---- the keys -------------------------------------------------------------------------------- */

/* `publickey TYPE KEY`, as sshd writes it for each key that it has verified. */
static bool
is_key(struct span line)
{
    struct span word;
    struct span key;
    struct span more;

    return span_cut(line, ' ', &word, &line) && span_is(word, "publickey") &&
           span_cut(line, ' ', &word, &key) && word.length > 0 && key.length > 0 &&
           !span_cut(key, ' ', &key, &more);
}

/* One key or several, and nothing else: a host that vouches for its users (hostbased) is none. */
static bool
has_keys(const char *info)
{
    struct span rest = span_of(info);
    struct span line;
    bool keys = false;

    while (span_line(&rest, &line)) {
        if (!is_key(line)) {
            return false;
        }
        keys = true;
    }
    return keys;
}

bool
remember_wants(const struct attempt *attempt)
{
    return attempt->service->remember_s > 0 && has_keys(attempt->ssh_auth_info);
}

/* ---- recalling ------------------------------------------------------------------------------- */

static enum status
find(const struct attempt *attempt, struct why *why, struct remembered *remembered)
{
    struct buf key CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    struct span entries = remembered->signins.entries;
    struct signin signin;

    TRY(digest_sha256_hex(span_of(attempt->ssh_auth_info), &key));
    while (remembered->signins.known && signins_next(&remembered->signins, &entries, &signin)) {
        if (span_equals(signin.key, buf_span(&key)) &&
            span_is(signin.service, attempt->service_name)) {
            remembered->signin = signin;
            return ST_OK;
        }
    }
    return status_because(why, ST_UNKNOWN_KEY, "no sign-in with this key is remembered");
}

/* Only a provider of this very service can have been it. */
static enum status
find_provider(const struct service *service, struct why *why, struct remembered *remembered)
{
    for (size_t i = 0; i < service->provider_count; i++) {
        if (span_is(remembered->signin.provider, service->providers[i]->name)) {
            remembered->provider = service->providers[i];
            return ST_OK;
        }
    }
    return status_because(why, ST_CONFIG, "the sign-in is of a provider that is no longer one");
}

static enum status
check_age(const struct service *service, const struct signin *signin,
          const struct clock_moment *now, struct why *why)
{
    int64_t age_s = clock_seconds_since(&signin->at, now);

    if (age_s < 0 || age_s >= service->remember_s) {
        return status_because(why, ST_TOO_OLD, "the sign-in was too long ago (remember)");
    }
    if (service->max_auth_age_s == 0) {
        return ST_OK;
    }
    return signin->auth_time_s < 0
               ? status_because(why, ST_REQUIREMENT, "its token had no auth_time")
               : requirement_auth_age_at(service, (double)signin->auth_time_s, now->wall_s, why);
}

static enum status
check_policy(const struct site *site, const struct signin *signin, struct why *why)
{
    struct buf policy CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);

    TRY(fingerprint_of(site->config, site->owner, why, &policy));
    return span_equals(signin->policy, buf_span(&policy))
               ? ST_OK
               : status_because(why, ST_CONFIG,
                                "the configuration or an account map has changed since");
}

/* The newest of them: only one has this key and service. */
static enum status
recall(const struct attempt *attempt, struct why *why, struct remembered *remembered)
{
    const struct service *service = attempt->service;
    struct clock_moment now;

    TRY(clock_moment_now(why, &now));
    TRY(signins_load(place_of(attempt->site), attempt->account, &now, why, &remembered->signins));
    TRY(find(attempt, why, remembered));
    TRY(check_age(service, &remembered->signin, &now, why));
    TRY(check_policy(attempt->site, &remembered->signin, why));
    return find_provider(service, why, remembered);
}

enum status
remember_recall(const struct attempt *attempt, struct why *why, struct remembered *remembered)
{
    if (!remember_wants(attempt)) {
        return status_because(why, ST_UNKNOWN_KEY, "there is no key, or nothing is remembered");
    }
    enum status status = recall(attempt, why, remembered);
    if (status != ST_OK) {
        log_event(attempt, LOG_LEVEL_DEBUG, "sign_in_not_remembered", why);
    }
    return status;
}

/* ---- storing --------------------------------------------------------------------------------- */

static enum status
store_with_key(const struct attempt *attempt, const struct remember_source *source,
               const struct clock_moment *now, struct why *why)
{
    struct buf key CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    struct buf policy CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    const struct site *site = attempt->site;
    double auth_time_s = -1;
    struct signin signin = {
        .service = span_of(attempt->service_name),
        .provider = span_of(source->token->provider->name),
        .rule = span_of(source->rule->place),
    };

    TRY(digest_sha256_hex(span_of(attempt->ssh_auth_info), &key));
    TRY(fingerprint_end(source->fingerprint, site->config, &policy));
    (void)claims_text(source->token->claims, "sub", &signin.sub);
    (void)claims_date(source->token->claims, "auth_time", &auth_time_s);
    signin.key = buf_span(&key);
    signin.policy = buf_span(&policy);
    signin.auth_time_s = (int64_t)auth_time_s;
    return signins_add(place_of(site), attempt->account, now, &signin, why);
}

void
remember_store(const struct attempt *attempt, const struct remember_source *source)
{
    const struct site *site = attempt->site;
    bool with_key = remember_wants(attempt);
    struct clock_moment now;
    struct why why = {"out of memory"};

    /* Who is not root has nobody's sign-ins to keep (DESIGN section 8). */
    if ((!with_key && !config_has_sign_in_within(site->config)) || geteuid() != 0) {
        return;
    }
    enum status status = clock_moment_now(&why, &now);
    if (status == ST_OK) {
        status = with_key ? store_with_key(attempt, source, &now, &why)
                          : signins_add(place_of(site), attempt->account, &now, NULL, &why);
    }
    if (status != ST_OK) {
        log_event(attempt, LOG_LEVEL_NOTICE, "sign_in_not_stored", &why);
    }
}
