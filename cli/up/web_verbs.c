/* SPDX-License-Identifier: Apache-2.0 */
/* jqm nginx, jqm pki: what jqm up does by itself, and what only an administrator decides. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/up.h"
#include "cli/up/cluster.h"
#include "cli/up/conf_write.h"
#include "cli/up/home.h"
#include "cli/up/nginx_conf.h"
#include "cli/up/process.h"
#include "cli/up/tools.h"
#include "cli/up/open_home.h"
#include "conf/settings.h"
#include "db/db.h"
#include "model/memory.h"
#include "pki/authority.h"
#include "store/pki_root_store.h"

static struct db *
open_database(const struct home *home)
{
	char *conninfo = cluster_conninfo(home, "jqm");
	struct db *db = db_new(conninfo, "jqm");

	free(conninfo);
	return db;
}

/* nginx that runs reads it; where to listen it learns at its next start only. */
static void
tell_nginx(const struct home *home)
{
	char *path = home_file(home, "run/nginx.pid");
	pid_t pid = 0;
	int fd = pid_file_open(path, "nginx", home->path, &pid);

	if (fd != -1)
		(void)syscall(SYS_pidfd_send_signal, fd, SIGHUP, NULL, 0);
	fd_close(&fd);
	free(path);
}

static int
render(const struct cli *cli, const struct home *home, bool test, struct err *err)
{
	struct nginx_state state = NGINX_STATE_INIT;
	struct tools tools = TOOLS_INIT;
	char *node = conf_node_name(home, err);
	int port = conf_last_port(home);
	struct db *db = NULL;
	int rc = -1;

	if (node != NULL && port == 0)
		(void)err_set(err, ERR_NOT_FOUND, "home \"%s\" was never started", home->path);
	else if (node != NULL && tools_find(home, &tools, err) == 0)
		db = open_database(home);
	if (db != NULL) {
		const struct nginx_wish wish = { .home = home,
						 .nginx = tools.nginx,
						 .share_dir = tools.share_dir,
						 .node = node,
						 .port = port };

		rc = nginx_conf_make(db, &wish, test, &state, err);
	}
	if (rc == 0 && !test)
		tell_nginx(home);
	if (rc == 0 && !cli->json)
		(void)printf(test ? "nginx takes the configuration.\n"
				  : "The configuration is in %s/conf/nginx.conf.\n",
			     home->path);
	nginx_state_free(&state);
	db_free(db);
	tools_free(&tools);
	free(node);
	return rc;
}

int
cli_nginx(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = { { "test", 0, false } };
	struct home home = HOME_INIT;
	struct err err = ERR_INIT;
	struct args args;
	bool test = false, asked = false;
	int code, next;

	args_init(&args, cli, argc, argv, options, 1);
	while ((next = args_next(&args)) != ARGS_END) {
		if (next == ARGS_STOP)
			return args.exit_code;
		if (next == 0)
			test = true;
		else if (!asked && strcmp(args.value, "render") == 0)
			asked = true;
		else
			return cli_usage(cli, "unexpected \"%s\"", args.value);
	}
	if (!asked)
		return cli_usage(cli, "say what to do: jqm nginx render");
	if (open_home(cli, &home, &code) == 0) {
		code = CLI_OK;
		if (render(cli, &home, test, &err) == -1)
			code = cli_fail(cli, &err);
	}
	home_free(&home);
	return code;
}

static int
print_roots(struct db *db, struct err *err)
{
	struct pki_root_list roots;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = pki_root_store_list(db, &pool.memory, &roots, err);
	if (rc == 0)
		(void)printf("%7s %-8s %-64s\n", "ID", "STATE", "SHA-256");
	for (size_t i = 0; rc == 0 && i < roots.len; i++)
		(void)printf("%7" PRId64 " %-8s %s\n", roots.items[i].id, roots.items[i].state,
			     roots.items[i].fingerprint);
	pool_free(&pool);
	return rc;
}

static int
next_root(struct db *db, const struct home *home, struct err *err)
{
	char *path = home_file(home, "conf/jqm.ini");
	struct settings *settings = settings_read(path, err);
	struct authority_conf conf;
	int rc = -1;

	if (settings != NULL) {
		rc = authority_conf_read(settings, &conf, err);
		if (rc == 0)
			rc = authority_next_root(db, &conf, err);
		authority_conf_free(&conf);
	}
	settings_free(settings);
	free(path);
	return rc;
}

static int
retire(struct db *db, const char *id_text, struct err *err)
{
	int64_t id, lost = 0;

	if (num_int64(id_text, 1, INT64_MAX, &id) == -1)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no number of a root",
			       STR_CUT(id_text, 100));
	if (pki_root_store_retire(db, id, &lost, err) == -1)
		return -1;
	(void)printf("%" PRId64 " client certificates are refused from now on.\n", lost);
	return 0;
}

int
cli_pki(struct cli *cli, int argc, char **argv)
{
	const char *words[2] = { "list", NULL };
	struct home home = HOME_INIT;
	struct err err = ERR_INIT;
	struct db *db;
	int code, rc;
	bool is_retire;

	if (args_words(cli, argc, argv, words, 2, &code) == -1)
		return code;
	is_retire = strcmp(words[0], "retire") == 0;
	if (!is_retire && strcmp(words[0], "list") != 0 && strcmp(words[0], "next") != 0 &&
	    strcmp(words[0], "switch") != 0)
		return cli_usage(cli, "\"%s\" is none of list, next, switch, retire", words[0]);
	if (is_retire != (words[1] != NULL))
		return cli_usage(cli, is_retire ? "which root?" : "unexpected \"%s\"", words[1]);
	if (open_home(cli, &home, &code) == -1)
		goto cleanup;
	db = open_database(&home);
	if (is_retire)
		rc = retire(db, words[1], &err);
	else if (strcmp(words[0], "next") == 0)
		rc = next_root(db, &home, &err);
	else if (strcmp(words[0], "switch") == 0)
		rc = pki_root_store_switch(db, &err);
	else
		rc = print_roots(db, &err);
	db_free(db);
	code = rc == 0 ? CLI_OK : cli_fail(cli, &err);

cleanup:
	home_free(&home);
	return code;
}
