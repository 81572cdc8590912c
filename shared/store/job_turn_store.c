/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_turn_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/job_end.h"
#include "store/int_param.h"
#include "store/job_order_row.h"

static void
put_files(struct buf *buf, const struct job_end *end)
{
	buf_puts(buf, ",\"files\":[");
	for (size_t i = 0; i < end->n_files; i++) {
		const struct job_end_file *f = &end->files[i];

		buf_printf(buf, "%s{\"guid\":\"%s\",\"sha256\":\"%s\",\"size\":%" PRId64,
			   i == 0 ? "" : ",", f->guid, f->sha256, f->size_bytes);
		buf_puts(buf, ",\"path\":");
		json_param_text(buf, f->path);
		buf_puts(buf, ",\"name\":");
		json_param_text(buf, f->name);
		buf_putc(buf, '}');
	}
	buf_putc(buf, ']');
}

static void
put_messages(struct buf *buf, const struct job_end *end)
{
	buf_puts(buf, ",\"messages\":[");
	for (size_t i = 0; i < end->n_messages; i++) {
		if (i > 0)
			buf_putc(buf, ',');
		json_param_text(buf, end->messages[i]);
	}
	if (end->n_unsaid > 0)
		buf_printf(buf, ",\"%zu more messages were not kept\"", end->n_unsaid);
	buf_putc(buf, ']');
}

/* A distance from now as milliseconds with three decimals; nothing is in the future. */
static void
put_ms(struct buf *buf, int64_t us)
{
	if (us < 0)
		us = 0;
	buf_printf(buf, "%" PRId64 ".%03d", us / 1000, (int)(us % 1000));
}

static void
put_ago(struct buf *buf, const char *field, int64_t ago_us)
{
	buf_printf(buf, ",\"%s\":", field);
	put_ms(buf, ago_us);
}

/* There is no more to say of it than jqm.plain_end has. */
static bool
is_plain(const struct job_end *end)
{
	return end->state != JOB_END_CRASHED && end->reason[0] == '\0' && !end->lost &&
	       !end->no_progress && end->n_messages == 0 && end->n_files == 0;
}

/* "(7,1,ENDED,0,,..)", numbers and a word: nothing in it needs an escape. */
static void
put_plain(struct buf *buf, const struct job_end *end, int64_t now_us)
{
	buf_printf(buf, "\"(%" PRId64 ",%" PRId32 ",%s,", end->id, end->attempt,
		   job_end_state_name(end->state));
	if (end->exit_code >= 0)
		buf_printf(buf, "%d,,", end->exit_code);
	else if (end->signal > 0)
		buf_printf(buf, ",%d,", end->signal);
	else
		buf_puts(buf, ",,");
	if (end->has_run) {
		put_ms(buf, now_us - end->started_us);
		buf_putc(buf, ',');
		put_ms(buf, now_us - end->ended_us);
		buf_printf(buf, ",%" PRId64 ",%" PRId64 ",%" PRId64, end->user_us / 1000,
			   end->system_us / 1000, end->max_rss_kb);
	} else {
		buf_puts(buf, ",,,,");
	}
	buf_puts(buf, ")\"");
}

static void
put_end(struct buf *buf, const struct job_end *end, int64_t now_us)
{
	buf_printf(buf, "{\"id\":%" PRId64 ",\"attempt\":%" PRId32 ",\"state\":\"%s\"", end->id,
		   end->attempt, job_end_state_name(end->state));
	if (end->exit_code >= 0)
		buf_printf(buf, ",\"exit_code\":%d", end->exit_code);
	else if (end->signal > 0)
		buf_printf(buf, ",\"signal\":%d", end->signal);
	if (end->reason[0] != '\0') {
		buf_puts(buf, ",\"reason\":");
		json_param_text(buf, end->reason);
	}
	if (end->lost)
		buf_puts(buf, ",\"lost\":true");
	if (end->no_progress)
		buf_puts(buf, ",\"progress\":-1");
	if (end->has_run) {
		put_ago(buf, "started_ago_ms", now_us - end->started_us);
		put_ago(buf, "ended_ago_ms", now_us - end->ended_us);
		buf_printf(buf,
			   ",\"user_ms\":%" PRId64 ",\"system_ms\":%" PRId64
			   ",\"max_rss_kb\":%" PRId64,
			   end->user_us / 1000, end->system_us / 1000, end->max_rss_kb);
	}
	if (end->n_messages > 0)
		put_messages(buf, end);
	if (end->n_files > 0)
		put_files(buf, end);
	buf_putc(buf, '}');
}

char *
job_turn_ends_text(const struct job_end *const *ends, size_t n, bool plain)
{
	struct buf buf = BUF_INIT(SIZE_MAX);
	int64_t now_us = clock_wall_us();
	size_t put = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_plain(ends[i]) != plain)
			continue;
		buf_putc(&buf, put++ > 0 ? ',' : plain ? '{' : '[');
		if (plain)
			put_plain(&buf, ends[i], now_us);
		else
			put_end(&buf, ends[i], now_us);
	}
	if (put == 0)
		return NULL;
	buf_putc(&buf, plain ? '}' : ']');
	if (buf.failed)
		abort();
	return buf_take(&buf);
}

static char *
started_text(const struct job_started *jobs, size_t n)
{
	struct buf buf = BUF_INIT(SIZE_MAX);

	buf_putc(&buf, '[');
	for (size_t i = 0; i < n; i++) {
		buf_printf(&buf, "%s{\"id\":%" PRId64 ",\"attempt\":%" PRId32, i == 0 ? "" : ",",
			   jobs[i].key.id, jobs[i].key.attempt);
		put_ago(&buf, "ago_ms", jobs[i].ago_us);
		buf_putc(&buf, '}');
	}
	buf_putc(&buf, ']');
	if (buf.failed)
		abort();
	return buf_take(&buf);
}

/* "{1,2}" of the queues, or of the room for each. */
static char *
wanted_text(const struct job_wanted *wanted, size_t n, bool queues)
{
	struct buf buf = BUF_INIT(SIZE_MAX);

	buf_putc(&buf, '{');
	for (size_t i = 0; i < n; i++)
		buf_printf(&buf, "%s%" PRId64, i == 0 ? "" : ",",
			   queues ? wanted[i].queue_id : (int64_t)wanted[i].room);
	buf_putc(&buf, '}');
	if (buf.failed)
		abort();
	return buf_take(&buf);
}

DB_STMT(job_turn) = {
	.name = "job_turn",
	.text = "select " JOB_ORDER_COLUMNS " from jqm.turn($1, $2, $3, $4, $5, $6, $7)",
	.n_params = 7,
};

void
job_turn_send(struct db_async *db, struct node_life life, const struct job_turn *turn,
	      db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	char *started = turn->n_started > 0 ? started_text(turn->started, turn->n_started) : NULL;
	char *ends = job_turn_ends_text(turn->ends, turn->n_ends, false);
	char *plain = job_turn_ends_text(turn->ends, turn->n_ends, true);
	char *queues = wanted_text(turn->wanted, turn->n_wanted, true);
	char *room = wanted_text(turn->wanted, turn->n_wanted, false);
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation),
				       started,
				       ends,
				       queues,
				       room,
				       plain };

	db_async_send(db, &job_turn, params, done, arg);
	free(started);
	free(ends);
	free(plain);
	free(queues);
	free(room);
}

enum job_turn_row
job_turn_row(const struct db_result *rows, int row)
{
	const char *state = db_text(rows, row, JOB_ORDER_COL_STATE);

	if (strcmp(state, "RUNNING") == 0)
		return JOB_TURN_STARTED;
	return strcmp(state, "ENDED") == 0 ? JOB_TURN_ENDED : JOB_TURN_ORDER;
}

bool
job_turn_names(const struct db_result *rows, enum job_turn_row what, int64_t job_id)
{
	for (int row = 0; row < db_rows(rows); row++)
		if (job_turn_row(rows, row) == what && db_int64(rows, row, 0) == job_id)
			return true;
	return false;
}
