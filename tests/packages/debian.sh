# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A minimal Debian in a directory, and its programs in namespaces of their own: all of them end with us, no mount is seen
# outside, its loopback is not ours.  Sourced after tests/lib/tap.sh, in the tree's directory.
#
#	debian_make                       the directory $root, from build/packages/base.tar, which is made when missing
#	online COMMAND [ARG...]           in it, with the network of this machine, to fetch packages; status in $logs/status
#	debian_start                      its namespaces, without network; then:
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

online() { # COMMAND [ARG...]
	chrooted "$@" >>"$logs/online.log" 2>&1 </dev/null
	echo $? >"$logs/status"
}

debian_start() {
	unshare --mount --pid --net --uts --ipc --fork --kill-child bash -c "$mounts" "$root" "${clean[@]}" tail -f /dev/null &
	local parent=$!
	at_exit kill "$parent"
	wait_for 20 pgrep -P "$parent" -x tail || return 1
	machine=$(pgrep -P "$parent" -x tail)
	nsenter -t "$machine" -n ip link set lo up && nsenter -t "$machine" -u hostname debian
}

inside() { nsenter -t "$machine" -m -p -n -u -i chroot "$root" "${clean[@]}" "$@"; }
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
