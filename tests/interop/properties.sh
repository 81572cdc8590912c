#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make interop, second part: schemathesis (PyPI) drives every path that /ws/openapi.json describes, with values made from it, good ones
# and bad ones, as three roles at the same time.  No answer may be a 5xx, or other than described.  PROPERTIES_SECONDS (default 120) is the time
# for each; the seed of a run that found something is printed: PROPERTIES_SEED=n.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/stack.sh
VERSION=4.32.5
venv=$PWD/build/interop/schemathesis
seconds=${PROPERTIES_SECONDS:-120}
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance

give_up() { # REASON [FILE]
	tap_result 1 "$1"
	[ -z "${2-}" ] || diag "$(tail -n 20 "$2")"
	done_testing
}
if [ "$(cat "$venv/version" 2>/dev/null)" != $VERSION ]; then
	rm -rf "$venv"
	mkdir -p "${venv%/*}"
	python3 -m venv "$venv" >"$venv.log" 2>&1 || give_up "interop needs python3 with venv (Debian: python3-venv)" "$venv.log"
	"$venv/bin/pip" install -q "schemathesis==$VERSION" >>"$venv.log" 2>&1 ||
		give_up "interop: pip could not fetch schemathesis: is PyPI reached?" "$venv.log"
	echo $VERSION >"$venv/version"
fi

export JQM_RECORD=none # schemathesis looks at the answers itself
stack_up
define Hello 'echo hello; echo data >"$JQM_JI_DELIVERY_DIR/out.txt"'
define Forever 'exec tail -f /dev/null'
for _ in 1 2 3; do hello=$(enqueue Hello); done
enqueue Forever >/dev/null
wait_job "$hello"
api GET /ws/openapi.json >"$WORK/openapi.json"
password=xv-drums-77-qk
account() { # LOGIN ROLE
	send POST /ws/admin/user "{\"login\":\"$1\",\"newPassword\":\"$password\",\"roles\":[$(sql "SELECT id FROM jqm.role WHERE name = '$2'")]}" >/dev/null
	is "an account with role $2" "$(api_status)" 204
}
account power 'client power user'
account reader 'client read only'
account boss administrator

# Left out: what would end the run.  Wrong logins make an address wait; parameters, accounts and roles can turn the API off or take
# the caller's rights away; nodes can be stopped; whole files with all of that; the audit trail grows with each call.
logins='^/(auth/|ws/session|ws/account|ws/node/)'
ends='^/ws/admin/(prm|user|role|configuration|audit/(export|chain))|^/ws/admin/node/.*/(stop|drain|pause)$'
# 503 is a fault but where a node cannot be reached, of which this makes some, and where a brake says so (passwords that come at the same
# moment are computed a few at a time): that is looked at below, in the log.
cat >"$WORK/schemathesis.toml" <<'END'
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
END
drive() ( # LOGIN DOCUMENT [ARG...]; it leaves notes where it is called
	mkdir -p "$WORK/as-$1" && cd "$WORK/as-$1" || exit 1
	"$venv/bin/schemathesis" --config-file "$WORK/schemathesis.toml" --no-color run "$2" --url "$URL" -a "$1:$password" --phases examples,coverage,fuzzing --continue-on-failure \
		--checks "$checks" --no-shrink --suppress-health-check all --warnings off --exclude-path-regex "$logins|$ends" \
		${PROPERTIES_SEED:+--seed "$PROPERTIES_SEED"} "${@:3}" >"$WORK/$1.log" 2>&1
)
declare -A driver
for login in power reader boss; do
	drive $login "$WORK/openapi.json" --max-time "$seconds" -n 100 &
	driver[$login]=$!
done
for login in power reader boss; do
	wait "${driver[$login]}"
	found=$?
	[ $found -eq 0 ] || diag "$(tail -n 150 "$WORK/$login.log")"
	tap_result $found "as $login: every answer is as described, and none is a fault of the server"
	like "as $login: it was tried" "$(grep 'generated' "$WORK/$login.log")" '[0-9]{3,} generated'
	diag "$(grep -E 'Tested|generated|Seed' "$WORK/$login.log" | tr -s ' \n' ' ')"
done
jq 'del(.paths["/ws/client/q"].get.responses["200"])' "$WORK/openapi.json" >"$WORK/lie.json"
nok "a description that is not true is found" drive power "$WORK/lie.json" --max-time 20 -n 5 --include-path /ws/client/q
like "by its path" "$(cat "$WORK/power.log")" 'GET /ws/client/q'
is "the server is there" "$(code GET /ws/client/q)" 200
api GET /ws/metrics >"$WORK/figures"
is "it has answered nothing with 503 but for nodes that nobody can reach, and where too many logged in at once" \
	"$(cat "$HOME_DIR"/log/jqm-fcgi.log* | grep ' status=503 ' | grep -vE 'path="/ws/(admin|client)/node/[^"]*" .*which cannot be reached|text="too many logins at the same time"' | head -5)" ""
is "it has answered nothing with 500, and no worker died" \
	"$(grep -c 'jqm_http_requests_total{code="500"}' "$WORK/figures") $(sed -n 's/^jqm_worker_deaths_total //p' "$WORK/figures")" "0 0"
done_testing
