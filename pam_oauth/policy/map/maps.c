#include "policy/map/maps.h"

#include "policy/map/accounts.h"
#include "policy/map/pieces.h"

static enum status
walk_piece(const struct maps_visitor *visitor, struct span piece, struct place *place)
{
    struct span text;

    while (span_line(&piece, &text)) {
        if (span_trim(text).length > 0) {
            TRY(visitor->line(visitor->context, *place, text));
        }
        place->line++;
    }
    return ST_OK;
}

static enum status
walk_map(const struct maps_visitor *visitor, const char *path, uid_t owner)
{
    struct pieces pieces CLEANUP(pieces_done) = PIECES;
    struct place place = {.file = path, .line = 1};
    struct span piece = {.at = NULL, .length = 0};
    struct why why = {""};
    enum status status = pieces_open(&pieces, path, owner, &why);

    while (status == ST_OK) {
        status = pieces_next(&pieces, &why, &piece);
        if (status == ST_OK && piece.length == 0) {
            return ST_OK;
        }
        TRY(status == ST_OK ? walk_piece(visitor, piece, &place) : ST_OK);
    }
    return status == ST_CONFIG ? visitor->broken(visitor->context, path, &why) : status;
}

enum status
maps_walk(const struct config *config, uid_t owner, const struct maps_visitor *visitor)
{
    struct words paths CLEANUP(words_done) = {.at = NULL, .count = 0};
    struct why why = {""};
    enum status status = accounts_maps(config, owner, &why, &paths);

    if (status == ST_CONFIG) {
        status = visitor->broken(visitor->context, config->paths.accounts, &why);
    }
    for (size_t i = 0; status == ST_OK && i < paths.count; i++) {
        status = walk_map(visitor, paths.at[i], owner);
    }
    return status;
}
