#include "module/arguments.h"

#include "base/span.h"
#include "base/text.h"

enum status
arguments_parse(int argc, const char **argv, struct why *why, struct arguments *ret_arguments)
{
    struct arguments arguments = {
        .config = PAM_OAUTH_SYSCONFDIR "/pam_oauth/pam_oauth.conf",
        .debug = false,
    };
    static const char config_key[] = "config=";

    for (int i = 0; i < argc; i++) {
        struct span word = span_of(argv[i]);

        if (span_is(word, "debug")) {
            arguments.debug = true;
        } else if (span_starts(word, "config=/")) {
            arguments.config = argv[i] + sizeof(config_key) - 1;
        } else {
            return status_because(why, ST_CONFIG,
                                  "module argument '%s' is not one; config=/PATH and debug are",
                                  text_quote(word).text);
        }
    }
    *ret_arguments = arguments;
    return ST_OK;
}
