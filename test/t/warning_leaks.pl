# What is written without a query lets go of what it holds: the server warns at the end of a statement of pages and shapes of rows that are still held.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $node = new_node('warning_leaks');

$node->start;
make_program($node, 'coaching');

# Everything was taken for two weeks; with a few missed days to come the rate will be too low: then the person is to be looked at.
$node->safe_psql('coaching', <<'SQL');
SET coachiatry.clock = '2026-03-15 12:00+00';
INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on, acknowledge_within) VALUES ('low', 'x', 'task', 'rate_below', '{"days": 4, "rate": 0.6}', 'coach', '1 day');
INSERT INTO care.person (person_id) VALUES (1);
INSERT INTO care.episode (person_id, started) VALUES (1, '2026-03-01');
INSERT INTO care.task (person_id, task_id, schedule, starts_at) VALUES (1, 1, 'QD', '2026-03-01');
INSERT INTO care.check_in (person_id, task_id, due_on, taken) SELECT 1, 1, date '2026-03-01' + n, 1 FROM generate_series(0, 13) n;
SELECT care.sweep();
UPDATE care.recheck SET due_at = 'infinity';
SQL

my ($code, $out, $err) = $node->psql('coaching', <<'SQL');
SET coachiatry.clock = '2026-03-15 12:00+00';
INSERT INTO care.check_in (person_id, task_id, due_on, missed) VALUES (1, 1, '2026-03-15', 1);
SELECT due_at < 'infinity' FROM care.recheck;
SQL
is($out, 't', 'a check-in has the person looked at later');
is($err, '', 'and nothing is left held');

done_testing();
