#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What it costs to say who one is, GET of one job: a password that was right before against nobody asking (goal: under
# 10 % more); TLS with a client certificate against a password in clear (goal: 0.85 of the rate); and what 200 wrong passwords
# a second, each from another address, do to those who have theirs right (goal: p99 3 times as long).
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

bench_up
fcgi=$(pid_of jqm-fcgi) nginx=$(pid_of nginx)
sql "INSERT INTO jqm.queue (name) VALUES ('BENCH')" >/dev/null
define BenchHeld true BENCH
job=$(sql "SELECT jqm.enqueue('BenchHeld', parameters => '{\"month\": \"2024-03\"}')")
path=/ws/client/ji/$job
n=${BENCH_REQUESTS:-12000}
password=$AUTH64

# tell NAME GOAL: ROUNDS_A against ROUNDS_B
tell() {
	echo "$1: $(middle "$ROUNDS_A" 1)/s against $(middle "$ROUNDS_B" 1)/s, ratio $(ratio "$(middle "$ROUNDS_A" 1)" "$(middle "$ROUNDS_B" 1)"); us a request $(middle "$ROUNDS_A" 8) against $(middle "$ROUNDS_B" 8), ratio $(ratio "$(middle "$ROUNDS_B" 8)" "$(middle "$ROUNDS_A" 8)") ($2)"
	echo "    client, nginx, workers, database: $(for c in 4 5 6 7; do middle "$ROUNDS_A" $c; done | list) against $(for c in 4 5 6 7; do middle "$ROUNDS_B" $c; done | list)"
}

# Nobody need log in; who sends a password is still asked whether it is right.
sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('enableWsApiAuth', 'false') ON CONFLICT (key) DO UPDATE SET value = 'false'" >/dev/null
wait_until 20 curl -sf -o /dev/null "http://127.0.0.1:$PORT$path"
ROUNDS_A='' ROUNDS_B=''
for _ in $(seq "$BENCH_ROUNDS"); do
	ROUNDS_A+=$(round "$fcgi" "$nginx" "$PORT" 16 "$n" GET "$path")$'\n' || exit 1
	ROUNDS_B+=$(AUTH64=- round "$fcgi" "$nginx" "$PORT" 16 "$n" GET "$path")$'\n' || exit 1
done
tell "with a password, against none asked for" "goal 0.91"
sql "UPDATE jqm.global_parameter SET value = 'true' WHERE key = 'enableWsApiAuth'" >/dev/null

# Strangers try passwords, while others work at a pace the machine does easily.
load() { LOAD_PER_S=200 "$TOOLS/http_load" "$PORT" "$AUTH64" 8 2000 GET "$path" | column 3; }
wrong=$(printf 'root:not the one' | base64 -w0)
calm='' flooded=''
for _ in $(seq "$BENCH_ROUNDS"); do
	calm+=$(load)$'\n'
	LOAD_STRANGERS=1 LOAD_PER_S=200 "$TOOLS/http_load" "$PORT" "$wrong" 64 2400 GET "$path" >/dev/null &
	flood=$!
	flooded+=$(load)$'\n'
	kill $flood 2>/dev/null
	wait $flood
done 2>/dev/null
calm=$(printf %s "$calm" | median) flooded=$(printf %s "$flooded" | median)
echo "p99 while strangers try 200 passwords a second: $flooded ms, else $calm ms; $(ratio "$flooded" "$calm") times (goal 3)"

# The configuration in clear goes on, in an nginx of its own, when the node speaks TLS.
clear=$(owned_dir clear)
sed "s#$HOME_DIR/run/nginx#$clear/nginx#; s#$HOME_DIR/log#$clear#; s#127.0.0.1:$PORT;#127.0.0.1:$((PORT + 2));#" "$HOME_DIR/conf/nginx.conf" >"$clear/nginx.conf"
chmod 644 "$clear/nginx.conf"
stay nginx -e "$clear/nginx-error.log" -c "$clear/nginx.conf" -g 'daemon off;'
clear_nginx=$!
trap 'kill $clear_nginx; bench_down' EXIT
certificate=$clear/root.pem
as_owner env JQM_URL="http://127.0.0.1:$PORT" JQM_USER=root JQM_PASSWORD_FILE="$HOME_DIR/root-password" \
	"$JQM" certificate create root -o "$certificate" >/dev/null || fail "no certificate"
sql "UPDATE jqm.global_parameter SET value = 'true' WHERE key = 'enableWsApiSsl'" >/dev/null
by_certificate() { curl -sf --cacert "$HOME_DIR/state/tls/roots.pem" --cert "$certificate" -o /dev/null "https://localhost:$PORT$path"; }
wait_until 20 by_certificate
nginx=$(pid_of nginx)
ROUNDS_A='' ROUNDS_B=''
for _ in $(seq "$BENCH_ROUNDS"); do
	ROUNDS_A+=$(AUTH64=- LOAD_CERTIFICATE=$certificate round "$fcgi" "$nginx" "$PORT" 16 "$n" GET "$path")$'\n' || exit 1
	ROUNDS_B+=$(AUTH64=$password round "$fcgi" "$clear_nginx" "$((PORT + 2))" 16 "$n" GET "$path")$'\n' || exit 1
done
tell "TLS with a client certificate, against a password in clear" "goal 0.85"
