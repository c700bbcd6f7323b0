/*
 * Who has signed in lately: whatever stands in an account's file, it loads as what it says or
 * counts as absent, and what it says is printable and past; a sign-in that is written down is there
 * afterwards, with those that were there before; where that fails the file is the one that was
 * there; and what is forgotten is gone (R74 to R76, E61, E69). Parts: the file; a subject.
 */
#include "store/signins.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "jose/digest.h"
#include "world.h"

#define RUN "/run/pam_oauth"
#define KEY "23d09227bfcf199cd1ecb65d497e6f48e9df3deeb04023d41d332f7be035ea3f"

static const struct signins_place place = {.run = RUN, .owner = 0};
static const struct clock_moment now = {
    .boot = "12a65bca-1560-4ccc-97ef-e603b2a02105", .boot_s = 5000000, .wall_s = WORLD_NOW_S};
static char path[256];

/* ---- what is there --------------------------------------------------------------------------- */

static bool
is_inside(struct span span, const struct buf *text)
{
    return span.length > 0 && span.at >= text->at &&
           span.at + span.length <= text->at + text->length && fuzz_is_printable(span, false);
}

/* The number of those that are remembered; -1 when nothing is known. */
static int
check(const struct signins *signins)
{
    struct span entries = signins->entries;
    struct signin signin;
    int count = 0;

    if (!signins->known) {
        return -1;
    }
    PROMISE(span_is(signins->account, "alice"));
    PROMISE(clock_seconds_since(&signins->last, &now) >= 0);
    while (signins_next(signins, &entries, &signin)) {
        PROMISE(is_inside(signin.key, &signins->text) && is_inside(signin.policy, &signins->text) &&
                is_inside(signin.service, &signins->text) &&
                is_inside(signin.provider, &signins->text) &&
                is_inside(signin.rule, &signins->text) && is_inside(signin.sub, &signins->text));
        PROMISE(signin.key.length == 64 && signin.policy.length == 64);
        PROMISE(clock_seconds_since(&signin.at, &now) >= 0);
        PROMISE(signin.auth_time_s >= -1);
        count++;
    }
    PROMISE(entries.length == 0 && count <= SIGNINS_MAX);
    return count;
}

static enum status
load(struct signins *signins)
{
    unsigned long before = fault_total();
    struct why why = {""};
    enum status status = fuzz_status(signins_load(place, "alice", &now, &why, signins));

    fuzz_why(&why);
    PROMISE((status == ST_OK) == (why.sentence[0] == '\0') || status == ST_MEMORY ||
            status == ST_INTERNAL);
    PROMISE(status == ST_OK || fault_total() > before);
    return status;
}

/* On disk now, read without failures; and how many of them a sign-in with our key leaves there. */
static int
on_disk(bool *ret_has_key, int *ret_stay)
{
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct signin signin;

    fault_withhold();
    PROMISE(load(&signins) == ST_OK);
    fault_release();
    struct span entries = signins.entries;
    *ret_has_key = false;
    *ret_stay = 0;
    while (signins.known && signins_next(&signins, &entries, &signin)) {
        bool same = span_is(signin.key, KEY) && span_is(signin.service, "sshd");
        *ret_has_key = *ret_has_key || same;
        *ret_stay += !same && clock_seconds_since(&signin.at, &now) <= SIGNINS_AGE_MAX_S ? 1 : 0;
    }
    return check(&signins);
}

/* ---- what is done ---------------------------------------------------------------------------- */

static enum status
sign_in(struct span sub)
{
    struct signin signin = {.key = span_of(KEY),
                            .policy = span_of(KEY),
                            .service = span_of("sshd"),
                            .provider = span_of("corp"),
                            .rule = span_of("accounts.map:1"),
                            .sub = sub,
                            .auth_time_s = -1};
    struct why why = {""};
    enum status status = fuzz_status(signins_add(place, "alice", &now, &signin, &why));

    fuzz_why(&why);
    return status;
}

static void
add(struct span sub)
{
    unsigned long before = fault_total();
    bool had = false;
    bool has = false;
    bool proper = sub.length > 0 && sub.length <= SIGNINS_VALUE_MAX && text_is_printable(sub);
    int stay = 0;
    int ignored = 0;
    int old = on_disk(&had, &stay);
    enum status status = sign_in(sub);
    bool sound = fault_total() == before;
    int new = on_disk(&has, &ignored);

    PROMISE(status != ST_OK || proper);
    PROMISE(status == ST_OK || !proper || !sound);
    PROMISE(status == ST_OK ? has && new >= 1 : new == old &&has == had);
    PROMISE(status != ST_OK || !sound || new == (stay < SIGNINS_MAX ? stay + 1 : SIGNINS_MAX));
}

static enum status
take(void *into, const struct signins *signins)
{
    int *seen = into;

    PROMISE(check(signins) >= 0);
    ++*seen;
    return ST_OK;
}

static void
list_and_forget(void)
{
    unsigned long before = fault_total();
    bool known = false;
    bool has = false;
    int stay = 0;
    int seen = 0;
    struct why why = {""};
    enum status status = fuzz_status(signins_each(place, &now, &why, take, &seen));

    fuzz_why(&why);
    PROMISE(status == ST_OK || fault_total() > before);
    PROMISE(seen <= 1);
    before = fault_total();
    status = fuzz_status(signins_forget(place, "alice", now.wall_s, &why, &known));
    fuzz_why(&why);
    PROMISE(status == ST_OK || fault_total() > before);
    PROMISE(status != ST_OK || on_disk(&has, &stay) == -1);
}

static void
run(struct fuzz_input *input)
{
    struct signins signins CLEANUP(signins_done) = SIGNINS;
    struct span file = fuzz_part(input);
    struct span sub = fuzz_part(input);

    world_write(path, file);
    world_protect(path);
    fault_begin(input->faults);
    if (load(&signins) == ST_OK) {
        (void)check(&signins);
    }
    add(sub);
    list_and_forget();
    fault_end();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct buf digest CLEANUP(buf_done) = BUF(64);
    bool has = false;
    int stay = 0;

    (void)argc;
    (void)argv;
    world_open();
    PROMISE(digest_sha256_hex(span_of("alice"), &digest) == ST_OK);
    (void)snprintf(path, sizeof(path), RUN "/signins/%s.signins", buf_text(&digest));
    fault_begin((struct span){.at = "", .length = 0});
    PROMISE(sign_in(span_of("248")) == ST_OK);
    PROMISE(on_disk(&has, &stay) == 1 && has);
    fault_end();
    fuzz_done();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    world_empty(RUN "/signins");
    world_restart();
    fuzz_traces_begin(size % 2 == 0);
    run(&input);
    fuzz_traces_end();
    fuzz_done();
    return 0;
}
