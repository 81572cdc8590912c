#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make check-packages: the Debian packages in a minimal Debian of their own: lintian, installed, set up, a job run,
# upgraded under a job, removed, broken in the middle, on a full disk, purged.
#
# As root; some minutes.  The Debian is made by debootstrap once and kept as build/packages/base.tar (JQM_PACKAGES_MIRROR: from where).
# It is a directory; its programs run in namespaces of their own, without systemd, so what units do is done by hand with
# the command lines of "jqm setup".  JQM_PACKAGES_DEBS=DIR: test the packages of that directory in place of new ones.
cd "$(dirname "$0")/../.." || exit 1
here=$PWD
. tests/lib/tap.sh
. tests/packages/debian.sh
[ "$(id -u)" -eq 0 ] || { echo "tests/packages/run.sh: only root can do this" >&2; exit 1; }
conf/install-packages.sh packages || exit 1

debs=${JQM_PACKAGES_DEBS:-$here/build/deb}
if [ -z "${JQM_PACKAGES_DEBS:-}" ]; then
	ok "the packages are built" make deb || exit 1
fi
version=$(sed -n 's/^#define JQM_VERSION "\(.*\)"$/\1/p' shared/model/version.h)
is "each has the version of shared/model/version.h" \
	"$(for d in "$debs"/*.deb; do dpkg-deb -f "$d" Version; done | sort -u)" "$version"
lintian --allow-root --fail-on error --no-tag-display-limit "$debs"/*.deb >"$logs/lintian.log" 2>&1
is "lintian finds no error" $? 0 || cat "$logs/lintian.log" >&2
printf '# lintian: %s warnings\n' "$(grep -c '^W:' "$logs/lintian.log")"
of() { dpkg-deb -c "$debs/jqm-$1_${version}_"*.deb | awk '{print $1, $2, $6}'; }
is "all belongs to root" "$(for p in client runner server; do of $p; done | awk '$2 != "root/root"')" ""
is "nothing can be written by others, nothing runs as somebody else" \
	"$(for p in client runner server; do of $p; done | grep -E '^[^l]...(s|S|..[w]|....w)' | grep -v '^l')" ""
is "no place of the units is left to be filled in" "$(dpkg-deb --fsys-tarfile "$debs/jqm-server_"*.deb | tar -xOf - ./lib/systemd/system/jqm-fcgi.service | grep -c '@[A-Z]')" 0

# A program is built with what libjqm-dev has, and runs with what libjqm0 has.
for p in libjqm0 libjqm-dev; do dpkg-deb -x "$debs/${p}_${version}_"*.deb "$work/sdk"; done
lib=$(dirname "$work"/sdk/usr/lib/*/libjqm.so)
printf '#include <jqm.h>\n#include <stdio.h>\nint main(void) { return puts(jqm_version()) < 0; }\n' >"$work/version.c"
ok "a program is built with the library's package" cc -I"$work/sdk/usr/include" -o "$work/version" "$work/version.c" -L"$lib" -ljqm
is "and runs with it" "$(LD_LIBRARY_PATH=$lib "$work/version")" "$version"

# --- a Debian -------------------------------------------------------------------------------------------------------------
ok "a minimal Debian is there" debian_make || exit 1
debian_packages "$debs" || exit 1
names="jqm-client jqm-runner jqm-server"
: >"$logs/online.log"
online apt-get install -y --no-install-recommends procps "${these[@]}" # procps: for this test to look
is "they install on it, with what they need" "$(cat "$logs/status")" 0 || { tail -20 "$logs/online.log" >&2; exit 1; }
debian_start || exit 1
installed() { inside dpkg-query -W -f '${Package} ${db:Status-Abbrev} ${Version}\n' $names 2>&1; }
is "all three" "$(installed)" "$(for n in $names; do echo "$n ii  $version"; done)"
is "the account is nobody's to log in as" "$(inside getent passwd jqm | cut -d: -f6,7)" "/var/lib/jqm:/usr/sbin/nologin"
is "its directories are closed to others" "$(inside stat -c '%a %U %n' /etc/jqm /var/lib/jqm /var/lib/jqm/jobs /var/log/jqm | tr '\n' ' ')" \
	"755 root /etc/jqm 711 jqm /var/lib/jqm 755 jqm /var/lib/jqm/jobs 750 jqm /var/log/jqm "
is "nothing was started" "$(inside pgrep -u jqm)" ""
is "nor enabled" "$(inside find /etc/systemd/system -name 'jqm*')" ""
ok "no installed file was changed" inside dpkg -V $names
is "installing them once more is no error" "$(inside dpkg -i "${these[@]}" >"$logs/again.log" 2>&1; echo $?)" 0

# --- a node ------------------------------------------------------------------------------------------------------------
setup() { inside jqm setup "$@" </dev/null 2>"$logs/words"; }
like "without options it says what to say" "$(setup; cat "$logs/words")" 'say where the database is: --create'
like "without PostgreSQL it says what to install" "$(setup --create; cat "$logs/words")" 'install package postgresql'
online apt-get install -y --no-install-recommends postgresql
is "PostgreSQL is installed" "$(cat "$logs/status")" 0
like "while it does not run, that is said" "$(setup --create; cat "$logs/words")" 'as administrator: .*/run/postgresql'
inside pg_ctlcluster 15 main start || inside cat /var/log/postgresql/postgresql-15-main.log >&2

# On a full disk: told, and gone on with.
inside mount -t tmpfs -o size=16k,mode=755 none /etc/jqm
inside dd if=/dev/zero of=/etc/jqm/full bs=1k count=100 >/dev/null 2>&1
setup --create >"$logs/out"
is "a full disk ends it" $? 1
like "and is told, with the file" "$(cat "$logs/words")" '/etc/jqm/.*No space left on device'
inside umount /etc/jqm
setup --create --node deb --json >"$logs/setup.json"
is "with room it is gone on with, and makes a node" "$? $(cat "$logs/words")" "0 " || exit 1
is "a second run changes nothing" "$(setup --json | jq -c .changes)" "[]"
programs_start "$logs/setup.json"
serves() { inside jqm node list; }
ok "the node runs" wait_for 60 serves || { programs_say; exit 1; }
jqm() { inside jqm "$@"; }
is "its address answers with the console" "$(net curl -s -o "$work/page" -w '%{http_code}' "$(jq -r .url "$logs/setup.json")/" && grep -o '<title>JQM' "$work/page")" \
	"200<title>JQM"
ok "root needs no option to reach it" jqm jobs
ok "jqm doctor finds nothing wrong" inside jqm doctor --config /etc/jqm/jqm.ini
ok "the samples are imported" jqm import /usr/share/jqm/samples/fails-with-three.xml
inside cp -r /usr/share/jqm/samples /var/lib/jqm/jobs/
inside tee /srv/long.xml >/dev/null <<'END'
<jqm><jar><path>echo began; until [ -e /tmp/go-on ]; do sleep 0.2; done; echo ended</path><pathType>DEFAULTSHELLCOMMAND</pathType>
<jobdefinitions><jobDefinition><name>Long</name><description>waits</description><canBeRestarted>true</canBeRestarted>
<javaClassName>none</javaClassName><highlander>false</highlander></jobDefinition></jobdefinitions></jar></jqm>
END
ok "and one of our own" jqm import /srv/long.xml
inside jqm enqueue FailsWithThree --wait >/dev/null 2>&1
is "a job runs, and its exit code comes back" $? 3

# --- a program of somebody else's ---------------------------------------------------------------------------------------
library=("$debs"/libjqm0_"$version"_*.deb "$debs"/libjqm-dev_"$version"_*.deb)
cp "${library[@]}" "$root/debs/"
online apt-get install -y --no-install-recommends gcc libc6-dev pkg-config "${library[@]/#*\//\/debs\/}"
is "the library's packages install, with what they need" "$(cat "$logs/status")" 0 || tail -20 "$logs/online.log" >&2
ok "its manual page is there" inside test -s /usr/share/man/man3/libjqm.3.gz
for example in run_job list_jobs; do
	inside sh -c "zcat -f /usr/share/doc/libjqm-dev/examples/$example.c* >/tmp/$example.c"
	ok "$example is built by what its first lines say" inside sh -c "cd /tmp && cc -Wall -Werror $example.c -o $example \$(pkg-config --cflags --libs jqm)"
done
inside env JQM_USER=root JQM_PASSWORD_FILE="$(jq -r .root_password_file "$logs/setup.json")" /tmp/run_job "$(jq -r .url "$logs/setup.json")" FailsWithThree \
	>"$logs/run_job" 2>&1
is "it runs a job, and ends as that did" $? 3 || cat "$logs/run_job" >&2
inside apt-get purge -y libjqm-dev libjqm0 >"$logs/library.log" 2>&1
is "the library goes without a trace" "$? $(inside sh -c 'ls /usr/include/jqm.h /usr/lib/*/libjqm* /usr/lib/*/pkgconfig/jqm.pc 2>/dev/null')" "0 "
inside rm -f /tmp/run_job /tmp/list_jobs /tmp/run_job.c /tmp/list_jobs.c

# --- an upgrade under a job -------------------------------------------------------------------------------------------
long=$(jqm enqueue Long)
began() { jqm log "$long" | grep -q began; }
ok "a job runs" wait_for 20 began
keeper=$(inside pgrep -u jqm -x jqm-keeper | head -1)
inside dpkg -i "${next[@]}" >"$logs/upgrade.log" 2>&1
is "the next version installs" $? 0 || cat "$logs/upgrade.log" >&2
is "it is that one" "$(installed | awk '{print $3}' | sort -u)" "$version+2"
like "what to do about the schema is said" "$(cat "$logs/upgrade.log")" '"jqm setup" brings the schema'
is "configuration and data are as they were: nothing is to be set up" "$(setup --json | jq -c .changes)" "[]"
# As the unit's restart: the keeper stays, the runner leaves its jobs to it.
program_restart jqm-runner USR1
is "the keeper was left alone" "$(inside pgrep -u jqm -x jqm-keeper | head -1)" "$keeper"
inside touch /tmp/go-on
over() { jqm job "$long" --json | jq -e '.state == "ENDED"'; }
ok "the job goes on, and its end comes to the new runner" wait_for 60 over || { jqm job "$long" >&2; programs_say; }
is "with all it said" "$(jqm log "$long" | tr '\n' ' ')" "began ended "

# --- interrupted ---------------------------------------------------------------------------------------------------------
inside dpkg --unpack "${next[1]}" >"$logs/unpack.log" 2>&1
like "a machine that stopped between unpacking and setting up" "$(installed)" 'jqm-runner iU'
is "is repaired by dpkg --configure -a" "$(inside dpkg --configure -a >"$logs/configure.log" 2>&1; echo $?) $(installed | grep -c ' ii ')" "0 3"
inside mount -t tmpfs -o size=64k none /usr/share/jqm/web
inside dpkg -i "${next[2]}" >"$logs/full.log" 2>&1
is "a disk that is full ends dpkg" "$?" 1
like "which says so" "$(cat "$logs/full.log")" 'No space left on device'
inside umount /usr/share/jqm/web
is "with room, the same command repairs it" "$(inside dpkg -i "${next[2]}" >"$logs/full.log" 2>&1; echo $?) $(installed | grep -c ' ii ')" "0 3"
ok "and all is there" inside dpkg -V $names
ok "the node still runs" serves

# --- removed, installed again, purged ----------------------------------------------------------------------------------
inside apt-get remove -y $names >"$logs/remove.log" 2>&1
is "they can be removed" "$? $(installed | grep -c ' ii ')" "0 0" || tail -5 "$logs/remove.log" >&2
# The first process there is tail, which reaps nobody: who is dead and has lost its parent does not count.
gone() { [ -z "$(inside pgrep -u jqm --runstates D,R,S,T,t,I)" ]; }
ok "nothing of them runs any more" wait_for 20 gone || inside ps -u jqm -f >&2
ok "configuration and data are kept" inside test -s /etc/jqm/jqm.ini -a -s /var/log/jqm/jqm-runner.log
programs_forget
inside dpkg -i "${next[@]}" >"$logs/back.log" 2>&1
setup --json >"$logs/setup.json"
is "installed again, the node is as it was" "$? $(jq -c .changes "$logs/setup.json")" "0 []"
programs_start "$logs/setup.json"
ok "and runs" wait_for 60 serves || programs_say
is "with its history" "$(jqm log "$long" | tail -1)" ended
inside apt-get purge -y $names >"$logs/purge.log" 2>&1
is "they can be purged" "$? $(installed 2>&1 | grep -c 'no packages found')" "0 3" || tail -5 "$logs/purge.log" >&2
ok "nothing of them runs" wait_for 20 gone
is "nothing of theirs is left" "$(inside find / -xdev \( -name proc -o -name sys -o -name dev \) -prune -o \( -user jqm -o -name 'jqm*' \) -print |
	grep -Ev '^/(debs|next|srv|root|proc|sys|dev|var/cache|tmp)/|^/var/lib/postgresql')" ""
like "what becomes of the database is said" "$(cat "$logs/purge.log")" 'jqm: the database is as it was'
is "and it is there" "$(inside setpriv --reuid postgres --regid postgres --init-groups psql -XAtqc 'SELECT count(*) FROM jqm.account' jqm | sed 's/[1-9][0-9]*/some/')" some
programs_forget
done_testing
