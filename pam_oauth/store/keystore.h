/*
 * The keys and endpoints of each issuer, kept on disk so that a login needs no network: one file
 * an issuer, named by the SHA-256 of the issuer, replaced whole. Lines of text:
 *
 *     pam_oauth keystore 1
 *     issuer URL
 *     jwks_uri URL
 *     device_authorization_endpoint URL     (or `-`)
 *     token_endpoint URL                    (or `-`)
 *     fetched SECONDS
 *     fresh_until SECONDS
 *     keys COUNT
 *     ...one key a line (jose/jwk.h)...
 *     end
 *
 * A file that is damaged, foreign, or not to be trusted counts as absent (R74).
 */
#ifndef PAM_OAUTH_STORE_KEYSTORE_H
#define PAM_OAUTH_STORE_KEYSTORE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/status.h"

/* Key lines and a screenful of metadata. */
#define KEYSTORE_FILE_MAX ((size_t)1024 * 1024)

/* What is known of one issuer. The spans point into `text`, or where the caller had them. */
struct keystore_entry {
    struct span issuer;
    struct span jwks_uri;
    struct span device_authorization_endpoint; /* empty: the provider has none */
    struct span token_endpoint;                /* empty: the provider has none */
    int64_t fetched_s;
    int64_t fresh_until_s;
    struct span lines;
    struct buf text; /* owns the file's text after keystore_load */
};
#define KEYSTORE_ENTRY                                                                             \
    {                                                                                              \
        .fetched_s = 0, .fresh_until_s = 0, .text = BUF_PUBLIC(KEYSTORE_FILE_MAX)                  \
    }
void keystore_entry_done(struct keystore_entry *entry);

/*
 * Reads what `directory` holds of `issuer`. `owner` may own the files besides root. ST_STORE, with
 * the reason in `why`, when there is nothing usable; ST_MEMORY.
 */
MUST_CHECK enum status keystore_load(const char *directory, uid_t owner, const char *issuer,
                                     struct why *why, struct keystore_entry *entry);

/*
 * Replaces the issuer's file: a temporary one, fsync, rename. Keys that were fetched after these,
 * and not in the future of `now_s`, stay. ST_STORE when it cannot be done: the login goes on with
 * what it has in memory (R76). ST_MEMORY.
 */
MUST_CHECK enum status keystore_save(const char *directory, const struct keystore_entry *entry,
                                     int64_t now_s, struct why *why);

#endif
