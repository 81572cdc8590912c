#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone and twice in a row.
set -u
status=0
for h in $(git ls-files -co --exclude-standard '*.h'); do
	case $h in tests/fuzz/corpus_main.h) continue ;; esac
	printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' "$h" "$h" |
		${CC:-cc} -std=c11 -D_GNU_SOURCE -Ishared -I. -Iclient/include -isystem /usr/include/iniparser \
			-isystem /usr/include/libxml2 -isystem /usr/include/postgresql \
			-Wall -Wextra -Werror -fsyntax-only -x c - || { echo "$h does not stand alone"; status=1; }
done
exit $status
