#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# LongCounter: a line a second, "count" of them: something to follow, and to kill.
count=${JQM_PARAM_count:-300}
case $count in
*[!0-9]*)
	echo "count must be a number, not \"$count\"" >&2
	exit 2
	;;
esac
n=0
while [ "$n" -lt "$count" ]; do
	n=$((n + 1))
	echo "$n of $count"
	sleep 1
done
