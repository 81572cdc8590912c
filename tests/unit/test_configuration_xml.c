/* SPDX-License-Identifier: Apache-2.0 */
/* codec/configuration_xml.h: JQM's files of queues, resources and clusters; what is written reads back the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/configuration_xml.h"
#include "model/configuration.h"
#include "model/memory.h"
#include "model/problem_list.h"

#define NODE(name)                                                                               \
	"<node><name>" name "</name><interface>0.0.0.0</interface><webPort>1789</webPort>"       \
	"<jmxRegistryPort>0</jmxRegistryPort><jmxServerPort>0</jmxServerPort><enabled>true"      \
	"</enabled><loadSimpleWebApi>1</loadSimpleWebApi><loadClientWebApi>0</loadClientWebApi>" \
	"<loadAdminWebApi>false</loadAdminWebApi><jobDefDirectory>./jobs</jobDefDirectory>"      \
	"<tmpDirectory></tmpDirectory><deliverableDirectory>./out</deliverableDirectory>"        \
	"<logLevel>WARNING</logLevel>"
#define MAPPING(node, threads)                                                            \
	"<mapping><nodeName>" node "</nodeName><maxThreads>" threads                      \
	"</maxThreads><pollingIntervalMs>1000</pollingIntervalMs><enabled>true</enabled>" \
	"</mapping>"
#define PARAMETER(key, value) "<parameter><key>" key "</key><value>" value "</value></parameter>"

struct reading {
	struct pool pool;
	struct configuration configuration;
	struct problem_list problems;
	struct err err;
};

static int
read_as(struct reading *r, const char *text, enum configuration_scope scope)
{
	memset(r, 0, sizeof(*r));
	pool_init(&r->pool);
	return configuration_xml_read(text, strlen(text), scope, &r->pool.memory, &r->configuration,
				      &r->problems, &r->err);
}

static void
reads(struct reading *r, const char *text, enum configuration_scope scope)
{
	if (read_as(r, text, scope) == -1)
		fail_msg("not read: %s", r->err.text);
}

static void
a_cluster_of_jqm_is_read_unmodified(void **state)
{
	struct reading r;
	const struct configuration *c = &r.configuration;

	(void)state;
	reads(
	    &r,
	    "<?xml version='1.0' encoding='UTF-8'?>\n<jqm xmlns:xsi="
	    "'http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation='prm.xsd'>"
	    "<defaultQueueName>\n DAY\n</defaultQueueName>\n"
	    "<nodes>" NODE(" alpha\n") "</node>" NODE(
		"beta") "<template>true</template></node>"
			"</nodes>\n<queues><queue><name>DAY</name><description> d </description>"
			"<mappings>" MAPPING("alpha", "8") MAPPING(
			    "beta",
			    "0") "</mappings></queue>"
				 "<queue><name>NIGHT</name><description></description><mappings></"
				 "mappings></queue>"
				 "</queues><globalParameters>" PARAMETER(
				     "k",
				     " v ") "</globalParameters>"
					    "<resources><resource><alias>mail/default</"
					    "alias><type>t</type><factory>f</factory>"
					    "<description>d</description><singleton>true</"
					    "singleton><parameters>" PARAMETER("host", "h")
						PARAMETER("none",
							  "") "</parameters></resource></resources>"
							      "</jqm>",
	    CONFIGURATION_ALL);
	assert_string_equal(c->default_queue, "DAY");
	assert_int_equal(c->nodes.len, 2);
	assert_string_equal(c->nodes.items[0].name, "alpha");
	assert_true(c->nodes.items[0].api_simple && !c->nodes.items[0].api_client);
	assert_false(c->nodes.items[0].template);
	assert_true(c->nodes.items[1].template);
	assert_string_equal(c->nodes.items[0].log_level, "WARNING");
	assert_int_equal(c->queues.len, 2);
	assert_string_equal(c->queues.items[0].description, " d ");
	assert_int_equal(c->queues.items[0].mappings.len, 2);
	assert_int_equal(c->queues.items[0].mappings.items[0].max_jobs.value, 8);
	assert_string_equal(c->parameters.items[0].value, " v ");
	assert_string_equal(c->resources.items[0].parameters.items[1].value, "");
	pool_free(&r.pool);
}

static void
a_file_of_queues_is_read_whatever_stands_around_it(void **state)
{
	static const char *const files[] = {
		"<jqm><queues>%</queues></jqm>",
		"<queues>%</queues>",
		"<anything version='1'><else><queues>%</queues></else></anything>",
		"<jqm><else>%</else></jqm>",
		"%",
	};
	struct reading r;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buf text = BUF_INIT(10000);
		size_t head = strcspn(files[i], "%");

		buf_append(&text, files[i], head);
		buf_puts(&text, "<queue><name>N</name><description>d</description><timeToLive>5"
				"</timeToLive><jobs><applicationName> A </applicationName>"
				"<applicationName>B</applicationName></jobs></queue>");
		buf_puts(&text, files[i] + head + 1);
		reads(&r, buf_text(&text), CONFIGURATION_QUEUES);
		assert_int_equal(r.configuration.queues.items[0].time_to_live.value, 5);
		assert_int_equal(r.configuration.queues.items[0].jobs.len, 2);
		assert_string_equal(r.configuration.queues.items[0].jobs.items[0], "A");
		assert_null(r.configuration.default_queue);
		pool_free(&r.pool);
		buf_free(&text);
	}
}

static void
a_local_resources_file_is_read_by_its_attributes(void **state)
{
	struct reading r;
	const struct configuration_resource *items;

	(void)state;
	reads(&r,
	      "<resources>\n<resource name='jdbc/jqm' type='T' factory='F' singleton='true'\n"
	      " url='jdbc:x?a=1&amp;b=2' auth='Container'/>\n"
	      "<resource name=' b\n' type='T' factory='F'/></resources>",
	      CONFIGURATION_RESOURCES);
	items = r.configuration.resources.items;
	assert_int_equal(r.configuration.resources.len, 2);
	assert_string_equal(items[0].alias, "jdbc/jqm");
	assert_string_equal(items[0].auth, "Container");
	assert_true(items[0].singleton);
	assert_int_equal(items[0].parameters.len, 1);
	assert_string_equal(items[0].parameters.items[0].value, "jdbc:x?a=1&b=2");
	assert_string_equal(items[1].alias, "b");
	/* JQM gives what one lacks the value of the one before. */
	assert_false(items[1].singleton);
	assert_null(items[1].auth);
	assert_int_equal(items[1].parameters.len, 0);
	pool_free(&r.pool);
	reads(&r, "<resource name='x' type='t' factory='f' a='b'/>", CONFIGURATION_RESOURCES);
	assert_int_equal(r.configuration.resources.len, 1);
	assert_string_equal(r.configuration.resources.items[0].parameters.items[0].key, "a");
	pool_free(&r.pool);
	reads(&r,
	      "<Context><Resources a='b'><resource name='x' type='t' "
	      "factory='f'/></Resources></Context>",
	      CONFIGURATION_RESOURCES);
	assert_string_equal(r.configuration.resources.items[0].alias, "x");
	pool_free(&r.pool);
}

static void
assert_problem(const struct reading *r, const char *says)
{
	for (size_t i = 0; i < r->problems.len; i++)
		if (strstr(r->problems.items[i], says) != NULL)
			return;
	fail_msg("no problem says \"%s\"; the first: %s", says, r->err.text);
}

#define FIFTY "a123456789a123456789a123456789a123456789a123456789"

/* clang-format off */
static const char all_wrong[] =
	"<jqm><nodes>\n"
	"<node><name>a</name><webPort>x</webPort><enabled>maybe</enabled></node>" NODE("c") "</node>\n"
	"<node a='b'>" "<interface>b</interface></node>\n"
	NODE("c") "</node></nodes><queues>\n"
	"\n"
	"<queue><name>Q</name></queue>\n"
	"<kueue/>\n"
	"<queue><name/><description/><timeToLive>r</timeToLive><mappings>" MAPPING("", "-1") "\n"
	MAPPING("n", "1") MAPPING("n", "1") "</mappings></queue></queues><globalParameters>\n"
	PARAMETER("", "v") "</globalParameters>\n"
	"<nodes/>\n"
	"<accounts/><resources>\n"
	"<resource name='r' type='' singleton='maybe'/>\n"
	"<resource name='r'><alias>a</alias></resource>\n"
	"<resource name='r' type='t' factory='f' auth='A'"
	" " FIFTY FIFTY FIFTY FIFTY FIFTY "a12345='v'/></resources></jqm>";
/* clang-format on */

static void
all_that_is_wrong_is_told_with_line_and_element(void **state)
{
	static const char *const said[] = {
		"line 2: node \"a\": \"webPort\" must be a number from 0 to 65535, not \"x\"",
		"line 2: node \"a\": \"enabled\" must be true, false, 1 or 0, not \"maybe\"",
		"line 2: node \"a\": \"interface\" is missing",
		"line 3: element \"node\" has an attribute \"a\"",
		"line 3: node: \"name\" is missing",
		"line 4: node \"c\" is described on line 2 already",
		"line 6: queue \"Q\": \"description\" is missing",
		"line 7: element \"kueue\" is unknown here, where \"queue\" may stand",
		"line 8: queue \"\": \"name\" is empty",
		"line 8: queue \"\": \"timeToLive\" must be a number from",
		"line 8: mapping: \"nodeName\" is empty",
		"line 8: mapping: \"maxThreads\" must be a number from 0 to 100000, not \"-1\"",
		"line 9: mapping to node \"n\" is described on line 9 already",
		"line 10: parameter: \"key\" is empty",
		"line 11: element \"nodes\" stands twice",
		"line 12: element \"accounts\" is unknown here",
		"line 13: resource: \"singleton\" must be true, false, 1 or 0, not \"maybe\"",
		"line 13: resource \"r\": \"type\" is empty",
		"line 13: resource \"r\": \"factory\" is missing",
		"line 14: a resource has attributes or elements, not both",
		"line 15: resource \"r\": \"key\" has 256 characters, at most 255 are allowed",
		"line 15: resource \"r\" is described on line 13 already",
	};
	/* of the nodes "a" and none, which have hardly anything */
	const size_t missing = 10 + 12;
	struct reading r;

	(void)state;
	assert_int_equal(read_as(&r, all_wrong, CONFIGURATION_ALL), -1);
	assert_int_equal(r.err.kind, ERR_INVALID);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		assert_problem(&r, said[i]);
	assert_int_equal(r.problems.count, sizeof(said) / sizeof(said[0]) + missing - 2);
	pool_free(&r.pool);
}

static void
what_is_no_such_file_is_refused(void **state)
{
	static const struct {
		enum configuration_scope scope;
		const char *text, *says;
	} cases[] = {
		{ CONFIGURATION_ALL, "", "the document is empty" },
		{ CONFIGURATION_ALL, "<jqm/>", "the file describes nothing" },
		{ CONFIGURATION_ALL, "<other/>", "the root is \"other\"" },
		{ CONFIGURATION_ALL, "<jqm xmlns='urn:x'><queues/></jqm>", "has a namespace" },
		{ CONFIGURATION_ALL, "<jqm><queues a='1'/></jqm>", "has an attribute \"a\"" },
		{ CONFIGURATION_ALL, "<jqm><jar/></jqm>", "element \"jar\" is unknown here" },
		{ CONFIGURATION_ALL, "<jqm>x<queues/></jqm>", "text between elements of \"jqm\"" },
		{ CONFIGURATION_ALL, "<!DOCTYPE jqm [<!ENTITY a 'b'>]><jqm><queues/></jqm>",
		  "DOCTYPE is not allowed" },
		{ CONFIGURATION_QUEUES, "<jqm><nodes/></jqm>",
		  "a file of queues has no \"nodes\"" },
		{ CONFIGURATION_QUEUES, "<resources/>", "a file of queues has no \"resources\"" },
		{ CONFIGURATION_QUEUES,
		  "<queues><queue><name>a</name><description/><mappings/></queue></queues>",
		  "import it as a configuration" },
		{ CONFIGURATION_QUEUES, "<other/>", "the root is \"other\"" },
		{ CONFIGURATION_QUEUES, "<a><queue><name>a</name><description/></queue><b/></a>",
		  "line 1: element \"b\" is unknown here, where \"queue\" may stand" },
		{ CONFIGURATION_QUEUES, "<a>x<queue><name>a</name><description/></queue></a>",
		  "text between elements of \"a\"" },
		{ CONFIGURATION_QUEUES, "<a xmlns='urn:x'><queue/></a>", "has a namespace" },
		{ CONFIGURATION_QUEUES, "<a><queue b='c'/></a>",
		  "\"queue\" has an attribute \"b\"" },
		{ CONFIGURATION_ALL, "<a><queues/></a>", "the root is \"a\"" },
		{ CONFIGURATION_RESOURCES, "<jqm><queues/></jqm>",
		  "a file of resources has no \"queues\"" },
	};
	struct reading r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (read_as(&r, cases[i].text, cases[i].scope) == 0)
			fail_msg("read: %s", cases[i].text);
		if (strstr(r.err.text, cases[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", r.err.text, cases[i].says);
		pool_free(&r.pool);
	}
}

static void
lists_are_bounded(void **state)
{
	struct buf text = BUF_INIT(4000000);
	struct reading r;

	(void)state;
	buf_puts(&text, "<jqm><globalParameters>");
	for (int i = 0; i < 10001; i++)
		buf_printf(&text, "<parameter><key>%d</key></parameter>", i);
	buf_puts(&text, "</globalParameters></jqm>");
	assert_int_equal(read_as(&r, buf_text(&text), CONFIGURATION_ALL), -1);
	assert_non_null(strstr(r.err.text, "more than 10000 \"parameter\""));
	pool_free(&r.pool);
	buf_free(&text);
}

#define PROLOG "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const char cluster[] = PROLOG "<jqm>\n"
				     "  <defaultQueueName>DAY</defaultQueueName>\n"
				     "  <nodes>\n"
				     "    <node>\n"
				     "      <name>alpha</name>\n"
				     "      <interface>localhost</interface>\n"
				     "      <webPort>1789</webPort>\n"
				     "      <jmxRegistryPort>0</jmxRegistryPort>\n"
				     "      <jmxServerPort>1</jmxServerPort>\n"
				     "      <enabled>false</enabled>\n"
				     "      <loadSimpleWebApi>true</loadSimpleWebApi>\n"
				     "      <loadClientWebApi>false</loadClientWebApi>\n"
				     "      <loadAdminWebApi>true</loadAdminWebApi>\n"
				     "      <jobDefDirectory>/j &amp; k</jobDefDirectory>\n"
				     "      <tmpDirectory></tmpDirectory>\n"
				     "      <deliverableDirectory>/d</deliverableDirectory>\n"
				     "      <logLevel>ERROR</logLevel>\n"
				     "      <template>true</template>\n"
				     "    </node>\n"
				     "  </nodes>\n"
				     "  <queues>\n"
				     "    <queue>\n"
				     "      <name>DAY</name>\n"
				     "      <description></description>\n"
				     "      <mappings>\n"
				     "        <mapping>\n"
				     "          <nodeName>alpha</nodeName>\n"
				     "          <maxThreads>0</maxThreads>\n"
				     "          <pollingIntervalMs>500</pollingIntervalMs>\n"
				     "          <enabled>false</enabled>\n"
				     "        </mapping>\n"
				     "      </mappings>\n"
				     "      <ageingSeconds>60</ageingSeconds>\n"
				     "    </queue>\n"
				     "  </queues>\n"
				     "  <globalParameters>\n"
				     "    <parameter>\n"
				     "      <key>k</key>\n"
				     "      <value></value>\n"
				     "    </parameter>\n"
				     "    <parameter>\n"
				     "      <key>password</key>\n"
				     "    </parameter>\n"
				     "  </globalParameters>\n"
				     "  <resources>\n"
				     "    <resource>\n"
				     "      <alias>a</alias>\n"
				     "      <type>t</type>\n"
				     "      <factory>f</factory>\n"
				     "      <singleton>false</singleton>\n"
				     "      <parameters>\n"
				     "      </parameters>\n"
				     "      <auth>APPLICATION</auth>\n"
				     "      <template>p</template>\n"
				     "    </resource>\n"
				     "  </resources>\n"
				     "</jqm>\n";

static const char queues[] = PROLOG "<jqm>\n"
				    "  <queues>\n"
				    "    <queue>\n"
				    "      <name>NIGHT</name>\n"
				    "      <description>d</description>\n"
				    "      <timeToLive>0</timeToLive>\n"
				    "      <jobs>\n"
				    "        <applicationName>A</applicationName>\n"
				    "      </jobs>\n"
				    "    </queue>\n"
				    "  </queues>\n"
				    "</jqm>\n";

static const char resources[] = PROLOG "<resources>\n"
				       "  <resource>\n"
				       "    <alias>a</alias>\n"
				       "    <type>t</type>\n"
				       "    <factory>f</factory>\n"
				       "    <description></description>\n"
				       "    <singleton>true</singleton>\n"
				       "    <parameters>\n"
				       "      <parameter>\n"
				       "        <key>k</key>\n"
				       "        <value>v</value>\n"
				       "      </parameter>\n"
				       "    </parameters>\n"
				       "  </resource>\n"
				       "</resources>\n";

static void
what_is_read_is_written_as_it_was(void **state)
{
	static const struct {
		const char *text;
		enum configuration_scope scope;
	} documents[] = {
		{ cluster, CONFIGURATION_ALL },
		{ queues, CONFIGURATION_QUEUES },
		{ resources, CONFIGURATION_RESOURCES },
	};
	struct reading r;

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct buf out = BUF_INIT(100000);

		reads(&r, documents[i].text, documents[i].scope);
		configuration_xml_write(&r.configuration, documents[i].scope, &out);
		assert_string_equal(buf_text(&out), documents[i].text);
		buf_free(&out);
		pool_free(&r.pool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cluster_of_jqm_is_read_unmodified),
		cmocka_unit_test(a_file_of_queues_is_read_whatever_stands_around_it),
		cmocka_unit_test(a_local_resources_file_is_read_by_its_attributes),
		cmocka_unit_test(all_that_is_wrong_is_told_with_line_and_element),
		cmocka_unit_test(what_is_no_such_file_is_refused),
		cmocka_unit_test(lists_are_bounded),
		cmocka_unit_test(what_is_read_is_written_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
