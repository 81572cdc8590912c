/* SPDX-License-Identifier: Apache-2.0 */
#include "store/flat_json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/value.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands behind a backslash: its byte, and *at behind it; 0: nothing the server writes. */
static char
escaped(const char **at)
{
	static const char names[] = "\"\\bfnrt", bytes[] = "\"\\\b\f\n\r\t";
	const char *name;
	int high, low;

	if (**at == 'u') { /* control characters, none else */
		if (strncmp(*at, "u00", 3) != 0 || (high = hex_digit((*at)[3])) == -1 ||
		    (low = hex_digit((*at)[4])) == -1 || high > 1)
			return '\0';
		*at += 5;
		return (char)(high * 16 + low);
	}
	name = **at == '\0' ? NULL : strchr(names, **at);
	if (name == NULL)
		return '\0';
	(*at)++;
	return bytes[name - names];
}

/* Bytes up to the quotation mark that ends it; of a text that does not end, all. */
static size_t
sent_len(const char *text)
{
	size_t len = 0;

	while (text[len] != '"' && text[len] != '\0')
		len += text[len] == '\\' && text[len + 1] != '\0' ? 2 : 1;
	return len;
}

/* The text behind a quotation mark, and *at behind the closing one; NULL: it does not end, or not so. */
static const char *
read_string(const char **at, struct memory *memory)
{
	const char *from = *at, *end = from + sent_len(from);
	char *text, *to;

	if (*end == '\0')
		return NULL;
	text = to = memory_alloc(memory, (size_t)(end - from) + 1);
	while (from < end) {
		size_t plain = strcspn(from, "\"\\");

		memcpy(to, from, plain);
		to += plain;
		from += plain;
		if (from == end)
			break;
		from++;
		if ((*to++ = escaped(&from)) == '\0')
			return NULL;
	}
	*at = end + 1;
	return text;
}

/* {"secret": "..."}: what it holds is not for whoever reads maps. */
static bool
read_secret(const char **at, struct memory *memory, struct text_pair *out)
{
	static const char head[] = "{\"secret\": \"";

	if (strncmp(*at, head, sizeof(head) - 1) != 0)
		return false;
	*at += sizeof(head) - 1;
	if (read_string(at, memory) == NULL || *(*at)++ != '}')
		return false;
	out->value = SECRET_MASK;
	out->secret = true;
	return true;
}

/* A string, a number or a word; a secret. */
static bool
read_value(const char **at, struct memory *memory, struct text_pair *out)
{
	size_t len;

	if (**at == '"') {
		(*at)++;
		out->value = read_string(at, memory);
		return out->value != NULL;
	}
	if (**at == '{')
		return read_secret(at, memory, out);
	len = strspn(*at, "+-.0123456789abcdefghijklmnopqrstuvwxyzE");
	out->value =
	    len == 4 && strncmp(*at, "null", 4) == 0 ? NULL : memory_dup_len(memory, *at, len);
	*at += len;
	return len > 0;
}

/* '"key": value' */
static bool
read_pair(const char **at, struct memory *memory, struct text_pair *out)
{
	if (*(*at)++ != '"' || (out->key = read_string(at, memory)) == NULL ||
	    strncmp(*at, ": ", 2) != 0)
		return false;
	*at += 2;
	return read_value(at, memory, out);
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct text_pair *)a)->key, ((const struct text_pair *)b)->key);
}

int
flat_json_read(const char *json, struct memory *memory, struct text_map *out)
{
	struct text_map map = { NULL, 0 };
	size_t max = 1;

	if (strcmp(json, "{}") == 0) {
		*out = map;
		return 0;
	}
	if (*json++ != '{')
		return -1;
	for (const char *c = json; *c != '\0'; c++)
		max += *c == ',';
	map.items = memory_alloc_array(memory, max, sizeof(map.items[0]));
	for (;;) {
		if (!read_pair(&json, memory, &map.items[map.len]))
			return -1;
		map.len++;
		if (strcmp(json, "}") == 0)
			break;
		if (strncmp(json, ", ", 2) != 0)
			return -1;
		json += 2;
	}
	qsort(map.items, map.len, sizeof(map.items[0]), by_key);
	*out = map;
	return 0;
}
