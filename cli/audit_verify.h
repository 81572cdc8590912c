/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/audit_verify.h: is the audit trail what was sealed?
 *
 * Reads the trail as the server's chain has it (jqm.audit_chain()), line by line: rows, behind them the seal that
 * covers them, and so on.  Says of each row and seal that is not what it was which one it is.
 */
#ifndef CLI_AUDIT_VERIFY_H
#define CLI_AUDIT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit_anchor;
struct audit_verify;
struct err;

/* keys: as many as n_keys, borrowed.  say(): one thing that is wrong. */
struct audit_verify *audit_verify_new(const char *const *keys, size_t n_keys,
				      const struct audit_anchor *anchor,
				      void (*say)(void *arg, const char *text), void *arg);
void audit_verify_free(struct audit_verify *verify);

/* The next bytes of the chain, cut anywhere.  0; -1 with err: this is no such thing. */
int audit_verify_add(void *verify, const char *data, size_t len, struct err *err);

/* There is no more.  True: nothing was wrong. */
bool audit_verify_end(struct audit_verify *verify);

/* Something else is wrong. */
void audit_verify_say(struct audit_verify *verify, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

struct audit_verify_count {
	int64_t seals, rows, unsealed, problems;
};
struct audit_verify_count audit_verify_count(const struct audit_verify *verify);

#endif
