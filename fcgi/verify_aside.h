/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/verify_aside.h: a password is compared in a process of its own that steps back for all others: it takes a
 * core for a twentieth of a second, and everybody else's request a thousandth.  Who floods us with passwords gets what nobody
 * else wants of the machine.  Its 16 MB go with it.
 */
#ifndef FCGI_VERIFY_ASIDE_H
#define FCGI_VERIFY_ASIDE_H

struct err;

/*
 * 1 right, 0 wrong, -1 + err: ERR_INVALID a stored hash of no known form, ERR_BUSY no process to be had, ERR_INTERNAL.
 * hash NULL: nobody's, which takes as long and is wrong.  The caller's signals, descriptors and connections stay as
 * they are; it must have no other thread.
 */
int verify_aside(const char *password, const char *hash, struct err *err);

#endif
