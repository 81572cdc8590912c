/* SPDX-License-Identifier: Apache-2.0 */
/* client/input.h: what callers fill in becomes what the codec writes; what is wrong with it is told before anything is sent. */
#ifndef CLIENT_INPUT_H
#define CLIENT_INPUT_H

#include <stddef.h>

struct err;
struct job_query;
struct job_request;
struct jqm_query;
struct jqm_request;
struct memory;

/*
 * A struct of a caller, which begins with its size, into out of known bytes; members his does not have are 0.  -1, ERR_INVALID:
 * it was not made with init, or says something this library is too old for.
 */
int input_copy(void *out, size_t known, const void *in, const char *init, struct err *err);

/* Texts are borrowed.  0, or -1 with ERR_INVALID. */
int input_request(const struct jqm_request *in, struct memory *memory, struct job_request *out,
		  struct err *err);
int input_query(const struct jqm_query *in, struct memory *memory, struct job_query *out,
		struct err *err);

/* Is text (NULL: yes) UTF-8?  Else ERR_INVALID that names it. */
int input_utf8(const char *name, const char *text, struct err *err);

#endif
