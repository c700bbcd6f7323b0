/*
 * pam-oauth-askpass: answers pam_oauth's prompts for a token in place of a person, for ssh
 * (SSH_ASKPASS) and sudo (SUDO_ASKPASS). A token leaves by one way alone, token_answer(), and only
 * when all of this is certain: who asks (asker.h), that one of our prompts is asked (prompt.h), and
 * behind ssh that this host may have this token (allowed.h). Everything else is the person's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "askpass/allowed.h"
#include "askpass/asker.h"
#include "askpass/pending.h"
#include "askpass/prompt.h"
#include "askpass/source.h"
#include "askpass/terminal.h"
#include "base/text.h"
#include "jose/jws.h"
#include "login/token/parts.h"

#define EXIT_UNANSWERED 1
#define EXIT_MISUSED 2

/* What ssh(1) says of a prompt that has no answer in words. */
#define HINT_VARIABLE "SSH_ASKPASS_PROMPT"

/*
 * Which part of the token is wanted: `*ret_part`, 1 for the whole or the first; ST_CANCELLED when
 * none is. Under `sudo -p` every prompt has the caller's own text, so it may be the whole.
 */
static enum status
part_wanted(const struct asker *asker, const struct prompt *prompt, struct why *why,
            unsigned int *ret_part)
{
    bool of_ssh = asker->kind == ASKER_SSH && prompt->host.length > 0;
    bool of_sudo = asker->kind == ASKER_SUDO && prompt->host.length == 0;

    if (asker->kind == ASKER_STRANGER) {
        return ST_CANCELLED;
    }
    *ret_part = of_ssh || of_sudo ? prompt->part : 0;
    if (*ret_part == 0 && asker->replaces_prompt) {
        *ret_part = 1;
    }
    return *ret_part > 0 ? ST_OK
                         : status_because(why, ST_CANCELLED, "this is no prompt for a token");
}

static enum status
find_token(const struct asker *asker, const struct prompt *prompt, unsigned int number,
           struct why *why, struct buf *token)
{
    TRY(number > 1 ? pending_find(asker, why, token) : source_token(why, token));
    return asker->kind == ASKER_SSH ? allowed_to(prompt->host, buf_span(token), why) : ST_OK;
}

/* Between its parts the token is kept; behind the last it is gone, sent or not. */
static enum status
keep_or_forget(const struct asker *asker, struct span token, unsigned int number,
               const struct token_part *part, struct why *why)
{
    if (number == 1) {
        return part->more ? pending_keep(asker, token, why) : ST_OK;
    }
    return part->more ? ST_OK : pending_forget(asker, why);
}

/* ST_OK with the answer, or the reason why the person must answer. */
static enum status
token_answer(struct span text, struct why *why, struct buf *answer)
{
    struct buf token CLEANUP(buf_done) = BUF(JWS_TOKEN_MAX + 2);
    struct prompt prompt = prompt_read(text);
    struct asker asker = asker_look(why);
    unsigned int number = 0;

    TRY(part_wanted(&asker, &prompt, why, &number));
    TRY(find_token(&asker, &prompt, number, why, &token));
    size_t most = asker.kind == ASKER_SSH ? TOKEN_PART_SSH : TOKEN_PART_SUDO;
    struct token_part part = token_parts_at(buf_span(&token), most, number);
    if (part.text.length == 0) {
        return status_because(why, ST_CANCELLED, "the token has no part %u", number);
    }
    if (part.more && prompt.part == 0) {
        return status_because(why, ST_CANCELLED,
                              "the token takes %u answers, and with sudo -p nobody can tell which "
                              "one is asked for; leave -p away",
                              token_parts_count(buf_span(&token), most));
    }
    TRY(keep_or_forget(&asker, buf_span(&token), number, &part, why));
    TRY(buf_add(answer, part.text));
    return part.more ? buf_add_char(answer, '+') : ST_OK;
}

static enum status
ask_person(const char *hint, const struct question *question, struct why *why, struct buf *answer)
{
    if (strcmp(hint, "none") == 0) {
        return terminal_tell(question, why);
    }
    if (strcmp(hint, "confirm") == 0) {
        TRY(terminal_confirm(question, why));
        return buf_add_text(answer, "yes");
    }
    return terminal_ask(question, why, answer);
}

/* Ours to answer, or the person's. */
static enum status
answer_it(struct span text, struct why *why, struct buf *answer)
{
    const char *value = getenv(HINT_VARIABLE);
    const char *hint = value != NULL ? value : "";
    struct why reason = {""};
    struct why cause = {""};

    if (hint[0] == '\0') {
        enum status status = token_answer(text, &reason, answer);
        if (status == ST_OK || status == ST_MEMORY) {
            return status;
        }
        buf_cut(answer, 0);
    }
    struct question question = {.warning = reason.sentence, .prompt = text};
    enum status status = ask_person(hint, &question, &cause, answer);
    if (status == ST_CONVERSATION && reason.sentence[0] != '\0') {
        return status_because(why, status, "%s; %s", reason.sentence, cause.sentence);
    }
    return status_because(why, status, "%s", cause.sentence);
}

static void
complain(const char *sentence)
{
    struct buf text CLEANUP(buf_done) = BUF(4096);

    if (text_escape(&text, span_of(sentence), sizeof(((struct why *)NULL)->sentence)) == ST_OK) {
        (void)fprintf(stderr, "pam-oauth-askpass: %s\n", buf_text(&text));
    }
}

int
main(int argc, char **argv)
{
    struct buf answer CLEANUP(buf_done) = BUF((size_t)8192);
    struct why why = {""};

    /* No core file with a token in it. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    if (argc != 2) {
        complain("ssh and sudo start it, with a prompt as its only argument; see "
                 "pam-oauth-askpass(1)");
        return EXIT_MISUSED;
    }
    enum status status = answer_it(span_of(argv[1]), &why, &answer);
    if (status != ST_OK) {
        complain(status == ST_MEMORY ? "out of memory" : why.sentence);
        return EXIT_UNANSWERED;
    }
    /* Both programs read up to the line feed. */
    (void)setvbuf(stdout, NULL, _IONBF, 0);
    return printf("%s\n", buf_text(&answer)) > 0 ? EXIT_SUCCESS : EXIT_UNANSWERED;
}
