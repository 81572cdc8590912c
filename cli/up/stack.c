/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/log_rotation.h"
#include "cli/up/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/cluster.h"
#include "cli/up/conf_write.h"
#include "cli/up/database.h"
#include "cli/up/port.h"
#include "cli/up/process.h"
#include "cli/up/served.h"
#include "cli/up/web_watch.h"

/* A server that was killed may have much to recover. */
#define DATABASE_READY_MS 300000
#define READY_MS 60000
#define HTTP_MS 2000

/* Refuse what can be refused before anything is made. */
static int
step_check(struct stack *stack, struct err *err)
{
	pid_t supervisor = 0;
	int rc = home_supervisor(&stack->home, &supervisor, err);

	if (rc == -1)
		return -1;
	if (rc == 1)
		return err_set(err, ERR_CONFLICT,
			       "home \"%s\" is in use by a running \"jqm up\" (process %ld)",
			       stack->home.path, (long)supervisor);
	if (stack->port == 0)
		stack->port = conf_last_port(&stack->home);
	if (stack->port == 0)
		stack->port = PORT_DEFAULT;
	if (tools_find(&stack->home, &stack->tools, err) == -1)
		return -1;
	/* What an earlier stack left running may hold the port: see step_home(). */
	return home_exists(stack->home.path) ? 0 : port_check_free(stack->port, err);
}

static int
step_home(struct stack *stack, struct err *err)
{
	char *pid_path;
	int rc;

	if (home_make(&stack->home, err) == -1)
		return -1;
	stack->lock_fd = home_lock(&stack->home, err);
	if (stack->lock_fd == -1)
		return -1;
	sup_end_leftovers(&stack->home);
	if (port_check_free(stack->port, err) == -1)
		return -1;
	pid_path = home_file(&stack->home, "run/jqm.pid");
	rc = pid_file_write(pid_path, getpid(), err);
	free(pid_path);
	return rc;
}

static int
step_database_files(struct stack *stack, struct err *err)
{
	char *version = home_file(&stack->home, "db/PG_VERSION");

	stack->first_start = access(version, F_OK) == -1;
	free(version);
	if (stack->first_start)
		(void)fprintf(stderr, "Making the database in %s/db ...\n", stack->home.path);
	if (cluster_make(&stack->sup, &stack->tools, err) == -1)
		return -1;
	return cluster_prepare(&stack->home, err);
}

static int
step_configuration(struct stack *stack, struct err *err)
{
	if (conf_write_ini(&stack->home, stack->port, stack->node, err) == -1 ||
	    log_rotation_init(&stack->sup, err) == -1)
		return -1;
	stack->node_name = conf_node_name(&stack->home, err);
	if (stack->node_name == NULL)
		return -1;
	if (stack->node != NULL && strcmp(stack->node, stack->node_name) != 0)
		return err_set(err, ERR_CONFLICT,
			       "this home's node is \"%s\", not \"%s\": the name is chosen at the "
			       "first start, later in conf/jqm.ini",
			       stack->node_name, stack->node);
	return 0;
}

static int
step_postgres(struct stack *stack, struct err *err)
{
	cluster_set_argv(&stack->sup, &stack->tools);
	if (sup_start(&stack->sup, PROGRAM_POSTGRES, err) == -1 ||
	    sup_wait(&stack->sup, PROGRAM_POSTGRES, cluster_accepts, &stack->home,
		     DATABASE_READY_MS, err) == -1)
		return -1;
	stack->sup.database_ready = true;
	return 0;
}

static int
step_database(struct stack *stack, struct err *err)
{
	if (database_make(&stack->home, stack->tools.share_dir, err) == -1 ||
	    database_set_root_password(&stack->home, err) == -1)
		return -1;
	return 0;
}

static int
step_restored(struct stack *stack, struct err *err)
{
	char *conninfo = cluster_conninfo(&stack->home, "jqm");
	struct database_restored restored;
	int rc = 0;

	if (stack->restored) {
		rc = database_after_restore(conninfo, stack->paused, &restored, err);
		if (rc == 0)
			(void)fprintf(stderr,
				      "Restored: %lld jobs that ran were given up; the next job is "
				      "%lld.\n",
				      restored.jobs_lost, restored.next_id);
	}
	free(conninfo);
	if (rc == 0)
		rc = database_incarnation(&stack->home, stack->node_name, &stack->incarnation, err);
	return rc;
}

/*
 * The port the node's row has goes before that of the last start; the one that was asked for now goes
 * before both, and into the row.  Of a new node the runner writes it there.
 */
static int
step_port(struct stack *stack, struct err *err)
{
	int port = 0;

	if (!stack->port_asked && database_port(&stack->home, stack->node_name, &port, err) == -1)
		return -1;
	if (port == stack->port)
		return 0;
	if (port == 0)
		return database_set_port(&stack->home, stack->node_name, stack->port, err);
	if (port_check_free(port, err) == -1)
		return err_prefix(err, "node \"%s\" has port %d in its row (another one: --port N)",
				  stack->node_name, port);
	stack->port = port;
	return conf_write_ini(&stack->home, port, NULL, err);
}

/* One of ours; it writes its pid file itself, and the keeper's beside it. */
static int
start_ours(struct stack *stack, int which, struct err *err)
{
	char *program = tools_file(stack->tools.bin_dir, program_name(which));
	char *config = home_file(&stack->home, "conf/jqm.ini");
	char *relative = str_printf("run/%s.pid", program_name(which));
	char *pid_file = home_file(&stack->home, relative);
	const char *const argv[] = { program, "--config", config, "--pid-file", pid_file, NULL };
	int rc;

	sup_set_argv(&stack->sup, which, argv);
	rc = sup_start(&stack->sup, which, err);
	free(pid_file);
	free(relative);
	free(config);
	free(program);
	return rc;
}

static int
step_ours(struct stack *stack, struct err *err)
{
	if (start_ours(stack, PROGRAM_FCGI, err) == -1)
		return -1;
	if (start_ours(stack, PROGRAM_RUNNER, err) == -1)
		return -1;
	if (start_ours(stack, PROGRAM_NOTIFIER, err) == -1)
		return -1;
	if (start_ours(stack, PROGRAM_EVENTS, err) == -1)
		return -1;
	return start_ours(stack, PROGRAM_HOOKS, err);
}

static int
step_nginx(struct stack *stack, struct err *err)
{
	char *config = home_file(&stack->home, "conf/nginx.conf");
	char *log = home_file(&stack->home, "log/nginx-error.log");
	const char *const argv[] = {
		stack->tools.nginx, "-p", stack->home.path, "-c", config, "-e", log, "-g",
		"daemon off;",      NULL
	};
	int rc;

	stack->web = web_watch_new(&stack->sup, &stack->tools, stack->node_name, stack->port);
	rc = web_watch_begin(stack->web, err);
	sup_set_argv(&stack->sup, PROGRAM_NGINX, argv);
	if (rc == 0)
		rc = sup_start(&stack->sup, PROGRAM_NGINX, err);
	free(log);
	free(config);
	return rc;
}

/* The web API serves, and the runner has registered since this start and polls. */
static int
is_serving(void *arg, struct err *err)
{
	struct stack *stack = arg;
	long long incarnation = 0;
	int status;

	err_clear(err);
	status = port_http_status(stack->port, SERVED_PATH, HTTP_MS, err);
	if (status == -1)
		return 0;
	if (!served_by_status(status)) {
		(void)err_set(err, ERR_BUSY, "http://127.0.0.1:%d%s answers with status %d",
			      stack->port, SERVED_PATH, status);
		return 0;
	}
	if (database_incarnation(&stack->home, stack->node_name, &incarnation, err) == -1)
		return 0;
	if (incarnation <= stack->incarnation) {
		(void)err_set(err, ERR_BUSY, "jqm-runner has not registered node \"%s\"",
			      stack->node_name);
		return 0;
	}
	return database_node_polls(&stack->home, stack->node_name, err) == 0;
}

static int
step_ready(struct stack *stack, struct err *err)
{
	return sup_wait(&stack->sup, PROGRAM_NGINX, is_serving, stack, READY_MS, err);
}

int
stack_start(struct stack *stack, struct home *home, const struct stack_wish *wish, struct err *err)
{
	static int (*const steps[])(struct stack * stack, struct err * err) = {
		step_check, /* nothing made yet: programs there, port free, home free */
		step_home, /* directories and the lock; leftovers ended */
		step_database_files, /* initdb */
		step_configuration, /* conf/jqm.ini */
		step_postgres, /* accepts connections */
		step_database, /* schema, root's password */
		step_restored, /* what a backup cannot know; before anybody takes a job */
		step_port, /* as the node's row has it */
		step_ours, /* jqm-fcgi, jqm-runner, jqm-notifier, jqm-events, jqm-hooks */
		step_nginx, /* certificates, conf/nginx.conf as the database wants it */
		step_ready, /* the first request would be served */
	};

	*stack = (struct stack){ .home = *home,
				 .lock_fd = -1,
				 .port = wish->port,
				 .port_asked = wish->port != 0,
				 .node = wish->node,
				 .restored = wish->restored,
				 .paused = wish->paused };
	*home = (struct home)HOME_INIT;
	if (sup_init(&stack->sup, &stack->home, err) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		sup_round(&stack->sup, 0);
		if (stack->sup.stop_signal != 0)
			return err_set(err, ERR_BUSY, "interrupted");
		if (steps[i](stack, err) == -1)
			return -1;
	}
	return 0;
}

const char *
stack_scheme(const struct stack *stack)
{
	return stack->web != NULL && web_watch_tls(stack->web) ? "https" : "http";
}

void
stack_keep(struct stack *stack)
{
	const struct sup_watch watch = { web_watch_look, stack->web, WEB_WATCH_MS };

	sup_run(&stack->sup, cluster_accepts, &stack->home, &watch);
}

void
stack_end(struct stack *stack)
{
	char *pid_path = home_file(&stack->home, "run/jqm.pid");

	sup_stop(&stack->sup);
	if (stack->lock_fd != -1) {
		char *fcgi_socket = tools_file(stack->home.sockets, "fcgi.sock");
		char *events_socket = tools_file(stack->home.sockets, "events.sock");

		(void)unlink(fcgi_socket);
		(void)unlink(events_socket);
		free(events_socket);
		(void)unlink(pid_path);
		free(fcgi_socket);
		home_forget_sockets(&stack->home);
	}
	free(pid_path);
	sup_free(&stack->sup);
	fd_close(&stack->lock_fd);
	web_watch_free(stack->web);
	free(stack->node_name);
	tools_free(&stack->tools);
	home_free(&stack->home);
}
