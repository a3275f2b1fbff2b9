# Many clients write at the same time: check-ins one by one, a few at once, corrections, deletions, batches, excuses, changes of schedule and of
# time zone.  No unit is lost or counted twice, whoever looks meanwhile sees kept calendars equal to the record, and no statement
# deadlocks or fails at all.
#
# CONCURRENT_SECONDS (5) and CONCURRENT_CLIENTS (16) make it longer or wider.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $seconds = $ENV{CONCURRENT_SECONDS} || 5;
my $clients = $ENV{CONCURRENT_CLIENTS} || 16;
my $people = 300;
my $node = new_node('concurrent');

$node->start;
make_program($node, 'coaching');
add_people($node, 'coaching', $people);

# Someone, one of their tasks, and a day; a check-in of several rows is the client's own occurrence, so that statements share calendars and no rows.
my $someone = <<"SQL";
\\set person random(1, $people)
\\set task 2 * :person + random(0, 1)
\\set day random(0, 45)
SQL
my $others = <<"SQL";
\\set other random(1, $people)
\\set third random(1, $people)
\\set own :client_id + 2
SQL
my %scripts = (

	# each adds one unit: the sum is the number of transactions
	count => [ 10, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (:person, :task, current_date - :day, 'pharmacy', 1)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = check_in.taken + 1;
SQL
	send => [ 6, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (:person, :task, current_date - :day, 1)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
SQL
	several => [ 6, $someone . $others . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, missed)
SELECT DISTINCT p, 2 * p, current_date - (:day + d)::int, :own, 'device', 1
FROM unnest(ARRAY[:person, :third, :other]::bigint[]) p, generate_series(0, 2) d
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.missed, missed = EXCLUDED.taken;
SQL
	merge => [ 2, $someone . $others . <<'SQL' ],
MERGE INTO care.check_in c
USING (SELECT DISTINCT p AS person_id, 2 * p AS task_id FROM unnest(ARRAY[:other, :person]::bigint[]) p) v
ON c.person_id = v.person_id AND c.task_id = v.task_id AND c.due_on = current_date - :day AND c.occurrence = :own AND c.source = 'seen'
WHEN MATCHED AND c.taken > 3 THEN DELETE
WHEN MATCHED THEN UPDATE SET taken = c.taken + 1
WHEN NOT MATCHED THEN INSERT (person_id, task_id, due_on, occurrence, source, taken)
	VALUES (v.person_id, v.task_id, current_date - :day, :own, 'seen', 1);
SQL
	correct => [ 4, $someone . <<'SQL' ],
UPDATE care.check_in SET missed = missed + 1 WHERE person_id = :person AND task_id = :task AND due_on = current_date - :day AND occurrence = 1
	AND source = 'person' AND missed < 20;
SQL
	delete => [ 3, $someone . <<'SQL' ],
DELETE FROM care.check_in
WHERE person_id = :person AND task_id = :task AND due_on = current_date - :day AND occurrence = 1 AND source = 'person';
SQL
	delete_own => [ 2, $someone . $others . <<'SQL' ],
DELETE FROM care.check_in WHERE person_id IN (:other, :person) AND occurrence = :own AND source = 'device' AND due_on > current_date - :day;
SQL
	undo => [ 2, $someone . $others . <<'SQL' ],
BEGIN;
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken) VALUES (:person, :task, current_date - :day, :own, 'coach', 1)
ON CONFLICT DO NOTHING;
ROLLBACK;
SQL
	later => [ 2, $someone . $others . <<'SQL' ],
\set hours random(1, 2000)
BEGIN;
SELECT set_config('coachiatry.clock', (now() + :hours * interval '1 hour')::text, true);
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken) VALUES (:person, :task, current_date - :day, :own, 'proxy', 1)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = 3 - check_in.taken;
COMMIT;
SQL
	advance => [ 1, <<'SQL' ],
\set hours random(1, 2000)
SELECT care.advance_plan(now() + :hours * interval '1 hour');
SQL
	ingest => [ 3, $someone . $others . <<'SQL' ],
SELECT * FROM care.ingest_check_ins(ARRAY[:third, :person, :other]::bigint[], ARRAY[2 * :third, 2 * :person, 2 * :other]::bigint[],
	ARRAY[current_date - :day, current_date - :day - 50, current_date - :day - 100], ARRAY[1, 1, :own], source => ARRAY['import', 'import', 'import']);
SQL
	measure => [ 2, $someone . <<'SQL' ],
INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) VALUES (:person, 1, current_date - :day, 0.1 * :task)
ON CONFLICT (person_id, instrument_id, item, measured_on, occurrence, source) DO UPDATE SET value = measurement.value + 0.1;
SQL
	excuse => [ 2, $someone . <<'SQL' ],
INSERT INTO care.excused_period (person_id, task_id, during, excused_by)
VALUES (:person, nullif(:task, 2 * :person), daterange(current_date - :day, current_date - :day + 3), 1);
SQL
	unexcuse => [ 2, $someone . <<'SQL' ],
DELETE FROM care.excused_period
WHERE person_id = :person AND excused_period_id = (SELECT min(excused_period_id) FROM care.excused_period WHERE person_id = :person);
SQL
	schedule => [ 2, $someone . <<'SQL' ],
\set every random(1, 4)
UPDATE care.task SET schedule = ('FREQ=DAILY;INTERVAL=' || :every)::coachiatry.schedule WHERE person_id = :person AND task_id = :task;
SQL
	move => [ 1, $someone . <<'SQL' ],
UPDATE care.person SET time_zone = (ARRAY['UTC', 'Asia/Tokyo', 'Pacific/Pago_Pago'])[1 + :day % 3] WHERE person_id = :person;
SQL
	add_task => [ 1, $someone . <<'SQL' ],
INSERT INTO care.task (person_id, schedule, starts_at) VALUES (:person, 'FREQ=DAILY', current_date - :day);
SQL
);

my $before = log_length($node);
my $run = run_clients($node, 'coaching', $clients, $seconds, %scripts);
my ($looks, $seen) = (0, '');
my $until = time + $seconds - 1;

do
{
	$seen .= $node->safe_psql('coaching', 'SELECT * FROM care.verify_derived()');
	$looks++;
} while (time < $until);
my $ran = wait_for_clients($run);

is($run->{err} =~ s/^.*?(?=pgbench: error|\z)//sr, '', 'no client stops');
is(errors_by_state($node, $before), '', 'no statement fails: no deadlock, nothing refused');
is($seen, '', "whoever looks meanwhile sees them equal [$looks times]");
kept_is_recorded($node, 'coaching', 'after all');
cmp_ok($ran->{$_}, '>', 0, "clients ran: $_ [$ran->{$_} transactions]") foreach sort keys %scripts;
is( $node->safe_psql('coaching', "SELECT sum(taken) FROM care.check_in WHERE source = 'pharmacy'"),
	$ran->{count},
	'every unit that was added is there');
is( $node->safe_psql('coaching', <<'SQL'),
SELECT sum(d.taken) FROM care.task_calendar c CROSS JOIN LATERAL coachiatry.to_adherence_days(c.calendar) d WHERE c.source = 'pharmacy'
SQL
	$ran->{count},
	'and is kept once');
my $n = 0;
$n += $_ foreach values %$ran;
diag(sprintf '%d clients, %d s: %d transactions, %.0f a second', $clients, $seconds, $n, $n / $seconds);
is($node->safe_psql('coaching', 'SELECT care.rebuild_derived()'), 0, 'building afresh finds nothing to change');
kept_is_recorded($node, 'coaching', 'built afresh');

$node->stop;
done_testing();
