/* SPDX-License-Identifier: Apache-2.0 */
/* conf/key_dir.h: public keys that somebody trusts, as files that nobody else can have put there. */
#ifndef CONF_KEY_DIR_H
#define CONF_KEY_DIR_H

#include <stdbool.h>

struct err;

/* name: of the file, without its directory; pem: its text.  0, or -1 with err. */
typedef int key_dir_fn(void *arg, const char *name, const char *pem, struct err *err);

/*
 * Give each regular file NAME.pem or NAME.pub of a directory to fn, in the order of their names.  path may also be
 * one file.  Directory and files belong to us or to root and only their owner can write them: else ERR_DENIED.
 * 0; -1 with err (ERR_NOT_FOUND: no path), after which fn may have got some.  *ours_out: something of it
 * belongs to this account (not root's), so whoever runs as this account may change it.
 */
int key_dir_read(const char *path, key_dir_fn *fn, void *arg, bool *ours_out, struct err *err);

#endif
