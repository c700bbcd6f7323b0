#include "login/keys/kept.h"

static void
forget(struct kept_key *place)
{
    key_done(&place->key);
    buf_done(&place->kid);
}

void
kept_done(struct kept *kept)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        forget(&kept->keys[i]);
    }
    key_done(&kept->latest);
    *kept = (struct kept){.next = 0};
}

const struct key *
kept_find(const struct kept *kept, const struct jws_header *header)
{
    for (size_t i = 0; header->has_kid && i < KEPT_MAX; i++) {
        const struct kept_key *place = &kept->keys[i];
        if (place->key != NULL && place->alg == header->alg &&
            span_equals(buf_span(&place->kid), header->kid)) {
            return place->key;
        }
    }
    return NULL;
}

enum status
kept_add(struct kept *kept, const struct jws_header *header, struct key *key)
{
    struct kept_key *place = &kept->keys[kept->next];

    key_done(&kept->latest);
    if (!header->has_kid) {
        kept->latest = key;
        return ST_OK;
    }
    forget(place);
    *place = (struct kept_key){.key = key, .alg = header->alg, .kid = BUF(JWS_KID_MAX)};
    if (buf_add(&place->kid, header->kid) != ST_OK) {
        forget(place); /* a key whose name is not known is not found again */
        return ST_MEMORY;
    }
    kept->next = (kept->next + 1) % KEPT_MAX;
    return ST_OK;
}
