/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/second_factor.h: the code an account with a second factor needs beside its password. */
#ifndef FCGI_SECOND_FACTOR_H
#define FCGI_SECOND_FACTOR_H

#include <stdint.h>

struct err;
struct exchange;

#define RECOVERY_CODES 10
#define RECOVERY_CODE_CHARS 16

/*
 * Is code the device's of now, or one for a lost device?  Each counts once.  1, 0, or -1 with err: after too many wrong
 * codes of this account, from whatever addresses, REFUSAL_RATE and how long to wait.
 */
int second_factor_check(struct exchange *x, int64_t account_id, const char *code, struct err *err);

/*
 * The code of a device that was given the secret just now makes it the account's second factor.
 * codes: RECOVERY_CODES texts, for a lost device.  0, or -1: ERR_INVALID when the code is wrong, ERR_CONFLICT
 * when nothing is to be confirmed.
 */
int second_factor_confirm_code(struct exchange *x, int64_t account_id, const char *code,
			       const char **codes, struct err *err);

#endif
