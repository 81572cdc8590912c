/* SPDX-License-Identifier: Apache-2.0 */
/* The roles that log in to the database, and the file of their passwords, in libpq's form. */
#include "cli/setup/setup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/str.h"
#include "crypto/random_token.h"

#define ROLE_PASSWORD_CHARS 32 /* 190 bits */
#define PASSFILE_MAX_BYTES 65536

const char *const setup_roles[] = { "jqm_owner", "jqm_api", "jqm_runner", "jqm_notifier",
				    "jqm_events" };
const size_t setup_roles_len = sizeof(setup_roles) / sizeof(setup_roles[0]);

char *
setup_password_of(const char *text, const char *role)
{
	char *start = str_printf("*:*:*:%s:", role), *found = NULL;

	while (text[0] != '\0' && found == NULL) {
		size_t len = strcspn(text, "\n");

		if (str_starts(text, start))
			found =
			    str_printf("%.*s", (int)(len - strlen(start)), text + strlen(start));
		text += len + (text[len] == '\n');
	}
	free(start);
	return found;
}

/* Append a line for each role that has none; *added_out: how many. */
static int
add_passwords(struct buf *text, size_t *added_out, struct err *err)
{
	char password[ROLE_PASSWORD_CHARS + 1];
	int rc = 0;

	*added_out = 0;
	if (text->len > 0 && text->data[text->len - 1] != '\n')
		buf_putc(text, '\n');
	for (size_t i = 0; i < setup_roles_len && rc == 0; i++) {
		char *known = setup_password_of(buf_text(text), setup_roles[i]);

		if (known != NULL) {
			explicit_bzero(known, strlen(known));
		} else if (random_text(password, ROLE_PASSWORD_CHARS) == -1) {
			rc = err_set(err, ERR_INTERNAL, "could not make a random password");
		} else {
			buf_printf(text, "*:*:*:%s:%s\n", setup_roles[i], password);
			(*added_out)++;
		}
		free(known);
	}
	explicit_bzero(password, sizeof(password));
	return rc == 0 ? buf_check(text, err) : -1;
}

/*
 * What is there was brought from another node, or left by a run that got no further: it stays.  Where an
 * administrator makes roles, those it lacks are added: of a new file all, later those of new programs.
 */
int
setup_make_passfile(struct setup *setup, struct err *err)
{
	const char *path = setup->places.passfile;
	bool is_there = access(path, F_OK) == 0;
	struct buf text = BUF_INIT(PASSFILE_MAX_BYTES);
	size_t added = 0;
	int rc = is_there ? setup_own_file(setup, path, err) : 0;

	if (rc == 0 && setup->wish.admin != NULL) {
		if (is_there)
			rc = fd_read_file(path, &text, err);
		else
			buf_puts(&text,
				 "# Passwords of the roles of JQM in the database, the same on "
				 "all nodes.\n");
		if (rc == 0)
			rc = add_passwords(&text, &added, err);
		if (rc == 0 && added > 0)
			rc = setup_write(setup, path, text.data, text.len, err);
	}
	buf_forget(&text);
	return rc;
}
