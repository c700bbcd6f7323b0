/*
 * Where a program's log lines go. Layers below the programs hold no log of their own: the program
 * (module/, cli/) hands one in. One call is one line; the text is already escaped.
 */
#ifndef PAM_OAUTH_BASE_LOG_H
#define PAM_OAUTH_BASE_LOG_H

enum log_level {
    LOG_LEVEL_ALERT,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

struct log {
    void (*line)(void *context, enum log_level level, const char *text);
    void *context;
};

#endif
