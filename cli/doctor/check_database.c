/* SPDX-License-Identifier: Apache-2.0 */
/* The database answers, its schema fits, and each program comes to it as the role that has no more rights than it needs. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/up/cluster.h"
#include "db/db.h"
#include "db/migrate.h"

DB_STMT(doctor_who) = {
	.name = "doctor_who",
	.text =
	    "SELECT current_user, r.rolsuper, r.rolcreaterole OR r.rolcreatedb OR r.rolreplication"
	    " OR r.rolbypassrls, pg_has_role('jqm_owner', 'MEMBER'),"
	    " inet_server_addr() IS NOT NULL"
	    " AND NOT inet_server_addr() <<= '127.0.0.0/8' AND inet_server_addr() <> '::1',"
	    " coalesce((SELECT s.ssl FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()), false)"
	    " FROM pg_roles AS r WHERE r.rolname = current_user",
	.read_only = true,
};
DB_STMT(doctor_roles) = {
	.name = "doctor_roles",
	.text = "SELECT w.name, r.rolname IS NOT NULL, coalesce(r.rolsuper OR r.rolcreaterole"
		" OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls, false),"
		" (SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_auth_members AS m"
		" JOIN pg_roles AS g ON g.oid = m.roleid WHERE m.member = r.oid"
		/* by which it tells the age of old snapshots (sql/schema/0001) */
		" AND NOT (r.rolname = 'jqm_owner' AND g.rolname = 'pg_read_all_stats'))"
		" FROM "
		"unnest('{jqm_owner,jqm_api,jqm_runner,jqm_notifier,jqm_events,jqm_client,jqm_"
		"backup}'::text[])"
		" AS w(name) LEFT JOIN pg_roles AS r ON r.rolname = w.name ORDER BY w.name",
	.read_only = true,
};
DB_STMT(doctor_old_hashes) = {
	.name = "doctor_old_hashes",
	.text =
	    "SELECT rolname FROM pg_authid WHERE rolname LIKE 'jqm\\_%' AND rolpassword LIKE 'md5%'"
	    " ORDER BY rolname",
	.read_only = true,
};

/* The roles of the programs that are started with this configuration. */
static const struct {
	const char *program, *role;
} programs[] = {
	{ "jqm-fcgi", "jqm_api" },
	{ "jqm-runner", "jqm_runner" },
	{ "jqm-notifier", "jqm_notifier" },
	{ "jqm-events", "jqm_events" },
};

/* What one program's connection may do. */
static void
check_program(struct doctor *doctor, const char *conninfo, const char *program, const char *role)
{
	char *as_role = db_conninfo_as(conninfo, role);
	struct db *db = db_new(as_role, "jqm doctor");
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	if (db_exec(db, &doctor_who, NULL, &rows, &err) == -1) {
		doctor_say(doctor, FINDING_WRONG, program,
			   "see database:conninfo and the server's pg_hba.conf",
			   "cannot use the database as %s: %s", role, err.text);
	} else if (db_bool(rows, 0, 1) || db_bool(rows, 0, 2) || db_bool(rows, 0, 3)) {
		doctor_say(doctor, FINDING_WRONG, program,
			   "take user= out of database:conninfo: each program knows its role",
			   "comes to the database as %s, which %s", db_text(rows, 0, 0),
			   db_bool(rows, 0, 1)   ? "is a superuser"
			   : db_bool(rows, 0, 3) ? "owns the schema"
						 : "may make roles or databases, or read all");
	} else if (db_bool(rows, 0, 4) && !db_bool(rows, 0, 5)) {
		doctor_say(doctor, FINDING_WRONG, program,
			   "add sslmode=verify-full to database:conninfo",
			   "talks to a database on another machine without encryption");
	} else {
		doctor_say(doctor, FINDING_OK, program, NULL, "comes to the database as %s",
			   db_text(rows, 0, 0));
	}
	db_result_free(rows);
	db_free(db);
	free(as_role);
}

static void
check_roles(struct doctor *doctor)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	int wrong = 0;

	if (db_exec(doctor->db, &doctor_roles, NULL, &rows, &err) == -1) {
		doctor_unread(doctor, "roles", &err);
		return;
	}
	for (int i = 0; i < db_rows(rows); i++) {
		const char *role = db_text(rows, i, 0), *member_of = db_text(rows, i, 3);

		if (db_bool(rows, i, 1) && !db_bool(rows, i, 2) && member_of == NULL)
			continue;
		wrong++;
		if (!db_bool(rows, i, 1))
			doctor_say(doctor, FINDING_WRONG, role, "make it: CREATE ROLE ... LOGIN",
				   "there is no such role");
		else if (db_bool(rows, i, 2))
			doctor_say(
			    doctor, FINDING_WRONG, role,
			    "ALTER ROLE ... NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION "
			    "NOBYPASSRLS",
			    "has rights on the whole server");
		else
			doctor_say(doctor, FINDING_WRONG, role, "REVOKE ... FROM it",
				   "has all rights of %s, too", member_of);
	}
	if (wrong == 0)
		doctor_say(doctor, FINDING_OK, "roles", NULL, "have no rights on the server");
	db_result_free(rows);
}

/* Only a superuser sees how passwords of roles are kept. */
static void
check_hashes(struct doctor *doctor)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	if (db_exec(doctor->db, &doctor_old_hashes, NULL, &rows, &err) == -1) {
		doctor_say(doctor, FINDING_NOTE, "passwords of roles", NULL,
			   "are not seen by role %s: a superuser can look into pg_authid",
			   doctor->db_role);
		return;
	}
	for (int i = 0; i < db_rows(rows); i++)
		doctor_say(doctor, FINDING_WRONG, db_text(rows, i, 0),
			   "set password_encryption = 'scram-sha-256', and the password anew",
			   "its password is kept as MD5");
	if (db_rows(rows) == 0)
		doctor_say(doctor, FINDING_OK, "passwords of roles", NULL, "none is kept as MD5");
	db_result_free(rows);
}

static void
check_schema(struct doctor *doctor)
{
	struct err err = ERR_INIT;

	switch (migrate_check_ours(doctor->db, &err)) {
	case MIGRATE_SAME:
		doctor_say(doctor, FINDING_OK, "schema", NULL, "is that of these programs");
		break;
	case MIGRATE_UNKNOWN:
		doctor_say(doctor, FINDING_NOTE, "schema", NULL, "was not compared: %s", err.text);
		break;
	default:
		doctor_say(doctor, FINDING_WRONG, "schema",
			   "jqm db upgrade, or the programs of the newer schema", "%s", err.text);
		break;
	}
}

/* The first role that may connect: the more it sees the better. */
static bool
connect(struct doctor *doctor, const char *conninfo, struct err *err)
{
	static const char *const roles[] = { "jqm_owner", "jqm_api" };
	bool has_home = doctor->home.path != NULL;

	for (size_t i = 0; i < (has_home ? 1 : sizeof(roles) / sizeof(roles[0])); i++) {
		char *as_role = has_home ? cluster_conninfo(&doctor->home, "jqm")
					 : db_conninfo_as(conninfo, roles[i]);

		doctor->db = db_new(as_role, "jqm doctor");
		doctor->db_role = has_home ? "postgres" : roles[i];
		free(as_role);
		if (db_connect(doctor->db, err) == 0)
			return true;
		db_free(doctor->db);
		doctor->db = NULL;
	}
	return false;
}

void
doctor_check_database(struct doctor *doctor)
{
	const char *conninfo = doctor_setting(doctor, "database:conninfo");
	struct err err = ERR_INIT;
	pid_t pid;

	if (conninfo == NULL) {
		doctor_say(doctor, FINDING_WRONG, "database:conninfo", "give it",
			   "no database is known: nothing of it was looked at");
		return;
	}
	if (!connect(doctor, conninfo, &err)) {
		bool is_down =
		    doctor->home.path != NULL && home_supervisor(&doctor->home, &pid, &err) == 0;

		doctor_say(doctor, is_down ? FINDING_NOTE : FINDING_WRONG, "database",
			   is_down ? "jqm up" : "start it, or see database:conninfo",
			   is_down ? "the home is not up: nothing of its database was looked at"
				   : "%s",
			   err.text);
		return;
	}
	check_schema(doctor);
	check_roles(doctor);
	check_hashes(doctor);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		check_program(doctor, conninfo, programs[i].program, programs[i].role);
}
