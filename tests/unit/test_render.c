/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/up/render.h"

static const struct render_pair pairs[] = {
	{ "HOME", "/srv/jqm" },
	{ "PORT", "1789" },
	{ "ODD", "@HOME@" },
};
#define PAIRS_LEN (sizeof(pairs) / sizeof(pairs[0]))

static void
every_name_is_replaced_and_nothing_else(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "@HOME@", "/srv/jqm" },
		{ "root \"@HOME@/web\";\nlisten @PORT@;\n",
		  "root \"/srv/jqm/web\";\nlisten 1789;\n" },
		{ "@HOME@@PORT@", "/srv/jqm1789" },
		{ "location @error { }", "location @error { }" },
		{ "user@example.org @ @@ @home@", "user@example.org @ @@ @home@" },
		{ "@HOME", "@HOME" },
		/* What was put in is not looked at again. */
		{ "@ODD@", "@HOME@" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT(1000);
		struct err err = ERR_INIT;

		assert_int_equal(render_template(cases[i].text, pairs, PAIRS_LEN, &out, &err), 0);
		assert_string_equal(buf_text(&out), cases[i].want);
		buf_free(&out);
	}
}

static void
an_unknown_name_is_an_error_with_its_line(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(render_template("a\n@HOME@\n  @NOBODY@", pairs, PAIRS_LEN, &out, &err),
			 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "line 3"));
	assert_non_null(strstr(err.text, "@NOBODY@"));
	buf_free(&out);
}

static void
too_much_text_is_an_error(void **state)
{
	struct buf out = BUF_INIT(6);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(render_template("@HOME@", pairs, PAIRS_LEN, &out, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_LARGE);
	buf_free(&out);
}

static void
a_moved_path_is_followed_only_where_it_is_meant(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a = \"/srv/a/log\"\n", "a = \"/new/log\"\n" },
		{ "a = /srv/a\n", "a = /new\n" },
		{ "host=/srv/a/run port=1\n", "host=/new/run port=1\n" },
		{ "a = /srv/ab/log\n", "a = /srv/ab/log\n" },
		{ "a = /srv/a-b\n", "a = /srv/a-b\n" },
		{ "a = /mnt/srv/a/log\n", "a = /mnt/srv/a/log\n" },
		{ "# was /srv/a\n  ; /srv/a\nb = /srv/a", "# was /srv/a\n  ; /srv/a\nb = /new" },
		{ "a = /srv/a:/srv/a/b", "a = /new:/new/b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT(1000);

		render_moves(cases[i].text, &(struct render_move){ "/srv/a", "/new" }, 1, &out);
		assert_string_equal(buf_text(&out), cases[i].want);
		buf_free(&out);
	}
}

static void
a_moved_port_is_followed_only_as_a_whole_number(void **state)
{
	struct buf out = BUF_INIT(1000);

	(void)state;
	render_moves("url = \"http://127.0.0.1:1789\"\nx = http://127.0.0.1:17890/\n"
		     "y = http://127.0.0.1:1789/ws\n",
		     &(struct render_move){ "http://127.0.0.1:1789", "http://127.0.0.1:2000" }, 1,
		     &out);
	assert_string_equal(buf_text(&out),
			    "url = \"http://127.0.0.1:2000\"\nx = http://127.0.0.1:17890/\n"
			    "y = http://127.0.0.1:2000/ws\n");
	buf_free(&out);
}

static void
what_moved_into_itself_is_moved_once(void **state)
{
	static const struct render_move moves[] = { { "/srv/a/run", "/srv/a/b/run" },
						    { "/srv/a", "/srv/a/b" } };
	struct buf out = BUF_INIT(1000);

	(void)state;
	render_moves("host=/srv/a/run log=/srv/a/log\n", moves, 2, &out);
	assert_string_equal(buf_text(&out), "host=/srv/a/b/run log=/srv/a/b/log\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_is_replaced_and_nothing_else),
		cmocka_unit_test(an_unknown_name_is_an_error_with_its_line),
		cmocka_unit_test(too_much_text_is_an_error),
		cmocka_unit_test(a_moved_path_is_followed_only_where_it_is_meant),
		cmocka_unit_test(a_moved_port_is_followed_only_as_a_whole_number),
		cmocka_unit_test(what_moved_into_itself_is_moved_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
