#include "fetcher/route.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/text.h"

/*
 * A name server that says nothing for so long is passed over for the next. The resolver's own five
 * seconds would use up a request's time, and the reason would not be told.
 */
#define NAME_SERVER_MAX_S 2

/* More addresses than anybody tries within a connection's three seconds. */
#define ADDRESSES_MAX 8

void
route_done(struct route *route)
{
    buf_done(&route->proxy);
    buf_done(&route->host);
    buf_done(&route->addresses);
    buf_done(&route->origin);
}

/* ---- what libcurl reads in a URL ----------------------------------------------------------- */

static void
url_done(CURLU **url)
{
    curl_url_cleanup(*url);
    *url = NULL;
}

static void
part_done(char **part)
{
    curl_free(*part);
    *part = NULL;
}

/* False when the URL has no such part, or it is longer than the buffer's limit. */
static bool
get_part(CURLU *url, CURLUPart which, unsigned int flags, struct buf *into)
{
    char *part CLEANUP(part_done) = NULL;

    return curl_url_get(url, which, &part, flags) == CURLUE_OK && buf_add_text(into, part) == ST_OK;
}

struct place {
    struct buf scheme;
    struct buf host; /* an IPv6 address in brackets */
    struct buf port;
};
#define PLACE                                                                                      \
    {                                                                                              \
        .scheme = BUF(8), .host = BUF(ROUTE_HOST_MAX), .port = BUF(5)                              \
    }

static void
place_done(struct place *place)
{
    buf_done(&place->scheme);
    buf_done(&place->host);
    buf_done(&place->port);
}

/* Read by libcurl's own parser: another one could see another host than the one it connects to. */
static bool
parse_place(struct span text, unsigned int set_flags, unsigned int port_flags, struct place *place)
{
    struct buf copy CLEANUP(buf_done) = BUF(FRAME_URL_MAX);
    CURLU *url CLEANUP(url_done) = curl_url();

    return url != NULL && buf_add(&copy, text) == ST_OK &&
           curl_url_set(url, CURLUPART_URL, buf_text(&copy), set_flags) == CURLUE_OK &&
           get_part(url, CURLUPART_SCHEME, 0, &place->scheme) &&
           get_part(url, CURLUPART_HOST, 0, &place->host) &&
           get_part(url, CURLUPART_PORT, port_flags, &place->port);
}

static bool
is_address(struct span host)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;

    if (span_starts(host, "[")) {
        return true;
    }
    if (host.length >= sizeof(text)) {
        return false;
    }
    memcpy(text, host.at, host.length);
    text[host.length] = '\0';
    return inet_pton(AF_INET, text, &address) == 1;
}

/* What may stand in a CURLOPT_RESOLVE line without being read as something else. */
static bool
is_name(struct span host)
{
    for (size_t i = 0; i < host.length; i++) {
        char byte = host.at[i];
        if (!text_is_digit(byte) && !text_is_lower(byte) && !text_is_upper(byte) && byte != '.' &&
            byte != '-' && byte != '_') {
            return false;
        }
    }
    return host.length > 0;
}

/* ---- the way ------------------------------------------------------------------------------- */

static struct span
without_brackets(struct span host)
{
    if (span_starts(host, "[") && host.length > 2) {
        return (struct span){.at = host.at + 1, .length = host.length - 2};
    }
    return host;
}

/* Is the host `word`, or (for names) under it? */
static bool
is_under(struct span host, struct span word)
{
    if (word.length > 0 && word.at[0] == '.') {
        word = (struct span){.at = word.at + 1, .length = word.length - 1};
    }
    if (word.length == 0 || host.length < word.length) {
        return false;
    }
    size_t before = host.length - word.length;
    /* ASCII: this program never sets a locale. */
    if (strncasecmp(host.at + before, word.at, word.length) != 0) {
        return false;
    }
    return before == 0 || (!is_address(host) && host.at[before - 1] == '.');
}

static bool
goes_direct(struct span host, struct span no_proxy)
{
    struct span word;
    struct span rest;
    struct span piece;

    while (span_word(&no_proxy, &piece)) {
        while (piece.length > 0) {
            if (!span_cut(piece, ',', &word, &rest)) {
                word = piece;
                rest = (struct span){.at = NULL, .length = 0};
            }
            if (span_is(word, "*") || is_under(host, without_brackets(word))) {
                return true;
            }
            piece = rest;
        }
    }
    return false;
}

static enum status
find_proxy(struct span text, struct why *why, struct place *place)
{
    if (!parse_place(text, 0, 0, place) || (!span_is(buf_span(&place->scheme), "http") &&
                                            !span_is(buf_span(&place->scheme), "https"))) {
        return status_because(why, ST_CONFIG,
                              "the proxy must be written as http://HOST:PORT or https://HOST:PORT");
    }
    return ST_OK;
}

/* libcurl gives the scheme's own port where none is written. */
static enum status
find_port(const struct place *place, struct why *why, uint16_t *ret_port)
{
    int64_t port;

    if (!text_number(buf_span(&place->port), 1, UINT16_MAX, &port)) {
        return status_because(why, ST_PROVIDER, "a port that is not 1 to 65535");
    }
    *ret_port = (uint16_t)port;
    return ST_OK;
}

static enum status
find_origin(const struct frame_request *request, const struct place *place, struct route *route)
{
    TRY(buf_add(&route->origin, buf_span(&place->scheme)));
    TRY(buf_add_char(&route->origin, ':'));
    TRY(buf_add(&route->origin, buf_span(&place->host)));
    TRY(buf_add_char(&route->origin, ':'));
    TRY(buf_add(&route->origin, buf_span(&place->port)));
    TRY(buf_add_char(&route->origin, '\n'));
    TRY(buf_add(&route->origin, request->ca_file));
    TRY(buf_add_char(&route->origin, '\n'));
    return buf_add(&route->origin, buf_span(&route->proxy));
}

/* https; or, for a claim, redis or rediss, of which libcurl knows no port of their own. */
static enum status
find_url(const struct frame_request *request, struct why *why, struct place *url, bool *ret_tls)
{
    bool claim = request->claim.length > 0;
    unsigned int flags = CURLU_DISALLOW_USER | CURLU_PATH_AS_IS;
    bool parsed = parse_place(request->url, claim ? flags | CURLU_NON_SUPPORT_SCHEME : flags,
                              claim ? 0 : CURLU_DEFAULT_PORT, url);
    struct span scheme = buf_span(&url->scheme);

    *ret_tls = span_is(scheme, claim ? "rediss" : "https");
    if (!parsed || !(*ret_tls || (claim && span_is(scheme, "redis")))) {
        return status_because(why, ST_PROVIDER, "not %s URL, or not one to be understood",
                              claim ? "a redis" : "an https");
    }
    return ST_OK;
}

enum status
route_find(const struct frame_request *request, struct why *why, struct route *route)
{
    struct place url CLEANUP(place_done) = PLACE;
    struct place proxy CLEANUP(place_done) = PLACE;
    const struct place *first = &url;

    TRY(find_url(request, why, &url, &route->tls));
    if (request->proxy.length > 0 &&
        !goes_direct(without_brackets(buf_span(&url.host)), request->no_proxy)) {
        TRY(find_proxy(request->proxy, why, &proxy));
        TRY(buf_add(&route->proxy, request->proxy));
        first = &proxy;
    }
    struct span host = buf_span(&first->host);
    if (!is_address(host)) {
        if (!is_name(host)) {
            return status_because(why, ST_PROVIDER,
                                  "a host name of other than letters, digits, "
                                  "dots and dashes");
        }
        TRY(buf_add(&route->host, host));
    }
    TRY(find_port(first, why, &route->port));
    return find_origin(request, &url, route);
}

/* ---- addresses ----------------------------------------------------------------------------- */

static void
addresses_done(struct addrinfo **list)
{
    if (*list != NULL) {
        freeaddrinfo(*list);
        *list = NULL;
    }
}

/* Adds one address as CURLOPT_RESOLVE wants it. One of another family is left out. */
static enum status
add_address(const struct sockaddr *socket, const char *before, struct buf *into)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct sockaddr_in six_or_four;
    struct sockaddr_in6 six;

    if (socket->sa_family == AF_INET) {
        memcpy(&six_or_four, socket, sizeof(six_or_four));
        (void)inet_ntop(AF_INET, &six_or_four.sin_addr, text, sizeof(text));
        return buf_printf(into, "%s%s", before, text);
    }
    if (socket->sa_family == AF_INET6) {
        memcpy(&six, socket, sizeof(six));
        (void)inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
        return buf_printf(into, "%s[%s]", before, text);
    }
    return ST_OK;
}

/* Keeps what resolv.conf says where that is less. */
static void
limit_name_servers(void)
{
    if (res_init() == 0 && _res.retrans > NAME_SERVER_MAX_S) {
        _res.retrans = NAME_SERVER_MAX_S;
    }
}

enum status
route_resolve(struct route *route, struct why *why)
{
    struct addrinfo *list CLEANUP(addresses_done) = NULL;
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};

    if (route->host.length == 0) {
        return ST_OK;
    }
    limit_name_servers();
    int error = getaddrinfo(buf_text(&route->host), NULL, &hints, &list);
    if (error == EAI_MEMORY) {
        return ST_MEMORY;
    }
    if (error != 0) {
        return status_because(why, ST_PROVIDER, "cannot resolve %s: %s", buf_text(&route->host),
                              error == EAI_SYSTEM ? strerrordesc_np(errno) : gai_strerror(error));
    }
    TRY(buf_printf(&route->addresses, "%s:%u:", buf_text(&route->host), route->port));
    const struct addrinfo *next = list;
    for (size_t i = 0; next != NULL && i < ADDRESSES_MAX; i++) {
        TRY(add_address(next->ai_addr, i > 0 ? "," : "", &route->addresses));
        next = next->ai_next;
    }
    return ST_OK;
}
