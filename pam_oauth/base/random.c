#include "base/random.h"

#include <sys/random.h>

enum status
random_text(char *into, size_t length)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char bytes[64];

    /* Up to 256 bytes come whole or not at all once the kernel's pool is ready (getrandom(2)). */
    if (length > sizeof(bytes) || getrandom(bytes, length, 0) != (ssize_t)length) {
        return ST_INTERNAL;
    }
    for (size_t i = 0; i < length; i++) {
        into[i] = alphabet[bytes[i] & 31];
    }
    into[length] = '\0';
    return ST_OK;
}
