/* Memory that runs out. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wrap.h"

WRAP_ERRNO(void *, malloc, (size_t size), (size), NULL, ENOMEM)
WRAP_ERRNO(void *, calloc, (size_t count, size_t size), (count, size), NULL, ENOMEM)
WRAP_ERRNO(void *, reallocarray, (void *at, size_t count, size_t size), (at, count, size), NULL,
           ENOMEM)
WRAP_ERRNO(char *, strdup, (const char *text), (text), NULL, ENOMEM)

int __real_vasprintf(char **text, const char *format, va_list arguments);
int __wrap_vasprintf(char **text, const char *format, va_list arguments);
int __wrap_asprintf(char **text, const char *format, ...);

/* After a failure the pointer means nothing (asprintf(3)). */
static int
fail(char **text)
{
    *text = (char *)(size_t)0xDEAD;
    return -1;
}

int
__wrap_vasprintf(char **text, const char *format, va_list arguments)
{
    return fault_due() ? fail(text) : __real_vasprintf(text, format, arguments);
}

int
__wrap_asprintf(char **text, const char *format, ...)
{
    va_list arguments;

    if (fault_due()) {
        return fail(text);
    }
    va_start(arguments, format);
    int length = __real_vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}
