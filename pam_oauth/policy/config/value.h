/*
 * How the values of configuration keys are read: one kind of value each, with its check, and how
 * the field that it fills is emptied again.
 */
#ifndef PAM_OAUTH_POLICY_CONFIG_VALUE_H
#define PAM_OAUTH_POLICY_CONFIG_VALUE_H

#include <stdint.h>

#include "policy/config/config.h"

struct config_key; /* policy/config/keys.h */

struct config_bounds {
    int64_t min; /* of a number, or of a duration in seconds */
    int64_t max;
    const char *choices; /* words; the first is the enum's 0 */
};

/* A value in the place where it was found. */
struct config_reading {
    const struct config_key *key;
    struct span text;
    struct place place;
    const char *host; /* what %h stands for */
};

struct config_value {
    /*
     * Reads into the key's field of `object`, the section's struct, which is empty or, for a list,
     * is added to. ST_CONFIG with the sentence (the key, its value, what it must be), ST_MEMORY.
     */
    enum status (*read)(const struct config_reading *reading, void *object, struct why *why);
    /* Frees what the field holds and leaves it empty. */
    void (*done)(const struct config_key *key, void *object);
    /* For text and lists of words: whether the text or the word will do, and what it must be. */
    bool (*fits)(struct span text);
    const char *must_be;
};

extern const struct config_value config_value_preset;
extern const struct config_value config_value_word;
extern const struct config_value config_value_path;
extern const struct config_value config_value_user;
extern const struct config_value config_value_scope;
extern const struct config_value config_value_marker;
extern const struct config_value config_value_audience;
extern const struct config_value config_value_hosts;
extern const struct config_value config_value_host_patterns;
extern const struct config_value config_value_lists;
extern const struct config_value config_value_claims;
extern const struct config_value config_value_accounts;
extern const struct config_value config_value_algorithms;
extern const struct config_value config_value_duration;
extern const struct config_value config_value_number;
extern const struct config_value config_value_choice;
extern const struct config_value config_value_flag;

/* For kinds of values that stand in files of their own. */
void *config_value_field(const struct config_key *key, void *object);
MUST_CHECK enum status config_value_store(const struct config_reading *reading, struct span text,
                                          void *object);
void config_value_text_done(const struct config_key *key, void *object);
/* ST_CONFIG with `'KEY' is 'VALUE'; it must be MUST_BE`. */
enum status config_value_refuse(const struct config_reading *reading, const char *must_be,
                                struct why *why);

/*
 * Parses an access_token_marker in place; the condition points into `text`. ST_CONFIG with the
 * reason.
 */
MUST_CHECK enum status config_value_parse_marker(char *text, struct why *why,
                                                 struct condition *ret_marker);

#endif
