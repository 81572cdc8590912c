/* SPDX-License-Identifier: Apache-2.0 */
/* cli/certificate.c: jqm certificate: client certificates of accounts, from the server to a file and back to nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/percent.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/admin.h"
#include "model/certificate.h"
#include "model/memory.h"

#define LABEL 12
#define REQUEST_FILE_MAX ((size_t)CERTIFICATE_REQUEST_BYTES_MAX)
#define PEM_MAX ((size_t)256 * 1024)
#define PATH_MAX_BYTES 120
#define ARCHIVE_MAX ((size_t)1024 * 1024)

/* One call of the verb. */
struct order {
	struct cli *cli;
	struct api *api;
	struct pool pool;
	const char *word, *what; /* "create", "anna" */
	const char *output, *request_file, *reason;
	struct opt_int64 days;
	bool pkcs12, force;
};

static int
usage_options(struct order *o, struct args *args, int option)
{
	int64_t days;

	switch (option) {
	case 0:
		o->output = args->value;
		return 0;
	case 1:
		if (num_int64(args->value, 1, CERTIFICATE_DAYS_MAX, &days) == -1)
			return cli_usage(o->cli, "days \"%s\" is not a number from 1 to %d",
					 args->value, CERTIFICATE_DAYS_MAX);
		o->days = (struct opt_int64){ true, days };
		return 0;
	case 2:
		o->request_file = args->value;
		return 0;
	case 3:
		o->pkcs12 = true;
		return 0;
	case 4:
		o->force = true;
		return 0;
	default:
		o->reason = args->value;
		return 0;
	}
}

/* The number of the account of that login. */
static int
find_account(struct order *o, const char *login, int64_t *id_out, struct err *err)
{
	const struct admin_user *users;
	struct wire_items list;

	if (api_get(o->api, "/ws/admin/user", &admin_user_doc, true, &o->pool.memory, &list, NULL,
		    err) == -1)
		return -1;
	users = list.items;
	for (size_t i = 0; i < list.len; i++)
		if (users[i].login != NULL && strcmp(users[i].login, login) == 0) {
			*id_out = users[i].id;
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "there is no user \"%.*s\"", STR_CUT(login, 100));
}

static void
column(const char *text, size_t width)
{
	output_column(stdout, text == NULL ? "" : text, width);
	(void)putchar(' ');
}

static void
print_list(const struct certificate *items, size_t len)
{
	(void)printf("%7s %-6s %-20s %-19s %-19s %s\n", "ID", "KIND", "NAME", "EXPIRES", "REVOKED",
		     "SERIAL");
	for (size_t i = 0; i < len; i++) {
		(void)printf("%7" PRId64 " ", items[i].id);
		column(items[i].kind, 6);
		column(items[i].name, 20);
		output_time(stdout, items[i].expires.us);
		(void)putchar(' ');
		if (items[i].revoked.set)
			output_time(stdout, items[i].revoked.us);
		else
			(void)printf("%-19s", "-");
		(void)putchar(' ');
		output_text(stdout, items[i].serial == NULL ? "" : items[i].serial);
		(void)putchar('\n');
	}
}

static int
list(struct order *o, struct err *err)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	char path[PATH_MAX_BYTES] = "/ws/admin/certificate";
	struct wire_items items;
	int64_t account = 0;
	int rc = 0;

	if (o->what != NULL) {
		rc = find_account(o, o->what, &account, err);
		if (rc == 0)
			(void)snprintf(path, sizeof(path), "/ws/admin/certificate?user=%" PRId64,
				       account);
	}
	if (rc == 0)
		rc = api_get(o->api, path, &certificate_doc, true, &o->pool.memory, &items, &json,
			     err);
	if (rc == 0 && o->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else if (rc == 0)
		print_list(items.items, items.len);
	buf_free(&json);
	return rc;
}

/* Nothing is asked of the server before there is a place for what it gives once. */
static int
check_output(const struct order *o, struct err *err)
{
	if (strcmp(o->output, "-") == 0 || o->force || access(o->output, F_OK) == -1)
		return 0;
	return err_set(err, ERR_CONFLICT, "\"%.*s\" is there already: --force replaces it",
		       STR_CUT(o->output, 200));
}

static int
write_output(const struct order *o, const struct buf *text, struct err *err)
{
	if (buf_check(text, err) == -1)
		return -1;
	if (strcmp(o->output, "-") != 0)
		return fd_write_file(o->output, 0600, text->data, text->len, err);
	(void)fflush(stdout);
	if (fd_write_all(STDOUT_FILENO, text->data, text->len) == -1)
		return err_errno(err, ERR_INTERNAL, "could not write to standard output");
	return 0;
}

/* What came goes to the file; what is to be known of it to standard output. */
static int
keep_issued(const struct order *o, const struct certificate_issued *issued, const struct buf *json,
	    struct err *err)
{
	struct buf pem = BUF_INIT(PEM_MAX);
	int rc;

	if (issued->private_key != NULL)
		buf_puts(&pem, issued->private_key);
	buf_puts(&pem, issued->certificate == NULL ? "" : issued->certificate);
	rc = write_output(o, &pem, err);
	if (rc == -1) {
		(void)err_prefix(err, "certificate %" PRId64 " was issued but not kept, revoke it",
				 issued->id);
	} else if (strcmp(o->output, "-") == 0) {
		; /* nothing may stand between its lines */
	} else if (o->cli->json) {
		output_document(stdout, buf_text(json), json->len);
	} else {
		output_number_line(LABEL, "certificate", true, issued->id);
		output_text_line(LABEL, "login", issued->login);
		output_text_line(LABEL, "serial", issued->serial);
		output_time_line(LABEL, "expires", issued->expires);
		output_text_line(LABEL, "file", o->output);
	}
	buf_forget(&pem);
	return rc;
}

static int
read_request(const struct order *o, struct buf *out, struct err *err)
{
	if (o->request_file == NULL)
		return 0;
	if (fd_read_file(o->request_file, out, err) == -1)
		return err_prefix(err, "\"%.*s\"", STR_CUT(o->request_file, 200));
	if (out->len == 0 || !str_utf8_valid(out->data, out->len))
		return err_set(err, ERR_INVALID, "\"%.*s\" holds no certificate signing request",
			       STR_CUT(o->request_file, 200));
	return 0;
}

/* replaces 0: none. */
static int
issue(struct order *o, int64_t account, int64_t replaces, struct err *err)
{
	struct buf request = BUF_INIT(REQUEST_FILE_MAX), body = BUF_INIT(PEM_MAX),
		   json = BUF_INIT(PEM_MAX);
	struct certificate_order order = { .days = o->days,
					   .replaces = { replaces != 0, replaces } };
	struct certificate_issued issued;
	char path[PATH_MAX_BYTES];
	int rc = read_request(o, &request, err);

	order.request = o->request_file == NULL ? NULL : buf_text(&request);
	(void)snprintf(path, sizeof(path), "/ws/admin/user/%" PRId64 "/certificate", account);
	doc_json_write(&certificate_order_doc, &order, &(struct doc_json_style){ false }, &body);
	if (rc == 0)
		rc = api_exchange(o->api, "POST", path, buf_text(&body), &certificate_issued_doc,
				  &o->pool.memory, &issued, &json, err);
	if (rc == 0)
		rc = keep_issued(o, &issued, &json, err);
	buf_forget(&json);
	buf_free(&body);
	buf_free(&request);
	return rc;
}

static int
collect(void *arg, const char *data, size_t len, struct err *err)
{
	struct buf *archive = arg;

	buf_append(archive, data, len);
	return buf_check(archive, err);
}

/* JQM's archive; its password is told here, and nowhere else. */
static int
issue_archive(struct order *o, int64_t account, struct err *err)
{
	struct buf archive = BUF_INIT(ARCHIVE_MAX);
	char password[API_PASSWORD_SIZE] = "";
	char path[PATH_MAX_BYTES];
	int rc;

	(void)snprintf(path, sizeof(path), "/ws/admin/user/%" PRId64 "/certificate?days=%" PRId64,
		       account, o->days.set ? o->days.value : CERTIFICATE_DAYS);
	rc = api_fetch(o->api, path, collect, &archive, password, err);
	if (rc == 0)
		rc = write_output(o, &archive, err);
	if (rc == 0 && strcmp(o->output, "-") != 0 && password[0] != '\0')
		output_text_line(LABEL, "password", password);
	if (rc == 0 && strcmp(o->output, "-") != 0)
		output_text_line(LABEL, "file", o->output);
	explicit_bzero(password, sizeof(password));
	buf_free(&archive);
	return rc;
}

static int
create(struct order *o, struct err *err)
{
	int64_t account = 0;

	if (check_output(o, err) == -1 || find_account(o, o->what, &account, err) == -1)
		return -1;
	return o->pkcs12 ? issue_archive(o, account, err) : issue(o, account, 0, err);
}

static int
number_of(const struct order *o, int64_t *id_out, struct err *err)
{
	if (num_int64(o->what, 1, INT64_MAX, id_out) == 0)
		return 0;
	return err_set(err, ERR_INVALID, "\"%.*s\" is no number of a certificate",
		       STR_CUT(o->what, 100));
}

static int
renew(struct order *o, struct err *err)
{
	struct certificate old;
	char path[PATH_MAX_BYTES];
	int64_t id;

	if (check_output(o, err) == -1 || number_of(o, &id, err) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "/ws/admin/certificate/%" PRId64, id);
	if (api_get(o->api, path, &certificate_doc, false, &o->pool.memory, &old, NULL, err) == -1)
		return -1;
	if (!old.account_id.set)
		return err_set(err, ERR_CONFLICT, "certificate %" PRId64 " is of no account", id);
	return issue(o, old.account_id.value, id, err);
}

static int
revoke_it(struct order *o, struct err *err)
{
	struct buf path = BUF_INIT(PEM_MAX);
	int64_t id;
	int rc = number_of(o, &id, err);

	if (rc == 0) {
		buf_printf(&path, "/ws/admin/certificate/%" PRId64, id);
		if (o->reason != NULL) {
			buf_puts(&path, "?reason=");
			percent_encode(&path, o->reason, "");
		}
		rc = api_do(o->api, "DELETE", buf_text(&path), err);
	}
	buf_free(&path);
	return rc;
}

static const struct {
	const char *word;
	int (*run)(struct order *o, struct err *err);
	bool gives; /* something for a file */
} words[] = {
	{ "list", list, false },
	{ "create", create, true },
	{ "renew", renew, true },
	{ "revoke", revoke_it, false },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static int
run(struct order *o)
{
	struct err err = ERR_INIT;
	size_t i = args_choice(o->word, words, WORDS, sizeof(words[0]));
	int code = CLI_OK;

	if (i == WORDS)
		return cli_usage(o->cli, "\"%s\" is none of list, create, renew, revoke", o->word);
	if (o->what == NULL && words[i].run != list)
		return cli_usage(o->cli, words[i].run == create ? "whose?" : "which one?");
	if (words[i].gives != (o->output != NULL))
		return cli_usage(o->cli, words[i].gives ? "--output FILE is missing"
							: "--output is for create and renew");
	if (o->pkcs12 && (o->request_file != NULL || words[i].run != create))
		return cli_usage(o->cli, "--pkcs12 is for create, without --request");
	pool_init(&o->pool);
	o->api = api_open(o->cli, &err);
	if (o->api == NULL || words[i].run(o, &err) == -1)
		code = cli_fail(o->cli, &err);
	api_close(o->api);
	pool_free(&o->pool);
	return cli_done(o->cli, code);
}

int
cli_certificate(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = {
		{ "output", 'o', true }, { "days", 0, true },   { "request", 0, true },
		{ "pkcs12", 0, false },  { "force", 0, false }, { "reason", 0, true },
	};
	struct order o = { .cli = cli, .word = NULL };
	struct args args;
	int option, code;

	args_init(&args, cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option != ARGS_WORD) {
			if ((code = usage_options(&o, &args, option)) != 0)
				return code;
		} else if (o.word == NULL) {
			o.word = args.value;
		} else if (o.what == NULL) {
			o.what = args.value;
		} else {
			return cli_usage(cli, "unexpected \"%s\"", args.value);
		}
	}
	if (o.word == NULL)
		o.word = "list";
	return run(&o);
}
