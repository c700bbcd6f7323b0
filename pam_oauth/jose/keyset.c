#include "jose/keyset.h"

#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "jose/keycheck.h"

/* All RSA keys of a set together, in tests of 2048 bits: some 0.2 s, whoever published it. */
#define PRIME_WORK_MAX ((size_t)128)

void
keyset_done(struct keyset *keyset)
{
    buf_done(&keyset->lines);
    *keyset = (struct keyset)KEYSET;
}

static enum status
read_keys(const json_t *keys, struct keyset *keyset)
{
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        struct why reason = {""};
        enum status status = jwk_normalise(key, &reason, &keyset->lines);

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
keyset_read(struct span document, size_t most, struct why *why, struct keyset *keyset)
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
    return read_keys(keys, keyset);
}

/*
 * A key that must be dropped: `*ret_reason` says why, NULL if it is good. The test takes about a
 * millisecond for 2048 bits and eight times as long for twice as many.
 */
static enum status
test_prime(struct span line, size_t *work, const char **ret_reason)
{
    struct buf n CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
    struct jwk jwk;
    bool prime = false;

    *ret_reason = NULL;
    if (!jwk_parse(line, &jwk) || jwk.kty != KTY_RSA) {
        return ST_OK;
    }
    TRY(base64url_decode(jwk.a, &n));
    size_t size = n.length / 256;
    *work += size * size * size;
    if (*work > PRIME_WORK_MAX) {
        *ret_reason = "an RSA modulus behind so many or so large ones that it was not tested";
        return ST_OK;
    }
    TRY(keycheck_rsa_prime(buf_span(&n), &prime));
    *ret_reason = prime ? "an RSA modulus that is a prime" : NULL;
    return ST_OK;
}

static void
count_dropped(struct keyset *keyset, const char *reason)
{
    if (keyset->passed_over == 0) {
        (void)status_because(&keyset->first_passed_over, ST_UNKNOWN_KEY, "%s", reason);
    }
    keyset->usable--;
    keyset->passed_over++;
}

enum status
keyset_drop_primes(struct keyset *keyset)
{
    struct buf kept CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);
    struct span rest = buf_span(&keyset->lines);
    struct span line;
    size_t work = 0;

    while (span_line(&rest, &line)) {
        const char *reason;
        TRY(test_prime(line, &work, &reason));
        if (reason != NULL) {
            count_dropped(keyset, reason);
            continue;
        }
        TRY(buf_add(&kept, line));
        TRY(buf_add_char(&kept, '\n'));
    }
    struct buf old = keyset->lines;
    keyset->lines = kept;
    kept = old;
    return ST_OK;
}

/* The next line whose first word is `kid`, from `*rest` on; a search for bytes, nothing parsed. */
static bool
next_with_kid(struct span *rest, struct span kid, struct span *ret_line)
{
    while (rest->length >= kid.length) {
        const char *found = memmem(rest->at, rest->length, kid.at, kid.length);
        if (found == NULL) {
            return false;
        }
        size_t before = (size_t)(found - rest->at);
        bool starts_line = before == 0 || found[-1] == '\n';
        *rest = (struct span){.at = found, .length = rest->length - before};
        bool ends_word = rest->length > kid.length && found[kid.length] == ' ';
        if (starts_line && ends_word) {
            return span_line(rest, ret_line);
        }
        /* `=` begins a kid and occurs nowhere else in a line, so this cannot loop in place. */
        rest->at++;
        rest->length--;
    }
    return false;
}

static enum status
select_by_kid(struct span lines, const struct jws_header *header, alg_set allowed, struct why *why,
              struct jwk *ret_jwk)
{
    struct buf kid CLEANUP(buf_done) = BUF(2 * JWS_KID_MAX);
    struct span line;
    struct span second;
    struct text_quoted shown = text_quote(header->kid);

    TRY(jwk_kid(header->kid, &kid));
    if (!next_with_kid(&lines, buf_span(&kid), &line) || !jwk_parse(line, ret_jwk)) {
        return status_because(why, ST_UNKNOWN_KEY, "no key with kid '%s'", shown.text);
    }
    if (next_with_kid(&lines, buf_span(&kid), &second)) {
        return status_because(why, ST_UNKNOWN_KEY,
                              "two keys with kid '%s'; the provider must give each its own",
                              shown.text);
    }
    if (!jwk_fits(ret_jwk, header->alg, allowed)) {
        return status_because(why, ST_UNKNOWN_KEY, "the key with kid '%s' is not for %s",
                              shown.text, alg_row(header->alg)->name);
    }
    return ST_OK;
}

static enum status
select_without_kid(struct span lines, const struct jws_header *header, alg_set allowed,
                   struct why *why, struct jwk *ret_jwk)
{
    size_t fitting = 0;
    struct span line;
    struct jwk jwk;

    while (span_line(&lines, &line)) {
        if (jwk_parse(line, &jwk) && jwk_fits(&jwk, header->alg, allowed)) {
            *ret_jwk = jwk;
            fitting++;
        }
    }
    if (fitting != 1) {
        return status_because(why, ST_UNKNOWN_KEY,
                              "the token names no kid and %zu keys fit %s; exactly one must",
                              fitting, alg_row(header->alg)->name);
    }
    return ST_OK;
}

enum status
keyset_select(struct span lines, const struct jws_header *header, alg_set allowed, struct why *why,
              struct key **ret_key)
{
    struct jwk jwk;

    if (header->has_kid) {
        TRY(select_by_kid(lines, header, allowed, why, &jwk));
    } else {
        TRY(select_without_kid(lines, header, allowed, why, &jwk));
    }
    return key_import(&jwk, why, ret_key);
}
