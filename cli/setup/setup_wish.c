/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for is looked at before anything is made; what is still open is asked for on a terminal. */
#include "cli/setup/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/str.h"
#include "cli/cli.h"
#include "db/db.h"

#define URL_DEFAULT "http://127.0.0.1:1789"
#define NODE_CHARS_MAX 255
#define LINE_BYTES_MAX 1000
/* What cannot stand between the quotes of jqm.ini. */
#define NOT_IN_INI "\"\n\r"

/* Ask for one line: fresh memory, standard where the answer is empty, NULL at the end of the input. */
static char *
ask(const char *question, const char *standard)
{
	char line[LINE_BYTES_MAX];

	(void)fprintf(stderr, "%s\n[%s] ", question, standard);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return NULL;
	return str_dup(str_trim(line)[0] == '\0' ? standard : str_trim(line));
}

static int
check_node(const char *node, struct err *err)
{
	if (strlen(node) > NODE_CHARS_MAX || node[0] == '\0' ||
	    node[strspn(
		node, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] != '\0')
		return err_set(err, ERR_INVALID,
			       "\"%.*s\" is no name of a node: 1 to %d of A-Z a-z 0-9 _ -",
			       STR_CUT(node, 300), NODE_CHARS_MAX);
	return 0;
}

static bool
is_loopback(const char *host, size_t len)
{
	return (len == 9 && strncmp(host, "localhost", len) == 0) ||
	       (len > 4 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= len) ||
	       (len == 5 && strncmp(host, "[::1]", len) == 0);
}

/* The address with its port, in fresh memory; NULL with err. */
static char *
complete_url(const char *url, struct err *err)
{
	bool tls = str_starts(url, "https://");
	const char *host = tls ? url + 8 : str_starts(url, "http://") ? url + 7 : "";
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	int64_t port = tls ? 443 : 80;
	char *digits;
	bool fine;

	if (len > strlen(host))
		len = 0;
	digits = str_dup(host + len);
	if (str_ends(digits, "/"))
		digits[strlen(digits) - 1] = '\0';
	fine = len > 0 && len <= 255 && strpbrk(url, NOT_IN_INI "@?#' \t\\") == NULL &&
	       (digits[0] == '\0' ||
		(digits[0] == ':' && num_int64(digits + 1, 1, 65535, &port) == 0));
	free(digits);
	if (!fine) {
		(void)err_set(err, ERR_INVALID,
			      "\"%.*s\" is no address such as https://alpha.example.org:443",
			      STR_CUT(url, 100));
		return NULL;
	}
	if (!tls && !is_loopback(host, len)) {
		(void)err_set(err, ERR_INVALID,
			      "\"%.*s\" is more than this machine, and beyond it nothing goes in "
			      "clear: https://%.*s",
			      STR_CUT(url, 100), (int)len, host);
		return NULL;
	}
	return str_printf("%s%.*s:%d", tls ? "https://" : "http://", (int)len, host, (int)port);
}

/* A password in it would be seen by whoever lists processes, and stand in the configuration. */
static int
check_conninfo(const char *option, const char *conninfo, struct err *err)
{
	char *password;
	int rc = db_conninfo_check(conninfo, err);

	if (rc == -1)
		return err_prefix(err, "%s", option);
	password = db_conninfo_value(conninfo, "password");
	if (password != NULL)
		rc = err_set(err, ERR_INVALID, "%s has a password in it, which others can see: %s",
			     option,
			     strcmp(option, "--admin") == 0 ? "give --admin-password-file"
							    : "give passfile=FILE");
	else if (strpbrk(conninfo, NOT_IN_INI) != NULL)
		rc = err_set(err, ERR_INVALID, "%s has a double quote or a line end in it", option);
	free(password);
	return rc;
}

/* The name of this host as a node may have it, in fresh memory. */
static char *
default_node(void)
{
	char host[256] = "";
	size_t n = 0;

	if (gethostname(host, sizeof(host) - 1) == -1)
		host[0] = '\0';
	for (const char *at = host; *at != '\0' && *at != '.' && n < NODE_CHARS_MAX; at++)
		if (strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") >
		    0)
			host[n++] = *at;
	host[n] = '\0';
	return str_dup(n == 0 ? "node1" : host);
}

/* 0; -1 when the input ended. */
static int
ask_all(struct setup *setup, struct err *err)
{
	struct setup_wish *wish = &setup->wish;
	char *answer = NULL, *node = default_node();
	bool ended = false;

	if (wish->database == NULL && wish->admin == NULL) {
		answer = ask("Where is the database?  create: with the PostgreSQL of this machine; "
			     "else a\nconnection string of one with the roles of JQM, such as "
			     "host=db.example.org dbname=jqm",
			     "create");
		ended = answer == NULL;
		if (!ended && strcmp(answer, "create") == 0)
			wish->admin = str_dup("host=/run/postgresql");
		else
			wish->database = str_dup(answer);
		free(answer);
	}
	if (!ended && wish->node == NULL)
		ended = (wish->node = ask("The name of this node?", node)) == NULL;
	if (!ended && setup->has_web && wish->url == NULL)
		ended = (wish->url = ask("The address of its console and web API?  Beyond this "
					 "machine: https://NAME:PORT",
					 URL_DEFAULT)) == NULL;
	free(node);
	return ended ? err_set(err, ERR_INVALID, "the input ended: nothing was done") : 0;
}

/* conninfo, which is freed, with a value more; fresh memory. */
static char *
with(char *conninfo, const char *keyword, const char *value)
{
	char *out = db_conninfo_with(conninfo, keyword, value);

	free(conninfo);
	return out;
}

/* Where the administrator's connection leads to, without who that is; fresh memory. */
static char *
conninfo_of_admin(const char *admin)
{
	static const char *const kept[] = { "host", "hostaddr", "port", "sslmode", "sslrootcert" };
	char *host = db_conninfo_value(admin, "host"), *port = db_conninfo_value(admin, "port");
	char *out;

	/* Over a socket the server asks the system who calls; for passwords it asks over the loopback. */
	if (host == NULL || host[0] == '/') {
		out = str_printf("host=127.0.0.1 port=%s sslmode=disable",
				 port == NULL ? "5432" : port);
	} else {
		out = str_dup("");
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
			char *value = db_conninfo_value(admin, kept[i]);

			if (value != NULL)
				out = with(out, kept[i], value);
			free(value);
		}
	}
	free(host);
	free(port);
	return with(out, "dbname", "jqm");
}

/* What the programs connect to: as asked for, else what the administrator's connection leads to. */
static void
choose_conninfo(struct setup *setup)
{
	const struct setup_wish *wish = &setup->wish;
	char *conninfo =
	    wish->database != NULL ? str_dup(wish->database) : conninfo_of_admin(wish->admin);
	char *passfile = db_conninfo_value(conninfo, "passfile");

	/* It is there, or is made before anybody connects. */
	if (passfile == NULL && (wish->admin != NULL || access(setup->places.passfile, F_OK) == 0))
		conninfo = with(conninfo, "passfile", setup->places.passfile);
	free(passfile);
	setup->conninfo = conninfo;
}

int
setup_complete(struct setup *setup, struct err *err)
{
	struct setup_wish *wish = &setup->wish;
	char *url = NULL;
	int rc;

	if (setup->is_new && isatty(STDIN_FILENO) && !setup->cli->json && ask_all(setup, err) == -1)
		return -1;
	if (setup->is_new && wish->database == NULL && wish->admin == NULL)
		return err_set(
		    err, ERR_INVALID,
		    "say where the database is: --create, --admin CONNINFO or --database "
		    "CONNINFO");
	if ((wish->database != NULL && check_conninfo("--database", wish->database, err) == -1) ||
	    (wish->admin != NULL && check_conninfo("--admin", wish->admin, err) == -1))
		return -1;
	if (wish->url != NULL || setup->is_new) {
		url = complete_url(wish->url != NULL ? wish->url : URL_DEFAULT, err);
		if (url == NULL)
			return -1;
	}
	if (setup->is_new) {
		setup->url = url;
		setup->node = wish->node != NULL ? str_dup(wish->node) : default_node();
		rc = check_node(setup->node, err);
		choose_conninfo(setup);
	} else {
		rc = setup_compare_conf(setup, url, err);
		free(url);
	}
	return rc;
}
