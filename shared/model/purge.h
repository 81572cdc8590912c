/* SPDX-License-Identifier: Apache-2.0 */
/* model/purge.h: what a purge of history was told to do. */
#ifndef MODEL_PURGE_H
#define MODEL_PURGE_H

#include <stdbool.h>
#include <stdint.h>

struct purge {
	int64_t jobs; /* that are old enough */
	bool dry_run; /* they were only counted */
};

#endif
