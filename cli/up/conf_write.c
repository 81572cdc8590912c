/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/conf_write.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/up/home.h"
#include "cli/up/render.h"
#include "conf/settings.h"
#include "crypto/secret_box.h"

#define CONF_MAX_BYTES ((size_t)256 * 1024)
#define NODE_NAME_MAX 255

static const char ini_template[] =
    "# Written once by \"jqm up\"; from now on it is yours.  Later starts change it only where "
    "the\n"
    "# directory of the home or the port has moved, and nothing but those words.\n"
    "# Every setting: conf/README.md.\n"
    "\n"
    "[database]\n"
    "conninfo = \"host=@SOCKETS@ port=5432 dbname=jqm connect_timeout=5\"\n"
    "\n"
    "[node]\n"
    "name = \"@NODE@\"\n"
    "\n"
    "[runner]\n"
    "state_dir = \"@HOME@/state\"\n"
    "keeper_socket = \"@SOCKETS@/keeper.sock\"\n"
    "job_repository = \"@HOME@/jobs\"\n"
    "delivery_store = \"@HOME@/outputfiles\"\n"
    "temp_dir = \"@HOME@/tmp\"\n"
    "log_dir = \"@HOME@/log\"\n"
    "joblog_dir = \"@HOME@/joblogs\"\n"
    "log_file = \"@HOME@/log/jqm-runner.log\"\n"
    "api_url = \"http://127.0.0.1:@PORT@\"\n"
    "\n"
    "[fcgi]\n"
    "socket = \"@SOCKETS@/fcgi.sock\"\n"
    "delivery_store = \"@HOME@/outputfiles\"\n"
    "joblog_dir = \"@HOME@/joblogs\"\n"
    "log_file = \"@HOME@/log/jqm-fcgi.log\"\n"
    "node_log = \"@HOME@/log/jqm-runner.log\"\n"
    "\n"
    "[notifier]\n"
    "log_file = \"@HOME@/log/jqm-notifier.log\"\n"
    "\n"
    "[events]\n"
    "socket = \"@SOCKETS@/events.sock\"\n"
    "log_file = \"@HOME@/log/jqm-events.log\"\n"
    "\n"
    "[hooks]\n"
    "log_file = \"@HOME@/log/jqm-hooks.log\"\n"
    "\n"
    "# Keys of secret parameters: not in the database, nor in its backups.\n"
    "[secrets]\n"
    "key_file = \"@HOME@/conf/secrets.key\"\n"
    "\n"
    "[client]\n"
    "url = \"http://127.0.0.1:@PORT@\"\n"
    "user = \"root\"\n"
    "password_file = \"@HOME@/root-password\"\n"
    "ca_file = \"@HOME@/state/tls/roots.pem\"\n"
    "\n"
    "# What every job of this node finds in its environment.\n"
    "[job_environment]\n"
    "pghost = \"@SOCKETS@\"\n"
    "pgport = 5432\n"
    "pgdatabase = jqm\n";

/* What the files were rendered with last time. */
struct rendered {
	char *home, *sockets, *port; /* NULL: never */
};

static void
rendered_free(struct rendered *rendered)
{
	free(rendered->home);
	free(rendered->sockets);
	free(rendered->port);
}

static void
rendered_read(const struct home *home, struct rendered *out)
{
	struct buf text = BUF_INIT(CONF_MAX_BYTES);
	struct err ignored = ERR_INIT;
	char *path = home_file(home, "state/rendered");
	char *save = NULL;

	*out = (struct rendered){ NULL, NULL, NULL };
	if (fd_read_file(path, &text, &ignored) == 0 && text.len > 0)
		for (char *line = strtok_r(text.data, "\n", &save); line != NULL;
		     line = strtok_r(NULL, "\n", &save)) {
			if (str_starts(line, "home="))
				out->home = str_dup(line + strlen("home="));
			else if (str_starts(line, "sockets="))
				out->sockets = str_dup(line + strlen("sockets="));
			else if (str_starts(line, "port="))
				out->port = str_dup(line + strlen("port="));
		}
	buf_free(&text);
	free(path);
	if (out->home == NULL || out->sockets == NULL || out->port == NULL) {
		rendered_free(out);
		*out = (struct rendered){ NULL, NULL, NULL };
	}
}

static int
rendered_write(const struct home *home, const char *port, struct err *err)
{
	char *path = home_file(home, "state/rendered");
	char *text = str_printf("home=%s\nsockets=%s\nport=%s\n", home->path, home->sockets, port);
	int rc = fd_write_file(path, 0600, text, strlen(text), err);

	free(text);
	free(path);
	return rc;
}

int
conf_last_port(const struct home *home)
{
	struct rendered rendered;
	int64_t port = 0;

	rendered_read(home, &rendered);
	if (rendered.port == NULL || num_int64(rendered.port, 1, 65535, &port) == -1)
		port = 0;
	rendered_free(&rendered);
	return (int)port;
}

/* The first part of the host's name, of characters a node may have. */
static void
default_node(char out[NODE_NAME_MAX + 1])
{
	char host[256] = "";
	size_t n = 0;

	if (gethostname(host, sizeof(host) - 1) == -1)
		host[0] = '\0';
	for (const char *at = host; *at != '\0' && *at != '.' && n < NODE_NAME_MAX; at++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			   *at) != NULL)
			out[n++] = *at;
	out[n] = '\0';
	if (n == 0)
		(void)str_copy(out, NODE_NAME_MAX + 1, "node1");
}

/* Unless there is one: what is sealed with its keys would be lost. */
static int
write_secrets_key(const struct home *home, struct err *err)
{
	char *path = home_file(home, "conf/secrets.key");
	char key[SECRET_KEY_HEX_SIZE + 1];
	int rc = 0;

	if (access(path, F_OK) == -1) {
		rc = secret_key_new(key, err);
		key[SECRET_KEY_HEX_SIZE - 1] = '\n';
		if (rc == 0)
			rc = fd_write_file(path, 0600, key, SECRET_KEY_HEX_SIZE, err);
		explicit_bzero(key, sizeof(key));
	}
	free(path);
	return rc;
}

static int
write_new_ini(const struct home *home, const char *path, const char *port, const char *node,
	      struct err *err)
{
	char host[NODE_NAME_MAX + 1];
	struct buf text = BUF_INIT(CONF_MAX_BYTES);
	int rc = -1;

	default_node(host);
	const struct render_pair pairs[] = {
		{ "HOME", home->path },
		{ "SOCKETS", home->sockets },
		{ "PORT", port },
		{ "NODE", node == NULL ? host : node },
	};
	if (render_template(ini_template, pairs, sizeof(pairs) / sizeof(pairs[0]), &text, err) == 0)
		rc = fd_write_file(path, 0600, buf_text(&text), text.len, err);
	buf_free(&text);
	return rc;
}

static int
follow_moves(const struct home *home, const char *path, const char *port, struct err *err)
{
	struct buf text = BUF_INIT(CONF_MAX_BYTES), moved = BUF_INIT(CONF_MAX_BYTES);
	char *old_url = NULL, *url = NULL;
	struct rendered old;
	int rc = 0;

	rendered_read(home, &old);
	if (old.home == NULL || fd_read_file(path, &text, err) == -1) {
		rc = old.home == NULL ? 0 : -1;
		goto cleanup;
	}
	old_url = str_printf("//127.0.0.1:%s", old.port);
	url = str_printf("//127.0.0.1:%s", port);
	/* The sockets first: usually they lie in the home. */
	const struct render_move moves[] = { { old.sockets, home->sockets },
					     { old.home, home->path },
					     { old_url, url } };

	render_moves(buf_text(&text), moves, sizeof(moves) / sizeof(moves[0]), &moved);
	if (buf_check(&moved, err) == -1)
		rc = -1;
	else if (strcmp(buf_text(&text), buf_text(&moved)) != 0)
		rc = fd_write_file(path, 0600, buf_text(&moved), moved.len, err);

cleanup:
	free(old_url);
	free(url);
	rendered_free(&old);
	buf_free(&moved);
	buf_free(&text);
	return rc;
}

int
conf_follow_tls(const struct home *home, bool tls, struct err *err)
{
	static const char clear_url[] = "\nurl = \"http://127.0.0.1:",
			  tls_url[] = "\nurl = \"https://127.0.0.1:";
	const char *from = tls ? clear_url : tls_url, *to = tls ? tls_url : clear_url;
	char *path = home_file(home, "conf/jqm.ini");
	struct buf text = BUF_INIT(CONF_MAX_BYTES), moved = BUF_INIT(CONF_MAX_BYTES);
	const char *at;
	int rc = fd_read_file(path, &text, err);

	if (rc == 0 && (at = strstr(buf_text(&text), from)) != NULL) {
		buf_append(&moved, text.data, (size_t)(at - text.data));
		buf_puts(&moved, to);
		buf_puts(&moved, at + strlen(from));
		rc = buf_check(&moved, err);
		if (rc == 0)
			rc = fd_write_file(path, 0600, buf_text(&moved), moved.len, err);
	}
	buf_free(&moved);
	buf_free(&text);
	free(path);
	return rc;
}

/* Would every program accept the file? */
static int
check_ini(const char *path, struct err *err)
{
	struct settings *settings = settings_read(path, err);
	int rc = settings == NULL ? -1 : 0;

	settings_free(settings);
	return rc;
}

int
conf_write_ini(const struct home *home, int port, const char *node, struct err *err)
{
	char *path = home_file(home, "conf/jqm.ini");
	char port_text[16];
	int rc = 0;

	(void)snprintf(port_text, sizeof(port_text), "%d", port);
	if (access(path, F_OK) == -1) {
		rc = write_secrets_key(home, err);
		if (rc == 0)
			rc = write_new_ini(home, path, port_text, node, err);
	} else {
		/* As the administrator left it: a file others can read is not tidied up in silence. */
		rc = check_ini(path, err);
		if (rc == 0)
			rc = follow_moves(home, path, port_text, err);
	}
	if (rc == 0)
		rc = check_ini(path, err);
	if (rc == 0)
		rc = rendered_write(home, port_text, err);
	free(path);
	return rc;
}

char *
conf_node_name(const struct home *home, struct err *err)
{
	char *path = home_file(home, "conf/jqm.ini");
	struct settings *settings = settings_read(path, err);
	const char *name;
	char *copy = NULL;

	if (settings != NULL && settings_require(settings, "node:name", &name, err) == 0)
		copy = str_dup(name);
	settings_free(settings);
	free(path);
	return copy;
}

const char *
conf_scheme(const struct home *home)
{
	char *path = home_file(home, "conf/jqm.ini");
	struct err ignored = ERR_INIT;
	struct settings *settings = settings_read(path, &ignored);
	const char *url = settings == NULL ? NULL : settings_text(settings, "client:url");
	bool tls = url != NULL && str_starts(url, "https:");

	settings_free(settings);
	free(path);
	return tls ? "https" : "http";
}
