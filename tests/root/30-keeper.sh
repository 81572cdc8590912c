#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The keeper refuses root, and to talk to any other account; and in a cgroup v2 that root delegated it kills by cgroup.
. "${JQM_TEST_SOURCE:?}/tests/lib/tap.sh"

bin=${JQM_TEST_BIN:-$JQM_TEST_SOURCE/build/bin} # the account must be able to read it
tests=$bin/../tests/keeper
dir=$(mktemp -d)

output=$("$bin/jqm-keeper" --socket "$dir/socket" --table "$dir/table" 2>&1)
is "root is refused" $? 1
like "the message says why" "$output" 'refuses to run as root'
is "nothing was made" "$(ls "$dir")" ""
rmdir "$dir"

account=$(getent passwd jqm nobody | head -1 | cut -d: -f1)
dir=$(scratch)
at_exit rm -rf "$dir"
chown "$account:" "$dir"
setpriv --reuid "$account" --regid "$(id -gn "$account")" --clear-groups \
	"$bin/jqm-keeper" --socket "$dir/socket" --table "$dir/table" 2>"$dir/log" &
keeper=$!
at_exit kill "$keeper"
wait_for 20 grep -q keeper_ready "$dir/log"
chmod 666 "$dir/socket" # as if its mode did not protect it
says_hello_as() { setpriv --reuid "$1" --regid "$(id -g "$1" 2>/dev/null || echo "$1")" --clear-groups "$bin/../tests/helpers/say_hello" "$dir/socket"; }
is "the keeper's own account is answered" "$(says_hello_as "$(id -u "$account")")" told
is "another account is not" "$(says_hello_as 12345)" closed
is "root is not" "$(says_hello_as 0)" closed
like "the log says why" "$(cat "$dir/log")" 'stranger_refused reason="connection by another account"'

# What systemd gives with Delegate=yes: a group of the account's own, the keeper alone in it.  The tests run beside it.
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
group=$mount/jqm-test-$$
if [ -z "$mount" ] || ! mkdir "$group" 2>/dev/null; then
	printf 'ok %d - a delegated group # SKIP cgroup v2 is not writable here\n' $((tap_n += 1))
	done_testing
	exit
fi
mkdir "$group/tests" "$group/keeper"
for controller in memory pids; do # as far as there are any: on old systems they are at work elsewhere
	{ echo "+$controller" >"$group/cgroup.subtree_control"; } 2>/dev/null
done
controllers=$(cat "$group/cgroup.subtree_control")
chown "$account" "$group" "$group/cgroup.procs" "$group"/*/ "$group"/*/cgroup.{procs,subtree_control}
in_group() { # TEST [NAME=VALUE...]
	local test=$1
	shift
	output=$(
		sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group/tests" env JQM_TEST_KILL_MEANS=cgroup \
			JQM_TEST_CGROUP="$group/keeper" JQM_TEST_BIN="$bin" "$@" "$tests/$test" 2>&1
	)
	is "$test passes in a delegated group${1:+ with controllers}" $? 0
	printf '%s\n' "$output" | sed -n '/ERROR\|^not ok/s/^/# /p'
}
for test in test_keeper_start test_keeper_end test_keeper_runner; do
	in_group "$test"
done
if [ "$controllers" = 'memory pids' ]; then
	in_group test_keeper_limits JQM_TEST_CONTROLLERS=1
else
	in_group test_keeper_limits
	absent "limits by controllers" "its cgroup v2 has none of memory and processes"
fi
is "no group of a job is left, nor the keeper's own" "$(find "$group/keeper" -mindepth 1 -type d)" ""
rmdir "$group"/*/ "$group"
done_testing
