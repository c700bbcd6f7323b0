#include "cli/login/stored.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/syntax.h"
#include "policy/words.h"

#define SUFFIX ".grant"

/* PROVIDER.grant, and a name that a provider may have. */
static bool
is_grant(const char *name, struct span *ret_provider)
{
    size_t length = strlen(name);
    size_t suffix = sizeof(SUFFIX) - 1;

    if (length <= suffix || strcmp(name + length - suffix, SUFFIX) != 0) {
        return false;
    }
    *ret_provider = (struct span){.at = name, .length = length - suffix};
    return syntax_is_name(*ret_provider);
}

static void
close_list(DIR **list)
{
    if (*list != NULL) {
        (void)closedir(*list);
    }
}

static enum status
list(int directory, struct words *names)
{
    int fd CLEANUP(file_close) = dup(directory);
    DIR *entries CLEANUP(close_list) = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry = NULL;

    if (entries == NULL) {
        return ST_MEMORY;
    }
    fd = -1; /* the list's own */
    while ((entry = readdir(entries)) != NULL) {
        struct span provider;
        if (is_grant(entry->d_name, &provider)) {
            TRY(words_add(names, provider));
        }
    }
    return ST_OK;
}

enum status
stored_each(const struct wallet_place *place, const char *provider,
            enum status (*each)(void *context, const char *provider, struct why *why),
            void *context, struct why *why)
{
    struct words names CLEANUP(words_done) = {.at = NULL, .count = 0};
    int directory CLEANUP(file_close) = -1;

    if (provider != NULL) {
        return each(context, provider, why);
    }
    TRY(wallet_open(place, why, &directory));
    if (directory < 0) {
        return ST_OK;
    }
    TRY(list(directory, &names));
    for (size_t i = 0; i < names.count; i++) {
        TRY(each(context, names.at[i], why));
    }
    return ST_OK;
}
