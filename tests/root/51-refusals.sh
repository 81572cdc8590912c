#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No program of ours starts as root, or with a secret that others can read, and each says why.
. "${JQM_TEST_SOURCE:?}/tests/lib/tap.sh"
. "${JQM_TEST_SOURCE:?}/tests/lib/workers.sh"

account=${JQM_ACCOUNT:-jqm}
work=$(scratch)
workers_live_in "$work"
at_exit rm -rf "$work"
cp -R "$JQM_BIN" "$work/bin"
chmod -R u=rwX,go=rX "$work/bin"
mkdir -m 700 "$work/own"
ini=$work/own/jqm.ini
cat >"$ini" <<END
[database]
conninfo = "host=$work/nowhere dbname=jqm"
[node]
name = "n"
[mail]
smtp_host = "localhost"
from = "jqm@example.org"
user = "jqm"
password_file = "$work/own/mail-password"
END
echo secret >"$work/own/mail-password"
chmod 600 "$work/own/"*
chown -R "$account:" "$work/own"
as_account() { setpriv --reuid "$account" --regid "$(id -gn "$account")" --clear-groups timeout 20 "$@" 2>&1; }

for program in fcgi runner notifier events hooks; do
	output=$(timeout 20 "$work/bin/jqm-$program" --config "$ini" 2>&1)
	is "jqm-$program refuses root" $? 1
	like "jqm-$program says that it is root" "$output" 'as root'
done
output=$(timeout 20 "$work/bin/jqm-keeper" --socket "$work/own/s" --table "$work/own/t" 2>&1)
is "jqm-keeper refuses root" $? 1
like "jqm-keeper says that it is root" "$output" 'as root'
is "and made nothing" "$(ls "$work/own")" "$(printf 'jqm.ini\nmail-password')"

chmod 640 "$ini"
for program in fcgi runner notifier events hooks; do
	output=$(as_account "$work/bin/jqm-$program" --config "$ini")
	is "jqm-$program refuses a configuration its group can read" $? 1
	like "jqm-$program names it" "$output" "$ini.*(chmod 600|others than its owner)"
done
chmod 600 "$ini"
chmod 604 "$work/own/mail-password"
output=$(as_account "$work/bin/jqm-notifier" --config "$ini")
is "jqm-notifier refuses a password everybody can read" $? 1
like "jqm-notifier names it" "$output" "mail-password.*can be read by others"
chmod 600 "$work/own/mail-password"
(umask 077 && openssl rand -hex 32 >"$work/own/keys")
printf '[secrets]\nkey_file = "%s"\n' "$work/own/keys" >>"$ini"
chown "$account:" "$work/own/keys"
for mode in 640 604; do
	chmod $mode "$work/own/keys"
	for program in fcgi runner hooks; do
		output=$(as_account "$work/bin/jqm-$program" --config "$ini")
		is "jqm-$program refuses keys of secret parameters that others can read ($mode)" $? 1
		like "jqm-$program names them" "$output" "secrets:key_file.*own/keys.*can be read by others: chmod 600"
	done
done
chmod 600 "$work/own/keys"
output=$(as_account "$work/bin/jqm-runner" --config "$ini")
unlike "(closed they are no reason)" "$output" 'key_file'
(umask 077 && printf 'sealed\n' >"$work/own/passphrase")
printf '[pki]\npassphrase_file = "%s"\n' "$work/own/passphrase" >>"$ini"
chown "$account:" "$work/own/passphrase"
chmod 640 "$work/own/passphrase"
output=$(as_account "$work/bin/jqm-fcgi" --config "$ini")
is "jqm-fcgi refuses a passphrase its group can read" $? 1
like "jqm-fcgi names it" "$output" "pki:passphrase_file.*can be read by others"
done_testing
