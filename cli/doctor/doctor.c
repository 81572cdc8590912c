/* SPDX-License-Identifier: Apache-2.0 */
/* jqm doctor: the table of checks, and how they are run. */
#include "cli/doctor/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/up.h"
#include "conf/settings.h"
#include "db/db.h"

#define EXIT_WRONG 1
#define EXIT_NOT_LOOKED 2

/* In this order; those that may change files come first, while root's rights are there. */
static const struct {
	const char *name;
	bool as_root; /* if root started us; the others run as the account of the installation */
	void (*run)(struct doctor *doctor);
} groups[] = {
	{ "configuration", true, doctor_check_configuration },
	{ "files", true, doctor_check_files },
	{ "account", false, doctor_check_account },
	{ "sockets", false, doctor_check_sockets },
	{ "database", false, doctor_check_database },
	{ "rights", false, doctor_check_rights },
	{ "switches", false, doctor_check_switches },
	{ "certificates", false, doctor_check_certificates },
	{ "nodes", false, doctor_check_nodes },
	{ "tables", false, doctor_check_tables },
	{ "clock", false, doctor_check_clock },
	{ "disk", false, doctor_check_disk },
	{ "logs", false, doctor_check_logs },
	{ "programs", false, doctor_check_programs },
};

void
doctor_say(struct doctor *doctor, enum finding_kind kind, const char *what, const char *repair,
	   const char *fmt, ...)
{
	char *why = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&why, fmt, args) == -1)
		abort();
	va_end(args);
	findings_add(&doctor->findings, kind, doctor->check, what, repair, why);
}

void
doctor_unread(struct doctor *doctor, const char *what, const struct err *err)
{
	if (err->kind == ERR_DENIED)
		doctor_say(doctor, FINDING_NOTE, what, NULL, "cannot be read by role %s: %s",
			   doctor->db_role, err->text);
	else
		doctor_say(doctor, FINDING_WRONG, what, "see the database's log",
			   "could not be read: %s", err->text);
}

const char *
doctor_setting(const struct doctor *doctor, const char *key)
{
	return doctor->settings == NULL ? NULL : settings_text(doctor->settings, key);
}

/* From here on we are the account.  false: said, and nothing more may be done. */
static bool
drop_root(struct doctor *doctor)
{
	struct err err = ERR_INIT;

	doctor->is_root = false;
	if (account_become(&doctor->account, &err) == 0 &&
	    (access(".", X_OK) == 0 || chdir("/") == 0))
		return true;
	doctor_say(doctor, FINDING_WRONG, doctor->account_name, "see that the account can be used",
		   "%s", err.text);
	return false;
}

static void
run_groups(struct doctor *doctor)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		doctor->check = groups[i].name;
		if (doctor->is_root && !groups[i].as_root && !drop_root(doctor))
			return;
		groups[i].run(doctor);
	}
}

static void
doctor_free(struct doctor *doctor)
{
	db_free(doctor->db);
	settings_free(doctor->settings);
	findings_free(&doctor->findings);
	account_free(&doctor->account);
	home_free(&doctor->home);
	free(doctor->account_name);
	free(doctor->config_path);
}

int
cli_doctor(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = { { "fix", 0, false }, { "report", 0, false } };
	struct doctor doctor = { .cli = cli, .home = HOME_INIT, .account = ACCOUNT_INIT };
	struct err err = ERR_INIT;
	struct args args;
	int code = EXIT_NOT_LOOKED, next;

	args_init(&args, cli, argc, argv, options, 2);
	while ((next = args_next(&args)) != ARGS_END) {
		if (next == ARGS_STOP)
			return args.exit_code;
		if (next != 0 && next != 1)
			return cli_usage(cli, "unexpected \"%s\"", args.value);
		*(next == 0 ? &doctor.fix : &doctor.report) = true;
	}
	log_init("jqm");
	(void)umask(0077);
	if (doctor.report)
		doctor_report_begin(&doctor);
	doctor.is_root = geteuid() == 0;
	if (doctor_find(&doctor, &err) == -1) {
		(void)cli_fail(cli, &err);
		goto cleanup;
	}
	run_groups(&doctor);
	if (cli->json)
		findings_print_json(&doctor.findings, doctor.account_name, stdout);
	else
		findings_print(&doctor.findings, stdout);
	if (doctor.report && doctor_report(&doctor, &err) == -1) {
		(void)cli_fail(cli, &err);
		goto cleanup;
	}
	code = cli_done(cli, doctor.findings.count[FINDING_WRONG] == 0 ? CLI_OK : EXIT_WRONG);

cleanup:
	doctor_free(&doctor);
	return code;
}
