#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jqm setup, without root's rights and below a directory of its own (--prefix): from a server without anything of ours
# to a node that runs; a second run changes nothing; what was interrupted is gone on with; what is there stays.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/workers.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)
: "${JQM_BIN:=$here/build/bin}"
JQM=$JQM_BIN/jqm
work=$(scratch)
workers_live_in "$work"
at_exit rm -rf "$work"
pg=$work/pg
ok "a server is there" "$here/tests/lib/temp_cluster.sh" start "$pg"
at_exit "$here/tests/lib/temp_cluster.sh" stop "$pg"
# As Debian has it: the administrator by his account, all others by password.
printf '%s\n' 'local all postgres peer map=jqm_test' 'local all all scram-sha-256' >"$pg/data/pg_hba.conf"
sql() { psql -XAtq -h "$pg/s" -U postgres -d "${2:-postgres}" -c "$1"; }
sql 'SELECT pg_reload_conf()' >/dev/null

home=$work/node
port=$(free_port)
admin="host=$pg/s user=postgres"
database="host=$pg/s dbname=jqm"
setup() { "$JQM" setup --prefix "$home" "$@" </dev/null 2>"$work/words"; }
words() { cat "$work/words"; }
refused() { # DESCRIPTION CODE PATTERN ARG...
	setup "${@:4}" >"$work/out"
	is "$1: exit code" $? "$2"
	like "$1: says why" "$(words)" "$3"
}

# --- what is wrong is told before anything is made ------------------------------------------------------------
refused "nothing said of the database" 1 'say where the database is: --create, --admin CONNINFO or --database'
refused "an address that is none" 1 '"here" is no address' --admin "$admin" --url here
refused "an address beyond this machine, in clear" 1 'nothing goes in clear: https://alpha.example.org' \
	--admin "$admin" --url http://alpha.example.org:80
refused "a name that no node can have" 1 '"a b" is no name of a node' --admin "$admin" --node 'a b'
refused "a password on the command line" 1 '--admin has a password in it.*--admin-password-file' --admin "$admin password=geheim"
unlike "it is not repeated" "$(words)" geheim
refused "a string that is none" 1 '--database: cannot read the database connection string' --database 'host'
refused "new passwords without an administrator" 2 'needs --admin' --database "$database" --new-passwords
refused "another place of the configuration" 2 'it makes /etc/jqm/jqm.ini' --config "$work/x.ini"
ok "and nothing was" test ! -e "$home"
if [ "$(id -u)" -ne 0 ]; then
	"$JQM" setup --create 2>"$work/words"
	is "without --prefix it is root's" "$? $(words)" "4 jqm setup: only root can do this"
fi
refused "a server that is not there" 4 'as administrator: .*No such file' --admin "host=$work/nowhere user=postgres"
ok "what was made before it was looked for is kept" test -e "$home/etc/jqm/pgpass"
passwords=$(cat "$home/etc/jqm/pgpass")

# --- a node -------------------------------------------------------------------------------------------------------
setup --admin "$admin" --database "$database" --node alpha --url "http://127.0.0.1:$port" --json >"$work/first.json"
is "a node is set up" "$? $(words)" "0 "
is "the passwords of the try before were gone on with" "$(cat "$home/etc/jqm/pgpass")" "$passwords"
first() { jq -r "$1" "$work/first.json"; }
is "the document has where all is" "$(first '[.config, .node, .url, .root_password_file] | join(" ")')" \
	"$home/etc/jqm/jqm.ini alpha http://127.0.0.1:$port $home/etc/jqm/root-password"
for role in jqm_owner jqm_api jqm_runner jqm_notifier jqm_events jqm_client jqm_backup; do
	like "role $role was made" "$(first '.changes[]')" "^made role $role\$"
done
like "and the database, and its schema" "$(first '.changes | join(" ")')" 'made database jqm applied [0-9]+ schema files'
is "no role can make others" "$(sql "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'jqm%' AND (rolcreaterole OR rolsuper OR rolcreatedb)")" 0
is "nor log in but by what only SCRAM proves" "$(sql "SELECT count(*) FROM pg_authid WHERE rolname LIKE 'jqm%' AND rolpassword NOT LIKE 'SCRAM-SHA-256\$%'")" 0
is "what nobody logs in as has no password" "$(sql "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_authid WHERE rolname LIKE 'jqm%' AND rolpassword IS NULL")" \
	"jqm_backup jqm_client"
is "names are sorted by code point, whatever the server's language is" \
	"$(sql "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'jqm'")" "UTF8|C.UTF-8"
is "each file is closed to others" "$(find "$home/etc/jqm" -type f ! -perm 0600)" ""
is "these are there" "$(cd "$home/etc/jqm" && echo *)" "audit.key jqm.ini pgpass root-password secrets.key"
unlike "no password is in jqm.ini" "$(cat "$home/etc/jqm/jqm.ini")" "$(sed -n 's/.*jqm_owner://p' "$home/etc/jqm/pgpass")"
is "nothing was started" "$(first .running)" false

# --- started by hand as it says ------------------------------------------------------------------------------------
pids=()
mapfile -t commands < <(first '.start[]')
is "it says what to start" "$(printf '%s\n' "${commands[@]}" | awk '{ sub(".*/", "", $1); print $1, ($1 == "jqm" ? $2 " " $3 : "") }' | tr -s '\n ' ' ')" \
	"jqm-keeper jqm-runner jqm-fcgi jqm-notifier jqm-events jqm-hooks jqm nginx watch nginx "
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
for i in "${!commands[@]}"; do
	command=${commands[$i]/#\/usr\/sbin\/nginx/exec $nginx}
	# Each waits for the one before, as it says; units start them again and again.
	case ${command#exec } in
	*"nginx watch"*) wait_for 40 grep -q node_registered "$home/var/log/jqm/jqm-runner.log" ;;
	"$nginx"*) wait_for 40 test -e "$home/var/lib/jqm/nginx/nginx.conf" ;;
	esac
	bash -c "exec ${command#exec }" >"$work/program-$i.log" 2>&1 </dev/null &
	pids+=($!)
done
end_all() {
	local pid
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
	pids=()
}
at_exit end_all
jqm() { "$JQM" "$@" --config "$home/etc/jqm/jqm.ini"; }
serves() { [ "$(curl -s -o /dev/null -w '%{http_code}' -u "root:$(cat "$home/etc/jqm/root-password")" "http://127.0.0.1:$port/ws/simple/localnode/health")" = 200 ]; }
ok "the node runs" wait_for 40 serves || tail -n 20 "$work"/program-*.log "$home"/var/log/jqm/*.log "$home"/var/lib/jqm/nginx/log/*.log >&2
curl -s "http://127.0.0.1:$port/" >"$work/page"
like "with the console" "$(cat "$work/page")" '<title>JQM'
cat >"$work/hello.xml" <<-'END'
	<jqm><jar><path>echo it runs</path><pathType>DEFAULTSHELLCOMMAND</pathType><jobdefinitions><jobDefinition>
	<name>Hello</name><description>says it</description><canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName>
	<highlander>false</highlander>
	</jobDefinition></jobdefinitions></jar></jqm>
END
ok "root's password is that of the file: a definition is imported" jqm import "$work/hello.xml"
is "a job runs" "$(jqm enqueue Hello --follow 2>"$work/words")" "it runs"
is "the node is called as asked" "$(jqm node list --json | jq -r '.[].name')" alpha

# --- again --------------------------------------------------------------------------------------------------------------
is "a second run changes nothing" "$(setup --json | jq -c .changes)" "[]"
is "nor one with the same wishes" \
	"$(setup --admin "$admin" --database "$database" --node alpha --url "http://127.0.0.1:$port/" --json | jq -c .changes)" "[]"
like "and says so" "$(setup)" '^nothing was to be done'
ok "what runs goes on" serves
refused "another name" 1 '--node is "alpha" here, not "beta": .* yours to edit' --node beta
refused "another address" 1 '--url is ' --url http://127.0.0.1:1
refused "another database" 1 '--database is another one' --database "host=$pg/s dbname=other"
chmod 644 "$home/etc/jqm/pgpass" "$home/etc/jqm/jqm.ini"
is "what others could read is closed, and told" "$(setup --json | jq -r '.changes[]' | sort | tr '\n' ' ')" \
	"closed $home/etc/jqm/jqm.ini to others closed $home/etc/jqm/pgpass to others "
rm "$home/etc/jqm/root-password"
is "a password that an administrator took away is not made anew" "$(setup --json | jq -c .root_password_file)" null

# --- a configuration gone, a database that is there -------------------------------------------------------------------
end_all
mv "$home/etc/jqm" "$work/kept"
wishes=(--admin "$admin" --database "$database" --node alpha --url "http://127.0.0.1:$port")
refused "roles of another installation keep their passwords" 4 \
	'role jqm_owner has another password than .*bring that file.*--new-passwords' "${wishes[@]}"
ok "no configuration is made that does not work" test ! -e "$home/etc/jqm/jqm.ini"
cp "$work/kept/pgpass" "$work/kept/audit.key" "$work/kept/secrets.key" "$home/etc/jqm/"
is "with what another node has, no administrator is needed" \
	"$(setup --database "$database" --node beta --url "http://127.0.0.1:$port" --json | jq -c .changes)" \
	"[\"made $home/etc/jqm/jqm.ini\"]"
ok "what was brought is what it was" cmp "$work/kept/audit.key" "$home/etc/jqm/audit.key"
rm -r "$home/etc/jqm"
setup "${wishes[@]}" --new-passwords --json >"$work/again.json"
is "or new ones are wanted" "$? $(words)" "0 "
is "five roles have them" "$(jq -r '.changes[]' "$work/again.json" | grep -c 'another password')" 5
is "root's password is what it was" "$(jq -c .root_password_file "$work/again.json")" null
PGPASSFILE=$work/kept/pgpass psql -w -XAtq -h "$pg/s" -U jqm_api -d jqm -c 'SELECT 1' >"$work/out" 2>&1
like "the old ones open nothing" "$(cat "$work/out")" 'password authentication failed'

# --- an administrator who may make roles and databases, and nothing else: as those of hosted servers ------------------
rm -r "$home"
sql 'DROP DATABASE jqm' >/dev/null
for role in jqm_owner jqm_api jqm_runner jqm_notifier jqm_events jqm_client jqm_backup; do sql "DROP ROLE $role" >/dev/null; done
is "the server knows nothing of ours any more" "$(sql "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'jqm%'")" 0
sql "CREATE ROLE maker LOGIN CREATEROLE CREATEDB PASSWORD 'xv-drums-77'; CREATE ROLE clerk LOGIN CREATEDB PASSWORD 'xv-drums-77'" >/dev/null
(umask 077 && echo xv-drums-77 >"$work/maker.password")
wishes=(--admin-password-file "$work/maker.password" --database "$database" --node gamma --url "http://127.0.0.1:$(free_port)")
refused "one who may not make roles" 4 'permission denied to create role' --admin "host=$pg/s user=clerk" "${wishes[@]}"
ok "leaves no configuration" test ! -e "$home/etc/jqm/jqm.ini"
setup --admin "host=$pg/s user=maker" "${wishes[@]}" --json >"$work/maker.json"
is "one who may make both sets a node up" "$? $(words)" "0 "
like "with roles, database and schema" "$(jq -r '.changes | join(" ")' "$work/maker.json")" 'made role jqm_owner .*made database jqm applied [0-9]+ schema files'
is "all of it is the owner's" "$(sql "SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class WHERE relnamespace = 'jqm'::regnamespace" jqm)" jqm_owner
is "who sees how old the oldest snapshot is" "$(sql "SELECT pg_has_role('jqm_owner', 'pg_read_all_stats', 'MEMBER')")" t
is "each program has its settings" "$(sql "SELECT count(*) FROM pg_db_role_setting AS s JOIN pg_roles AS r ON r.oid = s.setrole WHERE r.rolname LIKE 'jqm%' AND 'jit=off' = ANY (s.setconfig)")" 5
is "a second run of his changes nothing" "$(setup --admin "host=$pg/s user=maker" "${wishes[@]}" --json | jq -c .changes)" "[]"
runner_registered() { grep -q node_registered "$home/var/log/jqm/jqm-runner.log" 2>/dev/null; }
mapfile -t commands < <(jq -r '.start[]' "$work/maker.json")
for command in "${commands[@]}"; do
	case $command in
	*jqm-keeper* | *jqm-runner*)
		bash -c "exec ${command#exec }" >"$work/program-maker.log" 2>&1 </dev/null &
		pids+=($!)
		;;
	esac
done
ok "and its runner runs" wait_for 40 runner_registered || tail -n 20 "$work"/program-maker.log "$home"/var/log/jqm/*.log >&2
end_all
done_testing
