# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Which seed has its turn: one of tests/torture/seeds, or one that has found nothing yet.

# DIRECTORY of the sources: the same seed for one commit, whoever has it and wherever; another commit may have another.
seed_in_turn() {
	local seeds sum
	mapfile -t seeds < <(sed -n 's/^\([0-9][0-9]*\) .*/\1/p' "$1/tests/torture/seeds")
	seeds+=(20)
	sum=$(cd "$1" && find runner keeper shared sql tests/torture -type f ! -name '.*' | LC_ALL=C sort | xargs cat | cksum | cut -d' ' -f1)
	echo "${seeds[sum % ${#seeds[@]}]}"
}
