/* SPDX-License-Identifier: Apache-2.0 */
/* Rights in the schema are those that sql/schema grants: to our roles, and nobody else. */
#include "base/err.h"
#include "cli/doctor/doctor.h"
#include "db/db.h"

/* Tables, views, sequences, functions, columns and the schema itself; and who got what. */
#define GRANTS                                                                                   \
	"WITH owner AS (SELECT oid FROM pg_roles WHERE rolname = 'jqm_owner'),"                  \
	" granted AS ("                                                                          \
	" SELECT c.oid::regclass::text AS object, c.relkind::text AS kind, a.*"                  \
	" FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.relnamespace = "                 \
	"'jqm'::regnamespace"                                                                    \
	" UNION ALL SELECT c.oid::regclass || '.' || t.attname, 'c', a.* FROM pg_class AS c"     \
	" JOIN pg_attribute AS t ON t.attrelid = c.oid, aclexplode(t.attacl) AS a"               \
	" WHERE c.relnamespace = 'jqm'::regnamespace"                                            \
	" UNION ALL SELECT p.oid::regprocedure::text, 'f', a.* FROM pg_proc AS p,"               \
	" aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a"                      \
	" WHERE p.pronamespace = 'jqm'::regnamespace"                                            \
	" UNION ALL SELECT 'schema jqm', 'n', a.* FROM pg_namespace AS n, aclexplode(n.nspacl) " \
	"AS a"                                                                                   \
	" WHERE n.nspname = 'jqm')"                                                              \
	" SELECT g.object, coalesce(r.rolname, 'everybody'), lower(g.privilege_type) FROM "      \
	"granted AS g"                                                                           \
	" LEFT JOIN pg_roles AS r ON r.oid = g.grantee WHERE g.grantee <> (SELECT oid FROM owner)"

DB_STMT(doctor_strangers) = {
	.name = "doctor_strangers",
	.text = GRANTS " AND coalesce(r.rolname, '') NOT IN ('jqm_api', 'jqm_runner', "
		       "'jqm_notifier', 'jqm_events',"
		       " 'jqm_client', 'jqm_backup') ORDER BY 1, 2, 3 LIMIT 21",
	.read_only = true,
};
/*
 * Runners and clients call functions; a dump reads; nobody but the owner empties tables, makes triggers, or makes
 * anything in the schema.
 */
DB_STMT(doctor_too_much) = {
	.name = "doctor_too_much",
	.text = GRANTS
	" AND (g.privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'CREATE') OR "
	"g.is_grantable"
	" OR (r.rolname IN ('jqm_runner', 'jqm_notifier', 'jqm_events', 'jqm_client', "
	"'jqm_backup')"
	" AND g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE'))"
	" OR (r.rolname IN ('jqm_runner', 'jqm_notifier', 'jqm_events', 'jqm_client') AND "
	"g.privilege_type = "
	"'SELECT'"
	" AND g.object <> 'jqm.schema_version')"
	" OR (r.rolname = 'jqm_backup' AND g.kind = 'f'))"
	" AND r.rolname LIKE 'jqm\\_%' ORDER BY 1, 2, 3 LIMIT 21",
	.read_only = true,
};
DB_STMT(doctor_owners) = {
	.name = "doctor_owners",
	.text =
	    "SELECT c.oid::regclass::text, r.rolname, 'owns' FROM pg_class AS c"
	    " JOIN pg_roles AS r ON r.oid = c.relowner WHERE c.relnamespace = 'jqm'::regnamespace"
	    " AND r.rolname <> 'jqm_owner'"
	    " UNION ALL SELECT p.oid::regprocedure::text, r.rolname, 'owns' FROM pg_proc AS p"
	    " JOIN pg_roles AS r ON r.oid = p.proowner WHERE p.pronamespace = 'jqm'::regnamespace"
	    " AND r.rolname <> 'jqm_owner' ORDER BY 1 LIMIT 21",
	.read_only = true,
};

/* A line for each row (object, role, right); how many, or -1. */
static int
tell(struct doctor *doctor, const struct db_stmt *stmt, const char *repair, const char *why)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	int n;

	if (db_exec(doctor->db, stmt, NULL, &rows, &err) == -1) {
		doctor_unread(doctor, "rights", &err);
		return -1;
	}
	n = db_rows(rows);
	for (int i = 0; i < n; i++)
		doctor_say(doctor, FINDING_WRONG, db_text(rows, i, 0), repair, "%s: %s, %s",
			   db_text(rows, i, 1), db_text(rows, i, 2), why);
	db_result_free(rows);
	return n;
}

void
doctor_check_rights(struct doctor *doctor)
{
	int n = 0;

	if (doctor->db == NULL)
		return;
	n |= tell(doctor, &doctor_strangers, "REVOKE it, or grant a role of JQM to that login",
		  "and is no role of JQM");
	n |= tell(doctor, &doctor_too_much, "REVOKE it", "which the schema does not grant");
	n |= tell(doctor, &doctor_owners, "ALTER ... OWNER TO jqm_owner", "and is not jqm_owner");
	if (n == 0)
		doctor_say(doctor, FINDING_OK, "rights", NULL,
			   "nobody but the roles of JQM has any, and none has more than its part");
}
