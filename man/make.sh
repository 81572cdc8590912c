#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make.sh JQM DIRECTORY: the manual pages into DIRECTORY/man1 to man8; what pages say of verbs comes from the program JQM,
# what they say of settings from conf/README.md; pages of file formats are pages of docs/.
set -eu
[ $# -eq 2 ] || {
	echo "usage: make.sh JQM DIRECTORY" >&2
	exit 2
}
jqm=$1
out=$2
here=$(dirname "$0")
version=$("$jqm" version)

# Text as mdoc has it: no line begins with a control character, no backslash means anything.
plain() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"; }

# One verb, out of its help: synopsis, summary, and the rest as it stands.
verb() { # NAME
	local help
	help=$("$jqm" help "$1")
	printf '.Ss jqm %s\n' "$1"
	printf '.Bd -literal -compact\n'
	sed -n '1,/^$/p' <<<"$help" | sed -e 's/^usage: //' -e '/^$/d' | plain
	printf '.Ed\n.Pp\n'
	sed -e '1,/^$/d' <<<"$help" | sed -n 1p | sed 's/^./\U&/; s/$/./' | plain
	if [ -n "$(sed -e '1,/^$/d' <<<"$help" | sed 1,2d)" ]; then
		printf '.Bd -literal\n'
		sed -e '1,/^$/d' <<<"$help" | sed 1,2d | plain
		printf '.Ed\n'
	fi
}
verbs() {
	local name
	"$jqm" help | sed -n 's/^  \([a-z]*\)  *.*/\1/p' | while read -r name; do verb "$name"; done
}
settings() {
	sed -n 's/^| `\([a-z]*\):\([a-z_0-9]*\)` | /\1 | \2 | /p' "$here/../conf/README.md" |
		while IFS='|' read -r section key type _ default readers _ meaning _; do
			read -r section <<<"$section"
			read -r key <<<"$key"
			read -r type <<<"$type"
			read -r default <<<"$default"
			read -r readers <<<"$readers"
			read -r meaning <<<"$meaning"
			printf '.It Sy %s\n' "[$section] $key"
			printf '%s.\n' "$meaning" | sed 's/^./\U&/; s/`//g' | plain
			printf '.br\n'
			printf '%s%s; for %s.\n' "$type" "${default:+, default $default}" "$readers" | sed 's/^./\U&/; s/`//g' | plain
		done
}
put() { # MARK: standard input with what COMMAND prints in place of the line @MARK@
	local line
	while IFS= read -r line; do
		case $line in
		"@$1@") "${1,,}" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
}
# A page of docs/ as a manual page of a file format.
format() { # NAME PAGE DESCRIPTION
	printf '.\\" SPDX-License-Identifier: Apache-2.0\n.Dd %s\n.Dt %s 5\n.Os %s\n' "$date" "${1^^}" "${version/#jqm /JQM }"
	printf '.Sh NAME\n.Nm %s\n.Nd %s\n.Sh DESCRIPTION\n' "$1" "$3"
	awk -f "$here/of_markdown.awk" "$here/../docs/$2"
	printf '.Sh SEE ALSO\n.Xr jqm 1\n'
}
date=$(LC_ALL=C date -u -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y "$jqm")}" '+%B %-d, %Y')
mkdir -p "$out/man1" "$out/man3" "$out/man5" "$out/man8"
put VERBS <"$here/jqm.1.in" | sed -e "s/^\.Dd @DATE@/.Dd $date/" -e "s/^\.Os$/.Os ${version/#jqm /JQM }/" >"$out/man1/jqm.1"
put SETTINGS <"$here/jqm.ini.5.in" | sed -e "s/^\.Dd @DATE@/.Dd $date/" -e "s/^\.Os$/.Os ${version/#jqm /JQM }/" >"$out/man5/jqm.ini.5"
format jqm-descriptor descriptor.md "XML files of job definitions of JQM" >"$out/man5/jqm-descriptor.5"
format jqm-configuration xml.md "XML files of queues, nodes and other configuration of JQM" >"$out/man5/jqm-configuration.5"
for page in "$here"/*.3 "$here"/*.8; do
	sed "s/^\.Os$/.Os ${version/#jqm /JQM }/" "$page" >"$out/man${page##*.}/$(basename "$page")"
done
