#include "policy/claim_class.h"

#include <string.h>

#include "base/text.h"

/*
 * The part of a claim's name that says what it is: of cognito:groups, https://x.example/roles, and
 * of Keycloak's realm_access.roles and resource_access.CLIENT.roles. Other paths lead to objects
 * of which nobody here knows who fills them (user_metadata.role is the user's own word).
 */
static struct span
last_part(struct span name)
{
    bool keycloak = span_starts(name, "realm_access.") || span_starts(name, "resource_access.");
    const char *separators = keycloak ? "." : ":/";
    size_t from = name.length;

    while (from > 0 && strchr(separators, name.at[from - 1]) == NULL) {
        from--;
    }
    return (struct span){.at = name.at + from, .length = name.length - from};
}

static bool
is_one_of(struct span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

enum claim_class
claim_class_of(struct span name, const struct provider *provider)
{
    /* RFC 9068 section 2.2.3.1 and 2.2.3; singular and groups_direct as providers send them. */
    static const char *const shared[] = {"groups", "group", "groups_direct", "roles",
                                         "role",   "scope", "scp",           "entitlements"};
    static const char *const occasion[] = {"acr", "amr", "aud", "iss"};

    if (is_one_of(last_part(name), shared, COUNT(shared))) {
        return CLAIM_SHARED;
    }
    if (is_one_of(name, occasion, COUNT(occasion))) {
        return CLAIM_OCCASION;
    }
    if (span_is(name, "sub") || is_one_of(name, (const char *const *)provider->stable_claims.at,
                                          provider->stable_claims.count)) {
        return CLAIM_STABLE;
    }
    return CLAIM_MUTABLE;
}

bool
claim_class_is_for_good(struct span name, const struct provider *provider)
{
    static const char *const identifiers[] = {"repository_id", "repository_owner_id", "project_id",
                                              "namespace_id", "kubernetes.io.serviceaccount.uid"};

    return is_one_of(name, identifiers, COUNT(identifiers)) ||
           is_one_of(name, (const char *const *)provider->stable_claims.at,
                     provider->stable_claims.count);
}

bool
claim_class_is_everybodys(struct span name, struct span value)
{
    static const char *const scopes[] = {"scope", "scp"};
    static const char *const anybodys[] = {"openid",  "profile", "email",
                                           "address", "phone",   "offline_access"};

    return is_one_of(last_part(name), scopes, COUNT(scopes)) &&
           is_one_of(value, anybodys, COUNT(anybodys));
}
