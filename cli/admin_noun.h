/* SPDX-License-Identifier: Apache-2.0 */
/* cli/admin_noun.h: the kinds of configuration objects, as the command line calls them. */
#ifndef CLI_ADMIN_NOUN_H
#define CLI_ADMIN_NOUN_H

struct wire_object;

/* A word for another object whose number is meant: queue=VIP. */
struct admin_reference {
	const char *word, *field;
	const char *path; /* where to look it up */
	const struct wire_object *doc;
	const char *name_field;
};

struct admin_noun {
	const char *verb; /* "queue" */
	const char *path;
	const struct wire_object *doc;
	const char *name_field; /* what NAME is; NULL: objects have numbers only */
	const char *const *columns; /* of the table; NULL-terminated */
	const struct admin_reference *references; /* up to one without a word; NULL: none */
	const char *const *presets; /* FIELD=VALUE of new ones, unless given; NULL: none */
};

/* NULL when there is none. */
const struct admin_noun *admin_noun_find(const char *verb);

#endif
