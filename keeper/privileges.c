/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/privileges.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (UINT32_C(1) << (capability))
#define WANTED (BIT(CAP_SETUID) | BIT(CAP_SETGID) | BIT(CAP_CHOWN) | BIT(CAP_KILL))

/* libc has no functions for these two; the second element holds capabilities from 32 on. */
static int
set_only(uint32_t wanted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { wanted, wanted, 0 }, { 0, 0, 0 } };

	return (int)syscall(SYS_capset, &header, data);
}

static int
get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	memset(data, 0, 2 * sizeof(data[0]));
	return (int)syscall(SYS_capget, &header, data);
}

static uint32_t
permitted(void)
{
	struct __user_cap_data_struct data[2];

	return get(data) == -1 ? 0 : data[0].permitted;
}

bool
privileges_are_none(void)
{
	struct __user_cap_data_struct data[2];

	return get(data) == 0 && (data[0].permitted | data[1].permitted) == 0 &&
	       (data[0].inheritable | data[1].inheritable) == 0;
}

bool
privileges_take(void)
{
	bool all = (permitted() & WANTED) == WANTED;

	/* Without inheritable ones there are no ambient ones either. */
	return set_only(all ? WANTED : 0) == 0 && all;
}

int
privileges_drop(void)
{
	return set_only(0);
}
