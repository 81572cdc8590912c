#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/requirements.md: every line names at least one test that exists: "file:words in it", the name of the test in a program
# or scenario that has several; else "file".
# docs/jqm-behaviours.md: the same, or "not yet: ..." or "left out: ...".
set -u
status=0
say() { echo "$*"; status=1; }

check_proofs() { # LINE PROOFS
	local proof file word found=0
	while IFS= read -r proof; do
		proof=${proof#"${proof%%[![:space:]]*}"}
		[ -n "$proof" ] || continue
		file=${proof%%:*}
		word=${proof#*:}
		found=1
		if [ ! -e "$file" ]; then
			say "no such test file: $file ($1)"
		elif [ "$word" != "$proof" ] && ! grep -qF -- "$word" "$file"; then
			say "$file holds no $word ($1)"
		elif [ "$word" = "$proof" ]; then
			case $file in
			tests/unit/* | tests/db/* | tests/keeper/* | tests/runner/* | tests/http/* | tests/security/* | tests/root/*)
				say "which test in $file? ($1)" ;;
			esac
		fi
	done < <(printf '%s\n' "$2" | tr ',' '\n')
	[ $found = 1 ] || say "no test named: $1"
}

check_page() { # FILE OTHER-FORMS, a pattern of what may stand instead of tests
	local line proofs lines=0
	while IFS= read -r line; do
		case $line in '- '*) ;; *) continue ;; esac
		lines=$((lines + 1))
		proofs=${line##*|}
		if [ "$proofs" = "$line" ]; then
			say "no test named: $line"
		elif [[ ! $proofs =~ $2 ]]; then
			check_proofs "$line" "$proofs"
		fi
	done <"$1"
	[ $lines -gt 0 ] || say "$1 has no line to check"
}

check_page docs/requirements.md '^$'
check_page docs/jqm-behaviours.md '^ (not yet|left out): [^ ].*'
exit $status
