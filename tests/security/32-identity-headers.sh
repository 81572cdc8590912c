#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A hostile user and headers: none of them makes anybody anything.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
tries() { # DESCRIPTION CURL ARG...
	is "$1" "$(curl -sS -m 30 -o /dev/null -w '%{http_code}' "${@:2}" "$URL/ws/client/q")" 401
}
for name in Ssl-Client-Verify SSL_CLIENT_VERIFY X-SSL-Client-Verify Ssl-Client-S-Dn SSL_CLIENT_I_DN Ssl-Client-Serial \
	Remote-User REMOTE_USER X-Remote-User X-Forwarded-User Auth-User Http-Authorization HTTP_AUTHORIZATION \
	Proxy-Authorization X-Authorization Logged-In JQM-User X-Original-URL X-Rewrite-URL Https HTTPS Redirect-Status; do
	tries "$name" -H "$name: root" -H "$name: SUCCESS" -H "$name: on"
done
root=$(printf '%s' "$AUTH" | base64 -w0)
tries "credentials under another name" -H "Authorisation: Basic $root" -H "Authorization_: Basic $root" -H "X-Authorization: Basic $root"
tries "of another kind" -H "Authorization: Bearer ${AUTH#*:}"
tries "an empty header" -H 'Authorization;'
tries "no base64" -H 'Authorization: Basic ****'
tries "without a colon" -H "Authorization: Basic $(printf 'root' | base64)"
tries "a login with a NUL" -H "Authorization: Basic $(printf 'root\0:x' | base64)"
tries "with a line feed" -H "Authorization: Basic $(printf 'root\nadmin:x' | base64)"
tries "that is SQL" -u "root' OR '1'='1:x"
tries "in other case" -u "ROOT:${AUTH#*:}"
tries "with a blank behind" -u "root :${AUTH#*:}"
is "an address somebody claims to come from is not believed" "$(curl -sS -o /dev/null -u "$AUTH" -H 'X-Forwarded-For: 203.0.113.7' -H 'X-Real-IP: 203.0.113.7' -H 'Remote-Addr: 203.0.113.7' "$URL/ws/client/q"; grep -c 203.0.113.7 "$HOME_DIR"/log/jqm-fcgi.log)" 0
is "a proxy somebody names is not used" "$(curl -sS -o /dev/null -w '%{http_code}' -u "$AUTH" -H 'Proxy: http://evil.example' "$URL/ws/client/q")" 200
is "who is root is so still" "$(curl -sS -o /dev/null -w '%{http_code}' -u "$AUTH" "$URL/ws/client/q")" 200
like "a login is one line of the log, whatever is in it" "$(curl -sS -o /dev/null -H 'Content-Type: application/json' -d '{"login":"a\nfake error jqm-fcgi","password":"x"}' "$URL/ws/session"; grep -c '^fake error' "$HOME_DIR"/log/jqm-fcgi.log)" '^0$'
done_testing
