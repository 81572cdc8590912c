#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# AccessReport: what a web server was asked, as CSV and as a page.
#
# Reads $ACCESS_LOG (default: the log of the nginx in front of this JQM), preceded by its rotated part
# FILE.1 if there is one.  Understands nginx's format of this stack and the "combined" format most web
# servers write; lines that are neither are counted, never guessed at.
set -eu
LC_ALL=C
export LC_ALL

log=${ACCESS_LOG:-../log/nginx-access.log}
work=${JQM_JI_TEMP_DIR:?this script runs as a JQM job}
delivery=${JQM_JI_DELIVERY_DIR:?this script runs as a JQM job}
tab=$(printf '\t')

set --
for file in "$log.1" "$log"; do
	if [ -f "$file" ] && [ -r "$file" ]; then
		set -- "$@" "$file"
	fi
done
if [ $# -eq 0 ]; then
	echo "there is no access log \"$log\" that can be read" >&2
	exit 1
fi

# One line per path: requests, refused, failed, bytes, path (tabs between); then one line "odd N".
# Bytes that are neither ASCII nor printable become "?" first.
cat "$@" | tr '\000-\011\013-\037\177-\377' '[?*]' | awk '
	function count(path, status, bytes) {
		sub(/[?#].*/, "", path)
		requests[path]++
		if (status >= 500)
			failed[path]++
		else if (status >= 400)
			refused[path]++
		sum[path] += bytes
	}
	# ... method=GET path="/x" status=200 bytes=12 ...
	match($0, / method=[A-Z]+ path="[^"]*" status=[0-9]+ bytes=[0-9]+/) {
		text = substr($0, RSTART, RLENGTH)
		path = text
		sub(/^[^"]*"/, "", path)
		sub(/".*/, "", path)
		status = bytes = text
		sub(/.*" status=/, "", status)
		sub(/ .*/, "", status)
		sub(/.* bytes=/, "", bytes)
		count(path, status + 0, bytes + 0)
		next
	}
	# ... "GET /x HTTP/1.1" 200 12 ...
	match($0, /"[A-Z]+ [^ "]+ HTTP\/[0-9.]+" [0-9][0-9][0-9] ([0-9]+|-)/) {
		n = split(substr($0, RSTART, RLENGTH), word, " ")
		count(word[2], word[n - 1] + 0, word[n] + 0)
		next
	}
	/[^ ]/ { odd++ }
	END {
		for (path in requests)
			printf "%d\t%d\t%d\t%.0f\t%s\n", requests[path], refused[path], failed[path], sum[path], path
		printf "odd\t%d\n", odd
	}
' >"$work/summary"
odd=$(sed -n "s/^odd$tab//p" "$work/summary")
sed "/^odd$tab/d" "$work/summary" | sort -t "$tab" -k1,1nr -k5,5 >"$work/paths"

# A field that starts like a formula would be one to a spreadsheet.
awk -F '\t' '
	function quoted(text) {
		gsub(/"/, "\"\"", text)
		if (text ~ /^[=+@-]/)
			text = "\047" text
		return "\"" text "\""
	}
	BEGIN { printf "path,requests,refused,failed,bytes\r\n" }
	{ printf "%s,%s,%s,%s,%s\r\n", quoted($5), $1, $2, $3, $4 }
' "$work/paths" >"$work/access-report.csv"

awk -F '\t' -v odd="$odd" -v when="$(date -u '+%Y-%m-%d %H:%M:%S UTC')" '
	function escaped(text) {
		gsub(/&/, "\\&amp;", text)
		gsub(/</, "\\&lt;", text)
		gsub(/>/, "\\&gt;", text)
		gsub(/"/, "\\&quot;", text)
		gsub(/\047/, "\\&#39;", text)
		return text
	}
	{
		requests += $1; refused += $2; failed += $3; bytes += $4
		if (NR <= 50)
			row[++rows] = sprintf("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
			    escaped($5), $1, $2, $3, $4)
	}
	END {
		print "<!DOCTYPE html>"
		print "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Access report</title>"
		print "<style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:right}"
		print "td:first-child,th:first-child{text-align:left;font-family:monospace}</style></head><body>"
		printf "<h1>Access report</h1>\n<p>%s: %d requests to %d paths, %d refused (4xx), %d failed (5xx), %.0f bytes.</p>\n",
		    when, requests, NR, refused, failed, bytes
		if (odd > 0)
			printf "<p>%d lines of the log were not understood and are not counted.</p>\n", odd
		if (rows == 0) {
			print "<p>The log has no request.</p>"
		} else {
			print "<table><thead><tr><th>path</th><th>requests</th><th>refused</th><th>failed</th><th>bytes</th></tr></thead><tbody>"
			for (i = 1; i <= rows; i++)
				print row[i]
			print "</tbody></table>"
		}
		if (NR > rows)
			printf "<p>The %d most asked for; the CSV file has all %d.</p>\n", rows, NR
		print "</body></html>"
	}
' "$work/paths" >"$work/access-report.html"

mv "$work/access-report.csv" "$work/access-report.html" "$delivery/"
echo "$(wc -l <"$work/paths") paths, $odd lines not understood, from: $*"
