#include "oauth/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

#define SCHEME "https://"
/* RFC 1035 section 2.3.4: a name in its text form, and one label of it. */
#define NAME_MAX_LENGTH ((size_t)253)
#define LABEL_MAX_LENGTH ((size_t)63)

/* ASCII only and without the locale: what looks equal here must be equal to a resolver. */
static bool
same_host(struct span a, struct span b)
{
    return a.length > 0 && text_equals_in_any_case(a, b);
}

static bool
is_alphanumeric(char byte)
{
    return text_is_digit(byte) || text_is_lower(byte) || text_is_upper(byte);
}

/* RFC 3986 section 3.3 and 3.4, less the apostrophe: it is a quote wherever a person pastes it. */
static bool
is_path(struct span path)
{
    static const char marks[] = "-._~!$&()*+,;=:@%/?";

    for (size_t i = 0; i < path.length; i++) {
        if (!is_alphanumeric(path.at[i]) && memchr(marks, path.at[i], sizeof(marks) - 1) == NULL) {
            return false;
        }
    }
    return true;
}

/* Letters, digits, dots and dashes; no empty label, so that `host` and `host.` are not two. */
static bool
is_name(struct span name)
{
    size_t label = 0;

    if (name.length > NAME_MAX_LENGTH) {
        return false;
    }
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] == '.') {
            if (label == 0) {
                return false;
            }
            label = 0;
            continue;
        }
        if (!is_alphanumeric(name.at[i]) && name.at[i] != '-') {
            return false;
        }
        if (++label > LABEL_MAX_LENGTH) {
            return false;
        }
    }
    return label > 0;
}

/* An address in brackets; no zone identifier. */
static bool
is_ipv6(struct span host)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr parsed;

    if (host.length < 2 || host.length - 2 >= sizeof(address) || host.at[host.length - 1] != ']') {
        return false;
    }
    size_t length = host.length - 2;
    memcpy(address, host.at + 1, length);
    address[length] = '\0';
    return strlen(address) == length && inet_pton(AF_INET6, address, &parsed) == 1;
}

/* Where the host ends: at the colon of the port, which is the first one behind any brackets. */
static size_t
host_length(struct span authority)
{
    struct span before;
    struct span after;

    if (span_starts(authority, "[")) {
        return span_cut(authority, ']', &before, &after) ? before.length + 1 : authority.length;
    }
    return span_cut(authority, ':', &before, &after) ? before.length : authority.length;
}

/* Cuts `authority` into host and port; RFC 3986 section 3.2, without userinfo. */
static enum status
parse_authority(struct span authority, struct why *why, struct url *url)
{
    struct span before;
    struct span after;
    int64_t port;

    if (span_cut(authority, '@', &before, &after)) {
        return status_because(why, ST_MALFORMED, "a URL with user information");
    }
    size_t length = host_length(authority);
    struct span rest = {.at = authority.at + length, .length = authority.length - length};
    url->host = (struct span){.at = authority.at, .length = length};
    if (span_starts(url->host, "[") ? !is_ipv6(url->host) : !is_name(url->host)) {
        return status_because(why, ST_MALFORMED, "a URL with a bad host");
    }
    if (rest.length > 0) {
        url->port = (struct span){.at = rest.at + 1, .length = rest.length - 1};
        if (rest.at[0] != ':' || !text_number(url->port, 1, 65535, &port)) {
            return status_because(why, ST_MALFORMED, "a URL with a bad port");
        }
    }
    return ST_OK;
}

enum status
url_parse(struct span text, size_t longest, struct why *why, struct url *ret_url)
{
    struct url url = {.host = {NULL, 0}, .port = {NULL, 0}, .path = {NULL, 0}};
    struct span before;
    struct span after;
    size_t end = sizeof(SCHEME) - 1;

    if (text.length > longest) {
        return status_because(why, ST_MALFORMED, "a URL longer than %zu bytes", longest);
    }
    if (!span_starts(text, SCHEME)) {
        return status_because(why, ST_MALFORMED, "not an https URL");
    }
    if (span_cut(text, '#', &before, &after)) {
        return status_because(why, ST_MALFORMED, "a URL with a fragment");
    }
    while (end < text.length && text.at[end] != '/' && text.at[end] != '?') {
        end++;
    }
    struct span authority = {.at = text.at + sizeof(SCHEME) - 1,
                             .length = end - (sizeof(SCHEME) - 1)};
    TRY(parse_authority(authority, why, &url));
    url.path = (struct span){.at = text.at + end, .length = text.length - end};
    if (!is_path(url.path)) {
        return status_because(why, ST_MALFORMED, "a URL with a byte that no URL has");
    }
    *ret_url = url;
    return ST_OK;
}

bool
url_host_allowed(const struct url *url, const struct url *issuer, char *const *allowed,
                 size_t allowed_count)
{
    /* Whole names only, no patterns: so a punycode name is never let in but by its own name. */
    if (same_host(url->host, issuer->host)) {
        return true;
    }
    for (size_t i = 0; i < allowed_count; i++) {
        if (same_host(url->host, span_of(allowed[i]))) {
            return true;
        }
    }
    return false;
}

static struct span
port_of(const struct url *url)
{
    return url->port.length > 0 ? url->port : span_of("443");
}

bool
url_same_origin(const struct url *a, const struct url *b)
{
    return same_host(a->host, b->host) && span_equals(port_of(a), port_of(b));
}
