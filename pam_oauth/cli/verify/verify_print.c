#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/strictjson.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/verify/verify.h"

#define ANSWER_MEMBERS 8

bool
verify_print_text(FILE *to, const struct verify_answer *answer)
{
    struct span subject;
    bool whole = true;

    (void)fputs(status_verdict(answer->status), to);
    if (answer->status != ST_OK) {
        (void)fprintf(to, ": %s: ", status_word(answer->status));
        print_sentence(to, span_of(answer->why->sentence[0] != '\0' ? answer->why->sentence
                                                                    : "out of memory"));
    } else if (!answer->signature_only && claims_text(answer->token->claims, "sub", &subject)) {
        (void)fputc(' ', to);
        whole = print_escaped(to, subject);
    }
    (void)fputc('\n', to);
    return whole;
}

/* A member that is a string, or null when the value is empty or not known. */
static void
set_text(json_t *object, const char *name, struct span value)
{
    (void)json_object_set_new(object, name,
                              value.length > 0 ? print_json_text(value) : json_null());
}

static void
add_token(json_t *object, const struct verify_answer *answer)
{
    const struct token *token = answer->token;
    struct span unknown = {.at = "", .length = 0};
    struct span subject = unknown;
    const struct jws_header *header = token->jws != NULL ? jws_header(token->jws) : NULL;
    bool named = token->provider != NULL && !answer->signature_only;

    if (token->claims != NULL) {
        (void)claims_text(token->claims, "sub", &subject);
    }
    set_text(object, "provider", named ? span_of(token->provider->name) : unknown);
    set_text(object, "sub", subject);
    set_text(object, "alg", header != NULL ? span_of(alg_row(header->alg)->name) : unknown);
    set_text(object, "kid", header != NULL ? header->kid : unknown);
}

json_t *
verify_object(const struct verify_answer *answer)
{
    bool refused = answer->status != ST_OK;
    json_t *object CLEANUP(strictjson_done) = json_object();

    (void)json_object_set_new(object, "verdict", json_string(status_verdict(answer->status)));
    (void)json_object_set_new(object, "reason", json_string(status_word(answer->status)));
    set_text(object, "sentence", span_of(refused ? answer->why->sentence : ""));
    add_token(object, answer);
    bool whole = verify_rows(answer, object) && json_object_size(object) == ANSWER_MEMBERS;
    return whole ? TAKE(object) : NULL;
}

bool
verify_print_json(FILE *to, const struct verify_answer *answer)
{
    json_t *object CLEANUP(strictjson_done) = verify_object(answer);

    return print_json_line(to, object);
}
