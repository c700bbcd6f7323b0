#include "cli/check/pam_walk.h"

#include <stdlib.h>

/* What libpam makes of the answers so far. */
enum impression { IMPRESSION_NONE, IMPRESSION_GOOD, IMPRESSION_BAD, IMPRESSION_COUNT };

/* How far a way through the stack has come. */
struct state {
    size_t at; /* the entry that is next */
    enum impression impression;
    bool failed;  /* a good impression of a code that is no success */
    bool met;     /* we have answered */
    bool vouched; /* another module has succeeded that asks for a proof */
    bool chosen;  /* a module has succeeded that knows some from others, by a list or a group */
};

#define FLAGS ((size_t)IMPRESSION_COUNT * 16)
#define STATES ((PAM_STACK_ENTRIES_MAX + 1) * FLAGS)

struct walk {
    const struct pam_stack *stack;
    enum pam_type type;
    enum pam_code ours;
    struct pam_ends ends;
    bool seen[STATES]; /* or waiting to be looked at */
    struct state waiting[STATES];
    size_t count;
};

bool
pam_walk_is_ours(const struct pam_entry *entry)
{
    return !entry->substack && span_is(pam_stack_module(entry), "pam_oauth");
}

/* What the success of a module says of who somebody is. */
enum says {
    SAYS_NOTHING,
    SAYS_CHOSEN, /* one of those on a list, in a group, at a time */
    SAYS_PROOF
};

/*
 * Modules of which more is known than that they may answer anything, and that success is a proof.
 * `codes`: what they answer, as a set, 0 for anything.
 */
struct known {
    const char *name;
    uint32_t codes;
    enum says says;
};
#define CODE(name) (UINT32_C(1) << PAM_CODE_##name)

static const struct known known_modules[] = {
    {"pam_permit", CODE(success), SAYS_NOTHING},
    {"pam_deny", CODE(auth_err), SAYS_NOTHING},
    {"pam_faildelay", CODE(ignore) | CODE(system_err), SAYS_NOTHING},
    {"pam_warn", CODE(ignore), SAYS_NOTHING},
    {"pam_echo", CODE(ignore) | CODE(system_err), SAYS_NOTHING},
    /* Root needs no proof, and is nobody that could be locked out by us. */
    {"pam_rootok", CODE(auth_err), SAYS_NOTHING},
    /* The password has always an answer. Others are silent where somebody has not enrolled. */
    {"pam_unix", ~CODE(ignore), SAYS_PROOF},
    {"pam_access", 0, SAYS_CHOSEN},
    {"pam_group", 0, SAYS_NOTHING},
    {"pam_listfile", 0, SAYS_CHOSEN},
    {"pam_localuser", 0, SAYS_CHOSEN},
    {"pam_rhosts", 0, SAYS_CHOSEN},
    {"pam_securetty", 0, SAYS_CHOSEN},
    {"pam_succeed_if", 0, SAYS_CHOSEN},
    {"pam_time", 0, SAYS_CHOSEN},
    {"pam_usertype", 0, SAYS_CHOSEN},
    {"pam_wheel", 0, SAYS_CHOSEN},
    {"pam_apparmor", 0, SAYS_NOTHING},
    {"pam_cap", 0, SAYS_NOTHING},
    {"pam_debug", 0, SAYS_NOTHING},
    {"pam_ecryptfs", 0, SAYS_NOTHING},
    {"pam_env", 0, SAYS_NOTHING},
    {"pam_faillock", 0, SAYS_NOTHING},
    {"pam_fscrypt", 0, SAYS_NOTHING},
    {"pam_ftp", 0, SAYS_NOTHING},
    {"pam_gnome_keyring", 0, SAYS_NOTHING},
    {"pam_issue", 0, SAYS_NOTHING},
    {"pam_keyinit", 0, SAYS_NOTHING},
    {"pam_kwallet", 0, SAYS_NOTHING},
    {"pam_kwallet5", 0, SAYS_NOTHING},
    {"pam_lastlog", 0, SAYS_NOTHING},
    {"pam_limits", 0, SAYS_NOTHING},
    {"pam_loginuid", 0, SAYS_NOTHING},
    {"pam_mail", 0, SAYS_NOTHING},
    {"pam_mkhomedir", 0, SAYS_NOTHING},
    {"pam_motd", 0, SAYS_NOTHING},
    {"pam_mount", 0, SAYS_NOTHING},
    {"pam_namespace", 0, SAYS_NOTHING},
    {"pam_nologin", 0, SAYS_NOTHING},
    {"pam_selinux", 0, SAYS_NOTHING},
    {"pam_sepermit", 0, SAYS_NOTHING},
    {"pam_shells", 0, SAYS_NOTHING},
    {"pam_systemd", 0, SAYS_NOTHING},
    {"pam_tally2", 0, SAYS_NOTHING},
    {"pam_tty_audit", 0, SAYS_NOTHING},
    {"pam_umask", 0, SAYS_NOTHING},
    {"pam_xauth", 0, SAYS_NOTHING},
};

/* Of a module that is not known: what its words make of its success. */
static enum says
says_of(const struct pam_entry *entry)
{
    /* A program that is not even given what was typed cannot have looked at it. */
    if (span_is(pam_stack_module(entry), "pam_exec") &&
        !words_have(&entry->arguments, "expose_authtok")) {
        return SAYS_NOTHING;
    }
    /* It succeeds too where somebody has not enrolled. */
    return words_have(&entry->arguments, "nullok") || words_have(&entry->arguments, "nouserok")
               ? SAYS_CHOSEN
               : SAYS_PROOF;
}

/* Or NULL. */
static const struct known *
knowledge_of(const struct pam_entry *entry)
{
    struct span name = pam_stack_module(entry);

    for (size_t i = 0; i < COUNT(known_modules); i++) {
        if (span_is(name, known_modules[i].name)) {
            return &known_modules[i];
        }
    }
    return NULL;
}

static size_t
number_of(const struct state *state)
{
    return state->at * FLAGS + (size_t)state->impression * 16 + (state->chosen ? 8 : 0) +
           (state->failed ? 4 : 0) + (state->met ? 2 : 0) + (state->vouched ? 1 : 0);
}

/* The next entry of this phase, from `at` on. */
static size_t
entry_from(const struct walk *walk, size_t at)
{
    while (at < walk->stack->count && walk->stack->at[at].type != walk->type) {
        at++;
    }
    return at;
}

static void
finish(struct walk *walk, const struct state *state)
{
    if (state->impression != IMPRESSION_GOOD || state->failed) {
        return;
    }
    walk->ends.met_vouched = walk->ends.met_vouched || (state->met && state->vouched);
    walk->ends.met_alone = walk->ends.met_alone || (state->met && !state->vouched);
    walk->ends.unmet = walk->ends.unmet || (!state->met && state->vouched);
    bool unasked = !state->met && !state->vouched;
    walk->ends.unmet_alone = walk->ends.unmet_alone || (unasked && !state->chosen);
    walk->ends.unmet_chosen = walk->ends.unmet_chosen || (unasked && state->chosen);
}

static void
go_on(struct walk *walk, struct state state)
{
    state.at = entry_from(walk, state.at);
    if (state.at == walk->stack->count) {
        finish(walk, &state);
        return;
    }
    size_t number = number_of(&state);
    if (!walk->seen[number]) {
        walk->seen[number] = true;
        walk->waiting[walk->count++] = state;
    }
}

/* Behind all that belongs to the same (sub)stack as the entry: its end. */
static size_t
end_of_level(const struct walk *walk, size_t at)
{
    unsigned int level = walk->stack->at[at].level;

    do {
        at = entry_from(walk, at + 1);
    } while (at < walk->stack->count && walk->stack->at[at].level >= level);
    return at;
}

/* Behind so many entries of the same level; a substack with all in it counts as one. */
static size_t
skip(const struct walk *walk, size_t at, int count, bool *ret_far_enough)
{
    unsigned int level = walk->stack->at[at].level;

    at = entry_from(walk, at + 1);
    while (count > 0 && at < walk->stack->count && walk->stack->at[at].level >= level) {
        do {
            at = entry_from(walk, at + 1);
        } while (at < walk->stack->count && walk->stack->at[at].level > level);
        count--;
    }
    *ret_far_enough = count == 0;
    return at;
}

/*
 * `reset` in a substack: libpam goes back to what it made of the lines in front of the substack.
 * That is not kept here; that it was good is the worst, and is looked at besides.
 */
static void
go_back_to_good(struct walk *walk, struct state state)
{
    if (walk->stack->at[state.at].level > 0) {
        state.impression = IMPRESSION_GOOD;
        state.failed = false;
        state.at++;
        go_on(walk, state);
    }
}

/* libpam's dispatch of one answer (pam_dispatch.c says it so). */
static void
follow(struct walk *walk, struct state state, enum pam_code code)
{
    int action = walk->stack->at[state.at].actions[code];
    bool done = false;

    if (action == PAM_ACTION_OK || action == PAM_ACTION_DONE) {
        if (state.impression == IMPRESSION_NONE ||
            (state.impression == IMPRESSION_GOOD && !state.failed)) {
            state.impression = IMPRESSION_GOOD;
            state.failed = code != PAM_CODE_success;
        }
        done = action == PAM_ACTION_DONE && state.impression == IMPRESSION_GOOD;
    } else if (action == PAM_ACTION_BAD || action == PAM_ACTION_DIE) {
        state.impression = IMPRESSION_BAD;
        done = action == PAM_ACTION_DIE;
    } else if (action == PAM_ACTION_RESET) {
        go_back_to_good(walk, state);
        state.impression = IMPRESSION_NONE;
    } else if (action > 0) {
        bool far_enough = false;
        state.at = skip(walk, state.at, action, &far_enough);
        state.impression = far_enough ? state.impression : IMPRESSION_BAD;
        go_on(walk, state);
        return;
    }
    state.at = done ? end_of_level(walk, state.at) : state.at + 1;
    go_on(walk, state);
}

static void
look_at(struct walk *walk, struct state state)
{
    const struct pam_entry *entry = &walk->stack->at[state.at];

    if (entry->substack) {
        state.at++;
        go_on(walk, state);
        return;
    }
    if (pam_walk_is_ours(entry)) {
        state.met = true;
        follow(walk, state, walk->ours);
        return;
    }
    const struct known *known = knowledge_of(entry);
    uint32_t codes = known != NULL ? known->codes : 0;
    enum says says = known != NULL ? known->says : says_of(entry);
    for (unsigned int code = 0; code < PAM_CODE_COUNT; code++) {
        struct state next = state;
        bool success = code == PAM_CODE_success;
        if (codes != 0 && (codes & (UINT32_C(1) << code)) == 0) {
            continue;
        }
        next.vouched = state.vouched || (success && says == SAYS_PROOF);
        next.chosen = state.chosen || (success && says == SAYS_CHOSEN);
        follow(walk, next, (enum pam_code)code);
    }
}

enum status
pam_walk(const struct pam_stack *stack, enum pam_type type, enum pam_code ours,
         struct pam_ends *ret_ends)
{
    struct walk *walk = calloc(1, sizeof(*walk));

    if (walk == NULL) {
        return ST_MEMORY;
    }
    walk->stack = stack;
    walk->type = type;
    walk->ours = ours;
    go_on(walk, (struct state){.at = 0, .impression = IMPRESSION_NONE});
    while (walk->count > 0) {
        look_at(walk, walk->waiting[--walk->count]);
    }
    *ret_ends = walk->ends;
    free(walk);
    return ST_OK;
}
