/* SPDX-License-Identifier: Apache-2.0 */
/* lib/a_pool.h: memory that a test may fill and need not free. */
#ifndef TESTS_LIB_A_POOL_H
#define TESTS_LIB_A_POOL_H

#include "model/memory.h"

/* Of one test, or of a group of them. */
extern struct pool a_pool;
int a_pool_set_up(void **state);
int a_pool_tear_down(void **state);

#endif
