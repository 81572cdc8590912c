/* SPDX-License-Identifier: Apache-2.0 */
/* cli/get.c: jqm get. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/file_name.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "client/http_refusal.h"
#include "codec/doc_json.h"

enum { OUTPUT, FORCE, OPTIONS_LEN };

struct get {
	struct cli *cli;
	const char *guid;
	const char *output; /* NULL: the name the server offers, here */
	bool force;
	struct out_stream out;
	struct http_reply reply; /* whose bytes come */
	int64_t bytes;
};

static int
sink(void *arg, const char *data, size_t len, struct err *err)
{
	struct get *g = arg;

	if (g->bytes == 0 && http_check_bytes(&g->reply, "file", err) == -1)
		return -1;
	g->bytes += (int64_t)len;
	return out_stream_write(&g->out, data, len, err);
}

/* A number is a file's id, anything else its GUID.  The path in fresh memory, or NULL. */
static char *
path_of(const char *guid)
{
	int64_t id;

	if (num_int64(guid, 1, INT64_MAX, &id) == 0)
		return str_printf("/ws/client/ji/files/%" PRId64, id);
	if (guid[0] == '\0' || guid[strspn(guid, "0123456789abcdefABCDEF-")] != '\0')
		return NULL;
	return str_printf("/ws/simple/file?id=%s", guid);
}

/* Fetch the bytes to g->out; *name_out (fresh) is what the server calls the file. */
static int
fetch(struct get *g, struct api *api, const char *path, char **name_out, struct err *err)
{
	int rc;

	g->reply = (struct http_reply)HTTP_REPLY_INIT;
	rc = api_fetch(api, path, -1, sink, g, &g->reply, err);
	if (rc == 0 && g->reply.status == 204)
		rc = err_set(err, ERR_NOT_FOUND, "the file is no longer there");
	if (rc == 0)
		rc = out_stream_end(&g->out, err);
	if (rc == 0)
		*name_out = file_name_of_disposition(g->reply.disposition, g->guid);
	http_reply_free(&g->reply);
	return rc;
}

/* Directory in which the file will stand, in fresh memory; *is_dir_out: output names just that. */
static char *
directory_of(const char *output, bool *is_dir_out)
{
	const char *slash;
	struct stat st;

	*is_dir_out = output == NULL || (stat(output, &st) == 0 && S_ISDIR(st.st_mode));
	if (output == NULL)
		return str_dup(".");
	if (*is_dir_out)
		return str_dup(output);
	slash = strrchr(output, '/');
	if (slash == NULL)
		return str_dup(".");
	return slash == output ? str_dup("/") : str_printf("%.*s", (int)(slash - output), output);
}

/* Give the complete temporary file its name. */
static int
publish(const struct get *g, const char *temporary, const char *target, struct err *err)
{
	unsigned flags = g->force ? 0 : RENAME_NOREPLACE;

	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, target, flags) == 0)
		return 0;
	if (errno == EEXIST)
		return err_set(err, ERR_CONFLICT, "\"%s\" exists already; --force replaces it",
			       target);
	/* File systems without that flag: a link never replaces anything either. */
	if (!g->force && errno == EINVAL && link(temporary, target) == 0) {
		(void)unlink(temporary);
		return 0;
	}
	return err_errno(err, ERR_INTERNAL, "could not name the file \"%s\"", target);
}

/* A finished file gets the rights any new file gets. */
static int
finish_file(int fd, const char *temporary, struct err *err)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	if (fchmod(fd, 0666 & ~mask) == -1 || fsync(fd) == -1)
		return err_errno(err, ERR_INTERNAL, "could not complete \"%s\"", temporary);
	return 0;
}

static void
report(const struct get *g, const char *target)
{
	struct buf buf = BUF_INIT(1024 * 1024);

	if (!g->cli->json) {
		output_text(stdout, target);
		(void)putchar('\n');
		return;
	}
	buf_puts(&buf, "{\"file\":");
	doc_json_write_text(target, &buf);
	buf_printf(&buf, ",\"bytes\":%" PRId64 "}", g->bytes);
	output_document(stdout, buf_text(&buf), buf.len);
	buf_free(&buf);
}

static int
get_to_file(struct get *g, struct api *api, const char *path, struct err *err)
{
	bool is_dir;
	char *directory = directory_of(g->output, &is_dir);
	char *temporary = str_printf("%s/.jqm-get-XXXXXX", directory);
	char *name = NULL, *target = NULL;
	int fd, rc = -1;

	if (!is_dir && !g->force && access(g->output, F_OK) == 0) {
		(void)err_set(err, ERR_CONFLICT, "\"%s\" exists already; --force replaces it",
			      g->output);
		goto cleanup;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not make a file in \"%s\"", directory);
		goto cleanup;
	}
	out_stream_init(&g->out, fd);
	rc = fetch(g, api, path, &name, err);
	if (rc == 0)
		rc = finish_file(fd, temporary, err);
	if (rc == 0) {
		if (is_dir)
			target = g->output == NULL ? str_dup(name)
						   : str_printf("%s/%s", directory, name);
		else
			target = str_dup(g->output);
		rc = publish(g, temporary, target, err);
	}
	fd_close(&fd);
	if (rc == 0)
		report(g, target);
	else
		(void)unlink(temporary);

cleanup:
	free(directory);
	free(temporary);
	free(name);
	free(target);
	return rc;
}

static int
get_to_stdout(struct get *g, struct api *api, const char *path, struct err *err)
{
	char *name = NULL;
	int rc;

	out_stream_init(&g->out, STDOUT_FILENO);
	rc = fetch(g, api, path, &name, err);
	free(name);
	return rc;
}

static int
run(struct get *g)
{
	struct err err = ERR_INIT;
	char *path = path_of(g->guid);
	struct api *api;
	int rc, code = CLI_OK;

	if (path == NULL)
		return cli_usage(g->cli, "\"%s\" is no GUID of a file", g->guid);
	api = api_open(g->cli, &err);
	if (api == NULL)
		rc = -1;
	else if (g->output != NULL && strcmp(g->output, "-") == 0)
		rc = get_to_stdout(g, api, path, &err);
	else
		rc = get_to_file(g, api, path, &err);
	if (rc == -1)
		code = cli_fail(g->cli, &err);
	api_close(api);
	free(path);
	return code;
}

int
cli_get(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = { { "output", 'o', true },
						      { "force", 0, false } };
	struct get g = { .cli = cli };
	struct args args;
	int option;

	args_init(&args, cli, argc, argv, options, OPTIONS_LEN);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option == OUTPUT)
			g.output = args.value;
		else if (option == FORCE)
			g.force = true;
		else if (g.guid != NULL)
			return cli_usage(cli, "only one GUID is expected");
		else
			g.guid = args.value;
	}
	if (g.guid == NULL)
		return cli_usage(cli, "the GUID of a file is missing");
	return run(&g);
}
