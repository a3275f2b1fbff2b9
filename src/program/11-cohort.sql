-- Cohorts: what analysts see.  Groups of people and never a person: groups of 1 to 10 are not shown, nor is what they could be computed from.

--
-- Small cells
--

CREATE FUNCTION @program@.small_cells(people bigint[]) RETURNS boolean[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	hidden boolean[] := ARRAY(SELECT n BETWEEN 1 AND 10 FROM unnest(people) WITH ORDINALITY AS u (n, cell) ORDER BY cell);
	next_cell integer;
BEGIN
	WHILE true = ANY (hidden) LOOP
		EXIT WHEN (SELECT count(*) > 1 AND sum(people[cell]) > 10
				AND (max(people[cell]) > 10 OR sum(people[cell]) BETWEEN count(*) + 2 AND 10 * count(*) - 2)
			FROM generate_subscripts(hidden, 1) cell WHERE hidden[cell]);
		next_cell := (SELECT min(cell) FROM generate_subscripts(hidden, 1) cell WHERE NOT hidden[cell] AND people[cell] > 0);
		EXIT WHEN next_cell IS NULL;
		hidden[next_cell] := true;
	END LOOP;
	RETURN hidden;
END
$$;

COMMENT ON FUNCTION @program@.small_cells(bigint[]) IS
'Which cells of a one-way table with a known total must not be shown: those of 1 to 10 people (the rule of the Centers for Medicare and Medicaid Services, after 45 CFR 164.514), and others from the first on until at least two are hidden that have more than 10 people together, and, if all of them are small, not so few or so many that each could be only 1 or 10 (complementary suppression). So each hidden cell could be any of three numbers at least, for whoever knows the rest, the total and this rule; which others are taken depends on their order and not on their size, as that would tell of it. Empty cells are shown. In the order of the cells; NULL for NULL, empty for an empty array. If all of the table has 10 people or less, its total must not be shown either.';

--
-- Adherence
--

CREATE FUNCTION @program@.cohort_people()
RETURNS TABLE (person_id bigint, site text, tier text, language text, age text, low double precision, high double precision, completeness double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT h.person_id, COALESCE(s.name, 'unknown'), h.tier::text, pg_catalog.lower(pg_catalog.split_part(pg_catalog.replace(p.locale, '_', '-'), '-', 1)),
		COALESCE(pg_catalog.format('%s-%s', a.decade, a.decade + 9), 'unknown'), b.low, b.high, b.completeness
	FROM @program@.coached h
	JOIN @program@.person p USING (person_id)
	LEFT JOIN @program@.site s USING (site_id)
	CROSS JOIN LATERAL (SELECT (EXTRACT(year FROM h.today)::integer - p.birth_year) / 10 * 10 AS decade) a
	CROSS JOIN LATERAL (
		SELECT coachiatry.together(pg_catalog.array_agg(x.calendar)) AS calendar
		FROM @program@.effective_calendar x
		WHERE x.person_id = h.person_id) c
	CROSS JOIN LATERAL coachiatry.adherence_bounds(c.calendar, pg_catalog.daterange(h.today - 90, h.today)) b
	WHERE b.low IS NOT NULL;
END;

COMMENT ON FUNCTION @program@.cohort_people() IS
'Everyone who is coached and for whom something was planned in the last 90 days, with the groups they belong to and their rates of those days. For the owner; analysts see cohort_adherence.';

CREATE FUNCTION @program@.cohort_adherence_cells()
RETURNS TABLE (dimension text, value text, people bigint, low double precision, high double precision, completeness double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF NOT (@program@.acts_as_owner() OR coachiatry.acts_as('@program@'::regnamespace, 'analyst')) THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH cell AS (
		SELECT d.dimension, d.value, count(*) AS people, avg(c.low) AS low, avg(c.high) AS high, avg(c.completeness) AS completeness
		FROM @program@.cohort_people() c
		CROSS JOIN LATERAL (VALUES ('all', 'all'), ('site', c.site), ('tier', c.tier), ('language', c.language), ('age', c.age)) AS d (dimension, value)
		GROUP BY d.dimension, d.value
	), one_way AS (
		SELECT d.dimension, array_agg(d.value ORDER BY d.value) AS value,
			@program@.small_cells(array_agg(d.people ORDER BY d.value)) AS hidden
		FROM cell d
		GROUP BY d.dimension
	)
	SELECT c.dimension, c.value, CASE WHEN NOT h.hidden THEN c.people END, CASE WHEN NOT h.hidden THEN round(c.low::numeric, 2)::double precision END,
		CASE WHEN NOT h.hidden THEN round(c.high::numeric, 2)::double precision END,
		CASE WHEN NOT h.hidden THEN round(c.completeness::numeric, 2)::double precision END
	FROM one_way t
	CROSS JOIN LATERAL unnest(t.value, t.hidden) AS h (value, hidden)
	JOIN cell c ON c.dimension = t.dimension AND c.value = h.value
	ORDER BY c.dimension <> 'all', c.dimension, c.value;
END
$$;

CREATE VIEW @program@.cohort_adherence WITH (security_invoker = true) AS
SELECT c.dimension, c.value, c.people, c.low, c.high, c.completeness FROM @program@.cohort_adherence_cells() c;

--
-- Outcomes
--

CREATE FUNCTION @program@.cohort_outcome_cells()
RETURNS TABLE (instrument text, people bigint, first_mean double precision, last_mean double precision, improved double precision, worsened double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF NOT (@program@.acts_as_owner() OR coachiatry.acts_as('@program@'::regnamespace, 'analyst')) THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH everyone AS (
		SELECT c.person_id FROM @program@.cohort_people() c
	), ends AS (
		SELECT m.instrument_id, m.person_id, (array_agg(m.value ORDER BY m.measured_on, m.occurrence, m.measurement_id))[1] AS first_value,
			(array_agg(m.value ORDER BY m.measured_on DESC, m.occurrence DESC, m.measurement_id DESC))[1] AS last_value
		FROM @program@.measurement m
		JOIN everyone e USING (person_id)
		WHERE m.item = ''
		GROUP BY m.instrument_id, m.person_id
		HAVING min(m.measured_on) < max(m.measured_on)
	), cell AS (
		SELECT i.name, count(*) AS people, avg(e.first_value) AS first_mean, avg(e.last_value) AS last_mean,
			avg((s.gain >= i.reliable_change)::integer) AS improved, avg((s.gain <= -i.reliable_change)::integer) AS worsened
		FROM ends e
		JOIN @program@.instrument i USING (instrument_id)
		CROSS JOIN LATERAL (SELECT CASE i.direction WHEN 'lower_is_better' THEN e.first_value - e.last_value ELSE e.last_value - e.first_value END AS gain) s
		GROUP BY i.instrument_id
	), judged AS (
		-- With those who have no two measurements each instrument makes a table of two cells.
		SELECT c.*, (@program@.small_cells(ARRAY[c.people, (SELECT count(*) FROM everyone) - c.people]))[1] AS hidden
		FROM cell c
	)
	SELECT j.name, CASE WHEN NOT j.hidden THEN j.people END, CASE WHEN NOT j.hidden THEN round(j.first_mean::numeric, 1)::double precision END,
		CASE WHEN NOT j.hidden THEN round(j.last_mean::numeric, 1)::double precision END,
		CASE WHEN NOT j.hidden THEN round(j.improved, 1)::double precision END, CASE WHEN NOT j.hidden THEN round(j.worsened, 1)::double precision END
	FROM judged j
	ORDER BY j.name;
END
$$;

CREATE VIEW @program@.cohort_outcome WITH (security_invoker = true) AS
SELECT c.instrument, c.people, c.first_mean, c.last_mean, c.improved, c.worsened FROM @program@.cohort_outcome_cells() c;

REVOKE ALL ON FUNCTION @program@.cohort_people(), @program@.cohort_adherence_cells(), @program@.cohort_outcome_cells() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.cohort_adherence_cells(), @program@.cohort_outcome_cells() TO @prefix@_analyst;
GRANT SELECT ON @program@.cohort_adherence, @program@.cohort_outcome TO @prefix@_analyst;

COMMENT ON FUNCTION @program@.cohort_adherence_cells() IS 'The rows of the view cohort_adherence, for analysts and the owner; none for others.';
COMMENT ON FUNCTION @program@.cohort_outcome_cells() IS 'The rows of the view cohort_outcome, for analysts and the owner; none for others.';
COMMENT ON VIEW @program@.cohort_adherence IS
'Adherence of the last 90 days of everyone who is coached and for whom something was planned in them, by one dimension at a time, for analysts. Groups of 1 to 10 people are not shown, and others with them where they could be computed (small_cells). Each dimension divides the same people; groups of different days can still be compared, so rates are rounded.';
COMMENT ON COLUMN @program@.cohort_adherence.dimension IS 'all, age, language, site or tier.';
COMMENT ON COLUMN @program@.cohort_adherence.value IS 'The group: a decade of age, a language (ISO 639), the name of a site, a tier; unknown where it is not known.';
COMMENT ON COLUMN @program@.cohort_adherence.people IS 'How many people; NULL where that is not shown, and then nothing else is.';
COMMENT ON COLUMN @program@.cohort_adherence.low IS 'Mean over the people of the share of planned units that was done, if nothing unrecorded was, 0 to 1 in steps of 0.01.';
COMMENT ON COLUMN @program@.cohort_adherence.high IS 'The same if all that is unrecorded was done.';
COMMENT ON COLUMN @program@.cohort_adherence.completeness IS 'Mean share of planned units of which it is known whether they were done.';
COMMENT ON VIEW @program@.cohort_outcome IS
'First and last total of each instrument of the people in cohort_adherence who have totals of two days, for analysts. An instrument is not shown if 1 to 10 people have them, or all but 1 to 10.';
COMMENT ON COLUMN @program@.cohort_outcome.instrument IS 'Name of the instrument.';
COMMENT ON COLUMN @program@.cohort_outcome.people IS 'How many people; NULL where that is not shown, and then nothing else is.';
COMMENT ON COLUMN @program@.cohort_outcome.first_mean IS 'Mean of their first totals, rounded to 0.1.';
COMMENT ON COLUMN @program@.cohort_outcome.last_mean IS 'Mean of their last totals, rounded to 0.1.';
COMMENT ON COLUMN @program@.cohort_outcome.improved IS 'Share who changed for the better by instrument.reliable_change or more, in steps of 0.1; NULL if the instrument has none.';
COMMENT ON COLUMN @program@.cohort_outcome.worsened IS 'Share who changed for the worse by as much.';
