#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make bench [PARTS="10-jobs 20-latency"]: what the stack does, against what this machine can do at best, in
# the same run.  Prints ratios; never fails on time.
set -u
cd "$(dirname "$0")/../.." || exit 1
conf/install-packages.sh check || exit 1
make -j"$(nproc)" all >/dev/null || exit 1
tools=$PWD/build/bench
mkdir -p "$tools"
build() { # NAME [FLAG...]
	local name=$1
	shift
	${CC:-cc} -O2 -Wall -Wextra -std=c11 -D_GNU_SOURCE -I/usr/include/postgresql -o "$tools/$name" "tests/bench/$name.c" "$@" || exit 1
}
build http_load -lssl -lcrypto
build http_floor -lfcgi -lpq
build stamp -static
build runner_floor -lpq
build start_floor -lpq
build start_latency
echo "machine: $(nproc) cores, $(uname -r), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
for part in tests/bench/parts/[0-9]*.sh; do
	name=$(basename "$part" .sh)
	[ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
	echo "== $name"
	bash "$part"
done
