/*
 * Signing in with the browser of this machine: the authorization code grant of a native program, as
 * pure functions. RFC 6749 section 4.1, RFC 7636 (PKCE, S256), RFC 8252 (loopback redirect), RFC
 * 9207 (iss), OpenID Connect Core 3.1.2.
 *
 * What comes back comes from a browser that anybody may have sent: nothing of it is shown but by
 * the words of this file.
 */
#ifndef PAM_OAUTH_OAUTH_AUTHCODE_H
#define PAM_OAUTH_OAUTH_AUTHCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "oauth/granted.h"

struct claims;

/* Where the browser comes back to, behind http://127.0.0.1:PORT. */
#define AUTHCODE_PATH "/callback"
#define AUTHCODE_URL_MAX ((size_t)8192)
/* A request line that is longer than this is none of ours. */
#define AUTHCODE_LINE_MAX ((size_t)8192)
#define AUTHCODE_CODE_MAX ((size_t)4096)

/* What is asked for; borrowed strings. */
struct authcode_request {
    const char *endpoint; /* https; may have a query */
    const char *client_id;
    const char *redirect_uri;
    const char *scope;
    const char *audience;   /* or NULL */
    const char *state;      /* the answer must bring it back */
    const char *nonce;      /* and the ID token this */
    const char *challenge;  /* of the verifier, S256 */
    const char *acr_values; /* how strong a sign-in is wanted, words; "": any */
    int64_t max_age_s;      /* how old a sign-in at the provider may be; -1: any */
};

/* Where the browser is sent. ST_CONFIG when it does not fit into AUTHCODE_URL_MAX; ST_MEMORY. */
MUST_CHECK enum status authcode_url(const struct authcode_request *request, struct buf *url);

/* What an answer is held against. */
struct authcode_wish {
    const char *state;
    const char *issuer;
    bool names_issuer; /* the provider says that it always does */
};

enum authcode_event {
    AUTHCODE_ELSEWHERE, /* not a request for our path: answer 404 */
    AUTHCODE_FOREIGN,   /* not of this sign-in, or not to be read: answer 400, go on waiting */
    AUTHCODE_ANSWERED   /* the provider's answer: the code is in `code` */
};

/*
 * Reads the first line of an HTTP request, with or without its line end. ST_OK with an event; the
 * status of an answer that ends the sign-in: ST_CANCELLED (refused at the provider), ST_ISSUER
 * (another provider's answer, RFC 9207 2.4), ST_CONFIG, ST_PROVIDER; ST_MEMORY. Until state was
 * found to be right nothing ends it: any page in the browser can send a request here.
 */
MUST_CHECK enum status authcode_answer(const struct authcode_wish *wish, struct span line,
                                       struct why *why, struct buf *code,
                                       enum authcode_event *ret_event);

/* What a code is exchanged with; borrowed strings. */
struct authcode_exchange {
    const char *redirect_uri; /* the same */
    const char *verifier;
    const char *audience; /* or NULL */
};

/* The body of the token request (RFC 6749 4.1.3, RFC 7636 4.5). ST_CONFIG, ST_MEMORY. */
MUST_CHECK enum status authcode_token_request(const struct granted_client *client,
                                              const struct authcode_exchange *exchange,
                                              struct span code, struct buf *body);

/*
 * Was the ID token made for this very sign-in (OpenID Connect Core 3.1.3.7, item 11)? ST_CLAIM when
 * its nonce is another one, or missing.
 */
MUST_CHECK enum status authcode_check_nonce(const struct claims *claims, const char *nonce,
                                            struct why *why);

#endif
