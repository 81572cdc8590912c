#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The library and servers that are not there, talk nonsense, or are somebody else: each call is an error that says so.
. "$(dirname "$0")/../lib/stack.sh"
WORK=$(scratch)
at_exit rm -rf "$WORK"
CALL=$JQM_BIN/../tests/client/call
export JQM_CALL_PASSWORD=x
mkfifo "$WORK/in"
python3 "$(dirname "$0")/nonsense_server.py" <"$WORK/in" >"$WORK/port" 2>"$WORK/server.log" &
exec 9>"$WORK/in" # as long as it is open the server lives
wait_for 20 test -s "$WORK/port"
SERVER=http://127.0.0.1:$(cat "$WORK/port")

says() { # DESCRIPTION LOGIN CALL PATTERN
	like "$1" "$(JQM_CALL_USER=$2 timeout 60 "$CALL" "$SERVER" "$3" 2>&1)" "$4"
}
no_sense='^internal: the server.s answer is not understood'
unsure='^uncertain: it may or may not have been done, look before you repeat it: the server'
for what in job query queues; do
	for login in html html-as-json empty null half deep bytes; do
		says "$login for $what" $login $what "$no_sense"
	done
done
# Whoever answers an order so may have obeyed it.
for what in enqueue all again restart kill-all input; do
	for login in html html-as-json empty null half deep bytes; do
		says "$login for $what" $login $what "$unsure"
	done
done
says "more jobs than were asked for" many all "$unsure"
for login in html html-as-json empty half; do
	says "$login for an order that has no answer" $login kill "$unsure"
done
for what in job query queues; do
	says "wrong types for $what" types $what "$no_sense"
done
says "wrong types for enqueue" types enqueue "$unsure"
says "an object without an id for job" object job "$no_sense"
says "an object without an id for enqueue" object enqueue "$unsure"
says "a negative number for job" negative job "$no_sense"
says "a negative number for enqueue" negative enqueue "$unsure"
says "a state nobody knows" state job 'not understood.*state'
says "a state nobody knows in a list" state query 'not understood.*instances\[0\].*state'
says "no status of a queue" html status "$no_sense"
for login in 502 504; do
	for what in enqueue all kill input; do
		says "$login, after which nobody knows, for $what" $login $what '^uncertain: the server (answered with status 502|did not answer in time)'
	done
	for what in job query file log; do
		says "$login for $what, which can be asked again" $login $what '^not now: the server (answered with status 502|did not answer in time)'
	done
done
says "503 for an order: it was not done" 503 enqueue '^not now: the server answered with status 503'
for what in job enqueue kill file log; do
	says "another place, which is not gone to, for $what" 302 $what '^internal: the server answered with status 302'
	says "a page of errors for $what" 500 $what '^internal: the server answered with status 500'
	says "an error that is none for $what" error-types $what '^conflict: the server answered with status 409'
done
says "too long a reason is cut" error kill '^conflict: x{400,520}$'
says "a page in place of a file" html file '^internal: the server sent text/html in place of the file'
says "a log without a place" bytes log '^internal: the server does not say which part'
says "a log without a range" no-range log '^internal: the server does not say which part'
says "a log with a range that is none" range log '^internal: the server does not say which part'
says "a cut answer to a question" cut job '^not now: cannot reach'
says "a cut answer to an order" cut enqueue '^uncertain: no answer from'
says "a cut answer to a query, which changes nothing" cut query '^not now: cannot reach'
says "a cut file" cut-file file '^not now: cannot reach'
says "a gigabyte to a question" huge job '^too large: '
says "a gigabyte to a query" huge query '^too large: '
says "a gigabyte to an order" huge enqueue '^uncertain: it may or may not have been done'
says "a gigabyte to an order that has no answer" huge kill '^uncertain: it may or may not have been done'
says "a gigabyte of why not" huge-error job '^too large: '
for what in job file log; do
	says "headers without end for $what" heads $what '^not now: cannot reach'
done
says "headers without end for an order" heads enqueue '^uncertain: no answer from'
says "no answer at all to a question" close job '^not now: '
says "no answer at all to an order" close enqueue '^uncertain: '
says "what is no HTTP" garbage job '^(not now|internal): '
export JQM_CALL_PATIENCE=3
says "a server that says nothing: a question" silent job '^not now: '
says "a server that says nothing: an order" silent kill '^uncertain: '
unset JQM_CALL_PATIENCE

# --- the command line, of which much is the library's ---
(umask 077 && echo x >"$WORK/password")
typed() { # DESCRIPTION LOGIN PATTERN EXIT WORD...
	local out code
	out=$(JQM_URL=$SERVER JQM_USER=$2 JQM_PASSWORD_FILE=$WORK/password timeout 60 "$JQM" "${@:5}" 2>&1)
	code=$?
	like "jqm $5: $1" "$code $(head -1 <<<"$out")" "^$4 jqm ${5}: $3"
}
for login in html half; do
	typed "$login for an order that has no answer" $login 'it may or may not have been done.*status 200 where 204 is due' 1 kill 5
	typed "$login for a new job" $login "it may or may not have been done.*answer is not understood" 1 enqueue Greet
	typed "$login for a list" $login "the server's answer is not understood" 1 jobs
	typed "$login in place of a file" $login 'the server sent (text/html|application/json) in place of the file' 1 get 5 -o -
	typed "$login in place of a log" $login 'the server sent (text/html|application/json) in place of the log' 1 log 5
done
typed "502 for a new job: nobody knows" 502 'the server answered with status 502' 1 enqueue Greet
typed "502 for a question: later" 502 'the server answered with status 502' 4 jobs
typed "another place" 302 'the server answered with status 302' 1 jobs
typed "a gigabyte" huge 'longer than' 1 jobs
typed "headers without end" heads 'cannot reach' 4 jobs

# --- nobody there ---
port=$(free_port)
like "a web server that is not there" "$(JQM_CALL_USER=u "$CALL" "http://127.0.0.1:$port" enqueue)" '^not now: cannot reach'
like "a host that is not there" "$(JQM_CALL_USER=u JQM_CALL_PATIENCE=5 "$CALL" "http://nowhere.invalid:1" enqueue)" '^not now: cannot reach'
unset JQM_CALL_PASSWORD
like "a database that is not there" "$("$CALL" "postgresql://127.0.0.1:$port/jqm" enqueue)" '^not now: '
like "a socket that is not there" "$("$CALL" "host=$WORK dbname=jqm" queues)" '^not now: '
like "what is no address" "$("$CALL" "postgresql://h/jqm?nonsense=1" queues)" '^invalid: the address is neither'

# --- what is no PostgreSQL ---
mkfifo "$WORK/in2"
python3 "$(dirname "$0")/nonsense_database.py" <"$WORK/in2" >"$WORK/ports" 2>"$WORK/databases.log" &
exec 8>"$WORK/in2"
wait_for 20 grep -q '^$' "$WORK/ports"
export JQM_CALL_PATIENCE=5
while read -r name port; do
	[ -n "$name" ] || continue
	for what in queues enqueue file; do
		like "a database that is none: $name for $what" \
			"$(timeout 60 "$CALL" "postgresql://127.0.0.1:$port/jqm?connect_timeout=3" $what 2>&1)" '^(not now|internal|uncertain): .{10}'
	done
done <"$WORK/ports"
unset JQM_CALL_PATIENCE

# --- somebody else: TLS ---
mkdir "$WORK/tls"
key() { # NAME HOST
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/tls/$1.key" -out "$WORK/tls/$1.pem" \
		-subj "/CN=$2" -addext "subjectAltName=DNS:$2" -days 2 >/dev/null 2>&1
}
key good localhost
key other other.example.org
openssl x509 -in "$WORK/tls/good.pem" -signkey "$WORK/tls/good.key" -days -1 -out "$WORK/tls/expired.pem" 2>/dev/null
cp "$WORK/tls/good.key" "$WORK/tls/expired.key"
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
tls() { # DESCRIPTION NAME CA PATTERN
	local port said server
	port=$(free_port)
	openssl s_server -accept "$port" -cert "$WORK/tls/$2.pem" -key "$WORK/tls/$2.key" -quiet -www >/dev/null 2>&1 </dev/null &
	server=$!
	wait_for 20 listens "$port"
	said=$(JQM_CALL_CA=$3 "$CALL" "https://localhost:$port" job)
	kill $server
	like "$1" "$said" "$4"
}
tls "a certificate that is over" expired "$WORK/tls/expired.pem" '^not now: cannot reach.*certificate has expired'
tls "a certificate of nobody we trust" good "$WORK/tls/other.pem" '^not now: cannot reach.*certificate'
tls "a certificate of another host" other "$WORK/tls/other.pem" '^not now: cannot reach.*(name|host)'
tls "a file of authorities that is not there" good "$WORK/none.pem" '^(not now|invalid): '
like "a certificate of ours that is not there" \
	"$(JQM_CALL_CERTIFICATE=$WORK/none.pem "$CALL" "https://localhost:$port" job)" '^not now: '
done_testing
