#include "module/talk.h"

#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

/* A host can hand us any length; past this it is nothing that we asked for. */
#define ANSWER_LOOK_MAX ((size_t)1024 * 1024)

/* The host gave us the answer: wiped and freed on every path. */
static void
free_response(struct pam_response **response)
{
    if (*response != NULL) {
        if ((*response)->resp != NULL) {
            explicit_bzero((*response)->resp, strnlen((*response)->resp, ANSWER_LOOK_MAX));
            free((*response)->resp);
        }
        free(*response);
        *response = NULL;
    }
}

/* One message, one response, which may be NULL. Not pam_prompt(3): it cuts what it formats. */
static enum status
converse(pam_handle_t *handle, int style, const char *text, struct pam_response **ret_response)
{
    const struct pam_message message = {.msg_style = style, .msg = text};
    const struct pam_message *messages = &message;
    const void *item = NULL;

    *ret_response = NULL;
    if (pam_get_item(handle, PAM_CONV, &item) != PAM_SUCCESS || item == NULL) {
        return ST_CONVERSATION;
    }
    const struct pam_conv *conversation = item;
    if (conversation->conv == NULL) {
        return ST_CONVERSATION;
    }
    int code = conversation->conv(1, &messages, ret_response, conversation->appdata_ptr);
    if (code == PAM_SUCCESS) {
        return ST_OK;
    }
    /* After a failure the pointer means nothing (pam_conv(3)); some hosts leave it wild. */
    *ret_response = NULL;
    return code == PAM_BUF_ERR ? ST_MEMORY : ST_CONVERSATION;
}

static enum status
ask(void *context, const char *prompt, struct buf *answer)
{
    const struct talk *talk = context;
    struct pam_response *response CLEANUP(free_response) = NULL;

    TRY(converse(talk->handle, PAM_PROMPT_ECHO_OFF, prompt, &response));
    if (response == NULL || response->resp == NULL) {
        return ST_CONVERSATION;
    }
    struct span typed = {.at = response->resp, .length = strnlen(response->resp, ANSWER_LOOK_MAX)};
    return buf_add(answer, typed);
}

static enum status
tell(void *context, const char *text)
{
    const struct talk *talk = context;
    struct pam_response *response CLEANUP(free_response) = NULL;

    return converse(talk->handle, PAM_TEXT_INFO, text, &response);
}

struct conversation
talk_conversation(struct talk *talk)
{
    return (struct conversation){.ask = ask, .tell = tell, .context = talk};
}
