/*
 * Failures on request. The calls that wrapped.sym names go through our own wrappers (ld --wrap),
 * which ask here, each time, whether this one is to fail. What fails is written in the input, so a
 * failure that breaks something breaks it again.
 *
 * The plan is a run of bytes. A byte N below 253 lets N calls pass and fails the next; 254 lets 253
 * pass and fails none; 253 fails every call from there on. Behind the plan nothing fails.
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_FAULT_H
#define PAM_OAUTH_TESTS_FUZZ_FAULT_H

#include <stdbool.h>

#include "base/span.h"

#define FAULT_ALL 253
#define FAULT_SKIP 254
#define FAULT_SKIPPED 253

/* The code under test begins and ends here; `plan` must live that long. */
void fault_begin(struct span plan);
void fault_end(void);

/* For the harness's own work in the middle of it, such as a conversation. */
void fault_pause(void);
void fault_resume(void);

/* The code under test runs on, and nothing fails until the release; the plan stands still. */
void fault_withhold(void);
void fault_release(void);

/* How many calls have failed since the program began. */
unsigned long fault_total(void);

/* The names of the wrappers whose calls have failed, one a line. */
void fault_print_names(void);

/* Has a call failed since fault_begin? Then, and only then, may a result be ST_MEMORY. */
bool fault_happened(void);

/* Is the code under test running? Only then do wrappers do anything but pass the call on. */
bool fault_watching(void);

/* Asked by a wrapper, which tells its name: does this call fail? */
#define fault_due() fault_due_in(__func__)
bool fault_due_in(const char *wrapper);

/* Which of `count` ways to fail; 0, the plain one, where everything fails. */
unsigned int fault_way(unsigned int count);

#endif
