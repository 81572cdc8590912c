/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/node_store.h: what a runner tells and asks the database about its node.  Each call queues
 * one statement; done gets the rows.
 */
#ifndef STORE_NODE_STORE_H
#define STORE_NODE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

/* Which life of which node: every write of a runner names both. */
struct node_life {
	int64_t node_id;
	int64_t incarnation;
};

struct node_registration {
	const char *name;
	const char *instance_id; /* a UUID of this installation */
	int64_t lease_ms;
	const char *job_repository, *delivery_store, *temp_dir;
	const char *host; /* of a new node; an administrator may change it and port later */
	int port;
	const char *log_level; /* of a new node */
};

/* One row, see node_life_read(); ERR_CONFLICT: another installation holds the lease. */
void node_register_send(struct db_async *db, const struct node_registration *reg, db_done_fn *done,
			void *arg);
void node_life_read(const struct db_result *rows, struct node_life *out);

/* What is known of the node of that name; text in out is as long as the fields. */
struct node_look {
	bool known; /* else the rest says nothing */
	bool enabled;
	bool served; /* a runner has the lease */
	char instance_id[37]; /* of who served it last; "" if nobody ever did */
};
int node_look(struct db *db, const char *name, struct node_look *out, struct err *err);

/* Renew the lease; no row: it went to another runner.  polled: the queues looked at since. */
void node_heartbeat_send(struct db_async *db, struct node_life life, int64_t lease_ms,
			 const int64_t *polled, size_t n_polled, db_done_fn *done, void *arg);
struct node_beat {
	bool enabled;
	bool stop; /* an administrator asks this runner to end */
	bool draining; /* it is to end when its last job has ended */
	bool others_lost; /* node_rescue_send() has something to do */
	const char *log_level; /* borrowed from the rows, as is ordered_by */
	const char *ordered_by; /* who ordered the stop or drain; "" when nobody is named */
};
void node_beat_read(const struct db_result *rows, struct node_beat *out);

/* What the runner has counted (runner/figures.h), an array of JSON; one row, or none when the node went to another. */
void node_figures_send(struct db_async *db, struct node_life life, const char *figures,
		       db_done_fn *done, void *arg);

/* Give up nodes whose lease is over.  Rows: name of the node (db_text(.., 0)), number of its jobs. */
void node_rescue_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg);

/* Give the lease back. */
void node_leave_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg);

/* The last job of a node that drains has ended.  One row: the lease was given back, no job comes any more;
 * no row: the drain was taken back. */
void node_drained_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg);

/* The node's mappings; max_jobs is 0 where mapping or node is disabled. */
void node_mappings_send(struct db_async *db, int64_t node_id, db_done_fn *done, void *arg);
struct node_mapping {
	int64_t queue_id;
	const char *queue_name; /* borrowed from the rows */
	int max_jobs;
	int polling_interval_ms;
};
void node_mapping_read(const struct db_result *rows, int row, struct node_mapping *out);

/* "I shall sleep": rows are the queues (db_int64(.., 0)) whose flag is up. */
void node_wait_send(struct db_async *db, struct node_life life, const int64_t *queues, size_t n,
		    db_done_fn *done, void *arg);
/* I am awake, or must look once more: no flag is up.  A runner that was replaced changes nothing with either. */
void node_wake_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg);

/* Orders other than RUN for jobs in this runner's hands. */
void node_orders_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg);
struct node_job_order {
	int64_t id;
	int32_t attempt;
	const char *instruction; /* KILL or PAUSE; borrowed, as is by */
	const char *by; /* "" when nobody is named */
};
void node_job_order_read(const struct db_result *rows, int row, struct node_job_order *out);

/* What any runner does for the cluster: jobs whose date has come, priorities that age, jobs that run too
 * long, schedules that are due (rows: schedule_store.h), and with it whether the node's mappings are the
 * same as ever, and in which of its queues jobs wait; partitions for the ids to come. */
void housekeeping_send(struct db_async *db, int64_t node_id, db_done_fn *done, void *arg);
void history_extend_send(struct db_async *db, db_done_fn *done, void *arg);

#endif
