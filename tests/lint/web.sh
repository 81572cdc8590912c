#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The console: types, linter, its own tests; and no address of a registry in its lock file.
set -u
cd "$(dirname "$0")/../../web" || exit 1
status=0
bash build.sh || exit 1
npx --no-install tsc --noEmit || status=1
npx --no-install eslint --max-warnings 0 src || status=1
node test.mjs >../build/lint-log/web-tests.tap || { cat ../build/lint-log/web-tests.tap; status=1; }
if grep -n '"resolved"' package-lock.json; then
	echo "package-lock.json names where packages lie: .npmrc should have prevented that"
	status=1
fi
size=$(cat ../build/web/assets/*.gz ../build/web/index.html | wc -c)
[ "$size" -le 150000 ] || { echo "the bundle has $size bytes compressed, over 150000"; status=1; }
exit $status
