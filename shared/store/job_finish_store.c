/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_finish_store.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/job_end.h"
#include "store/int_param.h"
#include "store/json_param.h"

DB_STMT(job_finish) = {
	.name = "job_finish",
	.text = "select jqm.finish($1, $2, $3)",
	.n_params = 3,
};

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

static int64_t
ago_ms(int64_t now_us, int64_t then_us)
{
	return then_us < now_us ? (now_us - then_us) / 1000 : 0;
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
	if (end->no_progress)
		buf_puts(buf, ",\"progress\":-1");
	if (end->has_run)
		buf_printf(buf,
			   ",\"started_ago_ms\":%" PRId64 ",\"ended_ago_ms\":%" PRId64
			   ",\"user_ms\":%" PRId64 ",\"system_ms\":%" PRId64
			   ",\"max_rss_kb\":%" PRId64,
			   ago_ms(now_us, end->started_us), ago_ms(now_us, end->ended_us),
			   end->user_us / 1000, end->system_us / 1000, end->max_rss_kb);
	if (end->n_messages > 0)
		put_messages(buf, end);
	if (end->n_files > 0)
		put_files(buf, end);
	buf_putc(buf, '}');
}

char *
job_finish_text(const struct job_end *const *ends, size_t n)
{
	struct buf buf = BUF_INIT(SIZE_MAX);
	int64_t now_us = clock_wall_us();

	buf_putc(&buf, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&buf, ',');
		put_end(&buf, ends[i], now_us);
	}
	buf_putc(&buf, ']');
	if (buf.failed)
		abort();
	return buf_take(&buf);
}

void
job_finish_send(struct db_async *db, struct node_life life, const struct job_end *const *ends,
		size_t n, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	char *text = job_finish_text(ends, n);
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation), text };

	db_async_send(db, &job_finish, params, done, arg);
	free(text);
}
