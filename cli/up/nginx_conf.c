/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/nginx_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/up/child.h"
#include "cli/up/listen_change.h"
#include "cli/up/listen_on.h"
#include "cli/up/nginx_place.h"
#include "cli/up/render.h"
#include "cli/up/tls_files.h"
#include "cli/up/tools.h"
#include "conf/settings.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/pki_root_store.h"

#define CONF_MAX_BYTES ((size_t)256 * 1024)
#define STATE_MAX_BYTES ((size_t)64 * 1024)
#define TEST_LINES 5
#define DESCRIPTORS 8704ULL

void
nginx_state_free(struct nginx_state *state)
{
	free(state->state);
	free(state->conf);
	*state = (struct nginx_state)NGINX_STATE_INIT;
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
	struct settings *settings = settings_read(wish->place->config, err);
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
		if (nginx_path_check(paths[i], err) == -1)
			return -1;
	return 0;
}

static int
fill_tls(const struct nginx_wish *wish, const struct tls_files *files, struct buf *out,
	 struct err *err)
{
	char depth[16];
	char *crl = files->crl == NULL ? str_dup("") : str_printf("ssl_crl \"%s\";", files->crl);
	char *proxy_crl =
	    files->crl == NULL ? str_dup("") : str_printf("proxy_ssl_crl \"%s\";", files->crl);
	int rc = check_paths(files, err);

	(void)snprintf(depth, sizeof(depth), "%d", files->depth);
	const struct render_pair pairs[] = {
		{ "CERTIFICATE", files->certificate },
		{ "KEY", files->key },
		{ "TRUST", files->trust },
		{ "CRL", crl },
		{ "PROXY_CRL", proxy_crl },
		{ "DEPTH", depth },
		{ "SHARE", wish->share_dir },
	};
	if (rc == 0)
		rc = fill(wish, "jqm_tls.in", pairs, sizeof(pairs) / sizeof(pairs[0]), out, err);
	free(proxy_crl);
	free(crl);
	return rc;
}

static int
fill_conf(const struct nginx_wish *wish, const char *listen, const char *tls, struct buf *out,
	  struct err *err)
{
	const struct nginx_place *place = wish->place;
	struct rlimit limit = { .rlim_max = DESCRIPTORS };
	char descriptors[24];
	int rc = -1;

	/* As many as its connections may need, if it can have them. */
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	(void)snprintf(descriptors, sizeof(descriptors), "%llu",
		       limit.rlim_max < DESCRIPTORS ? (unsigned long long)limit.rlim_max
						    : DESCRIPTORS);
	const struct render_pair pairs[] = {
		{ "LISTEN", listen },
		{ "TLS", tls },
		{ "RUN", place->run },
		{ "LOG", place->log },
		{ "JOBLOGS", place->joblogs },
		{ "PID", place->pid },
		{ "FCGI_SOCKET", place->fcgi_socket },
		{ "EVENTS_SOCKET", place->events_socket },
		{ "DESCRIPTORS", descriptors },
		{ "MIME", mime_file() },
		{ "WORKERS", "2" },
		{ "DELIVERIES", place->deliveries },
		{ "SHARE", wish->share_dir },
	};
	if (mime_file() == NULL)
		(void)err_set(err, ERR_NOT_FOUND,
			      "the web server's table of file types is missing "
			      "(/etc/nginx/mime.types): install package nginx-common");
	else
		rc = fill(wish, "jqm.conf.in", pairs, sizeof(pairs) / sizeof(pairs[0]), out, err);
	return rc;
}

/* nginx -t: 0, or -1 with its words. */
static int
test_conf(const struct nginx_wish *wish, const char *config, struct err *err)
{
	char *log = tools_file(wish->place->log, "nginx-test.log");
	const char *const argv[] = { wish->nginx, "-t", "-q", "-p", wish->place->prefix, "-c",
				     config,      "-e", log,  "-g", "daemon off;",       NULL };
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

/* One at a time writes the new file: "jqm up" and who renders by hand.  A descriptor to close, or -1. */
static int
lock_conf(const struct nginx_wish *wish)
{
	int fd = open(wish->place->conf_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd != -1 && flock(fd, LOCK_EX) == -1 && errno == EINTR)
		;
	return fd;
}

/* Try text as the configuration and, unless it shall be kept, put it in its place. */
static int
place(const struct nginx_wish *wish, const struct buf *text, bool keep, struct err *err)
{
	const char *path = wish->place->conf, *fresh = wish->place->fresh;
	struct buf old = BUF_INIT(CONF_MAX_BYTES);
	struct err none = ERR_INIT;
	int lock = lock_conf(wish);
	bool was = fd_read_file(path, &old, &none) == 0;
	int rc = fd_write_file(fresh, 0600, buf_text(text), text->len, err);

	if (rc == 0)
		rc = test_conf(wish, fresh, err);
	if (rc == 0)
		rc = listen_check_free(was ? buf_text(&old) : NULL, buf_text(text), err);
	if (rc == 0 && !keep && rename(fresh, path) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not replace \"%s\"", path);
	(void)unlink(fresh);
	fd_close(&lock);
	buf_free(&old);
	return rc;
}

/*
 * Where to listen; whether with TLS.  Whoever lets others in without encryption has to say so.  A name may mean other
 * addresses each time it is looked up: lines without TLS are those of the look that found nobody else, or was allowed to.
 */
static bool
fill_listen(const struct nginx_wish *wish, const struct web_settings *web, int port,
	    struct buf *out)
{
	bool known, beyond, tls;

	known = listen_lines(web->dns, port, web->tls, out, &beyond);
	tls = web->tls || (beyond && !web->allow_clear);
	if (tls && !web->tls) {
		buf_free(out);
		known = listen_lines(web->dns, port, true, out, &beyond);
	}
	/* Jobs that run were told the port of the start. */
	if (wish->port != 0 && wish->port != port)
		buf_printf(out, "\n\t\tlisten 127.0.0.1:%d%s;", wish->port, tls ? " ssl" : "");
	if (!known)
		log_warn("dns_unknown", "node=%s dns=\"%s\" listens=\"on the loopback only\"",
			 wish->node, web->dns);
	return tls;
}

static int
make(struct db *db, const struct nginx_wish *wish, const struct settings *settings,
     const struct web_settings *web, bool keep, struct nginx_state *out, struct err *err)
{
	struct tls_files files = TLS_FILES_INIT;
	struct buf listen = BUF_INIT(CONF_MAX_BYTES), tls = BUF_INIT(CONF_MAX_BYTES),
		   text = BUF_INIT(CONF_MAX_BYTES);
	int rc = 0;

	out->port = web->port == 0 ? wish->port : web->port;
	if (out->port == 0)
		rc = err_set(err, ERR_CONFLICT, "node \"%s\" is not known yet, or has no port",
			     wish->node);
	if (rc == 0)
		out->tls = fill_listen(wish, web, out->port, &listen);
	if (rc == 0 && out->tls) {
		rc = web->internal_pki
			 ? tls_files_internal(wish->place->tls, db, settings, wish->node, web->dns,
					      out->port, &files, err)
			 : tls_files_external(settings, &files, err);
		if (rc == 0)
			rc = fill_tls(wish, &files, &tls, err);
	} else if (rc == 0) {
		rc = fill(wish, "jqm_clear.in", NULL, 0, &tls, err);
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
	struct settings *settings = settings_read(wish->place->config, err);
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
