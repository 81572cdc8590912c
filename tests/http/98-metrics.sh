#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Figures for monitoring: who may read them, what they say of jobs, what promtool and Prometheus say of them; the database away.
. "$(dirname "$0")/../lib/stack.sh"
stack_dir
# shellcheck disable=SC2154 # of stack.sh
monitoring=$here/../docs/monitoring
stack_up --node alpha
define Quick true
define Fails 'exit 3'
define Sleeps 'exec tail -f /dev/null'
(umask 077 && echo 'xv-drums-77-qk' >"$WORK/password")
ok "an account for monitoring" "$JQM" user create eye --role monitoring --password-file "$WORK/password"
ok "and one of another role" "$JQM" user create bob --role 'client power user' --password-file "$WORK/password"

figures() { curl -sS -m 30 -u eye:xv-drums-77-qk "$URL/ws/metrics" -o "$WORK/figures" -D "$WORK/head" -w '%{http_code}' "$@"; }
# figure 'NAME{LABELS}': its value
figure() { awk -v name="$1" 'index($0, name " ") == 1 { print $NF }' "$WORK/figures"; }
at_least() { figures >/dev/null; [ "$(figure "$1" | cut -d. -f1)" -ge "$2" ]; }

# ---- who ----
is "monitoring reads them" "$(figures)" 200
like "in Prometheus' text format" "$(tr -d '\r' <"$WORK/head")" '^Content-Type: text/plain; version=0.0.4; charset=utf-8$'
is "whatever Prometheus says it likes" "$(figures -H 'Accept: application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1')" 200
is "without a login nobody does" "$(curl -sS -m 30 -o "$WORK/other" -w '%{http_code}' "$URL/ws/metrics")" 401
is "without the permission neither" "$(curl -sS -m 30 -u bob:xv-drums-77-qk -o "$WORK/other" -w '%{http_code}' "$URL/ws/metrics")" 403
like "which is named" "$(jq -r .userReadableMessage "$WORK/other")" 'metrics:read'
is "an administrator does" "$(code GET "/ws/metrics")" 200
is "monitoring reads nothing else" "$(curl -sS -m 30 -u eye:xv-drums-77-qk -o "$WORK/other" -w '%{http_code}' "$URL/ws/client/q")" 403
figures >/dev/null
ok "promtool finds nothing to say" promtool check metrics <"$WORK/figures"
is "that is what it prints nothing for" "$(promtool check metrics <"$WORK/figures" 2>&1)" ""

# ---- what they say of jobs ----
sql "UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 0 WHERE name = 'Fails'" >/dev/null
sql "INSERT INTO jqm.queue (name) VALUES ('a\"b\\c')" >/dev/null
for _ in 1 2 3; do quick=$(enqueue Quick); done
fails=$(enqueue Fails)
killed=$(enqueue Sleeps)
cancelled=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Quick","startState":"HOLDED"}' | jq .id)
code POST "/ws/client/ji/cancelled/$cancelled" >/dev/null
wait_for 20 job_is "$killed" RUNNING
waiting=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Quick","queueName":"a\"b\\c"}' | jq .id)
sql "UPDATE jqm.job_instance SET runnable_at = now() - interval '1000 s' WHERE id = $waiting" >/dev/null
wait_job "$quick" && wait_job "$fails"
ended='jqm_job_attempts_ended_total{node="alpha",queue="DEFAULT",result'
ok "ends are told with the next heartbeat" wait_for 20 at_least "$ended=\"CRASHED\"}" 2
is "by their result" "$(figure "$ended=\"ENDED\"}") $(figure "$ended=\"CRASHED\"}") $(figure "$ended=\"KILLED\"}")" "3 2 0"
is "the one that was tried again" "$(figure 'jqm_job_retries_total{queue="DEFAULT"}')" 1
is "the one that was cancelled" "$(figure 'jqm_jobs_cancelled_total{queue="DEFAULT"}')" 1
is "the one that runs" "$(figure 'jqm_jobs{queue="DEFAULT",state="RUNNING"}')" 1
is "claims" "$(figure 'jqm_jobs_claimed_total{node="alpha",queue="DEFAULT"}')" 6
is "how long they waited, as a histogram" "$(figure 'jqm_job_waiting_seconds_count{node="alpha",queue="DEFAULT"}') $(figure 'jqm_job_waiting_seconds_bucket{node="alpha",queue="DEFAULT",le="+Inf"}')" "6 6"
is "and ran" "$(figure 'jqm_job_running_seconds_count{node="alpha",queue="DEFAULT"}') $(figure 'jqm_job_running_seconds_bucket{node="alpha",queue="DEFAULT",le="86400"}')" "5 5"
lag=$(figure 'jqm_queue_lag_seconds{queue="a\\"b\\\\c"}' | cut -d. -f1)
ok "the lag of a queue that nobody looks into, whatever it is called" test "${lag:-0}" -ge 1000 -a "${lag:-0}" -lt 1100
is "that of one where nothing waits" "$(figure 'jqm_queue_lag_seconds{queue="DEFAULT"}')" 0
is "slots" "$(figure 'jqm_queue_slots{node="alpha",queue="DEFAULT"}')" 5
ok "polls" test "$(figure 'jqm_queue_poll_age_seconds{node="alpha",queue="DEFAULT"}' | cut -d. -f1)" -lt 30
is "the node" "$(figure 'jqm_node_up{node="alpha"}') $(figure 'jqm_node_enabled{node="alpha"}')" "1 1"
ok "the runner's loop" test "$(figure 'jqm_loop_pass_seconds_count{node="alpha",program="jqm-runner"}')" -gt 0
ok "the keeper's" wait_for 20 at_least 'jqm_loop_pass_seconds_count{node="alpha",program="jqm-keeper"}' 1
ok "round trips of the runner" test "$(figure 'jqm_database_answer_seconds_count{node="alpha",program="jqm-runner"}')" -gt 0
ok "and of the web API" test "$(figure 'jqm_database_answer_seconds_count{program="jqm-fcgi"}')" -gt 0
ok "dead rows" test -n "$(figure 'jqm_database_dead_rows{table="job_instance"}')"
ok "the oldest snapshot" test -n "$(figure jqm_database_oldest_snapshot_transactions)"
ok "requests" test "$(figure 'jqm_http_requests_total{code="403"}')" -ge 2
# One request that is just over may be in one of them only.
each_has_taken() { figures >/dev/null; [ "$(figure jqm_http_request_seconds_count)" = "$(awk '/^jqm_http_requests_total/ { n += $NF } END { print n }' "$WORK/figures")" ]; }
ok "each with how long it took" wait_for 20 each_has_taken
has_workers() { figures >/dev/null; [ "$(figure jqm_workers)" -gt 0 ] && [ "$(figure jqm_workers)" = "$(pgrep -P "$(cat "$HOME_DIR/run/jqm-fcgi.pid")" -x jqm-fcgi | wc -l)" ]; }
ok "workers" wait_for 20 has_workers

# ---- and of webhooks ----
hook() { # NAME: one that leads nowhere
	send POST /ws/admin/webhook "{\"name\":\"$1\",\"url\":\"http://127.0.0.1:1/\",\"newSecret\":\"whsec_$(openssl rand -base64 32)\"}" >/dev/null
	sql "SELECT id FROM jqm.webhook WHERE name = '$1'"
}
nowhere=$(hook nowhere)
hook idle >/dev/null
number=$(json POST "/ws/admin/webhook/$nowhere/ping" | jq .id)
code POST "/ws/admin/webhook/$nowhere/ping" >/dev/null
sql "UPDATE jqm.webhook_delivery SET wanted_since = now() - interval '1 h' WHERE id = $number" >/dev/null
figures >/dev/null
is "what waits for a webhook" "$(figure 'jqm_webhook_deliveries_waiting{webhook="nowhere"}') $(figure 'jqm_webhook_deliveries_waiting{webhook="idle"}')" "2 0"
lag=$(figure 'jqm_webhook_lag_seconds{webhook="nowhere"}' | cut -d. -f1)
ok "and for how long" test "${lag:-0}" -ge 3600 -a "${lag:-0}" -lt 3700
is "nothing waits for another one" "$(figure 'jqm_webhook_lag_seconds{webhook="idle"}')" 0
is "nothing was given up" "$(figure 'jqm_webhook_deliveries_given_up_total{webhook="nowhere"}')" 0
sql "UPDATE jqm.webhook_delivery SET wanted_since = now() - interval '3 days', next_try_at = now() WHERE id = $number; NOTIFY jqm_webhook" >/dev/null
ok "what is given up is counted" wait_for 30 at_least 'jqm_webhook_deliveries_given_up_total{webhook="nowhere"}' 1
is "and waits no more" "$(figure 'jqm_webhook_deliveries_waiting{webhook="nowhere"}')" 1
# shellcheck disable=SC2016 # backquotes of a text
ok "what is named in docs/monitoring.md is told, and the other way round" diff \
	<(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$WORK/figures" | sort -u) \
	<(sed 's/`…_transactions`/`jqm_database_oldest_snapshot_transactions`/' "$monitoring/../monitoring.md" | sed -n '/^| figure/,$p' | cut -d'|' -f2 | grep -o 'jqm_[a-z_]*' | sort -u)
ok "promtool, once more" promtool check metrics <"$WORK/figures"
is "a worker that died" "$(figure jqm_worker_deaths_total)" 0
kill -9 "$(pgrep -P "$(cat "$HOME_DIR/run/jqm-fcgi.pid")" | head -1)"
ok "is counted" wait_for 20 at_least jqm_worker_deaths_total 1
export WORKERS_DIE=1
code POST "/ws/client/ji/killed/$killed" >/dev/null
ok "a killed job" wait_for 20 at_least "$ended=\"KILLED\"}" 1

# ---- rules, dashboard, a real Prometheus ----
ok "the sample rules" promtool check rules "$monitoring/alerts.yml"
{ echo "rule_files: [$monitoring/alerts.yml]" && cat "$here/http/alerts-test.yml"; } >"$WORK/rules-test.yml"
ok "each rule fires for what is wrong, in time, and for nothing else" promtool test rules "$WORK/rules-test.yml"
# A rule is tried where it has to fire and where it must not.
tried() { awk -v fires="$1" '/alertname:/ { name = $0; sub(/.*alertname: /, "", name); sub(/ .*/, "", name); if (/ }$/ && !fires) print name }
	/exp_alerts:/ && fires { print name }' "$here/http/alerts-test.yml" | sort -u; }
rules=$(sed -n 's/^ *- alert: //p' "$monitoring/alerts.yml" | sort)
is "there is no rule but those" "$(tried 1)" "$rules"
is "each is silent, too" "$(tried 0)" "$rules"
ok "each figure that rules and dashboard ask for is told" diff /dev/null <(
	{ jq -r '.. | .expr? // empty' "$monitoring/grafana-dashboard.json"; grep -v '^#' "$monitoring/alerts.yml"; } |
		grep -o 'jqm_[a-z_]*' | sed -E 's/_(bucket|sum|count)$//' | sort -u |
		grep -vxFf <(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$WORK/figures"))
scrape() { # NAME: Prometheus with the sample configuration, for this server
	local dir=$WORK/$1
	mkdir "$dir"
	cp "$monitoring/alerts.yml" "$dir"
	cp "$WORK/password" "$dir/jqm-password"
	[ -z "$ROOTS" ] || cp "$ROOTS" "$dir/jqm-roots.pem"
	sed -e "s/jqm.example.org:1789/${URL#*://}/; s/scheme: https.*/scheme: ${URL%%:*}/; s/username: .*/username: eye/; s/15s/1s/g" \
		"$monitoring/prometheus.yml.example" >"$dir/prometheus.yml"
	[ -n "$ROOTS" ] || sed -i '/tls_config:/,/ca_file:/d' "$dir/prometheus.yml"
	ok "$1: the sample configuration" promtool check config "$dir/prometheus.yml"
	prometheus_port=$(free_port)
	prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" --web.listen-address="127.0.0.1:$prometheus_port" \
		>"$dir/log" 2>&1 &
	prometheus=$!
	at_exit kill "$prometheus"
}
ask() { "${JQM_CURL:-curl}" -sS -m 10 -G --data-urlencode "query=$1" "http://127.0.0.1:$prometheus_port/api/v1/query" | jq -r '.data.result[0].value[1]'; }
asked() { [ "$(ask "$1")" = "$2" ]; }
scrape clear
ok "Prometheus scrapes it" wait_for 30 asked 'up{job="jqm"}' 1
is "and has what it said" "$(ask 'jqm_job_attempts_ended_total{result="CRASHED"}')" 2
ok "a lag is an alert that waits for its time" wait_for 30 asked 'count(ALERTS{alertname="JqmQueueLags",alertstate="pending"})' 1
kill "$prometheus"
tls_up
scrape tls
ok "and over TLS" wait_for 30 asked 'up{job="jqm"}' 1
kill "$prometheus"

# ---- the database away ----
postmaster=$(head -1 "$HOME_DIR/db/postmaster.pid")
all=$(pgrep -P "$postmaster")
# shellcheck disable=SC2086
kill -STOP "$postmaster" $all
begun=${EPOCHREALTIME/./}
is "a database that is silent: 503" "$(figures)" 503
ok "at once, as such things go" test $((${EPOCHREALTIME/./} - begun)) -lt 20000000
like "with a text" "$(jq -r .userReadableMessage "$WORK/figures")" 'database|try again'
begun=${EPOCHREALTIME/./}
is "and nobody is told that the node is well" "$(curl -s -m 60 -o /dev/null -w '%{http_code}' -u "root:$(cat "$HOME_DIR/root-password")" "$URL/ws/simple/localnode/health")" 503
ok "as soon" test $((${EPOCHREALTIME/./} - begun)) -lt 20000000
like "and when to ask again" "$(tr -d '\r' <"$WORK/head")" '^Retry-After: '
# shellcheck disable=SC2086
kill -CONT $all "$postmaster"
is_back() { [ "$(figures)" = 200 ]; }
ok "when it is back, so are they" wait_for 30 is_back
# Not there at all: nobody can connect any more, and who was connected is thrown out.
sockets=$(sed -n 's/^conninfo = "host=\([^ ]*\).*/\1/p' "$HOME_DIR/conf/jqm.ini" | head -1)
mv "$sockets/.s.PGSQL.5432" "$sockets/away"
at_exit mv "$sockets/away" "$sockets/.s.PGSQL.5432"
pgrep -P "$postmaster" -f 'jqm_api' | xargs kill
is "a database that is away: 503" "$(figures)" 503
like "with a text, too" "$(jq -r .userReadableMessage "$WORK/figures")" 'database|try again'
mv "$sockets/away" "$sockets/.s.PGSQL.5432"
ok "and back again" wait_for 30 is_back
done_testing
