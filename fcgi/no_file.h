/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/no_file.h: a file is not there, and why: 404 with JQM's code 8. */
#ifndef FCGI_NO_FILE_H
#define FCGI_NO_FILE_H

struct err;
struct exchange;

/* -1 with ERR_NOT_FOUND: "<what> <why>". */
int no_file(struct exchange *x, struct err *err, const char *what, const char *why);

#endif
