/* SPDX-License-Identifier: Apache-2.0 */
/* cli/definition_key.c: keys that sign definitions, in files of whoever signs: jqm definition keygen, and reading one. */
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/definition_order.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "codec/json_out.h"
#include "conf/password_file.h"
#include "crypto/pki.h"
#include "crypto/signature.h"

#define KEY_MAX ((size_t)64 * 1024)

static char *
passphrase(const struct definition_order *o, struct err *err)
{
	return o->passphrase_file == NULL ? NULL : password_file_read(o->passphrase_file, err);
}

int
definition_open_key(struct definition_order *o, struct err *err)
{
	struct buf pem = BUF_INIT(KEY_MAX);
	char *word = passphrase(o, err);
	char id[SIGNATURE_KEY_ID_SIZE];

	if ((o->passphrase_file == NULL || word != NULL) &&
	    fd_read_file(o->key_file, &pem, err) == 0)
		o->key = pki_key_read(buf_text(&pem), word, err);
	str_forget(word);
	buf_forget(&pem);
	if (o->key == NULL || signature_key_id(o->key, id, err) == -1)
		return err_prefix(err, "key \"%.*s\"", STR_CUT(o->key_file, 200));
	return 0;
}

static int
write_new(const struct definition_order *o, const char *path, mode_t mode, const struct buf *text,
	  struct err *err)
{
	if (!o->force && access(path, F_OK) == 0)
		return err_set(err, ERR_CONFLICT, "\"%.*s\" is there already: --force replaces it",
			       STR_CUT(path, 200));
	if (buf_check(text, err) == -1)
		return -1;
	return fd_write_file(path, mode, text->data, text->len, err);
}

static void
tell_new(const struct definition_order *o, const char *id, const char *public_path)
{
	struct buf text = BUF_INIT(KEY_MAX);
	struct json_out out = { .buf = &text };

	if (!o->cli->json) {
		output_text_line(DEFINITION_LABEL, "key", id);
		output_text_line(DEFINITION_LABEL, "private", o->names[0]);
		output_text_line(DEFINITION_LABEL, "public", public_path);
		return;
	}
	json_open(&out, NULL, '{');
	json_text(&out, "key", id);
	json_text(&out, "private", o->names[0]);
	json_text(&out, "public", public_path);
	json_close(&out, '}');
	output_document(stdout, buf_text(&text), text.len);
	buf_free(&text);
}

int
definition_keygen(struct definition_order *o, struct err *err)
{
	struct buf private = BUF_INIT(KEY_MAX), public = BUF_INIT(KEY_MAX);
	char *public_path = str_printf("%s.pub", o->names[0]);
	char *word = passphrase(o, err);
	char id[SIGNATURE_KEY_ID_SIZE];
	int rc = -1;

	if (o->passphrase_file == NULL || word != NULL)
		o->key = pki_key_new(PKI_ED25519, err);
	if (o->key != NULL && signature_key_id(o->key, id, err) == 0 &&
	    pki_key_write(o->key, word, &private, err) == 0 &&
	    signature_public_pem(o->key, &public, err) == 0 &&
	    write_new(o, o->names[0], 0600, &private, err) == 0 &&
	    write_new(o, public_path, 0644, &public, err) == 0) {
		tell_new(o, id, public_path);
		rc = 0;
	}
	buf_forget(&private);
	buf_free(&public);
	str_forget(word);
	free(public_path);
	return rc;
}
