#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jqm doctor looks at the database of a real home, its certificates, its switches, its programs: each thing that is
# broken is told, and no longer once it is mended.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
ini=$HOME_DIR/conf/jqm.ini
said=
code=
look() {
	said=$("$JQM" doctor --home "$HOME_DIR" 2>"$WORK/words")
	code=$?
}
told() { like "$1" "$said" "$2"; }

look
is "a fresh home has nothing wrong" $code 0
for group in configuration files account sockets database rights switches certificates nodes tables clock disk logs programs; do
	told "group $group looked" "^(ok|note): $group: "
done
told "root's first password is told, not shown" '^note: switches: root: still has the password of the first start'
told "a key of the authority in clear is told" '^note: certificates: authority: its private key is in the database in clear'
unlike "no password is in what it says" "$said" "$(cat "$HOME_DIR/root-password")"

# All of these at once: a look costs a second.
sql "ALTER ROLE jqm_api CREATEDB; GRANT jqm_owner TO jqm_runner; CREATE ROLE stranger; GRANT SELECT ON jqm.account TO stranger;
     GRANT TRUNCATE ON jqm.queue TO jqm_api; GRANT SELECT ON jqm.job_instance TO jqm_client;
     GRANT EXECUTE ON FUNCTION jqm.promote_due() TO PUBLIC; ALTER TABLE jqm.global_parameter OWNER TO postgres;
     SET password_encryption = 'md5'; ALTER ROLE jqm_client PASSWORD 'x';
     INSERT INTO jqm.global_parameter (key, value) VALUES ('openBeyondLoopback', 'true'), ('allowClearHttp', 'true');
     UPDATE jqm.global_parameter SET value = 'false' WHERE key = 'enableWsApiAuth';
     UPDATE jqm.pki_root SET not_after = now() + interval '20 days';
     SELECT jqm.node_register('gone', gen_random_uuid(), 2000, '/j', '/d', '/t', 'localhost', 1);
     UPDATE jqm.node SET lease_until = now() - interval '1 hour' WHERE name = 'gone';
     SELECT pg_create_physical_replication_slot('forgotten', true)" >/dev/null
# An administrator whose password is the login, kept as JQM kept it.
hash=$(python3 -c 'import hashlib
h = hashlib.sha512(bytes(16) + b"boss").digest()
for _ in range(99999): h = hashlib.sha512(h).digest()
print("$jqm-sha512$" + "00" * 16 + "$" + h.hex())')
sql "WITH a AS (INSERT INTO jqm.account (login, password_hash) VALUES ('boss', '$hash') RETURNING id)
     INSERT INTO jqm.account_role SELECT a.id, r.id FROM a, jqm.role AS r WHERE r.name = 'administrator'" >/dev/null
# A server and two of its own certificates: one is over, one has another key.
mkdir -p "$WORK/pki"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/pki/key.pem" -out "$WORK/pki/cert.pem" \
	-subj /CN=external.example.org -days 3 >/dev/null 2>&1
openssl ecparam -genkey -name prime256v1 -out "$WORK/pki/other.pem" 2>/dev/null
openssl x509 -in "$WORK/pki/cert.pem" -signkey "$WORK/pki/key.pem" -days -1 -out "$WORK/pki/old.pem" 2>/dev/null
printf '[ca]\ndefault_ca = own\n[own]\ndatabase = %s/pki/index\ndefault_md = sha256\n' "$WORK" >"$WORK/pki/ca.conf"
: >"$WORK/pki/index"
openssl ca -gencrl -config "$WORK/pki/ca.conf" -keyfile "$WORK/pki/key.pem" -cert "$WORK/pki/cert.pem" -crlhours 2 \
	-out "$WORK/pki/crl.pem" 2>/dev/null
chmod 600 "$WORK"/pki/*.pem
cp "$ini" "$WORK/kept.ini"
cat >>"$ini" <<-END
	[pki]
	certificate = "$WORK/pki/cert.pem"
	key = "$WORK/pki/other.pem"
	trust = "$WORK/pki/old.pem"
	crl = "$WORK/pki/crl.pem"
END
look
is "with all of it broken the exit code tells" $code 1
told "a role with rights on the server" '^wrong: database: jqm_api: has rights on the whole server'
told "a role that is the owner's" '^wrong: database: jqm_runner: has all rights of jqm_owner'
told "and the program that comes as it" '^wrong: database: jqm-runner: comes to the database as jqm_runner, which owns'
told "a password kept as MD5" '^wrong: database: jqm_client: its password is kept as MD5'
told "a stranger's right" '^wrong: rights: jqm.account: stranger: select'
told "a right to empty a table" '^wrong: rights: jqm.queue: jqm_api: truncate'
told "a client that reads a table" '^wrong: rights: jqm.job_instance: jqm_client: select'
told "a function everybody may call" '^wrong: rights: jqm.promote_due\(\): everybody: execute'
told "a table that belongs to a superuser" '^wrong: rights: jqm.global_parameter: postgres: owns'
told "authentication that is off" '^wrong: switches: enableWsApiAuth: authentication is off'
told "and for everybody" '^wrong: switches: openBeyondLoopback: '
told "TLS that is not needed, while only the loopback is reached" '^note: switches: allowClearHttp: '
told "a root that ends soon" '^wrong: certificates: root 1 .CURRENT.: its certificate ends in (19|20) days'
told "a revocation list that ends today" '^wrong: certificates: .*/pki/crl.pem: the revocation list ends in 0 days'
told "an external certificate that ends soon" '^wrong: certificates: .*/pki/cert.pem: CN=external.example.org ends in (2|3) days'
told "a key that is not the certificate's" '^wrong: certificates: .*/pki/other.pem: is not the key'
told "an authority's certificate that is over" '^wrong: certificates: .*/pki/old.pem: CN=external.example.org ended 1 days ago'
told "an administrator with a password that is guessed first" '^wrong: switches: boss: '
told "passwords kept as JQM kept them" '^note: switches: accounts: 1 passwords are still kept as JQM'
told "a dead node" '^wrong: nodes: gone: its runner was last heard of'
told "a replication slot nobody uses" '^wrong: tables: forgotten: a replication slot nobody uses'

sql "ALTER ROLE jqm_api NOCREATEDB; REVOKE jqm_owner FROM jqm_runner; DROP OWNED BY stranger; DROP ROLE stranger;
     REVOKE TRUNCATE ON jqm.queue FROM jqm_api; REVOKE SELECT ON jqm.job_instance FROM jqm_client;
     REVOKE EXECUTE ON FUNCTION jqm.promote_due() FROM PUBLIC; ALTER TABLE jqm.global_parameter OWNER TO jqm_owner;
     ALTER ROLE jqm_client PASSWORD NULL;
     DELETE FROM jqm.global_parameter WHERE key IN ('openBeyondLoopback', 'allowClearHttp');
     UPDATE jqm.global_parameter SET value = 'true' WHERE key = 'enableWsApiAuth';
     UPDATE jqm.pki_root SET not_after = now() + interval '9 years';
     DELETE FROM jqm.account WHERE login = 'boss'; UPDATE jqm.node SET lease_until = NULL, last_seen_alive = NULL WHERE name = 'gone';
     DELETE FROM jqm.node WHERE name = 'gone'; SELECT pg_drop_replication_slot('forgotten')" >/dev/null
cp "$WORK/kept.ini" "$ini"

# The second half: what is reached from elsewhere, a superuser in the connection string, dead rows, a schema too new, a large log.
sed -i -e 's/dbname=jqm/& user=postgres/' -e 's/^\[node\]/&\nlog_max_bytes = 1M/' "$ini"
truncate -s 4M "$HOME_DIR/log/large.log"
sql "ALTER TABLE jqm.global_parameter SET (autovacuum_enabled = off);
     INSERT INTO jqm.global_parameter (key, value) VALUES ('allowClearHttp', 'true')" >/dev/null
sql "CREATE TABLE jqm.dead AS SELECT generate_series(1, 30000) AS a" >/dev/null
sql "ALTER TABLE jqm.dead OWNER TO jqm_owner; ALTER TABLE jqm.dead SET (autovacuum_enabled = off); DELETE FROM jqm.dead;
     INSERT INTO jqm.schema_version (version, name) SELECT max(version) + 1, 'later' FROM jqm.schema_version" >/dev/null
sql "UPDATE jqm.node SET dns = '0.0.0.0'" >/dev/null
dead_rows_are_counted() { [ "$(sql "SELECT n_dead_tup > 20000 FROM pg_stat_user_tables WHERE relname = 'dead'")" = t ]; }
wait_for 20 dead_rows_are_counted
look
told "a superuser in the connection string" '^wrong: database: jqm-fcgi: comes to the database as postgres, which is a superuser'
told "a schema that is too new" '^wrong: database: schema: .*use newer programs'
told "which the programs say, too" '^wrong: programs: jqm-fcgi: database: '
told "passwords that leave the machine in clear" '^wrong: switches: allowClearHttp: '
told "dead rows that are not cleared away" '^wrong: tables: dead: 30000 dead rows beside 0 live ones'
told "a log nobody sets aside" '^wrong: logs: .*/large.log: has 4 MB'
cp "$WORK/kept.ini" "$ini"
rm "$HOME_DIR/log/large.log"
sql "UPDATE jqm.node SET dns = 'localhost'; DROP TABLE jqm.dead; DELETE FROM jqm.schema_version WHERE name = 'later';
     DELETE FROM jqm.global_parameter WHERE key = 'allowClearHttp';
     ALTER TABLE jqm.global_parameter RESET (autovacuum_enabled)" >/dev/null
look
is "once all is mended nothing is wrong" $code 0

# The last file of the schema was not applied yet.
last=$(sql "DELETE FROM jqm.schema_version WHERE version = (SELECT max(version) FROM jqm.schema_version)
            RETURNING format('(%s, %L, %L)', version, name, applied_at)")
look
told "a pending change of the schema" '^wrong: database: schema: .*jqm db upgrade'
sql "INSERT INTO jqm.schema_version (version, name, applied_at) VALUES $last" >/dev/null

# A transaction that has been open for long.  Nobody waits for an hour: the view is shadowed by one whose clock is ahead.
coproc HOLDER { exec "$JQM" psql --home "$HOME_DIR" -XAtq 2>&1; }
holder=$HOLDER_PID
echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 'holds ' || pg_backend_pid();" >&"${HOLDER[1]}"
read -rt 20 _ pid <&"${HOLDER[0]}"
shadowed() { # AGE
	sql "CREATE SCHEMA IF NOT EXISTS shadow;
	     CREATE OR REPLACE VIEW shadow.pg_stat_activity AS SELECT pid, usename, backend_xmin, backend_type, datname,
	         xact_start - interval '$1' AS xact_start FROM pg_catalog.pg_stat_activity;
	     GRANT USAGE ON SCHEMA shadow TO PUBLIC; GRANT SELECT ON shadow.pg_stat_activity TO PUBLIC;
	     ALTER DATABASE jqm SET search_path = shadow, pg_catalog, public" >/dev/null
}
look
told "a transaction that was opened just now is fine" '^ok: tables: snapshots: none is older than 300 s'
shadowed '10 minutes'
look
told "one of ten minutes is a note that names its session" "^note: tables: session $pid of [a-z_]+: a transaction of 6[0-9][0-9] s keeps dead rows"
shadowed '2 hours'
look
told "one of two hours is wrong" "^wrong: tables: session $pid of [a-z_]+: a transaction of 72[0-9][0-9] s keeps dead rows"
is "and that is all" "$code $(grep -c ^wrong: <<<"$said")" "1 1"
echo '\q' >&"${HOLDER[1]}"
wait "$holder"
look
told "when it ends nothing holds" '^ok: tables: snapshots: none is older than 300 s'
sql "ALTER DATABASE jqm RESET search_path; DROP SCHEMA shadow CASCADE" >/dev/null

ok "down" "$JQM" down --home "$HOME_DIR"
look
told "a home that is not up is a note for its database" '^note: database: database: the home is not up'
unlike "and no group of it makes up results" "$said" '^[a-z]+: (rights|switches|nodes|tables): '
done_testing
