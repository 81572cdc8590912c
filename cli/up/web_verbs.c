/* SPDX-License-Identifier: Apache-2.0 */
/* jqm nginx, jqm pki: what jqm up does by itself, and what only an administrator decides. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/up.h"
#include "cli/up/cluster.h"
#include "cli/up/conf_write.h"
#include "cli/up/home.h"
#include "cli/up/nginx_conf.h"
#include "cli/up/nginx_place.h"
#include "cli/up/tools.h"
#include "cli/up/open_home.h"
#include "cli/up/process.h"
#include "cli/up/owner_database.h"
#include "cli/up/web_watch.h"
#include "codec/json_out.h"
#include "conf/settings.h"
#include "db/db.h"
#include "model/memory.h"
#include "pki/authority.h"
#include "store/pki_root_store.h"

#define JSON_MAX_BYTES ((size_t)64 * 1024)

/* The node a verb is about: of a home, or of a configuration file. */
struct target {
	struct nginx_place place;
	char *conninfo, *node;
	int port; /* that the home was started with; 0: none */
};

static void
target_free(struct target *target)
{
	nginx_place_free(&target->place);
	free(target->conninfo);
	free(target->node);
}

static int
target_of_config(const char *path, struct target *out, struct err *err)
{
	struct settings *settings = settings_read(path, err);
	const char *conninfo, *node;
	int rc = -1;

	if (settings != NULL && geteuid() == 0)
		(void)err_set(err, ERR_DENIED,
			      "what is made belongs to who makes it: do this as the account that "
			      "runs nginx, not as root");
	else if (settings != NULL &&
		 settings_require(settings, "database:conninfo", &conninfo, err) == 0 &&
		 settings_require(settings, "node:name", &node, err) == 0)
		rc = nginx_place_of_config(path, settings, &out->place, err);
	if (rc == 0) {
		out->conninfo = db_conninfo_as(conninfo, "jqm_owner");
		out->node = str_dup(node);
	}
	settings_free(settings);
	return rc;
}

static int
target_of_home(const struct home *home, struct target *out, struct err *err)
{
	char *first = home_file(home, "run/first-port");

	out->port = (int)pid_file_read(first);
	free(first);
	if (out->port == 0)
		out->port = conf_last_port(home);
	if (out->port == 0)
		return err_set(err, ERR_NOT_FOUND, "home \"%s\" was never started", home->path);
	nginx_place_of_home(home, &out->place);
	out->conninfo = cluster_conninfo(home, "jqm");
	out->node = conf_node_name(home, err);
	return out->node == NULL ? -1 : 0;
}

/* 0; -1 with the exit code (said). */
static int
find_target(struct cli *cli, struct target *out, int *code_out)
{
	struct home home = HOME_INIT;
	struct err err = ERR_INIT;
	int rc;

	if (cli->config_path != NULL) {
		log_init("jqm");
		rc = target_of_config(cli->config_path, out, &err);
	} else {
		if (open_home(cli, &home, code_out) == -1) {
			home_free(&home);
			return -1;
		}
		rc = target_of_home(&home, out, &err);
	}
	home_free(&home);
	if (rc == -1)
		*code_out = cli_fail(cli, &err);
	return rc;
}

static int
render(const struct cli *cli, const struct target *target, const struct nginx_wish *wish, bool test,
       struct err *err)
{
	struct nginx_state state = NGINX_STATE_INIT;
	struct db *db = db_new(target->conninfo, "jqm nginx");
	int rc = nginx_conf_make(db, wish, test, &state, err);

	/* nginx that runs reads it; of an address of which it holds a part it learns at its next start only. */
	if (rc == 0 && !test)
		nginx_tell(&target->place, SIGHUP);
	if (rc == 0 && !cli->json && test)
		(void)printf("nginx takes the configuration.\n");
	else if (rc == 0 && !cli->json)
		(void)printf("The configuration is in %s.\n", target->place.conf);
	nginx_state_free(&state);
	db_free(db);
	return rc;
}

/* Until it is told to end, which may be at any moment: all it does is whole or not there. */
static int
watch(const struct target *target, const struct nginx_wish *wish, struct err *err)
{
	struct web_watch *web = web_watch_alone(target->conninfo, wish);
	const struct timespec pause = { .tv_nsec = (long)WEB_WATCH_MS * 1000000 - 1 };
	int rc = web_watch_begin(web, err);

	if (rc == -1) {
		web_watch_free(web);
		return -1;
	}
	(void)printf("The configuration is in %s.\n", target->place.conf);
	(void)fflush(stdout);
	nginx_tell(&target->place, SIGHUP);
	for (;;) {
		(void)nanosleep(&pause, NULL);
		web_watch_look(web);
	}
}

enum nginx_verb { NGINX_NONE, NGINX_RENDER, NGINX_TEST, NGINX_WATCH };

/* 0; -1 with the exit code (said). */
static int
read_nginx_verb(struct cli *cli, int argc, char **argv, enum nginx_verb *out, int *code_out)
{
	static const struct args_option options[] = { { "test", 0, false } };
	struct args args;
	const char *verb = NULL;
	bool test = false;
	int next;

	args_init(&args, cli, argc, argv, options, 1);
	while ((next = args_next(&args)) != ARGS_END) {
		*code_out = args.exit_code;
		if (next == ARGS_STOP)
			return -1;
		if (next == 0) {
			test = true;
		} else if (verb == NULL) {
			verb = args.value;
		} else {
			*code_out = cli_usage(cli, "unexpected \"%s\"", args.value);
			return -1;
		}
	}
	if (verb != NULL && strcmp(verb, "render") == 0)
		*out = test ? NGINX_TEST : NGINX_RENDER;
	else if (verb == NULL || strcmp(verb, "watch") != 0)
		*code_out = verb == NULL ? cli_usage(cli, "say what to do: jqm nginx render")
					 : cli_usage(cli, "unexpected \"%s\"", verb);
	else if (test)
		*code_out = cli_usage(cli, "--test is for render");
	else if (cli->config_path == NULL)
		*code_out =
		    cli_usage(cli, "watch takes --config FILE: jqm up does it for its home");
	else
		*out = NGINX_WATCH;
	return *out != NGINX_NONE ? 0 : -1;
}

/* target is filled. */
static int
do_nginx(const struct cli *cli, const struct target *target, enum nginx_verb verb, struct err *err)
{
	struct tools tools = TOOLS_INIT;
	int rc = tools_find_ours(&tools, err);

	if (rc == 0)
		rc = tools_find_nginx(&tools, err);
	const struct nginx_wish wish = { .place = &target->place,
					 .nginx = tools.nginx,
					 .share_dir = tools.share_dir,
					 .node = target->node,
					 .port = target->port };

	if (rc == 0)
		rc = verb == NGINX_WATCH ? watch(target, &wish, err)
					 : render(cli, target, &wish, verb == NGINX_TEST, err);
	tools_free(&tools);
	return rc;
}

int
cli_nginx(struct cli *cli, int argc, char **argv)
{
	struct target target = { .place = NGINX_PLACE_INIT };
	enum nginx_verb verb = NGINX_NONE;
	struct err err = ERR_INIT;
	int code = CLI_USAGE;

	if (read_nginx_verb(cli, argc, argv, &verb, &code) == 0 &&
	    find_target(cli, &target, &code) == 0)
		code = do_nginx(cli, &target, verb, &err) == 0 ? CLI_OK : cli_fail(cli, &err);
	target_free(&target);
	return code;
}

static void
print_roots_json(const struct pki_root_list *roots)
{
	struct buf text = BUF_INIT(JSON_MAX_BYTES);
	struct json_out out = { .buf = &text };

	json_open(&out, NULL, '[');
	for (size_t i = 0; i < roots->len; i++) {
		json_open(&out, NULL, '{');
		json_number(&out, "id", roots->items[i].id);
		json_text(&out, "state", roots->items[i].state);
		json_text(&out, "sha256", roots->items[i].fingerprint);
		json_close(&out, '}');
	}
	json_close(&out, ']');
	(void)puts(buf_text(&text));
	buf_free(&text);
}

static int
print_roots(const struct cli *cli, struct db *db, struct err *err)
{
	struct pki_root_list roots;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = pki_root_store_list(db, &pool.memory, &roots, err);
	if (rc == 0 && cli->json) {
		print_roots_json(&roots);
		roots.len = 0;
	} else if (rc == 0)
		(void)printf("%7s %-8s %-64s\n", "ID", "STATE", "SHA-256");
	for (size_t i = 0; rc == 0 && i < roots.len; i++)
		(void)printf("%7" PRId64 " %-8s %s\n", roots.items[i].id, roots.items[i].state,
			     roots.items[i].fingerprint);
	pool_free(&pool);
	return rc;
}

/* path: of the configuration, which says how keys are made and sealed. */
static int
next_root(struct db *db, const char *path, struct err *err)
{
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
	return rc;
}

static int
retire(const struct cli *cli, struct db *db, const char *id_text, struct err *err)
{
	int64_t id, lost = 0;

	if (num_int64(id_text, 1, INT64_MAX, &id) == -1)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no number of a root",
			       STR_CUT(id_text, 100));
	if (pki_root_store_retire(db, id, &lost, err) == -1)
		return -1;
	(void)printf(cli->json ? "{\"refused\":%" PRId64 "}\n"
			       : "%" PRId64 " client certificates are refused from now on.\n",
		     lost);
	return 0;
}

/* The owner's database, and the configuration that goes with it, both in fresh memory.  -1 with the exit code (said). */
static int
find_authority(struct cli *cli, char **conninfo_out, char **config_out, int *code_out)
{
	struct home home = HOME_INIT;
	int rc = 0;

	if (cli->config_path != NULL) {
		*config_out = str_dup(cli->config_path);
		*conninfo_out = owner_database(cli, code_out);
		return *conninfo_out == NULL ? -1 : 0;
	}
	rc = open_home(cli, &home, code_out);
	if (rc == 0) {
		*conninfo_out = cluster_conninfo(&home, "jqm");
		*config_out = home_file(&home, "conf/jqm.ini");
	}
	home_free(&home);
	return rc;
}

int
cli_pki(struct cli *cli, int argc, char **argv)
{
	const char *words[2] = { "list", NULL };
	struct err err = ERR_INIT;
	char *conninfo = NULL, *config = NULL;
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
	if (find_authority(cli, &conninfo, &config, &code) == -1)
		goto cleanup;
	db = db_new(conninfo, "jqm");
	if (is_retire)
		rc = retire(cli, db, words[1], &err);
	else if (strcmp(words[0], "next") == 0)
		rc = next_root(db, config, &err);
	else if (strcmp(words[0], "switch") == 0)
		rc = pki_root_store_switch(db, &err);
	else
		rc = print_roots(cli, db, &err);
	db_free(db);
	code = rc == 0 ? CLI_OK : cli_fail(cli, &err);

cleanup:
	free(config);
	free(conninfo);
	return code;
}
