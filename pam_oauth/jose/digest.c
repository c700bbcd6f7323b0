#include "jose/digest.h"

#include <openssl/evp.h>

#include "jose/base64url.h"
#include "jose/openssl.h"

/* Twice the length of an Ed448 key, which is the length of its signature (RFC 8032 5.2). */
#define ED448_DIGEST_BYTES 114

static enum status
add_hex(const unsigned char digest[DIGEST_BYTES], struct buf *into)
{
    static const char hex[] = "0123456789abcdef";
    char text[2 * DIGEST_BYTES];

    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = hex[digest[i] >> 4];
        text[2 * i + 1] = hex[digest[i] & 15];
    }
    return buf_add(into, (struct span){.at = text, .length = sizeof(text)});
}

static enum status
sha256(struct span bytes, unsigned char digest[DIGEST_BYTES])
{
    int mark OPENSSL_QUIET = openssl_mark();

    if (!openssl_is_ready()) {
        return ST_MEMORY;
    }
    return EVP_Q_digest(NULL, "SHA256", NULL, bytes.at, bytes.length, digest, NULL) == 1
               ? ST_OK
               : ST_INTERNAL;
}

enum status
digest_sha256_hex(struct span bytes, struct buf *into)
{
    unsigned char digest[DIGEST_BYTES];

    TRY(sha256(bytes, digest));
    return add_hex(digest, into);
}

enum status
digest_sha256_base64url(struct span bytes, struct buf *into)
{
    unsigned char digest[DIGEST_BYTES];

    TRY(sha256(bytes, digest));
    return base64url_encode((struct span){.at = (const char *)digest, .length = sizeof(digest)},
                            into);
}

/* ---- in pieces --------------------------------------------------------------------------------
 */

void
digest_done(struct digest *digest)
{
    EVP_MD_CTX *context = digest->context;

    openssl_free_md(&context);
    *digest = (struct digest)DIGEST;
}

static enum status
begin(EVP_MD_CTX **ret_context)
{
    EVP_MD *type CLEANUP(openssl_free_digest) = NULL;
    EVP_MD_CTX *context CLEANUP(openssl_free_md) = NULL;

    if (!openssl_is_ready()) {
        return ST_MEMORY;
    }
    type = EVP_MD_fetch(NULL, "SHA256", NULL);
    context = EVP_MD_CTX_new();
    if (type == NULL || context == NULL || EVP_DigestInit_ex2(context, type, NULL) != 1) {
        return ST_INTERNAL;
    }
    *ret_context = TAKE(context);
    return ST_OK;
}

static enum status
add(struct digest *digest, struct span bytes)
{
    int mark OPENSSL_QUIET = openssl_mark();

    if (digest->context == NULL) {
        EVP_MD_CTX *context = NULL;
        TRY(begin(&context));
        digest->context = context;
    }
    return EVP_DigestUpdate(digest->context, bytes.at, bytes.length) == 1 ? ST_OK : ST_INTERNAL;
}

void
digest_add(struct digest *digest, struct span bytes)
{
    if (digest->status == ST_OK) {
        digest->status = add(digest, bytes);
    }
}

enum status
digest_end(struct digest *digest, struct buf *into)
{
    struct digest ours CLEANUP(digest_done) = *digest;
    unsigned char bytes[DIGEST_BYTES];
    int mark OPENSSL_QUIET = openssl_mark();

    *digest = (struct digest)DIGEST;
    digest_add(&ours, span_of("")); /* also of nothing at all */
    TRY(ours.status);
    return EVP_DigestFinal_ex(ours.context, bytes, NULL) == 1 ? add_hex(bytes, into) : ST_INTERNAL;
}

/* ---- at_hash ----------------------------------------------------------------------------------
 */

/* `*ret_length` bytes of the named digest; an extendable one gives ED448_DIGEST_BYTES. */
static bool
digest(const char *name, struct span bytes, unsigned char into[EVP_MAX_MD_SIZE * 2],
       size_t *ret_length)
{
    EVP_MD *type CLEANUP(openssl_free_digest) = EVP_MD_fetch(NULL, name, NULL);
    EVP_MD_CTX *context CLEANUP(openssl_free_md) = EVP_MD_CTX_new();

    if (type == NULL || context == NULL || EVP_DigestInit_ex2(context, type, NULL) != 1 ||
        EVP_DigestUpdate(context, bytes.at, bytes.length) != 1) {
        return false;
    }
    if ((EVP_MD_get_flags(type) & EVP_MD_FLAG_XOF) != 0) {
        *ret_length = ED448_DIGEST_BYTES;
        return EVP_DigestFinalXOF(context, into, *ret_length) == 1;
    }
    *ret_length = (size_t)EVP_MD_get_size(type);
    return EVP_DigestFinal_ex(context, into, NULL) == 1;
}

enum status
digest_left_half(enum alg alg, enum alg_crv crv, struct span bytes, struct buf *into)
{
    const char *name = alg_row(alg)->digest;
    unsigned char whole[EVP_MAX_MD_SIZE * 2];
    size_t length = 0;
    int mark OPENSSL_QUIET = openssl_mark();

    if (name == NULL) {
        name = crv == CRV_ED448 ? "SHAKE256" : "SHA512";
    }
    if (!digest(name, bytes, whole, &length)) {
        return ST_INTERNAL;
    }
    return base64url_encode((struct span){.at = (const char *)whole, .length = length / 2}, into);
}
