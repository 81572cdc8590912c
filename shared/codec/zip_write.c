/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/zip_write.h"

#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "base/buf.h"
#include "base/err.h"

static int
add(zip_t *archive, const struct zip_member *member)
{
	zip_source_t *source = zip_source_buffer(archive, member->data, member->len, 0);
	zip_int64_t index;

	if (source == NULL)
		return -1;
	index = zip_file_add(archive, member->name, source, ZIP_FL_ENC_UTF_8);
	if (index == -1) {
		zip_source_free(source);
		return -1;
	}
	return zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0);
}

/* The bytes of a source that was written. */
static int
read_source(zip_source_t *source, struct buf *out)
{
	char piece[4096];
	zip_int64_t got = 0;

	if (zip_source_open(source) == -1)
		return -1;
	while ((got = zip_source_read(source, piece, sizeof(piece))) > 0)
		buf_append(out, piece, (size_t)got);
	(void)zip_source_close(source);
	return got == 0 ? 0 : -1;
}

int
zip_write(const struct zip_member *members, size_t n, struct buf *out, struct err *err)
{
	zip_error_t why;
	zip_source_t *source;
	zip_t *archive = NULL;
	int rc = -1;

	zip_error_init(&why);
	source = zip_source_buffer_create(NULL, 0, 0, &why);
	if (source == NULL)
		goto cleanup;
	zip_source_keep(source); /* the archive takes it, and we want to read it */
	archive = zip_open_from_source(source, ZIP_TRUNCATE, &why);
	if (archive == NULL) {
		zip_source_free(source);
		goto cleanup;
	}
	rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add(archive, &members[i]);
	if (rc == -1 || zip_close(archive) == -1) {
		zip_discard(archive);
		rc = -1;
	}
	if (rc == 0)
		rc = read_source(source, out);

cleanup:
	zip_source_free(source);
	zip_error_fini(&why);
	if (rc == -1)
		return err_set(err, ERR_INTERNAL, "could not make a zip archive");
	return buf_check(out, err);
}
