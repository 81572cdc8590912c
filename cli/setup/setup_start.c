/* SPDX-License-Identifier: Apache-2.0 */
/* The units of a node enabled and started, and the node asked whether it is there. */
#include "cli/setup/setup.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "client/http_client.h"
#include "cli/up/child.h"
#include "cli/up/render.h"
#include "cli/up/served.h"
#include "db/db.h"

#define READY_MS 60000
#define PAUSE_MS 200
#define WORDS_MAX 65536
#define KEEPER "jqm-keeper.service"
#define SYSTEMCTL "/usr/bin/systemctl"

/* In the order in which they are started: what jobs must not see is there before the keeper, which hides it, begins. */
static const struct {
	const char *name, *command;
	bool web; /* of the web API, not of a runner alone */
} units[] = {
	{ "jqm-fcgi.socket", NULL, true },
	{ "jqm-events.socket", NULL, true },
	{ KEEPER,
	  "@BIN@/jqm-keeper --guard --socket @KEEPER@/keeper.sock --table @KEEPER@/keeper.table",
	  false },
	{ "jqm-runner.service", "@BIN@/jqm-runner --config @INI@", false },
	{ "jqm-fcgi.service", "@BIN@/jqm-fcgi --config @INI@", true },
	{ "jqm-notifier.service", "@BIN@/jqm-notifier --config @INI@", true },
	{ "jqm-events.service", "@BIN@/jqm-events --config @INI@", true },
	{ "jqm-hooks.service", "@BIN@/jqm-hooks --config @INI@", true },
	{ "jqm-nginx-watch.service", "@BIN@/jqm nginx watch --config @INI@", true },
	{ "jqm-nginx.service",
	  "/usr/sbin/nginx -p @LIB@/nginx -c @LIB@/nginx/nginx.conf "
	  "-e @LIB@/nginx/log/nginx-error.log -g 'daemon off;'",
	  true },
};
#define UNITS (sizeof(units) / sizeof(units[0]))

bool
setup_has_systemd(const struct setup *setup)
{
	return setup->is_root && setup->places.prefix[0] == '\0' &&
	       access("/run/systemd/system", F_OK) == 0;
}

char *
setup_command(const struct setup *setup, size_t n)
{
	const struct render_pair pairs[] = {
		{ "BIN", setup->bin },
		{ "KEEPER", setup->places.keeper_run },
		{ "INI", setup->places.ini },
		{ "LIB", setup->places.lib },
	};
	struct buf out = BUF_INIT(WORDS_MAX);
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < UNITS; i++) {
		if (units[i].command == NULL || (units[i].web && !setup->has_web) || n-- > 0)
			continue;
		if (setup->is_root)
			buf_printf(&out, "setpriv --reuid %s --regid %s --init-groups ",
				   setup->account.name, setup->account.name);
		(void)render_template(units[i].command, pairs, sizeof(pairs) / sizeof(pairs[0]),
				      &out, &ignored);
		return buf_take(&out);
	}
	return NULL;
}

/* systemctl VERB [OPTION] UNIT; 0 when it says yes. */
static int
systemctl(const char *verb, const char *option, const char *unit, struct err *err)
{
	char *words[] = {
		str_dup(SYSTEMCTL), str_dup("--quiet"),
		str_dup(verb),      str_dup(option == NULL ? "--no-ask-password" : option),
		str_dup(unit),      NULL
	};
	struct buf text = BUF_INIT(WORDS_MAX);
	int rc = child_capture(words, &text, err);

	for (size_t i = 0; words[i] != NULL; i++)
		free(words[i]);
	buf_free(&text);
	return rc;
}

static int
start_unit(struct setup *setup, const char *unit, struct err *err)
{
	struct err no = ERR_INIT;
	bool is_active = systemctl("is-active", NULL, unit, &no) == 0;

	if (is_active && systemctl("is-enabled", NULL, unit, &no) == 0)
		return 0;
	if (systemctl("enable", "--now", unit, err) == -1)
		return err_prefix(err, "could not start %s (journalctl -u %s tells why)", unit,
				  unit);
	setup_did(setup, "%s %s", is_active ? "enabled" : "started", unit);
	return 0;
}

/* Well, or a refusal in the form of ours: another program may have the port. */
static bool
is_served(const struct http_reply *reply)
{
	return served_by_status(reply->status) &&
	       (reply->status == 200 || strstr(buf_text(&reply->body), "\"requestId\"") != NULL);
}

/* Does the web API serve?  0, or -1. */
static int
ask_web(const struct setup *setup, struct err *err)
{
	char *roots = str_printf("%s/nginx/tls/roots.pem", setup->places.lib);
	const struct http_tls tls = { .ca_file = roots };
	const struct http_request request = { .method = "GET", .path = SERVED_PATH };
	struct http_client *client = http_client_new(setup->url, NULL, NULL, &tls, err);
	struct http_reply reply = HTTP_REPLY_INIT;
	int rc = client == NULL ? -1 : http_call(client, &request, &reply, err);

	if (rc == 0 && !is_served(&reply))
		rc = err_set(err, ERR_BUSY, "%s" SERVED_PATH " answers with status %ld", setup->url,
			     reply.status);
	http_reply_free(&reply);
	http_client_free(client);
	free(roots);
	return rc;
}

static int
ask_runner(const struct setup *setup, struct db *db, struct err *err)
{
	struct err why = ERR_INIT;

	if (served_by_runner(db, setup->node, &why) == 0)
		return 0;
	return err_set(err, why.kind, "%s (journalctl -u jqm-runner, %s)", why.text,
		       setup->places.log);
}

/* As the account, until the deadline: the runner is registered and the first request would be served. */
static int
wait_until_served(struct setup *setup, struct err *err)
{
	const struct timespec pause = { .tv_nsec = (long)PAUSE_MS * 1000000 };
	char *owner = db_conninfo_as(setup->conninfo, "jqm_owner");
	struct db *db = db_new(owner, "jqm setup");
	int64_t deadline_ms = clock_mono_ms() + READY_MS;
	int rc;

	for (;;) {
		rc = ask_runner(setup, db, err);
		if (rc == 0 && setup->has_web)
			rc = ask_web(setup, err);
		if (rc == 0 || clock_mono_ms() >= deadline_ms)
			break;
		(void)nanosleep(&pause, NULL);
	}
	if (rc == -1)
		(void)err_prefix(err, "the node was started, but after %d s it does not serve",
				 READY_MS / 1000);
	db_free(db);
	free(owner);
	return rc;
}

int
setup_start(struct setup *setup, struct err *err)
{
	struct err no = ERR_INIT;

	if (!setup_has_systemd(setup) || setup->wish.no_start)
		return 0;
	/* Another schema than the programs have begun with: they begin again.  No job ends by it. */
	for (size_t i = 0; i < UNITS && setup->report->schema_changed; i++)
		if (units[i].command != NULL && strcmp(units[i].name, KEEPER) != 0 &&
		    (!units[i].web || setup->has_web))
			(void)systemctl("try-restart", NULL, units[i].name, &no);
	for (size_t i = 0; i < UNITS; i++)
		if ((!units[i].web || setup->has_web) &&
		    start_unit(setup, units[i].name, err) == -1)
			return -1;
	return setup_as(setup, &setup->account, wait_until_served, err);
}
