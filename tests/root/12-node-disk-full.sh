#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A node without room on its disk uses up no job: they go back to their queue, and run when there is room.
. "${JQM_TEST_SOURCE:?}/tests/lib/stack.sh"
stack_up
account=$(stat -Lc %U "$HOME_DIR/db")
define Short 'echo "$JQM_JI_ID"'

# In place of DIRECTORY one that holds so many files and no more; what is there already counts.
full() { # DIRECTORY FILES
	mount -t tmpfs -o "size=1m,nr_inodes=$(($2 + 1)),mode=700,uid=$(id -u "$account"),gid=$(id -g "$account")" tmpfs "$HOME_DIR/$1" || exit 1
	at_exit umount -l "$HOME_DIR/$1"
}
room_again() { mount -o remount,nr_inodes=1000 "$HOME_DIR/$1" && umount -l "$HOME_DIR/$1"; }
failures() { grep -c 'starts_fail' "$HOME_DIR/log/jqm-runner.log"; }
fails_again() { [ "$(failures)" -gt "$1" ]; }
all_over() { [ "$(sql "SELECT count(*) FROM jqm.job_instance")" = 0 ]; }
waiting() { sql "SELECT count(*) FROM jqm.job_instance WHERE state IN ('SUBMITTED', 'ATTRIBUTED')"; }

try() { # WHAT DIRECTORY FILES REASON
	local before
	before=$(failures)
	full "$2" "$3"
	sql "SELECT count(jqm.enqueue('Short')) FROM generate_series(1, 20)" >/dev/null
	ok "$1: the runner notices" wait_for 20 fails_again $((before + 2))
	is "$1: all jobs wait" "$(waiting)" 20
	like "$1: the log of the node says why" "$(tail -n 50 "$HOME_DIR/log/jqm-runner.log")" "job_not_started .*reason=\"$4.*No space left on device"
	room_again "$2"
	ok "$1: with room again they run" wait_for 30 all_over
}
try "no room for a job's directory" tmp 0 "could not make directory"
try "no room for the directory of its logs" joblogs 0 "could not make directory"
try "no room for its logs" joblogs 1 "could not open the output file"
is "each ended well" "$(sql "SELECT state, count(*) FROM jqm.history GROUP BY 1")" "ENDED|60"
done_testing
