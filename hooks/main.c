/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-hooks: tells webhooks of the ends of jobs.  Options, settings, refusals; then the loop. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process_hide.h"
#include "conf/settings.h"
#include "db/db.h"
#include "hooks/address_rule.h"
#include "hooks/deliverer.h"

#define EXIT_USAGE 2

static const char usage_text[] = "usage: jqm-hooks --config FILE [--pid-file FILE]\n"
				 "Tells webhooks of the ends of jobs.  TERM ends it.\n";

/* What main owns. */
struct setup {
	const char *config_path, *pid_path;
	struct settings *settings;
	struct address_rules *rules;
	char *conninfo;
	struct deliverer_config config;
};

/* 0, 1 when help was asked for, or -1. */
static int
options_read(int argc, char **argv, struct setup *setup)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "pid-file", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (name == 'c')
			setup->config_path = optarg;
		else if (name == 'p')
			setup->pid_path = optarg;
		else
			return name == 'h' ? 1 : -1;
	}
	return optind == argc && setup->config_path != NULL ? 0 : -1;
}

static int
take_settings(struct setup *setup, struct err *err)
{
	struct deliverer_config *config = &setup->config;
	struct settings *s = setup->settings = settings_read(setup->config_path, err);
	const char *conninfo;

	if (s == NULL || settings_require(s, "database:conninfo", &conninfo, err) == -1 ||
	    settings_require(s, "node:name", &config->node_name, err) == -1)
		return -1;
	setup->rules = address_rules_parse(settings_text(s, "hooks:allow"), err);
	if (setup->rules == NULL)
		return err_prefix(err, "setting hooks:allow");
	config->post.rules = setup->rules;
	config->post.timeout_ms = settings_int(s, "hooks:timeout_ms");
	config->post.ca_file = settings_text(s, "hooks:ca_file");
	if (config->post.ca_file != NULL && access(config->post.ca_file, R_OK) == -1)
		return err_errno(err, ERR_INVALID, "setting hooks:ca_file: could not read \"%s\"",
				 config->post.ca_file);
	config->keep_days = settings_int(s, "hooks:keep_days");
	config->settings = s;
	config->conninfo = setup->conninfo = db_conninfo_as(conninfo, "jqm_notifier");
	return 0;
}

static int
run(struct setup *setup, struct err *err)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid()), rc;

	if (settings_open_log(setup->settings, "hooks:log_file", err) == -1)
		return -1;
	if (setup->pid_path != NULL &&
	    fd_write_file(setup->pid_path, 0644, text, (size_t)len, err) == -1)
		return -1;
	log_info("hooks_started", "node=\"%s\"", setup->config.node_name);
	rc = deliverer_run(&setup->config, err);
	log_info("hooks_ended", "exit_code=%d", rc == -1 ? 1 : 0);
	if (setup->pid_path != NULL)
		(void)unlink(setup->pid_path);
	return rc;
}

int
main(int argc, char **argv)
{
	struct setup setup = { .config_path = NULL };
	struct err err = ERR_INIT;
	int rc = options_read(argc, argv, &setup);

	if (rc != 0) {
		(void)fputs(usage_text, rc == 1 ? stdout : stderr);
		return rc == 1 ? 0 : EXIT_USAGE;
	}
	if (geteuid() == 0 || getuid() == 0) {
		(void)fputs(
		    "jqm-hooks: refuses to run as root: start it as an account of its own\n",
		    stderr);
		return 1;
	}
	process_hide();
	log_init("jqm-hooks");
	rc = take_settings(&setup, &err);
	if (rc == 0)
		rc = run(&setup, &err);
	if (rc == -1)
		(void)fprintf(stderr, "jqm-hooks: %s\n", err.text);
	address_rules_free(setup.rules);
	free(setup.conninfo);
	settings_free(setup.settings);
	return rc == -1 ? 1 : 0;
}
