#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What JQM's Java clients and its console send, replayed: tests/http/golden.
. "$(dirname "$0")/../lib/stack.sh"
golden=$(cd "$(dirname "$0")" && pwd)/golden
stack_up
define Greet true
define Forever 'exec tail -f /dev/null'
define Crash 'exit 1'
define Deliver 'echo hello; echo warn >&2; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
declare -A kept
kept[queue]=$(sql "INSERT INTO jqm.queue (name) VALUES ('other') RETURNING id")
kept[default]=$(sql "SELECT id FROM jqm.queue WHERE default_queue")
kept[node]=$(sql "SELECT name FROM jqm.node")
kept[ended]=$(enqueue Deliver)
kept[crashed]=$(enqueue Crash)
ok "there is a past" wait_job "${kept[ended]}"
ok "and a crash" wait_job "${kept[crashed]}"
sql "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms, enabled) SELECT id, ${kept[queue]}, 1, 1000, false FROM jqm.node" >/dev/null

fill() { # TEXT: $name is what was kept under that name
	local text=$1 name
	for name in "${!kept[@]}"; do text=${text//"\$$name"/${kept[$name]}}; done
	printf '%s' "$text"
}

# One block of a conversation.
replay() { # TITLE METHOD PATH BODY STATUS TYPE PATTERN KEEP
	local args=() answer status
	case $4 in
	-) ;;
	'edit: '*) args=(-H "Content-Type: $type" --data-binary "$(jq -c "$(fill "${4#edit: }")" "$WORK/read")") ;;
	*) args=(-H "Content-Type: $type" --data-binary "$(fill "$4")") ;;
	esac
	answer=$(curl -sS -m 30 -u "$AUTH" -X "$2" -o "$WORK/answer" -w '%{http_code} %{content_type}' "${headers[@]}" "${args[@]+"${args[@]}"}" -g "$URL$(fill "$3")")
	[ "$2" != GET ] || cp "$WORK/answer" "$WORK/read"
	status=$(tr -d '\0' <"$WORK/answer")
	is "$1: status and type" "$(printf '%s' "${answer%%;*}" | sed 's/ *$/ -/; s/\([a-z]\) -$/\1/')" "$5 $6"
	[ "$7" = - ] || like "$1" "$status" "$(fill "$7")"
	if [ -n "$8" ]; then
		[[ $status =~ ${8#*=} ]] && kept[${8%%=*}]=${BASH_REMATCH[1]}
	fi
}

blocks=0
files=0
for file in "$golden"/{console-3.5,java-*,console-2.2}.txt; do # the last one stops the node
	files=$((files + 1))
	headers=() type='' lines=()
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'header: '*) headers+=(-H "${line#header: }") ;;
		'type: '*) type=${line#type: } ;;
		'-- '*) ;;
		'') [ ${#lines[@]} -eq 0 ] || {
			set -- "${lines[@]}"
			replay "$(basename "$file" .txt): ${1#\# }" "${2%% *}" "${2#* }" "$3" "${4%% *}" "${4#* }" "$5" "${6-}"
			blocks=$((blocks + 1)) lines=()
		} ;;
		*) lines+=("$line") ;;
		esac
	done < <(cat "$file"; echo)
done
ok "there were conversations" test "$blocks" -gt 120
is "all of them" "$files" "$(find "$golden" -name '*.txt' | wc -l)"
done_testing
