#include "pam_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "jose/digest.h"
#include "sign.h"
#include "world.h"

#define ISSUER "https://pinned.example"
#define NET "https://net.example/realm"
#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

static const char configuration[] = "[provider pinned]\n"
                                    "issuer = " ISSUER "\n"
                                    "client_id = linux\n"
                                    "audience = ssh://%h\n"
                                    "jwks_file = /etc/pam_oauth/pinned.jwks\n"
                                    "device_authorization_endpoint = " ISSUER "/device\n"
                                    "token_endpoint = " ISSUER "/token\n"
                                    "[provider net]\n"
                                    "preset = keycloak\n"
                                    "issuer = " NET "\n"
                                    "client_id = linux\n"
                                    "client_auth = post\n"
                                    "client_secret_file = /etc/pam_oauth/net.secret\n"
                                    "audience = ssh://%h\n"
                                    "timeout = 2s\n"
                                    "[provider jobs]\n"
                                    "issuer = " ISSUER "\n"
                                    "kind = workload\n"
                                    "token_kind = any\n"
                                    "audience = job://%h\n"
                                    "jwks_file = /etc/pam_oauth/pinned.jwks\n"
                                    "[service sshd]\n"
                                    "providers = pinned jobs\n"
                                    "methods = token device\n"
                                    "require = acr=phr or acr=phrh\n"
                                    "local_users = root breakglass\n"
                                    "system_users = deploy\n"
                                    "[service sudo]\n"
                                    "providers = net\n"
                                    "methods = token\n"
                                    "max_auth_age = 8h\n"
                                    "[service su]\n"
                                    "providers = net\n"
                                    "methods = device\n"
                                    "device_display = message\n"
                                    "device_timeout = 60s\n"
                                    "[service login]\n"
                                    "providers = pinned net\n"
                                    "methods = token device\n";
static const char preset[] = "token_kind = access_token\naccess_token_marker = typ=Bearer\n";
static const char map[] = "# comment\n"
                          "pinned sub=alice-1 -> alice\n"
                          "pinned sub=bob-1 -> bob service=login\n"
                          "pinned sub=root-1 -> root\n"
                          "pinned sub=mallory-1 -> alice\n"
                          "!pinned sub=mallory-1\n"
                          "net sub=alice-1 -> alice\n"
                          "jobs sub=job-1 -> deploy\n";
static const char pinned_jwks[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\","
                                  "\"alg\":\"EdDSA\",\"x\":\"" X "\"}]}";

/* ---- tokens ---------------------------------------------------------------------------------- */

#define AT "{\"alg\":\"EdDSA\",\"kid\":\"ed\",\"typ\":\"at+jwt\"}"
#define PLAIN "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}"
#define ON_NET "{\"alg\":\"EdDSA\",\"kid\":\"net\"}"
#define TIMES "\"iat\":1893455900,\"exp\":1893456600,\"auth_time\":1893455000,\"acr\":\"phr\""
#define HERE "\"iss\":\"" ISSUER "\",\"aud\":\"ssh://host.example\","
#define THERE "\"iss\":\"" NET "\",\"aud\":[\"ssh://host.example\",\"account\"],\"typ\":\"Bearer\","

static struct {
    const char *name;
    const char *header; /* NULL: the payload is the text itself */
    const char *payload;
    char *text;
} texts[] = {
    {"alice", AT, "{" HERE TIMES ",\"sub\":\"alice-1\",\"jti\":\"j1\"}", NULL},
    {"bob", AT, "{" HERE TIMES ",\"sub\":\"bob-1\"}", NULL},
    {"root", AT, "{" HERE TIMES ",\"sub\":\"root-1\"}", NULL},
    {"mallory", AT, "{" HERE TIMES ",\"sub\":\"mallory-1\"}", NULL},
    {"nobody", AT, "{" HERE TIMES ",\"sub\":\"nobody-1\"}", NULL},
    {"job", PLAIN,
     "{\"iss\":\"" ISSUER "\",\"aud\":\"job://host.example\"," TIMES ",\"sub\":\"job-1\"}", NULL},
    {"net", ON_NET, "{" THERE TIMES ",\"sub\":\"alice-1\"}", NULL},
    {"netbob", ON_NET, "{" THERE TIMES ",\"sub\":\"bob-1\"}", NULL},
    {"netid", ON_NET,
     "{\"iss\":\"" NET "\",\"aud\":\"linux\"," TIMES ",\"sub\":\"alice-1\",\"nonce\":\"n\"}", NULL},
    {"id", PLAIN, "{\"iss\":\"" ISSUER "\",\"aud\":\"linux\"," TIMES ",\"sub\":\"alice-1\"}", NULL},
    {"idbob", PLAIN, "{\"iss\":\"" ISSUER "\",\"aud\":\"linux\"," TIMES ",\"sub\":\"bob-1\"}",
     NULL},
    {"noacr", AT,
     "{" HERE "\"iat\":1893455900,\"exp\":1893456600,\"sub\":\"alice-1\",\"acr\":\"pwd\"}", NULL},
    {"expired", AT, "{" HERE "\"iat\":1893452000,\"exp\":1893453000,\"sub\":\"alice-1\"}", NULL},
    {"future", AT, "{" HERE TIMES ",\"nbf\":1893457000,\"sub\":\"alice-1\"}", NULL},
    {"forever", AT, "{" HERE "\"iat\":1893455900,\"exp\":1993455900,\"sub\":\"alice-1\"}", NULL},
    {"audience", AT,
     "{\"iss\":\"" ISSUER "\",\"aud\":\"ssh://other.example\"," TIMES ",\"sub\":\"alice-1\"}",
     NULL},
    {"issuer", AT,
     "{\"iss\":\"" NET "\",\"aud\":\"ssh://host.example\"," TIMES ",\"sub\":\"alice-1\"}", NULL},
    {"bound", AT, "{" HERE TIMES ",\"sub\":\"alice-1\",\"cnf\":{\"jkt\":\"x\"}}", NULL},
    {"badkid", "{\"alg\":\"EdDSA\",\"kid\":\"other\",\"typ\":\"at+jwt\"}",
     "{" HERE TIMES ",\"sub\":\"alice-1\"}", NULL},
    {"none", "{\"alg\":\"none\"}", "{" HERE TIMES ",\"sub\":\"alice-1\"}", NULL},
    {"array", AT, "[1]", NULL},
    {"jwks", NULL,
     "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"net\",\"x\":\"" X "\"}]}", NULL},
    {"discovery", NULL,
     "{\"issuer\":\"" NET "\",\"jwks_uri\":\"" NET "/jwks\",\"token_endpoint\":\"" NET
     "/token\",\"device_authorization_endpoint\":\"" NET "/device\"}",
     NULL},
    {"device", NULL,
     "{\"device_code\":\"" PAM_HOST_DEVICE_CODE "\",\"user_code\":\"WDJB-MJHT\","
     "\"verification_uri\":\"" ISSUER "/go\",\"expires_in\":600,\"interval\":1}",
     NULL},
    {"netdevice", NULL,
     "{\"device_code\":\"" PAM_HOST_DEVICE_CODE "\",\"user_code\":\"WDJB-MJHT\","
     "\"verification_uri\":\"https://net.example/go\",\"expires_in\":600}",
     NULL},
    {"pending", NULL, "{\"error\":\"authorization_pending\"}", NULL},
    {"slow", NULL, "{\"error\":\"slow_down\"}", NULL},
    {"denied", NULL, "{\"error\":\"access_denied\",\"error_description\":\"no\"}", NULL},
    {"gone", NULL, "{\"error\":\"expired_token\"}", NULL},
    /* Filled in below: the grants. */
    {"granted", NULL, "id", NULL},
    {"grantedbob", NULL, "idbob", NULL},
    {"netgranted", NULL, "netid", NULL},
};

static const char *
find_text(const char *name)
{
    return pam_host_text(span_of(name));
}

static char *
make_grant(const char *token)
{
    char *grant = NULL;

    PROMISE(asprintf(&grant,
                     "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}",
                     find_text(token)) > 0);
    return grant;
}

static void
make_texts(void)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        bool grant = strstr(texts[i].name, "granted") != NULL;
        texts[i].text =
            texts[i].header != NULL
                ? strdup(sign_token(span_of(texts[i].header), span_of(texts[i].payload)))
            : grant ? make_grant(texts[i].payload)
                    : strdup(texts[i].payload);
        PROMISE(texts[i].text != NULL);
    }
    fuzz_done();
}

const char *
pam_host_text(struct span name)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (span_is(name, texts[i].name)) {
            return texts[i].text;
        }
    }
    return NULL;
}

/* ---- who gets in ----------------------------------------------------------------------------- */

static const struct {
    const char *service;
    const char *user;
    const char *token;    /* shown at the prompt, */
    const char *approved; /* or brought by the device flow */
} admitted[] = {
    {"sshd", "alice", "alice", "id"},  {"sshd", "deploy", "job", NULL},
    {"sudo", "alice", "net", NULL},    {"su", "alice", NULL, "netid"},
    {"login", "alice", "alice", "id"}, {"login", "alice", "net", NULL},
    {"login", "bob", "bob", "idbob"},  {"login", "alice", "noacr", NULL},
};

static bool
admits(const char *service, const char *user, struct span text, bool approved)
{
    for (size_t i = 0; i < COUNT(admitted); i++) {
        const char *name = approved ? admitted[i].approved : admitted[i].token;
        if (name != NULL && strcmp(service, admitted[i].service) == 0 &&
            strcmp(user, admitted[i].user) == 0 && span_is(text, find_text(name))) {
            return true;
        }
    }
    return false;
}

bool
pam_host_admits(const char *service, const char *user, struct span token)
{
    return admits(service, user, token, false);
}

bool
pam_host_admits_approved(const char *service, const char *user, struct span id_token)
{
    return admits(service, user, id_token, true);
}

bool
pam_host_leaves(const char *service, const char *user)
{
    return strcmp(service, "sshd") == 0 &&
           (strcmp(user, "root") == 0 || strcmp(user, "breakglass") == 0);
}

bool
pam_host_serves(const char *service)
{
    static const char *const services[] = {"sshd", "sudo", "su", "login"};
    bool serves = false;

    for (size_t i = 0; i < COUNT(services); i++) {
        serves = serves || strcmp(service, services[i]) == 0;
    }
    return serves;
}

/* ---- files ----------------------------------------------------------------------------------- */

static char stored_path[256];

void
pam_host_open(void)
{
    struct buf name CLEANUP(buf_done) = BUF(128);

    world_open();
    world_write("/etc/pam_oauth/pam_oauth.conf", span_of(configuration));
    world_write("/usr/share/pam_oauth/providers/keycloak.conf", span_of(preset));
    world_write("/etc/pam_oauth/accounts.map", span_of(map));
    world_write("/etc/pam_oauth/net.secret", span_of(PAM_HOST_SECRET "\n"));
    world_protect("/etc/pam_oauth/net.secret");
    PROMISE(digest_sha256_hex(span_of(NET), &name) == ST_OK);
    (void)snprintf(stored_path, sizeof(stored_path), "/var/cache/pam_oauth/%s.keys",
                   buf_text(&name));
    make_texts();
    pam_host_reset();
}

void
pam_host_reset(void)
{
    world_empty("/var/cache/pam_oauth");
    world_empty("/run/pam_oauth");
    world_restart();
    world_write("/etc/pam_oauth/pinned.jwks", span_of(pinned_jwks));
}

void
pam_host_store(struct span age)
{
    char *text = NULL;
    long long fetched = WORLD_NOW_S - (span_is(age, "fresh")   ? 100
                                       : span_is(age, "stale") ? 10000
                                                               : 1000000);

    PROMISE(asprintf(&text,
                     "pam_oauth keystore 1\nissuer " NET "\njwks_uri " NET
                     "/jwks\ndevice_authorization_endpoint " NET "/device\ntoken_endpoint " NET
                     "/token\nfetched %lld\nfresh_until %lld\nkeys 1\n=bmV0 OKP - Ed25519 " X
                     " -\nend\n",
                     fetched, fetched + 3600) > 0);
    world_write(stored_path, span_of(text));
    free(text);
}
