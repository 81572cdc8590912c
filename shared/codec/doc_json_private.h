/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_json_private.h: what the files of doc_json share. */
#ifndef CODEC_DOC_JSON_PRIVATE_H
#define CODEC_DOC_JSON_PRIVATE_H

#include <jansson.h>

#include "codec/doc_json.h"

/* Whatever JSON it is; json_decref() it.  NULL with err when it is none, or nested too deeply. */
json_t *doc_json_parse(const char *text, size_t len, struct err *err);

/* One member's value. */
void doc_json_write_member(const struct wire_field *field, const void *object,
			   const struct doc_json_style *style, struct buf *out);

#endif
