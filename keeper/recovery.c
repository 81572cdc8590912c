/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/recovery.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "keeper/cgroup.h"
#include "keeper/kill_tree.h"
#include "keeper/proc_scan.h"
#include "keeper/slot_table.h"
#include "wire/keeper_wire.h"

static bool
is_unfinished(const struct slot *slot)
{
	enum slot_state state = slot_state(slot);

	return state != SLOT_FREE && state != SLOT_ENDED;
}

/* The number of its session may have been given to somebody else since. */
static bool
session_is_anothers(const struct slot *slot)
{
	struct proc_stat leader;

	return slot->pid <= 0 ||
	       (proc_stat_read(slot->pid, &leader) == 0 && leader.start != slot->pid_start);
}

static bool
owns(const struct slot_table *table, const struct slot *slot, const struct proc *proc)
{
	char tag[SLOT_TAG_SIZE];

	if (slot->mark != 0)
		return proc->mark == slot->mark;
	if (proc->pid == slot->pid && proc->stat.start == slot->pid_start)
		return true;
	if (proc->stat.session == slot->pid && proc->stat.start >= slot->pid_start &&
	    !session_is_anothers(slot))
		return true;
	slot_tag(table, slot, tag);
	return proc_has_env(proc->pid, tag);
}

/* The unfinished job a process belongs to, or NULL. */
static struct slot *
owner_of(const struct slot_table *table, const struct proc *proc)
{
	uint64_t by_mark = proc->mark % SLOT_COUNT_MAX;

	if (proc->mark != PROC_NO_MARK && by_mark < table->count &&
	    is_unfinished(&table->slots[by_mark]) && table->slots[by_mark].mark == proc->mark)
		return &table->slots[by_mark];
	for (uint32_t i = 0; i < table->count; i++)
		if (is_unfinished(&table->slots[i]) && table->slots[i].mark == 0 &&
		    owns(table, &table->slots[i], proc))
			return &table->slots[i];
	return NULL;
}

/* One scan: kill what belongs to unfinished jobs, counted in their left.  How many, or -1. */
static ssize_t
kill_round(struct slot_table *table, struct proc_scan *scan, bool by_session)
{
	struct proc_list list = { NULL, 0, 0 };
	ssize_t found = 0;

	for (uint32_t i = 0; i < table->count; i++)
		if (is_unfinished(&table->slots[i]))
			table->slots[i].left = 0;
	if (proc_scan_all(scan, &list) == -1)
		found = -1;
	for (size_t i = 0; i < list.count && found != -1; i++) {
		struct slot *slot = NULL;

		/* Without a look at its stat first: there may be thousands that are not ours. */
		if (!by_session || proc_look(&list.procs[i]))
			slot = owner_of(table, &list.procs[i]);
		if (slot == NULL || !proc_look(&list.procs[i]) || list.procs[i].stat.state == 'Z')
			continue;
		proc_signal(&list.procs[i], SIGKILL, false);
		slot->left++;
		found++;
	}
	free(list.procs);
	return found;
}

static int
kill_all(struct slot_table *table, struct proc_scan *scan, bool by_session, struct err *err)
{
	int64_t give_up_ms = clock_mono_ms() + KILL_DEADLINE_MS;
	int empty = 0;

	while (empty < KILL_EMPTY_SCANS && clock_mono_ms() < give_up_ms) {
		ssize_t found = kill_round(table, scan, by_session);

		if (found == -1)
			return err_errno(err, ERR_INTERNAL, "could not read \"/proc\"");
		empty = found == 0 ? empty + 1 : 0;
		if (found > 0)
			(void)poll(NULL, 0, 1); /* not our children: let them die */
	}
	return 0;
}

static void
settle(const struct slot_table *table, const struct cgroup *cgroup, struct slot *slot)
{
	char group[SLOT_GROUP_SIZE];

	slot_group(table, slot, group);
	cgroup_remove(cgroup, group);
	if (slot_state(slot) != SLOT_EMPTYING) {
		slot->ended_us = clock_wall_us();
		slot->exit_code = -1;
		slot->signal = SIGKILL;
		slot->cause = KEEPER_CAUSE_KEEPER_DIED;
	}
	if (slot->started_us == 0)
		slot->started_us = slot->ended_us;
	slot_set_state(slot, SLOT_ENDED);
}

int
recovery_run(struct slot_table *table, struct proc_scan *scan, const struct cgroup *cgroup,
	     uint32_t *settled_out, struct err *err)
{
	uint32_t settled = 0;
	bool by_session = false; /* some job has no mark */

	for (uint32_t i = 0; i < table->count; i++) {
		char group[SLOT_GROUP_SIZE];

		if (!is_unfinished(&table->slots[i]))
			continue;
		settled++;
		by_session = by_session || table->slots[i].mark == 0;
		slot_group(table, &table->slots[i], group);
		cgroup_kill(cgroup, group);
	}
	if (settled > 0 && table->same_boot && kill_all(table, scan, by_session, err) == -1)
		return -1;
	for (uint32_t i = 0; i < table->count; i++)
		if (is_unfinished(&table->slots[i]))
			settle(table, cgroup, &table->slots[i]);
	slot_table_adopt(table);
	*settled_out = settled;
	return 0;
}
