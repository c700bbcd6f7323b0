/* Put in on purpose, with --wrap=keyset_select: every key of the set is imported, then one used. */
#include "jose/keyset.h"

enum status __real_keyset_select(struct span lines, const struct jws_header *header,
                                 alg_set allowed, struct why *why, struct key **ret_key);
enum status __wrap_keyset_select(struct span lines, const struct jws_header *header,
                                 alg_set allowed, struct why *why, struct key **ret_key);

enum status
__wrap_keyset_select(struct span lines, const struct jws_header *header, alg_set allowed,
                     struct why *why, struct key **ret_key)
{
    struct span rest = lines;
    struct span line;
    struct jwk jwk;

    while (span_line(&rest, &line)) {
        struct key *key CLEANUP(key_done) = NULL;
        if (jwk_parse(line, &jwk) && jwk.pinned) {
            (void)(key_import(&jwk, jwk.alg, why, &key) == ST_OK);
        }
    }
    return __real_keyset_select(lines, header, allowed, why, ret_key);
}
