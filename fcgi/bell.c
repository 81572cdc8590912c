/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/bell.h"

#include <sys/eventfd.h>

int
bell_init(struct bell *bell)
{
	atomic_init(&bell->asleep, false);
	bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return bell->fd == -1 ? -1 : 0;
}

int
bell_fd(const struct bell *bell)
{
	return bell->fd;
}

void
bell_lie_down(struct bell *bell)
{
	atomic_store(&bell->asleep, true);
}

void
bell_get_up(struct bell *bell, bool rang)
{
	eventfd_t times;

	atomic_store(&bell->asleep, false);
	if (rang)
		(void)eventfd_read(bell->fd, &times);
}

void
bell_ring(struct bell *bell)
{
	if (atomic_exchange(&bell->asleep, false))
		(void)eventfd_write(bell->fd, 1);
}
