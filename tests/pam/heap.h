/*
 * For the programs that put a malloc of their own in front: what stands behind it. That is libc's,
 * or the sanitizer's if the program was built with one.
 */
#ifndef PAM_OAUTH_TESTS_PAM_HEAP_H
#define PAM_OAUTH_TESTS_PAM_HEAP_H

#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

void *__interceptor_malloc(size_t size) __attribute__((__weak__));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((__weak__));
void *__interceptor_realloc(void *old, size_t size) __attribute__((__weak__));
void __interceptor_free(void *old) __attribute__((__weak__));

static inline void *
heap_malloc(size_t size)
{
    return __interceptor_malloc != NULL ? __interceptor_malloc(size) : __libc_malloc(size);
}

static inline void *
heap_calloc(size_t count, size_t size)
{
    return __interceptor_calloc != NULL ? __interceptor_calloc(count, size)
                                        : __libc_calloc(count, size);
}

static inline void *
heap_realloc(void *old, size_t size)
{
    return __interceptor_realloc != NULL ? __interceptor_realloc(old, size)
                                         : __libc_realloc(old, size);
}

static inline void
heap_free(void *old)
{
    if (__interceptor_free != NULL) {
        __interceptor_free(old);
    } else {
        __libc_free(old);
    }
}

#endif
