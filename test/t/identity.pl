# Who is acting, where it takes more than a session: what the log has of tokens, settings in the server's files, a standby, a dump in another database.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $node = new_node('identity', allows_streaming => 1);

$node->append_conf('postgresql.conf', "log_min_error_statement = error\nlog_error_verbosity = verbose\n");
$node->start;
make_program($node, 'postgres');
$node->safe_psql('postgres', <<'SQL');
INSERT INTO care.person (person_id, name, token_subject) VALUES (1, 'Ana', 'ana');
CREATE ROLE pool LOGIN NOINHERIT IN ROLE care_person;
SQL

# A token for a subject.
sub token
{
	my ($subject, $valid_for) = @_;

	return $node->safe_psql('postgres', "SELECT care.issue_token('$subject', '$valid_for')");
}

# What a session of the pool's login says, and what it complains of.
sub ask
{
	my ($server, $sql, $database) = @_;
	my ($status, $out, $err) = $server->psql($database // 'postgres', $sql, extra_params => [ '-U', 'pool' ]);

	return "$out\n$err";
}

sub sign_in
{
	my ($token, $server, $database) = @_;

	return ask($server // $node, "BEGIN; SELECT coachiatry.sign_in('$token') \\g /dev/null\nSELECT kind, person_id FROM coachiatry.whoami(); COMMIT;", $database);
}

#
# The log
#
my $good = token('ana', '1 hour');
my $expired = token('ana', '-1 second');
my $nobody = token('nobody', '1 hour');
my $from = log_length($node);

is(sign_in($good), "person|1\n", 'somebody signs in');
like(sign_in($_), qr/ERROR:  token refused/, 'and others do not') foreach ($expired, $nobody);
like(ask($node, "BEGIN; SET LOCAL coachiatry.token TO '$expired'; SELECT * FROM coachiatry.whoami();"), qr/token refused/, 'nor by the setting');
like(ask($node, "DO \$\$ BEGIN PERFORM coachiatry.sign_in('$expired'); END \$\$"), qr/token refused/, 'nor in a block of code');
my $log = substr(slurp_file($node->logfile), $from);
like($log, qr/28000 ERROR:  28000: token refused.*?DETAIL:  Sign-in token: it has expired\./s, 'the log says why');
like($log, qr/DETAIL:  Sign-in token: its subject is nobody\./, 'of each');
my @told = split /\n/, $log;
is_deeply([ grep { /\Q$expired\E|\Q$nobody\E/ } @told ], [], 'but has none of the tokens that were refused');
my ($signature) = $expired =~ /\.([^.]*)$/;
is_deeply([ grep { /\Q$signature\E/ } @told ], [], 'nor a part of one');

#
# The server's files
#
$node->append_conf('postgresql.conf', "coachiatry.actor = '1 2 0 1 0 0 coach'\ncoachiatry.token = '$good'\n");
$node->reload;
my $who = ask($node, 'SET ROLE care_person; SELECT kind FROM coachiatry.whoami()');
like($who, qr/^nobody$/m, 'a file makes nobody somebody');
like(sign_in($good), qr/^person\|1$/m, 'and keeps nobody from signing in');
$node->append_conf('postgresql.conf', "session_preload_libraries = 'coachiatry'\n");
$node->reload;
like(ask($node, 'SET ROLE care_person; SELECT kind FROM coachiatry.whoami()'), qr/^nobody$/m, 'nor with a library that is loaded early');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'coachiatry'\n");
$node->restart;
like(ask($node, 'SET ROLE care_person; SELECT kind FROM coachiatry.whoami()'), qr/^nobody$/m, 'nor at the start of the server');
like(sign_in($good), qr/^person\|1$/m, 'which starts, and people sign in');

#
# A standby
#
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('identity_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
like(sign_in($good, $standby), qr/^person\|1$/m, 'on a standby people sign in');
like(sign_in($expired, $standby), qr/token refused/, 'with tokens that hold');
like(ask($standby, "BEGIN; SET LOCAL ROLE care_person; SET LOCAL coachiatry.token TO '$good'; SELECT kind, person_id FROM coachiatry.whoami();"),
	qr/^person\|1$/m, 'or by the setting');
$node->safe_psql('postgres', q{SELECT care.rotate_token_key('0')});
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
like(sign_in($good, $standby), qr/token refused/, 'until the key is rotated');

#
# A dump in another database
#
$good = token('ana', '1 hour');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'sh', '-c', 'pg_dump -Fc postgres | pg_restore -d copy --exit-on-error' ], 'dump and restore');
like(sign_in($good, $node, 'copy'), qr/token refused/, 'a token is for one database');
my $copied = $node->safe_psql('copy', q{SELECT care.issue_token('ana')});
like(sign_in($copied, $node, 'copy'), qr/^person\|1$/m, 'the copy has tokens of its own');
is( $node->safe_psql('copy', 'SELECT secret FROM care.token_key ORDER BY made_at'), $node->safe_psql('postgres', 'SELECT secret FROM care.token_key ORDER BY made_at'),
	'by the same key, as is documented');

#
# A database of another encoding: ASCII only, and nothing that the server cannot convert
#
$node->safe_psql('postgres', q{CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
$node->safe_psql('latin', q{CREATE EXTENSION coachiatry; SELECT coachiatry.create_program('care', adopt_roles => true);
	INSERT INTO care.person (person_id, token_subject) VALUES (1, 'ana'), (2, U&'\00E9')});
like(sign_in($node->safe_psql('latin', q{SELECT care.issue_token('ana')}), $node, 'latin'), qr/^person\|1$/m, 'in LATIN1 people sign in');
foreach my $subject ('\u00e9', '\u20ac', '\ud83d\ude00', '\u0000')
{
	my $token = $node->safe_psql('latin', qq{SELECT coachiatry.sign_token('{"sub": "$subject", "aud": "latin/care", "exp": 4102444800}',
		json_build_object('alg', 'HS256', 'kid', key_id)::text, secret) FROM care.token_key});

	like(sign_in($token, $node, 'latin'), qr/token refused/, "not as $subject");
}

#
# A server that shows the parameters of a statement with its errors
#
SKIP: {
	skip 'no DBD::Pg', 2 unless eval { require DBI; require DBD::Pg; 1 };
	my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
	my $dbh = DBI->connect('dbi:Pg:host=' . $node->host . ' port=' . $node->port . " dbname=postgres options='-c log_parameter_max_length_on_error=-1'",
		$superuser, '', { RaiseError => 0, PrintError => 0, pg_server_prepare => 1 });
	my $ask = $dbh->prepare('SELECT coachiatry.sign_in($1)');

	$ask->execute(token('ana', '1 hour') . 'edited');
	unlike($ask->errstr, qr/edited/, 'shows no token');
	$dbh->prepare('SELECT 1 / length($1)')->execute('') or like($dbh->errstr, qr/\$1 = /, 'though it would show others');
	$dbh->disconnect;
}

$standby->stop;
$node->stop;
done_testing();
