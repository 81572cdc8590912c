/* SPDX-License-Identifier: Apache-2.0 */
/* shared/codec/job_def_xml.c, shared/model/job_def.c: the elements of ours in a descriptor; every wrong value
 * of every one of them is refused by line and name. */
#include <inttypes.h>
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
#include "model/job_def.h"
#include "model/memory.h"

#define TEXT_MAX 20000

/* A file whose definition D has more on its line 4. */
static void
file_with(struct buf *out, const char *more)
{
	buf_printf(out,
		   "<jqm><jar><path>true</path><pathType>DEFAULTSHELLCOMMAND</pathType>\n"
		   "<jobdefinitions>\n<jobDefinition><name>D</name><description>d</description>"
		   "<canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName>"
		   "<module>m</module><highlander>false</highlander>\n%s</jobDefinition>"
		   "</jobdefinitions></jar></jqm>",
		   more);
}

static int
read_with(const char *more, struct pool *pool, struct job_def *def, struct err *err)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct job_def_set set;
	int rc;

	file_with(&text, more);
	rc = job_def_xml_read(buf_text(&text), text.len, &pool->memory, &set, err);
	if (rc == 0)
		*def = set.defs[0];
	buf_free(&text);
	return rc;
}

static struct job_def
accepted(const char *more, struct pool *pool)
{
	struct job_def def = job_def_defaults;
	struct err err = ERR_INIT;

	if (read_with(more, pool, &def, &err) == -1)
		fail_msg("%s: %s", more, err.text);
	return def;
}

static void
refused(const char *more, const char *says)
{
	struct job_def def;
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	print_message("%.200s\n", more);
	assert_int_equal(read_with(more, &pool, &def, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	if (strstr(err.text, says) == NULL || strstr(err.text, "line 4") == NULL ||
	    strstr(err.text, "definition \"D\"") == NULL)
		fail_msg("says \"%s\", not \"%s\"", err.text, says);
	pool_free(&pool);
}

static void
every_element_of_ours_is_read(void **state)
{
	struct job_def def;
	struct pool pool;

	(void)state;
	pool_init(&pool);
	def = accepted("<enabled>false</enabled><priority>7</priority><limits>"
		       "<runMaxSeconds>3600</runMaxSeconds><graceMs>500</graceMs>"
		       "<logMaxBytes>64k</logMaxBytes><filesMaxBytes>2G</filesMaxBytes>"
		       "<filesMaxCount>10</filesMaxCount><memoryMaxBytes>512M</memoryMaxBytes>"
		       "<cpuMaxSeconds>60</cpuMaxSeconds><processesMax>20</processesMax>"
		       "<umask> 027 </umask><workingDirectory> /srv/x </workingDirectory></limits>"
		       "<retry><attemptsMax>3</attemptsMax><backoff> EXPONENTIAL </backoff>"
		       "<delaySeconds>10</delaySeconds><delayMaxSeconds>600</delayMaxSeconds>"
		       "<exitCodes> 1, 2,75 </exitCodes></retry><onNodeLoss>REQUEUE</onNodeLoss>"
		       "<nodeLossesMax>1</nodeLossesMax><concurrencyKey> db </concurrencyKey>"
		       "<runAs> batch </runAs>",
		       &pool);
	assert_true(def.enabled.set && !def.enabled.value);
	assert_int_equal(def.priority.value, 7);
	assert_int_equal(def.limits.run_max_s.value, 3600);
	assert_int_equal(def.limits.grace_ms.value, 500);
	assert_int_equal(def.limits.log_max_bytes.value, 65536);
	assert_int_equal(def.limits.files_max_bytes.value, INT64_C(2) << 30);
	assert_int_equal(def.limits.files_max_count.value, 10);
	assert_int_equal(def.limits.memory_max_bytes.value, 512 << 20);
	assert_int_equal(def.limits.cpu_max_s.value, 60);
	assert_int_equal(def.limits.processes_max.value, 20);
	assert_int_equal(def.limits.umask.value, 027);
	assert_string_equal(def.limits.working_directory, "/srv/x");
	assert_int_equal(def.retry.attempts_max.value, 3);
	assert_string_equal(def.retry.backoff, "EXPONENTIAL");
	assert_int_equal(def.retry.delay_s.value, 10);
	assert_int_equal(def.retry.delay_max_s.value, 600);
	assert_int_equal(def.retry.exit_codes_len, 3);
	assert_int_equal(def.retry.exit_codes[0], 1);
	assert_int_equal(def.retry.exit_codes[1], 2);
	assert_int_equal(def.retry.exit_codes[2], 75);
	assert_string_equal(def.on_node_loss, "REQUEUE");
	assert_int_equal(def.node_losses_max.value, 1);
	assert_string_equal(def.concurrency_key, "db");
	assert_string_equal(def.run_as, "batch");
	pool_free(&pool);
}

static void
what_a_file_does_not_say_is_the_default(void **state)
{
	static const char *const files[] = { "", "<limits/><retry></retry>" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct job_def def;
		struct pool pool;

		pool_init(&pool);
		def = accepted(files[i], &pool);
		assert_false(def.enabled.set);
		assert_false(def.priority.set);
		assert_false(def.limits.run_max_s.set);
		assert_false(def.limits.umask.set);
		assert_null(def.limits.working_directory);
		assert_int_equal(def.retry.attempts_max.value, 1);
		assert_string_equal(def.retry.backoff, "FIXED");
		assert_int_equal(def.retry.delay_s.value, 60);
		assert_int_equal(def.retry.exit_codes_len, 0);
		assert_string_equal(def.on_node_loss, "CRASH");
		assert_int_equal(def.node_losses_max.value, 2);
		assert_null(def.concurrency_key);
		pool_free(&pool);
	}
}

enum kind { NUMBER, SIZE, OCTAL };
static const struct {
	const char *in, *element; /* in "": the definition itself */
	int64_t min, max;
	enum kind kind;
} numbers[] = {
	{ "", "priority", 0, 10, NUMBER },
	{ "", "nodeLossesMax", 0, 10, NUMBER },
	{ "", "reasonableRuntimeLimitMinute", 0, INT32_MAX, NUMBER },
	{ "limits", "runMaxSeconds", 1, 31536000, NUMBER },
	{ "limits", "graceMs", 0, 3600000, NUMBER },
	{ "limits", "logMaxBytes", 65536, INT64_C(1) << 50, SIZE },
	{ "limits", "filesMaxBytes", 0, INT64_C(1) << 50, SIZE },
	{ "limits", "filesMaxCount", 0, 1000000, NUMBER },
	{ "limits", "memoryMaxBytes", 1 << 20, INT64_C(1) << 50, SIZE },
	{ "limits", "cpuMaxSeconds", 1, 31536000, NUMBER },
	{ "limits", "processesMax", 1, 100000, NUMBER },
	{ "limits", "umask", 0, 0777, OCTAL },
	{ "retry", "attemptsMax", 1, 100, NUMBER },
	{ "retry", "delaySeconds", 0, 604800, NUMBER },
	{ "retry", "delayMaxSeconds", 0, 604800, NUMBER },
};

/* <in><element>value</element></in> */
static const char *
element_text(const char *in, const char *element, const char *value)
{
	static char text[TEXT_MAX];
	bool top = in[0] == '\0';

	(void)snprintf(text, sizeof(text), "%s%s%s<%s>%s</%s>%s%s%s", top ? "" : "<", in,
		       top ? "" : ">", element, value, element, top ? "" : "</", in,
		       top ? "" : ">");
	return text;
}

static const char *
number_text(enum kind kind, int64_t value)
{
	static char text[40];

	if (kind == OCTAL && value >= 0)
		(void)snprintf(text, sizeof(text), "%" PRIo64, (uint64_t)value);
	else
		(void)snprintf(text, sizeof(text), "%" PRId64, value);
	return text;
}

static void
numbers_at_their_bounds_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct pool pool;

		pool_init(&pool);
		(void)accepted(element_text(numbers[i].in, numbers[i].element,
					    number_text(numbers[i].kind, numbers[i].min)),
			       &pool);
		(void)accepted(element_text(numbers[i].in, numbers[i].element,
					    number_text(numbers[i].kind, numbers[i].max)),
			       &pool);
		pool_free(&pool);
	}
}

static void
wrong_numbers_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",         " ",    "x",    "-1",   "+1",
		"1.5",      "1,5",  "1 2",  "0x10", "1e3",
		"٣",        "null", "true", "1s",   "99999999999999999999",
		"<b>1</b>",
	};
	static const char *const wrong_as_number[] = { "64k", "1M", "2G" };
	static const char *const wrong_as_size[] = { "k",  "64K",  "64kb",        "64 k", "64m",
						     "1T", "1.5G", "9999999999G", "-1k" };
	static const char *const wrong_as_octal[] = { "8",    "9",    "0o27",
						      "0778", "1000", "00000000027" };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *in = numbers[i].in, *element = numbers[i].element;
		char says[100];

		(void)snprintf(says, sizeof(says), "\"%s\" m",
			       element); /* must be, may not contain */
		for (size_t w = 0; w < sizeof(wrong) / sizeof(wrong[0]); w++)
			refused(element_text(in, element, wrong[w]), says);
		for (size_t w = 0; numbers[i].kind != SIZE && w < 3; w++)
			refused(element_text(in, element, wrong_as_number[w]), says);
		for (size_t w = 0; numbers[i].kind == SIZE && w < 9; w++)
			refused(element_text(in, element, wrong_as_size[w]), says);
		for (size_t w = 0; numbers[i].kind == OCTAL && w < 6; w++)
			refused(element_text(in, element, wrong_as_octal[w]), says);
		refused(element_text(in, element, number_text(numbers[i].kind, numbers[i].min - 1)),
			says);
		refused(element_text(in, element, number_text(numbers[i].kind, numbers[i].max + 1)),
			says);
	}
}

static void
wrong_texts_are_refused(void **state)
{
	static const struct {
		const char *in, *element, *value, *says;
	} cases[] = {
		{ "", "enabled", "", "\"enabled\" must be true, false, 1 or 0" },
		{ "", "enabled", "TRUE", "\"enabled\" must be" },
		{ "", "enabled", "yes", "\"enabled\" must be" },
		{ "", "onNodeLoss", "", "\"onNodeLoss\" is empty" },
		{ "", "onNodeLoss", "requeue",
		  "\"onNodeLoss\" must be one of: CRASH REQUEUE HOLD; not" },
		{ "", "onNodeLoss", "CRASH HOLD", "\"onNodeLoss\" must be" },
		{ "retry", "backoff", "", "\"backoff\" is empty" },
		{ "retry", "backoff", "LINEAR",
		  "\"backoff\" must be one of: FIXED EXPONENTIAL; not \"LINEAR\"" },
		{ "retry", "backoff", "fixed", "\"backoff\" must be" },
		{ "", "concurrencyKey", " ", "\"concurrencyKey\" is empty" },
		{ "limits", "workingDirectory", "\n", "\"workingDirectory\" is empty" },
		{ "retry", "exitCodes", "", "\"exitCodes\" must be numbers from 1 to 255" },
		{ "retry", "exitCodes", ",", "\"exitCodes\" must be" },
		{ "retry", "exitCodes", "1,", "\"exitCodes\" must be" },
		{ "retry", "exitCodes", ",1", "\"exitCodes\" must be" },
		{ "retry", "exitCodes", "1,,2", "\"exitCodes\" must be" },
		{ "retry", "exitCodes", "0", "\"0\" is none" },
		{ "retry", "exitCodes", "256", "\"256\" is none" },
		{ "retry", "exitCodes", "1,-2", "\"-2\" is none" },
		{ "retry", "exitCodes", "1;2", "\"1;2\" is none" },
		{ "retry", "exitCodes", "1 2", "\"1 2\" is none" },
		{ "retry", "exitCodes", "1-9", "\"1-9\" is none" },
		{ "retry", "exitCodes", "all", "\"all\" is none" },
		{ "limits", "runMaxSecond", "1", "element \"runMaxSecond\" is unknown here" },
		{ "limits", "priority", "1", "element \"priority\" is unknown here" },
		{ "retry", "umask", "1", "element \"umask\" is unknown here" },
		{ "", "umask", "27", "element \"umask\" is unknown here" },
		{ "", "attemptsMax", "3", "element \"attemptsMax\" is unknown here" },
		{ "", "limits", "none", "there is text between elements of \"limits\"" },
		{ "", "retry", "3", "there is text between elements of \"retry\"" },
		{ "limits", "limits", "", "element \"limits\" is unknown here" },
	};
	static const char *const wholes[][2] = {
		{ "<limits/><limits/>", "\"limits\" stands twice" },
		{ "<retry/><retry/>", "\"retry\" stands twice" },
		{ "<enabled>1</enabled><enabled>1</enabled>", "\"enabled\" stands twice" },
		{ "<limits><umask>1</umask><umask>2</umask></limits>", "\"umask\" stands twice" },
		{ "<retry><exitCodes>1</exitCodes><exitCodes>1</exitCodes></retry>",
		  "\"exitCodes\" stands twice" },
		{ "<priority unit='x'>1</priority>",
		  "line 4: element \"priority\" has an attribute" },
	};
	char many[1100];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(element_text(cases[i].in, cases[i].element, cases[i].value), cases[i].says);
	for (size_t i = 0; i + 1 < sizeof(wholes) / sizeof(wholes[0]); i++)
		refused(wholes[i][0], wholes[i][1]);
	memset(many, 'x', sizeof(many));
	many[1025] = '\0';
	refused(element_text("limits", "workingDirectory", many),
		"\"workingDirectory\" has 1025 characters, at most 1024 are allowed");
	many[101] = '\0';
	refused(element_text("", "concurrencyKey", many), "\"concurrencyKey\" has 101 characters");
	for (size_t i = 0; i < 256; i++)
		memcpy(many + 2 * i, "1,", 2);
	many[511] = '\0';
	refused(element_text("retry", "exitCodes", many), "\"exitCodes\" has 256 numbers");
}

static void
an_exponential_delay_starts_below_its_cap(void **state)
{
	struct job_def def;
	struct err err = ERR_INIT;
	struct pool pool;

	(void)state;
	pool_init(&pool);
	/* the whole retry is wrong, not one element: its first line is named */
	assert_int_equal(read_with("<retry><backoff>EXPONENTIAL</backoff><delaySeconds>3601"
				   "</delaySeconds></retry>",
				   &pool, &def, &err),
			 -1);
	assert_string_equal(err.text,
			    "line 4: definition \"D\": \"delaySeconds\" is 3601, more than "
			    "\"delayMaxSeconds\", which is 3600");
	(void)accepted("<retry><backoff>FIXED</backoff><delaySeconds>3601</delaySeconds></retry>",
		       &pool);
	(void)accepted("<retry><backoff>EXPONENTIAL</backoff><delaySeconds>7200</delaySeconds>"
		       "<delayMaxSeconds>7200</delayMaxSeconds></retry>",
		       &pool);
	pool_free(&pool);
}

#define RM "com.enioka.jqm.rm."

static const char *
parameter_text(const char *key, const char *value)
{
	static char text[400];

	(void)snprintf(text, sizeof(text),
		       "<parameters><parameter><key>%s</key><value>%s</value></parameter>"
		       "</parameters>",
		       key, value);
	return text;
}

static void
what_resource_managers_are_told_must_be_numbers(void **state)
{
	static const char *const keys[][2] = {
		{ RM "quantity.consumption", "1" },       { RM "quantity.thread.consumption", "1" },
		{ RM "quantity.a.b.consumption", "1" },   { RM "discrete.consumption", "0" },
		{ RM "discrete.ports.consumption", "0" },
	};
	static const char *const wrong[] = { "x",       "-1",  "1.5", "100001",
					     "1000000", "1k",  "+1",  " ",
					     "1 1",     "\t1", "0x1", "99999999999999999999" };
	static const char *const free_keys[] = {
		RM "quantity.consumptions", RM "quantity.threadconsumption", RM "other.consumption",
		RM "quantity.quantity",     "quantity.consumption",          RM "discrete.list",
	};
	struct pool pool;
	char says[150];

	(void)state;
	pool_init(&pool);
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		(void)snprintf(says, sizeof(says), "parameter \"%s\" is \"", keys[k][0]);
		for (size_t w = 0; w < sizeof(wrong) / sizeof(wrong[0]); w++)
			refused(parameter_text(keys[k][0], wrong[w]), says);
		if (keys[k][1][0] == '1')
			refused(parameter_text(keys[k][0], "0"), says);
		(void)accepted(parameter_text(keys[k][0], keys[k][1]), &pool);
		(void)accepted(parameter_text(keys[k][0], " 100000 "), &pool);
	}
	for (size_t k = 0; k < sizeof(free_keys) / sizeof(free_keys[0]); k++)
		(void)accepted(parameter_text(free_keys[k], "x"), &pool);
	pool_free(&pool);
}

/* Who makes a definition by hand, not from a file, gets the same refusals. */
static void
definitions_made_by_hand_are_checked_alike(void **state)
{
	struct job_def good = job_def_defaults, def;
	struct text_pair pair = { RM "quantity.consumption", "x", false };
	struct err err = ERR_INIT;
	int code = 256;

	(void)state;
	good.name = "D";
	good.description = "";
	good.path = "true";
	good.path_type = "DEFAULTSHELLCOMMAND";
	good.class_name = "none";
	assert_int_equal(job_def_check(&good, &err), 0);
	for (size_t i = 0; i < job_def_numbers_len; i++) {
		const struct model_number *row = &job_def_numbers[i];
		const struct opt_int64 wrong[] = { { true, row->min - 1 },
						   { true, row->max + 1 },
						   { false, 0 } };

		for (size_t w = 0; w < (row->needed ? 3u : 2u); w++) {
			def = good;
			memcpy((char *)&def + row->offset, &wrong[w], sizeof(wrong[w]));
			assert_int_equal(job_def_check(&def, &err), -1);
			assert_non_null(strstr(err.text, row->field));
		}
	}
	def = good;
	def.on_node_loss = NULL;
	assert_int_equal(job_def_check(&def, &err), -1);
	assert_string_equal(err.text, "definition \"D\": \"onNodeLoss\" is missing");
	def = good;
	def.retry.exit_codes = &code;
	def.retry.exit_codes_len = 1;
	assert_int_equal(job_def_check(&def, &err), -1);
	assert_string_equal(err.text, "definition \"D\": \"exitCodes\": 256 is outside 1 to 255");
	def = good;
	def.parameters = (struct text_map){ &pair, 1 };
	assert_int_equal(job_def_check(&def, &err), -1);
	assert_non_null(strstr(err.text, "not a number from 1 to 100000"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_element_of_ours_is_read),
		cmocka_unit_test(what_a_file_does_not_say_is_the_default),
		cmocka_unit_test(numbers_at_their_bounds_are_read),
		cmocka_unit_test(wrong_numbers_are_refused),
		cmocka_unit_test(wrong_texts_are_refused),
		cmocka_unit_test(an_exponential_delay_starts_below_its_cap),
		cmocka_unit_test(what_resource_managers_are_told_must_be_numbers),
		cmocka_unit_test(definitions_made_by_hand_are_checked_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
