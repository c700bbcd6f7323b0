/*
 * Calls that fail: memory that runs out, and what OpenSSL can answer instead of yes (R132, E69).
 * Every unit test is linked with these (ld --wrap, wrap.ld) and notices nothing of them until it
 * asks for it with fault_each().
 *
 * What answers yes or no does its work first and then says no: so that a caller who does not listen
 * goes on with everything in place, and is found.
 */
#ifndef PAM_OAUTH_TESTS_UNIT_FAULT_H
#define PAM_OAUTH_TESTS_UNIT_FAULT_H

#include <stddef.h>

#include "base/status.h"

/*
 * Runs `scenario` again and again: at first its first wrapped call fails, then its second, and so
 * on until it comes to its end before one does. That last run must return ST_OK, every other must
 * not, and where it was memory that was out (malloc and its like, Jansson's included) it must
 * return ST_MEMORY. Returns how many calls have failed.
 */
size_t fault_each(enum status (*scenario)(void *world), void *world);

/* Which call has failed in the run at hand; NULL if none has yet. */
const char *fault_failed(void);

/* How many calls went through the wrappers since the program began: a measure of work. */
size_t fault_calls(void);

/* How often signatures were handed to OpenSSL since the program began. */
size_t fault_verified(void);

#endif
