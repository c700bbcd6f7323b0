#include "pam_fake.h"

#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void
drop_data(struct pam_handle *handle, int error)
{
    if (handle->data_done != NULL) {
        handle->data_done(handle, handle->data, error);
    }
    free(handle->data_name);
    handle->data_name = NULL;
    handle->data = NULL;
    handle->data_done = NULL;
}

void
pam_fake_end(struct pam_handle *handle)
{
    drop_data(handle, PAM_SUCCESS);
    free(handle->variable);
    handle->variable = NULL;
}

int
pam_get_user(pam_handle_t *handle, const char **user, const char *prompt)
{
    PROMISE(prompt == NULL);
    if (fault_due() || handle->user == NULL) {
        return PAM_CONV_ERR;
    }
    *user = handle->user;
    return PAM_SUCCESS;
}

int
pam_get_item(const pam_handle_t *handle, int type, const void **item)
{
    if (fault_due()) {
        return PAM_BAD_ITEM;
    }
    switch (type) {
    case PAM_USER:
        *item = handle->user;
        return PAM_SUCCESS;
    case PAM_SERVICE:
        *item = handle->service;
        return PAM_SUCCESS;
    case PAM_TTY:
        *item = handle->tty;
        return PAM_SUCCESS;
    case PAM_RHOST:
        *item = handle->rhost;
        return PAM_SUCCESS;
    case PAM_CONV:
        *item = handle->conversation;
        return PAM_SUCCESS;
    default:
        fuzz_promise(false, "the module asks for a known item", __FILE__, __LINE__);
        return PAM_BAD_ITEM;
    }
}

int
pam_set_data(pam_handle_t *handle, const char *name, void *data,
             void (*done)(pam_handle_t *handle, void *data, int error))
{
    /* What is there already is replaced in its place, which needs no memory. */
    if ((handle->data_name == NULL || strcmp(handle->data_name, name) != 0) && fault_due()) {
        return PAM_BUF_ERR;
    }
    fault_pause();
    drop_data(handle, PAM_DATA_REPLACE);
    handle->data_name = strdup(name);
    handle->data = data;
    handle->data_done = done;
    fault_resume();
    return PAM_SUCCESS;
}

int
pam_get_data(const pam_handle_t *handle, const char *name, const void **data)
{
    if (fault_due() || handle->data_name == NULL || strcmp(handle->data_name, name) != 0) {
        return PAM_NO_MODULE_DATA;
    }
    *data = handle->data;
    return PAM_SUCCESS;
}

static bool
is_set(const struct pam_handle *handle, const char *name)
{
    size_t length = strcspn(name, "=");

    return handle->variable != NULL && strncmp(handle->variable, name, length) == 0 &&
           handle->variable[length] == '=';
}

int
pam_putenv(pam_handle_t *handle, const char *name_value)
{
    if (strchr(name_value, '=') != NULL ? fault_due() : !is_set(handle, name_value)) {
        return strchr(name_value, '=') != NULL ? PAM_BUF_ERR : PAM_BAD_ITEM;
    }
    fault_pause();
    free(handle->variable);
    handle->variable = strchr(name_value, '=') != NULL ? strdup(name_value) : NULL;
    fault_resume();
    return PAM_SUCCESS;
}

const char *
pam_getenv(pam_handle_t *handle, const char *name)
{
    return is_set(handle, name) ? handle->variable + strlen(name) + 1 : NULL;
}

int
pam_fail_delay(pam_handle_t *handle, unsigned int delay_us)
{
    PROMISE(delay_us > 0);
    handle->delayed = true;
    return PAM_SUCCESS;
}

void
pam_syslog(const pam_handle_t *handle, int priority, const char *format, ...)
{
    va_list arguments;
    char line[16384];

    (void)priority;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    PROMISE(length >= 0 && length < (int)sizeof(line));
    fault_pause();
    handle->line(handle->context, (struct span){.at = line, .length = (size_t)length});
    fault_resume();
}
