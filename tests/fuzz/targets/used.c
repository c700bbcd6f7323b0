/*
 * The tokens that were used on this host: whatever fails, whatever the clock does meanwhile, and
 * whatever stands in the directory, one token is let in once at the most; and where nothing fails
 * it is let in, and afterwards known (R57, E28, E29, E69). Parts: a digest; its exp; the times, a
 * line each, at which it is claimed, each followed by another token that is claimed an hour before
 * its own exp, and so sweeps.
 */
#include "store/used.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz.h"
#include "world.h"

#define STATE "/var/lib/pam_oauth"
#define SECONDS_MAX INT64_C(253402300799)
#define TIMES_MAX 8

static const struct used_store store = {.directory = STATE, .owner = 0};

/* ---- the directory --------------------------------------------------------------------------- */

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    return walk->level > 0 ? remove(path) : 0;
}

static void
empty_state(void)
{
    char path[512];

    PROMISE(snprintf(path, sizeof(path), "%s" STATE, world_root()) < (int)sizeof(path));
    PROMISE(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* ---- the input ------------------------------------------------------------------------------- */

/* Hexadecimal digits, as a digest has them; two at least. */
static void
read_digest(struct span text, char into[65])
{
    static const char digits[] = "0123456789abcdef";
    size_t length = text.length < 2 ? 2 : text.length > 64 ? 64 : text.length;

    for (size_t i = 0; i < length; i++) {
        into[i] = digits[i < text.length ? (unsigned char)text.at[i] % 16 : 0];
    }
    into[length] = '\0';
}

static int64_t
seconds_of(struct span text)
{
    int64_t seconds = WORLD_NOW_S;

    (void)text_number(text, 0, SECONDS_MAX, &seconds);
    return seconds;
}

/* ---- the promises ---------------------------------------------------------------------------- */

static enum status
claim(const struct used_token *token, int64_t now_s)
{
    struct why why = {""};
    enum status status = fuzz_status(used_claim(&store, token, now_s, &why));

    fuzz_why(&why);
    PROMISE((status == ST_OK) == (why.sentence[0] == '\0'));
    PROMISE(status == ST_OK || status == ST_REPLAYED || status == ST_STORE);
    PROMISE(fuzz_is_printable(span_of(why.sentence), false));
    return status;
}

/* Looking finds what is there, and changes nothing. */
static enum status
look(const struct used_token *token)
{
    struct why why = {""};
    enum status status = fuzz_status(used_look(&store, token, &why));

    fuzz_why(&why);
    PROMISE((status == ST_OK) == (why.sentence[0] == '\0'));
    return status;
}

static void
sweep_at(int64_t now_s, int number)
{
    char digest[32];
    struct used_token other = {.digest = digest, .expires_s = now_s + 3600};

    (void)snprintf(digest, sizeof(digest), "other%d", number);
    (void)claim(&other, now_s);
}

static void
claim_again_and_again(const struct used_token *token, struct span times)
{
    struct span line;
    bool known = false;
    int in = 0;

    for (int i = 0; i < TIMES_MAX && span_line(&times, &line); i++) {
        int64_t now_s = seconds_of(line);
        unsigned long before = fault_total();
        enum status seen = look(token);
        enum status status = claim(token, now_s);
        in += status == ST_OK ? 1 : 0;
        PROMISE(in <= 1);
        if (fault_total() == before) {
            PROMISE(seen == status);
            PROMISE(status == ST_OK || known || status == ST_STORE);
            PROMISE(look(token) != ST_OK || fault_total() > before);
        }
        known = true;
        sweep_at(now_s, i);
    }
}

static void
run(struct fuzz_input *input)
{
    char digest[65];
    struct used_token token = {.digest = digest};

    read_digest(fuzz_part(input), digest);
    token.expires_s = seconds_of(fuzz_part(input));
    struct span times = fuzz_part(input);

    fault_begin(input->faults);
    claim_again_and_again(&token, times);
    fault_end();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct used_token token = {.digest = "00", .expires_s = WORLD_NOW_S + 60};

    (void)argc;
    (void)argv;
    world_open();
    fault_begin((struct span){.at = "", .length = 0});
    PROMISE(claim(&token, WORLD_NOW_S) == ST_OK);
    PROMISE(claim(&token, WORLD_NOW_S) == ST_REPLAYED);
    fault_end();
    fuzz_done();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    empty_state();
    world_restart();
    fuzz_traces_begin(size % 2 == 0);
    run(&input);
    fuzz_traces_end();
    fuzz_done();
    return 0;
}
