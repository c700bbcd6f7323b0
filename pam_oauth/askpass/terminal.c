#include "askpass/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "askpass/shown.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tty.h"

#define WARNING_MAX ((size_t)1024)
/* Each hidden character of a prompt may take four, each line a mark. */
#define TEXT_MAX (5 * (WARNING_MAX + SHOWN_MAX))

/* ---- showing -------------------------------------------------------------------------------- */

static enum status
open_and_show(const struct question *question, const char *behind, struct why *why, int *ret_fd)
{
    struct buf text CLEANUP(buf_done) = BUF(TEXT_MAX);
    int fd CLEANUP(file_close) = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        return status_because(why, ST_CONVERSATION, "there is no terminal to ask on");
    }
    if (question->warning[0] != '\0') {
        TRY(buf_add_text(&text, "pam-oauth-askpass: "));
        TRY(text_escape(&text, span_of(question->warning), WARNING_MAX));
        TRY(buf_add_char(&text, '\n'));
    }
    TRY(shown_prompt(question->prompt, &text));
    TRY(buf_add_text(&text, behind));
    if (!file_write_all(fd, buf_span(&text))) {
        return status_because(why, ST_CONVERSATION, "the terminal takes nothing");
    }
    *ret_fd = fd;
    fd = -1;
    return ST_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

enum status
terminal_ask(const struct question *question, struct why *why, struct buf *answer)
{
    int fd CLEANUP(file_close) = -1;

    TRY(open_and_show(question, "", why, &fd));
    return tty_read_hidden(fd, why, answer);
}

enum status
terminal_confirm(const struct question *question, struct why *why)
{
    struct buf answer CLEANUP(buf_done) = BUF(16);
    int fd CLEANUP(file_close) = -1;

    TRY(open_and_show(question, " (yes/no): ", why, &fd));
    TRY(tty_read_shown(fd, why, &answer));
    return span_is(buf_span(&answer), "yes") ? ST_OK
                                             : status_because(why, ST_CANCELLED, "not confirmed");
}

enum status
terminal_tell(const struct question *question, struct why *why)
{
    int fd CLEANUP(file_close) = -1;

    return open_and_show(question, "\n", why, &fd);
}
