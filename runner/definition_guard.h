/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/definition_guard.h: a node that runs only what is signed.
 *
 * Who holds the database decides what is in its rows.  With runner:require_signature a job is started only when
 * the signature of its definition, by a key of runner:trusted_keys, is over what the row we claimed says
 * (model/signed_definition.h).  The same struct is then turned into the command: nothing is read again.
 */
#ifndef RUNNER_DEFINITION_GUARD_H
#define RUNNER_DEFINITION_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct job_order;
struct settings;

struct definition_guard; /* opaque */

/*
 * As the settings say, keys read once.  *out is NULL when no signature is required.  0; -1 with err: a key file is
 * wrong, open to others, or there is none at all.  *n_keys and *ours: how many keys; their files or directory belong
 * to this account, which jobs have too.
 */
int definition_guard_new(const struct settings *settings, struct definition_guard **out,
			 size_t *n_keys, bool *ours, struct err *err);
void definition_guard_free(struct definition_guard *guard);

/* May it be run here?  0, or -1 with ERR_DENIED that says why not.  guard may be NULL: anything may. */
int definition_guard_check(struct definition_guard *guard, const struct job_order *order,
			   struct err *err);

#endif
