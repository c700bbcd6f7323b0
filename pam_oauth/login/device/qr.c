#include "login/device/qr.h"

#include <dlfcn.h>

/* Each call of libqrencode's that we need, as its header declares it (soname 4, all of 4.x). */
struct code {
    int version;
    int width;
    unsigned char *data; /* width * width bytes, the lowest bit of each is the module */
};
typedef struct code *encode_function(const char *text, int version, int level);
typedef void free_function(struct code *code);

#define LIBRARY "libqrencode.so.4"
#define SMALLEST_VERSION 0
#define LEVEL_LOWEST 0

static void
close_library(void **library)
{
    if (*library != NULL) {
        (void)dlclose(*library);
        *library = NULL;
    }
}

static bool
take_modules(const struct code *code, struct qr *qr)
{
    if (code->width < 1 || (size_t)code->width > QR_SIDE_MAX || code->data == NULL) {
        return false;
    }
    *qr = (struct qr){.side = (size_t)code->width};
    for (size_t i = 0; i < qr->side * qr->side; i++) {
        unsigned int bit = code->data[i] & 1U;
        qr->dark[i / 8] = (uint8_t)(qr->dark[i / 8] | bit << i % 8);
    }
    return true;
}

bool
qr_make(const char *text, struct qr *ret_qr)
{
    /* By name: looked up where the system keeps its libraries; RTLD_LOCAL: the host sees nothing.
     */
    void *library CLEANUP(close_library) = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        (void)dlerror(); /* frees what it would say */
        return false;
    }
    encode_function *encode = (encode_function *)dlsym(library, "QRcode_encodeString8bit");
    free_function *release = (free_function *)dlsym(library, "QRcode_free");
    if (encode == NULL || release == NULL) {
        (void)dlerror();
        return false;
    }
    struct code *code = encode(text, SMALLEST_VERSION, LEVEL_LOWEST);
    if (code == NULL) {
        return false;
    }
    bool made = take_modules(code, ret_qr);
    release(code);
    return made;
}

/* Row and column count from the outer edge of the margin. */
static bool
is_light(const struct qr *qr, size_t row, size_t column)
{
    size_t end = QR_MARGIN + qr->side;

    if (row < QR_MARGIN || row >= end || column < QR_MARGIN || column >= end) {
        return true;
    }
    size_t module = (row - QR_MARGIN) * qr->side + column - QR_MARGIN;
    return ((unsigned int)qr->dark[module / 8] >> module % 8 & 1U) == 0;
}

enum status
qr_draw(const struct qr *qr, struct buf *into)
{
    /* nothing, the lower half, the upper half, both */
    static const char *const blocks[] = {" ", "\xe2\x96\x84", "\xe2\x96\x80", "\xe2\x96\x88"};

    for (size_t row = 0; row < 2 * QR_ROWS(qr->side); row += 2) {
        for (size_t column = 0; column < QR_COLUMNS(qr->side); column++) {
            int upper = is_light(qr, row, column) ? 2 : 0;
            int lower = is_light(qr, row + 1, column) ? 1 : 0;
            TRY(buf_add_text(into, blocks[upper + lower]));
        }
        TRY(buf_add_char(into, '\n'));
    }
    return ST_OK;
}
