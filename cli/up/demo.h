/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/demo.h: the sample definitions of share/jqm/samples, imported and one of them run for real. */
#ifndef UP_DEMO_H
#define UP_DEMO_H

#include <stdbool.h>

struct err;
struct stack;

/*
 * Copy the sample programs to HOME/jobs/samples, import their definitions through the web API, run
 * AccessReport and, unless quiet, show what it printed and the address of a file it made.
 */
int demo_run(struct stack *stack, bool quiet, struct err *err);

#endif
