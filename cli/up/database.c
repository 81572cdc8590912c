/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/cluster.h"
#include "cli/up/home.h"
#include "cli/up/served.h"
#include "crypto/digest.h"
#include "crypto/password_hash.h"
#include "crypto/random_token.h"
#include "db/db.h"
#include "db/migrate.h"

#define PASSWORD_CHARS (FIRST_PASSWORD_SIZE - 1)

DB_STMT(up_database_exists) = {
	.name = "up_database_exists",
	.text = "SELECT 1 FROM pg_database WHERE datname = 'jqm'",
	.read_only = true,
};
DB_STMT(up_root_without_password) = {
	.name = "up_root_without_password",
	.text = "SELECT 1 FROM jqm.account WHERE login = 'root' AND password_hash IS NULL",
	.read_only = true,
};
DB_STMT(up_root_password) = {
	.name = "up_root_password",
	.text = "UPDATE jqm.account SET password_hash = $1"
		" WHERE login = 'root' AND password_hash IS NULL",
	.n_params = 1,
};
DB_STMT(up_incarnation) = {
	.name = "up_incarnation",
	.text = "SELECT incarnation FROM jqm.node WHERE name = $1",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(up_after_restore) = {
	.name = "up_after_restore",
	.text = "SELECT jobs_lost, next_id FROM jqm.after_restore($1)",
	.n_params = 1,
};

DB_STMT(up_port) = {
	.name = "up_port",
	.text = "SELECT port FROM jqm.node WHERE name = $1",
	.n_params = 1,
};
DB_STMT(up_set_port) = {
	.name = "up_set_port",
	.text = "SELECT jqm.node_set_port($1, $2)",
	.n_params = 2,
};
DB_STMT(up_open_api) = {
	.name = "up_open_api",
	.text = "SELECT jqm.open_api()",
};
DB_STMT(up_reset_password) = {
	.name = "up_reset_password",
	.text = "SELECT jqm.account_reset_password($1, $2, $3, $4)",
	.n_params = 4,
};

DB_STMT(up_login_link) = {
	.name = "up_login_link",
	.text = "SELECT jqm.login_link_make($1, decode($2, 'hex'), 900)",
	.n_params = 2,
};

static struct db *
open_database(const struct home *home, const char *name)
{
	char *conninfo = cluster_conninfo(home, name);
	struct db *db = db_new(conninfo, "jqm up");

	free(conninfo);
	return db;
}

int
database_upgrade(const char *conninfo, const char *share_dir, int *applied_out, struct err *err)
{
	struct db *db = db_new(conninfo, "jqm db upgrade");
	char *schema_dir = str_printf("%s/sql/schema", share_dir);
	int rc = migrate_apply(db, schema_dir, applied_out, err);

	free(schema_dir);
	db_free(db);
	return rc;
}

int
database_after_restore(const char *conninfo, bool paused, struct database_restored *out,
		       struct err *err)
{
	struct db *db = db_new(conninfo, "jqm db restored");
	const char *params[] = { paused ? "true" : "false" };
	struct db_result *rows = NULL;
	int rc = db_exec(db, &up_after_restore, params, &rows, err);

	if (rc == 0) {
		out->jobs_lost = db_int64(rows, 0, 0);
		out->next_id = db_int64(rows, 0, 1);
	}
	db_result_free(rows);
	db_free(db);
	return rc;
}

int
database_port(const struct home *home, const char *node, int *out, struct err *err)
{
	struct db *db = open_database(home, "jqm");
	struct db_result *rows = NULL;
	int rc = db_exec(db, &up_port, (const char *const[]){ node }, &rows, err);

	if (rc == 0)
		*out = db_rows(rows) == 1 ? (int)db_int64(rows, 0, 0) : 0;
	db_result_free(rows);
	db_free(db);
	return rc;
}

int
database_set_port(const struct home *home, const char *node, int port, struct err *err)
{
	struct db *db = open_database(home, "jqm");
	char text[16];
	int rc;

	(void)snprintf(text, sizeof(text), "%d", port);
	rc = db_exec(db, &up_set_port, (const char *const[]){ node, text }, NULL, err);
	db_free(db);
	return rc;
}

int
database_open_api(const char *conninfo, struct err *err)
{
	struct db *db = db_new(conninfo, "jqm db open-api");
	int rc = db_exec(db, &up_open_api, NULL, NULL, err);

	db_free(db);
	return rc;
}

int
database_reset_password(const char *conninfo, const char *login, const char *password, bool unlock,
			bool drop_second_factor, struct err *err)
{
	char hash[PASSWORD_HASH_SIZE];
	const char *params[] = { login, hash, unlock ? "true" : "false",
				 drop_second_factor ? "true" : "false" };
	struct db *db = db_new(conninfo, "jqm user reset-password");
	int rc = password_hash(password, hash, err);

	if (rc == 0)
		rc = db_exec(db, &up_reset_password, params, NULL, err);
	db_free(db);
	return rc;
}

int
database_login_link(const struct home *home, const char *login, char token[LOGIN_LINK_CHARS + 1],
		    struct err *err)
{
	unsigned char digest[DIGEST_SIZE];
	char hash[2 * DIGEST_SIZE + 1];
	const char *params[] = { login, hash };
	struct db *db;
	int rc;

	if (random_text(token, LOGIN_LINK_CHARS) == -1 ||
	    digest_sha256(token, LOGIN_LINK_CHARS, digest) == -1)
		return err_set(err, ERR_INTERNAL, "could not make a link to log in by");
	str_hex(hash, digest, sizeof(digest));
	db = open_database(home, "jqm");
	rc = db_exec(db, &up_login_link, params, NULL, err);
	db_free(db);
	return rc;
}

int
database_make(const struct home *home, const char *share_dir, struct err *err)
{
	struct db *db = open_database(home, "postgres");
	char *conninfo = cluster_conninfo(home, "jqm");
	struct db_result *rows = NULL;
	int rc = db_exec(db, &up_database_exists, NULL, &rows, err);

	if (rc == 0 && db_rows(rows) == 0)
		rc = db_exec_sql(db, "CREATE DATABASE jqm", err);
	db_result_free(rows);
	db_free(db);
	if (rc == 0)
		rc = database_upgrade(conninfo, share_dir, NULL, err);
	free(conninfo);
	return rc;
}

int
database_root_is_new(const char *conninfo, bool *out, struct err *err)
{
	struct db *db = db_new(conninfo, "jqm");
	struct db_result *rows = NULL;
	int rc = db_exec(db, &up_root_without_password, NULL, &rows, err);

	if (rc == 0)
		*out = db_rows(rows) == 1;
	db_result_free(rows);
	db_free(db);
	return rc;
}

int
database_first_password(const char *path, char out[FIRST_PASSWORD_SIZE], struct err *err)
{
	struct buf text = BUF_INIT(1000);
	struct err missing = ERR_INIT;
	char line[PASSWORD_CHARS + 2];
	int rc = 0;

	if (fd_read_file(path, &text, &missing) == 0 && text.len == PASSWORD_CHARS + 1 &&
	    text.data[PASSWORD_CHARS] == '\n') {
		memcpy(out, text.data, PASSWORD_CHARS);
		out[PASSWORD_CHARS] = '\0';
	} else if (random_text(out, PASSWORD_CHARS) == -1) {
		rc = err_set(err, ERR_INTERNAL, "could not make a random password");
	} else {
		memcpy(line, out, PASSWORD_CHARS);
		line[PASSWORD_CHARS] = '\n';
		rc = fd_write_file(path, 0600, line, PASSWORD_CHARS + 1, err);
		explicit_bzero(line, sizeof(line));
	}
	buf_forget(&text);
	return rc;
}

int
database_give_first_password(const char *conninfo, const char *password, struct err *err)
{
	char hash[PASSWORD_HASH_SIZE];
	const char *params[] = { hash };
	struct db *db = db_new(conninfo, "jqm");
	int rc = password_hash(password, hash, err);

	if (rc == 0)
		rc = db_exec(db, &up_root_password, params, NULL, err);
	db_free(db);
	return rc;
}

int
database_set_root_password(const struct home *home, struct err *err)
{
	char *conninfo = cluster_conninfo(home, "jqm");
	char *path = home_file(home, "root-password");
	char password[FIRST_PASSWORD_SIZE];
	bool is_new = false;
	int rc = database_root_is_new(conninfo, &is_new, err);

	if (rc == 0 && is_new) {
		rc = database_first_password(path, password, err);
		if (rc == 0)
			rc = database_give_first_password(conninfo, password, err);
		explicit_bzero(password, sizeof(password));
	}
	free(path);
	free(conninfo);
	return rc;
}

int
database_incarnation(const struct home *home, const char *node, long long *out, struct err *err)
{
	struct db *db = open_database(home, "jqm");
	struct db_result *rows = NULL;
	const char *params[] = { node };
	int rc = db_exec(db, &up_incarnation, params, &rows, err);

	if (rc == 0)
		*out = db_rows(rows) == 0 ? 0 : (long long)db_int64(rows, 0, 0);
	db_result_free(rows);
	db_free(db);
	return rc;
}

int
database_node_polls(const struct home *home, const char *node, struct err *err)
{
	struct db *db = open_database(home, "jqm");
	int rc = served_by_runner(db, node, err);

	db_free(db);
	return rc;
}
