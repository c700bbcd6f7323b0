/*
 * What a user puts in the way of a program by LD_PRELOAD, OPENSSL_MODULES, GCONV_PATH ...: where it
 * is loaded, it leaves a file beside itself that is named for the program and its user.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char self_address[] = "";

__attribute__((constructor)) static void
leave_a_mark(void)
{
    Dl_info self;
    char path[512];

    if (dladdr(self_address, &self) == 0) {
        return;
    }
    size_t directory = (size_t)(strrchr(self.dli_fname, '/') - self.dli_fname);
    (void)snprintf(path, sizeof(path), "%.*s/loaded.%s.%ld", (int)directory, self.dli_fname,
                   program_invocation_short_name, (long)geteuid());
    (void)close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}
