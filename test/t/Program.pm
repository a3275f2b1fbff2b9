# What the scripts in this folder share: a cluster with a program, people in it, clients that write, and the question
# whether what is kept is what was recorded.
package Program;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(new_node make_program add_people run_clients wait_for_clients kept_is_recorded differences contents dump is_dump errors_by_state log_length);

# A cluster of its own, not yet started, whose log says the SQLSTATE of every error.
sub new_node
{
	my ($name, %params) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(%params, extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', <<'CONF');
max_connections = 60
shared_buffers = 64MB
max_wal_size = 1GB
log_statement = none
log_line_prefix = '%m [%p] %e '
timezone = 'UTC'
jit = off
CONF
	return $node;
}

# A database with a program "care".
sub make_program
{
	my ($node, $database) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database") if $database ne 'postgres';
	$node->safe_psql($database, "CREATE EXTENSION coachiatry; SELECT coachiatry.create_program('care')");
	return;
}

# People 1 to n in three time zones, each with a daily task and one on three days a week, numbered 2 p and 2 p + 1; a therapist who excuses and a
# prescriber, staff 1 and 2; an instrument, 1.  What the first half of the people recorded in the last weeks is there.
sub add_people
{
	my ($node, $database, $people) = @_;

	$node->safe_psql($database, <<"SQL");
INSERT INTO care.staff (staff_id, name, role, licensed) VALUES (1, 'therapist', 'therapist', true), (2, 'prescriber', 'prescriber', true);
INSERT INTO care.instrument (instrument_id, name) VALUES (1, 'PHQ-9');
INSERT INTO care.person (person_id, time_zone)
SELECT p, (ARRAY['UTC', 'America/Los_Angeles', 'Pacific/Kiritimati'])[1 + p % 3] FROM generate_series(1, $people) p;
INSERT INTO care.task (person_id, task_id, schedule, starts_at, created_at)
SELECT p, 2 * p + k, (ARRAY['FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,WE,FR'])[1 + k]::coachiatry.schedule, current_date - 60, now() - interval '60 days'
FROM generate_series(1, $people) p, generate_series(0, 1) k;
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
SELECT p, 2 * p + k, current_date - d, (p + d) % 2, 1 - (p + d) % 2
FROM generate_series(1, $people / 2) p, generate_series(0, 1) k, generate_series(1, 30) d;
INSERT INTO care.excused_period (person_id, during, excused_by)
SELECT p, daterange(current_date - 20, current_date - 18), 1 FROM generate_series(1, $people, 5) p;
INSERT INTO care.measurement (person_id, instrument_id, measured_on, value)
SELECT p, 1, current_date - 7 * w, p % 20 + w FROM generate_series(1, $people) p, generate_series(1, 4) w;
ALTER TABLE care.task ALTER task_id RESTART WITH 1000001; -- what is added without a number comes after these
ANALYZE;
SQL
	return;
}

# Starts pgbench with scripts (name => [weight, text]); for wait_for_clients().
sub run_clients
{
	my ($node, $database, $clients, $seconds, %scripts) = @_;
	my %run = (out => '', err => '', names => [ sort keys %scripts ]);
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my @files;

	foreach my $name (@{ $run{names} })
	{
		my ($weight, $text) = @{ $scripts{$name} };
		append_to_file("$folder/$name.sql", $text);
		push @files, '-f', "$folder/$name.sql\@$weight";
	}
	$run{handle} = IPC::Run::start(
		[ 'pgbench', '-n', '-c', $clients, '-j', 2, '-T', $seconds, '-h', $node->host, '-p', $node->port, @files, $database ],
		'>', \$run{out}, '2>', \$run{err});
	return \%run;
}

# Waits until the clients are done; returns how many transactions each script ran, by its name.
sub wait_for_clients
{
	my ($run) = @_;
	my %ran;

	IPC::Run::finish($run->{handle});
	foreach my $name (@{ $run->{names} })
	{
		my ($part) = $run->{out} =~ m{^SQL script \d+: \S*/\Q$name\E\.sql$(.*?)(?=^SQL script|\z)}ms;
		($ran{$name}) = ($part // $run->{out}) =~ /^ - (\d+) transactions|^number of transactions actually processed: (\d+)/m;
	}
	return \%ran;
}

# What each person, task and source has in calendars that differs from the sums of the check-ins, computed in plain SQL,
# and what verify_derived() finds.
sub differences
{
	my ($node, $database) = @_;

	return $node->safe_psql($database, <<'SQL');
SELECT person_id, task_id, source, r.units, k.units
FROM (SELECT person_id, task_id, source, sum(taken + missed) AS units FROM care.check_in GROUP BY person_id, task_id, source) r
FULL JOIN (
	SELECT c.person_id, c.task_id, c.source, sum(d.taken + d.missed) AS units
	FROM care.task_calendar c CROSS JOIN LATERAL coachiatry.to_adherence_days(c.calendar) d
	WHERE c.source <> 'plan' GROUP BY c.person_id, c.task_id, c.source) k USING (person_id, task_id, source)
WHERE r.units IS DISTINCT FROM k.units
ORDER BY person_id, task_id, source;
SELECT * FROM care.verify_derived();
SQL
}

# A test: nothing differs.
sub kept_is_recorded
{
	my ($node, $database, $when) = @_;

	return Test::More::is(differences($node, $database), '', "$when: what is kept is what was recorded");
}

# Every table and view of the program, each with a digest of its rows as at one instant: "name digest" lines.
sub contents
{
	my ($node, $database, $kinds) = @_;
	my @names = split /\n/,
	  $node->safe_psql($database, "SELECT relname FROM pg_class WHERE relnamespace = 'care'::regnamespace AND relkind IN ($kinds) ORDER BY relname");

	return $node->safe_psql($database,
		"SET coachiatry.clock = '2030-01-01 12:00+00';\n"
		  . join('', map { "SELECT '$_', count(*), md5(string_agg(r::text, chr(10) ORDER BY r::text)) FROM care.$_ r;\n" } @names));
}

# A dump as text, without what differs each time and names no object, and without what the server writes otherwise when it has read back what it had
# written itself: parentheses in chains of AND, and names of constants inside UNION.
sub dump
{
	my ($node, $database, @options) = @_;
	my ($text, $err) = ('', '');

	IPC::Run::run([ 'pg_dump', '-h', $node->host, '-p', $node->port, @options, $database ], '>', \$text, '2>', \$err)
	  or die "pg_dump: $err";
	$text =~ s/^\\(?:un)?restrict .*\n//mg;
	$text =~ s/((?:'[^']*'|NULL)::\w+) AS \w+(?=,?$)/$1/mg;
	$text =~ tr/()//d;
	return $text;
}

# A test: two dumps are equal; if not, the first lines in which they differ.
sub is_dump
{
	my ($got, $expected, $what) = @_;
	my (@got, @expected);
	my @theirs = split /\n/, $expected;
	my $line = 0;

	foreach my $mine (split /\n/, $got)
	{
		my $their = $theirs[ $line++ ] // '(no line)';

		next if $mine eq $their || @got == 10;
		push @got, "$line: $mine";
		push @expected, "$line: $their";
	}
	push @got, 'length ' . length $got;
	push @expected, 'length ' . length $expected;
	return Test::More::is_deeply(\@got, \@expected, $what) || Test::More::diag(join "\n", 'got:', @got, 'expected:', @expected);
}

# How often each SQLSTATE was an error since the log was that long, as "state count" lines.
sub errors_by_state
{
	my ($node, $offset) = @_;
	my %count;

	foreach my $line (split /\n/, substr(slurp_file($node->logfile), $offset))
	{
		$count{$1}++ if $line =~ /\] ([0-9A-Z]{5}) (?:ERROR|FATAL|PANIC):/;
	}
	return join("\n", map { "$_ $count{$_}" } sort keys %count);
}

# How long the log is now.
sub log_length
{
	my ($node) = @_;

	return -s $node->logfile;
}

1;
