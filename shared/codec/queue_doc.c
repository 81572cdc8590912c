/* SPDX-License-Identifier: Apache-2.0 */
/* codec/queue_doc.c: struct queue on the wire. */
#include "codec/docs.h"
#include "model/queue.h"

static const struct wire_field fields[] = {
	WIRE_ROW_INT64(struct queue, id, "id", "number of the queue; 0 when it was deleted since"),
	WIRE_ROW_TEXT(struct queue, name, "name", OPTIONAL, 255, "unique name"),
	WIRE_ROW_TEXT(struct queue, description, "description", OPTIONAL, 1000, "free text"),
};

const struct wire_object queue_doc = {
	.name = "queue",
	.list_name = "queues",
	.size = sizeof(struct queue),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "where jobs wait",
};
