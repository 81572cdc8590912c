#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The channel: TLS is turned on and off while the node runs; what is said in clear to a port that speaks TLS; a
# configuration that nginx refuses.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
CLEAR=http://127.0.0.1:$PORT

# A job that is asked to call its server when TLS is on: its address was given to it before.
cat >"$WORK/caller" <<'SH'
echo early
while [ ! -e "$1/go" ]; do sleep 0.05; done
me() { printf 'user = "%s:%s"\n' "$JQM_API_LOGIN" "$JQM_API_PASSWORD" | curl -sS -K - -w '%{http_code} ' "$@"; }
me -d 'text=it heard me' "$JQM_API_LOCAL_URL/ws/client/ji/$JQM_JI_ID/messages"
me "$JQM_API_LOCAL_URL/ws/client/ji/$JQM_JI_ID/stdout" -o "$1/own"
SH
define Caller "sh $WORK/caller $WORK"
job=$(enqueue Caller)
ok "a job runs" wait_for 20 job_is "$job" RUNNING

tls_up
ok "TLS is on a moment after enableWsApiSsl" tls_is_on
is "with a password over it" "$(json GET /ws/admin/me | jq -r .login)" root
touch "$WORK/go"
wait_job "$job"
is "the job that was running is heard at its old address" "$(api GET "/ws/client/ji/$job/stdout" | tr '\n' ' ')" "early 204 200 "
is "and given its own log" "$(head -1 "$WORK/own")" early
like "that was its word" "$(json GET "/ws/client/ji/$job/messages")" 'it heard me'
ok "jqm finds its server again by itself" env -u JQM_URL -u JQM_USER -u JQM_PASSWORD_FILE -u CURL_CA_BUNDLE -u JQM_CA_FILE "$JQM" jobs --home "$HOME_DIR"
like "jqm status tells the address" "$("$JQM" status --home "$HOME_DIR")" "https://127.0.0.1:$PORT/"

# --- in clear to the same port ---
said() { curl -sS -m 30 -o "$WORK/answer" -D "$WORK/head" -w '%{http_code}' "$@"; }
is "a password in clear is refused" "$(said -u "$AUTH" "$CLEAR/ws/admin/me")" 400
like "with a reason" "$(jq -r .userReadableMessage "$WORK/answer")" 'use https'
is "an order in clear too" "$(said -X POST "$CLEAR/ws/simple/ji" -d applicationname=x)" 400
is "a reader without a password is shown the way" "$(said "$CLEAR/some?a=1")" 308
like "to the same address" "$(tr -d '\r' <"$WORK/head")" "^Location: https://127.0.0.1:$PORT/some\?a=1$"
# While it asks for a login, what goes in clear is that, and no invitation to send one.
health=$CLEAR/ws/simple/localnode/health
is "the health of the node is not told in clear while it takes a login" "$(said "$health")" 401
unlike "nor is a password asked for" "$(cat "$WORK/head")" '^WWW-Authenticate'
unlike "nor anything told" "$(cat "$WORK/answer")" 'poll|runner'
is "a password for it is refused" "$(said -u "$AUTH" "$health")" 400
is "a session is led to https" "$(said -b jqm-session=x "$health")" 308
sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('enableAnonymousHealth', 'true')" >/dev/null
told() { [ "$(for _ in 1 2 3 4 5 6 7 8 9 10; do said "$health"; echo; done | sort -u)" = 200 ]; }
ok "the health of the node is told on the machine itself while nobody has to log in for it" wait_for 20 told
is "to all who send nothing in clear: a password is refused" "$(said -u "$AUTH" "$health")" 400
is "a wrong token of a job gets no further" "$(said -u job-1:guess "$CLEAR/ws/client/ji/1")" 401
is "a login like one does not either" "$(said -u jobs:x "$CLEAR/ws/admin/me")" 400
is "a claim of a certificate in clear proves nothing" \
	"$(said -u job-1:guess -H 'Ssl-Client-Verify: SUCCESS' -H 'SSL_CLIENT_VERIFY: SUCCESS' "$CLEAR/ws/admin/me")" 401

# --- what is spoken ---
speaks() { openssl s_client -connect "localhost:$PORT" -CAfile "$ROOTS" "$@" </dev/null 2>&1; }
like "TLS 1.3" "$(speaks -tls1_3)" 'Verify return code: 0'
like "TLS 1.2" "$(speaks -tls1_2)" 'Verify return code: 0'
unlike "no TLS 1.1" "$(speaks -tls1_1 -cipher 'ALL:@SECLEVEL=0')" 'Cipher is [A-Z]+[0-9A-Z-]+$'
unlike "nothing without forward secrecy" "$(speaks -tls1_2 -cipher 'AES128-GCM-SHA256:AES256-SHA')" 'Cipher is [A-Z]+[0-9A-Z-]+$'
like "a certificate is asked for, of our authority" "$(speaks -tls1_2)" 'Acceptable client certificate CA names'
unlike "no session is handed out to be taken up again" "$(speaks -tls1_3 -ign_eof <<<$'GET / HTTP/1.0\r\n\r')" 'Session Ticket arrived'
like "the certificate has the names a caller uses" \
	"$(openssl x509 -in "$HOME_DIR/state/tls/node.pem" -noout -ext subjectAltName)" 'DNS:localhost.*IP Address:0:0:0:0:0:0:0:1'
said "$URL/ws/admin/me" >/dev/null
like "browsers are told to stay with it" "$(tr -d '\r' <"$WORK/head")" '^Strict-Transport-Security: max-age=31536000$'
is "nobody else can read the key" "$(stat -c %a "$HOME_DIR/state/tls/node.pem" "$HOME_DIR/state/tls" | tr '\n' ' ')" "600 700 "

# --- a configuration that nginx refuses ---
log=$HOME_DIR/log/jqm.log
conf=$(cksum <"$HOME_DIR/conf/nginx.conf")
sql "UPDATE jqm.node SET dns = '192.0.2.77'" >/dev/null # an address that is not this machine's
ok "is told" wait_for 20 grep -q 'web_unchanged.*192.0.2.77' "$log"
is "and does not replace the one that works" "$(cksum <"$HOME_DIR/conf/nginx.conf")" "$conf"
is "which goes on" "$(json GET /ws/admin/me | jq -r .login)" root
nok "jqm nginx render --test says the same" "$JQM" nginx render --test --home "$HOME_DIR"
nok "jqm nginx render too" "$JQM" nginx render --home "$HOME_DIR"
is "which replaces nothing either" "$(cksum <"$HOME_DIR/conf/nginx.conf")" "$conf"
sql "UPDATE jqm.node SET dns = 'localhost'" >/dev/null
ok "with a good one jqm nginx render --test is content" "$JQM" nginx render --test --home "$HOME_DIR"
ok "jqm nginx render puts it in its place" "$JQM" nginx render --home "$HOME_DIR"
is "wrong words are refused" "$("$JQM" nginx paint 2>&1 | head -1)" 'jqm nginx: unexpected "paint"'

# --- back to clear ---
sql "UPDATE jqm.global_parameter SET value = 'false' WHERE key = 'enableWsApiSsl'" >/dev/null
in_clear() { [ "$(said -u "$AUTH" "$CLEAR/ws/admin/me")" = 200 ] && nginx_is_settled; }
ok "TLS is off a moment later" wait_for 20 in_clear
ok "jqm knows that too" env -u JQM_URL -u JQM_USER -u JQM_PASSWORD_FILE "$JQM" jobs --home "$HOME_DIR"

# --- a node that others can reach ---
sql "UPDATE jqm.node SET dns = '0.0.0.0'" >/dev/null
ok "has TLS unless somebody said otherwise" wait_for 20 tls_is_settled
listens() { ss -Hltn "sport = :$PORT" | grep -q "$1"; }
ok "it listens on all addresses" wait_for 20 listens "0.0.0.0:$PORT"
sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('allowClearHttp', 'true')" >/dev/null
ok "allowClearHttp says otherwise" wait_for 20 in_clear
sql "DELETE FROM jqm.global_parameter WHERE key = 'allowClearHttp'" >/dev/null
ok "without it there is TLS again" wait_for 20 tls_is_settled
sql "UPDATE jqm.node SET dns = 'no-such-host.invalid'" >/dev/null
ok "a name nobody knows is the loopback alone" wait_for 20 listens "127.0.0.1:$PORT"
ok "and says so" wait_for 20 grep -q 'dns_unknown' "$log"
listens_not() { ! listens "$1"; } # once nginx has given it up
ok "no other address is open" wait_for 20 listens_not "0.0.0.0:$PORT"
done_testing
