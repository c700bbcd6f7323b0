/*
 * A JWKS document: every line that is written is one key, reads back, and can be imported or is
 * refused; which key a header selects, and which keys stay when the set is proven, does not depend
 * on the order of the lines (R37 to R39, R44 to R46, R49, R67).
 */
#include <openssl/bn.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "jose/base64url.h"
#include "jose/keycheck.h"
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
    if (jwk.unproven) {
        return; /* its import takes a tenth of a second; the keystore target has small ones */
    }
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

/* Is there a key in the line that OpenSSL takes, and that is on its curve? */
static bool
is_sound(struct span line)
{
    struct buf x CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
    struct key *key CLEANUP(key_done) = NULL;
    struct jwk jwk;

    if (!jwk_parse(line, &jwk)) {
        return false;
    }
    bool sound = key_import(&jwk, alg_that_fits(&jwk), NULL, &key) == ST_OK &&
                 (jwk.kty != KTY_OKP || (base64url_decode(jwk.a, &x) == ST_OK &&
                                         keycheck_okp_point(jwk.crv, buf_span(&x), NULL) == ST_OK));
    PROMISE((key_check(&jwk, NULL) == ST_OK) == sound);
    return sound;
}

/* How many keys that are any have this kid; of two none is used (R39). */
static size_t
count_kid(const struct lines *lines, struct span encoded)
{
    size_t count = 0;

    fault_pause();
    for (size_t i = 0; i < lines->count; i++) {
        struct span rest = lines->at[i];
        struct span kid;
        count += span_word(&rest, &kid) && span_equals(kid, encoded) && is_sound(lines->at[i]);
    }
    fault_resume();
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
        PROMISE(status != ST_OK || count <= 1); /* a key alone need not be on its curve */
    }
}

/* The lines in the other order; false if there is no memory for it. */
static bool
turn_round(const struct lines *lines, struct buf *backwards)
{
    for (size_t i = lines->count; i > 0; i--) {
        if (buf_add(backwards, lines->at[i - 1]) != ST_OK ||
            buf_add_char(backwards, '\n') != ST_OK) {
            return false;
        }
    }
    return true;
}

static void
check_selections(const struct lines *lines, struct span forwards)
{
    static const char *const kids[] = {"a", "b", "", "k1"};
    struct buf backwards CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);

    if (!turn_round(lines, &backwards)) {
        return;
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

/* Of the keys that were tested, none is a prime; 64 rounds, where the code has one of its own. */
static void
check_not_prime(struct span line)
{
    struct buf n CLEANUP(buf_done) = BUF(JWK_LINE_MAX);
    struct jwk jwk;

    PROMISE(jwk_parse(line, &jwk));
    if (jwk.kty == KTY_RSA && !jwk.unproven) {
        PROMISE(base64url_decode(jwk.a, &n) == ST_OK);
        BIGNUM *modulus = BN_bin2bn((const unsigned char *)n.at, (int)n.length, NULL);
        PROMISE(modulus != NULL && BN_check_prime(modulus, NULL, NULL) == 0);
        BN_free(modulus);
    }
}

/* What becomes of a key does not depend on its place: the lines in the other order, proven too. */
static void
check_order(struct keyset *other, struct span proven)
{
    struct buf backwards CLEANUP(buf_done) = BUF(KEYSET_LINES_MAX);
    struct lines lines = {.count = 0};

    PROMISE(keyset_prove(other) == ST_OK);
    take_lines(buf_span(&other->lines), &lines);
    PROMISE(turn_round(&lines, &backwards) && span_equals(buf_span(&backwards), proven));
}

static void
check_proof(struct keyset *keyset, const struct lines *before)
{
    struct keyset other CLEANUP(keyset_done) = KEYSET;
    struct lines lines = {.count = 0};
    size_t count = keyset->usable + keyset->passed_over;
    unsigned long failed = fault_total();

    other.usable = before->count;
    PROMISE(turn_round(before, &other.lines));
    fault_resume();
    enum status status = fuzz_status(keyset_prove(keyset));
    fault_pause();
    bool sound = fault_total() == failed;
    fuzz_why(&keyset->first_passed_over);
    PROMISE(status == ST_OK || !sound);
    if (status != ST_OK) {
        return;
    }
    take_lines(buf_span(&keyset->lines), &lines);
    PROMISE(lines.count == keyset->usable && keyset->usable + keyset->passed_over == count);
    for (size_t i = 0; i < lines.count; i++) {
        check_not_prime(lines.at[i]);
    }
    if (sound) {
        check_order(&other, buf_span(&keyset->lines));
    }
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
    fault_pause();
    check_counts(document, &keyset, lines.count);
    check_proof(&keyset, &lines);
    fault_resume();
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
