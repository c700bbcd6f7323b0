/*
 * What a Redis answers, or somebody in its place: the claim is ours for `+OK` and somebody else's
 * for the null bulk string, to the byte, and for nothing else; a piece of an answer is none yet
 * (R57, E29). Parts: how many commands were sent (a digit); the bytes that came.
 */
#include "fetcher/resp.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* The same said the other way round: what would have to be there. */
static bool
is_exactly(struct span bytes, size_t count, const char *last)
{
    char wanted[64] = "";

    for (size_t i = 0; i + 1 < count; i++) {
        (void)strcat(wanted, "+OK\r\n");
    }
    (void)strcat(wanted, last);
    return span_is(bytes, wanted);
}

static bool
begins(struct span bytes, size_t count, const char *last)
{
    char wanted[64] = "";

    for (size_t i = 0; i + 1 < count; i++) {
        (void)strcat(wanted, "+OK\r\n");
    }
    (void)strcat(wanted, last);
    return bytes.length < strlen(wanted) &&
           (bytes.length == 0 || memcmp(bytes.at, wanted, bytes.length) == 0);
}

static void
check(struct span bytes, size_t count)
{
    struct why why = {""};
    enum resp answer = resp_answers(bytes, count, &why);

    PROMISE((answer == RESP_OK) == is_exactly(bytes, count, "+OK\r\n"));
    PROMISE((answer == RESP_NIL) == is_exactly(bytes, count, "$-1\r\n"));
    PROMISE(answer == RESP_MORE || !begins(bytes, count, "+OK\r\n"));
    PROMISE(answer == RESP_MORE || !begins(bytes, count, "$-1\r\n"));
    PROMISE(answer != RESP_MORE || bytes.length < RESP_ERROR_MAX + 5 * (count - 1));
    PROMISE((answer == RESP_BAD) == (why.sentence[0] != '\0'));
    PROMISE(fuzz_is_printable(span_of(why.sentence), false));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span digit = fuzz_part(&input);
    struct span bytes = fuzz_part(&input);
    size_t count = digit.length > 0 ? (size_t)(unsigned char)digit.at[0] % 3 + 1 : 1;

    fault_begin(input.faults);
    for (size_t length = 0; length <= bytes.length && length < 64; length++) {
        check((struct span){.at = bytes.at, .length = length}, count);
    }
    check(bytes, count);
    fault_end();
    fuzz_done();
    return 0;
}
