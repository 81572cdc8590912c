#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README of a folder is the map of it: each C file of a program or a layer stands there, by its name or by a pattern
# such as `check_*.c`; and each C file that a README names is there.
set -u
status=0
say() { echo "$*"; status=1; }
files=$(git ls-files -co --exclude-standard '*.c' '*.h' | while read -r f; do [ -f "$f" ] && echo "$f"; done)

patterns() { # README -> what stands in backticks and may be the name of a file, one a line
	grep -o '`[A-Za-z0-9_*./{},]*`' "$1" | tr -d '`' | sed 's|.*/||; s/\.[ch]$//' | sort -u
}

for d in $(printf '%s\n' "$files" | grep -vE '^(tests|client/examples|fcgi/handlers)/' | xargs -n1 dirname | sort -u); do
	[ -f "$d/README.md" ] || continue
	known=$(patterns "$d/README.md")
	for f in $(printf '%s\n' "$files" | grep "^$d/[^/]*\.c$"); do
		name=$(basename "$f" .c)
		found=0
		while read -r pattern; do
			# shellcheck disable=SC2254
			case $name in $pattern) found=1 && break ;; esac
		done <<<"$known"
		[ $found = 1 ] || say "$d/README.md does not say what $name.c is for"
	done
done
for readme in $(git ls-files -co --exclude-standard '*README.md'); do
	for name in $(grep -o '`[a-z0-9_/]*\.[ch]`' "$readme" | tr -d '`' | sort -u); do
		grep -qE "(^|/)$name\$" <<<"$files" || say "$readme names $name, which is not there"
	done
done
exit $status
