/*
 * valgrind lives in the process that it watches, so the fetcher's limits and its sandbox would be
 * valgrind's, which needs more. Preloaded, these make a kernel that cannot confine; Landlock it
 * does not know anyway.
 */
#include <errno.h>
#include <sys/resource.h>

int seccomp_load(void *filter);

int
seccomp_load(void *filter)
{
    (void)filter;
    return -ENOSYS;
}

int
setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    (void)resource;
    (void)limit;
    return 0;
}
