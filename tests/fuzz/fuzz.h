/*
 * What the targets share: how an input is taken apart, and what they promise about it.
 *
 * An input is text that a person can write: parts, separated by a line `%%%`. Behind the last byte
 * 0xFF, if there is one, stands the plan of failures (fault.h).
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_FUZZ_H
#define PAM_OAUTH_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guard.h"
#include "base/span.h"
#include "base/status.h"
#include "fault.h"

/* libFuzzer's entry points. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that must hold whatever the input; says which one does not, and aborts. */
#define PROMISE(condition) fuzz_promise((condition), #condition, __FILE__, __LINE__)
void fuzz_promise(bool holds, const char *promise, const char *file, int line);

/* The parts, one after the other; empty ones behind the last. */
struct fuzz_input {
    struct span rest;
    struct span faults;
};
struct fuzz_input fuzz_input(const uint8_t *data, size_t size);

/*
 * The next part, copied to memory of exactly its size, so that reading past its end is seen.
 * fuzz_body: the same, and NULL when it is empty, as what a struct buf holds that nothing was added
 * to. fuzz_text: the same as a C string, up to the first NUL. fuzz_done frees all.
 */
struct span fuzz_part(struct fuzz_input *input);
struct span fuzz_body(struct fuzz_input *input);
char *fuzz_text(struct fuzz_input *input);
struct span fuzz_copy(struct span bytes);
char *fuzz_string(struct span bytes);
void fuzz_done(void);

/*
 * A status is one of the enum, and says that memory is out or we are broken only if a call failed.
 * Returns it.
 */
enum status fuzz_status(enum status status);

/* The sentence ends within its array. */
void fuzz_why(const struct why *why);

/* With FUZZ_SHOW in the environment: says on standard error what happens. */
void fuzz_show(const char *what, struct span text);

/* Every byte is 0x20 to 0x7E, or LF where that is allowed. */
bool fuzz_is_printable(struct span text, bool with_lf);

/* Does the text hold these bytes? False for none. */
bool fuzz_holds(struct span text, struct span bytes);

/*
 * Called at the start and the end of an input: the code under test leaves no descriptor behind, and
 * OpenSSL's error queue as it found it, which is empty or not (R102).
 */
void fuzz_traces_begin(bool with_error);
void fuzz_traces_end(void);

#endif
