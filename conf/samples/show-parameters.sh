#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ShowParameters: parameters reach a job twice, as JQM_PARAM_<key> in its environment and, their values
# in the order of their keys, as arguments; no shell ever reads them.
echo "environment:"
env | grep '^JQM_PARAM_' | sort
echo "arguments: $#"
n=0
for argument in "$@"; do
	n=$((n + 1))
	printf '%d: %s\n' "$n" "$argument"
done
