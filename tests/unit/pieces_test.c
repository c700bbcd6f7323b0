/* A map, piece by piece: what read(2) can answer, whose file it may be, and how lines are counted.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/map/pieces.h"

#define USER ((uid_t)60001)

/* Pieces of whatever can be read. */
static struct pieces
pieces_of(int fd)
{
    struct pieces pieces = PIECES;

    assert_true(fd >= 0);
    pieces.fd = fd;
    pieces.at = malloc(PIECES_LENGTH);
    assert_non_null(pieces.at);
    return pieces;
}

static int writing;

static void
write_late(int number)
{
    (void)number;
    (void)!write(writing, "late\n", 5);
    (void)close(writing);
}

/* E59: a signal of the host's while nothing has come yet. */
static void
a_read_that_is_interrupted_goes_on_E59(void **state)
{
    const struct sigaction late = {.sa_handler = write_late};
    const struct itimerval soon = {.it_value.tv_usec = 50000};
    struct sigaction before;
    struct span piece;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct pieces pieces CLEANUP(pieces_done) = pieces_of(ends[0]);
    writing = ends[1];
    assert_int_equal(sigaction(SIGALRM, &late, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_int_equal(pieces_next(&pieces, NULL, &piece), ST_OK);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    assert_true(span_is(piece, "late\n"));
}

/* errno speaks of a call that failed, and of no other. */
static void
what_errno_was_before_says_nothing(void **state)
{
    char *directory = support_directory();
    char *path = support_text("%s/map", directory);
    struct pieces pieces CLEANUP(pieces_done) = PIECES;
    struct span piece;

    (void)state;
    support_write(directory, "map", "a\nb");
    assert_int_equal(pieces_open(&pieces, path, getuid(), NULL), ST_OK);
    errno = EINTR;
    assert_int_equal(pieces_next(&pieces, NULL, &piece), ST_OK);
    assert_true(span_is(piece, "a\nb"));
    errno = EINTR;
    assert_int_equal(pieces_next(&pieces, NULL, &piece), ST_OK);
    assert_int_equal(piece.length, 0);
    support_remove(directory);
    free(path);
}

static void
what_cannot_be_read_is_no_empty_map_E63(void **state)
{
    struct pieces pieces CLEANUP(pieces_done) = pieces_of(open("/", O_RDONLY | O_CLOEXEC));
    struct why why = {""};
    struct span piece;

    (void)state;
    assert_int_equal(pieces_next(&pieces, &why, &piece), ST_CONFIG);
    assert_string_equal(why.sentence, "reading failed: Is a directory");
}

static void
it_is_root_s_or_the_owner_s_R111_E63(void **state)
{
    static const struct {
        uid_t of;
        uid_t owner;
        enum status status;
    } rows[] = {
        {0, 0, ST_OK},        {USER, USER, ST_OK},         {0, USER, ST_OK},
        {USER, 0, ST_CONFIG}, {USER + 1, USER, ST_CONFIG},
    };

    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    char *directory = support_directory();
    char *path = support_text("%s/map", directory);
    support_write(directory, "map", "a\n");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pieces pieces CLEANUP(pieces_done) = PIECES;
        assert_int_equal(chown(path, rows[i].of, 0), 0);
        assert_int_equal(pieces_open(&pieces, path, rows[i].owner, NULL), rows[i].status);
    }
    support_remove(directory);
    free(path);
}

/* In blocks or one by one: a line's number is one more than the line ends before it. */
static void
lines_are_counted(void **state)
{
    static const size_t lengths[] = {1, 3, 100, 4079, 4080, 4081, 8160, 12345, PIECES_LENGTH};
    char *directory = support_directory();
    char *path = support_text("%s/map", directory);

    (void)state;
    for (size_t every = 1; every < 4; every++) {
        char *map = calloc(1, PIECES_LENGTH + 1);
        assert_non_null(map);
        for (size_t i = 0; i < PIECES_LENGTH; i++) {
            map[i] = i % every == every - 1 || i == PIECES_LENGTH - 1 ? '\n' : 'x';
        }
        support_write(directory, "map", map);
        struct pieces pieces CLEANUP(pieces_done) = PIECES;
        struct span piece;
        assert_int_equal(pieces_open(&pieces, path, getuid(), NULL), ST_OK);
        assert_int_equal(pieces_next(&pieces, NULL, &piece), ST_OK);
        assert_int_equal(piece.length, PIECES_LENGTH);
        for (size_t i = 0; i < COUNT(lengths); i++) {
            unsigned int last = lengths[i] == PIECES_LENGTH && PIECES_LENGTH % every != 0 ? 1 : 0;
            assert_int_equal(pieces_line_number(&pieces, piece.at + lengths[i]),
                             1 + lengths[i] / every + last);
        }
        free(map);
    }
    support_remove(directory);
    free(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_that_is_interrupted_goes_on_E59),
        cmocka_unit_test(what_errno_was_before_says_nothing),
        cmocka_unit_test(what_cannot_be_read_is_no_empty_map_E63),
        cmocka_unit_test(it_is_root_s_or_the_owner_s_R111_E63),
        cmocka_unit_test(lines_are_counted),
    };

    return cmocka_run_group_tests_name("pieces", tests, NULL, NULL);
}
