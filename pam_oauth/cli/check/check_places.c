#include "cli/check/check_places.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "jose/keyset.h"

/* ---- files that providers name ----------------------------------------------------------------
 */

/* Ends in `*ret_good` false where the file cannot be used and that has been said. */
static enum status
check_file(const struct checkup *check, const char *path, bool secret, bool *ret_good)
{
    struct file_trust trust = {.also_owner = check->cli->site.owner, .secret = secret};
    struct why why = {""};
    int fd CLEANUP(file_close) = -1;

    *ret_good = false;
    if (path == NULL) {
        return ST_OK;
    }
    enum status status = file_open_trusted(path, trust, &why, &fd);
    if (status == ST_CONFIG) {
        findings_file_error(check->findings, path, &why);
        return ST_OK;
    }
    *ret_good = status == ST_OK;
    return status;
}

/* Keys that are pinned have no other source: they must all be of use (R73). */
static enum status
check_pinned(const struct checkup *check, const char *path)
{
    struct buf text CLEANUP(buf_done) = BUF(KEYSET_DOCUMENT_MAX);
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;
    struct file_trust trust = {.also_owner = check->cli->site.owner, .secret = false};
    struct why why = {""};

    enum status status = file_read_trusted(path, trust, &why, &text);
    if (status == ST_OK) {
        status = keyset_read(buf_span(&text), KEYSET_PINNED_MAX, &why, &keyset);
    }
    if (status == ST_MEMORY) {
        return status;
    }
    if (status != ST_OK) {
        findings_file_error(check->findings, path, &why);
    } else if (keyset.usable == 0) {
        findings_error(check->findings, path, 0,
                       "no key in it can be used (%s), so that every token of the provider is "
                       "refused; put the provider's public keys there",
                       keyset.passed_over > 0 ? keyset.first_passed_over.sentence : "it is empty");
    } else if (keyset.passed_over > 0) {
        findings_warning(check->findings, path, 0,
                         "%zu of its keys cannot be used, the first because: %s; replace it, or "
                         "remove it",
                         keyset.passed_over, keyset.first_passed_over.sentence);
    }
    return ST_OK;
}

static enum status
check_provider_files(const struct checkup *check, const struct provider *provider)
{
    bool good = false;

    TRY(check_file(check, provider->client_secret_file, /* secret: */ true, &good));
    TRY(check_file(check, provider->ca_file, /* secret: */ false, &good));
    TRY(check_file(check, provider->jwks_file, /* secret: */ false, &good));
    return good ? check_pinned(check, provider->jwks_file) : ST_OK;
}

/* ---- directories ------------------------------------------------------------------------------
 */

struct directory {
    const char *path;
    const char *what;
    mode_t forbidden; /* besides writing by others, which nobody may */
    mode_t needed;
    const char *remedy;
};

static void
check_mode(const struct checkup *check, const struct directory *directory, mode_t mode)
{
    if ((mode & directory->forbidden) != 0) {
        findings_error(check->findings, directory->path, 0,
                       "%s may be read by others (mode %04o); %s it", directory->what,
                       (unsigned int)(mode & 07777), directory->remedy);
    } else if ((mode & directory->needed) != directory->needed) {
        findings_warning(check->findings, directory->path, 0,
                         "%s cannot be reached by programs that are not root, such as screen "
                         "lockers (mode %04o); %s it",
                         directory->what, (unsigned int)(mode & 07777), directory->remedy);
    }
}

/* One that is not there is made when it is needed. */
static enum status
check_directory(const struct checkup *check, const struct directory *directory)
{
    struct file_trust trust = {.also_owner = check->cli->site.owner, .secret = false};
    struct why why = {""};
    struct stat status_of;
    int fd CLEANUP(file_close) = -1;

    if (lstat(directory->path, &status_of) != 0 && (errno == ENOENT || errno == EACCES)) {
        return ST_OK;
    }
    enum status status = file_open_trusted_directory(directory->path, trust, &why, &fd);
    if (status == ST_CONFIG) {
        findings_file_error(check->findings, directory->path, &why);
        return ST_OK;
    }
    TRY(status);
    if (fstat(fd, &status_of) == 0) {
        check_mode(check, directory, status_of.st_mode);
    }
    return ST_OK;
}

enum status
check_places(const struct checkup *check)
{
    const struct config *config = check->cli->config;
    const struct directory directories[] = {
        {config->paths.cache, "the store of the providers' keys", 0, 0055, "chmod 0755"},
        {config->paths.state, "the store of used tokens", 0077, 0, "chmod 0700"},
        {config->paths.run, "the directory of recent sign-ins", 0066, 0011, "chmod 0711"},
    };

    bool good = false;

    for (size_t i = 0; i < config->provider_count; i++) {
        TRY(check_provider_files(check, config->providers[i]));
    }
    TRY(check_file(check, config->store.password_file, /* secret: */ true, &good));
    TRY(check_file(check, config->store.ca_file, /* secret: */ false, &good));
    for (size_t i = 0; i < COUNT(directories); i++) {
        TRY(check_directory(check, &directories[i]));
    }
    return ST_OK;
}

/* ---- login(1) ---------------------------------------------------------------------------------
 */

#define LOGIN_DEFS_MAX ((size_t)256 * 1024)
/* login's own, where nothing is said. */
#define LOGIN_TIMEOUT_DEFAULT_S 60

/* The last one counts. */
static unsigned int
find_timeout(struct span text, int64_t *ret_timeout_s)
{
    unsigned int found = 0;
    unsigned int number = 0;
    struct span line;
    struct span word;

    while (span_line(&text, &line)) {
        number++;
        if (span_word(&line, &word) && span_is(word, "LOGIN_TIMEOUT") && span_word(&line, &word) &&
            text_number(word, 0, INT32_MAX, ret_timeout_s)) {
            found = number;
        }
    }
    return found;
}

enum status
check_login_timeout(const struct checkup *check)
{
    const struct service *service = config_service(check->cli->config, "login");
    struct buf text CLEANUP(buf_done) = BUF(LOGIN_DEFS_MAX);
    struct buf path CLEANUP(buf_done) = BUF(PATH_MAX);
    struct file_trust trust = {.also_owner = check->cli->site.owner, .secret = false};
    int64_t timeout_s = LOGIN_TIMEOUT_DEFAULT_S;
    struct why why = {""};
    bool device = false;

    for (size_t i = 0; service != NULL && i < service->method_count; i++) {
        device = device || service->methods[i] == METHOD_DEVICE;
    }
    if (!device) {
        return ST_OK;
    }
    TRY(buf_printf(&path, "%s/etc/login.defs", check->root));
    enum status status = file_read_trusted(buf_text(&path), trust, &why, &text);
    if (status == ST_MEMORY) {
        return status;
    }
    if (status != ST_OK && access(buf_text(&path), F_OK) == 0) {
        findings_file_error(check->findings, buf_text(&path), &why);
        return ST_OK;
    }
    unsigned int line = find_timeout(buf_span(&text), &timeout_s);
    if (timeout_s != 0 && timeout_s <= service->device_timeout_s) { /* 0: no limit */
        findings_error(check->findings, buf_text(&path), line,
                       "login gives up after %lld s, before the %lld s that device_timeout gives "
                       "people to approve (%s:%u); set LOGIN_TIMEOUT to %lld or more",
                       (long long)timeout_s, (long long)service->device_timeout_s,
                       service->place.file, service->place.line,
                       (long long)service->device_timeout_s + 30);
    }
    return ST_OK;
}
