/* SPDX-License-Identifier: Apache-2.0 */
/* Switches an administrator may have left open, and passwords everybody can guess. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/up/home.h"
#include "crypto/password_hash.h"
#include "db/db.h"

#define PASSWORD_FILE_MAX 4096

DB_STMT(doctor_parameters) = {
	.name = "doctor_parameters",
	.text = "SELECT key, value, lower(value) = 'true' FROM jqm.global_parameter ORDER BY key",
	.read_only = true,
};
DB_STMT(doctor_nodes_beyond) = {
	.name = "doctor_nodes_beyond",
	.text = "SELECT string_agg(name, ', ' ORDER BY name) FROM jqm.node WHERE NOT template AND "
		"enabled"
		" AND dns <> 'localhost' AND dns <> '::1' AND dns NOT LIKE '127.%'",
	.read_only = true,
};
DB_STMT(doctor_strong_accounts) = {
	.name = "doctor_strong_accounts",
	.text =
	    "SELECT a.login, a.password_hash FROM jqm.account AS a WHERE a.password_hash IS NOT "
	    "NULL"
	    " AND NOT a.locked AND (a.expiration_date IS NULL OR a.expiration_date > now())"
	    " AND EXISTS (SELECT FROM jqm.account_role AS x JOIN jqm.role AS r ON r.id = x.role_id"
	    " WHERE x.account_id = a.id AND ('*:*' = ANY (r.permissions) OR '*' = ANY "
	    "(r.permissions)))"
	    " ORDER BY a.built_in DESC, a.login LIMIT 4",
	.read_only = true,
};
DB_STMT(doctor_old_passwords) = {
	.name = "doctor_old_passwords",
	.text = "SELECT count(*) FROM jqm.account WHERE password_hash LIKE '$jqm-sha512$%'",
	.read_only = true,
};

/* What each switch means when it is so; beyond: only when a node can be reached from other machines. */
static const struct {
	const char *key;
	bool when;
	enum finding_kind kind, beyond;
	const char *repair, *why;
} switches[] = {
	{ "enableWsApiAuth", false, FINDING_WRONG, FINDING_WRONG,
	  "jqm param set enableWsApiAuth true",
	  "authentication is off: whoever reaches a node from its own machine, each job too, is "
	  "administrator" },
	{ "openBeyondLoopback", true, FINDING_WRONG, FINDING_WRONG,
	  "jqm param delete openBeyondLoopback",
	  "with authentication off, whoever reaches a node over the network is administrator" },
	{ "allowClearHttp", true, FINDING_NOTE, FINDING_WRONG, "jqm param delete allowClearHttp",
	  "nodes may be reached over the network without TLS: passwords and logs can be read on "
	  "the way" },
	{ "enableAnonymousHealth", true, FINDING_NOTE, FINDING_NOTE,
	  "jqm param delete enableAnonymousHealth",
	  "whoever reaches a node may ask without a login whether it is well" },
	{ "compatibleClientPfx", true, FINDING_NOTE, FINDING_NOTE,
	  "jqm param delete compatibleClientPfx",
	  "archives with client certificates have a password everybody knows" },
};

static void
check_switches(struct doctor *doctor, const char *nodes_beyond)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	bool fine = true;

	if (db_exec(doctor->db, &doctor_parameters, NULL, &rows, &err) == -1) {
		doctor_unread(doctor, "parameters", &err);
		return;
	}
	for (int i = 0; i < db_rows(rows); i++)
		for (size_t s = 0; s < sizeof(switches) / sizeof(switches[0]); s++) {
			if (strcmp(db_text(rows, i, 0), switches[s].key) != 0 ||
			    db_bool(rows, i, 2) != switches[s].when)
				continue;
			fine = false;
			doctor_say(doctor,
				   nodes_beyond == NULL ? switches[s].kind : switches[s].beyond,
				   switches[s].key, switches[s].repair, "%s", switches[s].why);
		}
	if (fine)
		doctor_say(doctor, FINDING_OK, "parameters", NULL,
			   "authentication is on, and nothing leaves a machine without TLS%s%s",
			   nodes_beyond == NULL ? "" : "; reached from elsewhere: ",
			   nodes_beyond == NULL ? "" : nodes_beyond);
	db_result_free(rows);
}

/* Is it one of the words that are tried first?  Each costs some tens of milliseconds. */
static bool
is_guessed(const char *login, const char *hash)
{
	const char *const words[] = { login, "jqm", "admin", "password", "SuperPassword", "test" };
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (password_verify(words[i], hash, &ignored) == 1)
			return true;
	return false;
}

/* root and the password "jqm up" made for it, which stays in its file. */
static void
check_first_password(struct doctor *doctor, const char *hash)
{
	char *path = home_file(&doctor->home, "root-password");
	struct buf text = BUF_INIT(PASSWORD_FILE_MAX);
	struct err ignored = ERR_INIT;

	if (fd_read_file(path, &text, &ignored) == 0 && text.len > 0) {
		text.data[strcspn(text.data, "\r\n")] = '\0';
		if (password_verify(text.data, hash, &ignored) == 1)
			doctor_say(doctor, FINDING_NOTE, "root",
				   "jqm user reset-password root, and keep it elsewhere",
				   "still has the password of the first start, which is in "
				   "\"%s\"",
				   path);
	}
	buf_forget(&text);
	free(path);
}

static void
check_passwords(struct doctor *doctor)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	bool fine = true;

	if (db_exec(doctor->db, &doctor_strong_accounts, NULL, &rows, &err) == -1) {
		doctor_unread(doctor, "accounts", &err);
		return;
	}
	for (int i = 0; i < db_rows(rows); i++) {
		const char *login = db_text(rows, i, 0);

		if (doctor->home.path != NULL && strcmp(login, "root") == 0)
			check_first_password(doctor, db_text(rows, i, 1));
		if (!is_guessed(login, db_text(rows, i, 1)))
			continue;
		fine = false;
		doctor_say(
		    doctor, FINDING_WRONG, login, "jqm user reset-password LOGIN",
		    "an administrator with a password that is tried first by whoever guesses");
	}
	if (fine)
		doctor_say(doctor, FINDING_OK, "accounts", NULL,
			   "%d administrators have no password that is tried first", db_rows(rows));
	db_result_free(rows);
	rows = NULL;
	if (db_exec(doctor->db, &doctor_old_passwords, NULL, &rows, &err) == 0 &&
	    db_int64(rows, 0, 0) > 0)
		doctor_say(doctor, FINDING_NOTE, "accounts", "they change at the next login",
			   "%s passwords are still kept as JQM kept them (SHA-512)",
			   db_text(rows, 0, 0));
	db_result_free(rows);
}

void
doctor_check_switches(struct doctor *doctor)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	if (doctor->db == NULL)
		return;
	if (db_exec(doctor->db, &doctor_nodes_beyond, NULL, &rows, &err) == -1)
		doctor_unread(doctor, "nodes", &err);
	else
		check_switches(doctor, db_text(rows, 0, 0));
	db_result_free(rows);
	check_passwords(doctor);
}
