/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/hook_secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/secret_file.h"
#include "crypto/secret_box.h"
#include "hooks/delivery_row.h"

#define KEY_FILE_MAX ((size_t)16 * 1024)

struct secret_keys *
hook_secrets_keys(const struct settings *settings, struct err *err)
{
	char *path = secret_file_path(settings, "secrets:key_file", "jqm-secrets-key");
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct secret_keys *keys = NULL;

	if (path == NULL)
		(void)err_set(err, ERR_NOT_FOUND, "this node has no secrets:key_file");
	else if (secret_file_read(path, "key file", &text, err) == 0)
		keys = secret_keys_parse(buf_text(&text), err);
	buf_forget(&text);
	free(path);
	return keys;
}

static int
sign(const struct secret_keys *keys, const struct delivery *delivery, const char *sealed,
     char out[WEBHOOK_SIGNATURE_SIZE], struct err *err)
{
	char *secret = secret_open(keys, WEBHOOK_SECRET_OWNER, delivery->name, sealed, err);
	int rc;

	if (secret == NULL)
		return err_prefix(err, "its secret");
	rc = webhook_sign(secret, delivery->event_id, delivery->seconds, delivery->body, out, err);
	str_forget(secret);
	return rc;
}

int
hook_secrets_sign(const struct secret_keys *keys, const struct delivery *delivery,
		  char out[HOOK_SIGNATURES_SIZE], struct err *err)
{
	struct err ignored = ERR_INIT;
	size_t len;

	if (sign(keys, delivery, delivery->secret, out, err) == -1)
		return -1;
	len = strlen(out);
	if (delivery->old_secret != NULL &&
	    sign(keys, delivery, delivery->old_secret, out + len + 1, &ignored) == 0)
		out[len] = ' ';
	return 0;
}
