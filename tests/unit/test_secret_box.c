/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed values and the files of their keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/secret_box.h"
#include "model/job_order.h"
#include "model/memory.h"
#include "model/value.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_B "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"

static struct secret_keys *
keys_of(const char *text)
{
	struct err err = ERR_INIT;
	struct secret_keys *keys = secret_keys_parse(text, &err);

	if (keys == NULL)
		fail_msg("%s", err.text);
	return keys;
}

static void
what_was_sealed_opens_with_its_key_at_its_place(void **state)
{
	static const char *const values[] = { "", "x", "p\xC3\xA4ss w\xC3\xB6rd",
					      "0123456789abcdef0123456789abcdef" };
	struct secret_keys *keys = keys_of("# a comment\n\n  " KEY_A " \r\n");
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *sealed = secret_seal(keys, "Def", "pw", values[i], &err);
		char *again = secret_seal(keys, "Def", "pw", values[i], &err);
		char *opened = secret_open(keys, "Def", "pw", sealed, &err);

		assert_string_equal(opened, values[i]);
		assert_string_not_equal(sealed, again); /* the nonce is new */
		assert_true(values[i][0] == '\0' || strstr(sealed, values[i]) == NULL ||
			    strlen(values[i]) < 2);
		free(sealed);
		free(again);
		free(opened);
	}
	secret_keys_free(keys);
}

static void
assert_closed(const struct secret_keys *keys, const char *owner, const char *name,
	      const char *sealed, enum err_kind kind)
{
	struct err err = ERR_INIT;

	assert_null(secret_open(keys, owner, name, sealed, &err));
	assert_int_equal(err.kind, kind);
}

static void
at_another_place_changed_or_without_its_key_it_stays_closed(void **state)
{
	struct secret_keys *a = keys_of(KEY_A), *b = keys_of(KEY_B);
	struct err err = ERR_INIT;
	char *sealed = secret_seal(a, "Def", "pw", "secret", &err);

	(void)state;
	assert_closed(a, "Other", "pw", sealed, ERR_DENIED);
	assert_closed(a, "Def", "pw2", sealed, ERR_DENIED);
	assert_closed(a, "Def\n2 pw", "", sealed, ERR_DENIED);
	assert_closed(b, "Def", "pw", sealed, ERR_NOT_FOUND);
	assert_closed(a, "Def", "pw", "", ERR_INVALID);
	assert_closed(a, "Def", "pw", "1:0123456789abcdef:", ERR_INVALID);
	assert_closed(a, "Def", "pw", "1:0123456789abcdef:AAAA", ERR_INVALID);
	for (size_t i = 0; i < strlen(sealed); i++) {
		char kept = sealed[i];

		sealed[i] = kept == 'A' ? 'B' : 'A';
		err_clear(&err);
		assert_null(secret_open(a, "Def", "pw", sealed, &err));
		sealed[i] = kept;
	}
	free(sealed);
	secret_keys_free(a);
	secret_keys_free(b);
}

static void
the_first_key_seals_and_all_open(void **state)
{
	struct secret_keys *old = keys_of(KEY_A "\n"), *next = keys_of(KEY_A "\n" KEY_B "\n");
	struct secret_keys *switched = keys_of(KEY_B "\n" KEY_A "\n");
	struct err err = ERR_INIT;
	char *by_old = secret_seal(old, "D", "k", "v", &err);
	char *by_new = secret_seal(switched, "D", "k", "v", &err);
	char id[SECRET_KEY_ID_SIZE], *value;

	(void)state;
	assert_string_equal(secret_keys_current(old), secret_keys_current(next));
	assert_int_equal(secret_names_key(by_new, id), 0);
	assert_string_equal(id, secret_keys_current(switched));
	for (int i = 0; i < 2; i++) {
		value =
		    secret_open(i == 0 ? next : switched, "D", "k", i == 0 ? by_new : by_old, &err);
		assert_string_equal(value, "v");
		free(value);
	}
	free(by_old);
	free(by_new);
	secret_keys_free(old);
	secret_keys_free(next);
	secret_keys_free(switched);
}

static void
a_file_that_is_no_list_of_keys_is_refused_and_never_quoted(void **state)
{
	static const char *const wrong[] = {
		"",
		"# only words\n",
		"x",
		KEY_A "0",
		KEY_A "\nzz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		KEY_A "\n" KEY_A
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = ERR_INIT;

		assert_null(secret_keys_parse(wrong[i], &err));
		assert_int_equal(err.kind, ERR_INVALID);
		assert_null(strstr(err.text, "0102030405"));
	}
}

static void
a_new_key_is_one_and_no_two_are_the_same(void **state)
{
	char one[SECRET_KEY_HEX_SIZE], two[SECRET_KEY_HEX_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(secret_key_new(one, &err), 0);
	assert_int_equal(secret_key_new(two, &err), 0);
	assert_string_not_equal(one, two);
	secret_keys_free(keys_of(one));
}

static void
readers_of_parameters_see_which_are_secret_and_only_the_runner_more(void **state)
{
	struct job_order order;
	struct text_map map;
	struct pool pool;
	struct err err = ERR_INIT;

	(void)state;
	pool_init(&pool);
	assert_int_equal(text_map_from_hex("61=31 62~ 63=", &pool.memory, &map), 0);
	assert_int_equal(map.len, 3);
	assert_false(map.items[0].secret);
	assert_true(map.items[1].secret);
	assert_string_equal(map.items[1].value, SECRET_MASK);
	assert_int_equal(text_map_from_hex("62~3132", &pool.memory, &map), -1);
	job_order_init(&order, 1, 1);
	assert_int_equal(job_order_read_parameters(&order, "61=31 62~3132", &err), 0);
	assert_false(order.parameters[0].secret);
	assert_true(order.parameters[1].secret);
	assert_string_equal(order.parameters[1].value, "12");
	job_order_free(&order);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_opens_with_its_key_at_its_place),
		cmocka_unit_test(at_another_place_changed_or_without_its_key_it_stays_closed),
		cmocka_unit_test(the_first_key_seals_and_all_open),
		cmocka_unit_test(a_file_that_is_no_list_of_keys_is_refused_and_never_quoted),
		cmocka_unit_test(a_new_key_is_one_and_no_two_are_the_same),
		cmocka_unit_test(
		    readers_of_parameters_see_which_are_secret_and_only_the_runner_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
