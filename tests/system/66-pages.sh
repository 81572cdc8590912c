#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pages for users: what they tell to type is typed, on a stack of its own; what they name is there.
here=$(cd "$(dirname "$0")/.." && pwd)
source=${here%/*}
. "$here/lib/stack.sh"
stack_up --demo
api GET /ws/openapi.json >"$WORK/openapi.json"
export JQM_HOME=$HOME_DIR PATH=$JQM_BIN:$PATH

pages=()
for page in quickstart concepts jobs api administration moving-from-jqm troubleshooting; do
	pages+=("$source/docs/$page.md")
done
# In their order: who reads jobs.md has read quickstart.md.
mkdir "$WORK/desk" && cd "$WORK/desk" || exit 1
for page in "${pages[@]}"; do
	name=$(basename "$page" .md)
	mkdir "$WORK/$name"
	/usr/bin/python3 "$here/lib/pages.py" blocks "$page" "$WORK/$name"
	# One shell for a page: a block may use what the one before has set.
	cat >"$WORK/$name/all.sh" <<-'END'
		set -eu -o pipefail
		for block in "$1"/[0-9]*.sh; do
			[ -e "$block" ] || continue
			echo "--- $block"
			. "$block"
		done
	END
	ok "all that $name.md tells to type works" timeout 400 bash "$WORK/$name/all.sh" "$WORK/$name"
done
like "there was something to type" "$(find "$WORK" -name '[0-9]*.sh' | wc -l)" '^[1-9][0-9]$'

/usr/bin/python3 "$here/lib/pages.py" check "$JQM" "$WORK/openapi.json" "$source" "${pages[@]}" >"$WORK/results" 2>&1
is "each page was looked at" "$(grep -Ec '^(not )?ok ' "$WORK/results")" "${#pages[@]}"
results_of "$WORK/results"

# A page with one of each mistake: each is found.
cat >"$WORK/wrong.md" <<'END'
`jqm frobnicate 1`, `jqm enqueue X --frobnicate`, `runner:frobnicate`, `GET /ws/client/frobnicate`, `DELETE /ws/client/ji`,
`JQM_FROBNICATE`, [nothing](frobnicate.md)

| message | |
|---|---|
| `frobnicated the grommet` | |
END
/usr/bin/python3 "$here/lib/pages.py" check "$JQM" "$WORK/openapi.json" "$source" "$WORK/wrong.md" >"$WORK/results" 2>&1
is "eight mistakes of a page are found" "$(grep -c '^wrong.md: ' "$WORK/results")" 8 || cat "$WORK/results" >&2
done_testing
