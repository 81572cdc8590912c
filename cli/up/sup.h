/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/sup.h: the supervisor: starts programs, waits, restarts what dies, stops all in order.
 *
 * One thread; it sleeps in poll() on a signalfd.  Whatever waits here also reaps children and ends
 * early when asked to stop.
 */
#ifndef UP_SUP_H
#define UP_SUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct home;

/* In the order in which they are started. */
enum {
	PROGRAM_POSTGRES,
	PROGRAM_FCGI,
	PROGRAM_RUNNER,
	PROGRAM_NOTIFIER,
	PROGRAM_EVENTS,
	PROGRAM_HOOKS,
	PROGRAM_NGINX,
	PROGRAM_COUNT
};

/* Name of a program; of its process, its log and its pid file too. */
const char *program_name(int which);

/* HOME/log/NAME.log ("log"), HOME/run/NAME.pid ("pid"), or HOME/run/NAME.stopped ("stopped": it is down
 * because an administrator wants it so), in fresh memory. */
char *program_file(const struct home *home, const char *kind, int which);

/* How jqm-runner ends when an administrator stopped or drained its node (runner/README.md). */
#define RUNNER_EXIT_ORDERED 10

struct program {
	char **argv; /* NULL until it may be started; owned */
	pid_t pid; /* 0: not running */
	int status; /* how it ended last */
	off_t log_start; /* where its log was when it was started last */
	int64_t started_ms;
	int64_t restart_at_ms;
	int failures; /* deaths in a row, each soon after its start */
	bool ordered; /* an administrator stopped it: it is not restarted */
	bool unlisted; /* it runs, but its pid file could not be written (a full disk) */
};

struct sup {
	const struct home *home;
	int signal_fd;
	int stop_signal; /* 0: nobody asked us to stop */
	struct program programs[PROGRAM_COUNT];
	bool database_ready;
	pid_t tool; /* a short-lived program that is waited for; 0: none */
	int tool_status;
	int64_t log_max_bytes, logs_at_ms; /* log_rotation.h; 0: never; and when to look again */
	int log_keep;
};

/* Block the signals and watch them.  From here on we also adopt orphans of our children. */
int sup_init(struct sup *sup, const struct home *home, struct err *err);
void sup_free(struct sup *sup);

/* Give a program its command line (NULL-terminated, copied). */
void sup_set_argv(struct sup *sup, int which, const char *const *argv);

/* Start it and return; the next rounds start it again when it ends.  0 or -1. */
int sup_start(struct sup *sup, int which, struct err *err);

/* Wait at most timeout_ms (-1: for ever) for a signal and act on it. */
void sup_round(struct sup *sup, int timeout_ms);

/*
 * Run a short-lived program to its end.  0 when it exits 0; -1 with its last words in err; -1 with
 * ERR_BUSY when asked to stop (it was ended then).
 */
int sup_tool(struct sup *sup, const char *const *argv, const char *log_path, struct err *err);

/*
 * Wait until probe(arg, err) is 1 (0: not yet, -1: never).  -1 also when program which ends before,
 * with its last words, when asked to stop, when timeout_ms is over.
 */
int sup_wait(struct sup *sup, int which, int (*probe)(void *arg, struct err *err), void *arg,
	     int timeout_ms, struct err *err);

/* err becomes "NAME could not start (why)" with the last lines of its log. */
int sup_explain(const struct sup *sup, int which, struct err *err);

/* Something to look at again and again while the database accepts. */
struct sup_watch {
	void (*look)(void *arg);
	void *arg;
	int period_ms;
};

/*
 * Until asked to stop: restart what dies, with back-off; after a death of the database nothing else is
 * restarted before probe(arg) says that it accepts again.
 */
void sup_run(struct sup *sup, int (*probe)(void *arg, struct err *err), void *arg,
	     const struct sup_watch *watch);

/* Stop nginx, events, runner, notifier, hooks, fcgi, postgres, then what they left; nothing of ours runs afterwards. */
void sup_stop(struct sup *sup);

/* End what an earlier supervisor of this home left running when it was killed. */
void sup_end_leftovers(const struct home *home);

#endif
