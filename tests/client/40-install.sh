#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What make install puts where, and that other programs are built with it: the examples, by what pkg-config says, shared and
# static, run over both ways.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Hello 'echo "hello $1"; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"; exit 7'
sockets=$(sed -n 's/^conninfo = "host=\([^ ]*\).*/\1/p' "$HOME_DIR/conf/jqm.ini" | head -1)
DATABASE="postgresql:///jqm?host=$sockets&port=5432"
source=${JQM_TEST_SOURCE:-$(cd "$here/.." && pwd)}
variant=${JQM_VARIANT:-release}
sanitize=()
[ "$variant" != asan ] || sanitize=("-fsanitize=address,undefined")
root=$WORK/root
installed() { # MAKE ARG...
	make -C "$source" VARIANT="$variant" DESTDIR="$root" "$@" install >"$WORK/make.log" 2>&1
}
ok "make install" installed PREFIX=/usr LIBDIR=/usr/lib/any-triplet
for file in include/jqm.h lib/any-triplet/{libjqm.a,libjqm.so,libjqm.so.0,pkgconfig/jqm.pc} bin/jqm share/man/man1/jqm.1 \
	share/man/man3/libjqm.3 share/man/man5/jqm{.ini,-descriptor,-configuration}.5 share/man/man8/jqm-{fcgi,runner,keeper,notifier,events,hooks}.8 \
	share/bash-completion/completions/jqm share/zsh/site-functions/_jqm; do
	ok "there is $file" test -s "$root/usr/$file"
done
library=$root/usr/lib/any-triplet
is "nothing in it knows where it was built" "$(grep -rlF "$root" "$root" | head)" ""
is "all is readable by all" "$(find "$root/usr" ! -perm -444 ! -type l | head)" ""
like "its soname" "$(objdump -p "$library/libjqm.so")" 'SONAME +libjqm\.so\.0$'
declared=$(sed -n 's/^JQM_API.*\b\(jqm_[a-z_]*\)(.*/\1/p' "$source/client/include/jqm.h" | sort)
is "the shared library shows what the header declares, and nothing else" \
	"$(nm -D --defined-only "$library/libjqm.so" | sed -n 's/@.*//; s/.* T //p' | sort)" "$declared"
is "the static one, too" "$(nm --defined-only -g "$library/libjqm.a" | sed -n 's/.* [A-Z] //p' | grep -v '^__asan\|^__odr' | sort)" "$declared"
# What is called on a closed handle in the suite is all that takes one.
taking=$(tr '\n' ' ' <"$source/client/include/jqm.h" | grep -oE 'jqm_[a-z_]+\(struct jqm \*client, ' | cut -d'(' -f1 | sort)
is "every call is tried on a closed handle" "$(grep -oE 'CLOSED\(jqm_[a-z_]+' "$source/tests/client/suite/closed.c" | cut -d'(' -f2 | sort -u)" "$taking"
# What the library asks of others: nothing that prints, ends the process (but abort, when memory runs out) or touches signals.
undefined=$(nm -D --undefined-only "$library/libjqm.so" | sed 's/@.*//; s/.* U //' | sort -u)
like "it is one that asks something of libc" "$undefined" '^malloc$'
is "the library prints nothing, ends nothing, touches no signal and no directory" \
	"$(grep -xE '(_?exit|_Exit|quick_exit|v?f?printf|__v?f?printf_chk|v?dprintf|puts|putchar|fputs|fputc|fwrite|perror|syslog|stdout|stderr|signal|sigaction|raise|kill|fork|vfork|system|chdir|umask|setlocale|setenv|putenv|err|errx|warn|warnx)' <<<"$undefined")" ""
page=$(groff -mdoc -Tascii -P-cbou "$root/usr/share/man/man3/libjqm.3" 2>/dev/null)
missing=
for name in $declared; do grep -q "\b$name\b" <<<"$page" || missing+=" $name"; done
is "the manual page names every call" "$missing" ""

export PKG_CONFIG_PATH=$library/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
is "pkg-config: version" "$(pkg-config --modversion jqm)" "$("$JQM" version | sed 's/jqm //')"
flags=$(pkg-config --cflags --libs jqm)
like "pkg-config: flags" "$flags" "-L$library.* -ljqm"
build() { # NAME FLAG...
	# shellcheck disable=SC2046,SC2086 # flags are words
	"${CC:-cc}" "${sanitize[@]+"${sanitize[@]}"}" -Wall -Wextra -Werror -std=c11 -D_GNU_SOURCE -o "$WORK/$1" "$source/client/examples/${1%%.*}.c" \
		-I"$root/usr/include" "${@:2}"
}
for name in run_job list_jobs; do
	ok "$name is built with the shared library" build $name.shared -L"$library" -ljqm
	ok "$name is built with the static one" build $name.static "$library/libjqm.a" -lcurl -lpq -ljansson -lcrypto
done
printf '#include <jqm.h>\nint main() { return jqm_version() == 0; }\n' >"$WORK/plus.cc"
if command -v c++ >/dev/null; then
	ok "the header is C++, too" c++ -fsyntax-only -Wall -Werror -I"$root/usr/include" "$WORK/plus.cc"
else
	absent "whether the header is C++, too" "there is no compiler for it here"
fi
export LD_LIBRARY_PATH=$library JQM_PASSWORD=${AUTH#*:}
for kind in shared static; do
	for url in "$URL" "$DATABASE"; do
		way=${url%%:*}
		[ "$way" = http ] || unset JQM_USER JQM_PASSWORD
		said=$(recorded "$WORK/run_job.$kind" "$url" Hello name=world 2>"$WORK/words")
		is "$kind, $way: run_job ends as its job" $? 7
		is "$kind, $way: and shows what it prints" "$said" "hello world"
		like "$kind, $way: and what it left" "$(cat "$WORK/words")" 'left out.csv, 5 bytes'
		held=$(JQM_USER=root "$JQM" enqueue Hello --held)
		like "$kind, $way: list_jobs lists one that is held" "$(recorded "$WORK/list_jobs.$kind" "$url" 2>&1)" "^$held	DEFAULT	HOLDED	Hello$"
		export JQM_USER=root JQM_PASSWORD=${AUTH#*:}
	done
done
is "run_job says what is wrong" "$(recorded "$WORK/run_job.shared" "$URL" Nobody 2>&1)" 'run_job: Nobody: there is no job definition "Nobody"'
done_testing
