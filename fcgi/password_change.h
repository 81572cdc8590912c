/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/password_change.h: passwords people choose. */
#ifndef FCGI_PASSWORD_CHANGE_H
#define FCGI_PASSWORD_CHANGE_H

struct err;
struct exchange;

/*
 * May it be the password of that login ("" when not known)?  Then hash it, one's turn among the computations.
 * 0 and *hash_out in x's memory; -1: ERR_INVALID telling what is wrong with field "newPassword", ERR_BUSY.
 */
int password_new_hash(struct exchange *x, const char *login, const char *password,
		      const char **hash_out, struct err *err);

#endif
