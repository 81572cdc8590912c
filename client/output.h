/* SPDX-License-Identifier: Apache-2.0 */
/* client/output.h: what the codec read becomes what callers get.  All of it is in memory; texts are shared. */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include "client/include/jqm.h"

struct deliverable;
struct job_def_view;
struct job_instance;
struct memory;
struct queue;
struct schedule;

void output_job(struct memory *memory, const struct job_instance *in, struct jqm_job *out);
void output_file(const struct deliverable *in, struct jqm_file *out);
void output_queue(const struct queue *in, struct jqm_queue *out);
void output_schedule(struct memory *memory, const struct schedule *in, struct jqm_schedule *out);
void output_definition(struct memory *memory, const struct job_def_view *in,
		       struct jqm_definition *out);

#endif
