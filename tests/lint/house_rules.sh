#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rules a compiler does not know: licence lines, no unfinished words, no machine's paths, a README in
# every folder with code, no file that grew past what one can hold in mind.
set -u
status=0
say() { echo "$*"; status=1; }
files=$(git ls-files -co --exclude-standard | while read -r f; do [ -f "$f" ] && echo "$f"; done)

for f in $(printf '%s\n' "$files" | grep -E '\.(c|h|sql|sh)$'); do
	head -3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || say "$f: no SPDX line"
	n=$(wc -l <"$f")
	[ "$n" -le 600 ] || say "$f: $n lines, look for the second thing it does"
done
unfinished=$(printf '%s\n' "$files" | grep -E '\.(c|h|sql|sh|ts)$' | grep -v '^tests/lint/' |
	xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b|not implemented yet' || true)
[ -z "$unfinished" ] || say "unfinished: $unfinished"
paths=$(printf '%s\n' "$files" | grep -v '^tests/lint/' | xargs grep -nE '/work/(main|shared)|/root/[a-z]' || true)
[ -z "$paths" ] || say "paths of one machine: $paths"
sleeps=$(printf '%s\n' "$files" | grep -E '^tests/.*\.(c|sh)$' | grep -v '^tests/lint/' | xargs grep -nE '(^|[^_a-z.])(u?sleep|nanosleep)\(|^[[:space:]]*sleep [0-9]' || true)
[ -z "$sleeps" ] || say "tests wait by sleeping: $sleeps"
for d in $(printf '%s\n' "$files" | grep -E '\.(c|sql)$' | xargs -n1 dirname | sort -u); do
	case $d in tests/*) continue ;; fcgi/handlers | sql/schema | sql/seed) continue ;; esac
	[ -e "$d/README.md" ] || say "$d has no README.md"
done
exit $status
