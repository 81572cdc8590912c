/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/orders.h: what a runner may ask, one function per kind of order. */
#ifndef KEEPER_ORDERS_H
#define KEEPER_ORDERS_H

struct err;
struct keeper;
struct keeper_msg;

/*
 * Carry out one decoded order.  0, also when the job is unknown or the start fails: the runner is
 * told by messages.  -1 ERR_INVALID: no runner sends such a message.
 */
int order_obey(struct keeper *keeper, const struct keeper_msg *msg, struct err *err);

#endif
