/* SPDX-License-Identifier: Apache-2.0 */
/* cli/audit.c: jqm audit: the audit trail, listed, followed, exported, verified. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/percent.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/audit_list.h"
#include "cli/audit_verify.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/docs.h"
#include "codec/json_out.h"
#include "conf/password_file.h"
#include "conf/settings.h"
#include "model/audit.h"
#include "model/audit_seal.h"
#include "model/memory.h"

#define PATH_BYTES ((size_t)8192)
#define KEYS_MAX 8
#define READ_BYTES 65536
#define ANCHOR_BYTES 128

/* One call of the verb. */
struct order {
	struct cli *cli;
	struct api *api;
	const char *word;
	struct audit_query query;
	const char *output, *file; /* NULL: standard output; the server */
	const char *key_files[KEYS_MAX];
	size_t n_key_files;
	bool chain;
	char *keys[KEYS_MAX];
	size_t n_keys;
	struct audit_anchor anchor;
	struct buf problems; /* of --json: an array's items */
	struct json_out problems_out;
};

enum {
	OPTION_FROM,
	OPTION_UNTIL,
	OPTION_ACCOUNT,
	OPTION_KIND,
	OPTION_OBJECT,
	OPTION_ACTION,
	OPTION_REQUEST,
	OPTION_LIMIT,
	OPTION_OUTPUT,
	OPTION_CHAIN,
	OPTION_FILE,
	OPTION_KEY
};
static const struct args_option options[] = {
	[OPTION_FROM] = { "from", 0, true },         [OPTION_UNTIL] = { "until", 0, true },
	[OPTION_ACCOUNT] = { "account", 'a', true }, [OPTION_KIND] = { "kind", 'k', true },
	[OPTION_OBJECT] = { "object", 'i', true },   [OPTION_ACTION] = { "action", 0, true },
	[OPTION_REQUEST] = { "request", 0, true },   [OPTION_LIMIT] = { "limit", 'l', true },
	[OPTION_OUTPUT] = { "output", 'o', true },   [OPTION_CHAIN] = { "chain", 0, false },
	[OPTION_FILE] = { "file", 0, true },         [OPTION_KEY] = { "key", 0, true },
};

/* 0, or the exit code. */
static int
take_option(struct order *o, const struct args *args, int option)
{
	switch (option) {
	case OPTION_LIMIT:
		if (num_int64(args->value, 1, AUDIT_EXPORT_MAX, &o->query.limit) == -1)
			return cli_usage(o->cli, "limit \"%s\" is not a number from 1 to %d",
					 args->value, AUDIT_EXPORT_MAX);
		return 0;
	case OPTION_OUTPUT:
		o->output = args->value;
		return 0;
	case OPTION_CHAIN:
		o->chain = true;
		return 0;
	case OPTION_FILE:
		o->file = args->value;
		return 0;
	case OPTION_KEY:
		if (o->n_key_files == KEYS_MAX)
			return cli_usage(o->cli, "more than %d keys", KEYS_MAX);
		o->key_files[o->n_key_files++] = args->value;
		return 0;
	default:
		buf_printf(&o->query.filter, "&%s=", options[option].name);
		percent_encode(&o->query.filter, args->value, "");
		return 0;
	}
}

static int
list(struct order *o, struct err *err)
{
	return audit_list(o->api, &o->query, o->cli->json, err);
}

static int
follow(struct order *o, struct err *err)
{
	return audit_follow(o->api, &o->query, err);
}

/* --- export --- */

static int
write_some(void *arg, const char *data, size_t len, struct err *err)
{
	const int *fd = arg;

	if (fd_write_all(*fd, data, len) == -1)
		return err_errno(err, ERR_INTERNAL, "could not write the export");
	return 0;
}

static int
export_it(struct order *o, struct err *err)
{
	struct buf path = BUF_INIT(PATH_BYTES);
	int fd = STDOUT_FILENO;
	int rc = 0;

	if (o->chain)
		buf_puts(&path, "/ws/admin/audit/chain");
	else
		audit_query_path(&o->query, "/ws/admin/audit/export", &path);
	(void)fflush(stdout);
	if (o->output != NULL) {
		fd = open(o->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd == -1)
			rc = err_errno(err, ERR_CONFLICT, "could not make \"%.*s\"",
				       STR_CUT(o->output, 200));
	}
	if (rc == 0)
		rc = buf_check(&path, err);
	if (rc == 0)
		rc = api_fetch(o->api, buf_text(&path), write_some, &fd, NULL, err);
	buf_free(&path);
	if (o->output != NULL && fd != -1) {
		if (rc == -1)
			(void)unlink(o->output);
		fd_close(&fd);
	}
	return rc;
}

/* --- verify --- */

static void
say(void *arg, const char *text)
{
	struct order *o = arg;

	if (o->cli->json) {
		json_text(&o->problems_out, NULL, text);
	} else {
		output_text(stdout, text);
		(void)putchar('\n');
	}
}

static int
add_key(struct order *o, const char *path, struct err *err)
{
	char *key = password_file_read(path, err);

	if (key == NULL)
		return err_prefix(err, "key of the audit trail");
	o->keys[o->n_keys++] = key;
	return 0;
}

static void
read_anchor(struct order *o, const char *path)
{
	struct buf text = BUF_INIT(ANCHOR_BYTES);
	struct err ignored = ERR_INIT;

	if (fd_read_file(path, &text, &ignored) == 0)
		audit_anchor_parse(buf_text(&text), &o->anchor);
	buf_free(&text);
}

/* What this machine's node has: its key, and the seal it remembers. */
static int
read_node(struct order *o, struct err *err)
{
	const char *jqm_home = getenv("JQM_HOME");
	char *path = o->cli->config_path != NULL
			 ? str_dup(o->cli->config_path)
			 : str_printf("%s/conf/jqm.ini", o->cli->home != NULL ? o->cli->home
							 : jqm_home != NULL   ? jqm_home
									      : "./var");
	struct settings *settings = settings_read(path, err);
	const char *state_dir = NULL, *key_file;
	char *own = NULL, *anchor = NULL;
	int rc = -1;

	free(path);
	if (settings == NULL ||
	    settings_require(settings, "runner:state_dir", &state_dir, err) == -1)
		goto cleanup;
	key_file = settings_text(settings, "audit:key_file");
	own = str_printf("%s/audit.key", state_dir);
	anchor = str_printf("%s/audit-anchor", state_dir);
	read_anchor(o, anchor);
	rc = add_key(o, key_file == NULL ? own : key_file, err);
cleanup:
	free(own);
	free(anchor);
	settings_free(settings);
	return rc;
}

static int
read_keys(struct order *o, struct err *err)
{
	if (o->n_key_files == 0) {
		if (read_node(o, err) == 0)
			return 0;
		return err_prefix(err, "no --key FILE, and no node's");
	}
	for (size_t i = 0; i < o->n_key_files; i++)
		if (add_key(o, o->key_files[i], err) == -1)
			return -1;
	return 0;
}

static int
verify_file(struct order *o, struct audit_verify *verify, struct err *err)
{
	static char data[READ_BYTES];
	int fd = strcmp(o->file, "-") == 0 ? STDIN_FILENO : open(o->file, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	int rc = 0;

	if (fd == -1)
		return err_errno(err, ERR_NOT_FOUND, "could not open \"%.*s\"",
				 STR_CUT(o->file, 200));
	while (rc == 0 && (n = read(fd, data, sizeof(data))) > 0)
		rc = audit_verify_add(verify, data, (size_t)n, err);
	if (rc == 0 && n == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not read \"%.*s\"", STR_CUT(o->file, 200));
	if (fd != STDIN_FILENO)
		fd_close(&fd);
	return rc;
}

static int
verify_server(struct order *o, struct audit_verify *verify, struct err *err)
{
	struct audit_state state;
	struct pool pool;
	int rc;

	pool_init(&pool);
	o->api = api_open(o->cli, err);
	rc = o->api == NULL
		 ? -1
		 : api_fetch(o->api, "/ws/admin/audit/chain", audit_verify_add, verify, NULL, err);
	if (rc == 0)
		rc = api_get(o->api, "/ws/admin/audit/state", &audit_state_doc, false, &pool.memory,
			     &state, NULL, err);
	for (size_t i = 0; rc == 0 && i < state.blind.len; i++)
		audit_verify_say(
		    verify, "table %.60s is not watched: its triggers are missing or turned off",
		    state.blind.items[i]);
	pool_free(&pool);
	return rc;
}

static void
print_count(struct order *o, struct audit_verify_count count)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	struct json_out out = { .buf = &json };

	if (!o->cli->json) {
		(void)printf("%s: %" PRId64 " seals, %" PRId64 " sealed rows; %" PRId64
			     " rows are not sealed yet\n",
			     count.problems == 0 ? "ok" : "NOT ok", count.seals, count.rows,
			     count.unsealed);
		return;
	}
	json_open(&out, NULL, '{');
	json_bool(&out, "ok", count.problems == 0);
	json_number(&out, "seals", count.seals);
	json_number(&out, "rows", count.rows);
	json_number(&out, "unsealed", count.unsealed);
	buf_printf(&json, ",\"problems\":[%s]", buf_text(&o->problems));
	json_close(&out, '}');
	output_document(stdout, buf_text(&json), json.len);
	buf_free(&json);
}

/* 1: something is wrong with the trail. */
static int
verify(struct order *o, struct err *err)
{
	struct audit_verify *verify;
	bool ok;
	int rc;

	if (read_keys(o, err) == -1)
		return -1;
	verify = audit_verify_new((const char *const *)o->keys, o->n_keys, &o->anchor, say, o);
	rc = o->file != NULL ? verify_file(o, verify, err) : verify_server(o, verify, err);
	if (rc == 0) {
		ok = audit_verify_end(verify);
		print_count(o, audit_verify_count(verify));
		rc = ok ? 0 : 1;
	}
	audit_verify_free(verify);
	return rc;
}

static const struct {
	const char *word;
	int (*run)(struct order *o, struct err *err);
} words[] = {
	{ "list", list },
	{ "follow", follow },
	{ "export", export_it },
	{ "verify", verify },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static int
run(struct order *o)
{
	struct err err = ERR_INIT;
	size_t i = args_choice(o->word, words, WORDS, sizeof(words[0]));
	int rc = 0;

	if (i == WORDS)
		return cli_usage(o->cli, "\"%s\" is none of list, follow, export, verify", o->word);
	if (words[i].run != export_it && (o->chain || o->output != NULL))
		return cli_usage(o->cli, "--chain and --output are for export");
	if (words[i].run != verify && (o->file != NULL || o->n_key_files > 0))
		return cli_usage(o->cli, "--file and --key are for verify");
	if (words[i].run != verify && (o->api = api_open(o->cli, &err)) == NULL)
		rc = -1;
	if (rc == 0)
		rc = words[i].run(o, &err);
	return rc == -1 ? cli_fail(o->cli, &err) : rc == 1 ? CLI_FAILED : CLI_OK;
}

int
cli_audit(struct cli *cli, int argc, char **argv)
{
	struct order o = { .cli = cli,
			   .query = { .filter = BUF_INIT(PATH_BYTES) },
			   .problems = BUF_INIT(API_DOCUMENT_MAX) };
	struct args args;
	int option, code = 0;

	o.problems_out.buf = &o.problems;
	args_init(&args, cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	while (code == 0 && (option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option != ARGS_WORD)
			code = take_option(&o, &args, option);
		else if (o.word == NULL)
			o.word = args.value;
		else
			code = cli_usage(cli, "unexpected \"%s\"", args.value);
	}
	if (o.word == NULL)
		o.word = "list";
	if (code == 0)
		code = run(&o);
	api_close(o.api);
	for (size_t i = 0; i < o.n_keys; i++)
		str_forget(o.keys[i]);
	buf_free(&o.query.filter);
	buf_free(&o.problems);
	return cli_done(cli, code);
}
