/* SPDX-License-Identifier: Apache-2.0 */
/* model/value.c: maps of texts. */
#include "model/value.h"

#include <string.h>

#include "base/str.h"
#include "model/memory.h"

const char *
text_map_get(const struct text_map *map, const char *key)
{
	for (size_t i = 0; i < map->len; i++)
		if (strcmp(map->items[i].key, key) == 0)
			return map->items[i].value;
	return NULL;
}

void
text_map_room(struct text_map *map, struct memory *memory, size_t max)
{
	map->items = memory_alloc_array(memory, max, sizeof(map->items[0]));
	map->len = 0;
}

void
text_map_put_pair(struct text_map *map, const struct text_pair *pair)
{
	size_t i = 0;

	while (i < map->len && strcmp(map->items[i].key, pair->key) != 0)
		i++;
	map->items[i] = *pair;
	if (i == map->len)
		map->len++;
}

void
text_map_put(struct text_map *map, const char *key, const char *value)
{
	text_map_put_pair(map, &(struct text_pair){ key, value, false });
}

bool
text_map_has_secrets(const struct text_map *map)
{
	for (size_t i = 0; i < map->len; i++)
		if (map->items[i].secret)
			return true;
	return false;
}

struct text_map
text_map_masked(const struct text_map *map, struct memory *memory)
{
	struct text_map out = { NULL, 0 };

	text_map_room(&out, memory, map->len);
	for (size_t i = 0; i < map->len; i++)
		text_map_put_pair(
		    &out,
		    &(struct text_pair){ map->items[i].key,
					 map->items[i].secret ? SECRET_MASK : map->items[i].value,
					 map->items[i].secret });
	return out;
}

/* len hexadecimal digits as text, or NULL. */
static const char *
text_from_hex(const char *hex, size_t len, struct memory *memory)
{
	char *text = memory_alloc(memory, len / 2 + 1);

	return str_unhex_text(text, hex, len) == 0 ? text : NULL;
}

int
text_map_from_hex(const char *hex, struct memory *memory, struct text_map *out)
{
	struct text_map map = { NULL, 0 };
	size_t pairs = 0;

	for (const char *at = hex; *at != '\0'; at++)
		pairs += *at == '=' || *at == '~';
	text_map_room(&map, memory, pairs);
	while (*hex != '\0') {
		size_t key_len = strcspn(hex, "=~");
		size_t value_len = strcspn(hex + key_len, " ");
		struct text_pair pair = { .secret = hex[key_len] == '~' };

		if (value_len == 0 || key_len % 2 != 0 || value_len % 2 != 1 ||
		    (pair.secret && value_len != 1))
			return -1;
		pair.key = text_from_hex(hex, key_len, memory);
		pair.value = pair.secret ? SECRET_MASK
					 : text_from_hex(hex + key_len + 1, value_len - 1, memory);
		if (pair.key == NULL || pair.value == NULL)
			return -1;
		text_map_put_pair(&map, &pair);
		hex += key_len + value_len;
		if (*hex == ' ' && *++hex == '\0')
			return -1;
	}
	*out = map;
	return 0;
}
