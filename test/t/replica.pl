# A standby follows: its kept calendars are those of the primary, byte by byte, everything that is read every day reads the same there, and after it has
# been promoted, writing goes on.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $primary = new_node('primary', allows_streaming => 1);
my $standby = PostgreSQL::Test::Cluster->new('standby');

$primary->start;
make_program($primary, 'postgres');
$primary->backup('base');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
add_people($primary, 'postgres', 60);

my $someone = <<'SQL';
\set person random(1, 60)
\set day random(0, 45)
\set own :client_id + 2
SQL
my $run = run_clients($primary, 'postgres', 6, 2,
	upsert => [ 3, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (:person, 2 * :person, current_date - :day, 'device', 1)
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = check_in.taken + 1;
SQL
	delete => [ 1, $someone . <<'SQL' ],
DELETE FROM care.check_in WHERE person_id = :person AND due_on = current_date - :day;
SQL
	measure => [ 1, $someone . <<'SQL' ],
INSERT INTO care.measurement (person_id, instrument_id, measured_on, occurrence, value) VALUES (:person, 1, current_date - :day, :own, 0.1)
ON CONFLICT (person_id, instrument_id, item, measured_on, occurrence, source) DO UPDATE SET value = measurement.value + 0.1;
SQL
	schedule => [ 1, $someone . <<'SQL' ],
UPDATE care.task SET schedule = ('FREQ=DAILY;INTERVAL=' || 1 + :day % 4)::coachiatry.schedule WHERE person_id = :person;
SQL
);
my $seen = '';
$seen .= differences($standby, 'postgres') for 1 .. 5;
my $ran = wait_for_clients($run);

is($seen, '', 'while the primary is written to, the standby is consistent');
cmp_ok($ran->{$_}, '>', 0, "clients ran: $_ [$ran->{$_} transactions]") foreach sort keys %$ran;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

my $bytes = <<'SQL';
SELECT count(*), md5(string_agg(format('%s %s %s %s %s', person_id, task_id, source, planned_through, coachiatry.adherence_send(calendar)), ' '
	ORDER BY person_id, task_id, source)) FROM care.task_calendar;
SELECT count(*), md5(string_agg(format('%s %s %s %s', person_id, instrument_id, item, coachiatry.series_send(series)), ' '
	ORDER BY person_id, instrument_id, item)) FROM care.measure_series;
SQL
is($standby->safe_psql('postgres', $bytes), $primary->safe_psql('postgres', $bytes), 'kept calendars and series are equal, byte by byte');
is(contents($standby, 'postgres', "'r', 'v'"), contents($primary, 'postgres', "'r', 'v'"), 'every table and view reads the same on the standby');
kept_is_recorded($standby, 'postgres', 'standby');
is($standby->safe_psql('postgres', 'SELECT name FROM coachiatry.programs()'), 'care', 'the program is found on the standby');

my $insert = "INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken) VALUES (1, 2, current_date, 9, 'seen', 1)";
my ($code, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY verbose\n$insert");
like($err, qr/ERROR:  25006:/, 'the standby refuses to write');

$standby->promote;
$standby->safe_psql('postgres', $insert);
is( $standby->safe_psql('postgres', "SELECT calendar::text ~ '\\*' FROM care.task_calendar WHERE person_id = 1 AND source = 'seen'"),
	't', 'promoted, it writes and keeps');
$standby->safe_psql('postgres', "SET coachiatry.clock = '2040-01-01 12:00+00'; UPDATE care.check_in SET missed = 1 WHERE person_id = 1 AND source = 'seen'");
is( $standby->safe_psql('postgres', "SELECT max(planned_through) FROM care.task_calendar WHERE person_id = 1"),
	'2039-12-31', 'plans advance');
kept_is_recorded($standby, 'postgres', 'promoted');

$standby->stop;
$primary->stop;
done_testing();
