/* SPDX-License-Identifier: Apache-2.0 */
/* runner/runner.h: the one value all parts of the runner work on, and its main loop. */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/audit_sealer.h"
#include "runner/claim_poller.h"
#include "runner/dir_pool.h"
#include "runner/doctor_round.h"
#include "runner/event_loop.h"
#include "runner/figures.h"
#include "runner/keeper_process.h"
#include "runner/node_session.h"
#include "runner/orders.h"
#include "runner/purger.h"
#include "runner/recovery.h"
#include "runner/run_table.h"
#include "runner/runner_stop.h"
#include "runner/schedule_ticker.h"
#include "runner/slots.h"
#include "runner/temp_sweep.h"
#include "runner/turn.h"

struct batch;
struct db_async;
struct definition_guard;
struct err;
struct keeper_link;
struct settings;

/* What the configuration says; texts are borrowed from settings or live as long as the program. */
struct runner_config {
	const struct settings *settings;
	const char *conninfo; /* with user=jqm_runner unless the administrator names another */
	const char *node_name;
	const char *instance_id;
	const char *job_repository, *delivery_store, *temp_dir, *joblog_dir;
	const char *api_url; /* "" when there is none */
	const char *keeper_socket;
	const char *program_dir; /* of jqm-runner itself: jqm is there too */
	struct definition_guard *guard; /* NULL: what is not signed runs too */
	int64_t lease_ms, heartbeat_ms, grace_ms;
	int64_t log_max_bytes, files_max_bytes, files_max_count;
	const char *audit_key; /* what seals the audit trail */
	int64_t audit_seal_s, audit_keep_s; /* keep 0: for ever */
	const char *config_path; /* the file all this is from */
	int64_t doctor_s; /* between two looks of jqm doctor; 0: when asked only */
};

struct runner {
	struct runner_config config;
	struct event_loop loop;
	struct event_source signals, database;
	struct event_timer second;
	struct event_timer stop_timer; /* of runner_stop.c: no more patience */
	int signal_fd;
	struct db_async *db;
	struct keeper_process keeper_process;
	struct keeper_link *keeper;
	struct node_session session;
	struct recovery recovery;
	struct slots slots;
	struct claim_poller poller;
	struct schedule_ticker schedules;
	struct turn turn;
	struct orders orders;
	struct disk_watch *disk;
	struct run_table runs;
	struct dir_pool dir_pool;
	struct temp_sweep sweep;
	struct purger purger;
	struct audit_sealer sealer;
	struct doctor_round doctor;
	struct figures figures;
	struct batch *batches; /* statements about several jobs, on their way */
	unsigned trims, collectors; /* open at this moment */
	enum runner_stop stop;
	char stop_reason[1100]; /* for the history of the jobs it ends */
	bool signalled; /* told to stop by a signal */
	bool hurry; /* by another one: no job has a grace any more */
	bool left; /* the lease was given back, or cannot be */
	bool ending; /* leave the loop when the keeper has been told */
	int exit_code;
};

/* Make all parts and join them in the loop; of keeper, program and pid_path count.  0 or -1. */
int runner_init(struct runner *runner, const struct runner_config *config,
		const struct keeper_process *keeper, const char *state_dir, const char *log_dir,
		struct err *err);

/* Run until stopped; returns the exit code. */
int runner_loop(struct runner *runner);
void runner_free(struct runner *runner);

#endif
