#include "base/text.h"
#include "cli/print.h"
#include "cli/who/why.h"

/* One for each reason word; a test asks for all of them. */
static const struct {
    enum status reason;
    const char *remedy;
} rows[] = {
    {ST_MALFORMED,
     "have them paste the token alone, without Bearer and quotes; where the provider's "
     "access tokens are no JWTs, set token_kind = id_token"},
    {ST_TRUNCATED, "send the token in parts, each but the last ending in +"},
    {ST_HEADER, "have the provider send a plain signed token (JWS), neither encrypted nor nested"},
    {ST_ALG, "if the provider signs with this algorithm on purpose, add it to algorithms"},
    {ST_UNKNOWN_KEY,
     "get a new token; if that does not help, run pam-oauth jwks, and pam-oauth jwks "
     "refresh"},
    {ST_SIGNATURE, "the token was changed or cut on its way: get a new one, and paste it whole"},
    {ST_ISSUER, "compare issuer in the configuration with the token's iss byte by byte, a slash at "
                "the end included"},
    {ST_AUDIENCE, "ask the provider for a token for this host, or add its aud to audience"},
    {ST_EXPIRED, "get a new token; if it is new, compare the clocks (pam-oauth check)"},
    {ST_NOT_YET_VALID, "compare this host's clock with the provider's (pam-oauth check)"},
    {ST_TOO_OLD, "get a new token; max_token_age and max_token_lifetime say how old it may be"},
    {ST_TYPE, "present the kind of token that token_kind names; a provider that does not send "
              "at+jwt needs access_token_marker, which the presets set"},
    {ST_CLAIM, "have the provider put the claim in; a token bound to a key (cnf) is not accepted"},
    {ST_ACCOUNT,
     "pam-oauth who-can --account shows who may; to admit this person, add the line that "
     "the sentence shows to the account map"},
    {ST_DENIED, "take the ! rule out of the account map, if it is no longer meant"},
    {ST_REQUIREMENT, "the person needs at the provider what the require line or max_auth_age asks "
                     "for, and then a new token"},
    {ST_REPLAYED, "get a new token for each sign-in; single_use asks for that"},
    {ST_CANCELLED, "nothing but a token, or Enter, is an answer at the prompt; try again"},
    {ST_DEVICE_DENIED, "the person, or the provider, said no in the browser; if it was not them, "
                       "somebody else tried to sign in"},
    {ST_DEVICE_EXPIRED, "try again and approve in time; device_timeout says how long that is"},
    {ST_DEVICE_BLOCKED,
     "have the provider allow the device flow for this client, or sign in with a token"},
    {ST_UNKNOWN_USER, "check the spelling of the account; the module creates none"},
    {ST_CONFIG, "run pam-oauth check"},
    {ST_MEMORY, "free memory, or raise the limit of the program that signs in"},
    {ST_STORE,
     "see that the directories of [paths] are there, root's, and not full (pam-oauth check)"},
    {ST_PROVIDER, "see that the provider can be reached from here: pam-oauth check asks it"},
    {ST_KEYS_UNAVAILABLE, "see that the provider can be reached from here: pam-oauth jwks refresh "
                          "asks it for its keys"},
    {ST_CLOCK, "set this host's clock, and keep it right with NTP"},
    {ST_CONVERSATION, "sign in where somebody can answer a prompt: with a terminal, or an askpass "
                      "program"},
    {ST_INTERNAL, "please report it, with the sentence above"},
};

const char *
why_remedy(struct span reason)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (span_is(reason, status_word(rows[i].reason))) {
            return rows[i].remedy;
        }
    }
    return "see TROUBLESHOOTING in pam_oauth(8)";
}

/* In the account phase there is one requirement, and no token. */
static const char *
remedy_of(const struct why_line *line)
{
    struct span reason = line->values[AUDIT_REASON];

    return span_is(line->values[AUDIT_EVENT], "account") &&
                   span_is(reason, status_word(ST_REQUIREMENT))
               ? "sign in to the account once, with a token or a browser and not by a key alone: "
                 "ssh "
                 "-o PreferredAuthentications=keyboard-interactive"
               : why_remedy(reason);
}

static int
digit_of(char byte)
{
    if (text_is_digit(byte)) {
        return byte - '0';
    }
    return byte >= 'A' && byte <= 'F'   ? byte - 'A' + 10
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                                        : -1;
}

/* A quote and a backslash are shown as what they are; all else that was escaped stays so. */
static void
print_value(FILE *to, struct span value)
{
    for (size_t i = 0; i < value.length; i++) {
        char byte = value.at[i];
        if (byte == '\\' && value.length - i >= 4 && value.at[i + 1] == 'x') {
            int code = digit_of(value.at[i + 2]) * 16 + digit_of(value.at[i + 3]);
            if (code == '"' || code == '\\') {
                byte = (char)code;
                i += 3;
            }
        }
        print_sentence(to, (struct span){.at = &byte, .length = 1});
    }
}

static void
print_field(FILE *to, const struct why_line *line, enum audit_field field)
{
    if (line->values[field].length > 0) {
        (void)fprintf(to, "  %-9s ", audit_field_names[field]);
        print_value(to, line->values[field]);
        (void)fputc('\n', to);
    }
}

void
why_print(FILE *to, const struct why_line *line)
{
    static const enum audit_field shown[] = {AUDIT_RULE,   AUDIT_ACCOUNT, AUDIT_SERVICE,
                                             AUDIT_METHOD, AUDIT_RHOST,   AUDIT_PROVIDER,
                                             AUDIT_SUB,    AUDIT_KID};
    struct span reason = line->values[AUDIT_REASON];

    print_sentence(to, line->head);
    (void)fputs(": ", to);
    print_value(to, line->values[AUDIT_VERDICT]);
    (void)fputs(reason.length > 0 ? ": " : "", to);
    print_value(to, reason);
    (void)fputc('\n', to);
    if (line->values[AUDIT_DETAIL].length > 0) {
        (void)fputs("  ", to);
        print_value(to, line->values[AUDIT_DETAIL]);
        (void)fputc('\n', to);
    }
    for (size_t i = 0; i < COUNT(shown); i++) {
        print_field(to, line, shown[i]);
    }
    if (reason.length > 0) {
        (void)fprintf(to, "  %-9s %s\n", "remedy", remedy_of(line));
    }
}
