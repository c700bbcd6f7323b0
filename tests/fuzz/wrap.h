/*
 * The form of most wrappers (ld --wrap): the call fails when its time has come (fault.h), and is
 * passed on otherwise.
 */
#ifndef PAM_OAUTH_TESTS_FUZZ_WRAP_H
#define PAM_OAUTH_TESTS_FUZZ_WRAP_H

#include <errno.h>

#include "fault.h"

#define WRAP(type, name, parameters, arguments, failed)                                            \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fault_due() ? (failed) : __real_##name arguments;                                   \
    }

/* The same for what says why in errno. */
#define WRAP_ERRNO(type, name, parameters, arguments, failed, error)                               \
    WRAP(type, name, parameters, arguments, (errno = (error), (failed)))

#endif
