/*
 * A moment: what the snapshot shows by which a query runs.
 */
#include "identity/moment.h"

#include "access/xact.h"
#include "storage/proc.h"
#include "utils/snapmgr.h"

static uint64 rollbacks;

/* What was seen may have rested on rows that are no more. */
static void
count_rollback(SubXactEvent event, SubTransactionId mine pg_attribute_unused(),
			   SubTransactionId parent pg_attribute_unused(), void *arg pg_attribute_unused())
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		rollbacks++;
}

/* Begin to count rollbacks. */
void
moment_watch(void)
{
	RegisterSubXactCallback(count_rollback, NULL);
}

/* The transaction that runs: in a parallel worker that of its leader. */
LocalTransactionId
moment_transaction(void)
{
	if (MyProc == NULL)
		return InvalidLocalTransactionId;
	return local_transaction_of(MyProc->lockGroupLeader != NULL ? MyProc->lockGroupLeader : MyProc);
}

/* How many parts of transactions were rolled back so far. */
uint64
moment_rollbacks(void)
{
	return rollbacks;
}

/* The moment by which the query runs; false where nothing runs by a snapshot. */
bool
moment_take(Moment *moment)
{
	Snapshot snapshot;

	moment->transaction = moment_transaction();
	if (!ActiveSnapshotSet() || !LocalTransactionIdIsValid(moment->transaction))
		return false;
	snapshot = GetActiveSnapshot();
	moment->rollbacks = rollbacks;
	moment->xmin = snapshot->xmin;
	moment->xmax = snapshot->xmax;
	moment->running = snapshot->xcnt;
	moment->running_parts = snapshot->subxcnt;
	moment->command = snapshot->curcid;
	return true;
}

/* Whether two moments show the same rows. */
bool
moment_is(const Moment *moment, const Moment *other)
{
	return moment->transaction == other->transaction && moment->rollbacks == other->rollbacks &&
		   moment->xmin == other->xmin && moment->xmax == other->xmax &&
		   moment->running == other->running && moment->running_parts == other->running_parts &&
		   moment->command == other->command;
}
