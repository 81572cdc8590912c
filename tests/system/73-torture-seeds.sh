#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The seeds that found something run again in make check, one with each commit (71-torture.sh).
here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/torture/turn.sh
. "$here/torture/turn.sh"
sources=$(scratch)
mkdir -p "$sources"/{runner,keeper,shared,sql,tests/torture} "$sources/fcgi"
cp "$here/torture/seeds" "$sources/tests/torture/"

first=$(seed_in_turn "$sources")
echo "a web process" >"$sources/fcgi/other.c"
is "sources that are no part of the engine change no turn" "$(seed_in_turn "$sources")" "$first"
cp -r "$sources" "$sources.copy"
at_exit rm -rf "$sources.copy"
is "who has the same commit elsewhere has the same seed" "$(seed_in_turn "$sources.copy")" "$first"
for n in $(seq 60); do
	echo "$n" >"$sources/runner/a.c"
	seed_in_turn "$sources"
done | sort -n | uniq >"$sources/had"
for seed in $(sed -n 's/^\([0-9]*\) .*/\1/p' "$here/torture/seeds") 20; do
	ok "as commits come and go seed $seed has its turn" grep -qx "$seed" "$sources/had"
done
is "and no other" "$(wc -l <"$sources/had")" "$(($(grep -c '^[0-9]' "$here/torture/seeds") + 1))"
# shellcheck disable=SC2016 # as it stands there
ok "the torture of make check has the one whose turn it is" grep -qF 'SEED=${SEED:-$(seed_in_turn ' "$here/system/71-torture.sh"
done_testing
