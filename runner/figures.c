/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/figures.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "db/db.h"
#include "runner/runner.h"
#include "store/node_store.h"

#define TEXT_BYTES_MAX ((size_t)4 * 1024 * 1024)

static struct queue_figures *
of_queue(struct figures *figures, int64_t queue_id)
{
	size_t i = 0;

	while (i < figures->len && figures->queues[i].queue_id != queue_id)
		i++;
	if (i == figures->size) {
		figures->size = figures->size * 2 + 8;
		figures->queues =
		    reallocarray(figures->queues, figures->size, sizeof(figures->queues[0]));
		if (figures->queues == NULL)
			abort();
	}
	if (i == figures->len)
		figures->queues[figures->len++] = (struct queue_figures){ .queue_id = queue_id };
	return &figures->queues[i];
}

void
figures_claimed(struct figures *figures, int64_t queue_id, int64_t waited_us)
{
	struct queue_figures *queue = of_queue(figures, queue_id);

	queue->claimed++;
	histogram_add(&queue->waited, histogram_jobs, waited_us);
}

void
figures_refused(struct figures *figures, int64_t queue_id)
{
	of_queue(figures, queue_id)->refused++;
}

void
figures_ended(struct figures *figures, int64_t queue_id, const struct job_end *end)
{
	struct queue_figures *queue = of_queue(figures, queue_id);

	queue->ended[end->state]++;
	if (end->has_run)
		histogram_add(&queue->ran, histogram_jobs, end->ended_us - end->started_us);
}

void
figures_of_keeper(struct figures *figures, const struct keeper_figures *keeper)
{
	figures->keeper = *keeper;
	figures->keeper_known = true;
}

static void
begin(struct buf *out, const char *what)
{
	buf_printf(out, "%c{\"what\":\"%s\"", out->len == 0 ? '[' : ',', what);
}

static void
put_count(struct buf *out, const char *what, int64_t queue_id, const char *word, uint64_t n)
{
	begin(out, what);
	buf_printf(out, ",\"queue\":%" PRId64, queue_id);
	if (word != NULL)
		buf_printf(out, ",\"word\":\"%s\"", word);
	buf_printf(out, ",\"value\":%" PRIu64 "}", n);
}

/* queue_id 0: it is of no queue. */
static void
put_histogram(struct buf *out, const char *what, int64_t queue_id, const char *word,
	      const struct histogram *histogram)
{
	begin(out, what);
	if (queue_id != 0)
		buf_printf(out, ",\"queue\":%" PRId64, queue_id);
	if (word != NULL)
		buf_printf(out, ",\"word\":\"%s\"", word);
	buf_printf(out, ",\"value\":%" PRIu64 ",\"counts\":[", histogram->sum_us);
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		buf_printf(out, "%s%" PRIu64, i == 0 ? "" : ",", histogram->counts[i]);
	buf_puts(out, "]}");
}

void
figures_write(const struct figures *figures, const struct histogram *loop,
	      const struct histogram *trips, struct buf *out)
{
	for (size_t i = 0; i < figures->len; i++) {
		const struct queue_figures *queue = &figures->queues[i];

		put_count(out, "claimed", queue->queue_id, NULL, queue->claimed);
		put_count(out, "refused", queue->queue_id, NULL, queue->refused);
		for (int state = 0; state < JOB_END_STATES; state++)
			put_count(out, "ended", queue->queue_id,
				  job_end_state_name((enum job_end_state)state),
				  queue->ended[state]);
		put_histogram(out, "waited", queue->queue_id, NULL, &queue->waited);
		put_histogram(out, "ran", queue->queue_id, NULL, &queue->ran);
	}
	put_histogram(out, "loop", 0, "jqm-runner", loop);
	if (figures->keeper_known)
		put_histogram(out, "loop", 0, "jqm-keeper", &figures->keeper.passes);
	put_histogram(out, "trips", 0, "jqm-runner", trips);
	buf_putc(out, ']');
}

static void
told(void *arg, const struct db_result *rows, const struct err *err)
{
	struct figures *figures = arg;

	figures->telling = false;
	if (rows == NULL)
		log_warn("figures_not_told", "reason=\"%s\"", err->text);
}

void
figures_tell(struct runner *runner)
{
	struct figures *figures = &runner->figures;
	struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct err err = ERR_INIT;

	if (figures->telling || !db_async_connected(runner->db))
		return;
	figures_write(figures, &runner->loop.watch.passes, db_async_trips(runner->db), &text);
	if (buf_check(&text, &err) == -1) {
		log_warn("figures_not_told", "reason=\"%s\"", err.text);
	} else {
		figures->telling = true;
		node_figures_send(runner->db, runner->session.life, buf_text(&text), told, figures);
	}
	buf_free(&text);
}

void
figures_free(struct figures *figures)
{
	free(figures->queues);
	*figures = (struct figures){ 0 };
}
