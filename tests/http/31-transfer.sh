#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Configuration as files, by API and command line: queues, resources, whole clusters, nodes like another.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
stack_up --node alpha
jqm() { "$JQM" "$@"; }
root_auth=$AUTH

body="" status=""
post() { # PATH (document on stdin)
	body=$(curl -sS -m 30 -u "$AUTH" -X POST -o - -w '\n%{http_code}' -H 'Content-Type: application/xml' --data-binary @- "$URL$1")
	status=${body##*$'\n'}
	body=${body%$'\n'*}
}
takes() { # DESCRIPTION EXPECTED PATH   (document on stdin)
	post "$3"
	is "$1" "$status $(jq -c '.objects | map([.kind,.name,.result])' <<<"$body")" "200 $2"
}
refuses() { # DESCRIPTION STATUS PATTERN PATH   (document on stdin)
	post "$4"
	is "$1: status" "$status" "$2"
	like "$1: says why" "$(jq -r .userReadableMessage <<<"$body")" "$3"
}
queue() { printf '<queue><name>%s</name><description>%s</description>%s</queue>' "$@"; }
queues() { printf '<jqm><queues>%s</queues></jqm>' "$*"; }
resource() { printf '<resource><alias>%s</alias><type>t</type><factory>f</factory><singleton>true</singleton><parameters>%s</parameters></resource>' "$@"; }
parameter() { printf '<parameter><key>%s</key><value>%s</value></parameter>' "$@"; }
node() { printf '<node><name>%s</name><interface>h</interface><webPort>1</webPort><jmxRegistryPort>0</jmxRegistryPort><jmxServerPort>0</jmxServerPort><enabled>true</enabled><loadSimpleWebApi>true</loadSimpleWebApi><loadClientWebApi>true</loadClientWebApi><loadAdminWebApi>false</loadAdminWebApi><jobDefDirectory>./jobs</jobDefDirectory><tmpDirectory>./tmp</tmpDirectory><deliverableDirectory>./out</deliverableDirectory><logLevel>INFO</logLevel></node>' "$1"; }
mapping() { printf '<mappings><mapping><nodeName>%s</nodeName><maxThreads>%s</maxThreads><pollingIntervalMs>1000</pollingIntervalMs><enabled>true</enabled></mapping></mappings>' "$@"; }
define Hello 'echo hello'
define Other 'echo other'

# Queues.
file=$(queues "$(queue NIGHT 'low' '<timeToLive>0</timeToLive><jobs><applicationName>Hello</applicationName><applicationName>Nobody</applicationName></jobs>')")
takes "a dry run of queues" '[["queue","NIGHT","created"],["definition","Hello","updated"],["definition","Nobody","skipped"]]' '/ws/admin/q/xml?dryRun=true' <<<"$file"
is "tells from what to what" "$(jq -c '[.dryRun, .objects[1].changes]' <<<"$body")" '[true,[{"field":"queue","from":"DEFAULT","to":"NIGHT"}]]'
is "and changes nothing" "$(sql "SELECT count(*) FROM jqm.queue")" 1
# POST /ws/admin/q/xml
takes "an import of queues" '[["queue","NIGHT","created"],["definition","Hello","updated"],["definition","Nobody","skipped"]]' /ws/admin/q/xml <<<"$file"
is "moves their definitions" "$(sql "SELECT q.name FROM jqm.job_def AS d JOIN jqm.queue AS q ON q.id = d.queue_id WHERE d.name = 'Hello'")" NIGHT
headers=$(curl -sS -u "$AUTH" -D - -o "$WORK/q.xml" "$URL/ws/admin/q/all/xml" | tr -d '\r') # GET /ws/admin/q/all/xml
like "an export is a file" "$headers" '^Content-Disposition: attachment; filename="queues.xml"$'
takes "that changes nothing" '[["queue","DEFAULT","unchanged"],["queue","NIGHT","unchanged"],["definition","Hello","unchanged"],["definition","Other","unchanged"]]' /ws/admin/q/xml <"$WORK/q.xml"
id=$(json GET /ws/admin/q | jq '.[] | select(.name == "NIGHT") | .id')
one=$(api GET "/ws/admin/q/$id/xml") # GET /ws/admin/q/2/xml
like "one queue" "$one" '<name>NIGHT</name>'
unlike "and no other" "$one" DEFAULT
is "one that is not there" "$(code GET /ws/admin/q/99/xml) $(code GET /ws/admin/jndi/all/xml) $(code GET /ws/admin/jndi/9/xml)" "404 404 404"
takes "the default queue moves" '[["queue","DEFAULT","updated"],["queue","NIGHT","updated"]]' /ws/admin/q/xml <<<"<jqm><defaultQueueName>NIGHT</defaultQueueName></jqm>"
refuses "to one that is not there it does not" 400 'line 1: "defaultQueueName": there is no queue "NONE"' /ws/admin/q/xml <<<"<jqm><defaultQueueName>NONE</defaultQueueName></jqm>"

# Resources, in JQM's two forms.
local_file='<resources><resource name="jdbc/x" type="T" factory="F" singleton="true" url="u?a=1&amp;b" password="hush"/></resources>'
takes "JQM's local resources" '[["resource","jdbc/x","created"]]' /ws/admin/jndi/xml <<<"$local_file" # POST /ws/admin/jndi/xml
is "are stored" "$(sql "SELECT parameters FROM jqm.jndi_resource")" '{"url": "u?a=1&b", "password": "hush"}'
api GET /ws/admin/jndi/all/xml >"$WORK/r.xml"
nok "no secret is in an export" grep -q hush "$WORK/r.xml"
is "one resource" "$(api GET /ws/admin/jndi/1/xml)" "$(cat "$WORK/r.xml")"
takes "it changes nothing" '[["resource","jdbc/x","unchanged"]]' /ws/admin/jndi/xml <"$WORK/r.xml"
is "and takes no secret away" "$(sql "SELECT parameters ->> 'password' FROM jqm.jndi_resource")" hush
post '/ws/admin/jndi/xml?dryRun=true' <<<"${local_file/hush/other}"
is "nor is one in a report" "$(jq -c '.objects[0].changes' <<<"$body")" '[{"field":"parameters.password","from":"(not shown)","to":"(not shown)"}]'

# Whatever the root is, and the encoding: JQM asks for neither in these files.
takes "a single resource" '[["resource","jdbc/y","created"]]' /ws/admin/jndi/xml <<<'<resource name="jdbc/y" type="t" factory="f" a="b"/>'
takes "queues under any root" '[["queue","NIGHT","unchanged"]]' /ws/admin/q/xml <<<"<a b='c'><d>$(queue NIGHT low '')</d></a>"
printf '<?xml version="1.0" encoding="UTF-16"?>\n<resources><resource name="jdbc/y" type="t€" factory="f" a="b"/></resources>' | iconv -t UTF-16 >"$WORK/utf16.xml"
takes "a file in UTF-16" '[["resource","jdbc/y","updated"]]' /ws/admin/jndi/xml <"$WORK/utf16.xml"
is "is read as it declares" "$(json GET /ws/admin/jndi | jq -r '.[] | select(.name == "jdbc/y").type')" 't€'
is "jqm finds their doors" "$(printf '<a>%s</a>' "$(queue NIGHT low '')" >"$WORK/a.xml" && printf '<resource name="jdbc/y" type="t€" factory="f" a="b"/>' >"$WORK/b.xml" && jqm import --dry-run "$WORK/a.xml" "$WORK/b.xml" "$WORK/utf16.xml")" $'unchanged queue NIGHT\nunchanged resource jdbc/y\nunchanged resource jdbc/y'
is "and it is gone again" "$(code DELETE "/ws/admin/jndi/$(json GET /ws/admin/jndi | jq '.[] | select(.name == "jdbc/y").id')")" 204

# Whole clusters.
cluster="<jqm><defaultQueueName>DAY</defaultQueueName><nodes>$(node beta)</nodes><queues>$(queue DAY d "$(mapping beta 8)")$(queue NIGHT low '<mappings/>')</queues><globalParameters>$(parameter logFilePerLaunch both)</globalParameters><resources>$(resource mail/default "$(parameter smtpServerHost mail.example.org)")</resources></jqm>"
takes "JQM's configuration" '[["node","beta","created"],["param","logFilePerLaunch","updated"],["queue","DAY","created"],["queue","NIGHT","updated"],["mapping","beta / DAY","created"],["resource","mail/default","created"]]' /ws/admin/configuration/xml <<<"$cluster" # POST /ws/admin/configuration/xml
takes "once more changes nothing" '[["node","beta","unchanged"],["param","logFilePerLaunch","unchanged"],["queue","DAY","unchanged"],["queue","NIGHT","unchanged"],["mapping","beta / DAY","unchanged"],["resource","mail/default","unchanged"]]' /ws/admin/configuration/xml <<<"$cluster"
state() { for k in q qmapping jndi prm jd node; do etag "/ws/admin/$k" | cut -d. -f1; done; } # what editors see (fcgi/conditional.h)
before=$(state)
api GET /ws/admin/configuration/xml >"$WORK/c.xml"
is "its export changes nothing either" "$(jqm import "$WORK/c.xml" | grep -cv ^unchanged) $(state)" "0 $before"
refuses "the admin API that is asked cannot be turned off by a file" 400 'would turn off the admin API of node "alpha"' /ws/admin/configuration/xml <<<"<jqm><nodes>$(node alpha)</nodes></jqm>"
refuses "a mapping to nowhere" 400 'mapping of queue "DAY" to node "gamma": there is no such node' /ws/admin/configuration/xml <<<"<jqm><queues>$(queue DAY d "$(mapping gamma 1)")</queues></jqm>"
refuses "several faults" 400 'line 1: mapping: "maxThreads".*\(and 2 more problems\)' /ws/admin/configuration/xml <<<"<jqm><queues>$(queue A d "$(mapping beta x)")
<queue/></queues></jqm>"
is "are all told" "$(jq -c .problems <<<"$body")" '["line 1: mapping: \"maxThreads\" must be a number from 0 to 100000, not \"x\"","line 2: queue: \"name\" is missing","line 2: queue: \"description\" is missing"]'
refuses "several faults of one object" 400 'queue "": "name" is empty \(and 4 more problems\)' /ws/admin/configuration/xml <<<"<jqm><queues>$(queue '' d "<timeToLive>r</timeToLive><mappings><mapping><nodeName/><maxThreads>x</maxThreads><pollingIntervalMs>0</pollingIntervalMs><enabled>1</enabled></mapping></mappings>")</queues></jqm>"
is "are told one by one" "$(jq -r '.problems[]' <<<"$body" | cut -d'"' -f1-4 | sort)" "$(printf 'line 1: %s\n' 'mapping: "maxThreads" must be a number from 0 to 100000, not "x' 'mapping: "nodeName" is empty' 'mapping: "pollingIntervalMs" must be a number from 1 to 86400000, not "0' 'queue "": "name' 'queue "": "timeToLive' | sort)"
refuses "more than anybody reads" 400 'and 299 more problems' /ws/admin/jd/xml < <(printf '<jqm><jar><path>x</path><jobdefinitions><jobDefinition><name>D</name><description/><canBeRestarted>1</canBeRestarted><javaClassName/><highlander>1</highlander>' && repeat '<x\/>' 300 && printf '</jobDefinition></jobdefinitions></jar></jqm>')
is "are counted" "$(jq -c '[(.problems | length), .problems[100]]' <<<"$body")" '[101,"and 200 more problems"]'
refuses "definitions too" 400 'and 9 more problems' /ws/admin/jd/xml <<<"<jqm><jar><path>x</path><jobdefinitions><jobDefinition/>
<jobDefinition/></jobdefinitions></jar></jqm>"

# Bad input at the new doors.
for path in q jndi configuration; do
	refuses "$path: nothing" 400 'empty' "/ws/admin/$path/xml" </dev/null
	refuses "$path: cut off" 400 'line 1' "/ws/admin/$path/xml" <<<'<jqm><queues>'
	refuses "$path: another root" 400 'the root is "other"' "/ws/admin/$path/xml" <<<'<other><more/></other>'
	refuses "$path: entities" 400 'DOCTYPE' "/ws/admin/$path/xml" <<<'<!DOCTYPE jqm [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><jqm>&b;</jqm>'
	refuses "$path: too deep" 400 'deep' "/ws/admin/$path/xml" < <(repeat '<jqm>' 1000 && repeat '<\/jqm>' 1000)
	refuses "$path: a byte NUL" 400 'line 1: not XML' "/ws/admin/$path/xml" < <(printf '<jqm><queues>\0</queues></jqm>')
	refuses "$path: elements that cross" 400 'line 1: not XML' "/ws/admin/$path/xml" <<<'<jqm><queues><queue></queues></queue></jqm>'
	refuses "$path: no UTF-8" 400 'UTF-8|encoding' "/ws/admin/$path/xml" < <(printf '<jqm>\xff</jqm>')
	refuses "$path: a wish that is none" 400 'query parameter "dryRun" must be true or false' "/ws/admin/$path/xml?dryRun=maybe" <<<'<jqm/>'
	is "$path: JSON is 415" "$(code POST "/ws/admin/$path/xml" -H 'Content-Type: application/json' -d '{}')" 415
done
is "100 MB are 413" "$(head -c 100000000 /dev/zero | code POST /ws/admin/configuration/xml -H 'Content-Type: application/xml' -H 'Expect:' --data-binary @-)" 413
refuses "one described twice" 400 'line 1: queue "A" is described on line 1 already' /ws/admin/q/xml <<<"$(queues "$(queue A d '')$(queue A e '')")"
is "nothing has changed" "$(state)" "$before"

# Permissions: of what is really done.
send POST /ws/admin/role '{"name":"probe","description":"","permissions":[]}' >/dev/null
send POST /ws/admin/user '{"login":"probe","newPassword":"xv-drums-77-qk","roles":[8]}' >/dev/null
allow() { # ["object:verb"]
	AUTH=$root_auth
	send PUT /ws/admin/role/8 "{\"name\":\"probe\",\"description\":\"\",\"permissions\":$1}" >/dev/null
	AUTH=probe:xv-drums-77-qk
}
new=$(queues "$(queue PROBE d '')")
changed=$(queues "$(queue NIGHT changed '')")
allow '["jd:create"]'
refuses "queues with the permission for something else" 403 'queue:create' /ws/admin/q/xml <<<"$new"
allow '["queue:create"]'
takes "one may create" '[["queue","PROBE","created"]]' '/ws/admin/q/xml?dryRun=1' <<<"$new"
refuses "but not update" 403 'to update queue "NIGHT" needs the permission "queue:update"' /ws/admin/q/xml <<<"$changed"
refuses "nor move a definition" 403 'to update definition "Other" needs the permission "jd:update"' /ws/admin/q/xml <<<"$(queues "$(queue PROBE d '<jobs><applicationName>Other</applicationName></jobs>')")"
refuses "nor map a node" 403 'to create mapping "beta / PROBE" needs the permission "qmapping:create"' /ws/admin/configuration/xml <<<"$(queues "$(queue PROBE d "$(mapping beta 1)")")"
allow '["queue:update"]'
post '/ws/admin/q/xml?dryRun=true' <<<"$changed"
is "who may not read is not told what was" "$status $(jq -c '.objects[0]' <<<"$body")" '200 {"kind":"queue","name":"NIGHT","result":"updated","changes":[]}'
# Guesses: right or wrong, the answers are the same for who may not read them.
password=$(resource jdbc/x "$(parameter password hush)")
guess() { # WORD
	post '/ws/admin/configuration/xml?dryRun=true' <<<"<jqm><globalParameters>$(parameter smtpSecret "$1")</globalParameters><resources>${password/hush/$1}</resources></jqm>"
	printf '%s %s\n' "$status" "$(jq -c 'del(.requestId)' <<<"$body")"
}
sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('smtpSecret', 'hush')"
AUTH=$root_auth
before=$(state)
for held in '["queue:create"]' '["jndi:create","prm:create"]' '["jndi:update","prm:update"]' '["jndi:update","prm:update","jndi:read"]'; do
	allow "$held"
	right=$(guess hush) wrong=$(guess wrong)
	case $held in
	*jndi:read*) # he may read it anyway
		is "who may read a secret is told if it would change, not from what to what" "$(jq -c '.objects[1].changes[] | select(.field == "parameters.password")' <<<"${right#* }${wrong#* }")" '{"field":"parameters.password","from":"(not shown)","to":"(not shown)"}' ;;
	*) is "with $held a dry run does not tell whether a guess is right" "$right" "$wrong" ;;
	esac
done
allow '["jndi:update"]'
refused "nor can the state of a guess be tried out" 403 '"jndi:read"' PUT /ws/admin/jndi/1 '{"name":"jdbc/x","type":"T","factory":"F"}' -H 'If-Match: "0123"'
allow '["queue:update"]'
post '/ws/admin/q/xml?dryRun=true' <<<'<jqm><defaultQueueName>NIGHT</defaultQueueName></jqm>'
is "nor which queue was the default one" "$status $(jq -c '.objects' <<<"$body")" '200 []'
allow '["queue:create"]'
refuses "nor does a refusal" 403 'to update a queue that the file does not name needs' /ws/admin/q/xml <<<'<jqm><defaultQueueName>NIGHT</defaultQueueName></jqm>'
allow '["jd:create"]'
refuses "a definition's new queue" 403 'to create queue "FRESH" needs the permission "queue:create"' /ws/admin/jd/xml <<<'<jqm><jar><path>x</path><jobdefinitions><jobDefinition><name>New</name><queue>FRESH</queue><description/><canBeRestarted>true</canBeRestarted><javaClassName/><module/><highlander>false</highlander></jobDefinition></jobdefinitions></jar></jqm>'
allow '["node:read","queue:read","qmapping:read","prm:read"]'
is "an export of all needs all" "$(code GET /ws/admin/configuration/xml)" 403
unlike "who reads no definitions gets none" "$(api GET /ws/admin/q/all/xml)" applicationName
AUTH=$root_auth
is "and nothing has changed" "$(state)" "$before"

# The command line finds the door.
queues "$(queue CLI d '')" >"$WORK/q2.xml"
is "jqm import --dry-run" "$(jqm import --dry-run "$WORK/q2.xml" "$WORK/r.xml")" $'would create queue CLI\nunchanged resource jdbc/x'
is "jqm import" "$(jqm import "$WORK/q2.xml")" 'created queue CLI'
queues "$(queue CLI 'long "jobs"' '')" | jqm import - >"$WORK/said"
is "tells what it changed" "$(cat "$WORK/said")" $'updated queue CLI\n    description: from "d" to "long "jobs""'
queues '<queue/><queue/>' >"$WORK/bad.xml"
said=$(jqm import "$WORK/bad.xml" 2>&1)
is "a wrong file: exit code" $? 1
is "and every problem" "$(grep -c 'bad.xml: line 1: queue: "\(name\|description\)" is missing$' <<<"$said")" 4
is "jqm export --configuration" "$(jqm export --configuration | grep -c '<queue>')" 4
is "jqm export --queues NAME" "$(jqm export --queues CLI | grep -c '<queue>')" 1
is "jqm export --resources" "$(jqm export --resources)" "$(api GET /ws/admin/jndi/all/xml)"
said=$(jqm export --queues NONE 2>&1)
is "one that is not there" "$? $said" '3 jqm export: there is no queue "NONE"'
said=$(jqm export --queues --resources 2>&1)
is "one at a time" $? 2

# A node like another one.
ok "jqm node copy" jqm node copy beta gamma dns=gamma.example
is "has its properties" "$(json GET /ws/admin/node | jq -c '.[] | select(.name == "gamma") | [.dns,.port,.outputDirectory,.loadApiAdmin]')" '["gamma.example",1,"./out",false]'
is "and its mappings" "$(json GET /ws/admin/qmapping | jq -c '.[] | select(.nodeName == "gamma") | [.queueName,.nbThread,.enabled]')" '["DAY",8,true]'
id=$(json GET /ws/admin/node | jq '.[] | select(.name == "beta") | .id')
is "POST /ws/admin/node/{id}/copy" "$(code POST "/ws/admin/node/$id/copy?name=delta")" 204 # POST /ws/admin/node/2/copy
refused "without a name" 400 'query parameter "name" is missing' POST "/ws/admin/node/$id/copy" ''
refused "of itself" 400 'node "beta" cannot be a copy of itself' POST "/ws/admin/node/$id/copy?name=beta" ''
refused "with a name that is none" 400 'field "name"' POST "/ws/admin/node/$id/copy?name=%20" ''
refused "of nobody" 404 'there is no node 4242' POST '/ws/admin/node/4242/copy?name=x' ''
said=$(jqm node copy nobody x 2>&1)
is "nor on the command line" "$? $said" '3 jqm node: there is no node "nobody"'
said=$(jqm node copy beta 2>&1)
is "two names" $? 2
allow '["node:create","qmapping:create"]'
refused "one that is there needs more" 403 'needs the permission to update' POST "/ws/admin/node/$id/copy?name=gamma" ''
is "a new one does not" "$(code POST "/ws/admin/node/$id/copy?name=epsilon")" 204
allow '["node:create"]'
refused "mappings need theirs" 403 'qmapping:create' POST "/ws/admin/node/$id/copy?name=zeta" ''
done_testing
