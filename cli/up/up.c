/* SPDX-License-Identifier: Apache-2.0 */
/* jqm up: options, who runs it, what it says, foreground or not. */
#include "cli/up.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/log_file.h"
#include "base/num.h"
#include "base/process_hide.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/up/as_root.h"
#include "cli/up/database.h"
#include "cli/up/demo.h"
#include "cli/up/stack.h"
#include "codec/doc_json.h"

#define JSON_MAX_BYTES 16384

struct up_options {
	int port; /* 0: as last time */
	const char *port_text;
	const char *node;
	bool detach;
	bool demo;
	bool restored, paused;
};

static const struct args_option up_options[] = {
	{ "port", 0, true },  { "node", 0, true },      { "detach", 'd', false },
	{ "demo", 0, false }, { "restored", 0, false }, { "paused", 0, false },
};
enum {
	OPTION_PORT,
	OPTION_NODE,
	OPTION_DETACH,
	OPTION_DEMO,
	OPTION_RESTORED,
	OPTION_PAUSED,
	OPTIONS_LEN
};

static bool
is_node_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 255 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		   len;
}

/* 0, or -1 with *code_out the exit code. */
static int
read_options(struct cli *cli, int argc, char **argv, struct up_options *out, int *code_out)
{
	struct args args;
	int64_t port = 0;
	int option;

	args_init(&args, cli, argc, argv, up_options, OPTIONS_LEN);
	while ((option = args_next(&args)) != ARGS_END) {
		switch (option) {
		case OPTION_PORT:
			if (num_int64(args.value, 1, 65535, &port) == -1) {
				*code_out = cli_usage(
				    cli, "port \"%s\" is not a number from 1 to 65535", args.value);
				return -1;
			}
			out->port = (int)port;
			out->port_text = args.value;
			break;
		case OPTION_NODE:
			if (!is_node_name(args.value)) {
				*code_out = cli_usage(cli,
						      "node name \"%s\" is not 1 to 255 letters, "
						      "digits, dots, _ and -",
						      args.value);
				return -1;
			}
			out->node = args.value;
			break;
		case OPTION_DETACH:
			out->detach = true;
			break;
		case OPTION_DEMO:
			out->demo = true;
			break;
		case OPTION_RESTORED:
			out->restored = true;
			break;
		case OPTION_PAUSED:
			out->paused = true;
			break;
		case ARGS_WORD:
			*code_out = cli_usage(cli, "unexpected \"%s\"", args.value);
			return -1;
		default:
			*code_out = args.exit_code;
			return -1;
		}
	}
	if (out->paused && !out->restored) {
		*code_out = cli_usage(cli, "--paused is for --restored");
		return -1;
	}
	return 0;
}

/*
 * The address of the console for who sits at this terminal, or wants a demonstration: one click, and he is in.  Not into logs, which
 * have more readers than root-password.
 */
static void
say_link(const struct stack *stack, bool demo)
{
	char token[LOGIN_LINK_CHARS + 1];
	struct err err = ERR_INIT;

	if (!demo && isatty(STDOUT_FILENO) == 0)
		return;
	if (database_login_link(&stack->home, "root", token, &err) == -1) {
		/* A root that is locked is no reason not to run. */
		(void)fprintf(stderr, "jqm: no link to log in by: %s\n", err.text);
		return;
	}
	(void)printf("  Log in       %s://127.0.0.1:%d/#/login/%s\n"
		     "               (as root, once, within 15 minutes, in a browser on this "
		     "machine)\n",
		     stack_scheme(stack), stack->port, token);
	explicit_bzero(token, sizeof(token));
}

/* Words and results when everything serves. */
static void
say_ready(const struct cli *cli, const struct stack *stack, bool demo, bool detached)
{
	const char *home = stack->home.path;
	struct buf json = BUF_INIT(JSON_MAX_BYTES);

	if (cli->json) {
		buf_printf(&json, "{\"url\":\"%s://127.0.0.1:%d/\",\"port\":%d,\"home\":",
			   stack_scheme(stack), stack->port, stack->port);
		doc_json_write_text(home, &json);
		buf_printf(&json, ",\"node\":");
		doc_json_write_text(stack->node_name, &json);
		(void)printf("%s}\n", buf_text(&json));
		buf_free(&json);
	} else {
		(void)printf("\nJQM is up.\n\n"
			     "  Address      %s://127.0.0.1:%d/\n"
			     "  Account      root\n"
			     "  Password     in the file %s/root-password\n"
			     "  Home         %s\n",
			     stack_scheme(stack), stack->port, home, home);
		say_link(stack, demo);
		if (detached)
			(void)printf("  Stop it      %s/jqm down --home %s\n\n",
				     stack->tools.bin_dir, home);
		else
			(void)printf("  Stop it      Ctrl-C\n\n");
	}
	(void)fflush(stdout);
}

/* From here on nobody's terminal is ours: events go to the log. */
static int
leave_terminal(const struct home *home, const struct sup *sup, struct err *err)
{
	char *path = home_file(home, "log/jqm.log");
	int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int rc = 0;

	if (log == -1 || null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(log, STDOUT_FILENO) == -1 || dup2(log, STDERR_FILENO) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not write to \"%s\"", path);
	if (rc == 0)
		rc = log_file_open(path, sup->log_max_bytes, sup->log_keep, err);
	fd_close(&log);
	fd_close(&null);
	free(path);
	return rc;
}

/*
 * Start, tell, keep, stop.  ready_fd: where the waiting parent hears that all is well; -1: there is
 * none, this is the foreground.  home is taken over.
 */
static int
run(struct cli *cli, struct home *home, const struct up_options *options, int ready_fd)
{
	struct err err = ERR_INIT;
	const struct stack_wish wish = { .port = options->port,
					 .node = options->node,
					 .restored = options->restored,
					 .paused = options->paused };
	struct stack stack;
	int rc;

	process_hide(); /* jobs may have our account */
	rc = stack_start(&stack, home, &wish, &err);

	if (rc == 0 && options->demo)
		rc = demo_run(&stack, cli->json, &err);
	if (rc == 0) {
		say_ready(cli, &stack, options->demo, ready_fd != -1);
		if (ready_fd != -1) {
			(void)prctl(PR_SET_PDEATHSIG, 0);
			rc = leave_terminal(&stack.home, &stack.sup, &err);
			if (rc == 0 && write(ready_fd, "r", 1) != 1)
				rc = err_set(&err, ERR_BUSY, "interrupted");
		}
	}
	if (rc == 0)
		stack_keep(&stack);
	else
		(void)cli_fail(cli, &err);
	if (rc == 0 && ready_fd == -1)
		(void)fprintf(stderr, "Stopping ...\n");
	stack_end(&stack);
	return rc == 0 ? CLI_OK : CLI_FAILED;
}

/* In the parent: wait until the child serves or has given up. */
static int
wait_for_child(pid_t pid, int ready_fd)
{
	int status = 0;
	char byte;
	ssize_t got;

	do
		got = read(ready_fd, &byte, 1);
	while (got == -1 && errno == EINTR);
	if (got == 1)
		return CLI_OK;
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : CLI_FAILED;
}

static int
run_detached(struct cli *cli, struct home *home, const struct up_options *options)
{
	struct err err = ERR_INIT;
	int ready[2];
	pid_t pid, parent = getpid();
	int code;

	if (pipe2(ready, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		(void)err_errno(&err, ERR_BUSY, "could not create a process");
		(void)cli_fail(cli, &err);
		return CLI_FAILED;
	}
	if (pid == 0) {
		fd_close(&ready[0]);
		(void)setsid();
		/* Until we serve, Ctrl-C on the parent means us. */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			return CLI_FAILED;
		code = run(cli, home, options, ready[1]);
		fd_close(&ready[1]);
		return code;
	}
	fd_close(&ready[1]);
	code = wait_for_child(pid, ready[0]);
	fd_close(&ready[0]);
	return code;
}

/* Give root's rights up, then start over as the account. */
static int
run_as_account(struct cli *cli, const struct home *home, const struct up_options *options)
{
	struct as_root as_root = AS_ROOT_INIT;
	struct err err = ERR_INIT;
	const char *argv[14];
	int n = 0;

	if (as_root_prepare(home, &as_root, &err) == 0) {
		argv[n++] = "jqm";
		argv[n++] = "up";
		argv[n++] = "--home";
		argv[n++] = as_root.home;
		if (options->port_text != NULL) {
			argv[n++] = "--port";
			argv[n++] = options->port_text;
		}
		if (options->node != NULL) {
			argv[n++] = "--node";
			argv[n++] = options->node;
		}
		if (options->detach)
			argv[n++] = "--detach";
		if (options->demo)
			argv[n++] = "--demo";
		if (options->restored)
			argv[n++] = "--restored";
		if (options->paused)
			argv[n++] = "--paused";
		if (cli->json)
			argv[n++] = "--json";
		argv[n] = NULL;
		/* execv() does not change them: its type is older than const. */
		char **plain = NULL;

		memcpy(&plain, &(const char **){ argv }, sizeof(plain));
		(void)execv(as_root.program, plain);
		(void)err_errno(&err, ERR_INTERNAL, "could not start \"%s\"", as_root.program);
	}
	(void)cli_fail(cli, &err);
	as_root_free(&as_root);
	return CLI_FAILED;
}

int
cli_up(struct cli *cli, int argc, char **argv)
{
	struct up_options options = { .port = 0 };
	struct home home = HOME_INIT;
	struct err err = ERR_INIT;
	int code = CLI_FAILED;

	if (read_options(cli, argc, argv, &options, &code) == -1)
		return code;
	log_init("jqm");
	if (home_locate(cli->home, &home, &err) == -1)
		(void)cli_fail(cli, &err);
	else if (geteuid() == 0)
		code = run_as_account(cli, &home, &options);
	else if (options.detach)
		code = run_detached(cli, &home, &options);
	else
		code = run(cli, &home, &options, -1);
	home_free(&home);
	return code;
}
