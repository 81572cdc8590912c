#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A home on a file system that is full, or becomes full: a clear word, and it recovers.
. "${JQM_TEST_SOURCE:?}/tests/lib/tap.sh"
jqm=${JQM_BIN:?}/jqm
account=${JQM_ACCOUNT:-jqm}

work=$(scratch)
chmod 755 "$work"
at_exit rm -rf "$work"
port=$(free_port)
healthy() { curl -sf -o /dev/null -m 5 -u "root:$(cat "$work/full/home/root-password")" "http://127.0.0.1:$port/ws/simple/localnode/health"; }

disk() { # NAME SIZE
	mkdir "$work/$1"
	mount -t tmpfs -o "size=$2,mode=700,uid=$(id -u "$account"),gid=$(id -g "$account")" tmpfs "$work/$1" || exit 1
	at_exit umount "$work/$1"
	at_exit "$jqm" down --home "$work/$1/home"
	chmod 755 "$work/$1"
}

disk small 20m
output=$("$jqm" up --detach --home "$work/small/home" --port "$port" 2>&1)
is "too small a disk: exit code 1" $? 1
like "too small a disk: said before anything is tried" "$output" "no room for a database in .*free, .*needed"
is "too small a disk: no process is left" "$(pgrep -f -- "$work/small/")" ""

disk full 400m
ok "it starts while there is room" "$jqm" up --detach --home "$work/full/home" --port "$port"
ok "down" "$jqm" down --home "$work/full/home"
dd if=/dev/zero of="$work/full/filler" bs=1M 2>/dev/null
output=$("$jqm" up --detach --home "$work/full/home" --port "$port" 2>&1)
is "a full disk: exit code 1" $? 1
like "a full disk: the reason is named" "$output" "No space left on device"
is "a full disk: no process is left" "$(pgrep -f -- "$work/full/")" ""
like "a full disk: the configuration is whole" "$(tail -n 20 "$work/full/home/conf/jqm.ini")" "pgdatabase = jqm"
rm "$work/full/filler"
ok "with room again it starts" "$jqm" up --detach --home "$work/full/home" --port "$port"
ok "and serves" healthy
# It becomes full while all runs: the supervisor lives on and restarts what died once there is room.
dd if=/dev/zero of="$work/full/filler" bs=1M 2>/dev/null
kill -9 "$(cat "$work/full/home/run/postgres.pid")"
supervisor=$(cat "$work/full/home/run/jqm.pid")
read -rt 2 <> <(:) || true
ok "full while running: the supervisor lives" kill -0 "$supervisor"
rm "$work/full/filler"
ok "full while running: with room again all is well" wait_for 60 healthy
ok "down" "$jqm" down --home "$work/full/home"
done_testing
