# An upgraded program is as a new one of that version, by its dump: for made-up versions of a small template (test/data/template), and for the
# installed template with one step more, with people in it, who lose nothing.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Copy;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PostgreSQL::Test::RecursiveCopy;
use Test::More;
use Program;

my $node = new_node('upgrade');
my $installed = $node->config_data('--sharedir') . '/coachiatry/program';
my $folder = abs_path(PostgreSQL::Test::Utils::tempdir());

# The OIDs of an old cluster may be above 2^31: as integers they are negative.
$node->command_ok([ 'pg_resetwal', '-o', 3_000_000_000, $node->data_dir ], 'OIDs are large');
$node->start;

# A database with a program of a template.
sub make
{
	my ($database, $template) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, <<"SQL");
CREATE EXTENSION coachiatry;
SET coachiatry.template_directory = '$template';
SELECT coachiatry.create_program('care', adopt_roles => EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_owner'));
UPDATE care.program_info SET roles_made = '{}', created_at = '2026-01-01';
SQL
	return;
}

# Upgrades the program of a database to a template, and says to which version.
sub upgrade
{
	my ($database, $template) = @_;

	return $node->safe_psql($database, "SET coachiatry.template_directory = '$template'; SELECT coachiatry.upgrade_program('care')");
}

foreach my $version ('first', 'next')
{
	PostgreSQL::Test::RecursiveCopy::copypath("test/data/template/$version", "$folder/$version");
	copy("$installed/01-program.sql", "$folder/$version") or die "cannot copy the template: $!";
}
make('small_old', "$folder/first");
make('small_new', "$folder/next");
isnt(dump($node, 'small_old'), dump($node, 'small_new'), 'the made-up versions differ');
is(upgrade('small_old', "$folder/next"), 3, 'the small template is upgraded');
is_dump(dump($node, 'small_old'), dump($node, 'small_new'), 'and the program is as a new one');

# The installed template, and the same with a step more than it has.
my @steps = map { /(\d+)\.sql$/ } glob("$installed/upgrade/*--*.sql");
my ($newest) = sort { $b <=> $a } @steps, 1;
my $step = <<'SQL';
ALTER TABLE @program@.check_in ADD COLUMN mood smallint CHECK (mood BETWEEN 0 AND 10);
COMMENT ON COLUMN @program@.check_in.mood IS 'How it felt, 0 to 10.';
CREATE TABLE @program@.ward (ward text PRIMARY KEY);
GRANT SELECT ON @program@.ward TO @prefix@_coach;
SQL
PostgreSQL::Test::RecursiveCopy::copypath($installed, "$folder/installed_next");
append_to_file("$folder/installed_next/99-next.sql", $step);
append_to_file("$folder/installed_next/upgrade/$newest--" . ($newest + 1) . '.sql', $step);
make('old', '');
make('new', "$folder/installed_next");
isnt(dump($node, 'old'), dump($node, 'new'), 'with a step more the installed template differs');
is(upgrade('old', "$folder/installed_next"), $newest + 1, 'the installed template is upgraded');
is_dump(dump($node, 'old', '--schema-only'), dump($node, 'new', '--schema-only'), 'and the program is as a new one');
is_dump(dump($node, 'old', '-t', 'care.task_kind'), dump($node, 'new', '-t', 'care.task_kind'), 'and so are the rows it begins with');

# With people in it.
make('lived_in', '');
is($node->safe_psql('lived_in', "SELECT 'care.person'::regclass::oid::bigint > 2^31"), 't', 'tables have large OIDs');
add_people($node, 'lived_in', 20);
my $before = contents($node, 'lived_in', "'r', 'v'");
is(upgrade('lived_in', "$folder/installed_next"), $newest + 1, 'a program with people is upgraded');
my $after = contents($node, 'lived_in', "'r', 'v'");
$_ = join "\n", grep { !/^(?:program_info|check_in|ward)\|/ } split /\n/ foreach $before, $after;
is($after, $before, 'their rows are as they were, but for the table that has a column more');
kept_is_recorded($node, 'lived_in', 'upgraded');
$node->safe_psql('lived_in', <<'SQL');
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, taken, mood) VALUES (1, 2, current_date, 9, 1, 7);
DELETE FROM care.check_in WHERE person_id = 2;
SQL
kept_is_recorded($node, 'lived_in', 'upgraded, then changed');
is_dump(dump($node, 'lived_in', '--schema-only'), dump($node, 'new', '--schema-only'), 'its schema is as that of a new one');

$node->stop;
done_testing();
