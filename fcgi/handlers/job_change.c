/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/job_change.c: where and when a waiting job runs; past jobs anew. */
#include <inttypes.h>

#include "base/err.h"
#include "base/log.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/job_instance.h"
#include "store/job_instance_store.h"
#include "store/job_verb_store.h"

/* A number of the path for the job of the path. */
static int
set(struct exchange *x, size_t job_at, size_t number_at,
    int (*store)(struct db *, int64_t, int64_t, struct err *), struct err *err)
{
	int64_t id, number;

	if (exchange_path_id(x, job_at, &id, err) == -1 ||
	    exchange_path_id(x, number_at, &number, err) == -1 ||
	    exchange_may_see_job(x, id, err) == -1 || store(x->db, id, number, err) == -1)
		return -1;
	exchange_answer_empty(x, 204);
	return 0;
}

int
job_set_queue(struct exchange *x, struct err *err)
{
	int64_t id, queue;

	if (exchange_path_id(x, 1, &id, err) == -1 || exchange_path_id(x, 0, &queue, err) == -1 ||
	    exchange_may_move_job(x, id, queue, err) == -1)
		return -1;
	return set(x, 1, 0, job_verb_set_queue, err);
}

int
job_set_priority(struct exchange *x, struct err *err)
{
	return set(x, 0, 1, job_verb_set_priority, err);
}

int
job_set_position(struct exchange *x, struct err *err)
{
	return set(x, 0, 1, job_verb_set_position, err);
}

int
job_set_run_after(struct exchange *x, struct err *err)
{
	return set(x, 0, 1, job_verb_set_run_after, err);
}

/* A new job of the past one in the path; the log keeps who asked, as for any enqueue. */
static int
make(struct exchange *x,
     int (*store)(struct db *, int64_t, const char *, const struct text_list *, int64_t *,
		  struct err *),
     int64_t *new_id_out, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || exchange_may_see_job(x, id, err) == -1 ||
	    store(x->db, id, x->identity.login, x->scope, new_id_out, err) == -1)
		return -1;
	log_info("job_enqueued", "req=%s job=%" PRId64 " after=%" PRId64 " login=\"%s\"",
		 x->request.request_id, *new_id_out, id, x->identity.login);
	return 0;
}

int
job_enqueue_again(struct exchange *x, struct err *err)
{
	int64_t new_id;

	if (make(x, job_verb_enqueue_again, &new_id, err) == -1)
		return -1;
	return document_answer_number(x, new_id, err);
}

int
job_restart(struct exchange *x, struct err *err)
{
	struct job_instance job;
	int64_t new_id;

	if (make(x, job_verb_restart, &new_id, err) == -1 ||
	    job_instance_read(x->db, new_id, exchange_memory(x), &job, err) == -1)
		return -1;
	return document_answer(x, &job_instance_doc, &job, err);
}
