/*
 * The account map: the search, which looks at as few lines as it can, answers as a reader would who
 * goes through every line (R16 to R29); and a map that `check` finds no error in never fails.
 *
 * Parts: accounts.map; accounts.d/10.map; the payload of the token; a line `ACCOUNT SERVICE HOST
 * PROVIDER PADDING`, where so many bytes of comment are put in front of the map.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "oauth/claims.h"
#include "policy/map/accounts.h"
#include "policy/map/pieces.h"
#include "policy/map/rule.h"
#include "sign.h"
#include "world.h"

#define MAP "/etc/pam_oauth/accounts.map"
#define MORE "/etc/pam_oauth/accounts.d/10.map"
#define PADDING_MAX 140000

static const char configuration[] = "[provider corp]\n"
                                    "issuer = https://issuer.example/corp\n"
                                    "audience = ssh://%h\n"
                                    "stable_claims = employee\n"
                                    "[provider open]\n"
                                    "issuer = https://issuer.example/open\n"
                                    "audience = ssh://%h\n"
                                    "mutable_claims = yes\n"
                                    "[provider ci]\n"
                                    "issuer = https://issuer.example/ci\n"
                                    "audience = ssh://%h\n"
                                    "kind = workload\n"
                                    "[service sshd]\n"
                                    "providers = corp open ci\n"
                                    "methods = token\n";
static struct config *config;

/* ---- the reader who goes through every line -------------------------------------------------- */

struct reading {
    const struct accounts_query *query;
    bool admitted;
    bool denied;
    bool odd; /* a line that is an error, for this provider or for none */
};

static const struct provider *
provider_named(struct span name)
{
    const struct provider *found = NULL;

    for (size_t i = 0; i < config->provider_count; i++) {
        found = span_is(name, config->providers[i]->name) ? config->providers[i] : found;
    }
    return found;
}

static void
read_line(struct reading *reading, struct span line)
{
    struct buf copy CLEANUP(buf_done) = BUF(RULE_LENGTH_MAX);
    struct span said = span_trim(line);
    struct why why = {""};
    struct rule rule;

    /* Whatever line it is: behind them an editor may show another (E63). */
    if (memchr(line.at, '\r', line.length) != NULL || memchr(line.at, '\0', line.length) != NULL) {
        reading->odd = true;
        return;
    }
    if (said.length == 0 || said.at[0] == '#') {
        return;
    }
    if (rule_read(line, &copy, &why, &rule) != ST_OK) {
        reading->odd = true;
        return;
    }
    const struct provider *provider = provider_named(rule.provider);
    if (provider == NULL || rule_permitted(&rule, provider, &why) != ST_OK) {
        reading->odd = true;
    } else if (provider == reading->query->provider && rule_applies(&rule, reading->query)) {
        reading->denied = reading->denied || rule.refuses;
        reading->admitted = reading->admitted || !rule.refuses;
    }
}

static void
read_map(struct reading *reading, struct span map)
{
    struct span line;

    while (span_line(&map, &line)) {
        reading->odd = reading->odd || line.length >= PIECES_LENGTH;
        read_line(reading, line);
    }
}

/* ---- the search ------------------------------------------------------------------------------ */

static void
check_place(const char *place)
{
    PROMISE(strncmp(place, "accounts.map:", 13) == 0 || strncmp(place, "10.map:", 7) == 0);
}

static void
search(const struct accounts_query *query, const struct reading *reading, bool checked)
{
    struct accounts_rule rule = {""};
    struct why why = {""};
    enum status status = fuzz_status(accounts_search(query, &why, &rule));

    fuzz_why(&why);
    if (status == ST_OK || status == ST_DENIED) {
        check_place(rule.place);
    }
    PROMISE(status != ST_OK || (reading->admitted && !reading->denied));
    PROMISE(status != ST_DENIED || reading->denied);
    PROMISE(status != ST_ACCOUNT || (!reading->admitted && !reading->denied));
    if (fault_happened()) {
        return;
    }
    PROMISE(status != ST_CONFIG || (reading->odd && !checked));
    PROMISE(reading->odd || status == (reading->denied     ? ST_DENIED
                                       : reading->admitted ? ST_OK
                                                           : ST_ACCOUNT));
}

/* True if no error was found. */
static bool
check(const struct reading *reading)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;
    enum status status = fuzz_status(accounts_check(config, 0, &findings));

    PROMISE(fuzz_is_printable(buf_span(&findings.lines), true));
    PROMISE(status == ST_OK || fault_happened());
    if (!fault_happened()) {
        PROMISE(findings.errors > 0 || !reading->odd);
    }
    return status == ST_OK && findings.errors == 0;
}

/* ---- one input ------------------------------------------------------------------------------- */

static struct accounts_query
read_query(struct span line, struct span *ret_padding)
{
    struct span words[5];

    for (size_t i = 0; i < COUNT(words); i++) {
        (void)span_word(&line, &words[i]);
    }
    *ret_padding = words[4];
    const struct provider *provider = provider_named(words[3]);
    return (struct accounts_query){
        .config = config,
        .provider = provider != NULL ? provider : config->providers[0],
        .account = fuzz_string(words[0]),
        .service = fuzz_string(words[1]),
        .host = fuzz_string(words[2]),
        .owner = 0,
    };
}

/* So that rules stand across the pieces in which a map is read. */
static struct span
pad(struct span map, struct span padding)
{
    int64_t length = 0;

    if (!text_number(padding, 2, PADDING_MAX, &length)) {
        return map;
    }
    char *padded = malloc((size_t)length + map.length);
    PROMISE(padded != NULL);
    for (size_t i = 0; i < (size_t)length; i++) {
        padded[i] = (char)(i % 100 == 0 ? '#' : i % 100 == 99 ? '\n' : 'x');
    }
    padded[length - 1] = '\n';
    if (map.length > 0) {
        memcpy(padded + length, map.at, map.length);
    }
    struct span copy =
        fuzz_copy((struct span){.at = padded, .length = (size_t)length + map.length});
    free(padded);
    return copy;
}

static void
run(struct fuzz_input *input)
{
    struct span map = fuzz_part(input);
    struct span more = fuzz_part(input);
    struct claims *claims CLEANUP(claims_done) = sign_claims(NULL, fuzz_part(input));
    struct span padding;
    struct accounts_query query = read_query(fuzz_part(input), &padding);
    struct reading reading = {.query = &query};

    if (claims == NULL) {
        return;
    }
    query.claims = claims;
    map = pad(map, padding);
    world_write(MAP, map);
    world_write(MORE, more);
    fault_begin((struct span){.at = NULL, .length = 0});
    read_map(&reading, map);
    read_map(&reading, more);
    fault_begin(input->faults);
    bool checked = check(&reading);
    search(&query, &reading, checked && !fault_happened());
    fault_end();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct findings findings CLEANUP(findings_done) = FINDINGS;

    (void)argc;
    (void)argv;
    world_open();
    world_write("/etc/pam_oauth/pam_oauth.conf", span_of(configuration));
    fault_begin((struct span){.at = NULL, .length = 0});
    PROMISE(config_load("/etc/pam_oauth/pam_oauth.conf", 0, WORLD_HOST, &findings, &config) ==
            ST_OK);
    fault_end();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);

    fuzz_traces_begin(size % 2 == 0);
    run(&input);
    fuzz_traces_end();
    fuzz_done();
    return 0;
}
