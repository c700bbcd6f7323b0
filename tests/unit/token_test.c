/*
 * From token bytes to checked claims, with the keys and the policies of several providers: which
 * issuer answers, what is said when several refuse, when new keys are asked for, and what of the
 * configuration reaches the checks.
 *
 * The provider is this same program: linked into the test's directory and started as the fetcher,
 * it answers with the file of the host it is asked for.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "fault.h"
#include "fetch/frame.h"
#include "login/token/token.h"
#include "store/flight.h"
#include "store/keystore.h"
#include "store/place.h"

#define NOW_S INT64_C(1893456000)
#define NOW "1893456000"

/* ---- the provider --------------------------------------------------------------------------- */

/* https://HOST/... is the file HOST; each question adds a byte to HOST.asked. */
static void
read_answer(const char *directory, struct span url, struct buf *into)
{
    char host[64] = "";
    char path[600];
    char block[1024];
    size_t got;

    (void)snprintf(host, sizeof(host), "%.*s", SPAN_ARGS(url));
    (void)snprintf(path, sizeof(path), "%s/%.*s", directory, (int)strcspn(host + 8, "/"), host + 8);
    FILE *file = fopen(path, "re");
    while (file != NULL && (got = fread(block, 1, sizeof(block), file)) > 0) {
        if (buf_add(into, (struct span){.at = block, .length = got}) != ST_OK) {
            _exit(1);
        }
    }
    (void)strcat(path, ".asked");
    int asked = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (asked < 0 || write(asked, ".", 1) != 1) {
        _exit(1);
    }
}

static void
play_provider(char *directory)
{
    struct buf frame = BUF(FRAME_REQUEST_MAX);

    *strrchr(directory, '/') = '\0';
    for (;;) {
        struct frame_request request;
        struct buf body = BUF(FETCH_BODY_MAX);
        struct buf answer = BUF(FRAME_REPLY_MAX);
        if (frame_read_request(support_take_request(&frame), NULL, &request) != ST_OK) {
            _exit(1);
        }
        read_answer(directory, request.url, &body);
        struct frame_reply reply = {.http_status = body.length > 0 ? 200 : 404,
                                    .body = buf_span(&body)};
        if (frame_add_reply(&reply, NULL, &answer) != ST_OK ||
            write(STDOUT_FILENO, answer.at, answer.length) != (ssize_t)answer.length) {
            _exit(1);
        }
        buf_done(&answer);
        buf_done(&body);
    }
}

/* ---- the host ------------------------------------------------------------------------------- */

/*
 * one and one-b share an issuer; one-b has opted in to Ed448, and to P-384 as nobody else has.
 * job and id are of other kinds, live-a and live-b have no pinned keys, empty has none at all.
 */
static const char configuration[] = "[provider one]\n"
                                    "issuer = https://one.example\n"
                                    "client_id = one-client\n"
                                    "audience = ssh://db-1 other\n"
                                    "algorithms = ES256 EdDSA\n"
                                    "access_token_marker = kind=access\n"
                                    "jwks_file = %1$s/one.jwks\n"
                                    "clock_skew = 7s\n"
                                    "max_token_age = 100s\n"
                                    "max_token_lifetime = 200s\n"
                                    "[provider one-b]\n"
                                    "issuer = https://one.example\n"
                                    "client_id = one-client\n"
                                    "audience = b\n"
                                    "algorithms = EdDSA Ed448 ES384\n"
                                    "token_kind = any\n"
                                    "jwks_file = %1$s/one.jwks\n"
                                    "[provider two]\n"
                                    "issuer = https://two.example\n"
                                    "client_id = two-client\n"
                                    "audience = ssh://db-1\n"
                                    "algorithms = ES256 EdDSA\n"
                                    "token_kind = id_token\n"
                                    "jwks_file = %1$s/two.jwks\n"
                                    "[provider job]\n"
                                    "issuer = https://job.example\n"
                                    "audience = ssh://db-1\n"
                                    "algorithms = EdDSA\n"
                                    "token_kind = any\n"
                                    "kind = workload\n"
                                    "jwks_file = %1$s/job.jwks\n"
                                    "[provider empty]\n"
                                    "issuer = https://empty.example\n"
                                    "audience = ssh://db-1\n"
                                    "algorithms = ES256 EdDSA\n"
                                    "jwks_file = %1$s/empty.jwks\n"
                                    "[provider live-a]\n"
                                    "issuer = https://live-a.example\n"
                                    "audience = ssh://db-1\n"
                                    "algorithms = EdDSA\n"
                                    "token_kind = any\n"
                                    "jwks_uri = https://live-a.example/jwks\n"
                                    "device_authorization_endpoint = https://live-a.example/d\n"
                                    "token_endpoint = https://live-a.example/t\n"
                                    "[provider live-b]\n"
                                    "issuer = https://live-b.example\n"
                                    "audience = ssh://db-1\n"
                                    "algorithms = EdDSA ES256\n"
                                    "jwks_uri = https://live-b.example/jwks\n"
                                    "device_authorization_endpoint = https://live-b.example/d\n"
                                    "token_endpoint = https://live-b.example/t\n"
                                    "[paths]\n"
                                    "cache = %1$s/cache\n"
                                    "run = %1$s/run\n"
                                    "fetcher = %1$s/fetcher\n"
                                    "fetcher_user = nobody\n";

enum { ED, ED_OTHER, ED448, P256, P384, PAIRS };

static struct {
    char *directory;
    struct config *config;
    struct site site;
    struct buf log;
    EVP_PKEY *pairs[PAIRS];
} host;

static void
take_line(void *context, enum log_level level, const char *text)
{
    (void)context;
    (void)level;
    assert_int_equal(buf_add_text(&host.log, text), ST_OK);
}

static const struct log log_to_us = {.line = take_line};

static void
write_set(const char *name, int pair, const char *kid)
{
    char *jwk = support_jwk(host.pairs[pair], kid, NULL);
    char *jwks = support_jwks(jwk);

    support_write(host.directory, name, jwks);
    free(jwk);
    free(jwks);
}

static void
make_directory(const char *name, unsigned int mode)
{
    char *path = support_text("%s/%s", host.directory, name);

    assert_int_equal(mkdir(path, mode), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

static void
make_fetcher(void)
{
    static char block[65536];
    char *path = support_text("%s/fetcher", host.directory);
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int into = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    ssize_t got;

    assert_true(from >= 0 && into >= 0);
    while ((got = read(from, block, sizeof(block))) > 0) {
        assert_int_equal(write(into, block, (size_t)got), got);
    }
    assert_int_equal(fchmod(into, 0755), 0);
    assert_int_equal(close(into), 0);
    assert_int_equal(close(from), 0);
    free(path);
}

static void
load_configuration(void)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    char *text = support_text(configuration, host.directory);
    char *path = support_text("%s/pam_oauth.conf", host.directory);

    support_write(host.directory, "pam_oauth.conf", text);
    if (config_load(path, getuid(), "db-1", &findings, &host.config) != ST_OK) {
        fail_msg("%s", buf_text(&findings.lines));
    }
    free(path);
    free(text);
}

static int
setup(void **state)
{
    static const enum alg algs[PAIRS] = {
        [ED] = ALG_EDDSA,   [ED_OTHER] = ALG_EDDSA, [ED448] = ALG_ED448,
        [P256] = ALG_ES256, [P384] = ALG_ES384,
    };

    (void)state;
    host.directory = support_directory();
    host.log = (struct buf)BUF(65536);
    for (size_t i = 0; i < PAIRS; i++) {
        host.pairs[i] = support_key(algs[i]);
    }
    make_directory("cache", 0755);
    make_directory("run", 0711);
    make_fetcher();
    load_configuration();
    host.site = (struct site){.config = host.config,
                              .host = "db-1",
                              .owner = getuid(),
                              .now_s = NOW_S,
                              .clock_s = NOW_S,
                              .deadline_ms = clock_ms() + 30000,
                              .log = &log_to_us};
    write_set("one.jwks", ED, "k1");
    write_set("two.jwks", P256, "k1");
    write_set("job.jwks", ED, "j1");
    support_write(host.directory, "empty.jwks", "{\"keys\":[]}");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    config_done(&host.config);
    buf_done(&host.log);
    for (size_t i = 0; i < PAIRS; i++) {
        EVP_PKEY_free(host.pairs[i]);
    }
    support_remove(host.directory);
    return 0;
}

/* ---- a token and its verdict ---------------------------------------------------------------- */

struct verdict {
    enum status status;
    struct why why;
    enum token_step step;
    const struct provider *provider; /* of an opened token */
};

static char *
sign(int pair, const char *alg, const char *kid, const char *payload)
{
    enum alg found = ALG_COUNT;
    char *header = kid != NULL ? support_text("{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, kid)
                               : support_text("{\"alg\":\"%s\"}", alg);

    assert_true(alg_by_name(span_of(alg), &found));
    char *token = support_sign(host.pairs[pair], found, header, payload);
    free(header);
    return token;
}

/* The providers of these names, in this order; `policy_names` NULL: the same. */
struct asked {
    const char *names;
    const char *policy_names;
    bool from_device_flow;
    const char *access_token; /* that came beside it */
    struct span token;
};

static size_t
providers_of(const char *names, const struct provider **providers)
{
    struct span rest = span_of(names);
    struct span word;
    size_t count = 0;

    while (span_word(&rest, &word)) {
        char *name = strndup(word.at, word.length);
        providers[count] = config_provider(host.config, name);
        assert_non_null(providers[count]);
        free(name);
        count++;
    }
    return count;
}

static enum status
run(const struct asked *asked, struct verdict *verdict)
{
    const struct provider *of_ring[8];
    const struct provider *of_policy[8];
    struct keyring keyring CLEANUP(keyring_done) = KEYRING;
    struct token token CLEANUP(token_done) = TOKEN;
    size_t count = providers_of(asked->names, of_ring);
    const char *names = asked->policy_names != NULL ? asked->policy_names : asked->names;
    struct token_policy policy = {.providers = of_policy,
                                  .provider_count = providers_of(names, of_policy),
                                  .from_device_flow = asked->from_device_flow,
                                  .access_token = span_of(asked->access_token)};

    *verdict = (struct verdict){.status = ST_MEMORY};
    TRY(keyring_open(&host.site, of_ring, count, &keyring));
    verdict->status =
        token_check(&host.site, &policy, &keyring, asked->token, &verdict->why, &token);
    verdict->provider = token.provider;
    verdict->step = token.step;
    return verdict->status;
}

static void
assert_status(const struct verdict *verdict, enum status status, const char *said)
{
    if (verdict->status != status || strstr(verdict->why.sentence, said) == NULL) {
        fail_msg("%s: '%s', not %s: '%s'", status_word(verdict->status), verdict->why.sentence,
                 status_word(status), said);
    }
}

/* Returns the provider whose the token is. */
static const struct provider *
check(const char *names, const char *token, enum status status, const char *said)
{
    /* Exactly as long as it is, so that a byte behind it would be missed. */
    size_t length = strlen(token);
    char *copy = malloc(length);
    struct asked asked = {.names = names, .token = {.at = copy, .length = length}};
    struct verdict verdict;

    assert_non_null(copy);
    memcpy(copy, token, length);
    (void)run(&asked, &verdict);
    free(copy);
    assert_status(&verdict, status, said);
    return verdict.provider;
}

static const struct provider *
check_claims(const char *names, int pair, const char *payload, enum status status, const char *said)
{
    char *token = sign(pair, pair == P256 ? "ES256" : "EdDSA", "k1", payload);
    const struct provider *provider = check(names, token, status, said);

    free(token);
    return provider;
}

#define ONE(exp, more)                                                                             \
    "{\"iss\":\"https://one.example\",\"aud\":\"ssh://db-1\",\"kind\":\"access\",\"sub\":\"248\"," \
    "\"exp\":" exp more "}"
#define GOOD_ONE ONE("1893456060", "")
#define TWO(aud, more)                                                                             \
    "{\"iss\":\"https://two.example\",\"aud\":" aud ",\"sub\":\"2\",\"iat\":" NOW                  \
    ",\"exp\":1893456060" more "}"
#define GOOD_TWO TWO("\"ssh://db-1\"", "")

/* ---- whose token it is ---------------------------------------------------------------------- */

static void
R51_each_issuer_answers_for_its_own_keys(void **state)
{
    (void)state;
    const struct provider *provider = check_claims("one two", ED, GOOD_ONE, ST_OK, "");
    assert_string_equal(provider->name, "one");
    provider = check_claims("one two", P256, GOOD_TWO, ST_OK, "");
    assert_string_equal(provider->name, "two");
    /* The other's key, and the payload of the first: the issuer is the one whose key it was. */
    check_claims("one two", ED, GOOD_TWO, ST_ISSUER,
                 "'https://two.example', not 'https://one.example'");
    check_claims("one two", P256, GOOD_ONE, ST_ISSUER,
                 "'https://one.example', not 'https://two.example'");
    check_claims("two", ED, GOOD_ONE, ST_UNKNOWN_KEY, "is not for EdDSA");
    check("one", "a.b", ST_MALFORMED, "dots");
}

static void
R48_a_payload_is_not_read_before_a_key_has_verified_it(void **state)
{
    (void)state;
    check_claims("one", ED, "not JSON", ST_MALFORMED, "JSON that is not an object");
    check_claims("one", ED_OTHER, "not JSON", ST_SIGNATURE, "signature");
    char *token = sign(ED, "EdDSA", "k2", "not JSON");
    check("one", token, ST_UNKNOWN_KEY, "no key");
    free(token);
}

/* A key is for an issuer; what each of its providers admits is its own (R36). */
static void
R36_an_algorithm_is_enabled_by_the_provider_itself(void **state)
{
    static const char of_b[] = "{\"iss\":\"https://one.example\",\"aud\":\"b\",\"sub\":\"248\","
                               "\"exp\":1893456060}";

    (void)state;
    write_set("one.jwks", ED448, "k1");
    char *of_one = sign(ED448, "EdDSA", "k1", GOOD_ONE);
    char *of_other = sign(ED448, "EdDSA", "k1", of_b);
    const struct provider *provider = check("one one-b", of_other, ST_OK, "");
    assert_string_equal(provider->name, "one-b");
    /* `one` has not opted in: its audience is not one that this key can speak to. */
    check("one one-b", of_one, ST_AUDIENCE, "not 'b'");
    check("one-b one", of_one, ST_AUDIENCE, "not 'b'");
    /* The ring's issuer admits it for one-b; where only `one` is asked, nobody does. */
    struct asked asked = {.names = "one one-b", .policy_names = "one", .token = span_of(of_one)};
    struct verdict verdict;
    (void)run(&asked, &verdict);
    assert_status(&verdict, ST_ALG, "EdDSA with this key is not enabled for any provider");
    assert_null(verdict.provider);
    free(of_one);
    free(of_other);
    write_set("one.jwks", ED, "k1");
}

/* An issuer whose providers do not admit the header is not asked: its keys are not even read. */
static void
R36_an_issuer_that_does_not_admit_the_algorithm_is_not_asked(void **state)
{
    char *token = sign(P384, "ES384", "k1", GOOD_ONE);

    (void)state;
    check("empty", token, ST_ALG, "algorithm ES384 is not enabled");
    check("empty two", token, ST_ALG, "algorithm ES384 is not enabled");
    check("empty one-b", token, ST_UNKNOWN_KEY, "is not for ES384");
    free(token);
}

static void
R51_providers_of_one_issuer_are_told_apart_by_audience(void **state)
{
    static const char for_b[] = "{\"iss\":\"https://one.example\",\"aud\":\"b\","
                                "\"sub\":\"248\",\"exp\":1893456060}";
    static const char for_nobody[] = "{\"iss\":\"https://one.example\",\"aud\":\"c\","
                                     "\"sub\":\"248\",\"exp\":1893456060}";

    (void)state;
    const struct provider *provider = check_claims("one one-b", ED, for_b, ST_OK, "");
    assert_string_equal(provider->name, "one-b");
    provider = check_claims("one-b one", ED, GOOD_ONE, ST_OK, "");
    assert_string_equal(provider->name, "one");
    /* No audience fits: said in the name of the first. */
    check_claims("one one-b", ED, for_nobody, ST_AUDIENCE, "not 'ssh://db-1'");
    check_claims("one-b one", ED, for_nobody, ST_AUDIENCE, "not 'b'");
    /* An audience of another issuer's provider is none, whoever comes first. */
    check_claims("two one-b", ED, GOOD_ONE, ST_AUDIENCE, "not 'b'");
    check_claims("one-b two", ED, GOOD_ONE, ST_AUDIENCE, "not 'b'");
}

/* ---- the step that refused ------------------------------------------------------------------- */

static void
the_step_that_refused_is_known(void **state)
{
    static const struct {
        const char *alg;
        const char *kid;
        const char *payload;
        enum token_step step;
    } rows[] = {
        {"ES384", "k1", GOOD_ONE, TOKEN_ALGORITHM}, {"EdDSA", "k9", GOOD_ONE, TOKEN_KEY},
        {"EdDSA", "k1", "{", TOKEN_PAYLOAD},        {"EdDSA", "k1", "{}", TOKEN_CLAIMS},
        {"EdDSA", "k1", GOOD_ONE, TOKEN_CLAIMS},
    };
    static const struct {
        const char *token;
        enum token_step step;
    } unread[] = {
        {"e30", TOKEN_HEADER},
        {"e30.e30.c2ln", TOKEN_ALGORITHM},
        {"eyJhbGciOiJub25lIn0.e30.c2ln", TOKEN_ALGORITHM},
        {"eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.e30.c2ln", TOKEN_SIGNATURE},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *token =
            sign(rows[i].alg[1] == 'S' ? P384 : ED, rows[i].alg, rows[i].kid, rows[i].payload);
        struct asked asked = {.names = "one", .token = span_of(token)};
        (void)run(&asked, &verdict);
        assert_int_equal(verdict.step, rows[i].step);
        free(token);
    }
    for (size_t i = 0; i < COUNT(unread); i++) {
        struct asked asked = {.names = "one", .token = span_of(unread[i].token)};
        (void)run(&asked, &verdict);
        assert_int_equal(verdict.step, unread[i].step);
    }
}

/* Every step but the two ends has a name and a clause. */
static void
a_step_has_a_name_and_a_clause(void **state)
{
    static const char *const names[] = {
        [TOKEN_HEADER] = "header",       [TOKEN_ALGORITHM] = "algorithm", [TOKEN_KEY] = "key",
        [TOKEN_SIGNATURE] = "signature", [TOKEN_PAYLOAD] = "payload",
    };

    (void)state;
    for (enum token_step step = TOKEN_HEADER; step < TOKEN_CLAIMS; step++) {
        assert_string_equal(token_step_row(step)->name, names[step]);
        assert_int_equal(strncmp(token_step_row(step)->rule, "RFC ", 4), 0);
    }
}

/* ---- the answer that says most -------------------------------------------------------------- */

static void
the_answer_that_says_most_is_given_whatever_the_order(void **state)
{
    (void)state;
    /* two has a key with this kid for another algorithm; one has another key with it */
    char *token = sign(ED_OTHER, "EdDSA", "k1", GOOD_ONE);
    check("one two", token, ST_SIGNATURE, "does not fit the key");
    check("two one", token, ST_SIGNATURE, "does not fit the key");
    check("empty one two", token, ST_SIGNATURE, "does not fit the key");
    check("two one empty", token, ST_SIGNATURE, "does not fit the key");
    free(token);
    token = sign(ED, "EdDSA", "k9", GOOD_ONE);
    check("two empty", token, ST_KEYS_UNAVAILABLE, "no key in it can be used");
    check("empty two", token, ST_KEYS_UNAVAILABLE, "no key in it can be used");
    /* Of two that say as much, the first. */
    check("one job", token, ST_UNKNOWN_KEY, "no key with kid 'k9'");
    free(token);
    token = sign(ED, "EdDSA", "k1", GOOD_ONE);
    check("two job", token, ST_UNKNOWN_KEY, "is not for EdDSA");
    check("job two", token, ST_UNKNOWN_KEY, "no key with kid 'k1'");
    /* A signature that is no base64url was tried as well. */
    token[strlen(token) - 1] = '_';
    check("empty one two", token, ST_MALFORMED, "signature is not base64url");
    check("two one empty", token, ST_MALFORMED, "signature is not base64url");
    free(token);
}

static void
an_issuer_without_keys_is_in_nobodys_way(void **state)
{
    static const char *const names[] = {"one", "one two", "two one", "empty one", "one empty"};
    char *token = sign(ED, "EdDSA", "k1", GOOD_ONE);

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        check(names[i], token, ST_OK, "");
    }
    free(token);
}

/* ---- new keys ------------------------------------------------------------------------------- */

static size_t
asked_for(const char *provider)
{
    char *path = support_text("%s/%s.example.asked", host.directory, provider);
    struct stat status;
    size_t count = stat(path, &status) == 0 ? (size_t)status.st_size : 0;

    free(path);
    return count;
}

/* Keys that are fresh for eleven minutes from `fetched_s` on. */
static void
store_fetched(const char *provider, int pair, const char *kid, int64_t fetched_s)
{
    struct keyset keyset CLEANUP(keyset_done) = KEYSET;
    char *jwk = support_jwk(host.pairs[pair], kid, NULL);
    char *jwks = support_jwks(jwk);
    char *issuer = support_text("https://%s.example", provider);
    char *uri = support_text("%s/jwks", issuer);
    char *cache = support_text("%s/cache", host.directory);
    struct why why = {""};

    assert_int_equal(keyset_read(span_of(jwks), KEYSET_FETCHED_MAX, &why, &keyset), ST_OK);
    struct keystore_entry entry = {.issuer = span_of(issuer),
                                   .jwks_uri = span_of(uri),
                                   .fetched_s = fetched_s,
                                   .fresh_until_s = fetched_s + 660,
                                   .lines = buf_span(&keyset.lines)};
    assert_int_equal(keystore_save(cache, &entry, NOW_S, &why), ST_OK);
    free(cache);
    free(uri);
    free(issuer);
    free(jwks);
    free(jwk);
}

/* Keys that were fetched a minute ago and are still good. */
static void
store(const char *provider, int pair, const char *kid)
{
    store_fetched(provider, pair, kid, NOW_S - 60);
}

/* Nothing is stored of the provider any more. */
static void
forget(const char *provider)
{
    struct buf name CLEANUP(buf_done) = BUF(PLACE_NAME_MAX);
    char *issuer = support_text("https://%s.example", provider);

    assert_int_equal(place_name(issuer, ".keys", &name), ST_OK);
    char *path = support_text("%s/cache/%s", host.directory, buf_text(&name));
    assert_int_equal(unlink(path), 0);
    free(path);
    free(issuer);
}

/* valgrind before 3.21 does not know pidfd_open, without which there is no fetcher. */
static void
need_a_fetcher(void)
{
    int fd = pidfd_open(getpid(), 0);

    if (fd < 0 && errno == ENOSYS) {
        skip();
    }
    assert_int_equal(close(fd), 0);
}

/* The hosts' keys of an hour ago, the provider's of now, and nobody has asked yet. */
static void
rotate(int pair, const char *kid)
{
    static const char *const issuers[] = {"live-a", "live-b"};

    for (size_t i = 0; i < COUNT(issuers); i++) {
        char *name = support_text("%s.example", issuers[i]);
        char *asked = support_text("%s/%s.asked", host.directory, name);
        store(issuers[i], ED_OTHER, "old");
        write_set(name, pair, kid);
        (void)unlink(asked);
        free(asked);
        free(name);
    }
    host.site.now_s += 61; /* the minute is over (R70) */
    host.site.clock_s = host.site.now_s;
}

static char *
live_token(int pair, const char *kid, const char *issuer)
{
    char *payload = support_text("{\"iss\":\"https://%s.example\",\"aud\":\"ssh://db-1\","
                                 "\"sub\":\"248\",\"exp\":%lld}",
                                 issuer, (long long)host.site.now_s + 60);
    char *token = sign(pair, "EdDSA", kid, payload);

    free(payload);
    return token;
}

static void
E34_a_token_of_a_new_key_costs_one_fetch_and_is_accepted(void **state)
{
    (void)state;
    need_a_fetcher();
    rotate(ED, "new");
    char *token = live_token(ED, "new", "live-a");
    check("live-a", token, ST_OK, "");
    assert_int_equal(asked_for("live-a"), 1);
    /* The keys are kept; and an old token of theirs is none any more. */
    check("live-a", token, ST_OK, "");
    free(token);
    token = live_token(ED_OTHER, "old", "live-a");
    check("live-a", token, ST_UNKNOWN_KEY, "no key with kid 'old'");
    free(token);
    assert_int_equal(asked_for("live-a"), 1);
}

static void
R70_every_issuer_that_admits_the_header_is_asked_until_one_has_the_key(void **state)
{
    (void)state;
    need_a_fetcher();
    rotate(ED, "new");
    write_set("live-b.example", ED_OTHER, "another");
    char *token = live_token(ED, "new", "live-a");
    check("live-b live-a", token, ST_OK, "");
    assert_int_equal(asked_for("live-a"), 1);
    assert_int_equal(asked_for("live-b"), 1);
    free(token);
    rotate(ED, "new");
    token = live_token(ED, "new", "live-a");
    check("live-a live-b", token, ST_OK, "");
    assert_int_equal(asked_for("live-a"), 1);
    assert_int_equal(asked_for("live-b"), 0);
    free(token);
    /* An issuer that does not admit it is not. */
    rotate(ED, "new");
    token = sign(P256, "ES256", "other", "{}");
    check("live-a live-b", token, ST_UNKNOWN_KEY, "no key with kid 'other'");
    assert_int_equal(asked_for("live-a"), 0);
    assert_int_equal(asked_for("live-b"), 1);
    free(token);
}

/* What a process does that refreshes at this very moment. */
static void
refresh_elsewhere(const char *provider, int pair, const char *kid)
{
    struct flight flight CLEANUP(flight_done) = FLIGHT;
    char *issuer = support_text("https://%s.example", provider);
    char *run = support_text("%s/run", host.directory);
    struct why why = {""};

    assert_int_equal(flight_open(run, 0, issuer, &why, &flight), ST_OK);
    assert_int_equal(flight_take(&flight, host.site.clock_s), FLIGHT_OURS);
    assert_int_equal(flight_begin_forced(&flight, host.site.clock_s, &why), ST_OK);
    store(provider, pair, kid);
    flight_land(&flight, FLIGHT_STORED, NULL);
    free(run);
    free(issuer);
}

/* The old keys are in this process's hands, and the minute is used up: the new ones are there. */
static void
R71_keys_that_another_process_has_just_stored_are_found(void **state)
{
    const struct provider *providers[8];
    struct keyring keyring CLEANUP(keyring_done) = KEYRING;
    struct token token CLEANUP(token_done) = TOKEN;
    struct why why = {""};

    (void)state;
    rotate(ED, "new");
    char *text = live_token(ED, "new", "live-a");
    size_t count = providers_of("live-a", providers);
    assert_int_equal(keyring_open(&host.site, providers, count, &keyring), ST_OK);
    assert_int_equal(keyring_load(&keyring, keyring.issuers, &why), ST_OK);
    refresh_elsewhere("live-a", ED, "new");
    assert_int_equal(token_verify(&keyring, span_of(text), &why, &token), ST_OK);
    assert_int_equal(asked_for("live-a"), 0);
    free(text);
}

static void
R72_a_known_key_asks_nobody_whatever_other_issuers_lack(void **state)
{
    (void)state;
    need_a_fetcher();
    rotate(ED, "new");
    forget("live-b");
    write_set("live-b.example", ED_OTHER, "another");
    char *token = live_token(ED_OTHER, "old", "live-a");
    check("live-b live-a", token, ST_OK, "");
    assert_int_equal(asked_for("live-a"), 0);
    assert_int_equal(asked_for("live-b"), 0);
    free(token);
    token = live_token(ED, "new", "live-a");
    check("live-b live-a", token, ST_OK, "");
    assert_int_equal(asked_for("live-a"), 1);
    assert_int_equal(asked_for("live-b"), 1);
    free(token);
}

static void
R70_only_an_unknown_key_asks_the_provider(void **state)
{
    (void)state;
    need_a_fetcher();
    rotate(ED, "old");
    char *token = live_token(ED, "old", "live-a"); /* the kid is known, its key is another */
    check("live-a", token, ST_SIGNATURE, "does not fit the key");
    free(token);
    token = live_token(ED_OTHER, "old", "live-a");
    check("live-a", token, ST_OK, "");
    free(token);
    assert_int_equal(asked_for("live-a"), 0);
}

/* ---- one sign-in after the other, with one ring ---------------------------------------------- */

struct batch {
    struct keyring keyring;
    struct site before;
    char *old; /* a token of the key that is stored at first, */
    char *new; /* and of another */
};

static void
open_batch(struct batch *batch)
{
    const struct provider *providers[8];

    *batch = (struct batch){.keyring = KEYRING, .before = host.site};
    store("live-a", ED_OTHER, "old");
    batch->old = live_token(ED_OTHER, "old", "live-a");
    batch->new = live_token(ED, "new", "live-a");
    assert_int_equal(
        keyring_open(&host.site, providers, providers_of("live-a", providers), &batch->keyring),
        ST_OK);
}

static void
close_batch(struct batch *batch)
{
    host.site = batch->before;
    keyring_done(&batch->keyring);
    free(batch->old);
    free(batch->new);
}

static enum status
verify_at(struct batch *batch, const char *text, int64_t clock_s)
{
    struct token token CLEANUP(token_done) = TOKEN;
    struct why why = {""};

    host.site.clock_s = clock_s;
    keyring_begin(&batch->keyring);
    return token_verify(&batch->keyring, span_of(text), &why, &token);
}

static size_t
count_logged(const char *word)
{
    size_t count = 0;

    for (const char *at = strstr(buf_text(&host.log), word); at != NULL;
         at = strstr(at + 1, word)) {
        count++;
    }
    return count;
}

static void
R72_keys_of_a_batch_grow_stale_and_end_while_it_runs(void **state)
{
    struct batch batch;

    (void)state;
    open_batch(&batch);
    batch.keyring.asks = KEYRING_ASKS_NOBODY;
    const int64_t over_s = NOW_S + 600 + batch.keyring.issuers[0].provider->jwks_stale_limit_s;
    size_t before = count_logged("keys_stale");
    assert_int_equal(verify_at(&batch, batch.old, NOW_S + 599), ST_OK);
    assert_int_equal(count_logged("keys_stale"), before);
    assert_int_equal(verify_at(&batch, batch.old, NOW_S + 600), ST_OK);
    assert_int_equal(verify_at(&batch, batch.old, NOW_S + 600), ST_OK);
    assert_int_equal(count_logged("keys_stale"), before + 1);
    assert_int_equal(verify_at(&batch, batch.old, over_s - 1), ST_OK);
    assert_int_equal(count_logged("keys_stale"), before + 2);
    assert_int_equal(verify_at(&batch, batch.old, over_s), ST_KEYS_UNAVAILABLE);
    assert_int_equal(verify_at(&batch, batch.old, over_s), ST_KEYS_UNAVAILABLE);
    store_fetched("live-a", ED, "new", over_s);
    assert_int_equal(verify_at(&batch, batch.new, over_s), ST_OK);
    /* The clock went back (R63). */
    assert_int_equal(verify_at(&batch, batch.new, NOW_S), ST_KEYS_UNAVAILABLE);
    close_batch(&batch);
}

static void
R73_a_batch_follows_the_store_to_newer_keys_and_not_to_older_ones(void **state)
{
    struct batch batch;

    (void)state;
    open_batch(&batch);
    batch.keyring.asks = KEYRING_ASKS_NOBODY;
    assert_int_equal(verify_at(&batch, batch.old, NOW_S), ST_OK);
    store_fetched("live-a", ED, "new", NOW_S + 1);
    assert_int_equal(verify_at(&batch, batch.old, NOW_S), ST_OK);
    assert_int_equal(verify_at(&batch, batch.old, NOW_S + 1), ST_UNKNOWN_KEY);
    assert_int_equal(verify_at(&batch, batch.new, NOW_S + 1), ST_OK);
    store("live-a", ED_OTHER, "old");
    assert_int_equal(verify_at(&batch, batch.new, NOW_S + 2), ST_OK);
    forget("live-a");
    assert_int_equal(verify_at(&batch, batch.new, NOW_S + 3), ST_OK);
    close_batch(&batch);
}

static void
R70_a_batch_asks_again_once_a_minute(void **state)
{
    struct batch batch;

    (void)state;
    need_a_fetcher();
    rotate(ED, "another");
    open_batch(&batch);
    int64_t begun_s = host.site.clock_s;
    assert_int_equal(verify_at(&batch, batch.new, begun_s), ST_UNKNOWN_KEY);
    assert_int_equal(asked_for("live-a"), 1);
    write_set("live-a.example", ED, "new");
    assert_int_equal(verify_at(&batch, batch.new, begun_s + 59), ST_UNKNOWN_KEY);
    assert_int_equal(asked_for("live-a"), 1);
    assert_int_equal(verify_at(&batch, batch.new, begun_s + 60), ST_OK);
    assert_int_equal(asked_for("live-a"), 2);
    batch.before.clock_s = batch.before.now_s = begun_s + 60;
    close_batch(&batch);
}

/* ---- what the configuration says reaches the checks ----------------------------------------- */

static void
the_checks_are_told_what_the_provider_is_configured_for(void **state)
{
    static const struct {
        const char *payload;
        enum status status;
    } rows[] = {
        {GOOD_ONE, ST_OK},
        /* clock_skew = 7s */
        {ONE("1893455994", ""), ST_OK},
        {ONE("1893455993", ""), ST_EXPIRED},
        {ONE("1893456060", ",\"nbf\":1893456007"), ST_OK},
        {ONE("1893456060", ",\"nbf\":1893456008"), ST_NOT_YET_VALID},
        /* max_token_age = 100s, and the skew */
        {ONE("1893456060", ",\"iat\":1893455893"), ST_OK},
        {ONE("1893456060", ",\"iat\":1893455892"), ST_TOO_OLD},
        /* max_token_lifetime = 200s */
        {ONE("1893456200", ""), ST_OK},
        {ONE("1893456201", ""), ST_TOO_OLD},
        /* access_token_marker */
        {"{\"iss\":\"https://one.example\",\"aud\":\"ssh://db-1\",\"kind\":\"other\",\"sub\":\"2\","
         "\"exp\":1893456060}",
         ST_TYPE},
        {ONE("1893456060", ",\"nonce\":\"n\""), ST_TYPE},
        /* kind = people */
        {ONE("1893456060", ",\"client_id\":\"248\""), ST_TYPE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_claims("one", ED, rows[i].payload, rows[i].status, "");
    }
}

static void
R29_a_workload_may_be_its_own_client(void **state)
{
    (void)state;
    char *token = sign(ED, "EdDSA", "j1",
                       "{\"iss\":\"https://job.example\",\"aud\":\"ssh://db-1\","
                       "\"client_id\":\"248\",\"sub\":\"248\",\"exp\":1893456060}");
    check("job", token, ST_OK, "");
    free(token);
}

static void
R62_an_id_token_is_for_the_client_where_the_provider_sends_id_tokens(void **state)
{
    (void)state;
    check_claims("two", P256, GOOD_TWO, ST_OK, "");
    check_claims("two", P256, TWO("[\"ssh://db-1\",\"x\"]", ",\"azp\":\"two-client\""), ST_OK, "");
    check_claims("two", P256, TWO("[\"ssh://db-1\",\"x\"]", ",\"azp\":\"ssh://db-1\""), ST_AUDIENCE,
                 "azp");
    check_claims("two", P256,
                 "{\"iss\":\"https://two.example\",\"aud\":"
                 "\"ssh://db-1\",\"sub\":\"2\",\"exp\":1893456060}",
                 ST_CLAIM, "iat");
    /* Without a marker of its own a provider marks nothing. */
    check_claims("two", P256, TWO("\"ssh://db-1\"", ",\"kind\":\"access\""), ST_OK, "");
}

/* From a device flow comes an ID token for our own client, whatever is configured for the others.
 */
static void
R52_the_device_flow_ends_in_an_id_token_for_our_client(void **state)
{
    static const struct {
        const char *claims;
        enum status status;
    } rows[] = {
        {"\"aud\":\"one-client\",\"iat\":" NOW, ST_OK},
        {"\"aud\":\"ssh://db-1\",\"iat\":" NOW, ST_AUDIENCE},
        {"\"aud\":\"one-client\"", ST_CLAIM}, /* an ID token has an iat */
        {"\"aud\":\"one-client\",\"kind\":\"access\",\"iat\":" NOW, ST_TYPE},
        /* and its at_hash is that of the access token beside it (R62) */
        {"\"aud\":\"one-client\",\"at_hash\":\"x\",\"iat\":" NOW, ST_CLAIM},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *payload = support_text("{\"iss\":\"https://one.example\",\"sub\":\"248\","
                                     "\"exp\":1893456060,%s}",
                                     rows[i].claims);
        char *token = sign(ED, "EdDSA", "k1", payload);
        struct asked asked = {.names = "one",
                              .from_device_flow = true,
                              .access_token = "access",
                              .token = span_of(token)};
        struct verdict verdict;
        (void)run(&asked, &verdict);
        assert_status(&verdict, rows[i].status, "");
        free(token);
        free(payload);
    }
}

/* ---- memory --------------------------------------------------------------------------------- */

static enum status
check_one(void *world)
{
    struct verdict verdict;

    return run(world, &verdict);
}

static void
E69_no_token_is_accepted_where_memory_runs_out(void **state)
{
    char *token = sign(ED, "EdDSA", "k1", GOOD_ONE);
    struct asked asked = {.names = "job one two", .token = span_of(token)};

    (void)state;
    assert_true(fault_each(check_one, &asked) > 50);
    free(token);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R51_each_issuer_answers_for_its_own_keys),
        cmocka_unit_test(R48_a_payload_is_not_read_before_a_key_has_verified_it),
        cmocka_unit_test(R36_an_algorithm_is_enabled_by_the_provider_itself),
        cmocka_unit_test(R36_an_issuer_that_does_not_admit_the_algorithm_is_not_asked),
        cmocka_unit_test(R51_providers_of_one_issuer_are_told_apart_by_audience),
        cmocka_unit_test(the_step_that_refused_is_known),
        cmocka_unit_test(a_step_has_a_name_and_a_clause),
        cmocka_unit_test(the_answer_that_says_most_is_given_whatever_the_order),
        cmocka_unit_test(an_issuer_without_keys_is_in_nobodys_way),
        cmocka_unit_test(the_checks_are_told_what_the_provider_is_configured_for),
        cmocka_unit_test(R29_a_workload_may_be_its_own_client),
        cmocka_unit_test(R62_an_id_token_is_for_the_client_where_the_provider_sends_id_tokens),
        cmocka_unit_test(R52_the_device_flow_ends_in_an_id_token_for_our_client),
        cmocka_unit_test(E69_no_token_is_accepted_where_memory_runs_out),
        cmocka_unit_test(E34_a_token_of_a_new_key_costs_one_fetch_and_is_accepted),
        cmocka_unit_test(R70_every_issuer_that_admits_the_header_is_asked_until_one_has_the_key),
        cmocka_unit_test(R71_keys_that_another_process_has_just_stored_are_found),
        cmocka_unit_test(R72_a_known_key_asks_nobody_whatever_other_issuers_lack),
        cmocka_unit_test(R70_only_an_unknown_key_asks_the_provider),
        cmocka_unit_test(R72_keys_of_a_batch_grow_stale_and_end_while_it_runs),
        cmocka_unit_test(R73_a_batch_follows_the_store_to_newer_keys_and_not_to_older_ones),
        cmocka_unit_test(R70_a_batch_asks_again_once_a_minute),
    };
    char self[512] = "";

    if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 &&
        strcmp(strrchr(self, '/'), "/fetcher") == 0) {
        play_provider(self);
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
