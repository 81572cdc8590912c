/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/setup/setup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/up.h"
#include "cli/up/tools.h"
#include "codec/doc_json.h"

#define JSON_MAX_BYTES ((size_t)256 * 1024)
#define LOCAL_ADMIN "host=/run/postgresql"

static const struct args_option setup_options[] = {
	{ "database", 0, true },
	{ "create", 0, false },
	{ "admin", 0, true },
	{ "admin-password-file", 0, true },
	{ "new-passwords", 0, false },
	{ "node", 0, true },
	{ "url", 0, true },
	{ "prefix", 0, true },
	{ "no-start", 0, false },
};
enum {
	OPTION_DATABASE,
	OPTION_CREATE,
	OPTION_ADMIN,
	OPTION_ADMIN_PASSWORD_FILE,
	OPTION_NEW_PASSWORDS,
	OPTION_NODE,
	OPTION_URL,
	OPTION_PREFIX,
	OPTION_NO_START,
	OPTIONS_LEN
};

void
setup_did(struct setup *setup, const char *fmt, ...)
{
	struct setup_report *report = setup->report;
	va_list args;

	if (report->len == SETUP_DONE_MAX)
		return;
	va_start(args, fmt);
	(void)vsnprintf(report->lines[report->len], sizeof(report->lines[0]), fmt, args);
	va_end(args);
	report->len++;
}

int
setup_as(struct setup *setup, const struct account *account, setup_fn *fn, struct err *err)
{
	struct err *said = &setup->report->err;
	int status = -1;
	pid_t pid;

	err_clear(said);
	pid = fork();
	if (pid == -1)
		return err_errno(err, ERR_BUSY, "could not start a process");
	if (pid == 0) {
		int rc = 0;

		if (account != NULL && setup->is_root)
			rc = account_become(account, said);
		if (rc == 0 && chdir("/") == -1)
			rc = err_errno(said, ERR_INTERNAL, "could not enter \"/\"");
		if (rc == 0)
			rc = fn(setup, said);
		_exit(rc == 0 ? 0 : 1);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (status == 0)
		return 0;
	*err = *said;
	if (err->kind == ERR_NONE)
		(void)err_set(err, ERR_INTERNAL, "a process that worked on it was ended");
	return -1;
}

static void
keep(char **out, const char *value)
{
	free(*out);
	*out = str_dup(value);
}

/* 0; -1 with the exit code (said). */
static int
read_wish(struct setup *setup, int argc, char **argv, char **prefix_out, int *code_out)
{
	struct setup_wish *wish = &setup->wish;
	char **const texts[OPTIONS_LEN] = {
		[OPTION_DATABASE] = &wish->database,
		[OPTION_ADMIN] = &wish->admin,
		[OPTION_ADMIN_PASSWORD_FILE] = &wish->admin_password_file,
		[OPTION_NODE] = &wish->node,
		[OPTION_URL] = &wish->url,
		[OPTION_PREFIX] = prefix_out,
	};
	struct args args;
	int next;

	args_init(&args, setup->cli, argc, argv, setup_options, OPTIONS_LEN);
	while ((next = args_next(&args)) != ARGS_END) {
		*code_out = args.exit_code;
		if (next == ARGS_STOP)
			return -1;
		if (next == ARGS_WORD) {
			*code_out = cli_usage(setup->cli, "unexpected \"%s\"", args.value);
			return -1;
		}
		if (texts[next] != NULL)
			keep(texts[next], args.value);
		else if (next == OPTION_CREATE)
			keep(&wish->admin, LOCAL_ADMIN);
		else if (next == OPTION_NEW_PASSWORDS)
			wish->new_passwords = true;
		else
			wish->no_start = true;
	}
	*code_out = CLI_USAGE;
	if (setup->cli->config_path != NULL || setup->cli->home != NULL)
		(void)cli_usage(setup->cli, "it makes /etc/jqm/jqm.ini; elsewhere: --prefix D");
	else if (*prefix_out != NULL && (*prefix_out)[0] != '/')
		(void)cli_usage(setup->cli, "--prefix takes an absolute path");
	else if (wish->admin == NULL && (wish->new_passwords || wish->admin_password_file != NULL))
		(void)cli_usage(setup->cli, "that needs --admin, or --create");
	else
		return 0;
	return -1;
}

/* Who is asking, whose the programs are, what is installed. */
static int
find_all(struct setup *setup, const char *prefix, struct err *err)
{
	struct tools tools = TOOLS_INIT;
	struct err ignored = ERR_INIT;
	char *fcgi;

	setup->is_root = geteuid() == 0;
	if (!setup->is_root && prefix == NULL)
		return err_set(err, ERR_DENIED, "only root can do this");
	if (setup->is_root) {
		if (account_find(&setup->account, err) == -1)
			return -1;
		if (setup->account.uid == 0)
			return err_set(err, ERR_DENIED,
				       "the programs cannot run as root: name an account in "
				       "JQM_ACCOUNT");
	} else {
		account_of_uid(geteuid(), &setup->account);
	}
	setup_places_init(&setup->places, prefix == NULL ? "" : prefix);
	(void)tools_find_ours(&tools, &ignored);
	if (tools.bin_dir == NULL) {
		*err = ignored;
		return -1;
	}
	setup->bin = str_dup(tools.bin_dir);
	setup->share = str_dup(tools.share_dir);
	tools_free(&tools);
	fcgi = tools_file(setup->bin, "jqm-fcgi");
	setup->has_web = access(fcgi, X_OK) == 0;
	free(fcgi);
	return 0;
}

static int
do_all(struct setup *setup, struct err *err)
{
	static int (*const steps[])(struct setup * setup, struct err * err) = {
		setup_read_conf, /* what a run before decided */
		setup_complete, /* nothing made yet: all that is wrong with the wish is told */
		setup_directories,   setup_keys,
		setup_make_passfile, /* complete on disk before the roles are made with it */
		setup_admin,         setup_database,
		setup_write_conf, /* last: who finds it finds all it names */
		setup_start,
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](setup, err) == -1)
			return -1;
	return 0;
}

static void
say_json(const struct setup *setup)
{
	struct buf out = BUF_INIT(JSON_MAX_BYTES);
	char *command;

	buf_puts(&out, "{\"config\":");
	doc_json_write_text(setup->places.ini, &out);
	buf_puts(&out, ",\"node\":");
	doc_json_write_text(setup->node, &out);
	buf_puts(&out, ",\"url\":");
	if (setup->has_web)
		doc_json_write_text(setup->url, &out);
	else
		buf_puts(&out, "null");
	buf_puts(&out, ",\"root_password_file\":");
	if (access(setup->places.root_password, F_OK) == 0)
		doc_json_write_text(setup->places.root_password, &out);
	else
		buf_puts(&out, "null");
	buf_puts(&out, ",\"changes\":[");
	for (size_t i = 0; i < setup->report->len; i++) {
		buf_puts(&out, i == 0 ? "" : ",");
		doc_json_write_text(setup->report->lines[i], &out);
	}
	buf_printf(&out, "],\"running\":%s,\"start\":[",
		   setup_has_systemd(setup) && !setup->wish.no_start ? "true" : "false");
	for (size_t i = 0; (command = setup_command(setup, i)) != NULL; i++) {
		buf_puts(&out, i == 0 ? "" : ",");
		doc_json_write_text(command, &out);
		free(command);
	}
	buf_puts(&out, "]}");
	output_document(stdout, buf_text(&out), out.len);
	buf_free(&out);
}

static void
say(const struct setup *setup)
{
	char *command;

	for (size_t i = 0; i < setup->report->len; i++) {
		output_text(stdout, setup->report->lines[i]);
		(void)putchar('\n');
	}
	if (setup->report->len == 0)
		(void)printf("nothing was to be done\n");
	if (!setup_has_systemd(setup) || setup->wish.no_start) {
		(void)printf("Node %s is ready to be started%s, each when the one before is up:\n",
			     setup->node,
			     setup->wish.no_start ? "" : "; there is no systemd here, so by hand");
		for (size_t i = 0; (command = setup_command(setup, i)) != NULL; i++) {
			(void)printf("    %s\n", command);
			free(command);
		}
	} else {
		(void)printf("Node %s runs.\n", setup->node);
	}
	if (setup->has_web)
		(void)printf("Console and web API: %s/\n", setup->url);
	if (access(setup->places.root_password, F_OK) == 0)
		(void)printf("The password of \"root\" is in %s\n", setup->places.root_password);
}

static void
free_all(struct setup *setup)
{
	account_free(&setup->account);
	setup_places_free(&setup->places);
	free(setup->wish.database);
	free(setup->wish.admin);
	free(setup->wish.admin_password_file);
	free(setup->wish.node);
	free(setup->wish.url);
	free(setup->bin);
	free(setup->share);
	free(setup->conninfo);
	free(setup->node);
	free(setup->url);
	(void)munmap(setup->report, sizeof(*setup->report));
}

int
cli_setup(struct cli *cli, int argc, char **argv)
{
	struct setup setup = { .cli = cli, .account = ACCOUNT_INIT };
	struct err err = ERR_INIT;
	char *prefix = NULL;
	int code = CLI_FAILED;

	setup.report = mmap(NULL, sizeof(*setup.report), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (setup.report == MAP_FAILED)
		abort(); /* as str_dup(): nothing sane can follow */
	(void)umask(022);
	if (read_wish(&setup, argc, argv, &prefix, &code) == -1)
		goto cleanup;
	code = CLI_OK;
	if (find_all(&setup, prefix, &err) == -1 || do_all(&setup, &err) == -1) {
		/* What was done stays: the next run goes on from there. */
		for (size_t i = 0; i < setup.report->len; i++)
			(void)fprintf(stderr, "%s\n", setup.report->lines[i]);
		code = cli_fail(cli, &err);
	} else if (cli->json) {
		say_json(&setup);
	} else {
		say(&setup);
	}

cleanup:
	free(prefix);
	free_all(&setup);
	return cli_done(cli, code);
}
