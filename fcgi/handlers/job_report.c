/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/job_report.c: what a job says of itself: progress and messages. */
#include <inttypes.h>

#include "base/err.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "store/job_verb_store.h"
#include "store/message_store.h"

/* The job of the path; a job's own token speaks for that job and for no other, not even its child. */
static int
read_job(struct exchange *x, int64_t *id_out, struct err *err)
{
	if (exchange_path_id(x, 0, id_out, err) == -1 ||
	    exchange_may_see_job(x, *id_out, err) == -1)
		return -1;
	if (x->identity.kind == IDENTITY_JOB && x->identity.job_id != *id_out)
		return err_set(err, ERR_DENIED, "job %" PRId64 " reports of itself only",
			       x->identity.job_id);
	return 0;
}

int
job_report_progress(struct exchange *x, struct err *err)
{
	int64_t id, progress;

	if (read_job(x, &id, err) == -1 || exchange_path_id(x, 1, &progress, err) == -1 ||
	    job_verb_set_progress(x->db, id, x->identity.job_attempt, progress, err) == -1)
		return -1;
	exchange_answer_empty(x, 204);
	return 0;
}

int
job_report_message(struct exchange *x, struct err *err)
{
	const char *text;
	int64_t id;

	if (read_job(x, &id, err) == -1 || exchange_form_value(x, "text", &text, err) == -1)
		return -1;
	if (text == NULL)
		return err_set(err, ERR_INVALID, "field \"text\" is missing");
	if (message_say(x->db, id, x->identity.job_attempt, text, err) == -1)
		return -1;
	exchange_answer_empty(x, 204);
	return 0;
}
