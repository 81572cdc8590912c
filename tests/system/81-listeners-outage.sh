#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who listens to events while the database goes away stays, and hears what he missed, or that he has to read afresh.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/events.sh"
stack_up
define Speaks 'true'
listen stays
postmaster() { head -1 "$HOME_DIR/db/postmaster.pid"; }
other_postmaster() { [ "$(postmaster)" != "$before" ] && [ "$(sql 'SELECT 1' 2>/dev/null)" = 1 ]; }
enqueued() { [[ $(enqueue Speaks 2>/dev/null) =~ ^[0-9]+$ ]]; }
before=$(postmaster)
kill -INT "$before"
ok "the database is stopped and is back" wait_for 30 other_postmaster
ok "a job is enqueued" wait_for 30 enqueued
ok "who listened through that hears of it" wait_for 30 hears stays ".id > 0"
last=$(sql "SELECT last_value FROM jqm.job_instance_id_seq")
is "nothing was lost" "$(grep -c '^event: gap' "$WORK/stays.events")" 0
before=$(postmaster)
kill -9 "$before"
ok "the database died and is back" wait_for 30 other_postmaster
ok "what was not read may be lost with that: all are told to read afresh" wait_for 30 grep -q '^event: gap' "$WORK/stays.events"
ok "another job is enqueued" wait_for 30 enqueued
ok "and heard of" wait_for 30 hears stays ".id > $last"
nok "the stream was not cut" cut_off stays
done_testing
