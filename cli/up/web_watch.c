/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/web_watch.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/up/cluster.h"
#include "cli/up/conf_write.h"
#include "cli/up/home.h"
#include "cli/up/listen_change.h"
#include "cli/up/nginx_conf.h"
#include "cli/up/nginx_place.h"
#include "cli/up/process.h"
#include "cli/up/sup.h"
#include "cli/up/tools.h"
#include "db/db.h"

/* A configuration that was refused is tried again, should its reason lie outside of what we look at. */
#define RETRY_MS 30000
/* Certificates and lists come of age without anybody changing anything. */
#define RENEW_MS 3600000

struct web_watch {
	struct sup *sup; /* NULL: somebody else runs nginx */
	const struct home *home; /* whose jqm.ini follows; NULL: none */
	struct nginx_place own; /* of the home */
	struct nginx_wish wish;
	struct db *db;
	char *conf; /* the configuration nginx was told of last; NULL: none */
	char *done; /* the state nginx has; NULL: none */
	char *refused; /* the state of which no configuration could be made; NULL: none */
	int64_t again_ms; /* when to do it again though nothing changed */
	int port; /* that nginx listens on */
	bool tls;
};

struct web_watch *
web_watch_alone(const char *conninfo, const struct nginx_wish *wish)
{
	struct web_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		abort();
	watch->wish = *wish;
	watch->port = wish->port;
	watch->db = db_new(conninfo, "jqm nginx");
	return watch;
}

struct web_watch *
web_watch_new(struct sup *sup, const struct tools *tools, const char *node, int port)
{
	char *base = cluster_conninfo(sup->home, "jqm");
	/* Nothing of it may hold the supervisor up. */
	char *conninfo =
	    str_printf("%s options='-c statement_timeout=5s -c lock_timeout=2s'", base);
	const struct nginx_wish wish = {
		.nginx = tools->nginx, .share_dir = tools->share_dir, .node = node, .port = port
	};
	struct web_watch *watch = web_watch_alone(conninfo, &wish);

	watch->sup = sup;
	watch->home = sup->home;
	nginx_place_of_home(sup->home, &watch->own);
	watch->wish.place = &watch->own;
	free(conninfo);
	free(base);
	return watch;
}

void
web_watch_free(struct web_watch *watch)
{
	if (watch == NULL)
		return;
	db_free(watch->db);
	nginx_place_free(&watch->own);
	free(watch->conf);
	free(watch->done);
	free(watch->refused);
	free(watch);
}

bool
web_watch_tls(const struct web_watch *watch)
{
	return watch->tls;
}

/* state (owned) is what nginx has from now on. */
static void
remember(struct web_watch *watch, char **place, char *state, int again_ms)
{
	free(watch->done);
	free(watch->refused);
	watch->done = watch->refused = NULL;
	*place = state;
	watch->again_ms = clock_mono_ms() + again_ms;
}

/* What a home tells its users, and its next start, of where it is. */
static void
follow(struct web_watch *watch, const struct nginx_state *state)
{
	struct err err = ERR_INIT;

	if (watch->home == NULL)
		return;
	if ((state->port != watch->port &&
	     conf_write_ini(watch->home, state->port, NULL, &err) == -1) ||
	    conf_follow_tls(watch->home, state->tls, &err) == -1)
		log_warn("client_url_not_changed", "reason=\"%s\"", err.text);
}

/* *how_out: NULL when nginx has to be told nothing. */
static int
make(struct web_watch *watch, const char **how_out, struct err *err)
{
	struct nginx_state state = NGINX_STATE_INIT;

	if (nginx_conf_make(watch->db, &watch->wish, false, &state, err) == -1) {
		nginx_state_free(&state);
		return -1;
	}
	/* Compared with what nginx was told last: whoever renders by hand tells it himself, but cannot restart it. */
	*how_out = NULL;
	if (watch->conf == NULL || strcmp(watch->conf, state.conf) != 0 || state.rewritten)
		*how_out = "reload";
	if (watch->conf != NULL && listen_needs_restart(watch->conf, state.conf))
		*how_out = "restart";
	follow(watch, &state);
	free(watch->conf);
	watch->conf = state.conf;
	watch->tls = state.tls;
	watch->port = state.port;
	remember(watch, &watch->done, state.state, RENEW_MS);
	state.conf = state.state = NULL;
	nginx_state_free(&state);
	return 0;
}

int
web_watch_begin(struct web_watch *watch, struct err *err)
{
	const char *how;
	int rc = make(watch, &how, err);

	/* For who renders by hand meanwhile. */
	if (rc == 0 && watch->home != NULL) {
		char *path = home_file(watch->home, "run/first-port");

		rc = pid_file_write(path, (pid_t)watch->wish.port, err);
		free(path);
	}
	return rc;
}

/* nginx that is down reads it when it is started. */
static void
tell_nginx(const struct web_watch *watch, const char *how)
{
	/* It cannot take an address of which it holds a part already: then it is started anew. */
	int signal = strcmp(how, "restart") == 0 ? SIGTERM : SIGHUP;

	if (watch->sup == NULL)
		nginx_tell(watch->wish.place, signal);
	else if (watch->sup->programs[PROGRAM_NGINX].pid != 0)
		(void)kill(watch->sup->programs[PROGRAM_NGINX].pid, signal);
	log_info("web_changed", "tls=%s port=%d how=%s", watch->tls ? "on" : "off", watch->port,
		 how);
}

void
web_watch_look(void *arg)
{
	struct web_watch *watch = arg;
	const char *how = NULL;
	struct err err = ERR_INIT;
	char *now = nginx_state_now(watch->db, &watch->wish, &err);
	bool is_done = now != NULL && watch->done != NULL && strcmp(now, watch->done) == 0;
	bool is_refused = now != NULL && watch->refused != NULL && strcmp(now, watch->refused) == 0;

	if (now == NULL || ((is_done || is_refused) && clock_mono_ms() < watch->again_ms)) {
		free(now);
		return;
	}
	if (make(watch, &how, &err) == 0) {
		if (how != NULL)
			tell_nginx(watch, how);
	} else {
		if (!is_refused)
			log_error("web_unchanged", "reason=\"%s\"", err.text);
		remember(watch, &watch->refused, now, RETRY_MS);
		now = NULL;
	}
	free(now);
}
