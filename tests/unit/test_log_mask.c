/* SPDX-License-Identifier: Apache-2.0 */
/* Values of secret parameters in logs: wherever they stand, and however the log is read, they are not shown. */
#include "fcgi/log_mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/exchange.h"
#include "fcgi/joblog_stream.h"
#include "tests/lib/an_exchange.h"

#define SECRET "hunter22-of-many"
#define OTHER "hunter22"
#define SIZE 300000

static const char *values[] = { SECRET, OTHER };
static const struct log_mask mask = { values, 2, sizeof(SECRET) - 1 };

/* A log of SIZE bytes with SECRET at many places, at its very beginning and end, and where streams are read in pieces. */
static int
make_log(char *text)
{
	static const size_t places[] = { 0,          100,    65536 - 3, 65536 + 40, 131072 - 15,
					 131072 + 1, 200000, 200016,    SIZE - 16 };
	char path[] = "/tmp/jqm-test-mask-XXXXXX";
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	(void)unlink(path);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = i % 64 == 63 ? '\n' : (char)('a' + i % 7);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		memcpy(text + places[i], SECRET, sizeof(SECRET) - 1);
	assert_int_equal(write(fd, text, SIZE), SIZE);
	return fd;
}

static void
values_become_as_many_asterisks_and_the_longest_first(void **state)
{
	char text[] = "x " SECRET " " OTHER " hunter2 " SECRET;

	(void)state;
	log_mask_bytes(&mask, text, sizeof(text) - 1);
	assert_string_equal(text, "x **************** ******** hunter2 ****************");
}

static void
a_piece_shows_no_part_of_a_value_wherever_it_begins_or_ends(void **state)
{
	char *text = malloc(SIZE), *expected = malloc(SIZE);
	char piece[64], margin[64 + 2 * sizeof(SECRET)];
	int fd = make_log(text);

	(void)state;
	memcpy(expected, text, SIZE);
	log_mask_bytes(&mask, expected, SIZE);
	assert_null(memmem(expected, SIZE, OTHER, sizeof(OTHER) - 1));
	for (int64_t from = 0; from < 160; from++)
		for (size_t len = 1; len <= sizeof(piece); len += 7) {
			assert_int_equal(log_mask_pread(&mask, fd, piece, len, from, margin), len);
			assert_memory_equal(piece, expected + from, len);
		}
	assert_int_equal(log_mask_pread(&mask, fd, piece, sizeof(piece), SIZE - 5, margin), 5);
	assert_memory_equal(piece, "*****", 5);
	assert_int_equal(log_mask_pread(&mask, fd, piece, sizeof(piece), SIZE, margin), 0);
	(void)close(fd);
	free(text);
	free(expected);
}

static void
a_log_that_is_streamed_is_masked_over_the_edges_of_what_is_read(void **state)
{
	static const size_t sizes[] = { 4096, 65536, 100000 };
	char *text = malloc(SIZE), *expected = malloc(SIZE), *got = malloc(SIZE + 1);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct exchange *x = an_exchange();
		int fd = make_log(text);
		struct body_stream *stream =
		    log_mask_stream_new(x, &mask, joblog_stream_new(x, fd, SIZE));
		size_t len = 0;
		ssize_t n;

		memcpy(expected, text, SIZE);
		log_mask_bytes(&mask, expected, SIZE);
		while ((n = stream->read(stream, got + len,
					 SIZE + 1 - len < sizes[i] ? SIZE + 1 - len : sizes[i])) >
		       0)
			len += (size_t)n;
		assert_int_equal(n, 0);
		assert_int_equal(len, SIZE);
		assert_memory_equal(got, expected, SIZE);
		stream->close(stream);
		an_exchange_free(x);
	}
	free(text);
	free(expected);
	free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_become_as_many_asterisks_and_the_longest_first),
		cmocka_unit_test(a_piece_shows_no_part_of_a_value_wherever_it_begins_or_ends),
		cmocka_unit_test(a_log_that_is_streamed_is_masked_over_the_edges_of_what_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
