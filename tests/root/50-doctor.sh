#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Root runs "jqm doctor --fix": owners are set right inside the installation, and nothing else in the world changes, whatever
# the account of the installation has prepared.
. "${JQM_TEST_SOURCE:?}/tests/lib/tap.sh"
. "${JQM_TEST_SOURCE:?}/tests/lib/workers.sh"

account=${JQM_ACCOUNT:-jqm}
work=$(scratch)
workers_live_in "$work"
at_exit rm -rf "$work"
port=$(free_port)
cp -R "$JQM_BIN" "$work/bin"
cp -R "$JQM_BIN/../share" "$work/share"
chmod -R u=rwX,go=rX "$work/bin" "$work/share"
jqm=$work/bin/jqm
home=$work/open/home
at_exit "$jqm" down --home "$home"
said=
code=
look() {
	said=$("$jqm" doctor "$@" 2>"$work/words")
	code=$?
}
as_account() { setpriv --reuid "$account" --regid "$(id -gn "$account")" --clear-groups "$@"; }
facts() { stat -c '%U %a' "$1"; }

ok "root starts a home" "$jqm" up --detach --home "$home" --port "$port"
look --home "$home"
is "root finds nothing wrong with it" $code 0
like "and looks at its database as the account" "$said" '^ok: database: jqm-runner: comes to the database as jqm_runner'
like "whose programs --check" "$said" '^ok: programs: jqm-runner: --check finds '
is "looking leaves nothing of root's behind" "$(find "$home" ! -user "$account")" ""
look --home "$home" --fix
is "nor does mending" "$code $(find "$home" ! -user "$account")" "0 "

# Broken by mistakes of administrators.
install -m 600 /dev/null "$home/log/made-by-root.log"
chown nobody "$home/conf/jqm.ini"
chown root: "$home/outputfiles"
chown -h 12345:12345 "$home/state/instance-id"
chmod 644 "$home/state/instance-id"
look --home "$home"
is "what belongs to others is wrong" $code 1
for f in conf/jqm.ini outputfiles state/instance-id log/made-by-root.log; do
	like "$f is told" "$said" "^wrong: [a-z]+: $home/$f: belongs to uid [0-9]+, not to account $account .jqm doctor --fix"
done
as_account "$jqm" doctor --home "$home" --fix >"$work/said"
is "the account itself cannot take it" $? 1
like "and says who can" "$(cat "$work/said")" "^wrong: files: $home/log/made-by-root.log: .*.as root: jqm doctor --fix"
look --home "$home" --fix
is "root's --fix leaves nothing wrong" $code 0
is "all belongs to the account" "$(find "$home" ! -user "$account")" ""
is "and what was too open is closed" "$(facts "$home/state/instance-id")" "$account 600"
look --home "$home" --fix
is "the second time nothing is left to mend" "$code $(grep -c ^fixed <<<"$said")" "0 0"

# Who may be the account of a job: root's to say.
echo nobody >"$work/open/accounts"
sed "s|^\[runner\]|&\naccounts_file = $work/open/accounts|" "$home/conf/jqm.ini" >"$work/jqm.ini"
install -m 600 -o "$account" "$work/jqm.ini" "$work/open/node.ini"
look --config "$work/open/node.ini"
like "a list of root's is fine" "$said" "^ok: configuration: $work/open/accounts: is root's"
chown "$account" "$work/open/accounts"
look --config "$work/open/node.ini"
like "one of the account is not" "$said" "^wrong: configuration: $work/open/accounts: must be a file of root's"
sed -i '/^accounts_file/d' "$work/open/node.ini"
look --config "$work/open/node.ini"
like "without one all jobs can read what JQM can: a note" "$said" "^note: configuration: runner:accounts_file: is not given: all jobs run as account $account"

# Prepared by a hostile job, which is the account: links, other names and mounts of what is not its own.
echo secret >"$work/open/secret"
chmod 600 "$work/open/secret"
mkdir -m 755 "$work/open/roots"
echo precious >"$work/open/roots/file"
chmod 644 "$work/open/roots/file"
as_account mkdir -p "$home/outputfiles/9"
as_account ln -s "$work/open/secret" "$home/outputfiles/9/link"
as_account ln -s "$work/open/roots" "$home/joblogs/link"
ln "$work/open/secret" "$home/outputfiles/9/name" # as where protected_hardlinks is off
mkfifo -m 666 "$home/outputfiles/9/fifo" && mknod "$home/outputfiles/9/device" c 1 3
before=$(stat -c '%n %U %G %a' "$work/open/secret" "$work/open/roots" "$work/open/roots/file")
look --home "$home" --fix
is "a second name of a file of root's is not given away" "$(facts "$work/open/secret")" "root 600"
like "but told, with what to do by hand" "$said" "^wrong: files: $home/outputfiles/9/name: belongs to uid 0 and has 2 names: not given .*chown -h"
like "a device is told" "$said" "^wrong: files: $home/outputfiles/9/device: is a device"
is "and stays what it is" "$(stat -c '%U %F' "$home/outputfiles/9/device")" "root character special file"
is "nothing that links lead to has changed" "$(stat -c '%n %U %G %a' "$work/open/secret" "$work/open/roots" "$work/open/roots/file")" "$before"
rm "$home/outputfiles/9/name" "$home/outputfiles/9/device"
mkdir "$home/outputfiles/9/mounted"
if mount -t tmpfs none "$home/outputfiles/9/mounted" 2>/dev/null; then
	at_exit umount "$home/outputfiles/9/mounted"
	: >"$home/outputfiles/9/mounted/file"
	look --home "$home" --fix
	is "what is mounted below is not touched" "$(facts "$home/outputfiles/9/mounted/file")" "root 644"
	like "and told" "$said" 'and 1 mounted file systems below it were not followed'
	mount -o remount,size=1m "$home/outputfiles/9/mounted"
	head -c 1040000 /dev/zero >"$home/outputfiles/9/mounted/file"
	cp -p "$home/conf/jqm.ini" "$work/open/kept.ini"
	sed -i "s|^delivery_store.*|delivery_store = \"$home/outputfiles/9/mounted\"|" "$home/conf/jqm.ini"
	look --home "$home"
	like "a disk that is full is told" "$said" "^wrong: disk: $home/outputfiles/9/mounted: 0 MB are free, [01] %"
	cp -p "$work/open/kept.ini" "$home/conf/jqm.ini"
else
	absent "a mount below the home" "this root may not mount"
fi

# A program of ours that root runs.
cp /bin/sleep "$work/bin/jqm-sleeps"
"$work/bin/jqm-sleeps" 600 &
sleeper=$!
at_exit kill "$sleeper"
look --home "$home"
like "a program of JQM that runs as root is told" "$said" "^wrong: account: jqm-sleeps: process $sleeper runs as root"
kill "$sleeper"
wait "$sleeper" 2>/dev/null

# Exchanged while root looks: a directory becomes a link to root's, and back, all the time.
cat >"$work/bin/exchange.sh" <<'END'
cd "$1/joblogs" || exit 1
mkdir -p swap.d && : >swap.d/file && ln -s "$2" swap.l
while [ ! -e "$1/joblogs/stop" ]; do
	mv -T swap.d swap; mv -T swap swap.d
	mv -T swap.l swap; mv -T swap swap.l
done
END
as_account bash "$work/bin/exchange.sh" "$home" "$work/open/roots" &
exchanger=$!
wait_for 20 test -e "$home/joblogs/swap.d/file"
for _ in $(seq 5); do look --home "$home" --fix; done
is "nothing outside changes while names are exchanged" "$(stat -c '%n %U %G %a' "$work/open/secret" "$work/open/roots" "$work/open/roots/file")" "$before"
as_account touch "$home/joblogs/stop"
wait "$exchanger"
is "(the exchange went on all the time)" $? 0

# The account writes the configuration: what only that names is never given to it.
as_account sed -i "s|^delivery_store.*|delivery_store = \"$work/open/roots\"|" "$home/conf/jqm.ini"
look --home "$home" --fix
is "a directory of root's that the configuration names stays root's" "$(stat -c '%n %U %G %a' "$work/open/roots" "$work/open/roots/file")" \
	"$(tail -2 <<<"$before")"
like "and is told" "$said" "^wrong: files: $work/open/roots: belongs to uid 0, not to account $account .as root: chown"

# Nor does what it names, and is root's, get another mode: the whole machine would be in its hands.
mkdir -m 755 "$work/open/machine"
install -m 4755 /dev/null "$work/open/machine/su"
install -m 644 /dev/null "$work/open/machine/passwd"
machine=$(stat -c '%n %U %a' "$work/open/machine" "$work/open/machine/su" "$work/open/machine/passwd")
as_account sed -i -e "s|^delivery_store.*|delivery_store = \"$home/outputfiles\"|" \
	-e "/^\[secrets\]/,/^\[/s|^key_file.*|key_file = \"$work/open/machine/passwd\"|" \
	-e "s|^\[runner\]|&\ntrusted_keys = \"$work/open/machine\"|" \
	-e "s|^job_repository.*|job_repository = \"$work/open/machine\"|" "$home/conf/jqm.ini"
as_account ln "$work/open/machine/su" "$home/jobs/su" 2>/dev/null || ln "$work/open/machine/su" "$home/jobs/su"
look --home "$home" --fix
is "no file of root's that the configuration names gets another mode, nor one by a second name" \
	"$(stat -c '%n %U %a' "$work/open/machine" "$work/open/machine/su" "$work/open/machine/passwd")" "$machine"
like "it is told, with what root does by hand" "$said" "^wrong: configuration: $work/open/machine/passwd: mode 0644 .*as root: chmod 0600"
like "the second name too" "$said" "^wrong: files: $home/jobs/su: mode 4755 .*as root: chmod 0755"
rm "$home/jobs/su"
mkdir -m 700 "$work/open/machine/closed" && install -m 666 /dev/null "$work/open/machine/closed/whose-name-is-root-s"
look --home "$home"
unlike "nor is told what lies where the account may not look" "$said" 'whose-name-is-root-s'
like "but that it was not looked at" "$said" "^wrong: configuration: $work/open/machine/closed: Permission denied"
rm -r "$work/open/machine/closed"

look --home /etc --fix
is "what is no home is not looked at" $code 2
JQM_ACCOUNT=root look --home "$home" --fix
is "nothing is given to root" $code 2
chown root "$home"
look --home "$home" --fix
is "a home that was given to root" "$(facts "$home")" "$account 700"
done_testing
