#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A hostile user and sessions: fixation, other sites, other hosts, stolen and forged tokens.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
bob='dusty lamp over the river'
account bob "$bob"
define Hello 'echo hello'
with() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -b "jqm-session=$1" "${@:3}" "$URL$2"; }

# Fixation: a token the attacker chose, or got for himself, is never the victim's.
chosen=AttackerChoseThisOneAAAAAAAAAAAAAAAAAAAAAAA
log_in() { # JAR-FREE: the token a login with that cookie gets
	curl -sS -m 30 -o /dev/null -D - -b "jqm-session=$1" -H 'Content-Type: application/json' \
		-d "$(jq -nc --arg p "$bob" '{login: "bob", password: $p}')" "$URL/ws/session" | tr -d '\r' |
		sed -n 's/^Set-Cookie: jqm-session=\([^;]*\);.*/\1/p'
}
token=$(log_in "$chosen")
is "a chosen token is not taken over" "$([ -n "$token" ] && [ "$token" != "$chosen" ] && echo new) $(with "$chosen" /ws/client/q) $(with "$token" /ws/client/q)" "new 401 200"
second=$(log_in "$token")
is "nor is one from an earlier login" "$([ "$second" != "$token" ] && echo new) $(with "$token" /ws/client/q) $(with "$second" /ws/client/q)" "new 401 200"
token=$second
like "all tokens differ" "$(for _ in 1 2 3 4 5 6 7 8; do log_in ''; done | sort -u | wc -l)" '^8$'

# What is in the database opens nothing.
hash=$(sql "SELECT encode(token_hash, 'hex') FROM jqm.account_session ORDER BY id LIMIT 1")
is "a stolen hash is no token" "$(with "$hash" /ws/client/q) $(with "${hash:0:43}" /ws/client/q)" "401 401"
is "a token is no password, a number no token" "$(curl -sS -o /dev/null -w '%{http_code}' -u "bob:$token" "$URL/ws/client/q") $(with 1 /ws/client/q)" "401 401"
is "the log has no token" "$(grep -c "$token" "$HOME_DIR"/log/*.log | grep -vc ':0$')" 0
is "nor is it one in the address" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/client/q?jqm-session=$token") $(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/client/q;jsessionid=$token")" "401 401"
is "one byte off" "$(with "${token:0:42}$([ "${token:42}" = A ] && echo B || echo A)" /ws/client/q)" 401
is "SQL in a cookie" "$(with "' OR 1=1 --" /ws/client/q) $(with "x'; DROP TABLE jqm.account_session; --" /ws/client/q) $(with "$token" /ws/client/q)" "401 401 200"
is "two of them: none" "$(curl -sS -o /dev/null -w '%{http_code}' -H "Cookie: jqm-session=$token; jqm-session=$chosen" "$URL/ws/client/q") $(curl -sS -o /dev/null -w '%{http_code}' -H "Cookie: jqm-session=$chosen" -H "Cookie: jqm-session=$token" "$URL/ws/client/q")" "401 401"
is "a cookie of TLS on a clear line" "$(curl -sS -o /dev/null -w '%{http_code}' -b "__Host-jqm-session=$token" "$URL/ws/client/q")" 401
is "a claim that the line is TLS" "$(curl -sS -o /dev/null -D - -H 'Https: on' -H 'X-Forwarded-Proto: https' -H 'Content-Type: application/json' -d "$(jq -nc --arg p "$bob" '{login: "bob", password: $p}')" "$URL/ws/session" | grep -c '__Host-')" 0

# Pages of other sites, in a browser that (unlike today's) sends the cookie along.
order() { with "$token" /ws/simple/ji -d applicationname=Hello "$@"; }
before=$(sql 'SELECT coalesce(max(id), 0) FROM (SELECT id FROM jqm.live_job UNION ALL SELECT id FROM jqm.past_job) AS j')
is "an order without the browser's word" "$(order)" 403
is "of another site" "$(order -H 'Sec-Fetch-Site: cross-site' -H 'Origin: http://evil.example')" 403
is "of a neighbour" "$(order -H 'Sec-Fetch-Site: same-site' -H "Origin: $URL")" 403
is "typed or sent from nowhere" "$(order -H 'Sec-Fetch-Site: none') $(order -H 'Origin: null')" "403 403"
is "of our name over another protocol" "$(order -H "Origin: https${URL#http}")" 403
is "of a longer name" "$(order -H "Origin: $URL.evil.example")" 403
is "killing, deleting" "$(with "$token" /ws/client/ji/killed/1 -X POST) $(with "$token" /ws/session/all -X DELETE) $(with "$token" /ws/account/password -X PUT)" "403 403 403"
is "nothing has happened" "$(sql 'SELECT coalesce(max(id), 0) FROM (SELECT id FROM jqm.live_job UNION ALL SELECT id FROM jqm.past_job) AS j') $(with "$token" /ws/client/q)" "$before 200"
is "one of ours may" "$(order -H "Origin: $URL")" 200
logout() { with "$token" /auth/logout "$@"; }
is "a picture on another site logs nobody out" "$(logout -H 'Sec-Fetch-Site: cross-site') $(with "$token" /ws/client/q)" "302 200"
is "nor does another site's form log anybody in" "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Origin: http://evil.example' -d 'username=bob&password=x' "$URL/auth/login.html")" 403

# Redirects lead nowhere else.
to() { curl -sS -o /dev/null -D - "$@" | tr -d '\r' | sed -n 's/^Location: //p'; }
is "a login goes to our own page" "$(to --data-urlencode username=bob --data-urlencode "password=$bob" "$URL/auth/login.html?url=http://evil.example" -H 'Referer: http://evil.example')" /
is "a logout to the form" "$(to "$URL/auth/logout?url=http://evil.example")" /auth/login.html
like "what was typed is not in the page" "$(curl -sS -d 'username=<script>alert(1)</script>&password=x' "$URL/auth/login.html" | grep -c alert)" '^0$'
done_testing
