/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/known_account.h: accounts this worker has read lately.  What is kept here is never believed: a gate
 * (db_gate_set()) asks the database at each request whether the account's stamp is still the same, and its row where it was.
 */
#ifndef FCGI_KNOWN_ACCOUNT_H
#define FCGI_KNOWN_ACCOUNT_H

#include <stdint.h>

struct account;
struct err;
struct exchange;

/* The account that was kept under that key (a login; a certificate) over this very connection, for callers from that
 * network; NULL: none.  Borrowed: until the next call of known_account_keep() or known_account_forget(). */
const struct account *known_account_find(const struct exchange *x, const char *key,
					 const char *network);

/* Copied; it takes the place of another one.  until_us: what speaks for the account is no proof beyond that moment. */
void known_account_keep(const struct exchange *x, const char *key, const char *network,
			int64_t until_us, const struct account *account);
void known_account_forget(const char *key);

/*
 * Who found the account in here has x done nothing in the database unless it is still what it was.  1: it is, or, on a
 * route that says so, that is asked together with the handler's first statement.  0: it is not: read it.  -1 + err.
 */
int known_account_gate(struct exchange *x, const char *key, const struct account *account,
		       struct err *err);

#endif
