/* SPDX-License-Identifier: Apache-2.0 */
/* lib/loop_passes.h: what a program's log says of the passes of its loop (base/loop_watch.h). */
#ifndef TESTS_LIB_LOOP_PASSES_H
#define TESTS_LIB_LOOP_PASSES_H

/*
 * The most processor time one pass took, of those that were long enough to be told; 0: none was.  Fails the test
 * when there is no log.
 */
long loop_longest_cpu_ms(const char *log);

#endif
