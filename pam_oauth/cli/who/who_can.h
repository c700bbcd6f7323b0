/*
 * What `pam-oauth who-can` finds, one object a fact, and how it is shown to people.
 */
#ifndef PAM_OAUTH_CLI_WHO_WHO_CAN_H
#define PAM_OAUTH_CLI_WHO_WHO_CAN_H

#include <jansson.h>
#include <stdio.h>

/*
 * One fact: an object whose `kind` is one of
 *   service      a section that stands for what follows
 *   local        accounts of local_users that are asked about
 *   requirement  what every token must say
 *   key          what sign_in_within and remember make of a public key
 *   rule         a rule that admits, or that would but for `but`
 *   exception    a `!` rule; with `but` one that is for another host, and refuses nobody here
 *   broken       a line or a map that cannot be read: while it is there nobody is admitted by it
 */
void who_can_print(FILE *to, const json_t *fact);

#endif
