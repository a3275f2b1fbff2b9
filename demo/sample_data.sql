-- Sample data: 120 invented people with two to five tasks each, from 1 July
-- 2025 to 30 June 2026.  Every draw is a hash of what it is about (person,
-- task, day, purpose), so every machine and every server version makes the
-- same rows, in any order of evaluation.  The tables are ordinary ones, such as
-- anyone might have; nothing here needs the extension.

\set ON_ERROR_STOP on
SET client_min_messages TO warning;
SET TimeZone TO 'UTC';

DROP SCHEMA IF EXISTS demo CASCADE;
CREATE SCHEMA demo;
SET search_path TO demo, pg_catalog;

--
-- Tables
--

CREATE TABLE demo.person (
	person_id integer PRIMARY KEY,
	given_name text NOT NULL,
	joined_on date NOT NULL,
	left_on date
);
COMMENT ON TABLE demo.person IS 'People being coached; left_on: the first day without a plan.';

CREATE TABLE demo.task (
	person_id integer NOT NULL REFERENCES demo.person,
	task_id integer NOT NULL,
	kind text NOT NULL CHECK (kind IN ('medicine', 'activity', 'homework')),
	title text NOT NULL,
	units_a_day integer NOT NULL,
	weekdays integer[] NOT NULL,
	times_a_week integer,
	PRIMARY KEY (person_id, task_id)
);
COMMENT ON TABLE demo.task IS
'What was agreed: units on each of some weekdays (1 = Monday), or a number of times a week on days of the person''s choice.';

CREATE TABLE demo.check_in (
	check_in_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	person_id integer NOT NULL,
	task_id integer NOT NULL,
	day date NOT NULL,
	prescribed integer NOT NULL,
	taken integer NOT NULL DEFAULT 0,
	missed integer NOT NULL DEFAULT 0,
	excused boolean NOT NULL DEFAULT false,
	recorded_at timestamptz,
	replaces bigint UNIQUE REFERENCES demo.check_in,
	FOREIGN KEY (person_id, task_id) REFERENCES demo.task
);
COMMENT ON TABLE demo.check_in IS
'One row for each planned day; taken and missed stay 0 and recorded_at NULL while nobody has said anything. A correction is a later row that replaces an earlier one.';

CREATE TABLE demo.dose_time (
	person_id integer NOT NULL,
	task_id integer NOT NULL,
	due time NOT NULL,
	PRIMARY KEY (person_id, task_id, due),
	FOREIGN KEY (person_id, task_id) REFERENCES demo.task
);
COMMENT ON TABLE demo.dose_time IS 'When the doses of an electronically monitored medicine are due.';

CREATE TABLE demo.opening (
	person_id integer NOT NULL,
	task_id integer NOT NULL,
	opened_at timestamptz NOT NULL,
	FOREIGN KEY (person_id, task_id) REFERENCES demo.task
);
COMMENT ON TABLE demo.opening IS 'Openings of an electronic pill bottle.';

CREATE VIEW demo.latest AS
SELECT c.*
FROM demo.check_in AS c
WHERE NOT EXISTS (SELECT FROM demo.check_in AS later WHERE later.replaces = c.check_in_id);
COMMENT ON VIEW demo.latest IS 'Check-ins that no later row replaces.';

--
-- The generator
--

-- A number in [0, 1) that depends on the arguments alone.
CREATE FUNCTION demo.draw(what text, VARIADIC keys integer[])
RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN ('x' || left(encode(sha256(convert_to(what || keys::text, 'UTF8')), 'hex'), 8))::bit(32)::bigint
	/ 4294967296::float8;

-- Who is who.  A story is what happens to a person; the tables do not say it.
CREATE TEMPORARY TABLE story AS
WITH named AS (
	SELECT n::integer AS person_id, given_name,
		row_number() OVER (ORDER BY demo.draw('story', n::integer)) AS place
	FROM unnest(string_to_array(
		'Ada Adam Aisha Alba Alma Amir Ana Anton Arun Astrid Bao Beatriz Bela Ben Bruno Carla '
		'Cem Chidi Clara Dalia Dana Daniel Darius Diego Dora Edith Elena Eli Emre Esther Eva '
		'Farid Fatou Felix Fiona Frida Gaia Georg Greta Hana Hans Hugo Ida Ines Ingrid Iris '
		'Ismael Ivan Jada Jan Jasmin Joel Jonas José Julia Kai Karim Katya Kofi Lars Laura Lea '
		'Leo Lin Lina Lucia Luis Maia Malik Mara Marco Mei Milan Mina Mira Naima Nadia Nils '
		'Nina Noah Nora Olga Oscar Otto Pablo Petra Pia Quentin Rafael Rana Ravi Rita Rosa '
		'Ruben Ruth Sami Sara Selma Simon Sofia Stefan Sunita Tara Tariq Tess Theo Tilda Tomas '
		'Uma Vera Victor Wanda Wei Xenia Yara Yusuf Zahra Zeno Zoë Zuri', ' ')) WITH ORDINALITY AS t (given_name, n)
), told AS (
	SELECT person_id, given_name,
		CASE
			WHEN place <= 34 THEN 'steady'
			WHEN place <= 48 THEN 'improves'
			WHEN place <= 62 THEN 'declines'
			WHEN place <= 74 THEN 'misses weekends'
			WHEN place <= 84 THEN 'drops out'
			WHEN place <= 94 THEN 'starts late'
			WHEN place <= 106 THEN 'falls silent'
			WHEN place <= 112 THEN 'takes too much'
			ELSE 'erratic'
		END AS plot
	FROM named
), dated AS (
	SELECT *,
		date '2025-07-01' + CASE plot
			WHEN 'starts late' THEN 60 + floor(demo.draw('joined', person_id) * 200)::integer
			ELSE floor(demo.draw('joined', person_id) * 25)::integer
		END AS joined_on
	FROM told
)
SELECT *,
	-- The day on which the story turns.
	CASE plot
		WHEN 'declines' THEN date '2026-04-20' + floor(demo.draw('turn', person_id) * 50)::integer
		WHEN 'drops out' THEN joined_on + 20 + floor(demo.draw('turn', person_id) * demo.draw('soon', person_id) * 400)::integer
		WHEN 'starts late' THEN joined_on + 8 + floor(demo.draw('turn', person_id) * 25)::integer
		WHEN 'takes too much' THEN date '2026-05-01'
		ELSE joined_on
	END AS turn,
	CASE WHEN demo.draw('hospital', person_id) < 0.14
		THEN daterange(admitted, admitted + 4 + floor(demo.draw('stay', person_id) * 10)::integer)
	END AS hospital,
	daterange(leaving, leaving + 7 + floor(demo.draw('away', person_id) * 8)::integer) AS holiday,
	CASE WHEN plot = 'falls silent'
		THEN daterange(silent_1, silent_1 + 12 + floor(demo.draw('silence 1', person_id) * 30)::integer)
	END AS silence_1,
	CASE WHEN plot = 'falls silent' OR demo.draw('any silence', person_id) < 0.25
		THEN daterange(silent_2, silent_2 + 5 + floor(demo.draw('silence 2', person_id) * 16)::integer)
	END AS silence_2
FROM dated
CROSS JOIN LATERAL (
	SELECT date '2025-10-01' + floor(demo.draw('admitted', person_id) * 250)::integer AS admitted,
		CASE WHEN demo.draw('season', person_id) < 0.6
			THEN date '2025-07-20' + floor(demo.draw('leaving', person_id) * 30)::integer
			ELSE date '2026-02-07' + floor(demo.draw('leaving', person_id) * 60)::integer
		END AS leaving,
		date '2026-01-05' + floor(demo.draw('silent 1', person_id) * 140)::integer AS silent_1,
		date '2025-09-01' + floor(demo.draw('silent 2', person_id) * 280)::integer AS silent_2
) AS days;

INSERT INTO demo.person (person_id, given_name, joined_on, left_on)
SELECT person_id, given_name, joined_on,
	CASE WHEN plot = 'drops out' AND turn < date '2026-03-20'
		THEN turn + 70 + floor(demo.draw('left', person_id) * 30)::integer
	END
FROM story
ORDER BY person_id;

INSERT INTO demo.task (person_id, task_id, kind, title, units_a_day, weekdays, times_a_week)
SELECT person_id, task_id, kind,
	titles[1 + floor(demo.draw('title', person_id, task_id) * cardinality(titles))::integer],
	units_a_day, weekdays, times_a_week
FROM demo.person
CROSS JOIN (VALUES
	(1, 'medicine', ARRAY['sertraline 50 mg', 'escitalopram 10 mg', 'aripiprazole 10 mg', 'fluoxetine 20 mg'],
		1, '{1,2,3,4,5,6,7}'::integer[], NULL::integer, 1.0),
	(2, 'medicine', ARRAY['lithium 300 mg x 2', 'lamotrigine 100 mg x 2', 'quetiapine 50 mg x 2'],
		2, '{1,2,3,4,5,6,7}', NULL, 0.6),
	(3, 'activity', ARRAY['walk for 30 minutes', 'walk to work', 'walk before lunch'],
		1, '{1,2,3,4,5}', NULL, 0.8),
	(4, 'activity', ARRAY['exercise, 3 x a week', 'swim or cycle, 3 x a week'],
		1, '{}', 3, 0.6),
	(5, 'homework', ARRAY['thought record', 'activity diary', 'exposure exercise'],
		1, '{2,4,7}', NULL, 0.55)
) AS offered (task_id, kind, titles, units_a_day, weekdays, times_a_week, share)
WHERE demo.draw('has', person_id, task_id) < share
	OR task_id = 3 AND demo.draw('has', person_id, 2) >= 0.6
ORDER BY person_id, task_id;
ANALYZE story, demo.person, demo.task;

-- Every day of every task, with what will decide it.
CREATE TEMPORARY TABLE task_day AS
SELECT t.person_id, t.task_id, t.kind, t.units_a_day, t.times_a_week, s.plot, d.day, d.n,
	extract(isodow FROM d.day)::integer AS weekday,
	(d.day - s.joined_on) / (date '2026-06-30' - s.joined_on)::float8 AS way,
	d.day - s.turn AS since_turn,
	coalesce(d.day <@ s.hospital, false) AS in_hospital,
	d.day <@ s.holiday AS on_holiday,
	coalesce(d.day <@ s.silence_1 OR d.day <@ s.silence_2, d.day <@ s.silence_2, false) AS silent,
	-- A lapse covers some days in a row.
	demo.draw('lapse', t.person_id, t.task_id, (d.n + 3 * t.person_id) / 5) AS lapse,
	demo.draw('mood', t.person_id, (d.n + 2 * t.person_id) / 17) AS mood
FROM demo.task AS t
JOIN story AS s USING (person_id)
JOIN demo.person AS p USING (person_id)
CROSS JOIN LATERAL (
	SELECT date '2025-07-01' + n AS day, n
	FROM generate_series(s.joined_on - date '2025-07-01', 364) AS n
) AS d
WHERE (p.left_on IS NULL OR d.day < p.left_on)
	AND (t.times_a_week IS NOT NULL OR extract(isodow FROM d.day)::integer = ANY (t.weekdays))
	AND (t.kind = 'medicine' OR NOT d.day <@ s.holiday OR coalesce(d.day <@ s.hospital, false));
ANALYZE task_day;

-- The chance that a unit is done, and the chance that it becomes known.
CREATE TEMPORARY TABLE chance AS
SELECT *,
	CASE
		WHEN plot = 'drops out' AND since_turn >= 0 THEN 0
		WHEN plot = 'starts late' AND since_turn < 0 THEN 0
		WHEN times_a_week IS NOT NULL THEN 0.55
		WHEN task_id = 1 THEN 0.975
		WHEN task_id = 2 THEN 0.955
		WHEN task_id = 3 THEN 0.86
		ELSE 0.78
	END
	* CASE plot
		WHEN 'improves' THEN 0.45 + 0.55 * way
		WHEN 'declines' THEN greatest(0.15, 1 - greatest(0, since_turn) * 0.025)
		WHEN 'misses weekends' THEN CASE WHEN weekday >= 6 THEN 0.35 ELSE 1 END
		WHEN 'erratic' THEN CASE WHEN mood < 0.4 THEN 0.3 ELSE 0.95 END
		ELSE 1
	END
	* CASE WHEN lapse < 0.025 THEN 0.1 WHEN lapse < 0.06 THEN 0.7 ELSE 1 END
	* CASE WHEN on_holiday THEN 0.85 ELSE 1 END
	* CASE WHEN day BETWEEN '2025-12-24' AND '2025-12-26' OR day = '2026-01-01' THEN 0.75 ELSE 1 END AS done,
	CASE
		WHEN silent THEN 0
		WHEN plot = 'drops out' AND since_turn >= 18 THEN 0
		WHEN plot = 'drops out' AND since_turn >= 0 THEN 0.6
		WHEN plot = 'declines' AND since_turn > 10 THEN 0.8
		WHEN plot = 'falls silent' THEN 0.92
		ELSE 0.985
	END AS known
FROM task_day;
ANALYZE chance;

-- What was done, unit by unit, and when it was written down.
CREATE TEMPORARY TABLE outcome AS
SELECT person_id, task_id, day, n, in_hospital, times_a_week,
	CASE WHEN times_a_week IS NULL THEN units_a_day ELSE 0 END AS prescribed,
	(demo.draw('done', person_id, task_id, n) < done)::integer
		+ (units_a_day = 2 AND demo.draw('done again', person_id, task_id, n) < done)::integer
		+ CASE WHEN plot = 'takes too much' AND task_id = 1
				AND demo.draw('too much', person_id, n) < CASE WHEN since_turn >= 0 THEN 0.22 ELSE 0.03 END
			THEN 1 + (demo.draw('far too much', person_id, n) < 0.2)::integer
			WHEN kind = 'activity' AND demo.draw('twice', person_id, task_id, n) < 0.02 THEN 1
			ELSE 0
		END AS units,
	demo.draw('known', person_id, task_id, n) < known AS known,
	units_a_day = 2 AND demo.draw('half known', person_id, task_id, n) < 0.015 AS half_known,
	day + time '17:00' + interval '1 minute' * floor(demo.draw('minute', person_id, task_id, n) * 360)
		+ CASE WHEN demo.draw('late', person_id, task_id, n) < 0.08
			THEN interval '1 day' * (1 + floor(demo.draw('how late', person_id, task_id, n) * 6))
			ELSE interval '0'
		END AS recorded
FROM chance;
ANALYZE outcome;

-- The data end at nine in the evening of 30 June 2026: what is written later does not exist.
INSERT INTO demo.check_in (person_id, task_id, day, prescribed, taken, missed, excused, recorded_at)
SELECT person_id, task_id, day, prescribed,
	CASE WHEN said THEN units ELSE 0 END,
	CASE WHEN said AND NOT half_known THEN greatest(prescribed - units, 0) ELSE 0 END,
	in_hospital,
	CASE WHEN said OR in_hospital THEN recorded AT TIME ZONE 'UTC' END
FROM outcome
CROSS JOIN LATERAL (
	SELECT known AND NOT in_hospital AND recorded <= timestamp '2026-06-30 21:00'
		AND NOT (half_known AND units = 0) AS said
) AS k
WHERE times_a_week IS NULL OR in_hospital OR said AND units > 0
ORDER BY day, person_id, task_id;
ANALYZE demo.check_in;

-- Late corrections: "I did take it", and now and then "I did not, after all".
INSERT INTO demo.check_in (person_id, task_id, day, prescribed, taken, missed, recorded_at, replaces)
SELECT person_id, task_id, day, prescribed,
	CASE WHEN missed > 0 THEN prescribed ELSE 0 END,
	CASE WHEN missed > 0 THEN 0 ELSE prescribed END,
	corrected_at, check_in_id
FROM demo.check_in
JOIN story USING (person_id)
CROSS JOIN LATERAL (
	SELECT day - date '2025-07-01' AS n
) AS d
CROSS JOIN LATERAL (
	SELECT recorded_at + interval '1 hour' * (20 + floor(demo.draw('corrected', person_id, task_id, n) * 240)) AS corrected_at
) AS w
WHERE prescribed > 0 AND NOT excused AND taken + missed > 0 AND taken <= prescribed
	AND demo.draw('wrong', person_id, task_id, n) < CASE WHEN missed > 0 THEN 0.05 ELSE 0.003 END
	AND NOT (plot = 'starts late' AND day < turn OR plot = 'drops out' AND day >= turn)
	AND corrected_at <= timestamptz '2026-06-30 21:00+00'
ORDER BY corrected_at, check_in_id;

-- A dozen people keep the twice-a-day medicine in an electronic bottle from April on.
INSERT INTO demo.dose_time (person_id, task_id, due)
SELECT person_id, task_id, due
FROM (
	SELECT person_id, task_id
	FROM demo.task
	JOIN story USING (person_id)
	WHERE task_id = 2 AND plot IN ('steady', 'improves', 'misses weekends', 'erratic')
	ORDER BY demo.draw('bottle', person_id)
	LIMIT 12
) AS monitored
CROSS JOIN (VALUES (time '08:00'), (time '20:00')) AS t (due)
ORDER BY person_id, due;

INSERT INTO demo.opening (person_id, task_id, opened_at)
SELECT person_id, task_id, opened_at
FROM outcome
JOIN demo.dose_time USING (person_id, task_id)
CROSS JOIN LATERAL (
	SELECT demo.draw('opening' || due, person_id, n) AS draw_1, demo.draw('later' || due, person_id, n) AS draw_2
) AS d
CROSS JOIN LATERAL (
	-- Some open it by the clock, some roughly; the evening dose slips now and then.
	SELECT (day + due + interval '1 minute' * round(
		(draw_1 + draw_2 - 1) * (15 + 120 * demo.draw('habit', person_id))
		+ CASE WHEN due > time '12:00' AND draw_1 < 0.12 THEN 40 + 150 * draw_2 ELSE 0 END)) AT TIME ZONE 'UTC' AS once
) AS o
CROSS JOIN LATERAL (
	-- Now and then it is opened again within the hour.
	SELECT once AS opened_at
	UNION ALL
	SELECT once + interval '1 minute' * ceil(draw_2 * 60)
	WHERE demo.draw('again' || due, person_id, n) < 0.04
) AS opened
WHERE day BETWEEN '2026-04-01' AND '2026-06-30' AND NOT in_hospital
	AND (units >= 2 OR units = 1 AND due = CASE WHEN demo.draw('which', person_id, n) < 0.7
		THEN time '08:00' ELSE time '20:00' END)
	AND opened_at <= timestamptz '2026-06-30 21:00+00'
ORDER BY opened_at, person_id;

DROP FUNCTION demo.draw(text, integer[]);
ALTER TABLE demo.check_in ADD CHECK (prescribed >= 0 AND taken >= 0 AND missed >= 0);
CREATE INDEX ON demo.check_in (person_id, task_id, day);
ANALYZE demo.person, demo.task, demo.check_in, demo.opening;
RESET search_path;
