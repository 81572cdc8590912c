/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/job_def_xml.h"
#include "model/job_def.h"
#include "model/memory.h"

/* What JQM itself would write. */
static const char plain[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<jqm>\n"
    "  <jar>\n"
    "    <path>billing/billing.jar</path>\n"
    "    <pathType>FS</pathType>\n"
    "    <jobdefinitions>\n"
    "      <jobDefinition>\n"
    "        <name>NightlyBilling</name>\n"
    "        <queue>SLOW</queue>\n"
    "        <description>a &lt; b &amp; c</description>\n"
    "        <canBeRestarted>true</canBeRestarted>\n"
    "        <javaClassName>org.example.Billing</javaClassName>\n"
    "        <module></module>\n"
    "        <keyword1>\xc3\xa4</keyword1>\n"
    "        <reasonableRuntimeLimitMinute>5</reasonableRuntimeLimitMinute>\n"
    "        <highlander>true</highlander>\n"
    "        <executionContext>Shared</executionContext>\n"
    "        <parameters>\n"
    "          <parameter>\n"
    "            <key>mode</key>\n"
    "            <value> full </value>\n"
    "          </parameter>\n"
    "        </parameters>\n"
    "      </jobDefinition>\n"
    "      <jobDefinition>\n"
    "        <name>Other</name>\n"
    "        <description></description>\n"
    "        <canBeRestarted>false</canBeRestarted>\n"
    "        <javaClassName>none</javaClassName>\n"
    "        <module>m</module>\n"
    "        <highlander>false</highlander>\n"
    "      </jobDefinition>\n"
    "    </jobdefinitions>\n"
    "  </jar>\n"
    "  <context>\n"
    "    <name>Shared</name>\n"
    "    <childFirst>true</childFirst>\n"
    "    <tracingEnabled>false</tracingEnabled>\n"
    "    <persistent>false</persistent>\n"
    "    <eventHandlers>\n"
    "      <handler>\n"
    "        <className>org.example.H</className>\n"
    "        <event>JI_STARTING</event>\n"
    "      </handler>\n"
    "    </eventHandlers>\n"
    "  </context>\n"
    "</jqm>\n";

/* All that is ours. */
static const char ours[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			   "<jqm>\n"
			   "  <jar>\n"
			   "    <path>echo \"$0\" &gt; x</path>\n"
			   "    <pathType>DEFAULTSHELLCOMMAND</pathType>\n"
			   "    <jobdefinitions>\n"
			   "      <jobDefinition>\n"
			   "        <name>All</name>\n"
			   "        <description></description>\n"
			   "        <canBeRestarted>true</canBeRestarted>\n"
			   "        <javaClassName>none</javaClassName>\n"
			   "        <keyword2></keyword2>\n"
			   "        <highlander>false</highlander>\n"
			   "        <enabled>false</enabled>\n"
			   "        <priority>7</priority>\n"
			   "        <limits>\n"
			   "          <runMaxSeconds>60</runMaxSeconds>\n"
			   "          <graceMs>0</graceMs>\n"
			   "          <logMaxBytes>65536</logMaxBytes>\n"
			   "          <filesMaxBytes>0</filesMaxBytes>\n"
			   "          <filesMaxCount>3</filesMaxCount>\n"
			   "          <memoryMaxBytes>1048576</memoryMaxBytes>\n"
			   "          <cpuMaxSeconds>9</cpuMaxSeconds>\n"
			   "          <processesMax>8</processesMax>\n"
			   "          <umask>027</umask>\n"
			   "          <workingDirectory>/tmp</workingDirectory>\n"
			   "        </limits>\n"
			   "        <retry>\n"
			   "          <attemptsMax>3</attemptsMax>\n"
			   "          <backoff>EXPONENTIAL</backoff>\n"
			   "          <delaySeconds>1</delaySeconds>\n"
			   "          <delayMaxSeconds>2</delayMaxSeconds>\n"
			   "          <exitCodes>75,76</exitCodes>\n"
			   "        </retry>\n"
			   "        <onNodeLoss>REQUEUE</onNodeLoss>\n"
			   "        <nodeLossesMax>1</nodeLossesMax>\n"
			   "        <concurrencyKey>db</concurrencyKey>\n"
			   "        <runAs>batch</runAs>\n"
			   "        <external>true</external>\n"
			   "        <javaOptions>-Xmx1g -Da=b</javaOptions>\n"
			   "      </jobDefinition>\n"
			   "    </jobdefinitions>\n"
			   "  </jar>\n"
			   "</jqm>\n";

static void
what_is_read_is_written_as_it_was(void **state)
{
	static const char *const documents[] = { plain, ours };
	struct pool pool;
	(void)state;

	pool_init(&pool);
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct buf out = BUF_INIT(100000);
		struct job_def_set set;
		struct err err = ERR_INIT;

		if (job_def_xml_read(documents[i], strlen(documents[i]), &pool.memory, &set,
				     &err) == -1)
			fail_msg("%s", err.text);
		job_def_xml_write(&set, &out);
		assert_string_equal(buf_text(&out), documents[i]);
		buf_free(&out);
	}
	pool_free(&pool);
}

static void
characters_xml_cannot_hold_break_no_document(void **state)
{
	struct job_def def = job_def_defaults;
	struct job_def_set set = { .defs = &def, .defs_len = 1 }, back;
	struct buf out = BUF_INIT(100000);
	struct err err = ERR_INIT;
	struct pool pool;
	(void)state;

	pool_init(&pool);
	def.name = "a";
	def.description = "]]> \x01 \xc3( \r\n";
	def.path = "x";
	def.path_type = "FS";
	def.class_name = "none";
	job_def_xml_write(&set, &out);
	if (job_def_xml_read(buf_text(&out), out.len, &pool.memory, &back, &err) == -1)
		fail_msg("%s", err.text);
	assert_string_equal(back.defs[0].description, "]]> \xef\xbf\xbd \xef\xbf\xbd( \r\n");
	buf_free(&out);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written_as_it_was),
		cmocka_unit_test(characters_xml_cannot_hold_break_no_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
