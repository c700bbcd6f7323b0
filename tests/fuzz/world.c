#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static char root[256];
static struct world_fetcher current;

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void
close_world(void)
{
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
path_of(const char *path, char into[512])
{
    PROMISE(snprintf(into, 512, "%s%s", root, path) < 512);
}

static void
make_directory(const char *path)
{
    char outside[512];

    path_of(path, outside);
    PROMISE(mkdir(outside, 0755) == 0);
}

/* tests/fuzz/run names a directory in memory and removes it, also after a crash. */
void
world_open(void)
{
    static const char *const directories[] = {
        "/etc",
        "/etc/pam_oauth",
        "/etc/pam_oauth/conf.d",
        "/etc/pam_oauth/accounts.d",
        "/usr",
        "/usr/bin",
        "/usr/share",
        "/usr/share/pam_oauth",
        "/usr/share/pam_oauth/providers",
        "/usr/libexec",
        "/var",
        "/var/cache",
        "/var/cache/pam_oauth",
        "/var/lib",
        "/var/lib/pam_oauth",
        "/run",
        "/run/pam_oauth",
    };
    const char *parent = getenv("FUZZ_WORLDS");

    PROMISE(snprintf(root, sizeof(root), "%s/pam_oauth_fuzz_XXXXXX",
                     parent != NULL ? parent : "/tmp") < (int)sizeof(root));
    (void)umask(022);
    PROMISE(mkdtemp(root) != NULL);
    PROMISE(chmod(root, 0755) == 0);
    PROMISE(atexit(close_world) == 0);
    for (size_t i = 0; i < COUNT(directories); i++) {
        make_directory(directories[i]);
    }
    world_write("/etc/login.defs", span_of("# login.defs\nUID_MAX\t60000\nUID_MIN 1000\n"));
    world_write("/usr/libexec/pam-oauth-fetcher", span_of("never run\n"));
    world_write("/usr/bin/pam-oauth", span_of("never run either\n"));
    world_restart();
}

const char *
world_root(void)
{
    return root;
}

void
world_write(const char *path, struct span contents)
{
    char outside[512];

    path_of(path, outside);
    int fd = open(outside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    PROMISE(fd >= 0);
    PROMISE(write(fd, contents.length > 0 ? contents.at : "", contents.length) ==
            (ssize_t)contents.length);
    PROMISE(close(fd) == 0);
}

void
world_protect(const char *path)
{
    char outside[512];

    path_of(path, outside);
    PROMISE(chmod(outside, 0600) == 0);
}

void
world_remove(const char *path)
{
    char outside[512];

    path_of(path, outside);
    (void)unlink(outside);
}

void
world_empty(const char *directory)
{
    char outside[512];

    path_of(directory, outside);
    DIR *listing = opendir(outside);
    PROMISE(listing != NULL);
    for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            PROMISE(unlinkat(dirfd(listing), entry->d_name, 0) == 0);
        }
    }
    PROMISE(closedir(listing) == 0);
}

void
world_set_fetcher(const struct world_fetcher *fetcher)
{
    current = *fetcher;
}

const struct world_fetcher *
world_get_fetcher(void)
{
    return &current;
}
