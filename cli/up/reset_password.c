/* SPDX-License-Identifier: Apache-2.0 */
/* jqm user reset-password LOGIN: on the server, by who owns the database; the rest of jqm user is cli/admin.c's. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/up.h"
#include "cli/up/database.h"
#include "cli/up/owner_database.h"
#include "cli/verbs.h"
#include "conf/password_file.h"
#include "crypto/random_token.h"
#include "model/password_rules.h"

#define RANDOM_CHARS 24 /* 142 bits */
#define CHARS_MIN 12

struct wish {
	const char *login, *password_file;
	bool unlock, drop_second_factor;
};

/* 0; -1 with the exit code (already said). */
static int
read_wish(struct cli *cli, int argc, char **argv, struct wish *out, int *code_out)
{
	static const struct args_option options[] = {
		{ "password-file", 0, true },
		{ "unlock", 0, false },
		{ "drop-second-factor", 0, false },
	};
	struct args args;
	int next;
	bool verb = false;

	args_init(&args, cli, argc, argv, options, 3);
	while ((next = args_next(&args)) != ARGS_END) {
		*code_out = args.exit_code;
		if (next == ARGS_STOP)
			return -1;
		if (next == 0) {
			out->password_file = args.value;
		} else if (next == 1) {
			out->unlock = true;
		} else if (next == 2) {
			out->drop_second_factor = true;
		} else if (!verb) {
			verb = true; /* the word that brought us here */
		} else if (out->login == NULL) {
			out->login = args.value;
		} else {
			*code_out = cli_usage(cli, "unexpected \"%s\"", args.value);
			return -1;
		}
	}
	if (out->login != NULL)
		return 0;
	*code_out = cli_usage(cli, "reset-password takes a login");
	return -1;
}

/* Fresh memory: the one of the file, or a random one. */
static char *
choose(const struct wish *wish, struct err *err)
{
	char random[RANDOM_CHARS + 1];
	char *password;

	if (wish->password_file == NULL) {
		if (random_text(random, RANDOM_CHARS) == -1) {
			(void)err_set(err, ERR_INTERNAL, "the system gives no random bytes");
			return NULL;
		}
		password = str_dup(random);
		explicit_bzero(random, sizeof(random));
		return password;
	}
	password = password_file_read(wish->password_file, err);
	if (password != NULL && password_rules_check(wish->login, password, CHARS_MIN, err) == -1) {
		(void)err_prefix(err, "the password");
		str_forget(password);
		return NULL;
	}
	return password;
}

static int
reset(struct cli *cli, const struct wish *wish)
{
	struct err err = ERR_INIT;
	int code = CLI_FAILED;
	/* Before we become the home's owner: the file is the caller's. */
	char *password = choose(wish, &err);
	char *conninfo = password == NULL ? NULL : owner_database(cli, &code);

	if (password != NULL && conninfo == NULL)
		goto cleanup; /* already said */
	if (password == NULL ||
	    database_reset_password(conninfo, wish->login, password, wish->unlock,
				    wish->drop_second_factor, &err) == -1) {
		code = cli_fail(cli, &err);
		goto cleanup;
	}
	if (wish->password_file == NULL)
		(void)printf(cli->json ? "{\"password\":\"%s\"}\n" : "%s\n", password);
	code = CLI_OK;

cleanup:
	str_forget(password);
	free(conninfo);
	return code;
}

int
cli_user(struct cli *cli, int argc, char **argv)
{
	struct wish wish = { .login = NULL };
	int code;

	if (strcmp(args_first_word(argc, argv), "reset-password") != 0)
		return cli_admin(cli, argc, argv);
	if (read_wish(cli, argc, argv, &wish, &code) == -1)
		return code;
	return cli_done(cli, reset(cli, &wish));
}
