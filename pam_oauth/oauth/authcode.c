#include "oauth/authcode.h"

#include <string.h>

#include "base/text.h"
#include "oauth/claims.h"
#include "oauth/form.h"
#include "oauth/reply.h"

/* ---- there ---- */

static bool
has_word(const char *text, const char *wanted)
{
    struct span rest = span_of(text);
    struct span word;

    while (span_word(&rest, &word)) {
        if (span_is(word, wanted)) {
            return true;
        }
    }
    return false;
}

static enum status
add_parameters(const struct authcode_request *request, struct buf *query)
{
    TRY(form_add(query, "response_type", span_of("code")));
    TRY(form_add(query, "client_id", span_of(request->client_id)));
    TRY(form_add(query, "redirect_uri", span_of(request->redirect_uri)));
    TRY(form_add(query, "scope", span_of(request->scope)));
    TRY(granted_add_audience(query, request->audience));
    TRY(form_add(query, "state", span_of(request->state)));
    TRY(form_add(query, "nonce", span_of(request->nonce)));
    TRY(form_add(query, "code_challenge", span_of(request->challenge)));
    TRY(form_add(query, "code_challenge_method", span_of("S256")));
    /* A refresh token that outlives the session is only given to who was asked (Core 11). */
    if (has_word(request->scope, "offline_access")) {
        TRY(form_add(query, "prompt", span_of("consent")));
    }
    /* A wish: what came of it is looked at where the token is shown (R59). */
    if (request->acr_values[0] != '\0') {
        TRY(form_add(query, "acr_values", span_of(request->acr_values)));
    }
    return request->max_age_s < 0
               ? ST_OK
               : buf_printf(query, "&max_age=%lld", (long long)request->max_age_s);
}

static enum status
compose(const struct authcode_request *request, struct buf *url)
{
    struct buf query CLEANUP(buf_done) = BUF(AUTHCODE_URL_MAX);

    TRY(add_parameters(request, &query));
    TRY(buf_add_text(url, request->endpoint));
    TRY(buf_add_char(url, strchr(request->endpoint, '?') != NULL ? '&' : '?'));
    return buf_add(url, buf_span(&query));
}

enum status
authcode_url(const struct authcode_request *request, struct buf *url)
{
    enum status status = compose(request, url);

    return status == ST_MALFORMED ? ST_CONFIG : status;
}

/* ---- and back ---- */

/* The query of `GET /callback?QUERY HTTP/1.1`; false for any other request. */
static bool
find_query(struct span line, struct span *ret_query)
{
    struct span method;
    struct span target;
    struct span version;
    struct span path;

    while (line.length > 0 &&
           (line.at[line.length - 1] == '\n' || line.at[line.length - 1] == '\r')) {
        line.length--;
    }
    return span_cut(line, ' ', &method, &target) && span_is(method, "GET") &&
           span_cut(target, ' ', &target, &version) &&
           (span_is(version, "HTTP/1.1") || span_is(version, "HTTP/1.0")) &&
           span_cut(target, '?', &path, ret_query) && span_is(path, AUTHCODE_PATH);
}

static const struct reply_refusal refusals[] = {
    {"access_denied", ST_CANCELLED, "the sign-in was refused at the provider"},
    {"login_required", ST_CANCELLED, "the sign-in was not finished at the provider"},
    {"interaction_required", ST_CANCELLED, "the sign-in was not finished at the provider"},
    {"consent_required", ST_CANCELLED, "the sign-in was not finished at the provider"},
    {"unauthorized_client", ST_CONFIG,
     "the provider does not let this client sign people in with a browser; allow it there"},
    {"invalid_scope", ST_CONFIG, "the provider does not grant the scope; check it"},
    {"invalid_target", ST_CONFIG, "the provider knows no such audience; check it"},
    {NULL, ST_PROVIDER, "the provider ended the sign-in with an error"},
};

/* Whose answer it is comes before what it says: another provider's error says nothing of ours. */
static enum status
check_issuer(const struct authcode_wish *wish, const struct reply *reply, struct why *why)
{
    struct span issuer;

    if (!reply_has(reply, "iss")) {
        return !wish->names_issuer
                   ? ST_OK
                   : status_because(why, ST_ISSUER,
                                    "the answer does not name the provider, which says that its "
                                    "answers do (RFC 9207)");
    }
    if (!reply_text(reply, "iss", &issuer) || !span_is(issuer, wish->issuer)) {
        return status_because(why, ST_ISSUER, "the answer is another provider's, not of '%s'",
                              text_quote(span_of(wish->issuer)).text);
    }
    return ST_OK;
}

static enum status
take_code(const struct reply *reply, struct why *why, struct buf *code)
{
    const struct reply_refusal *row = reply_refusal(reply, refusals);
    struct span text;

    /* Nothing of error_description and error_uri: a page may have written them. */
    if (reply_has(reply, "error")) {
        return status_because(why, row->status, "%s%s%s", row->sentence,
                              row->error != NULL ? ": " : "", row->error != NULL ? row->error : "");
    }
    if (!reply_text(reply, "code", &text) || text.length > code->limit ||
        !text_is_printable(text)) {
        return status_because(why, ST_PROVIDER, "the answer holds neither a code nor an error");
    }
    buf_cut(code, 0);
    return buf_add(code, text);
}

enum status
authcode_answer(const struct authcode_wish *wish, struct span line, struct why *why,
                struct buf *code, enum authcode_event *ret_event)
{
    struct reply reply CLEANUP(reply_done) = {.object = NULL, .form = true};
    struct span query;
    struct span state;

    *ret_event = AUTHCODE_ELSEWHERE;
    if (!find_query(line, &query)) {
        return ST_OK;
    }
    *ret_event = AUTHCODE_FOREIGN;
    enum status status = form_object(query, /* why: */ NULL, &reply.object);
    if (status != ST_OK) {
        return status == ST_MEMORY ? ST_MEMORY : ST_OK;
    }
    if (!reply_text(&reply, "state", &state) || !span_is(state, wish->state)) {
        return ST_OK;
    }
    *ret_event = AUTHCODE_ANSWERED;
    TRY(check_issuer(wish, &reply, why));
    return take_code(&reply, why, code);
}

static enum status
add_exchange(const struct granted_client *client, const struct authcode_exchange *exchange,
             struct span code, struct buf *body)
{
    TRY(form_add(body, "grant_type", span_of("authorization_code")));
    TRY(form_add(body, "code", code));
    TRY(form_add(body, "redirect_uri", span_of(exchange->redirect_uri)));
    TRY(form_add(body, "code_verifier", span_of(exchange->verifier)));
    TRY(granted_add_audience(body, exchange->audience));
    return granted_add_client(body, client);
}

enum status
authcode_token_request(const struct granted_client *client,
                       const struct authcode_exchange *exchange, struct span code, struct buf *body)
{
    enum status status = add_exchange(client, exchange, code, body);

    return status == ST_MALFORMED ? ST_CONFIG : status;
}

enum status
authcode_check_nonce(const struct claims *claims, const char *nonce, struct why *why)
{
    struct span said;

    if (!claims_text(claims, "nonce", &said) || !span_is(said, nonce)) {
        return status_because(why, ST_CLAIM,
                              "the ID token's nonce is not that of this sign-in: it was made for "
                              "another one");
    }
    return ST_OK;
}
