/*
 * Runs a target without libFuzzer: each input that is named, once as it is, and then again and
 * again with one more call let through before one fails, and before all fail, until none is left to
 * fail. So every call of every path that the inputs take fails once (R1, R132, E69).
 */
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX ((size_t)1024 * 1024)
/* The plan: the mark, a byte for each 253 calls, and the last step. */
#define PLAN_MAX ((size_t)4096)

static struct {
    const char *name;
    uint8_t bytes[INPUT_MAX + PLAN_MAX];
    size_t length;
    unsigned long runs;
} input;

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Keeps what was running, for whoever asks why. */
static void
keep_input(void)
{
    const char *path = getenv("FUZZ_ARTIFACT");
    FILE *file = path != NULL ? fopen(path, "we") : NULL;

    if (file != NULL) {
        (void)fwrite(input.bytes, 1, input.length, file);
        (void)fclose(file);
        (void)fprintf(stderr, "%s: Test unit written to %s\n", input.name, path);
    }
}

static void
on_abort(int number)
{
    (void)number;
    keep_input();
    _Exit(1);
}

/* True if a call failed. */
static bool
run_once(void)
{
    /* Exactly as long as it is, so that reading behind it is seen. */
    uint8_t *copy = malloc(input.length > 0 ? input.length : 1);
    unsigned long before = fault_total();

    PROMISE(copy != NULL);
    memcpy(copy, input.bytes, input.length);
    (void)LLVMFuzzerTestOneInput(copy, input.length);
    free(copy);
    input.runs++;
    return fault_total() > before;
}

/* The input, and behind it: `passing` calls pass, then one fails, or all. */
static bool
run_failing(size_t length, size_t passing, bool all)
{
    uint8_t *at = input.bytes + length;
    size_t skips = passing / FAULT_SKIPPED;

    PROMISE(skips + 3 <= PLAN_MAX);
    *at++ = 0xFF;
    memset(at, FAULT_SKIP, skips);
    at += skips;
    *at++ = (uint8_t)(passing % FAULT_SKIPPED);
    if (all) {
        *at++ = FAULT_ALL;
    }
    input.length = (size_t)(at - input.bytes);
    return run_once();
}

static void
run_file(const char *path)
{
    FILE *file = fopen(path, "re");

    PROMISE(file != NULL);
    size_t length = fread(input.bytes, 1, INPUT_MAX, file);
    (void)fclose(file);
    input.name = path;
    input.length = length;
    if (run_once()) {
        return; /* it has a plan of its own */
    }
    for (size_t passing = 0; run_failing(length, passing, false); passing++) {
    }
    for (size_t passing = 0; run_failing(length, passing, true); passing++) {
    }
}

int
main(int argc, char **argv)
{
    (void)signal(SIGABRT, on_abort);
    __sanitizer_set_death_callback(keep_input);
    if (LLVMFuzzerInitialize != NULL) {
        (void)LLVMFuzzerInitialize(&argc, &argv);
    }
    for (int i = 1; i < argc; i++) {
        run_file(argv[i]);
    }
    (void)printf("%lu runs\n", input.runs);
    fault_print_names();
    return 0;
}
