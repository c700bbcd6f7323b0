/*
 * What stands in a file of store/signins.h: read to the last byte, and written.
 */
#ifndef PAM_OAUTH_STORE_SIGNINS_TEXT_H
#define PAM_OAUTH_STORE_SIGNINS_TEXT_H

#include "store/signins.h"

/*
 * Reads `text`, which the struct then points into. False, and nothing is written, for anything that
 * is not in order, of this boot and past.
 */
bool signins_text_parse(struct span text, const struct clock_moment *now, struct signins *signins);

/*
 * Appends a file in which the account's last sign-in is `now`: the old ones that stay, and the new
 * one unless it is NULL. ST_MEMORY; ST_MALFORMED when it would be too long.
 */
MUST_CHECK enum status signins_text_compose(const char *account, const struct signins *old,
                                            const struct signin *signin,
                                            const struct clock_moment *now, struct buf *text);

#endif
