#include "oauth/condition.h"

#include <stdint.h>
#include <stdio.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "oauth/claims.h"

/*
 * Text against the condition's value. An empty claim is no better than a missing one, also where
 * a bare `*` asks only that it be there (R19).
 */
static bool
text_holds(const struct condition *condition, struct span text, struct span *ret_star)
{
    struct span star = {.at = "", .length = 0};

    if (text.length == 0) {
        return false;
    }
    /* Without a wildcard a `*` in the value was quoted and means itself. */
    bool holds = condition->wildcard ? text_matches(condition->value, text, &star)
                                     : span_equals(condition->value, text);
    if (holds) {
        *ret_star = star;
    }
    return holds;
}

/* RFC 8693 section 4.2: words separated by single spaces; no other blank separates. */
static bool
scope_holds(const struct condition *condition, struct span words, struct span *ret_star)
{
    struct span word;
    struct span rest;

    while (span_cut(words, ' ', &word, &rest)) {
        if (text_holds(condition, word, ret_star)) {
            return true;
        }
        words = rest;
    }
    return text_holds(condition, words, ret_star);
}

static bool
comma_list_holds(const struct condition *condition, struct span list, struct span *ret_star)
{
    struct span part;
    struct span rest;

    while (span_cut(list, ',', &part, &rest)) {
        if (text_holds(condition, span_trim(part), ret_star)) {
            return true;
        }
        list = rest;
    }
    return text_holds(condition, span_trim(list), ret_star);
}

static bool
is_scope(struct span name)
{
    return span_is(name, "scope") || span_is(name, "scp");
}

/*
 * A number or a boolean has one written form here, and a wildcard has nothing in the claims to
 * stand for: so it never matches one. Reals are never equal to anything.
 */
static bool
scalar_holds(const struct condition *condition, const json_t *value, struct span *ret_star)
{
    char text[24];

    if (json_is_boolean(value)) {
        (void)snprintf(text, sizeof(text), "%s", json_is_true(value) ? "true" : "false");
    } else if (json_is_integer(value)) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
    } else {
        return false;
    }
    return !condition->wildcard && text_holds(condition, span_of(text), ret_star);
}

/* Of a list, whose lists and objects have nothing to do with it. */
static bool
item_holds(const struct condition *condition, const json_t *item, struct span *ret_star)
{
    return json_is_string(item) ? text_holds(condition, strictjson_string(item), ret_star)
                                : scalar_holds(condition, item, ret_star);
}

static bool
array_holds(const struct condition *condition, const json_t *array, struct span *ret_star)
{
    const json_t *item;
    size_t i;

    json_array_foreach(array, i, item)
    {
        if (item_holds(condition, item, ret_star)) {
            return true;
        }
    }
    return false;
}

/* A name whose value is false or null is there to say that it is not so. */
static bool
object_holds(const struct condition *condition, const json_t *object, struct span *ret_star)
{
    /* Jansson has no iterator for a const object; this one changes nothing. */
    json_t *names = (json_t *)(uintptr_t)object;
    const char *name;
    const json_t *value;

    json_object_foreach(names, name, value)
    {
        if (!json_is_false(value) && !json_is_null(value) &&
            text_holds(condition, span_of(name), ret_star)) {
            return true;
        }
    }
    return false;
}

bool
condition_holds(const struct condition *condition, const struct claims *claims,
                struct span *ret_star)
{
    const json_t *value = claims_find(claims, condition->name);

    if (json_is_string(value)) {
        struct span text = strictjson_string(value);
        if (claims_is_comma_list(claims, condition->name)) {
            return comma_list_holds(condition, text, ret_star);
        }
        return is_scope(condition->name) ? scope_holds(condition, text, ret_star)
                                         : text_holds(condition, text, ret_star);
    }
    if (json_is_array(value)) {
        return array_holds(condition, value, ret_star);
    }
    if (json_is_object(value)) {
        return object_holds(condition, value, ret_star);
    }
    return scalar_holds(condition, value, ret_star);
}
