#include "cli/login/grant.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "oauth/reply.h"

static const struct {
    const char *name;
    size_t field;
} texts[] = {
    {"issuer", offsetof(struct grant, issuer)},
    {"client_id", offsetof(struct grant, client_id)},
    {"token_endpoint", offsetof(struct grant, token_endpoint)},
    {"revocation_endpoint", offsetof(struct grant, revocation_endpoint)},
    {"asked_audience", offsetof(struct grant, asked_audience)},
    {"audience", offsetof(struct grant, audience)},
    {"scope", offsetof(struct grant, scope)},
    {"subject", offsetof(struct grant, subject)},
    {"token", offsetof(struct grant, token)},
    {"refresh_token", offsetof(struct grant, refresh_token)},
};

static struct buf *
field_of(struct grant *grant, size_t row)
{
    return (struct buf *)((char *)grant + texts[row].field);
}

void
grant_done(struct grant *grant)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        buf_done(field_of(grant, i));
    }
}

enum status
grant_set(struct buf *field, struct span text)
{
    buf_cut(field, 0);
    return buf_add(field, text);
}

static enum status
read_object(struct span text, struct grant *grant)
{
    struct reply reply CLEANUP(reply_done) = REPLY;

    TRY(reply_open(text, /* why: */ NULL, &reply));
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct span value;
        if (reply_text(&reply, texts[i].name, &value)) {
            TRY(buf_add(field_of(grant, i), value));
        }
    }
    bool whole = reply_integer(&reply, "issued", &grant->issued_s) &&
                 reply_integer(&reply, "expires", &grant->expires_s) && grant->token.length > 0 &&
                 grant->issuer.length > 0;
    return whole ? ST_OK : ST_MALFORMED;
}

/* What the files of a provider are called. */
static enum status
name_file(struct buf *name, const char *provider, const char *suffix)
{
    return buf_printf(name, "%s%s", provider, suffix);
}

enum status
grant_load(const struct wallet_place *place, const char *provider, struct why *why,
           struct grant *grant, bool *ret_found)
{
    struct buf name CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);
    struct buf text CLEANUP(buf_done) = BUF(GRANT_FILE_MAX);
    int directory CLEANUP(file_close) = -1;

    *ret_found = false;
    TRY(name_file(&name, provider, ".grant"));
    TRY(wallet_open(place, why, &directory));
    if (directory >= 0) {
        TRY(wallet_read(directory, place->uid, buf_text(&name), why, &text, ret_found));
    }
    if (!*ret_found) {
        return status_because(why, ST_OK, "no token of %s is stored; run 'pam-oauth login'",
                              provider);
    }
    enum status status = read_object(buf_span(&text), grant);
    return status == ST_OK || status == ST_MEMORY
               ? status
               : status_because(why, ST_STORE, "%s is damaged; run 'pam-oauth login'",
                                buf_text(&name));
}

static json_t *
make_object(const struct grant *grant)
{
    json_t *object = json_object();

    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct buf *field = (const struct buf *)((const char *)grant + texts[i].field);
        if (field->length > 0 && json_object_set_new(object, texts[i].name,
                                                     json_stringn(field->at, field->length)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    if (json_object_set_new(object, "issued", json_integer(grant->issued_s)) != 0 ||
        json_object_set_new(object, "expires", json_integer(grant->expires_s)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static enum status
write_object(const struct grant *grant, struct buf *text)
{
    struct reply object CLEANUP(reply_done) = {.object = make_object(grant), .form = false};
    char *line =
        object.object != NULL ? json_dumps(object.object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

    if (line == NULL) {
        return ST_MEMORY;
    }
    enum status status = buf_printf(text, "%s\n", line);
    explicit_bzero(line, strlen(line));
    free(line);
    return status;
}

enum status
grant_save(int directory, const char *provider, const struct grant *grant, struct why *why)
{
    struct buf name CLEANUP(buf_done) = BUF(WALLET_NAME_MAX);
    struct buf text CLEANUP(buf_done) = BUF(GRANT_FILE_MAX);

    /* The grant first: a refresh token that was just exchanged must not be lost. */
    TRY(name_file(&name, provider, ".grant"));
    TRY(write_object(grant, &text));
    TRY(wallet_write(directory, buf_text(&name), buf_span(&text), why));
    buf_cut(&name, 0);
    buf_cut(&text, 0);
    TRY(name_file(&name, provider, ".token"));
    TRY(buf_add(&text, buf_span(&grant->token)));
    TRY(buf_add_char(&text, '\n'));
    return wallet_write(directory, buf_text(&name), buf_span(&text), why);
}

bool
grant_is_good(const struct grant *grant, int64_t now_s, int64_t least_s)
{
    return grant->expires_s > now_s && grant->expires_s - now_s >= least_s;
}
