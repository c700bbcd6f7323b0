#include "jose/keyset.h"

#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "jose/keycheck.h"

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

static enum status
is_prime(struct span line, bool *ret_prime)
{
    struct buf n CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
    struct jwk jwk;

    *ret_prime = false;
    if (!jwk_parse(line, &jwk) || jwk.kty != KTY_RSA) {
        return ST_OK;
    }
    TRY(base64url_decode(jwk.a, &n));
    return keycheck_rsa_prime(buf_span(&n), ret_prime);
}

enum status
keyset_drop_primes(struct keyset *keyset)
{
    struct buf kept CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);
    struct span rest = buf_span(&keyset->lines);
    struct span line;
    size_t dropped = 0;

    while (span_line(&rest, &line)) {
        bool prime;
        TRY(is_prime(line, &prime));
        if (prime) {
            dropped++;
            continue;
        }
        TRY(buf_add(&kept, line));
        TRY(buf_add_char(&kept, '\n'));
    }
    if (dropped > 0) {
        if (keyset->passed_over == 0) {
            (void)status_because(&keyset->first_passed_over, ST_UNKNOWN_KEY,
                                 "an RSA modulus that is a prime");
        }
        keyset->usable -= dropped;
        keyset->passed_over += dropped;
        buf_done(&keyset->lines);
        keyset->lines = kept;
        kept = (struct buf)BUF(KEYSET_LINES_MAX);
    }
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
