#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The table in shared/conf/settings.c, conf/README.md and conf/jqm.ini.example say the same: keys, types
# and ranges, units, defaults, readers, meanings, order.  And the example, with its "#" removed, is read.
#
#	settings_documented.sh [README EXAMPLE]      other files than the tree's, to test this test
set -u
cd "$(dirname "$0")/../.." || exit 1
readme=${1:-conf/README.md}
example=${2:-conf/jqm.ini.example}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
status=0

# With an argument: read that file.  Without: one line for the README and one for the example per row.
cat >"$scratch/table.c" <<'C'
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/err.h"
#include "conf/settings.h"

static void
print_row(const struct setting *row)
{
	static const char *const types[] = { "text", "path", "integer", "size", "true or false" };
	const char *fallback = row->default_value == NULL ? "" : row->default_value;
	const char *colon = strchr(row->key, ':');

	printf("readme\t| `%s` | %s", row->key, row->choices != NULL ? row->choices : types[row->type]);
	if (row->type == SETTING_INT || row->type == SETTING_SIZE)
		printf(" %" PRId64 " to %" PRId64, row->min, row->max);
	printf(" | %s | %s | %s |\t| %s |\n", row->unit, fallback, row->readers, row->meaning);
	printf("example\t[%.*s]\t# %s\t#%s =%s%s\n", (int)(colon - row->key), row->key, row->meaning,
	       colon + 1, fallback[0] == '\0' ? "" : " ", fallback);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct settings *settings;

	if (argc == 1) {
		for (size_t i = 0; i < settings_table_len; i++)
			print_row(&settings_table[i]);
		return 0;
	}
	if ((settings = settings_read(argv[1], &err)) == NULL)
		(void)fprintf(stderr, "%s\n", err.text);
	settings_free(settings);
	return settings == NULL;
}
C
${CC:-cc} -std=c11 -D_GNU_SOURCE -Ishared -isystem /usr/include/iniparser -o "$scratch/table" "$scratch/table.c" \
	shared/conf/*.c shared/base/*.c -liniparser || exit 1
"$scratch/table" >"$scratch/rows" || exit 1

# README: | key | type | unit | default | read by | takes effect | meaning |; the sixth is the README's own.
sed -n 's/^readme\t//p' "$scratch/rows" >"$scratch/readme.want"
grep '^| `[a-z_]*:[a-z_]*` |' "$readme" | awk -F' [|]' '{
	sub(/^ /, "", $6)
	if ($6 != "restart" && $6 != "reload")
		print "takes effect: restart or reload, not \"" $6 "\""
	print $1 " |" $2 " |" $3 " |" $4 " |" $5 " |\t|" $7 " |"
}' >"$scratch/readme.have"
if ! diff -u "$scratch/readme.want" "$scratch/readme.have" >"$scratch/diff"; then
	echo "$readme differs from the table (- table, + README; the tab stands for \"restart\" or \"reload\"):"
	tail -n +3 "$scratch/diff"
	status=1
fi

# Example: each setting is "# meaning" and "#key = default" within its section.
sed -n 's/^example\t//p' "$scratch/rows" >"$scratch/example.want"
awk '/^\[/ { section = $0 }
	/^#[a-z_]+ =/ { print section "\t" previous "\t" $0 }
	{ previous = $0 }' "$example" | grep -v '^\[job_environment\]' >"$scratch/example.have"
if ! diff -u "$scratch/example.want" "$scratch/example.have" >"$scratch/diff"; then
	echo "$example differs from the table (- table, + example):"
	tail -n +3 "$scratch/diff"
	status=1
fi

(umask 077 && sed 's/^#\([a-z_]* = .\)/\1/' "$example" >"$scratch/jqm.ini")
if ! "$scratch/table" "$scratch/jqm.ini"; then
	echo "$example is not read once its settings are given"
	status=1
fi
[ -s "$scratch/readme.want" ] || { echo "the table is empty"; status=1; }
exit $status
