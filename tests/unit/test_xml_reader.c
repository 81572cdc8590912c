/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_reader.c: a tree from bytes nobody trusts; what attackers send ends with a reason. */
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
#include "codec/xml_reader.h"
#include "model/memory.h"

static int
read_len(const char *text, size_t len, struct pool *pool, struct xml_element **root,
	 struct err *err)
{
	/* Exactly len bytes: what reads beyond is found by the sanitizer. */
	char *copy = malloc(len == 0 ? 1 : len);
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, len);
	rc = xml_read(copy, len, &pool->memory, root, err);
	free(copy);
	return rc;
}

static struct xml_element *
accepts(const char *text, struct pool *pool)
{
	struct xml_element *root;
	struct err err = ERR_INIT;

	pool_init(pool);
	if (read_len(text, strlen(text), pool, &root, &err) == -1)
		fail_msg("refused: %s", err.text);
	return root;
}

/* The only text of the document is this. */
static void
reads(const char *document, const char *text)
{
	struct pool pool;

	assert_string_equal(accepts(document, &pool)->text, text);
	pool_free(&pool);
}

static void
refuses_len(const char *text, size_t len, enum err_kind kind, const char *says)
{
	struct xml_element *root;
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	assert_int_equal(read_len(text, len, &pool, &root, &err), -1);
	if (err.kind != kind || strstr(err.text, says) == NULL)
		fail_msg("says (%s) \"%s\", not \"%s\"", err_kind_name(err.kind), err.text, says);
	pool_free(&pool);
}

static void
refuses(const char *text, const char *says)
{
	refuses_len(text, strlen(text), ERR_INVALID, says);
}

static void
elements_come_in_order_with_line_and_text(void **state)
{
	struct pool pool;
	struct xml_element *root = accepts(
	    "<?xml version='1.0'?>\n<!-- c --><r a='1' b=' &lt;&amp;&#38;amp; '>\n<b> x &amp; "
	    "<![CDATA[<y>]]>&#x20ac;<!-- c -->z</b>\n<c xmlns='urn:n' "
	    "d='2'/>t</r>",
	    &pool);

	(void)state;
	assert_string_equal(root->name, "r");
	assert_string_equal(root->attributes->name, "a");
	assert_string_equal(root->attributes->value, "1");
	assert_string_equal(root->attributes->next->name, "b");
	assert_string_equal(root->attributes->next->value, " <&&amp; ");
	assert_null(root->attributes->next->next);
	assert_int_equal(root->line, 2);
	assert_string_equal(root->text, "\n\nt");
	assert_null(root->name_space);
	assert_string_equal(root->children->name, "b");
	assert_int_equal(root->children->line, 3);
	assert_string_equal(root->children->text, " x & <y>\xe2\x82\xacz");
	assert_null(root->children->attributes);
	assert_string_equal(root->children->next->name, "c");
	assert_string_equal(root->children->next->name_space, "urn:n");
	assert_string_equal(root->children->next->text, "");
	assert_null(root->children->next->children);
	assert_null(root->children->next->next);
	pool_free(&pool);
}

static void
no_doctype_and_no_entity_gets_in(void **state)
{
	(void)state;
	refuses("<!DOCTYPE a><a/>", "line 1: a DOCTYPE is not allowed");
	refuses("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "a DOCTYPE is not allowed");
	refuses("<!DOCTYPE a PUBLIC 'x' 'http://127.0.0.1:1/x.dtd'><a/>",
		"a DOCTYPE is not allowed");
	refuses("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
		"a DOCTYPE is not allowed");
	refuses("<!DOCTYPE j [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>"
		"<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;'>"
		"<!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;'>]><j>&g;&g;&g;&g;&g;&g;&g;</j>",
		"a DOCTYPE is not allowed");
	refuses("<!DOCTYPE j [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]><j/>",
		"a DOCTYPE is not allowed");
	refuses("<a>&laugh;</a>", "not XML");
	/* XInclude is an element like any other. */
	reads("<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>",
	      "");
}

static void
too_deep_too_many_and_too_large_are_refused(void **state)
{
	struct buf buf = BUF_INIT(64 * 1024 * 1024);

	(void)state;
	for (int i = 0; i < 17; i++)
		buf_puts(&buf, "<a>");
	refuses_len(buf.data, buf.len, ERR_INVALID, "nested more than 16 deep");
	buf_free(&buf);

	buf_puts(&buf, "<a>");
	for (int i = 0; i <= XML_ELEMENTS_MAX; i++)
		buf_puts(&buf, "<a/>");
	refuses_len(buf.data, buf.len, ERR_INVALID, "more than 500000 elements");
	buf_free(&buf);

	buf_puts(&buf, "<a ");
	for (int i = 0; i < 300000; i++)
		buf_printf(&buf, "a%d='' ", i);
	buf_puts(&buf, "/>");
	refuses_len(buf.data, buf.len, ERR_INVALID, "more than 32 attributes");
	buf_free(&buf);

	for (size_t i = 0; i <= XML_BYTES_MAX; i += 8)
		buf_puts(&buf, "<!----->");
	refuses_len(buf.data, buf.len, ERR_TOO_LARGE, "larger than 8388608 bytes");
	buf_free(&buf);
}

static void
comments_are_no_attributes(void **state)
{
	struct buf buf = BUF_INIT(1024 * 1024);

	(void)state;
	buf_puts(&buf, "<!-- < ");
	for (int i = 0; i < 100; i++)
		buf_puts(&buf, "a='' ");
	buf_puts(&buf, "--><?x < ");
	for (int i = 0; i < 100; i++)
		buf_puts(&buf, "a='' ");
	buf_puts(&buf, "?><a b='>'><![CDATA[<a]]></a>");
	reads(buf_text(&buf), "<a");
	buf_free(&buf);
}

/* ASCII, and what is behind a '%' as a unit in four digits, as UTF-16. */
static size_t
utf16_of(const char *text, bool big_endian, char *out)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		unsigned unit = (unsigned char)*text;

		if (*text == '%') {
			char digits[5] = "";

			memcpy(digits, text + 1, 4);
			unit = (unsigned)strtoul(digits, NULL, 16);
			text += 4;
		}
		out[len++] = (char)(big_endian ? unit >> 8 : unit & 0xff);
		out[len++] = (char)(big_endian ? unit & 0xff : unit >> 8);
	}
	return len;
}

static void
utf16_is_read_in_both_orders(void **state)
{
	static const char *const files[] = {
		("%FEFF<?xml version='1.0' "
		 "encoding='UTF-16'?>\n<a>\n<b>%00e9%20AC%D83D%DE00</b></a>"),
		"%FEFF<?xml version='1.0'?>\n<a>\n<b>%00e9%20AC%D83D%DE00</b></a>",
		"%FEFF\n<a>\n<b>%00e9%20AC%D83D%DE00</b></a>",
		"<?xml version='1.0' encoding='utf-16le'?>\n<a>\n<b>%00e9%20AC%D83D%DE00</b></a>",
	};
	char bytes[400];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(files) / sizeof(files[0]); i++) {
		size_t len = utf16_of(files[i / 2], i % 2 == 1, bytes);
		struct xml_element *root;
		struct pool pool;
		struct err err = ERR_INIT;

		pool_init(&pool);
		if (read_len(bytes, len, &pool, &root, &err) == -1)
			fail_msg("%s: %s", files[i / 2], err.text);
		assert_string_equal(root->children->text, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
		assert_int_equal(root->line, 2);
		assert_int_equal(root->children->line, 3);
		/* cut off anywhere, it is refused */
		for (size_t cut = 0; cut < len; cut++)
			assert_int_equal(read_len(bytes, cut, &pool, &root, &err), -1);
		pool_free(&pool);
	}
}

static void
utf16_brings_nothing_in(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "%FEFF<!DOCTYPE j [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><j>&b;</j>",
		  "a DOCTYPE is not allowed" },
		{ "%FEFF<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE a SYSTEM "
		  "'file:///etc/passwd'>"
		  "<a/>",
		  "a DOCTYPE is not allowed" },
		{ "%FEFF<?xml version='1.0' encoding='UTF-8'?><a/>",
		  "line 1: the document says that it is \"UTF-8\", and is not" },
		{ "%FEFF<?xml version='1.0' encoding='UTF-7'?><a/>", "not supported" },
		{ "%FEFF<a>\n%D83D</a>", "line 2: not XML: half a character of UTF-16" },
		{ "%FEFF<a>%DE00%D83D</a>", "half a character" },
		{ "%FEFF<abc>%0000</abc>", "not XML" },
		{ "%FEFF<a>%FFFF</a>", "not XML" },
		{ "%0000%FEFF%0000<%0000a%0000/%0000>", "neither UTF-8 nor UTF-16" },
		{ "%FEFF%0000<%0000a%0000/%0000>%0000", "neither UTF-8 nor UTF-16" },
		{ "%FEFF<a 1='' 2='' 3='' 4='' 5='' 6='' 7='' 8='' 9='' 1='' 1='' 1='' 1='' 1='' "
		  "1='' "
		  "1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' 1='' "
		  "1='' "
		  "1=''/>",
		  "more than 32 attributes" },
	};
	char bytes[1000];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: %s\n", cases[i / 2].says);
		refuses_len(bytes, utf16_of(cases[i / 2].text, i % 2 == 1, bytes), ERR_INVALID,
			    cases[i / 2].says);
	}
}

static void
encodings_are_the_few_that_are_promised(void **state)
{
	(void)state;
	reads("\xef\xbb\xbf<a>\xe2\x82\xac</a>", "\xe2\x82\xac");
	reads("<?xml version='1.0' encoding=\"utf-8\"?><a>\xe2\x82\xac</a>", "\xe2\x82\xac");
	reads("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "\xc3\xa9");
	reads("<?xml version='1.0' encoding='ISO-8859-15'?><a>\xa4</a>", "\xe2\x82\xac");
	reads("<?xml version='1.0' encoding='windows-1252'?><a>\x80</a>", "\xe2\x82\xac");

	refuses("<?xml version='1.0' encoding='UTF-16'?><a/>",
		"line 1: the document says that it is \"UTF-16\", and is not");
	refuses("<?xml version='1.0' encoding='ISO-2022-CN-EXT'?><a/>", "not supported");
	refuses("<?xml version='1.0' encoding='UTF-7'?><a/>", "not supported");
	refuses("<?xml version='1.0' encoding='UTF-8?><a/>", "not supported");
	refuses("<?xml version='1.0' encoding='", "does not end");
	refuses("<a>\xff\xfe</a>", "UTF-8");
	refuses("<a>\xc0\xaf</a>", "not XML");
	refuses("<a>\x01</a>", "not XML");
	refuses("<a>&#1;</a>", "not XML");
	refuses_len("<abc>\0</abc>", 12, ERR_INVALID, "not XML");
	refuses("", "the document is empty");
	refuses("   ", "not");
	refuses("<a/><b/>", "not XML");
	refuses("<a>", "not XML");
	refuses("<a b='1' b='2'/>", "not XML");
	refuses("{\"a\": 1}", "does not start with");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_in_order_with_line_and_text),
		cmocka_unit_test(no_doctype_and_no_entity_gets_in),
		cmocka_unit_test(too_deep_too_many_and_too_large_are_refused),
		cmocka_unit_test(comments_are_no_attributes),
		cmocka_unit_test(encodings_are_the_few_that_are_promised),
		cmocka_unit_test(utf16_is_read_in_both_orders),
		cmocka_unit_test(utf16_brings_nothing_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
