#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Between machines the database's clock decides (runner/README.md, 13).  tests/system/72-clocks.sh has nodes whose clocks
# are an hour off; it sees what an hour does in a minute or two.  So every use of the wall clock in what runs on nodes is
# listed here, with what it is for; a new one has to be thought about.
set -u
cd "$(dirname "$0")/../.." || exit 1
listed=$(sort <<'END'
keeper/job_table.c 1 a random number where the kernel has none
keeper/reaper.c 2 ended_us of a job: told as a distance from the same clock's now
keeper/recovery.c 1 the same
keeper/spawn.c 1 started_us of a job: the same
runner/audit_sealer.c 2 when rows of the trail were purged; and none go before this node too calls their seal old
runner/job_run_watch.c 2 the distance from started_us to now; ended_us of a lost job
shared/base/clock.c 2 the clock itself
shared/base/log.c 1 when a line was logged
shared/db/db_async_conn.c 1 a random number where the kernel has none
shared/model/schedule.c 1 is this cron expression ever due? (asked when it is written)
shared/pki/authority.c 2 from when and until when roots and lists are valid, as whoever verifies them reads its own clock
shared/pki/authority_issue.c 3 the same of certificates, an hour back for clocks that are behind
shared/store/job_search_store.c 1 which of two ways to the same answer is the shorter one
shared/store/job_turn_store.c 1 the distance from started_us and ended_us to now
END
)
found=$(grep -rcE 'clock_wall_us\(|CLOCK_REALTIME|[^_a-z]time\((NULL|&)|gettimeofday\(|timespec_get\(' --include='*.c' runner keeper notifier hooks shared |
	sed -n 's/^\(.*\):\([1-9][0-9]*\)$/\1 \2/p' | sort)
difference=$(diff <(cut -d' ' -f1,2 <<<"$listed") - <<<"$found") && exit 0
echo "uses of the wall clock are not those that were thought about (<: listed, >: found):"
echo "$difference"
exit 1
