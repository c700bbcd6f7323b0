#include "jose/digest.h"

#include <openssl/evp.h>

#include "jose/openssl.h"

enum status
digest_sha256_hex(struct span bytes, struct buf *into)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[DIGEST_BYTES];
    size_t length = 0;
    int mark OPENSSL_QUIET = openssl_mark();

    if (EVP_Q_digest(NULL, "SHA256", NULL, bytes.length > 0 ? bytes.at : "", bytes.length, digest,
                     &length) != 1 ||
        length != sizeof(digest)) {
        return ST_INTERNAL;
    }
    for (size_t i = 0; i < sizeof(digest); i++) {
        TRY(buf_add_char(into, hex[digest[i] >> 4]));
        TRY(buf_add_char(into, hex[digest[i] & 15]));
    }
    return ST_OK;
}
