#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Webhooks, with a real receiver that is well, slow, closes, lies, redirects, never ends; and addresses that are refused.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Good true
define Bad 'exit 3'
define Long 'exec tail -f /dev/null'
ini=$HOME_DIR/conf/jqm.ini
lib=$(cd "$(dirname "$0")/../lib" && pwd)
docs=$lib/../../docs/webhooks.md
SECRET=whsec_$(openssl rand -base64 32)
OTHER=whsec_$(openssl rand -base64 32)
R_PORT=$(free_port)
R=$WORK/receiver
mkdir "$R"
receiver_up() { # DIR PORT [CERT KEY]
	/usr/bin/python3 "$lib/hook_receiver.py" "$2" "$1" "${@:3}" 2>>"$1/log" &
	wait_for 20 test -s "$1/pid" || diag "$(cat "$1/log")"
	at_exit kill "$(cat "$1/pid")"
}
receiver_up "$R" "$R_PORT"

hooks_pid() { cat "$HOME_DIR/run/jqm-hooks.pid" 2>/dev/null; }
is_new() { [ -n "$(hooks_pid)" ] && [ "$(hooks_pid)" != "$1" ] && kill -0 "$(hooks_pid)"; }
restart_hooks() { # SIGNAL
	local old
	old=$(hooks_pid)
	kill "-$1" "$old"
	wait_for 30 is_new "$old"
}
settings() { # LINE...: more of section [hooks]
	sed -i '/^# more$/,/^# end of more/d' "$ini"
	sed -i "/^\[hooks\]/a # more\\n$(printf '%s\\n' "$@")# end of more" "$ini"
	restart_hooks TERM
}
hook() { # NAME PATH-OR-URL [JSON MEMBERS] -> its number
	local url=$2
	[ "${url#/}" = "$url" ] || url=http://127.0.0.1:$R_PORT$url
	send POST /ws/admin/webhook "{\"name\":\"$1\",\"url\":\"$url\",\"newSecret\":\"$SECRET\"${3:+,$3}}" -D "$WORK/head" >&2
	tr -d '\r' <"$WORK/head" | sed -n 's|^Location: /ws/admin/webhook/||p'
}
ping_hook() { json POST "/ws/admin/webhook/$1/ping" | jq .id; } # ID -> number of the delivery
delivery() { json GET "/ws/admin/webhook/$1/delivery/$2"; } # HOOK DELIVERY
was_tried() { [ "$(sql "SELECT count(*) FROM jqm.webhook_attempt WHERE delivery_id = $1")" -ge "${2:-1}" ]; }
# Ping it, and tell what became of the first try: state, status, reason, answer.
outcome() { # HOOK
	local id
	id=$(ping_hook "$1")
	wait_for 20 was_tried "$id"
	delivery "$1" "$id" | jq -r '[.state, .attempts[0].status, .attempts[0].reason, .attempts[0].answer] | map(. // "-") | join("|")'
}
# What arrived under that path, one request a line.
arrived() { jq -c "select(.path == \"$1\")" "$R/requests" 2>/dev/null; }
has_arrived() { [ "$(arrived "$1" | wc -l)" -ge "${2:-1}" ]; }
due_now() { sql "UPDATE jqm.webhook_delivery SET next_try_at = now(), lease_until = NULL WHERE id = $1; NOTIFY jqm_webhook"; }
signature_is_good() { # REQUEST SECRET
	/usr/bin/python3 - "$1" "$2" <<-'P'
	import base64, hashlib, hmac, json, sys, time
	r, key = json.loads(sys.argv[1]), base64.b64decode(sys.argv[2][6:])
	h = r["headers"]
	text = "%s.%s.%s" % (h["webhook-id"], h["webhook-timestamp"], r["body"])
	want = "v1," + base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
	assert want in h["webhook-signature"].split(), h
	assert abs(time.time() - int(h["webhook-timestamp"])) < 120
	P
}

# --- Addresses that are not public, whatever they are called.
local_hook=$(hook local "http://127.0.0.1:$R_PORT/ok/refused")
like "this machine is refused" "$(outcome "$local_hook")" '^PENDING\|-\|address 127\.0\.0\.1 is not public'
# A name that no list of special names has; where this machine's own is public there is none to be had.
own=$(hostname)
getent ahosts "$own" | grep -qE '^(127|10|192\.168|172\.(1[6-9]|2[0-9]|3[01]))\.' || own=
for host in $own localhost 127.1 2130706433 0x7f000001 0177.0.0.1 0x7f.1 '[::1]' '[::ffff:127.0.0.1]' '[::ffff:7f00:1]' 0 \
	169.254.169.254 10.0.0.1 192.168.1.1 '[fe80::1]' '[fd00::1]' 224.0.0.1 255.255.255.255; do
	code=$(send_code PUT "/ws/admin/webhook/$local_hook" "{\"name\":\"local\",\"url\":\"http://$host:$R_PORT/ok/refused\"}")
	is "a hook to $host can be made" "$code" 204
	like "and is refused when its address is known" "$(outcome "$local_hook")" '^PENDING\|-\|address [0-9a-f.:]+ is not public'
done
is "nothing has arrived" "$(arrived /ok/refused | wc -l)" 0
is "deleted" "$(code DELETE "/ws/admin/webhook/$local_hook")" 204

# --- Settings that make no sense.
sed "/^\[hooks\]/a allow = localhost" "$ini" >"$WORK/wrong.ini" && chmod 600 "$WORK/wrong.ini"
like "what is no network is refused" "$("$JQM_BIN/jqm-hooks" --config "$WORK/wrong.ini" 2>&1)" 'hooks:allow: "localhost" is no network'
sed "/^\[hooks\]/a ca_file = /nowhere.pem" "$ini" >"$WORK/wrong.ini" && chmod 600 "$WORK/wrong.ini"
like "what is no file is refused" "$("$JQM_BIN/jqm-hooks" --config "$WORK/wrong.ini" 2>&1)" 'hooks:ca_file: could not read "/nowhere.pem"'
is "no configuration: usage" "$("$JQM_BIN/jqm-hooks" >/dev/null 2>&1; echo $?)" 2

# --- Each end, signed.
ok "an administrator allows this machine" settings 'allow = "127.0.0.1, ::1"' 'timeout_ms = 2000'
all=$(hook all /ok/all)
hook bad /ok/bad '"states":["CRASHED","KILLED"]' >/dev/null
job=$(enqueue Good)
ok "the end of a job arrives" wait_for 20 has_arrived /ok/all
request=$(arrived /ok/all)
ok "signed" signature_is_good "$request" "$SECRET"
is "as JSON" "$(jq -r '.headers["content-type"]' <<<"$request")" application/json
is "with what ended, and how" "$(jq -c '.body | fromjson | [.type, .data.id, .data.applicationName, .data.state]' <<<"$request")" "[\"job.ended\",$job,\"Good\",\"ENDED\"]"
crashed=$(enqueue Bad)
ok "a crash arrives where only crashes are told" wait_for 20 has_arrived /ok/bad
is "with the exit code" "$(arrived /ok/bad | jq -c '.body | fromjson | [.type, .data.id, .data.exitCode]')" "[\"job.crashed\",$crashed,3]"
killed=$(enqueue Long)
ok "a job runs" wait_for 20 job_is "$killed" RUNNING
"$JQM" kill "$killed"
ok "a kill arrives" wait_for 20 has_arrived /ok/bad 2
sql "SELECT jqm.cancel(jqm.enqueue('Good', held => true), 'bob')" >/dev/null
ok "a cancelled job arrives" wait_for 20 has_arrived /ok/all 4
is "each once" "$(arrived /ok/all | jq -r '.body | fromjson | .type' | sort | tr '\n' ' ')" "job.cancelled job.crashed job.ended job.killed "
is "the log says so" "$(json GET "/ws/admin/webhook/$all/delivery" | jq -c 'map([.state, .tries, .attempts[0].status, .attempts[0].answer]) | unique')" '[["DELIVERED",1,200,"ok"]]'
six=$(hook six "http://[::1]:$R_PORT/ok/six")
is "IPv6" "$(outcome "$six")" 'DELIVERED|200|-|ok'

# --- Verifying a signature as the documentation tells.
jq -rj .body <<<"$request" >"$WORK/body"
for kind in sh python; do
	sed -n "/^\`\`\`$kind\$/,/^\`\`\`\$/p" "$docs" | sed '1d;$d' >"$WORK/verify.$kind"
	ok "the documentation has an example in $kind" test -s "$WORK/verify.$kind"
done
verify() { # INTERPRETER EXAMPLE SECRET
	webhook_id=$(jq -r '.headers["webhook-id"]' <<<"$request") webhook_timestamp=$(jq -r '.headers["webhook-timestamp"]' <<<"$request") \
		webhook_signature=$(jq -r '.headers["webhook-signature"]' <<<"$request") secret=$3 "$1" "$2" <"$WORK/body"
}
ok "in shell" verify bash "$WORK/verify.sh" "$SECRET"
nok "which finds what is forged" verify bash "$WORK/verify.sh" "$OTHER"
ok "in Python" verify /usr/bin/python3 "$WORK/verify.python" "$SECRET"
nok "which finds what is forged" verify /usr/bin/python3 "$WORK/verify.python" "$OTHER"

# --- Receivers with bad manners.
says() { # DESCRIPTION PATH PATTERN
	local id
	id=$(hook "h$2" "$2")
	like "$1" "$(outcome "$id")" "$3"
	code DELETE "/ws/admin/webhook/$id" >/dev/null
}
says "one that never answers is given up" /slow '^PENDING\|-\|Operation timed out'
says "one that closes" /close '^PENDING\|-\|Empty reply'
says "one that resets" /reset '^PENDING\|-\|Recv failure'
says "nobody there" "http://127.0.0.1:1/" '^PENDING\|-\|.*connect'
says "a name nobody has" "http://nobody.invalid/" '^PENDING\|-\|Could not resolve'
says "a redirect is not followed" /redirect '^PENDING\|302\|answered 302: redirects are not followed'
is "not even looked at" "$(arrived /ok/redirected | wc -l)" 0
says "nonsense" /nonsense '^PENDING\|-\|.*HTTP/0.9'
says "HTTP/0.9" /old '^PENDING\|-\|.*HTTP/0.9'
says "an error" /status-500 '^PENDING\|500\|answered 500\|answer'
says "204 is fine" /status-204 '^DELIVERED\|204\|-\|'
says "1 GB is not read" /huge '^DELIVERED\|200\|answered 200 and more than 65536 bytes\|z{1000}$'
says "nor headers without end" /heads '^PENDING\|-\|answered more than 65536 bytes of headers'
says "who promises more than he sends has taken it" /short '^DELIVERED\|200\|answered 200, then broke off: .*\|0123456789$'
says "who sends more than he promises has taken it" /more '^DELIVERED\|200\|-\|yy$'
says "so has who trickles" /trickle '^DELIVERED\|200\|answered 200, then broke off: Operation timed out'
says "what is answered cannot steer a terminal" /terminal '^PENDING\|500\|answered 500\|a b \[31mc\?\?  dée$'
unlike "nor is it in the database as it came" "$(sql "SELECT string_agg(answer, '') FROM jqm.webhook_attempt")" $'[\x01-\x1f]'

# --- Later, then well; gone.
flaky=$(hook flaky /flaky/x)
id=$(ping_hook "$flaky")
ok "an error is tried" wait_for 20 was_tried "$id"
is "it waits for its next try" "$(delivery "$flaky" "$id" | jq -c '[.state, .nextTryDate != null, .attempts[0].status]')" '["PENDING",true,500]'
is "and the hook says that it fails" "$(json GET "/ws/admin/webhook/$flaky" | jq '.failingSince != null')" true
due_now "$id"
ok "then it is tried again" wait_for 20 was_tried "$id" 2
is "and delivered" "$(delivery "$flaky" "$id" | jq -c '[.state, .tries, (.attempts | map(.status))]')" '["DELIVERED",2,[500,200]]'
is "under the same number, with the same bytes" "$(arrived /flaky/x | jq -c '[.headers["webhook-id"], .body]' | sort -u | wc -l)" 1
is "the hook is well" "$(json GET "/ws/admin/webhook/$flaky" | jq .failingSince)" null
later=$(hook later /later)
id=$(ping_hook "$later")
ok "who asks for time" wait_for 20 was_tried "$id"
is "gets it" "$(sql "SELECT next_try_at - now() > interval '25 min' FROM jqm.webhook_delivery WHERE id = $id")" t
gone=$(hook gone /status-410)
like "410: given up" "$(outcome "$gone")" '^GIVEN_UP\|410\|answered 410'
is "and nothing more is told" "$(json GET "/ws/admin/webhook/$gone" | jq -c '[.enabled, .problem]')" '[false,"disabled: its receiver answered 410 Gone"]'

# --- Another secret; the last one signs for a while.
ok "another secret" test "$(send_code PUT "/ws/admin/webhook/$six" "{\"name\":\"six\",\"url\":\"http://127.0.0.1:$R_PORT/ok/rotated\",\"newSecret\":\"$OTHER\"}")" = 204
outcome "$six" >/dev/null
ok "signs" signature_is_good "$(arrived /ok/rotated | head -1)" "$OTHER"
ok "and so does the last one" signature_is_good "$(arrived /ok/rotated | head -1)" "$SECRET"
sql "UPDATE jqm.webhook SET old_secret_until = now() WHERE id = $six"
outcome "$six" >/dev/null
nok "for a day" signature_is_good "$(arrived /ok/rotated | tail -1)" "$SECRET"

# --- Slow receivers delay nobody; two senders never send one thing at once; a killed sender loses nothing.
slow=$(hook slow /slow/many)
sql "SELECT count(jqm.webhook_ping($slow)) FROM generate_series(1, 60)" >/dev/null
ok "some are on their way to a slow receiver" wait_for 20 has_arrived /slow/many
from_ms=$((${EPOCHREALTIME/./} / 1000))
is "another one is told meanwhile" "$(outcome "$six")" 'DELIVERED|200|-|ok'
took_ms=$((${EPOCHREALTIME/./} / 1000 - from_ms))
[ "$(sql "SELECT count(*) FROM jqm.webhook_delivery WHERE webhook_id = $slow AND tries = 0")" -gt 0 ]
tap_result $? "before all were tried ($took_ms ms)"
code DELETE "/ws/admin/webhook/$slow" >/dev/null
sed "s|log/jqm-hooks.log|log/jqm-hooks-2.log|" "$ini" >"$WORK/second.ini" && chmod 600 "$WORK/second.ini"
# Whatever its environment says, it asks no proxy.
http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 "$JQM_BIN/jqm-hooks" --config "$WORK/second.ini" --pid-file "$WORK/second.pid" &
second=$!
ok "a second sender" wait_for 20 test -s "$WORK/second.pid"
many=$(hook many /ok/many)
sql "SELECT count(jqm.webhook_ping($many)) FROM generate_series(1, 200)" >/dev/null
ok "200 things are told by two" wait_for 60 has_arrived /ok/many 200
is "each once" "$(arrived /ok/many | jq -r '.headers["webhook-id"]' | sort -u | wc -l) $(arrived /ok/many | wc -l)" "200 200"
kill -TERM "$second"
wait "$second"
is "TERM ends it" $? 0
sed -i 's/^timeout_ms = 2000/timeout_ms = 120000/' "$ini"
ok "with more patience" restart_hooks TERM
held=$(hook held /slow/held)
id=$(ping_hook "$held")
ok "one is on its way" wait_for 20 has_arrived /slow/held
ok "its sender is killed" restart_hooks KILL
is "who comes next leaves it, for who has it may live" "$(delivery "$held" "$id" | jq -c '[.state, .tries, .attempts]')" '["PENDING",1,[]]'
sql "UPDATE jqm.webhook SET url = 'http://127.0.0.1:$R_PORT/ok/held' WHERE id = $held"
due_now "$id" # as if its lease were over
ok "then it is taken up" wait_for 20 has_arrived /ok/held
ok "with a word about what happened" wait_for 20 was_tried "$id" 2
is "in the log" "$(delivery "$held" "$id" | jq -c '[.state, (.attempts | map(.reason))]')" '["DELIVERED",["unknown: its sender never told",null]]'
held2=$(hook held2 /slow/held2)
id=$(ping_hook "$held2")
ok "one is on its way" wait_for 20 has_arrived /slow/held2
from_ms=$((${EPOCHREALTIME/./} / 1000))
ok "TERM ends the sender all the same" restart_hooks TERM
took_ms=$((${EPOCHREALTIME/./} / 1000 - from_ms))
[ $took_ms -lt 60000 ]
tap_result $? "and not as late as it would have given up ($took_ms ms)"
is "which says so before" "$(delivery "$held2" "$id" | jq -c '[.state, .attempts[0].reason]')" '["PENDING","jqm-hooks was stopped"]'
code DELETE "/ws/admin/webhook/$held2" >/dev/null

# --- TLS.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
T_PORT=$(free_port)
mkdir "$WORK/tls"
receiver_up "$WORK/tls" "$T_PORT" "$WORK/cert.pem" "$WORK/key.pem"
tls=$(hook tls "https://localhost:$T_PORT/ok")
like "a certificate nobody vouches for is refused" "$(outcome "$tls")" '^PENDING\|-\|.*certificate'
is "and nothing was said" "$(cat "$WORK/tls/requests" 2>/dev/null)" ""
ok "with its authority" settings 'allow = "127.0.0.1, ::1"' "ca_file = $WORK/cert.pem"
is "it is accepted" "$(outcome "$tls")" 'DELIVERED|200|-|ok'
send_code PUT "/ws/admin/webhook/$tls" "{\"name\":\"tls\",\"url\":\"https://127.0.0.1:$T_PORT/ok\"}" >/dev/null
like "not under another name" "$(outcome "$tls")" '^PENDING\|-\|SSL: .*127\.0\.0\.1'

# --- Without its key nothing is sent, and nothing is lost.
mv "$HOME_DIR/conf/secrets.key" "$WORK/secrets.key"
"$JQM" secrets keygen "$HOME_DIR/conf/secrets.key" >/dev/null
like "sealed with a key that is not there" "$(outcome "$many")" '^PENDING\|-\|cannot be signed: its secret: it is sealed with key'
cp "$WORK/secrets.key" "$HOME_DIR/conf/secrets.key"

# --- The secrets are nowhere.
for word in "${SECRET#whsec_}" "${OTHER#whsec_}"; do
	is "in no log" "$(grep -rlF -e "$word" "$HOME_DIR/log" | wc -l)" 0
	is "in no answer" "$(json GET /ws/admin/webhook | grep -cF -e "$word")" 0
	is "not in the database" "$(sql "SELECT (SELECT count(*) FROM jqm.webhook AS w WHERE strpos(w::text, '$word') > 0) + (SELECT count(*) FROM jqm.audit AS a WHERE strpos(a::text, '$word') > 0) + (SELECT count(*) FROM jqm.webhook_delivery AS d WHERE strpos(d::text, '$word') > 0)")" 0
done
done_testing
