/* SPDX-License-Identifier: Apache-2.0 */
/* shared/codec/job_def_xml.c: everything that is wrong with a descriptor is told in one go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/job_def_xml.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"

#define DEF_OPEN "<jobDefinition><name>D</name>"
#define DEF_REST                                                            \
	"<description>d</description><canBeRestarted>true</canBeRestarted>" \
	"<javaClassName>none</javaClassName><module>m</module><highlander>false</highlander>"

static void
assert_all_told(const char *text, const char *const *said, size_t len)
{
	struct problem_list problems = { .len = 0 };
	struct job_def_set set;
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	assert_int_equal(
	    job_def_xml_read_all(text, strlen(text), &pool.memory, &set, &problems, &err), -1);
	for (size_t i = 0; i < len && i < problems.len; i++)
		assert_string_equal(problems.items[i], said[i]);
	assert_int_equal(problems.count, len);
	assert_non_null(strstr(err.text, said[0]));
	pool_free(&pool);
}

static void
all_that_is_wrong_is_told(void **state)
{
	static const char text[] =
	    "<jqm><jar><path>true</path><jobdefinitions>\n"
	    "<jobDefinition><name>A</name><x/>" DEF_REST "</jobDefinition>\n" DEF_OPEN DEF_REST
	    "</jobDefinition>"
	    "\n<jobDefinition>" DEF_REST "</jobDefinition></jobdefinitions></jar>\n<jar/><context/>"
	    "<y/>\n<jar><path>p</path><jobdefinitions>" DEF_OPEN DEF_REST
	    "</jobDefinition></jobdefinitions></jar></jqm>";
	static const char *const said[] = {
		"line 5: file: element \"y\" is unknown here",
		"line 2: definition \"A\": element \"x\" is unknown here",
		"line 4: definition: \"name\" is missing",
		"line 5: jar: \"path\" is missing",
		"line 5: jar: \"jobdefinitions\" is missing",
		"line 5: context: \"name\" is missing",
		"line 6: definition \"D\" is described on line 3 already",
	};

	(void)state;
	assert_all_told(text, said, sizeof(said) / sizeof(said[0]));
}

/* clang-format off */
static const char one_all_wrong[] =
	"<jqm><jar><path>true</path><pathType>SHELL</pathType><jobdefinitions>\n"
	"<jobDefinition><name>A1</name><description/>\n"
	"<canBeRestarted>maybe</canBeRestarted><javaClassName a='b'>none</javaClassName>\n"
	"<reasonableRuntimeLimitMinute>abc</reasonableRuntimeLimitMinute>\n"
	"<highlander>perhaps</highlander>\n"
	"<nonsense/><nonsense/>\n"
	"<parameters><parameter><value>v</value></parameter>\n"
	"<parameter><key>k</key><x/></parameter><parameter><key>k</key><value/></parameter></parameters>\n"
	"<limits><umask>9</umask><graceMs>x</graceMs></limits>\n"
	"<retry><backoff>NO</backoff><exitCodes>0</exitCodes></retry>\n"
	"<parameterTypes><parameterType><type>X</type></parameterType></parameterTypes>\n"
	"</jobDefinition></jobdefinitions></jar>\n"
	"<context><name>C</name><childFirst>maybe</childFirst><eventHandlers><handler><event>E</event>\n"
	"<parameters><parameter><key/><value>v</value></parameter></parameters></handler></eventHandlers></context>\n"
	"</jqm>";
/* clang-format on */

static void
each_thing_that_is_wrong_with_one_object_is_told(void **state)
{
	static const char *const said[] = {
		"line 3: element \"javaClassName\" has an attribute \"a\", this format has none",
		"line 1: jar: \"pathType\" must be one of: FS MAVEN MEMORY DEFAULTSHELLCOMMAND "
		"POWERSHELLCOMMAND DIRECTEXECUTABLE; not \"SHELL\"",
		"line 3: definition \"A1\": \"canBeRestarted\" must be true, false, 1 or 0, not "
		"\"maybe\"",
		"line 4: definition \"A1\": \"reasonableRuntimeLimitMinute\" must be a number from "
		"0 "
		"to 2147483647, not \"abc\"",
		"line 5: definition \"A1\": \"highlander\" must be true, false, 1 or 0, not "
		"\"perhaps\"",
		"line 6: definition \"A1\": element \"nonsense\" is unknown here",
		"line 6: definition \"A1\": element \"nonsense\" is unknown here",
		"line 9: definition \"A1\": \"umask\" must be an octal number from 0 to 777, not "
		"\"9\"",
		"line 9: definition \"A1\": \"graceMs\" must be a number from 0 to 3600000, not "
		"\"x\"",
		"line 10: definition \"A1\": \"backoff\" must be one of: FIXED EXPONENTIAL; not "
		"\"NO\"",
		"line 10: definition \"A1\": \"exitCodes\" must be numbers from 1 to 255 parted by "
		"commas; \"0\" is none",
		"line 7: definition \"A1\": parameter: \"key\" is missing",
		"line 8: definition \"A1\": parameter: element \"x\" is unknown here",
		"line 8: definition \"A1\": the value of parameter \"k\" has 0 characters, 1 to "
		"1000 "
		"are allowed",
		"line 11: definition \"A1\": parameterType: \"type\" must be one of: TEXT INTEGER "
		"NUMBER BOOLEAN DATE CHOICE; not \"X\"",
		"line 11: definition \"A1\": parameterType: \"key\" is missing",
		"line 13: context \"C\": \"childFirst\" must be true, false, 1 or 0, not \"maybe\"",
		"line 13: context \"C\": handler: \"className\" is missing",
		"line 14: context \"C\": handler: parameter key \"\" has 0 characters, 1 to 50 are "
		"allowed",
		"line 13: context \"C\": handler: the only event is JI_STARTING, not \"E\"",
	};

	(void)state;
	assert_all_told(one_all_wrong, said, sizeof(said) / sizeof(said[0]));
}

/* Time and memory do not grow with the square of what is wrong. */
static void
very_many_problems_are_counted_and_the_first_are_told(void **state)
{
	struct buf text = BUF_INIT(8u * 1024 * 1024);
	struct problem_list problems = { .len = 0 };
	struct job_def_set set;
	struct err err = ERR_INIT;
	struct pool pool;

	(void)state;
	pool_init(&pool);
	buf_puts(&text, "<jqm><jar><path>x</path><jobdefinitions><jobDefinition>");
	for (int i = 0; i < 400000; i++)
		buf_puts(&text, "<x/>");
	buf_puts(&text, "<name>D</name>" DEF_REST "</jobDefinition></jobdefinitions></jar></jqm>");
	assert_int_equal(
	    job_def_xml_read_all(buf_text(&text), text.len, &pool.memory, &set, &problems, &err),
	    -1);
	assert_int_equal(problems.len, PROBLEMS_MAX);
	assert_int_equal(problems.count, 400000);
	assert_non_null(strstr(err.text, "(and 399999 more problems)"));
	pool_free(&pool);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_wrong_is_told),
		cmocka_unit_test(each_thing_that_is_wrong_with_one_object_is_told),
		cmocka_unit_test(very_many_problems_are_counted_and_the_first_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
