/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/import_wish.h: how a request wants its file imported, and whether its caller may. */
#ifndef FCGI_IMPORT_WISH_H
#define FCGI_IMPORT_WISH_H

#include "store/transfer_store.h"

struct err;
struct exchange;
struct problem_list;
struct transfer_report;

/*
 * From ?dryRun= and the caller's permissions: who may not create or update what the import would is refused
 * (ERR_DENIED names the first such object).  Of kinds the caller may not read it is not told what there is: all that the
 * file names and that is not created counts as updated.
 */
int import_wish_read(struct exchange *x, struct transfer_wish *out, struct err *err);

/* The answer of one that was done. */
int import_wish_answer(struct exchange *x, const struct transfer_report *report, struct err *err);

/* Into the answer of one that was not; -1. */
int import_wish_refuse(struct exchange *x, const struct problem_list *problems);

#endif
