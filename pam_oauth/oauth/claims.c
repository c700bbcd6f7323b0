#include "oauth/claims.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/strictjson.h"
#include "jose/digest.h"
#include "jose/jws.h"

/* The end of the year 9999, the largest date that anything prints sensibly (R53). */
#define DATE_MAX_S 253402300799.0
/* `a.b.c` is cut in two at so many of its dots. */
#define PATH_MAX_DOTS 7

struct claims {
    json_t *all;
    struct buf typ;
    enum alg alg;
    enum alg_crv crv;
    char *const *comma_lists;
    size_t comma_list_count;
};

void
claims_done(struct claims **claims)
{
    if (*claims != NULL) {
        json_decref((*claims)->all);
        buf_done(&(*claims)->typ);
        free(*claims);
        *claims = NULL;
    }
}

enum status
claims_open(const struct verified *verified, struct why *why, struct claims **ret_claims)
{
    struct why cause = {""};
    struct claims *claims CLEANUP(claims_done) = calloc(1, sizeof(*claims));

    if (claims == NULL) {
        return status_because(why, ST_MEMORY, "out of memory while reading a token");
    }
    claims->typ = (struct buf)BUF(JWS_HEADER_MAX);
    TRY(buf_add(&claims->typ, verified_typ(verified)));
    claims->alg = verified_alg(verified);
    claims->crv = verified_crv(verified);
    enum status status =
        strictjson_object(verified_payload(verified), &strictjson_token, &cause, &claims->all);
    if (status != ST_OK) {
        return status_because(why, status, "the token's payload: %s", cause.sentence);
    }
    *ret_claims = TAKE(claims);
    return ST_OK;
}

struct span
claims_typ(const struct claims *claims)
{
    return buf_span(&claims->typ);
}

enum status
claims_left_half(const struct claims *claims, struct span text, struct buf *into)
{
    return digest_left_half(claims->alg, claims->crv, text, into);
}

void
claims_set_comma_lists(struct claims *claims, char *const *names, size_t count)
{
    claims->comma_lists = names;
    claims->comma_list_count = count;
}

bool
claims_is_comma_list(const struct claims *claims, struct span name)
{
    for (size_t i = 0; i < claims->comma_list_count; i++) {
        if (span_is(name, claims->comma_lists[i])) {
            return true;
        }
    }
    return false;
}

const json_t *
claims_all(const struct claims *claims)
{
    return claims->all;
}

/* json_object_get for a name that is not terminated; Jansson 2.14 has json_object_getn. */
static const json_t *
member(const json_t *object, struct span name)
{
    return json_object_getn(object, name.at, name.length);
}

/*
 * The member of `object` that the shortest part of `*rest` before a dot names; `*rest` is then what
 * is behind that dot. A name may have dots itself, as kubernetes.io has, and Keycloak's clients.
 */
static const json_t *
take_step(const json_t *object, struct span *rest, size_t *dots)
{
    for (size_t at = 0; at < rest->length && *dots < PATH_MAX_DOTS; at++) {
        if (rest->at[at] != '.') {
            continue;
        }
        ++*dots;
        const json_t *below = member(object, (struct span){.at = rest->at, .length = at});
        if (below != NULL) {
            *rest = (struct span){.at = rest->at + at + 1, .length = rest->length - at - 1};
            return below;
        }
    }
    return NULL;
}

const json_t *
claims_find(const struct claims *claims, struct span name)
{
    const json_t *object = claims->all;
    const json_t *found = member(object, name);
    size_t dots = 0;

    while (found == NULL && object != NULL) {
        object = take_step(object, &name, &dots);
        found = member(object, name);
    }
    return found;
}

bool
claims_text(const struct claims *claims, const char *name, struct span *ret_text)
{
    return strictjson_text(claims->all, name, ret_text);
}

enum claims_date
claims_date(const struct claims *claims, const char *name, double *ret_s)
{
    const json_t *value = json_object_get(claims->all, name);

    if (value == NULL) {
        return CLAIMS_DATE_ABSENT;
    }
    /* Zero for what is no number. */
    double seconds = json_number_value(value);
    if (seconds > 0 && seconds <= DATE_MAX_S) {
        *ret_s = seconds;
        return CLAIMS_DATE_OK;
    }
    return CLAIMS_DATE_BAD;
}
