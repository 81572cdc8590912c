/* SPDX-License-Identifier: Apache-2.0 */
/* codec/me_docs.c: who is asking, and which server answers, on the wire. */
#include "codec/docs.h"
#include "model/permissions_bag.h"
#include "model/version.h"

static const struct wire_field bag_fields[] = {
	WIRE_ROW_TEXT(struct permissions_bag, login, "login", OPTIONAL, 0, "the caller's account"),
	WIRE_ROW_BOOL(struct permissions_bag, enforced, "enforced", "are permissions looked at"),
	WIRE_ROW_TEXT_LIST(struct permissions_bag, permissions, "permissions", "permission", 0,
			   "object:verb, * for any"),
};

const struct wire_object permissions_bag_doc = {
	.name = "permissionsBag",
	.size = sizeof(struct permissions_bag),
	.fields = bag_fields,
	.fields_len = sizeof(bag_fields) / sizeof(bag_fields[0]),
	.description = "who the caller is and what it may do",
};

static const struct wire_field version_fields[] = {
	WIRE_ROW_TEXT(struct version, maven_version, "mavenVersion", ALWAYS, 0,
		      "release of this server"),
};

const struct wire_object version_doc = {
	.name = "versionDto",
	.size = sizeof(struct version),
	.fields = version_fields,
	.fields_len = sizeof(version_fields) / sizeof(version_fields[0]),
	.description = "which server this is",
};
