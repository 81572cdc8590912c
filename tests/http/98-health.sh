#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Is the node well?  Told to who logs in and may know it, by whatever credentials; to anybody where administrators say
# so; and what stands before that: an upgrade, other switches, a start without any login, the database away.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up --node alpha
HEALTH=/ws/simple/localnode/health
password='xv-drums-77-qk'
account eye "$password" monitoring
account reader "$password" 'client read only'
account bob "$password"
health() { curl -sS -m 30 -o "$WORK/answer" -D "$WORK/head" -w '%{http_code}' "$@" "$URL$HEALTH"; }
set_parameter() { sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('$1', '$2') ON CONFLICT (key) DO UPDATE SET value = '$2'" >/dev/null; }
# anonymously STATUS: is that what those get who do not log in?  Every worker has to know.
anonymously() { [ "$(for _ in 1 2 3 4 5 6 7 8 9 10; do health; echo; done | sort -u)" = "$1" ]; }

# --- at first: who logs in ---
is "without a login" "$(health)" 401
unlike "nothing is told but that" "$(cat "$WORK/answer")" 'poll|runner|alive|alpha'
like "and how to" "$(tr -d '\r' <"$WORK/head")" '^WWW-Authenticate: BASIC realm='
is "a new installation says nothing of it" "$(sql "SELECT count(*) FROM jqm.global_parameter WHERE key = 'enableAnonymousHealth'")" 0
is "an account for monitoring is told" "$(health -u "eye:$password") $(cat "$WORK/answer")" "200 Pollers are polling"
is "to a HEAD too" "$(health -I -u "eye:$password")" 200
is "one that reads logs, as in JQM 2.2" "$(health -u "reader:$password")" 200
is "one that may do neither is not" "$(health -u "bob:$password")" 403
like "and hears what it lacks" "$(jq -r .userReadableMessage "$WORK/answer")" 'logs:read\|metrics:read'
sql "INSERT INTO jqm.role (name, permissions) VALUES ('one queue', '{logs:read@queue=DEFAULT}')" >/dev/null
account narrow "$password" 'one queue'
is "nor is one that reads the logs of one queue" "$(health -u "narrow:$password")" 403
is "in a session" "$(log_in page eye "$password") $(session_code page GET $HEALTH)" "204 200"

# --- as everywhere: accounts that are out, guessing ---
sql "UPDATE jqm.account SET locked = true WHERE login = 'eye'" >/dev/null
is "a locked account is out at once" "$(health -u "eye:$password") $(session_code page GET $HEALTH)" "401 401"
sql "UPDATE jqm.account SET locked = false, expiration_date = now() - interval '1 s' WHERE login = 'eye'" >/dev/null
is "so is one whose time is over" "$(health -u "eye:$password")" 401
sql "UPDATE jqm.account SET expiration_date = NULL WHERE login = 'eye'" >/dev/null
is "and in again" "$(health -u "eye:$password")" 200
braked() { [ "$(health --interface 127.0.7.7 -u guest:guess)" = 429 ]; }
ok "who guesses has to wait" wait_for 20 braked
like "and is told how long" "$(tr -d '\r' <"$WORK/head")" '^Retry-After: [0-9]+$'

# --- jqm node health: what a container asks ---
printf '%s\n' "$password" >"$WORK/eye.password"
chmod 600 "$WORK/eye.password"
as_eye() { JQM_USER=eye JQM_PASSWORD_FILE=$WORK/eye.password "$JQM" "$@"; }
is "jqm node health" "$(as_eye node health) $?" "Pollers are polling 0"
is "as JSON" "$(as_eye node health --json)" '"Pollers are polling"'
as_eye node health alpha >/dev/null 2>&1
is "it takes no name" $? 2
JQM_USER=bob JQM_PASSWORD_FILE=$WORK/eye.password "$JQM" node health 2>"$WORK/err"
is "without the permission: exit code" $? 4
like "and the reason" "$(cat "$WORK/err")" 'logs:read\|metrics:read'

# --- the switch ---
set_parameter enableAnonymousHealth TRUE
ok "enableAnonymousHealth: nobody has to log in" wait_for 20 anonymously 200
is "who asks is told yes, and no more" "$(cat "$WORK/answer")" "Pollers are polling"
is "whatever else he shows" "$(health -u "bob:$password") $(health -u root:wrong)" "200 200"
is "of all else nobody is told anything" "$(curl -sS -m 30 -o /dev/null -w '%{http_code}' "$URL/ws/metrics")" 401
like "jqm doctor says so" "$("$JQM" doctor --home "$HOME_DIR" 2>/dev/null)" '^note: switches: enableAnonymousHealth: .*without a login'
set_parameter disableWsApiSimple true
ok "where the simple API is off it is not there" wait_for 20 anonymously 401
is "to nobody" "$(health -u "eye:$password")" 404
set_parameter disableWsApiSimple false
set_parameter disableWsApi true
ok "nor where all are" wait_for 20 anonymously 401
is "to nobody there either" "$(health -u "eye:$password")" 404
set_parameter disableWsApi false
ok "it is back" wait_for 20 anonymously 200
ok "the node is drained" "$JQM" node drain alpha
says_no() { [ "$(health)" = 503 ]; }
ok "no is told as well" wait_for 20 says_no
is "without names" "$(jq -r .userReadableMessage "$WORK/answer")" "no runner of this node is alive"
"$JQM" node health 2>"$WORK/err"
is "jqm node health fails then" $? 4
like "and says why" "$(cat "$WORK/err")" 'no runner of this node is alive'

# --- an upgrade: as an installation was before there was the parameter ---
sql "DELETE FROM jqm.global_parameter WHERE key = 'enableAnonymousHealth'; DELETE FROM jqm.schema_version WHERE version >= 44" >/dev/null
up_again() { "$JQM" down --home "$HOME_DIR" && "$JQM" up --detach --home "$HOME_DIR"; }
ok "a node that was there is upgraded" up_again
is "its health check still takes no login" "$(health)" 200
ok "the parameter is deleted" "$JQM" param delete enableAnonymousHealth
ok "now it does" wait_for 20 anonymously 401
unlike "and jqm doctor has nothing to say" "$("$JQM" doctor --home "$HOME_DIR" 2>/dev/null)" 'enableAnonymousHealth'

# --- who starts a node has no login ---
set_parameter disableWsApiSimple true
ok "jqm up waits for what serves where the simple API is off" up_again
sql "UPDATE jqm.global_parameter SET value = 'false' WHERE key = 'enableWsApiAuth'" >/dev/null
ok "and where nobody needs to log in besides" up_again
is "(it is not there)" "$(health)" 404
ok "all is turned on again" "$JQM" db open-api --home "$HOME_DIR"
ok "and asks for a login" wait_for 20 anonymously 401
on_server() { "$JQM" psql --home "$HOME_DIR" -d postgres -XAtqc "$1" >/dev/null; }
ok "without its database" on_server "ALTER DATABASE jqm ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'jqm'"
ok "it does not ask for one, but says that it cannot serve" wait_for 20 anonymously 503
ok "with it" on_server "ALTER DATABASE jqm ALLOW_CONNECTIONS true"
ok "it asks again" wait_for 40 anonymously 401

# --- over TLS ---
tls_up
ok "the node speaks TLS" tls_is_on
ok "without a login" wait_for 20 anonymously 401
is "with a password" "$(health -u "eye:$password")" 200
send POST "/ws/admin/user/$(sql "SELECT id FROM jqm.account WHERE login = 'eye'")/certificate" '{"days":2}' >"$WORK/issued"
jq -r '.privateKey, .certificate' "$WORK/issued" >"$WORK/eye.pem"
chmod 600 "$WORK/eye.pem"
is "with a certificate and no password" "$(health --cert "$WORK/eye.pem")" 200
is "jqm node health with it" "$(env -u JQM_USER -u JQM_PASSWORD_FILE JQM_CERTIFICATE_FILE="$WORK/eye.pem" "$JQM" node health)" "Pollers are polling"
sql "UPDATE jqm.account SET locked = true WHERE login = 'eye'" >/dev/null
is "until the account is locked" "$(health --cert "$WORK/eye.pem")" 401
done_testing
