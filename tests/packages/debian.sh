# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A minimal Debian in a directory, and its programs in namespaces of their own: all of them end with us, no mount is seen
# outside, its loopback is not ours.  Sourced after tests/lib/tap.sh, in the tree's directory.
#
#	debian_make                       the directory $root, from build/packages/base.tar, which is made when missing
#	debian_packages DIR               our packages into it: arrays these, and next, a later version of the same
#	online COMMAND [ARG...]           in it, with the network of this machine, to fetch packages; status in $logs/status
#	debian_start                      its namespaces, without network, with nothing that runs; or
#	debian_boot                       the same with its own systemd as process 1 (which must be installed); then:
#	inside COMMAND [ARG...]           in it
#	net COMMAND [ARG...]              a command of this machine on its loopback
#	programs_start FILE               what the document of "jqm setup --json" says; programs_say: what they said
#	program_restart NAME SIGNAL       end it by that signal and start it as before;  programs_forget: they are gone

work=$(mktemp -d /var/tmp/jqm-packages.XXXXXX) || exit 1
root=$work/root
logs=${JQM_PACKAGES_LOGS:-$PWD/build/test-log/packages}
base=$PWD/build/packages/base.tar
machine=
program_pids=()
program_commands=()
mkdir -p "$logs"
at_exit rm -rf "$work"

clean=(env -i "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root LC_ALL=C.UTF-8
	DEBIAN_FRONTEND=noninteractive TERM=dumb)

# What a process of the directory needs around it.
# shellcheck disable=SC2016
mounts='mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" && mount --rbind /dev "$0/dev" &&
	exec chroot "$0" "$@"'

chrooted() { unshare --mount --pid --fork --kill-child bash -c "$mounts" "$root" "${clean[@]}" "$@"; }

base_make() {
	mkdir -p "$root" "$(dirname "$base")"
	debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "${JQM_PACKAGES_MIRROR:-http://deb.debian.org/debian}" \
		>"$logs/debootstrap.log" 2>&1 || { tail -20 "$logs/debootstrap.log"; return 1; }
	# As this machine fetches packages: authorities it trusts besides Debian's, and apt's ways.
	mkdir -p "$root/usr/local/share/ca-certificates"
	cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null
	cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	chrooted update-ca-certificates >>"$logs/debootstrap.log" 2>&1 || return 1
	chrooted apt-get update >>"$logs/debootstrap.log" 2>&1 || { tail -20 "$logs/debootstrap.log"; return 1; }
	tar -C "$root" -cf "$base.new" . && mv "$base.new" "$base"
}

debian_make() {
	if [ ! -e "$base" ]; then
		base_make
	else
		mkdir -p "$root" && tar -C "$root" -xf "$base" && cp /etc/resolv.conf "$root/etc/resolv.conf"
	fi
}

# debian_packages DIR: the packages of a directory, as /debs and, the same as a later version, as /next; their paths in it in these and next.
debian_packages() {
	local name arch version deb
	arch=$(dpkg --print-architecture)
	these=() next=()
	mkdir -p "$root/debs" "$root/next"
	for name in jqm-client jqm-runner jqm-server; do
		deb=$(echo "$1/${name}"_*_"$arch".deb)
		[ -e "$deb" ] || { echo "no package $name in $1: make deb" >&2; return 1; }
		version=$(dpkg-deb -f "$deb" Version)
		cp "$deb" "$root/debs/"
		rm -rf "$work/unpacked"
		dpkg-deb -R "$deb" "$work/unpacked"
		sed -i "s/\(^Version: \|jqm-[a-z]* (= \)$version/\1$version+2/" "$work/unpacked/DEBIAN/control"
		dpkg-deb --root-owner-group -b "$work/unpacked" "$root/next/" >"$logs/repack.log" || return 1
		these+=("/debs/$(basename "$deb")")
		next+=("/next/${name}_$version+2_$arch.deb")
	done
}

online() { # COMMAND [ARG...]
	chrooted "$@" >>"$logs/online.log" 2>&1 </dev/null
	echo $? >"$logs/status"
}

debian_start() {
	unshare --mount --pid --net --uts --ipc --fork --kill-child bash -c "$mounts" "$root" "${clean[@]}" tail -f /dev/null &
	machine_is tail
}

# machine_is NAME: the first process of the namespaces that were just made is NAME; all in them ends with it.
machine_is() {
	local parent=$!
	wait_for 20 pgrep -P "$parent" -x "$1" || return 1
	machine=$(pgrep -P "$parent" -x "$1")
	at_exit kill -KILL "$machine"
	nsenter -t "$machine" -n ip link set lo up && nsenter -t "$machine" -u hostname debian
}

# What systemd finds is its own: devices, /run, /tmp; of the control groups only those in which it counts its processes, below one
# of our own (on a machine with version 1; else version 2).  /sys and /proc/sys it can only read.
boot='set -eu
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
if [ -d /sys/fs/cgroup/systemd ]; then
	mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
	mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
	mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
	mount -o remount,ro "$root/sys/fs/cgroup"
else
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for n in null zero full random urandom tty; do
	touch "$root/dev/$n"
	mount --bind "/dev/$n" "$root/dev/$n"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for n in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${n%:*}" "$root/dev/${n#*:}"; done
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
cd "$root"
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
exec env -i container=jqm-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null --show-status=0 --unit=multi-user.target'

# The group of ours in each hierarchy that systemd needs; empty ones are removed at exit.
boot_group() {
	local top group
	for top in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[ -e "$top/cgroup.procs" ] || continue
		group=$top/jqm-packages-$$
		mkdir "$group" && echo $BASHPID >"$group/cgroup.procs" || return 1
	done
}
boot_groups_gone() {
	local top gone=0
	for top in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[ -d "$top/jqm-packages-$$" ] || continue
		find "$top/jqm-packages-$$" -depth -type d -exec rmdir {} + 2>/dev/null
		[ ! -d "$top/jqm-packages-$$" ] || gone=1
	done
	return $gone
}

debian_boot() {
	at_exit wait_for 10 boot_groups_gone
	(boot_group && exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child bash -c "$boot" boot "$root") \
		>"$logs/boot.log" 2>&1 </dev/null &
	machine_is systemd || { cat "$logs/boot.log"; return 1; }
	wait_for 60 inside sh -c 'systemctl is-system-running | grep -q running' || inside systemctl list-units --failed --no-pager
}

inside() { nsenter -t "$machine" -m -p -n -u -i -r -w "${clean[@]}" "$@"; }
net() { nsenter -t "$machine" -n "$@"; }

program_start() { # NUMBER
	inside sh -c "exec ${program_commands[$1]}" >>"$logs/program-$1.log" 2>&1 </dev/null &
	program_pids[$1]=$!
}

programs_start() { # FILE
	local i
	mapfile -t program_commands < <(jq -r '.start[]' "$1")
	for i in "${!program_commands[@]}"; do
		# Each waits for the one before; units start them again and again.
		case ${program_commands[$i]} in
		*"nginx watch"*) wait_for 30 grep -q node_registered "$root/var/log/jqm/jqm-runner.log" ;;
		*sbin/nginx*) wait_for 30 test -e "$root/var/lib/jqm/nginx/nginx.conf" ;;
		esac
		program_start "$i"
	done
}

programs_say() { tail -n 20 "$logs"/program-*.log "$root"/var/log/jqm/*.log >&2; }

program_restart() { # NAME SIGNAL
	local i
	for i in "${!program_commands[@]}"; do
		case ${program_commands[$i]} in
		*"/$1 "*)
			inside kill -"$2" "$(inside pgrep -u jqm -x "$1")"
			wait "${program_pids[$i]}"
			program_start "$i"
			;;
		esac
	done
}

programs_forget() {
	[ ${#program_pids[@]} -eq 0 ] || wait "${program_pids[@]}" 2>/dev/null
	program_pids=()
}
