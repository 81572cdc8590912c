#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make deb: build/deb/*.deb, out of a copy of this tree, so that nothing of a build by hand gets into them and nothing
# of theirs into the tree.
#
# The version is that of shared/model/version.h; JQM_DEB_SUFFIX is put behind it ("+2" for a second build of one).
# What is committed and what is not is built alike; a changelog is made, dated like the last commit.
set -eu
cd "$(dirname "$0")/.."
out=build/deb
tree=$out/tree

conf/install-packages.sh deb
unset MAKEFLAGS MFLAGS MAKELEVEL
# The console needs npm's registry, which the build of a package does not ask: it is brought along.
make web

rm -rf "$out"
mkdir -p "$tree/build"
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files -coz --exclude-standard | while IFS= read -r -d '' f; do
		[ ! -e "$f" ] || printf '%s\0' "$f"
	done | tar --null -T - -cf - | tar -xf - -C "$tree"
	when=$(git log -1 --format=%cD)
else
	tar --exclude=./build --exclude=./var -cf - . | tar -xf - -C "$tree"
	when=$(date -R -r shared/model/version.h)
fi
cp -a build/web "$tree/build/"
touch "$tree/build/web/.made" # newer than the copies of what it was made of

version=$(sed -n 's/^#define JQM_VERSION "\(.*\)"$/\1/p' shared/model/version.h)${JQM_DEB_SUFFIX:-}
maintainer=$(sed -n 's/^Maintainer: //p' debian/control)
cat >"$tree/debian/changelog" <<END
jqm ($version) unstable; urgency=medium

  * Built from the source of this version; its history tells what changed.

 -- $maintainer  $when
END
(cd "$tree" && dpkg-buildpackage -b -us -uc)
rm -rf "$tree"
ls "$out"/*.deb
