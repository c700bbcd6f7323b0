#include "fetch/confined.h"

#define NO_LANDLOCK                                                                                \
    "this kernel has no Landlock, or it is off (CONFIG_SECURITY_LANDLOCK, and landlock in lsm= "   \
    "of the boot options): the fetcher is kept from files by its user's rights alone"
#define NO_PORTS                                                                                   \
    "Landlock of this kernel cannot limit the ports to which the fetcher connects: Linux 6.7 and " \
    "later can"
#define NO_SECCOMP                                                                                 \
    "this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER), or a container forbids them: "    \
    "the "                                                                                         \
    "fetcher can make any system call"

void
confined_explain(unsigned int confined, struct why *why)
{
    const char *landlock = (confined & CONFINED_FILES) == 0   ? NO_LANDLOCK
                           : (confined & CONFINED_PORTS) == 0 ? NO_PORTS
                                                              : "";
    const char *seccomp = (confined & CONFINED_CALLS) == 0 ? NO_SECCOMP : "";

    (void)status_because(why, ST_OK, "%s%s%s", landlock,
                         landlock[0] != '\0' && seccomp[0] != '\0' ? "; " : "", seccomp);
}
