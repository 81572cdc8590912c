# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Who listens to events in a scenario; behind stack.sh.
#
#	listen NAME [QUERY] [CURL ARG...]  listens until stop_listening NAME, or it is cut off; returns once it is told hello
#	heard NAME                        what it was told, as lines "event JSON"
#	hears NAME JQ                     was it told an event for which that is true?
#	last_id NAME                      up to where it has heard of all
#	cut_off NAME                      has the server ended it?

declare -A listener_pid
listen() {
	local name=$1 query=${2-}
	shift $(($# < 2 ? $# : 2))
	: >"$WORK/$name.events"
	# shellcheck disable=SC2154 # here: set by stack.sh
	"$here/lib/recorded/curl" -sSN ${AUTH:+-u "$AUTH"} -H 'Accept: text/event-stream' "$@" \
		"$URL/ws/client/events${query:+?$query}" >"$WORK/$name.events" 2>"$WORK/$name.error" &
	listener_pid[$name]=$!
	at_exit stop_listening "$name"
	wait_for 20 grep -q '^event: hello' "$WORK/$name.events" || diag "$name is not told hello: $(head -c 1000 "$WORK/$name.events" "$WORK/$name.error")"
}
stop_listening() {
	kill "${listener_pid[$1]}" 2>/dev/null
	wait "${listener_pid[$1]}" 2>/dev/null
	return 0
}
heard() { awk '/^event: / { event = $2 } /^data: / { print event, substr($0, 7) }' "$WORK/$1.events"; }
hears() { heard "$1" | sed 's/^[a-z]* //' | jq -es "any(.[]; $2)" >/dev/null; }
states() { heard "$1" | sed -n 's/^state //p' | jq -r "${2:-.state}" | paste -sd' '; }
last_id() { sed -n 's/^id: //p' "$WORK/$1.events" | tail -1; }
cut_off() { ! kill -0 "${listener_pid[$1]}" 2>/dev/null; }
