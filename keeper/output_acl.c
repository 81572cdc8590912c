/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/output_acl.h"

#include <endian.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdint.h>
#include <sys/xattr.h>

#define ENTRIES 5

/* The form of the extended attribute is the kernel's interface; entries stand in this order. */
void
output_acl_add(int fd, uid_t uid)
{
	struct {
		struct posix_acl_xattr_header header;
		struct posix_acl_xattr_entry entries[ENTRIES];
	} acl = {
		{ htole32(POSIX_ACL_XATTR_VERSION) },
		{
		    { htole16(ACL_USER_OBJ), htole16(ACL_READ | ACL_WRITE), htole32((uint32_t)-1) },
		    { htole16(ACL_USER), htole16(ACL_WRITE), htole32(uid) },
		    { htole16(ACL_GROUP_OBJ), htole16(ACL_READ), htole32((uint32_t)-1) },
		    { htole16(ACL_MASK), htole16(ACL_READ | ACL_WRITE), htole32((uint32_t)-1) },
		    { htole16(ACL_OTHER), 0, htole32((uint32_t)-1) },
		},
	};

	_Static_assert(sizeof(acl) == 4 + ENTRIES * 8, "no padding");
	(void)fsetxattr(fd, "system.posix_acl_access", &acl, sizeof(acl), 0);
}
