/*
 * R107: after a sign-in nothing of the token that was typed is left in the memory of the process,
 * on whatever path it ended. R98, R99, E57: a hostile environment makes no file and no connection.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

/* What is looked for is kept masked, or it would be found here. */
#define MASK 0x5a
#define TOKEN_ROOM 20000
#define PIECE 20

static unsigned char masked[TOKEN_ROOM];
static size_t masked_length;

static void
load_masked(const char *name)
{
    static unsigned char text[TOKEN_ROOM];
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/tokens/%s", getenv("PAM_TESTS"), name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = read(fd, text, sizeof(text));
    (void)close(fd);
    masked_length = 0;
    for (ssize_t i = 0; i < got && text[i] != '\n'; i++) {
        masked[masked_length++] = text[i] ^ MASK;
    }
    explicit_bzero(text, sizeof(text));
}

static int
sextet(int byte)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    return (int)(strchr(alphabet, byte) - alphabet);
}

/* Some bytes of the decoded signature, masked, in their order and in the one that numbers have. */
static void
decode_masked(unsigned char decoded[PIECE], unsigned char reversed[PIECE])
{
    size_t start = masked_length;

    while (start > 0 && masked[start - 1] != ('.' ^ MASK)) {
        start--;
    }
    start += 16; /* whole groups of four */
    for (size_t i = 0; i < PIECE; i++) {
        size_t at = start + i / 3 * 4 + i % 3;
        int high = sextet(masked[at] ^ MASK);
        int low = sextet(masked[at + 1] ^ MASK);
        int byte = i % 3 == 0   ? high << 2 | low >> 4
                   : i % 3 == 1 ? (high & 15) << 4 | low >> 2
                                : (high & 3) << 6 | low;
        decoded[i] = (unsigned char)((byte & 255) ^ MASK);
        reversed[PIECE - 1 - i] = decoded[i];
    }
}

/* In parts of `part` bytes, or whole when it is 0. */
static size_t part;
static size_t sent;

static int
type_it(int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
    size_t length = masked_length - sent;
    bool more = part > 0 && length > part;

    (void)count;
    (void)messages;
    (void)data;
    length = more ? part : length;
    *ret = calloc(1, sizeof(**ret));
    (*ret)->resp = calloc(1, length + 2);
    for (size_t i = 0; i < length; i++) {
        (*ret)->resp[i] = (char)(masked[sent + i] ^ MASK);
    }
    (*ret)->resp[length] = more ? '+' : '\0';
    sent += length;
    return PAM_SUCCESS;
}

/* Is the masked piece in these bytes? */
static bool
holds(const unsigned char *bytes, size_t length, const unsigned char *piece)
{
    const unsigned char first = piece[0] ^ MASK;
    const unsigned char *end = bytes + length - PIECE;

    for (const unsigned char *at = bytes; at <= end; at++) {
        at = memchr(at, first, (size_t)(end - at) + 1);
        if (at == NULL) {
            return false;
        }
        size_t i = 1;
        while (i < PIECE && at[i] == (piece[i] ^ MASK)) {
            i++;
        }
        if (i == PIECE) {
            return true;
        }
    }
    return false;
}

/* Looks through all that can be written; says where each piece was found. */
static int
scan(const unsigned char *const *pieces, const char *const *names, int count, char *where,
     size_t room)
{
    char *maps = host_read("/proc/self/maps");
    int found = 0;

    where[0] = '\0';
    for (char *line = strtok(maps, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned long start;
        unsigned long end;
        char mode[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) != 3 || mode[0] != 'r' ||
            mode[1] != 'w' || strstr(line, "[v") != NULL) {
            continue;
        }
        for (int i = 0; i < count; i++) {
            if (holds((const unsigned char *)start, end - start, pieces[i])) {
                size_t length = strlen(where);
                (void)snprintf(where + length, room - length, "%s in %s; ", names[i],
                               strlen(line) > 73 ? line + 73 : "anonymous memory");
                found++;
            }
        }
    }
    free(maps);
    return found;
}

static void
run(const char *name, const char *service, const char *token, size_t parts, int wanted)
{
    struct login login = {.service = service, .user = "alice", .talk = type_it};
    char where[600];
    char text[96];

    load_masked(token);
    part = parts;
    sent = 0;
    host_login(&login);
    unsigned char decoded[PIECE];
    unsigned char reversed[PIECE];
    decode_masked(decoded, reversed);
    const unsigned char *const pieces[] = {
        masked + masked_length - PIECE,         /* the end of the signature */
        masked + masked_length - 100,           /* in it */
        masked + masked_length - 240,           /* in it, or the payload */
        masked + masked_length / 2 - PIECE / 2, /* the payload */
        masked + 90,                            /* header or payload */
        decoded,
        reversed,
    };
    static const char *const names[] = {"the signature's end",          "the signature",
                                        "the signature or the payload", "the payload",
                                        "the header or payload",        "the decoded signature",
                                        "the signature as a number"};
    int found = scan(pieces, names, 5, where, sizeof(where));
    (void)snprintf(text, sizeof(text), "R107_%s", name);
    check(found == 0 && login.code == wanted, text, "%s, found: %s", host_code(login.code), where);
    /* OpenSSL frees its own copy as it is; without the rest of the token it opens nothing */
    if (scan(pieces + 5, names + 5, 2, where, sizeof(where)) > 0) {
        note("R107 %s: %s", name, where);
    }
    host_forget(&login);
}

/* The scan finds what is there. */
static void
self_check(void)
{
    char where[600];
    static const char *const names[] = {"it"};

    load_masked("good");
    char *copy = malloc(masked_length);
    for (size_t i = 0; i < masked_length; i++) {
        copy[i] = (char)(masked[i] ^ MASK);
    }
    const unsigned char *piece = masked + masked_length - PIECE;
    check(scan(&piece, names, 1, where, sizeof(where)) == 1, "R107_the_scan_finds_a_copy", "%s",
          where);
    explicit_bzero(copy, masked_length);
    free(copy);
    check(scan(&piece, names, 1, where, sizeof(where)) == 0, "R107_the_scan_finds_no_other", "%s",
          where);
}

static void
memory(void)
{
    self_check();
    run("accepted", "tokens", "good", 0, PAM_SUCCESS);
    run("accepted_es256", "tokens", "es256", 0, PAM_SUCCESS);
    run("accepted_large", "tokens", "large", 0, PAM_SUCCESS);
    run("accepted_in_parts", "tokens", "large", 500, PAM_SUCCESS);
    run("tampered", "tokens", "tampered", 0, PAM_AUTH_ERR);
    run("expired", "tokens", "expired", 0, PAM_AUTH_ERR);
    run("unmapped", "tokens", "unmapped", 0, PAM_AUTH_ERR);
    run("bad_header", "tokens", "header", 0, PAM_AUTH_ERR);
    run("unknown_key", "tokens", "unknown_key", 0, PAM_AUTH_ERR);
    run("fetched", "faked", "faked", 0, PAM_SUCCESS);
    run("keys_unavailable", "away", "away", 0, PAM_AUTHINFO_UNAVAIL);
    run("no_section", "nosection", "good", 0, PAM_AUTHINFO_UNAVAIL);
    run("typed_at_a_press_Enter_prompt", "browser", "good", 0, PAM_AUTH_ERR);
}

/* ---- the environment
 * ------------------------------------------------------------------------------ */

static int
listen_here(int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 5) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        abort();
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void
environment(void)
{
    static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                          "ALL_PROXY",  "all_proxy",   "HTTP_PROXY"};
    static const char *const files[] = {"SSLKEYLOGFILE",
                                        "CURL_HOME",
                                        "HOME",
                                        "NETRC",
                                        "SSL_CERT_FILE",
                                        "SSL_CERT_DIR",
                                        "TMPDIR",
                                        "XDG_RUNTIME_DIR",
                                        "RES_OPTIONS",
                                        "HOSTALIASES",
                                        "LOCPATH",
                                        "GCONV_PATH",
                                        "MALLOC_TRACE",
                                        "OPENSSL_MODULES",
                                        "PAM_OAUTH_CONFIG",
                                        "CURL_SSL_BACKEND",
                                        "JANSSON_SEED"};
    const char *away[] = {host_token("away"), NULL};
    const char *good[] = {host_token("good"), NULL};
    struct login login = {.service = "away", .user = "alice", .answers = away};
    char url[64];
    struct stat state;
    int port;
    int server = listen_here(&port);
    const char *trap = host_path("trap");

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
    for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++) {
        (void)setenv(proxies[i], url, 1);
    }
    (void)setenv("NO_PROXY", "", 1);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)setenv(files[i], trap, 1);
    }
    host_login(&login);
    struct pollfd incoming = {.fd = server, .events = POLLIN};
    check(login.code == PAM_AUTHINFO_UNAVAIL && poll(&incoming, 1, 0) == 0,
          "R98_R99_E57_no_proxy_of_the_environment_is_asked", "%s: %s", host_code(login.code),
          login.log);
    login.service = "tokens";
    login.answers = good;
    host_login(&login);
    check(login.code == PAM_SUCCESS, "R98_E57_a_hostile_environment_changes_nothing", "%s: %s",
          host_code(login.code), login.log);
    check(stat(trap, &state) != 0, "R99_E57_no_file_is_made", "%s is there", trap);
    (void)close(server);
    host_forget(&login);
}

int
main(void)
{
    memory();
    environment();
    return checked();
}
