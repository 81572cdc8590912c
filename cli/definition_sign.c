/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/definition_sign.c: jqm definition sign|verify, over definitions of a server or of a file.  What a signature is over
 * is shown first, since the server that tells it is what the signature protects from.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/definition_order.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "codec/job_def_xml.h"
#include "codec/json_out.h"
#include "conf/key_dir.h"
#include "crypto/signature.h"
#include "model/admin.h"
#include "model/job_def.h"
#include "model/signed_definition.h"

#define XML_MAX ((size_t)8 * 1024 * 1024)

/* --- one definition --- */

static void
show(const struct signed_definition *def)
{
	for (size_t i = 0; i < signed_members_len; i++) {
		const char *at = (const char *)def + signed_members[i].offset;
		const char *text;
		int64_t number;

		if (signed_members[i].kind == SIGNED_TEXT) {
			memcpy(&text, at, sizeof(text));
			output_text_line(DEFINITION_LABEL, signed_members[i].member, text);
		} else if (signed_members[i].kind == SIGNED_NUMBER) {
			memcpy(&number, at, sizeof(number));
			output_number_line(DEFINITION_LABEL, signed_members[i].member, number >= 0,
					   number);
		}
	}
	(void)putchar('\n');
}

/* A signature over def into *out (memory of the pool); only shown without --yes, *out NULL. */
static int
sign_one(struct definition_order *o, const struct signed_definition *def, const char **out,
	 struct err *err)
{
	struct buf bytes = BUF_INIT(XML_MAX);
	char signature[SIGNATURE_SIZE];
	int rc = 0;

	*out = NULL;
	if (o->xml_file == NULL || !o->yes)
		show(def);
	if (o->yes) {
		signed_definition_bytes(def, &bytes);
		rc = buf_check(&bytes, err);
		if (rc == 0)
			rc = signature_make(o->key, bytes.data, bytes.len, signature, err);
		if (rc == 0)
			*out = memory_dup(&o->pool.memory, signature);
		buf_free(&bytes);
	}
	return rc;
}

static void
tell_verdict(struct definition_order *o, const char *name, enum signature_verdict verdict,
	     const char *id)
{
	static const char *const words[] = { [SIGNATURE_GOOD] = "good",
					     [SIGNATURE_UNTRUSTED] = "untrusted",
					     [SIGNATURE_NONE] = "unsigned",
					     [SIGNATURE_MALFORMED] = "wrong",
					     [SIGNATURE_WRONG] = "wrong" };
	bool is_good = verdict == SIGNATURE_GOOD;

	if (o->cli->json) {
		json_open(&o->verdicts, NULL, '{');
		json_text(&o->verdicts, "definition", name);
		json_text(&o->verdicts, "signature", words[verdict]);
		json_text(&o->verdicts, "key", verdict == SIGNATURE_NONE ? NULL : id);
		json_text(&o->verdicts, "signer",
			  is_good ? signature_ring_name(o->ring, id) : NULL);
		json_close(&o->verdicts, '}');
		return;
	}
	output_column(stdout, name, 30);
	if (verdict == SIGNATURE_NONE) {
		(void)puts(" unsigned");
		return;
	}
	(void)printf(" %-10s %s", words[verdict], id);
	if (is_good) {
		(void)putchar(' ');
		output_text(stdout, signature_ring_name(o->ring, id));
	}
	(void)putchar('\n');
}

static void
verify_one(struct definition_order *o, const struct signed_definition *def, const char *signature)
{
	struct buf bytes = BUF_INIT(XML_MAX);
	char id[SIGNATURE_KEY_ID_SIZE] = "";
	enum signature_verdict verdict;

	signature = signature == NULL ? "" : signature;
	signed_definition_bytes(def, &bytes);
	verdict = signature_ring_check(o->ring, signature, buf_text(&bytes), bytes.len);
	(void)signature_names_key(signature, id);
	o->not_good += verdict != SIGNATURE_GOOD;
	tell_verdict(o, def->name, verdict, id);
	buf_free(&bytes);
}

/* --- of a file --- */

static bool
is_named(const struct definition_order *o, const char *name)
{
	for (size_t i = 0; i < o->n_names; i++)
		if (strcmp(o->names[i], name) == 0)
			return true;
	return o->n_names == 0;
}

static int
check_names(const struct definition_order *o, const struct job_def_set *set, struct err *err)
{
	for (size_t i = 0; i < o->n_names; i++) {
		size_t n = 0;

		while (n < set->defs_len && strcmp(set->defs[n].name, o->names[i]) != 0)
			n++;
		if (n == set->defs_len)
			return err_set(err, ERR_NOT_FOUND, "there is no definition \"%.*s\" in it",
				       STR_CUT(o->names[i], 100));
	}
	return 0;
}

static int
print_set(const struct job_def_set *set, struct err *err)
{
	struct buf xml = BUF_INIT(XML_MAX);
	struct out_stream out;
	int rc;

	job_def_xml_write(set, &xml);
	rc = buf_check(&xml, err);
	if (rc == 0) {
		out_stream_init(&out, STDOUT_FILENO);
		rc = out_stream_write(&out, xml.data, xml.len, err);
		if (rc == 0)
			rc = out_stream_end(&out, err);
	}
	buf_free(&xml);
	return rc;
}

static int
of_file(struct definition_order *o, struct err *err)
{
	struct buf text = BUF_INIT(XML_MAX);
	struct job_def_set set;
	int rc = -1;

	if (fd_read_file(o->xml_file, &text, err) == 0 &&
	    job_def_xml_read(buf_text(&text), text.len, &o->pool.memory, &set, err) == 0)
		rc = check_names(o, &set, err);
	for (size_t i = 0; rc == 0 && i < set.defs_len; i++) {
		struct signed_definition def = signed_definition_of_def(&set.defs[i]);

		if (!is_named(o, def.name))
			continue;
		if (o->ring != NULL)
			verify_one(o, &def, set.defs[i].signature);
		else
			rc = sign_one(o, &def, &set.defs[i].signature, err);
	}
	if (rc == 0 && o->ring == NULL && o->yes)
		rc = print_set(&set, err);
	else if (rc == -1)
		(void)err_prefix(err, "\"%.*s\"", STR_CUT(o->xml_file, 200));
	buf_free(&text);
	return rc;
}

/* --- of a server --- */

static int
of_server_one(struct definition_order *o, int64_t id, struct err *err)
{
	struct admin_definition admin;
	struct signed_definition def;

	if (definition_get(o, id, &admin, err) == -1 ||
	    signed_definition_of_admin(&admin, &def, err) == -1)
		return -1;
	if (o->ring != NULL) {
		verify_one(o, &def, admin.signature);
		return 0;
	}
	if (sign_one(o, &def, &admin.signature, err) == -1)
		return -1;
	return o->yes ? definition_put(o, &admin, err) : 0;
}

static int
of_server(struct definition_order *o, struct err *err)
{
	const struct admin_definition *defs;
	struct wire_items list;
	size_t n = 0;

	if (definition_list(o, &list, err) == -1)
		return -1;
	defs = list.items;
	for (size_t i = 0; i < list.len; i++)
		if (is_named(o, defs[i].name)) {
			if (of_server_one(o, defs[i].id, err) == -1)
				return err_prefix(err, "definition \"%.*s\"",
						  STR_CUT(defs[i].name, 100));
			n++;
		}
	if (n < o->n_names)
		return err_set(err, ERR_NOT_FOUND, "%zu of these definitions %s not there",
			       o->n_names - n, o->n_names - n == 1 ? "is" : "are");
	return 0;
}

/* --- the words --- */

static int
trust(void *arg, const char *name, const char *pem, struct err *err)
{
	return signature_ring_add(arg, pem, name, err);
}

int
definition_sign(struct definition_order *o, struct err *err)
{
	if (definition_open_key(o, err) == -1)
		return -1;
	if ((o->xml_file == NULL ? of_server(o, err) : of_file(o, err)) == -1)
		return -1;
	if (!o->yes)
		return err_set(err, ERR_CONFLICT,
			       "nothing is signed: --yes signs what is shown above");
	return 0;
}

int
definition_verify(struct definition_order *o, struct err *err)
{
	bool ours;
	int rc;

	o->ring = signature_ring_new();
	o->found = (struct buf)BUF_INIT(XML_MAX);
	o->verdicts.buf = &o->found;
	json_open(&o->verdicts, NULL, '[');
	rc = key_dir_read(o->trusted, trust, o->ring, &ours, err);
	if (rc == 0)
		rc = o->xml_file == NULL ? of_server(o, err) : of_file(o, err);
	json_close(&o->verdicts, ']');
	if (rc == 0)
		rc = buf_check(&o->found, err);
	if (rc == 0 && o->cli->json)
		output_document(stdout, buf_text(&o->found), o->found.len);
	buf_free(&o->found);
	if (rc == 0 && o->not_good > 0)
		return err_set(err, ERR_CONFLICT, "%zu not signed by these keys", o->not_good);
	return rc;
}
