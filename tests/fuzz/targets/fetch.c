/*
 * What a fetcher that was taken over could send: any bytes, in pieces of any size, with or without
 * an end. fetch_ask answers with a whole reply or says that there is none, by its deadline, and
 * leaves no descriptor behind (R100, R103, E78).
 *
 * Parts: a line `PIECE` with the bytes that arrive at once, `end` if the fetcher then leaves,
 * `bare` if the host has no standard input; what it says to the first request; to the second; and
 * so on.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "fetch/fetch.h"
#include "fuzz.h"
#include "world.h"

#define REQUESTS_MAX 4
#define PATIENCE_MS 8000
/* What the clock moves by while we look. */
#define SLACK_MS 200

struct fetcher {
    struct fuzz_input *input;
    bool leaves;
    struct span said; /* last */
    bool too_much;    /* it went on behind a frame that was taken */
};

static bool
answer(void *context, const struct frame_request *request, struct buf *said)
{
    struct fetcher *fetcher = context;

    PROMISE(request->timeout_ms > 0 && request->timeout_ms <= PATIENCE_MS);
    fetcher->said = fuzz_part(fetcher->input);
    PROMISE(buf_add(said, fetcher->said) == ST_OK);
    return !fetcher->leaves;
}

/* The reply is what the first frame says; behind it there may be more, which is seen later. */
static void
check_reply(struct fetcher *fetcher, const struct fetch_reply *reply)
{
    struct span first = fetcher->said;
    struct frame_reply frame;
    struct why why = {""};
    size_t length = 0;

    if (fetcher->too_much) {
        return;
    }
    PROMISE(frame_length(first, FRAME_REPLY, &why, &length) == ST_OK && length > 0);
    PROMISE(length <= first.length);
    fetcher->too_much = length < first.length;
    first.length = length;
    PROMISE(frame_read_reply(first, &why, &frame) == ST_OK);
    PROMISE(frame.failure.length == 0 && frame.http_status == reply->http_status);
    PROMISE(span_equals(frame.body, buf_span(&reply->body)));
}

/* True while the session is of use. */
static bool
ask(struct fetch_session *session, struct fetcher *fetcher)
{
    struct fetch_reply reply CLEANUP(fetch_reply_done) = FETCH_REPLY;
    struct fetch_request request = {
        .url = "https://issuer.example/token",
        .body = {.at = "a=b", .length = 3},
        .post = true,
        .basic_user = "user",
        .basic_password = "",
        .timeout_ms = PATIENCE_MS,
    };
    struct why why = {""};
    int64_t began_ms = clock_ms();

    enum status status =
        fuzz_status(fetch_ask(session, &request, began_ms + PATIENCE_MS, &why, &reply));
    fuzz_why(&why);
    PROMISE(fuzz_is_printable(span_of(why.sentence), false));
    PROMISE(clock_ms() - began_ms < PATIENCE_MS + SLACK_MS || fault_happened());
    if (status != ST_OK) {
        PROMISE(status == ST_PROVIDER || status == ST_MEMORY);
        PROMISE(fetch_ask(session, &request, clock_ms() + PATIENCE_MS, &why, &reply) != ST_OK);
        return false;
    }
    PROMISE(!fetcher->too_much || fault_happened());
    fault_pause();
    check_reply(fetcher, &reply);
    fault_resume();
    return true;
}

static void
run(struct fetcher *fetcher)
{
    struct fetch_program program = {.path = "/usr/libexec/pam-oauth-fetcher", .user = "_pam-oauth"};
    struct fetch_session *session CLEANUP(fetch_end) = NULL;
    struct why why = {""};
    enum status status = fuzz_status(fetch_start(&program, &why, &session));

    fuzz_why(&why);
    PROMISE((status == ST_OK) == (session != NULL));
    if (status != ST_OK) {
        PROMISE(fault_happened());
        return;
    }
    for (int i = 0; i < REQUESTS_MAX && ask(session, fetcher); i++) {
    }
}

/* Takes our own standard input away, so that the next descriptor is 0; -1 if there is none. */
static int
hide_input(void)
{
    int kept = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 100);

    (void)close(STDIN_FILENO);
    return kept;
}

static void
show_input(int kept)
{
    if (kept >= 0) {
        PROMISE(dup2(kept, STDIN_FILENO) == STDIN_FILENO);
        (void)close(kept);
    }
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    world_open();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct fetcher fetcher = {.input = &input};
    struct span manner = fuzz_part(&input);
    struct span word;
    int64_t piece = 0;

    (void)span_word(&manner, &word);
    (void)text_number(word, 0, 100000, &piece);
    fetcher.leaves = fuzz_holds(manner, span_of("end"));
    bool bare = fuzz_holds(manner, span_of("bare"));
    int input_kept = bare ? hide_input() : -1;
    world_restart();
    world_set_fetcher(
        &(struct world_fetcher){.answer = answer, .context = &fetcher, .piece = (size_t)piece});
    fuzz_traces_begin(size % 2 == 0);
    fault_begin(input.faults);
    run(&fetcher);
    fault_end();
    fuzz_traces_end();
    show_input(input_kept);
    fuzz_done();
    return 0;
}
