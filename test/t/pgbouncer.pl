# PgBouncer in transaction mode: 32 clients on 8 connections, each transaction as somebody else or nobody. Nobody is ever taken for somebody else, and nobody
# sees a row of another, whatever transactions before have left on the connection: settings and roles of the session, errors, savepoints, other sign-ins.
#
# PGBOUNCER_TRANSACTIONS (10000), PGBOUNCER_CLIENTS (32) and SEED; the seed is printed. Skipped without PgBouncer or DBD::Pg.
use strict;
use warnings;
use File::Spec;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

$ENV{PATH} .= ':/usr/sbin';
my ($major, $minor) = (`pgbouncer --version 2>&1` // '') =~ /^PgBouncer (\d+)\.(\d+)/i
  or plan skip_all => 'no PgBouncer';
eval { require DBI; require DBD::Pg; } or plan skip_all => 'no DBD::Pg';

my $transactions = $ENV{PGBOUNCER_TRANSACTIONS} || 10_000;
my $clients = $ENV{PGBOUNCER_CLIENTS} || 32;
my $connections = 8;
my $seed = $ENV{SEED} || int(rand(1_000_000));
my $keeps_statements = $major > 1 || $minor >= 21;    # from then on it knows prepared statements in transaction mode
my $node = new_node('pgbouncer');
my $folder = File::Spec->rel2abs(PostgreSQL::Test::Utils::tempdir());
my $port = PostgreSQL::Test::Cluster::get_free_port();

note "seed $seed, PgBouncer $major.$minor, prepared statements " . ($keeps_statements ? 'on for every other client' : 'off');

#
# Everybody and what is theirs, as a superuser says in plain SQL
#
$node->start;
make_program($node, 'postgres');
add_people($node, 'postgres', 60);
$node->safe_psql('postgres', <<'SQL');
UPDATE care.person SET name = 'person ' || person_id, token_subject = 'person.' || person_id;
INSERT INTO care.staff (staff_id, name, role, licensed, token_subject)
SELECT n, r || n, r, true, 'staff.' || n FROM generate_series(11, 26) n, LATERAL (SELECT CASE WHEN n <= 22 THEN 'coach' ELSE 'prescriber' END AS r) r;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s.staff_id, s.role, CASE WHEN (p + s.staff_id) % 5 = 0 THEN daterange('2020-01-01', current_date - 2) ELSE '[2020-01-01,)' END
FROM generate_series(1, 60) p JOIN care.staff s ON s.staff_id > 10 AND (p * 31 + s.staff_id * 17) % 11 < 2;
INSERT INTO care.message (person_id, author_kind, body) SELECT p, 'person', 'words of ' || p FROM generate_series(1, 60) p, generate_series(1, 1 + p % 7);
INSERT INTO care.clinical_note (person_id, written_by, body) SELECT p, 1, 'note of ' || p FROM generate_series(1, 60) p, generate_series(1, 1 + p % 5);
CREATE ROLE pool LOGIN NOINHERIT IN ROLE care_person, care_coach, care_prescriber;
CREATE TABLE public.naive AS SELECT p AS person_id FROM generate_series(1, 60) p;
ALTER TABLE public.naive ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.naive USING (person_id = current_setting('naive.person', true)::integer);
GRANT SELECT ON public.naive TO PUBLIC; -- whatever role is left on the connection
SQL
my @everybody = map {
	my ($kind, $id, $role, $token, $persons, $facts) = split /\|/;

	{ kind => $kind, id => $id, role => $role, token => $token, sees => "$persons|$facts" }
} split /\n/, $node->safe_psql('postgres', <<'SQL');
WITH who AS (
	SELECT 'staff' AS kind, s.staff_id AS id, 'care_' || s.role AS role, s.token_subject, ARRAY(SELECT DISTINCT a.person_id FROM care.assignment a
		WHERE a.staff_id = s.staff_id AND a.during @> current_date) AS persons
	FROM care.staff s WHERE s.staff_id > 10
	UNION ALL
	SELECT 'person', p.person_id, 'care_person', p.token_subject, ARRAY[p.person_id] FROM care.person p
)
SELECT w.kind, w.id, w.role, care.issue_token(w.token_subject, '1 day'), (SELECT string_agg(p::text, ',' ORDER BY p) FROM unnest(w.persons) p),
	concat_ws(',', (SELECT count(*) FROM care.check_in c WHERE c.person_id = ANY (w.persons)),
		CASE WHEN w.role <> 'care_prescriber' THEN (SELECT count(*) FROM care.message m WHERE m.person_id = ANY (w.persons))
			ELSE (SELECT count(*) FROM care.clinical_note n WHERE n.person_id = ANY (w.persons)) END)
FROM who w ORDER BY w.kind, w.id
SQL
my %nobody = (kind => 'nobody', id => '', role => 'care_coach', sees => '|0,0');
my $refused = $node->safe_psql('postgres', q{SELECT care.issue_token('person.1', '-1 hour')});

is(scalar(@everybody), 76, 'sixty persons, twelve coaches, four prescribers');
is((grep { $_->{sees} =~ /^\|/ } @everybody), 0, 'all of whom see somebody');

#
# PgBouncer
#
append_to_file("$folder/users.txt", qq("pool" ""\n));
append_to_file("$folder/pgbouncer.ini", <<"INI" . ($keeps_statements ? "max_prepared_statements = 100\n" : ''));
[databases]
postgres = host=@{[ $node->host ]} port=@{[ $node->port ]} pool_size=$connections
[pgbouncer]
unix_socket_dir = $folder
listen_port = $port
auth_type = trust
auth_file = $folder/users.txt
pool_mode = transaction
max_client_conn = 200
logfile = $folder/log
INI
my $pooler = IPC::Run::start([ 'pgbouncer', "$folder/pgbouncer.ini" ], '>', "$folder/out", '2>', "$folder/err");

sub connection
{
	my ($client) = @_;

	return DBI->connect("dbi:Pg:dbname=postgres;host=$folder;port=$port",
		'pool', '', { RaiseError => 1, PrintError => 0, AutoCommit => 1, pg_server_prepare => $keeps_statements && $client % 2 });
}

my $up;
foreach my $try (1 .. 100)
{
	last if $up = eval { connection(0) };
	select(undef, undef, undef, 0.1);
}
ok($up, 'PgBouncer listens') or BAIL_OUT(slurp_file("$folder/err"));
$up->disconnect;

#
# A client
#
sub any { return $_[ rand @_ ]; }

# What one is taken for and sees now, in one line.
sub seen
{
	my ($db, $as) = @_;
	my $other = $as->{role} eq 'care_prescriber' ? 'clinical_note' : 'message';

	return join '|', map { $_ // '' } $db->selectrow_array(<<"SQL");
SELECT w.kind, coalesce(w.staff_id, w.person_id), current_user, (SELECT string_agg(person_id::text, ',' ORDER BY person_id) FROM care.person),
	concat_ws(',', (SELECT count(*) FROM care.check_in), (SELECT count(*) FROM care.$other))
FROM coachiatry.whoami('care') w
SQL
}

sub wanted
{
	my ($as) = @_;

	return "$as->{kind}|$as->{id}|$as->{role}|$as->{sees}";
}

sub sign_in
{
	my ($db, $as) = @_;

	if ($as->{kind} eq 'nobody') { $db->do("SET LOCAL ROLE $as->{role}"); }
	elsif (rand() < 0.7) { $db->do('SELECT coachiatry.sign_in(?)', undef, $as->{token}); }
	else { $db->do(q{SELECT set_config('coachiatry.token', ?, true), set_config('role', ?, true)}, undef, $as->{token}, $as->{role}); }
	return;
}

# What is done within a transaction; returns what was seen and what ought to have been.
my %ways = (
	ordinary => sub {
		my ($db, $as) = @_;

		sign_in($db, $as);
		return ([ seen($db, $as), wanted($as) ]);
	},
	another_in_a_savepoint => sub {
		my ($db, $as, $other) = @_;
		my @seen;

		sign_in($db, $as);
		$db->do('SAVEPOINT s');
		# The setting does not count once somebody has signed in.
		$db->do('SELECT coachiatry.sign_in(?)', undef, $other->{token});
		push @seen, [ seen($db, $other), wanted($other) ];
		$db->do('ROLLBACK TO s');
		return (@seen, [ seen($db, $as), wanted($as) ]);
	},
	another_afterwards => sub {
		my ($db, $as, $other) = @_;
		my @seen;

		sign_in($db, $as);
		push @seen, [ seen($db, $as), wanted($as) ];
		$db->do('SELECT coachiatry.sign_in(?)', undef, $other->{token});
		return (@seen, [ seen($db, $other), wanted($other) ]);
	},
	an_error_at_the_end => sub {
		my ($db, $as) = @_;

		sign_in($db, $as);
		my $seen = seen($db, $as);
		eval { $db->do('SELECT 1 / 0') };
		return ([ $seen, wanted($as) ]);
	},
	an_error_in_a_savepoint => sub {
		my ($db, $as) = @_;

		sign_in($db, $as);
		$db->do('SAVEPOINT s');
		eval { $db->do('UPDATE care.person SET time_zone = ?', undef, 'nowhere') };
		$db->do('ROLLBACK TO s');
		return ([ seen($db, $as), wanted($as) ]);
	},
	a_token_that_is_refused => sub {
		my ($db, $as) = @_;

		$db->do('SAVEPOINT s');
		my $got = eval { $db->do('SELECT coachiatry.sign_in(?)', undef, $refused); 1 } ? 'signed in' : $db->state;
		$db->do('ROLLBACK TO s');
		return ([ $got, '28000' ], [ do { $db->do("SET LOCAL ROLE $nobody{role}"); seen($db, \%nobody) }, wanted(\%nobody) ]);
	});
# What is done to the session outside of transactions, which stays on the connection for others.
my @litter = (
	sub { $_[0]->do("SET ROLE $_[1]{role}") },
	sub { $_[0]->do('RESET ROLE') },
	sub { $_[0]->do(q{SELECT set_config('coachiatry.token', ?, false)}, undef, $_[1]{token}) },
	sub { $_[0]->do(q{SELECT set_config('coachiatry.token', ?, false), set_config('role', ?, false)}, undef, $_[1]{token}, $_[1]{role}) },
	sub { $_[0]->do('SELECT coachiatry.sign_in(?)', undef, $_[1]{token}) },
	sub { $_[0]->do('RESET ALL') });

# Transactions of one client: how many, how many on each connection, and what was seen wrongly.
sub client
{
	my ($client, $count) = @_;
	my $db = connection($client);
	my %ran;
	my %on;
	my @wrong;

	local $SIG{__WARN__} = sub { };    # sign_in warns outside of a transaction
	srand($seed + $client);
	foreach my $n (1 .. $count)
	{
		my $as = rand() < 0.1 ? \%nobody : any(@everybody);
		my $way = $as->{kind} eq 'nobody' ? 'ordinary' : any('ordinary', 'ordinary', sort keys %ways);

		$litter[ rand @litter ]->($db, any(@everybody)) if rand() < 0.1;
		$db->begin_work;
		my ($pid) = $db->selectrow_array('SELECT pg_backend_pid()');
		my @seen = eval { $ways{$way}->($db, $as, any(@everybody)) };
		push @seen, [ $@, 'no error' ] if $@;
		if (rand() < 0.5) { $db->rollback; }
		else { eval { $db->commit }; }
		push @wrong, map { "$way: saw $_->[0], wanted $_->[1]" } grep { $_->[0] ne $_->[1] } @seen;
		$on{$pid}++;
		$ran{$way}++;
	}
	$db->disconnect;
	return { ran => \%ran, on => \%on, wrong => \@wrong };
}

# A client that trusts its connection: who it is is a setting of the session.
sub naive_client
{
	my ($client, $count) = @_;
	my $db = connection(0);
	my @wrong;

	foreach my $n (1 .. $count)
	{
		$db->do('SET naive.person = ' . (1 + $client));
		my ($saw) = $db->selectrow_array('SELECT person_id FROM public.naive');
		$saw //= 0;
		push @wrong, "saw $saw" if $saw != 1 + $client;
	}
	$db->disconnect;
	return { ran => { naive => $count }, on => {}, wrong => \@wrong };
}

# All clients at once, and what they say together.
sub run_all
{
	my ($what, $count) = @_;
	my %all = (ran => {}, on => {}, wrong => []);
	my @readers;

	foreach my $client (0 .. $clients - 1)
	{
		pipe(my $from, my $to) or die "pipe: $!";
		my $pid = fork // die "fork: $!";

		if ($pid == 0)
		{
			close $from;
			my $said = eval { $what->($client, $count) } // { ran => {}, on => {}, wrong => ["client $client ended: $@"] };
			print $to "ran\t$_\t$said->{ran}{$_}\n" foreach keys %{ $said->{ran} };
			print $to "on\t$_\t$said->{on}{$_}\n" foreach keys %{ $said->{on} };
			print $to map { s/\s+/ /gr . "\n" } map { "wrong\t$_" } @{ $said->{wrong} };
			close $to;
			require POSIX;
			POSIX::_exit(0);
		}
		close $to;
		push @readers, [ $pid, $from ];
	}
	foreach my $reader (@readers)
	{
		my ($pid, $from) = @$reader;

		while (my $line = <$from>)
		{
			chomp $line;
			if ($line =~ /^(ran|on)\t(\S+)\t(\d+)$/) { $all{$1}{$2} += $3; }
			else { push @{ $all{wrong} }, $line; }
		}
		waitpid($pid, 0);
	}
	return \%all;
}

my $all = run_all(\&client, int($transactions / $clients) + 1);
my $ran = 0;
$ran += $_ foreach values %{ $all->{ran} };
is(join("\n", @{ $all->{wrong} }[ 0 .. ($#{ $all->{wrong} } < 9 ? $#{ $all->{wrong} } : 9) ]), '', 'nobody was taken for another or saw what is another\'s: ' . @{ $all->{wrong} } . " times in $ran transactions");
cmp_ok($ran, '>=', $transactions, 'all transactions were done');
is(join(' ', sort keys %{ $all->{ran} }), join(' ', sort keys %ways), 'in every way');
is(scalar(keys %{ $all->{on} }), $connections, "on $connections connections of the server");
note join ', ', map { "$_ $all->{ran}{$_}" } sort keys %{ $all->{ran} };

# The same question to clients that trust their connection: it would have been noticed.
my $naive = run_all(\&naive_client, 100);
cmp_ok(scalar(@{ $naive->{wrong} }), '>', 0, 'who trusts a setting of the session is taken for another: ' . @{ $naive->{wrong} } . " times in $naive->{ran}{naive}");
is((grep { !/^wrong saw \d+$/ } @{ $naive->{wrong} }), 0, 'and nothing else goes wrong');

$pooler->kill_kill;
$node->stop;
done_testing();
