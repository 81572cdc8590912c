/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and revocation lists: whose key they have, and how long they still count. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/up/home.h"
#include "crypto/pki.h"
#include "db/db.h"

#define FILE_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define DAY_S 86400
#define CERTIFICATE "-----BEGIN CERTIFICATE-----"
#define LIST "-----BEGIN X509 CRL-----"

DB_STMT(doctor_roots) = {
	.name = "doctor_roots",
	.text = "SELECT id, state, extract(epoch FROM not_after - now())::bigint,"
		" extract(epoch FROM crl_until - now())::bigint FROM jqm.pki_root WHERE state <> "
		"'RETIRED'"
		" ORDER BY id",
	.read_only = true,
};
DB_STMT(doctor_clear_keys) = {
	.name = "doctor_clear_keys",
	.text = "SELECT count(*) FROM jqm.pki_key AS k JOIN jqm.pki_root AS r ON r.id = k.root_id"
		" WHERE r.state <> 'RETIRED' AND k.key NOT LIKE '%ENCRYPTED PRIVATE KEY%'",
	.read_only = true,
};
DB_STMT(doctor_client_certificates) = {
	.name = "doctor_client_certificates",
	.text = "SELECT count(*) FROM jqm.certificate WHERE kind = 'CLIENT' AND revoked_at IS NULL"
		" AND not_after BETWEEN now() AND now() + interval '30 days'",
	.read_only = true,
};

/* What ends in left_s. */
static void
say_end(struct doctor *doctor, const char *what, const char *thing, const char *repair,
	int64_t left_s, int64_t note_s, int64_t wrong_s)
{
	int64_t days = left_s / DAY_S;

	if (left_s < 0)
		doctor_say(doctor, FINDING_WRONG, what, repair, "%s ended %" PRId64 " days ago",
			   thing, -days);
	else if (left_s < note_s)
		doctor_say(doctor, left_s < wrong_s ? FINDING_WRONG : FINDING_NOTE, what, repair,
			   "%s ends in %" PRId64 " days", thing, days);
	else
		doctor_say(doctor, FINDING_OK, what, NULL, "%s counts for %" PRId64 " days", thing,
			   days);
}

static bool
read_file(struct doctor *doctor, const char *path, struct buf *out)
{
	struct err err = ERR_INIT;

	if (fd_read_file(path, out, &err) == 0 && out->len > 0)
		return true;
	doctor_say(doctor, FINDING_WRONG, path, "see docs/pki.md", "%s",
		   err.kind == ERR_NONE ? "is empty" : err.text);
	return false;
}

/* Each certificate of a file: the first is the node's own, what follows leads to its root. */
static void
check_certificates(struct doctor *doctor, const char *path, const char *key_path,
		   const char *repair)
{
	struct buf text = BUF_INIT(FILE_MAX_BYTES);
	bool is_first = true;

	if (!read_file(doctor, path, &text))
		goto cleanup;
	for (const char *at = strstr(buf_text(&text), CERTIFICATE); at != NULL;
	     at = strstr(at + 1, CERTIFICATE)) {
		struct pki_facts facts;
		struct err err = ERR_INIT;

		if (pki_facts_read(at, &facts, &err) == -1)
			doctor_say(doctor, FINDING_WRONG, path, repair, "%s", err.text);
		else if (is_first || facts.to_s - (int64_t)time(NULL) < 30 * DAY_S)
			say_end(doctor, path, facts.subject, repair,
				facts.to_s - (int64_t)time(NULL), 28 * DAY_S, 7 * DAY_S);
		is_first = false;
	}
	if (is_first)
		doctor_say(doctor, FINDING_WRONG, path, repair, "holds no certificate");
	if (!is_first && key_path != NULL) {
		struct buf key_text = BUF_INIT(FILE_MAX_BYTES);
		struct err err = ERR_INIT;
		struct pki_key *key = NULL;

		if (read_file(doctor, key_path, &key_text))
			key = pki_key_read(buf_text(&key_text), NULL, &err);
		if (key == NULL && key_text.len > 0)
			doctor_say(doctor, FINDING_WRONG, key_path, repair, "%s", err.text);
		else if (key != NULL &&
			 !pki_matches(strstr(buf_text(&text), CERTIFICATE), key, NULL))
			doctor_say(doctor, FINDING_WRONG, key_path, repair,
				   "is not the key of the certificate in \"%s\"", path);
		else if (key != NULL)
			doctor_say(doctor, FINDING_OK, key_path, NULL,
				   "is the key of its certificate");
		pki_key_free(key);
		buf_forget(&key_text);
	}

cleanup:
	buf_forget(&text); /* a node's own file has its key, too */
}

static void
check_lists(struct doctor *doctor, const char *path, const char *repair)
{
	struct buf text = BUF_INIT(FILE_MAX_BYTES);
	int64_t next_s, first_end_s = INT64_MAX;
	size_t lists = 0;

	if (read_file(doctor, path, &text)) {
		for (const char *at = strstr(buf_text(&text), LIST); at != NULL;
		     at = strstr(at + 1, LIST)) {
			struct err err = ERR_INIT;

			lists++;
			if (pki_crl_next(at, &next_s, &err) == -1)
				doctor_say(doctor, FINDING_WRONG, path, repair, "%s", err.text);
			else if (next_s < first_end_s)
				first_end_s = next_s;
		}
		if (lists == 0)
			doctor_say(doctor, FINDING_WRONG, path, repair, "holds no revocation list");
		else if (first_end_s != INT64_MAX)
			say_end(doctor, path, "the revocation list", repair,
				first_end_s - (int64_t)time(NULL), 2 * DAY_S, DAY_S / 2);
	}
	buf_free(&text);
}

static void
check_external(struct doctor *doctor)
{
	const char *certificate = doctor_setting(doctor, "pki:certificate");
	const char *trust = doctor_setting(doctor, "pki:trust");
	const char *crl = doctor_setting(doctor, "pki:crl");

	if (certificate != NULL)
		check_certificates(doctor, certificate, doctor_setting(doctor, "pki:key"),
				   "fetch another one from its authority");
	if (trust != NULL)
		check_certificates(doctor, trust, NULL, "fetch it from its authority");
	if (crl != NULL)
		check_lists(doctor, crl, "fetch it from its authority, before each ends");
	else if (trust != NULL)
		doctor_say(doctor, FINDING_NOTE, "pki:crl", "name the lists of the authorities",
			   "is not given: revoked certificates of other authorities are accepted");
}

/* What "jqm up" or "jqm nginx watch" keeps in this directory. */
static void
check_internal(struct doctor *doctor, const char *directory)
{
	static const char repair[] = "jqm up, or jqm nginx watch, renews it; see its log";
	char *node = str_printf("%s/node.pem", directory);
	char *roots = str_printf("%s/roots.pem", directory);
	char *lists = str_printf("%s/crl.pem", directory);

	if (access(node, F_OK) == 0)
		check_certificates(doctor, node, node, repair);
	if (access(roots, F_OK) == 0)
		check_certificates(doctor, roots, NULL, "jqm pki next, switch, retire");
	if (access(lists, F_OK) == 0)
		check_lists(doctor, lists, repair);
	free(lists);
	free(roots);
	free(node);
}

static void
check_authority(struct doctor *doctor)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	if (db_exec(doctor->db, &doctor_roots, NULL, &rows, &err) == -1) {
		doctor_unread(doctor, "authority", &err);
		return;
	}
	for (int i = 0; i < db_rows(rows); i++) {
		char *root = str_printf("root %s (%s)", db_text(rows, i, 0), db_text(rows, i, 1));

		say_end(doctor, root, "its certificate", "jqm pki next, switch, retire",
			db_int64(rows, i, 2), (int64_t)365 * DAY_S, (int64_t)60 * DAY_S);
		if (!db_is_null(rows, i, 3))
			say_end(doctor, root, "its revocation list",
				"jqm up signs it anew; see log/jqm.log", db_int64(rows, i, 3),
				2 * DAY_S, DAY_S / 2);
		free(root);
	}
	db_result_free(rows);
	rows = NULL;
	if (db_exec(doctor->db, &doctor_clear_keys, NULL, &rows, &err) == 0 &&
	    db_int64(rows, 0, 0) > 0)
		doctor_say(
		    doctor, FINDING_NOTE, "authority",
		    "pki:passphrase_file, or the credential jqm-pki-passphrase (docs/pki.md)",
		    "its private key is in the database in clear: whoever holds the "
		    "database can make certificates");
	db_result_free(rows);
	rows = NULL;
	if (db_exec(doctor->db, &doctor_client_certificates, NULL, &rows, &err) == 0 &&
	    db_int64(rows, 0, 0) > 0)
		doctor_say(doctor, FINDING_NOTE, "client certificates", "jqm certificate list",
			   "%s end within 30 days", db_text(rows, 0, 0));
	db_result_free(rows);
}

void
doctor_check_certificates(struct doctor *doctor)
{
	const char *nginx = doctor_setting(doctor, "nginx:directory");
	char *tls = doctor->home.path != NULL ? home_file(&doctor->home, "state/tls")
		    : nginx != NULL           ? str_printf("%s/tls", nginx)
					      : NULL;

	if (tls != NULL)
		check_internal(doctor, tls);
	free(tls);
	check_external(doctor);
	if (doctor->db != NULL)
		check_authority(doctor);
}
