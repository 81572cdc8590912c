# SPDX-License-Identifier: Apache-2.0
# A page of docs/ as the body of a manual page in mdoc(7): headings, paragraphs, lists, code, tables.  Of a table each row is an item, its
# first cell the tag; what the other columns are called stands before their cells.
function plain(text,    link) {
	while (match(text, /\[[^]]*\]\([^)]*\)/)) {
		link = substr(text, RSTART + 1, RLENGTH)
		text = substr(text, 1, RSTART - 1) substr(link, 1, index(link, "]") - 1) substr(text, RSTART + RLENGTH)
	}
	gsub(/\*\*/, "", text)
	gsub(/`/, "", text)
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return (text ~ /^[.']/ ? "\\\&" : "") text
}
function close_table() { if (in_table) print ".El"; in_table = 0 }
/^ *```/ {
	close_table()
	in_code = !in_code
	print in_code ? ".Bd -literal -offset 2n" : ".Ed"
	last = "code"
	next
}
in_code { print plain($0); next }
/^    [^ ]/ && (last == "blank" || in_literal) {
	if (!in_literal) print ".Bd -literal -offset 2n"
	in_literal = 1
	print plain(substr($0, 5))
	next
}
in_literal { print ".Ed"; in_literal = 0; last = "code" }
/^# / { last = "heading"; next }
/^## / { close_table(); print ".Sh " plain(substr($0, 4)); last = "heading"; next }
/^### / { close_table(); print ".Ss " plain(substr($0, 5)); last = "heading"; next }
/^\|[-| ]+\|$/ { next }
/^\|/ {
	n = split(substr($0, 2, length($0) - 2), cell, "|")
	for (i = 1; i <= n; i++) gsub(/^ +| +$/, "", cell[i])
	if (!in_table) {
		for (i = 1; i <= n; i++) name[i] = cell[i]
		print ".Bl -tag -width Ds"
		in_table = 1
		next
	}
	print ".It Sy " plain(cell[1])
	text = ""
	for (i = 2; i <= n; i++)
		if (cell[i] != "") text = text (text == "" ? "" : "; ") (name[i] == "" || i == 2 && n == 2 ? "" : name[i] ": ") cell[i]
	print plain(text == "" ? "as its name says" : text) "."
	last = "table"
	next
}
{ close_table() }
/^$/ { if (last == "text") last = "blank"; next }
/^(- |[0-9]+\. )/ { if (last != "heading") print ".Pp"; print plain($0); last = "text"; next }
{
	if (last == "blank" || last == "table" || last == "code") print ".Pp"
	last = "text"
	sub(/^  +/, "")
	print plain($0)
}
END { close_table() }
