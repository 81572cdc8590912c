#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install-packages.sh run|check|lint|bench|interop|deb|packages: install the Debian packages that are missing for a purpose.
#
# As root, or by sudo when that asks no password; otherwise it says exactly what to install and exits 1.
# Nothing missing: silent, exit 0, no right needed.  No service is started and no database cluster made:
# "jqm up" has its own.
set -u

build="gcc make pkg-config libc6-dev libfcgi-dev libpq-dev libjansson-dev libxml2-dev
libiniparser-dev libssl-dev libcurl4-openssl-dev libzip-dev util-linux ca-certificates
command:node=nodejs command:npm=npm"
run="tzdata postgresql nginx|nginx-light|nginx-full|nginx-core|nginx-extras passwd procps"
check="chromium libcmocka-dev groff-base curl jq util-linux procps openssl systemd python3-aiosmtpd python3-jsonschema prometheus zsh"
lint="clang clang-tidy clang-format cppcheck libclang-rt-14-dev|libclang-rt-dev shellcheck libcmocka-dev"
bench="curl"
interop="curl jq openssl command:javac=default-jdk-headless command:mvn=maven python3-venv"
deb="build-essential debhelper git"
packages="$deb lintian debootstrap"

case ${1-} in
run) wanted="$build $run" ;;
check) wanted="$build $run $check" ;;
lint) wanted="$build $lint" ;;
bench) wanted="$build $run $bench" ;;
interop) wanted="$build $run $interop" ;;
deb) wanted="$build $deb" ;;
packages) wanted="$build $packages" ;;
*)
	echo "usage: conf/install-packages.sh run|check|lint|bench|interop|deb|packages" >&2
	exit 2
	;;
esac

die() {
	echo "install-packages.sh: $*" >&2
	exit 1
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The packages that are missing; of a|b|c any one will do, the first is taken; of command:c=p, p unless there is a command c
# (Node.js often comes from elsewhere, and then has npm in it).
missing=()
find_missing() {
	local entry name found
	missing=()
	for entry in $wanted; do
		found=no
		case $entry in
		command:*)
			name=${entry#command:}
			entry=${name#*=}
			if command -v "${name%%=*}" >/dev/null 2>&1; then continue; fi
			;;
		esac
		for name in ${entry//|/ }; do
			if is_installed "$name"; then
				found=yes
				break
			fi
		done
		[ $found = yes ] || missing+=("${entry%%|*}")
	done
}

command -v dpkg-query >/dev/null 2>&1 || die "this is no Debian system; needed are: $wanted"
find_missing
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
		as_root=(sudo -n)
	else
		echo "These packages are missing.  As root, install them and try again:" >&2
		echo "    apt-get install --no-install-recommends ${missing[*]}" >&2
		exit 1
	fi
fi
root() { "${as_root[@]+"${as_root[@]}"}" "$@"; }

policy=/usr/sbin/policy-rc.d
cluster_conf=/etc/postgresql-common/createcluster.conf
made_policy=no
kept_cluster_conf=

restore() {
	[ $made_policy = no ] || root rm -f "$policy"
	if [ -n "$kept_cluster_conf" ]; then
		root cp -p "$kept_cluster_conf" "$cluster_conf"
		root rm -f "$kept_cluster_conf"
	fi
}
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install() {
	root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
	    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null ||
	    die "apt-get could not install: $*"
}

echo "Installing: ${missing[*]}"
root apt-get update -q </dev/null || die "apt-get update failed"
# Debian starts what it installs, unless this file says no (policy 101: forbidden).
if [ ! -e "$policy" ]; then
	made_policy=yes
	# shellcheck disable=SC2016
	root sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1" && chmod 755 "$1"' sh "$policy" ||
	    die "could not write $policy"
fi
# PostgreSQL's package makes a cluster on port 5432 at its first installation, unless told not to.
case " ${missing[*]} " in
*" postgresql "*)
	is_installed postgresql-common || install postgresql-common
	if [ -e "$cluster_conf" ]; then
		kept=$cluster_conf.before-jqm
		root cp -p "$cluster_conf" "$kept" || die "could not copy $cluster_conf"
		kept_cluster_conf=$kept
		# shellcheck disable=SC2016
		root sh -c 'echo "create_main_cluster = false" >>"$1"' sh "$cluster_conf" ||
		    die "could not write $cluster_conf"
	fi
	;;
esac
install "${missing[@]}"
find_missing
[ ${#missing[@]} -eq 0 ] || die "still missing: ${missing[*]}"
