/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/child.h: start a program with a clean environment, in a session of its own, its output
 * appended to a file; it is told to stop when this process dies, however that happens.
 */
#ifndef UP_CHILD_H
#define UP_CHILD_H

#include <sys/types.h>

struct buf;
struct err;

struct child {
	char *const *argv; /* argv[0] is the file */
	const char *log_path; /* standard output and error; NULL: as ours */
	const char *directory; /* where it runs; NULL: as ours */
	int death_signal; /* sent to it when we die */
};

/* 0 and *pid_out: execve() has succeeded.  -1: no child is left, err names the program. */
int child_start(const struct child *child, pid_t *pid_out, struct err *err);

/* Run argv to its end, standard output into buf (capped).  0 when it exited 0. */
int child_capture(char *const *argv, struct buf *buf, struct err *err);

/* Words for a status of waitpid(): "exit code 1", "signal 9". */
void child_status_text(int status, char *out, size_t size);

/* Append the last lines (at most lines, at most a few thousand bytes) of what path got since start. */
void child_log_tail(const char *path, off_t start, int lines, struct buf *out);

#endif
