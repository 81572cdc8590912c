#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The library and a real server that refuses: wrong passwords, missing permissions, a database that goes away and comes back.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Greet 'echo hello'
define Deliver 'echo "the report" > "$JQM_JI_DELIVERY_DIR/report.txt"'
CALL=$JQM_BIN/../tests/client/call
sockets=$(sed -n 's/^conninfo = "host=\([^ ]*\).*/\1/p' "$HOME_DIR/conf/jqm.ini" | head -1)
DATABASE="postgresql:///jqm?host=$sockets&port=5432"
CLIENT="host=$sockets port=5432 dbname=jqm user=jqm_client"
PASSWORD=${AUTH#*:}
as() { # LOGIN PASSWORD CALL
	JQM_CALL_USER=$1 JQM_CALL_PASSWORD=$2 recorded "$CALL" "$URL" "$3"
}

like "nobody" "$(recorded "$CALL" "$URL" enqueue)" '^denied: '
like "a wrong password" "$(as root wrong enqueue)" '^denied: '
unlike "which is not in the words" "$(as root wr0ng-w0rd enqueue)" 'wr0ng-w0rd'
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'reader', password_hash FROM jqm.account WHERE login = 'root';
     INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account AS a, jqm.role AS r WHERE a.login = 'reader' AND r.name = 'client read only'" >/dev/null
like "an account that may not" "$(as reader "$PASSWORD" enqueue)" '^denied: .*permission'
like "one that may" "$(as reader "$PASSWORD" queues)" '^ok'

# --- the database's door ---
like "a role that does not exist" "$(recorded "$CALL" "$DATABASE&user=nobody_$$" queues)" '^(denied|not now|internal): '
like "a role with no right to it" "$(recorded "$CALL" "$DATABASE&user=jqm_notifier" queues)" '^denied: '
like "a database that does not exist" "$(recorded "$CALL" "postgresql:///nothing?host=$sockets&port=5432" queues)" '^(not found|not now|internal): '
like "the library's role reads no table" "$(psql "$CLIENT" -XAtqc 'SELECT count(*) FROM jqm.job_instance' 2>&1)" 'permission denied'
job=$(enqueue Deliver)
wait_job "$job"
like "a file by the database's way" "$(recorded "$CALL" "$DATABASE" file)" '^ok, 11 bytes'
sql "UPDATE jqm.account SET locked = true WHERE internal" >/dev/null
like "and again by another handle, for another account" "$(recorded "$CALL" "$DATABASE" file)" '^ok, 11 bytes'

# --- an account of a day, made by hand ---
password=$(openssl rand -hex 16)
login=$(python3 -c 'import uuid; print(uuid.uuid4())')
hash=$(python3 -c 'import base64, hashlib, os, sys
salt = os.urandom(16)
text = lambda raw: base64.b64encode(raw).decode().rstrip("=")
made = hashlib.scrypt(sys.argv[1].encode(), salt=salt, n=1 << 14, r=8, p=1, maxmem=64 << 20, dklen=32)
print("$scrypt$ln=14,r=8,p=1$" + text(salt) + "$" + text(made))' "$password")
account() { psql "$CLIENT" -XAtqc "SELECT jqm.client_account('$1', '$2')" 2>&1; }
is "it is made" "$(account "$login" "$hash")" ""
like "it reads a log" "$(as "$login" "$password" log)" '^ok'
for what in queues job enqueue kill query; do
	like "it may do nothing else: $what" "$(as "$login" "$password" $what)" '^denied: .*does not have the permission'
done
like "a login that is no GUID is refused" "$(account root "$hash")" 'is a GUID'
like "a password that is no hash is refused" "$(account 5e7c4a52-6d44-4c63-9a6e-0b9d3f1f2a11 secret)" 'comes as a hash'
sql "UPDATE jqm.role SET permissions = '{*:*}' WHERE name = 'temporary file reader'" >/dev/null
is "another one is made" "$(account 5e7c4a52-6d44-4c63-9a6e-0b9d3f1f2a11 "$hash")" ""
is "and the role of all is what it was" "$(sql "SELECT permissions FROM jqm.role WHERE name = 'temporary file reader'")" '{files:read,logs:read}'
sql "UPDATE jqm.account SET expiration_date = now() - interval '1 s' WHERE internal" >/dev/null
like "when its day is over it opens nothing" "$(as "$login" "$password" log)" '^denied: '
account 6e7c4a52-6d44-4c63-9a6e-0b9d3f1f2a11 "$hash" >/dev/null
is "the next one takes it along" "$(sql "SELECT count(*) FROM jqm.account WHERE internal")" 1

# --- it goes away and comes back ---
postmaster=$(head -1 "$HOME_DIR/db/postmaster.pid")
at_exit kill -CONT "$postmaster"
kill -STOP "$postmaster"
like "a database that does not answer" "$(recorded "$CALL" "$DATABASE&connect_timeout=2" queues)" '^not now: '
kill -CONT "$postmaster"
ok "and then does" wait_for 20 recorded "$CALL" "$DATABASE" queues

# --- under an open handle ---
mkfifo "$WORK/fifo"
backend() { sql "SELECT max(pid) FROM pg_stat_activity WHERE application_name LIKE 'libjqm%'"; }
has_none() { [ -z "$(backend)" ]; }
go_on() { kill -CONT "$1" 2>/dev/null; }
again() { # DESCRIPTION CALL PATTERN COMMAND... : what the second call says when that was done in between
	local pid process
	JQM_CALL_PATIENCE=$patience recorded "$CALL" "$DATABASE" "$2" "$WORK/fifo" >"$WORK/said" 2>&1 &
	pid=$!
	is "$1: the first call is done" "$(timeout 60 head -n 1 "$WORK/fifo")" called
	process=$(backend)
	at_exit go_on "$process"
	"${@:4}" "$process"
	timeout 60 sh -c 'echo go >"$1"' - "$WORK/fifo"
	wait $pid
	like "$1" "$(cat "$WORK/said")" "$3"
	go_on "$process"
	wait_for 20 has_none
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }
ended() {
	sql "SELECT pg_terminate_backend($1)" >/dev/null
	wait_for 20 is_gone "$1"
}
patience=30
again "a connection that was ended meanwhile is made anew" queues '^ok' ended
patience=5 # so long the first call may take, and the second one hangs
again "a server process that hangs: a question" queues '^not now: ' kill -STOP
again "a server process that hangs: an order" enqueue '^uncertain: ' kill -STOP
done_testing
