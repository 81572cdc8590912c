/* SPDX-License-Identifier: Apache-2.0 */
/* shared/codec/job_def_xml.c: descriptors as JQM's users have them, and each rule broken once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/job_def_xml.h"
#include "codec/xml_reader.h"
#include "model/job_def.h"
#include "model/memory.h"

static const char processes[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<jqm>\n"
    "  <jar>\n"
    "    <path>gzip -9 -c \"$SRC_DIR/ledger.csv\" &gt; "
    "\"$JQM_JI_DELIVERY_DIR/ledger.csv.gz\"</path>\n"
    "    <pathType>DEFAULTSHELLCOMMAND</pathType>\n"
    "    <jobdefinitions>\n"
    "      <jobDefinition>\n"
    "        <name>LedgerArchive</name>\n"
    "        <queue>NIGHT</queue>\n"
    "        <description>Compresses the ledger and publishes it</description>\n"
    "        <canBeRestarted>true</canBeRestarted>\n"
    "        <javaClassName>none</javaClassName>\n"
    "        <application>Accounting</application>\n"
    "        <module>Ledger</module>\n"
    "        <keyword1>nightly</keyword1>\n"
    "        <reasonableRuntimeLimitMinute>30</reasonableRuntimeLimitMinute>\n"
    "        <highlander>true</highlander>\n"
    "      </jobDefinition>\n"
    "    </jobdefinitions>\n"
    "  </jar>\n"
    "  <jar>\n"
    "    <path>/usr/bin/rsync</path>\n"
    "    <pathType>DIRECTEXECUTABLE</pathType>\n"
    "    <jobdefinitions>\n"
    "      <jobDefinition>\n"
    "        <name>MirrorReports</name>\n"
    "        <description></description>\n"
    "        <canBeRestarted>false</canBeRestarted>\n"
    "        <javaClassName>none</javaClassName>\n"
    "        <module></module>\n"
    "        <highlander>false</highlander>\n"
    "        <parameters>\n"
    "          <parameter><key>10</key><value>--archive</value></parameter>\n"
    "          <parameter><key>20</key><value>/srv/reports/</value></parameter>\n"
    "          <parameter><key>30</key><value>backup:/srv/reports/</value></parameter>\n"
    "        </parameters>\n"
    "      </jobDefinition>\n"
    "    </jobdefinitions>\n"
    "  </jar>\n"
    "</jqm>\n";

static const char java[] =
    "<jqm>\n"
    "  <jar>\n"
    "    <path>billing/billing.jar</path>\n"
    "    <filePath>billing/</filePath>\n"
    "    <jobdefinitions>\n"
    "      <jobDefinition>\n"
    "        <name>InvoiceRun</name>\n"
    "        <description>Monthly invoices</description>\n"
    "        <canBeRestarted>true</canBeRestarted>\n"
    "        <javaClassName>\n"
    "            org.example.billing.InvoiceMain\n"
    "        </javaClassName>\n"
    "        <maxTimeRunning>42</maxTimeRunning>\n"
    "        <module>Billing</module>\n"
    "        <other1>legacy tag</other1>\n"
    "        <highlander>false</highlander>\n"
    "        <executionContext>SharedBilling</executionContext>\n"
    "        <parameters>\n"
    "          <parameter><key>month</key><value>01</value></parameter>\n"
    "        </parameters>\n"
    "      </jobDefinition>\n"
    "    </jobdefinitions>\n"
    "  </jar>\n"
    "  <jar>\n"
    "    <path>org.example:billing-tools:2.4.1</path>\n"
    "    <pathType>MAVEN</pathType>\n"
    "    <jobdefinitions>\n"
    "      <jobDefinition>\n"
    "        <name>InvoiceCheck</name>\n"
    "        <description>Control of invoices</description>\n"
    "        <canBeRestarted>true</canBeRestarted>\n"
    "        <javaClassName>org.example.billing.Check</javaClassName>\n"
    "        <module>Billing</module>\n"
    "        <highlander>false</highlander>\n"
    "      </jobDefinition>\n"
    "    </jobdefinitions>\n"
    "  </jar>\n"
    "  <context>\n"
    "    <name>SharedBilling</name>\n"
    "    <childFirst>true</childFirst>\n"
    "    <hiddenJavaClasses>org\\.example\\.old\\..*</hiddenJavaClasses>\n"
    "    <persistent>true</persistent>\n"
    "    <runners>com.enioka.jqm.tools.MainRunner</runners>\n"
    "    <eventHandlers>\n"
    "      <handler>\n"
    "        <className>org.example.billing.Boot</className>\n"
    "        <event>JI_STARTING</event>\n"
    "        <parameters>\n"
    "          <parameter><key>profile</key><value>prod</value></parameter>\n"
    "        </parameters>\n"
    "      </handler>\n"
    "    </eventHandlers>\n"
    "  </context>\n"
    "</jqm>\n";

/* One definition, with something put where %s stands and a name of one's own. */
#define DEF_OPEN "<jobDefinition><name>D</name>"
#define DEF_REST                                                            \
	"<description>d</description><canBeRestarted>true</canBeRestarted>" \
	"<javaClassName>none</javaClassName><module>m</module><highlander>false</highlander>"
#define FILE_OF(definitions)                                                    \
	"<jqm><jar><path>true</path><pathType>DEFAULTSHELLCOMMAND</pathType>\n" \
	"<jobdefinitions>" definitions "</jobdefinitions></jar></jqm>"
#define DEF_WITH(more) FILE_OF(DEF_OPEN DEF_REST more "</jobDefinition>")
#define CONTEXT_WITH(more)                                              \
	"<jqm><jar><path>true</path><jobdefinitions>" DEF_OPEN DEF_REST \
	"</jobDefinition></jobdefinitions></jar><context>" more "</context></jqm>"

#define CHARS_10 "0123456789"
#define CHARS_50 CHARS_10 CHARS_10 CHARS_10 CHARS_10 CHARS_10
#define CHARS_100 CHARS_50 CHARS_50
#define CHARS_255 CHARS_100 CHARS_100 CHARS_50 "12345"
#define CHARS_1000                                                                                \
	CHARS_100 CHARS_100 CHARS_100 CHARS_100 CHARS_100 CHARS_100 CHARS_100 CHARS_100 CHARS_100 \
	    CHARS_100

static int
read_len(const char *text, size_t len, struct pool *pool, struct job_def_set *set, struct err *err)
{
	/* Exactly len bytes: what reads beyond is found by the sanitizer. */
	char *copy = malloc(len == 0 ? 1 : len);
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, len);
	rc = job_def_xml_read(copy, len, &pool->memory, set, err);
	free(copy);
	return rc;
}

static int
read_text(const char *text, struct pool *pool, struct job_def_set *set, struct err *err)
{
	return read_len(text, strlen(text), pool, set, err);
}

static void
accepts(const char *text, struct pool *pool, struct job_def_set *set)
{
	struct err err = ERR_INIT;

	pool_init(pool);
	if (read_text(text, pool, set, &err) == -1)
		fail_msg("refused: %s", err.text);
}

static void
refuses(const char *text, const char *says)
{
	struct job_def_set set;
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	assert_int_equal(read_text(text, &pool, &set, &err), -1);
	if (err.kind != ERR_INVALID || strstr(err.text, says) == NULL)
		fail_msg("says (%s) \"%s\", not \"%s\"", err_kind_name(err.kind), err.text, says);
	pool_free(&pool);
}

static void
descriptor_of_processes_is_read(void **state)
{
	struct job_def_set set;
	struct pool pool;

	(void)state;
	accepts(processes, &pool, &set);
	assert_int_equal(set.defs_len, 2);
	assert_int_equal(set.contexts_len, 0);
	assert_string_equal(set.defs[0].name, "LedgerArchive");
	assert_string_equal(
	    set.defs[0].path,
	    "gzip -9 -c \"$SRC_DIR/ledger.csv\" > \"$JQM_JI_DELIVERY_DIR/ledger.csv.gz\"");
	assert_string_equal(set.defs[0].path_type, "DEFAULTSHELLCOMMAND");
	assert_string_equal(set.defs[0].queue_name, "NIGHT");
	assert_string_equal(set.defs[0].application, "Accounting");
	assert_string_equal(set.defs[0].module, "Ledger");
	assert_string_equal(set.defs[0].keyword1, "nightly");
	assert_null(set.defs[0].keyword2);
	assert_true(set.defs[0].highlander);
	assert_true(set.defs[0].can_be_restarted);
	assert_true(set.defs[0].alert_after_min.set);
	assert_int_equal(set.defs[0].alert_after_min.value, 30);
	assert_int_equal(set.defs[0].line, 7);

	assert_string_equal(set.defs[1].path_type, "DIRECTEXECUTABLE");
	assert_string_equal(set.defs[1].description, "");
	assert_string_equal(set.defs[1].module, "");
	assert_null(set.defs[1].queue_name);
	assert_null(set.defs[1].application);
	assert_false(set.defs[1].highlander);
	assert_false(set.defs[1].can_be_restarted);
	assert_false(set.defs[1].alert_after_min.set);
	assert_int_equal(set.defs[1].parameters.len, 3);
	assert_string_equal(text_map_get(&set.defs[1].parameters, "30"), "backup:/srv/reports/");
	pool_free(&pool);
}

static void
descriptor_made_for_java_is_read_unmodified(void **state)
{
	struct job_def_set set;
	struct pool pool;

	(void)state;
	accepts(java, &pool, &set);
	assert_int_equal(set.defs_len, 2);
	assert_string_equal(set.defs[0].path_type, "FS");
	assert_string_equal(set.defs[0].class_name, "org.example.billing.InvoiceMain");
	assert_string_equal(set.defs[0].execution_context, "SharedBilling");
	assert_null(set.defs[0].keyword1);
	assert_string_equal(set.defs[1].path_type, "MAVEN");
	assert_string_equal(set.defs[1].path, "org.example:billing-tools:2.4.1");
	assert_int_equal(set.contexts_len, 1);
	assert_string_equal(set.contexts[0].name, "SharedBilling");
	assert_true(set.contexts[0].child_first);
	assert_false(set.contexts[0].tracing);
	assert_true(set.contexts[0].persistent);
	assert_string_equal(set.contexts[0].hidden_classes, "org\\.example\\.old\\..*");
	assert_null(set.contexts[0].extra_classpath_dirs);
	assert_int_equal(set.contexts[0].handlers_len, 1);
	assert_string_equal(set.contexts[0].handlers[0].class_name, "org.example.billing.Boot");
	assert_string_equal(text_map_get(&set.contexts[0].handlers[0].parameters, "profile"),
			    "prod");
	pool_free(&pool);
}

static void
context_defaults_and_new_elements_of_3_5_are_read(void **state)
{
	struct job_def_set set;
	struct pool pool;

	(void)state;
	accepts(CONTEXT_WITH("<name> C </name>"), &pool, &set);
	assert_string_equal(set.contexts[0].name, "C");
	assert_true(set.contexts[0].persistent);
	assert_null(set.contexts[0].allowed_runners);
	assert_int_equal(set.contexts[0].handlers_len, 0);
	pool_free(&pool);
	accepts(CONTEXT_WITH("<name>C</name><persistent>0</persistent>"
			     "<extraClasspathDirs> /srv/conf,/srv/i18n </extraClasspathDirs>"
			     "<excludedClassPrefixes>com.vendor</excludedClassPrefixes>"
			     "<eventHandlers></eventHandlers>"),
		&pool, &set);
	assert_false(set.contexts[0].persistent);
	assert_string_equal(set.contexts[0].extra_classpath_dirs, "/srv/conf,/srv/i18n");
	assert_string_equal(set.contexts[0].excluded_class_prefixes, "com.vendor");
	pool_free(&pool);
}

static void
booleans_mean_what_they_say(void **state)
{
	static const struct {
		const char *text;
		int means; /* -1: refused */
	} cases[] = {
		{ "true", 1 }, { "1", 1 },     { "\n true \t", 1 }, { "false", 0 }, { "0", 0 },
		{ "", -1 },    { "TRUE", -1 }, { "yes", -1 },       { "01", -1 },   { "2", -1 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_def_set set;
		struct pool pool;
		struct err err = ERR_INIT;
		char text[1000];
		int rc;

		(void)snprintf(text, sizeof(text),
			       FILE_OF("<jobDefinition><name>D</name><description/>"
				       "<canBeRestarted>1</canBeRestarted><javaClassName/>"
				       "<module/><highlander>%s</highlander></jobDefinition>"),
			       cases[i].text);
		print_message("case: \"%s\"\n", cases[i].text);
		pool_init(&pool);
		rc = read_text(text, &pool, &set, &err);
		assert_int_equal(rc, cases[i].means == -1 ? -1 : 0);
		if (rc == 0) {
			assert_int_equal(set.defs[0].highlander, cases[i].means);
			assert_true(set.defs[0].can_be_restarted);
			assert_string_equal(set.defs[0].class_name, "");
		} else {
			assert_non_null(strstr(err.text, "\"highlander\" must be true, false"));
		}
		pool_free(&pool);
	}
}

static void
texts_at_their_size_are_kept_whole(void **state)
{
	struct job_def_set set;
	struct pool pool;

	(void)state;
	/* 50 characters of two bytes each are 50, not 100. */
	accepts(DEF_WITH("<keyword1>\xc3\xa9\xc3\xa9" CHARS_10 CHARS_10 CHARS_10 CHARS_10 "01234567"
			 "</keyword1><keyword2> a &amp; b\n</keyword2><keyword3></keyword3>"
			 "<parameters><parameter><key>k</key><value>" CHARS_1000
			 "</value></parameter><parameter><key> k</key><value>"
			 "<![CDATA[<x> & ]]>y<!-- c -->z</value></parameter></parameters>"),
		&pool, &set);
	assert_int_equal(strlen(set.defs[0].keyword1), 52);
	assert_string_equal(set.defs[0].keyword2, " a & b\n");
	assert_string_equal(set.defs[0].keyword3, "");
	assert_int_equal(strlen(text_map_get(&set.defs[0].parameters, "k")), 1000);
	assert_string_equal(text_map_get(&set.defs[0].parameters, " k"), "<x> & yz");
	pool_free(&pool);
}

static void
each_broken_rule_is_refused_by_line_and_name(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "<jqm></jqm>", "line 1: file: \"jar\" is missing" },
		{ "<jobs/>", "line 1: the root is \"jobs\", not \"jqm\"" },
		{ "<jqm><context><name>C</name></context></jqm>", "\"jar\" is missing" },
		{ "<jqm>\n<jar><path>x</path></jar></jqm>",
		  "line 2: jar: \"jobdefinitions\" is missing" },
		{ FILE_OF(""), "line 2: jar: \"jobDefinition\" is missing" },
		{ FILE_OF("stray<jobDefinition/>"), "text between elements of \"jobdefinitions\"" },
		{ FILE_OF("<jobdefinition/>"),
		  "line 2: jar: element \"jobdefinition\" is unknown" },
		{ "<jqm><jar><path> </path><jobdefinitions>" DEF_OPEN DEF_REST
		  "</jobDefinition></jobdefinitions></jar></jqm>",
		  "\"path\" is empty" },
		{ "<jqm><jar><path>x</path><pathType>SHELL</pathType><jobdefinitions>" DEF_OPEN
		      DEF_REST "</jobDefinition></jobdefinitions></jar></jqm>",
		  "line 1: jar: \"pathType\" must be one of: FS MAVEN MEMORY DEFAULTSHELLCOMMAND" },
		{ FILE_OF("<jobDefinition>" DEF_REST "</jobDefinition>"),
		  "line 2: definition: \"name\" is missing" },
		{ FILE_OF("<jobDefinition><name> \n </name>" DEF_REST "</jobDefinition>"),
		  "\"name\" is empty" },
		{ FILE_OF("<jobDefinition><name>" CHARS_255 "x</name>" DEF_REST "</jobDefinition>"),
		  "\"name\" has 256 characters, at most 255 are allowed" },
		{ FILE_OF(DEF_OPEN "</jobDefinition>"), "\"description\" is missing" },
		{ DEF_WITH("<highlander>true</highlander>"), "\"highlander\" stands twice" },
		{ DEF_WITH("<queue></queue>"), "definition \"D\": \"queue\" is empty" },
		{ DEF_WITH("\n\n<queue>" CHARS_255 "x</queue>"),
		  "line 4: definition \"D\": \"queue\" has 256 characters" },
		{ DEF_WITH("<application>" CHARS_50 "x</application>"), "\"application\" has 51" },
		{ DEF_WITH("<keyword1>" CHARS_50 "x</keyword1>"), "\"keyword1\" has 51" },
		{ DEF_WITH("<keyword2><b>x</b></keyword2>"), "\"keyword2\" may not contain \"b\"" },
		{ DEF_WITH("<hiddenJavaClasses>x</hiddenJavaClasses>"),
		  "definition \"D\": element \"hiddenJavaClasses\" is unknown here" },
		{ DEF_WITH("<specificIsolationContext>x</specificIsolationContext>"),
		  "element \"specificIsolationContext\" is unknown here" },
		{ DEF_WITH("<reasonableRuntimeLimitMinute>-1</reasonableRuntimeLimitMinute>"),
		  "\"reasonableRuntimeLimitMinute\" must be a number from 0 to 2147483647, not" },
		{ DEF_WITH(
		      "<reasonableRuntimeLimitMinute>2147483648</reasonableRuntimeLimitMinute>"),
		  "must be a number" },
		{ DEF_WITH("<parameters><key>k</key></parameters>"), "element \"key\" is unknown" },
		{ DEF_WITH("<parameters><parameter><key>k</key></parameter></parameters>"),
		  "line 2: definition \"D\": parameter: \"value\" is missing" },
		{ DEF_WITH(
		      "<parameters><parameter><key/><value>v</value></parameter></parameters>"),
		  "parameter key \"\" has 0 characters" },
		{ DEF_WITH("<parameters><parameter><key>" CHARS_50
			   "x</key><value>v</value></parameter></parameters>"),
		  "has 51 characters, 1 to 50 are allowed" },
		{ DEF_WITH("<parameters><parameter><key>k</key><value/></parameter></parameters>"),
		  "the value of parameter \"k\" has 0 characters" },
		{ DEF_WITH("<parameters><parameter><key>k</key><value>" CHARS_1000
			   "x</value></parameter></parameters>"),
		  "the value of parameter \"k\" has 1001 characters, 1 to 1000 are allowed" },
		{ DEF_WITH("<parameters><parameter><key>k</key><value>1</value></parameter>"
			   "<parameter><key>k</key><value>2</value></parameter></parameters>"),
		  "parameter \"k\" stands twice" },
		{ DEF_WITH("<parameterTypes><parameterType><type>TEXT</type></parameterType>"
			   "</parameterTypes>"),
		  "line 2: definition \"D\": parameterType: \"key\" is missing" },
		{ DEF_WITH("<parameterTypes><parameterType><key>k</key><required>maybe</required>"
			   "</parameterType></parameterTypes>"),
		  "\"required\" must be true, false, 1 or 0, not \"maybe\"" },
		{ DEF_WITH("<parameterTypes><parameterType><key>k</key><choice><b/></choice>"
			   "</parameterType></parameterTypes>"),
		  "line 2: definition \"D\": parameterType: \"choice\" may contain text only" },
		{ DEF_WITH("<parameterTypes><parameterType><key>k</key><type>WORD</type>"
			   "</parameterType></parameterTypes>"),
		  "parameterType: \"type\" must be one of: TEXT INTEGER NUMBER BOOLEAN DATE "
		  "CHOICE" },
		{ DEF_WITH("<parameterTypes><parameterType><key>k</key><choice/></parameterType>"
			   "</parameterTypes>"),
		  "line 2: definition \"D\": parameterType: \"choice\" is empty" },
		{ DEF_WITH("<parameterTypes><parameter/></parameterTypes>"),
		  "element \"parameter\" is unknown" },
		{ FILE_OF(DEF_OPEN DEF_REST "</jobDefinition>\n" DEF_OPEN DEF_REST
					    "</jobDefinition>"),
		  "line 3: definition \"D\" is described on line 2 already" },
		{ CONTEXT_WITH(""), "context: \"name\" is missing" },
		{ CONTEXT_WITH("<name>C</name><x/>"), "context \"C\": element \"x\" is unknown" },
		{ CONTEXT_WITH("<name>C</name></context><context><name>C</name>"),
		  "context \"C\" is described on line 1 already" },
		{ CONTEXT_WITH("<name>C</name><runners>" CHARS_1000 CHARS_100 "</runners>"),
		  "\"runners\" has 1100 characters, at most 1024" },
		{ CONTEXT_WITH("<name>C</name><eventHandlers><handler><className>c</className>"
			       "<event>JI_ENDING</event></handler></eventHandlers>"),
		  "line 1: context \"C\": handler: the only event is JI_STARTING, not "
		  "\"JI_ENDING\"" },
		{ "<jqm xmlns='urn:x'><jar/></jqm>", "element \"jqm\" has a namespace" },
		{ FILE_OF("<jobDefinition id='3'/>"),
		  "line 2: element \"jobDefinition\" has an attribute \"id\"" },
		{ "<a:jqm/>", "not XML" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: %s\n", cases[i].says);
		refuses(cases[i].text, cases[i].says);
	}
}

static void
schema_hint_on_the_root_is_no_attribute(void **state)
{
	struct job_def_set set;
	struct pool pool;

	(void)state;
	accepts(
	    "<jqm xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
	    "xsi:noNamespaceSchemaLocation='res.xsd'><jar><path>x</path><jobdefinitions>" DEF_OPEN
		DEF_REST "</jobDefinition></jobdefinitions></jar></jqm>",
	    &pool, &set);
	assert_int_equal(set.defs_len, 1);
	pool_free(&pool);
}

static void
too_many_parameters_are_refused(void **state)
{
	struct buf buf = BUF_INIT(1024 * 1024);

	(void)state;
	buf_puts(&buf, "<jqm><jar><path>x</path><jobdefinitions>" DEF_OPEN DEF_REST "<parameters>");
	for (int i = 0; i <= PARAMETERS_MAX; i++)
		buf_printf(&buf, "<parameter><key>%d</key><value>v</value></parameter>", i);
	buf_puts(&buf, "</parameters></jobDefinition></jobdefinitions></jar></jqm>");
	refuses(buf_text(&buf), "there are 1001 parameters");
	buf_free(&buf);
}

static void
a_descriptor_cut_anywhere_is_refused(void **state)
{
	static const char *const files[] = { processes, java };
	(void)state;

	for (size_t f = 0; f < 2; f++) {
		size_t end = strlen(files[f]) - 1; /* the last line feed may go */

		for (size_t len = 0; len < end; len += 7) {
			struct job_def_set set;
			struct err err = ERR_INIT;
			struct pool pool;

			pool_init(&pool);
			if (read_len(files[f], len, &pool, &set, &err) == 0)
				fail_msg("file %zu cut at %zu was accepted", f, len);
			assert_int_equal(err.kind, ERR_INVALID);
			assert_true(err.text[0] != '\0');
			pool_free(&pool);
		}
	}
}

static void
definitions_built_by_hand_are_checked_alike(void **state)
{
	struct job_def def = job_def_defaults;
	struct err err = ERR_INIT;

	(void)state;
	def.name = "D";
	def.description = "";
	def.path = "true";
	def.path_type = "DEFAULTSHELLCOMMAND";
	def.class_name = "none";
	assert_int_equal(job_def_check(&def, &err), 0);
	def.path = NULL;
	assert_int_equal(job_def_check(&def, &err), -1);
	assert_string_equal(err.text, "definition \"D\": \"path\" is missing");
	def.path = "true";
	def.alert_after_min.set = true;
	def.alert_after_min.value = -1;
	assert_int_equal(job_def_check(&def, &err), -1);
	assert_non_null(strstr(err.text, "reasonableRuntimeLimitMinute"));
}

/* As much as the route takes; the limit on elements must not be the narrower one. */
static void
the_export_of_a_whole_cluster_is_read(void **state)
{
	struct buf text = BUF_INIT(XML_BYTES_MAX);
	struct job_def_set set = { NULL, 0, NULL, 0 };
	struct err err = ERR_INIT;
	struct pool pool;
	size_t n = 0;

	(void)state;
	pool_init(&pool);
	buf_puts(&text, "<jqm>");
	for (; text.len < XML_BYTES_MAX - 1000; n++)
		buf_printf(&text,
			   "<jar><path>true</path><pathType>DEFAULTSHELLCOMMAND</pathType>"
			   "<jobdefinitions><jobDefinition><name>N%zu</name><description>d"
			   "</description><canBeRestarted>true</canBeRestarted><javaClassName>none"
			   "</javaClassName><module>m</module><highlander>false</highlander>"
			   "</jobDefinition></jobdefinitions></jar>",
			   n);
	buf_puts(&text, "</jqm>");
	assert_int_equal(read_text(buf_text(&text), &pool, &set, &err), 0);
	assert_int_equal(set.defs_len, n);
	pool_free(&pool);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_export_of_a_whole_cluster_is_read),
		cmocka_unit_test(descriptor_of_processes_is_read),
		cmocka_unit_test(descriptor_made_for_java_is_read_unmodified),
		cmocka_unit_test(context_defaults_and_new_elements_of_3_5_are_read),
		cmocka_unit_test(booleans_mean_what_they_say),
		cmocka_unit_test(texts_at_their_size_are_kept_whole),
		cmocka_unit_test(each_broken_rule_is_refused_by_line_and_name),
		cmocka_unit_test(schema_hint_on_the_root_is_no_attribute),
		cmocka_unit_test(too_many_parameters_are_refused),
		cmocka_unit_test(a_descriptor_cut_anywhere_is_refused),
		cmocka_unit_test(definitions_built_by_hand_are_checked_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
