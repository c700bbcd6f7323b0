#include "login/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "fetch/confined.h"

/* Its existence says that the line was written. */
#define MARK "fetcher-confinement-told"

/* Where no mark can be kept, the administrator is told too often rather than never. */
static bool
was_told(const struct site *site)
{
    struct file_trust trust = {.also_owner = 0, .secret = false};
    struct why ignored = {""};
    int directory CLEANUP(file_close) = -1;

    if (file_open_trusted_directory(site->config->paths.run, trust, &ignored, &directory) !=
        ST_OK) {
        return false;
    }
    int fd CLEANUP(file_close) =
        openat(directory, MARK, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 && errno == EEXIST;
}

void
confinement_tell(const struct site *site, unsigned int confined)
{
    struct buf line CLEANUP(buf_done) = BUF(2048);
    struct why why = {""};

    if (confined == CONFINED_ALL || site->log == NULL || geteuid() != 0 || was_told(site)) {
        return;
    }
    confined_explain(confined, &why);
    if (buf_add_text(&line, "event=fetcher_confinement v=1 detail=\"") == ST_OK &&
        text_escape(&line, span_of(why.sentence), sizeof(why.sentence)) == ST_OK &&
        buf_add_char(&line, '"') == ST_OK) {
        site->log->line(site->log->context, LOG_LEVEL_NOTICE, buf_text(&line));
    }
}
