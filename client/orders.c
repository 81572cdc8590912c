/* SPDX-License-Identifier: Apache-2.0 */
/* client/orders.c: orders that have numbers for arguments and no answer. */
#include "client/handle.h"

#define ORDER1(name, verb)                                                \
	int name(struct jqm *client, int64_t id, struct jqm_error *error) \
	{                                                                 \
		return handle_order(client, (verb), &id, 1, error);       \
	}
#define ORDER2(name, verb, type)                                                               \
	int name(struct jqm *client, int64_t id, type value, struct jqm_error *error)          \
	{                                                                                      \
		return handle_order(client, (verb), (const int64_t[]){ id, value }, 2, error); \
	}

/* clang-format off */
ORDER1(jqm_cancel, VERB_CANCEL)
ORDER1(jqm_kill, VERB_KILL)
ORDER1(jqm_delete, VERB_DELETE)
ORDER1(jqm_hold, VERB_HOLD)
ORDER1(jqm_release, VERB_RELEASE)
ORDER1(jqm_pause, VERB_PAUSE)
ORDER1(jqm_resume, VERB_RESUME)
ORDER2(jqm_set_queue, VERB_SET_QUEUE, int64_t)
ORDER2(jqm_set_position, VERB_SET_POSITION, int64_t)
ORDER2(jqm_set_run_after, VERB_SET_RUN_AFTER, int64_t)
ORDER2(jqm_set_priority, VERB_SET_PRIORITY, int32_t)
ORDER2(jqm_set_progress, VERB_SET_PROGRESS, int64_t)

ORDER1(jqm_queue_pause, VERB_QUEUE_PAUSE)
ORDER1(jqm_queue_resume, VERB_QUEUE_RESUME)
ORDER1(jqm_queue_clear, VERB_QUEUE_CLEAR)

ORDER1(jqm_schedule_delete, VERB_SCHEDULE_DELETE)
ORDER1(jqm_schedule_pause, VERB_SCHEDULE_PAUSE)
ORDER1(jqm_schedule_resume, VERB_SCHEDULE_RESUME)
ORDER2(jqm_schedule_set_queue, VERB_SCHEDULE_SET_QUEUE, int64_t)
ORDER2(jqm_schedule_set_priority, VERB_SCHEDULE_SET_PRIORITY, int32_t)
/* clang-format on */
