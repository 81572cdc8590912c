/* SPDX-License-Identifier: Apache-2.0 */
/* The roles that log in to the database, and the file of their passwords, in libpq's form. */
#include "cli/setup/setup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
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

/* One that is there was brought from another node, or left by a run that got no further: it stays. */
int
setup_make_passfile(struct setup *setup, struct err *err)
{
	struct buf text = BUF_INIT(PASSFILE_MAX_BYTES);
	char password[ROLE_PASSWORD_CHARS + 1];
	int rc = 0;

	if (access(setup->places.passfile, F_OK) == 0)
		return setup_own_file(setup, setup->places.passfile, err);
	if (setup->wish.admin == NULL)
		return 0;
	buf_puts(&text,
		 "# Passwords of the roles of JQM in the database, the same on all nodes.\n");
	for (size_t i = 0; i < setup_roles_len && rc == 0; i++) {
		if (random_text(password, ROLE_PASSWORD_CHARS) == -1)
			rc = err_set(err, ERR_INTERNAL, "could not make a random password");
		else
			buf_printf(&text, "*:*:*:%s:%s\n", setup_roles[i], password);
	}
	if (rc == 0)
		rc = buf_check(&text, err);
	if (rc == 0)
		rc = setup_write(setup, setup->places.passfile, text.data, text.len, err);
	explicit_bzero(password, sizeof(password));
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buf_free(&text);
	return rc;
}
