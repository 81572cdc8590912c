/* SPDX-License-Identifier: Apache-2.0 */
#include "client/output.h"

#include "model/deliverable.h"
#include "model/job_def_view.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "model/queue.h"

static int64_t
ms_of(struct opt_time time)
{
	/* down: before 1970 too, and no moment is 0 */
	return time.us / 1000 - (time.us % 1000 < 0);
}

static const struct jqm_parameter *
parameters_of(struct memory *memory, const struct text_map *map)
{
	struct jqm_parameter *out = memory_alloc_array(memory, map->len, sizeof(*out));

	for (size_t i = 0; i < map->len; i++)
		out[i] = (struct jqm_parameter){ map->items[i].key, map->items[i].value,
						 map->items[i].secret };
	return out;
}

static const struct jqm_attempt *const *
attempts_of(struct memory *memory, const struct job_attempt_list *list)
{
	const struct jqm_attempt **out = memory_alloc_array(memory, list->len, sizeof(*out));

	for (size_t i = 0; i < list->len; i++) {
		const struct job_attempt *in = &list->items[i];
		struct jqm_attempt *attempt = memory_alloc(memory, sizeof(*attempt));

		*attempt = (struct jqm_attempt){
			.attempt = in->attempt,
			.node_name = in->node_name,
			.started_ms = ms_of(in->started_at),
			.ended_ms = ms_of(in->ended_at),
			.exited = in->exit_code.set,
			.signalled = in->signal.set,
			.exit_code = (int32_t)in->exit_code.value,
			.signal = (int32_t)in->signal.value,
			.reason = in->reason,
		};
		out[i] = attempt;
	}
	return out;
}

static void
job_tags(const struct job_instance *in, struct jqm_job *out)
{
	out->application = in->application;
	out->module = in->module;
	out->keyword1 = in->keyword1;
	out->keyword2 = in->keyword2;
	out->keyword3 = in->keyword3;
	out->session_id = in->session_id;
	out->email = in->email;
	out->trace_id = in->trace_id;
	out->definition_keyword1 = in->definition_keyword1;
	out->definition_keyword2 = in->definition_keyword2;
	out->definition_keyword3 = in->definition_keyword3;
	out->concurrency_key = in->concurrency_key;
}

static void
job_life(const struct job_instance *in, struct jqm_job *out)
{
	out->state = job_state_name(in->state);
	out->over = job_state_is_over(in->state);
	out->progress = in->progress;
	out->enqueued_ms = ms_of(in->enqueued_at);
	out->run_after_ms = ms_of(in->run_after);
	out->started_ms = ms_of(in->started_at);
	out->ended_ms = ms_of(in->ended_at);
	out->exited = in->exit_code.set;
	out->signalled = in->signal.set;
	out->exit_code = (int32_t)in->exit_code.value;
	out->signal = (int32_t)in->signal.value;
	out->end_reason = in->end_reason;
	out->late = in->late;
	out->attempt = in->attempt;
	out->max_attempts = in->max_attempts;
	out->failures = in->failures;
	out->node_losses = in->node_losses;
}

void
output_job(struct memory *memory, const struct job_instance *in, struct jqm_job *out)
{
	*out = (struct jqm_job){
		.id = in->id,
		.application_name = in->application_name,
		.queue_id = in->queue == NULL ? 0 : in->queue->id,
		.queue_name = in->queue_name,
		.node_name = in->node_name,
		.user = in->user,
		.submitted_by = in->submitted_by,
		.parent_id = in->parent,
		.schedule_id = in->schedule_id.value,
		.restart_of = in->restart_of.value,
		.priority = (int32_t)in->priority.value,
		.position = in->position,
		.highlander = in->highlander,
		.from_schedule = in->from_schedule,
		.parameters = parameters_of(memory, &in->parameters),
		.parameters_len = in->parameters.len,
		.messages = in->messages.items,
		.messages_len = in->messages.len,
		.wait_for = in->wait_for.items,
		.wait_for_len = in->wait_for.len,
		.attempts = attempts_of(memory, &in->attempts),
		.attempts_len = in->attempts.len,
	};
	job_tags(in, out);
	job_life(in, out);
}

void
output_file(const struct deliverable *in, struct jqm_file *out)
{
	*out = (struct jqm_file){
		.id = in->id,
		.original_name = in->original_name,
		.family = in->file_family,
		.size_bytes = in->size_bytes,
		.sha256 = in->sha256,
		.random_id = in->random_id,
	};
}

void
output_queue(const struct queue *in, struct jqm_queue *out)
{
	*out = (struct jqm_queue){ in->id, in->name, in->description };
}

void
output_schedule(struct memory *memory, const struct schedule *in, struct jqm_schedule *out)
{
	*out = (struct jqm_schedule){
		.id = in->id,
		.application_name = in->application_name,
		.cron_expression = in->cron_expression,
		.time_zone = in->time_zone,
		.day_rule = in->day_rule,
		.overlap = in->overlap,
		.misfire = in->misfire,
		.priority = (int32_t)in->priority.value,
		.queue_id = in->queue == NULL ? 0 : in->queue->id,
		.queue_name = in->queue == NULL ? NULL : in->queue->name,
		.enabled = in->enabled,
		.next_ms = ms_of(in->next_fire),
		.problem = in->problem,
		.parameters = parameters_of(memory, &in->parameters),
		.parameters_len = in->parameters.len,
	};
}

static const struct jqm_schedule *const *
schedules_of(struct memory *memory, const struct schedule_list *list)
{
	const struct jqm_schedule **out = memory_alloc_array(memory, list->len, sizeof(*out));

	for (size_t i = 0; i < list->len; i++) {
		struct jqm_schedule *schedule = memory_alloc(memory, sizeof(*schedule));

		output_schedule(memory, &list->items[i], schedule);
		out[i] = schedule;
	}
	return out;
}

void
output_definition(struct memory *memory, const struct job_def_view *in, struct jqm_definition *out)
{
	*out = (struct jqm_definition){
		.id = in->id,
		.application_name = in->application_name,
		.description = in->description,
		.queue_id = in->queue == NULL ? 0 : in->queue->id,
		.queue_name = in->queue == NULL ? NULL : in->queue->name,
		.application = in->application,
		.module = in->module,
		.keyword1 = in->keyword1,
		.keyword2 = in->keyword2,
		.keyword3 = in->keyword3,
		.highlander = in->highlander,
		.can_be_restarted = in->can_be_restarted,
		.parameters = parameters_of(memory, &in->parameters),
		.parameters_len = in->parameters.len,
		.schedules = schedules_of(memory, &in->schedules),
		.schedules_len = in->schedules.len,
	};
}
