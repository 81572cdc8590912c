/* SPDX-License-Identifier: Apache-2.0 */
/* model/deliverable.c: the name of a download. */
#include "model/deliverable.h"

#include <inttypes.h>
#include <string.h>

#include "model/memory.h"

const char *
deliverable_download_name(const struct deliverable *file, struct memory *memory)
{
	const char *dot = file->original_name == NULL ? NULL : strrchr(file->original_name, '.');

	return memory_printf(memory, "%s.%" PRId64 ".%s",
			     file->file_family == NULL ? "null" : file->file_family, file->id,
			     dot == NULL ? "" : dot + 1);
}
