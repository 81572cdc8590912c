#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make lint: each check of this folder and of the tools, all of them run, one line each.
set -u
cd "$(dirname "$0")/../.." || exit 1
conf/install-packages.sh lint || exit 1
logs=build/lint-log
mkdir -p "$logs"
failed=0
jobs=$(nproc)
sources() { git ls-files -co --exclude-standard -- "$@" | while read -r f; do [ -e "$f" ] && echo "$f"; done; }

check() { # NAME COMMAND...
	local name=$1 started=$SECONDS
	shift
	if "$@" >"$logs/$name.log" 2>&1; then
		printf 'ok   %-24s %4ss\n' "$name" $((SECONDS - started))
	else
		printf 'FAIL %-24s %4ss\n' "$name" $((SECONDS - started))
		tail -40 "$logs/$name.log" | sed 's/^/    /'
		failed=$((failed + 1))
	fi
}

flags="-std=c11 -D_GNU_SOURCE -Ishared -I. -Iclient/include -isystem /usr/include/iniparser -isystem /usr/include/libxml2 -isystem /usr/include/postgresql"
gcc_build() { make -j"$jobs" tests; }
clang_build() { make -j"$jobs" VARIANT=clang compile; }
format() { sources '*.c' '*.h' | xargs clang-format --dry-run -Werror; }
# One file for each process: the checker of va_list keeps names by their address from one file to the next, and then takes any
# function for va_start() (LLVM 14; seen once, by chance).  A third of the states that the analyzer would follow in a function: few
# functions have so many, and these took more than half of the time.
tidy() {
	local less="-Xclang -analyzer-config -Xclang max-nodes=75000"
	# shellcheck disable=SC2086
	sources 'shared/*.c' 'fcgi/*.c' 'runner/*.c' 'keeper/*.c' 'notifier/*.c' 'events/*.c' 'hooks/*.c' 'cli/*.c' 'client/*.c' |
		xargs -P "$jobs" -n 1 sh -c 'clang-tidy --quiet --warnings-as-errors="*" "$@" -- '"$flags $less" tidy
}
cpp_check() {
	cppcheck --quiet --std=c11 -j "$jobs" -D_GNU_SOURCE -Ishared -I. --enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem --suppress=checkersReport --error-exitcode=1 \
		shared fcgi runner keeper notifier events hooks cli client
}
analyzer() {
	# shellcheck disable=SC2086
	sources 'shared/*.c' 'fcgi/*.c' 'runner/*.c' 'keeper/*.c' 'notifier/*.c' 'events/*.c' 'hooks/*.c' 'cli/*.c' 'client/*.c' |
		xargs -P "$jobs" -n 1 gcc -fanalyzer -Werror -O1 -c -o /dev/null $flags
}
shell_check() { sources '*.sh' '.ci/run' | xargs shellcheck -x -S warning; }

check gcc gcc_build
check clang clang_build
check clang-format format
check cppcheck cpp_check
check clang-tidy tidy
check analyzer analyzer
check shellcheck shell_check
for script in tests/lint/*.sh; do
	[ "$script" = tests/lint/run.sh ] || check "$(basename "$script" .sh)" bash "$script"
done
if [ $failed -gt 0 ]; then
	echo "lint: $failed checks failed"
	exit 1
fi
echo "lint: clean"
