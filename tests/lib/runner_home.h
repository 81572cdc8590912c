/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/runner_home.h: a node's home in a temporary directory, with the real runner and keeper on the
 * newest database of test_db.h.  What does not come about within HOME_PATIENCE_MS fails the test.
 */
#ifndef TESTS_LIB_RUNNER_HOME_H
#define TESTS_LIB_RUNNER_HOME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HOME_PATIENCE_MS 60000 /* a machine may be busy */

/* Of homes made from now on.  Long enough that a busy machine costs no node its lease; tests that wait for the end of
 * a lease set a shorter one. */
extern int home_lease_ms;

struct home {
	char *path;
	char *node;
	char *conninfo; /* NULL: the database of test_db.h; counts with the next home_configure() */
	int lease_ms; /* counts likewise */
	pid_t runner; /* 0: none */
};

/* For cmocka: *state is a fresh home (and an empty queue); what a failed test left running ends. */
int home_set_up(void **state);
int home_tear_down(void **state);

/* Another node on the same database, which is left as it is; NULL: it could not be made. */
struct home *home_new(void);
void home_end(struct home *h); /* what it left running ends */

/* Write the configuration anew; more: further lines of section [runner]. */
void home_configure(const struct home *h, const char *more);

void home_start(struct home *h);
int home_wait_runner(struct home *h); /* its status, as of waitpid() */
void home_kill_runner(struct home *h); /* KILL */
char *home_log(const struct home *h); /* of the runner */
void home_wait_log(const struct home *h, const char *text); /* until it says so */
char *home_check(const struct home *h, int *exit_code_out); /* what jqm-runner --check says */
void home_assert_check(const struct home *h, int exit_code, const char *says); /* among others */
void home_write_config(const struct home *h, const char *text); /* in place of home_configure()'s */

/* A command of the shell in the home's directory, which works. */
void home_run(const struct home *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Definitions and jobs. */
void home_define(const char *name, const char *type, const char *path);
int64_t home_enqueue(const char *name, const char *parameters);
void home_wait(const char *expected,
	       const char *sql); /* until the answer is this one, or stands still for long */
void home_wait_state(int64_t job, const char *state);
void home_assert_history(int64_t job, const char *what, const char *expected);
char *home_output(const struct home *h, int64_t job, const char *stream); /* NULL: no file */
void home_assert_output(const struct home *h, int64_t job,
			const char *expected); /* all of stdout */

/* Start the runner, and a job of a new definition "long" that goes on for 5 minutes and ends when told; it runs as that pid. */
int64_t home_start_long_job(struct home *h, pid_t *child_out);

/* A pid that a job writes into a file of the home, once it is there. */
pid_t home_pid(const struct home *h, const char *file);
bool home_is_alive(pid_t pid); /* a zombie is not */
void home_wait_dead(pid_t pid);
void home_wait_gone(const char *path); /* nothing is there, not even a link */

void home_touch(const struct home *h, const char *name); /* a file of the home */
char *home_read(const char *path); /* NULL: no file */
int64_t home_number(char *text); /* frees text */
void home_pause(int ms); /* to hit another moment, not to wait for something */

#define HOME_TEST(test) cmocka_unit_test_setup_teardown(test, home_set_up, home_tear_down)

#endif
