/* SPDX-License-Identifier: Apache-2.0 */
/* base/version.h: the version all programs of this tree carry. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define JQM_VERSION "0.1.0"

#endif
