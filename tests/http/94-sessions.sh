#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sessions: log in by JSON, by form and as JQM's console does; each way they end; who sees and ends whose.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
bob='dusty lamp over the river'
account bob "$bob"
bob_id=$ACCOUNT

# Log in, log out.
headers() { curl -sS -m 30 -o /dev/null -D - "$@" | tr -d '\r'; }
body=$(jq -nc --arg p "$bob" '{login: "bob", password: $p}')
answer=$(headers -H 'Content-Type: application/json' -d "$body" "$URL/ws/session")
like "a login is answered with a cookie scripts do not see and other sites do not send" "$answer" \
	'^Set-Cookie: jqm-session=[A-Za-z0-9]{43}; Path=/; HttpOnly; SameSite=Strict$'
like "and nothing else" "$answer" '^HTTP/1.1 204'
is "a browser logs in" "$(log_in one bob "$bob") $(me_of one)" "204 bob"
is "the database knows no token, only its hash" "$(sql "SELECT count(*) FROM jqm.account_session WHERE token_hash = sha256('$(token_of one)')")" 1
is "a role counts as with a password" "$(session_code one GET /ws/client/q) $(session_code one GET /ws/admin/user)" "200 403"
is "wrong: no cookie" "$(log_in none bob wrong) $(me_of none)" "401 401"
is "no login, no password" "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{}' "$URL/ws/session")" 400
token=$(token_of one)
is "log out" "$(session_code one DELETE "/ws/session") $(me_of one)" "204 401"
is "the token is worth nothing any more" "$(curl -sS -o /dev/null -w '%{http_code}' -b "jqm-session=$token" "$URL/ws/client/q")" 401
is "who has no session cannot leave it" "$(code DELETE "/ws/session")" 409

# By form, and as JQM's consoles do.
like "the form is there for everybody" "$(in_session none GET "/auth/login.html")" 'name="username"'
form() { curl -sS -m 30 -b "$WORK/$1.jar" -c "$WORK/$1.jar" -D - --data-urlencode "username=$2" --data-urlencode "password=$3" "$URL/auth/login.html" | tr -d '\r'; }
like "a wrong password: the form again" "$(form two bob wrong)" 'is wrong'
is "and no session" "$(me_of two)" 401
is "a form that is none" "$(code POST /auth/login.html -d x=1)" 400
like "the right one: on to the console" "$(form two bob "$bob")" '^Location: /$'
is "in a session" "$(me_of two)" bob
like "the console's way out" "$(headers -b "$WORK/two.jar" -c "$WORK/two.jar" "$URL/auth/logout")" '^Location: /auth/login.html$'
is "is one" "$(me_of two)" 401
is "also when nobody is in" "$(code GET "/auth/logout")" 302
console() { curl -sS -m 30 -b "$WORK/three.jar" -c "$WORK/three.jar" -u "$1" -D - -o /dev/null "${@:2}" "$URL/ws/admin/me" | tr -d '\r'; }
unlike "a script's GET me begins none" "$(console "bob:$bob")" '^Set-Cookie'
like "a console's does" "$(console "bob:$bob" -H 'X-Requested-With: XMLHttpRequest')" '^Set-Cookie: jqm-session='
is "which carries it from then on" "$(me_of three)" bob

# JQM's Java client of 3.x with cookies (enableCookies, its default): Basic at admin/me, then the cookie and nothing else.
java() { curl -sS -m 30 -A 'Jersey/3.1.9 (HttpUrlConnection 17.0.12)' -H 'Accept: text/html, image/gif, image/jpeg, */*; q=0.2' -b "$WORK/java.jar" -c "$WORK/java.jar" -o /dev/null -w '%{http_code}' "$@"; }
is "JQM's Java client logs in" "$(java -u "bob:$bob" "$URL/ws/admin/me") $(token_of java | wc -c)" "200 44"
is "and carries its session: it reads, and gives orders" "$(java "$URL/ws/client/q") $(java -X POST "$URL/ws/client/ji/killed/424242") $(java -H 'Content-Type: application/xml' --data-binary '<jobRequestBaseImpl><applicationName>Nobody</applicationName><priority>0</priority><parameters/></jobRequestBaseImpl>' "$URL/ws/client/ji")" "200 404 400"
is "a browser that calls itself so is not believed" "$(java -X POST -H 'Origin: http://evil.example' "$URL/ws/client/ji/killed/424242") $(java -X POST -H 'Sec-Fetch-Site: cross-site' "$URL/ws/client/ji/killed/424242")" "403 403"
is "it may log out" "$(java -X DELETE "$URL/ws/session") $(java "$URL/ws/client/q")" "204 401"
is "with a wrong password it has none" "$(rm -f "$WORK/java.jar"; java -u bob:wrong "$URL/ws/admin/me") $(java "$URL/ws/client/q")" "401 401"
touch "$WORK/three.jar"
unlike "a wrong password asks no browser for another" "$(console "bob:wrong" -H 'X-Requested-With: XMLHttpRequest')" '^WWW-Authenticate: BASIC realm'

# A session is new at each login, whatever the browser brought along.
log_in four bob "$bob" >/dev/null
first=$(token_of four)
log_in four bob "$bob" >/dev/null
is "another login is another token" "$([ "$(token_of four)" != "$first" ] && echo new)" new
is "and ends the one before" "$(curl -sS -o /dev/null -w '%{http_code}' -b "jqm-session=$first" "$URL/ws/client/q")" 401

# Own sessions seen and ended.
log_in five bob "$bob" >/dev/null
is "sessions are listed, this one marked" "$(in_session five GET /ws/session | jq -c '[.[].current]')" '[true,false,false,false]'
other=$(in_session five GET /ws/session | jq '.[1].id')
is "another one is ended" "$(session_code five DELETE "/ws/session/$other") $(me_of four) $(me_of five)" "204 401 bob"
is "once" "$(session_code five DELETE "/ws/session/$other")" 404
account eve 'quiet moss below the bridge'
log_in eve eve 'quiet moss below the bridge' >/dev/null
is "nobody ends another's" "$(session_code eve DELETE "/ws/session/$(in_session five GET /ws/session | jq '.[0].id')") $(me_of five)" "404 bob"
is "everywhere at once" "$(session_code five DELETE "/ws/session/all") $(me_of five) $(me_of three)" "204 401 401"

# Whatever takes an account away takes its sessions away.
ends() { # DESCRIPTION COMMAND...: in a fresh session of bob
	log_in six bob "$bob" >/dev/null
	local before
	before=$(me_of six)
	"${@:2}" >/dev/null
	is "$1" "$before $(me_of six) $(sql "SELECT count(*) FROM jqm.account_session WHERE account_id = $bob_id")" "bob 401 0"
}
put_bob() { send PUT "/ws/admin/user/$bob_id" "{\"login\":\"bob\",\"roles\":[4]$1}"; }
ends "locked" put_bob ',"locked":true'
put_bob '' >/dev/null
ends "another password, by the administrator" put_bob ',"newPassword":"seven brown birds went"'
put_bob ",\"newPassword\":$(jq -n --arg p "$bob" '$p')" >/dev/null
ends "other roles" send PUT "/ws/admin/user/$bob_id" '{"login":"bob","roles":[4,5]}'
ends "ended by the administrator" api DELETE "/ws/admin/user/$bob_id/session"
log_in six bob "$bob" >/dev/null
is "who sees them" "$(json GET "/ws/admin/user/$bob_id/session" | jq length)" 1
is "of an account that is there" "$(code GET "/ws/admin/user/424242/session") $(code DELETE "/ws/admin/user/424242/session")" "404 404"
is "with the permission only" "$(session_code six GET "/ws/admin/user/$bob_id/session") $(session_code six DELETE "/ws/admin/user/$bob_id/session")" "403 403"
sql "UPDATE jqm.account SET email = 'bob@example.org', expiration_date = now() + interval '1 day' WHERE id = $bob_id" >/dev/null
is "what does not matter does not end them" "$(me_of six)" bob
sql "UPDATE jqm.account SET expiration_date = now() - interval '1 s' WHERE id = $bob_id" >/dev/null
is "an account that is over has none" "$(me_of six) $(log_in seven bob "$bob")" "401 401"
sql "UPDATE jqm.account SET expiration_date = NULL WHERE id = $bob_id" >/dev/null

# Time.
log_in six bob "$bob" >/dev/null
sql "UPDATE jqm.account_session SET last_seen_at = now() - idle_s * interval '1 s' + interval '30 s' WHERE account_id = $bob_id" >/dev/null
is "used in time it goes on" "$(me_of six)" bob
is "and that it is used is noted" "$(sql "SELECT bool_and(last_seen_at > now() - interval '20 s') FROM jqm.account_session WHERE account_id = $bob_id")" t
sql "UPDATE jqm.account_session SET last_seen_at = now() - (idle_s + 1) * interval '1 s' WHERE account_id = $bob_id" >/dev/null
is "unused for too long it is over" "$(me_of six)" 401
log_in six bob "$bob" >/dev/null
sql "UPDATE jqm.account_session SET ends_at = now() WHERE account_id = $bob_id" >/dev/null
is "and at its end however much it was used" "$(me_of six)" 401
ok "what is over is removed" wait_for 20 sh -c "[ \"\$($(printf %q "$JQM") psql --home $(printf %q "$HOME_DIR") -XAtqc 'SELECT count(*) FROM jqm.account_session WHERE NOT jqm.session_alive(account_session)')\" = 0 ]"
for _ in $(seq 25); do log_in many bob "$bob" >/dev/null; rm -f "$WORK/many.jar"; done
is "an account has 20 at most, the newest" "$(sql "SELECT count(*) FROM jqm.account_session WHERE account_id = $bob_id")" 20

# Technical accounts have passwords, and no sessions.
sql "INSERT INTO jqm.account (login, password_hash, internal, expiration_date)
     SELECT 'tech', password_hash, true, now() + interval '1 hour' FROM jqm.account WHERE id = $bob_id" >/dev/null
is "a technical account has none" "$(curl -sS -o /dev/null -w '%{http_code}' -u "tech:$bob" "$URL/ws/admin/me") $(log_in tech tech "$bob")" "200 401"

# Under TLS: a cookie nobody else can set, and only that.
log_in clear bob "$bob" >/dev/null
token=$(token_of clear)
tls_up
like "under TLS the cookie is bound to this host and to TLS" "$(headers -H 'Content-Type: application/json' -d "$body" "$URL/ws/session")" \
	'^Set-Cookie: __Host-jqm-session=[A-Za-z0-9]{43}; Path=/; HttpOnly; SameSite=Strict; Secure$'
is "a browser logs in, gives an order, logs out" "$(log_in tls bob "$bob") $(me_of tls) $(session_code tls DELETE "/ws/session") $(me_of tls)" "204 bob 204 401"
with_name() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -H "Cookie: $1=$token" "$URL/ws/client/q"; }
is "one of the clear line counts no more, by neither name" "$(with_name jqm-session) $(with_name __Host-jqm-session)" "401 401"
# A link of "jqm up": once, for a while, on this machine, as long as the account stays what it was.
link() { # LOGIN TOKEN [SECONDS]
	sql "SELECT jqm.login_link_make('$1', sha256('$2'), ${3:-900})" 2>&1 | tr '\n' ' '
}
by_link() { # JAR TOKEN [CURL ARG...]
	curl -sS -m 30 -b "$WORK/$1.jar" -c "$WORK/$1.jar" -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
		-d "{\"link\":\"$2\"}" "${@:3}" "$URL/ws/session"
}
link bob first-token-of-a-link >/dev/null
is "a link under another name of the machine opens nothing, and stays good" "$(by_link link first-token-of-a-link -H 'Host: evil.example') $(by_link link wrong-token)" "401 401"
is "a link logs in" "$(by_link link first-token-of-a-link) $(me_of link)" "204 bob"
is "once" "$(by_link again first-token-of-a-link) $(me_of again)" "401 401"
link bob second-token-of-a-link >/dev/null
is "the database knows no token of a link" "$(sql "SELECT count(*) FROM jqm.account_login_link WHERE token_hash = sha256('second-token-of-a-link')")" 1
link bob third-token-of-a-link >/dev/null
is "a newer link ends the one before" "$(by_link again second-token-of-a-link) $(by_link again third-token-of-a-link)" "401 204"
link bob fourth-token-of-a-link -1 >/dev/null
is "a link is over after its time" "$(by_link again fourth-token-of-a-link)" 401
link bob fifth-token-of-a-link >/dev/null
sql "UPDATE jqm.account SET locked = true WHERE login = 'bob'; UPDATE jqm.account SET locked = false WHERE login = 'bob'" >/dev/null
is "and when the account was changed" "$(by_link again fifth-token-of-a-link)" 401
like "there is none for nobody, or who may not log in" "$(link nobody x) $(sql "UPDATE jqm.account SET locked = true WHERE login = 'bob'"; link bob x; sql "UPDATE jqm.account SET locked = false WHERE login = 'bob'")" 'no account "nobody".*may not log in'

# And back.
log_in tls bob "$bob" >/dev/null
sql "UPDATE jqm.global_parameter SET value = 'false' WHERE key = 'enableWsApiSsl'" >/dev/null
URL=http://127.0.0.1:$PORT
in_clear() { [ "$(curl -sS -m 5 -o /dev/null -w '%{http_code}' "$URL/ws/client/q")" = 401 ] && nginx_is_settled; }
ok "back in clear" wait_for 20 in_clear
token=$(awk '$6 == "__Host-jqm-session" {print $7}' "$WORK/tls.jar")
is "one of the TLS line does not count there" "$(with_name jqm-session) $(with_name __Host-jqm-session)" "401 401"
done_testing
