/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/recovery.h: what a dead keeper has left behind. */
#ifndef KEEPER_RECOVERY_H
#define KEEPER_RECOVERY_H

#include <stdint.h>

struct cgroup;
struct err;
struct proc_scan;
struct slot_table;

/*
 * Kill every process of the jobs that an earlier keeper left unfinished in the table, if that was
 * since the last boot, and mark them ended: with what is known of a first process that had ended,
 * else with cause KEEPER_DIED, exit code -1, signal 9.  Takes two seconds at most; what cannot be
 * killed is counted in left.  *settled_out: how many jobs.  Call before any order is accepted.
 * 0, or -1 with err: /proc cannot be read.
 */
int recovery_run(struct slot_table *table, struct proc_scan *scan, const struct cgroup *cgroup,
		 uint32_t *settled_out, struct err *err);

#endif
