/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/a_trail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/audit_verify.h"
#include "crypto/audit_key.h"
#include "model/audit_seal.h"
#include "tests/lib/test_db.h"

#define TEXT_CAP ((size_t)64 * 1024 * 1024)

void
a_trail_sign(int64_t no)
{
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);
	char id[AUDIT_KEY_ID_SIZE], mac[AUDIT_MAC_SIZE];
	char *row = test_db_value("SELECT concat_ws(' ', no, to_tx, to_id, rows, digest, "
				  "jqm.microseconds(sealed_at), previous)"
				  " FROM jqm.audit_seal WHERE no = %lld OR (%lld = 0 AND no = "
				  "(SELECT max(no) FROM jqm.audit_seal))",
				  (long long)no, (long long)no);
	char digest[65] = "", previous[65] = "";
	long long n[5];
	struct audit_seal seal = { .digest = digest, .previous = previous };

	assert_true(sscanf(row, "%lld %lld %lld %lld %64s %lld %64s", &n[0], &n[1], &n[2], &n[3],
			   digest, &n[4], previous) >= 6);
	seal.no = n[0];
	seal.to_tx = n[1];
	seal.to_id = n[2];
	seal.rows = n[3];
	seal.sealed_us = n[4];
	audit_seal_text(&text, &seal);
	assert_int_equal(audit_key_id(A_TRAIL_KEY, id), 0);
	assert_int_equal(audit_key_sign(A_TRAIL_KEY, buf_text(&text), mac), 0);
	test_db_sql("UPDATE jqm.audit_seal SET mac = '%s', key_id = '%s' WHERE no = %lld", mac, id,
		    n[0]);
	buf_free(&text);
	free(row);
}

int64_t
a_trail_seal(int64_t rows_max)
{
	int64_t made = 0;

	for (;;) {
		char *no =
		    test_db_value("SELECT no FROM jqm.audit_seal_next(%lld)", (long long)rows_max);
		bool done = no[0] == '\0';

		free(no);
		if (done)
			return made;
		a_trail_sign(0);
		made++;
	}
}

int64_t
a_trail_purge(int64_t keep_s)
{
	struct buf text = BUF_INIT(AUDIT_SEAL_TEXT_MAX);
	char id[AUDIT_KEY_ID_SIZE], mac[AUDIT_MAC_SIZE];
	char *no = test_db_value("SELECT no FROM jqm.audit_purgeable(%lld)", (long long)keep_s);
	char *seal_mac =
	    test_db_value("SELECT mac FROM jqm.audit_purgeable(%lld)", (long long)keep_s);
	struct audit_floor floor = { .no = strtoll(no, NULL, 10),
				     .seal_mac = seal_mac,
				     .purged_us = clock_wall_us() };
	int64_t rows = 0;
	char *value;

	if (no[0] != '\0') {
		audit_floor_text(&text, &floor);
		assert_int_equal(audit_key_id(A_TRAIL_KEY, id), 0);
		assert_int_equal(audit_key_sign(A_TRAIL_KEY, buf_text(&text), mac), 0);
		value = test_db_value("SELECT jqm.audit_purge(%lld, %lld, '%s', '%s')",
				      (long long)floor.no, (long long)floor.purged_us, id, mac);
		rows = strtoll(value, NULL, 10);
		free(value);
	}
	buf_free(&text);
	free(seal_mac);
	free(no);
	return rows;
}

static void
keep(void *arg, const char *line)
{
	struct buf *said = arg;

	buf_puts(said, line);
	buf_putc(said, '\n');
}

char *
a_trail_verify(int64_t anchor, const char *anchor_mac)
{
	const char *const keys[] = { A_TRAIL_KEY };
	struct audit_anchor known = { .no = anchor };
	struct buf said = BUF_INIT(TEXT_CAP);
	struct audit_verify *verify;
	struct err err = ERR_INIT;
	int64_t after = 0;

	if (anchor != 0 && anchor_mac == NULL) {
		char *mac = test_db_value("SELECT mac FROM jqm.audit_seal WHERE no = %lld",
					  (long long)anchor);

		(void)str_copy(known.mac, sizeof(known.mac), mac);
		free(mac);
	} else if (anchor != 0) {
		(void)str_copy(known.mac, sizeof(known.mac), anchor_mac);
	}
	verify = audit_verify_new(keys, 1, &known, keep, &said);
	do {
		char *piece = test_db_value("SELECT piece FROM jqm.audit_chain(%lld, 100000)",
					    (long long)after);
		char *next = test_db_value("SELECT next FROM jqm.audit_chain(%lld, 100000)",
					   (long long)after);

		if (audit_verify_add(verify, piece, strlen(piece), &err) == -1)
			fail_msg("%s", err.text);
		after = strtoll(next, NULL, 10);
		free(next);
		free(piece);
	} while (after != 0);
	(void)audit_verify_end(verify);
	audit_verify_free(verify);
	return buf_take(&said);
}

void
assert_trail(const char *words)
{
	char *said = a_trail_verify(0, NULL);

	if (words[0] == '\0' ? said != NULL && said[0] != '\0'
			     : said == NULL || strstr(said, words) == NULL)
		fail_msg("verify says \"%s\", not \"%s\"", said == NULL ? "" : said, words);
	free(said);
}

void
a_trail_tamper(const char *fmt, ...)
{
	char sql[2000];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(sql, sizeof(sql), fmt, args);
	va_end(args);
	test_db_sql("SET session_replication_role = replica; %s; RESET session_replication_role",
		    sql);
}
