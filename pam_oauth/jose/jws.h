/*
 * A JSON Web Signature in compact form: RFC 7515. Until a key has verified it, only its protected
 * header can be seen; the payload stays sealed as text that nobody has decoded.
 *
 * Refused whatever the signature says: other serializations, JWE, `crit`, `b64`, `jwk`, `zip`,
 * `enc`, a nested token (R31..R43). `jku`, `x5u`, `x5c`, `x5t` are ignored: they never choose a
 * key and are never fetched (RFC 8725 section 3.10).
 */
#ifndef PAM_OAUTH_JOSE_JWS_H
#define PAM_OAUTH_JOSE_JWS_H

#include "base/buf.h"
#include "jose/alg.h"

#define JWS_TOKEN_MAX ((size_t)65536)
#define JWS_HEADER_MAX ((size_t)4096)
#define JWS_KID_MAX ((size_t)256)

struct key; /* jose/key.h */

struct jws_header {
    enum alg alg;
    bool has_kid;
    struct span kid;
    struct span typ; /* empty when absent */
};

/* A token taken apart, its payload sealed. */
struct jws;

/* A token that a key has verified. jws_verify makes the only ones there are. */
struct verified;

/*
 * Takes the token apart. `token` must stay in place as long as the result lives.
 * ST_MALFORMED, ST_HEADER, ST_ALG, ST_TYPE (a `typ` that is no string, or empty), ST_MEMORY.
 */
MUST_CHECK enum status jws_parse(struct span token, struct why *why, struct jws **ret_jws);

/* Frees; *jws may be NULL. Fits CLEANUP. */
void jws_done(struct jws **jws);

/* Valid as long as the jws. */
const struct jws_header *jws_header(const struct jws *jws);

/*
 * Verifies the signature with one key, which must have been imported for the header's algorithm.
 * ST_SIGNATURE if it does not fit, ST_MALFORMED if the signature or payload is no base64url,
 * ST_MEMORY, ST_INTERNAL when OpenSSL could not do its work.
 */
MUST_CHECK enum status jws_verify(const struct jws *jws, const struct key *key, struct why *why,
                                  struct verified **ret_verified);

/*
 * Appends what identifies the token, 64 characters: the SHA-256 of all that its signature covers.
 * Whoever holds a token cannot make another of it whose digest differs; of its signature he can,
 * where that is ECDSA's. Says nothing before jws_verify has. ST_INTERNAL, ST_MEMORY.
 */
MUST_CHECK enum status jws_digest(const struct jws *jws, struct buf *into);

/* Frees and wipes; *verified may be NULL. Fits CLEANUP. */
void verified_done(struct verified **verified);

/* Valid as long as the verified token. */
struct span verified_payload(const struct verified *verified);
struct span verified_typ(const struct verified *verified);

/* By which algorithm, and with a key on which curve. */
enum alg verified_alg(const struct verified *verified);
enum alg_crv verified_crv(const struct verified *verified);

/*
 * Removes at most one line ending (CR, LF or both) from a token that was typed or read from a
 * file. Everything else that does not belong there is left for jws_parse to refuse (R33).
 */
struct span jws_without_line_end(struct span typed);

#endif
