/* SPDX-License-Identifier: Apache-2.0 */
/* What a signature of a definition is over, and the signatures themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/docs.h"
#include "codec/wire_object.h"
#include "crypto/pki.h"
#include "crypto/signature.h"
#include "model/admin.h"
#include "model/job_def.h"
#include "model/job_order.h"
#include "model/signed_definition.h"

static const struct signed_member *
member(const char *name)
{
	for (size_t i = 0; i < signed_members_len; i++)
		if (strcmp(signed_members[i].member, name) == 0)
			return &signed_members[i];
	return NULL;
}

static void
each_member_of_a_definition_is_said_to_be_signed_or_why_it_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < admin_definition_doc.fields_len; i++)
		if (member(admin_definition_doc.fields[i].name) == NULL)
			fail_msg("model/signed_definition.c does not say whether \"%s\" is signed",
				 admin_definition_doc.fields[i].name);
	for (size_t i = 0; i < signed_members_len; i++) {
		assert_non_null(wire_field_named(&admin_definition_doc, signed_members[i].member));
		assert_ptr_equal(member(signed_members[i].member), &signed_members[i]);
		assert_int_equal(signed_members[i].kind == SIGNED_NOT,
				 signed_members[i].remark != NULL);
	}
}

/* Every signed member set, as the runner has them. */
static void
fill_order(struct job_order *order)
{
	job_order_init(order, 1, 1);
	free(order->definition_name);
	free(order->path);
	free(order->path_type);
	free(order->working_directory);
	order->definition_name = str_dup("Name");
	order->path = str_dup("echo ü\nx");
	order->path_type = str_dup("DEFAULTSHELLCOMMAND");
	order->working_directory = str_dup("there");
	free(order->run_as);
	order->run_as = str_dup("batch");
	order->limits = (struct job_limits){ 1, 2, 3, 4, 5, 6, 7, 8, 022 };
}

static char *
bytes_of(const struct signed_definition *def)
{
	struct buf out = BUF_INIT(100000);

	signed_definition_bytes(def, &out);
	assert_false(out.failed);
	return buf_take(&out);
}

static void
the_bytes_are_these(void **state)
{
	struct job_order order;
	struct signed_definition def;
	char *bytes;

	(void)state;
	fill_order(&order);
	def = signed_definition_of_order(&order);
	bytes = bytes_of(&def);
	assert_string_equal(bytes, "jqm definition 1\n"
				   "applicationName 4\nName\n"
				   "jarPath 9\necho ü\nx\n"
				   "pathType 19\nDEFAULTSHELLCOMMAND\n"
				   "workingDirectory 5\nthere\n"
				   "runMaxSeconds 1\n1\ngraceMs 1\n2\nlogMaxBytes 1\n3\n"
				   "filesMaxBytes 1\n4\nfilesMaxCount 1\n5\nmemoryMaxBytes 1\n6\n"
				   "cpuMaxSeconds 1\n7\nprocessesMax 1\n8\numask 2\n18\n"
				   "runAs 5\nbatch\n");
	free(bytes);
	job_order_free(&order);
}

static struct opt_int64
number(int64_t value)
{
	return (struct opt_int64){ true, value };
}

static void
runner_admin_api_and_descriptor_make_the_same_bytes(void **state)
{
	struct admin_definition admin = { .name = "Name",
					  .path = "echo ü\nx",
					  .path_type = "DEFAULTSHELLCOMMAND",
					  .working_directory = "there",
					  .umask = "022",
					  .run_as = "batch",
					  .run_max_s = number(1),
					  .grace_ms = number(2),
					  .log_max_bytes = number(3),
					  .files_max_bytes = number(4),
					  .files_max_count = number(5),
					  .memory_max_bytes = number(6),
					  .cpu_max_s = number(7),
					  .processes_max = number(8) };
	struct job_def file = { .name = "Name",
				.path = "echo ü\nx",
				.path_type = "DEFAULTSHELLCOMMAND",
				.run_as = "batch",
				.limits = { number(1), number(2), number(3), number(4), number(5),
					    number(6), number(7), number(8), number(022),
					    "there" } };
	struct signed_definition of_admin, of_file, of_order;
	struct job_order order;
	struct err err = ERR_INIT;
	char *a, *b, *c;

	(void)state;
	fill_order(&order);
	of_order = signed_definition_of_order(&order);
	of_file = signed_definition_of_def(&file);
	assert_int_equal(signed_definition_of_admin(&admin, &of_admin, &err), 0);
	a = bytes_of(&of_order);
	b = bytes_of(&of_file);
	c = bytes_of(&of_admin);
	assert_string_equal(a, b);
	assert_string_equal(a, c);
	free(a);
	free(b);
	free(c);
	admin.umask = "9";
	assert_int_equal(signed_definition_of_admin(&admin, &of_admin, &err), -1);
	job_order_free(&order);
}

static void
any_signed_member_that_changes_or_goes_changes_the_bytes(void **state)
{
	struct job_order order;
	char *before;

	(void)state;
	fill_order(&order);
	for (size_t i = 0; i < signed_members_len; i++)
		for (int gone = 0; gone < 2; gone++) {
			struct signed_definition def = signed_definition_of_order(&order);
			char *at = (char *)&def + signed_members[i].offset;
			const char *text = gone ? "" : "other";
			int64_t limit = gone ? -1 : 77;
			char *after;

			if (signed_members[i].kind == SIGNED_NOT)
				continue;
			before = bytes_of(&def);
			if (signed_members[i].kind == SIGNED_TEXT)
				memcpy(at, &text, sizeof(text));
			else
				memcpy(at, &limit, sizeof(limit));
			after = bytes_of(&def);
			assert_string_not_equal(before, after);
			free(before);
			free(after);
		}
	job_order_free(&order);
}

/* A ring with that key. */
static struct signature_ring *
trusting(const struct pki_key *key)
{
	struct signature_ring *ring = signature_ring_new();
	struct buf pem = BUF_INIT(4000);
	struct err err = ERR_INIT;

	assert_int_equal(signature_public_pem(key, &pem, &err), 0);
	assert_int_equal(signature_ring_add(ring, buf_text(&pem), "ours.pub", &err), 0);
	assert_int_equal(signature_ring_add(ring, buf_text(&pem), "again.pub", &err), 0);
	assert_int_equal(signature_ring_len(ring), 1);
	buf_free(&pem);
	return ring;
}

static void
only_a_signature_by_a_trusted_key_over_these_bytes_is_good(void **state)
{
	struct err err = ERR_INIT;
	struct pki_key *ours = pki_key_new(PKI_ED25519, &err);
	struct pki_key *other = pki_key_new(PKI_ED25519, &err);
	struct pki_key *wrong_kind = pki_key_new(PKI_ECDSA_P256, &err);
	struct signature_ring *ring = trusting(ours);
	char good[SIGNATURE_SIZE], untrusted[SIGNATURE_SIZE], bad[SIGNATURE_SIZE];
	char id[SIGNATURE_KEY_ID_SIZE];

	(void)state;
	assert_int_equal(signature_make(ours, "abc", 3, good, &err), 0);
	assert_int_equal(signature_make(other, "abc", 3, untrusted, &err), 0);
	assert_int_equal(signature_make(wrong_kind, "abc", 3, bad, &err), -1);
	assert_int_equal(signature_names_key(good, id), 0);
	assert_string_equal(signature_ring_name(ring, id), "ours.pub");
	for (int again = 0; again < 2; again++) {
		assert_int_equal(signature_ring_check(ring, good, "abc", 3), SIGNATURE_GOOD);
		assert_int_equal(signature_ring_check(ring, good, "abd", 3), SIGNATURE_WRONG);
		assert_int_equal(signature_ring_check(ring, good, "ab", 2), SIGNATURE_WRONG);
		assert_int_equal(signature_ring_check(ring, untrusted, "abc", 3),
				 SIGNATURE_UNTRUSTED);
		assert_int_equal(signature_ring_check(ring, "", "abc", 3), SIGNATURE_NONE);
	}
	/* Any other character at any place: another signature, or none. */
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		memcpy(bad, good, sizeof(good));
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		assert_int_not_equal(signature_ring_check(ring, bad, "abc", 3), SIGNATURE_GOOD);
	}
	/* The key of one with the value of another. */
	memcpy(bad, untrusted, sizeof(bad));
	memcpy(bad, good, strlen("ed25519:") + 16);
	assert_int_equal(signature_ring_check(ring, bad, "abc", 3), SIGNATURE_WRONG);
	signature_ring_free(ring);
	pki_key_free(ours);
	pki_key_free(other);
	pki_key_free(wrong_kind);
}

static void
a_text_without_an_ed25519_key_is_no_ring(void **state)
{
	struct signature_ring *ring = signature_ring_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(signature_ring_add(ring, "", "x", &err), -1);
	assert_int_equal(signature_ring_add(ring, "hello", "x", &err), -1);
	assert_int_equal(signature_ring_len(ring), 0);
	signature_ring_free(ring);
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The promise is for a job; definitions that run again and again are the case that counts. */
static void
to_check_a_definition_that_was_checked_before_takes_less_than_100_us(void **state)
{
	enum { ROUNDS = 2000 };
	struct err err = ERR_INIT;
	struct pki_key *key = pki_key_new(PKI_ED25519, &err);
	struct signature_ring *ring = trusting(key);
	struct buf bytes = BUF_INIT(100000);
	struct signed_definition def;
	char signature[SIGNATURE_SIZE];
	struct job_order order;
	double first, each;

	(void)state;
	fill_order(&order);
	def = signed_definition_of_order(&order);
	signed_definition_bytes(&def, &bytes);
	assert_int_equal(signature_make(key, bytes.data, bytes.len, signature, &err), 0);
	first = seconds();
	assert_int_equal(signature_ring_check(ring, signature, bytes.data, bytes.len),
			 SIGNATURE_GOOD);
	each = seconds();
	first = each - first;
	for (int i = 0; i < ROUNDS; i++) {
		bytes.len = 0;
		signed_definition_bytes(&def, &bytes);
		assert_int_equal(signature_ring_check(ring, signature, bytes.data, bytes.len),
				 SIGNATURE_GOOD);
	}
	each = (seconds() - each) / ROUNDS;
	print_message("first %.1f us, then %.1f us\n", first * 1e6, each * 1e6);
	assert_true(each < 100e-6);
	buf_free(&bytes);
	job_order_free(&order);
	signature_ring_free(ring);
	pki_key_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_member_of_a_definition_is_said_to_be_signed_or_why_it_is_not),
		cmocka_unit_test(the_bytes_are_these),
		cmocka_unit_test(runner_admin_api_and_descriptor_make_the_same_bytes),
		cmocka_unit_test(any_signed_member_that_changes_or_goes_changes_the_bytes),
		cmocka_unit_test(only_a_signature_by_a_trusted_key_over_these_bytes_is_good),
		cmocka_unit_test(a_text_without_an_ed25519_key_is_no_ring),
		cmocka_unit_test(
		    to_check_a_definition_that_was_checked_before_takes_less_than_100_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
