#include "fetcher/trust.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fetch/frame.h"

/* Where distributions keep it, should libcurl have been built without a word about that. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Arch, Gentoo */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
    "/etc/ssl/ca-bundle.pem",             /* SUSE */
    "/etc/ssl/cert.pem",                  /* Alpine */
};

static enum status
read_bundle(const char *path, struct why *why, struct buf *into)
{
    int fd CLEANUP(file_close) = open(path, O_RDONLY | O_CLOEXEC);
    struct why cause = {""};

    if (fd < 0) {
        return status_because(why, ST_CONFIG, "the system's CA file %s: %s; set ca_file", path,
                              strerrordesc_np(errno));
    }
    enum status status = file_read_all(fd, &cause, into);
    return status == ST_OK || status == ST_MEMORY
               ? status
               : status_because(why, ST_CONFIG, "the system's CA file %s: %s; set ca_file", path,
                                cause.sentence);
}

/* The system's own: often a link, and the distribution's to look after. */
static enum status
read_system(struct why *why, struct buf *into)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    const char *path = curl->cainfo;

    for (size_t i = 0; path == NULL && i < COUNT(bundles); i++) {
        path = access(bundles[i], R_OK) == 0 ? bundles[i] : NULL;
    }
    if (path == NULL) {
        return status_because(why, ST_CONFIG,
                              "this system has no CA file where one is looked for; set ca_file");
    }
    return read_bundle(path, why, into);
}

enum status
trust_read(struct span ca_file, uid_t owner, struct why *why, struct buf *into)
{
    struct buf path CLEANUP(buf_done) = BUF(FRAME_PATH_MAX);
    struct file_trust trust = {.also_owner = owner, .secret = false};
    struct why cause = {""};

    if (ca_file.length == 0) {
        return read_system(why, into);
    }
    TRY(buf_add(&path, ca_file));
    enum status status = file_read_trusted(buf_text(&path), trust, &cause, into);
    return status == ST_OK || status == ST_MEMORY
               ? status
               : status_because(why, status, "the CA file %s", cause.sentence);
}
