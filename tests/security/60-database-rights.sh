#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What each of our accounts of the database may do: docs/database-rights.md has every row, and tells the truth.
# JQM_WRITE_RIGHTS=1 writes the table anew.
. "$(dirname "$0")/../lib/stack.sh"
stack_up --node alpha
# shellcheck disable=SC2154 # of tap.sh
doc=$here/../docs/database-rights.md
roles=(jqm_api jqm_runner jqm_notifier jqm_events jqm_client jqm_backup)

# | object | rights of each role |; partitions of history, and keys, are as many as there are jobs.
rights() {
	sql "
	WITH role (name, n) AS (SELECT * FROM unnest('{$(IFS=,; echo "${roles[*]}")}'::text[]) WITH ORDINALITY),
	relation AS (
		SELECT regexp_replace(c.relname, '[0-9]+', 'N', 'g') AS name, r.n,
		       CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
		       CASE WHEN c.relkind = 'S' THEN CASE WHEN has_sequence_privilege(r.name, c.oid, 'USAGE') THEN 'U' ELSE '' END
		           || CASE WHEN has_sequence_privilege(r.name, c.oid, 'SELECT') THEN 'S' ELSE '' END
		       ELSE CASE WHEN has_table_privilege(r.name, c.oid, 'SELECT') THEN 'S'
		                 WHEN has_any_column_privilege(r.name, c.oid, 'SELECT') THEN 's' ELSE '' END
		           || CASE WHEN has_table_privilege(r.name, c.oid, 'INSERT') THEN 'I'
		                   WHEN has_any_column_privilege(r.name, c.oid, 'INSERT') THEN 'i' ELSE '' END
		           || CASE WHEN has_table_privilege(r.name, c.oid, 'UPDATE') THEN 'U'
		                   WHEN has_any_column_privilege(r.name, c.oid, 'UPDATE') THEN 'u' ELSE '' END
		           || CASE WHEN has_table_privilege(r.name, c.oid, 'DELETE') THEN 'D' ELSE '' END
		           || CASE WHEN has_table_privilege(r.name, c.oid, 'TRUNCATE, TRIGGER, REFERENCES') THEN '!' ELSE '' END END AS may
		  FROM pg_class AS c, role AS r
		 WHERE c.relnamespace = 'jqm'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
	), routine AS (
		SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name, r.n, 'function' AS kind,
		       CASE WHEN has_function_privilege(r.name, p.oid, 'EXECUTE') THEN 'X' ELSE '' END AS may
		  FROM pg_proc AS p, role AS r WHERE p.pronamespace = 'jqm'::regnamespace
	), schema AS (
		SELECT 'schema jqm' AS name, r.n, 'schema' AS kind,
		       CASE WHEN has_schema_privilege(r.name, 'jqm', 'USAGE') THEN 'U' ELSE '' END
		       || CASE WHEN has_schema_privilege(r.name, 'jqm', 'CREATE') THEN 'C' ELSE '' END AS may FROM role AS r
	), every AS (
		SELECT kind, name, n, string_agg(DISTINCT may, '/' ORDER BY may) AS may
		  FROM (SELECT * FROM relation UNION ALL SELECT name, n, kind, may FROM routine UNION ALL SELECT name, n, kind, may FROM schema) AS a
		 GROUP BY kind, name, n
	)
	SELECT '| ' || kind || ' | \`' || name || '\` | ' || string_agg(may, ' | ' ORDER BY n) || ' |' FROM every
	 GROUP BY kind, name HAVING kind NOT IN ('function', 'sequence') OR string_agg(may, '') <> '' ORDER BY kind DESC, name"
}

rights >"$WORK/is"
[ -z "${JQM_WRITE_RIGHTS:-}" ] || {
	sed -i '/^| [a-z]* | `/d' "$doc"
	cat "$WORK/is" >>"$doc"
}
grep '^| [a-z]* | `' "$doc" | sort >"$WORK/written"
sort "$WORK/is" >"$WORK/sorted"
is "every right is in the table, and no other (- written, + is)" "$(diff -U0 "$WORK/written" "$WORK/sorted" | grep '^[-+]|')" ""
ok "it is about tables, views and functions" test "$(wc -l <"$WORK/is")" -gt 100

# The same, tried: reading and deleting each table and view, as each account.
for role in "${roles[@]}"; do
	"$JQM" psql --home "$HOME_DIR" -U "$role" -XAtq >"$WORK/tried" 2>&1 <<-'SQL'
	DO $$
	DECLARE
		t record;
		v_may  text;
		v_told text;
	BEGIN
		FOR t IN SELECT c.relname, c.relkind, c.oid FROM pg_class AS c WHERE c.relnamespace = 'jqm'::regnamespace
		    AND c.relkind IN ('r', 'p', 'v') ORDER BY 1 LOOP
			v_may := '';
			BEGIN
				EXECUTE format('SELECT FROM jqm.%I LIMIT 0', t.relname);
				v_may := v_may || 'S';
			EXCEPTION WHEN insufficient_privilege THEN NULL;
			END;
			IF t.relkind <> 'v' THEN
				BEGIN
					EXECUTE format('DELETE FROM jqm.%I WHERE false', t.relname);
					v_may := v_may || 'D';
				EXCEPTION WHEN insufficient_privilege THEN NULL;
				END;
			END IF;
			v_told := CASE WHEN has_any_column_privilege(t.oid, 'SELECT') THEN 'S' ELSE '' END
			    || CASE WHEN t.relkind <> 'v' AND has_table_privilege(t.oid, 'DELETE') THEN 'D' ELSE '' END;
			IF v_may <> v_told THEN
				RAISE WARNING '%: "%" was possible', t.relname, v_may;
			END IF;
		END LOOP;
	END
	$$;
	SQL
	is "what $role may read and delete is what it can" "$(cat "$WORK/tried")" ""
done

# What a web server, a runner and a client must not see or do, whatever the table says some day.
as() { "$JQM" psql --home "$HOME_DIR" -U "$1" -XAtqc "$2" 2>&1; }
for role in jqm_api jqm_runner jqm_notifier jqm_events jqm_client jqm_backup; do
	like "$role does not read the cluster's secrets" "$(as "$role" 'SELECT * FROM jqm.cluster_secret')" 'permission denied'
	like "$role makes nothing in the schema" "$(as "$role" 'CREATE TABLE jqm.x ()')" 'permission denied'
done
for role in jqm_runner jqm_client jqm_notifier jqm_events; do
	like "$role changes no definition" "$(as "$role" "UPDATE jqm.job_def SET path = 'x'")" 'permission denied'
	like "$role does not read parameters of jobs" "$(as "$role" 'SELECT parameters FROM jqm.job_instance')" 'permission denied'
done
done_testing
