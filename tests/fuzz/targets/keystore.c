/*
 * The files of the key store: whatever stands in one, it loads as what it says or counts as absent;
 * what is saved loads again as it was; and where saving fails, the file is the one that was there
 * (R74, R76). Of the flights for keys at most one forced one begins in a minute, whatever fails
 * (R70). Parts: the file, which is also tried as a flight's; a kid to ask its keys for.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "jose/digest.h"
#include "jose/keyset.h"
#include "store/flight.h"
#include "store/keystore.h"
#include "world.h"

#define CACHE "/var/cache/pam_oauth"
#define RUN "/run/pam_oauth"
#define ISSUER "https://issuer.example/realm"

static char path[256];
static char flight_path[256];

static bool
is_inside(struct span span, const struct buf *text)
{
    return span.length == 0 ||
           (span.at >= text->at && span.at + span.length <= text->at + text->length);
}

static void
check_entry(const struct keystore_entry *entry)
{
    PROMISE(span_is(entry->issuer, ISSUER));
    PROMISE(is_inside(entry->issuer, &entry->text) && is_inside(entry->jwks_uri, &entry->text) &&
            is_inside(entry->device_authorization_endpoint, &entry->text) &&
            is_inside(entry->token_endpoint, &entry->text) &&
            is_inside(entry->lines, &entry->text));
    PROMISE(entry->fetched_s >= 0 && entry->fetched_s <= INT64_C(253402300799));
    PROMISE(entry->fresh_until_s >= 0 && entry->fresh_until_s <= INT64_C(253402300799));
}

/* A line of a file is only text: it makes a key, or none. */
static void
ask_for_keys(struct span lines, struct span kid)
{
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        struct key *key CLEANUP(key_done) = NULL;
        struct jws_header header = {.alg = (enum alg)alg, .has_kid = kid.length > 0, .kid = kid};
        struct why why = {""};
        enum status status = fuzz_status(keyset_select(lines, &header, ~(alg_set)0, &why, &key));
        fuzz_why(&why);
        PROMISE((status == ST_OK) == (key != NULL));
    }
}

static bool
same(const struct keystore_entry *a, const struct keystore_entry *b)
{
    return span_equals(a->jwks_uri, b->jwks_uri) && span_equals(a->lines, b->lines) &&
           span_equals(a->device_authorization_endpoint, b->device_authorization_endpoint) &&
           span_equals(a->token_endpoint, b->token_endpoint) && a->fetched_s == b->fetched_s &&
           a->fresh_until_s == b->fresh_until_s;
}

/* As what a provider publishes is, once it has been checked. */
static bool
is_proper(const struct keystore_entry *entry)
{
    return fuzz_is_printable(entry->jwks_uri, false) &&
           fuzz_is_printable(entry->device_authorization_endpoint, false) &&
           fuzz_is_printable(entry->token_endpoint, false);
}

/* What is on disk now, read without failures. */
static bool
is_on_disk(const struct keystore_entry *expected)
{
    struct keystore_entry found CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct why why = {""};

    return keystore_load(CACHE, 0, ISSUER, &why, &found) == ST_OK && same(&found, expected);
}

static void
save_and_load(const struct keystore_entry *old)
{
    struct keystore_entry changed = *old; /* borrows all that it points to */
    unsigned long before = fault_total();
    struct why why = {""};

    changed.fetched_s = WORLD_NOW_S;
    changed.token_endpoint = span_of("https://issuer.example/t");
    enum status status = fuzz_status(keystore_save(CACHE, &changed, WORLD_NOW_S, &why));
    bool sound = fault_total() == before;
    fuzz_why(&why);
    PROMISE(status == ST_OK || !sound);
    fault_withhold();
    /* Where the lock is taken somebody else is saving, and that is as good. */
    PROMISE(is_on_disk(&changed) || (!sound && is_on_disk(old)));
    PROMISE(status == ST_OK || is_on_disk(old));
    fault_release();
}

/* A forced flight that begins at this time and ends; true if it was allowed. */
static bool
force(int64_t now_s)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    unsigned long before = fault_total();
    struct why why = {""};
    enum status status = fuzz_status(flight_open(RUN, 0, ISSUER, &why, &flight));

    fuzz_why(&why);
    PROMISE(status == ST_OK || status == ST_STORE || fault_total() > before);
    if (status != ST_OK || flight_take(&flight, now_s) != FLIGHT_OURS) {
        PROMISE(fault_total() > before);
        return false;
    }
    status = fuzz_status(flight_begin_forced(&flight, now_s, &why));
    fuzz_why(&why);
    if (status == ST_OK) {
        flight_land(&flight, FLIGHT_FAILED, "said\n\xff");
    }
    return status == ST_OK;
}

/* Waits for nobody: it is over in time, and what it says is what a line of a log may hold. */
static void
wait_for_nobody(void)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    unsigned long before = fault_total();
    struct why why = {""};

    if (flight_open(RUN, 0, ISSUER, &why, &flight) == ST_OK) {
        enum flight_news news = flight_wait(&flight, WORLD_NOW_S, clock_ms() + 2000);
        PROMISE(news != FLIGHT_NEWS_NONE || fault_total() > before);
        PROMISE(strlen(flight.record.sentence) < sizeof(flight.record.sentence));
        PROMISE(fuzz_is_printable(span_of(flight.record.sentence), false));
    }
}

/* At most one in a minute, whatever goes wrong, and whatever the file says. */
static void
fly(struct span file)
{
    unsigned long before = fault_total();

    bool first = force(WORLD_NOW_S);
    PROMISE(first || fault_total() > before);
    bool second = force(WORLD_NOW_S + 59);
    PROMISE(!first || !second);
    bool third = force(WORLD_NOW_S + 120);
    PROMISE(third || fault_total() > before);
    fault_pause();
    world_write(flight_path, file);
    fault_resume();
    wait_for_nobody();
    first = force(WORLD_NOW_S);
    second = force(WORLD_NOW_S + 59);
    PROMISE(!first || !second);
}

static void
run(struct fuzz_input *input)
{
    struct keystore_entry entry CLEANUP(keystore_entry_done) = KEYSTORE_ENTRY;
    struct span file = fuzz_part(input);
    struct span kid = fuzz_part(input);
    struct why why = {""};

    world_write(path, file);
    fault_begin(input->faults);
    enum status status = fuzz_status(keystore_load(CACHE, 0, ISSUER, &why, &entry));
    fuzz_why(&why);
    PROMISE(status == ST_OK || status == ST_STORE || fault_happened());
    if (status == ST_OK) {
        check_entry(&entry);
        ask_for_keys(entry.lines, kid.length <= JWS_KID_MAX ? kid : span_of("a"));
    }
    /* What was read in spite of failures is good only if it is the file. */
    if (status == ST_OK && is_proper(&entry) && span_equals(buf_span(&entry.text), file)) {
        save_and_load(&entry);
    }
    fly(file);
    fault_end();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct buf name CLEANUP(buf_done) = BUF(128);

    (void)argc;
    (void)argv;
    world_open();
    PROMISE(digest_sha256_hex(span_of(ISSUER), &name) == ST_OK);
    (void)snprintf(path, sizeof(path), CACHE "/%s.keys", buf_text(&name));
    (void)snprintf(flight_path, sizeof(flight_path), RUN "/%s.refresh", buf_text(&name));
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    world_empty(CACHE);
    world_empty(RUN);
    world_restart();
    fuzz_traces_begin(size % 2 == 0);
    run(&input);
    fuzz_traces_end();
    fuzz_done();
    return 0;
}
