#include "askpass/asker.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "askpass/run.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

/* The first that writes the host before a server's prompt. */
#define SSH_MAJOR 8
#define SSH_MINOR 5
#define SSH_PATIENCE_MS 5000

#define COMMAND_LINE_MAX ((size_t)64 * 1024)
/* The options stand in front; what comes behind so many words is the command. */
#define WORDS_MAX 100

/* ---- /proc ---------------------------------------------------------------------------------- */

/* Whole: a file there has no size until it is read. */
static bool
read_proc(pid_t pid, const char *name, struct buf *into)
{
    char path[64];
    char piece[1024];
    ssize_t got = 1;

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int fd CLEANUP(file_close) = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && got > 0) {
        got = read(fd, piece, sizeof(piece));
        if (got > 0 && buf_add(into, (struct span){.at = piece, .length = (size_t)got}) != ST_OK) {
            return false;
        }
    }
    return fd >= 0 && got == 0;
}

/* Field 22 of /proc/PID/stat; the second, a name in parentheses, may hold anything. */
bool
asker_start(pid_t pid, uint64_t *ret_start)
{
    struct buf text CLEANUP(buf_done) = BUF(4096);
    struct span word = {.at = "", .length = 0};
    int64_t start = 0;

    if (!read_proc(pid, "stat", &text)) {
        return false;
    }
    const char *name_end = memrchr(buf_text(&text), ')', text.length);
    if (name_end == NULL) {
        return false;
    }
    struct span rest = span_of(name_end + 1);
    for (int field = 3; field <= 22; field++) {
        if (!span_word(&rest, &word)) {
            return false;
        }
    }
    if (!text_number(word, 0, INT64_MAX, &start)) {
        return false;
    }
    *ret_start = (uint64_t)start;
    return true;
}

/* The effective user of a process, which /proc/PID/status says of everybody's processes. */
static bool
runs_as_root(pid_t pid)
{
    struct buf text CLEANUP(buf_done) = BUF(8192);
    struct span line;
    struct span word;

    if (!read_proc(pid, "status", &text)) {
        return false;
    }
    struct span rest = buf_span(&text);
    while (span_line(&rest, &line)) {
        if (span_starts(line, "Uid:")) {
            /* "Uid:", the real one, the effective one */
            bool there = true;
            for (int i = 0; there && i < 3; i++) {
                there = span_word(&line, &word);
            }
            return there && span_is(word, "0");
        }
    }
    return false;
}

static bool
is_called(pid_t pid, const char *name)
{
    struct buf text CLEANUP(buf_done) = BUF(64);

    if (!read_proc(pid, "comm", &text)) {
        return false;
    }
    struct span rest = buf_span(&text);
    struct span line;
    return span_line(&rest, &line) && span_is(line, name);
}

/* ---- ssh ------------------------------------------------------------------------------------ */

/* The number at the front of `*rest`, which then begins behind it. */
static bool
take_number(struct span *rest, int64_t *ret_number)
{
    struct span digits = {.at = rest->at, .length = 0};

    while (digits.length < rest->length && text_is_digit(rest->at[digits.length])) {
        digits.length++;
    }
    rest->at += digits.length;
    rest->length -= digits.length;
    return text_number(digits, 0, 1000, ret_number);
}

/* `OpenSSH_9.2p1 Debian-2, ...`: as `ssh -V` says it, on standard error. */
static bool
names_hosts(struct span version)
{
    int64_t major = 0;
    int64_t minor = 0;
    static const char name[] = "OpenSSH_";

    if (!span_starts(version, name)) {
        return false;
    }
    struct span rest = {.at = version.at + strlen(name), .length = version.length - strlen(name)};
    if (!take_number(&rest, &major) || !span_starts(rest, ".")) {
        return false;
    }
    rest = (struct span){.at = rest.at + 1, .length = rest.length - 1};
    return take_number(&rest, &minor) &&
           (major > SSH_MAJOR || (major == SSH_MAJOR && minor >= SSH_MINOR));
}

/* The very program that runs there is asked, not one of the same name. */
static enum asker_kind
look_at_ssh(pid_t pid, struct why *why)
{
    char path[64];
    char *const arguments[] = {(char[]){"ssh"}, (char[]){"-V"}, NULL};
    struct buf version CLEANUP(buf_done) = BUF(4096);
    struct why cause = {""};

    (void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
    struct run run = {.path = path,
                      .arguments = arguments,
                      .prints_to = STDERR_FILENO,
                      .patience_ms = SSH_PATIENCE_MS};
    if (run_program(&run, &cause, &version) != ST_OK) {
        (void)status_because(why, ST_STORE, "ssh -V: %s", cause.sentence);
        return ASKER_STRANGER;
    }
    if (!names_hosts(buf_span(&version))) {
        (void)status_because(why, ST_STORE,
                             "this ssh is not OpenSSH %d.%d or later, and does not say which host "
                             "asks",
                             SSH_MAJOR, SSH_MINOR);
        return ASKER_STRANGER;
    }
    return ASKER_SSH;
}

/* ---- sudo ----------------------------------------------------------------------------------- */

/* sudo(8): the options with an argument, which would otherwise be taken for the command. */
static const char sudo_short[] = "+Aa:BbC:c:D:Eeg:Hh::iKklNnPp:R:r:SsT:t:U:u:Vv";
static const struct option sudo_long[] = {
    {"auth-type", required_argument, NULL, 'a'},
    {"chdir", required_argument, NULL, 'D'},
    {"chroot", required_argument, NULL, 'R'},
    {"close-from", required_argument, NULL, 'C'},
    {"command-timeout", required_argument, NULL, 'T'},
    {"group", required_argument, NULL, 'g'},
    {"host", required_argument, NULL, 'h'},
    {"login-class", required_argument, NULL, 'c'},
    {"other-user", required_argument, NULL, 'U'},
    {"prompt", required_argument, NULL, 'p'},
    {"role", required_argument, NULL, 'r'},
    {"type", required_argument, NULL, 't'},
    {"user", required_argument, NULL, 'u'},
    {NULL, 0, NULL, 0},
};

/* Splits what /proc/PID/cmdline says, in place; NULL behind the last. */
static int
split_words(struct buf *line, char *words[WORDS_MAX + 1])
{
    int count = 0;
    char *at = line->at;

    while (count < WORDS_MAX && at < line->at + line->length) {
        words[count++] = at;
        at += strlen(at) + 1;
    }
    words[count] = NULL;
    return count;
}

/* Was sudo told to show a prompt of the caller's own for every prompt? */
static bool
has_own_prompt(pid_t pid)
{
    struct buf line CLEANUP(buf_done) = BUF(COMMAND_LINE_MAX);
    char *words[WORDS_MAX + 1];
    int option;

    if (!read_proc(pid, "cmdline", &line) || line.length == 0) {
        return false;
    }
    int count = split_words(&line, words);
    opterr = 0;
    while ((option = getopt_long(count, words, sudo_short, sudo_long, NULL)) != -1) {
        if (option == 'p') {
            return true;
        }
    }
    return false;
}

/* ---- both ----------------------------------------------------------------------------------- */

static bool
is_sudo(const char *name)
{
    return strcmp(name, "sudo") == 0 || strcmp(name, "sudo-rs") == 0;
}

/*
 * A set-user-id program of root does not let us see what it runs; its name and its user, which
 * nobody but root can set, are seen.
 */
static enum asker_kind
look_at_hidden(pid_t pid, struct why *why)
{
    if (runs_as_root(pid) && (is_called(pid, "sudo") || is_called(pid, "sudo-rs"))) {
        return ASKER_SUDO;
    }
    (void)status_because(why, ST_STORE,
                         "/proc does not say what program asks; it must be ssh or sudo itself");
    return ASKER_STRANGER;
}

static enum asker_kind
kind_of(pid_t pid, struct why *why)
{
    char path[64];
    char program[1024];

    (void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
    ssize_t length = readlink(path, program, sizeof(program) - 1);
    if (length < 0 || (size_t)length == sizeof(program) - 1) {
        return look_at_hidden(pid, why);
    }
    program[length] = '\0';
    const char *slash = strrchr(program, '/');
    const char *name = slash != NULL ? slash + 1 : program;
    if (strcmp(name, "ssh") == 0) {
        return look_at_ssh(pid, why);
    }
    if (is_sudo(name) && runs_as_root(pid)) {
        return ASKER_SUDO;
    }
    (void)status_because(why, ST_STORE, "%s asks, not ssh or sudo itself", name);
    return ASKER_STRANGER;
}

struct asker
asker_look(struct why *why)
{
    struct asker asker = {.kind = ASKER_STRANGER, .pid = getppid()};
    static const char gone[] = "the program that asks is gone, or in another place";

    /* In a container ssh may be process 1; 0 is a parent that cannot be seen from here. */
    if (asker.pid <= 0 || !asker_start(asker.pid, &asker.start)) {
        (void)status_because(why, ST_STORE, "%s", gone);
        return asker;
    }
    enum asker_kind kind = kind_of(asker.pid, why);
    asker.replaces_prompt = kind == ASKER_SUDO && has_own_prompt(asker.pid);
    /* Still our parent: so what was read above was of it, and of no other with its number. */
    if (getppid() != asker.pid) {
        (void)status_because(why, ST_STORE, "%s", gone);
        return asker;
    }
    asker.kind = kind;
    return asker;
}
