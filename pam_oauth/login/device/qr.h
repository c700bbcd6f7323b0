/*
 * A QR code of a URL (ISO/IEC 18004), for a telephone to read off a terminal: half blocks of
 * UTF-8 and nothing that moves a cursor or sets a colour (R92). What is made here adds to what is
 * written beside it and never replaces it: without libqrencode there simply is none.
 */
#ifndef PAM_OAUTH_LOGIN_DEVICE_QR_H
#define PAM_OAUTH_LOGIN_DEVICE_QR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Version 13: 425 bytes at the lowest level of error correction, 73 columns with the margin. */
#define QR_SIDE_MAX ((size_t)69)
/* Light modules around the code. The standard asks for four; readers do with two. */
#define QR_MARGIN ((size_t)2)

struct qr {
    size_t side; /* modules in a row, and rows */
    uint8_t
        dark[(QR_SIDE_MAX * QR_SIDE_MAX + 7) / 8]; /* a bit a module, row by row, lowest first */
};

/* Characters in a line of the drawing, and its lines: each holds two modules, one upon the other.
 */
#define QR_COLUMNS(side) ((side) + 2 * QR_MARGIN)
#define QR_ROWS(side) (((side) + 2 * QR_MARGIN + 1) / 2)
/* Bytes of the largest drawing. */
#define QR_DRAWING_MAX (QR_ROWS(QR_SIDE_MAX) * (3 * QR_COLUMNS(QR_SIDE_MAX) + 1))

/*
 * Loads libqrencode, encodes `text` and unloads it. False when there is no libqrencode, the text is
 * empty or too long for QR_SIDE_MAX, or memory is out; then `*ret_qr` means nothing.
 */
MUST_CHECK bool qr_make(const char *text, struct qr *ret_qr);

/*
 * Adds the drawing to `into`, each line ended by LF. Light modules are drawn and dark ones left
 * out, which is right where text is lighter than what it stands on; the other way round readers
 * see the code inverted, and most take that too. A pure function. ST_MEMORY; ST_MALFORMED when the
 * limit of `into` would be passed.
 */
MUST_CHECK enum status qr_draw(const struct qr *qr, struct buf *into);

#endif
