/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/a_pool.h"

struct pool a_pool;

int
a_pool_set_up(void **state)
{
	(void)state;
	pool_init(&a_pool);
	return 0;
}

int
a_pool_tear_down(void **state)
{
	(void)state;
	pool_free(&a_pool);
	return 0;
}
