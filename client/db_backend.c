/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/db_backend.c: the database.  Files are not in it: they come from the web server of the node that has them, for a
 * temporary account that this handle makes itself.
 */
#include "client/backend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "client/download.h"
#include "client/handle.h"
#include "client/http_client.h"
#include "client/node_client.h"

#define ROLE "jqm_client"
#define PATIENCE_S 60

struct db_backend {
	struct backend backend;
	struct db *db;
	struct node_client *nodes;
};

/* Bytes as the database reads them: "\x6a716d". */
static void
put_bytes(struct buf *out, const char *bytes, size_t len)
{
	char pair[3];

	buf_puts(out, "\\x");
	for (size_t i = 0; i < len; i++) {
		str_hex(pair, (const unsigned char *)&bytes[i], 1);
		buf_append(out, pair, 2);
	}
}

static int
db_call(struct backend *backend, const struct call *call, struct buf *answer, struct err *err)
{
	struct db_backend *me = (struct db_backend *)backend;
	const struct verb_row *verb = &verbs[call->verb];
	struct buf bytes = BUF_INIT(2 * (size_t)HTTP_BODY_MAX + 2);
	const char *params[VERB_ARGS_MAX + 1];
	struct db_result *rows = NULL;
	const char *text;
	int n = 0, rc = -1;

	for (int i = 0; i < VERB_ARGS_MAX && call->args[i] != NULL; i++)
		params[n++] = call->args[i];
	if (verb->body == VERB_BODY_BYTES) {
		put_bytes(&bytes, call->body, call->body_len);
		params[n++] = buf_text(&bytes);
	} else if (verb->body != VERB_BODY_NONE) {
		params[n++] = call->body;
	}
	if (buf_check(&bytes, err) == 0 && db_exec(me->db, &verb->stmt, params, &rows, err) == 0) {
		text = db_rows(rows) == 1 ? db_text(rows, 0, 0) : NULL;
		buf_puts(answer, text == NULL ? "" : text);
		rc = buf_check(answer, err);
	}
	db_result_free(rows);
	buf_free(&bytes);
	return rc;
}

static int
db_fetch(struct backend *backend, struct fetch *fetch, struct err *err)
{
	struct db_backend *me = (struct db_backend *)backend;

	return node_client_fetch(me->nodes, me->db, fetch, err);
}

static void
db_backend_free(struct backend *backend)
{
	struct db_backend *me = (struct db_backend *)backend;

	node_client_free(me->nodes);
	db_free(me->db);
	free(me);
}

static const struct backend_ops ops = { db_call, db_fetch, db_backend_free };

struct backend *
db_backend_new(const char *conninfo, const struct jqm_options *options, struct err *err)
{
	struct db_backend *me;
	char *as_client;

	if (options->user != NULL || options->password != NULL ||
	    options->certificate_file != NULL) {
		(void)err_set(err, ERR_INVALID,
			      "user, password and certificate are of the web service: a database's "
			      "stand in its address");
		return NULL;
	}
	if (db_conninfo_check(conninfo, err) == -1) {
		(void)err_set(err, ERR_INVALID,
			      "the address is neither https://... nor one of a database, such as "
			      "postgresql://host/jqm");
		return NULL;
	}
	me = calloc(1, sizeof(*me));
	if (me == NULL)
		abort();
	as_client = db_conninfo_as(conninfo, ROLE);
	me->backend.ops = &ops;
	me->backend.is_database = true;
	me->db = db_new(as_client, options->program);
	db_set_patience(me->db,
			1000 * (int)(options->patience_s == 0 ? PATIENCE_S : options->patience_s));
	me->nodes = node_client_new(options);
	free(as_client);
	return (struct backend *)me;
}
