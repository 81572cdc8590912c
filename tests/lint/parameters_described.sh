#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every query parameter and form field that a handler reads by name stands in a row of fcgi/route_table.c, which is what
# /ws/openapi.json tells of it.
set -u
status=0
n=0
while read -r file name; do
	n=$((n + 1))
	grep -qF "{ \"$name\", VALUE_" fcgi/route_table.c ||
		{ echo "$file reads \"$name\", which no row of fcgi/route_table.c describes (.query or .form)"; status=1; }
done < <(
	grep -oE 'exchange_(query|form)_[a-z]+\(x, "[^"]+"' fcgi/*.c fcgi/handlers/*.c | sed -E 's/:.*"([^"]+)"$/ \1/'
	sed -n '/form_fields\[\] = {/,/};/s/^\t{ "\([a-z0-9]*\)".*/fcgi\/handlers\/job_submit.c \1/p' fcgi/handlers/job_submit.c
)
[ $n -gt 20 ] || { echo "only $n names were found: look at this script"; status=1; }
exit $status
