/*
 * URLs: what is accepted is put together again of its pieces and holds nothing that a person or
 * another program could read differently (R66, R83). Parts: one URL; another, as the issuer's; a
 * host that is allowed.
 */
#include <string.h>

#include "fuzz.h"
#include "oauth/url.h"

#define LONGEST ((size_t)1024)

static bool
is_digits(struct span text)
{
    bool digits = text.length > 0;

    for (size_t i = 0; i < text.length; i++) {
        digits = digits && text.at[i] >= '0' && text.at[i] <= '9';
    }
    return digits;
}

static bool
add(struct span piece, struct span *rest)
{
    if (piece.length > rest->length ||
        (piece.length > 0 && memcmp(piece.at, rest->at, piece.length) != 0)) {
        return false;
    }
    *rest = (struct span){.at = rest->at + piece.length, .length = rest->length - piece.length};
    return true;
}

/* https:// host [: port] path, and nothing else. */
static void
check_pieces(struct span text, const struct url *url)
{
    struct span rest = text;

    PROMISE(add(span_of("https://"), &rest));
    PROMISE(url->host.length > 0 && add(url->host, &rest));
    if (url->port.length > 0) {
        PROMISE(add(span_of(":"), &rest) && add(url->port, &rest) && is_digits(url->port));
    }
    PROMISE(add(url->path, &rest) && rest.length == 0);
    PROMISE(url->path.length == 0 || url->path.at[0] == '/' || url->path.at[0] == '?');
}

static bool
parse(struct span text, struct url *ret_url)
{
    static const char *const never[] = {" ", "\"", "'", "<", ">", "\\", "^",
                                        "`", "{",  "|", "}", "#", "\t"};
    struct why why = {""};
    enum status status = fuzz_status(url_parse(text, LONGEST, &why, ret_url));

    fuzz_why(&why);
    if (status != ST_OK) {
        PROMISE(status == ST_MALFORMED && why.sentence[0] != '\0');
        return false;
    }
    PROMISE(text.length <= LONGEST && fuzz_is_printable(text, false));
    for (size_t i = 0; i < COUNT(never); i++) {
        PROMISE(!fuzz_holds(text, span_of(never[i])));
    }
    PROMISE(!fuzz_holds(ret_url->host, span_of("@")));
    check_pieces(text, ret_url);
    return true;
}

static bool
same_text_but_for_case(struct span a, struct span b)
{
    return a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    struct span first = fuzz_part(&input);
    struct span second = fuzz_part(&input);
    char *allowed = fuzz_text(&input);
    struct url a;
    struct url b;

    bool good = parse(first, &a);
    if (parse(second, &b) && good) {
        bool same_host = same_text_but_for_case(a.host, b.host);
        PROMISE(url_same_origin(&a, &b) == url_same_origin(&b, &a));
        PROMISE(!url_same_origin(&a, &b) || same_host);
        PROMISE(url_same_origin(&a, &a));
        PROMISE(url_host_allowed(&a, &b, NULL, 0) == same_host);
        PROMISE(url_host_allowed(&a, &b, &allowed, 1) ==
                (same_host || same_text_but_for_case(a.host, span_of(allowed))));
    }
    fuzz_done();
    return 0;
}
