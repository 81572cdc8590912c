#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # "here" is of stack.sh
# What bash offers after jqm, by the completion that jqm makes of its own verbs; and zsh.
. "$(dirname "$0")/../lib/stack.sh"
WORK=$(scratch)
at_exit rm -rf "$WORK"
"$JQM" completion bash >"$WORK/bash"
"$JQM" completion zsh >"$WORK/zsh"
ok "bash can read it" bash -n "$WORK/bash"

# What is offered for a command line whose last word is being typed, sorted.
offered() { # WORD...
	bash --norc -c '
		. "$1"
		compopt() { :; } # outside of a completion there is none
		COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
		_jqm
		printf "%s\n" "${COMPREPLY[@]+"${COMPREPLY[@]}"}"' bash "$WORK/bash" "$@" | sort | tr '\n' ' ' | sed 's/ $//'
}
verbs=$("$JQM" help | sed -n 's/^  \([a-z]*\)  *.*/\1/p' | sort | tr '\n' ' ' | sed 's/ $//')
is "every verb of the help" "$(offered jqm "")" "--version $verbs"
is "verbs by their beginning" "$(offered jqm en)" enqueue
is "help takes a verb" "$(offered jqm help sched)" schedule
is "a verb behind an option with a value" "$(offered jqm --config x enq)" enqueue
is "actions" "$(offered jqm param "")" "delete get list set"
is "actions by their beginning" "$(offered jqm node re)" resume
is "no second action" "$(offered jqm param get "")" ""
is "no verb where an argument is wanted" "$(offered jqm job "")" ""
is "options of a verb" "$(offered jqm log --)" "--attempt --config --follow --help --home --json --stderr"
is "an option by its beginning" "$(offered jqm enqueue --conc)" --concurrency-key
is "nothing for a value nobody knows" "$(offered jqm enqueue --queue "")" ""
is "shells" "$(offered jqm completion "")" "bash zsh"
mkdir "$WORK/d" && : >"$WORK/d/a file.xml" && mkdir "$WORK/d/a dir"
is "a file for --config" "$(offered jqm jobs --config "$WORK/d/a f")" "$WORK/d/a file.xml"
is "a file for -o" "$(offered jqm get x -o "$WORK/d/a f")" "$WORK/d/a file.xml"
is "a directory for --home" "$(offered jqm jobs --home "$WORK/d/")" "$WORK/d/a dir"
is "a file for import" "$(offered jqm import "$WORK/d/a f")" "$WORK/d/a file.xml"

# Each option of each verb's help, and each action where the verb's help has words for it.
missing=
for verb in $verbs; do
	given=" $(offered jqm "$verb" --) "
	for option in $("$JQM" help "$verb" | grep -oE '(^|[^a-z-])--[a-z][a-z0-9-]*' | grep -oE -- '--.*' | sort -u); do
		[[ $given == *" $option "* ]] || missing+=" $verb:$option"
	done
	for action in $(offered jqm "$verb" ""); do
		case $verb in import | help) continue ;; esac
		"$JQM" help "$verb" | grep -qE "(^|[^a-z])$action([^a-z]|$)" || missing+=" $verb:$action"
	done
done
is "every option and action of every help is offered, and no other action" "$missing" ""
is "a shell nobody knows" "$("$JQM" completion fish 2>&1 | head -1)" 'jqm completion: which shell?  bash and zsh are known'

like "zsh's begins as zsh wants it" "$(head -1 "$WORK/zsh")" '^#compdef jqm$'
like "and has the verbs with what they are" "$(cat "$WORK/zsh")" "'kill:end a job wherever it is'"
ok "zsh can read it" zsh -n "$WORK/zsh"

# What zsh is offered: what the completion hands to zsh's own functions, outside of a line that is being edited.
zsh_offered() { # WORD...
	zsh -fc '
		compadd() { [[ $1 = -- ]] && shift; print -rl -- "$@" }
		_describe() { print -rl -- "${(P@)2}" }
		_files() { print -r -- "files $*" }
		completion=$1
		shift
		words=("$@") CURRENT=$#
		. $completion' zsh "$WORK/zsh" "$@"
}
zsh_offers() { # WORD...: those that zsh would let through, sorted
	zsh_offered "$@" | grep -F -- "${*: -1}" | sort | tr '\n' ' ' | sed 's/ $//'
}
is "zsh: verbs with what they are" "$(zsh_offered jqm "" | cut -d: -f1 | sort | tr '\n' ' ' | sed 's/ $//')" "$verbs"
like "zsh: as the help has it" "$(zsh_offered jqm "")" '^kill:end a job wherever it is$'
is "zsh: actions" "$(zsh_offers jqm param "")" "delete get list set"
is "zsh: no second action" "$(zsh_offered jqm param get "")" ""
is "zsh: a verb behind an option with a value" "$(zsh_offers jqm --config x enq | cut -d: -f1)" enqueue
is "zsh: a file, a directory, a value nobody knows" \
	"$(zsh_offered jqm jobs --config ""), $(zsh_offered jqm jobs --home ""), $(zsh_offered jqm enqueue --queue "")" "files , files -/, "
is "zsh: files for import and sign" "$(zsh_offered jqm import ""), $(zsh_offered jqm sign "")" "files , files "
missing=
for verb in $verbs; do
	[ "$(zsh_offers jqm "$verb" --)" = "$(offered jqm "$verb" --)" ] || missing+=" $verb"
done
is "zsh: the options of each verb are those that bash offers" "$missing" ""

# In a zsh that somebody types into.
typed=$(/usr/bin/python3 "$here/lib/zsh_typing.py" "$WORK/zsh" 'jqm enq' 'jqm param de' 'jqm log --std' 'jqm help sched' 2>"$WORK/trouble") || diag "$(cat "$WORK/trouble")"
is "zsh: a tab ends the words" "$typed" $'jqm enqueue\njqm param delete\njqm log --stderr\njqm help schedule'
done_testing
