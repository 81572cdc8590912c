#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Names as long as JQM 3.5 has them: 255 characters and no more at each door, and a job of a node, a queue, a definition
# and an account with the longest ones.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
of() { printf "$1%.0s" $(seq "$2"); } # CHARACTER COUNT
node=$(of n 255)
stack_up --node "$node"
queue=$(of ä 255) definition=$(of é 255) login=$(of 𝄞 255)
password="quartz$(of 𝄞 494)"
like "a name of 256 is no node's" "$("$JQM" up --home "$WORK/other" --node "${node}n" 2>&1)" 'is not 1 to 255 letters'

# By the API.
width() { # WHAT PATH FIELD COUNT JSON   (@: the text)
	is "$1: $4 characters" "$(send_code POST "$2" "${5/@/$(of ü "$4")}")" 204
	refused "$1: one more" 400 "field \"$3\": $(($4 + 1)) characters, at most $4" POST "$2" "${5/@/$(of ü $(($4 + 1)))}"
}
width "a queue" /ws/admin/q name 255 '{"name":"@","description":""}'
width "a parameter" /ws/admin/prm key 255 '{"key":"@","value":"1"}'
width "a role" /ws/admin/role name 255 '{"name":"@","description":"","permissions":[]}'
width "an account" /ws/admin/user login 255 '{"login":"@"}'
width "a class loader" /ws/admin/cl name 255 '{"name":"@"}'
width "a node" /ws/admin/node name 255 '{"name":"@","dns":"localhost","port":1,"outputDirectory":"/o","jobRepoDirectory":"/j"}'
width "a definition" /ws/admin/jd applicationName 255 '{"applicationName":"@","queueId":1,"jarPath":"true","javaClassName":"none","pathType":"DEFAULTSHELLCOMMAND"}'
width "a resource" /ws/admin/jndi name 255 '{"name":"@","type":"t","factory":"f"}'
width "the type of a resource" /ws/admin/jndi type 1000 '{"name":"a","type":"@","factory":"f"}'
width "the factory of a resource" /ws/admin/jndi factory 1000 '{"name":"b","type":"t","factory":"@"}'
minutes=$(of 0, 123)0
is "a schedule: 255 characters" "$(send_code POST /ws/admin/schedule "{\"jobDefId\":1,\"cronExpression\":\"$minutes 0 1 1 *\"}")" 204
refused "a schedule: one more" 400 'field "cronExpression": 256 characters, at most 255' POST /ws/admin/schedule "{\"jobDefId\":1,\"cronExpression\":\"$minutes 0 1 1 * \"}"
is "who has a name that is taken is told it whole" "$(send POST /ws/admin/q "{\"name\":\"$(of ü 255)\",\"description\":\"\"}" | jq -r '.userMessageParams[0].value, (.userReadableMessage | test("is already used$"))')" "$(of ü 255)
true"

# By files.
import() { # PATH DOCUMENT
	curl -sS -m 30 -u "$AUTH" -H 'Content-Type: application/xml' --data-binary "$2" -w '\n%{http_code}' "$URL$1"
}
in_file() { # WHAT ELEMENT COUNT PATH DOCUMENT   (@: the text)
	is "$1 in a file: $3 characters" "$(import "$4?dryRun=true" "${5/@/$(of ö "$3")}" | tail -n 1)" 200
	like "$1 in a file: one more" "$(import "$4?dryRun=true" "${5/@/$(of ö $(($3 + 1)))}")" "\"$2\\\\\" has $(($3 + 1)) characters, at most $3"
}
mappings() { printf '<mappings><mapping><nodeName>%s</nodeName><maxThreads>2</maxThreads><pollingIntervalMs>100</pollingIntervalMs><enabled>true</enabled></mapping></mappings>' "$1"; }
in_file "a queue" name 255 /ws/admin/q/xml '<jqm><queues><queue><name>@</name><description/></queue></queues></jqm>'
descriptor() { printf '<jqm><jar><path>%s</path><pathType>DEFAULTSHELLCOMMAND</pathType><jobdefinitions><jobDefinition><name>%s</name><description/><queue>%s</queue><canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName><module/><highlander>false</highlander></jobDefinition></jobdefinitions></jar></jqm>' "$@"; }
in_file "a definition" name 255 /ws/admin/jd/xml "$(descriptor true @ '<![CDATA[Q]]>')"
in_file "the queue of a definition" queue 255 /ws/admin/jd/xml "$(descriptor true D @)"
in_file "a class loader" name 255 /ws/admin/jd/xml "$(descriptor true D Q | sed 's|<jqm>|<jqm><context><name>@</name></context>|')"
whole() { printf '<jqm>%s</jqm>' "$1"; }
in_file "a parameter" key 255 /ws/admin/configuration/xml "$(whole '<globalParameters><parameter><key>@</key><value>1</value></parameter></globalParameters>')"
resource() { printf '<jqm><resources><resource><alias>%s</alias><type>%s</type><factory>%s</factory><singleton>true</singleton></resource></resources></jqm>' "$@"; }
in_file "a resource" alias 255 /ws/admin/configuration/xml "$(resource @ t f)"
in_file "the type of a resource" type 1000 /ws/admin/configuration/xml "$(resource r @ f)"
in_file "the factory of a resource" factory 1000 /ws/admin/configuration/xml "$(resource r t @)"
in_file "a node" name 255 /ws/admin/configuration/xml "$(whole '<nodes><node><name>@</name><interface>h</interface><webPort>1</webPort><jmxRegistryPort>0</jmxRegistryPort><jmxServerPort>0</jmxServerPort><enabled>true</enabled><loadSimpleWebApi>true</loadSimpleWebApi><loadClientWebApi>true</loadClientWebApi><loadAdminWebApi>true</loadAdminWebApi><jobDefDirectory>./j</jobDefDirectory><tmpDirectory>./t</tmpDirectory><deliverableDirectory>./o</deliverableDirectory><logLevel>INFO</logLevel></node></nodes>')"
like "the node of a mapping in a file: one more" "$(import /ws/admin/configuration/xml "$(whole "<queues><queue><name>Q</name><description/>$(mappings "${node}n")</queue></queues>")")" 'nodeName\\" has 256 characters, at most 255'

# All of them at work.
is "a queue of the node comes by a file" "$(import /ws/admin/configuration/xml "$(whole "<queues><queue><name>$queue</name><description/>$(mappings "$node")</queue></queues>")" | tail -n 1)" 200
is "a definition, too" "$(import /ws/admin/jd/xml "$(descriptor 'echo "$JQM_NODE_NAME $JQM_Q_NAME $JQM_JD_APPLICATION_NAME $JQM_JI_USER_NAME"; echo data &gt; "$JQM_JI_DELIVERY_DIR/f"' "$definition" "$queue")" | tail -n 1)" 200
is "a role that is limited to it" "$(send_code POST /ws/admin/role "{\"name\":\"limited\",\"description\":\"\",\"permissions\":[\"job_instance:*@definition=$definition\",\"queue_position:create@definition=$definition\",\"files:read\",\"logs:read\"]}")" 204
role=$(json GET /ws/admin/role | jq '.[] | select(.name == "limited").id')
is "an account of the longest name and password" "$(send_code POST /ws/admin/user "{\"login\":\"$login\",\"newPassword\":\"$password\",\"roles\":[$role]}")" 204
root_auth=$AUTH AUTH=$login:$password
is "who has it is known" "$(json GET /ws/admin/me | jq -r .login)" "$login"
is "also in a session" "$(log_in long "$login" "$password") $(me_of long)" "204 $login"
refused "another definition is none for him" 400 'there is no job definition "ü+"$' POST /ws/client/ji "{\"applicationName\":\"$(of ü 255)\"}"
as_json=(-H 'Accept: application/json')
job=$(send POST /ws/client/ji "{\"applicationName\":\"$definition\"}" "${as_json[@]}" | jq .id)
ok "his job ends" wait_job "$job"
is "history has every name whole" "$(json GET "/ws/client/ji/$job" | jq -r '.nodeName, .queueName, .applicationName, .user, .state')" "$node
$queue
$definition
$login
ENDED"
is "so had the job" "$(api GET "/ws/client/ji/$job/stdout")" "$node $queue $definition $login"
is "its file is there" "$(api GET "/ws/client/ji/files/$(json GET "/ws/client/ji/$job/files" | jq '.[0].id')")" data
AUTH=$root_auth
asked=$(send POST /ws/client/ji "{\"applicationName\":\"$definition\",\"queueName\":\"$queue\",\"user\":\"$(of u 255)\"}" "${as_json[@]}" | jq .id)
is "a queue may be asked for by such a name, for somebody of one" "$(json GET "/ws/client/ji/$asked" | jq -r '.queueName, .user')" "$queue
$(of u 255)"
refused "a user: one more" 400 'field "user": 256 characters, at most 255' POST /ws/client/ji "{\"applicationName\":\"$definition\",\"user\":\"$(of u 256)\"}"
refused "a queue: one more" 400 'field "queueName": 256 characters, at most 255' POST /ws/client/ji "{\"applicationName\":\"$definition\",\"queueName\":\"${queue}x\"}"
refused "a definition: one more" 400 'field "applicationName": 256 characters, at most 255' POST /ws/client/ji "{\"applicationName\":\"${definition}x\"}"
like "a form, too" "$(api POST /ws/simple/ji --data-urlencode "applicationname=$definition" --data-urlencode "user=$(of u 255)")" '^[0-9]+$'
like "with its end" "$(api POST /ws/simple/ji --data-urlencode "applicationname=$definition" --data-urlencode "user=$(of u 256)")" '256 characters, at most 255'
is "jobs are found by such names" "$(send POST /ws/client/ji/query "{\"applicationName\":[\"$definition\"],\"queueName\":\"$queue\",\"user\":\"$login\",\"nodeName\":\"$node\"}" "${as_json[@]}" | jq -c '[.instances[].id]')" "[$job]"
like "the log of the node has lines" "$(api GET "/ws/admin/node/$node/log?latest=5")" ' '
ok "the command line takes its name" "$JQM" node pause "$node"
ok "whatever it is for" "$JQM" node resume "$node"

# An order of somebody of such a name reaches the runner, who says whose it was.
is "he may order" "$(send_code PUT "/ws/admin/user/$(json GET /ws/admin/user | jq --arg l "$login" '.[] | select(.login == $l).id')" "{\"login\":\"$login\",\"roles\":[1]}")" 204
AUTH=$login:$password
is "drain" "$(code POST "/ws/admin/node/$(json GET /ws/admin/node | jq --arg n "$node" '.[] | select(.name == $n).id')/drain")" 204
AUTH=$root_auth
is_said() { grep -q "drained by $login" "$HOME_DIR"/log/*; }
ok "the node says who drained it" wait_for 30 is_said
done_testing
