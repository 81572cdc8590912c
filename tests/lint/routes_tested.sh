#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every route of fcgi/route_table.c is called by a scenario or golden sample of tests/http (literal segments in order;
# {..} is anything).
set -u
status=0
n=0
calls=$(cat tests/http/*.sh tests/http/golden/*.txt)
while read -r method path; do
	n=$((n + 1))
	pattern=$(printf '%s' "$path" | sed 's/{[^}]*}/[^ \/"?]+/g')
	printf '%s\n' "$calls" | grep -Eq "$method [\"']?$pattern([ \"?']|\$)" ||
		{ echo "no scenario calls $method $path"; status=1; }
done < <(
	tr '\n' ' ' <fcgi/route_table.c | grep -oE '\{ *"(GET|POST|PUT|DELETE)", *"[^"]+"' | sed 's/^{ *//; s/[",]//g'
	sed -n 's/.*CONFIGURATION("\([^"]*\)".*/\1/p' fcgi/route_table.c | while read -r path; do
		printf '%s\n' "GET $path" "POST $path" "PUT $path" "GET $path/{id}" "PUT $path/{id}" "DELETE $path/{id}"
	done
)
[ $n -gt 0 ] || { echo "no route found in fcgi/route_table.c"; status=1; }
exit $status
