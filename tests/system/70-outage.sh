#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL stops for a while, restarts, stops twice in a row, crashes, fails over to a standby for good, under two
# nodes: nobody restarts anything of ours, what runs goes on, nothing accepted is lost, nothing runs twice, each node
# takes new jobs.  What must hold is in lib/outage.sh; a minute of it is waiting/10-outage-minute.sh.
# shellcheck disable=SC2154 # what: of lib/outage.sh
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/outage.sh"
two_nodes_up

begin "1 s"
pg primary stop -m fast
away_for 1
pg primary start
back
let_jobs_end
over

begin "6 s"
pg primary stop -m fast
ok "$what: callers are told 503" wait_for 10 is_refused
like "$what: and when to come again" "$(cat "$WORK/answer")" '^Retry-After: [0-9]+'
jobs_end_meanwhile
away_for 6
pg primary start
back
over

begin "restart"
pg primary restart -m immediate
back
let_jobs_end
over

begin "two in a row"
pg primary stop -m immediate
away_for 1
pg primary start
away_for 2
pg primary stop -m fast
jobs_end_meanwhile
pg primary start
back
over

# --- the primary is lost; no commit that was answered is, since the standby has them all -----------------
streams() { [ "$(sql "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')")" = 1 ]; }
sql "ALTER SYSTEM SET synchronous_standby_names = '*'" && sql "SELECT pg_reload_conf()" >/dev/null
ok "the standby has every commit" wait_for 30 streams
begin "failover"
primary=$(head -1 "$WORK/primary/data/postmaster.pid")
# shellcheck disable=SC2046 # numbers
kill -9 "$primary" $(pgrep -P "$primary")
jobs_end_meanwhile
away_for 2
ok "the standby is promoted" pg standby promote
back standby
over
done_testing
