/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/route_examples.h: texts and files as the route table's paths take and answer them, for the OpenAPI document. */
#ifndef FCGI_ROUTE_EXAMPLES_H
#define FCGI_ROUTE_EXAMPLES_H

#define EXAMPLE_FIGURES                                                          \
	"# HELP jqm_jobs Live jobs by queue and state.\n# TYPE jqm_jobs gauge\n" \
	"jqm_jobs{queue=\"DEFAULT\",state=\"RUNNING\"} 3\n"
#define EXAMPLE_LOG "2026-03-26T10:00:00.000Z INFO node_registered node=alpha\n"
#define EXAMPLE_QUEUES                                                \
	"<jqm><queues><queue><name>NIGHT</name><description>runs at " \
	"night</description></queue></queues></jqm>"
#define EXAMPLE_RESOURCES                                                                          \
	"<jqm><resources><resource><alias>jdbc/billing</alias><type>javax.sql.DataSource</type>"   \
	"<factory>org.example.Factory</factory><singleton>true</singleton><parameters><parameter>" \
	"<key>url</key><value>jdbc:postgresql://db/billing</value></parameter></parameters></"     \
	"resource></resources></jqm>"
#define EXAMPLE_CONFIGURATION                                                          \
	"<jqm><queues><queue><name>NIGHT</name><description>runs at "                  \
	"night</description></queue></queues>"                                         \
	"<globalParameters><parameter><key>month</key><value>03</value></parameter></" \
	"globalParameters></jqm>"
#define EXAMPLE_DESCRIPTOR                                                         \
	"<jqm><jar><path>echo "                                                    \
	"hello</path><pathType>DEFAULTSHELLCOMMAND</pathType><jobdefinitions>"     \
	"<jobDefinition><name>Hello</name><description>says hello</description>"   \
	"<canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName>" \
	"<highlander>false</highlander></jobDefinition></jobdefinitions></jar></jqm>"

#endif
