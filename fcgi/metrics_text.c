/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/metrics_text.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "base/str.h"
#include "fcgi/web_figures.h"
#include "model/metric.h"
#include "model/version.h"

struct family {
	const char *name, *type, *help;
	const char *word; /* the label of metric->word; NULL: there is none */
	const int64_t *bounds_us; /* of a histogram */
};

/* In the order they are told.  What is of this program alone stands in own() below. */
static const struct family families[] = {
	{ "jqm_jobs", "gauge", "Live jobs by queue and state.", "state", NULL },
	{ "jqm_jobs_late", "gauge",
	  "Running jobs that run longer than their definition's alert time.", NULL, NULL },
	{ "jqm_queue_lag_seconds", "gauge",
	  "For how long the job that waits longest could have been started; 0 when none waits.",
	  NULL, NULL },
	{ "jqm_queue_slots", "gauge",
	  "How much of the queue the node may run at a time; 0 when it takes nothing.", NULL,
	  NULL },
	{ "jqm_queue_jobs_in_hand", "gauge", "Jobs of the queue that the node has taken.", NULL,
	  NULL },
	{ "jqm_queue_poll_age_seconds", "gauge",
	  "How long ago the node told that it had looked into the queue.", NULL, NULL },
	{ "jqm_job_numbers_total", "counter",
	  "Numbers given to jobs: enqueued ones, and those whose enqueue was taken back.", NULL,
	  NULL },
	{ "jqm_jobs_claimed_total", "counter", "Jobs the node took out of the queue.", NULL, NULL },
	{ "jqm_definitions_refused_total", "counter",
	  "Jobs the node did not start: their definitions are not signed as it wants.", NULL,
	  NULL },
	{ "jqm_job_attempts_ended_total", "counter",
	  "Attempts that ended on the node; after one that failed there may be another.", "result",
	  NULL },
	{ "jqm_job_retries_total", "counter", "Attempts that failed and are followed by another.",
	  NULL, NULL },
	{ "jqm_job_attempts_lost_total", "counter", "Attempts whose node was lost.", NULL, NULL },
	{ "jqm_jobs_cancelled_total", "counter", "Jobs that were cancelled while they waited.",
	  NULL, NULL },
	{ "jqm_job_waiting_seconds", "histogram",
	  "From when a job could have been started until the node took it.", NULL, histogram_jobs },
	{ "jqm_job_running_seconds", "histogram", "How long attempts ran.", NULL, histogram_jobs },
	{ "jqm_schedules_enabled", "gauge", "Schedules that make jobs.", NULL, NULL },
	{ "jqm_webhook_deliveries_waiting", "gauge", "What the webhook has still to be told.",
	  "webhook", NULL },
	{ "jqm_webhook_lag_seconds", "gauge",
	  "For how long what waits longest for the webhook has waited; 0 when nothing does.",
	  "webhook", NULL },
	{ "jqm_webhook_deliveries_given_up_total", "counter",
	  "What the webhook could not be told and never will be.", "webhook", NULL },
	{ "jqm_node_enabled", "gauge", "1: an administrator lets the node take jobs.", NULL, NULL },
	{ "jqm_node_up", "gauge", "1: a runner serves the node.", NULL, NULL },
	{ "jqm_node_draining", "gauge", "1: the node ends with its last job.", NULL, NULL },
	{ "jqm_node_heartbeat_age_seconds", "gauge", "How long ago the node's runner was heard of.",
	  NULL, NULL },
	{ "jqm_loop_pass_seconds", "histogram",
	  "How long a pass of a program's event loop kept everything else waiting, in whole "
	  "milliseconds.",
	  "program", histogram_programs },
	{ "jqm_database_answer_seconds", "histogram",
	  "How long answers of the database took, as the program saw them.", "program",
	  histogram_programs },
	{ "jqm_database_dead_rows", "gauge", "Rows that vacuum has still to remove.", "table",
	  NULL },
	{ "jqm_database_oldest_snapshot_seconds", "gauge",
	  "Age of the oldest transaction that keeps dead rows from being removed.", NULL, NULL },
	{ "jqm_database_oldest_snapshot_transactions", "gauge",
	  "The same in transactions, of replication slots and prepared ones too.", NULL, NULL },
	{ "jqm_http_requests_total", "counter", "Requests this web API has answered.", "code",
	  NULL },
	{ "jqm_http_request_seconds", "histogram",
	  "How long requests were with a worker, in whole milliseconds.", NULL,
	  histogram_programs },
	{ "jqm_workers", "gauge", "Workers this web API is to have.", NULL, NULL },
	{ "jqm_worker_deaths_total", "counter",
	  "Workers of this web API, and enqueuers, that died.", NULL, NULL },
	{ "jqm_build_info", "gauge", "1, with the version of this web API.", "version", NULL },
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* A value of a label: backslash, quote and line feed are escaped. */
static void
put_label(struct buf *out, const char *name, const char *value, int *n)
{
	if (name == NULL || value == NULL)
		return;
	buf_printf(out, "%c%s=\"", (*n)++ == 0 ? '{' : ',', name);
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == '\\' || *c == '"')
			buf_putc(out, '\\');
		if (*c == '\n')
			buf_puts(out, "\\n");
		else
			buf_putc(out, *c);
	}
	buf_putc(out, '"');
}

static void
put_head(struct buf *out, const struct family *family, const char *suffix,
	 const struct metric *metric, const char *le)
{
	int n = 0;

	buf_printf(out, "%s%s", family->name, suffix);
	put_label(out, "node", metric->node, &n);
	put_label(out, "queue", metric->queue, &n);
	put_label(out, family->word, metric->word, &n);
	put_label(out, "le", le, &n);
	buf_puts(out, n > 0 ? "} " : " ");
}

static void
put_histogram(struct buf *out, const struct family *family, const struct metric *metric)
{
	uint64_t so_far = 0;
	char le[32];

	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		so_far += metric->histogram->counts[i];
		if (i < HISTOGRAM_BOUNDS)
			(void)snprintf(le, sizeof(le), "%g", (double)family->bounds_us[i] / 1e6);
		else
			(void)str_copy(le, sizeof(le), "+Inf");
		put_head(out, family, "_bucket", metric, le);
		buf_printf(out, "%" PRIu64 "\n", so_far);
	}
	put_head(out, family, "_sum", metric, NULL);
	buf_printf(out, "%s\n", metric->value);
	put_head(out, family, "_count", metric, NULL);
	buf_printf(out, "%" PRIu64 "\n", so_far);
}

static void
put_sample(struct buf *out, const struct family *family, const struct metric *metric)
{
	if (family->bounds_us != NULL && metric->histogram != NULL)
		put_histogram(out, family, metric);
	if (family->bounds_us != NULL || metric->histogram != NULL)
		return; /* only one: told by a program of another release */
	put_head(out, family, "", metric, NULL);
	buf_printf(out, "%s\n", metric->value);
}

static void
put_number(struct buf *out, const struct family *family, const char *word, uint64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	put_sample(out, family, &(struct metric){ .word = word, .value = digits });
}

static void
put_times(struct buf *out, const struct family *family, const char *word,
	  const struct histogram *shared)
{
	const struct histogram copy = *shared; /* others add to it meanwhile */
	char sum[32];

	(void)snprintf(sum, sizeof(sum), "%.6f", (double)copy.sum_us / 1e6);
	put_sample(out, family, &(struct metric){ .word = word, .value = sum, .histogram = &copy });
}

static void
put_statuses(struct buf *out, const struct family *family, const struct web_figures *figures)
{
	char code[12];

	for (int i = 0; i < FIGURES_STATUSES; i++) {
		if (figures->requests[i] == 0)
			continue;
		(void)snprintf(code, sizeof(code), "%d", FIGURES_STATUS_FIRST + i);
		put_number(out, family, code, figures->requests[i]);
	}
}

/* What is this program's own. */
static void
put_own(struct buf *out, const struct family *family, const struct web_figures *figures)
{
	const char *name = family->name;

	if (strcmp(name, "jqm_http_requests_total") == 0)
		put_statuses(out, family, figures);
	else if (strcmp(name, "jqm_http_request_seconds") == 0)
		put_times(out, family, NULL, &figures->took);
	else if (strcmp(name, "jqm_database_answer_seconds") == 0)
		put_times(out, family, "jqm-fcgi", &figures->trips);
	else if (strcmp(name, "jqm_workers") == 0)
		put_number(out, family, NULL, figures->workers);
	else if (strcmp(name, "jqm_worker_deaths_total") == 0)
		put_number(out, family, NULL, figures->deaths);
	else if (strcmp(name, "jqm_build_info") == 0)
		put_number(out, family, JQM_VERSION, 1);
}

void
metrics_text_write(const struct metric_list *metrics, const struct web_figures *figures,
		   struct buf *out)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct family *family = &families[i];

		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help,
			   family->name, family->type);
		for (size_t j = 0; j < metrics->len; j++)
			if (strcmp(metrics->items[j].name, family->name) == 0)
				put_sample(out, family, &metrics->items[j]);
		put_own(out, family, figures);
	}
}
