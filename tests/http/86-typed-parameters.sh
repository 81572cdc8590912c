#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Parameters of definitions with their types: described, checked at every door, in and out as files.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
base='"javaClassName":"none","jarPath":"echo $0","pathType":"DEFAULTSHELLCOMMAND","queueId":1'
types='[{"key":"month","type":"INTEGER","required":true,"hint":"1 to 12","choices":[]},{"key":"day","type":"DATE","required":false,"hint":null,"choices":[]},{"key":"colour","type":"CHOICE","required":false,"hint":null,"choices":["red","light blue"]},{"key":"pw","type":"TEXT","required":false,"hint":null,"choices":[]}]'
described() { json GET "/ws/admin/jd/${1:-1}" | jq -c '.parameterTypes'; }
submit() { json POST /ws/client/ji -H 'Content-Type: application/json' --data-binary "$1"; }

is "a definition is made with types" "$(send_code POST /ws/admin/jd "{\"applicationName\":\"Report\",$base,\"parameters\":[{\"key\":\"colour\",\"value\":\"red\"}],\"parameterTypes\":$types}")" 204
is "they are read as they were given" "$(described)" "$types"
is "what is not said is a text, and not required" "$(send_code POST /ws/admin/jd "{\"applicationName\":\"Loose\",$base,\"parameterTypes\":[{\"key\":\"a\"}]}") $(described 2)" \
	'204 [{"key":"a","type":"TEXT","required":false,"hint":null,"choices":[]}]'
is "one that says nothing has none" "$(send_code POST /ws/admin/jd "{\"applicationName\":\"Plain\",$base}") $(described 3)" '204 []'
refused "a type that is none" 400 'field "parameterTypes\[0\].type" is "FLOAT", not one of: TEXT INTEGER NUMBER BOOLEAN DATE CHOICE' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"parameterTypes\":[{\"key\":\"a\",\"type\":\"FLOAT\"}]}"
refused "types that are no list" 400 'field "parameterTypes"' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"parameterTypes\":\"INTEGER\"}"
refused "a choice without choices" 400 'field "parameterTypes\[0\].choices" has 0 values' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"parameterTypes\":[{\"key\":\"a\",\"type\":\"CHOICE\"}]}"
refused "a value of its own that is not of the type" 400 'parameter "a" is "x", not a whole number' POST /ws/admin/jd "{\"applicationName\":\"x\",$base,\"parameters\":[{\"key\":\"a\",\"value\":\"x\"}],\"parameterTypes\":[{\"key\":\"a\",\"type\":\"INTEGER\"}]}"
is "a console that does not know them takes none away" "$(send_code PUT /ws/admin/jd/1 "{\"id\":1,\"applicationName\":\"Report\",$base,\"parameters\":[{\"key\":\"colour\",\"value\":\"red\"}]}") $(described)" "204 $types"

# Jobs.
refused "a job without what is required" 400 'parameter "month" is missing: its definition requires it' POST /ws/client/ji '{"applicationName":"Report"}'
refused "a value that is no number" 400 'parameter "month" is "May", not a whole number' POST /ws/client/ji '{"applicationName":"Report","parameters":[{"key":"month","value":"May"}]}'
refused "a day that is none" 400 'parameter "day" is "2026-02-30", not a date such as 2026-11-30' POST /ws/client/ji '{"applicationName":"Report","parameters":[{"key":"month","value":"2"},{"key":"day","value":"2026-02-30"}]}'
refused "a choice that is not offered" 400 'parameter "colour" is "blue", not one of "red", "light blue"' POST /ws/client/ji '{"applicationName":"Report","parameters":[{"key":"month","value":"2"},{"key":"colour","value":"blue"}]}'
is "consoles are told which parameter" "$(submit '{"applicationName":"Report","parameters":[{"key":"month","value":"May"}]}' | jq -c '[.userMessageKey,.userMessageParams]')" '["parameterWrong",[{"key":"key","value":"month"}]]'
like "by the simple API too" "$(enqueue Report month=May)" 'not a whole number'
refused "one of many, by its place: none is made" 400 '\[?1\]?.*parameter "month" is missing' POST /ws/client/ji/bulk/requests '[{"applicationName":"Report","parameters":[{"key":"month","value":"2"}]},{"applicationName":"Report"}]'
refused "a secret in place of a number" 400 'parameter "month" is secret, so nobody can check what is sealed: its type must be TEXT, not INTEGER' POST /ws/client/ji '{"applicationName":"Report","parameters":[{"key":"month","value":"hush-hush","secret":true}]}'
unlike "which is not quoted" "$(submit '{"applicationName":"Report","parameters":[{"key":"month","value":"hush-hush","secret":true}]}')" hush
is "of all that there is no job" "$(sql "SELECT (SELECT count(*) FROM jqm.job_instance) + (SELECT count(*) FROM jqm.history)")" 0
id=$(submit '{"applicationName":"Report","parameters":[{"key":"month","value":"03"},{"key":"day","value":"2026-11-30"},{"key":"colour","value":"light blue"},{"key":"pw","value":"hush-hush","secret":true},{"key":"more","value":"any"}]}' | jq .id)
ok "what fits is run" wait_job "$id"
is "with its values" "$(json GET "/ws/client/ji/$id" | jq -c '.parameters | map(select(.key != "pw") | .value)')" '["light blue","2026-11-30","03","any"]'
is "many that fit are made" "$(json POST /ws/client/ji/bulk/requests -H 'Content-Type: application/json' -d '[{"applicationName":"Report","parameters":[{"key":"month","value":"2"}]},{"applicationName":"Plain","parameters":[{"key":"month","value":"May"}]}]' | jq length)" 2

# Schedules.
refused "a schedule whose jobs would be refused" 400 'parameter "month" is missing' POST /ws/admin/schedule '{"jobDefId":1,"cronExpression":"0 4 * * *"}'
refused "by a request too" 400 'parameter "month" is "May", not' POST /ws/client/ji '{"applicationName":"Report","recurrence":"0 4 * * *","parameters":[{"key":"month","value":"May"}]}'
is "one that fits" "$(send_code POST /ws/admin/schedule '{"jobDefId":1,"cronExpression":"0 4 * * *","parameters":[{"key":"month","value":"5"}]}')" 204
schedule=$(sql "SELECT id FROM jqm.schedule")
refused "a definition is not changed under it" 400 "schedule $schedule: parameter \"month\" is \"5\", not true or false" PUT /ws/admin/jd/1 "$(json GET /ws/admin/jd/1 | jq -c '.parameterTypes[0].type = "BOOLEAN" | del(.schedules)')"
is "it goes" "$(code DELETE "/ws/admin/schedule/$schedule")" 204

# Files.
api GET /ws/admin/jd/1/xml >"$WORK/report.xml"
is "a descriptor has them" "$(grep -c '<parameterType>' "$WORK/report.xml") $(grep -c '<choice>' "$WORK/report.xml")" "4 2"
unlike "that of others has none" "$(api GET /ws/admin/jd/3/xml)" parameterType
import() { api POST /ws/admin/jd/xml -H 'Content-Type: application/xml' -H 'Accept: application/json' --data-binary "@$WORK/report.xml"; }
is "imported again nothing is changed" "$(import | jq -c '.objects | map(.result)')" '["unchanged"]'
is "into nothing they come back" "$(code DELETE /ws/admin/jd/1; import >/dev/null; described "$(sql "SELECT id FROM jqm.job_def WHERE name = 'Report'")")" "204$types"
sed -i 's/<type>DATE/<type>DAY/' "$WORK/report.xml"
like "a type that is none is named with its line" "$(import | jq -r .userReadableMessage)" '^line [0-9]+: definition "Report": parameterType: "type" must be one of: TEXT .*; not "DAY"$'
sed -i 's/<type>DAY/<kind>DAY/; s/DAY<\/type>/DAY<\/kind>/' "$WORK/report.xml"
like "so is an element that is none" "$(import | jq -r .userReadableMessage)" '^line [0-9]+: definition "Report": parameterType: element "kind" is unknown here'

# The command line.
ok "definition set takes them as JSON" "$JQM" definition set Plain parameterTypes='[{"key":"n","type":"NUMBER","hint":"how much"}]'
is "definition show gives them" "$("$JQM" definition show Plain --json | jq -c .parameterTypes)" '[{"key":"n","type":"NUMBER","required":false,"hint":"how much","choices":[]}]'
ok "definition set of something else keeps them" "$JQM" definition set Plain description=x
is "as they were" "$(described 3 | jq length)" 1
like "JSON that is none is refused" "$("$JQM" definition set Plain parameterTypes=n:NUMBER 2>&1)" '^jqm definition: parameterTypes: '
like "enqueue says what is wrong" "$("$JQM" enqueue Plain -p n=many 2>&1)" 'parameter "n" is "many", not a number such as 12.5'
is "an empty value takes them away" "$("$JQM" definition set Plain parameterTypes=; described 3)" '[]'
is "null takes them away too" "$(send_code PUT /ws/admin/jd/2 "$(json GET /ws/admin/jd/2 | jq -c '.parameterTypes = null')") $(described 2)" '204 []'

like "openapi.json describes them" "$(json GET /ws/openapi.json | jq -c '.components.schemas.parameter_type.properties | keys')" '"choices","hint","key","required","type"'
done_testing
