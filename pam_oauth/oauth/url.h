/*
 * The few things we must know about a URL from a provider before we use or show it (R66, R83).
 * URLs are used verbatim; this only looks at them. RFC 3986.
 */
#ifndef PAM_OAUTH_OAUTH_URL_H
#define PAM_OAUTH_OAUTH_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/status.h"

struct url {
    struct span host; /* as written: a name, an IPv4 address or an IPv6 one in brackets */
    struct span port; /* empty when none is written */
    struct span path; /* from the first slash (or question mark) on, query included; may be empty */
};

/*
 * https in lower case, the bytes of RFC 3986 only and of them no apostrophe, no userinfo, no
 * fragment, a host of letters, digits, dots and dashes (or an IPv6 address) without empty labels,
 * a port from 1 to 65535, at most `longest` bytes. ST_MALFORMED otherwise, with what it is instead
 * in `why` ("a URL with a bad host", without any part of the URL: the caller quotes it or not).
 * The spans point into `text`.
 */
MUST_CHECK enum status url_parse(struct span text, size_t longest, struct why *why,
                                 struct url *ret_url);

/*
 * Is the host the issuer's, or one of `allowed` (compared whole, without regard to ASCII case)? So
 * a host with a punycode label (xn--) is accepted only when it is listed or the issuer's own.
 * Ports are not compared.
 */
bool url_host_allowed(const struct url *url, const struct url *issuer, char *const *allowed,
                      size_t allowed_count);

/* Same scheme (always https), host and port (443 when none is written)? RFC 6454. */
bool url_same_origin(const struct url *a, const struct url *b);

#endif
