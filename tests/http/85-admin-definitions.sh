#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Job definitions, their schedules and execution contexts by the admin API.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
make() { send_code POST /ws/admin/jd "$1"; }
def() { json GET "/ws/admin/jd/${2:-1}" | jq -c "[$1]"; }
base='"javaClassName":"none","jarPath":"echo $0","pathType":"DEFAULTSHELLCOMMAND","queueId":1'
edit() { send_code PUT "/ws/admin/jd/${2:-1}" "$(json GET "/ws/admin/jd/${2:-1}" | jq -c "$1")"; }

is "a definition is made" "$(make "{\"applicationName\":\"Bill\",$base,\"keyword1\":\"k\",\"highlander\":false,\"parameters\":[{\"key\":\"a\",\"value\":1}]}")" 204
is "it reads as JQM shows it" "$(json GET /ws/admin/jd/1 | jq -c '[.id,.applicationName,.description,.canBeRestarted,.javaClassName,.queueId,.jarPath,.pathType,.enabled,.highlander,.reasonableRuntimeLimitMinute,.classLoaderId,.keyword1,.keyword2,.parameters,.schedules]')" \
	'[1,"Bill","",true,"none",1,"echo $0","DEFAULTSHELLCOMMAND",true,false,0,null,"k",null,[{"key":"a","value":"1"}],[]]'
ok "it can be run" wait_job "$(enqueue Bill)"
is "a disabled one is made disabled" "$(make "{\"applicationName\":\"Off\",$base,\"enabled\":false}") $(def .enabled 2)" '204 [false]'
is "limits, retries and rules can be edited" "$(edit '.priority = 7 | .reasonableRuntimeLimitMinute = 5 | .runMaxSeconds = 60 | .graceMs = 100 | .logMaxBytes = 65536 | .filesMaxCount = 3 | .memoryMaxBytes = 1048576 | .cpuMaxSeconds = 9 | .processesMax = 8 | .umask = "027" | .workingDirectory = "/tmp" | .attemptsMax = 3 | .retryBackoff = "EXPONENTIAL" | .retryDelaySeconds = 1 | .retryExitCodes = [75, "76"] | .onNodeLoss = "REQUEUE" | .nodeLossesMax = 1 | .concurrencyKey = "db" | .runAs = "batch"')" 204
all='.priority,.reasonableRuntimeLimitMinute,.runMaxSeconds,.graceMs,.logMaxBytes,.filesMaxCount,.memoryMaxBytes,.cpuMaxSeconds,.processesMax,.umask,.workingDirectory,.attemptsMax,.retryBackoff,.retryDelaySeconds,.retryExitCodes,.onNodeLoss,.nodeLossesMax,.concurrencyKey,.runAs'
want='[7,5,60,100,65536,3,1048576,9,8,"027","/tmp",3,"EXPONENTIAL",1,[75,76],"REQUEUE",1,"db","batch"]'
is "and read" "$(def "$all")" "$want"
is "JQM's console, which knows none of them, saves" "$(send_code PUT /ws/admin/jd/1 "{\"id\":1,\"applicationName\":\"Bill\",$base,\"canBeRestarted\":true,\"classLoaderId\":\"\",\"enabled\":true,\"schedules\":[],\"parameters\":[]}")" 204
is "and takes nothing of it away" "$(def "$all")" "$want"
is "but what it replaces" "$(def .keyword1,.parameters)" '[null,[]]'
is "null takes away" "$(edit 'del(.schedules) | .priority = 0 | .reasonableRuntimeLimitMinute = 0 | .umask = null | .retryExitCodes = [] | .attemptsMax = null | .retryBackoff = null | .onNodeLoss = null | .concurrencyKey = null | .runAs = null')" 204
is "what was set" "$(def .priority,.reasonableRuntimeLimitMinute,.umask,.retryExitCodes,.attemptsMax,.retryBackoff,.onNodeLoss,.concurrencyKey,.runAs)" '[null,0,null,[],1,"FIXED","CRASH",null,null]'
refused "without a name" 400 'field "applicationName" is missing' POST /ws/admin/jd "{$base}"
refused "a name that is taken" 409 '"Bill" is already used' POST /ws/admin/jd "{\"applicationName\":\"Bill\",$base}"
refused "without a queue" 400 'field "queueId" is missing' POST /ws/admin/jd '{"applicationName":"x","javaClassName":"none","jarPath":"a","pathType":"FS"}'
refused "a queue that is none" 400 'field "queueId": there is no queue 9' POST /ws/admin/jd "{\"applicationName\":\"x\",${base/queueId\":1/queueId\":9}}"
refused "a path type that is none" 400 'field "pathType" is "EXE", not one of: FS MAVEN' POST /ws/admin/jd '{"applicationName":"x","javaClassName":"none","jarPath":"a","pathType":"EXE","queueId":1}'
refused "a class loader that is none" 400 'field "classLoaderId": there is no execution context 5' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"classLoaderId\":5}"
refused "an umask that is no octal number" 400 'field "umask" is "089", not an octal number' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"umask\":\"089\"}"
for bad in root 'two words' -x a/b; do
	refused "an account \"$bad\"" 400 'field "runAs" is ".*", not the name of an account that jobs may run as' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"runAs\":\"$bad\"}"
done
refused "a limit out of range" 400 'field "runMaxSeconds": 0 is outside 1 to' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"runMaxSeconds\":0}"
refused "an exit code out of range" 400 'field "retryExitCodes\[1\]": 256 is outside 1 to 255' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"retryExitCodes\":[1,256]}"
refused "a rule that is none" 400 'field "onNodeLoss" is "PANIC", not one of: CRASH REQUEUE HOLD' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"onNodeLoss\":\"PANIC\"}"
refused "an empty parameter" 400 'value of parameter "p" must have 1 to 1000 characters' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"parameters\":[{\"key\":\"p\",\"value\":\"\"}]}"
refused "a resource that is no number" 400 'rm.quantity.consumption" is "many", not a number' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"parameters\":[{\"key\":\"com.enioka.jqm.rm.quantity.consumption\",\"value\":\"many\"}]}"
is "of all that nothing is stored" "$(json GET /ws/admin/jd | jq -c 'map(.applicationName)')" '["Bill","Off"]'

# Schedules within a definition.
schedules() { def ".schedules[] | [.id,.cronExpression,.priority,.queue,.timeZone,.overlap]"; }
is "a schedule comes with its definition" "$(edit '.schedules = [{"cronExpression":"0 4 * * *","priority":3,"queue":1,"timeZone":"Europe/Paris","overlap":"SKIP"}]') $(schedules)" '204 [[1,"0 4 * * *",3,1,"Europe/Paris","SKIP"]]'
updated=$(def '.schedules[0].lastUpdated')
is "saved unchanged" "$(edit '.description = "d"') $(def '.schedules[0].lastUpdated')" "204 $updated"
is "a parameter of it changes its date" "$(edit '.schedules[0].parameters = [{"key":"a","value":"b"}]') $([ "$(def '.schedules[0].lastUpdated')" != "$updated" ] && echo later)" "204 later"
is "a console that knows JQM's members only changes it" "$(edit '.schedules = [{"id":1,"cronExpression":"0 5 * * *","priority":null,"queue":null,"parameters":[]},{"cronExpression":"*/5 * * * *"}]')" 204
is "keeps the rest, and adds one beside it" "$(def '.schedules | map([.id,.cronExpression,.priority,.queue,.timeZone,.overlap])')" '[[[1,"0 5 * * *",null,null,"Europe/Paris","SKIP"],[2,"*/5 * * * *",null,null,"","ALLOW"]]]'
is "one is left out, one added: it goes, which JQM forgot" "$(edit '.schedules = [.schedules[1], {"cronExpression":"1 1 * * *"}]') $(def '.schedules | map(.id)')" '204 [[2,3]]'
refused "a cron expression that is none" 400 'field "schedules": cronExpression: .*outside 0 to 59' PUT /ws/admin/jd/1 "{\"applicationName\":\"Bill\",$base,\"schedules\":[{\"id\":2,\"cronExpression\":\"61 * * * *\"}]}"
refused "a schedule of another definition" 400 'the job definition has no schedule 2' PUT /ws/admin/jd/2 "{\"applicationName\":\"Off\",$base,\"schedules\":[{\"id\":2,\"cronExpression\":\"1 * * * *\"}]}"
is "client and administrator see the same" "$(json GET /ws/client/jd/name/Bill | jq -c '.schedules | map(.cronExpression)')" '["*/5 * * * *","1 1 * * *"]'
refused "a definition with schedules" 409 'job definition "Bill" cannot be deleted: schedules of it: 2' DELETE /ws/admin/jd/1 ''

# Schedules on their own.
is "made" "$(send_code POST /ws/admin/schedule '{"jobDefId":2,"cronExpression":"0 1 * * *","misfire":"SKIP"}')" 204
one() { json GET /ws/admin/schedule/4 | jq -c '[.jobDefId,.cronExpression,.timeZone,.dayRule,.enabled,.overlap,.misfire,.misfireWindowSeconds]'; }
is "read" "$(one)" '[2,"0 1 * * *","","AND",true,"ALLOW","SKIP",86400]'
is "zone, day rule, overlap and misfire are changed" "$(send_code PUT /ws/admin/schedule/4 '{"cronExpression":"0 1 * * *","timeZone":"Asia/Tokyo","dayRule":"OR","enabled":false,"overlap":"REPLACE","misfire":"ALL","misfireWindowSeconds":60,"jobDefId":1}') $(one)" \
	'204 [2,"0 1 * * *","Asia/Tokyo","OR",false,"REPLACE","ALL",60]'
refused "a zone that is none" 400 'timeZone: there is no time zone' PUT /ws/admin/schedule/4 '{"cronExpression":"0 1 * * *","timeZone":"Mars/Base"}'
refused "an overlap that is none" 400 'field "overlap" is "MAYBE", not one of: ALLOW SKIP REPLACE' PUT /ws/admin/schedule/4 '{"cronExpression":"0 1 * * *","overlap":"MAYBE"}'
refused "no cron" 400 'field "cronExpression" is missing' PUT /ws/admin/schedule/4 '{}'
refused "no definition" 400 'field "jobDefId" is missing' POST /ws/admin/schedule '{"cronExpression":"0 1 * * *"}'
refused "a definition that is none" 400 'field "jobDefId": there is no job definition 99' POST /ws/admin/schedule '{"cronExpression":"0 1 * * *","jobDefId":99}'
is "deleted" "$(code DELETE /ws/admin/schedule/4) $(code GET /ws/admin/schedule/4)" "204 404"
is "as a list" "$(send_code PUT /ws/admin/schedule '[{"id":3,"jobDefId":1,"cronExpression":"2 2 * * *"}]') $(json GET /ws/admin/schedule | jq -c 'map([.id,.cronExpression])')" '204 [[3,"2 2 * * *"]]'
job=$(send POST /ws/client/ji '{"applicationName":"Bill","startState":"HOLDED"}' -H 'Accept: application/json' | jq .id)
is "as a list, definitions: one with a job stays whole" "$(edit '.schedules = []')$(send_code PUT /ws/admin/jd '[]') $(json GET /ws/admin/jd | jq -c 'map(.id)')" '204409 [1,2]'
is "consoles get a key for it" "$(api DELETE /ws/admin/jd/1 | jq -r .userMessageKey)" jobDefHasRunningInstances
is "the job is gone: the list takes one, renames one" "$(code DELETE "/ws/client/ji/waiting/$job") $(send_code PUT /ws/admin/jd "[{\"id\":1,\"applicationName\":\"Bill2\",$base}]") $(json GET /ws/admin/jd | jq -c 'map(.applicationName)')" '204 204 ["Bill2"]'

# As descriptors: out, away, in again.
xml() { api GET "/ws/admin/jd/$1/xml"; }
is "no such definition" "$(code GET /ws/admin/jd/99/xml)" 404
like "a descriptor is to be saved under its name" "$(curl -sS -u "$AUTH" -D - -o "$WORK/one.xml" "$URL/ws/admin/jd/1/xml")" 'attachment; filename="jobdef_1.xml"'
like "it holds the definition" "$(cat "$WORK/one.xml")" '<name>Bill2</name>'
api POST /ws/admin/jd/xml -H 'Content-Type: application/xml' --data-binary "<jqm><jar><path>a &lt; b</path><pathType>DEFAULTSHELLCOMMAND</pathType><jobdefinitions>
	<jobDefinition><name>X1</name><description>first</description><canBeRestarted>false</canBeRestarted><javaClassName>none</javaClassName><module/><keyword2>ä</keyword2><highlander>true</highlander><executionContext>Ctx</executionContext>
	<parameters><parameter><key>p</key><value> v &amp; </value></parameter></parameters><enabled>false</enabled><runAs>batch</runAs><limits><umask>027</umask></limits><retry><attemptsMax>2</attemptsMax><exitCodes>3,4</exitCodes></retry></jobDefinition>
	<jobDefinition><name>X2</name><description/><canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName><module>m</module><highlander>false</highlander></jobDefinition></jobdefinitions></jar>
	<context><name>Ctx</name><eventHandlers><handler><className>a.B</className><event>JI_STARTING</event><parameters><parameter><key>k</key><value>w</value></parameter></parameters></handler></eventHandlers></context></jqm>" >/dev/null
xml all >"$WORK/all.xml"
is "all three are in one file, two of them in one jar" "$(grep -c '<jobDefinition>' "$WORK/all.xml") $(grep -c '<jar>' "$WORK/all.xml")" "3 2"
is "a console may go on with what was imported" "$(json GET /ws/admin/jd | jq -c 'map(select(.applicationName == "X1") | [.canBeRestarted,.enabled,.umask,.retryExitCodes,.attemptsMax,.runAs])')" '[[false,false,"027",[3,4],2,"batch"]]'
sql "DELETE FROM jqm.schedule; DELETE FROM jqm.job_def; DELETE FROM jqm.execution_context" >/dev/null
is "with none there is no descriptor" "$(code GET "/ws/admin/jd/all/xml")" 404
is "they come back" "$(code POST /ws/admin/jd/xml -H 'Content-Type: application/xml' --data-binary "@$WORK/all.xml")" 200
is "as they were" "$(xml all)" "$(cat "$WORK/all.xml")"
is "handlers of contexts too" "$(grep -A1 '<className>a.B' "$WORK/all.xml" | grep -c JI_STARTING)" 1
sql "UPDATE jqm.job_def SET execution_context_id = NULL; DELETE FROM jqm.execution_context; DELETE FROM jqm.job_def WHERE name LIKE 'X%'; ALTER TABLE jqm.execution_context ALTER id RESTART" >/dev/null
first=$(sql "SELECT id FROM jqm.job_def")

# Execution contexts.
is "a context is made" "$(send_code POST /ws/admin/cl '{"name":"Shared","childFirst":true,"hiddenClasses":"a.*","handlers":[{"className":"x","event":"y"}]}')" 204
is "it reads as JQM shows it" "$(json GET /ws/admin/cl)" '[{"id":1,"name":"Shared","childFirst":true,"hiddenClasses":"a.*","tracingEnabled":false,"persistent":true,"allowedRunners":null,"extraClasspathDirs":null,"excludedClassPrefixes":null,"handlers":[]}]'
is "changed" "$(send_code PUT /ws/admin/cl/1 '{"name":"Shared2","persistent":false}') $(json GET /ws/admin/cl/1 | jq -c '[.name,.childFirst,.hiddenClasses,.persistent]')" '204 ["Shared2",false,null,false]'
refused "a name that is taken" 409 'already used' POST /ws/admin/cl '{"name":"Shared2"}'
refused "1025 characters" 400 'field "hiddenClasses": 1025 characters' POST /ws/admin/cl "{\"name\":\"x\",\"hiddenClasses\":\"$(printf 'x%.0s' {1..1025})\"}"
is "a definition uses it" "$(edit '.classLoaderId = 1' "$first") $(def .classLoaderId "$first")" '204 [1]'
refused "then it stays" 409 'execution context "Shared2" cannot be deleted: job definitions that use it: 1' DELETE /ws/admin/cl/1 ''
is "then not" "$(edit '.classLoaderId = null' "$first") $(send_code PUT /ws/admin/cl '[]') $(json GET /ws/admin/cl)" '204 204 []'
is "the definition goes" "$(code DELETE "/ws/admin/jd/$first") $(code GET "/ws/admin/jd/$first")" "204 404"
done_testing
