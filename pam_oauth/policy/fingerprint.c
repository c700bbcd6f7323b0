#include "policy/fingerprint.h"

#include "policy/map/accounts.h"
#include "policy/map/pieces.h"

void
fingerprint_done(struct fingerprint *fingerprint)
{
    digest_done(&fingerprint->whole);
    digest_done(&fingerprint->map);
}

void
fingerprint_add(struct fingerprint *fingerprint, struct span piece)
{
    digest_add(&fingerprint->map, piece);
}

/* A digest has one length, a path has no NUL: no two lists of maps read the same. */
enum status
fingerprint_end_map(struct fingerprint *fingerprint, const char *path)
{
    struct buf digest CLEANUP(buf_done) = BUF(2 * DIGEST_BYTES);
    struct span name = span_of(path);

    TRY(digest_end(&fingerprint->map, &digest));
    name.length++; /* and its NUL */
    digest_add(&fingerprint->whole, buf_span(&digest));
    digest_add(&fingerprint->whole, name);
    return ST_OK;
}

enum status
fingerprint_end(struct fingerprint *fingerprint, const struct config *config, struct buf *into)
{
    if (config->texts.length == 0) {
        return ST_INTERNAL;
    }
    digest_add(&fingerprint->whole, buf_span(&config->texts));
    return digest_end(&fingerprint->whole, into);
}

static enum status
read_map(struct fingerprint *fingerprint, const char *path, uid_t owner, struct why *why)
{
    struct pieces pieces CLEANUP(pieces_done) = PIECES;
    struct span piece = {.at = "", .length = 0};

    TRY(pieces_open(&pieces, path, owner, why));
    do {
        TRY(pieces_next(&pieces, why, &piece));
        fingerprint_add(fingerprint, piece);
    } while (piece.length > 0);
    return fingerprint_end_map(fingerprint, path);
}

enum status
fingerprint_of(const struct config *config, uid_t owner, struct why *why, struct buf *into)
{
    struct fingerprint fingerprint CLEANUP(fingerprint_done) = FINGERPRINT;
    struct words paths CLEANUP(words_done) = {.at = NULL, .count = 0};

    TRY(accounts_maps(config, owner, why, &paths));
    for (size_t i = 0; i < paths.count; i++) {
        TRY(read_map(&fingerprint, paths.at[i], owner, why));
    }
    return fingerprint_end(&fingerprint, config, into);
}
