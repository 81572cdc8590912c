#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# web/build.sh [packages|bundle]: fetch what package-lock.json names, by npm and nothing else; bundle the console into build/web.
#
# Packages lie under build/, so "make clean" takes them too, and are fetched again only when the lock file changed.
set -eu
cd "$(dirname "$0")"
packages=../build/web-packages

# With one name for both, two makes at once (variants) would fetch into the same directory: the later one waits.
mkdir -p ../build
exec 9>../build/web.lock
flock 9
# npm brings its own list of authorities; who has added one to the system's (a company's proxy) means npm, too.
system=/etc/ssl/certs/ca-certificates.crt
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r $system ]; then export NODE_EXTRA_CA_CERTS=$system; fi
if ! cmp -s package-lock.json "$packages/node_modules/.fetched-lock.json"; then
	rm -rf "$packages"
	mkdir -p "$packages"
	cp package.json package-lock.json .npmrc "$packages/"
	(cd "$packages" && npm ci --no-update-notifier --loglevel=error)
	cp package-lock.json "$packages/node_modules/.fetched-lock.json"
fi
[ "$(readlink node_modules 2>/dev/null)" = "$packages/node_modules" ] || {
	rm -rf node_modules
	ln -s "$packages/node_modules" node_modules
}
[ "${1:-bundle}" = packages ] || node bundle.mjs
