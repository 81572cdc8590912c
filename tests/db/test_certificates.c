/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0026 and shared/pki on a real database: what is issued, in time and out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "conf/settings.h"
#include "crypto/pki.h"
#include "db/db.h"
#include "model/certificate.h"
#include "model/memory.h"
#include "pki/authority.h"
#include "store/pki_root_store.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define DAY_MS (INT64_C(86400) * 1000)

static const char *const names[] = { "node.example", "127.0.0.1", NULL };

static struct db *owner, *api;
static struct pool pool;
static int64_t anna;
static char word[] = "a passphrase";
static const struct authority_conf in_clear = { false, NULL };
static const struct authority_conf sealed = { false, word };

static int
set_up(void **state)
{
	struct err err = ERR_INIT;
	char *id;

	(void)state;
	test_db_sql(
	    "DELETE FROM jqm.certificate; DELETE FROM jqm.pki_key; DELETE FROM jqm.pki_root;"
	    "DELETE FROM jqm.account WHERE NOT built_in;"
	    "INSERT INTO jqm.account (login) VALUES ('anna')");
	id = test_db_value("SELECT id FROM jqm.account WHERE login = 'anna'");
	anna = strtoll(id, NULL, 10);
	free(id);
	pool_init(&pool);
	owner = db_new(test_db_conninfo_as("jqm_owner"), "test_certificates");
	api = db_new(test_db_conninfo_as("jqm_api"), "test_certificates");
	assert_int_equal(authority_ensure(owner, &in_clear, &err), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_free(owner);
	db_free(api);
	pool_free(&pool);
	return 0;
}

static struct certificate_issued
issue(const struct authority_conf *conf)
{
	static const struct certificate_order order = { .request = NULL };
	struct certificate_issued issued;
	struct err err = ERR_INIT;

	assert_int_equal(
	    authority_client(api, conf, anna, &order, "root", &pool.memory, &issued, NULL, &err),
	    0);
	return issued;
}

/* "anna", or "" when it is nobody's. */
static void
assert_speaks_for(const struct certificate_issued *issued, const char *login)
{
	char *sql = str_printf("SELECT login FROM jqm.account_of_certificate('%s', '', '', '{}')",
			       issued->fingerprint);

	assert_value(sql, login);
	free(sql);
}

static void
the_authority_is_made_once(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(authority_ensure(owner, &in_clear, &err), 0);
	assert_value("SELECT count(*) FROM jqm.pki_root", "1");
	assert_value("SELECT state FROM jqm.pki_root", "CURRENT");
	assert_value("SELECT key LIKE '-----BEGIN PRIVATE KEY-----%' FROM jqm.pki_key", "t");
}

static void
a_passphrase_seals_a_key_that_was_stored_in_clear(void **state)
{
	struct err err = ERR_INIT;
	struct certificate_order order = { .request = NULL };
	struct certificate_issued issued;

	(void)state;
	assert_int_equal(authority_ensure(owner, &sealed, &err), 0);
	assert_value("SELECT key LIKE '-----BEGIN ENCRYPTED PRIVATE KEY-----%' FROM jqm.pki_key",
		     "t");
	issued = issue(&sealed);
	assert_speaks_for(&issued, "anna");
	/* Without it nothing is signed, and nothing is noted. */
	assert_int_equal(authority_client(api, &in_clear, anna, &order, "root", &pool.memory,
					  &issued, NULL, &err),
			 -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	assert_value("SELECT count(*) FROM jqm.certificate", "1");
}

static void
the_passphrase_is_a_systemd_credential_where_no_file_is_set(void **state)
{
	char directory[] = "/tmp/jqm-test-XXXXXX";
	struct settings *settings = settings_default();
	struct authority_conf conf;
	struct err err = ERR_INIT;
	char *file;

	(void)state;
	assert_non_null(mkdtemp(directory));
	file = str_printf("%s/jqm-pki-passphrase", directory);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", directory, 1), 0);
	assert_int_equal(authority_conf_read(settings, &conf, &err), 0);
	assert_null(conf.passphrase);
	assert_int_equal(fd_write_file(file, 0600, "word\n", 5, &err), 0);
	assert_int_equal(authority_conf_read(settings, &conf, &err), 0);
	assert_string_equal(conf.passphrase, "word");
	authority_conf_free(&conf);
	assert_int_equal(chmod(file, 0644), 0);
	assert_int_equal(authority_conf_read(settings, &conf, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	(void)unlink(file);
	(void)rmdir(directory);
	free(file);
	settings_free(settings);
}

static void
a_revoked_certificate_is_nobody_s_and_in_the_next_list(void **state)
{
	struct certificate_issued issued = issue(&in_clear), other = issue(&in_clear);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(authority_renew_lists(owner, &in_clear, &err), 0);
	assert_value("SELECT crl_number FROM jqm.pki_root WHERE NOT crl_stale", "1");
	assert_speaks_for(&issued, "anna");
	test_db_sql("SELECT jqm.certificate_revoke(%lld, 'root', 'lost')", (long long)issued.id);
	assert_speaks_for(&issued, "");
	assert_speaks_for(&other, "anna");
	assert_value("SELECT crl_number FROM jqm.pki_root WHERE crl_stale", "1");
	assert_int_equal(authority_renew_lists(owner, &in_clear, &err), 0);
	assert_value("SELECT crl_number FROM jqm.pki_root WHERE NOT crl_stale", "2");
	/* Nothing changed: no new list. */
	assert_int_equal(authority_renew_lists(owner, &in_clear, &err), 0);
	assert_value("SELECT crl_number FROM jqm.pki_root", "2");
}

static void
a_list_is_made_anew_a_week_before_it_ends(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(authority_renew_lists(owner, &in_clear, &err), 0);
	assert_value(
	    "SELECT crl_until BETWEEN now() + interval '13 days' AND now() + interval '15 days'"
	    "  FROM jqm.pki_root",
	    "t");
	test_db_sql("UPDATE jqm.pki_root SET crl_until = now() + interval '6 days'");
	assert_int_equal(authority_renew_lists(owner, &in_clear, &err), 0);
	assert_value(
	    "SELECT crl_number FROM jqm.pki_root WHERE crl_until > now() + interval '13 days'",
	    "2");
}

static void
a_node_s_certificate_is_renewed_before_its_end_and_for_other_names(void **state)
{
	static const char *const others[] = { "other.example", "127.0.0.1", NULL };
	struct buf pem = BUF_INIT(65536);
	struct err err = ERR_INIT;
	bool due;

	(void)state;
	assert_int_equal(authority_node_is_due(owner, "", names, &due, &err), 0);
	assert_true(due);
	assert_int_equal(authority_node(owner, &in_clear, "node1", names, 1789, &pem, &err), 0);
	assert_int_equal(authority_node_is_due(owner, buf_text(&pem), names, &due, &err), 0);
	assert_false(due);
	assert_int_equal(authority_node_is_due(owner, buf_text(&pem), others, &due, &err), 0);
	assert_true(due);
	clock_test_advance_ms(366 * DAY_MS);
	assert_int_equal(authority_node_is_due(owner, buf_text(&pem), names, &due, &err), 0);
	assert_false(due);
	clock_test_advance_ms(2 * DAY_MS);
	assert_int_equal(authority_node_is_due(owner, buf_text(&pem), names, &due, &err), 0);
	assert_true(due);
	clock_test_advance_ms(-368 * DAY_MS);
	test_db_sql("UPDATE jqm.certificate SET revoked_at = now() WHERE kind = 'NODE'");
	assert_int_equal(authority_node_is_due(owner, buf_text(&pem), names, &due, &err), 0);
	assert_true(due);
	buf_free(&pem);
}

static void
nothing_lives_longer_than_its_authority(void **state)
{
	struct certificate_order order = { .days = { true, 3650 } };
	struct certificate_issued issued;
	struct err err = ERR_INIT;

	(void)state;
	clock_test_advance_ms(3500 * DAY_MS);
	assert_int_equal(authority_client(api, &in_clear, anna, &order, "root", &pool.memory,
					  &issued, NULL, &err),
			 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "authority's own certificate ends"));
	/* Who does not say how long gets what there is. */
	issued = issue(&in_clear);
	assert_true(issued.expires.us / 1000 < clock_wall_us() / 1000 + 160 * DAY_MS);
	clock_test_advance_ms(-3500 * DAY_MS);
}

static void
an_old_root_counts_until_it_is_retired(void **state)
{
	struct certificate_issued old = issue(&in_clear), fresh;
	struct err err = ERR_INIT;
	int64_t lost = 0;
	char *id = test_db_value("SELECT id FROM jqm.pki_root");

	(void)state;
	assert_int_equal(pki_root_store_switch(owner, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(authority_next_root(owner, &in_clear, &err), 0);
	assert_int_equal(authority_next_root(owner, &in_clear, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(pki_root_store_switch(owner, &err), 0);
	fresh = issue(&in_clear);
	assert_string_not_equal(old.authority, fresh.authority);
	assert_speaks_for(&old, "anna");
	assert_int_equal(pki_root_store_retire(owner, strtoll(id, NULL, 10), &lost, &err), 0);
	assert_int_equal(lost, 1);
	assert_speaks_for(&old, "");
	assert_speaks_for(&fresh, "anna");
	free(id);
}

static void
no_program_but_the_web_api_sees_a_key(void **state)
{
	static const char *const programs[] = { "jqm_runner", "jqm_notifier", "jqm_events",
						"jqm_client", "jqm_backup" };

	(void)state;
	assert_denied("jqm_api", "SELECT key FROM jqm.pki_key");
	assert_denied("jqm_api", "SELECT jqm.pki_switch()");
	assert_denied("jqm_api", "INSERT INTO jqm.certificate_mapping (account_id, form, value)"
				 " VALUES (1, 'SAN', 'DNS:x')");
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		assert_denied(programs[i], "SELECT key FROM jqm.pki_key");
		assert_denied(programs[i], "SELECT jqm.pki_signer()");
		assert_denied(programs[i], "SELECT jqm.certificate_list()");
	}
}

#define with_authority(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_authority(the_authority_is_made_once),
		with_authority(a_passphrase_seals_a_key_that_was_stored_in_clear),
		with_authority(the_passphrase_is_a_systemd_credential_where_no_file_is_set),
		with_authority(a_revoked_certificate_is_nobody_s_and_in_the_next_list),
		with_authority(a_list_is_made_anew_a_week_before_it_ends),
		with_authority(a_node_s_certificate_is_renewed_before_its_end_and_for_other_names),
		with_authority(nothing_lives_longer_than_its_authority),
		with_authority(an_old_root_counts_until_it_is_retired),
		with_authority(no_program_but_the_web_api_sees_a_key),
	};

	(void)test_db_create("certificates");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
