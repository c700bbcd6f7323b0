/* base64url: what decodes is what an encoder writes, and nothing else decodes (R34). */
#include <string.h>

#include "fuzz.h"
#include "jose/base64url.h"

#define ROOM ((size_t)256 * 1024)

/* RFC 4648 section 5 and RFC 7515 section 2, said once more: the reference. */
static bool
is_encoded(struct span text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t last = 0;

    for (size_t i = 0; i < text.length; i++) {
        const char *found = memchr(alphabet, text.at[i], 64);
        if (found == NULL) {
            return false;
        }
        last = (size_t)(found - alphabet);
    }
    return text.length % 4 == 0 || (text.length % 4 == 2 && last % 16 == 0) ||
           (text.length % 4 == 3 && last % 4 == 0);
}

static void
decode_and_encode(struct span text)
{
    struct buf bytes CLEANUP(buf_done) = BUF(ROOM);
    struct buf again CLEANUP(buf_done) = BUF(ROOM);

    PROMISE(buf_add_text(&bytes, "before") == ST_OK || fault_happened());
    size_t before = bytes.length;
    enum status status = fuzz_status(base64url_decode(text, &bytes));
    if (status != ST_OK) {
        PROMISE(bytes.length == before && memcmp(buf_text(&bytes), "before", before) == 0);
        PROMISE(status == ST_MEMORY || !is_encoded(text));
        return;
    }
    PROMISE(is_encoded(text));
    struct span decoded = {.at = bytes.at + before, .length = bytes.length - before};
    if (fuzz_status(base64url_encode(decoded, &again)) == ST_OK) {
        PROMISE(span_equals(buf_span(&again), text));
    }
}

static void
encode_and_decode(struct span bytes)
{
    struct buf text CLEANUP(buf_done) = BUF(ROOM);
    struct buf again CLEANUP(buf_done) = BUF(ROOM);

    if (fuzz_status(base64url_encode(bytes, &text)) != ST_OK) {
        return;
    }
    PROMISE(is_encoded(buf_span(&text)));
    if (fuzz_status(base64url_decode(buf_span(&text), &again)) == ST_OK) {
        PROMISE(span_equals(buf_span(&again), bytes));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span part = fuzz_part(&input);

    fault_begin(input.faults);
    decode_and_encode(part);
    encode_and_decode(part);
    fault_end();
    fuzz_done();
    return 0;
}
