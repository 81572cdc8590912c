/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_prepare.c: everything a start needs but its directories. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "runner/definition_guard.h"
#include "runner/job_environment.h"
#include "runner/job_run.h"
#include "runner/job_secrets.h"
#include "runner/runner.h"

static int
check_directory(const char *what, const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return err_errno(err, ERR_NOT_FOUND, "could not enter %s \"%s\"", what, path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_INVALID, "%s \"%s\" is no directory", what, path);
	return 0;
}

static int
check_repository(const char *path, struct err *err)
{
	if (check_directory("job repository", path, err) == -1)
		return -1;
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == -1)
		return err_errno(err, ERR_DENIED, "could not enter job repository \"%s\"", path);
	return 0;
}

/* Where the job begins: the repository, or what its definition names, from there.  ERR_BUSY: the node has lost its repository. */
static int
choose_cwd(const char *repository, struct job_run *run, struct err *err)
{
	const char *wanted = run->order.working_directory;

	if (check_repository(repository, err) == -1) {
		err->kind = ERR_BUSY; /* it was there at the start: a file system is away */
		return -1;
	}
	free(run->cwd);
	run->cwd = wanted[0] == '\0'  ? str_dup(repository)
		   : wanted[0] == '/' ? str_dup(wanted)
				      : str_printf("%s/%s", repository, wanted);
	return wanted[0] == '\0' ? 0 : check_directory("working directory", run->cwd, err);
}

static void
build_environment(struct runner *runner, struct job_run *run)
{
	const struct job_environment_source source = {
		.order = &run->order,
		.settings = runner->config.settings,
		.node_name = runner->config.node_name,
		.node_log_level = runner->session.log_level,
		.job_repository = runner->config.job_repository,
		.temp_dir = run->dir.temp,
		.delivery_dir = run->dir.delivery,
		.api_url = runner->config.api_url,
		.program_dir = runner->config.program_dir,
		.values = run->command.values,
		.run_as = run->order.run_as,
	};

	run->environment = job_environment_build(&source);
}

/* It will not run: true, and the end says why. */
static bool
is_settled(struct job_run *run)
{
	char reason[256];

	if (run->kill_reason[0] != '\0') {
		job_end_set(&run->end, JOB_END_KILLED, "%s", run->kill_reason);
	} else if (strcmp(run->order.instruction, "KILL") == 0) {
		(void)snprintf(reason, sizeof(reason), "killed%s%s",
			       run->order.instruction_by[0] == '\0' ? "" : " by ",
			       run->order.instruction_by);
		job_end_set(&run->end, JOB_END_KILLED, "%s", reason);
	} else if (!run->order.definition_enabled) {
		run->end.no_progress = true;
		job_end_set(&run->end, JOB_END_ENDED, "not run: its definition is disabled");
	} else {
		return false;
	}
	run->phase = JOB_RUN_ENDED;
	return true;
}

static int
build_command(struct runner *runner, struct job_run *run, struct err *err)
{
	const struct job_command_node node = {
		.name = runner->config.node_name,
		.job_repository = runner->config.job_repository,
		.path = job_environment_path(runner->config.settings),
	};

	return job_command_build(&run->order, &node, &run->command, err);
}

enum step_result
job_run_prepare(struct runner *runner, struct job_run *run)
{
	struct err err = ERR_INIT;
	char reason[LOG_VALUE_SIZE];

	if (run_table_find_other(&runner->runs, run) != NULL)
		return STEP_LATER; /* the directories are still those of the earlier attempt */
	if (is_settled(run))
		return STEP_MOVED;
	if (definition_guard_check(runner->config.guard, &run->order, &err) == -1) {
		log_error("definition_refused", "job=%lld attempt=%d reason=\"%s\"",
			  (long long)run->order.id, run->order.attempt,
			  log_value(reason, err.text));
		figures_refused(&runner->figures, run->order.queue_id);
		job_run_fail(run, err.text);
		return STEP_MOVED;
	}
	if (choose_cwd(runner->config.job_repository, run, &err) == -1 ||
	    job_secrets_open(runner->config.settings, &run->order, &err) == -1 ||
	    build_command(runner, run, &err) == -1) {
		if (err.kind == ERR_BUSY)
			job_run_put_back(runner, run, err.text);
		else
			job_run_fail(run, err.text);
		return STEP_MOVED;
	}
	build_environment(runner, run);
	job_secrets_forget(&run->order);
	return STEP_DONE;
}
