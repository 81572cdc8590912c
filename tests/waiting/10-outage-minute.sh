#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL is away for a minute, four times the lease of its two nodes: what system/70-outage.sh says of seconds holds.
# JQM_OUTAGE_S: another length, of 40 at least.
# shellcheck disable=SC2154 # what, failing: of lib/outage.sh
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/outage.sh"
long_s=${JQM_OUTAGE_S:-60}
two_nodes_up

begin "$long_s s" 5
pg primary stop -m fast
ok "$what: callers are told 503" wait_for 10 is_refused
away_for $((long_s - 20))
jobs_end_meanwhile
away_for "$long_s"
ok "$what: to the end" is_refused
pg primary start
back
over
is "no node was given up" "$(sql "SELECT string_agg(DISTINCT reason, ', ') FROM jqm.past_job WHERE id <> $failing")" ""
done_testing
