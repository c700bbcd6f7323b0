#include "login/device/text.h"

#include <string.h>

#include "base/text.h"
#include "login/terminal.h"

/* Lines above the drawing and below it. */
#define OTHER_ROWS ((size_t)10)
#define WARNING "Approve only if you started this sign-in yourself."

/* Account and service are foreign text. */
static enum status
write_question(const struct attempt *attempt, struct buf *text)
{
    TRY(buf_add_text(text, "Sign in to "));
    TRY(text_escape(text, span_of(attempt->site->host), 64));
    TRY(buf_add_text(text, " as "));
    TRY(text_escape(text, span_of(attempt->account), 64));
    TRY(buf_add_text(text, " ("));
    TRY(text_escape(text, span_of(attempt->service_name), 32));
    return buf_add_text(text, ")");
}

/* The picture, if there can be one and it is wanted here. */
static bool
make_picture(const struct attempt *attempt, const struct buf *url, struct qr *qr)
{
    switch (attempt->service->qr) {
    case QR_NO:
        return false;
    case QR_YES:
        return qr_make(buf_text(url), qr);
    case QR_AUTO:
    default:
        break;
    }
    struct terminal terminal = terminal_look(attempt->tty);
    return terminal.utf8 && qr_make(buf_text(url), qr) &&
           QR_COLUMNS(qr->side) <= terminal.columns &&
           QR_ROWS(qr->side) + OTHER_ROWS <= terminal.rows;
}

/*
 * The URL that holds the code, where the provider sends one: then there is nothing to type. Where
 * the drawing pushes page and code off the screen, they stand below it once more.
 */
static enum status
add_picture(const struct attempt *attempt, const struct device_grant *grant, struct buf *text)
{
    const struct buf *complete = &grant->verification_uri_complete;
    const struct buf *plain = &grant->verification_uri;
    struct qr qr;

    if (!make_picture(attempt, complete->length > 0 ? complete : plain, &qr)) {
        return ST_OK;
    }
    TRY(buf_add_char(text, '\n'));
    TRY(qr_draw(&qr, text));
    return buf_printf(text, "%s  %s\n", buf_text(plain), buf_text(&grant->user_code));
}

enum status
device_text_write(const struct attempt *attempt, const struct device_grant *grant, struct buf *text)
{
    TRY(write_question(attempt, text));
    TRY(buf_printf(text, "\n\n  Open this page in any browser:  %s\n  and enter this code:  %s\n\n",
                   buf_text(&grant->verification_uri), buf_text(&grant->user_code)));
    TRY(buf_add_text(text, WARNING "\n"));
    return add_picture(attempt, grant, text);
}

bool
device_text_is_one_line(const struct attempt *attempt)
{
    return strcmp(attempt->service_name, "xsecurelock") == 0;
}

enum status
device_text_announce(const struct attempt *attempt, struct buf *text)
{
    TRY(write_question(attempt, text));
    return buf_add_text(text, ". " WARNING);
}

enum status
device_text_wait(const struct attempt *attempt, const struct device_grant *grant, int64_t left_s,
                 struct buf *text)
{
    if (device_text_is_one_line(attempt)) {
        /* What does not fit is cut at its end. */
        return buf_printf(text, "Enter %s at %s, %lld s left", buf_text(&grant->user_code),
                          buf_text(&grant->verification_uri), (long long)left_s);
    }
    if (terminal_look(attempt->tty).columns == 0) {
        TRY(device_text_write(attempt, grant, text));
        TRY(buf_add_char(text, '\n'));
    }
    return buf_printf(text, "Waiting for approval, %lld s left.", (long long)left_s);
}
