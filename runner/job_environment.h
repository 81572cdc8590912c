/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_environment.h: the variables a job sees.  Nothing of the runner's own environment is
 * inherited but LANG; later ones win:
 *
 *	1. PATH (the directory of jqm at its end), LANG, HOME and TMPDIR (the job's temporary
 *	   directory; HOME of a job that runs as another account: that one's), SHELL, USER, LOGNAME
 *	2. section [job_environment] of the configuration
 *	3. JQM's variables (JQM_JD_*, JQM_JI_*, JQM_NODE_*, JQM_Q_NAME, JQM_API_*, JQM_TRACE_ID, and for a job
 *	   that has items of the discrete resource JQM_RM_DISCRETE_<ITS NAME>_ITEMS, parted by commas), and
 *	   TRACEPARENT, where tracing programs look, if its trace is of that form (model/trace_parent.h)
 *	4. JQM_PARAM_<KEY> for each parameter: bytes of the key outside [A-Za-z0-9_] become _; of
 *	   keys that become the same name the first in byte order counts
 */
#ifndef RUNNER_JOB_ENVIRONMENT_H
#define RUNNER_JOB_ENVIRONMENT_H

#include <stddef.h>

struct job_order;
struct settings;

struct job_environment_source {
	const struct job_order *order;
	const struct settings *settings; /* [job_environment]; NULL: none */
	const char *node_name;
	const char *node_log_level;
	const char *job_repository;
	const char *temp_dir, *delivery_dir; /* of this job */
	const char *api_url; /* "" when there is none */
	const char *program_dir; /* where jqm is, last in PATH; NULL: not said */
	const char *run_as; /* account of the system; "" or NULL: ours */
	char *const *values; /* JQM_ARG_1 ...; NULL: none */
};

/* NAME=VALUE texts, NULL-terminated, in fresh memory: one block, which is all to be freed. */
char **job_environment_build(const struct job_environment_source *source);
void job_environment_free(char **environment);

/* The directories programs of jobs are looked up in: PATH of [job_environment], else JOB_COMMAND_PATH. */
const char *job_environment_path(const struct settings *settings);

#endif
