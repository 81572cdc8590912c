/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/job_control.c: orders to jobs. */
#include <inttypes.h>

#include "base/err.h"
#include "base/log.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "store/job_instance_store.h"
#include "store/job_verb_store.h"

static int
order(struct exchange *x, int (*give)(struct db *, int64_t, const char *, struct err *),
      struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || exchange_may_see_job(x, id, err) == -1 ||
	    give(x->db, id, x->identity.login, err) == -1)
		return -1;
	exchange_answer_empty(x, 204);
	return 0;
}

int
job_kill(struct exchange *x, struct err *err)
{
	return order(x, job_instance_kill, err);
}

int
job_cancel(struct exchange *x, struct err *err)
{
	return order(x, job_instance_cancel, err);
}

int
job_hold(struct exchange *x, struct err *err)
{
	return order(x, job_verb_hold, err);
}

int
job_resume(struct exchange *x, struct err *err)
{
	return order(x, job_verb_resume, err);
}

int
job_pause_running(struct exchange *x, struct err *err)
{
	return order(x, job_verb_pause_running, err);
}

int
job_resume_running(struct exchange *x, struct err *err)
{
	return order(x, job_verb_resume_running, err);
}

/* Nothing of it is left, so the log keeps who asked. */
int
job_delete(struct exchange *x, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || exchange_may_see_job(x, id, err) == -1 ||
	    job_verb_delete(x->db, id, err) == -1)
		return -1;
	log_info("job_deleted", "req=%s job=%" PRId64 " login=\"%s\"", x->request.request_id, id,
		 x->identity.login);
	exchange_answer_empty(x, 204);
	return 0;
}
