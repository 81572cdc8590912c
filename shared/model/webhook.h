/* SPDX-License-Identifier: Apache-2.0 */
/* model/webhook.h: where ends of jobs are posted to, and what became of each (docs/webhooks.md). */
#ifndef MODEL_WEBHOOK_H
#define MODEL_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "model/value.h"

struct webhook {
	int64_t id;
	const char *name, *description, *url;
	bool enabled;
	struct text_list states; /* of ENDED, CRASHED, KILLED, CANCELLED */
	struct opt_int64 job_def_id, queue_id, account_id; /* which jobs; none: any */
	const char *new_secret; /* read only from callers, never told */
	struct opt_time old_secret_until; /* the last secret still signs until then */
	const char *problem; /* why it was disabled; NULL: nobody but an administrator did */
	struct opt_time failing_since; /* since when nothing could be delivered */
};

struct webhook_attempt {
	int64_t try;
	struct opt_time date;
	const char *node;
	struct opt_int64 took_ms, status; /* no status: there was no answer */
	const char *reason, *answer;
};
struct webhook_attempt_list {
	struct webhook_attempt *items;
	size_t len;
};

struct webhook_delivery {
	int64_t id;
	const char *event_id, *event, *state, *body;
	struct opt_int64 job_id;
	int64_t tries;
	struct opt_time created, next_try, over;
	struct webhook_attempt_list attempts; /* the last ones */
};

#endif
