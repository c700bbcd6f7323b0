#include "jose/jws.h"

#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "jose/digest.h"
#include "jose/key.h"
#include "jose/signature.h"

struct jws {
    struct span signed_part; /* header, dot, payload: what the signature covers */
    struct span payload;     /* still base64url */
    struct span signature;   /* still base64url */
    json_t *header_json;     /* owns what `header` points to */
    struct jws_header header;
};

struct verified {
    struct buf payload;
    struct buf typ;
    enum alg alg;
    enum alg_crv crv;
};

void
jws_done(struct jws **jws)
{
    if (*jws != NULL) {
        json_decref((*jws)->header_json);
        free(*jws);
        *jws = NULL;
    }
}

const struct jws_header *
jws_header(const struct jws *jws)
{
    return &jws->header;
}

struct span
jws_without_line_end(struct span typed)
{
    if (typed.length > 0 && typed.at[typed.length - 1] == '\n') {
        typed.length--;
    }
    if (typed.length > 0 && typed.at[typed.length - 1] == '\r') {
        typed.length--;
    }
    return typed;
}

/*
 * Finds the two dots and looks at every byte once, before anything is decoded or allocated (R31,
 * R32).
 */
static enum status
find_dots(struct span token, struct why *why, const char *ret_dots[2])
{
    size_t dots = 0;

    if (token.length == 0) {
        return status_because(why, ST_MALFORMED, "the token is empty");
    }
    if (token.length > JWS_TOKEN_MAX) {
        return status_because(why, ST_MALFORMED, "the token is longer than %zu bytes",
                              JWS_TOKEN_MAX);
    }
    for (struct span rest = token;; dots++) {
        size_t run = base64url_run(rest);
        rest = (struct span){.at = rest.at + run, .length = rest.length - run};
        if (rest.length == 0) {
            break;
        }
        if (*rest.at != '.') {
            return status_because(why, ST_MALFORMED,
                                  "not a token: byte %zu is none of A-Z a-z 0-9 - _ .",
                                  token.length - rest.length + 1);
        }
        if (dots < 2) {
            ret_dots[dots] = rest.at;
        }
        rest = (struct span){.at = rest.at + 1, .length = rest.length - 1};
    }
    if (dots != 2) {
        return status_because(why, ST_MALFORMED,
                              "not a signed token: %zu dots where a compact JWS has 2", dots);
    }
    return ST_OK;
}

static struct span
between(const char *start, const char *end)
{
    return (struct span){.at = start, .length = (size_t)(end - start)};
}

static enum status
split(struct span token, struct why *why, struct jws *jws, struct span *ret_header)
{
    const char *dots[2];

    TRY(find_dots(token, why, dots));
    *ret_header = between(token.at, dots[0]);
    jws->payload = between(dots[0] + 1, dots[1]);
    jws->signature = between(dots[1] + 1, token.at + token.length);
    jws->signed_part = between(token.at, dots[1]);
    if (ret_header->length == 0 || jws->signature.length == 0) {
        return status_because(why, ST_MALFORMED, "the token's %s is empty",
                              ret_header->length == 0 ? "header" : "signature");
    }
    if (ret_header->length > JWS_HEADER_MAX) {
        return status_because(why, ST_MALFORMED, "the token's header is longer than %zu bytes",
                              JWS_HEADER_MAX);
    }
    return ST_OK;
}

/* Header members that make a token one that we must not, or do not, process. */
static const struct {
    const char *name;
    const char *rule;
} refused_members[] = {
    {"crit", "RFC 7515 4.1.11: no critical extension is understood here"},
    {"b64", "RFC 7797: an unencoded payload is not accepted"},
    {"jwk", "RFC 8725 3.10: a key that came with the token proves nothing"},
    {"zip", "RFC 7516 4.1.3: a compressed token is not accepted"},
    {"enc", "RFC 7516 4.1.2: an encrypted token is not accepted"},
};

static bool
ends_in_jwt(struct span type)
{
    return type.length >= 3 &&
           text_is_in_any_case((struct span){.at = type.at + type.length - 3, .length = 3}, "JWT");
}

static enum status
check_members(const json_t *header, struct why *why)
{
    struct span cty;

    for (size_t i = 0; i < COUNT(refused_members); i++) {
        if (json_object_get(header, refused_members[i].name) != NULL) {
            return status_because(why, ST_HEADER, "the token's header has `%s` (%s)",
                                  refused_members[i].name, refused_members[i].rule);
        }
    }
    if (json_object_get(header, "cty") == NULL) {
        return ST_OK;
    }
    /* RFC 7515 4.1.10: a media type may stand without its `application/`, in any case. */
    if (!strictjson_text(header, "cty", &cty) || ends_in_jwt(cty)) {
        return status_because(why, ST_HEADER, "the token holds another token (RFC 7519 5.2)");
    }
    return ST_OK;
}

static enum status
read_alg(const json_t *header, struct why *why, enum alg *ret_alg)
{
    struct span name;

    if (!strictjson_text(header, "alg", &name)) {
        return status_because(why, ST_ALG, "the token's header names no algorithm");
    }
    if (!alg_by_name(name, ret_alg)) {
        return status_because(why, ST_ALG, "algorithm '%s' is not one that is accepted here",
                              text_quote(name).text);
    }
    return ST_OK;
}

static enum status
read_kid(const json_t *header, struct why *why, struct jws_header *into)
{
    if (json_object_get(header, "kid") == NULL) {
        return ST_OK;
    }
    if (!strictjson_text(header, "kid", &into->kid)) {
        return status_because(why, ST_HEADER, "the token's kid is not a string");
    }
    if (into->kid.length > JWS_KID_MAX) {
        return status_because(why, ST_HEADER, "the token's kid is longer than %zu bytes",
                              JWS_KID_MAX);
    }
    into->has_kid = true;
    return ST_OK;
}

static enum status
read_header(const json_t *header, struct why *why, struct jws_header *into)
{
    TRY(check_members(header, why));
    TRY(read_kid(header, why, into));
    if (json_object_get(header, "typ") != NULL && !strictjson_text(header, "typ", &into->typ)) {
        return status_because(why, ST_TYPE, "the token's typ is not a string");
    }
    if (json_object_get(header, "typ") != NULL && into->typ.length == 0) {
        return status_because(why, ST_TYPE, "the token's typ is empty");
    }
    return read_alg(header, why, &into->alg);
}

static enum status
parse_header(struct span encoded, struct why *why, struct jws *jws)
{
    struct buf text CLEANUP(buf_done) = BUF(JWS_HEADER_MAX);
    struct why cause = {""};

    enum status status = base64url_decode(encoded, &text);
    if (status == ST_MALFORMED) {
        return status_because(why, status, "the token's header is not base64url");
    }
    TRY(status);
    status = strictjson_object(buf_span(&text), &strictjson_token, &cause, &jws->header_json);
    if (status != ST_OK) {
        return status_because(why, status, "the token's header: %s", cause.sentence);
    }
    return read_header(jws->header_json, why, &jws->header);
}

enum status
jws_parse(struct span token, struct why *why, struct jws **ret_jws)
{
    struct span header;
    struct jws *jws CLEANUP(jws_done) = calloc(1, sizeof(*jws));

    if (jws == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading a token");
    }
    TRY(split(token, why, jws, &header));
    TRY(parse_header(header, why, jws));
    *ret_jws = TAKE(jws);
    return ST_OK;
}

enum status
jws_digest(const struct jws *jws, struct buf *into)
{
    return digest_sha256_hex(jws->signed_part, into);
}

void
verified_done(struct verified **verified)
{
    if (*verified != NULL) {
        buf_done(&(*verified)->payload);
        buf_done(&(*verified)->typ);
        free(*verified);
        *verified = NULL;
    }
}

struct span
verified_payload(const struct verified *verified)
{
    return buf_span(&verified->payload);
}

struct span
verified_typ(const struct verified *verified)
{
    return buf_span(&verified->typ);
}

enum alg
verified_alg(const struct verified *verified)
{
    return verified->alg;
}

enum alg_crv
verified_crv(const struct verified *verified)
{
    return verified->crv;
}

/* Opens the seal. Called once, below, behind the signature. */
static enum status
unseal(const struct jws *jws, const struct key *key, struct why *why,
       struct verified **ret_verified)
{
    struct verified *verified CLEANUP(verified_done) = calloc(1, sizeof(*verified));

    if (verified == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading a token");
    }
    verified->payload = (struct buf)BUF(JWS_TOKEN_MAX);
    verified->typ = (struct buf)BUF(JWS_HEADER_MAX);
    enum status status = base64url_decode(jws->payload, &verified->payload);
    if (status == ST_MALFORMED) {
        return status_because(why, status, "the token's payload is not base64url");
    }
    TRY(status);
    TRY(buf_add(&verified->typ, jws->header.typ));
    verified->alg = jws->header.alg;
    verified->crv = key_crv(key);
    *ret_verified = TAKE(verified);
    return ST_OK;
}

enum status
jws_verify(const struct jws *jws, const struct key *key, struct why *why,
           struct verified **ret_verified)
{
    struct buf signature CLEANUP(buf_done) = BUF(SIGNATURE_MAX);

    enum status status = base64url_decode(jws->signature, &signature);
    if (status == ST_MALFORMED) {
        return status_because(why, status, "the token's signature is not base64url, or too long");
    }
    TRY(status);
    /* Whoever selects a key does so by the header; a mistake there must not become another's. */
    if (key_alg(key) != jws->header.alg) {
        return status_because(why, ST_INTERNAL, "a key for %s was selected for a token of %s",
                              alg_row(key_alg(key))->name, alg_row(jws->header.alg)->name);
    }
    TRY(key_verify(key, jws->signed_part, buf_span(&signature), why));
    return unseal(jws, key, why, ret_verified);
}
