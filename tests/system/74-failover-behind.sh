#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A standby takes over that has not got the last commits, under two nodes.  What it has forgotten may run again, as the manual
# says; but no job hangs, each comes to an end that history has, no program is restarted, and both nodes take new jobs.
# What must hold is not what lib/outage.sh promises of a standby that has every commit, so only its set-up is used.
# shellcheck disable=SC2154 # gated, failing, running: of lib/outage.sh
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/outage.sh"
two_nodes_up

has_all() { [ "$(sql "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()")" = 1 ]; }
begin "behind"
outage_end_feeding
ok "the standby has what runs" wait_for 20 has_all
pg standby stop -m fast

# Of these commits it will know nothing: the ends of six jobs, the claims of two of them, and jobs that were enqueued.
let_jobs_end
forgotten=$(accept_many Short 60)
ok "the jobs end" wait_for 20 outage_all_over
flock 9
accept_many Held 10 >/dev/null
later_run() { [ "$(sql "SELECT count(*) = 10 AND bool_and(state = 'RUNNING') FROM jqm.job_instance")" = t ]; }
ok "jobs that it will not know of run" wait_for 20 later_run

primary=$(head -1 "$WORK/primary/data/postmaster.pid")
# shellcheck disable=SC2046 # numbers
kill -9 "$primary" $(pgrep -P "$primary")
ok "the standby starts" pg standby start
ok "and is promoted" pg standby promote
back standby
ok "it is served" wait_for 40 healthy
is "it knows nothing of those that run" "$(sql "SELECT count(*) FROM jqm.live_job WHERE definition_name = 'Held'")" 0

crashed() { sql "SELECT node_name, count(*) FROM jqm.past_job WHERE id IN ($(outage_list "$running"), $failing)
	AND state = 'CRASHED' AND reason = 'lost: its node has no trace of its process' GROUP BY 1 ORDER BY 1" | paste -sd' '; }
lost_at_both() { [[ "$(crashed)" =~ ^far\|[23]\ near\|[23]$ ]]; }
ok "each whose end it has forgotten is lost, at both nodes, which live" wait_for 20 lost_at_both
waited=$(comm -23 <(sort <<<"$gated") <(sort <<<"$running"))
let_jobs_end
ok "no job hangs" wait_for 40 outage_all_over
is "those whose claim and end it has forgotten have run again" "$(sql "SELECT state, count(*) FROM jqm.history WHERE id IN ($(outage_list "$waited")) GROUP BY 1")" 'ENDED|2'
is "which is all that ran twice" "$(cut -d ' ' -f 1 "$WORK/starts" | sort | uniq -d | sort)" "$(sort <<<"$waited")"
ok "the jobs it knows nothing of have ended" wait_for 20 outage_nothing_runs

# Their numbers are given once more.
outage_places_are_taken
new=$(accept_many Short 60)
ok "new jobs end" wait_for 20 outage_all_over
is "each in its first attempt" "$(sql "SELECT state, attempt, count(*) FROM jqm.history WHERE id IN ($(outage_list "$new")) GROUP BY 1, 2")" 'ENDED|1|60'
isnt_empty() { [ -n "$1" ]; }
ok "also those whose numbers others had" isnt_empty "$(comm -12 <(sort <<<"$forgotten") <(sort <<<"$new"))"
is "no program was restarted" "$(outage_programs)" "$programs_before"
done_testing
