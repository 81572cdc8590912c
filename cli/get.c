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

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/file_name.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/verbs.h"
#include "codec/doc_json.h"

#define NAME_SIZE 1024

enum { OUTPUT, FORCE, OPTIONS_LEN };

struct get {
	struct cli *cli;
	const char *guid;
	const char *output; /* NULL: the name the server offers, here */
	bool force;
	struct out_stream out;
	struct err *err; /* of out */
	int64_t bytes;
};

static int
sink(void *arg, const void *data, size_t len)
{
	struct get *g = arg;

	g->bytes += (int64_t)len;
	return out_stream_write(&g->out, data, len, g->err);
}

/* Fetch the bytes to g->out; *name_out (fresh) is what the server calls the file. */
static int
fetch(struct get *g, struct jqm *server, char **name_out, struct err *err)
{
	struct jqm_error error;
	char name[NAME_SIZE];

	g->err = err;
	if (jqm_file_get(server, g->guid, sink, g, name, sizeof(name), &error) == -1)
		return error.kind == JQM_STOPPED ? -1 : server_refused(&error, err);
	if (out_stream_end(&g->out, err) == -1)
		return -1;
	*name_out = file_name_safe(name, g->guid);
	return 0;
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
get_to_file(struct get *g, struct jqm *server, struct err *err)
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
	rc = fetch(g, server, &name, err);
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
get_to_stdout(struct get *g, struct jqm *server, struct err *err)
{
	char *name = NULL;
	int rc;

	out_stream_init(&g->out, STDOUT_FILENO);
	rc = fetch(g, server, &name, err);
	free(name);
	return rc;
}

/* A number, or what looks like a GUID. */
static bool
names_a_file(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789abcdefABCDEF-")] == '\0';
}

static int
run(struct get *g)
{
	struct err err = ERR_INIT;
	struct jqm *server;
	int rc, code = CLI_OK;

	if (!names_a_file(g->guid))
		return cli_usage(g->cli, "\"%s\" is no GUID of a file", g->guid);
	server = server_open(g->cli, &err);
	if (server == NULL)
		rc = -1;
	else if (g->output != NULL && strcmp(g->output, "-") == 0)
		rc = get_to_stdout(g, server, &err);
	else
		rc = get_to_file(g, server, &err);
	if (rc == -1)
		code = cli_fail(g->cli, &err);
	jqm_free(&server);
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
