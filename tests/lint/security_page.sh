#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each command, setting, parameter, option, file and unit that docs/security.md, SECURITY.md and the part of conf/README.md about
# systemd show is there: in the table of verbs, in the settings, in the schema, in the tree.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0
say() { echo "$*"; status=1; }
pages="docs/security.md SECURITY.md"
section=$(sed -n '/^## A node under systemd/,$p' conf/README.md)
text=$(cat $pages; printf '%s\n' "$section")

code=$(grep -o '`[^`]*`' <<<"$text" | tr -d '`'; sed -n 's/^   \{4,\}//p; s/^    //p' <<<"$section")
[ -n "$code" ] || say "no command is shown"

# jqm VERB [--OPTION]: the verb in the table, the option in the command line's sources.
n=0
while read -r verb rest; do
	n=$((n + 1))
	grep -q "\.name = \"$verb\"" cli/verbs_*.c || { say "there is no verb: jqm $verb"; continue; }
	for option in $(grep -oE -- '--[a-z-]+' <<<"$rest"); do
		grep -qrE "\"${option#--}\"" cli || say "jqm $verb has no option $option"
	done
done < <(grep -oE '(^|[^a-z/-])jqm [a-z]+[^#]*' <<<"$code" | sed -E 's/^[^j]*jqm //' | grep -vE '^(jqm|ROLE|all|psql|createdb|postgres) ')
[ $n -ge 10 ] || say "only $n commands were found"

for option in $(grep -oE '^--[a-z-]+$' <<<"$code" | sort -u); do
	grep -qrE "\"${option#--}\"" cli || say "no verb has the option $option"
done

# section:key
while read -r key; do
	case $key in tests:* | http:* | https:* | logs:* | job_instance:*) continue ;; esac
	grep -q "\"$key\"" shared/conf/settings.c || say "there is no setting $key"
done < <(grep -oE '\b[a-z]+:[a-z_]+\b' <<<"$code" | sort -u)

# Parameters of the cluster, by their look; limits of definitions.
while read -r name; do
	grep -qrE "'$name'|\"$name\"" sql/schema fcgi cli || say "there is no parameter $name"
done < <(grep -oE '\b(enable|disable|allow|open|compatible|history)[A-Z][A-Za-z]+\b' <<<"$text" | sort -u)
for name in $(grep -oE '\b[a-z]+_max_?[a-z]*\b' <<<"$code" | sort -u); do
	grep -qr "$name" shared/conf/settings.c sql/schema || say "there is no limit $name"
done

# Pages, units, roles.
for file in $(grep -oE '\b(docs|conf|cli|nginx)/[A-Za-z._-]+[A-Za-z]' <<<"$text" | sort -u); do
	case $file in conf/jqm.ini) continue ;; esac
	[ -e "$file" ] || say "there is no $file"
done
for unit in $(grep -oE '\bjqm-[a-z]+\.(service|socket|slice)\b' <<<"$text" | sort -u); do
	[ -e "conf/systemd/$unit" ] || say "there is no unit $unit"
done
for role in $(grep -oE '\bjqm_[a-z]+\b' <<<"$code" | sort -u); do
	grep -q "'$role'" sql/schema/0001_schema.sql || say "there is no role $role"
done
exit $status
