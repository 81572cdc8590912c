/* SPDX-License-Identifier: Apache-2.0 */
/* What only an administrator of the database server can do: roles, their passwords, the database. */
#include "cli/setup/setup.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/up/database.h"
#include "conf/password_file.h"
#include "db/db.h"

#define POSTGRES "postgres"
#define PASSFILE_MAX_BYTES 65536

/* Roles that nobody logs in as until somebody gives them a password. */
static const char *const other_roles[] = { "jqm_client", "jqm_backup" };

DB_STMT(setup_role_exists) = {
	.name = "setup_role_exists",
	.text = "SELECT 1 FROM pg_roles WHERE rolname = $1",
	.n_params = 1,
	.read_only = true,
};
DB_STMT(setup_is_owner) = {
	.name = "setup_is_owner",
	/* From PostgreSQL 16 on who makes a role is its member at once, and yet may not act as it. */
	.text = "SELECT pg_has_role(current_user, oid, CASE WHEN"
		" current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)"
		" FROM pg_roles WHERE rolname = 'jqm_owner'",
	.read_only = true,
};
DB_STMT(setup_database_encoding) = {
	.name = "setup_database_encoding",
	.text = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = $1",
	.n_params = 1,
	.read_only = true,
};

/* verb: what to do with role, whose name is a plain word; its password, if it has one, goes as its verifier. */
static int
change_role(struct db *db, const char *verb, const char *role, const char *password,
	    struct err *err)
{
	char *verifier = NULL, *sql;
	int rc = 0;

	if (password != NULL) {
		verifier = db_password_verifier(db, role, password, err);
		rc = verifier == NULL ? -1 : 0;
	}
	sql = password == NULL ? str_printf("%s ROLE %s LOGIN", verb, role)
			       : str_printf("%s ROLE %s LOGIN PASSWORD '%s'", verb, role,
					    verifier == NULL ? "" : verifier);
	if (rc == 0)
		rc = db_exec_sql(db, sql, err);
	str_forget(sql);
	free(verifier);
	return rc;
}

static int
make_role(struct setup *setup, struct db *db, const char *role, bool with_password, struct err *err)
{
	struct db_result *rows = NULL;
	char *password = with_password ? setup_password_of(setup->passwords, role) : NULL;
	bool is_there;
	int rc = db_exec(db, &setup_role_exists, &role, &rows, err);

	is_there = rc == 0 && db_rows(rows) == 1;
	db_result_free(rows);
	if (rc == 0 && with_password && password == NULL &&
	    (!is_there || setup->wish.new_passwords))
		rc = err_set(err, ERR_INVALID,
			     "\"%s\" has no line \"*:*:*:%s:PASSWORD\": add it, or take the file "
			     "away",
			     setup->places.passfile, role);
	if (rc == 0 && !is_there) {
		rc = change_role(db, "CREATE", role, password, err);
		if (rc == 0)
			setup_did(setup, "made role %s", role);
	} else if (rc == 0 && with_password && setup->wish.new_passwords) {
		rc = change_role(db, "ALTER", role, password, err);
		if (rc == 0)
			setup_did(setup, "gave role %s another password", role);
	}
	str_forget(password);
	return rc;
}

/* Who makes the schema works as its owner; a superuser may anyhow. */
static int
join_owner(struct db *db, struct err *err)
{
	struct db_result *rows = NULL;
	int rc = db_exec(db, &setup_is_owner, NULL, &rows, err);

	if (rc == 0 && !db_bool(rows, 0, 0))
		rc = db_exec_sql(db, "GRANT jqm_owner TO CURRENT_USER", err);
	db_result_free(rows);
	return rc;
}

static int
make_database(struct setup *setup, struct db *db, const char *name, struct err *err)
{
	struct db_result *rows = NULL;
	char *sql;
	int rc = db_exec(db, &setup_database_encoding, &name, &rows, err);

	if (rc == 0 && db_rows(rows) == 1) {
		if (strcmp(db_text(rows, 0, 0), "UTF8") != 0)
			rc = err_set(err, ERR_INVALID,
				     "database \"%s\" is there and has encoding %s: it must be "
				     "UTF8",
				     name, db_text(rows, 0, 0));
	} else if (rc == 0) {
		/* Whatever language the server was installed in. */
		sql = str_printf("CREATE DATABASE %s ENCODING 'UTF8' LC_COLLATE 'C.UTF-8'"
				 " LC_CTYPE 'C.UTF-8' TEMPLATE template0",
				 name);
		rc = db_exec_sql(db, sql, err);
		free(sql);
		if (rc == 0)
			setup_did(setup, "made database %s", name);
	}
	db_result_free(rows);
	return rc;
}

int
setup_schema(struct setup *setup, const char *conninfo, struct err *err)
{
	int applied = 0, rc;

	if (setup->share == NULL)
		return err_set(err, ERR_NOT_FOUND,
			       "there are no schema files beside the programs in \"%s\": install "
			       "package jqm-runner",
			       setup->bin);
	rc = database_upgrade(conninfo, setup->share, &applied, err);
	if (rc == -1)
		return err_prefix(err, "the schema");
	if (applied > 0) {
		setup->report->schema_changed = true;
		setup_did(setup, "applied %d schema files", applied);
	}
	return 0;
}

static int
make_all(struct setup *setup, struct db *db, const char *name, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < setup_roles_len && rc == 0; i++)
		rc = make_role(setup, db, setup_roles[i], true, err);
	for (size_t i = 0; i < sizeof(other_roles) / sizeof(other_roles[0]) && rc == 0; i++)
		rc = make_role(setup, db, other_roles[i], false, err);
	if (rc == 0)
		rc = join_owner(db, err);
	return rc == 0 ? make_database(setup, db, name, err) : -1;
}

static bool
is_plain_word(const char *name)
{
	return name != NULL && name[0] >= 'a' && name[0] <= 'z' && strlen(name) <= 63 &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* The administrator's connection string with the database to begin in, in fresh memory. */
static char *
admin_conninfo(const char *admin)
{
	char *database = db_conninfo_value(admin, "dbname");
	char *out = database != NULL ? str_dup(admin) : db_conninfo_with(admin, "dbname", POSTGRES);

	free(database);
	return out;
}

static int
work_as_admin(struct setup *setup, struct err *err)
{
	char *name = db_conninfo_value(setup->conninfo, "dbname");
	char *conninfo = admin_conninfo(setup->wish.admin), *ours;
	struct db *db = db_new(conninfo, "jqm setup");
	int rc = db_connect(db, err);

	if (rc == -1) {
		(void)err_prefix(err, "as administrator");
	} else if (!is_plain_word(name)) {
		rc = err_set(err, ERR_INVALID,
			     "the database's name must be given, of a-z 0-9 _: --database "
			     "\"host=... dbname=jqm\"");
	} else {
		rc = make_all(setup, db, name, err);
		ours = db_conninfo_with(conninfo, "dbname", name);
		if (rc == 0)
			rc = setup_schema(setup, ours, err);
		free(ours);
	}
	db_free(db);
	free(conninfo);
	free(name);
	return rc;
}

/* The account whose name the server goes by: over a socket, if no user is named and we may be anybody. */
static int
find_account(const struct setup *setup, struct account *out, struct err *err)
{
	char *host = db_conninfo_value(setup->wish.admin, "host");
	char *user = db_conninfo_value(setup->wish.admin, "user");
	bool is_peer = setup->is_root && user == NULL && (host == NULL || host[0] == '/');
	const struct passwd *entry = is_peer ? getpwnam(POSTGRES) : NULL;

	free(user);
	free(host);
	if (is_peer && entry == NULL)
		return err_set(err, ERR_NOT_FOUND,
			       "there is no account " POSTGRES
			       " on this machine: install package postgresql, or name the "
			       "database by --admin or --database");
	if (is_peer)
		account_of_uid(entry->pw_uid, out);
	return 0;
}

int
setup_admin(struct setup *setup, struct err *err)
{
	const char *password_file = setup->wish.admin_password_file;
	struct account account = ACCOUNT_INIT;
	struct buf text = BUF_INIT(PASSFILE_MAX_BYTES);
	char *password = NULL;
	int rc;

	if (setup->wish.admin == NULL)
		return 0;
	rc = find_account(setup, &account, err);
	if (rc == 0 && password_file != NULL) {
		password = password_file_read(password_file, err);
		rc = password == NULL ? -1 : setenv("PGPASSWORD", password, 1);
	}
	if (rc == 0)
		rc = fd_read_file(setup->places.passfile, &text, err);
	setup->passwords = buf_take(&text);
	if (rc == 0)
		rc = setup_as(setup, account.name != NULL ? &account : NULL, work_as_admin, err);
	(void)unsetenv("PGPASSWORD");
	str_forget(setup->passwords);
	setup->passwords = NULL;
	str_forget(password);
	account_free(&account);
	return rc;
}
