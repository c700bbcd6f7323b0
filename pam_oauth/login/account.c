#include "login/account.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define LOGIN_DEFS "/etc/login.defs"
#define LOGIN_DEFS_MAX ((size_t)256 * 1024)
/* shadow's own default. */
#define UID_MIN_DEFAULT 1000

/* Room for one passwd entry; glibc's own suggestion is 1024, directories answer with more. */
#define PASSWD_ROOM_FIRST ((size_t)1024)
#define PASSWD_ROOM_MAX ((size_t)256 * 1024)

/* The file is long, nearly all of it comments, and this is most of what a login does by itself. */
static int64_t
uid_min(void)
{
    static const char name[] = "UID_MIN";
    struct buf text CLEANUP(buf_done) = BUF_PUBLIC(LOGIN_DEFS_MAX);
    struct file_trust trust = {.also_owner = 0, .secret = false};
    struct why ignored = {""};
    int64_t value = UID_MIN_DEFAULT;
    struct span word;

    if (file_read_trusted(LOGIN_DEFS, trust, &ignored, &text) != ST_OK) {
        return UID_MIN_DEFAULT;
    }
    const char *end = buf_text(&text) + text.length;
    for (const char *at = buf_text(&text);
         (at = memmem(at, (size_t)(end - at), name, strlen(name))) != NULL; at += strlen(name)) {
        struct span line = span_line_around(buf_span(&text), at);
        if (span_word(&line, &word) && span_is(word, name) && span_word(&line, &word)) {
            (void)text_number(word, 0, UINT32_MAX, &value);
        }
    }
    return value;
}

enum status
account_find(const char *name, struct why *why, struct account *ret_account)
{
    for (size_t room = PASSWD_ROOM_FIRST; room <= PASSWD_ROOM_MAX; room *= 4) {
        struct buf text CLEANUP(buf_done) = BUF(PASSWD_ROOM_MAX);
        struct passwd entry;
        struct passwd *found = NULL;
        char *into = buf_reserve(&text, room - 1);

        if (into == NULL) {
            return status_because(why, ST_MEMORY, "out of memory while looking an account up");
        }
        int error = getpwnam_r(name, &entry, into, room, &found);
        if (error == ERANGE) {
            continue;
        }
        if (error == EIO || error == EMFILE || error == ENFILE) {
            return status_because(why, ST_INTERNAL, "the account cannot be looked up: %s",
                                  strerrordesc_np(error));
        }
        if (found == NULL) {
            /* All others mean "no such name", depending on the source (getpwnam(3)). */
            return status_because(why, ST_UNKNOWN_USER, "the system has no such account");
        }
        if (strcmp(found->pw_name, name) != 0) {
            return status_because(why, ST_UNKNOWN_USER,
                                  "the system knows the account under another spelling");
        }
        *ret_account = (struct account){.uid = found->pw_uid, .gid = found->pw_gid};
        return ST_OK;
    }
    return status_because(why, ST_INTERNAL, "the account's passwd entry is too large");
}

enum status
account_check(const struct service *service, const char *name, struct why *why)
{
    struct account account = {.uid = 0};

    TRY(account_find(name, why, &account));
    /* To the kernel it means "leave it as it is": the session would stay root's (POSIX setreuid).
     */
    if (account.uid == (uid_t)-1 || account.gid == (gid_t)-1) {
        return status_because(why, ST_ACCOUNT,
                              "the account has uid %u and gid %u, of which one is none; mend its "
                              "entry in passwd(5) or in the directory",
                              (unsigned int)account.uid, (unsigned int)account.gid);
    }
    if ((account.uid == 0 || (int64_t)account.uid < uid_min()) &&
        !words_have(&service->system_users, name)) {
        return status_because(why, ST_ACCOUNT,
                              "uid %u is a system account; to allow it, list it in system_users of "
                              "[service %s]",
                              (unsigned int)account.uid, service->name);
    }
    return ST_OK;
}

enum status
account_exists(const char *name, struct why *why)
{
    struct account ignored = {.uid = 0};

    return account_find(name, why, &ignored);
}
