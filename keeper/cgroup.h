/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/cgroup.h: one cgroup v2 per job below the keeper's own, where that is delegated to us.
 *
 * All of it is optional: without, the tree is found by marks, sessions and parents alone.
 */
#ifndef KEEPER_CGROUP_H
#define KEEPER_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup {
	int fd; /* the group in which jobs get theirs, or -1: not usable */
	bool stepped_aside; /* the keeper is in a group of its own below that one */
	pid_t guard; /* the keeper's (guard.h), which goes where the keeper goes; 0: none */
};

#define CGROUP_INIT          \
	{                    \
		-1, false, 0 \
	}

/* Find our group and try whether we may make groups with cgroup.kill in it. */
void cgroup_detect(struct cgroup *cgroup);
void cgroup_close(struct cgroup *cgroup);
bool cgroup_usable(const struct cgroup *cgroup);

/*
 * Have the groups of jobs get the controllers of memory and processes, if whoever delegated our group gave
 * them.  That must not be while a process stands in the group itself: memory would be refused, and
 * processes would be accepted and make it a group of threads, whose groups below take no job.  So a keeper
 * that is alone in it, but for its guard, steps aside, into the group "jqm-keeper" below; others are not moved, and then there
 * are no controllers.
 */
void cgroup_take_controllers(struct cgroup *cgroup);

/* Which of them the groups of jobs have: "memory,pids", "memory", "pids" or "none". */
const char *cgroup_controllers(const struct cgroup *cgroup);

/* Undo cgroup_take_controllers(), so that anybody may be started in our group again. */
void cgroup_leave_controllers(struct cgroup *cgroup);

/* Make the group called name and open its cgroup.procs for writing.  The descriptor, or -1. */
int cgroup_make(const struct cgroup *cgroup, const char *name);

/* Write value to a file of the group ("memory.max").  True: the kernel took it. */
bool cgroup_limit(const struct cgroup *cgroup, const char *name, const char *file, int64_t value);

/* The number behind key in a file of the group of lines "key number"; -1: there is none. */
int64_t cgroup_number(const struct cgroup *cgroup, const char *name, const char *file,
		      const char *key);

/* SIGKILL to everything in it, at once.  No group, no effect. */
void cgroup_kill(const struct cgroup *cgroup, const char *name);

/* Remove the group, and groups the job made in it, if they are empty. */
void cgroup_remove(const struct cgroup *cgroup, const char *name);

#endif
