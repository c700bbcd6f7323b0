/*
 * pam-oauth why: a person has a reference, and at night nobody wants to remember where sign-ins are
 * logged. It is looked for in the journal, then in the files that syslog daemons write.
 */
#include "cli/who/why.h"

#include <glob.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/print.h"
#include "cli/who/log_reader.h"
#include "login/attempt.h"
#include "policy/words.h"

/* Of more lines with one reference the first are shown. */
#define SHOWN_MAX 20
/* Files that are looked into; the newest first, as their names sort. */
#define FILES_MAX ((size_t)200)

struct search {
    char *log; /* a word of argv, or NULL */
    char ref[ATTEMPT_REF_LENGTH + 1];
    size_t found;
    size_t strange;        /* lines that have the reference and are not ours */
    struct words looked;   /* where it was looked */
    struct words unopened; /* and where it could not be, with the reason */
};

static void
search_done(struct search *search)
{
    words_done(&search->looked);
    words_done(&search->unopened);
}

/* ---- options ----------------------------------------------------------------------------------
 */

/* As it is read out over a telephone: in either case. */
static enum status
take_ref(void *into, char *word, struct why *why)
{
    struct search *search = into;
    size_t length = strlen(word);

    if (search->ref[0] != '\0') {
        return status_because(why, ST_CONFIG, "one reference at a time");
    }
    bool good = length == ATTEMPT_REF_LENGTH;
    for (size_t i = 0; good && i < length; i++) {
        char byte = text_is_upper(word[i]) ? (char)(word[i] - 'A' + 'a') : word[i];
        good = text_is_lower(byte) || (byte >= '2' && byte <= '7');
        search->ref[i] = byte;
    }
    if (!good) {
        return status_because(why, ST_CONFIG,
                              "'%s' is no reference, which has %d of the characters a-z and 2-7",
                              text_quote(span_of(word)).text, ATTEMPT_REF_LENGTH);
    }
    return ST_OK;
}

/* ---- looking ----------------------------------------------------------------------------------
 */

static void
look_at_line(struct search *search, struct span text)
{
    struct why_line line;

    if (memmem(text.at, text.length, search->ref, ATTEMPT_REF_LENGTH) == NULL) {
        return;
    }
    if (!why_line_parse(text, &line) || !span_is(line.values[AUDIT_REF], search->ref)) {
        search->strange++;
        return;
    }
    if (search->found++ < SHOWN_MAX) {
        why_print(stdout, &line);
    }
}

/* ST_OK also where it could not be looked into: that is told in the end. */
static enum status
look_into(struct search *search, const char *name, enum status opened, const struct why *why,
          struct log_reader *reader)
{
    struct buf said CLEANUP(buf_done) = BUF(8192);
    struct span line;

    if (opened == ST_MEMORY) {
        return opened;
    }
    if (opened != ST_OK) {
        TRY(buf_printf(&said, "%s: %s", name, why->sentence));
        return words_add(&search->unopened, buf_span(&said));
    }
    while (log_reader_next(reader, &line)) {
        look_at_line(search, line);
    }
    return words_add(&search->looked, span_of(name));
}

static enum status
look_into_file(struct search *search, const char *path)
{
    struct log_reader reader CLEANUP(log_reader_done) = LOG_READER;
    struct why why = {""};

    enum status status = log_reader_open(path, &why, &reader);
    return look_into(search, path, status, &why, &reader);
}

static enum status
look_into_journal(struct search *search)
{
    struct log_reader reader CLEANUP(log_reader_done) = LOG_READER;
    struct why why = {""};

    if (!log_reader_has_journal()) {
        return ST_OK;
    }
    enum status status = log_reader_open_journal(&why, &reader);
    return look_into(search, "the journal", status, &why, &reader);
}

/* auth.log as Debian's rsyslog and logrotate have it, secure as Fedora's. */
static enum status
look_into_files(struct search *search)
{
    static const char *const patterns[] = {"/var/log/auth.log*", "/var/log/secure*"};
    enum status status = ST_OK;

    for (size_t i = 0; i < COUNT(patterns) && status == ST_OK; i++) {
        glob_t files = {.gl_pathc = 0};
        int code = glob(patterns[i], 0, NULL, &files);
        for (size_t at = 0; code == 0 && status == ST_OK && at < files.gl_pathc; at++) {
            status = at < FILES_MAX ? look_into_file(search, files.gl_pathv[at]) : ST_OK;
        }
        globfree(&files);
        status = code == GLOB_NOSPACE ? ST_MEMORY : status;
    }
    return status;
}

static enum status
look_everywhere(struct search *search)
{
    if (search->log != NULL) {
        return look_into_file(search, search->log);
    }
    TRY(look_into_journal(search));
    return search->found > 0 ? ST_OK : look_into_files(search);
}

/* ---- the answer -------------------------------------------------------------------------------
 */

static void
print_words(FILE *to, const struct words *words, const char *separator)
{
    for (size_t i = 0; i < words->count; i++) {
        (void)fputs(i > 0 ? separator : "", to);
        print_sentence(to, span_of(words->at[i]));
    }
}

static void
print_notes(const struct search *search)
{
    if (search->found > 1) {
        (void)printf("note: %zu lines have this reference%s, though each sign-in has its own; some "
                     "program may have written what looks like one of ours: compare time, host and "
                     "program\n",
                     search->found, search->found > SHOWN_MAX ? " and the first are shown" : "");
    }
    if (search->strange > 0) {
        (void)printf(
            "note: %zu line%s with this reference %s not one of pam_oauth's decisions, and "
            "not shown\n",
            search->strange, search->strange == 1 ? "" : "s", search->strange == 1 ? "is" : "are");
    }
}

static void
print_nothing(const struct search *search)
{
    (void)printf("no line with the reference %s", search->ref);
    if (search->looked.count > 0) {
        (void)fputs(" in ", stdout);
        print_words(stdout, &search->looked, ", ");
    }
    if (search->unopened.count > 0) {
        (void)fputs("; not looked into: ", stdout);
        print_words(stdout, &search->unopened, ", ");
    }
    (void)fputs(search->looked.count + search->unopened.count == 0
                    ? ": neither a journal nor /var/log/auth.log is here; name the log with --log\n"
                    : "; name another log with --log\n",
                stdout);
}

enum exit_code
why_run(const struct common *common, int argc, char **argv)
{
    struct search search CLEANUP(search_done) = {.log = NULL};
    const struct flag flags[] = {{"log", .text = &search.log}};
    struct why why = {""};

    (void)common;
    if (flags_parse(flags, COUNT(flags), argc, argv, take_ref, &search, &why) != ST_OK) {
        return command_misused("why", "%s", why.sentence);
    }
    if (search.ref[0] == '\0') {
        return command_misused("why", "the reference that the user was given is needed");
    }
    if (look_everywhere(&search) != ST_OK) {
        return command_misused("why", "out of memory");
    }
    if (search.found == 0) {
        print_nothing(&search);
    }
    print_notes(&search);
    if (fflush(stdout) != 0) {
        return command_misused("why", "the answer cannot be written");
    }
    if (search.found > 0) {
        return EXIT_YES;
    }
    return search.looked.count > 0 ? EXIT_REFUSED : EXIT_UNDECIDED;
}
