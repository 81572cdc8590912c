# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# TAP for scenario scripts: source it, say what you see, end with done_testing.
#
#	ok  DESCRIPTION COMMAND [ARG...]     passes when the command exits 0 (its output goes to diag)
#	nok DESCRIPTION COMMAND [ARG...]     passes when it exits with anything but 0
#	is  DESCRIPTION GOT WANT             passes when the texts are equal
#	like DESCRIPTION TEXT PATTERN        passes when TEXT matches the extended regular expression
#	unlike DESCRIPTION TEXT PATTERN      passes when it does not
#	results_of FILE                      the lines "ok N - ..." and "not ok N - ..." of another program, as our own
#	absent THING REASON                  what this kind of machine cannot show at all: told with the results
#	wait_for SECONDS COMMAND [ARG...]    runs it until it exits 0 (every 50 ms); 1 when three times as long is over, and a
#	                                     minute at least: SECONDS are those of a machine that has nothing else to do
#	free_port                            prints a port nobody listens on, and that no other scenario is given while this
#	                                     one runs
#	scratch                              prints a fresh directory, removed at exit
#	at_exit COMMAND [ARG...]             runs at exit, last registered first
#	at_done COMMAND [ARG...]             runs in done_testing, for a last check

set -u
tap_n=0
tap_failed=0
tap_done=0
tap_exit_commands=()
tap_done_commands=()

diag() { printf '%s\n' "$*" | sed 's/^/# /' >&2; }

tap_result() { # STATUS DESCRIPTION
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_n" "$2"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' "$tap_n" "$2"
	fi
	return "$1"
}

absent() { printf '# absent: %s: %s\n' "$1" "$2"; }

ok() {
	local description=$1 output status
	shift
	output=$("$@" 2>&1)
	status=$?
	if [ $status -ne 0 ]; then
		tap_result 1 "$description"
		diag "command: $*" "exit code $status" "$(printf '%s' "$output" | tail -c 3000)"
		return 1
	fi
	tap_result 0 "$description"
}

nok() {
	local description=$1 output status
	shift
	output=$("$@" 2>&1)
	status=$?
	if [ $status -eq 0 ]; then
		tap_result 1 "$description"
		diag "command exited 0: $*" "$(printf '%s' "$output" | tail -c 3000)"
		return 1
	fi
	tap_result 0 "$description"
}

is() {
	if [ "$2" = "$3" ]; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		diag "got:  $(printf '%s' "$2" | head -c 2000)" "want: $(printf '%s' "$3" | head -c 2000)"
		return 1
	fi
}

like() {
	if printf '%s' "$2" | grep -Eq -e "$3"; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		diag "got:  $(printf '%s' "$2" | head -c 2000)" "want: /$3/"
		return 1
	fi
}

unlike() {
	if printf '%s' "$2" | grep -Eq -e "$3"; then
		tap_result 1 "$1"
		diag "got:  $(printf '%s' "$2" | head -c 2000)" "must not match: /$3/"
		return 1
	fi
	tap_result 0 "$1"
}

results_of() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok "*) tap_result 0 "${line#*- }" ;;
		"not ok "*) tap_result 1 "${line#*- }" ;;
		*) diag "$line" ;;
		esac
	done <"$1"
}

wait_for() {
	local deadline=$((${EPOCHREALTIME/./} + ($1 > 20 ? $1 * 3 : 60) * 1000000))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt $deadline ] || return 1
		read -rt 0.05 <> <(:) || true
	done
}

# A link PORT -> our process, for all accounts of the machine; whose process is gone gives way.
tap_ports=/tmp/jqm-test-ports
free_port() {
	local port owner
	mkdir -m 1777 "$tap_ports" 2>/dev/null
	for _ in $(seq 1000); do
		port=$((15000 + RANDOM % 17000)) # below the ports the kernel gives to clients
		owner=$(readlink "$tap_ports/$port") && { [ -d "/proc/$owner" ] || rm -f "$tap_ports/$port"; }
		ln -s "$$" "$tap_ports/$port" 2>/dev/null || continue
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			printf '%d\n' "$port"
			return 0
		fi
		rm -f "$tap_ports/$port"
	done
	return 1
}
tap_give_ports_back() { find "$tap_ports" -lname "$$" -delete 2>/dev/null; }

at_exit() { tap_exit_commands=("$(printf '%q ' "$@")" "${tap_exit_commands[@]+"${tap_exit_commands[@]}"}"); }

at_done() { tap_done_commands+=("$(printf '%q ' "$@")"); }

# Open to others: started by root, the account jqm must get in.
scratch() {
	local dir
	dir=$(mktemp -d "${TMPDIR:-/tmp}/jqm-test.XXXXXX") && chmod 755 "$dir" && printf '%s\n' "$dir"
}

tap_at_exit() {
	local status=$? command
	for command in "${tap_exit_commands[@]+"${tap_exit_commands[@]}"}"; do
		eval "$command"
	done
	tap_give_ports_back
	if [ $tap_done -eq 0 ]; then
		printf 'not ok %d - the script ended before done_testing (exit code %d)\n' $((tap_n + 1)) $status
		exit 1
	fi
	exit $((tap_failed > 0))
}
trap tap_at_exit EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

done_testing() {
	local command
	for command in "${tap_done_commands[@]+"${tap_done_commands[@]}"}"; do
		eval "$command"
	done
	printf '1..%d\n' "$tap_n"
	tap_done=1
	exit $((tap_failed > 0))
}
