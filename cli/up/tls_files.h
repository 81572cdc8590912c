/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/tls_files.h: what nginx of a node needs to speak TLS: files made by the cluster's own authority in
 * a directory of ours (HOME/state/tls), or those the administrator named.
 */
#ifndef UP_TLS_FILES_H
#define UP_TLS_FILES_H

#include <stdbool.h>

struct db;
struct err;
struct settings;
struct buf;

struct tls_files {
	char *certificate, *key, *trust, *crl; /* paths; crl NULL: none */
	int depth; /* certificates between a client's and the root, at most */
	bool rewritten; /* one has another content than before */
};
#define TLS_FILES_INIT                           \
	{                                        \
		NULL, NULL, NULL, NULL, 0, false \
	}
void tls_files_free(struct tls_files *files);

/* The authority has a root and its lists are fresh, whether or not anybody speaks TLS. */
int tls_authority(struct db *db, const struct settings *settings, struct err *err);

/*
 * The files of the internal PKI, written where they are missing or due: the node's key and certificate for dns, the
 * machine's name, the loopback and the name by which other nodes know it; the trusted roots; their lists.
 */
int tls_files_internal(const char *directory, struct db *db, const struct settings *settings,
		       const char *node, const char *dns, int port, struct tls_files *out,
		       struct err *err);

/* Those of the settings; -1: one is missing. */
int tls_files_external(const struct settings *settings, struct tls_files *out, struct err *err);

/* Append a line that is another one when one of the administrator's files was replaced. */
void tls_files_stamp(const struct settings *settings, struct buf *out);

#endif
