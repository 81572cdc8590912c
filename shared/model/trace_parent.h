/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace_parent.h: header traceparent of the W3C's Trace Context: to which step of which trace a request belongs. */
#ifndef MODEL_TRACE_PARENT_H
#define MODEL_TRACE_PARENT_H

#include <stdbool.h>

#define TRACE_PARENT_SIZE 56

/*
 * Is text one?  "00-", 32 hexadecimal digits of the trace, "-", 16 of the step, "-", 2 of flags; lower case, neither
 * trace nor step all zero.  A later version may have more behind a "-"; what of it is known goes into out as version
 * 00.  False: it is to be ignored (section 4.3 of the standard), and out is not changed.
 */
bool trace_parent_read(const char *text, char out[TRACE_PARENT_SIZE]);

#endif
