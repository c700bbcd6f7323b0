/*
 * The whole module, from pam_sm_authenticate to the audit line, with a scripted person, host and
 * provider, while any call may fail. However it goes: PAM_SUCCESS only for a token or an approval
 * that is good for this account and service, PAM_IGNORE only for `local_users`, one audit line that
 * says what the host was told, nothing unprintable, no secret, no provider asked before a prompt
 * was answered (R1, R2, R5, R6, R8, R91 to R94, R102, E69). An input is a script: pam_script.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "login/token/prompt.h"
#include "pam_host.h"
#include "pam_script.h"
#include "world.h"

int pam_sm_authenticate(pam_handle_t *, int, int, const char **);
int pam_sm_setcred(pam_handle_t *, int, int, const char **);
int pam_sm_acct_mgmt(pam_handle_t *, int, int, const char **);
int pam_sm_open_session(pam_handle_t *, int, int, const char **);
int pam_sm_close_session(pam_handle_t *, int, int, const char **);

/* What happened in one attempt; by what the person and the provider did, not by what was made of
 * it. */
struct attempt_seen {
    struct pam_script *script;
    const char *user; /* for whom it began */
    struct buf token; /* put together of its parts */
    bool token_is_whole;
    int prompts;
    struct buf id_token;
    int audit_lines;
    bool accepted;   /* by the last of them */
    bool taken_back; /* by the last of them, what the one before said */
};

/* ---- the person ------------------------------------------------------------------------------ */

/* A part of a token, put together as DESIGN section 6 says. */
static void
note_token(struct attempt_seen *seen, struct span typed)
{
    if (seen->token_is_whole) {
        return; /* later prompts are about something else */
    }
    typed.length -= typed.length > 0 && typed.at[typed.length - 1] == '\n' ? 1 : 0;
    typed.length -= typed.length > 0 && typed.at[typed.length - 1] == '\r' ? 1 : 0;
    bool more = typed.length > 0 && typed.at[typed.length - 1] == '+';
    typed.length -= more ? 1 : 0;
    (void)buf_add(&seen->token, typed);
    seen->token_is_whole = !more;
}

static int
answer_with(struct attempt_seen *seen, struct span value, struct pam_response **responses)
{
    struct pam_response *response = calloc(1, sizeof(*response));

    PROMISE(response != NULL);
    *responses = response;
    if (span_is(value, "@none")) {
        return PAM_SUCCESS;
    }
    struct span text = pam_script_expand(value);
    response->resp = strndup(text.length > 0 ? text.at : "", text.length);
    seen->prompts++;
    note_token(seen, span_of(response->resp));
    return PAM_SUCCESS;
}

static int
answer_prompt(struct attempt_seen *seen, struct pam_response **responses)
{
    struct pam_script *script = seen->script;

    script->handle.user = script->becomes != NULL ? script->becomes : script->handle.user;
    if (script->answered == script->answer_count) {
        return PAM_CONV_ERR;
    }
    struct span value = script->answers[script->answered++].value;
    if (span_is(value, "@null")) {
        return PAM_SUCCESS;
    }
    if (span_is(value, "@wild")) {
        *responses = (struct pam_response *)(size_t)0xDEAD0;
        return PAM_CONV_ERR;
    }
    if (span_is(value, "@fails") || span_is(value, "@memory")) {
        return span_is(value, "@fails") ? PAM_CONV_ERR : PAM_BUF_ERR;
    }
    return answer_with(seen, value, responses);
}

/* Unless the script spells the secret out itself: a host may have such a name. */
static void
check_no_secret(const struct pam_script *script, struct span text)
{
    const char *const secrets[] = {PAM_HOST_SECRET, PAM_HOST_DEVICE_CODE,
                                   pam_host_text(span_of("alice")),
                                   pam_host_text(span_of("netid"))};

    for (size_t i = 0; i < COUNT(secrets); i++) {
        struct span secret = span_of(secrets[i]);
        PROMISE(!fuzz_holds(text, secret) || fuzz_holds(script->text, secret));
    }
}

/* Nothing but printable ASCII, line ends, and the three blocks of a QR code (R92). */
static bool
may_be_said(struct span text)
{
    for (size_t i = 0; i < text.length; i++) {
        struct span rest = {.at = text.at + i, .length = text.length - i};
        bool block = rest.length >= 3 &&
                     (memcmp(rest.at, "\u2580", 3) == 0 || memcmp(rest.at, "\u2584", 3) == 0 ||
                      memcmp(rest.at, "\u2588", 3) == 0);
        if (block) {
            i += 2;
        } else if (!fuzz_is_printable((struct span){.at = rest.at, .length = 1}, true)) {
            return false;
        }
    }
    return text.length > 0;
}

static int
converse(int count, const struct pam_message **messages, struct pam_response **responses,
         void *context)
{
    struct attempt_seen *seen = context;
    struct span text = span_of(messages[0]->msg);
    bool prompt = messages[0]->msg_style == PAM_PROMPT_ECHO_OFF;

    fault_pause();
    fuzz_show(prompt ? "prompt" : "message", text);
    PROMISE(count == 1 && *responses == NULL);
    PROMISE(prompt || messages[0]->msg_style == PAM_TEXT_INFO);
    PROMISE(may_be_said(text));
    check_no_secret(seen->script, text);
    /* PAM_SILENT: no failure sentence, no countdown; the URL all the same. */
    PROMISE(prompt || (seen->script->flags & PAM_SILENT) == 0 ||
            fuzz_holds(text, span_of("https://")));
    int code = prompt ? answer_prompt(seen, responses) : PAM_SUCCESS;
    fault_resume();
    return code;
}

/* ---- the provider ---------------------------------------------------------------------------- */

/* An ID token arrives only in a body that holds it whole. */
static void
note_id_token(struct attempt_seen *seen, struct span body)
{
    static const char *const names[] = {"id", "idbob", "netid"};

    for (size_t i = 0; i < COUNT(names); i++) {
        struct span token = span_of(pam_host_text(span_of(names[i])));
        if (fuzz_holds(body, token)) {
            buf_cut(&seen->id_token, 0);
            PROMISE(buf_add(&seen->id_token, token) == ST_OK);
        }
    }
}

static void
add_reply(struct attempt_seen *seen, struct span value, struct span retry_after, struct buf *said)
{
    struct frame_reply reply = {.retry_after = retry_after};
    struct span word;
    int64_t status = 200;
    struct why why;

    (void)span_word(&value, &word);
    (void)text_number(word, 100, 599, &status);
    reply.http_status = (int)status;
    reply.body = pam_script_expand(span_trim(value));
    note_id_token(seen, reply.body);
    if (frame_add_reply(&reply, &why, said) != ST_OK) {
        buf_cut(said, 0);
    }
}

static bool
reply_to(void *context, const struct frame_request *request, struct buf *said)
{
    struct attempt_seen *seen = context;
    struct pam_script *script = seen->script;
    struct span retry_after = {.at = "", .length = 0};

    PROMISE(seen->prompts > 0);
    PROMISE(span_starts(request->url, "https://pinned.example/") ||
            span_starts(request->url, "https://net.example/"));
    while (script->replied < script->reply_count) {
        const struct pam_line *line = &script->replies[script->replied++];
        if (span_is(line->key, "retry")) {
            retry_after = line->value;
        } else if (span_is(line->key, "raw")) {
            PROMISE(buf_add(said, line->value) == ST_OK);
            note_id_token(seen, line->value);
            return true;
        } else if (span_is(line->key, "end")) {
            return false;
        } else {
            add_reply(seen, line->value, retry_after, said);
            return true;
        }
    }
    return true; /* and says nothing more */
}

/* ---- the log --------------------------------------------------------------------------------- */

static void
read_line(void *context, struct span line)
{
    struct attempt_seen *seen = context;

    fuzz_show("log", line);
    PROMISE(line.length > 0 && fuzz_is_printable(line, false));
    check_no_secret(seen->script, line);
    if (span_starts(line, "event=sign_in ")) {
        seen->audit_lines++;
        seen->taken_back = seen->accepted;
        seen->accepted = span_starts(line, "event=sign_in v=1 verdict=accepted");
    }
}

/* ---- one attempt ----------------------------------------------------------------------------- */

static bool
may_enter(const struct pam_script *script, const struct attempt_seen *seen)
{
    const char *service = script->handle.service;
    const char *user = seen->user;
    struct span token = buf_span(&seen->token);

    if (user == NULL || service == NULL || !seen->token_is_whole ||
        strcmp(user, script->handle.user) != 0) {
        return false;
    }
    return token.length > 0 ? pam_host_admits(service, user, token)
                            : pam_host_admits_approved(service, user, buf_span(&seen->id_token));
}

static void
check_code(const struct pam_script *script, const struct attempt_seen *seen, int code)
{
    static const int codes[] = {PAM_SUCCESS,     PAM_IGNORE,  PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL,
                                PAM_SERVICE_ERR, PAM_BUF_ERR, PAM_CONV_ERR, PAM_SYSTEM_ERR};
    const struct pam_handle *handle = &script->handle;
    bool known = false;

    for (size_t i = 0; i < COUNT(codes); i++) {
        known = known || code == codes[i];
    }
    PROMISE(known);
    PROMISE(handle->delayed == (code != PAM_SUCCESS && code != PAM_IGNORE && code != PAM_CONV_ERR));
    PROMISE(code != PAM_SUCCESS || may_enter(script, seen));
    PROMISE(code != PAM_IGNORE || pam_host_leaves(handle->service, seen->user));
    /* Accepted, and then failed after all, has two lines: the last one is what the host is told. */
    PROMISE(code == PAM_IGNORE ? seen->audit_lines == 0
                               : seen->audit_lines == 1 + (seen->taken_back ? 1 : 0));
    PROMISE(seen->accepted == (code == PAM_SUCCESS));
    if (!fault_happened()) {
        PROMISE(code != PAM_BUF_ERR || script->answer_count > 0);
        PROMISE(code != PAM_SYSTEM_ERR || script->becomes != NULL);
        PROMISE(code == PAM_AUTHINFO_UNAVAIL || code == PAM_CONV_ERR ||
                script->argument_count > 0 || handle->user == NULL ||
                pam_host_serves(handle->service));
    }
}

/* No service here has sign_in_within: no opinion, unless nobody knows what is configured (R4). */
static void
check_account(struct pam_script *script, const struct attempt_seen *seen, struct span faults)
{
    int lines = seen->audit_lines;

    fault_begin(faults);
    int code =
        pam_sm_acct_mgmt(&script->handle, script->flags, script->argument_count, script->arguments);
    bool broken = fault_happened();
    fault_end();
    PROMISE(code == PAM_IGNORE || code == PAM_AUTHINFO_UNAVAIL);
    PROMISE(code == PAM_IGNORE || broken || script->argument_count > 0 ||
            script->handle.user == NULL);
    PROMISE(seen->audit_lines == lines);
}

/* Only the last sign-in of this handle answers for what comes after (R5). */
static void
check_after(struct pam_script *script, int code)
{
    int expected = code == PAM_SUCCESS ? PAM_SUCCESS : PAM_IGNORE;
    struct pam_handle *handle = &script->handle;

    PROMISE(pam_sm_setcred(handle, PAM_ESTABLISH_CRED, 0, NULL) == expected);
    PROMISE(pam_sm_open_session(handle, 0, 0, NULL) == expected);
    PROMISE(pam_sm_close_session(handle, 0, 0, NULL) == expected);
}

static int
authenticate(struct pam_script *script, struct span faults)
{
    struct attempt_seen seen = {.script = script,
                                .user = script->handle.user,
                                .token = BUF(4 * JWS_TOKEN_MAX),
                                .id_token = BUF(JWS_TOKEN_MAX)};
    struct pam_conv conversation = {.conv = converse, .appdata_ptr = &seen};

    script->handle.delayed = false;
    script->handle.conversation = &conversation;
    script->handle.line = read_line;
    script->handle.context = &seen;
    world_set_fetcher(&(struct world_fetcher){.answer = reply_to, .context = &seen});
    fault_begin(faults);
    int code = pam_sm_authenticate(&script->handle, script->flags, script->argument_count,
                                   script->arguments);
    fault_end();
    check_code(script, &seen, code);
    check_account(script, &seen, faults);
    buf_done(&seen.token);
    buf_done(&seen.id_token);
    return code;
}

static int
run(struct span text, struct span faults)
{
    struct pam_script script = pam_script_read(text);
    int code = PAM_SYSTEM_ERR;

    for (int i = 0; i < script.attempts; i++) {
        code = authenticate(&script, i == 0 ? faults : (struct span){.at = "", .length = 0});
        check_after(&script, code);
    }
    (void)pam_sm_setcred(&script.handle, PAM_DELETE_CRED, 0, NULL);
    PROMISE(pam_sm_setcred(&script.handle, PAM_ESTABLISH_CRED, 0, NULL) == PAM_IGNORE);
    pam_fake_end(&script.handle);
    return code;
}

/* The promises are empty unless the good ones do get in. */
static void
check_good(const char *text, int expected)
{
    pam_host_reset();
    fuzz_traces_begin(true);
    PROMISE(run(span_of(text), (struct span){.at = "", .length = 0}) == expected);
    fuzz_traces_end();
    fuzz_done();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    pam_host_open();
    check_good("answer=@alice", PAM_SUCCESS);
    check_good("answer=@alice.1+\nanswer=@alice.2", PAM_SUCCESS);
    check_good("user=deploy\nanswer=@job", PAM_SUCCESS);
    check_good("service=sudo\nstored=fresh\nanswer=@net", PAM_SUCCESS);
    check_good("service=sudo\nanswer=@net\nreply=200 @discovery\nreply=200 @jwks", PAM_SUCCESS);
    check_good("answer=\nreply=200 @device\nanswer=\nreply=400 @pending\nreply=200 @granted",
               PAM_SUCCESS);
    check_good("service=su\nanswer=\nstored=fresh\nreply=200 @netdevice\nreply=400 @slow\n"
               "reply=200 @netgranted",
               PAM_SUCCESS);
    check_good("service=login\nuser=bob\nanswer=@bob", PAM_SUCCESS);
    check_good("service=login\nanswer=@noacr", PAM_SUCCESS);
    check_good("user=root", PAM_IGNORE);
    check_good("answer=@mallory", PAM_AUTH_ERR);
    check_good("answer=@noacr", PAM_AUTH_ERR);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    pam_host_reset();
    fuzz_traces_begin(size % 2 == 0);
    (void)run(fuzz_copy(input.rest), input.faults);
    fuzz_traces_end();
    fuzz_done();
    return 0;
}
