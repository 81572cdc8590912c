/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of texts as PostgreSQL reads arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/value.h"
#include "store/array_param.h"

static void
every_text_is_quoted_and_its_quotes_escaped(void **state)
{
	const char *items[] = { "12", "a\"b", "c\\d", "", "e,{}f", "NULL" };
	const struct text_list some = { items, 6 }, none = { NULL, 0 };
	struct buf buf = BUF_INIT(1000);

	(void)state;
	array_param_texts(&buf, &some);
	assert_string_equal(buf_text(&buf),
			    "{\"12\",\"a\\\"b\",\"c\\\\d\",\"\",\"e,{}f\",\"NULL\"}");
	buf_free(&buf);
	array_param_texts(&buf, &none);
	assert_string_equal(buf_text(&buf), "{}");
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_is_quoted_and_its_quotes_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
