#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Before any handler: who is asked to log in, what is refused, what the death of a worker costs.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

anon() { # METHOD PATH [CURL ARG...]: status of a call without credentials
	local method=$1 path=$2
	shift 2
	curl -sS -m 30 -X "$method" -o /dev/null -w '%{http_code}' "$URL$path" "$@"
}
headers() { # METHOD PATH [CURL ARG...]
	local method=$1 path=$2
	shift 2
	curl -sS -m 30 -X "$method" -o /dev/null -D - "$URL$path" "$@" | tr -d '\r'
}

is "an unknown path asks for a login" "$(anon GET /ws/no/such/path)" 401
is "so does a wrong method" "$(anon DELETE /ws/client/q)" 401
is "an unknown path, logged in" "$(code GET /ws/no/such/path)" 404
is "a wrong method, logged in" "$(code DELETE /ws/client/q)" 405
like "which tells the right ones" "$(headers DELETE /ws/client/q -u "$AUTH")" '^Allow: .*GET, HEAD'
is "and only these" "$(headers DELETE /ws/client/q -u "$AUTH" | grep -ci '^allow:')" 1
is "OPTIONS" "$(code OPTIONS /ws/client/q)" 204
is "a method nginx does not pass on" "$(code PATCH /ws/client/q)" 405
is "has those it does" "$(headers PATCH /ws/client/q | grep -i '^allow:')" "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS"
is "those of a file are others" "$(headers POST / | grep -i '^allow:')" "Allow: GET, HEAD"
is "nothing else has any" "$(headers GET / | grep -ci '^allow:')" 0
like "a browser is asked to prompt" "$(headers GET /ws/client/q)" '^WWW-Authenticate: BASIC realm="JQM"'
like "a script in it is not" "$(headers GET /ws/client/q -H 'X-Requested-With: XMLHttpRequest')" \
	'^WWW-Authenticate: BASICXHR realm="JQM"'
is "slashes too many" "$(code GET //ws///client/q/)" 200
is "HEAD" "$(code HEAD /ws/client/q -I)" 200
is "an Accept nothing fits" "$(code GET /ws/client/q -H 'Accept: image/png')" 406
is "a body of a strange type" "$(code POST /ws/client/ji -H 'Content-Type: text/csv' -d x)" 415
is "a path with dots" "$(code GET /ws/client/%2e%2e/q --path-as-is)" 400
is "a query that is no UTF-8" "$(code GET '/ws/client/q?x=%ff')" 400

head -c 2000000 /dev/zero | tr '\0' ' ' >"$WORK/2m"
head -c 20000000 /dev/zero | tr '\0' ' ' >"$WORK/20m"
is "a body over our limit" "$(code POST /ws/client/ji -H 'Content-Type: application/json' --data-binary @"$WORK/2m")" 413
is "a body over nginx's limit" "$(code POST /ws/client/ji -H 'Content-Type: application/json' --data-binary @"$WORK/20m")" 413
like "nginx says so with an error object" \
	"$(curl -sS -u "$AUTH" -H 'Content-Type: application/json' --data-binary @"$WORK/20m" "$URL/ws/client/ji")" \
	'^\{"userReadableMessage":"the body is too large",.*"errorCode":10,.*"requestId":"[0-9a-f]+"'

is "a header that claims a certificate proves nothing" \
	"$(anon GET /ws/client/q -H 'Ssl-Client-Verify: SUCCESS' -H 'SSL_CLIENT_VERIFY: SUCCESS')" 401
is "internal locations are closed" "$(code GET /-/joblogs/0/0000000001.stdout.log)" 404

# Guessing is slowed down for the login that is tried, and for it alone.
codes=''
for _ in 1 2 3 4 5 6 7 8 9 10 11; do codes="$codes $(anon GET /ws/client/q -u guess:wrong)"; done
is "ten guesses, then a pause" "$codes" " 401 401 401 401 401 401 401 401 401 401 429"
like "of so many seconds" "$(headers GET /ws/client/q -u guess:wrong)" '^Retry-After: [1-5]$'
is "others are not held up" "$(code GET /ws/client/q)" 200

# Parts of the API can be turned off; logging in still comes first.
sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('disableWsApiClient', 'true')" >/dev/null
is_now() { [ "$(code GET "$1")" = "$2" ]; }
ok "an API that is turned off is not there" wait_for 5 is_now /ws/client/q 404
is "which only those learn who log in" "$(anon GET /ws/client/q)" 401
is "the others are" "$(code GET /ws/admin/me)" 200
is "and the description of all" "$(code GET /ws/openapi.json)" 200
sql "DELETE FROM jqm.global_parameter WHERE key = 'disableWsApiClient'" >/dev/null
ok "and it comes back" wait_for 5 is_now /ws/client/q 200

# Workers die; each takes at most its own request along.
master=$(cat "$HOME_DIR/run/jqm-fcgi.pid")
workers() { pgrep -P "$master" | wc -l; }
before=$(workers)
mapfile -t victims < <(pgrep -P "$master")
kill -9 "${victims[@]}"
export WORKERS_DIE=${#victims[@]}
all_back() { [ "$(workers)" -eq "$before" ]; }
ok "killed workers are replaced" wait_for 10 all_back
is "and answer" "$(code GET /ws/client/q)" 200

# A second server on the same socket, and root, are refused.
second() { "$JQM_BIN/jqm-fcgi" --config "$HOME_DIR/conf/jqm.ini" 2>&1; }
if [ "$(id -u)" -eq 0 ]; then
	like "root is refused" "$(second)" 'does not run as root'
else
	like "a second server on the socket is refused" "$(second)" 'is served by process [0-9]+ already'
fi
done_testing
