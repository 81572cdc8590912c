/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of a node: what it says, whether that is what was asked, and a new one. */
#include "cli/setup/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "cli/up/render.h"
#include "conf/settings.h"
#include "db/db.h"

#define CONF_MAX_BYTES ((size_t)256 * 1024)

static const char ini_template[] =
    "# Written once by \"jqm setup\"; from now on it is yours.\n"
    "# Every setting: conf/README.md.  It belongs to the account of the programs and is closed to "
    "others.\n"
    "\n"
    "[database]\n"
    "conninfo = \"@CONNINFO@\"\n"
    "\n"
    "[node]\n"
    "name = \"@NODE@\"\n"
    "\n"
    "[runner]\n"
    "start_keeper = false\n"
    "keeper_socket = \"@KEEPER_RUN@/keeper.sock\"\n"
    "state_dir = \"@LIB@/state\"\n"
    "job_repository = \"@LIB@/jobs\"\n"
    "delivery_store = \"@LIB@/outputfiles\"\n"
    "temp_dir = \"@LIB@/tmp\"\n"
    "joblog_dir = \"@LIB@/joblogs\"\n"
    "log_dir = \"@LOG@\"\n"
    "log_file = \"@LOG@/jqm-runner.log\"\n"
    "api_url = \"@URL@\"\n"
    "\n"
    "[fcgi]\n"
    "socket = \"@RUN@/fcgi.sock\"\n"
    "delivery_store = \"@LIB@/outputfiles\"\n"
    "joblog_dir = \"@LIB@/joblogs\"\n"
    "node_log = \"@LOG@/jqm-runner.log\"\n"
    "\n"
    "[nginx]\n"
    "directory = \"@LIB@/nginx\"\n"
    "\n"
    "# Keys that are the same on all nodes, and in no backup of the database.\n"
    "[audit]\n"
    "key_file = \"@ETC@/audit.key\"\n"
    "\n"
    "[secrets]\n"
    "key_file = \"@ETC@/secrets.key\"\n"
    "\n"
    "# For who types jqm on this machine as root.\n"
    "[client]\n"
    "url = \"@URL@\"\n"
    "user = \"root\"\n"
    "password_file = \"@ETC@/root-password\"\n"
    "ca_file = \"@LIB@/nginx/tls/roots.pem\"\n";

/* As the programs will: what they refuse is refused here. */
static struct settings *
read_as_account(const struct setup *setup, struct err *err)
{
	struct settings *settings;

	if (setup->is_root &&
	    (setegid(setup->account.gid) == -1 || seteuid(setup->account.uid) == -1)) {
		(void)err_errno(err, ERR_INTERNAL, "could not read the configuration as \"%s\"",
				setup->account.name);
		return NULL;
	}
	settings = settings_read(setup->places.ini, err);
	if (setup->is_root && (seteuid(0) == -1 || setegid(0) == -1))
		abort(); /* nothing can be done as root any more */
	return settings;
}

static int
same(const struct setup *setup, const char *option, const char *wish, const char *is,
     struct err *err)
{
	if (wish == NULL || strcmp(wish, is) == 0)
		return 0;
	return err_set(err, ERR_CONFLICT,
		       "%s is \"%s\" here, not \"%s\": \"%s\" was written before and is yours to "
		       "edit",
		       option, is, wish, setup->places.ini);
}

int
setup_read_conf(struct setup *setup, struct err *err)
{
	const char *conninfo, *node, *url = "";
	struct settings *settings;
	int rc = -1;

	setup->is_new = access(setup->places.ini, F_OK) == -1;
	if (setup->is_new)
		return 0;
	if (setup_own_file(setup, setup->places.ini, err) == -1)
		return -1;
	settings = read_as_account(setup, err);
	if (settings != NULL &&
	    settings_require(settings, "database:conninfo", &conninfo, err) == 0 &&
	    settings_require(settings, "node:name", &node, err) == 0 &&
	    (!setup->has_web || settings_require(settings, "runner:api_url", &url, err) == 0)) {
		setup->conninfo = str_dup(conninfo);
		setup->node = str_dup(node);
		setup->url = str_dup(url);
		rc = 0;
	}
	settings_free(settings);
	return rc;
}

int
setup_compare_conf(const struct setup *setup, const char *url, struct err *err)
{
	if (same(setup, "--node", setup->wish.node, setup->node, err) == -1 ||
	    (setup->has_web && same(setup, "--url", url, setup->url, err) == -1))
		return -1;
	/* The string may have a password in it: it is not told. */
	if (setup->wish.database != NULL && !str_starts(setup->conninfo, setup->wish.database))
		return err_set(err, ERR_CONFLICT,
			       "--database is another one than in \"%s\", which was written before "
			       "and is yours to edit",
			       setup->places.ini);
	return 0;
}

int
setup_write_conf(struct setup *setup, struct err *err)
{
	const struct setup_places *places = &setup->places;
	const struct render_pair pairs[] = {
		{ "CONNINFO", setup->conninfo }, { "NODE", setup->node },
		{ "URL", setup->url },           { "ETC", places->etc },
		{ "LIB", places->lib },          { "LOG", places->log },
		{ "RUN", places->run },          { "KEEPER_RUN", places->keeper_run },
	};
	struct buf text = BUF_INIT(CONF_MAX_BYTES);
	struct settings *settings;
	int rc;

	if (!setup->is_new)
		return 0;
	rc = render_template(ini_template, pairs, sizeof(pairs) / sizeof(pairs[0]), &text, err);
	if (rc == 0)
		rc = setup_write(setup, places->ini, buf_text(&text), text.len, err);
	buf_free(&text);
	if (rc == -1)
		return -1;
	settings = read_as_account(setup, err);
	if (settings == NULL) {
		/* It shall not be taken for the administrator's by the next run. */
		(void)unlink(places->ini);
		return -1;
	}
	settings_free(settings);
	return 0;
}
