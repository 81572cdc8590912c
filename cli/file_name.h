/* SPDX-License-Identifier: Apache-2.0 */
/* cli/file_name.h: the name a server offers for a file, made safe to create here. */
#ifndef CLI_FILE_NAME_H
#define CLI_FILE_NAME_H

/*
 * The file name in a Content-Disposition value (filename* before filename), in fresh memory: only
 * what stands behind the last '/' or '\', control characters become '_', leading dots too, at most 255
 * bytes.  fallback (copied) when there is none.
 */
char *file_name_of_disposition(const char *disposition, const char *fallback);

#endif
