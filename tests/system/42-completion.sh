#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What bash offers after jqm, by the completion that jqm makes of its own verbs; zsh's, where there is one.
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
if command -v zsh >/dev/null; then
	ok "zsh can read it" zsh -n "$WORK/zsh"
else
	absent "whether zsh can read it" "there is no zsh here"
fi
done_testing
