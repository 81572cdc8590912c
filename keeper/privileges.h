/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/privileges.h: the four capabilities with which a keeper runs jobs as other accounts, if whoever started
 * it gave it all of them: SETUID and SETGID (to become the account), CHOWN (to hand its directories over) and KILL (to
 * end it).  Linux only; capabilities(7) has the rules.
 */
#ifndef KEEPER_PRIVILEGES_H
#define KEEPER_PRIVILEGES_H

#include <stdbool.h>

/*
 * Keep these four if we have them all, else none; no other, and none that a program we execute would inherit.  True: we
 * have them.
 */
bool privileges_take(void);

/* None at all, for good.  0, or -1 with errno.  System calls only: safe between vfork and exec. */
int privileges_drop(void);

/* Nothing is there to give up, nor could a program we execute get any of it back. */
bool privileges_are_none(void);

#endif
