# COPY and the scope matrix: COPY TO STDOUT of every table, as everybody, has exactly the rows and columns that test/data/scope_matrix.csv says, line for line;
# COPY FROM is refused to everybody. The program is that of test/pgtap/include/scope.sql.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Program;

my $node = new_node('scope_copy');

$node->start;
my ($ready, $out, $err) = $node->psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pgtap'});
if ($out eq '0')
{
	$node->stop;
	plan skip_all => 'no pgTAP, which the fixture takes';
}
command_ok([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-o', '/dev/null', '-c', '\i test/pgtap/include/setup.sql', '-c', '\i test/pgtap/include/scope.sql', '-c', 'COMMIT' ],
	'a program in which everybody has rows that they may see, and rows that they may not');

#
# What the matrix says, of every row
#
$node->safe_psql('postgres', <<'SQL');
-- In which relations of the matrix a row may stand to an actor: a row that somebody has written themselves is also one about somebody whom they see.
CREATE FUNCTION oracle.relations(a oracle.actor, of_table text, r jsonb) RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN of_table IN ('program_info', 'organization', 'site', 'task_kind', 'instrument', 'token_key', 'revoked_token', 'warning_rule', 'crisis_resource', 'sweep_run', 'evidence_weight', 'lexicon_entry')
			THEN ARRAY['any']
		WHEN of_table IN ('staff', 'coverage') THEN CASE
			WHEN a.staff_id = (r ->> 'staff_id')::bigint THEN ARRAY['own']
			WHEN a.person_id IS NOT NULL THEN CASE WHEN EXISTS (SELECT FROM care.assignment x WHERE x.person_id = a.person_id AND x.staff_id = (r ->> 'staff_id')::bigint) THEN ARRAY['assigned'] ELSE ARRAY['unrelated'] END
			WHEN (r ->> 'staff_id')::bigint < 30 AND a.staff_id IS NOT NULL THEN ARRAY['assigned', 'unrelated']
			ELSE ARRAY['other'] END
		WHEN a.person_id IS NOT NULL THEN CASE
			WHEN (r ->> 'person_id')::bigint <> a.person_id THEN ARRAY['another']
			WHEN of_table = 'proxy' AND r ->> 'token_subject' = a.name THEN ARRAY['self']
			WHEN of_table = 'proxy' THEN ARRAY['own']
			ELSE ARRAY['own', 'assigned'] END
		WHEN (r ->> 'person_id')::bigint = 3 THEN ARRAY['ended']
		WHEN (r ->> 'person_id')::bigint = 4 THEN ARRAY['other']
		WHEN (r ->> 'person_id')::bigint <> 2 THEN ARRAY['unrelated']
		WHEN of_table = 'message' AND r ->> 'scope_check' IN ('flagged', 'reviewed') THEN ARRAY['flagged']
		WHEN of_table IN ('measurement', 'measure_series') AND (r ->> 'instrument_id')::bigint = 2 THEN ARRAY['shared']
		WHEN of_table = 'correction' AND r ->> 'record' = 'measurement' THEN CASE WHEN (r -> 'was' ->> 'instrument_id')::bigint = 2 THEN ARRAY['shared'] ELSE ARRAY['score'] END
		WHEN of_table IN ('warning', 'warning_event') THEN CASE r ->> 'acts_on' WHEN 'coach' THEN ARRAY['own', 'assigned'] WHEN 'supervisor' THEN ARRAY['flagged'] ELSE ARRAY['score'] END
		WHEN of_table = 'stream_fault' THEN CASE (SELECT w.acts_on FROM care.warning_rule w WHERE w.warning_rule_id = (r ->> 'warning_rule_id')::bigint)
			WHEN 'coach' THEN ARRAY['own', 'assigned'] WHEN 'supervisor' THEN ARRAY['flagged'] ELSE ARRAY['score'] END
		WHEN of_table = 'barrier_label' THEN CASE WHEN (r ->> 'rater')::bigint = a.staff_id THEN ARRAY['own'] ELSE ARRAY['assigned'] END
		WHEN of_table = 'task' AND r ->> 'kind' = 'medication' THEN ARRAY['own', 'medication']
		ELSE ARRAY['own', 'assigned'] END
$$;
-- For each actor and table: which relations and columns the matrix lets them read and write, as a query of a superuser and as their own COPY.
CREATE TABLE oracle.copying AS
SELECT a.name AS actor, s.table_name, c.relrowsecurity AS has_policies, r.relations IS NOT NULL AS may_read, coalesce(r.relations, '{}') AS relations,
	r.relations IS NOT NULL AND coalesce(r.columns, '{}') = '{}' AS whole, array_to_string(CASE WHEN r.columns = '{}' OR r.columns IS NULL THEN k.columns ELSE ARRAY(SELECT x FROM unnest(k.columns) x WHERE x = ANY (r.columns)) END, ', ') AS columns,
	array_to_string(CASE WHEN w.columns = '{}' OR w.columns IS NULL THEN k.columns ELSE w.columns END, ', ') AS columns_to_write
FROM oracle.actor a
CROSS JOIN oracle.sample s
JOIN pg_class c ON c.oid = ('care.' || s.table_name)::regclass
CROSS JOIN LATERAL (SELECT array_agg(quote_ident(attname) ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') k
LEFT JOIN LATERAL (SELECT array_agg(DISTINCT x.relation) AS relations, x.columns FROM oracle.scope x WHERE x.actor = a.name AND x.table_name = s.table_name AND x.command = 'SELECT' GROUP BY x.columns) r ON true
LEFT JOIN LATERAL (SELECT x.columns FROM oracle.scope x WHERE x.role = a.role AND x.table_name = s.table_name AND x.command = 'INSERT' LIMIT 1) w ON true;
-- Privileges are those of the role: proxies have those of persons, nobody those of the role; and then no rows.
UPDATE oracle.copying c SET may_read = true, columns = p.columns, whole = p.whole
FROM oracle.actor a, oracle.actor b, oracle.copying p
WHERE a.name = c.actor AND a.role = b.role AND p.actor = b.name AND p.table_name = c.table_name AND NOT c.may_read AND p.may_read;
SQL
my @copying = map { my %c; @c{qw(actor table policies may_read relations whole columns writes)} = split /\|/; \%c }
  split /\n/, $node->safe_psql('postgres', 'SELECT * FROM oracle.copying ORDER BY actor, table_name');
my @actors = split /\n/, $node->safe_psql('postgres', 'SELECT name FROM oracle.actor ORDER BY name');

# The parts of what psql printed, each the lines after one marker, by the marker.
sub parts
{
	my ($text) = @_;
	my %parts;
	my $part = '';

	foreach my $line (split /\n/, $text)
	{
		if ($line =~ /^== (.*)$/) { $part = $1; $parts{$part} = []; }
		else { push @{ $parts{$part} }, $line; }
	}
	return \%parts;
}

# What psql prints of a script, as some login, whatever fails in it.
sub printed
{
	my ($login, $script) = @_;
	my ($stdout, $stderr) = ('', '');

	IPC::Run::run([ 'psql', '-XqAt', '-d', $node->connstr('postgres') . " user=$login" ], '<', \$script, '>', \$stdout, '2>', \$stderr);
	return $stdout;
}

#
# Copying
#
my ($cells, $lines) = (0, 0);

foreach my $actor (@actors)
{
	my @of_actor = grep { $_->{actor} eq $actor } @copying;
	# With generated columns in the whole table: the server copies that as a query where there are policies.
	my $wanted = parts(printed('postgres', join '', map { my $c = $_; map { <<"SQL" } ($c->{columns}, 't.*') } @of_actor));
\\echo == $c->{table} $_
COPY (SELECT $_ FROM care.$c->{table} t WHERE oracle.relations((SELECT a FROM oracle.actor a WHERE a.name = '$actor'), '$c->{table}', to_jsonb(t)) && '$c->{relations}') TO STDOUT;
SQL
	# Each way is tried in a savepoint; psql says what came of it.
	my $got = parts(printed('scope_pool', "BEGIN;\nSELECT oracle.become('$actor') \\g /dev/null\n" . join '', map { my $c = $_; map { <<"SQL" }
SAVEPOINT s;
\\echo == $c->{table} $_->[0]
$_->[1]
\\echo state :SQLSTATE
ROLLBACK TO s;
SQL
		[ 'columns', "COPY care.$c->{table} ($c->{columns}) TO STDOUT;" ], [ 'whole', "COPY care.$c->{table} TO STDOUT;" ],
		[ 'query', "COPY (TABLE care.$c->{table}) TO STDOUT;" ], [ 'from', "\\copy care.$c->{table} from '/dev/null'" ],
		[ 'from columns', "\\copy care.$c->{table} ($c->{writes}) from '/dev/null'" ], [ 'from file', "COPY care.$c->{table} FROM '/dev/null';" ] } @of_actor));
	my @wrong;

	foreach my $c (@of_actor)
	{
		my $table = $c->{table};
		my $rows = $wanted->{"$table $c->{columns}"};
		my %got = map { $_ => [ sort @{ $got->{"$table $_"} // ['nothing was tried'] } ] } ('columns', 'whole', 'query', 'from', 'from columns', 'from file');
		my $refused = [ 'state 42501' ];
		my $copied = $c->{may_read} eq 't' ? [ sort @$rows, 'state 00000' ] : $refused;
		my $whole = $c->{whole} eq 't' ? [ sort @{ $wanted->{"$table t.*"} }, 'state 00000' ] : $refused;

		push @wrong, map { "$table, $_->[0]: got @{ $_->[1] }, wanted @{ $_->[2] }" } grep { "@{ $_->[1] }" ne "@{ $_->[2] }" }
		  ([ 'columns', $got{columns}, $copied ], [ 'whole table', $got{whole}, $whole ], [ 'query', $got{query}, $whole ], [ 'from a file', $got{'from file'}, $refused ]);
		push @wrong, map { "$table, $_: got $got{$_}[0]" } grep { $got{$_}[0] !~ /^state (?:42501|0A000)$/ } ('from', 'from columns');
		$cells += 6;
		$lines += @$rows;
	}
	is(join("\n", map { substr($_, 0, 400) } @wrong), '', "$actor copies what the matrix says, and nothing into a table");
}
note "$cells cells, $lines lines copied";
cmp_ok($lines, '>', 500, 'there is something to copy');

$node->stop;
done_testing();
