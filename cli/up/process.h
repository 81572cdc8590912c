/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/process.h: facts about a running process, and pid files that can be trusted.
 *
 * A pid in a file may by now belong to anything.  It is believed only when the process has the
 * program's name and its command line names our home; it is signalled through a descriptor opened
 * before that was checked, so that it cannot be replaced in between.
 */
#ifndef UP_PROCESS_H
#define UP_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct process {
	char name[16]; /* as the kernel cuts it */
	int64_t born_ticks; /* since the machine started: with the pid, unique */
	bool zombie;
};

/* 0, or -1 when there is no such process. */
int process_read(pid_t pid, struct process *out);

/* Wall clock of its birth in microseconds since 1970; 0 when unknown. */
int64_t process_born_wall_us(const struct process *process);

/*
 * The living process that pid file path names, if it is program and its command line names something
 * in directory home: a descriptor of it, with *pid_out set; -1 when there is none.
 */
int pid_file_open(const char *path, const char *program, const char *home, pid_t *pid_out);

/* The first number of a file (a pid file, postmaster.pid, a lock); 0 when it has none. */
pid_t pid_file_read(const char *path);

int pid_file_write(const char *path, pid_t pid, struct err *err);

/*
 * Send signal to every process named program in the session that leader (above 0) began and wait, at most
 * 2 s, until they are gone: a socket is free when its last holder is.  The kernel gives the
 * number of a session to nobody else while a member lives.
 */
void process_end_session(pid_t leader, const char *program, int signal);

/* Send signal (0: none) to an open process and wait for its end: 0, or -1 when time is over. */
int process_end(int pidfd, int signal, int timeout_ms);

#endif
