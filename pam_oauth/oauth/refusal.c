#include "oauth/refusal.h"

#include "base/strictjson.h"

#define CLIENT_UNKNOWN                                                                             \
    "the provider does not accept this client; check client_id, client_auth and "                  \
    "client_secret_file"
#define CLIENT_BLOCKED                                                                             \
    "the provider does not let this client use the device flow; allow it for the client there"
#define FLOW_BLOCKED                                                                               \
    "the provider's policy does not let this person sign in by a code (conditional access); "      \
    "allow the device flow for them there, or let them use a token"

static const struct reply_refusal of_request[] = {
    {"unauthorized_client", ST_DEVICE_BLOCKED, CLIENT_BLOCKED},
    {"unsupported_grant_type", ST_DEVICE_BLOCKED, CLIENT_BLOCKED},
    {"access_denied", ST_DEVICE_BLOCKED, CLIENT_BLOCKED},
    {"invalid_client", ST_CONFIG, CLIENT_UNKNOWN},
    {"slow_down", ST_PROVIDER,
     "the provider starts no more device flows for now; wait, or raise its rate limit"},
    {"invalid_scope", ST_PROVIDER, "the provider does not know the scope; check scope"},
    {NULL, ST_PROVIDER, "the provider refused to start a device flow"},
};

static const struct reply_refusal of_poll[] = {
    {"access_denied", ST_DEVICE_DENIED, "the sign-in was refused at the provider"},
    {"authorization_declined", ST_DEVICE_DENIED, "the sign-in was refused at the provider"},
    {"expired_token", ST_DEVICE_EXPIRED, "the code expired before it was approved"},
    {"token_expired", ST_DEVICE_EXPIRED, "the code expired before it was approved"},
    {"code_expired", ST_DEVICE_EXPIRED, "the code expired before it was approved"},
    {"bad_verification_code", ST_DEVICE_EXPIRED, "the provider knows the code no longer"},
    {"unauthorized_client", ST_DEVICE_BLOCKED, CLIENT_BLOCKED},
    {"unsupported_grant_type", ST_DEVICE_BLOCKED, CLIENT_BLOCKED},
    {"interaction_required", ST_DEVICE_BLOCKED, FLOW_BLOCKED},
    {"invalid_client", ST_CONFIG, CLIENT_UNKNOWN},
    {NULL, ST_PROVIDER, "the provider ended the device flow"},
};

/* An `invalid_grant` that says in its codes what it is. */
static const struct reply_refusal blocked_grant = {"invalid_grant", ST_DEVICE_BLOCKED,
                                                   FLOW_BLOCKED};

/* AADSTS codes, first and last of a range, of which a policy of the tenant is the reason. */
static const struct {
    json_int_t first;
    json_int_t last;
} blocking_codes[] = {
    {50005, 50005},   /* a platform that the policy does not know */
    {50097, 50097},   /* the device has to authenticate */
    {50131, 50131},   /* conditional access failed */
    {50199, 50199},   /* the person has to confirm on the device itself */
    {53000, 53004},   /* device not compliant, not joined, app not approved; blocked; at risk */
    {53011, 53011},   /* the person is at risk */
    {530030, 530039}, /* blocked by a security policy, or by security defaults */
};

static bool
is_blocking_code(const json_t *code)
{
    for (size_t i = 0; json_is_integer(code) && i < COUNT(blocking_codes); i++) {
        if (json_integer_value(code) >= blocking_codes[i].first &&
            json_integer_value(code) <= blocking_codes[i].last) {
            return true;
        }
    }
    return false;
}

/* Entra's sub-errors for a policy that the person may still meet, or cannot meet from here. */
static bool
is_blocking_suberror(struct span suberror)
{
    return span_is(suberror, "basic_action") || span_is(suberror, "additional_action") ||
           span_is(suberror, "message_only");
}

static bool
is_blocked(const struct reply *reply)
{
    const json_t *codes = json_object_get(reply->object, "error_codes");
    struct span suberror;

    for (size_t i = 0; i < json_array_size(codes); i++) {
        if (is_blocking_code(json_array_get(codes, i))) {
            return true;
        }
    }
    return reply_text(reply, "suberror", &suberror) && is_blocking_suberror(suberror);
}

const struct reply_refusal *
refusal_of_request(const struct reply *reply)
{
    return reply_refusal(reply, of_request);
}

const struct reply_refusal *
refusal_of_poll(const struct reply *reply)
{
    struct span error;

    if (reply_text(reply, "error", &error) && span_is(error, "invalid_grant") &&
        is_blocked(reply)) {
        return &blocked_grant;
    }
    return reply_refusal(reply, of_poll);
}
