/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/definition.c: jqm definition sign|verify|keygen|secret.  Keys stay in files of whoever signs; what a signature is
 * over is shown first, since the server that tells it is what the signature protects from.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/doc_json_given.h"
#include "codec/docs.h"
#include "codec/job_def_xml.h"
#include "conf/key_dir.h"
#include "conf/password_file.h"
#include "crypto/pki.h"
#include "crypto/signature.h"
#include "model/admin.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/signed_definition.h"

#define NAMES_MAX 1000
#define LABEL 18
#define KEY_MAX ((size_t)64 * 1024)
#define XML_MAX ((size_t)8 * 1024 * 1024)
#define PATH_BYTES 60

/* One call. */
struct order {
	struct cli *cli;
	struct api *api;
	struct pool pool;
	const char *word;
	const char *names[NAMES_MAX];
	size_t n_names;
	const char *key_file, *passphrase_file, *trusted, *xml_file;
	bool all, yes, force;
	struct pki_key *key; /* sign */
	struct signature_ring *ring; /* verify */
	size_t not_good;
};

/* --- keys --- */

static char *
passphrase(const struct order *o, struct err *err)
{
	return o->passphrase_file == NULL ? NULL : password_file_read(o->passphrase_file, err);
}

static int
open_key(struct order *o, struct err *err)
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
trust(void *arg, const char *name, const char *pem, struct err *err)
{
	return signature_ring_add(arg, pem, name, err);
}

static int
write_new(const struct order *o, const char *path, mode_t mode, const struct buf *text,
	  struct err *err)
{
	if (!o->force && access(path, F_OK) == 0)
		return err_set(err, ERR_CONFLICT, "\"%.*s\" is there already: --force replaces it",
			       STR_CUT(path, 200));
	if (buf_check(text, err) == -1)
		return -1;
	return fd_write_file(path, mode, text->data, text->len, err);
}

static int
keygen(struct order *o, struct err *err)
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
		output_text_line(LABEL, "key", id);
		output_text_line(LABEL, "private", o->names[0]);
		output_text_line(LABEL, "public", public_path);
		rc = 0;
	}
	buf_forget(&private);
	buf_free(&public);
	str_forget(word);
	free(public_path);
	return rc;
}

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
			output_text_line(LABEL, signed_members[i].member, text);
		} else if (signed_members[i].kind == SIGNED_NUMBER) {
			memcpy(&number, at, sizeof(number));
			output_number_line(LABEL, signed_members[i].member, number >= 0, number);
		}
	}
	(void)putchar('\n');
}

/* A signature over def into *out (memory of the pool); only shown without --yes, *out NULL. */
static int
sign_one(struct order *o, const struct signed_definition *def, const char **out, struct err *err)
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
verify_one(struct order *o, const struct signed_definition *def, const char *signature)
{
	struct buf bytes = BUF_INIT(XML_MAX);
	char id[SIGNATURE_KEY_ID_SIZE] = "";
	enum signature_verdict verdict;

	signature = signature == NULL ? "" : signature;
	signed_definition_bytes(def, &bytes);
	verdict = signature_ring_check(o->ring, signature, buf_text(&bytes), bytes.len);
	(void)signature_names_key(signature, id);
	o->not_good += verdict != SIGNATURE_GOOD;
	output_column(stdout, def->name, 30);
	switch (verdict) {
	case SIGNATURE_GOOD:
		(void)printf(" good       %s ", id);
		output_text(stdout, signature_ring_name(o->ring, id));
		(void)putchar('\n');
		break;
	case SIGNATURE_UNTRUSTED:
		(void)printf(" untrusted  %s\n", id);
		break;
	case SIGNATURE_NONE:
		(void)puts(" unsigned");
		break;
	default:
		(void)printf(" wrong      %s\n", id);
	}
	buf_free(&bytes);
}

/* --- of a file --- */

static bool
is_named(const struct order *o, const char *name)
{
	for (size_t i = 0; i < o->n_names; i++)
		if (strcmp(o->names[i], name) == 0)
			return true;
	return o->n_names == 0;
}

static int
check_names(const struct order *o, const struct job_def_set *set, struct err *err)
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
of_file(struct order *o, struct err *err)
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
put(struct order *o, const char *path, struct admin_definition *def, struct err *err)
{
	const struct wire_object *doc = &admin_definition_doc;
	struct doc_given given = { memory_alloc_array(&o->pool.memory, doc->fields_len,
						      sizeof(given.members[0])) };
	struct wire_items items = { def, 1 };
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	char state[100];
	int rc;

	(void)str_copy(state, sizeof(state), api_etag(o->api));
	for (size_t i = 0; i < doc->fields_len; i++)
		given.members[i].there = doc->fields[i].type != WIRE_OBJECT_LIST;
	doc_json_given_write(doc, &items, &given, false, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		rc = api_send(o->api, "PUT", path, json.data, state, err);
	buf_free(&json);
	return rc;
}

static int
of_server_one(struct order *o, int64_t id, struct err *err)
{
	struct admin_definition admin;
	struct signed_definition def;
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "/ws/admin/jd/%" PRId64, id);
	if (api_get(o->api, path, &admin_definition_doc, false, &o->pool.memory, &admin, NULL,
		    err) == -1 ||
	    signed_definition_of_admin(&admin, &def, err) == -1)
		return -1;
	if (o->ring != NULL) {
		verify_one(o, &def, admin.signature);
		return 0;
	}
	if (sign_one(o, &def, &admin.signature, err) == -1)
		return -1;
	return o->yes ? put(o, path, &admin, err) : 0;
}

static int
find_definition(struct order *o, const char *name, int64_t *id_out, struct err *err)
{
	const struct admin_definition *defs;
	struct wire_items list;

	o->api = api_open(o->cli, err);
	if (o->api == NULL || api_get(o->api, "/ws/admin/jd", &admin_definition_doc, true,
				      &o->pool.memory, &list, NULL, err) == -1)
		return -1;
	defs = list.items;
	for (size_t i = 0; i < list.len; i++)
		if (strcmp(defs[i].name, name) == 0) {
			*id_out = defs[i].id;
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "there is no definition \"%.*s\"", STR_CUT(name, 100));
}

static int
of_server(struct order *o, struct err *err)
{
	const struct admin_definition *defs;
	struct wire_items list;
	size_t n = 0;

	o->api = api_open(o->cli, err);
	if (o->api == NULL || api_get(o->api, "/ws/admin/jd", &admin_definition_doc, true,
				      &o->pool.memory, &list, NULL, err) == -1)
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

/* --- a secret parameter --- */

/* NAME KEY FILE: the parameters it has, and this one. */
static int
set_secret(struct order *o, struct err *err)
{
	struct text_pair pair = { o->names[1], SECRET_MASK, true };
	struct admin_definition admin;
	struct text_map map = { NULL, 0 };
	char path[PATH_BYTES], *value = NULL;
	int64_t id = 0;
	int rc = -1;

	if (strcmp(o->names[2], "none") != 0) {
		if ((value = password_file_read(o->names[2], err)) == NULL)
			return -1;
		pair.value = value;
	}
	if (find_definition(o, o->names[0], &id, err) == 0) {
		(void)snprintf(path, sizeof(path), "/ws/admin/jd/%" PRId64, id);
		rc = api_get(o->api, path, &admin_definition_doc, false, &o->pool.memory, &admin,
			     NULL, err);
	}
	if (rc == 0) {
		text_map_room(&map, &o->pool.memory, admin.parameters.len + 1);
		for (size_t i = 0; i < admin.parameters.len; i++)
			text_map_put_pair(&map, &admin.parameters.items[i]);
		text_map_put_pair(&map, &pair);
		admin.parameters = map;
		rc = put(o, path, &admin, err);
	}
	str_forget(value);
	return rc;
}

/* --- the command line --- */

static int
do_sign(struct order *o, struct err *err)
{
	if (open_key(o, err) == -1)
		return -1;
	if ((o->xml_file == NULL ? of_server(o, err) : of_file(o, err)) == -1)
		return -1;
	if (!o->yes)
		return err_set(err, ERR_CONFLICT,
			       "nothing is signed: --yes signs what is shown above");
	return 0;
}

static int
do_verify(struct order *o, struct err *err)
{
	bool ours;

	o->ring = signature_ring_new();
	if (key_dir_read(o->trusted, trust, o->ring, &ours, err) == -1 ||
	    (o->xml_file == NULL ? of_server(o, err) : of_file(o, err)) == -1)
		return -1;
	if (o->not_good > 0)
		return err_set(err, ERR_CONFLICT, "%zu not signed by these keys", o->not_good);
	return 0;
}

static const struct {
	const char *word;
	int (*run)(struct order *o, struct err *err);
} words[] = {
	{ "sign", do_sign }, { "verify", do_verify }, { "keygen", keygen }, { "secret", set_secret }
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static size_t
word_of(const char *word)
{
	return args_choice(word, words, WORDS, sizeof(words[0]));
}

bool
cli_definition_has(const char *word)
{
	return word_of(word) < WORDS;
}

static int
check_words(const struct order *o)
{
	struct cli *cli = o->cli;

	if (strcmp(o->word, "keygen") == 0) {
		if (o->n_names != 1)
			return cli_usage(cli, "the key goes into which file?");
		return o->key_file != NULL || o->trusted != NULL || o->xml_file != NULL || o->all ||
			       o->yes
			   ? cli_usage(cli, "keygen takes --passphrase-file and --force only")
			   : CLI_OK;
	}
	if (o->force)
		return cli_usage(cli, "--force is for keygen");
	if (strcmp(o->word, "secret") == 0)
		return o->n_names == 3
			   ? CLI_OK
			   : cli_usage(cli, "secret takes NAME KEY FILE, or none for FILE");
	if (strcmp(o->word, "verify") == 0)
		return o->trusted == NULL || o->key_file != NULL || o->yes
			   ? cli_usage(cli, "verify takes --trusted FILE|DIRECTORY")
			   : CLI_OK;
	if (o->key_file == NULL || o->trusted != NULL)
		return cli_usage(cli, "sign takes --key FILE");
	if (o->xml_file == NULL && o->all == (o->n_names > 0))
		return cli_usage(cli, "sign which ones?  NAME... or --all");
	return CLI_OK;
}

static void
take_option(struct order *o, int option, const char *value)
{
	switch (option) {
	case 0:
		o->key_file = value;
		break;
	case 1:
		o->passphrase_file = value;
		break;
	case 2:
		o->trusted = value;
		break;
	case 3:
		o->xml_file = value;
		break;
	case 4:
		o->all = true;
		break;
	case 5:
		o->yes = true;
		break;
	default:
		o->force = true;
	}
}

static int
read_words(struct order *o, int argc, char **argv, bool *stop)
{
	static const struct args_option options[] = {
		{ "key", 'k', true },     { "passphrase-file", 0, true },
		{ "trusted", 't', true }, { "file", 'f', true },
		{ "all", 0, false },      { "yes", 'y', false },
		{ "force", 0, false },
	};
	struct args args;
	int option;

	args_init(&args, o->cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP) {
			*stop = true;
			return args.exit_code;
		}
		if (option != ARGS_WORD)
			take_option(o, option, args.value);
		else if (o->n_names == NAMES_MAX)
			return cli_usage(o->cli, "more than %d names", NAMES_MAX);
		else
			o->names[o->n_names++] = args.value;
	}
	return CLI_OK;
}

int
cli_definition(struct cli *cli, int argc, char **argv)
{
	struct order *o = calloc(1, sizeof(*o));
	struct err err = ERR_INIT;
	bool stop = false;
	int code;

	if (o == NULL)
		abort();
	o->cli = cli;
	o->word = argv[0];
	code = read_words(o, argc, argv, &stop);
	if (code == CLI_OK && !stop)
		code = check_words(o);
	if (code == CLI_OK && !stop) {
		pool_init(&o->pool);
		if (words[word_of(o->word)].run(o, &err) == -1)
			code = cli_fail(cli, &err);
		code = cli_done(cli, code);
		api_close(o->api);
		pki_key_free(o->key);
		signature_ring_free(o->ring);
		pool_free(&o->pool);
	}
	free(o);
	return code;
}
