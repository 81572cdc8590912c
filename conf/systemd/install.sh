#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install.sh BIN UNITS SYSUSERS: units that start the programs in directory BIN, into UNITS; the account, into SYSUSERS.
set -eu
[ $# -eq 3 ] || {
	echo "usage: install.sh BIN UNITS SYSUSERS" >&2
	exit 2
}
here=$(dirname "$0")
mkdir -p "$2" "$3"
for unit in "$here"/*.service "$here"/*.socket "$here"/*.slice; do
	name=$(basename "$unit")
	sed "s|@BIN@|$1|" "$unit" >"$2/.$name.new"
	chmod 644 "$2/.$name.new"
	mv "$2/.$name.new" "$2/$name"
done
install -m 644 "$here/jqm.sysusers" "$3/jqm.conf"
