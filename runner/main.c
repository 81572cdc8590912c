/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-runner: executes queued jobs on this node.  Options, settings, refusals; then the loop. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "conf/check_report.h"
#include "conf/daemon_options.h"
#include "conf/secret_file.h"
#include "conf/settings.h"
#include "db/db.h"
#include "runner/config_check.h"
#include "runner/config_rules.h"
#include "runner/definition_guard.h"
#include "runner/job_secrets.h"
#include "runner/runner.h"
#include "runner/state_dir.h"

static const struct daemon_program program = {
	.name = "jqm-runner",
	.usage =
	    "usage: jqm-runner --config FILE [--pid-file FILE] [--check]\n"
	    "Runs the jobs of this node.  TERM ends the jobs, then the runner; USR1 ends the\n"
	    "runner only.\n"
	    "--check says what is wrong with the configuration, its directories and its database,\n"
	    "changes nothing, and ends: 0 when nothing is wrong, else 1.\n",
	.can_check = true,
};

/* What main owns. */
struct setup {
	struct daemon_options options;
	struct settings *settings;
	struct runner_config config;
	const char *state_dir, *log_dir;
	char *program_dir;
	char *conninfo, *keeper_program, *keeper_socket, *keeper_pid, *audit_key;
	char instance_id[INSTANCE_ID_SIZE];
	int lock_fd;
};

/* What must be given.  With a report each one that is not is told there, and stays NULL. */
static int
take_texts(struct setup *setup, struct check_report *report, struct err *err)
{
	struct settings *s = setup->settings;
	struct runner_config *c = &setup->config;
	const char *conninfo = NULL;
	const struct {
		const char *key;
		const char **out;
	} wanted[] = {
		{ "database:conninfo", &conninfo },
		{ "node:name", &c->node_name },
		{ "runner:state_dir", &setup->state_dir },
		{ "runner:job_repository", &c->job_repository },
		{ "runner:delivery_store", &c->delivery_store },
		{ "runner:temp_dir", &c->temp_dir },
		{ "runner:log_dir", &setup->log_dir },
		{ "runner:joblog_dir", &c->joblog_dir },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (settings_require(s, wanted[i].key, wanted[i].out, err) == -1) {
			if (report == NULL)
				return -1;
			check_wrong(report, "%s", err->text);
			err_clear(err);
		}
	if (conninfo != NULL)
		c->conninfo = setup->conninfo = db_conninfo_as(conninfo, "jqm_runner");
	c->api_url = settings_text(s, "runner:api_url");
	if (c->api_url == NULL)
		c->api_url = "";
	return 0;
}

static bool
starts_keeper(const struct settings *settings)
{
	return strcmp(settings_text(settings, "runner:start_keeper"), "true") == 0;
}

static int
take_keeper(struct setup *setup, struct err *err)
{
	const char *keeper = settings_text(setup->settings, "runner:keeper_program");
	const char *socket = settings_text(setup->settings, "runner:keeper_socket");
	const char *state_dir = setup->state_dir != NULL ? setup->state_dir : "";
	char *pid_dir = setup->options.pid_path != NULL ? path_dir(setup->options.pid_path)
							: str_dup(state_dir);

	setup->keeper_pid = str_printf("%s/jqm-keeper.pid", pid_dir);
	free(pid_dir);
	setup->config.program_dir = setup->program_dir = path_program_dir(err);
	if (setup->program_dir == NULL)
		return -1;
	setup->keeper_program =
	    keeper != NULL ? str_dup(keeper) : str_printf("%s/jqm-keeper", setup->program_dir);
	setup->keeper_socket =
	    socket != NULL ? str_dup(socket) : str_printf("%s/keeper.sock", state_dir);
	setup->config.keeper_socket = setup->keeper_socket;
	return 0;
}

/* The database lets go nothing that is younger than a week. */
static int64_t
keep_s(int64_t days)
{
	return (days > 0 && days < 7 ? 7 : days) * 86400;
}

/*
 * The keys of secret parameters.  Open to others they are refused; those that are missing, or none, keep only the jobs
 * from their work that need them: a check calls that wrong, a start says it and goes on.
 */
static int
take_secrets(const struct setup *setup, struct check_report *report, struct err *err)
{
	if (report == NULL)
		return secret_file_refuse_open(setup->settings, "secrets:key_file", err);
	if (job_secrets_check(setup->settings, err) == -1) {
		check_wrong(report, "%s", err->text);
		err_clear(err);
	}
	return 0;
}

static void
say_secrets(const struct setup *setup)
{
	struct err err = ERR_INIT;

	if (job_secrets_check(setup->settings, &err) == -1)
		log_error("secrets_unusable", "reason=\"%s\"", err.text);
}

/* What may run here; with a report that is told there. */
static int
take_guard(struct setup *setup, struct check_report *report, struct err *err)
{
	bool ours;
	size_t n;

	if (definition_guard_new(setup->settings, &setup->config.guard, &n, &ours, err) == -1) {
		if (report == NULL)
			return -1;
		check_wrong(report, "%s", err->text);
		err_clear(err);
		return 0;
	}
	if (report == NULL || setup->config.guard == NULL)
		return 0;
	check_ok(report, "only definitions signed by %zu trusted keys run here", n);
	if (ours)
		check_note(report, "runner:trusted_keys belongs to this account, so jobs can "
				   "change it: give it to root");
	return 0;
}

static int
read_config(struct setup *setup, struct check_report *report, struct err *err)
{
	struct runner_config *c = &setup->config;
	struct settings *s;

	if ((s = setup->settings = settings_read(setup->options.config_path, err)) == NULL ||
	    take_secrets(setup, report, err) == -1 || take_texts(setup, report, err) == -1 ||
	    take_keeper(setup, err) == -1)
		return -1;
	c->settings = s;
	c->lease_ms = settings_int(s, "runner:lease_ms");
	c->heartbeat_ms = settings_int(s, "runner:heartbeat_ms");
	c->grace_ms = settings_int(s, "runner:grace_ms");
	c->log_max_bytes = settings_int(s, "runner:job_log_max_bytes");
	c->files_max_bytes = settings_int(s, "runner:job_files_max_bytes");
	c->files_max_count = settings_int(s, "runner:job_files_max_count");
	c->audit_seal_s = settings_int(s, "audit:seal_s");
	c->audit_keep_s = keep_s(settings_int(s, "audit:keep_days"));
	c->doctor_s = settings_int(s, "runner:doctor_s");
	c->config_path = setup->options.config_path;
	(void)log_level_set(settings_text(s, "runner:log_level"));
	if (take_guard(setup, report, err) == -1)
		return -1;
	return runner_config_rules(c, setup->state_dir, setup->log_dir, report, err);
}

/* The exit code. */
static int
check(struct setup *setup)
{
	struct check_report report = { .out = stdout };
	struct err err = ERR_INIT;

	if (read_config(setup, &report, &err) == -1)
		check_wrong(&report, "%s", err.text);
	else
		runner_config_check(
		    &(struct config_check){ .config = &setup->config,
					    .state_dir = setup->state_dir,
					    .log_dir = setup->log_dir,
					    .keeper_program = starts_keeper(setup->settings)
								  ? setup->keeper_program
								  : NULL },
		    &report);
	return check_ended(&report);
}

/* Jobs of other accounts must get to their directories in it: they may pass, and see no names. */
static int
open_way(const char *temp_dir, struct err *err)
{
	struct stat st;

	if (stat(temp_dir, &st) == 0 &&
	    ((st.st_mode & S_IXOTH) != 0 || chmod(temp_dir, (st.st_mode & 07777) | 0011) == 0))
		return 0;
	return err_errno(err, ERR_INTERNAL, "could not open \"%s\" for jobs of other accounts",
			 temp_dir);
}

static int
make_directories(const struct setup *setup, struct err *err)
{
	if (fd_make_dirs(setup->state_dir, 0700, err) == -1 ||
	    fd_make_dirs(setup->log_dir, 0750, err) == -1 ||
	    fd_make_dirs(setup->config.temp_dir, 0700, err) == -1 ||
	    fd_make_dirs(setup->config.delivery_store, 0750, err) == -1 ||
	    fd_make_dirs(setup->config.joblog_dir, 0750, err) == -1)
		return -1;
	fd_spread_dirs(setup->config.temp_dir);
	fd_spread_dirs(setup->config.joblog_dir);
	return settings_text(setup->settings, "runner:accounts_file") == NULL
		   ? 0
		   : open_way(setup->config.temp_dir, err);
}

static int
run(struct setup *setup, struct err *err)
{
	struct runner *runner = malloc(sizeof(*runner));
	int rc = -1;

	if (runner == NULL)
		return err_errno(err, ERR_INTERNAL, "could not start");
	if (keeper_process_verify(starts_keeper(setup->settings) ? setup->keeper_program : NULL,
				  setup->keeper_socket, err) == -1 ||
	    make_directories(setup, err) == -1 ||
	    state_dir_lock(setup->state_dir, &setup->lock_fd, err) == -1 ||
	    state_dir_instance(setup->state_dir, setup->instance_id, err) == -1 ||
	    settings_open_log(setup->settings, "runner:log_file", err) == -1 ||
	    daemon_pid_write(setup->options.pid_path, err) == -1)
		goto cleanup;
	say_secrets(setup);
	setup->config.instance_id = setup->instance_id;
	setup->config.audit_key = setup->audit_key = audit_sealer_key(
	    settings_text(setup->settings, "audit:key_file"), setup->state_dir, err);
	if (setup->audit_key == NULL)
		goto cleanup;
	if (runner_init(runner, &setup->config,
			&(struct keeper_process){
			    .program = setup->keeper_program,
			    .pid_path = setup->keeper_pid,
			    .accounts_path = settings_text(setup->settings, "runner:accounts_file"),
			    .log_max_bytes = settings_int(setup->settings, "node:log_max_bytes"),
			    .log_keep = (int)settings_int(setup->settings, "node:log_keep"),
			    .is_foreign = !starts_keeper(setup->settings) },
			setup->state_dir, setup->log_dir, err) == -1)
		goto cleanup;
	log_info("runner_started", "node=\"%s\" pid=%d", setup->config.node_name, (int)getpid());
	rc = runner_loop(runner);
	log_info("runner_ended", "exit_code=%d", rc);
	runner_free(runner);
	daemon_pid_remove(setup->options.pid_path);
cleanup:
	free(runner);
	return rc;
}

static void
setup_free(struct setup *setup)
{
	free(setup->conninfo);
	free(setup->program_dir);
	free(setup->keeper_program);
	free(setup->keeper_socket);
	free(setup->keeper_pid);
	str_forget(setup->audit_key);
	definition_guard_free(setup->config.guard);
	settings_free(setup->settings);
	fd_close(&setup->lock_fd);
}

int
main(int argc, char **argv)
{
	struct setup setup = { .lock_fd = -1 };
	struct err err = ERR_INIT;
	int rc = daemon_begin(&program, argc, argv, &setup.options);

	if (rc != DAEMON_GOES_ON)
		return rc;
	(void)daemon_raise_descriptors(); /* many jobs, many directories being cleared */
	if (setup.options.check)
		rc = check(&setup);
	else if ((rc = read_config(&setup, NULL, &err)) == 0)
		rc = run(&setup, &err);
	if (rc == -1)
		(void)fprintf(stderr, "%s: %s\n", program.name, err.text);
	setup_free(&setup);
	return rc == -1 ? 1 : rc;
}
