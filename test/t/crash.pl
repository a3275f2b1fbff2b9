# The server is killed (SIGKILL) while clients write: a backend, after which the postmaster starts the others afresh, and the postmaster itself. After
# each time, what is kept is what was recorded, and every check-in whose commit a client was told of is there.
#
# These are crashes of processes: what the server has given to the operating system survives them, so that fsync may stay off. What a power failure
# leaves is up to the server's own log, which our tables use like any other.
#
# CRASH_LOOPS (10): how often each of the two is killed.
use strict;
use warnings;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use Program;

my $loops = $ENV{CRASH_LOOPS} || 10;
my $people = 40;
my $node = new_node('crash');

$node->append_conf('postgresql.conf', <<'CONF');
restart_after_crash = on
max_prepared_transactions = 5
checkpoint_timeout = 30s
CONF
$node->start;
make_program($node, 'postgres');
add_people($node, 'postgres', $people);

my $someone = <<"SQL";
\\set person random(1, $people)
\\set other random(1, $people)
\\set day random(0, 45)
\\set own :client_id + 2
SQL
my %scripts = (
	insert => [ 3, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, taken) VALUES (:person, 2 * :person, current_date - :day, :own, 1)
ON CONFLICT DO NOTHING;
SQL
	upsert => [ 3, $someone . <<'SQL' ],
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, missed)
SELECT DISTINCT p, 2 * p + 1, current_date - :day, :own, 'device', 1 FROM unnest(ARRAY[:person, :other]::bigint[]) p
ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET taken = EXCLUDED.missed, missed = EXCLUDED.taken;
SQL
	correct => [ 3, $someone . <<'SQL' ],
BEGIN;
UPDATE care.check_in SET taken = 1 + taken % 5 WHERE person_id = :person AND occurrence = :own AND source = 'person';
DELETE FROM care.check_in WHERE person_id = :person AND occurrence = :own AND due_on = current_date - :day AND source = 'device';
COMMIT;
SQL
	excuse => [ 1, $someone . <<'SQL' ],
INSERT INTO care.excused_period (person_id, during, excused_by) VALUES (:person, daterange(current_date - :day, current_date - :day + 2), 1);
SQL
	schedule => [ 1, $someone . <<'SQL' ],
UPDATE care.task SET schedule = ('FREQ=DAILY;INTERVAL=' || 1 + :day % 3)::coachiatry.schedule WHERE person_id = :person AND task_id = 2 * :person;
SQL
);

# A client that sends one check-in after the other and notes each that was committed. The occurrence counts them.
my $sent = 0;
my $journal = PostgreSQL::Test::Utils::tempdir() . '/journal';
my $folder = PostgreSQL::Test::Utils::tempdir();

sub start_journal
{
	open my $script, '>', "$folder/journal.sql" or die $!;
	for (1 .. 3000)
	{
		$sent++;
		printf $script "INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken)\n"
		  . "VALUES (%d, %d, current_date - %d, %d, 'seen', 1) RETURNING check_in_id;\n",
		  1 + $sent % $people, 2 * (1 + $sent % $people), $sent / 1440, 1 + $sent % 1440;
	}
	close $script;
	return IPC::Run::start([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', $node->host, '-p', $node->port, '-f', "$folder/journal.sql", 'postgres' ],
		'>>', $journal, '2>', '/dev/null');
}

# Waits until the server takes connections again.
sub wait_until_up
{
	for (1 .. 600)
	{
		return if IPC::Run::run([ 'pg_isready', '-q', '-h', $node->host, '-p', $node->port ]);
		usleep(50_000);
	}
	die 'the server does not come back';
}

# A backend that is writing, and the signal.
sub kill_backend
{
	my $pid = $node->safe_psql('postgres', <<'SQL');
SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC, random() LIMIT 1
SQL

	kill 'KILL', $pid or die "cannot kill \"$pid\"";
	return;
}

# The postmaster, and then a start, as soon as its children are gone.
sub kill_postmaster
{
	my ($pid) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;

	$node->kill9;
	for (1 .. 400)
	{
		return if kill(0, $pid) == 0 && $node->start(fail_ok => 1);
		usleep(50_000);
	}
	die 'the server does not start';
}

# One crash under load, and what is found after it.
sub crash
{
	my ($what, $kill) = @_;
	my $run = run_clients($node, 'postgres', 6, 60, %scripts);
	my $sender = start_journal();
	my $committed = 0;

	# until some have been committed, then a moment more
	for (1 .. 400)
	{
		last if -e $journal && -s $journal > 40;
		usleep(10_000);
	}
	usleep(100_000 + rand 400_000);
	$kill->();
	eval { wait_for_clients($run) };
	eval { IPC::Run::finish($sender) };
	wait_until_up();

	my $differences = differences($node, 'postgres');
	my $ids = slurp_file($journal);
	my @noted = $ids =~ /^(\d+)\n/mg;
	my $there = $node->safe_psql('postgres', 'SELECT count(*) FROM care.check_in WHERE check_in_id = ANY (\'{' . join(',', @noted) . '}\')');

	unlink $journal;
	is($differences, '', "$what: what is kept is what was recorded");
	cmp_ok(scalar @noted, '>', 0, "$what: there was work");
	is($there, scalar @noted, "$what: what was committed is there");
	return scalar @noted;
}

my $noted = 0;
foreach my $loop (1 .. $loops)
{
	$noted += crash("backend killed, $loop", \&kill_backend);
	$noted += crash("postmaster killed, $loop", \&kill_postmaster);
}
diag("$noted check-ins were noted as committed in " . 2 * $loops . ' crashes');
like(slurp_file($node->logfile), qr/database system was not properly shut down; automatic recovery in progress/, 'there were recoveries');

# A transaction that was prepared before a crash folds when it was prepared, once.
my $insert = "INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (1, 2, current_date, 'coach', 3)";
$node->safe_psql('postgres', "BEGIN; $insert; PREPARE TRANSACTION 'later'");
kill_postmaster();
kept_is_recorded($node, 'postgres', 'prepared');
$node->safe_psql('postgres', "COMMIT PREPARED 'later'");
is($node->safe_psql('postgres', "SELECT calendar FROM care.task_calendar WHERE person_id = 1 AND source = 'coach'") =~ /^\S+ \(0,3\)$/,
	1, 'a prepared check-in is kept after a crash and COMMIT PREPARED');
kept_is_recorded($node, 'postgres', 'committed');

$node->stop;
done_testing();
