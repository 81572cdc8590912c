/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/wire_object.h: the one description of an object that travels.
 *
 * A table of fields tells where each member stands in its C struct, what it is called outside, of
 * what type and within which limits.  JSON (doc_json), XML, checking (wire_check) and the OpenAPI
 * document all walk the same table; no object is described twice.
 *
 * Rows are written with the macros below, which refuse at compile time a member whose C type does
 * not fit the wire type.
 */
#ifndef CODEC_WIRE_OBJECT_H
#define CODEC_WIRE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/value.h"

struct err;
struct wire_object;
struct wire_where;

enum wire_type {
	WIRE_TEXT, /* const char *, NULL when absent; min and max in characters */
	WIRE_INT64, /* int64_t */
	WIRE_OPT_INT64, /* struct opt_int64 */
	WIRE_BOOL, /* bool */
	WIRE_DATE, /* struct opt_time */
	WIRE_ENUM, /* an enum whose 0 means absent */
	WIRE_MAP, /* struct text_map; keys of 1 to key_max, values of min to max characters */
	WIRE_TEXT_LIST, /* struct text_list; min and max in characters of each */
	WIRE_INT64_LIST, /* struct int64_list; min and max of each; read from JSON only */
	WIRE_OBJECT, /* pointer to const struct, NULL when absent */
	WIRE_OBJECT_LIST /* struct { struct x *items; size_t len; } */
};

enum wire_presence {
	WIRE_ALWAYS, /* the client counts on it */
	WIRE_OPTIONAL /* left out of XML when absent; JSON says null */
};

struct wire_field {
	const char *name;
	enum wire_type type;
	enum wire_presence presence;
	size_t offset;
	int64_t min, max; /* see the types; max 0 with min 0: no limit */
	int64_t key_max; /* of a map */
	bool loose; /* DATE: 31/12/2030 is read too; TEXT_LIST: null is no item */
	const char *const *names; /* of an enum, by value, NULL at the end; names[0] is "" */
	const struct wire_object *object; /* of OBJECT and OBJECT_LIST */
	const char
	    *item; /* XML: element of one item; NULL: unwrapped, items bear the field's name */
	const char *description; /* for the OpenAPI document */
};

struct wire_object {
	const char *name; /* XML root, and the name in the OpenAPI document */
	const char *other_name; /* a second root accepted when reading; NULL when none */
	const char *list_name; /* XML root of a list of these; NULL when there are none */
	size_t size; /* of the C struct */
	const void *defaults; /* such a struct: what absent members mean; NULL: all zero */
	const struct wire_field *fields;
	size_t fields_len;
	const char *description;
};

/* Most pairs of a map, most items of a list in a document we read, deepest nesting. */
#define WIRE_MAP_MAX 1000
#define WIRE_LIST_MAX 100000
#define WIRE_DEPTH_MAX 16

/* offsetof() that does not compile unless the member is of ctype. */
#define WIRE_AT(s, m, ctype) (offsetof(s, m) + 0 * sizeof(_Generic(((s *)0)->m, ctype : 1)))
#define WIRE_AT_SIZE(s, m, ctype) \
	(offsetof(s, m) + 0 * sizeof(char[sizeof(((s *)0)->m) == sizeof(ctype) ? 1 : -1]))

/* s: the struct, m: its member, n: the name outside, p: ALWAYS or OPTIONAL, d: description. */
#define WIRE_ROW(n, t, p, at, d, ...)                                                \
	{                                                                            \
		.name = (n), .type = WIRE_##t, .presence = WIRE_##p, .offset = (at), \
		.description = (d), __VA_ARGS__                                      \
	}
#define WIRE_ROW_TEXT(s, m, n, p, max_chars, d) \
	WIRE_ROW(n, TEXT, p, WIRE_AT(s, m, const char *), d, .max = (max_chars))
#define WIRE_ROW_INT64(s, m, n, d) WIRE_ROW(n, INT64, ALWAYS, WIRE_AT(s, m, int64_t), d, .min = 0)
#define WIRE_ROW_OPT_INT64(s, m, n, lo, hi, d)                                            \
	WIRE_ROW(n, OPT_INT64, OPTIONAL, WIRE_AT(s, m, struct opt_int64), d, .min = (lo), \
		 .max = (hi))
#define WIRE_ROW_BOOL(s, m, n, d) WIRE_ROW(n, BOOL, ALWAYS, WIRE_AT(s, m, bool), d, .min = 0)
#define WIRE_ROW_DATE(s, m, n, d) \
	WIRE_ROW(n, DATE, OPTIONAL, WIRE_AT(s, m, struct opt_time), d, .min = 0)
#define WIRE_ROW_ENUM(s, m, n, p, list, d) \
	WIRE_ROW(n, ENUM, p, WIRE_AT_SIZE(s, m, int), d, .names = (list))
#define WIRE_ROW_MAP(s, m, n, d)                                                           \
	WIRE_ROW(n, MAP, ALWAYS, WIRE_AT(s, m, struct text_map), d, .min = 1, .max = 1000, \
		 .key_max = 50)
#define WIRE_ROW_TEXT_LIST(s, m, n, it, max_chars, d)                                    \
	WIRE_ROW(n, TEXT_LIST, ALWAYS, WIRE_AT(s, m, struct text_list), d, .item = (it), \
		 .max = (max_chars))
#define WIRE_ROW_INT64_LIST(s, m, n, lo, hi, d)                                           \
	WIRE_ROW(n, INT64_LIST, ALWAYS, WIRE_AT(s, m, struct int64_list), d, .min = (lo), \
		 .max = (hi))
#define WIRE_ROW_OBJECT(s, m, n, ctype, obj, d) \
	WIRE_ROW(n, OBJECT, OPTIONAL, WIRE_AT(s, m, const ctype *), d, .object = (obj))
#define WIRE_ROW_OBJECT_LIST(s, m, n, it, ctype, obj, d) \
	WIRE_ROW(n, OBJECT_LIST, ALWAYS, WIRE_AT(s, m, ctype), d, .item = (it), .object = (obj))

/*
 * Check the limits of every field of object: lengths, ranges, keys and values of maps, nested
 * objects too.  0, or -1 with ERR_INVALID that names the field and tells the limit.
 */
int wire_check(const struct wire_object *type, const void *object, struct err *err);

/* The defaults of type into object (its C struct). */
void wire_defaults(const struct wire_object *type, void *object);

/*
 * Members of an object, for readers and writers of a format.  Each takes the field's row and the
 * object; the field must be of the type the name says.
 */
const char *wire_text(const struct wire_field *field, const void *object);
int64_t wire_int64(const struct wire_field *field, const void *object);
struct opt_int64 wire_opt_int64(const struct wire_field *field, const void *object);
bool wire_bool(const struct wire_field *field, const void *object);
struct opt_time wire_date(const struct wire_field *field, const void *object);
const char *wire_enum_name(const struct wire_field *field, const void *object); /* NULL: absent */
struct text_map wire_map(const struct wire_field *field, const void *object);
struct text_list wire_text_list(const struct wire_field *field, const void *object);
struct int64_list wire_int64_list(const struct wire_field *field, const void *object);
const void *wire_nested(const struct wire_field *field, const void *object);

struct wire_items {
	void *items; /* len structs of field->object->size */
	size_t len;
};
struct wire_items wire_items(const struct wire_field *field, const void *object);
/* The i-th. */
void *wire_item(const struct wire_object *type, void *items, size_t i);

/* Store a value: *value is of the C type of the field's wire type. */
void wire_set(const struct wire_field *field, void *object, const void *value);
/* Make the member absent; what cannot be absent keeps its value. */
void wire_set_absent(const struct wire_field *field, void *object);

/*
 * Convert a text, as XML, forms and lenient JSON give it, for a field of type TEXT, INT64,
 * OPT_INT64, BOOL, DATE or ENUM.  "" makes all but texts absent.  text is borrowed.  0, or -1 with
 * ERR_INVALID naming the field by where.
 */
int wire_set_from_text(const struct wire_field *field, void *object, const char *text,
		       const struct wire_where *where, struct err *err);

/* The row of that name, or NULL. */
const struct wire_field *wire_field_named(const struct wire_object *type, const char *name);

/* An object on the wire: its name is the struct's, which rows describe. */
#define WIRE_OBJECT(s, rows, text)                                                     \
	{                                                                              \
		.name = #s, .size = sizeof(struct s), .fields = (rows),                \
		.fields_len = sizeof(rows) / sizeof((rows)[0]), .description = (text), \
	}

#endif
