#include "support.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/config/config.h"
#include "policy/config/keys.h"

/* A configuration that is complete; cases add to it or take its place. */
#define PROVIDER                                                                                   \
    "[provider corp]\n"                                                                            \
    "issuer = https://sso.example.org/realms/corp\n"                                               \
    "client_id = linux-login\n"                                                                    \
    "audience = ssh://%h\n"
#define SERVICE                                                                                    \
    "[service sshd]\n"                                                                             \
    "providers = corp\n"                                                                           \
    "methods = token device\n"

struct fixture {
    char *directory;
    char *path;
    struct findings findings;
    struct config *config;
};

static int
setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->directory = support_directory();
    fixture->path = support_text("%s/pam_oauth.conf", fixture->directory);
    fixture->findings = (struct findings)FINDINGS;
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;

    config_done(&fixture->config);
    findings_done(&fixture->findings);
    support_remove(fixture->directory);
    free(fixture->path);
    free(fixture);
    return 0;
}

/* Loads what is in the directory. */
static enum status
load_files(struct fixture *fixture)
{
    config_done(&fixture->config);
    findings_done(&fixture->findings);
    enum status status =
        config_load(fixture->path, getuid(), "db-1", &fixture->findings, &fixture->config);
    assert_true((status == ST_OK) == (fixture->config != NULL));
    assert_true((status == ST_OK) == (fixture->findings.errors == 0));
    return status;
}

static enum status
load(struct fixture *fixture, const char *text)
{
    support_write(fixture->directory, "pam_oauth.conf", text);
    return load_files(fixture);
}

static const char *
said(const struct fixture *fixture)
{
    return buf_text(&fixture->findings.lines);
}

static void
make_directory(const struct fixture *fixture, const char *name)
{
    char *path = support_text("%s/%s", fixture->directory, name);

    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(chmod(path, 0755), 0);
    free(path);
}

/* A finding at that line of the main file, as it is printed. */
static void
assert_said(const struct fixture *fixture, unsigned int line, const char *finding)
{
    char *whole = support_text("%s:%u: %s", fixture->path, line, finding);

    if (strstr(said(fixture), whole) == NULL) {
        fail_msg("'%s' is not in:\n%s", whole, said(fixture));
    }
    free(whole);
}

/* ---- what is said ------------------------------------------------------------------------------
 */

static void
defaults_are_those_of_the_design(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, PROVIDER SERVICE), ST_OK);
    assert_string_equal(said(fixture), "");
    const struct config *config = fixture->config;
    assert_int_equal(config->provider_count, 1);
    const struct provider *corp = config_provider(config, "corp");
    assert_ptr_equal(corp, config->providers[0]);
    assert_string_equal(corp->name, "corp");
    assert_string_equal(corp->place.file, fixture->path);
    assert_int_equal(corp->place.line, 1);
    assert_string_equal(corp->issuer, "https://sso.example.org/realms/corp");
    assert_int_equal(corp->audience.count, 1);
    assert_string_equal(corp->audience.at[0], "ssh://db-1");
    assert_int_equal(corp->token_kind, TOKEN_ACCESS);
    assert_null(corp->access_token_marker);
    assert_int_equal(corp->marker.name.length, 0);
    assert_int_equal(corp->algorithms, ALG_DEFAULT);
    assert_int_equal(corp->kind, PROVIDER_PEOPLE);
    assert_int_equal(corp->client_auth, CLIENT_AUTH_NONE);
    assert_null(corp->client_secret_file);
    assert_string_equal(corp->scope, "openid");
    assert_null(corp->jwks_file);
    assert_null(corp->jwks_uri);
    assert_null(corp->device_authorization_endpoint);
    assert_null(corp->token_endpoint);
    assert_int_equal(corp->allowed_hosts.count, 0);
    assert_null(corp->ca_file);
    assert_null(corp->proxy);
    assert_null(corp->no_proxy);
    assert_int_equal(corp->timeout_s, 8);
    assert_int_equal(corp->clock_skew_s, 30);
    assert_int_equal(corp->max_token_age_s, 3600);
    assert_int_equal(corp->max_token_lifetime_s, 86400);
    assert_int_equal(corp->jwks_min_age_s, 300);
    assert_int_equal(corp->jwks_max_age_s, 86400);
    assert_int_equal(corp->jwks_stale_limit_s, 86400);
    assert_int_equal(corp->stable_claims.count, 0);
    assert_false(corp->mutable_claims);

    const struct service *sshd = config_service(config, "sshd");
    assert_int_equal(sshd->place.line, 5);
    assert_int_equal(sshd->provider_count, 1);
    assert_ptr_equal(sshd->providers[0], corp);
    assert_int_equal(sshd->method_count, 2);
    assert_int_equal(sshd->methods[0], METHOD_TOKEN);
    assert_int_equal(sshd->methods[1], METHOD_DEVICE);
    assert_int_equal(sshd->requirement_count, 0);
    assert_int_equal(sshd->max_auth_age_s, 0);
    assert_int_equal(sshd->device_timeout_s, 90);
    assert_int_equal(sshd->device_limit, 20);
    assert_int_equal(sshd->device_limit_per_account, 3);
    assert_int_equal(sshd->device_display, DISPLAY_AUTO);
    assert_int_equal(sshd->qr, QR_AUTO);
    assert_int_equal(sshd->local_users.count, 0);
    assert_int_equal(sshd->system_users.count, 0);
    assert_ptr_equal(config_device_provider(sshd), corp);
    assert_null(config_service(config, "sudo"));
    assert_null(config_service(config, "*"));
    assert_null(config_provider(config, "other"));

    char *accounts = support_text("%s/accounts.map", fixture->directory);
    assert_string_equal(config->paths.accounts, accounts);
    free(accounts);
    assert_string_equal(config->paths.cache, "/var/cache/pam_oauth");
    assert_string_equal(config->paths.state, "/var/lib/pam_oauth");
    assert_string_equal(config->paths.run, "/run/pam_oauth");
    assert_string_equal(config->paths.fetcher, PAM_OAUTH_LIBEXECDIR "/pam-oauth-fetcher");
    assert_string_equal(config->paths.fetcher_user, "_pam-oauth");
    assert_string_equal(config->paths.refresher, PAM_OAUTH_BINDIR "/pam-oauth");
    assert_string_equal(config->paths.presets, PAM_OAUTH_DATADIR "/pam_oauth/providers");
    assert_int_equal(config->files.count, 1);
    assert_string_equal(config->files.at[0], fixture->path);
}

static void
every_provider_key_reaches_its_field(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "  # comment\n ; another\n\n"
                                   "[ provider   x-1_y ]\n"
                                   "issuer=https://id.example.org:8443/t/\n"
                                   "  client_id   =   a=b  \n"
                                   "audience = ssh://%h\tapi://x-%h/%%41  plain\n"
                                   "token_kind = id_token\n"
                                   "access_token_marker = \"token use\"=\"a \\\"b\\\"\"\n"
                                   "algorithms = ES384 Ed448\n"
                                   "client_auth = basic\n"
                                   "client_secret_file = /etc/pam_oauth/x.secret\n"
                                   "scope = openid   profile\temail\n"
                                   "jwks_uri = https://keys.example.org/jwks?x=1\n"
                                   "device_authorization_endpoint = https://id.example.org/device\n"
                                   "token_endpoint = https://id.example.org/token\n"
                                   "allowed_hosts = www.example.org [2001:db8::1] 192.0.2.1\n"
                                   "hosts = *.example.org build-3\n"
                                   "ca_file = /etc/ssl/corp.pem\n"
                                   "proxy = http://proxy.example.org:3128\n"
                                   "no_proxy = a.example.org,b.example.org\n"
                                   "timeout = 30\n"
                                   "clock_skew = 5m\n"
                                   "max_token_age = 2d\n"
                                   "max_token_lifetime = 90d\n"
                                   "jwks_min_age = 10s\n"
                                   "jwks_max_age = 48h\n"
                                   "jwks_stale_limit = 0\n"
                                   "stable_claims = oid tid\n"
                                   "mutable_claims = yes\n"),
                     ST_OK);
    const struct provider *x = config_provider(fixture->config, "x-1_y");
    assert_string_equal(x->issuer, "https://id.example.org:8443/t/");
    assert_string_equal(x->client_id, "a=b");
    assert_int_equal(x->audience.count, 3);
    assert_string_equal(x->audience.at[0], "ssh://db-1");
    assert_string_equal(x->audience.at[1], "api://x-db-1/%41");
    assert_string_equal(x->audience.at[2], "plain");
    assert_int_equal(x->token_kind, TOKEN_ID);
    assert_true(span_is(x->marker.name, "token use"));
    assert_true(span_is(x->marker.value, "a \"b\""));
    assert_false(x->marker.wildcard);
    assert_int_equal(x->algorithms, ALG_BIT(ALG_ES384) | ALG_BIT(ALG_ED448));
    assert_int_equal(x->client_auth, CLIENT_AUTH_BASIC);
    assert_string_equal(x->client_secret_file, "/etc/pam_oauth/x.secret");
    assert_string_equal(x->scope, "openid profile email");
    assert_string_equal(x->jwks_uri, "https://keys.example.org/jwks?x=1");
    assert_string_equal(x->device_authorization_endpoint, "https://id.example.org/device");
    assert_string_equal(x->token_endpoint, "https://id.example.org/token");
    assert_int_equal(x->allowed_hosts.count, 3);
    assert_true(words_have(&x->allowed_hosts, "[2001:db8::1]"));
    assert_int_equal(x->hosts.count, 2);
    assert_true(words_have(&x->hosts, "*.example.org"));
    assert_string_equal(x->ca_file, "/etc/ssl/corp.pem");
    assert_string_equal(x->proxy, "http://proxy.example.org:3128");
    assert_string_equal(x->no_proxy, "a.example.org,b.example.org");
    assert_int_equal(x->timeout_s, 30);
    assert_int_equal(x->clock_skew_s, 300);
    assert_int_equal(x->max_token_age_s, 2 * 86400);
    assert_int_equal(x->max_token_lifetime_s, 90 * 86400);
    assert_int_equal(x->jwks_min_age_s, 10);
    assert_int_equal(x->jwks_max_age_s, 48 * 3600);
    assert_int_equal(x->jwks_stale_limit_s, 0);
    assert_true(words_have(&x->stable_claims, "tid"));
    assert_true(x->mutable_claims);
}

static void
every_service_and_path_key_reaches_its_field(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, PROVIDER "[paths]\n"
                                            "accounts = /a/accounts.map\n"
                                            "cache = /a/cache\n"
                                            "state = /a/state\n"
                                            "[paths]\n"
                                            "run = /a/run\n"
                                            "fetcher = /a/fetcher\n"
                                            "fetcher_user = nobody\n"
                                            "refresher = /a/refresher\n"
                                            "presets = /a/presets\n"
                                            "[store]\n"
                                            "used_tokens = directory\n"
                                            "[service gdm-password polkit-1 su.x]\n"
                                            "providers = corp\n"
                                            "methods = device\n"
                                            "require = groups=a\n"
                                            "require = acr=phr or acr=phrh\n"
                                            "max_auth_age = 8h\n"
                                            "single_use = yes\n"
                                            "device_timeout = 120\n"
                                            "device_limit = 1000\n"
                                            "device_limit_per_account = 1\n"
                                            "device_display = message\n"
                                            "qr = no\n"
                                            "local_users = root Debian-gdm\n"
                                            "system_users = deploy\n"),
                     ST_OK);
    const struct service *gdm = config_service(fixture->config, "gdm-password");
    assert_int_equal(gdm->method_count, 1);
    assert_int_equal(gdm->methods[0], METHOD_DEVICE);
    assert_string_equal(config_keys_method(METHOD_DEVICE), "device");
    assert_string_equal(config_keys_method(METHOD_TOKEN), "token");
    assert_int_equal(gdm->requirement_count, 2);
    assert_int_equal(gdm->max_auth_age_s, 8 * 3600);
    assert_true(gdm->single_use);
    assert_int_equal(gdm->device_timeout_s, 120);
    assert_int_equal(gdm->device_limit, 1000);
    assert_int_equal(gdm->device_limit_per_account, 1);
    assert_int_equal(gdm->device_display, DISPLAY_MESSAGE);
    assert_int_equal(gdm->qr, QR_NO);
    assert_true(words_have(&gdm->local_users, "Debian-gdm"));
    assert_true(words_have(&gdm->system_users, "deploy"));
    const struct service *polkit = config_service(fixture->config, "polkit-1");
    assert_int_equal(polkit->requirement_count, 2);
    assert_true(words_have(&polkit->local_users, "root"));
    assert_non_null(config_service(fixture->config, "su.x"));
    assert_string_equal(fixture->config->paths.accounts, "/a/accounts.map");
    assert_string_equal(fixture->config->paths.cache, "/a/cache");
    assert_string_equal(fixture->config->paths.state, "/a/state");
    assert_string_equal(fixture->config->paths.run, "/a/run");
    assert_string_equal(fixture->config->paths.fetcher, "/a/fetcher");
    assert_string_equal(fixture->config->paths.fetcher_user, "nobody");
    assert_string_equal(fixture->config->paths.refresher, "/a/refresher");
    assert_string_equal(fixture->config->paths.presets, "/a/presets");
}

static void
the_star_service_gives_defaults_and_enables_nothing(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, PROVIDER "[service sshd sudo]\n"
                                            "require = groups=a\n"
                                            "device_timeout = 30s\n"
                                            "[service *]\n"
                                            "providers = corp\n"
                                            "methods = token\n"
                                            "device_timeout = 60s\n"
                                            "max_auth_age = 1h\n"
                                            "require = groups=b\n"
                                            "require = groups=c\n"
                                            "[service login]\n"
                                            "methods = device token\n"),
                     ST_OK);
    assert_int_equal(fixture->config->service_count, 3);
    const struct service *sudo = config_service(fixture->config, "sudo");
    assert_int_equal(sudo->requirement_count, 3);
    assert_int_equal(sudo->device_timeout_s, 30);
    assert_int_equal(sudo->max_auth_age_s, 3600);
    assert_int_equal(sudo->provider_count, 1);
    const struct service *login = config_service(fixture->config, "login");
    assert_int_equal(login->requirement_count, 2);
    assert_int_equal(login->device_timeout_s, 60);
    assert_int_equal(login->method_count, 2);
    assert_int_equal(login->methods[0], METHOD_DEVICE);
    assert_null(config_service(fixture->config, "su"));

    assert_int_equal(load(fixture, PROVIDER "[service *]\nproviders = corp\nmethods = token\n"),
                     ST_OK);
    assert_int_equal(fixture->config->service_count, 0);
    /* A bad default is said once, also when nobody or everybody uses it. */
    assert_int_equal(load(fixture, PROVIDER "[service *]\ndevice_timeout = 1s\n"), ST_CONFIG);
    assert_int_equal(fixture->findings.errors, 1);
}

static void
an_empty_configuration_is_one(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, ""), ST_OK);
    assert_int_equal(load(fixture, "\n"), ST_OK);
    assert_int_equal(load(fixture, "# nothing"), ST_OK);
    assert_int_equal(fixture->config->provider_count, 0);
    assert_int_equal(fixture->config->service_count, 0);
}

/* ---- files -------------------------------------------------------------------------------------
 */

static void
dropins_are_read_in_byte_order_and_others_are_not(void **state)
{
    struct fixture *fixture = *state;

    make_directory(fixture, "conf.d");
    support_write(fixture->directory, "conf.d/20-b.conf", "[service b]\nmethods = bad2\n");
    support_write(fixture->directory, "conf.d/10-a.conf", "[service a]\nmethods = bad1\n");
    support_write(fixture->directory, "conf.d/Z.conf", "[service z]\nmethods = bad3\n");
    support_write(fixture->directory, "conf.d/.hidden.conf", "garbage\n");
    support_write(fixture->directory, "conf.d/x.conf~", "garbage\n");
    support_write(fixture->directory, "conf.d/x.conf.dpkg-new", "garbage\n");
    support_write(fixture->directory, "conf.d/README", "garbage\n");
    support_write(fixture->directory, "conf.d/.conf", "garbage\n");
    assert_int_equal(load(fixture, PROVIDER), ST_CONFIG);
    const char *first = strstr(said(fixture), "bad1");
    const char *second = strstr(said(fixture), "bad2");
    const char *third = strstr(said(fixture), "bad3");
    assert_true(first != NULL && second != NULL && third != NULL);
    assert_true(first < second && second < third);
    assert_null(strstr(said(fixture), "garbage"));
    assert_null(strstr(said(fixture), "not a '[section]'"));
}

static void
a_thousand_dropins_are_the_most(void **state)
{
    struct fixture *fixture = *state;

    make_directory(fixture, "conf.d");
    for (int i = 0; i < 1000; i++) {
        char *name = support_text("conf.d/%d.conf", i);
        support_write(fixture->directory, name, "");
        free(name);
    }
    assert_int_equal(load(fixture, PROVIDER SERVICE), ST_OK);
    support_write(fixture->directory, "conf.d/one-more.conf", "");
    assert_int_equal(load(fixture, PROVIDER SERVICE), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "/conf.d: more than 1000 files; merge some"));
}

static void
what_is_said_twice_names_the_first_place_across_files_R12(void **state)
{
    struct fixture *fixture = *state;

    make_directory(fixture, "conf.d");
    support_write(fixture->directory, "conf.d/a.conf", "[paths]\ncache = /y\nrun = /r\n");
    assert_int_equal(load(fixture, PROVIDER "[paths]\ncache = /x\n"), ST_CONFIG);
    char *expected = support_text("%s/conf.d/a.conf:2: error: 'cache' is set twice in [paths], "
                                  "first at %s:6; keep one of them\n",
                                  fixture->directory, fixture->path);
    assert_string_equal(said(fixture), expected);
    free(expected);

    support_write(fixture->directory, "conf.d/a.conf", "[provider corp]\nissuer = https://x.y/\n");
    assert_int_equal(load(fixture, PROVIDER), ST_CONFIG);
    expected = support_text("%s/conf.d/a.conf:1: error: [provider corp] appears a second time, "
                            "first at %s:1; keep one of them\n",
                            fixture->directory, fixture->path);
    assert_string_equal(said(fixture), expected);
    free(expected);
}

static void
a_file_that_others_could_write_is_refused_R111_E63(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load_files(fixture), ST_CONFIG);
    char *expected = support_text("%s: error: No such file or directory\n", fixture->path);
    assert_string_equal(said(fixture), expected);
    free(expected);

    support_write_mode(fixture->directory, "pam_oauth.conf", PROVIDER, 0664);
    assert_int_equal(load_files(fixture), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "chmod go-w"));

    assert_int_equal(unlink(fixture->path), 0);
    support_write(fixture->directory, "real.conf", PROVIDER);
    assert_int_equal(symlink("real.conf", fixture->path), 0);
    assert_int_equal(load_files(fixture), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "symbolic link"));
    assert_int_equal(unlink(fixture->path), 0);

    assert_int_equal(mkfifo(fixture->path, 0644), 0);
    assert_int_equal(load_files(fixture), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "not a regular file"));
    assert_int_equal(unlink(fixture->path), 0);

    assert_int_equal(load(fixture, PROVIDER SERVICE), ST_OK);
    make_directory(fixture, "conf.d");
    support_write_mode(fixture->directory, "conf.d/a.conf", "", 0666);
    assert_int_equal(load_files(fixture), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "/conf.d/a.conf: error: "));
    support_write(fixture->directory, "conf.d/a.conf", "");
    assert_int_equal(load_files(fixture), ST_OK);
    char *dropins = support_text("%s/conf.d", fixture->directory);
    assert_int_equal(chmod(dropins, 0777), 0);
    assert_int_equal(load_files(fixture), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "directory writable"));
    free(dropins);
}

static void
an_oversized_file_is_refused_E63(void **state)
{
    struct fixture *fixture = *state;
    size_t size = (size_t)1024 * 1024;
    char *text = malloc(size + 2);

    assert_non_null(text);
    memset(text, '\n', size + 1);
    memcpy(text, PROVIDER SERVICE, sizeof(PROVIDER SERVICE) - 1);
    text[size] = '\0';
    assert_int_equal(load(fixture, text), ST_OK);
    text[size] = '\n';
    text[size + 1] = '\0';
    assert_int_equal(load(fixture, text), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "larger than 1048576 bytes"));
    free(text);
}

static void
write_bytes(const struct fixture *fixture, const char *bytes, size_t length)
{
    FILE *file = fopen(fixture->path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void
odd_bytes_are_refused_E63_R110(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        const char *finding;
    } rows[] = {
#define BYTES(text) text, sizeof(text) - 1
        {BYTES("[paths]\r\ncache = /x\r\n"), ":1: error: the line has a carriage return"},
        {BYTES("[paths]\ncache = /x\rrun = /y\n"), ":2: error: the line has a carriage return"},
        {BYTES("[paths]\ncache = /x\0y\n"), ":2: error: the line has a NUL byte"},
        {BYTES("# \0\n"), ":1: error: the line has a NUL byte"},
        {BYTES("[paths]\ncache = /x\x1b[2J\n"), ":2: error: the line has a control character"},
        {BYTES("[paths]\ncache = /x\x7f\n"), ":2: error: the line has a control character"},
        {BYTES("[paths]\ncache = /\xff\n"), ":2: error: the line has bytes that are not UTF-8"},
        {BYTES("[paths]\ncache = /\xc0\xaf\n"), ":2: error: the line has bytes that are not UTF-8"},
        {BYTES("[paths]\ncache = /\xed\xa0\x80\n"), ":2: error: the line has bytes that are not"},
        {BYTES("\xef\xbb\xbf[paths]\n"), ":1: error: not a '[section]'"},
#undef BYTES
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        write_bytes(fixture, rows[i].text, rows[i].length);
        assert_int_equal(load_files(fixture), ST_CONFIG);
        if (strstr(said(fixture), rows[i].finding) == NULL) {
            fail_msg("%s: %s", rows[i].finding, said(fixture));
        }
    }
    /* One finding for a whole file with CRLF line ends, and its other errors too. */
    static const char crlf[] = "[paths]\r\ncache = x\r\nrun = /r\r\n";
    write_bytes(fixture, crlf, sizeof(crlf) - 1);
    assert_int_equal(load_files(fixture), ST_CONFIG);
    assert_int_equal(fixture->findings.errors, 2);
}

/* ---- single lines ------------------------------------------------------------------------------
 */

static void
an_unknown_name_gets_the_nearest_valid_one_R12(void **state)
{
    static const struct {
        const char *text;
        unsigned int line;
        const char *finding;
    } rows[] = {
        {PROVIDER "audeince = x\n", 5,
         "error: unknown key 'audeince' in [provider corp]; did you mean 'audience'?\n"},
        {PROVIDER "zzz = x\n", 5, "error: unknown key 'zzz' in [provider corp]; remove it\n"},
        {PROVIDER "methods = token\n", 5,
         "error: unknown key 'methods' in [provider corp]; it belongs in a [service] section\n"},
        {PROVIDER "Audience = x\n", 5,
         "error: unknown key 'Audience' in [provider corp]; did you mean 'audience'?\n"},
        {PROVIDER " = x\n", 5, "error: unknown key '' in [provider corp]; remove it\n"},
        {PROVIDER "include /etc/x = y\n", 5, "error: unknown key 'include /etc/x' in"},
        {"[providr corp]\nx = y\n", 1,
         "error: unknown section 'providr'; did you mean 'provider'?\n"},
        {"[zzz]\nx = y\n", 1,
         "error: unknown section 'zzz'; there are provider, service, paths and store\n"},
        {"[]\n", 1, "error: unknown section ''"},
        {"[Provider corp]\n", 1, "error: unknown section 'Provider'; did you mean 'provider'?\n"},
        {"x = y\n[paths]\n", 1, "error: 'x' stands before the first section"},
        {PROVIDER "audience\n", 5, "error: not a '[section]', a 'key = value' or a comment"},
        {PROVIDER "scope =\n", 5, "error: 'scope' has no value"},
        {PROVIDER "scope =   \t \n", 5, "error: 'scope' has no value"},
        {"[paths\n", 1, "error: a section is '[name]' and nothing else"},
        {"[paths] # comment\n", 1, "error: a section is '[name]' and nothing else"},
        {"[\n", 1, "error: a section is '[name]' and nothing else"},
        {"[paths x]\n", 1, "error: [paths] takes no name\n"},
        {"[provider]\n", 1, "error: [provider] needs a name, such as [provider corp]\n"},
        {"[service]\n", 1, "error: [service] needs a name, such as [service sshd]\n"},
        {"[provider a b]\n", 1, "error: [provider a b] can have one name only\n"},
        {"[service * sshd]\n", 1, "error: [service * sshd] can have one name only\n"},
        {"[provider Corp]\n", 1, "error: 'Corp' is no name of a provider"},
        {"[provider a.b]\n", 1, "error: 'a.b' is no name of a provider"},
        {"[service SSHD]\n", 1, "error: 'SSHD' is no name of a service"},
        {"[service ../x]\n", 1, "error: '../x' is no name of a service"},
        {"[service a a]\n", 1, "error: [service a] appears a second time"},
        {PROVIDER "issuer = https://x.y\n", 5, "error: 'issuer' is set twice in [provider corp]"},
        {PROVIDER SERVICE "[service x sshd]\n", 8,
         "error: [service sshd] appears a second time, first at "},
        {PROVIDER "scope = openid # all\n", 5, "error: 'scope' is 'openid # all'"},
        {PROVIDER "timeout = 8s # short\n", 5, "error: 'timeout' is '8s # short'"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(load(fixture, rows[i].text), ST_CONFIG);
        assert_said(fixture, rows[i].line, rows[i].finding);
    }
}

static void
foreign_text_is_escaped_in_findings_R92_R93(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, PROVIDER "k\"\\\xc3\xa9 = x\n"), ST_CONFIG);
    assert_said(fixture, 5, "error: unknown key 'k\\x22\\x5c\\xc3\\xa9' in [provider corp]");
    for (const char *at = said(fixture); *at != '\0'; at++) {
        assert_true(*at == '\n' || (*at >= 0x20 && *at <= 0x7E));
    }
}

static void
every_error_of_every_file_is_reported_R12(void **state)
{
    struct fixture *fixture = *state;

    make_directory(fixture, "conf.d");
    support_write(fixture->directory, "conf.d/a.conf", "[service s]\nmethods = x\nqrr = no\n");
    assert_int_equal(load(fixture, "[provider a]\n"
                                   "issuer = http://x.y\n"
                                   "timeout = 1h\n"
                                   "bogus = 1\n"
                                   "[bogus]\n"
                                   "[service t]\n"
                                   "providers = b\n"
                                   "methods = token\n"),
                     ST_CONFIG);
    assert_int_equal(fixture->findings.errors, 8);
    assert_said(fixture, 2, "error: 'issuer' is not an https URL");
    assert_said(fixture, 3, "error: 'timeout' is '1h'");
    assert_said(fixture, 4, "error: unknown key 'bogus'");
    assert_said(fixture, 5, "error: unknown section 'bogus'");
    assert_said(fixture, 7, "error: there is no [provider b]; did you mean 'a'?");
    assert_non_null(strstr(said(fixture), "conf.d/a.conf:2: error: 'methods' is 'x'"));
    assert_non_null(strstr(said(fixture), "conf.d/a.conf:3: error: unknown key 'qrr'"));
    assert_non_null(
        strstr(said(fixture), "conf.d/a.conf:1: error: [service s] has no 'providers'"));
}

static void
thousands_of_errors_are_counted_and_their_text_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    char *text = malloc(20000 * 8 + 64);
    size_t at = (size_t)sprintf(text, "[paths]\n");

    for (unsigned int i = 0; i < 20000; i++) {
        at += (size_t)sprintf(text + at, "x%u=y\n", i % 1000);
    }
    assert_int_equal(load(fixture, text), ST_CONFIG);
    assert_int_equal(fixture->findings.errors, 20000);
    assert_true(fixture->findings.lines.length <= FINDINGS_MAX);
    assert_int_equal(said(fixture)[fixture->findings.lines.length - 1], '\n');
    free(text);
}

/* ---- values ------------------------------------------------------------------------------------
 */

/* `line` is added to the provider, or to the service when it is one of its keys. */
static enum status
load_with(struct fixture *fixture, bool service, const char *line)
{
    static const char provider[] = "[provider corp]\nissuer = https://sso.example.org\n"
                                   "client_id = linux-login\naudience = ssh://%h\n";
    static const char both[] = "[service sshd]\nproviders = corp\nmethods = token device\n";
    char *text = service ? support_text("%s%s%s\n", provider, both, line)
                         : support_text("%s%s\n%s", provider, line, both);
    enum status status = load(fixture, text);

    free(text);
    return status;
}

static void
findings_of_others_are_added(void **state)
{
    struct findings all = FINDINGS;
    struct findings more = FINDINGS;

    (void)state;
    findings_warning(&all, "/a", 1, "one");
    findings_error(&more, "/b", 2, "two");
    findings_add(&all, &more);
    assert_string_equal(buf_text(&all.lines), "/a:1: warning: one\n/b:2: error: two\n");
    assert_int_equal(all.errors, 1);
    assert_int_equal(all.warnings, 1);
    /* Where there is no room for them, their number counts. */
    all.lines.limit = all.lines.length + 1;
    findings_add(&all, &more);
    assert_string_equal(buf_text(&all.lines), "/a:1: warning: one\n/b:2: error: two\n");
    assert_int_equal(all.errors, 2);
    findings_done(&all);
    findings_done(&more);
}

static void
bad_values_are_refused_with_what_they_must_be_R12_R28_R36(void **state)
{
    static const struct {
        bool service;
        const char *line;
        const char *finding;
    } rows[] = {
        {false, "token_kind = access", "must be one of: access_token id_token any"},
        {false, "token_kind = any id_token", "must be one of"},
        {false, "kind = robot", "must be one of: people workload"},
        {false, "client_auth = digest", "must be one of: none basic post"},
        {false, "mutable_claims = true", "must be one of: no yes"},
        {false, "mutable_claims = YES", "must be one of: no yes"},
        {false, "algorithms = HS256", "'HS256', which is not one of them; did you mean"},
        {false, "algorithms = RS256 none", "'none', which is not one of them; remove it"},
        {false, "algorithms = rs256", "did you mean 'RS256'?"},
        {false, "access_token_marker = Bearer", "'Bearer' is not a condition"},
        {false, "access_token_marker = typ=Bearer x=y", "more than one condition"},
        {false, "access_token_marker = typ=", "has no value"},
        {false, "client_secret_file = corp.secret", "an absolute path"},
        {false, "jwks_file = /etc/../x", "an absolute path"},
        {false, "jwks_file = /etc/./x", "an absolute path"},
        {false, "jwks_file = /etc/..", "an absolute path"},
        {false, "ca_file = /etc/ssl/", "an absolute path"},
        {false, "ca_file = /a b", "an absolute path"},
        {false, "jwks_uri = http://x.y/k", "'jwks_uri' is not an https URL"},
        {false, "jwks_uri = https://u:p@x.y/k", "a URL with user information"},
        {false, "jwks_uri = https://x.y/k#f", "a URL with a fragment"},
        {false, "token_endpoint = file:///etc/passwd", "is not an https URL"},
        {false, "allowed_hosts = https://x.y", "host names or addresses"},
        {false, "allowed_hosts = x.y:443", "host names or addresses"},
        {false, "allowed_hosts = *.x.y", "host names or addresses"},
        {false, "allowed_hosts = -x", "host names or addresses"},
        {false, "allowed_hosts = \xd0\xb0.example", "host names or addresses"},
        {false, "hosts = a *", "'hosts' is 'a *'; it must be patterns of host names"},
        {false, "proxy = socks5://x:1", "'proxy' is not an https URL; it must be http://"},
        {false, "proxy = http://u:secret@x:1", "a URL with user information"},
        {false, "proxy = http://x:1/path", "'proxy' has a path"},
        {false, "proxy = http://x", "'proxy' has no port"},
        {false, "proxy = x:3128", "'proxy' is not an https URL"},
        {false, "no_proxy = a b", "must be one word"},
        {false, "timeout = 0", "a time from 1s to 30s"},
        {false, "timeout = 31", "a time from 1s to 30s"},
        {false, "timeout = 1m", "a time from 1s to 30s"},
        {false, "timeout = -1", "a time from 1s to 30s"},
        {false, "timeout = 8.5s", "a time from 1s to 30s"},
        {false, "timeout = 8 s", "a time from 1s to 30s"},
        {false, "timeout = 99999999999999999999", "a time from 1s to 30s"},
        {false, "timeout = s", "a time from 1s to 30s"},
        {false, "clock_skew = 301", "a time from 0s to 5m"},
        {false, "max_token_age = 0", "a time from 1s to 366d"},
        {false, "jwks_max_age = 31d", "a time from 1s to 30d"},
        {false, "stable_claims = oid email", "claims that never change"},
        {false, "stable_claims = preferred_username", "claims that never change"},
        {false, "stable_claims = groups", "claims that never change"},
        {false, "comma_lists = groups sub", "claims that list groups"},
        {false, "comma_lists = email", "claims that list groups"},
        {false, "scope = openid \"x\"", "scopes, separated by blanks"},
        {false, "scope = op\xc3\xa9n", "scopes, separated by blanks"},
        {false, "preset = ../../etc/shadow", "a preset's name"},
        {false, "preset = Keycloak", "a preset's name"},
        {true, "device_timeout = 9s", "a time from 10s to 30m"},
        {true, "device_timeout = 1801s", "a time from 10s to 30m"},
        {true, "device_limit = 0", "a number from 1 to 1000"},
        {true, "device_limit = 1001", "a number from 1 to 1000"},
        {true, "device_limit = 20s", "a number from 1 to 1000"},
        {true, "device_limit_per_account = -1", "a number from 1 to 1000"},
        {true, "device_display = html", "must be one of: auto prompt message"},
        {true, "qr = maybe", "must be one of: auto yes no"},
        {true, "max_auth_age = 0", "a time from 1s to 366d"},
        {true, "require = groups", "'require': 'groups' is not a condition"},
        {true, "require = groups=%x", "'require': '%x': only %h"},
        {true, "local_users = root,alice", "account names, separated by blanks"},
        {true, "local_users = -root", "account names, separated by blanks"},
        {true, "system_users = a:b", "account names, separated by blanks"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (load_with(fixture, rows[i].service, rows[i].line) != ST_CONFIG) {
            fail_msg("'%s' was accepted", rows[i].line);
        }
        if (strstr(said(fixture), rows[i].finding) == NULL) {
            fail_msg("%s: %s", rows[i].line, said(fixture));
        }
        assert_null(strstr(said(fixture), "secret@"));
    }
}

static void
a_scope_of_2048_bytes_is_the_longest(void **state)
{
    struct fixture *fixture = *state;
    char *longest = support_text("scope = openid %02041d", 0);
    char *longer = support_text("scope = openid %02042d", 0);

    assert_int_equal(load_with(fixture, false, longest), ST_OK);
    assert_int_equal(strlen(fixture->config->providers[0]->scope), 2048);
    assert_int_equal(load_with(fixture, false, longer), ST_CONFIG);
    assert_non_null(strstr(said(fixture), "it must be shorter"));
    free(longest);
    free(longer);
}

static void
bad_issuers_and_audiences_are_refused_R28_R58(void **state)
{
    static const struct {
        const char *line;
        const char *finding;
    } rows[] = {
        {"issuer = http://sso.example.org", "'issuer' is not an https URL"},
        {"issuer = sso.example.org", "'issuer' is not an https URL"},
        {"issuer = HTTPS://sso.example.org", "'issuer' is not an https URL"},
        {"issuer = https://", "bad host"},
        {"issuer = https://sso.example.org?x=1", "has a query"},
        {"issuer = https://sso.example.org/?", "has a query"},
        {"issuer = https://sso.example.org/#x", "a fragment"},
        {"issuer = https://u@sso.example.org", "user information"},
        {"issuer = https://sso.example.org/a b", "a byte that no URL has"},
        {"issuer = https://sso.example.org:0", "bad port"},
        {"issuer = https://login.microsoftonline.com/{tenantid}/v2.0", "template"},
        {"issuer = https://login.microsoftonline.com/common/v2.0", "every tenant"},
        {"issuer = https://login.microsoftonline.com/common", "every tenant"},
        {"issuer = https://login.microsoftonline.com/organizations/v2.0", "every tenant"},
        {"issuer = https://login.microsoftonline.us/organizations/v2.0", "every tenant"},
        {"issuer = https://sts.windows.net/common/", "every tenant"},
        {"issuer = https://login.microsoftonline.com/consumers/v2.0", "every tenant"},
        {"issuer = https://Login.MicrosoftOnline.com/Common/v2.0", "every tenant"},
        {"issuer = https://login.chinacloudapi.cn/common/", "every tenant"},
        {"issuer = https://login.microsoft.com/organizations", "every tenant"},
        {"issuer = https://entra.example.org/common/v2.0", "every tenant"},
        {"issuer = https://sso.example.org/realms/{realm}", "template"},
        {"audience = ssh://%x", "%h is this host's name"},
        {"audience = ssh://%", "%h is this host's name"},
        {"audience = a # b", "%h is this host's name"},
    };
    static const char *const good[] = {
        "issuer = https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "issuer = https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/",
        "issuer = https://tenant.auth0.com/",
        "issuer = https://sso.example.org/common",
        "issuer = https://login.microsoftonline.com/commons/v2.0",
        "issuer = https://[2001:db8::1]:8443/x",
        "issuer = https://localhost:4444",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = support_text("[provider corp]\n%s\n", rows[i].line);
        assert_int_equal(load(fixture, text), ST_CONFIG);
        if (strstr(said(fixture), rows[i].finding) == NULL) {
            fail_msg("%s: %s", rows[i].line, said(fixture));
        }
        free(text);
    }
    for (size_t i = 0; i < COUNT(good); i++) {
        char *text = support_text("[provider corp]\n%s\n", good[i]);
        if (load(fixture, text) != ST_OK) {
            fail_msg("%s: %s", good[i], said(fixture));
        }
        assert_string_equal(fixture->config->providers[0]->issuer, good[i] + strlen("issuer = "));
        free(text);
    }
}

/* DESIGN section 7: what remember and sign_in_within say together. */
static void
what_is_remembered_fits_what_is_asked_later(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        unsigned int line;
        const char *finding;
    } rows[] = {
        {PROVIDER SERVICE "remember = 2h\nsign_in_within = 1h\n", ST_CONFIG, 8,
         "error: 'remember' is longer than 'sign_in_within', so that a key would be admitted "
         "without a prompt and then refused; make it 3600 seconds or less"},
        {PROVIDER SERVICE "remember = 1h\nmax_auth_age = 59m\n", ST_OK, 8,
         "warning: 'remember' is longer than 'max_auth_age', which ends it: whoever proved who "
         "they "
         "are more than 3540 seconds ago is asked again"},
        {PROVIDER SERVICE "sign_in_within = 1h\n", ST_OK, 8,
         "warning: 'sign_in_within' refuses the keys of every account, root's too, while nobody "
         "can "
         "sign in, and there are no 'local_users'; name the break-glass account"},
        {PROVIDER "[service sudo]\nproviders = corp\nmethods = token\nremember = 1h\n", ST_OK, 8,
         "warning: 'remember' does nothing for [service sudo], which learns of no SSH key; remove "
         "it"},
        {PROVIDER SERVICE "remember = 0\n", ST_CONFIG, 8, "error: 'remember' is '0'"},
        {PROVIDER SERVICE "remember = 31d\n", ST_CONFIG, 8, "error: 'remember' is '31d'"},
        {PROVIDER SERVICE "sign_in_within = x\n", ST_CONFIG, 8, "error: 'sign_in_within' is 'x'"},
    };
    static const char *const quiet[] = {
        PROVIDER SERVICE "remember = 1h\nsign_in_within = 1h\nlocal_users = root\n",
        PROVIDER SERVICE "remember = 1h\nmax_auth_age = 1h\n",
        PROVIDER "[service sudo]\nproviders = corp\nmethods = token\n[service *]\nremember = 1h\n",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(load(fixture, rows[i].text), rows[i].status);
        assert_said(fixture, rows[i].line, rows[i].finding);
    }
    for (size_t i = 0; i < COUNT(quiet); i++) {
        assert_int_equal(load(fixture, quiet[i]), ST_OK);
        assert_string_equal(said(fixture), "");
        assert_true(config_remembers(fixture->config));
        assert_int_equal(config_has_sign_in_within(fixture->config), i == 0);
        assert_int_equal(fixture->config->services[0]->remember_s, 3600);
        assert_true(fixture->config->texts.length > 0);
    }
    assert_int_equal(load(fixture, PROVIDER SERVICE), ST_OK);
    assert_false(config_remembers(fixture->config));
    assert_false(config_has_sign_in_within(fixture->config));
    assert_int_equal(fixture->config->texts.length, 0);
}

/* ---- what keys say together ---------------------------------------------------------------------
 */

#define TWO(first, second)                                                                         \
    "[provider a]\nissuer = https://x.y\naudience = aa\n" first                                    \
    "[provider b]\nissuer = https://x.y\naudience = bb\n" second

static void
contradictions_are_refused_with_place_and_remedy(void **state)
{
    static const struct {
        const char *text;
        unsigned int line;
        const char *finding;
    } rows[] = {
        {"[provider corp]\nclient_id = x\n", 1, "[provider corp] has no 'issuer'; add"},
        {"[provider corp]\nissuer = https://x.y\n" SERVICE, 1, "[provider corp] has no 'audience'"},
        {"[provider corp]\nissuer = https://x.y\naudience = a\n" SERVICE, 6,
         "the method device needs a provider of kind people with a 'client_id'; add one to "
         "[provider corp]"},
        {PROVIDER "kind = workload\n[service s]\nproviders = corp\nmethods = device\n", 8,
         "[provider corp] is of kind workload, which has no device flow"},
        {PROVIDER "kind = workload\n" SERVICE, 8, "the method device needs a provider of kind"},
        {PROVIDER "client_auth = basic\n", 5, "'client_auth = basic' needs a secret; add"},
        {PROVIDER "client_auth = post\n", 5, "'client_auth = post' needs a secret; add"},
        {PROVIDER "client_secret_file = /x\n", 5, "'client_secret_file' is never sent"},
        {PROVIDER "client_auth = none\nclient_secret_file = /x\n", 6, "is never sent"},
        {PROVIDER "jwks_file = /x\njwks_uri = https://x.y/k\n", 6, "exclude each other"},
        {PROVIDER "token_endpoint = https://x.y/t\n", 5, "'token_endpoint' alone is not enough"},
        {PROVIDER "device_authorization_endpoint = https://x.y/t\n", 5,
         "'device_authorization_endpoint' alone is not enough"},
        {PROVIDER "jwks_file = /x\n" SERVICE, 5, "there is no discovery, but [service sshd]"},
        {PROVIDER "jwks_uri = https://x.y/k\n" SERVICE, 5, "there is no discovery"},
        {PROVIDER "scope = profile\n" SERVICE, 5, "'scope' has no openid"},
        {PROVIDER "jwks_min_age = 2h\njwks_max_age = 1h\n", 5, "'jwks_min_age' is longer"},
        {PROVIDER "jwks_max_age = 10s\n", 5, "'jwks_min_age' is longer than 'jwks_max_age'"},
        {PROVIDER "[service s]\nmethods = token\n", 5, "[service s] has no 'providers'"},
        {PROVIDER "[service s]\nproviders = corp\n", 5, "[service s] has no 'methods'"},
        {PROVIDER "[service s]\nproviders = crop\nmethods = token\n", 6,
         "there is no [provider crop]; did you mean 'corp'?"},
        {PROVIDER "[service s]\nproviders = zzzzzz\nmethods = token\n", 6,
         "there is no [provider zzzzzz]; add one"},
        {PROVIDER "[service s]\nproviders = corp corp\nmethods = token\n", 6, "each once"},
        {PROVIDER "[service s]\nproviders = corp\nmethods = token token\n", 7, "each once"},
        {PROVIDER "[service s]\nproviders = corp\nmethods = password\n", 7,
         "'methods' is 'password'; it must be one or more of: token device stored"},
        {TWO("", "") "[provider c]\nissuer = https://x.y\naudience = x bb\n", 9,
         "[provider c] and [provider b] ("},
        {TWO("jwks_file = /a\n", "jwks_file = /b\n"), 8, "but not its 'jwks_file'"},
        {TWO("jwks_uri = https://x.y/k\n", ""), 5, "but not its 'jwks_uri'"},
        {TWO("", "ca_file = /b\n"), 7, "but not its 'ca_file'"},
        {TWO("proxy = http://p:1\n", "proxy = http://p:2\n"), 8, "but not its 'proxy'"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (load(fixture, rows[i].text) != ST_CONFIG) {
            fail_msg("accepted: %s", rows[i].text);
        }
        char *start = support_text("%s:%u: error: ", fixture->path, rows[i].line);
        const char *found = strstr(said(fixture), start);
        if (found == NULL || strstr(found, rows[i].finding) == NULL) {
            fail_msg("%s%s is not in:\n%s", start, rows[i].finding, said(fixture));
        }
        free(start);
    }
}

static void
what_belongs_together_is_accepted_without_a_word(void **state)
{
    static const char *const texts[] = {
        PROVIDER SERVICE,
        PROVIDER "jwks_file = /x\n[service s]\nproviders = corp\nmethods = token\n",
        PROVIDER "jwks_uri = https://x.y/k\ntoken_endpoint = https://x.y/t\n"
                 "device_authorization_endpoint = https://x.y/d\n" SERVICE,
        PROVIDER "client_auth = post\nclient_secret_file = /x\n" SERVICE,
        /* Only the device flow: its ID token is for the client itself. */
        "[provider corp]\nissuer = https://x.y\nclient_id = c\n"
        "[service s]\nproviders = corp\nmethods = device\n",
        /* People and jobs of one GitLab, in one service. */
        "[provider people]\nissuer = https://git.example.org\nclient_id = c\naudience = a-%h\n"
        "[provider jobs]\nissuer = https://git.example.org\nkind = workload\naudience = b db-1\n"
        "[service sshd]\nproviders = jobs people\nmethods = token device\n",
        TWO("", ""),
        TWO("jwks_file = /k\nca_file = /c\n", "ca_file = /c\njwks_file = /k\n"),
        PROVIDER "[service s]\nproviders = corp\nmethods = token\nmax_auth_age = 8h\n",
        PROVIDER "scope = profile\n[service s]\nproviders = corp\nmethods = token\n",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        if (load(fixture, texts[i]) != ST_OK) {
            fail_msg("%s\n%s", texts[i], said(fixture));
        }
        assert_string_equal(said(fixture), "");
    }
    const struct service *service = NULL;
    assert_int_equal(load(fixture, texts[5]), ST_OK);
    service = config_service(fixture->config, "sshd");
    assert_string_equal(config_device_provider(service)->name, "people");
}

/* ---- where used tokens are
 * -----------------------------------------------------------------------
 */

static void
used_tokens_are_in_a_directory_or_in_a_redis_R57(void **state)
{
    static const char *const good[] = {"redis://127.0.0.1:6379", "redis://localhost:6379/",
                                       "redis://[::1]:6379/0", "rediss://r.example.org:1/9999",
                                       "rediss://[2001:db8::1]:65535"};
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, PROVIDER SERVICE), ST_OK);
    assert_null(config_used_tokens_url(fixture->config));
    for (size_t i = 0; i < COUNT(good); i++) {
        char *text = support_text("[store]\nused_tokens = %s\nuser = login\npassword_file = /p\n"
                                  "timeout = 5s\n%s",
                                  good[i], good[i][5] == 's' ? "ca_file = /ca\n" : "");
        if (load(fixture, text) != ST_OK) {
            fail_msg("%s: %s", good[i], said(fixture));
        }
        assert_string_equal(said(fixture), "");
        assert_string_equal(config_used_tokens_url(fixture->config), good[i]);
        assert_string_equal(fixture->config->store.user, "login");
        assert_string_equal(fixture->config->store.password_file, "/p");
        assert_int_equal(fixture->config->store.timeout_s, 5);
        free(text);
    }
    assert_string_equal(fixture->config->store.ca_file, "/ca");
    assert_int_equal(load(fixture, "[store]\nused_tokens = directory\n"), ST_OK);
    assert_null(config_used_tokens_url(fixture->config));
    assert_string_equal(fixture->config->store.user, "default");
    assert_int_equal(fixture->config->store.timeout_s, 3);
}

static void
a_bad_store_is_refused_with_what_it_must_be_R57_R12(void **state)
{
    static const struct {
        const char *lines;
        unsigned int line;
        const char *finding;
    } rows[] = {
        {"used_tokens = redis\n", 2, "'used_tokens' must be directory, or redis:// or rediss://"},
        {"used_tokens = https://r:1\n", 2, "'used_tokens' must be directory, or redis://"},
        {"used_tokens = REDIS://r:1\n", 2, "'used_tokens' must be"},
        {"used_tokens = redis://r\n", 2, "'used_tokens' has no port; it must be"},
        {"used_tokens = redis://r:0\n", 2, "'used_tokens' is"},
        {"used_tokens = redis://r:1/x\n", 2, "'used_tokens' has a path that is no database"},
        {"used_tokens = redis://r:1/10000\n", 2, "a path that is no database"},
        {"used_tokens = redis://r:1/1/\n", 2, "a path that is no database"},
        {"used_tokens = redis://r:1/01\n", 2, "a path that is no database"},
        {"used_tokens = redis://r:1/?db=1\n", 2, "a path that is no database"},
        {"used_tokens = redis://:geheim@r:1\n", 2, "'used_tokens' is a URL with user information"},
        {"used_tokens = rediss://r_r:1\n", 2, "'used_tokens' is a URL with a bad host"},
        {"used_tokens = redis://r:1 redis://s:1\n", 2, "'used_tokens' is"},
        {"timeout = 31s\n", 2, "'timeout' is '31s'; it must be"},
        {"password_file = redis.password\n", 2, "an absolute path"},
        {"user = a b\n", 2, "'user' is 'a b'; it must be"},
        {"password_file = /p\n", 2, "'password_file' is never used where used_tokens is directory"},
        {"timeout = 1s\nused_tokens = directory\n", 2, "'timeout' is never used where"},
        {"used_tokens = redis://localhost:1\npassword_file = /p\nca_file = /ca\n", 4,
         "'ca_file' is never used where used_tokens is a redis:// URL; remove it"},
        {"used_tokens = rediss://r:1\nuser = u\n", 3,
         "'user' is never used where used_tokens is a URL without 'password_file'"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = support_text("[store]\n%s", rows[i].lines);
        assert_int_equal(load(fixture, text), ST_CONFIG);
        char *start = support_text("%s:%u: error: ", fixture->path, rows[i].line);
        const char *found = strstr(said(fixture), start);
        if (found == NULL || strstr(found, rows[i].finding) == NULL ||
            strstr(said(fixture), "geheim") != NULL) {
            fail_msg("%s%s is not in:\n%s", start, rows[i].finding, said(fixture));
        }
        free(start);
        free(text);
    }
    char *longest = support_text("[store]\nused_tokens = redis://%01000d:1\n", 0);
    assert_int_equal(load(fixture, longest), ST_CONFIG);
    free(longest);
}

static void
what_is_allowed_but_hardly_meant_is_warned_of_R58_R62(void **state)
{
    static const struct {
        const char *text;
        unsigned int line;
        const char *finding;
    } rows[] = {
        {PROVIDER "token_kind = any\n", 5, "'token_kind = any' accepts"},
        {"[provider corp]\nissuer = https://x.y\nclient_id = c\naudience = c\n", 4,
         "'audience' is only the client_id"},
        {"[provider corp]\nissuer = https://x.y\naudience = servers all\n"
         "[service s t]\nproviders = corp\nmethods = token\n",
         3, "'audience' does not name this host, so a token for any host"},
        {PROVIDER "[provider b]\nissuer = https://x.y\nclient_id = c\naudience = b %h\n"
                  "[service s]\nproviders = b corp\nmethods = token device\n",
         10, "several providers could serve the method device; the first, [provider b], does"},
        /* Once, however many sections it is for. */
        {PROVIDER "[service s t]\nproviders = corp\nmethods = token\nrequire = groups=ops\n"
                  "require = groups=ops or sub=*\n",
         9, "'require = groups=ops or sub=*' turns nobody away"},
        {PROVIDER "[service s]\nproviders = corp\nmethods = token\n"
                  "[service t]\nproviders = corp\nmethods = token\nrequire = groups=ops\n"
                  "[service *]\nrequire = aud=*\n",
         13, "'require = aud=*' turns nobody away"},
        {"[store]\nused_tokens = redis://redis.example.org:6379\npassword_file = /p\n", 2,
         "whoever is on the way to a redis:// URL can read the password"},
        {"[store]\nused_tokens = redis://127.0.0.1.example.org:6379\npassword_file = /p\n", 2,
         "whoever is on the way to a redis:// URL"},
        {"[store]\nused_tokens = rediss://redis.example.org:6379\n", 2,
         "without 'password_file' whoever reaches that Redis can remove used tokens"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(load(fixture, rows[i].text), ST_OK);
        assert_int_equal(fixture->findings.warnings, 1);
        char *start =
            support_text("%s:%u: warning: %s", fixture->path, rows[i].line, rows[i].finding);
        if (strncmp(said(fixture), start, strlen(start)) != 0) {
            fail_msg("%s is not in:\n%s", start, said(fixture));
        }
        free(start);
    }
}

static void
a_bad_value_is_not_also_called_missing(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "[provider corp]\nissuer = http://x\naudience = %z\n"
                                   "client_id = c\nclient_auth = x\nclient_secret_file = /s\n"
                                   "[service a b]\nproviders = corp\nmethods = x\n"),
                     ST_CONFIG);
    assert_int_equal(fixture->findings.errors, 4);
}

/* ---- presets ------------------------------------------------------------------------------------
 */

static char *
with_presets(const struct fixture *fixture, const char *text)
{
    return support_text("%s[paths]\npresets = %s/presets\n", text, fixture->directory);
}

static enum status
load_with_preset(struct fixture *fixture, const char *preset, const char *text)
{
    char *whole = with_presets(fixture, text);

    support_write(fixture->directory, "presets/keycloak.conf", preset);
    enum status status = load(fixture, whole);
    free(whole);
    return status;
}

#define WITH_PRESET(name) "[provider corp]\npreset = " name "\nissuer = https://x.y\n"

static void
a_preset_fills_what_is_not_said(void **state)
{
    struct fixture *fixture = *state;

    make_directory(fixture, "presets");
    assert_int_equal(load_with_preset(fixture,
                                      "# of Keycloak\naccess_token_marker = typ=Bearer\n"
                                      "scope = openid profile\ntimeout = 3s\nstable_claims = oid\n",
                                      WITH_PRESET("keycloak") "timeout = 5s\n"),
                     ST_OK);
    const struct provider *corp = config_provider(fixture->config, "corp");
    assert_string_equal(corp->preset, "keycloak");
    assert_true(span_is(corp->marker.name, "typ"));
    assert_true(span_is(corp->marker.value, "Bearer"));
    assert_string_equal(corp->scope, "openid profile");
    assert_int_equal(corp->timeout_s, 5);
    assert_int_equal(corp->clock_skew_s, 30);
    assert_int_equal(fixture->config->files.count, 2);

    assert_int_equal(
        load_with_preset(fixture, "scope = profile\n",
                         WITH_PRESET("keycloak") "client_id = c\naudience = a\n" SERVICE),
        ST_CONFIG);
    assert_non_null(strstr(said(fixture), "presets/keycloak.conf:1: error: 'scope' has no openid"));
}

static void
a_preset_has_its_own_errors_and_limits(void **state)
{
    static const struct {
        const char *preset;
        const char *finding;
    } rows[] = {
        {"scope = openid\nissuer = https://evil.example\n",
         "keycloak.conf:2: error: a preset may not set 'issuer'"},
        {"client_id = x\n", "keycloak.conf:1: error: a preset may not set 'client_id'"},
        {"client_secret_file = /x\n", "keycloak.conf:1: error: a preset may not set"},
        {"preset = other\n", "keycloak.conf:1: error: a preset may not set 'preset'"},
        {"[provider x]\n", "keycloak.conf:1: error: a preset has no sections"},
        {"timeout = 1h\n", "keycloak.conf:1: error: 'timeout' is '1h'"},
        {"tmeout = 1s\n", "keycloak.conf:1: error: unknown key 'tmeout' in [keycloak]; did you"},
        {"timeout = 1\ntimeout = 2\n", "keycloak.conf:2: error: 'timeout' is set twice"},
        {"methods = token\n", "keycloak.conf:1: error: unknown key 'methods'"},
        {"garbage\n", "keycloak.conf:1: error: not a '[section]'"},
    };
    struct fixture *fixture = *state;

    make_directory(fixture, "presets");
    for (size_t i = 0; i < COUNT(rows); i++) {
        /* Two providers use it, and it is read and complained about once. */
        assert_int_equal(
            load_with_preset(fixture, rows[i].preset,
                             WITH_PRESET("keycloak") "[provider b]\npreset = keycloak\n"
                                                     "issuer = https://b.y\n"),
            ST_CONFIG);
        if (strstr(said(fixture), rows[i].finding) == NULL) {
            fail_msg("%s: %s", rows[i].finding, said(fixture));
        }
        assert_int_equal(fixture->findings.errors, 1);
    }
    assert_int_equal(load_with_preset(fixture, "", WITH_PRESET("keyclaok")), ST_CONFIG);
    assert_said(fixture, 2, "error: the preset 'keyclaok' cannot be read: ");
    assert_non_null(strstr(said(fixture), "did you mean 'keycloak'?\n"));
}

/* ---- what is shipped ----------------------------------------------------------------------------
 */

static char *
read_shipped(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 65536);

    if (file == NULL) {
        fail_msg("%s: run the tests from the top of the source", path);
    }
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, file) > 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

/* Comments joined to one line each, so that it does not matter where they are wrapped. */
static char *
joined(const char *text)
{
    char *copy = strdup(text);
    char *to = copy;

    for (const char *at = text; *at != '\0';) {
        if (strncmp(at, "\n# ", 3) == 0) {
            *to++ = ' ';
            at += 3;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    return copy;
}

static void
the_shipped_file_shows_every_key_with_its_default(void **state)
{
    struct fixture *fixture = *state;
    char *text = read_shipped("conf/pam_oauth.conf");
    char *comments = joined(text);

    assert_int_equal(load(fixture, text), ST_OK);
    assert_string_equal(said(fixture), "");
    assert_int_equal(fixture->config->provider_count + fixture->config->service_count, 0);
    for (size_t id = 0; id < KEY_COUNT; id++) {
        const struct config_key *key = &config_keys[id];
        char *setting = key->initial != NULL && strncmp(key->initial, "/usr", 4) != 0
                            ? support_text("\n#%s = %s\n", key->name, key->initial)
                            : support_text("\n#%s = ", key->name);
        if (strstr(text, setting) == NULL || strstr(comments, key->help) == NULL) {
            fail_msg("conf/pam_oauth.conf lacks '%s' or '%s'", setting, key->help);
        }
        free(setting);
    }
    free(comments);
    free(text);
}

/* Every `#key = value` of the shipped file, put into its section, is itself good. */
static void
the_shipped_examples_are_good_values(void **state)
{
    struct fixture *fixture = *state;
    char *text = read_shipped("conf/pam_oauth.conf");
    char *rest = text;
    char section[64] = "";

    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (strncmp(line, "#[", 2) == 0) {
            (void)snprintf(section, sizeof(section), "%s", line + 1);
        }
        if (line[0] != '#' || line[1] < 'a' || line[1] > 'z') {
            continue;
        }
        char *one = support_text("%s\n%s\n", section, line + 1);
        (void)load(fixture, one);
        char *refused = support_text("%s:2: error: ", fixture->path);
        const char *found = strstr(said(fixture), refused);
        bool together = found != NULL && (strstr(found, "is never sent") != NULL ||
                                          strstr(found, "is never used") != NULL ||
                                          strstr(found, "alone is not enough") != NULL ||
                                          strstr(found, "the preset 'keycloak'") != NULL ||
                                          strstr(found, "there is no [provider corp]") != NULL);
        if (found != NULL && !together) {
            fail_msg("%s", said(fixture));
        }
        free(refused);
        free(one);
    }
    free(text);
}

/* One that says that nobody has tried it, and one that does not: both load, and say what they are.
 */
static void
the_shipped_presets_load(void **state)
{
    struct fixture *fixture = *state;
    glob_t found;

    make_directory(fixture, "presets");
    assert_int_equal(glob("conf/providers/*.conf", 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 15);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *file = strrchr(found.gl_pathv[i], '/') + 1;
        char *target = support_text("presets/%s", file);
        char *text = read_shipped(found.gl_pathv[i]);
        char *provider = support_text("[provider corp]\npreset = %.*s\nissuer = https://x.y\n"
                                      "client_id = c\naudience = a-%%h\n"
                                      "[service sshd]\nproviders = corp\nmethods = token\n",
                                      (int)strcspn(file, "."), file);
        char *whole = with_presets(fixture, provider);
        support_write(fixture->directory, target, text);
        if (load(fixture, whole) != ST_OK) {
            fail_msg("%s", said(fixture));
        }
        assert_string_equal(said(fixture), "");
        assert_non_null(strstr(text, "\nkind = "));
        assert_non_null(strstr(text, "\ntoken_kind = "));
        assert_non_null(strstr(text, "# Source"));
        free(whole);
        free(provider);
        free(text);
        free(target);
    }
    globfree(&found);
}

/* ---- damage -------------------------------------------------------------------------------------
 */

/* Whatever happens to a byte, the answer is a configuration or a finding, never neither. */
static void
a_damaged_file_loads_or_is_refused_R131(void **state)
{
    static const char whole[] =
        PROVIDER "access_token_marker = \"t y\"=\"B\\\"x\"\nalgorithms = RS256\n" SERVICE
                 "require = groups=\"Linux Users\" or acr=phr and x=%h\ndevice_timeout = 90s\n"
                 "[service *]\nlocal_users = root\n[paths]\ncache = /x\n";
    static const char replacements[] = {'\0', '\n', '"', '\\', '=', '[', ']', '%', '*', ' ', 'z'};
    struct fixture *fixture = *state;

    for (size_t at = 0; at < sizeof(whole) - 1; at++) {
        for (size_t i = 0; i < COUNT(replacements); i++) {
            char text[sizeof(whole)];
            memcpy(text, whole, sizeof(whole));
            text[at] = replacements[i];
            write_bytes(fixture, text, sizeof(whole) - 1);
            (void)load_files(fixture);
        }
        write_bytes(fixture, whole, at);
        (void)load_files(fixture);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Whatever runs as a user can use what the user has stored (DESIGN 6). */
static void
R112_stored_needs_a_short_max_auth_age(void **state)
{
#define SUDO PROVIDER "[service sudo]\nproviders = corp\nmethods = stored token\n"
    static const struct {
        const char *text;
        const char *finding; /* NULL: it is good */
    } rows[] = {
        {SUDO, "the method stored needs a 'max_auth_age' of at most 15m in [service sudo], because "
               "whatever runs as a user can use the token that the user has stored; add one"},
        {SUDO "max_auth_age = 901s\n", "stored; shorten it"},
        {SUDO "max_auth_age = 15m\n", NULL},
        {SUDO "[service *]\nmax_auth_age = 10m\n", NULL},
        {SUDO "[service *]\nmax_auth_age = 8h\n", "stored; shorten it"},
        {SUDO "max_auth_age = 10m\nsingle_use = yes\n",
         "'single_use' and the method stored exclude each other in [service sudo]"},
        {PROVIDER "[service sudo xsecurelock]\nproviders = corp\nmethods = stored token\n"
                  "max_auth_age = 10m\n",
         "pam_oauth.conf:7: error: with the method stored whoever is at the keyboard opens the "
         "screen that [service xsecurelock] has locked, and is asked nothing; remove it"},
        {PROVIDER "[service xfce4-screensaver]\nproviders = corp\nmethods = stored token\n"
                  "max_auth_age = 10m\n",
         "screen that [service xfce4-screensaver] has locked"},
        {"[provider corp]\nissuer = https://x.y\n[service su]\nproviders = corp\nmethods = stored\n"
         "max_auth_age = 10m\n",
         "[provider corp] has no 'audience', without which [service su] cannot accept"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        enum status status = load(fixture, rows[i].text);
        assert_int_equal(status, rows[i].finding == NULL ? ST_OK : ST_CONFIG);
        if (rows[i].finding != NULL && strstr(said(fixture), rows[i].finding) == NULL) {
            fail_msg("%s", said(fixture));
        }
        assert_int_equal(fixture->findings.errors, rows[i].finding == NULL ? 0 : 1);
    }
    assert_int_equal(load(fixture, PROVIDER "[service sudo sshd]\nproviders = corp\n"
                                            "methods = stored token\nmax_auth_age = 10m\n"),
                     ST_OK);
    assert_non_null(strstr(said(fixture), "the method stored finds nothing in [service sshd]"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_those_of_the_design),
        TEST(every_provider_key_reaches_its_field),
        TEST(every_service_and_path_key_reaches_its_field),
        TEST(the_star_service_gives_defaults_and_enables_nothing),
        TEST(an_empty_configuration_is_one),
        TEST(dropins_are_read_in_byte_order_and_others_are_not),
        TEST(a_thousand_dropins_are_the_most),
        TEST(what_is_said_twice_names_the_first_place_across_files_R12),
        TEST(a_file_that_others_could_write_is_refused_R111_E63),
        TEST(an_oversized_file_is_refused_E63),
        TEST(odd_bytes_are_refused_E63_R110),
        TEST(an_unknown_name_gets_the_nearest_valid_one_R12),
        TEST(foreign_text_is_escaped_in_findings_R92_R93),
        TEST(every_error_of_every_file_is_reported_R12),
        TEST(thousands_of_errors_are_counted_and_their_text_is_bounded),
        cmocka_unit_test(findings_of_others_are_added),
        TEST(bad_values_are_refused_with_what_they_must_be_R12_R28_R36),
        TEST(a_scope_of_2048_bytes_is_the_longest),
        TEST(bad_issuers_and_audiences_are_refused_R28_R58),
        TEST(what_is_remembered_fits_what_is_asked_later),
        TEST(contradictions_are_refused_with_place_and_remedy),
        TEST(what_belongs_together_is_accepted_without_a_word),
        TEST(used_tokens_are_in_a_directory_or_in_a_redis_R57),
        TEST(a_bad_store_is_refused_with_what_it_must_be_R57_R12),
        TEST(what_is_allowed_but_hardly_meant_is_warned_of_R58_R62),
        TEST(a_bad_value_is_not_also_called_missing),
        TEST(a_preset_fills_what_is_not_said),
        TEST(a_preset_has_its_own_errors_and_limits),
        TEST(the_shipped_file_shows_every_key_with_its_default),
        TEST(the_shipped_examples_are_good_values),
        TEST(the_shipped_presets_load),
        TEST(a_damaged_file_loads_or_is_refused_R131),
        TEST(R112_stored_needs_a_short_max_auth_age),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
