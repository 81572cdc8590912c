/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jqm secrets: the keys of secret parameters, in their file, and what is sealed with them in the database.
 *
 * A new key is first known everywhere (next, and the file goes to every node and web server), then used (switch, and the
 * file goes there again), then everything old is sealed anew (rotate), then the old keys go (retire).
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
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/up.h"
#include "cli/up/owner_database.h"
#include "conf/secret_file.h"
#include "crypto/secret_box.h"
#include "db/db.h"
#include "store/secret_store.h"

#define KEY_FILE_MAX ((size_t)16 * 1024)

/* One call. */
struct job {
	struct cli *cli;
	const char *path;
	struct secret_keys *keys;
	struct db *db;
	int64_t current, old, renewed,
	    lost; /* values: by the first key, by another, and what became of those */
	struct err first; /* which value is not by the first key, or why one could not be opened */
};

/* --- the file --- */

static int
write_file(const struct job *job, const struct buf *text, struct err *err)
{
	if (buf_check(text, err) == -1)
		return -1;
	return fd_write_file(job->path, 0600, buf_text(text), text->len, err);
}

static int
append_new(struct buf *text, struct err *err)
{
	char key[SECRET_KEY_HEX_SIZE];

	if (secret_key_new(key, err) == -1)
		return -1;
	buf_printf(text, "%s\n", key);
	explicit_bzero(key, sizeof(key));
	return buf_check(text, err);
}

static int
keygen(struct job *job, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	int rc = -1;

	if (access(job->path, F_OK) == 0)
		(void)err_set(err, ERR_CONFLICT,
			      "\"%.*s\" is there already: what is sealed with its keys would be "
			      "lost",
			      STR_CUT(job->path, 200));
	else if (append_new(&text, err) == 0)
		rc = write_file(job, &text, err);
	buf_forget(&text);
	return rc;
}

static int
read_file(struct job *job, struct buf *text, struct err *err)
{
	if (secret_file_read(job->path, "key file", text, err) == -1)
		return -1;
	job->keys = secret_keys_parse(buf_text(text), err);
	return job->keys == NULL ? err_prefix(err, "\"%.*s\"", STR_CUT(job->path, 200)) : 0;
}

/* A key that opens, and does not seal yet. */
static int
next(struct job *job, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	int rc = read_file(job, &text, err);

	if (rc == 0 && text.data[text.len - 1] != '\n')
		buf_putc(&text, '\n');
	if (rc == 0)
		rc = append_new(&text, err);
	if (rc == 0)
		rc = write_file(job, &text, err);
	buf_forget(&text);
	return rc;
}

/* Start and length of the last line that is a key; of the first one with first. */
static void
find_key(const char *text, bool first, size_t *at_out, size_t *len_out)
{
	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		if (line[strspn(line, " \t\r")] != '#' && strspn(line, " \t\r") < len) {
			*at_out = (size_t)(line - text);
			*len_out = len;
			if (first)
				return;
		}
		line += len + (line[len] == '\n');
	}
}

/* The last key of the file seals from now on. */
static int
switch_key(struct job *job, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX), out = BUF_INIT(KEY_FILE_MAX);
	size_t at = 0, len = 0;
	int rc = read_file(job, &text, err);

	if (rc == 0) {
		find_key(text.data, false, &at, &len);
		buf_printf(&out, "%.*s\n%.*s", (int)len, text.data + at, (int)at, text.data);
		buf_puts(&out, text.data + at + len + (text.data[at + len] == '\n'));
		rc = write_file(job, &out, err);
	}
	buf_forget(&text);
	buf_forget(&out);
	return rc;
}

/* --- the database --- */

static int
count(void *arg, const struct stored_secret *secret, struct err *err)
{
	struct job *job = arg;
	char id[SECRET_KEY_ID_SIZE];

	(void)err;
	if (secret_names_key(secret->sealed, id) == -1)
		(void)str_copy(id, sizeof(id), "none");
	if (strcmp(id, secret_keys_current(job->keys)) == 0)
		job->current++;
	else if (job->old++ == 0)
		(void)err_set(&job->first, ERR_CONFLICT, "%s %" PRId64 ", parameter \"%s\", key %s",
			      secret->table, secret->id, secret->key, id);
	return 0;
}

static int
renew(void *arg, const struct stored_secret *secret, struct err *err)
{
	struct job *job = arg;
	struct err why = ERR_INIT;
	char id[SECRET_KEY_ID_SIZE], *value, *sealed;
	int done;

	if (secret_names_key(secret->sealed, id) == 0 &&
	    strcmp(id, secret_keys_current(job->keys)) == 0)
		return 0;
	value = secret_open(job->keys, secret->owner, secret->key, secret->sealed, &why);
	if (value == NULL) {
		if (job->lost++ == 0)
			(void)err_set(&job->first, why.kind, "%s %" PRId64 ", parameter \"%s\": %s",
				      secret->table, secret->id, secret->key, why.text);
		return 0;
	}
	sealed = secret_seal(job->keys, secret->owner, secret->key, value, err);
	str_forget(value);
	done = sealed == NULL ? -1 : secret_store_replace(job->db, secret, sealed, err);
	free(sealed);
	if (done == 1)
		job->renewed++;
	return done == -1 ? -1 : 0;
}

/* Whatever moved to a later table while we looked is found by another look. */
static int
rotate(struct job *job, struct err *err)
{
	for (int look = 0; look < 2; look++) {
		job->lost = 0;
		if (secret_store_each(job->db, renew, job, err) == -1)
			return -1;
	}
	(void)printf("%" PRId64 " sealed anew\n", job->renewed);
	if (job->lost > 0)
		return err_set(err, job->first.kind, "%" PRId64 " could not be opened; %s",
			       job->lost, job->first.text);
	return 0;
}

static int
status(struct job *job, struct err *err)
{
	if (secret_store_each(job->db, count, job, err) == -1)
		return -1;
	output_text_line(14, "key", secret_keys_current(job->keys));
	output_number_line(14, "sealed by it", true, job->current);
	output_number_line(14, "by others", true, job->old);
	return 0;
}

/* Only the first key is left. */
static int
retire(struct job *job, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX), out = BUF_INIT(KEY_FILE_MAX);
	size_t at = 0, len = 0;
	int rc = secret_store_each(job->db, count, job, err);

	if (rc == 0 && job->old > 0)
		rc = err_set(err, ERR_CONFLICT,
			     "%" PRId64 " values are sealed with other keys: jqm secrets rotate "
			     "(the first one: %s)",
			     job->old, job->first.text);
	if (rc == 0)
		rc = secret_file_read(job->path, "key file", &text, err);
	if (rc == 0) {
		find_key(text.data, true, &at, &len);
		buf_printf(&out, "%.*s\n", (int)len, text.data + at);
		rc = write_file(job, &out, err);
	}
	buf_forget(&text);
	buf_forget(&out);
	return rc;
}

/* --- the command line --- */

static const struct {
	const char *word;
	int (*run)(struct job *job, struct err *err);
	bool asks_database;
} words[] = {
	{ "keygen", keygen, false }, { "next", next, false },    { "switch", switch_key, false },
	{ "rotate", rotate, true },  { "status", status, true }, { "retire", retire, true },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* The key file is read before we become the home's owner: it is the caller's. */
static int
run(struct job *job, size_t word)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct err err = ERR_INIT;
	char *conninfo = NULL;
	int code = CLI_OK;

	if (words[word].asks_database) {
		int rc = read_file(job, &text, &err);

		buf_forget(&text);
		if (rc == -1)
			return cli_fail(job->cli, &err);
		if ((conninfo = owner_database(job->cli, &code)) == NULL)
			return code; /* already said */
		code = CLI_OK;
		job->db = db_new(conninfo, "jqm secrets");
	}
	if (words[word].run(job, &err) == -1)
		code = cli_fail(job->cli, &err);
	db_free(job->db);
	secret_keys_free(job->keys);
	free(conninfo);
	return cli_done(job->cli, code);
}

int
cli_secrets(struct cli *cli, int argc, char **argv)
{
	struct job job = { .cli = cli, .first = ERR_INIT };
	const char *given[2] = { "", NULL };
	size_t i;
	int code;

	if (args_words(cli, argc, argv, given, 2, &code) == -1)
		return code;
	i = args_choice(given[0], words, WORDS, sizeof(words[0]));
	if (i == WORDS)
		return cli_usage(cli,
				 "\"%s\" is none of keygen, next, switch, rotate, status, retire",
				 given[0]);
	if (given[1] == NULL)
		return cli_usage(cli, "which file of keys?");
	job.path = given[1];
	return run(&job, i);
}
