/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/password_file.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/secret_file.h"

#define PASSWORD_FILE_MAX 4096

static char *
first_line(const char *text)
{
	return str_printf("%.*s", (int)strcspn(text, "\r\n"), text);
}

char *
password_file_read(const char *path, struct err *err)
{
	struct buf buf = BUF_INIT(PASSWORD_FILE_MAX);
	char *password = NULL;

	if (secret_file_read(path, "password file", &buf, err) == 0) {
		if (strcspn(buf_text(&buf), "\r\n") == 0)
			(void)err_set(err, ERR_INVALID,
				      "the first line of password file \"%s\" is empty", path);
		else
			password = first_line(buf_text(&buf));
	}
	buf_forget(&buf);
	return password;
}
