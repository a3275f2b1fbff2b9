/*
 * A moment: what the snapshot shows by which a query runs, in a form that is
 * cheap to compare.
 */
#ifndef COACHIATRY_MOMENT_H
#define COACHIATRY_MOMENT_H

#include "coachiatry.h"

#include "storage/lock.h"

/*
 * Two moments that are equal show the same rows.  Within a transaction those
 * that are in progress below xmax can only become fewer, so their number tells
 * whether they are the same.
 */
typedef struct Moment
{
	LocalTransactionId transaction;
	uint64 rollbacks; /* of parts of transactions, so far */
	TransactionId xmin;
	TransactionId xmax;
	uint32 running;
	int32 running_parts;
	CommandId command;
} Moment;

/* Begin to count rollbacks. */
extern void moment_watch(void);

/* The transaction that runs: in a parallel worker that of its leader. */
extern LocalTransactionId moment_transaction(void);

/* How many parts of transactions were rolled back so far. */
extern uint64 moment_rollbacks(void);

/* The moment by which the query runs; false where nothing runs by a snapshot. */
extern bool moment_take(Moment *moment);

extern bool moment_is(const Moment *moment, const Moment *other);

#endif
