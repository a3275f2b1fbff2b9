# Many clients write check-ins of two sources, measurements with answers about self-harm, contacts, excuses, and act on warnings while others sweep.  No statement fails or
# deadlocks, nothing is warned of twice, what is kept is what was recorded, and when all is quiet what is open is what a replay says: at
# once for those who are not due, and after a sweep for everybody.
#
# CONCURRENT_SECONDS (8) and CONCURRENT_CLIENTS (16) make it longer or wider.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $seconds = $ENV{CONCURRENT_SECONDS} || 8;
my $clients = $ENV{CONCURRENT_CLIENTS} || 16;
my $people = 300;
my $node = new_node('warnings');

$node->start;
make_program($node, 'coaching');
add_people($node, 'coaching', $people);

# Rules that alarm often, owners for most, limits and hazards for some, and deadlines that sweeps find missed.
$node->safe_psql('coaching', <<"SQL");
UPDATE care.instrument SET self_harm_items = '{9}';
INSERT INTO care.staff (staff_id, name, role, supervisor_id) VALUES (3, 'coach', 'coach', 2);
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2020-01-01,)' FROM generate_series(1, $people) p, (VALUES (1, 'therapist'), (2, 'prescriber'), (3, 'coach')) v (s, r) WHERE p % 10 > 0 OR s = 3;
UPDATE care.task SET max_units_per_day = 2 WHERE task_id % 3 = 0;
UPDATE care.task SET gap_hazard_days = 4 WHERE task_id % 4 = 1;
INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on, hold_days, clear_days, cool_down_days, acknowledge_within, escalate_to) VALUES
	('two missed', 'x', 'task', 'missed_run', '{"n": 2}', 'coach', 0, 1, 0, '1 second', 'supervisor'), ('low', 'x', 'task', 'rate_below', '{"days": 7, "rate": 0.5}', 'coach', 1, 2, 2, '1 day', NULL),
	('silent', 'x', 'task', 'unrecorded_run', '{"n": 3}', 'coach', 0, 1, 3, '1 second', NULL), ('high', 'x', 'measure', 'shewhart', '{"l": 1, "mean": 8, "sd": 4}', 'therapist', 0, 1, 0, '1 day', NULL);
-- An act of somebody on one of the open warnings about a person, unless another came first.
CREATE FUNCTION public.act(person bigint, what text) RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE
	it record;
BEGIN
	SELECT w.warning_id, w.acts_on INTO it FROM care.warning w WHERE w.person_id = person AND w.closed_at IS NULL ORDER BY random() LIMIT 1;
	IF it.warning_id IS NOT NULL THEN
		INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, by_staff_id, until, reason, done)
		VALUES (person, it.warning_id, it.acts_on, what, 1, CASE WHEN what IN ('acknowledged', 'silenced') THEN now() + interval '2 seconds' END, 'x', 'y');
	END IF;
EXCEPTION WHEN object_not_in_prerequisite_state THEN
	NULL;
END
\$\$;
SELECT care.sweep();
SQL

my $someone = <<"SQL";
\\set person random(1, $people)
\\set other random(1, $people)
\\set third random(1, $people)
\\set task 2 * :person + random(0, 1)
\\set day random(0, 9)
\\set missed random(0, 1)
\\set taken 1 - :missed + random(0, 5) / 5
SQL
my %scripts = (
	send => [ 10, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) VALUES (:person, :task, current_date - :day, :taken, :missed)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed
WHERE EXCLUDED.taken + EXCLUDED.missed > 0;
SQL
	device => [ 8, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, missed) VALUES (:person, :task, current_date - :day, 'device', 2 - 2 * :missed, :missed)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.taken, missed = EXCLUDED.missed;
SQL
	several => [ 4, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, missed)
SELECT DISTINCT p, 2 * p, current_date - (:day + d)::int, s, 1 - :missed, :missed
FROM unnest(ARRAY[:person, :third, :other]::bigint[]) p, generate_series(0, 2) d, unnest('{device,person,seen}'::text[]) s
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.missed, missed = EXCLUDED.taken;
SQL
	correct => [ 3, $someone . <<'SQL' ],
UPDATE care.check_in SET taken = missed, missed = least(taken, 1)
WHERE person_id = :person AND task_id = :task AND due_on = current_date - :day AND taken + missed > 0;
SQL
	delete => [ 3, $someone . <<'SQL' ],
DELETE FROM care.check_in WHERE person_id = :person AND task_id = :task AND due_on >= current_date - :day - 2 AND due_on <= current_date - :day;
SQL
	undo => [ 2, $someone . <<'SQL' ],
BEGIN;
INSERT INTO care.check_in (person_id, task_id, due_on, source, missed) VALUES (:person, :task, current_date - :day, 'coach', 1) ON CONFLICT DO NOTHING;
ROLLBACK;
SQL
	measure => [ 4, $someone . <<'SQL' ],
\set answer random(0, 3)
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value)
VALUES (:person, 1, '', current_date - :day, 4 * :answer), (:person, 1, '9', current_date - :day, :answer / 2)
ON CONFLICT (person_id, instrument_id, item, measured_on, occurrence, source) DO UPDATE SET value = EXCLUDED.value;
SQL
	unmeasure => [ 1, $someone . <<'SQL' ],
DELETE FROM care.measurement WHERE person_id = :person AND measured_on = current_date - :day;
SQL
	contact => [ 1, $someone . <<'SQL' ],
INSERT INTO care.contact (person_id, staff_id, channel, replied_after) VALUES (:person, 3, 'text', '5 hours');
SQL
	acknowledge => [ 3, $someone . "SELECT public.act(:person, 'acknowledged');\n" ],
	resolve => [ 3, $someone . "SELECT public.act(:person, 'resolved');\n" ],
	decline => [ 1, $someone . "SELECT public.act(:person, 'declined');\n" ],
	silence => [ 1, $someone . "SELECT public.act(:person, 'silenced');\n" ],
	sweep => [ 1, "SELECT care.sweep();\n" ],
);

my $before = log_length($node);
my $run = run_clients($node, 'coaching', $clients, $seconds, %scripts);
my $ran = wait_for_clients($run);
my $everybody = "ARRAY(SELECT generate_series(1, $people))";

is($run->{err} =~ s/^.*?(?=pgbench: error|\z)//sr, '', 'no client stops');
is(errors_by_state($node, $before), '', 'no statement fails: no deadlock, nothing refused');
unlike(substr(slurp_file($node->logfile), $before), qr/deadlock detected/, 'nowhere a deadlock');
kept_is_recorded($node, 'coaching', 'after all');
cmp_ok($ran->{$_}, '>', 0, "clients ran: $_ [$ran->{$_} transactions]") foreach sort keys %scripts;
is($node->safe_psql('coaching', <<"SQL"), '', 'before a sweep what is open of those who are not due is what a replay says');
SELECT d.person_id, r.name, d.task_id, d.warning_id, d.due, k.due_at FROM care.warning_difference($everybody, NULL, true) d
JOIN care.warning_rule r USING (warning_rule_id) JOIN care.recheck k USING (person_id) WHERE k.due_at > coachiatry.clock();
SQL
is($node->safe_psql('coaching', <<"SQL"), '', 'and recheck is in time');
SELECT s.person_id, r.name, s.task_id, s.look_at, k.due_at FROM care.warning_replay($everybody, coachiatry.clock()) s
JOIN care.warning_rule r USING (warning_rule_id) LEFT JOIN care.recheck k USING (person_id) WHERE (k.due_at <= s.look_at) IS FALSE OR k.due_at IS NULL;
SQL
$node->safe_psql('coaching', 'SELECT care.sweep()');
is($node->safe_psql('coaching', "SELECT * FROM care.warning_difference($everybody, NULL, true) WHERE warning_rule_id IS NOT NULL"), '', 'after a sweep of everybody');
is($node->safe_psql('coaching', <<"SQL"), '', 'safety is what the record says');
SELECT COALESCE(d.person_id, w.person_id), COALESCE(d.kind, w.kind), d.evidence, w.evidence
FROM care.safety_due($everybody) d
FULL JOIN (SELECT * FROM care.warning WHERE kind IN ('self_harm', 'over_use', 'gap') AND closed_at IS NULL) w
ON w.person_id = d.person_id AND w.kind = d.kind AND w.task_id IS NOT DISTINCT FROM d.task_id AND w.item IS NOT DISTINCT FROM d.item
WHERE w.evidence IS DISTINCT FROM COALESCE(d.evidence, '[]')
SQL
is($node->safe_psql('coaching', <<'SQL'), '', 'nothing is open twice');
SELECT person_id, kind, warning_rule_id, task_id, instrument_id, item, count(*) FROM care.warning WHERE closed_at IS NULL
GROUP BY 1, 2, 3, 4, 5, 6 HAVING count(*) > 1
SQL
is($node->safe_psql('coaching', <<'SQL'), '', 'every warning is where its events have brought it');
SELECT w.warning_id, w.state, e.event FROM care.warning w
CROSS JOIN LATERAL (SELECT e.event FROM care.warning_event e WHERE e.person_id = w.person_id AND e.warning_id = w.warning_id
	AND e.event IN ('opened', 'acknowledged', 'escalated', 'resolved', 'declined', 'cleared', 'retracted', 'worsened', 'answer_changed')
	ORDER BY e.warning_event_id DESC LIMIT 1) e
WHERE w.state NOT IN (e.event, CASE WHEN e.event IN ('opened', 'worsened', 'answer_changed') THEN 'open' END)
	AND NOT (w.state = 'escalated' AND e.event IN ('worsened', 'answer_changed'))
SQL
is($node->safe_psql('coaching', 'SELECT * FROM care.stream_fault'), '', 'nothing failed');
cmp_ok($node->safe_psql('coaching', "SELECT count(*) FROM care.warning WHERE state = '$_'"), '>', 0, "some are $_") foreach qw(open resolved declined retracted);
my $n = 0;
$n += $_ foreach values %$ran;
diag(sprintf '%d clients, %d s: %d transactions, %.0f a second, %d warnings', $clients, $seconds, $n, $n / $seconds, $node->safe_psql('coaching', 'SELECT count(*) FROM care.warning'));

$node->stop;
done_testing();
