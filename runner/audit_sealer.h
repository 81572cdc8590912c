/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/audit_sealer.h: the rows of the audit trail are sealed, and old ones go.
 *
 * Each audit:seal_s seconds, and at once while there is a whole batch more, the database makes a seal of the rows
 * that are final (jqm.audit_seal_next()); this runner signs it with the key of audit:key_file.  Of several runners one
 * does it at a time.  One that is killed in between leaves a seal without a signature, which the next one signs.
 *
 * What it signed last is remembered in STATE_DIR/audit-anchor: should the database not know that seal any more, or
 * know another one of its number, the trail was cut or rewritten, and the log says so each hour (and jqm audit verify);
 * the anchor then stays until an administrator removes it.
 */
#ifndef RUNNER_AUDIT_SEALER_H
#define RUNNER_AUDIT_SEALER_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/audit_key.h"
#include "model/audit_seal.h"
#include "runner/event_loop.h"

struct runner;

/* Rows of a seal at most: the statement takes some 50 ms. */
#define AUDIT_SEAL_ROWS 2500

struct audit_sealer {
	struct runner *runner;
	struct event_timer timer;
	bool asking; /* a statement is on its way */
	bool broken; /* the anchor is not in the database's chain */
	bool more; /* the seal on its way was full */
	int64_t chores_due_ms;
	struct audit_anchor anchor;
	int64_t signing_no; /* of the seal on its way */
	int64_t signing_rows;
	char signing_mac[AUDIT_MAC_SIZE];
	int64_t sealed; /* rows since the last line in the log */
	char key_id[AUDIT_KEY_ID_SIZE];
	char *anchor_path;
};

void audit_sealer_init(struct audit_sealer *sealer, struct runner *runner, const char *state_dir);
void audit_sealer_free(struct audit_sealer *sealer);

/* The node is ours: begin. */
void audit_sealer_begin(struct audit_sealer *sealer);

/*
 * The key: the first line of path, or (path NULL) of STATE_DIR/audit.key, which is made when it is not there.  Fresh
 * memory; NULL with err.
 */
char *audit_sealer_key(const char *path, const char *state_dir, struct err *err);

/* Would that find a key?  Makes none.  0, also when it would be made; else -1. */
int audit_sealer_check_key(const char *path, const char *state_dir, struct err *err);

#endif
