#include "oauth/claims.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/strictjson.h"
#include "jose/digest.h"
#include "jose/jws.h"

/* The end of the year 9999, the largest date that anything prints sensibly (R53). */
#define DATE_MAX_S 253402300799.0
/* `a.b.c` is looked up at most this deep. */
#define PATH_MAX_STEPS 8

struct claims {
    json_t *all;
    struct buf typ;
    enum alg alg;
    enum alg_crv crv;
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

const json_t *
claims_find(const struct claims *claims, struct span name)
{
    const json_t *found = member(claims->all, name);
    struct span step;
    struct span rest = name;

    if (found != NULL) {
        return found;
    }
    found = claims->all;
    for (size_t steps = 0; steps < PATH_MAX_STEPS; steps++) {
        struct span after;
        if (!span_cut(rest, '.', &step, &after)) {
            return member(found, rest);
        }
        found = member(found, step);
        rest = after;
    }
    return NULL;
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
