/* SPDX-License-Identifier: Apache-2.0 */
/* cli/file_name.h: the name a server offers for a file, made safe to create here. */
#ifndef CLI_FILE_NAME_H
#define CLI_FILE_NAME_H

/*
 * Of name only what stands behind the last '/' or '\', control characters become '_', leading dots too, at most 255 bytes; in
 * fresh memory.  fallback in the same way when nothing is left.
 */
char *file_name_safe(const char *name, const char *fallback);

#endif
