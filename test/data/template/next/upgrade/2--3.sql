-- The weight counts, tones, and what auditors may read.
GRANT SELECT ON @program@.word TO @prefix@_auditor;
CREATE TABLE @program@.tone (
	tone text PRIMARY KEY,
	since date DEFAULT '03/04/05',
	heard_at timestamptz DEFAULT '2026-01-05 09:00',
	lasts interval DEFAULT '-1 2:03',
	others text[] DEFAULT '{NULL}'
);
INSERT INTO @program@.tone VALUES ('kind');

CREATE OR REPLACE FUNCTION @program@.notes_of(who bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT sum(weight) FROM @program@.note WHERE person_id = who $$;
COMMENT ON FUNCTION @program@.notes_of(bigint) IS 'How much the notes weigh.';

CREATE POLICY note_coach ON @program@.note TO @prefix@_coach USING (weight < 10);
