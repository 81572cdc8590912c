/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/handlers/job_bulk.c: one order to many jobs, named by their ids or by a filter as a query has them.
 *
 * With ?dryRun=true nothing is done, and the answer is how many it would be done to.  The answers are those
 * of JQM 3.5, a number or an array of new ids, but they count what was done and not what was asked.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "codec/docs.h"
#include "conf/settings.h"
#include "fcgi/audit.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/job_query.h"
#include "model/memory.h"
#include "store/job_bulk_store.h"
#include "store/job_search_store.h"

static int
compare_ids(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Once each: a job named twice is no two jobs.  The order is kept. */
static void
drop_repeated(struct memory *memory, struct job_ids *ids)
{
	int64_t *sorted = memory_alloc_array(memory, ids->len, sizeof(sorted[0]));
	bool *seen = memory_alloc_array(memory, ids->len, sizeof(seen[0]));
	size_t kept = 0;

	for (size_t i = 0; i < ids->len; i++)
		sorted[i] = ids->items[i];
	if (ids->len > 0)
		qsort(sorted, ids->len, sizeof(sorted[0]), compare_ids);
	for (size_t i = 0; i < ids->len; i++) {
		int64_t id = ids->items[i];
		size_t low = 0, high = ids->len - 1;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (sorted[middle] < id)
				low = middle + 1;
			else
				high = middle;
		}
		if (!seen[low])
			ids->items[kept++] = id;
		seen[low] = true;
	}
	ids->len = kept;
}

/* Jobs that a filter finds where the verb can do anything; what it says of sources and pages is no matter. */
static int
find_by_filter(struct exchange *x, bool past, struct job_ids *out, struct err *err)
{
	struct job_query query;
	int64_t max = settings_int(x->settings, "fcgi:body_max_bytes");

	if ((int64_t)x->request.body_len > max)
		return err_set(err, ERR_TOO_LARGE,
			       "the filter has %zu bytes; at most %" PRId64 " are taken",
			       x->request.body_len, max);
	if (document_read(x, &job_query_doc, &query, err) == -1)
		return -1;
	query.scope = x->scope;
	query.live = !past;
	query.past = past;
	query.first_row = query.after = (struct opt_int64){ false, 0 };
	query.page_size = (struct opt_int64){ false, 0 };
	query.sorts.len = 0;
	if (job_query_check(&query, err) == -1)
		return -1;
	if (!job_query_has_filter(&query))
		return err_set(err, ERR_INVALID,
			       "the filter is empty: name what the jobs have in common");
	return job_search_ids(x->db, &query, exchange_memory(x), out, err);
}

static int
read_jobs(struct exchange *x, bool past, struct job_ids *out, struct err *err)
{
	*out = (struct job_ids){ NULL, 0 };
	if (!document_is_array(x))
		return find_by_filter(x, past, out, err);
	if (document_read_ids(x, JOB_QUERY_IDS_MAX, &out->items, &out->len, err) == -1)
		return -1;
	drop_repeated(exchange_memory(x), out);
	return 0;
}

static int
read_dry_run(struct exchange *x, bool *out, struct err *err)
{
	const char *text;
	int dry = 0;

	if (exchange_query_value(x, "dryRun", &text, err) == -1)
		return -1;
	if (text != NULL && text[0] != '\0' && num_bool(text, &dry) == -1)
		return err_set(err, ERR_INVALID,
			       "query parameter \"dryRun\": \"%.40s\" is neither true nor false",
			       text);
	*out = dry != 0;
	return 0;
}

/* The order as a whole: the filter as it was sent, or how many were named; each job's row is the database's. */
static void
say(struct exchange *x, const struct job_bulk *bulk, const struct job_ids *asked,
    const struct job_ids *done)
{
	struct err err = ERR_INIT;
	const char *texts[] = { "asked",  exchange_printf(x, "%zu", asked->len),
				"done",   exchange_printf(x, "%zu", done->len),
				"filter", x->request.body };
	const struct text_list pairs = { texts, document_is_array(x) ? 4 : 6 };

	/* It is done, and its rows are there: that the summary could not be written is no reason to say otherwise. */
	if (audit_say(x, exchange_printf(x, "bulk_%s", bulk->verb), "job", bulk->number, NULL,
		      &pairs, &err) == -1)
		log_warn("audit_failed", "req=%s text=\"%s\"", x->request.request_id, err.text);
}

static int
do_to_all(struct exchange *x, const struct job_bulk *bulk, struct err *err)
{
	struct memory *memory = exchange_memory(x);
	bool again = strcmp(bulk->verb, "enqueue_again") == 0, dry = false;
	struct job_ids ids, done;

	if (read_dry_run(x, &dry, err) == -1 || read_jobs(x, again, &ids, err) == -1 ||
	    (dry ? job_bulk_dry(x->db, bulk, &ids, memory, &done, err)
		 : job_bulk_do(x->db, bulk, &ids, memory, &done, err)) == -1)
		return -1;
	if (!dry)
		log_info("jobs_ordered", "req=%s verb=%s asked=%zu done=%zu login=\"%s\"",
			 x->request.request_id, bulk->verb, ids.len, done.len, x->identity.login);
	if (!dry)
		say(x, bulk, &ids, &done);
	if (again && !dry)
		return document_answer_ids(x, done.items, done.len, err);
	return document_answer_number(x, (int64_t)done.len, err);
}

static int
order(struct exchange *x, const char *verb, struct err *err)
{
	struct job_bulk bulk = { .verb = verb, .by = x->identity.login, .scope = x->scope };

	return do_to_all(x, &bulk, err);
}

int
job_kill_all(struct exchange *x, struct err *err)
{
	return order(x, "kill", err);
}

int
job_hold_all(struct exchange *x, struct err *err)
{
	return order(x, "hold", err);
}

int
job_resume_all(struct exchange *x, struct err *err)
{
	return order(x, "resume", err);
}

int
job_enqueue_all_again(struct exchange *x, struct err *err)
{
	return order(x, "enqueue_again", err);
}

int
job_set_queue_of_all(struct exchange *x, struct err *err)
{
	struct job_bulk bulk = { .verb = "set_queue", .by = x->identity.login, .scope = x->scope };

	if (exchange_path_id(x, 0, &bulk.number, err) == -1)
		return -1;
	return do_to_all(x, &bulk, err);
}
