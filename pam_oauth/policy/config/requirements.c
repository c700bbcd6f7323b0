#include "policy/config/requirements.h"

#include <string.h>

#include "policy/requirement.h"

static bool
has_line(const struct service *service, struct place place)
{
    for (size_t i = 0; i < service->requirement_count; i++) {
        struct place own = requirement_place(service->requirements[i]);
        if (own.line == place.line && strcmp(own.file, place.file) == 0) {
            return true;
        }
    }
    return false;
}

/* [service *] gives its lines to all of the others. */
static bool
has_been_seen(const struct config *config, const struct service *service, struct place place)
{
    for (size_t i = 0; i < config->service_count && config->services[i] != service; i++) {
        if (has_line(config->services[i], place)) {
            return true;
        }
    }
    return false;
}

void
config_requirements_check(const struct config *config, const struct service *service,
                          struct findings *findings)
{
    for (size_t i = 0; i < service->requirement_count; i++) {
        const struct requirement *requirement = service->requirements[i];
        struct place place = requirement_place(requirement);
        if (requirement_turns_nobody_away(requirement) && !has_been_seen(config, service, place)) {
            findings_warning(findings, place.file, place.line,
                             "'require = %s' turns nobody away: whoever has a token meets it; "
                             "name what only some tokens say",
                             requirement_said(requirement));
        }
    }
}
