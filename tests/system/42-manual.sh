#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Manual pages: they are what mdoc wants, every option of a program is in its page, and every page's option in the program.
. "$(dirname "$0")/../lib/stack.sh"
WORK=$(scratch)
at_exit rm -rf "$WORK"
source=${JQM_TEST_SOURCE:-$(cd "$here/.." && pwd)}
ok "they are made" "$source/man/make.sh" "$JQM" "$WORK"
for page in "$WORK"/man*/*; do
	is "$(basename "$page"): groff has nothing to say" "$(groff -mdoc -Tutf8 -ww -z "$page" 2>&1 | head -5)" ""
	if command -v mandoc >/dev/null; then
		is "$(basename "$page"): mandoc has no error" "$(mandoc -Tlint -Wwarning "$page" 2>&1 | head -5)" ""
	fi
done
shown() { groff -mdoc -Tascii -P-cbou -rLL=200n "$1" 2>/dev/null; }
options() { grep -oE '(^|[^a-z-])--[a-z][a-z0-9-]*' | grep -oE -- '--.*' | sort -u | tr '\n' ' '; }

page=$(shown "$WORK/man1/jqm.1")
is "jqm(1) has every option that helps have, and no other" "$(options <<<"$page")" \
	"$({ "$JQM" help; for verb in $("$JQM" help | sed -n 's/^  \([a-z]*\)  *.*/\1/p'); do "$JQM" help "$verb"; done; echo --help; } | options)"
for verb in $("$JQM" help | sed -n 's/^  \([a-z]*\)  *.*/\1/p'); do
	grep -qE "^ +jqm $verb$" <<<"$page" || missing="${missing-} $verb"
done
is "and every verb" "${missing-}" ""
for program in fcgi runner keeper notifier events hooks; do
	# Without arguments they say what they take; --help is named by some.
	is "jqm-$program(8) has every option of its program, and no other" \
		"$(shown "$WORK/man8/jqm-$program.8" | options | sed 's/--help //')" \
		"$("$JQM_BIN/jqm-$program" 2>&1 | options | sed 's/--help //')"
done
page=$(shown "$WORK/man5/jqm.ini.5")
is "jqm.ini(5) has every setting" "$(grep -cE '^ +\[[a-z]+\] [a-z_0-9]+$' <<<"$page")" "$(grep -cE '^\| `[a-z]+:[a-z_0-9]+`' "$source/conf/README.md")"
elements() { # SOURCE...: what readers of XML know
	for file in "$@"; do grep -oE '^	\{ "[A-Za-z0-9]+", (XML_|[A-Z]+\()' "$source/shared/codec/$file"; done | cut -d'"' -f2 | sort -u
}
not_in() { # PAGE NAME...; as it is written, for what is shown has words parted at ends of lines
	local name
	for name in "${@:2}"; do grep -qw -- "$name" "$1" || echo "$name"; done
}
mapfile -t names < <(elements job_def_xml_tables.c)
is "jqm-descriptor(5) has each of ${#names[@]} elements" "$((${#names[@]} > 40)) $(not_in "$WORK/man5/jqm-descriptor.5" "${names[@]}")" "1 "
mapfile -t names < <(elements configuration_xml_tables.c)
is "jqm-configuration(5) has each of ${#names[@]} elements" "$((${#names[@]} > 20)) $(not_in "$WORK/man5/jqm-configuration.5" "${names[@]}")" "1 "
is "no mark of docs/ is left in them" "$(shown "$WORK/man5/jqm-descriptor.5" | grep -E '`|\*\*|^ *\|')$(shown "$WORK/man5/jqm-configuration.5" | grep -E '`|\*\*|^ *\|')" ""
page=$(shown "$WORK/man3/libjqm.3")
sed -n '/^EXAMPLES/,/^     Two larger/p' <<<"$page" | sed -n '/#include/,/^ *}$/p' | sed 's/^ *Two larger.*//' >"$WORK/example.c"
ok "the program of libjqm(3) compiles" "${CC:-cc}" -Wall -Wextra -Werror -fsyntax-only -I"$source/client/include" "$WORK/example.c"
done_testing
