#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jqm doctor on a real home: each thing that is broken is told, --fix mends what it may, and the second look is clean.
. "$(dirname "$0")/../lib/stack.sh"
FROM_NOTHING=1 stack_up
ini=$HOME_DIR/conf/jqm.ini
doctor() { "$JQM" doctor --home "$HOME_DIR" "$@"; }
said=
code=
look() { # ARG... : what doctor says, and its exit code
	said=$(doctor "$@" 2>"$WORK/words")
	code=$?
}
# broken DESCRIPTION PATTERN COMMAND... : breaks it now; all_mended looks once, mends, and looks again.
things=()
broken() {
	things+=("$1" "$2")
	shift 2
	"$@" || diag "could not break it: $*"
}
all_mended() {
	local i
	look
	is "broken things are told by the exit code" $code 1
	for ((i = 0; i < ${#things[@]}; i += 2)); do
		like "${things[i]} is told" "$said" "^wrong: ${things[i + 1]}"
	done
	look --fix
	is "--fix leaves nothing wrong" $code 0
	for ((i = 0; i < ${#things[@]}; i += 2)); do
		like "${things[i]} is mended" "$said" "^fixed: ${things[i + 1]}"
	done
	look --fix
	is "the second time nothing is left to mend" "$code $(grep -c '^fixed' <<<"$said")" "0 0"
}
mode_of() { stat -c %a "$1"; }

look
is "a home as jqm up makes it has nothing wrong" $code 0
unlike "not one line" "$said" '^(wrong|fixed): '
like "and each group of checks says so" "$said" '^ok: configuration: .*jqm.ini: is read and understood$'

broken "a configuration everybody can read" "configuration: $ini: mode (was )?0644 .*open to everybody" chmod 644 "$ini"
broken "a password others can read" "[a-z]+: $HOME_DIR/root-password: mode (was )?0640" chmod 640 "$HOME_DIR/root-password"
broken "an open home" "files: $HOME_DIR: mode (was )?0755" chmod 755 "$HOME_DIR"
broken "a directory everybody can write to" "files: $HOME_DIR/outputfiles: mode (was )?0777" chmod 777 "$HOME_DIR/outputfiles"
broken "a setuid program among the jobs" "files: $HOME_DIR/jobs/su: mode (was )?4755 .*change who runs it" \
	install -m 4755 /dev/null "$HOME_DIR/jobs/su"
mkdir "$HOME_DIR/joblogs/x"
broken "a directory that its owner cannot use" "files: $HOME_DIR/joblogs/x: mode (was )?0500" chmod 500 "$HOME_DIR/joblogs/x"
all_mended
is "the configuration has the mode that programs accept" "$(mode_of "$ini")" 600

# A socket everybody can connect to, in a directory everybody can enter: each alone is none.
socket=$(sed -n '/^\[fcgi\]/,/^\[/s/^socket = "\(.*\)"/\1/p' "$ini")
chmod 666 "$socket"
chmod 755 "${socket%/*}"
look
like "an open socket is told" "$said" "^wrong: sockets: $socket: mode 0666 is too open"
look --fix
like "--fix closes its directory" "$said" "^fixed: files: ${socket%/*}: mode was 0755"
is "and nobody else comes to the socket" "$code $(mode_of "${socket%/*}") $(grep -c "^ok: sockets: $socket: " <<<"$said")" "0 700 1"

# What a hostile job may leave behind.
mkdir -m 755 "$WORK/outside" "$HOME_DIR/outputfiles/1"
printf 'kept' >"$WORK/outside/file"
chmod 666 "$WORK/outside/file"
ln -s "$WORK/outside" "$HOME_DIR/outputfiles/1/directory"
ln -s "$WORK/outside/file" "$HOME_DIR/outputfiles/1/file"
mkfifo -m 640 "$HOME_DIR/outputfiles/1/fifo"
deep=$HOME_DIR/outputfiles/1
for _ in $(seq 250); do deep=$deep/d; done
mkdir -p "$deep"
: >"$HOME_DIR/outputfiles/1/"$'a\nwrong: b\e[31m'
chmod 600 "$HOME_DIR/outputfiles/1/"*wrong*
look --fix
is "links to what is outside are not followed" "$(mode_of "$WORK/outside") $(mode_of "$WORK/outside/file")" "755 666"
like "but told" "$said" "^note: files: $HOME_DIR/outputfiles: 2 symbolic links"
like "a directory too deep to be looked into is named" "$said" '^wrong: .* is too deep'
rm -r "$HOME_DIR/outputfiles/1/d"
chmod 666 "$HOME_DIR/outputfiles/1/"*wrong*
look
like "a name with a line feed is told, escaped" "$said" '^wrong: files: .*a.x0awrong: b.x1b'
unlike "a name with a line feed makes no line of its own" "$said" '^wrong: b'
unlike "and sends nothing to the terminal" "$said" $'\e'
look --fix
is "a FIFO does not stop it" $code 0

# A directory that is exchanged for a link to elsewhere.
mv "$HOME_DIR/joblogs" "$WORK/joblogs"
ln -s "$WORK/outside" "$HOME_DIR/joblogs"
look --fix
like "a directory of the home that is a link is wrong" "$said" "^wrong: files: $HOME_DIR/joblogs: is a symbolic link"
is "and what it leads to stays as it was" "$(mode_of "$WORK/outside")" 755
rm "$HOME_DIR/joblogs"
mv "$WORK/joblogs" "$HOME_DIR/joblogs"

for i in $(seq 60); do : >"$HOME_DIR/log/many.$i"; done
chmod 666 "$HOME_DIR"/log/many.*
look
is "many wrong files are 21 lines" "$(grep -c '^wrong: ' <<<"$said")" 21
like "of which the last counts the others" "$said" ': 40 more below it are wrong'
look --fix
is "and all are mended" "$(find "$HOME_DIR/log" -name 'many.*' -perm /022 | wc -l)" 0

json=$(doctor --json)
is "JSON is one document" "$(jq -r 'type' <<<"$json")" object
is "with each finding" "$(jq '.findings | length' <<<"$json")" "$(jq '.ok + .notes + .fixed + .wrong' <<<"$json")"
is "its kind, group, what, why and repair" \
	"$(jq -r '.findings[0] | keys | join(",")' <<<"$json")" check,kind,repair,what,why
chmod 644 "$ini"
json=$(doctor --json)
is "what mends it is told" "$(jq -r '.findings[] | select(.kind == "wrong" and .check == "configuration") | .repair' <<<"$json" | head -1)" "chmod 0600 '$ini'"
unlike "no password is in what it says" "$json" "$(cat "$HOME_DIR/root-password")"
chmod 600 "$ini"

cp "$ini" "$WORK/kept.ini"
sed -i 's/^\[node\]/&\nno_such = 1/' "$ini"
look
like "a configuration that programs refuse is told in their words" "$said" '^wrong: configuration: .*no_such'
cp "$WORK/kept.ini" "$ini"

"$JQM" doctor --home "$WORK/nowhere" >"$WORK/out" 2>&1
is "no home: it could not be looked at" $? 2
"$JQM" doctor --config "$WORK/none.ini" >"$WORK/out" 2>&1
is "no configuration: neither" $? 2
like "and says so" "$(cat "$WORK/out")" 'none.ini'
"$JQM" doctor --wrong >"$WORK/out" 2>&1
is "a wrong command line, too" $? 2
done_testing
