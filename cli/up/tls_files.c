/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/tls_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/listen_on.h"
#include "cli/up/tools.h"
#include "conf/settings.h"
#include "db/db.h"
#include "model/memory.h"
#include "model/value.h"
#include "pki/authority.h"
#include "store/certificate_store.h"

#define NODE_FILE_MAX ((size_t)64 * 1024)
#define LISTS_MAX ((size_t)256 * 1024 * 1024)
#define HOST_MAX 254
#define EXTERNAL_DEPTH 10

static const char *const external_keys[] = { "pki:certificate", "pki:key", "pki:trust", "pki:crl" };

void
tls_files_free(struct tls_files *files)
{
	free(files->certificate);
	free(files->key);
	free(files->trust);
	free(files->crl);
	*files = (struct tls_files)TLS_FILES_INIT;
}

int
tls_authority(struct db *db, const struct settings *settings, struct err *err)
{
	struct authority_conf conf;
	int rc = authority_conf_read(settings, &conf, err);

	if (rc == 0)
		rc = authority_ensure(db, &conf, err);
	if (rc == 0)
		rc = authority_renew_lists(db, &conf, err);
	authority_conf_free(&conf);
	return rc;
}

/* Replace the file unless it says so already: what did not change need not be read again. */
static int
write_changed(const char *path, const struct buf *text, bool *rewritten, struct err *err)
{
	struct buf old = BUF_INIT(LISTS_MAX);
	struct err ignored = ERR_INIT;
	bool same = fd_read_file(path, &old, &ignored) == 0 && old.len == text->len &&
		    memcmp(buf_text(&old), buf_text(text), old.len) == 0;

	buf_free(&old);
	*rewritten = *rewritten || !same;
	return same ? 0 : fd_write_file(path, 0600, buf_text(text), text->len, err);
}

static int
write_trust(struct db *db, bool lists, const char *path, bool *rewritten, struct err *err)
{
	struct buf text = BUF_INIT(LISTS_MAX);
	struct text_list pems;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = certificate_trust(db, lists, &pool.memory, &pems, err);
	for (size_t i = 0; rc == 0 && i < pems.len; i++)
		buf_puts(&text, pems.items[i]);
	if (rc == 0)
		rc = buf_check(&text, err);
	if (rc == 0)
		rc = write_changed(path, &text, rewritten, err);
	buf_free(&text);
	pool_free(&pool);
	return rc;
}

/* One file for key and certificate: they are replaced together or not at all. */
static int
write_node(struct db *db, const struct authority_conf *conf, const char *path, const char *node,
	   const char *dns, int port, bool *rewritten, struct err *err)
{
	struct buf pem = BUF_INIT(NODE_FILE_MAX), fresh = BUF_INIT(NODE_FILE_MAX);
	char host[HOST_MAX + 1] = "";
	char own[AUTHORITY_NODE_NAME_SIZE];
	const char *names[LISTEN_NAMES_MAX + 2];
	size_t n = 0;
	struct err missing = ERR_INIT;
	bool due = true;
	int rc;

	if (gethostname(host, sizeof(host) - 1) == -1)
		host[0] = '\0';
	if (authority_node_name(node, own, err) == -1)
		return -1;
	listen_names(dns, host, names);
	while (names[n] != NULL)
		n++;
	names[n++] = own;
	names[n] = NULL;
	(void)fd_read_file(path, &pem, &missing);
	rc = authority_node_is_due(db, buf_text(&pem), names, &due, err);
	if (rc == 0 && due)
		rc = authority_node(db, conf, node, names, port, &fresh, err);
	if (rc == 0 && due)
		rc = fd_write_file(path, 0600, buf_text(&fresh), fresh.len, err);
	*rewritten = *rewritten || due;
	buf_forget(&pem);
	buf_forget(&fresh);
	return rc;
}

int
tls_files_internal(const char *directory, struct db *db, const struct settings *settings,
		   const char *node, const char *dns, int port, struct tls_files *out,
		   struct err *err)
{
	struct authority_conf conf;
	int rc;

	out->certificate = tools_file(directory, "node.pem");
	out->key = str_dup(out->certificate);
	out->trust = tools_file(directory, "roots.pem");
	out->crl = tools_file(directory, "crl.pem");
	out->depth = 1;
	rc = authority_conf_read(settings, &conf, err);
	if (rc == 0)
		rc = fd_make_dirs(directory, 0700, err);
	if (rc == 0)
		rc = write_node(db, &conf, out->certificate, node, dns, port, &out->rewritten, err);
	if (rc == 0)
		rc = write_trust(db, false, out->trust, &out->rewritten, err);
	if (rc == 0)
		rc = write_trust(db, true, out->crl, &out->rewritten, err);
	authority_conf_free(&conf);
	return rc;
}

int
tls_files_external(const struct settings *settings, struct tls_files *out, struct err *err)
{
	const char *certificate, *key, *trust;

	if (settings_require(settings, "pki:certificate", &certificate, err) == -1 ||
	    settings_require(settings, "pki:key", &key, err) == -1 ||
	    settings_require(settings, "pki:trust", &trust, err) == -1)
		return err_prefix(err, "global parameter enableInternalPki is off");
	out->certificate = str_dup(certificate);
	out->key = str_dup(key);
	out->trust = str_dup(trust);
	out->crl = str_dup(settings_text(settings, "pki:crl"));
	out->depth = EXTERNAL_DEPTH;
	return 0;
}

void
tls_files_stamp(const struct settings *settings, struct buf *out)
{
	for (size_t i = 0; i < sizeof(external_keys) / sizeof(external_keys[0]); i++) {
		const char *path = settings_text(settings, external_keys[i]);
		struct stat st;

		if (path != NULL && stat(path, &st) == 0)
			buf_printf(out, " %" PRIuMAX ".%" PRIdMAX ".%ld", (uintmax_t)st.st_ino,
				   (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
		else
			buf_puts(out, " -");
	}
}
