#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two nodes, each with its own nginx and web API, in network namespaces of their own, and one database: what the other
# node has is fetched over TLS with both nodes' certificates, and by nothing else (docs/nodes.md).
. "${JQM_TEST_SOURCE:?}/tests/lib/stack.sh"
. "$JQM_TEST_SOURCE/tests/lib/hosts.sh"
hosts_up
for n in 1 2; do # what each knows of the other
	mkdir -p "/etc/netns/$net-n$n" && at_exit rm -rf "/etc/netns/$net-n$n"
	printf '127.0.0.1 localhost\n10.77.0.11 n1.test\n10.77.0.12 n2.test\n' >"/etc/netns/$net-n$n/hosts"
	printf 'nameserver 127.0.0.9\n' >"/etc/netns/$net-n$n/resolv.conf"
done
stack_up
database_over_there

install -m 600 -o "$account" "$HOME_DIR/conf/secrets.key" "$WORK/secrets.key"

# --- two nodes -------------------------------------------------------------------------------------------
configure() { # N
	local d=$WORK/n$1
	as_account mkdir -p -m 700 "$d" "$d/files" "$d/joblogs" "$d/log"
	as_account tee "$d/jqm.ini" >/dev/null <<-INI
		[database]
		conninfo = "host=$db dbname=jqm connect_timeout=2"
		[node]
		name = "n$1"
		[runner]
		state_dir = "$d/state"
		keeper_socket = "$d/k"
		job_repository = "$d/jobs"
		delivery_store = "$d/files"
		temp_dir = "$d/tmp"
		log_dir = "$d/log"
		joblog_dir = "$d/joblogs"
		log_file = "$d/log/runner.log"
		api_url = "http://localhost:1789"
		[fcgi]
		socket = "$d/fcgi.sock"
		workers = 2
		delivery_store = "$d/files"
		joblog_dir = "$d/joblogs"
		node_log = "$d/log/runner.log"
		log_file = "$d/log/fcgi.log"
		[secrets]
		key_file = "$WORK/secrets.key"
		[nginx]
		directory = "$d/nginx"
	INI
	as_account chmod 600 "$d/jqm.ini"
	as_account mkdir -p "$d/jobs"
}
start() { # NAME N COMMAND [ARG...]: in the background; its process in $WORK/nN/NAME.pid
	local name=$1 n=$2
	shift 2
	(
		exec ip netns exec "$net-n$n" setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups \
			"$@" >>"$WORK/n$n/$name.out" 2>&1
	) &
	echo $! >"$WORK/n$n/$name.pid"
}
stop() { # NAME N
	local pid
	pid=$(cat "$WORK/n$2/$1.pid" 2>/dev/null) || return 0
	rm -f "$WORK/n$2/$1.pid"
	kill -TERM "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}
start_fcgi() { start fcgi "$1" "$JQM_BIN/jqm-fcgi" --config "$WORK/n$1/jqm.ini"; }
start_watch() { start watch "$1" "$JQM" nginx watch --config "$WORK/n$1/jqm.ini"; }
start_nginx() {
	start nginx "$1" nginx -p "$WORK/n$1/nginx" -c "$WORK/n$1/nginx/nginx.conf" -e "$WORK/n$1/nginx/log/nginx-error.log" -g 'daemon off;'
}
end_all() {
	local n name
	for n in 1 2; do
		put_back "$n"
		for name in nginx watch fcgi runner false holder; do
			stop "$name" "$n"
		done
	done
}
at_exit end_all
for n in 1 2; do
	configure $n
	start runner $n "$JQM_BIN/jqm-runner" --config "$WORK/n$n/jqm.ini"
	start_fcgi $n
done
nodes_are() { [ "$(sql "SELECT string_agg(name, ' ' ORDER BY name) FROM jqm.node WHERE lease_until > now()")" = "$1" ]; }
ok "both nodes are there" wait_for 20 nodes_are "n1 n2"
sql "UPDATE jqm.node SET dns = name || '.test'; UPDATE jqm.queue_mapping SET polling_interval_ms = 100"
on_config() { on "n$1" "$JQM" "${@:2}" --config "$WORK/n$1/jqm.ini"; }
ok "jqm nginx render --test --config: nginx would take it" on_config 1 nginx render --test
nok "and it is not there yet" test -e "$WORK/n1/nginx/nginx.conf"
ok "jqm pki --config" on_config 1 pki
nok "watch is for who has no jqm up" "$JQM" nginx watch --home "$HOME_DIR"
# While nginx reloads, workers of before still take connections (tests/lib/stack.sh: nginx_is_settled).
settled() {
	local n pid
	for n in 1 2; do
		pid=$(cat "$WORK/n$n/nginx/nginx.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null || continue
		[ "$(ps -o args= --ppid "$pid" | grep -vc 'is shutting down')" -eq \
			"$(sed -n 's/^worker_processes \([0-9]*\);/\1/p' "$WORK/n$n/nginx/nginx.conf")" ] || return 1
	done
}
has_conf() { [ -s "$WORK/n$1/nginx/nginx.conf" ]; }
for n in 1 2; do
	start_watch $n
	ok "n$n: nginx has a configuration" wait_for 20 has_conf $n
	start_nginx $n
done
ROOTS=$WORK/n1/nginx/tls/roots.pem
curl() { # on n1; of tens of megabytes each time no trace is kept
	case $* in
	*"${big_guid:-none}"*) on n1 "$JQM_CURL" --cacert "$ROOTS" "$@" ;;
	*) on n1 curl --cacert "$ROOTS" "$@" ;;
	esac
}
URL=https://n1.test:1789
is_up() { [ "$(on n1 curl -sS -m 5 --cacert "$WORK/n1/nginx/tls/roots.pem" -o /dev/null -w '%{http_code}' "https://n$1.test:${2:-1789}/ws/pki/root.pem")" = 200 ]; }
ok "n1 answers, by TLS" wait_for 20 is_up 1
ok "and n2" wait_for 20 is_up 2

# --- something to fetch: n2 runs all -------------------------------------------------------------------------
sql "UPDATE jqm.queue_mapping AS m SET max_jobs = CASE n.name WHEN 'n2' THEN 5 ELSE 0 END FROM jqm.node AS n WHERE n.id = m.node_id"
gate=$WORK/gate
define() { sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT '$1', id, \$q\$$2\$q\$, 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE default_queue"; }
define Leaves 'head -c 40000000 /dev/urandom >"$JQM_JI_DELIVERY_DIR/big.bin"; echo small >"$JQM_JI_DELIVERY_DIR/small.txt"; echo "I ran"; echo oops >&2'
define Talks "echo first; while [ ! -e $gate ]; do sleep 0.05; done; echo last"
job=$(enqueue Leaves)
talk=$(enqueue Talks)
is_over() { [ "$(sql "SELECT state FROM jqm.history WHERE id = $1")" = "${2:-ENDED}" ]; }
runs_on() { [ "$(sql "SELECT n.name FROM jqm.job_instance AS j JOIN jqm.node AS n ON n.id = j.node_id WHERE j.id = $1 AND j.state = 'RUNNING'")" = "$2" ]; }
ok "a job left its files on n2" wait_for 30 is_over "$job"
ok "another one runs there" wait_for 20 runs_on "$talk" n2
file_of() { sql "SELECT $2 FROM jqm.deliverable WHERE job_instance_id = $job AND original_file_name = '$1'"; }
big=$(file_of big.bin id) big_guid=$(file_of big.bin random_id) small=$(file_of small.txt id) small_guid=$(file_of small.txt random_id)
sum=$(sha256sum <"$WORK/n2/files/$(file_of big.bin path)")

# --- asked of n1 ---------------------------------------------------------------------------------------------
is "GET /ws/simple/file" "$(api GET "/ws/simple/file?id=$small_guid")" small
is "a large one, byte for byte" "$(api GET "/ws/simple/file?id=$big_guid" | sha256sum)" "$sum"
is "GET /ws/client/ji/files/{fileId}" "$(api GET "/ws/client/ji/files/$small")" small
is "POST /ws/client/ji/files, as JQM's client asks" "$(send POST /ws/client/ji/files "{\"id\":$small}")" small
head=$(api HEAD "/ws/client/ji/files/$big" -I)
like "HEAD tells its length" "$head" 'Content-Length: 40000000'
is "once: how it is called, how it is kept, what a browser may do with it" \
	"$(tr -d '\r' <<<"$head" | grep -ciE '^(content-disposition|cache-control|x-content-type-options|strict-transport-security|content-security-policy):')" 5
is "a range" "$(api GET "/ws/simple/file?id=$small_guid" -H 'Range: bytes=1-3') $(api_status)" "mal 206"
is "a range outside" "$(code GET "/ws/simple/file?id=$small_guid" -H 'Range: bytes=100-')" 416
tag=$(api HEAD "/ws/client/ji/files/$small" -I | tr -d '\r' | sed -n 's/^ETag: //p')
is "who has it is told so" "$(code GET "/ws/client/ji/files/$small" -H "If-None-Match: $tag")" 304
is "standard output, simple" "$(api GET "/ws/simple/stdout?id=$job")" "I ran"
is "standard error, client" "$(api GET "/ws/client/ji/$job/stderr")" oops
is "of an attempt" "$(api GET "/ws/client/ji/$job/stdout?attempt=1")" "I ran"
is "of one there was not" "$(code GET "/ws/client/ji/$job/stdout?attempt=2")" 404
define Tells 'echo "got $JQM_PARAM_pw."; echo "$JQM_PARAM_pw" >&2; :'
tells=$(json POST /ws/client/ji -H 'Content-Type: application/json' --data-binary \
	'{"applicationName": "Tells", "parameters": [{"key": "pw", "value": "Xq3-of-the-other-node", "secret": true}]}' | jq .id)
ok "a job that prints its secret ran on n2" wait_for 30 is_over "$tells"
stars='*********************'
is "its logs come with asterisks in its place, through both nodes" \
	"$(api GET "/ws/client/ji/$tells/stdout") $(api GET "/ws/simple/stderr?id=$tells")" "got $stars. $stars"
is "whatever piece is asked for" "$(api GET "/ws/client/ji/$tells/stdout?offsets=written" -H 'Range: bytes=6-20')" "${stars:0:15}"
like "the file there is what the job wrote" "$(cat "$WORK"/n2/joblogs/*/*"$tells".stdout.log)" '^got Xq3-of-the-other-node'
as_account mv "$WORK/secrets.key" "$WORK/secrets.away"
unlike "without the key nobody sees it" "$(api GET "/ws/client/ji/$tells/stdout")" 'Xq3|got'
as_account mv "$WORK/secrets.away" "$WORK/secrets.key"
like "the log of the other node" "$(api GET '/ws/admin/node/n2/log?latest=500')" 'node_registered.*n2'
like "by the client API" "$(api GET '/ws/client/node/n2/log?latest=500')" 'node_registered.*n2'
link=$(api POST "/ws/client/ji/files/$small/link" | jq -r .url)
is "a link, without an account" "$(curl -sS -m 20 "$URL$link")" small
rm -f "$WORK/n2/files/$(file_of small.txt path)"
like "a file that is gone is told by the node that had it" "$(api GET "/ws/simple/file?id=$small_guid") $(api_status)" '"file [0-9]+ does not exist.*"errorCode":8.* 404$'

# --- the log of a job that runs -----------------------------------------------------------------------------------
is "so far" "$(api GET "/ws/client/ji/$talk/stdout")" first
is "a question that makes no sense is the caller's fault there, too" "$(code GET "/ws/client/ji/$talk/stdout?offsets=written")" 400
is "its end is asked for, as who follows it does" "$(code GET "/ws/client/ji/$talk/stdout?offsets=written" -H 'Range: bytes=6-')" 416
cli() { on n1 env JQM_URL="$URL" JQM_USER=root JQM_PASSWORD_FILE="$HOME_DIR/root-password" JQM_CA_FILE="$WORK/n1/nginx/tls/roots.pem" "$JQM" "$@"; }
cli log "$talk" --follow >"$WORK/followed" 2>"$WORK/followed.err" &
follower=$!
has_first() { [ "$(cat "$WORK/followed")" = first ]; }
ok "jqm log --follow shows it" wait_for 20 has_first
touch "$gate"
wait $follower
is "and what comes, to the end" "$(cat "$WORK/followed")" "$(printf 'first\nlast')"
as_account mkdir "$WORK/got"
ok "jqm get" cli get "$big_guid" -o "$WORK/got/big"
is "leaves the whole file" "$(sha256sum <"$WORK/got/big")" "$sum"

# --- whose right it is, is decided by who was asked -----------------------------------------------------------------
asked_of_n2() { grep -c 'node_asks' "$WORK/n2/log/fcgi.log"; }
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'nobody', password_hash FROM jqm.account WHERE login = 'root'"
before=$(asked_of_n2)
is "without the permission" "$(curl -sS -m 20 -u "nobody:${AUTH#*:}" -o /dev/null -w '%{http_code}' "$URL/ws/simple/file?id=$big_guid")" 403
is "nobody asks n2" "$(asked_of_n2)" "$before"
is "nginx's own path is no door" "$(code GET /-/node) $(code GET /-/node -H 'JQM-Node-Address: 10.77.0.12:1789' -H 'JQM-Node-Path: /ws/admin/me')" "404 404"

# --- n2's door for nodes ------------------------------------------------------------------------------------------------
own=$WORK/n1/nginx/tls/node.pem
as_account cp "$own" "$WORK/got/n1.pem"
door() { # CERTIFICATE PATH
	curl -sS -m 20 --cert "$1" -o "$WORK/got/answer" -w '%{http_code}' "https://n2.test:1789$2"
}
is "GET /ws/node/file/{guid}: n1's certificate opens it" "$(door "$own" "/ws/node/file/$big_guid")" 200
is "for a file there is" "$(door "$own" /ws/node/file/00000000-0000-4000-8000-000000000000) $(door "$own" /ws/node/file/../../admin/me)" "404 401"
is "GET /ws/node/job/{id}/{log}" "$(door "$own" "/ws/node/job/$job/stdout") $(door "$own" "/ws/node/job/$job/passwd") $(door "$own" /ws/node/job/999999/stdout)" "200 404 404"
is "GET /ws/node/log" "$(door "$own" "/ws/node/log?latest=1")" 200
is "and nothing else" "$(for path in /ws/admin/me "/ws/simple/file?id=$big_guid" "/ws/client/ji/$job" /ws/openapi.json; do door "$own" "$path"; done)" 401401401401
is "nor another method" "$(curl -sS -m 20 --cert "$own" -X POST -o /dev/null -w '%{http_code}' https://n2.test:1789/ws/node/log)" 401
is "an administrator's password does not open it" "$(curl -sS -m 20 -u "$AUTH" -o /dev/null -w '%{http_code}' "https://n2.test:1789/ws/node/file/$big_guid")" 401
api POST "/ws/admin/user/$(sql "SELECT id FROM jqm.account WHERE login = 'root'")/certificate" -H 'Content-Type: application/json' -d '{}' |
	jq -r '.privateKey, .certificate' | as_account tee "$WORK/got/root.pem" >/dev/null
is "nor does his certificate, which is good elsewhere" "$(door "$WORK/got/root.pem" "/ws/node/file/$big_guid") $(door "$WORK/got/root.pem" /ws/admin/me)" "401 200"
subject=$(openssl x509 -in "$own" -noout -subject -nameopt RFC2253 | sed 's/^subject=//')
names=$(openssl x509 -in "$own" -noout -ext subjectAltName | tail -n 1 | tr -d ' ' | sed 's/IPAddress:/IP:/g')
issuer=$(openssl x509 -in "$WORK/n1/nginx/tls/roots.pem" -noout -subject -nameopt multiline | sed -n 's/.*organizationalUnitName *= //p')
as_account openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/got/ca.key" -out "$WORK/got/ca.pem" \
	-days 5 -subj "/O=JQM/OU=$issuer/CN=JQM-CA" 2>/dev/null
as_account openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/got/forged.key" -subj "/$subject" -addext "subjectAltName=$names" 2>/dev/null |
	as_account openssl x509 -req -CA "$WORK/got/ca.pem" -CAkey "$WORK/got/ca.key" -copy_extensions copy -days 5 -out "$WORK/got/forged.crt" 2>/dev/null
as_account sh -c "cat $WORK/got/forged.key $WORK/got/forged.crt >$WORK/got/forged.pem"
is "another authority's certificate with all names of n1's" "$(openssl x509 -in "$WORK/got/forged.crt" -noout -subject -issuer -ext subjectAltName)" \
	"$(openssl x509 -in "$own" -noout -subject -issuer -ext subjectAltName)"
is "opens nothing" "$(door "$WORK/got/forged.pem" "/ws/node/file/$big_guid")" 401

# A node's certificate is revoked: not a request later.
stop watch 1
id=$(sql "SELECT id FROM jqm.certificate WHERE kind = 'NODE' AND name = 'n1' AND revoked_at IS NULL")
is "n1's certificate is revoked" "$(code DELETE "/ws/admin/certificate/$id?reason=lost") $(door "$WORK/got/n1.pem" "/ws/node/file/$big_guid")" "204 401"
fails() { # DESCRIPTION STATUS PATTERN
	local body
	body=$(api GET "/ws/client/ji/$job/stdout")
	is "$1: status" "$(api_status)" "$2"
	like "$1: says which node, and why" "$(jq -r .userReadableMessage <<<"$body")" "^stdout of job instance $job is on node \"n2\".*$3"
}
fails "asked with it" 502 "does not accept this node's certificate: it was revoked"
start_watch 1
fetches() { settled && [ "$(code GET "/ws/client/ji/$job/stdout")" = 200 ] && settled; }
ok "n1 made itself another one" wait_for 20 fetches
is "the old one stays shut out" "$(door "$WORK/got/n1.pem" "/ws/node/file/$big_guid")" 401

# --- n2 is not who it should be ---------------------------------------------------------------------------------------------
stop watch 2
as_account cp "$WORK/n2/nginx/tls/node.pem" "$WORK/got/n2.pem"
reload_n2() { kill -HUP "$(cat "$WORK/n2/nginx/nginx.pid")"; }
shows() { # FILE: n2 does
	[ "$(on n1 openssl s_client -connect n2.test:1789 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint)" = "$(openssl x509 -in "$1" -noout -fingerprint)" ] && settled
}
as_account cp "$own" "$WORK/n2/nginx/tls/node.pem"
reload_n2
ok "n2 shows n1's certificate" wait_for 20 shows "$own"
fails "a node with another node's certificate" 502 'shows a certificate that is not that node.s'
like "the log says which" "$(tail -n 5 "$WORK/n1/nginx/log/nginx-error.log")" 'upstream SSL certificate does not match'
as_account cp "$WORK/got/n2.pem" "$WORK/n2/nginx/tls/node.pem"
reload_n2
ok "its own again" wait_for 20 fetches
sql "SELECT jqm.certificate_revoke(id, 'root') FROM jqm.certificate WHERE kind = 'NODE' AND name = 'n2'"
is_refused() { [ "$(code GET "/ws/client/ji/$job/stdout")" = 502 ] && settled; }
ok "a revoked one is not believed" wait_for 20 is_refused
fails "n2 with a revoked certificate" 502 'shows a certificate'
like "the log says so" "$(tail -n 20 "$WORK/n1/nginx/log/nginx-error.log")" 'certificate revoked'
start_watch 2
ok "n2 makes itself another one" wait_for 20 fetches

# One that sends orders in place of bytes, or half of them.
stop nginx 2
as_account tee "$WORK/n2/false.py" >/dev/null <<'PY'
import socket, ssl, sys
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[1])
answers = {
    b"stdout": b"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /ws/admin/me\r\nSet-Cookie: a=b\r\nContent-Length: 6\r\n\r\nbytes\n",
    b"stderr": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf\n\r\n",
    b"/file/": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf\n",
    b"/log?": b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n",
}
server = socket.create_server(("10.77.0.12", 1789))
while True:
    raw, _ = server.accept()
    try:
        with context.wrap_socket(raw, server_side=True) as s:
            request = b""
            while b"\r\n\r\n" not in request:
                request += s.recv(4096)
            print(request.decode(), flush=True)
            s.sendall(next(a for key, a in answers.items() if key in request.split(b"\r\n")[0]))
    except OSError as e:
        print(e, flush=True)
PY
start false 2 /usr/bin/python3 "$WORK/n2/false.py" "$WORK/n2/nginx/tls/node.pem"
gives_bytes() { [ "$(api GET "/ws/client/ji/$job/stdout")" = bytes ]; }
ok "a node that orders nginx to send something else is not obeyed" wait_for 20 gives_bytes
unlike "nor gives it cookies to anybody" "$(api GET "/ws/client/ji/$job/stdout" -D - -H 'Cookie: jqm-session=x' -H 'X-Secret: x')" '^(Set-Cookie|X-Accel)'
unlike "and it learns nothing of the caller" "$(cat "$WORK/n2/false.out")" '[Aa]uthorization|[Cc]ookie|X-Secret|User-Agent'
partial() { curl -sS -m 20 -u "$AUTH" -o "$WORK/got/half" "$URL$1"; echo $?; }
is "half a file is none, with a length" "$(partial "/ws/simple/file?id=$big_guid" 2>/dev/null)" 18
like "nor without" "$(partial "/ws/client/ji/$job/stderr" 2>/dev/null)" '^(18|92|56)$'
like "and it leads nobody elsewhere" "$(api GET '/ws/admin/node/n2/log?latest=1') $(api_status)" 'gave an answer that is none.* 502$'
stop false 2
start_nginx 2
ok "n2 is itself again" wait_for 20 fetches

# --- n2's port and name change, while it runs --------------------------------------------------------------------------------
as_json() { json GET "/ws/admin/node/$node2" | jq -c "$1"; }
node2=$(sql "SELECT id FROM jqm.node WHERE name = 'n2'")
is "n2 is given another port" "$(send_code PUT "/ws/admin/node/$node2" "$(as_json '.port = 1801')")" 204
ok "it listens there" wait_for 20 is_up 2 1801
ok "n1 finds it" wait_for 20 fetches
is_shut() { ! is_up 2; }
ok "the old one is shut" wait_for 20 is_shut # as soon as nginx's old workers have left
refused "a name that is none" 400 'field "dns": "n2 test" is neither' PUT "/ws/admin/node/$node2" "$(as_json '.dns = "n2 test"')"
refused "a URL" 400 'neither the name of a host nor an address' PUT "/ws/admin/node/$node2" "$(as_json '.dns = "n2.test:80/x"')"
refused "a command" 400 'neither the name of a host nor an address' PUT "/ws/admin/node/$node2" "$(as_json '.dns = "n2;return 200"')"
start holder 2 /usr/bin/python3 -c 'import signal, socket; s = socket.create_server(("10.77.0.12", 1802)); print("here", flush=True); signal.pause()'
ok "somebody has port 1802" wait_for 20 grep -q here "$WORK/n2/holder.out"
sql "UPDATE jqm.node SET port = 1802 WHERE name = 'n2'"
ok "it is told, and why" wait_for 20 grep -q 'web_unchanged.*port 1802 of 10.77.0.12 cannot be taken' "$WORK/n2/watch.out"
ok "n2 goes on as before" is_up 2 1801
stop holder 2
sql "UPDATE jqm.node SET port = 1801 WHERE name = 'n2'"
sql "UPDATE jqm.node SET dns = '10.77.0.12' WHERE name = 'n2'"
ok "an address will do as well: it is known by its own name" wait_for 20 fetches
for dns in 0.0.0.0 224.0.0.1 169.254.169.254 fe80::1 nowhere.test; do
	sql "UPDATE jqm.node SET dns = '$dns' WHERE name = 'n2'"
	fails "dns $dns" 503 "$dns. has no address here at which one host could be reached"
done
sql "UPDATE jqm.node SET dns = 'localhost' WHERE name = 'n2'; UPDATE jqm.node SET port = 1789 WHERE name = 'n2'"
fails "n2 where n1 is" 502 'shows a certificate'
sql "UPDATE jqm.node SET dns = 'n2.test', port = 1789 WHERE name = 'n2'"
# From all addresses to one nginx is started anew (cli/up/listen_change.h): if the watch has seen dns 0.0.0.0, it ends nginx, and who
# runs nginx starts it.  Here that is us.
is_rendered() { grep -q 'listen 10\.77\.0\.12:1789' "$WORK/n2/nginx/nginx.conf"; }
has_ended() { [ ! -s "$WORK/n2/nginx/nginx.pid" ]; } # nginx -t leaves an empty one
is_back_or_has_ended() { has_ended || fetches; }
wait_for 20 is_rendered && wait_for 20 is_back_or_has_ended
if has_ended; then
	stop nginx 2
	start_nginx 2
fi
ok "back" wait_for 20 fetches ||
	diag "n2 listens on: $(on n2 ss -Hltn | awk '{print $4}' | xargs)" "$(grep -h listen "$WORK/n2/nginx/nginx.conf")" \
		"$(tail -n 20 "$WORK/n2/watch.out" "$WORK/n2/nginx/log/nginx-error.log")"

# --- certificates of another authority ------------------------------------------------------------------------------------------
. "$JQM_TEST_SOURCE/tests/lib/other_authority.sh"
other_authority "$WORK/pki"
for n in 1 2; do
	sign n$n middle node_ext "node $n" "DNS:n$n.test"
	cat "$P/n$n.pem" "$P/middle.pem" >"$P/n$n.chain"
	printf '[pki]\ncertificate = "%s/n%d.chain"\nkey = "%s/n%d.key"\ntrust = "%s/trust.pem"\ncrl = "%s/crls.pem"\n' "$P" $n "$P" $n "$P" "$P" |
		as_account tee -a "$WORK/n$n/jqm.ini" >/dev/null
done
sign anna middle leaf_ext n1.test 'email:anna@example.org'
sign web middle leaf_ext anna 'DNS:n1.test'
sign twice middle node_ext n1.test 'DNS:n1.test,DNS:n2.test'
for who in n1 anna web twice; do
	cat "$P/$who.pem" "$P/middle.pem" "$P/$who.key" >"$P/$who.all"
done
chown -R "$account" "$P"
sql "UPDATE jqm.global_parameter SET value = 'false' WHERE key = 'enableInternalPki'"
ROOTS=$P/root.pem
ok "with them n1 fetches from n2" wait_for 20 fetches
is "n1's opens n2's door, and nothing else" "$(door "$P/n1.all" "/ws/node/file/$big_guid") $(door "$P/n1.all" /ws/admin/me)" "200 401"
is "the one of before does not" "$(door "$own" "/ws/node/file/$big_guid")" 401
is "nor do n1's name as common name, one for no server, one for two nodes" \
	"$(for who in anna web twice; do door "$P/$who.all" "/ws/node/file/$big_guid"; done)" 401401401
sql "INSERT INTO jqm.certificate_mapping (account_id, form, value) SELECT id, 'SAN', 'DNS:n1.test' FROM jqm.account WHERE login = 'nobody'"
is "nor one that is mapped to an account" "$(door "$P/n1.all" "/ws/node/file/$big_guid") $(door "$P/n1.all" /ws/admin/me)" "401 200"
sql "DELETE FROM jqm.certificate_mapping; UPDATE jqm.node SET dns = '10.77.0.12' WHERE name = 'n2'"
fails "an address for a name" 503 'its dns must be a name'
sql "UPDATE jqm.node SET dns = 'n2.test' WHERE name = 'n2'"
revoke n1
chown -R "$account" "$P"
is_shut() { [ "$(door "$P/n1.all" "/ws/node/file/$big_guid")" = 401 ] && settled; }
ok "revoked by its authority, it opens nothing when the list is there" wait_for 20 is_shut
fails "asked with it" 502 "does not accept this node's certificate"
sql "UPDATE jqm.global_parameter SET value = 'true' WHERE key = 'enableInternalPki'"
ROOTS=$WORK/n1/nginx/tls/roots.pem
ok "with the cluster's own authority again" wait_for 20 fetches

# --- n2 is not there --------------------------------------------------------------------------------------------------------
stop fcgi 2
fails "its web API is down" 502 'cannot be reached'
start_fcgi 2
ok "and up" wait_for 20 fetches
stop nginx 2
fails "its nginx is down" 502 'cannot be reached'
start_nginx 2
ok "and up, too" wait_for 20 fetches
slow() { curl -sS -m 300 --limit-rate 1M -u "$AUTH" -o "$WORK/got/slow$1" "$URL/ws/simple/file?id=$big_guid" 2>/dev/null; echo $? >"$WORK/got/slow$1.exit"; }
for i in 1 2 3 4 5 6; do slow $i & done
has_begun() { [ "$(find "$WORK/got" -name 'slow?' -size +0 | wc -l)" = 6 ]; }
ok "six slow callers get a large file" wait_for 20 has_begun
took() { curl -sS -m 20 -u "$AUTH" -o /dev/null -w '%{http_code} %{time_total}' "$URL/ws/admin/me"; }
like "n1's two workers are free" "$(took)" '^200 [0-9]\.' # the slow ones take 40 s
pull 2
like "the cable is cut: n1 still answers" "$(took)" '^200 [0-9]\.'
for _ in 1 2 3; do # a machine that is busy otherwise may be late
	begun=$EPOCHREALTIME
	fails "cut off" 504 'did not answer in time'
	took_us=$((${EPOCHREALTIME/./} - ${begun/./}))
	[ $took_us -ge 10000000 ] || break
done
ok "within 10 s" [ $took_us -lt 10000000 ]
# nginx logs what it asked for in vain, with the address; but not one that is a key.
is "a link is of no use either" "$(curl -sS -m 30 -o /dev/null -w '%{http_code}' "$URL$link")" 504
like "nginx's log tells of the one" "$(cat "$WORK/n1/nginx/log/nginx-error.log")" "upstream timed out.*/ws/client/ji/$job/stdout"
unlike "and not of the other" "$(cat "$WORK/n1/nginx/log/nginx-error.log")" "${link#*token=}"
all_failed() { [ "$(cat "$WORK"/got/slow?.exit 2>/dev/null | tr '\n' ' ')" = "18 18 18 18 18 18 " ]; }
ok "all six are told that it was not the whole file" wait_for 40 all_failed
put_back 2
ok "the cable is back" wait_for 30 fetches
done_testing
