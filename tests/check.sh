#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make check: install what is missing, build, run every test, twice (release, then ASan+UBSan).
#
#	tests/check.sh [--variant release|asan]... [PATTERN...]
#
# PATTERN limits the run to tests whose path contains it (a partial run says so).  Started as root, the
# tree is copied to a place of the unprivileged account JQM_ACCOUNT (default jqm) and built and tested
# there: PostgreSQL refuses root, and so do our programs; only tests/root/ runs as root.
# Logs: build/test-log/<variant>/.  Last line: "N passed, N failed, N skipped"; exit code 0 when none failed.
# A program that failed while others ran is run once more, alone, when all are through (JQM_CHECK_AGAIN programs of
# a variant at most, default 2, 0 for none): what passes then is told as UNSTABLE, here and above the last line.
set -u
cd "$(dirname "$0")/.." || exit 1
source_dir=$PWD
account=${JQM_ACCOUNT:-jqm}

# Hundreds of homes and databases of a thousand files each are made and removed.  Some file systems (ext4 without a
# journal) pass over the numbers of all files that were removed lately, one by one, for each file that is made; that was
# a third of all the processor did.  So root has a /tmp in memory, in a mount namespace of this run's own, where there is
# memory for it and nothing that the environment names lies in /tmp.  JQM_CHECK_IN_MEMORY=no: on the disk, as all others.
start_in_memory() { # ARG...; comes back where it cannot
	local room_mb
	room_mb=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	[ "${room_mb:-0}" -ge 8192 ] || return 0
	! env -u TMPDIR -u OLDPWD | grep -E '[=:]/tmp/' | grep -qvF "$source_dir" || return 0
	mkdir -m 1777 /tmp/jqm-test-ports 2>/dev/null # who has which port (lib/tap.sh): the same for all of the machine
	unshare --mount --propagation private mount -t tmpfs tmpfs /tmp 2>/dev/null || return 0
	unset TMPDIR
	# shellcheck disable=SC2016 # for the inner shell
	exec unshare --mount --propagation private bash -c '
		exec 5</tmp/jqm-test-ports 6<"$2" && mount -t tmpfs -o "size=$1m,mode=1777" tmpfs /tmp || exit 1
		mkdir -p /tmp/jqm-test-ports "$2" || exit 1
		mount --no-canonicalize --bind /proc/self/fd/5 /tmp/jqm-test-ports || exit 1
		[ -e "$2/tests/check.sh" ] || mount --no-canonicalize --bind /proc/self/fd/6 "$2" || exit 1
		echo "== /tmp is in memory: $1 MB"
		cd "$2" && JQM_CHECK_IN_MEMORY=no exec tests/check.sh "${@:3}" 5<&- 6<&-' \
		bash $((room_mb / 2)) "$source_dir" "$@"
}
[ "$(id -u)" -ne 0 ] || [ "${JQM_CHECK_IN_MEMORY:-}" = no ] || start_in_memory "$@"

variants=()
patterns=()
while [ $# -gt 0 ]; do
	case $1 in
	--variant) variants+=("$2"); shift ;;
	-*) echo "tests/check.sh: unknown option $1" >&2; exit 2 ;;
	*) patterns+=("$1") ;;
	esac
	shift
done
[ ${#variants[@]} -gt 0 ] || variants=(release asan)

selected() { # TEST
	local p
	[ ${#patterns[@]} -gt 0 ] || return 0
	for p in "${patterns[@]}"; do
		case $1 in *"$p"*) return 0 ;; esac
	done
	return 1
}

# --- Started as root: give the account its own copy, run there, then run what needs root. ---------
if [ "$(id -u)" -eq 0 ]; then
	conf/install-packages.sh check || exit 1
	id "$account" >/dev/null 2>&1 ||
		useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin "$account" || exit 1
	copy=/var/tmp/jqm-check-$(printf '%s' "$source_dir" | cksum | cut -d' ' -f1)
	mkdir -p "$copy" && find "$copy" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} + || exit 1
	if git -C "$source_dir" rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -coz --exclude-standard | while IFS= read -r -d '' f; do
			[ ! -e "$f" ] || printf '%s\0' "$f"
		done | tar --null -T - -cf - | tar -xf - -C "$copy" || exit 1
	else
		tar --exclude=./build --exclude=./var -cf - . | tar -xf - -C "$copy" || exit 1
	fi
	# What this tree has built already (make lint does) is not built again: times of files are kept.
	if [ ! -e "$copy/build" ] && [ -e build/obj ]; then
		tar --exclude=build/{asan,clang,fuzz,lint-log,test-log} -cf - build | tar -xf - -C "$copy" || exit 1
	fi
	chown -R "$account:" "$copy" || exit 1
	args=()
	for v in "${variants[@]}"; do args+=(--variant "$v"); done
	totals=$copy/build/test-totals
	rm -f "$totals" "$copy/build/test-unstable"
	# What needs root is run beside the second variant: it says on descriptor 9 when the first is through.
	exec 7>&1
	exec 8< <(cd "$copy" && JQM_CHECK_TOTALS=$totals exec setpriv --reuid "$account" --regid "$account" --init-groups \
		env HOME="$copy/build" TMPDIR=/tmp tests/check.sh "${args[@]}" "${patterns[@]+"${patterns[@]}"}" 9>&1 1>&7 7>&-)
	part=$!
	read -r -u 8 _
	source=$copy
else
	if [ -z "${JQM_CHECK_TOTALS:-}" ]; then
		conf/install-packages.sh check || exit 1
		rm -f build/test-unstable
	fi
	totals=
	source=$source_dir
fi

passed=0
failed=0
skipped=0
unstable=$source/build/test-unstable # names of programs, one in a line
again_at_most=${JQM_CHECK_AGAIN:-2}

# Count the TAP of one log; a crash, a missing plan or too few results is a failure too.
count_log() { # NAME LOG EXIT_CODE SECONDS
	local name=$1 log=$2 status=$3 n_ok n_not n_skip plan text
	n_ok=$(grep -c '^ok ' "$log")
	n_skip=$(grep -ci '^ok .*# *skip' "$log")
	n_not=$(grep -c '^not ok ' "$log")
	plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
	if [ $((n_ok + n_not)) -lt "$plan" ] || [ "$plan" -eq 0 ] || { [ "$status" -ne 0 ] && [ "$n_not" -eq 0 ]; }; then
		echo "not ok - $name ended early: exit code $status, $((n_ok + n_not)) of $plan results" >>"$log"
		n_not=$((n_not + 1))
	fi
	passed=$((passed + n_ok - n_skip))
	skipped=$((skipped + n_skip))
	failed=$((failed + n_not))
	text=$(
		if [ "$n_not" -gt 0 ]; then
			printf 'FAIL %-48s %4d passed %d failed %5ss\n' "$name" "$n_ok" "$n_not" "$4"
			grep -A 12 '^not ok' "$log" | head -60 | sed 's/^/    /'
			echo "    (whole log: $log)"
		else
			printf 'ok   %-48s %4d passed %7ss\n' "$name" "$n_ok" "$4"
		fi
		sed -n 's/^# absent: /     not to be seen on this machine: /p' "$log"
	)
	printf '%s\n' "$text" # in one piece: another lane talks, too
}

run_test() { # NAME LOG COMMAND...
	local name=$1 log=$2 started=$SECONDS status p=$passed f=$failed
	shift 2
	timeout -k 10 "${JQM_TEST_TIMEOUT_S:-900}" "$@" >"$log" 2>&1 </dev/null
	status=$?
	[ $status -ne 124 ] || echo "not ok - $name: no end within ${JQM_TEST_TIMEOUT_S:-900} s" >>"$log"
	count_log "$name" "$log" $status $((SECONDS - started))
	[ "$failed" -eq "$f" ] ||
		{ printf '%s\t' "$name" "$log" $((passed - p)) $((failed - f)) "$@" && echo; } >>"$failures"
}

# Give what failed its second run, alone; what it does now counts in place of what it did.
run_failed_again() {
	local name log p f command
	[ -e "$failures" ] || return 0
	if [ "$(wc -l <"$failures")" -gt "$again_at_most" ]; then
		echo "== $(wc -l <"$failures") programs failed: more than chance explains, none is run again"
		return 0
	fi
	while IFS=$'\t' read -r -u 6 name log p f command; do
		mv "$log" "${log%.log}.first.log"
		passed=$((passed - p)) failed=$((failed - f)) f=$failed
		# shellcheck disable=SC2086 # words without blanks
		failures=/dev/null run_test "$name, again, alone" "$log" ${command//$'\t'/ }
		[ "$failed" -gt "$f" ] || echo "$name (failed beside others, see ${log%.log}.first.log)" >>"$unstable"
	done 6<"$failures"
}

# What is there of some kinds and nobody has begun, one after the other; the counts go to a file.
run_lane() { # NAME KIND...
	local lane=$1 kind t name
	shift
	passed=0 failed=0 skipped=0
	for kind in "$@"; do
		for t in tests/"$kind"/test_*.c tests/"$kind"/fuzz_*.c tests/"$kind"/[0-9]*.sh; do
			[ -e "$t" ] && selected "$t" || continue
			name=${t#tests/}
			name=${name%.*}
			mkdir "$logs/begun/${name//\//-}" 2>/dev/null || continue
			case $t in
			*.c) run_test "$variant $name" "$logs/${name//\//-}.log" "$b/tests/$name" ;;
			*.sh) run_test "$variant $name" "$logs/${name//\//-}.log" bash "$t" ;;
			esac
		done
	done
	echo "$passed $failed $skipped" >"$logs/lane.$lane"
}

# Programs of db/ and runner/ share the cluster, so one of them runs at a time: the first lane.  All else starts what it needs, and
# waits more than it computes: three lanes take the next of that, the first, too, when it is through.
run_suite() { # VARIANT
	local variant=$1 b=build t logs failures anywhere waiting n_ok n_not n_skip flags=${CFLAGS:-}
	[ "$variant" = release ] || b=build/$variant
	logs=$source/build/test-log/$variant
	failures=$logs/failures
	rm -rf "$logs" && mkdir -p "$logs/begun"
	echo "== $variant: build"
	# Reports of the sanitizers name lines, and need no more of -g.
	[ "$variant" = release ] || flags="$flags -g1"
	if ! make -j"$(nproc)" VARIANT="$variant" CFLAGS="$flags" tests >"$logs/build.log" 2>&1; then
		tail -40 "$logs/build.log"
		echo "FAIL $variant does not build (whole log: $logs/build.log)"
		failed=$((failed + 1))
		return
	fi
	echo "== $variant: tests"
	export JQM_BIN=$source/$b/bin JQM_TEST_BIN=$source/$b/bin JQM_TEST_HELPERS=$source/$b/tests/helpers
	export JQM_TEST_SOURCE=$source CMOCKA_MESSAGE_OUTPUT=TAP JQM_VARIANT=$variant
	if [ "$variant" = asan ]; then
		# Daemons under test have no terminal: every report becomes a file, every file a failure.
		export ASAN_OPTIONS=log_path=$logs/sanitizer:detect_leaks=1:abort_on_error=0:disable_coredump=1
		export UBSAN_OPTIONS=print_stacktrace=1:log_path=$logs/sanitizer
		export LSAN_OPTIONS=suppressions=$source/tests/lib/lsan.supp:print_suppressions=0
	else
		unset ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS
	fi
	cluster=$(mktemp -d /tmp/jqm-pg.XXXXXX)/c
	if ! tests/lib/temp_cluster.sh start "$cluster" >"$logs/cluster.log" 2>&1; then
		cat "$logs/cluster.log"
		failed=$((failed + 1))
		rm -rf "${cluster%/c}"
		return
	fi
	trap 'tests/lib/temp_cluster.sh stop "$cluster" >/dev/null 2>&1; rm -rf "${cluster%/c}"' EXIT
	export JQM_TEST_PGHOST=$cluster/s

	# Longest first.  The console is scripts, which sanitizers do not see; its server they have seen by then.
	anywhere=(system browser http security client keeper unit fuzz)
	[ "$variant" = release ] || anywhere=(system http security client keeper unit fuzz)
	# Takes as long as the clock says and hardly computes: beside the others, in the variant that computes less.
	waiting=(waiting)
	[ "$variant" = release ] || waiting=()
	set -m # else what runs in the background ignores SIGINT, and so would the programs under test
	run_lane 1 runner db "${anywhere[@]}" &
	run_lane 2 "${anywhere[@]}" &
	run_lane 3 "${anywhere[@]}" &
	run_lane 5 "${waiting[@]+"${waiting[@]}"}" &
	set +m
	(run_lane 4 "${anywhere[@]}")
	wait
	for t in 1 2 3 4 5; do
		read -r n_ok n_not n_skip <"$logs/lane.$t" || { n_ok=0 n_not=1 n_skip=0 && echo "FAIL $variant lane $t: no end"; }
		passed=$((passed + n_ok)) failed=$((failed + n_not)) skipped=$((skipped + n_skip))
	done
	run_failed_again
	tests/lib/temp_cluster.sh stop "$cluster" >/dev/null 2>&1
	rm -rf "${cluster%/c}"
	trap - EXIT
	for t in "$logs"/sanitizer.*; do
		[ -e "$t" ] || continue
		# Of a process that was killed while LeakSanitizer looked at it: no word of ours.
		grep -qv '^==[0-9]*==Unable to get registers from thread [0-9]*\.$' "$t" || continue
		failed=$((failed + 1))
		echo "FAIL sanitizer report $t"
		head -30 "$t" | sed 's/^/    /'
	done
}

if [ -n "$totals" ]; then
	export JQM_BIN=$source/build/bin JQM_TEST_SOURCE=$source
	mkdir -p "$source/build/test-log/root"
	echo "== as root"
	failures=$source/build/test-log/failures-of-root
	rm -f "$failures"
	for t in tests/root/[0-9]*.sh; do
		[ -e "$t" ] && selected "$t" || continue
		name=${t#tests/}
		run_test "${name%.sh}" "$source/build/test-log/root/$(basename "$t" .sh).log" bash "$t" 7>&- 8>&-
	done
	wait "$part"
	run_failed_again
	[ -s "$totals" ] || { echo "the run as $account did not reach its end"; exit 1; }
	read -r n_ok n_not n_skip <"$totals"
	passed=$((passed + n_ok)) failed=$((failed + n_not)) skipped=$((skipped + n_skip))
else
	for v in "${variants[@]}"; do
		run_suite "$v" 9>&-
		[ -z "${JQM_CHECK_TOTALS:-}" ] || echo "$v" >&9
	done
	if [ -n "${JQM_CHECK_TOTALS:-}" ]; then
		echo "$passed $failed $skipped" >"$JQM_CHECK_TOTALS"
		exit $((failed > 0))
	fi
	if [ ${#patterns[@]} -eq 0 ] && [ -e tests/root ]; then
		for t in tests/root/[0-9]*.sh; do
			echo "skip ${t#tests/} (needs root)"
			skipped=$((skipped + 1))
		done
	fi
fi
[ ${#patterns[@]} -eq 0 ] || echo "partial run: ${patterns[*]}"
[ ! -e "$unstable" ] || sed 's/^/UNSTABLE /' "$unstable"
echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
