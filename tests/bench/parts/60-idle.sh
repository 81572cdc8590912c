#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Statements a second of an idle runner with ten mappings, all its database sees of it.  Goal: under 2.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

seconds=${BENCH_IDLE_S:-30}

bench_up
sql "INSERT INTO jqm.queue (name) SELECT 'IDLE' || i FROM generate_series(1, 9) AS i;
     INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)
     SELECT n.id, q.id, 3, 60000 FROM jqm.node AS n, jqm.queue AS q WHERE q.name LIKE 'IDLE%';
     ALTER ROLE jqm_runner SET log_min_duration_statement = 0" >/dev/null
runner() { cat "$HOME_DIR/run/jqm-runner.pid"; }
before=$(runner)
kill -9 "$before" # its next connection logs what it does
comes_back() { [ "$(runner)" != "$before" ] && [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jqm-runner'")" -gt 0 ]; }
wait_until 30 comes_back
statements() { grep -hc "duration: .*\(execute\|statement:\)" "$HOME_DIR/log/postgres.log"; }
read -rt 10 <> <(:) || true # what a start does
first=$(statements)
read -rt "$seconds" <> <(:) || true
echo "idle runner with 10 mappings: $(awk -v n=$(($(statements) - first)) -v s="$seconds" 'BEGIN {printf "%.2f", n / s}') statements a second"
