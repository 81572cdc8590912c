#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/requirements.md: every line names at least one test that exists ("file" or "file:words in it").
set -u
status=0
lines=0
while IFS= read -r line; do
	case $line in '- '*) ;; *) continue ;; esac
	lines=$((lines + 1))
	proofs=${line##*|}
	[ "$proofs" != "$line" ] || { echo "no test named: $line"; status=1; continue; }
	found=0
	while IFS= read -r proof; do
		proof=${proof#"${proof%%[![:space:]]*}"}
		[ -n "$proof" ] || continue
		file=${proof%%:*}
		word=${proof#*:}
		found=1
		if [ ! -e "$file" ]; then
			echo "no such test file: $file ($line)"
			status=1
		elif [ "$word" != "$proof" ] && ! grep -qF -- "$word" "$file"; then
			echo "$file holds no $word ($line)"
			status=1
		fi
	done < <(printf '%s\n' "$proofs" | tr ',' '\n')
	[ $found = 1 ] || { echo "no test named: $line"; status=1; }
done <docs/requirements.md
[ $lines -gt 0 ] || { echo "docs/requirements.md has no requirement"; status=1; }
exit $status
