#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What each of our accounts of the database may do: docs/database-rights.md has every row, and tells the truth.
# JQM_WRITE_RIGHTS=1 writes the table anew.
. "$(dirname "$0")/../lib/stack.sh"
FROM_NOTHING=1 stack_up --node alpha
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

# The same, tried: each table, view, sequence and function by each account, in each way.  EXPLAIN asks for the rights of what it
# explains and carries nothing out; where there is no such way, a failure takes back what was done.
cat >"$WORK/try.sql" <<'SQL'
DO $$
DECLARE
	t        record;
	c        record;
	v_may    text;
	v_whole  boolean;
	v_any    boolean;
	v_verb   text;
	v_order  text;
BEGIN
	FOR t IN SELECT r.relname, r.relkind, r.oid, regexp_replace(r.relname, '[0-9]+', 'N', 'g') AS name,
	    CASE r.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind
	    FROM pg_class AS r WHERE r.relnamespace = 'jqm'::regnamespace AND r.relkind IN ('r', 'p', 'v', 'S')
	    -- of history's many partitions the first and the last
	     AND (r.relname !~ '^history_[0-9]' OR r.oid IN (SELECT unnest(ARRAY[min(h.oid), max(h.oid)]) FROM pg_class AS h
	          WHERE h.relnamespace = r.relnamespace AND h.relkind = 'r' AND h.relname ~ '^history_[0-9]')) LOOP
		v_may := '';
		FOREACH v_verb IN ARRAY CASE t.relkind WHEN 'S' THEN '{U,S}' WHEN 'v' THEN '{S}' ELSE '{S,I,U,D,!}' END::text[] LOOP
			v_whole := true;
			v_any := false;
			FOR c IN SELECT CASE WHEN v_verb IN ('D', '!') OR t.relkind = 'S' THEN '' ELSE quote_ident(a.attname) END AS name,
			        min(CASE WHEN a.attidentity = 'a' THEN 'DEFAULT' ELSE 'NULL' END) AS value
			    FROM pg_attribute AS a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
			     AND (v_verb = 'S' OR a.attgenerated = '') GROUP BY 1 LOOP
				v_order := CASE WHEN v_verb = 'U' AND t.relkind = 'S' THEN format('SELECT nextval(%L)', 'jqm.' || t.relname)
				    WHEN v_verb = 'S' AND t.relkind = 'S' THEN format('EXPLAIN SELECT last_value FROM jqm.%I', t.relname)
				    WHEN v_verb = 'S' THEN format('EXPLAIN SELECT %s FROM jqm.%I', c.name, t.relname)
				    WHEN v_verb = 'I' THEN format('EXPLAIN INSERT INTO jqm.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s', t.relname, c.name,
				        (SELECT format('NULL::%s', format_type(a.atttypid, a.atttypmod)) FROM pg_attribute AS a
				          WHERE a.attrelid = t.oid AND quote_ident(a.attname) = c.name))
				    WHEN v_verb = 'U' THEN format('EXPLAIN UPDATE jqm.%I SET %s = %s', t.relname, c.name, c.value)
				    WHEN v_verb = 'D' THEN format('EXPLAIN DELETE FROM jqm.%I', t.relname)
				    ELSE format('TRUNCATE jqm.%I', t.relname) END;
				BEGIN
					EXECUTE v_order;
					v_any := true;
					IF v_verb = '!' THEN
						RAISE NOTICE 'emptied|%|!', t.relname;
						RAISE insufficient_privilege; -- takes it back
					END IF;
				EXCEPTION WHEN insufficient_privilege THEN
					-- A column of a view whose function is not for him: the view itself was.
					v_whole := v_whole AND SQLERRM LIKE 'permission denied for function %' AND t.relkind = 'v';
					v_any := v_any OR v_whole;
				END;
			END LOOP;
			v_may := v_may || CASE WHEN v_verb = '!' OR NOT v_any THEN '' WHEN v_whole THEN v_verb ELSE lower(v_verb) END;
		END LOOP;
		RAISE NOTICE '%|%|%', t.kind, t.name, v_may;
	END LOOP;
	FOR t IN SELECT p.proname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
	    (SELECT coalesce(string_agg(CASE WHEN p.provariadic <> 0 AND n = p.pronargs THEN 'VARIADIC ' ELSE '' END || 'a.x' || n, ', ' ORDER BY n), '')
	       FROM generate_series(1, p.pronargs) AS n) AS given,
	    (SELECT coalesce(string_agg(format('NULL::%s AS x%s', format_type(p.proargtypes[n - 1], NULL), n), ', ' ORDER BY n), '')
	       FROM generate_series(1, p.pronargs) AS n) AS nulls
	    FROM pg_proc AS p WHERE p.pronamespace = 'jqm'::regnamespace AND p.prorettype <> 'trigger'::regtype LOOP
		BEGIN
			-- Arguments that are not known before: nothing is reckoned while it is planned.
			EXECUTE format('EXPLAIN SELECT jqm.%I(%s) FROM (SELECT %s OFFSET 0) AS a', t.proname, t.given, t.nulls);
			RAISE NOTICE 'function|%|X', t.name;
		EXCEPTION WHEN insufficient_privilege THEN
			NULL;
		END;
	END LOOP;
END
$$;
SQL
n=0
for role in "${roles[@]}"; do
	n=$((n + 1))
	"$JQM" psql --home "$HOME_DIR" -U "$role" -XAtq -v ON_ERROR_STOP=1 -f "$WORK/try.sql" 2>&1 | sed 's/^.*NOTICE:  //' |
		LC_ALL=C sort -u | awk -F'|' '{ all[$1 "|" $2] = all[$1 "|" $2] sep[$1 "|" $2] $3; sep[$1 "|" $2] = "/" }
			END { for (k in all) if (all[k] !~ /^\/*$/) print k "|" all[k] }' | LC_ALL=C sort >"$WORK/tried"
	# The row of the table: what it says of this account, without what is nobody's to try (the schema).
	sed -n 's/^| \([a-z]*\) | `\(.*\)` | \(.*\) |$/\1|\2|\3/p' "$doc" | awk -F'|' -v c="$((n + 2))" \
		'{ may = $c; gsub(/ /, "", may); if (may != "" && $1 != "schema") print $1 "|" $2 "|" may }' | LC_ALL=C sort >"$WORK/told"
	is "what $role can do is what the table tells, and no more (- told, + can)" "$(diff -U0 "$WORK/told" "$WORK/tried" | grep '^[-+][a-z]')" ""
	ok "of $role a right is told" test -s "$WORK/told"
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
