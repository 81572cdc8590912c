/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-hooks: tells webhooks of the ends of jobs.  Options, settings, refusals; then the loop. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/daemon_options.h"
#include "conf/secret_file.h"
#include "conf/settings.h"
#include "db/db.h"
#include "hooks/address_rule.h"
#include "hooks/deliverer.h"

static const struct daemon_program program = {
	.name = "jqm-hooks",
	.usage = "usage: jqm-hooks --config FILE [--pid-file FILE]\n"
		 "Tells webhooks of the ends of jobs.  TERM ends it.\n",
};

/* What main owns. */
struct setup {
	struct daemon_options options;
	struct settings *settings;
	struct address_rules *rules;
	char *conninfo;
	struct deliverer_config config;
};

static int
take_settings(struct setup *setup, struct err *err)
{
	struct deliverer_config *config = &setup->config;
	struct settings *s = setup->settings = settings_read(setup->options.config_path, err);
	const char *conninfo;

	if (s == NULL || settings_require(s, "database:conninfo", &conninfo, err) == -1 ||
	    settings_require(s, "node:name", &config->node_name, err) == -1)
		return -1;
	if (secret_file_refuse_open(s, "secrets:key_file", err) == -1)
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
	int rc;

	if (settings_open_log(setup->settings, "hooks:log_file", err) == -1 ||
	    daemon_pid_write(setup->options.pid_path, err) == -1)
		return -1;
	log_info("hooks_started", "node=\"%s\"", setup->config.node_name);
	rc = deliverer_run(&setup->config, err);
	log_info("hooks_ended", "exit_code=%d", rc == -1 ? 1 : 0);
	daemon_pid_remove(setup->options.pid_path);
	return rc;
}

int
main(int argc, char **argv)
{
	struct setup setup = { .settings = NULL };
	struct err err = ERR_INIT;
	int rc = daemon_begin(&program, argc, argv, &setup.options);

	if (rc != DAEMON_GOES_ON)
		return rc;
	/* A delivery takes one, and four while its receiver's name is looked up. */
	(void)daemon_raise_descriptors();
	rc = take_settings(&setup, &err);
	if (rc == 0)
		rc = run(&setup, &err);
	if (rc == -1)
		(void)fprintf(stderr, "%s: %s\n", program.name, err.text);
	address_rules_free(setup.rules);
	free(setup.conninfo);
	settings_free(setup.settings);
	return rc == -1 ? 1 : 0;
}
