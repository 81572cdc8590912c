/* SPDX-License-Identifier: Apache-2.0 */
/* cli/admin_assign.c: what was typed after jqm NOUN create|set, put into an object: names, words FIELD=VALUE, secrets. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/admin_noun.h"
#include "cli/admin_task.h"
#include "cli/admin_value.h"
#include "cli/api_client.h"
#include "codec/doc_json_given.h"
#include "conf/password_file.h"

static const struct wire_field *
id_field(const struct wire_object *doc)
{
	return wire_field_named(doc, "id");
}

/* The number of the object of that name; with no name_field, of that number. */
static int
find_id(struct admin_task *task, const char *path, const struct wire_object *doc,
	const char *name_field, const char *name, int64_t *id_out, struct err *err)
{
	struct wire_items list;

	if (name_field == NULL) {
		if (num_int64(name, 1, INT64_MAX, id_out) == 0)
			return 0;
		return err_set(err, ERR_INVALID, "\"%.*s\" is not a number", STR_CUT(name, 100));
	}
	if (api_get(task->api, path, doc, true, &task->pool.memory, &list, NULL, err) == -1)
		return -1;
	for (size_t i = 0; i < list.len; i++) {
		const void *item = wire_item(doc, list.items, i);
		const char *its = wire_text(wire_field_named(doc, name_field), item);

		if (its != NULL && strcmp(its, name) == 0) {
			*id_out = wire_int64(id_field(doc), item);
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "there is no %s \"%.*s\"", strrchr(path, '/') + 1,
		       STR_CUT(name, 100));
}

int
admin_find(struct admin_task *task, int64_t *id_out, struct err *err)
{
	if (find_id(task, task->noun->path, task->noun->doc, task->noun->name_field, task->name,
		    id_out, err) == 0)
		return 0;
	if (err->kind == ERR_NOT_FOUND)
		(void)err_set(err, ERR_NOT_FOUND, "there is no %s \"%.*s\"", task->noun->verb,
			      STR_CUT(task->name, 100));
	return -1;
}

static const struct admin_reference *
reference_of(const struct admin_noun *noun, const char *word)
{
	for (const struct admin_reference *r = noun->references; r != NULL && r->word != NULL; r++)
		if (strcmp(r->word, word) == 0)
			return r;
	return NULL;
}

/* "a,b": the numbers of these, as text. */
static int
resolve(struct admin_task *task, const struct admin_reference *reference, const char *names,
	const char **out, struct err *err)
{
	struct buf text = BUF_INIT(4000);
	int rc = 0;

	while (*names != '\0' && rc == 0) {
		size_t len = strcspn(names, ",");
		const char *name = memory_dup_len(&task->pool.memory, names, len);
		int64_t id = 0;

		rc = find_id(task, reference->path, reference->doc, reference->name_field, name,
			     &id, err);
		buf_printf(&text, "%s%" PRId64, text.len == 0 ? "" : ",", id);
		names += len + (names[len] == ',');
	}
	*out = memory_dup(&task->pool.memory, buf_text(&text));
	buf_free(&text);
	return rc;
}

/* Is nothing a value of that field, as a new object has it? */
static bool
may_be_empty(const struct admin_noun *noun, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *p = noun->presets; p != NULL && *p != NULL; p++)
		if (strncmp(*p, name, len) == 0 && strcmp(*p + len, "=") == 0)
			return true;
	return false;
}

/* FIELD=VALUE into object; *field_out: where. */
static int
assign(struct admin_task *task, const char *word, void *object, size_t *field_out, struct err *err)
{
	size_t len = strcspn(word, "=");
	const char *name = memory_dup_len(&task->pool.memory, word, len);
	const char *value = word[len] == '=' ? word + len + 1 : NULL;
	const struct admin_reference *reference = reference_of(task->noun, name);
	const struct wire_field *field =
	    wire_field_named(task->noun->doc, reference == NULL ? name : reference->field);

	if (value == NULL)
		return err_set(err, ERR_INVALID, "\"%.*s\" is not FIELD=VALUE", STR_CUT(word, 60));
	if (field == NULL || strcmp(name, "id") == 0)
		return err_set(err, ERR_INVALID, "a %s has no \"%.*s\" to set", task->noun->verb,
			       STR_CUT(name, 60));
	if (strcmp(name, "newPassword") == 0)
		return err_set(err, ERR_INVALID,
			       "passwords come from a file: --password-file FILE");
	if (strcmp(name, "newSecret") == 0)
		return err_set(err, ERR_INVALID, "secrets come from a file: --secret-file FILE");
	if (reference != NULL && resolve(task, reference, value, &value, err) == -1)
		return -1;
	*field_out = (size_t)(field - task->noun->doc->fields);
	if (value[0] == '\0' && may_be_empty(task->noun, name)) {
		wire_set(field, object, &value);
		return 0;
	}
	return admin_value_set(field, object, value, &task->pool.memory, err);
}

/* What nobody may see, from a file; what: "password". */
static int
assign_from_file(struct admin_task *task, const char *name, const char *what, const char *path,
		 void *object, struct doc_given *given, struct err *err)
{
	const struct wire_field *field = wire_field_named(task->noun->doc, name);
	const char *copy;
	char *password;

	if (path == NULL)
		return 0;
	if (field == NULL)
		return err_set(err, ERR_INVALID, "a %s has no %s", task->noun->verb, what);
	password = password_file_read(path, err);
	if (password == NULL)
		return -1;
	copy = memory_dup(&task->pool.memory, password);
	str_forget(password);
	wire_set(field, object, &copy);
	given->members[field - task->noun->doc->fields].there = true;
	return 0;
}

int
admin_assign(struct admin_task *task, void *object, struct doc_given *given, struct err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < task->n_words; i++) {
		if (assign(task, task->words[i], object, &at, err) == -1)
			return -1;
		given->members[at].there = true;
	}
	if (assign_from_file(task, "newPassword", "password", task->password_file, object, given,
			     err) == -1)
		return -1;
	return assign_from_file(task, "newSecret", "secret", task->secret_file, object, given, err);
}
