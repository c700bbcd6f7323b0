/* These tests need root: they make files of other owners and devices. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define NOBODY ((uid_t)65534)
#define SOMEBODY ((uid_t)65533)

static const struct file_trust only_root = {.also_owner = 0, .secret = false};
static const struct file_trust root_secret = {.also_owner = 0, .secret = true};
static const struct file_trust or_nobody = {.also_owner = NOBODY, .secret = false};
static const struct file_trust nobody_secret = {.also_owner = NOBODY, .secret = true};

static char *here; /* a fresh directory for every test */

static int
make_directory(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        return 0;
    }
    here = support_directory();
    return 0;
}

static int
remove_directory(void **state)
{
    (void)state;
    if (here != NULL) {
        support_remove(here);
        here = NULL;
    }
    return 0;
}

/* A FIFO that is opened without O_NONBLOCK would hang: then the alarm ends the program. */
static void
need_root(void)
{
    if (geteuid() != 0) {
        skip();
    }
    (void)alarm(60);
}

typedef enum status (*opener)(const char *path, struct file_trust trust, struct why *why,
                              int *ret_fd);

/* Opens HERE/NAME; whatever happens no other descriptor stays open and the result is as promised.
 */
static enum status
try_open(opener open_it, const char *name, struct file_trust trust)
{
    char *path = support_text("%s/%s", here, name);
    struct why why = {""};
    int fd = -7;
    size_t before = support_open_descriptors();
    enum status status = open_it(path, trust, &why, &fd);

    if (status == ST_OK) {
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC); /* -1 if it is closed */
        file_close(&fd);
        assert_int_equal(fd, -1);
    } else {
        assert_int_equal(status, ST_CONFIG);
        assert_int_equal(fd, -7);
        assert_non_null(strstr(why.sentence, here));
    }
    assert_int_equal(support_open_descriptors(), before);
    free(path);
    return status;
}

static enum status
try_file(const char *name, struct file_trust trust)
{
    return try_open(file_open_trusted, name, trust);
}

static enum status
try_directory(const char *name, struct file_trust trust)
{
    return try_open(file_open_trusted_directory, name, trust);
}

/* HERE/NAME inside a descriptor of HERE. */
static enum status
try_at(const char *name, struct file_trust trust)
{
    int directory = open(here, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct why why = {""};
    int fd = -7;
    size_t before = support_open_descriptors();
    enum status status = file_open_trusted_at(directory, name, trust, &why, &fd);

    assert_true(directory >= 0);
    if (status == ST_OK) {
        char byte;
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC); /* -1 if it is closed */
        assert_int_equal(read(fd, &byte, 1), 1);
        file_close(&fd);
    } else {
        assert_int_equal(status, ST_CONFIG);
        assert_int_equal(fd, -7);
        assert_non_null(strstr(why.sentence, name));
    }
    assert_int_equal(support_open_descriptors(), before);
    file_close(&directory);
    return status;
}

static char *
in_here(const char *name)
{
    return support_text("%s/%s", here, name);
}

static void
make_file(const char *name, uid_t owner, unsigned int mode)
{
    char *path = in_here(name);

    support_write(here, name, "x");
    assert_int_equal(chown(path, owner, (gid_t)owner), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

static void
make_subdirectory(const char *name, uid_t owner, unsigned int mode)
{
    char *path = in_here(name);

    assert_true(mkdir(path, 0755) == 0 || access(path, F_OK) == 0);
    assert_int_equal(chown(path, owner, (gid_t)owner), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

static void
R111_owner_and_mode_of_a_file(void **state)
{
    static const struct {
        uid_t owner;
        unsigned int mode;
        const struct file_trust *trust;
        enum status status;
    } rows[] = {
        {0, 0644, &only_root, ST_OK},
        {0, 0600, &only_root, ST_OK},
        {0, 0400, &only_root, ST_OK},
        {0, 0755, &only_root, ST_OK},
        {0, 0664, &only_root, ST_CONFIG},
        {0, 0620, &only_root, ST_CONFIG},
        {0, 0646, &only_root, ST_CONFIG},
        {0, 0602, &only_root, ST_CONFIG},
        {0, 0666, &only_root, ST_CONFIG},
        {0, 01666, &only_root, ST_CONFIG}, /* sticky excuses a directory only */
        {NOBODY, 0644, &only_root, ST_CONFIG},
        {NOBODY, 0600, &only_root, ST_CONFIG},
        {NOBODY, 0644, &or_nobody, ST_OK},
        {SOMEBODY, 0644, &or_nobody, ST_CONFIG},
        {0, 0644, &or_nobody, ST_OK},
        {NOBODY, 0664, &or_nobody, ST_CONFIG},
        {NOBODY, 0646, &or_nobody, ST_CONFIG},
        {0, 0600, &root_secret, ST_OK},
        {0, 0400, &root_secret, ST_OK},
        {0, 0700, &root_secret, ST_OK},
        {0, 0711, &root_secret, ST_OK},
        {0, 0640, &root_secret, ST_CONFIG},
        {0, 0604, &root_secret, ST_CONFIG},
        {0, 0644, &root_secret, ST_CONFIG},
        {0, 0620, &root_secret, ST_CONFIG},
        {0, 0602, &root_secret, ST_CONFIG},
        {NOBODY, 0600, &root_secret, ST_CONFIG},
        {NOBODY, 0600, &nobody_secret, ST_OK},
        {NOBODY, 0640, &nobody_secret, ST_CONFIG},
    };

    (void)state;
    need_root();
    for (size_t i = 0; i < COUNT(rows); i++) {
        make_file("f", rows[i].owner, rows[i].mode);
        if (try_file("f", *rows[i].trust) != rows[i].status ||
            try_at("f", *rows[i].trust) != rows[i].status) {
            fail_msg("owner %u mode %o", rows[i].owner, rows[i].mode);
        }
    }
}

static void
R111_owner_and_mode_of_a_directory(void **state)
{
    static const struct {
        uid_t owner;
        unsigned int mode;
        const struct file_trust *trust;
        enum status status;
    } rows[] = {
        {0, 0755, &only_root, ST_OK},
        {0, 0700, &only_root, ST_OK},
        {0, 0711, &only_root, ST_OK},
        {0, 0775, &only_root, ST_CONFIG},
        {0, 0720, &only_root, ST_CONFIG},
        {0, 0757, &only_root, ST_CONFIG},
        {0, 0702, &only_root, ST_CONFIG},
        {0, 0777, &only_root, ST_CONFIG},
        {0, 01777, &only_root, ST_OK}, /* as /tmp: names of root stay root's */
        {0, 01775, &only_root, ST_OK},
        {0, 02777, &only_root, ST_CONFIG},
        {NOBODY, 0755, &only_root, ST_CONFIG},
        {NOBODY, 01777, &only_root, ST_CONFIG},
        {NOBODY, 0755, &or_nobody, ST_OK},
        {NOBODY, 0775, &or_nobody, ST_CONFIG},
        {NOBODY, 01777, &or_nobody, ST_CONFIG}, /* only root's stickiness counts */
        {SOMEBODY, 0755, &or_nobody, ST_CONFIG},
        {0, 0755, &or_nobody, ST_OK},
    };

    (void)state;
    need_root();
    for (size_t i = 0; i < COUNT(rows); i++) {
        make_subdirectory("d", 0, 0755);
        make_subdirectory("d/e", 0, 0755);
        make_file("d/f", 0, 0644);
        make_file("d/e/f", 0, 0644);
        make_subdirectory("d", rows[i].owner, rows[i].mode);
        if (try_directory("d", *rows[i].trust) != rows[i].status ||
            try_directory("d/e", *rows[i].trust) != rows[i].status ||
            try_file("d/f", *rows[i].trust) != rows[i].status ||
            try_file("d/e/f", *rows[i].trust) != rows[i].status ||
            try_file("d/e/../f", *rows[i].trust) != rows[i].status) {
            fail_msg("owner %u mode %o", rows[i].owner, rows[i].mode);
        }
    }
}

static void
R111_a_directory_that_is_left_again_is_checked_too(void **state)
{
    (void)state;
    need_root();
    make_subdirectory("bad", 0, 0777);
    make_file("f", 0, 0644);
    assert_int_equal(try_file("f", only_root), ST_OK);
    assert_int_equal(try_file("bad/../f", only_root), ST_CONFIG);
    assert_int_equal(try_file("./f", only_root), ST_OK);
    assert_int_equal(try_file("//f", only_root), ST_OK);
}

/*
 * The remedy is "chmod go-w it": so "it" must be what has to be changed.
 */
static void
R111_the_sentence_names_the_directory_at_fault(void **state)
{
    struct why why = {""};
    char *path = in_here("d/e/f");
    char *wanted = in_here("d: ");
    int fd = -1;

    (void)state;
    need_root();
    make_subdirectory("d", 0, 0755);
    make_subdirectory("d/e", 0, 0755);
    make_file("d/e/f", 0, 0644);
    make_subdirectory("d", 0, 0777);
    assert_int_equal(file_open_trusted(path, only_root, &why, &fd), ST_CONFIG);
    bool named = strstr(why.sentence, wanted) == why.sentence;
    free(path);
    free(wanted);
    assert_true(named);
}

static void
R111_links_are_not_followed_anywhere(void **state)
{
    char *file_link = in_here("file-link");
    char *dangling = in_here("dangling");
    char *directory_link = in_here("directory-link");
    char *looping = in_here("looping");

    (void)state;
    need_root();
    make_subdirectory("d", 0, 0755);
    make_file("d/f", 0, 0644);
    assert_int_equal(symlink("d/f", file_link), 0);
    assert_int_equal(symlink("nothing", dangling), 0);
    assert_int_equal(symlink("d", directory_link), 0);
    assert_int_equal(symlink("looping", looping), 0);
    assert_int_equal(try_file("d/f", only_root), ST_OK);
    assert_int_equal(try_file("file-link", only_root), ST_CONFIG);
    assert_int_equal(try_at("file-link", only_root), ST_CONFIG);
    assert_int_equal(try_file("dangling", only_root), ST_CONFIG);
    assert_int_equal(try_at("dangling", only_root), ST_CONFIG);
    assert_int_equal(try_file("directory-link/f", only_root), ST_CONFIG);
    assert_int_equal(try_directory("directory-link", only_root), ST_CONFIG);
    assert_int_equal(try_directory("d", only_root), ST_OK);
    assert_int_equal(try_file("looping", only_root), ST_CONFIG);
    assert_int_equal(try_file("looping/f", only_root), ST_CONFIG);
    free(file_link);
    free(dangling);
    free(directory_link);
    free(looping);
}

static void
make_socket(const char *name)
{
    char *path = in_here(name);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(strlen(path) < sizeof(address.sun_path));
    strcpy(address.sun_path, path);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(chmod(path, 0644), 0);
    file_close(&fd);
    free(path);
}

static void
E61_only_a_regular_file_is_a_file_and_a_fifo_does_not_hang(void **state)
{
    char *fifo = in_here("fifo");
    char *device = in_here("zero");

    (void)state;
    need_root();
    assert_int_equal(mkfifo(fifo, 0644), 0);
    make_subdirectory("directory", 0, 0755);
    make_socket("socket");
    static const char *const others[] = {"fifo", "directory", "socket", "missing"};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(try_file(others[i], only_root), ST_CONFIG);
        assert_int_equal(try_at(others[i], only_root), ST_CONFIG);
    }
    assert_int_equal(try_directory("fifo", only_root), ST_CONFIG);
    assert_int_equal(try_directory("missing", only_root), ST_CONFIG);
    assert_int_equal(try_file("missing/f", only_root), ST_CONFIG);
    assert_int_equal(try_file("fifo/f", only_root), ST_CONFIG);
    make_file("f", 0, 0755);
    assert_int_equal(try_directory("f", only_root), ST_CONFIG);
    assert_int_equal(try_file("f/f", only_root), ST_CONFIG);
    if (mknod(device, S_IFCHR | 0644, makedev(1, 5)) == 0) { /* some containers forbid it */
        assert_int_equal(chmod(device, 0644), 0);
        assert_int_equal(try_file("zero", only_root), ST_CONFIG);
    }
    free(fifo);
    free(device);
}

/* An administrator reads these: what is wrong, and what to do. */
static void
R111_a_refusal_says_what_is_wrong(void **state)
{
    static const struct {
        const char *name;
        const char *says;
    } rows[] = {
        {"missing", "No such file"}, {"missing/f", "No such file"},
        {"link", "symbolic link"},   {"link/f", "symbolic link"},
        {"d", "not a regular file"}, {"d/", "does not name a file"},
        {"writable", "chmod go-w"},  {"foreign", "owned by uid 65534"},
        {"open/f", "chmod go-w"},    {"theirs/f", "owned by uid 65534"},
    };
    char *link = in_here("link");

    (void)state;
    need_root();
    assert_int_equal(symlink("d", link), 0);
    make_subdirectory("d", 0, 0755);
    make_subdirectory("open", 0, 0777);
    make_subdirectory("theirs", NOBODY, 0755);
    make_file("writable", 0, 0666);
    make_file("foreign", NOBODY, 0644);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf CLEANUP(buf_done) = BUF(100);
        struct why why = {""};
        char *path = in_here(rows[i].name);
        assert_int_equal(file_read_trusted(path, only_root, &why, &buf), ST_CONFIG);
        if (strstr(why.sentence, rows[i].says) == NULL) {
            fail_msg("%s: %s", rows[i].name, why.sentence);
        }
        free(path);
    }
    struct why why = {""};
    int fd = -1;
    make_file("secret", 0, 0644);
    char *secret = in_here("secret");
    assert_int_equal(file_open_trusted(secret, root_secret, &why, &fd), ST_CONFIG);
    assert_non_null(strstr(why.sentence, "chmod go-r"));
    free(secret);
    free(link);
}

/* In a child whose root is a directory of the test: 0 if `/f` is opened, else 1. */
static int
open_below_root(unsigned int mode)
{
    int status = -1;

    make_subdirectory("root", 0, mode);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char *root = in_here("root");
        int fd = -1;
        int moved = chroot(root) == 0 && chdir("/") == 0;
        free(root);
        if (!moved) {
            _exit(2);
        }
        _exit(file_open_trusted("/f", only_root, NULL, &fd) == ST_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
R111_the_root_directory_is_checked_like_any_other(void **state)
{
    (void)state;
    need_root();
    make_subdirectory("root", 0, 0755);
    make_file("root/f", 0, 0644);
    if (open_below_root(0755) == 2) {
        skip(); /* some containers forbid chroot */
    }
    assert_int_equal(open_below_root(0755), 0);
    assert_int_equal(open_below_root(0777), 1);
    assert_int_equal(open_below_root(0775), 1);
    make_subdirectory("root", 0, 0755);
}

/*
 * A host may come with its standard descriptors closed, and then 0 is one of ours: the one of the
 * directory above or of the file, as the depth of the path has it.
 */
static void
R106_descriptor_0_is_a_descriptor(void **state)
{
    static const char *const names[] = {"f", "d/f", "d/e/f", "d", "d/e"};
    int kept = dup(0);
    size_t opened = 0;
    int zero = 0;

    (void)state;
    need_root();
    make_subdirectory("d", 0, 0755);
    make_subdirectory("d/e", 0, 0755);
    make_file("f", 0, 0644);
    make_file("d/f", 0, 0644);
    make_file("d/e/f", 0, 0644);
    file_close(&zero);
    bool closed = fcntl(0, F_GETFD) < 0;
    for (size_t i = 0; i < COUNT(names); i++) {
        opener open_it = i < 3 ? file_open_trusted : file_open_trusted_directory;
        opened += try_open(open_it, names[i], only_root) == ST_OK ? 1 : 0;
    }
    if (kept >= 0) {
        assert_int_equal(dup2(kept, 0), 0);
        file_close(&kept);
    }
    assert_true(closed);
    assert_int_equal(zero, -1);
    assert_int_equal(opened, COUNT(names));
}

static void
a_path_is_absolute_and_ends_in_a_name(void **state)
{
    static const char *const bad[] = {
        "", "f", "./f", "../etc/passwd", "etc/passwd", " /etc/passwd", "/", "//", "/etc/"};

    (void)state;
    need_root();
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct why why = {""};
        int fd = -7;
        if (file_open_trusted(bad[i], only_root, &why, &fd) != ST_CONFIG || fd != -7 ||
            file_open_trusted_directory(bad[i], only_root, &why, &fd) != ST_CONFIG || fd != -7 ||
            strstr(why.sentence, bad[i][0] == '/' ? "does not name" : "absolute") == NULL) {
            fail_msg("'%s'", bad[i]);
        }
    }
}

static void
a_name_of_255_bytes_is_the_longest(void **state)
{
    char name[300];

    (void)state;
    need_root();
    memset(name, 'n', sizeof(name));
    name[255] = '\0';
    make_file("f", 0, 0644); /* what is found when a name is left out */
    make_subdirectory(name, 0, 0755);
    strcpy(name + 255, "/f");
    make_file(name, 0, 0644);
    assert_int_equal(try_file(name, only_root), ST_OK);
    strcpy(name + 255, "n/f");
    assert_int_equal(try_file(name, only_root), ST_CONFIG);
    strcpy(name + 255, "nnnnnn");
    assert_int_equal(try_file(name, only_root), ST_CONFIG);
    strcpy(name + 255, "nnnnnnnnn/f"); /* cut at 255 it would name the directory above */
    assert_int_equal(try_file(name, only_root), ST_CONFIG);
}

static int
open_here(const char *name, int flags)
{
    char *path = in_here(name);
    int fd = open(path, flags | O_CLOEXEC);

    assert_true(fd >= 0);
    free(path);
    return fd;
}

static void
write_bytes(const char *name, size_t length)
{
    char *text = malloc(length + 1);

    assert_non_null(text);
    for (size_t i = 0; i < length; i++) {
        text[i] = (char)('a' + i % 26);
    }
    text[length] = '\0';
    support_write(here, name, text);
    free(text);
}

static void
a_file_is_read_to_its_end_or_refused_at_the_limit(void **state)
{
    static const size_t sizes[] = {0, 1, 255, 256, 65535, 65536, 65537, 131072, 200000};

    (void)state;
    need_root();
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t slack = 0; slack < 3; slack++) {
            if (sizes[i] == 0 && slack == 0) {
                continue;
            }
            struct buf buf CLEANUP(buf_done) = BUF(sizes[i] + slack - 1);
            struct why why = {""};
            write_bytes("f", sizes[i]);
            int fd = open_here("f", O_RDONLY);
            enum status status = file_read_all(fd, &why, &buf);
            assert_int_equal(status, slack == 0 ? ST_MALFORMED : ST_OK);
            assert_int_equal(why.sentence[0] == '\0', status == ST_OK);
            if (status == ST_OK) {
                assert_int_equal(buf.length, sizes[i]);
                for (size_t at = 0; at < sizes[i]; at++) {
                    assert_true(buf.at[at] == (char)('a' + at % 26));
                }
            }
            file_close(&fd);
        }
    }
}

static void
reading_adds_behind_what_is_there(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(8);
    struct buf none CLEANUP(buf_done) = BUF(0);

    (void)state;
    need_root();
    support_write(here, "f", "12345");
    int fd = open_here("f", O_RDONLY);
    assert_int_equal(buf_add_text(&buf, "abc"), ST_OK);
    assert_int_equal(file_read_all(fd, NULL, &buf), ST_OK);
    assert_string_equal(buf_text(&buf), "abc12345");
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(file_read_all(fd, NULL, &buf), ST_MALFORMED);
    assert_string_equal(buf_text(&buf), "abc12345");
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(file_read_all(fd, NULL, &none), ST_MALFORMED);
    assert_int_equal(lseek(fd, 0, SEEK_END), 5);
    assert_int_equal(file_read_all(fd, NULL, &none), ST_OK);
    file_close(&fd);
}

/* What the file says of its size is a hint: one of /proc says 0 and has a kilobyte. */
static void
a_file_may_be_longer_than_it_says(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(100000);
    struct buf small CLEANUP(buf_done) = BUF(100);
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(file_read_all(fd, NULL, &buf), ST_OK);
    assert_non_null(strstr(buf_text(&buf), "\nnonvoluntary_ctxt_switches:")); /* its last line */
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(file_read_all(fd, NULL, &small), ST_MALFORMED);
    file_close(&fd);
}

static void
a_read_error_is_a_fault(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(100);
    struct why why = {""};
    int pipes[2];

    (void)state;
    need_root();
    int fd = open(here, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(file_read_all(fd, &why, &buf), ST_STORE);
    assert_string_not_equal(why.sentence, "");
    file_close(&fd);
    assert_int_equal(file_read_all(-1, &why, &buf), ST_STORE);
    /* Nothing there yet is not the end of the file. */
    assert_int_equal(pipe2(pipes, O_NONBLOCK | O_CLOEXEC), 0);
    assert_int_equal(file_read_all(pipes[0], &why, &buf), ST_STORE);
    assert_int_equal(buf.length, 0);
    file_close(&pipes[0]);
    file_close(&pipes[1]);
    file_close(&pipes[1]);
    assert_int_equal(pipes[1], -1);
}

static void
on_alarm(int number)
{
    (void)number;
}

/* Every five milliseconds a signal, without SA_RESTART; or no more. */
static void
interrupt_often(void)
{
    struct itimerval often = {.it_interval = {.tv_usec = 5000}, .it_value = {.tv_usec = 5000}};
    struct sigaction interrupt = {.sa_handler = on_alarm};

    (void)alarm(0);
    assert_int_equal(sigaction(SIGALRM, &interrupt, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static void
interrupt_no_more(void)
{
    struct itimerval never = {.it_value = {.tv_sec = 0}};

    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    (void)signal(SIGALRM, SIG_DFL);
}

/* Writes in two pieces, the second after the reader has been interrupted many times. */
static void
write_slowly(int fd)
{
    static const char text[] = "onetwo";

    if (write(fd, text, 3) != 3 || usleep(60000) != 0 || write(fd, text + 3, 3) != 3) {
        _exit(1);
    }
    _exit(0);
}

static void
E59_an_interrupted_read_goes_on(void **state)
{
    struct buf buf CLEANUP(buf_done) = BUF(100);
    int pipes[2];
    int status = -1;

    (void)state;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        write_slowly(pipes[1]);
    }
    file_close(&pipes[1]);
    interrupt_often();
    assert_int_equal(file_read_all(pipes[0], NULL, &buf), ST_OK);
    interrupt_no_more();
    assert_string_equal(buf_text(&buf), "onetwo");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    file_close(&pipes[0]);
}

#define MUCH ((size_t)300000)

/* Reads late, so that whoever writes has filled the pipe and waits. */
static void
read_slowly(int fd)
{
    static char room[MUCH + 1];
    size_t length = 0;
    ssize_t got;

    (void)usleep(60000);
    while ((got = read(fd, room + length, sizeof(room) - length)) > 0) {
        length += (size_t)got;
    }
    _exit(length == MUCH && room[0] == 'a' && room[MUCH - 1] == 'z' ? 0 : 1);
}

static void
E59_an_interrupted_write_goes_on(void **state)
{
    static char much[MUCH];
    int pipes[2];
    int status = -1;

    (void)state;
    (void)alarm(0);
    much[0] = 'a';
    much[MUCH - 1] = 'z';
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        file_close(&pipes[1]);
        read_slowly(pipes[0]);
    }
    file_close(&pipes[0]);
    interrupt_often();
    assert_true(file_write_all(pipes[1], (struct span){.at = much, .length = MUCH}));
    interrupt_no_more();
    file_close(&pipes[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void
a_disk_that_is_full_takes_nothing(void **state)
{
    int fd CLEANUP(file_close) = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_false(file_write_all(fd, span_of("x")));
    assert_int_equal(errno, ENOSPC);
    assert_true(file_write_all(fd, span_of("")));
}

static void
E63_too_large_a_trusted_file_is_a_configuration_error(void **state)
{
    struct buf exact CLEANUP(buf_done) = BUF(5);
    struct buf small CLEANUP(buf_done) = BUF(4);
    struct buf refused CLEANUP(buf_done) = BUF(100);
    struct why why = {""};
    char *path = in_here("f");
    size_t before = support_open_descriptors();

    (void)state;
    need_root();
    support_write(here, "f", "12345");
    assert_int_equal(file_read_trusted(path, only_root, &why, &exact), ST_OK);
    assert_string_equal(buf_text(&exact), "12345");
    assert_int_equal(file_read_trusted(path, only_root, &why, &small), ST_CONFIG);
    assert_non_null(strstr(why.sentence, path));
    assert_non_null(strstr(why.sentence, "4 bytes"));
    make_file("f", 0, 0666);
    assert_int_equal(file_read_trusted(path, only_root, &why, &refused), ST_CONFIG);
    assert_int_equal(refused.length, 0);
    assert_int_equal(support_open_descriptors(), before);
    free(path);
}

static void
R111_E63_a_secret_is_one_that_nobody_else_can_read(void **state)
{
    static const struct {
        const char *text;
        const char *secret; /* NULL: none */
    } rows[] = {{"a pass\n", "a pass"}, {"x", "x"},     {" x \r\n\n", " x "}, {"", NULL},
                {"\n", NULL},           {"\r\n", NULL}, {"a\nb\n", "a\nb"}};
    char *path = in_here("s");
    struct why why = {""};

    (void)state;
    need_root();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf secret CLEANUP(buf_done) = BUF(100);
        support_write_mode(here, "s", rows[i].text, 0600);
        enum status status = file_read_secret(path, 0, &why, &secret);
        assert_int_equal(status, rows[i].secret != NULL ? ST_OK : ST_CONFIG);
        if (rows[i].secret != NULL) {
            assert_string_equal(buf_text(&secret), rows[i].secret);
        } else {
            assert_non_null(strstr(why.sentence, "s: no secret in it"));
        }
    }
    struct buf refused CLEANUP(buf_done) = BUF(100);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(fd, "a\0b", 3), 3);
    (void)close(fd);
    assert_int_equal(file_read_secret(path, 0, &why, &refused), ST_CONFIG);
    make_file("s", 0, 0640);
    assert_int_equal(file_read_secret(path, 0, &why, &refused), ST_CONFIG);
    assert_non_null(strstr(why.sentence, "a secret readable by group or others"));
    make_file("s", NOBODY, 0600);
    assert_int_equal(file_read_secret(path, 0, &why, &refused), ST_CONFIG);
    support_write_mode(here, "s", "theirs", 0600);
    assert_int_equal(chown(path, NOBODY, 0), 0);
    buf_cut(&refused, 0);
    assert_int_equal(file_read_secret(path, NOBODY, &why, &refused), ST_OK);
    free(path);
}

#define IN_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_DIRECTORY(R111_owner_and_mode_of_a_file),
        IN_A_DIRECTORY(R111_owner_and_mode_of_a_directory),
        IN_A_DIRECTORY(R111_a_directory_that_is_left_again_is_checked_too),
        IN_A_DIRECTORY(R111_the_sentence_names_the_directory_at_fault),
        IN_A_DIRECTORY(R111_links_are_not_followed_anywhere),
        IN_A_DIRECTORY(E61_only_a_regular_file_is_a_file_and_a_fifo_does_not_hang),
        IN_A_DIRECTORY(R111_a_refusal_says_what_is_wrong),
        IN_A_DIRECTORY(R111_the_root_directory_is_checked_like_any_other),
        IN_A_DIRECTORY(R106_descriptor_0_is_a_descriptor),
        IN_A_DIRECTORY(a_path_is_absolute_and_ends_in_a_name),
        IN_A_DIRECTORY(a_name_of_255_bytes_is_the_longest),
        IN_A_DIRECTORY(a_file_is_read_to_its_end_or_refused_at_the_limit),
        IN_A_DIRECTORY(reading_adds_behind_what_is_there),
        IN_A_DIRECTORY(a_file_may_be_longer_than_it_says),
        IN_A_DIRECTORY(a_read_error_is_a_fault),
        IN_A_DIRECTORY(E59_an_interrupted_read_goes_on),
        IN_A_DIRECTORY(E59_an_interrupted_write_goes_on),
        IN_A_DIRECTORY(a_disk_that_is_full_takes_nothing),
        IN_A_DIRECTORY(E63_too_large_a_trusted_file_is_a_configuration_error),
        IN_A_DIRECTORY(R111_E63_a_secret_is_one_that_nobody_else_can_read),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
