#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bad input at the simple API: a clear error that names the thing and the reason, nothing half done.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Plain true
before=$(sql 'SELECT count(*) FROM (SELECT id FROM jqm.live_job UNION ALL SELECT id FROM jqm.past_job) AS j')

refused() { # DESCRIPTION STATUS PATTERN CURL_ARG...
	local description=$1 want=$2 pattern=$3 body status
	shift 3
	body=$(curl -sS -m 30 -u "$AUTH" -o - -w '\n%{http_code}' "$@")
	status=${body##*$'\n'}
	is "$description: status" "$status" "$want"
	like "$description: says why" "${body%$'\n'*}" "$pattern"
}
long=$(head -c 300 /dev/zero | tr '\0' x)

refused "unknown definition" 400 'no job definition \\"Nope\\"' --data 'applicationname=Nope' "$URL/ws/simple/ji"
refused "no definition" 400 'applicationName' --data 'user=x' "$URL/ws/simple/ji"
refused "blank definition" 400 'applicationName' --data 'applicationname=%20' "$URL/ws/simple/ji"
for field in user module keyword1 keyword2 keyword3; do
	refused "over-long $field" 400 "$field" --data "applicationname=Plain&$field=$long" "$URL/ws/simple/ji"
done
refused "over-long mail" 400 'email' --data "applicationname=Plain&mail=$long" "$URL/ws/simple/ji"
refused "over-long session" 400 'sessionID' --data "applicationname=Plain&sessionid=$long" "$URL/ws/simple/ji"
refused "parent that is no number" 400 'parentid' --data 'applicationname=Plain&parentid=x' "$URL/ws/simple/ji"
refused "fewer values than names" 400 '"errorCode":6' --data 'applicationname=Plain&parameterNames=a&parameterNames=b&parameterValues=1' "$URL/ws/simple/ji"
refused "over-long parameter key" 400 'parameter key' --data "applicationname=Plain&parameterNames=$long&parameterValues=1" "$URL/ws/simple/ji"
refused "empty parameter value" 400 'parameter \\"a\\"' --data 'applicationname=Plain&parameterNames=a&parameterValues=' "$URL/ws/simple/ji"
refused "bad UTF-8 in a field" 400 'UTF-8' --data 'applicationname=Plain&user=%ff%fe' "$URL/ws/simple/ji"
refused "NUL in a field" 400 'user' --data 'applicationname=Plain&user=a%00b' "$URL/ws/simple/ji"
refused "broken escape" 400 'user' --data 'applicationname=Plain&user=%zz' "$URL/ws/simple/ji"
refused "bad UTF-8 in the query" 400 'UTF-8' "$URL/ws/simple/status?id=%ff"
refused "wrong content type" 415 'application/json' -H 'Content-Type: application/json' --data '{}' "$URL/ws/simple/ji"
head -c 3000000 /dev/zero | tr '\0' x >"$WORK/big"
refused "body over the cap" 413 'at most 1048576' -H 'Content-Type: application/x-www-form-urlencoded' --data-binary "@$WORK/big" "$URL/ws/simple/ji"
refused "wrong method" 405 'POST' -X DELETE "$URL/ws/simple/ji"
like "405 has Allow" "$(curl -sS -u "$AUTH" -D - -o /dev/null -X DELETE "$URL/ws/simple/ji")" 'Allow: .*POST'
refused "unknown path" 404 'nothing' "$URL/ws/simple/nothing"
refused "not acceptable" 406 'text/plain' -H 'Accept: image/png' "$URL/ws/simple/status?id=1"
refused "negative number of log lines" 400 'latest' "$URL/ws/simple/enginelog?latest=-1"

anonymous() { curl -sS -m 30 -o /dev/null -D - "$@"; }
answer=$(anonymous "$URL/ws/simple/status?id=1")
like "no credentials: 401" "$answer" '^HTTP/1.1 401'
like "with JQM's challenge" "$answer" 'WWW-Authenticate: BASIC realm="JQM"'
like "a page's own request gets no browser dialog" \
	"$(anonymous -H 'X-Requested-With: XMLHttpRequest' "$URL/ws/simple/status?id=1")" 'WWW-Authenticate: BASICXHR'
like "wrong password: 401" "$(anonymous -u root:wrong "$URL/ws/simple/status?id=1")" '^HTTP/1.1 401'
like "unknown account: 401" "$(anonymous -u nobody:wrong "$URL/ws/simple/status?id=1")" '^HTTP/1.1 401'
like "credentials that are no base64: 401" "$(anonymous -H 'Authorization: Basic !!!' "$URL/ws/simple/status?id=1")" '^HTTP/1.1 401'
like "an unknown scheme: 401" "$(anonymous -H 'Authorization: Bearer abc' "$URL/ws/simple/status?id=1")" '^HTTP/1.1 401'
like "unknown paths tell nothing to strangers" "$(anonymous "$URL/ws/simple/nothing")" '^HTTP/1.1 401'

is "nothing was enqueued by any of it" \
	"$(sql 'SELECT count(*) FROM (SELECT id FROM jqm.live_job UNION ALL SELECT id FROM jqm.past_job) AS j')" "$before"
is "and the server still answers" "$(api GET /ws/simple/localnode/health)" "Pollers are polling"
done_testing
