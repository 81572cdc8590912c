# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A whole JQM for a scenario: its own home, port, database, nginx; stopped at exit.
#
#	stack_up [ARG...]     jqm up --detach in a fresh home; sets HOME_DIR PORT URL AUTH.  Its database is a copy (made_once.sh);
#	FROM_NOTHING=1 stack_up     for who is about what a first start makes
#	stack_dir             before it, for who wants to put something into WORK or HOME_DIR first
#	api METHOD PATH [CURL ARG...]     body on stdout, status in $STATUS_FILE (read with: status)
#	json METHOD PATH [CURL ARG...]    the same, asking for JSON
#	send METHOD PATH JSON [CURL ARG...]     a JSON body; send_code: only the status
#	refused DESCRIPTION STATUS PATTERN METHOD PATH JSON [CURL ARG...]     two checks: status, and what is said
#	healthy               does the node say to root that it is well?
#	tls_up                after stack_up: the whole node speaks TLS, and so do the calls below
#	record_answers        called by stack_up: what curl and "$JQM" get from then on must be as openapi.json describes it; drivers in
#	                      Python look at theirs by JQM_OPENAPI, its file (answers.py: Watch); hostile.sh has bare sockets
#	recorded COMMAND [ARG...]     the same of another program that has libcurl (no shell: what it starts is not recorded)
#	WORKERS_DIE=N         for who kills workers of the web API, or the enqueuer (workers.sh): so many died, and no more
#	job_state ID    wait_job ID [SECONDS]    enqueue NAME [key=value...]
#	mapping_counts QUEUE_ID MAX_JOBS    does the home's runner work with so many?

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/lib/workers.sh
. "$here/lib/workers.sh"
# shellcheck source=tests/lib/made_once.sh
. "$here/lib/made_once.sh"
: "${JQM_BIN:=$here/../build/bin}"
JQM=$JQM_BIN/jqm
export JQM_BIN
recorder=$JQM_BIN/../tests/preload/answers.so # there is none for the sanitizers, whose library has to be the first

WORK=
stack_dir() {
	WORK=$(scratch)
	HOME_DIR=$WORK/home
	STATUS_FILE=$WORK/status
	at_exit rm -rf "$WORK"
	workers_live_in "$WORK"
}

stack_up() {
	[ -n "$WORK" ] || stack_dir
	PORT=$(free_port)
	URL=http://127.0.0.1:$PORT
	# A home that root begins becomes the account's: it is made from nothing, too.
	if [ -z "${FROM_NOTHING:-}" ] && [ "$(id -u)" -ne 0 ] && [ ! -e "$HOME_DIR/db" ] && ! made_once "$HOME_DIR"; then
		diag "the home got no database"
		exit 1
	fi
	at_exit "$JQM" down --home "$HOME_DIR"
	if ! "$JQM" up --detach --home "$HOME_DIR" --port "$PORT" "$@" >"$WORK/up.log" 2>&1; then
		diag "jqm up failed:" "$(cat "$WORK/up.log")"
		exit 1
	fi
	AUTH=root:$(cat "$HOME_DIR/root-password")
	export JQM_URL=$URL JQM_USER=root JQM_PASSWORD_FILE=$HOME_DIR/root-password
	[ -n "${JQM_RECORD:-}" ] || record_answers
}

# Every answer to a curl or jqm of this scenario, or of what it starts, is kept and looked at when all is done.
record_answers() {
	export JQM_CURL JQM_RECORD=$WORK/answers JQM_OPENAPI=$WORK/openapi.json JQM_RECORDER=
	JQM_CURL=$(command -v curl)
	mkdir -m 1777 "$JQM_RECORD" || exit 1 # a jqm of root becomes another account
	api GET /ws/openapi.json >"$JQM_OPENAPI"
	curl() { "$JQM_CURL" --trace "$JQM_RECORD/${EPOCHREALTIME/./}-$BASHPID" "$@"; } # costs less than recorded/curl
	PATH=$here/lib/recorded:$PATH
	if [ -e "$recorder" ]; then
		JQM_RECORDER=$(realpath "$recorder")
		[ "$JQM" != "$JQM_BIN/jqm" ] || JQM=$here/lib/recorded/jqm
	fi
	at_done answers_are_described
}
recorded() { LD_PRELOAD=${JQM_RECORDER:-} "$@"; }
answers_are_described() {
	local said status
	said=$(/usr/bin/python3 "$here/lib/answers.py" "$JQM_OPENAPI" "$JQM_RECORD" 2>&1)
	status=$?
	diag "$said"
	tap_result $status "every answer was as openapi.json describes it"
}

api() { # METHOD PATH [CURL ARG...]
	local method=$1 path=$2
	shift 2
	curl -sS -m 30 -u "$AUTH" -X "$method" -o - -w '%{stderr}%{http_code}' "$URL$path" "$@" 2>"$STATUS_FILE"
}
json() { api "$@" -H 'Accept: application/json'; }
api_status() { tail -c 3 "$STATUS_FILE"; }

# Only the status of a call.
code() { # METHOD PATH [CURL ARG...]
	local method=$1 path=$2
	shift 2
	curl -sS -m 30 -u "$AUTH" -X "$method" -o /dev/null -w '%{http_code}' "$URL$path" "$@"
}

healthy() { [ "$(code GET /ws/simple/localnode/health -m 5)" = 200 ]; }

send() { # METHOD PATH JSON [CURL ARG...]
	api "$1" "$2" -H 'Content-Type: application/json' --data-binary "$3" "${@:4}"
}
send_code() { code "$1" "$2" -H 'Content-Type: application/json' --data-binary "$3" "${@:4}"; }
refused() { # DESCRIPTION STATUS PATTERN METHOD PATH JSON [CURL ARG...]
	local body
	body=$(send "${@:4}")
	is "$1: status" "$(api_status)" "$2"
	like "$1: says why" "$(jq -r .userReadableMessage <<<"$body")" "$3"
}
# The state a document is in, with its quotes.
etag() { # PATH
	curl -sS -m 30 -u "$AUTH" -o /dev/null -D - "$URL$1" | tr -d '\r' | sed -n 's/^ETag: //p'
}

# TLS from now on: URL, api() and jqm speak it.  tls_is_on: does the port?
ROOTS=
tls_up() {
	ROOTS=$HOME_DIR/state/tls/roots.pem
	sql "UPDATE jqm.global_parameter SET value = 'true' WHERE key = 'enableWsApiSsl'" >/dev/null
	URL=https://localhost:$PORT
	export JQM_URL=$URL JQM_CA_FILE=$ROOTS CURL_CA_BUNDLE=$ROOTS
	wait_for 20 tls_is_settled
}
tls_is_settled() { tls_is_on && nginx_is_settled; }
# While nginx reloads, its workers of before still take connections: once those with the new configuration answer,
# that is over when no more are left than there should be.  Those that say they shut down listen no more; one that has
# only just been forked has no name yet, and counts: it takes the place of one that still listens.
nginx_is_settled() {
	[ "$(ps -o args= --ppid "$(cat "$HOME_DIR/run/nginx.pid")" | grep -vc 'is shutting down')" -eq \
		"$(sed -n 's/^worker_processes \([0-9]*\);/\1/p' "$HOME_DIR/conf/nginx.conf")" ]
}
tls_is_on() { curl -sS -m 5 --cacert "$HOME_DIR/state/tls/roots.pem" -o /dev/null "https://localhost:$PORT/"; }

# As "jqm psql" does it, without that program between; root becomes the home's owner by it.
stack_psql=$(printf '%s\n' /usr/lib/postgresql/*/bin/psql | sort -V | tail -n 1)
sql() {
	if [ -S "$HOME_DIR/run/.s.PGSQL.5432" ] && [ "$(id -u)" -ne 0 ]; then
		"$stack_psql" -h "$HOME_DIR/run" -p 5432 -U postgres -d jqm -XAtqc "$1"
	else
		"$JQM" psql --home "$HOME_DIR" -XAtqc "$1"
	fi
}

# define NAME COMMAND [TYPE]: a definition by direct SQL, for scenarios that are not about import.
define() {
	"$JQM" psql --home "$HOME_DIR" -XAtq -v name="$1" -v path="$2" -v type="${3:-DEFAULTSHELLCOMMAND}" <<-'SQL'
	INSERT INTO jqm.job_def (name, queue_id, path, path_type)
	SELECT :'name', id, :'path', :'type' FROM jqm.queue WHERE default_queue
	ON CONFLICT (name) DO UPDATE SET path = excluded.path, path_type = excluded.path_type;
	SQL
}

enqueue() { # NAME [key=value...]
	local name=$1 args=() pair
	shift
	for pair in "$@"; do
		args+=(--data-urlencode "parameterNames=${pair%%=*}" --data-urlencode "parameterValues=${pair#*=}")
	done
	api POST /ws/simple/ji --data-urlencode "applicationname=$name" "${args[@]+"${args[@]}"}"
}
job_state() { api GET "/ws/simple/status?id=$1"; }
job_is_over() { case $(job_state "$1") in ENDED | CRASHED | KILLED | CANCELLED) ;; *) return 1 ;; esac }
job_is() { [ "$(job_state "$1")" = "$2" ]; }
wait_job() { wait_for "${2:-20}" job_is_over "$1"; }
mapping_counts() { # QUEUE_ID MAX_JOBS
	[ "$(sed -n 's/.* mapping queue='"$1"' max_jobs=//p' "$HOME_DIR/log/jqm-runner.log" | tail -n 1)" = "$2" ]
}
job_reason() { sql "SELECT reason FROM jqm.past_job WHERE id = $1"; }
