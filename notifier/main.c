/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-notifier: sends the mails that ends of jobs ask for.  Options, settings, refusals; then the loop. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "conf/daemon_options.h"
#include "conf/password_file.h"
#include "conf/settings.h"
#include "db/db.h"
#include "notifier/mime.h"
#include "notifier/notifier.h"
#include "notifier/smtp.h"

static const struct daemon_program program = {
	.name = "jqm-notifier",
	.usage = "usage: jqm-notifier --config FILE [--pid-file FILE]\n"
		 "Sends the mails about jobs that are over or run long.  TERM ends it.\n",
};

/* What main owns. */
struct setup {
	struct daemon_options options;
	struct settings *settings;
	struct smtp_config smtp;
	struct notifier_config config;
	char *conninfo, *password;
};

/* The account at the mail server; its password never goes out in the clear unless tls = none says so. */
static int
take_account(struct setup *setup, struct err *err)
{
	struct settings *s = setup->settings;
	const char *path = settings_text(s, "mail:password_file");

	setup->smtp.user = settings_text(s, "mail:user");
	if (setup->smtp.user == NULL && path == NULL)
		return 0;
	if (settings_require(s, "mail:user", &setup->smtp.user, err) == -1 ||
	    settings_require(s, "mail:password_file", &path, err) == -1)
		return -1;
	setup->smtp.password = setup->password = password_file_read(path, err);
	if (setup->password == NULL)
		return err_prefix(err, "setting mail:password_file");
	if (setup->smtp.tls == SMTP_TLS_IF_OFFERED)
		setup->smtp.tls = SMTP_TLS_REQUIRED;
	return 0;
}

/* [mail], if there is a mail server. */
static int
take_mail(struct setup *setup, struct err *err)
{
	static const char *const tls[] = { [SMTP_TLS_NONE] = "none",
					   [SMTP_TLS_IF_OFFERED] = "starttls",
					   [SMTP_TLS_REQUIRED] = "required" };
	struct settings *s = setup->settings;
	struct smtp_config *smtp = &setup->smtp;
	struct smtp *usable;

	smtp->host = settings_text(s, "mail:smtp_host");
	if (smtp->host == NULL)
		return 0;
	if (settings_require(s, "mail:from", &smtp->from, err) == -1)
		return -1;
	if (!mime_is_address(smtp->from))
		return err_set(err, ERR_INVALID,
			       "setting mail:from: \"%s\" is no address such as jqm@example.org",
			       smtp->from);
	smtp->port = (int)settings_int(s, "mail:smtp_port");
	smtp->timeout_ms = settings_int(s, "mail:timeout_ms");
	while (strcmp(tls[smtp->tls], settings_text(s, "mail:tls")) != 0)
		smtp->tls++;
	setup->config.smtp = smtp;
	if (take_account(setup, err) == -1)
		return -1;
	/* What cannot be used is said to whoever starts us, while there is no log yet. */
	usable = smtp_new(smtp, err);
	if (usable == NULL)
		return -1;
	smtp_free(usable);
	return 0;
}

static int
read_config(struct setup *setup, struct err *err)
{
	const char *conninfo;

	setup->settings = settings_read(setup->options.config_path, err);
	if (setup->settings == NULL ||
	    settings_require(setup->settings, "database:conninfo", &conninfo, err) == -1 ||
	    settings_require(setup->settings, "node:name", &setup->config.node_name, err) == -1)
		return -1;
	setup->config.conninfo = setup->conninfo = db_conninfo_as(conninfo, "jqm_notifier");
	return take_mail(setup, err);
}

static int
run(struct setup *setup, struct err *err)
{
	int rc;

	if (settings_open_log(setup->settings, "notifier:log_file", err) == -1 ||
	    daemon_pid_write(setup->options.pid_path, err) == -1)
		return -1;
	log_info("notifier_started", "node=\"%s\" server=\"%s\"", setup->config.node_name,
		 setup->smtp.host == NULL ? "none" : setup->smtp.host);
	rc = notifier_run(&setup->config, err);
	log_info("notifier_ended", "exit_code=%d", rc == -1 ? 1 : 0);
	daemon_pid_remove(setup->options.pid_path);
	return rc;
}

static void
setup_free(struct setup *setup)
{
	str_forget(setup->password);
	free(setup->conninfo);
	settings_free(setup->settings);
}

int
main(int argc, char **argv)
{
	struct setup setup = { .settings = NULL };
	struct err err = ERR_INIT;
	int rc = daemon_begin(&program, argc, argv, &setup.options);

	if (rc != DAEMON_GOES_ON)
		return rc;
	rc = read_config(&setup, &err);
	if (rc == 0)
		rc = run(&setup, &err);
	if (rc == -1)
		(void)fprintf(stderr, "%s: %s\n", program.name, err.text);
	setup_free(&setup);
	return rc == -1 ? 1 : 0;
}
