#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Between nginx and jqm-fcgi: headers that claim an identity, paths that mean another one, requests hidden in requests.
# nginx decides where a request ends and what its path is; jqm-fcgi never disagrees.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
stack_up
define Leaves 'echo out; echo secret > "$JQM_JI_DELIVERY_DIR/s.txt"'
id=$(enqueue Leaves)
ok "a job left a file" wait_job "$id"
stored=$(sql "SELECT path FROM jqm.deliverable WHERE job_instance_id = $id")
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'bare', password_hash FROM jqm.account WHERE login = 'root'"
password=${AUTH#*:}
master=$(cat "$HOME_DIR/run/jqm-fcgi.pid")
workers() { pgrep -P "$master" | sort | tr '\n' ' '; }
before=$(workers)

# Who somebody is, no header says.
claims=(-H 'SSL_CLIENT_VERIFY: SUCCESS' -H 'Ssl-Client-Verify: SUCCESS' -H 'X-SSL-Client-Verify: SUCCESS' -H 'SSL_CLIENT_S_DN: CN=root' -H 'SSL_CLIENT_I_DN: CN=JQM-CA'
	-H 'SSL_CLIENT_SERIAL: 01' -H 'Ssl-Client-Serial: 01' -H 'X-Client-Cert: root' -H 'REMOTE_USER: root' -H 'Remote-User: root' -H 'X-Remote-User: root' -H 'X-Forwarded-User: root'
	-H 'X-Forwarded-For: 127.0.0.1' -H 'Forwarded: for=127.0.0.1' -H 'X-Real-IP: 127.0.0.1' -H 'REMOTE_ADDR: 10.0.0.1' -H 'Remote-Addr: 10.0.0.1' -H 'REQUEST_METHOD: DELETE'
	-H 'X-HTTP-Method-Override: DELETE' -H 'X-Method-Override: DELETE' -H 'REQUEST_URI: /ws/admin/user' -H 'X-Original-URL: /ws/admin/user' -H 'X-Rewrite-URL: /ws/admin/user'
	-H 'SCRIPT_FILENAME: /etc/passwd' -H 'Proxy: http://evil.example' -H 'HTTP_PROXY: http://evil.example' -H 'HTTP_AUTHORIZATION: Basic x' -H 'X-Accel-Redirect: /-/deliverables/x'
	-H 'X-Sendfile: /etc/passwd' -H 'REQUEST_ID: forged' -H 'X-Request-Id: forged' -H 'Cookie: JSESSIONID=root; rememberMe=root' -H 'CONTENT_LENGTH: 0' -H 'Content-Type: application/json')
is "headers that claim to be somebody are nobody" "$(curl -sS -o /dev/null -w '%{http_code}' "${claims[@]}" "$URL/ws/client/q")" 401
like "headers that claim to be more are what the login is" "$(curl -sS -u "bare:$password" "${claims[@]}" "$URL/ws/client/q")" 'account .+bare.+ does not have the permission'
is "nor do they change what is called" "$(curl -sS -u "$AUTH" -H 'Accept: application/json' "${claims[@]}" "$URL/ws/admin/me" | jq -r .login)" root
unlike "nor where from, nor which request" "$(cat "$HOME_DIR"/log/jqm-fcgi*.log "$HOME_DIR"/log/nginx-access.log)" '10\.0\.0\.1|forged'
auth_of() { curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: $1" "$URL/ws/client/q"; }
good=$(printf '%s' "$AUTH" | base64 -w0)
is "the login as it is" "$(auth_of "Basic $good")" 200
for value in 'Basic' 'Basic ' "Basic  $good x" "Basic $good,Basic $good" 'Bearer x' 'Digest username="root"' 'Negotiate YII=' "$good" "Basic ${good}!" 'Basic Og==' 'Basic cm9vdA==' "Basic $(printf 'root\0:%s' "$password" | base64 -w0)" "Basic $(printf '\nroot:%s' "$password" | base64 -w0)" "Basic $(printf 'ROOT:%s' "$password" | base64 -w0)"; do
	is "no login: ${value:0:16}" "$(auth_of "$value")" 401
done

# Paths: an account without any right reaches nothing, a stranger even less, however it is written.
got() { curl -sS -m 30 --path-as-is -o "$WORK/answer" -w '%{http_code}' "$@"; }
reached=''
for path in /ws/admin/user //ws//admin//user /ws/admin/user/ /ws/admin/./user /ws/client/../admin/user /ws/client/%2e%2e/admin/user /ws/client/..%2fadmin/user /ws/client/%2e%2e%2fadmin%2fuser \
	/ws/admin%2fuser /ws/%61dmin/user /WS/ADMIN/USER /ws/admin/user%00 /ws/admin/user%20 '/ws/admin/user;a=b' '/ws/admin;a=b/user' '/ws/admin/user?x=/ws/simple/localnode/health' '/ws/simple/localnode/health/../../../admin/user' \
	/ws/simple/localnode/health/%2e%2e/%2e%2e/%2e%2e/admin/user /ws/simple/link/../../admin/user '/ws/admin/user#/ws/simple/localnode/health' /ws/admin/user.json /ws/admin/%75ser '/ws/admin/user%3fx=y' /ws/admin/user%0d%0aX:y /ws/./admin/user \
	'/ws\admin\user' /ws/admin%5cuser /ws/admin//user /%77s/admin/user '/ws/admin/user%c0%af' /ws/%c0%ae%c0%ae/admin/user; do
	status=$(got -u "bare:$password" "$URL$path")
	case $status in 400 | 401 | 403 | 404 | 405) ;; *) reached="$reached bare:$path:$status" ;; esac
	grep -q 'hasPassword' "$WORK/answer" && reached="$reached bare:$path:users"
	status=$(got "$URL$path")
	case $status in 400 | 401 | 404 | 405) ;; *) reached="$reached nobody:$path:$status" ;; esac
done
is "no way of writing a path opens it" "$reached" ''
reached=''
for path in "/-/deliverables/$stored" "/-/joblogs/0/" "//-/deliverables/$stored" "/%2d/deliverables/$stored" "/./-/deliverables/$stored" "/ws/../-/deliverables/$stored" "/ws/%2e%2e/-/deliverables/$stored" "/-//deliverables/$stored" \
	"/-/deliverables/../conf/jqm.ini" "/-/deliverables/..%2fconf%2fjqm.ini" "/ws/simple/../../-/deliverables/$stored" "/..%2f..%2fetc/passwd" /../../etc/passwd /%2e%2e/%2e%2e/etc/passwd /./../../etc/passwd /.git/config /jqm_fastcgi_params /../nginx/jqm.conf.in '/@error' /-/; do
	status=$(got -u "$AUTH" "$URL$path")
	case $status in 400 | 404 | 405) ;; *) reached="$reached $path:$status" ;; esac
	grep -qE 'secret|root:|conninfo' "$WORK/answer" && reached="$reached $path:content"
done
is "no path opens what is internal, not even to root" "$reached" ''

# Requests in requests: how many answers come, and what jqm-fcgi saw.
jobs() { sql 'SELECT last_value FROM jqm.job_instance_id_seq'; }
count=$(jobs)
inner="POST /ws/simple/ji HTTP/1.1\r\nHost: x\r\nAuthorization: Basic $good\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 22\r\n\r\napplicationname=Leaves"
head="Host: x\r\nAuthorization: Basic $(printf 'bare:%s' "$password" | base64 -w0)\r\n"
size=$(printf "$inner" | wc -c)
refused_first() { # DESCRIPTION REQUEST: the first answer is 400, and no second one comes
	like "$1" "$(printf "$2" | raw 2 | statuses)" '^(400|405|414|501|505) $'
}
swallowed() { # DESCRIPTION REQUEST: one answer, the rest was its body
	like "$1" "$(printf "$2" | raw 2 | statuses)" '^(40[0135]|411|415) ?$'
}
swallowed "a request in a body is a body" "POST /ws/client/ji HTTP/1.1\r\n${head}Connection: close\r\nContent-Length: $size\r\n\r\n$inner"
swallowed "in a body of GET, too" "GET /ws/client/q HTTP/1.1\r\n${head}Connection: close\r\nContent-Length: $size\r\n\r\n$inner"
swallowed "in chunks, too" "POST /ws/client/ji HTTP/1.1\r\n${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n$(printf '%x' "$size")\r\n$inner\r\n0\r\n\r\n"
for both in "Content-Length: 0\r\nTransfer-Encoding: chunked" "Transfer-Encoding: chunked\r\nContent-Length: 0" "Content-Length: 0\r\nContent-Length: $size" "Content-Length: 0, $size" "Content-Length: +0" "Content-Length: 0x0" "Content-Length: 00 1" \
	"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity" "Transfer-Encoding: identity, chunked" "Transfer-Encoding: xchunked" "Transfer-Encoding: chunked, chunked" "Transfer-Encoding : chunked" "Transfer-Encoding\t: chunked" "Content-Length : $size" \
	"Content-Length: 99999999999999999999" "Host: y" "X: a\0b" ; do
	refused_first "refused: $(printf '%s' "$both" | cut -c1-60)" "POST /ws/client/ji HTTP/1.1\r\n${head}${both}\r\n\r\n0\r\n\r\n$inner"
done
refused_first "a chunk's length that is none" "POST /ws/client/ji HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n-1\r\n$inner"
refused_first "one that overflows" "POST /ws/client/ji HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n$inner"
refused_first "a line that goes on in the next" "POST /ws/client/ji HTTP/1.1\r\n${head}X: y\r\n Content-Length: 0\r\n\r\n$inner"
refused_first "a space in the path" "GET /ws/client/q HTTP/1.1 HTTP/1.1\r\n${head}\r\n$inner"
refused_first "a path of 9000 characters" "GET /ws/client/ji/$(repeat 1 9000) HTTP/1.1\r\n${head}\r\n$inner"
refused_first "a version that is none" "GET /ws/client/q HTTP/3.7\r\n${head}\r\n$inner"
is "what another protocol begins with is refused" "$(printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' | raw 2 | head -c 500 | LC_ALL=C grep -ac 'HTTP/1.1 200')" 0
is "an address in place of a path is that path" "$(printf "GET http://evil.example/ws/client/q HTTP/1.1\r\n${head}Connection: close\r\n\r\n" | raw 2 | statuses)" '403 '
is "no hidden request was carried out" "$(jobs)" "$count"

# FastCGI itself cannot be spoken from outside, and the socket is closed to others.
refused_first "FastCGI's own bytes are no request" '\001\001\000\001\000\010\000\000\000\001\000\000\000\000\000\000\r\n\r\n'
is "the socket is its owner's" "$(stat -c '%a' "$HOME_DIR"/run/*fcgi*.sock)" 660
is "the workers are those of the beginning" "$(workers)" "$before"
done_testing
