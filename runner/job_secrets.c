/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_secrets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/secret_file.h"
#include "crypto/secret_box.h"
#include "model/job_order.h"

#define KEY_FILE_MAX ((size_t)16 * 1024)

static const struct job_parameter *
first_secret(const struct job_order *order)
{
	for (size_t i = 0; i < order->n_parameters; i++)
		if (order->parameters[i].secret)
			return &order->parameters[i];
	return NULL;
}

static struct secret_keys *
read_keys(const struct settings *settings, struct err *err)
{
	char *path = secret_file_path(settings, "secrets:key_file", "jqm-secrets-key");
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct secret_keys *keys = NULL;

	if (path == NULL) {
		(void)err_set(err, ERR_NOT_FOUND, "this node has no secrets:key_file");
	} else if (secret_file_read(path, "key file", &text, err) == 0 &&
		   (keys = secret_keys_parse(buf_text(&text), err)) == NULL) {
		(void)err_prefix(err, "key file \"%s\"", path);
	}
	buf_forget(&text);
	free(path);
	return keys;
}

int
job_secrets_check(const struct settings *settings, struct err *err)
{
	char *path = secret_file_path(settings, "secrets:key_file", "jqm-secrets-key");
	struct secret_keys *keys = path == NULL ? NULL : read_keys(settings, err);
	int rc = path == NULL || keys != NULL ? 0 : err_prefix(err, "setting secrets:key_file");

	secret_keys_free(keys);
	free(path);
	return rc;
}

int
job_secrets_open(const struct settings *settings, struct job_order *order, struct err *err)
{
	const struct job_parameter *p = first_secret(order);
	struct secret_keys *keys;
	int rc = 0;

	if (p == NULL)
		return 0;
	if ((keys = read_keys(settings, err)) == NULL)
		return err_prefix(err, "secret parameter \"%s\"", p->key);
	for (size_t i = 0; i < order->n_parameters && rc == 0; i++) {
		struct job_parameter *at = &order->parameters[i];
		char *value;

		if (!at->secret)
			continue;
		value = secret_open(keys, order->definition_name, at->key, at->value, err);
		if (value == NULL) {
			rc = err_prefix(err, "secret parameter \"%s\"", at->key);
			break;
		}
		free(at->value);
		at->value = value;
	}
	secret_keys_free(keys);
	if (rc == -1)
		job_secrets_forget(order);
	return rc;
}

void
job_secrets_forget(struct job_order *order)
{
	for (size_t i = 0; i < order->n_parameters; i++)
		if (order->parameters[i].secret)
			explicit_bzero(order->parameters[i].value,
				       strlen(order->parameters[i].value));
}
