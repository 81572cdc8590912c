/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_around.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/xml_reader.h"
#include "model/memory.h"
#include "model/problem_list.h"

bool
xml_item_check(const struct xml_element *element, const char *name, struct memory *memory,
	       struct problem_list *problems)
{
	struct err err = ERR_INIT;

	if (strcmp(element->name, name) == 0)
		return true;
	(void)err_set(&err, ERR_INVALID,
		      "line %d: element \"%.*s\" is unknown here, where \"%s\" may stand",
		      element->line, STR_CUT(element->name, 60), name);
	problem_list_add(problems, memory, &err);
	return false;
}

void
xml_list_check(const struct xml_element *list, struct memory *memory, struct problem_list *problems)
{
	struct err err = ERR_INIT;

	if (xml_is_blank(list->text))
		return;
	(void)err_set(&err, ERR_INVALID, "line %d: there is text between elements of \"%.*s\"",
		      list->line, STR_CUT(list->name, 60));
	problem_list_add(problems, memory, &err);
}

bool
xml_holds(const struct xml_element *element, const char *name)
{
	if (strcmp(element->name, name) == 0)
		return true;
	for (const struct xml_element *at = element->children; at != NULL; at = at->next)
		if (xml_holds(at, name))
			return true;
	return false;
}

void
xml_find(const struct xml_element *element, const char *name, struct xml_found *found,
	 struct memory *memory, struct problem_list *problems)
{
	if (strcmp(element->name, name) == 0) {
		struct xml_element *copy = memory_alloc(memory, sizeof(*copy));

		*copy = *element;
		copy->next = NULL;
		*found->tail = copy;
		found->tail = &copy->next;
		return;
	}
	xml_list_check(element, memory, problems);
	for (const struct xml_element *at = element->children; at != NULL; at = at->next)
		if (xml_holds(at, name) || xml_item_check(at, name, memory, problems))
			xml_find(at, name, found, memory, problems);
}
