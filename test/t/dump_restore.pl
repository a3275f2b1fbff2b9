# A program is dumped and restored in every format, with what a site has added to its tables: an index, a policy, a column, a trigger, a table of its
# own. The dump of the copy is the dump of the original; in the copy triggers keep calendars, and the program is found.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $node = new_node('dump');
my $folder = PostgreSQL::Test::Utils::tempdir();

$node->start;
make_program($node, 'coaching');
add_people($node, 'coaching', 40);
$node->safe_psql('coaching', <<'SQL');
CREATE SCHEMA site;
CREATE TABLE site.seen (person_id bigint REFERENCES care.person, n int NOT NULL);
CREATE FUNCTION site.count_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO site.seen VALUES (NEW.person_id, 1);
	RETURN NULL;
END
$$;
CREATE TRIGGER site_seen AFTER INSERT ON care.check_in FOR EACH ROW EXECUTE FUNCTION site.count_seen();
CREATE INDEX site_reason_idx ON care.check_in (reason) WHERE reason IS NOT NULL;
ALTER TABLE care.person ADD COLUMN site_ward text DEFAULT 'east';
UPDATE care.person SET site_ward = 'west' WHERE person_id % 3 = 0;
ALTER TABLE care.message ENABLE ROW LEVEL SECURITY;
CREATE POLICY site_coach ON care.message TO care_coach USING (author_kind <> 'system');
GRANT SELECT, INSERT ON care.message TO care_coach;
INSERT INTO care.message (person_id, author_kind, body) VALUES (1, 'person', E'a\\b\tc\n\\.\nd'), (2, 'system', 'reminder');
UPDATE care.task SET schedule = 'FREQ=DAILY;INTERVAL=2' WHERE person_id = 3;
UPDATE care.check_in SET taken = 2, note = 'corrected' WHERE person_id = 4;
DELETE FROM care.check_in WHERE person_id = 5;
UPDATE care.task SET status = 'stopped', ends = current_date WHERE person_id = 6;
UPDATE care.episode SET ended = current_date, reason = 'moved' WHERE person_id = 6;
SQL
kept_is_recorded($node, 'coaching', 'before the dump');

# What must hold in every copy.
sub check_copy
{
	my ($copy, $how) = @_;

	is(contents($node, $copy, "'r', 'v'"), contents($node, 'coaching', "'r', 'v'"), "$how: every table and view has the same rows");
	kept_is_recorded($node, $copy, $how);
	is($node->safe_psql($copy, 'SELECT name, domain FROM coachiatry.programs()'), 'care|psychiatry', "$how: the program is found");
	is( $node->safe_psql($copy, <<'SQL'),
SELECT indisvalid FROM pg_index WHERE indexrelid = 'care.site_reason_idx'::regclass;
SELECT polname FROM pg_policy WHERE polrelid = 'care.message'::regclass AND polname LIKE 'site%' AND (SELECT relrowsecurity FROM pg_class WHERE oid = polrelid);
SELECT site_ward, count(*) FROM care.person GROUP BY site_ward ORDER BY site_ward;
SQL
		"t\nsite_coach\neast|27\nwest|13",
		"$how: the site's index, policy and column are there");
	is( $node->safe_psql($copy, <<'SQL'),
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, taken) VALUES (7, 14, current_date, 9, 5);
UPDATE care.check_in SET missed = 1 WHERE person_id = 7 AND occurrence = 9;
INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) VALUES (7, 1, current_date - 1, 3);
INSERT INTO care.excused_period (person_id, during, excused_by) VALUES (7, daterange(current_date - 3, current_date - 1), 1);
SELECT taken, missed FROM care.task_calendar CROSS JOIN LATERAL coachiatry.to_adherence_days(calendar)
WHERE person_id = 7 AND task_id = 14 AND source = 'person' AND day = current_date;
SELECT n FROM site.seen WHERE person_id = 7 AND ctid = (SELECT max(ctid) FROM site.seen WHERE person_id = 7);
SQL
		"5|1\n1",
		"$how: triggers fold, and the site's own fires");
	kept_is_recorded($node, $copy, "$how, then changed");
	my ($code, $out, $err) = $node->psql($copy, 'DROP EXTENSION coachiatry');
	isnt($code, 0, "$how: DROP EXTENSION refuses");
	like($err, qr/cannot drop extension coachiatry because other objects depend on it/, "$how: and says why");
	my ($failed) = $node->psql($copy, 'TRUNCATE care.check_in');
	isnt($failed, 0, "$how: TRUNCATE is refused");
	return;
}

# Runs a program of the server on the node.
sub on_node
{
	my ($program, @arguments) = @_;

	$node->command_ok([ $program, @arguments ], join(' ', $program, map { s{\Q$folder\E}{}r } @arguments));
	return;
}

my $original = dump($node, 'coaching');
like($original, qr/^CREATE TABLE care\.check_in /m, 'the program is in the dump');
unlike($original, qr/^CREATE FUNCTION coachiatry\./m, 'the extension is not, but for its name');

on_node('pg_dump', '-f', "$folder/plain.sql", 'coaching');
on_node('pg_dump', '-Fc', '-f', "$folder/custom", 'coaching');
on_node('pg_dump', '-Fd', '-j', 2, '-f', "$folder/directory", 'coaching');
my %restore = (
	plain => [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '--single-transaction', '-f', "$folder/plain.sql", '-d' ],
	custom => [ 'pg_restore', '--exit-on-error', "$folder/custom", '-d' ],
	directory => [ 'pg_restore', '--exit-on-error', '-j', 2, "$folder/directory", '-d' ],
	no_owner => [ 'pg_restore', '--exit-on-error', '--no-owner', "$folder/custom", '-d' ]);
foreach my $how (sort keys %restore)
{
	$node->safe_psql('postgres', "CREATE DATABASE copy_$how");
	on_node(@{ $restore{$how} }, "copy_$how");
	if ($how ne 'no_owner')
	{
		is_dump(dump($node, "copy_$how"), $original, "$how: the dump of the copy is the dump of the original");
	}
	else
	{
		is( $node->safe_psql("copy_$how", "SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'care'::regnamespace"),
			$node->safe_psql('postgres', 'SELECT current_user'),
			"$how: everything belongs to who restored");
	}
	check_copy("copy_$how", $how);
}

# The schema alone, where the extension and what the site's triggers need are there.
$node->safe_psql('coaching', 'DROP TRIGGER site_seen ON care.check_in');
my $schema = dump($node, 'coaching', '-n', 'care');
on_node('pg_dump', '-n', 'care', '-f', "$folder/schema.sql", 'coaching');
$node->safe_psql('postgres', 'CREATE DATABASE copy_schema');
$node->safe_psql('copy_schema', 'CREATE EXTENSION coachiatry');
on_node('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/schema.sql", '-d', 'copy_schema');
is_dump(dump($node, 'copy_schema', '-n', 'care'), $schema, 'schema: the dump of the copy is the dump of the original');
kept_is_recorded($node, 'copy_schema', 'schema');
$node->safe_psql('copy_schema', <<'SQL');
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, source, taken) VALUES (8, 16, current_date, 9, 'seen', 1);
DELETE FROM care.check_in WHERE person_id = 9;
SQL
kept_is_recorded($node, 'copy_schema', 'schema, then changed');
is($node->safe_psql('copy_schema', "SELECT count(*) FROM care.task_calendar WHERE person_id = 9 AND source <> 'plan'"), 0, 'schema: triggers fold');

$node->stop;
done_testing();
