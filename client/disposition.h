/* SPDX-License-Identifier: Apache-2.0 */
/* client/disposition.h: the name a server offers a file under. */
#ifndef CLIENT_DISPOSITION_H
#define CLIENT_DISPOSITION_H

/*
 * The name in the value of a Content-Disposition header (RFC 6266: "filename*" before "filename"), as it is, in fresh memory;
 * NULL when there is none.
 */
char *disposition_name(const char *disposition);

#endif
