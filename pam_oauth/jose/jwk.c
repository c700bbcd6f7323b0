#include "jose/jwk.h"

#include "base/strictjson.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/keycheck.h"

/* The longest parameter: an RSA modulus of 8192 bits with a few leading zeros. */
#define PARAMETER_MAX ((size_t)1100)

static const char *const kty_names[] = {[KTY_RSA] = "RSA", [KTY_EC] = "EC", [KTY_OKP] = "OKP"};

static enum status
unusable(struct why *why, const char *reason)
{
    return status_because(why, ST_UNKNOWN_KEY, "%s", reason);
}

static bool
kty_by_name(struct span name, enum alg_kty *ret_kty)
{
    for (size_t i = 0; i < COUNT(kty_names); i++) {
        if (span_is(name, kty_names[i])) {
            *ret_kty = (enum alg_kty)i;
            return true;
        }
    }
    return false;
}

static bool
crv_by_name(struct span name, enum alg_kty kty, enum alg_crv *ret_crv)
{
    for (enum alg_crv crv = CRV_NONE; crv < CRV_COUNT; crv++) {
        if (alg_crv_row(crv)->kty == kty && span_is(name, alg_crv_row(crv)->name)) {
            *ret_crv = crv;
            return true;
        }
    }
    return false;
}

bool
jwk_shows_private_part(const json_t *key)
{
    static const char *const private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

    for (size_t i = 0; i < COUNT(private_members); i++) {
        if (json_object_get(key, private_members[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* The text of a member; empty, which is nobody's name, when it is absent or no string. */
static struct span
text_of(const json_t *key, const char *name)
{
    return strictjson_string(json_object_get(key, name));
}

/* RFC 7517 4.2 and 4.3: where a key says what it is for, it must be for verifying. */
static enum status
check_purpose(const json_t *key, struct why *why)
{
    const json_t *operations = json_object_get(key, "key_ops");
    const json_t *operation;
    size_t i;

    if (json_object_get(key, "use") != NULL && !span_is(text_of(key, "use"), "sig")) {
        return unusable(why, "its `use` is not sig");
    }
    if (operations == NULL) {
        return ST_OK;
    }
    json_array_foreach(operations, i, operation)
    {
        if (span_is(strictjson_string(operation), "verify")) {
            return ST_OK;
        }
    }
    return unusable(why, "its `key_ops` do not hold verify");
}

static enum status
read_kid(const json_t *key, struct why *why, struct buf *line)
{
    const json_t *kid = json_object_get(key, "kid");

    if (kid == NULL) {
        return buf_add_text(line, "*");
    }
    if (!json_is_string(kid) || json_string_length(kid) > JWS_KID_MAX) {
        return unusable(why, "its kid is not a string of at most 256 bytes");
    }
    return jwk_kid(strictjson_string(kid), line);
}

/* Type, algorithm and curve, which must agree with one another. */
static enum status
read_type(const json_t *key, struct why *why, struct jwk *jwk)
{
    if (!kty_by_name(text_of(key, "kty"), &jwk->kty)) {
        return unusable(why, "its kty is none of RSA, EC, OKP");
    }
    jwk->crv = CRV_NONE;
    if (jwk->kty != KTY_RSA && !crv_by_name(text_of(key, "crv"), jwk->kty, &jwk->crv)) {
        return unusable(why, "its curve is not one that signs here");
    }
    jwk->pinned = json_object_get(key, "alg") != NULL;
    if (!jwk->pinned) {
        return ST_OK;
    }
    if (!alg_by_name(text_of(key, "alg"), &jwk->alg)) {
        return unusable(why, "its alg is not a signature algorithm that is accepted here");
    }
    if (!alg_fits(jwk->alg, ~(alg_set)0, jwk->kty, jwk->crv)) {
        return unusable(why, "its alg does not fit its type");
    }
    return ST_OK;
}

static enum status
read_parameter(const json_t *key, const char *name, struct why *why, struct buf *bytes)
{
    struct span text;

    if (!strictjson_text(key, name, &text)) {
        return status_because(why, ST_UNKNOWN_KEY, "it has no `%s`", name);
    }
    enum status status = base64url_decode(text, bytes);
    if (status == ST_MALFORMED) {
        return status_because(why, ST_UNKNOWN_KEY, "its `%s` is not base64url, or too long", name);
    }
    return status;
}

static enum status
write_line(const struct jwk *jwk, const struct buf *a, const struct buf *b, struct buf *line)
{
    TRY(buf_printf(line, " %s %s %s ", kty_names[jwk->kty],
                   jwk->pinned ? alg_row(jwk->alg)->name : "-", alg_crv_row(jwk->crv)->name));
    TRY(base64url_encode(buf_span(a), line));
    TRY(buf_add_text(line, b->length > 0 ? " " : " -"));
    TRY(base64url_encode(buf_span(b), line));
    return buf_add_char(line, '\n');
}

static enum status
read_parameters(const json_t *key, const struct jwk *jwk, struct why *why, struct buf *a,
                struct buf *b)
{
    TRY(read_parameter(key, jwk->kty == KTY_RSA ? "n" : "x", why, a));
    if (jwk->kty == KTY_OKP) {
        return keycheck_okp(jwk->crv, buf_span(a), why);
    }
    TRY(read_parameter(key, jwk->kty == KTY_RSA ? "e" : "y", why, b));
    if (jwk->kty == KTY_RSA) {
        return keycheck_rsa(buf_span(a), buf_span(b), why);
    }
    return keycheck_ec(jwk->crv, buf_span(a), buf_span(b), why);
}

enum status
jwk_normalise(const json_t *key, struct why *why, struct buf *lines)
{
    struct buf line CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
    struct buf a CLEANUP(buf_done) = BUF(PARAMETER_MAX);
    struct buf b CLEANUP(buf_done) = BUF(PARAMETER_MAX);
    struct jwk jwk = {.pinned = false};

    if (!json_is_object(key)) {
        return unusable(why, "it is not a JSON object");
    }
    TRY(read_type(key, why, &jwk));
    if (jwk_shows_private_part(key)) {
        return unusable(why, "it is published with its private part; replace it at the provider");
    }
    TRY(check_purpose(key, why));
    TRY(read_kid(key, why, &line));
    TRY(read_parameters(key, &jwk, why, &a, &b));
    TRY(write_line(&jwk, &a, &b, &line));
    return buf_add(lines, buf_span(&line));
}

enum status
jwk_kid(struct span kid, struct buf *into)
{
    TRY(buf_add_char(into, '='));
    return base64url_encode(kid, into);
}

bool
jwk_parse(struct span line, struct jwk *ret_jwk)
{
    struct span words[6];
    struct span more;
    size_t count = 0;

    if (line.length > JWK_LINE_MAX) {
        return false;
    }
    while (count < COUNT(words) && span_word(&line, &words[count])) {
        count++;
    }
    if (count < COUNT(words) || span_word(&line, &more)) {
        return false;
    }
    struct jwk jwk = {.kid = words[0], .a = words[4], .b = words[5]};
    struct span alg = words[2];
    struct span crv = words[3];
    if ((jwk.kid.at[0] != '=' && !span_is(jwk.kid, "*")) || !kty_by_name(words[1], &jwk.kty)) {
        return false;
    }
    jwk.unproven = jwk.kty == KTY_RSA && crv.length == 1 && crv.at[0] == JWK_UNPROVEN;
    if (!jwk.unproven && !crv_by_name(crv, jwk.kty, &jwk.crv)) {
        return false;
    }
    jwk.pinned = !span_is(alg, "-");
    if (jwk.pinned && !alg_by_name(alg, &jwk.alg)) {
        return false;
    }
    *ret_jwk = jwk;
    return true;
}

enum status
jwk_mark_unproven(struct span line, const struct jwk *jwk, struct buf *into)
{
    size_t before = (size_t)(jwk->a.at - line.at) - 2; /* the curve's one letter, and a blank */

    TRY(buf_add(into, (struct span){.at = line.at, .length = before}));
    TRY(buf_add_char(into, JWK_UNPROVEN));
    return buf_add(into,
                   (struct span){.at = line.at + before + 1, .length = line.length - before - 1});
}

bool
jwk_fits(const struct jwk *jwk, enum alg alg, alg_set allowed)
{
    return (!jwk->pinned || jwk->alg == alg) && alg_fits(alg, allowed, jwk->kty, jwk->crv);
}
