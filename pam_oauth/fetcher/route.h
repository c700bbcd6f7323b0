/*
 * Where a request goes: straight to the host of its URL or to a proxy, and under which addresses.
 * Names are resolved here with getaddrinfo, so that libcurl never starts its resolver's thread, and
 * the program can give up all that resolving needs before it talks to anybody.
 */
#ifndef PAM_OAUTH_FETCHER_ROUTE_H
#define PAM_OAUTH_FETCHER_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "fetch/frame.h"

#define ROUTE_HOST_MAX ((size_t)256)
/* A host name, a port and eight addresses. */
#define ROUTE_ADDRESSES_MAX ((size_t)1024)
#define ROUTE_ORIGIN_MAX ((size_t)8 * 1024)

/* Make with ROUTE; route_done frees. */
struct route {
    struct buf proxy; /* empty: none */
    struct buf host;  /* whose addresses are needed, the URL's or the proxy's; empty: nobody's */
    uint16_t port;    /* that we connect to, there */
    bool tls;         /* is what is said there */
    struct buf addresses; /* HOST:PORT:ADDRESS,... for CURLOPT_RESOLVE */
    struct buf origin;    /* equal for two requests that may share a connection */
};
#define ROUTE                                                                                      \
    {                                                                                              \
        .proxy = BUF(FRAME_PROXY_MAX), .host = BUF(ROUTE_HOST_MAX), .port = 0, .tls = true,        \
        .addresses = BUF(ROUTE_ADDRESSES_MAX), .origin = BUF(ROUTE_ORIGIN_MAX)                     \
    }
void route_done(struct route *route);

/*
 * Decides the way; resolves nothing. `no_proxy` is a list of names between commas or blanks: `*`
 * is every host, a name is that host and every one under it, an address is itself. ST_PROVIDER for
 * a URL that is not https (for a claim: redis or rediss) or that libcurl does not understand,
 * ST_CONFIG for such a proxy, ST_MEMORY.
 */
MUST_CHECK enum status route_find(const struct frame_request *request, struct why *why,
                                  struct route *route);

/*
 * Fills in the addresses of a host that needs them. Blocks for as long as the system's resolver
 * does. ST_PROVIDER when it has none, ST_MEMORY.
 */
MUST_CHECK enum status route_resolve(struct route *route, struct why *why);

#endif
