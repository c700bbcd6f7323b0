/*
 * A JWKS document: every line that is written is one key, reads back, and can be imported or is
 * refused; and which key a header selects does not depend on the order of the lines (R37 to R39,
 * R49, R67).
 */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "jose/keyset.h"

#define EVERY_ALG (~(alg_set)0)
#define LINES_MAX 64

struct lines {
    struct span at[LINES_MAX];
    size_t count;
};

static size_t
count_words(struct span line)
{
    struct span word;
    size_t count = 0;

    while (span_word(&line, &word)) {
        count++;
    }
    return count;
}

static enum alg
alg_that_fits(const struct jwk *jwk)
{
    unsigned int alg = 0;

    while (alg < ALG_COUNT && !jwk_fits(jwk, (enum alg)alg, EVERY_ALG)) {
        alg++;
    }
    PROMISE(alg < ALG_COUNT);
    return (enum alg)alg;
}

static void
check_line(struct span line)
{
    struct key *key CLEANUP(key_done) = NULL;
    struct why why = {""};
    struct jwk jwk;

    PROMISE(line.length < JWK_LINE_MAX && fuzz_is_printable(line, false));
    PROMISE(count_words(line) == 6);
    PROMISE(jwk_parse(line, &jwk));
    PROMISE(jwk.kty == KTY_OKP || !span_is(jwk.b, "-"));
    enum status status = fuzz_status(key_import(&jwk, alg_that_fits(&jwk), &why, &key));
    fuzz_why(&why);
    PROMISE(status == ST_OK || status == ST_UNKNOWN_KEY || fault_happened());
    PROMISE((status == ST_OK) == (key != NULL));
}

static void
take_lines(struct span rest, struct lines *lines)
{
    struct span line;

    lines->count = 0;
    while (span_line(&rest, &line)) {
        check_line(line);
        if (lines->count < LINES_MAX) {
            lines->at[lines->count++] = line;
        }
    }
}

static enum status
select_key(struct span lines, const struct jws_header *header)
{
    struct key *key CLEANUP(key_done) = NULL;
    struct why why = {""};
    enum status status = fuzz_status(keyset_select(lines, header, EVERY_ALG, &why, &key));

    fuzz_why(&why);
    PROMISE((status == ST_OK) == (key != NULL));
    return status;
}

static size_t
count_kid(const struct lines *lines, struct span encoded)
{
    size_t count = 0;

    for (size_t i = 0; i < lines->count; i++) {
        struct span rest = lines->at[i];
        struct span kid;
        count += span_word(&rest, &kid) && span_equals(kid, encoded) ? 1 : 0;
    }
    return count;
}

/* The kid of a line, decoded, for the header of a token that names it. */
static void
check_selection(const struct lines *lines, struct span forwards, struct span backwards,
                const struct jws_header *header)
{
    struct buf kid CLEANUP(buf_done) = BUF(2 * JWS_KID_MAX);
    enum status status = select_key(forwards, header);

    PROMISE(status == select_key(backwards, header) || fault_happened());
    if (header->has_kid && jwk_kid(header->kid, &kid) == ST_OK) {
        size_t count = count_kid(lines, buf_span(&kid));
        PROMISE(status != ST_OK || count == 1);
    }
}

static void
check_selections(const struct lines *lines, struct span forwards)
{
    static const char *const kids[] = {"a", "b", "", "k1"};
    struct buf backwards CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);

    for (size_t i = lines->count; i > 0; i--) {
        if (buf_add(&backwards, lines->at[i - 1]) != ST_OK ||
            buf_add_char(&backwards, '\n') != ST_OK) {
            return;
        }
    }
    for (unsigned int alg = 0; alg < ALG_COUNT; alg++) {
        struct jws_header header = {.alg = (enum alg)alg, .has_kid = false};
        check_selection(lines, forwards, buf_span(&backwards), &header);
        header.has_kid = true;
        for (size_t i = 0; i < COUNT(kids); i++) {
            header.kid = span_of(kids[i]);
            check_selection(lines, forwards, buf_span(&backwards), &header);
        }
    }
}

/* The counts add up to what a reader who is not strict finds. */
static void
check_counts(struct span document, const struct keyset *keyset, size_t lines)
{
    json_t *root = json_loadb(document.at, document.length, 0, NULL);

    PROMISE(keyset->usable == lines);
    PROMISE(keyset->usable + keyset->passed_over == json_array_size(json_object_get(root, "keys")));
    PROMISE(keyset->private_parts <= keyset->passed_over);
    json_decref(root);
}

static void
read_document(struct span document)
{
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;
    struct lines lines = {.count = 0};
    struct why why = {""};
    enum status status = fuzz_status(keyset_read(document, LINES_MAX, &why, &keyset));

    fuzz_why(&why);
    fuzz_why(&keyset.first_passed_over);
    if (status != ST_OK) {
        PROMISE(status == ST_MALFORMED || fault_happened());
        return;
    }
    take_lines(buf_span(&keyset.lines), &lines);
    check_selections(&lines, buf_span(&keyset.lines));
    fault_end();
    check_counts(document, &keyset, lines.count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span document = fuzz_body(&input);

    fuzz_traces_begin(size % 2 == 0);
    fault_begin(input.faults);
    read_document(document);
    fault_end();
    fuzz_traces_end();
    fuzz_done();
    return 0;
}
