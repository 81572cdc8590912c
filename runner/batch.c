/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/batch.h"

#include <stdlib.h>

#include "runner/runner.h"

struct batch *
batch_new(struct runner *runner)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		abort();
	batch->runner = runner;
	batch->next = runner->batches;
	if (batch->next != NULL)
		batch->next->prev = batch;
	runner->batches = batch;
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (batch->prev != NULL)
		batch->prev->next = batch->next;
	else
		batch->runner->batches = batch->next;
	if (batch->next != NULL)
		batch->next->prev = batch->prev;
	free(batch);
}
