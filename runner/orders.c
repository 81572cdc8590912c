/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/orders.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "db/db.h"
#include "runner/job_run.h"
#include "runner/job_run_watch.h"
#include "runner/runner.h"
#include "store/node_store.h"

static void
carry_out(struct runner *runner, const struct node_job_order *order)
{
	struct job_run *run = run_table_find(&runner->runs, order->id, order->attempt);
	char reason[sizeof(run->kill_reason)];

	if (run == NULL || run->orphan) {
		claim_poller_doubt(
		    &runner->poller); /* its end was just told, or the database has lost it */
		return;
	}
	if (strcmp(order->instruction, "PAUSE") == 0) {
		run->pause_ordered = true;
		return;
	}
	(void)snprintf(reason, sizeof(reason), "killed%s%s", order->by[0] == '\0' ? "" : " by ",
		       order->by);
	job_run_kill(runner, run, reason);
}

static void
answered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct runner *runner = arg;
	struct node_job_order order;

	runner->orders.asking = false;
	if (rows == NULL) {
		log_warn("orders_unknown", "reason=\"%s\"", err->text);
		return;
	}
	for (struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		run->pause_ordered = false;
	for (int row = 0; row < db_rows(rows); row++) {
		node_job_order_read(rows, row, &order);
		carry_out(runner, &order);
	}
	for (struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		job_run_pause(runner, run, run->pause_ordered);
	if (runner->orders.again)
		orders_ask(runner);
}

void
orders_ask(struct runner *runner)
{
	if (runner->session.state != SESSION_ACTIVE)
		return;
	runner->orders.again = runner->orders.asking;
	if (runner->orders.asking)
		return;
	runner->orders.asking = true;
	node_orders_send(runner->db, runner->session.life, answered, runner);
}
