/* SPDX-License-Identifier: Apache-2.0 */
#include "client/document.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/err.h"
#include "client/handle.h"
#include "codec/doc_json.h"
#include "model/memory.h"

/* A pool, and behind it the struct the caller knows. */
struct given {
	struct pool pool;
	max_align_t bytes[];
};

/* What all lists of jqm.h are. */
struct any_list {
	size_t len;
	const void *const *items;
};
_Static_assert(sizeof(struct any_list) == sizeof(struct jqm_queues) &&
		   offsetof(struct any_list, items) == offsetof(struct jqm_queues, items) &&
		   sizeof(struct any_list) == sizeof(struct jqm_texts),
	       "a list has another form");

static struct given *
given_of(void *given)
{
	return (struct given *)((char *)given - offsetof(struct given, bytes));
}

void *
given_new(size_t size)
{
	struct given *given = calloc(1, sizeof(*given) + size);

	if (given == NULL)
		abort();
	pool_init(&given->pool);
	return given->bytes;
}

struct memory *
given_memory(void *given)
{
	return &given_of(given)->pool.memory;
}

void
given_free(void *given)
{
	if (given == NULL)
		return;
	pool_free(&given_of(given)->pool);
	free(given_of(given));
}

/* What every kind of object has a number for. */
static int
check_id(const struct wire_object *type, const void *object, struct err *err)
{
	const struct wire_field *id = wire_field_named(type, "id");

	if (id == NULL || wire_int64(id, object) > 0)
		return 0;
	return err_set(err, ERR_INTERNAL, "%s has no id", type->name);
}

int
document_read(const struct wire_object *type, const struct buf *answer, struct memory *memory,
	      void *out, struct err *err)
{
	if (doc_json_read(type, buf_text(answer), answer->len, memory, out, err) == -1 ||
	    check_id(type, out, err) == -1)
		return answer_wrong(err);
	return 0;
}

/* The reader knows objects: the array becomes the only member of one. */
int
document_read_texts(const struct buf *answer, struct memory *memory, struct text_list *out,
		    struct err *err)
{
	struct only_texts {
		struct text_list texts;
	} object = { { NULL, 0 } };
	static const struct wire_field fields[] = {
		WIRE_ROW_TEXT_LIST(struct only_texts, texts, "texts", NULL, 0, "all of them"),
	};
	static const struct wire_object type = WIRE_OBJECT(only_texts, fields, "texts");
	struct buf text = BUF_INIT(ANSWER_BYTES_MAX + 20);
	int rc;

	buf_puts(&text, "{\"texts\":");
	buf_append(&text, buf_text(answer), answer->len);
	buf_puts(&text, "}");
	rc = doc_json_read(&type, buf_text(&text), text.len, memory, &object, err);
	buf_free(&text);
	if (rc == -1)
		return answer_wrong(err);
	*out = object.texts;
	return 0;
}

const void *const *
document_items(const struct document_kind *kind, const struct wire_items *read,
	       struct memory *memory)
{
	const void **items = memory_alloc_array(memory, read->len, sizeof(items[0]));

	for (size_t i = 0; i < read->len; i++) {
		void *item = memory_alloc(memory, kind->size);

		kind->output(memory, wire_item(kind->type, read->items, i), item);
		items[i] = item;
	}
	return items;
}

int
document_one(struct jqm *client, const struct call *call, const struct document_kind *kind,
	     void **given_out, struct jqm_error *error)
{
	struct err err = ERR_INIT;
	struct buf answer;
	void *given, *read;
	int rc;

	if (handle_ask(client, call, &answer, &err) == -1)
		return handle_fail(error, &err);
	given = given_new(kind->size);
	read = memory_alloc(given_memory(given), kind->type->size);
	rc = document_read(kind->type, &answer, given_memory(given), read, &err);
	buf_free(&answer);
	if (rc == -1) {
		given_free(given);
		return handle_fail(error, &err);
	}
	kind->output(given_memory(given), read, given);
	*given_out = given;
	return 0;
}

static int
read_list(const struct wire_object *type, const struct buf *answer, struct memory *memory,
	  struct wire_items *out, struct err *err)
{
	if (doc_json_read_list(type, buf_text(answer), answer->len, memory, out, err) == -1)
		return answer_wrong(err);
	for (size_t i = 0; i < out->len; i++)
		if (check_id(type, wire_item(type, out->items, i), err) == -1)
			return answer_wrong(err);
	return 0;
}

int
document_list(struct jqm *client, const struct call *call, const struct document_kind *kind,
	      void **given_out, struct jqm_error *error)
{
	struct wire_items read = { NULL, 0 };
	struct err err = ERR_INIT;
	struct any_list *list;
	struct buf answer;
	int rc;

	if (handle_ask(client, call, &answer, &err) == -1)
		return handle_fail(error, &err);
	list = given_new(kind->list_size == 0 ? sizeof(*list) : kind->list_size);
	rc = read_list(kind->type, &answer, given_memory(list), &read, &err);
	buf_free(&answer);
	if (rc == -1) {
		given_free(list);
		return handle_fail(error, &err);
	}
	list->len = read.len;
	list->items = document_items(kind, &read, given_memory(list));
	*given_out = list;
	return 0;
}
