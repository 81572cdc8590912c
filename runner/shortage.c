/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/shortage.h"

#include <errno.h>
#include <stddef.h>

bool
shortage_is(int error)
{
	static const int shortages[] = {
		EAGAIN, ENOMEM, EMFILE, ENFILE,    EBUSY, EINTR,
		ENOSPC, EDQUOT, EROFS,  ESHUTDOWN, ETIME, /* of the keeper: it ends, or has no lease */
	};

	for (size_t i = 0; i < sizeof(shortages) / sizeof(shortages[0]); i++)
		if (shortages[i] == error)
			return true;
	return false;
}

bool
shortage_is_at_place(int error)
{
	return error == EACCES || error == ENOENT || error == ESTALE || error == EIO ||
	       shortage_is(error);
}

enum err_kind
shortage_kind(bool at_place)
{
	return (at_place ? shortage_is_at_place(errno) : shortage_is(errno)) ? ERR_BUSY
									     : ERR_INTERNAL;
}
