#include "cli/check/pam_control.h"

#include "base/text.h"

/* More entries than this nobody skips. */
#define JUMP_MAX 512
/* What no action is: the value is not yet said. */
#define UNSAID (-100)

static void
set_rest(int actions[PAM_CODE_COUNT], int action)
{
    for (size_t i = 0; i < PAM_CODE_COUNT; i++) {
        if (actions[i] == UNSAID) {
            actions[i] = action;
        }
    }
}

/* pam.conf(5): what each word stands for. */
static bool
parse_word(struct span word, int actions[PAM_CODE_COUNT])
{
    static const struct {
        const char *word;
        int success; /* and new_authtok_reqd */
        int other;
    } rows[] = {
        {"required", PAM_ACTION_OK, PAM_ACTION_BAD},
        {"requisite", PAM_ACTION_OK, PAM_ACTION_DIE},
        {"sufficient", PAM_ACTION_DONE, PAM_ACTION_IGNORE},
        {"optional", PAM_ACTION_OK, PAM_ACTION_IGNORE},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (text_is_in_any_case(word, rows[i].word)) {
            actions[PAM_CODE_success] = rows[i].success;
            actions[PAM_CODE_new_authtok_reqd] = rows[i].success;
            actions[PAM_CODE_ignore] = PAM_ACTION_IGNORE;
            set_rest(actions, rows[i].other);
            return true;
        }
    }
    return false;
}

static bool
parse_action(struct span text, int *ret_action)
{
    static const struct {
        const char *word;
        int action;
    } rows[] = {
        {"ignore", PAM_ACTION_IGNORE}, {"ok", PAM_ACTION_OK},   {"done", PAM_ACTION_DONE},
        {"bad", PAM_ACTION_BAD},       {"die", PAM_ACTION_DIE}, {"reset", PAM_ACTION_RESET},
    };
    int64_t jump;

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (span_is(text, rows[i].word)) {
            *ret_action = rows[i].action;
            return true;
        }
    }
    if (!text_number(text, 1, JUMP_MAX, &jump)) {
        return false;
    }
    *ret_action = (int)jump;
    return true;
}

static bool
parse_pair(struct span pair, int actions[PAM_CODE_COUNT])
{
    struct span name;
    struct span value;
    int action;

    if (!span_cut(pair, '=', &name, &value) || !parse_action(value, &action)) {
        return false;
    }
    if (span_is(name, "default")) {
        set_rest(actions, action);
        return true;
    }
    for (size_t i = 0; i < PAM_CODE_COUNT; i++) {
        if (span_is(name, pam_stack_code_name((enum pam_code)i))) {
            actions[i] = action;
            return true;
        }
    }
    return false;
}

bool
pam_control_parse(struct span control, int actions[PAM_CODE_COUNT])
{
    struct span pair;

    for (size_t i = 0; i < PAM_CODE_COUNT; i++) {
        actions[i] = UNSAID;
    }
    if (!span_starts(control, "[")) {
        return parse_word(control, actions);
    }
    if (control.length < 2 || control.at[control.length - 1] != ']') {
        return false;
    }
    struct span pairs = {.at = control.at + 1, .length = control.length - 2};
    while (span_word(&pairs, &pair)) {
        if (!parse_pair(pair, actions)) {
            return false;
        }
    }
    set_rest(actions, PAM_ACTION_BAD);
    return true;
}
