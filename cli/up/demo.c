/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/demo.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/up/home.h"
#include "cli/up/stack.h"
#include "cli/up/tools.h"
#include "cli/up/tree.h"

int
demo_run(struct stack *stack, struct err *err)
{
	char *from = tools_file(stack->tools.share_dir, "samples");
	char *to = home_file(&stack->home, "jobs/samples");
	int rc = tree_copy(from, to, err);

	free(to);
	free(from);
	return rc;
}
