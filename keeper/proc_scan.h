/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/proc_scan.h: what /proc says about processes of our own uid, and of others that we started.
 *
 * Nothing here is atomic against fork; callers scan again until they are sure.
 */
#ifndef KEEPER_PROC_SCAN_H
#define KEEPER_PROC_SCAN_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

#define PROC_NO_MARK UINT64_MAX /* RLIM_INFINITY: no job of ours */

struct proc_stat {
	char state; /* 'Z': only its number is left */
	pid_t ppid;
	pid_t session;
	int64_t threads;
	uint64_t start; /* clock ticks since boot */
	uint64_t cpu_ticks; /* processor time, with that of children it has waited for */
};

struct proc {
	pid_t pid;
	uint64_t mark; /* RLIMIT_LOCKS, PROC_NO_MARK when unlimited */
	struct proc_stat stat; /* once proc_look() was asked */
	bool has_stat;
	bool member; /* scratch for the caller, false after a scan */
	bool
	    by_mark; /* the same: its mark is nobody else's, so it names the process as well as its number */
};

struct proc_list {
	struct proc *procs;
	size_t count;
	size_t size;
};

struct proc_scan {
	DIR *dir; /* /proc */
	int children_fd; /* /proc/self/task/TID/children */
	char *text; /* of children */
	size_t text_size;
};

#define PROC_SCAN_INIT            \
	{                         \
		NULL, -1, NULL, 0 \
	}

/*
 * From now on processes of other accounts count too, when they have a mark and are not root's: the kernel tells us limits
 * of our own uid only, /proc those of all.  Root's never are ours to end: a program that gained privileges keeps the mark
 * of who started it, wherever that came from.
 */
void proc_scan_see_others(bool see);

/* Open what scans need once, so that no later shortage of descriptors can blind us. */
int proc_scan_open(struct proc_scan *scan, struct err *err);
void proc_scan_close(struct proc_scan *scan);

/*
 * Our children, zombies included, into *pids_out (malloc'ed; may be NULL when none).  Returns their
 * number, or -1 with errno.  A child that comes while we read is at the end, or missed.
 */
ssize_t proc_children(struct proc_scan *scan, pid_t **pids_out);

/*
 * All processes that count (our uid, or proc_scan_see_others()) into list, our own excepted, each with its mark.
 * 0, or -1 with errno; free(list->procs) is the caller's.
 */
int proc_scan_all(struct proc_scan *scan, struct proc_list *list);

/*
 * SIGKILL to each process whose mark wanted() says yes to, at once when it is met: a microsecond after
 * the look there was hardly time to fork away, let alone for the number to become another's.
 */
void proc_sweep(struct proc_scan *scan, bool (*wanted)(void *cookie, uint64_t mark), void *cookie);

/* Make proc->stat known.  False: the process is gone. */
bool proc_look(struct proc *proc);

/* 0, or -1 when there is no such process (any more). */
int proc_stat_read(pid_t pid, struct proc_stat *out);

/* 0 and RLIMIT_LOCKS of the process, zombies too; or -1: gone, or not ours. */
int proc_mark_read(pid_t pid, uint64_t *out);

/* Does the environment pid was started with have this NAME=VALUE? */
bool proc_has_env(pid_t pid, const char *entry);

/*
 * Signal exactly the process that proc describes, never a later one of the same number (by_mark: unless that
 * has the same mark); with SIGCONT behind it if then_cont.
 */
void proc_signal(const struct proc *proc, int sig, bool then_cont);

#endif
