/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/nginx_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/up/child.h"
#include "cli/up/home.h"
#include "cli/up/listen_on.h"
#include "cli/up/render.h"
#include "cli/up/tls_files.h"
#include "conf/settings.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/pki_root_store.h"

#define CONF_MAX_BYTES ((size_t)256 * 1024)
#define STATE_MAX_BYTES ((size_t)64 * 1024)
#define TEST_LINES 5

void
nginx_state_free(struct nginx_state *state)
{
	free(state->state);
	free(state->conf);
	*state = (struct nginx_state)NGINX_STATE_INIT;
}

static struct settings *
read_settings(const struct home *home, struct err *err)
{
	char *path = home_file(home, "conf/jqm.ini");
	struct settings *settings = settings_read(path, err);

	free(path);
	return settings;
}

static char *
state_of(const struct web_settings *web, const struct settings *settings)
{
	struct buf text = BUF_INIT(STATE_MAX_BYTES);
	char *state;

	buf_puts(&text, web->state);
	if (!web->internal_pki)
		tls_files_stamp(settings, &text);
	state = str_dup(buf_text(&text));
	buf_free(&text);
	return state;
}

char *
nginx_state_now(struct db *db, const struct nginx_wish *wish, struct err *err)
{
	struct settings *settings = read_settings(wish->home, err);
	struct web_settings web;
	char *state = NULL;
	struct pool pool;

	pool_init(&pool);
	if (settings != NULL && web_settings_read(db, wish->node, &pool.memory, &web, err) == 0)
		state = state_of(&web, settings);
	pool_free(&pool);
	settings_free(settings);
	return state;
}

static const char *
mime_file(void)
{
	static const char *const places[] = { "/etc/nginx/mime.types",
					      "/usr/local/nginx/conf/mime.types",
					      "/usr/local/etc/nginx/mime.types" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* The template of that name in the share directory, filled. */
static int
fill(const struct nginx_wish *wish, const char *name, const struct render_pair *pairs, size_t n,
     struct buf *out, struct err *err)
{
	char *path = str_printf("%s/nginx/%s", wish->share_dir, name);
	struct buf text = BUF_INIT(CONF_MAX_BYTES);
	int rc = fd_read_file(path, &text, err);

	if (rc == 0 && render_template(buf_text(&text), pairs, n, out, err) == -1)
		rc = err_prefix(err, "%s", name);
	buf_free(&text);
	free(path);
	return rc;
}

/* No quoting of ours would help against these in a path of the administrator's. */
static int
check_paths(const struct tls_files *files, struct err *err)
{
	const char *const paths[] = { files->certificate, files->key, files->trust,
				      files->crl == NULL ? "" : files->crl };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strpbrk(paths[i], "\"\\$\n\r;{}") != NULL)
			return err_set(err, ERR_INVALID,
				       "\"%s\" has characters that cannot stand in nginx's "
				       "configuration",
				       paths[i]);
	return 0;
}

static int
fill_tls(const struct nginx_wish *wish, const struct tls_files *files, struct buf *out,
	 struct err *err)
{
	char depth[16];
	char *crl = files->crl == NULL ? str_dup("") : str_printf("ssl_crl \"%s\";", files->crl);
	int rc = check_paths(files, err);

	(void)snprintf(depth, sizeof(depth), "%d", files->depth);
	const struct render_pair pairs[] = {
		{ "CERTIFICATE", files->certificate },
		{ "KEY", files->key },
		{ "TRUST", files->trust },
		{ "CRL", crl },
		{ "DEPTH", depth },
		{ "SHARE", wish->share_dir },
	};
	if (rc == 0)
		rc = fill(wish, "jqm_tls.in", pairs, sizeof(pairs) / sizeof(pairs[0]), out, err);
	free(crl);
	return rc;
}

static int
fill_conf(const struct nginx_wish *wish, const char *listen, const char *tls, struct buf *out,
	  struct err *err)
{
	const struct home *home = wish->home;
	char *run = home_file(home, "run"), *log = home_file(home, "log");
	char *fcgi_socket = str_printf("%s/fcgi.sock", home->sockets);
	char *deliveries = home_file(home, "outputfiles"), *joblogs = home_file(home, "joblogs");
	char *pid = home_file(home, "run/nginx.pid");
	int rc = -1;

	const struct render_pair pairs[] = {
		{ "HOME", home->path },
		{ "LISTEN", listen },
		{ "TLS", tls },
		{ "RUN", run },
		{ "LOG", log },
		{ "JOBLOGS", joblogs },
		{ "PID", pid },
		{ "FCGI_SOCKET", fcgi_socket },
		{ "MIME", mime_file() },
		{ "WORKERS", "2" },
		{ "DELIVERIES", deliveries },
		{ "SHARE", wish->share_dir },
	};
	if (mime_file() == NULL)
		(void)err_set(err, ERR_NOT_FOUND,
			      "the web server's table of file types is missing "
			      "(/etc/nginx/mime.types): install package nginx-common");
	else
		rc = fill(wish, "jqm.conf.in", pairs, sizeof(pairs) / sizeof(pairs[0]), out, err);
	free(pid);
	free(joblogs);
	free(deliveries);
	free(fcgi_socket);
	free(log);
	free(run);
	return rc;
}

/* nginx -t: 0, or -1 with its words. */
static int
test_conf(const struct nginx_wish *wish, const char *config, struct err *err)
{
	char *log = home_file(wish->home, "log/nginx-test.log");
	const char *const argv[] = { wish->nginx, "-t", "-q", "-p", wish->home->path, "-c",
				     config,      "-e", log,  "-g", "daemon off;",    NULL };
	char *const *plain = NULL;
	struct child child = { .log_path = log, .death_signal = SIGTERM };
	struct buf words = BUF_INIT((size_t)ERR_TEXT_SIZE * 10);
	int status = 0;
	pid_t pid = 0;
	int rc;

	/* execv() does not change them: its type is older than const. */
	memcpy(&plain, &(const char *const *){ argv }, sizeof(plain));
	child.argv = plain;
	(void)unlink(log);
	rc = child_start(&child, &pid, err);
	while (rc == 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (rc == 0 && status != 0) {
		child_log_tail(log, 0, TEST_LINES, &words);
		rc = err_set(err, ERR_INVALID, "nginx refuses its configuration: %s",
			     buf_text(&words));
	}
	buf_free(&words);
	free(log);
	return rc;
}

/* Other "listen" lines (but for TLS, which needs no other socket)? */
bool
nginx_conf_moves(const char *old_conf, const char *new_conf)
{
	const char *a = old_conf, *b = new_conf;

	for (;;) {
		a = strstr(a, "\tlisten ");
		b = strstr(b, "\tlisten ");
		if (a == NULL || b == NULL)
			return a != NULL || b != NULL;
		a += strlen("\tlisten ");
		b += strlen("\tlisten ");
		if (strcspn(a, " ;") != strcspn(b, " ;") || strncmp(a, b, strcspn(a, " ;")) != 0)
			return true;
	}
}

/* One at a time writes the new file: "jqm up" and who renders by hand.  A descriptor to close, or -1. */
static int
lock_conf(const struct nginx_wish *wish)
{
	char *dir = home_file(wish->home, "conf");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(dir);
	while (fd != -1 && flock(fd, LOCK_EX) == -1 && errno == EINTR)
		;
	return fd;
}

/* Try text as the configuration and, unless it shall be kept, put it in its place. */
static int
place(const struct nginx_wish *wish, const struct buf *text, bool keep, struct err *err)
{
	char *path = home_file(wish->home, "conf/nginx.conf");
	char *fresh = home_file(wish->home, "conf/nginx.conf.new");
	int lock = lock_conf(wish);
	int rc = fd_write_file(fresh, 0600, buf_text(text), text->len, err);

	if (rc == 0)
		rc = test_conf(wish, fresh, err);
	if (rc == 0 && !keep && rename(fresh, path) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not replace \"%s\"", path);
	(void)unlink(fresh);
	fd_close(&lock);
	free(fresh);
	free(path);
	return rc;
}

static int
make(struct db *db, const struct nginx_wish *wish, const struct settings *settings,
     const struct web_settings *web, bool keep, struct nginx_state *out, struct err *err)
{
	struct tls_files files = TLS_FILES_INIT;
	struct buf listen = BUF_INIT(CONF_MAX_BYTES), tls = BUF_INIT(CONF_MAX_BYTES),
		   text = BUF_INIT(CONF_MAX_BYTES);
	bool known, beyond;
	int rc = 0;

	/*
	 * Whoever lets others in without encryption has to say so.  A name may mean other addresses each time it is
	 * looked up: lines without TLS are those of the look that found nobody else, or was allowed to.
	 */
	known = listen_lines(web->dns, wish->port, web->tls, &listen, &beyond);
	out->tls = web->tls || (beyond && !web->allow_clear);
	if (out->tls && !web->tls) {
		buf_free(&listen);
		known = listen_lines(web->dns, wish->port, true, &listen, &beyond);
	}
	if (!known)
		log_warn("dns_unknown", "node=%s dns=\"%s\" listens=\"on the loopback only\"",
			 wish->node, web->dns);
	if (out->tls) {
		rc = web->internal_pki ? tls_files_internal(wish->home, db, settings, wish->node,
							    web->dns, wish->port, &files, err)
				       : tls_files_external(settings, &files, err);
		if (rc == 0)
			rc = fill_tls(wish, &files, &tls, err);
	}
	if (rc == 0)
		rc = fill_conf(wish, buf_text(&listen), buf_text(&tls), &text, err);
	if (rc == 0)
		rc = place(wish, &text, keep, err);
	if (rc == 0)
		out->conf = str_dup(buf_text(&text));
	/* Of the administrator's files only he knows what is in them. */
	out->rewritten = files.rewritten || (out->tls && !web->internal_pki);
	tls_files_free(&files);
	buf_free(&text);
	buf_free(&tls);
	buf_free(&listen);
	return rc;
}

int
nginx_conf_make(struct db *db, const struct nginx_wish *wish, bool keep, struct nginx_state *out,
		struct err *err)
{
	struct settings *settings = read_settings(wish->home, err);
	struct web_settings web;
	struct pool pool;
	int rc = -1;

	*out = (struct nginx_state)NGINX_STATE_INIT;
	pool_init(&pool);
	if (settings == NULL || web_settings_read(db, wish->node, &pool.memory, &web, err) == -1)
		goto cleanup;
	/* Its lists are part of the state: they come first, then what is said of them. */
	if (web.internal_pki && tls_authority(db, settings, err) == -1) {
		log_error("authority_failed", "reason=\"%s\"", err->text);
		if (web.tls)
			goto cleanup;
		err_clear(err);
	}
	if (web_settings_read(db, wish->node, &pool.memory, &web, err) == -1)
		goto cleanup;
	out->state = state_of(&web, settings);
	rc = make(db, wish, settings, &web, keep, out, err);

cleanup:
	pool_free(&pool);
	settings_free(settings);
	return rc;
}
