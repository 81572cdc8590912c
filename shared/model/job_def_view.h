/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_def_view.h: a job definition as who wants to run it sees it; job_def.h has all of it. */
#ifndef MODEL_JOB_DEF_VIEW_H
#define MODEL_JOB_DEF_VIEW_H

#include "model/schedule.h"
#include "model/value.h"

struct queue;

struct job_def_view {
	int64_t id;
	const char *description;
	bool can_be_restarted;
	const struct queue *queue;
	const char *application_name; /* its unique name */
	const char *application, *module, *keyword1, *keyword2, *keyword3;
	bool highlander;
	struct text_map parameters;
	struct schedule_list schedules;
};
struct job_def_view_list {
	struct job_def_view *items;
	size_t len;
};

#endif
