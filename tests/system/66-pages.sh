#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pages for users: what they tell to type is typed, on a stack of its own; what they name is there.
here=$(cd "$(dirname "$0")/.." && pwd)
source=${here%/*}
. "$here/lib/stack.sh"
stack_up --demo
api GET /ws/openapi.json >"$WORK/openapi.json"
export JQM_HOME=$HOME_DIR PATH=$JQM_BIN:$PATH

# Those in which there is something to type, in their order: who reads jobs.md has read quickstart.md.
typed=(quickstart concepts jobs api idempotency openapi monitoring scheduler permissions audit webhooks signatures administration
	moving-from-jqm troubleshooting)
mkdir "$WORK/desk" && cd "$WORK/desk" || exit 1
for name in "${typed[@]}"; do
	mkdir "$WORK/$name"
	/usr/bin/python3 "$here/lib/pages.py" blocks "$source/docs/$name.md" "$WORK/$name"
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

is "there is no other page with something to type" "$(grep -l '^```sh run' "$source"/docs/*.md | xargs -n1 basename -s .md | sort)" \
	"$(for name in "${typed[@]}"; do grep -l '^```sh run' "$source/docs/$name.md"; done | xargs -n1 basename -s .md | sort)"

# Every page but the list of promises, what became of JQM's tests, and the one that is made of the database.
mapfile -t pages < <(printf '%s\n' "$source"/{README,SECURITY}.md "$source"/docs/*.md "$source"/cli/*/README.md \
	"$source"/{cli,client,conf,debian,events,fcgi,hooks,man,nginx,notifier,runner}/README.md | grep -vE '/(requirements|jqm-behaviours|database-rights)\.md$')
/usr/bin/python3 "$here/lib/pages.py" check "$JQM" "$WORK/openapi.json" "$source" "${pages[@]}" >"$WORK/results" 2>&1
is "each page was looked at" "$(grep -Ec '^(not )?ok ' "$WORK/results")" "${#pages[@]}"
results_of "$WORK/results"

# A page with one of each mistake: each is found.
cat >"$WORK/wrong.md" <<'END'
`jqm frobnicate 1`, `jqm enqueue X --frobnicate`, `runner:frobnicate`, `GET /ws/client/frobnicate`, `DELETE /ws/client/ji`,
`JQM_FROBNICATE`, [nothing](frobnicate.md)

    [runner]
    frobnication = yes

| message | |
|---|---|
| `frobnicated the grommet` | |
END
/usr/bin/python3 "$here/lib/pages.py" check "$JQM" "$WORK/openapi.json" "$source" "$WORK/wrong.md" >"$WORK/results" 2>&1
is "nine mistakes of a page are found" "$(grep -c '^wrong.md: ' "$WORK/results")" 9 || cat "$WORK/results" >&2
done_testing
