/*
 * The few control-flow and ownership macros of this code base. There are no others.
 *
 * A resource is declared empty with CLEANUP(f) and given away with TAKE(p); there is no goto.
 * A function that can fail returns enum status (base/status.h), must be checked, and is called
 * through TRY() when the caller has nothing to add.
 */
#ifndef PAM_OAUTH_BASE_GUARD_H
#define PAM_OAUTH_BASE_GUARD_H

#define MUST_CHECK __attribute__((__warn_unused_result__))
#define CLEANUP(function) __attribute__((__cleanup__(function)))
#define PRINTF_LIKE(text, first) __attribute__((__format__(__printf__, text, first)))

/* Leaves the calling function with the same status unless the call succeeded. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status try_status = (call);                                                           \
        if (try_status != ST_OK) {                                                                 \
            return try_status;                                                                     \
        }                                                                                          \
    } while (0)

/* Reads a pointer and leaves NULL behind: the owner is now whoever reads it. */
#define TAKE(pointer)                                                                              \
    __extension__({                                                                                \
        __typeof__(pointer) take_value = (pointer);                                                \
        (pointer) = NULL;                                                                          \
        take_value;                                                                                \
    })

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
