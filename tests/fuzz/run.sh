#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make fuzz: build each tests/fuzz/fuzz_NAME.c with libFuzzer, ASan and UBSan, and run it.
#
#	FUZZ_SECONDS=60 tests/fuzz/run.sh [NAME...]
#
# Starts from tests/fuzz/corpus/NAME; what is new goes to build/fuzz/corpus/NAME, an input that fails to
# build/fuzz/found/NAME-*: once repaired, copy it into the corpus and commit it.
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=${FUZZ_SECONDS:-60}
b=build/fuzz
sanitize=address,undefined

command -v clang >/dev/null || { echo "make fuzz needs clang (Debian: clang)" >&2; exit 1; }

# Every library of the tree, with coverage for the fuzzer; the Makefile knows what they are made of.
libs=()
for name in fcgi-app runner-app keeper-app cli-app shared; do libs+=("$b/lib/libjqm-$name.a"); done
mkdir -p "$b/found"
if ! make -j"$(nproc)" VARIANT=clang B="$b" \
	OPT="-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,$sanitize -fno-sanitize-recover=all" \
	"${libs[@]}" >"$b/build.log" 2>&1; then
	tail -20 "$b/build.log"
	echo "the libraries do not build (whole log: $b/build.log)"
	exit 1
fi

wanted() { # NAME LIST...
	local name=$1 w
	shift
	[ $# -gt 0 ] || return 0
	for w in "$@"; do [ "$w" = "$name" ] && return 0; done
	return 1
}

corpus_of() { # NAME
	if [ -d "tests/fuzz/corpus/$1" ]; then echo "tests/fuzz/corpus/$1"; else echo "tests/fuzz/corpus/fuzz_$1"; fi
}

ran=0
failed=0
for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	name=${name#fuzz_}
	wanted "$name" "$@" || continue
	ran=$((ran + 1))
	log=$b/$name.log
	mkdir -p "$b/corpus/$name"
	if ! clang -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer,$sanitize -fno-sanitize-recover=all \
		-std=c11 -D_GNU_SOURCE -DFUZZING -Ishared -I. -isystem /usr/include/iniparser \
		-isystem /usr/include/libxml2 -isystem /usr/include/postgresql -o "$b/fuzz_$name" "$source" tests/lib/an_exchange.c \
		-Wl,--start-group "${libs[@]}" -Wl,--end-group \
		-lfcgi -lcurl -lpq -ljansson -lxml2 -liniparser -lzip -lcrypto -lm >"$log" 2>&1; then
		tail -20 "$log"
		echo "FAIL $name does not build (whole log: $log)"
		failed=$((failed + 1))
		continue
	fi
	if LSAN_OPTIONS=suppressions=tests/lib/lsan.supp:print_suppressions=0 \
		"$b/fuzz_$name" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$b/found/$name-" "$b/corpus/$name" "$(corpus_of "$name")" \
		>"$log" 2>&1; then
		printf 'ok   %-24s %s runs, %s new inputs\n' "$name" \
			"$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
			"$(sed -n 's/^stat::new_units_added: *//p' "$log")"
	else
		printf 'FAIL %s (whole log: %s)\n' "$name" "$log"
		tail -30 "$log" | sed 's/^/    /'
		failed=$((failed + 1))
	fi
done
[ $ran -gt 0 ] || { echo "no such target: $*" >&2; exit 2; }
echo "fuzz: $ran targets, $failed failed"
exit $((failed > 0))
