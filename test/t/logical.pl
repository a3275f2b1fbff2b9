# What is kept is published and subscribed to as any table: changes that are written in their place, without a query, reach a subscriber as those of an
# UPDATE do, whether rows are told by their key or as a whole.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $publisher = new_node('publisher', allows_streaming => 'logical');
my $subscriber = new_node('subscriber');

$publisher->start;
$subscriber->start;
make_program($publisher, 'postgres');
add_people($publisher, 'postgres', 20);
$publisher->safe_psql('postgres', 'CREATE PUBLICATION site FOR TABLE care.task_calendar, care.recheck');
$subscriber->safe_psql('postgres', <<'SQL');
CREATE EXTENSION coachiatry;
CREATE SCHEMA care;
CREATE TABLE care.task_calendar (person_id bigint, task_id bigint, source text COLLATE "C", calendar coachiatry.adherence, planned_through date,
	stale_at timestamptz, PRIMARY KEY (person_id, task_id, source));
CREATE TABLE care.recheck (person_id bigint PRIMARY KEY, due_at timestamptz);
SQL
my $connection = $publisher->connstr('postgres');
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION site CONNECTION \$\$$connection\$\$ PUBLICATION site");
$subscriber->wait_for_subscription_sync($publisher, 'site');

# Whether a query was made: these triggers need not fire.
$publisher->safe_psql('postgres', <<'SQL');
CREATE TABLE public.query (n int);
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN INSERT INTO public.query VALUES (1); RETURN NULL; END';
CREATE TRIGGER note AFTER UPDATE ON care.task_calendar FOR EACH STATEMENT EXECUTE FUNCTION public.note();
SQL

my $rows = <<'SQL';
SELECT person_id, task_id, source, calendar, planned_through, stale_at FROM care.task_calendar ORDER BY person_id, task_id, source;
SELECT * FROM care.recheck ORDER BY person_id;
SQL

# All units that somebody had recorded are one more.
sub follows
{
	my ($how, $occurrence) = @_;
	my $before = $subscriber->safe_psql('postgres', $rows);

	$publisher->safe_psql('postgres', <<"SQL");
TRUNCATE public.query;
INSERT INTO care.check_in (person_id, task_id, due_on, occurrence, taken)
SELECT person_id, task_id, due_on, $occurrence, 1 FROM care.check_in WHERE occurrence = 1 AND taken = 1;
SQL
	is($publisher->safe_psql('postgres', 'SELECT count(*) FROM public.query'), '0', "$how: calendars are written in their place");
	$publisher->wait_for_catchup('site');
	my $after = $subscriber->safe_psql('postgres', $rows);

	isnt($after, $before, "$how: the subscriber is told");
	is($after, $publisher->safe_psql('postgres', $rows), "$how: of all of it");
	kept_is_recorded($publisher, 'postgres', $how);
	return;
}

follows('by their key', 2);
$publisher->safe_psql('postgres', 'ALTER TABLE care.task_calendar REPLICA IDENTITY FULL; ALTER TABLE care.recheck REPLICA IDENTITY FULL');
follows('as a whole', 3);
$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION site');
is($publisher->safe_psql('postgres', 'SELECT count(*) FROM pg_replication_slots'), '0', 'nothing is left');

$publisher->stop;
$subscriber->stop;
done_testing();
