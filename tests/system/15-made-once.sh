#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The database that scenarios copy (tests/lib/made_once.sh) is what the first "jqm up" makes; one process makes it.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
# shellcheck disable=SC2154 # of stack.sh
pg=$(dirname "$stack_psql")
other=$WORK/other
at_exit "$JQM" down --home "$other"
ok "a second home is made from nothing" "$JQM" up --detach --home "$other" --port "$(free_port)"
like "as its first start says" "$("$JQM" psql --home "$other" -XAtqc 'SELECT system_identifier FROM pg_control_system()')" '^[0-9]+$'

both=("$HOME_DIR" "$other")
# same WHAT COMMAND...: what it says of each of the two homes, by their path, is the same, and is something.
same() {
	local what=$1 home n=0
	shift
	for home in "${both[@]}"; do
		"$@" "$home" >"$WORK/said.$n" 2>&1 || diag "$what of $home: exit code $?"
		n=$((n + 1))
	done
	ok "$what: there is something to compare" test "$(wc -l <"$WORK/said.0")" -ge 3
	ok "$what is the same" diff "$WORK/said.0" "$WORK/said.1"
}
# A dump may begin with a word that nobody can guess.
schema() { "$pg/pg_dump" -h "$1/run" -U postgres --schema-only --create jqm | grep -vE '^\\(un)?restrict '; }
cluster() { "$pg/pg_dumpall" -h "$1/run" -U postgres --globals-only | grep -vE '^\\(un)?restrict '; }
ask() { "$JQM" psql --home "$2" -XAtqc "$1"; }
settings() { ask "SELECT name, setting FROM pg_settings WHERE setting !~ '^/' ORDER BY name" "$1"; }
databases() {
	ask "SELECT datname, encoding, datcollate, datctype, datlocprovider, datistemplate, datallowconn, datconnlimit, datacl FROM pg_database ORDER BY 1" "$1"
}
defaults() { # what the schema files have filled in, but for moments and secrets
	ask "SELECT version, name FROM jqm.schema_version ORDER BY 1;
	    SELECT key, value FROM jqm.global_parameter ORDER BY 1;
	    SELECT name, description, permissions FROM jqm.role ORDER BY 1;
	    SELECT name, description, default_queue FROM jqm.queue ORDER BY 1;
	    SELECT a.login, a.free_text, r.name, a.password_hash IS NULL FROM jqm.account AS a
	    LEFT JOIN jqm.account_role AS l ON l.account_id = a.id LEFT JOIN jqm.role AS r ON r.id = l.role_id ORDER BY 1, 3;
	    SELECT name, length(value) FROM jqm.cluster_secret ORDER BY 1" "$1"
}
files() { (cd "$1/db" && cat postgresql.conf pg_hba.conf pg_ident.conf PG_VERSION && stat -c '%n %a %U' . base global pg_wal postgresql.conf); }
control() { LC_ALL=C "$pg/pg_controldata" "$1/db" | grep -E 'version number|checksum version|Bytes per|Blocks per|size|length|setting:'; }

same "the schema, with its rights and comments" schema
same "what is of all databases: roles and their members" cluster
same "each database" databases
same "each setting" settings
same "what the schema fills in" defaults
same "configuration and rights of files" files
same "how its files are laid out" control

# Three at once, in a place of their own, where one was killed as it made it.
export JQM_TEST_MADE_ONCE=$WORK/place
mkdir -p "$JQM_TEST_MADE_ONCE/$(made_once_name).new/base" "$JQM_TEST_MADE_ONCE/0123456789abcdef0123"
for n in 1 2 3; do
	made_once "$WORK/at-once-$n" &
done
wait
identity() { LC_ALL=C "$pg/pg_controldata" "$1/db" | sed -n 's/^Database system identifier: *//p'; }
like "three that need it at once: the first has it" "$(identity "$WORK/at-once-1")" '^[0-9]{19}$'
is "the others have the same" "$(identity "$WORK/at-once-2") $(identity "$WORK/at-once-3")" \
    "$(identity "$WORK/at-once-1") $(identity "$WORK/at-once-1")"
is "what was half made or is out of date is gone" "$(ls "$JQM_TEST_MADE_ONCE")" "$(printf '%s\n' "$(made_once_name)" lock | sort)"
is "it was stopped in order" "$(LC_ALL=C "$pg/pg_controldata" "$WORK/at-once-1/db" | sed -n 's/^Database cluster state: *//p')" "shut down"

# Its name follows from what it is made of.
name=$(made_once_name)
is "the name is the same as long as nothing changes" "$(made_once_name)" "$name"
mkdir -p "$WORK/changed/share/jqm/sql" "$WORK/changed/bin"
cp "$JQM" "$WORK/changed/bin/jqm"
cp -R "$JQM_BIN/../share/jqm/sql/schema" "$WORK/changed/share/jqm/sql/"
name_there() { (JQM_BIN=$WORK/changed/bin && made_once_name); }
before=$(name_there)
echo "-- one line more" >>"$WORK/changed/share/jqm/sql/schema/0002_configuration.sql"
after=$(name_there)
nok "an edited schema file is another database" test "$before" = "$after"
echo >>"$WORK/changed/bin/jqm"
nok "so is another program" test "$(name_there)" = "$after"
done_testing
