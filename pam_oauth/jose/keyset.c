#include "jose/keyset.h"

#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "jose/keycheck.h"

/* Sizes of a modulus, in steps of 2048 bits: a test takes the cube of it. No line holds more. */
#define MODULUS_SIZES (JWK_LINE_MAX / 256)

void
keyset_done(struct keyset *keyset)
{
    buf_done(&keyset->lines);
    strictjson_done(&keyset->unread);
    *keyset = (struct keyset)KEYSET;
}

/* What stands between the third slash of a URL and the next: of Entra's issuers, the tenant. */
static struct span
tenant_of(struct span url)
{
    struct span step;
    struct span rest = url;

    for (int slashes = 0; slashes < 3; slashes++) {
        if (!span_cut(rest, '/', &step, &rest)) {
            return (struct span){.at = url.at, .length = 0};
        }
    }
    return span_cut(rest, '/', &step, &rest) ? step : rest;
}

/*
 * Entra's access-tokens.md, "Validate the issuer": a key whose issuer is a template is for every
 * tenant, any other for the tenant that it names and no other. Version 1 tokens have the tenant's
 * other issuer, on another host.
 */
static enum status
check_tenant(const json_t *key, const char *issuer, struct why *why)
{
    const json_t *member = json_object_get(key, "issuer");
    struct span said = strictjson_string(member);

    if (issuer == NULL || issuer[0] == '\0' || member == NULL) {
        return ST_OK;
    }
    if (!json_is_string(member)) {
        return status_because(why, ST_UNKNOWN_KEY, "its issuer is not a string");
    }
    struct span tenant = tenant_of(said);
    if (span_is(said, issuer) || span_is(tenant, "{tenantid}") ||
        (tenant.length > 0 && span_equals(tenant, tenant_of(span_of(issuer))))) {
        return ST_OK;
    }
    return status_because(why, ST_UNKNOWN_KEY, "it is a key of the issuer '%s'",
                          text_quote(said).text);
}

/* Adds the line of one key. ST_UNKNOWN_KEY for one that must be passed over. */
static enum status
read_key(const json_t *key, const char *issuer, struct why *why, struct buf *lines)
{
    TRY(check_tenant(key, issuer, why));
    return jwk_normalise(key, why, lines);
}

static enum status
read_keys(const json_t *keys, struct keyset *keyset)
{
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        struct why reason = {""};
        enum status status = read_key(key, keyset->issuer, &reason, &keyset->lines);

        if (status == ST_OK) {
            keyset->usable++;
        } else if (status == ST_UNKNOWN_KEY) {
            if (keyset->passed_over == 0) {
                (void)status_because(&keyset->first_passed_over, status, "key %zu: %s", i + 1,
                                     reason.sentence);
            }
            keyset->passed_over++;
            keyset->private_parts += jwk_shows_private_part(key) ? 1 : 0;
        } else {
            return status;
        }
    }
    return ST_OK;
}

enum status
keyset_open(struct span document, size_t most, struct why *why, struct keyset *keyset)
{
    /* A key of ours has at most a dozen members; a pinned set may hold many keys. */
    struct strictjson_limits limits = strictjson_document;
    json_t *root CLEANUP(strictjson_done) = NULL;

    limits.members = most * 32;
    TRY(strictjson_object(document, &limits, why, &root));
    const json_t *keys = json_object_get(root, "keys");
    if (!json_is_array(keys)) {
        return status_because(why, ST_MALFORMED, "not a JWKS: it has no array `keys`");
    }
    if (json_array_size(keys) > most) {
        return status_because(why, ST_MALFORMED, "a JWKS of %zu keys; at most %zu are accepted",
                              json_array_size(keys), most);
    }
    keyset->unread = TAKE(root);
    return ST_OK;
}

enum status
keyset_read_opened(struct keyset *keyset)
{
    struct keyset whole CLEANUP(keyset_done) = KEYSET;

    /* All or nothing: a key must not be the only one of its name because memory ran out (R39). */
    whole.issuer = keyset->issuer;
    whole.work = keyset->work;
    whole.proven = keyset->proven;
    TRY(read_keys(json_object_get(keyset->unread, "keys"), &whole));
    struct keyset opened = *keyset;
    *keyset = whole;
    whole = opened;
    return ST_OK;
}

enum status
keyset_read(struct span document, size_t most, struct why *why, struct keyset *keyset)
{
    TRY(keyset_open(document, most, why, keyset));
    return keyset_read_opened(keyset);
}

enum status
keyset_named(const struct keyset *keyset, struct span kid, struct buf *lines)
{
    const json_t *keys = json_object_get(keyset->unread, "keys");
    const json_t *key;
    size_t i;

    json_array_foreach(keys, i, key)
    {
        const json_t *name = json_object_get(key, "kid");
        if (json_is_string(name) && span_equals(strictjson_string(name), kid)) {
            enum status status = read_key(key, keyset->issuer, /* why: */ NULL, lines);
            TRY(status == ST_UNKNOWN_KEY ? ST_OK : status);
        }
    }
    return ST_OK;
}

/* The modulus of an RSA key, and its size, which is below MODULUS_SIZES. */
static enum status
modulus_of(const struct jwk *jwk, struct buf *n, size_t *ret_size)
{
    TRY(base64url_decode(jwk->a, n));
    struct span digits = buf_span(n);
    while (digits.length > 0 && digits.at[0] == '\0') {
        digits = (struct span){.at = digits.at + 1, .length = digits.length - 1};
    }
    *ret_size = (digits.length + 255) / 256;
    return ST_OK;
}

/* Is it one of `lines`, whole? One that is marked there has other bytes. */
static bool
stands_in(struct span lines, struct span line)
{
    struct span other;

    while (span_line(&lines, &other)) {
        if (span_equals(other, line)) {
            return true;
        }
    }
    return false;
}

/*
 * The largest size of which all moduli of the set are tested now; the larger ones are tested when
 * they are used. So it is their size that decides and not their place (R49).
 */
static enum status
largest_tested(const struct keyset *keyset, size_t *ret_size)
{
    struct span lines = buf_span(&keyset->lines);
    size_t counts[MODULUS_SIZES] = {0};
    size_t work = 0;
    struct span line;
    struct jwk jwk;

    while (span_line(&lines, &line)) {
        struct buf n CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
        size_t size = 0;
        if (!jwk_parse(line, &jwk) || jwk.kty != KTY_RSA || stands_in(keyset->proven, line)) {
            continue;
        }
        TRY(modulus_of(&jwk, &n, &size));
        counts[size]++;
    }
    for (size_t size = 0; size < MODULUS_SIZES; size++) {
        work += counts[size] * size * size * size;
        if (work > keyset->work) {
            break;
        }
        *ret_size = size;
    }
    return ST_OK;
}

/* Adds the line of an RSA key to `kept`, marked if it is larger than what is tested now. */
static enum status
prove_rsa(struct span line, const struct jwk *jwk, size_t tested, struct why *why, struct buf *kept)
{
    struct buf n CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
    size_t size = 0;
    bool prime = false;

    TRY(modulus_of(jwk, &n, &size));
    if (size > tested) {
        return jwk_mark_unproven(line, jwk, kept);
    }
    TRY(keycheck_rsa_prime(buf_span(&n), &prime));
    return prime ? status_because(why, ST_UNKNOWN_KEY, "an RSA modulus that is a prime")
                 : buf_add(kept, line);
}

/* ST_UNKNOWN_KEY, and nothing added, for a key that must be dropped. */
static enum status
prove(const struct keyset *keyset, struct span line, size_t tested, struct why *why,
      struct buf *kept)
{
    struct jwk jwk;

    if (!jwk_parse(line, &jwk)) {
        return status_because(why, ST_UNKNOWN_KEY, "a damaged line");
    }
    if (stands_in(keyset->proven, line)) {
        return buf_add(kept, line);
    }
    if (jwk.kty == KTY_RSA) {
        return prove_rsa(line, &jwk, tested, why, kept);
    }
    TRY(key_check(&jwk, why));
    return buf_add(kept, line);
}

/*
 * The next line whose first word is `kid`, from `*rest` on, or an empty one; a search for bytes,
 * nothing parsed.
 */
static struct span
next_with_kid(struct span *rest, struct span kid)
{
    struct span line = {.at = "", .length = 0};
    const char *found;

    while (line.length == 0 && rest->length > 0 &&
           (found = memmem(rest->at, rest->length, kid.at, kid.length)) != NULL) {
        size_t before = (size_t)(found - rest->at);
        bool starts_line = before == 0 || found[-1] == '\n';
        *rest = (struct span){.at = found, .length = rest->length - before};
        bool ends_word = rest->length > kid.length && found[kid.length] == ' ';
        if (starts_line && ends_word) {
            (void)span_line(rest, &line);
        } else {
            /* `=` begins a kid and occurs nowhere else in a line: this cannot loop in place. */
            *rest = (struct span){.at = rest->at + 1, .length = rest->length - 1};
        }
    }
    return line;
}

/* The first kid that two lines have. Nobody's token with it is accepted: that is an alarm (R39). */
static void
find_shared_kid(struct keyset *keyset)
{
    struct span lines = buf_span(&keyset->lines);
    struct span line;

    keyset->shared_kid = (struct span){.at = "", .length = 0};
    while (keyset->shared_kid.length == 0 && span_line(&lines, &line)) {
        struct span rest = lines;
        struct span kid;
        (void)span_word(&line, &kid);
        if (span_starts(kid, "=") && next_with_kid(&rest, kid).length > 0) {
            keyset->shared_kid = kid;
        }
    }
}

static void
count_dropped(struct keyset *keyset, const struct why *why)
{
    if (keyset->passed_over == 0) {
        keyset->first_passed_over = *why;
    }
    keyset->usable--;
    keyset->passed_over++;
}

enum status
keyset_prove(struct keyset *keyset)
{
    struct buf kept CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);
    struct span rest = buf_span(&keyset->lines);
    struct span line;
    size_t tested = 0;

    TRY(largest_tested(keyset, &tested));
    while (span_line(&rest, &line)) {
        struct why why = {""};
        enum status status = prove(keyset, line, tested, &why, &kept);
        if (status == ST_UNKNOWN_KEY) {
            count_dropped(keyset, &why);
            continue;
        }
        TRY(status);
        TRY(buf_add_char(&kept, '\n'));
    }
    struct buf old = keyset->lines;
    keyset->lines = kept;
    kept = old;
    keyset->proven = (struct span){.at = "", .length = 0};
    find_shared_kid(keyset);
    return ST_OK;
}

/* The lines that a header may mean: those with its kid, or without one those that fit. */
struct candidates {
    const struct jws_header *header;
    alg_set allowed;
    struct span kid; /* as it stands in a line; of no meaning without one in the header */
    struct span rest;
};

static bool
next_candidate(struct candidates *candidates, struct jwk *ret_jwk)
{
    const struct jws_header *header = candidates->header;
    struct span line;

    if (header->has_kid) {
        line = next_with_kid(&candidates->rest, candidates->kid);
        while (line.length > 0 && !jwk_parse(line, ret_jwk)) {
            line = next_with_kid(&candidates->rest, candidates->kid);
        }
        return line.length > 0;
    }
    while (span_line(&candidates->rest, &line)) {
        if (jwk_parse(line, ret_jwk) && jwk_fits(ret_jwk, header->alg, candidates->allowed)) {
            return true;
        }
    }
    return false;
}

/* How many candidates there are; the last is in `*ret_jwk`. */
static size_t
count_candidates(struct candidates candidates, struct jwk *ret_jwk)
{
    size_t count = 0;
    struct jwk jwk;

    while (next_candidate(&candidates, &jwk)) {
        *ret_jwk = jwk;
        count++;
    }
    return count;
}

/*
 * Of several candidates the only one that is a key at all: what a set that nobody has proven may
 * hold beside it must not change the answer (R49). ST_UNKNOWN_KEY when two are, or none.
 */
static enum status
only_sound(struct candidates candidates, struct jwk *ret_jwk)
{
    struct jwk jwk;
    size_t sound = 0;

    while (sound < 2 && next_candidate(&candidates, &jwk)) {
        /* Whether a modulus is a prime is not asked here, it would take too long: the key counts.
         */
        enum status status = key_check(&jwk, /* why: */ NULL);
        if (status == ST_OK) {
            *ret_jwk = jwk;
            sound++;
        } else if (status != ST_UNKNOWN_KEY) {
            return status;
        }
    }
    return sound == 1 ? ST_OK : ST_UNKNOWN_KEY;
}

static enum status
none_or_several(const struct jws_header *header, size_t count, struct why *why)
{
    if (!header->has_kid) {
        return status_because(why, ST_UNKNOWN_KEY,
                              "the token names no kid and %zu keys fit %s; exactly one must", count,
                              alg_row(header->alg)->name);
    }
    struct text_quoted kid = text_quote(header->kid);
    if (count == 0) {
        return status_because(why, ST_UNKNOWN_KEY, "no key with kid '%s'", kid.text);
    }
    return status_because(why, ST_UNKNOWN_KEY,
                          "two keys with kid '%s'; the provider must give each its own", kid.text);
}

enum status
keyset_select(struct span lines, const struct jws_header *header, alg_set allowed, struct why *why,
              struct key **ret_key)
{
    struct buf kid CLEANUP(buf_done) = BUF(2 * JWS_KID_MAX);
    struct jwk jwk;

    TRY(jwk_kid(header->kid, &kid));
    struct candidates candidates = {
        .header = header, .allowed = allowed, .kid = buf_span(&kid), .rest = lines};
    size_t count = count_candidates(candidates, &jwk);
    /* A single one has no rival: what is wrong with its point, key_import says (RFC 7518 6.2.1). */
    enum status status = count == 1 ? ST_OK : only_sound(candidates, &jwk);
    if (status == ST_UNKNOWN_KEY) {
        return none_or_several(header, count, why);
    }
    TRY(status);
    if (!jwk_fits(&jwk, header->alg, allowed)) {
        return status_because(why, ST_UNKNOWN_KEY, "the key with kid '%s' is not for %s",
                              text_quote(header->kid).text, alg_row(header->alg)->name);
    }
    return key_import(&jwk, header->alg, why, ret_key);
}
