#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make interop: JQM's published client classes against a live stack, method by method.  Needs a JDK (11 or
# later), mvn, and a Maven repository that is reached; without them it fails and says which is missing.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/stack.sh
build=$PWD/build/interop
golden=tests/http/golden/java-2.2-classes.txt

give_up() { # REASON [FILE]
	tap_result 1 "$1"
	[ -z "${2-}" ] || diag "$(tail -n 20 "$2")"
	done_testing
}
for tool in java javac mvn; do
	command -v $tool >/dev/null 2>&1 || give_up "interop needs $tool, which is not installed (Debian: default-jdk-headless, maven)"
done
mkdir -p "$build"
maven() { mvn -B -q -f tests/interop/pom.xml -Dinterop.build="$build" "$@" >"$build/mvn.log" 2>&1; }
maven dependency:copy-dependencies -DoutputDirectory="$build/lib" -DincludeScope=runtime ||
	give_up "interop: Maven could not fetch JQM's classes: is Maven Central reached?" "$build/mvn.log"
maven compile || give_up "interop: the driver does not compile, or Maven could not fetch its compiler plugin" "$build/mvn.log"
java() { command java -cp "$build/classes:$build/lib/*" "$@"; }
ok "JQM's own classes are there: $(cd "$build/lib" && echo jqm-*.jar)" test -e "$build"/lib/jqm-api-client-core-*.jar

if [ "${1-}" = --write-golden ]; then
	java interop.Golden >"$golden" || give_up "the samples could not be made"
fi
ok "the samples that make check replays are what those classes send" diff -u <(java interop.Golden) "$golden"

prepare() {
	stack_up
	sql "INSERT INTO jqm.queue (name, description) VALUES ('other', 'taken by no node')" >/dev/null
}
define_more() { # what Drive.java drives beside definitions.xml
	define Crash 'exit 1'
	define Forever 'exec tail -f /dev/null'
	define Reports "jqm progress 40 && jqm message 'first & word' && exec tail -f /dev/null"
}
drive() { # HOW ARG...: Drive's lines as ours
	local how=$1 line failed_before=$tap_failed
	shift
	while IFS= read -r line; do
		case $line in
		'ok - '*) tap_result 0 "$how: ${line#ok - }" ;;
		'not ok - '*) tap_result 1 "$how: ${line#not ok - }" ;;
		*) printf '%s\n' "$line" >&2 ;;
		esac
	done < <(
		java interop.Drive "$URL" root "$(cat "$HOME_DIR/root-password")" "$@" 2>&1
		echo "drive ended with $?" >"$WORK/drive"
	)
	is "$how: the driver came to its end" "$(cat "$WORK/drive")" "drive ended with $((tap_failed > failed_before))"
	unlike "$how: no worker died" "$(cat "$HOME_DIR/log/jqm-fcgi.log")" 'worker_died|signal='
}

prepare
# Descriptors: JQM's writer to us, we to JQM's reader, its writer to us again.
through_jqm() { java com.enioka.jqm.tools.Descriptors "$@"; }
import() { code POST /ws/admin/jd/xml -H 'Content-Type: application/xml' --data-binary @"$1"; }
ok "JQM's reader and writer take a file of definitions" through_jqm tests/interop/definitions.xml "$WORK/written.xml"
is "what JQM's writer writes is imported" "$(import "$WORK/written.xml")" 200
api GET /ws/admin/jd/all/xml >"$WORK/ours.xml"
ok "JQM's reader takes what we export" through_jqm "$WORK/ours.xml" "$WORK/again.xml"
ok "and has lost nothing of what it had written before" diff -u "$WORK/written.xml" "$WORK/again.xml"
is "which is imported once more" "$(import "$WORK/again.xml")" 200
ok "and has changed nothing" diff -u "$WORK/ours.xml" <(api GET /ws/admin/jd/all/xml)
define_more
drive password

# The same over TLS with a client certificate, on a stack of its own: lists begin with the oldest.
WORK=
prepare
is "the definitions, once more" "$(import tests/interop/definitions.xml)" 200
define_more
tls_up
ok "the node speaks TLS" tls_is_on
send POST "/ws/admin/user/$(sql "SELECT id FROM jqm.account WHERE login = 'root'")/certificate" '{"days":1}' >"$WORK/issued"
jq -r '.privateKey, .certificate' "$WORK/issued" >"$WORK/root.pem"
ok "a certificate becomes a Java key store" openssl pkcs12 -export -in "$WORK/root.pem" -out "$WORK/keys.p12" -passout pass:interop
ok "the roots a trust store" keytool -importcert -noprompt -alias jqm -file "$ROOTS" -keystore "$WORK/roots.p12" -storetype PKCS12 -storepass interop
drive certificate "$WORK/roots.p12" "$WORK/keys.p12"
done_testing
