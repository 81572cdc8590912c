/* SPDX-License-Identifier: Apache-2.0 */
#include "client/node_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "client/backend.h"
#include "client/download.h"
#include "client/http_client.h"
#include "client/include/jqm.h"
#include "crypto/password_hash.h"
#include "crypto/random_token.h"

#define ACCOUNT_LIFE_MS (24 * 3600 * INT64_C(1000))
#define ACCOUNT_REST_MS (3600 * INT64_C(1000)) /* with less left another one is made */
#define PASSWORD_CHARS 43 /* 256 bits */

DB_STMT(place_stmt) = {
	.name = "client_place",
	.text = "SELECT url, path, roots FROM jqm.client_place($1, $2, $3)",
	.n_params = 3,
	.read_only = true,
};

DB_STMT(account_stmt) = {
	.name = "client_account",
	.text = "SELECT jqm.client_account($1, $2)",
	.n_params = 2,
};

struct node_client {
	char *ca_file, *program;
	unsigned patience_s;
	char login[RANDOM_GUID_SIZE];
	char password[PASSWORD_CHARS + 1];
	int64_t until_ms; /* monotonic: the account is over; 0: there is none */
	char *url; /* of the node that http speaks with; NULL: none */
	struct http_client *http;
};

/* Where it is. */
struct place {
	char *url, *path;
	char *roots; /* NULL: the cluster does not vouch for it itself */
};

struct node_client *
node_client_new(const struct jqm_options *options)
{
	struct node_client *nodes = calloc(1, sizeof(*nodes));

	if (nodes == NULL)
		abort();
	nodes->ca_file = str_dup(options->ca_file);
	nodes->program = str_dup(options->program);
	nodes->patience_s = options->patience_s;
	return nodes;
}

static void
forget_node(struct node_client *nodes)
{
	http_client_free(nodes->http);
	free(nodes->url);
	nodes->http = NULL;
	nodes->url = NULL;
}

void
node_client_free(struct node_client *nodes)
{
	forget_node(nodes);
	explicit_bzero(nodes->password, sizeof(nodes->password));
	free(nodes->ca_file);
	free(nodes->program);
	free(nodes);
}

static int
find_place(struct db *db, const struct fetch *fetch, struct place *out, struct err *err)
{
	static const char *const kinds[] = {
		[FETCH_FILE] = "file", [FETCH_STDOUT] = "stdout", [FETCH_STDERR] = "stderr"
	};
	char id[24], attempt[24];
	const char *params[] = { kinds[fetch->what], id, attempt };
	struct db_result *rows = NULL;

	(void)snprintf(id, sizeof(id), "%" PRId64, fetch->id);
	(void)snprintf(attempt, sizeof(attempt), "%" PRId32, fetch->attempt);
	if (db_exec(db, &place_stmt, params, &rows, err) == -1)
		return -1;
	out->url = str_dup(db_text(rows, 0, 0));
	out->path = str_dup(db_text(rows, 0, 1));
	out->roots = str_dup(db_text(rows, 0, 2));
	db_result_free(rows);
	return 0;
}

static void
place_free(struct place *place)
{
	free(place->url);
	free(place->path);
	free(place->roots);
}

/* Another account; the one before ends by itself. */
static int
make_account(struct node_client *nodes, struct db *db, struct err *err)
{
	char hash[PASSWORD_HASH_SIZE];
	const char *params[] = { nodes->login, hash };
	int64_t now_ms = clock_mono_ms();

	nodes->until_ms = 0;
	forget_node(nodes);
	if (random_guid(nodes->login) == -1 || random_text(nodes->password, PASSWORD_CHARS) == -1)
		return err_set(err, ERR_INTERNAL, "could not get random numbers");
	if (password_hash(nodes->password, hash, err) == -1 ||
	    db_exec(db, &account_stmt, params, NULL, err) == -1)
		return err_prefix(err, "could not make a temporary account to fetch files with");
	nodes->until_ms = now_ms + ACCOUNT_LIFE_MS;
	return 0;
}

/* Speak with the node of place. */
static int
use_node(struct node_client *nodes, const struct place *place, struct err *err)
{
	struct http_tls tls = { .ca_file = nodes->ca_file };

	if (nodes->url != NULL && strcmp(nodes->url, place->url) == 0)
		return 0;
	forget_node(nodes);
	if (nodes->ca_file == NULL)
		tls.ca_pem = place->roots;
	nodes->http = http_client_new(place->url, nodes->login, nodes->password, &tls, err);
	if (nodes->http == NULL) {
		err->kind = ERR_BUSY; /* the cluster's configuration, not the caller's fault */
		return -1;
	}
	http_client_set(nodes->http, nodes->program, nodes->patience_s);
	nodes->url = str_dup(place->url);
	return 0;
}

int
node_client_fetch(struct node_client *nodes, struct db *db, struct fetch *fetch, struct err *err)
{
	struct place place = { NULL, NULL, NULL };
	bool is_new = false;
	int rc = -1;

	if (fetch->guid != NULL)
		return err_set(err, ERR_INVALID,
			       "a database finds files by their numbers: \"%.60s\" is none",
			       fetch->guid);
	if (find_place(db, fetch, &place, err) == -1)
		return -1;
	if (nodes->until_ms - clock_mono_ms() < ACCOUNT_REST_MS) {
		is_new = true;
		if (make_account(nodes, db, err) == -1)
			goto cleanup;
	}
	if (use_node(nodes, &place, err) == 0)
		rc = download(nodes->http, place.path, fetch, err);
	/* Somebody may have deleted or locked it: then another one will do, once. */
	if (rc == -1 && err->kind == ERR_DENIED && !is_new) {
		err_clear(err);
		if (make_account(nodes, db, err) == 0 && use_node(nodes, &place, err) == 0)
			rc = download(nodes->http, place.path, fetch, err);
	}

cleanup:
	place_free(&place);
	return rc;
}
