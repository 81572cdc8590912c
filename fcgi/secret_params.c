/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/secret_params.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/secret_file.h"
#include "crypto/secret_box.h"
#include "fcgi/exchange.h"
#include "model/value.h"

#define KEY_FILE_MAX ((size_t)16 * 1024)

struct secret_keys *
secret_params_keys(struct exchange *x, struct err *err)
{
	char *path = secret_file_path(x->settings, "secrets:key_file", "jqm-secrets-key");
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct secret_keys *keys = NULL;
	char reason[LOG_VALUE_SIZE];

	if (path == NULL) {
		(void)err_set(err, ERR_CONFLICT,
			      "this server takes no secrets: it has no secrets:key_file");
		return NULL;
	}
	if (secret_file_read(path, "key file", &text, err) == 0)
		keys = secret_keys_parse(buf_text(&text), err);
	if (keys == NULL) {
		log_error("secret_keys_unreadable", "req=%s file=\"%s\" reason=\"%s\"",
			  x->request.request_id, path, log_value(reason, err->text));
		(void)err_set(err, ERR_BUSY,
			      "this server cannot seal secrets now: its log says why");
	}
	buf_forget(&text);
	free(path);
	return keys;
}

static int
seal(struct exchange *x, const struct secret_keys *keys, const char *definition,
     struct text_pair *pair, struct err *err)
{
	char *sealed = secret_seal(keys, definition, pair->key, pair->value, err);

	if (sealed == NULL)
		return -1;
	pair->value = exchange_strdup(x, sealed);
	free(sealed);
	return 0;
}

int
secret_params_seal(struct exchange *x, const char *definition, struct text_map *map,
		   struct err *err)
{
	struct secret_keys *keys;
	int rc = 0;

	if (!text_map_has_secrets(map))
		return 0;
	if (definition == NULL || definition[0] == '\0')
		return err_set(err, ERR_INVALID, "applicationName is missing");
	if ((keys = secret_params_keys(x, err)) == NULL)
		return -1;
	for (size_t i = 0; i < map->len && rc == 0; i++) {
		struct text_pair *pair = &map->items[i];

		if (!pair->secret)
			continue;
		if (pair->value == NULL || strcmp(pair->value, SECRET_MASK) == 0)
			pair->value = "";
		else
			rc = seal(x, keys, definition, pair, err);
	}
	secret_keys_free(keys);
	return rc;
}
