-- Invented people for coachiatry.synthetic_program(): not a part of the template.  It runs as the owner of a new program, in which the functions
-- synthetic_people() and synthetic_seed() say how many and which.
--
-- Every draw is a hash of what it is about (purpose, person, task, day), so the same people, seed and day make the same rows on every machine, in any order
-- of evaluation.  Days are counted back from today by coachiatry.clock(): age 0 is today.  What happens to a person is a plot, which no table of the program
-- tells.  What everybody should have some of is given out by place, a shuffled number of the person; so a program of 40 has a row in every table.

--
-- Drawing
--

CREATE FUNCTION @program@.synthetic_draw(what text, a bigint, b bigint DEFAULT 0, c bigint DEFAULT 0) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(c, hashint8extended(b, hashint8extended(a, hashint8extended(
	('x' || left(md5(what), 16))::bit(64)::bigint, @program@.synthetic_seed())))) & 9007199254740991)::double precision / 9007199254740992;

COMMENT ON FUNCTION @program@.synthetic_draw(text, bigint, bigint, bigint) IS 'A number from 0 up to 1 that depends on the arguments and the seed alone.';

CREATE FUNCTION @program@.synthetic_pick(draw double precision, words text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN words[1 + floor(draw * cardinality(words))::integer];

COMMENT ON FUNCTION @program@.synthetic_pick(double precision, text[]) IS 'One of some words, by a draw.';

CREATE FUNCTION @program@.synthetic_name(draw double precision) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @program@.synthetic_pick(draw, '{Ada,Adam,Aisha,Alba,Alma,Amir,Ana,Anton,Arun,Astrid,Bao,Beatriz,Bela,Ben,Bruno,Carla,Cem,Chidi,Clara,Dalia,Dana,Darius,
	Diego,Dora,Elena,Eli,Emre,Esther,Eva,Farid,Fatou,Felix,Fiona,Gaia,Greta,Hana,Hugo,Ida,Ines,Iris,Ismael,Ivan,Jada,Jasmin,Joel,Jonas,José,Julia,Kai,Karim,
	Katya,Kofi,Lars,Laura,Lea,Leo,Lin,Lucia,Luis,Maia,Malik,Mara,Marco,Mei,Milan,Mina,Nadia,Nils,Nina,Noah,Nora,Olga,Oscar,Otto,Pablo,Petra,Pia,Rafael,Rana,
	Ravi,Rita,Rosa,Ruben,Sami,Sara,Selma,Simon,Sofia,Sunita,Tara,Tariq,Tess,Theo,Tilda,Tomas,Uma,Vera,Wanda,Wei,Xenia,Yara,Yusuf,Zahra,Zoë}');

COMMENT ON FUNCTION @program@.synthetic_name(double precision) IS 'A given name, by a draw.';

-- The rules are silent until the record is there: then all that is due is opened at once.
UPDATE @program@.warning_rule SET enabled = false;

--
-- The organisation and its staff
--

INSERT INTO @program@.organization (name, created_at) VALUES ('Sample Clinic', coachiatry.clock() - interval '2 years');
INSERT INTO @program@.site (organization_id, name, created_at)
SELECT o.organization_id, s.name, o.created_at
FROM @program@.organization o, unnest('{North,South}'::text[]) WITH ORDINALITY AS s (name, n) ORDER BY s.n;

-- A coach for some thirty people, a supervisor for eight coaches, a prescriber and a therapist for ten.
CREATE TABLE @program@.synthetic_team AS
SELECT c.coaches, ceil(c.coaches / 8.0)::integer AS supervisors, ceil(c.coaches / 10.0)::integer AS clinicians,
	ceil(@program@.synthetic_people() / 500.0)::integer AS coordinators
FROM (SELECT ceil(@program@.synthetic_people() / 30.0)::integer AS coaches) c;

-- Each level after the one that supervises it, in the order of rank.
CREATE TABLE @program@.synthetic_staff AS
SELECT row_number() OVER (ORDER BY v.rank, n) AS nth, v.role, n, v.discipline, v.licensed, v.supervised_by, v.rank
FROM @program@.synthetic_team t
CROSS JOIN LATERAL (VALUES
	(1, 'prescriber', t.clinicians, 'psychiatry', true, NULL),
	(2, 'therapist', t.clinicians, 'clinical psychology', true, NULL),
	(3, 'supervisor', t.supervisors, 'social work', false, 'therapist'),
	(4, 'coach', t.coaches, NULL, false, 'supervisor'),
	(5, 'coordinator', t.coordinators, NULL, false, NULL),
	(6, 'practice_coach', 1, NULL, false, NULL),
	(7, 'analyst', 1, NULL, false, NULL),
	(8, 'auditor', 1, NULL, false, NULL)) AS v (rank, role, count, discipline, licensed, supervised_by)
CROSS JOIN LATERAL generate_series(1, v.count) n;

INSERT INTO @program@.staff (organization_id, name, role, discipline, licensed, supervisor_id, token_subject, employed, created_at)
SELECT o.organization_id, @program@.synthetic_name(@program@.synthetic_draw('staff', s.nth)), s.role,
	COALESCE(s.discipline, CASE WHEN s.role = 'coach'
		THEN @program@.synthetic_pick(@program@.synthetic_draw('discipline', s.nth), '{peer support,nursing,social work,psychology,occupational therapy}') END),
	s.licensed,
	(SELECT a.nth FROM @program@.synthetic_staff a
		WHERE a.role = s.supervised_by AND a.n = 1 + (s.n - 1) % (SELECT count(*) FROM @program@.synthetic_staff b WHERE b.role = s.supervised_by)),
	'staff-' || s.nth, daterange(o.created_at::date, NULL), o.created_at
FROM @program@.synthetic_staff s, @program@.organization o
ORDER BY s.nth;

INSERT INTO @program@.coverage (staff_id, during, hours_from, hours_until, weekdays, time_zone, on_call)
SELECT s.nth, tstzrange(coachiatry.clock() - interval '1 year', NULL), '08:00', '18:00', '{1,2,3,4,5}', 'UTC', s.role = 'supervisor'
FROM @program@.synthetic_staff s WHERE s.role IN ('coach', 'supervisor') ORDER BY s.nth;
INSERT INTO @program@.coverage (staff_id, during, covers_for)
SELECT s.supervisor_id, tstzrange(d.day, d.day + interval '7 days'), s.staff_id
FROM @program@.staff s
CROSS JOIN LATERAL (SELECT date_trunc('day', coachiatry.clock()) + (floor(@program@.synthetic_draw('leave', s.staff_id) * 60) - 20) * interval '1 day' AS day) d
WHERE s.role = 'coach' AND s.staff_id % 3 = 2
ORDER BY s.staff_id;

--
-- The people, and what happens to each
--

CREATE TABLE @program@.synthetic_story (
	person_id bigint PRIMARY KEY,
	place integer NOT NULL,
	plot text NOT NULL,
	time_zone text NOT NULL,
	locale text NOT NULL,
	today date NOT NULL,
	joined date NOT NULL,
	ended date,
	turn integer NOT NULL,
	hospital daterange,
	silence daterange,
	coach bigint NOT NULL,
	prescriber bigint NOT NULL,
	therapist bigint NOT NULL,
	severity double precision NOT NULL
);

-- turn: how many days ago the plot turns.
INSERT INTO @program@.synthetic_story
SELECT l.person_id, l.place, l.plot, l.home[1], l.home[2], l.today, l.joined,
	CASE WHEN l.place % 9 = 4 OR l.plot = 'drops out' THEN l.today - (2 + floor(@program@.synthetic_draw('ended', l.person_id) * 40))::integer END,
	CASE l.plot WHEN 'declines' THEN 20 + floor(@program@.synthetic_draw('turn', l.person_id) * 40) WHEN 'drops out' THEN 70 ELSE 0 END,
	CASE WHEN l.place % 8 = 3 THEN daterange(l.admitted, l.admitted + 4 + floor(@program@.synthetic_draw('stay', l.person_id) * 10)::integer) END,
	CASE WHEN l.plot = 'falls silent' OR l.place % 5 = 2
		THEN daterange(l.silent, l.silent + 5 + floor(@program@.synthetic_draw('silence', l.person_id) * 16)::integer) END,
	l.coach, l.prescriber, l.therapist, 8 + 12 * @program@.synthetic_draw('severity', l.person_id)
FROM (
	SELECT k.person_id, k.place, coachiatry.clock()::date AS today,
		coachiatry.clock()::date - CASE WHEN k.place % 6 = 5 THEN 40 + floor(@program@.synthetic_draw('joined', k.person_id) * 100)::integer
			ELSE 170 + floor(@program@.synthetic_draw('joined', k.person_id) * 11)::integer END AS joined,
		coachiatry.clock()::date - 20 - floor(@program@.synthetic_draw('admitted', k.person_id) * 100)::integer AS admitted,
		coachiatry.clock()::date - 25 - floor(@program@.synthetic_draw('silent', k.person_id) * 60)::integer AS silent,
		CASE WHEN k.share < 0.34 THEN 'steady' WHEN k.share < 0.46 THEN 'improves' WHEN k.share < 0.58 THEN 'declines'
			WHEN k.share < 0.68 THEN 'misses weekends' WHEN k.share < 0.74 THEN 'drops out' WHEN k.share < 0.84 THEN 'falls silent'
			WHEN k.share < 0.90 THEN 'takes too much' ELSE 'erratic' END AS plot,
		(ARRAY['Europe/London|en-GB', 'America/New_York|en', 'America/New_York|es', 'America/Los_Angeles|en', 'America/Mexico_City|es', 'Europe/Madrid|es',
			'America/Bogota|es', 'Pacific/Auckland|en', 'Asia/Kolkata|en', 'America/Los_Angeles|es'])[1 + floor(10 * @program@.synthetic_draw('home', k.person_id))::integer]
			AS home_and_language,
		(SELECT s.nth FROM @program@.synthetic_staff s WHERE s.role = 'coach' AND s.n = 1 + (k.person_id - 1) % t.coaches) AS coach,
		(SELECT s.nth FROM @program@.synthetic_staff s WHERE s.role = 'prescriber' AND s.n = 1 + (k.person_id - 1) % t.clinicians) AS prescriber,
		(SELECT s.nth FROM @program@.synthetic_staff s WHERE s.role = 'therapist' AND s.n = 1 + (k.person_id - 1) % t.clinicians) AS therapist
	FROM @program@.synthetic_team t
	CROSS JOIN (
		SELECT n AS person_id, (row_number() OVER shuffled)::integer AS place, (row_number() OVER shuffled - 1)::double precision / count(*) OVER () AS share
		FROM generate_series(1, @program@.synthetic_people()) n
		WINDOW shuffled AS (ORDER BY @program@.synthetic_draw('place', n), n)) k) j
CROSS JOIN LATERAL (SELECT j.*, string_to_array(j.home_and_language, '|') AS home) l
ORDER BY l.person_id;

ANALYZE @program@.synthetic_story;

INSERT INTO @program@.person (organization_id, site_id, name, time_zone, locale, token_subject, birth_year, created_at)
SELECT o.organization_id, 1 + y.person_id % 2, @program@.synthetic_name(@program@.synthetic_draw('person', y.person_id)), y.time_zone, y.locale,
	'person-' || y.person_id, EXTRACT(year FROM y.today)::integer - 18 - floor(@program@.synthetic_draw('birth', y.person_id) * 55)::integer, y.joined + time '09:00'
FROM @program@.synthetic_story y, @program@.organization o
ORDER BY y.person_id;

INSERT INTO @program@.person_characteristic (person_id, characteristic, value, consented_at)
SELECT y.person_id, v.characteristic, v.value, y.joined + time '09:30'
FROM @program@.synthetic_story y
CROSS JOIN LATERAL (VALUES
	(1, 'gender', @program@.synthetic_pick(@program@.synthetic_draw('gender', y.person_id), '{woman,man,woman,man,non-binary}')),
	(2, 'housing', @program@.synthetic_pick(@program@.synthetic_draw('housing', y.person_id), '{stable,stable,stable,with family,temporary}'))
	) AS v (n, characteristic, value)
WHERE y.place % 5 <> 4
ORDER BY y.person_id, v.n;

INSERT INTO @program@.preference (person_id, channel, hours_from, hours_until, tone, updated_at)
SELECT y.person_id, @program@.synthetic_pick(@program@.synthetic_draw('channel', y.person_id), '{text,text,app,voice,video}'),
	'09:00', '20:00', @program@.synthetic_pick(@program@.synthetic_draw('tone', y.person_id), '{short and plain,with humour,gentle,matter of fact}'),
	y.joined + time '09:30'
FROM @program@.synthetic_story y WHERE y.place % 4 <> 3
ORDER BY y.person_id;

INSERT INTO @program@.proxy (person_id, name, relation, scope, during, created_at)
SELECT y.person_id, @program@.synthetic_name(@program@.synthetic_draw('proxy', y.person_id)),
	@program@.synthetic_pick(@program@.synthetic_draw('relation', y.person_id), '{mother,father,partner,sister,legal guardian}'), '{calendar,check_in}',
	daterange(y.joined, NULL), y.joined + time '10:00'
FROM @program@.synthetic_story y WHERE y.place % 10 = 7
ORDER BY y.person_id;

INSERT INTO @program@.episode (person_id, referred_by, referred_from, offered, accepted, readiness, tier, started, ended, reason, created_at)
SELECT y.person_id, CASE WHEN y.place % 3 <> 0 THEN y.prescriber END, CASE WHEN y.place % 3 = 0 THEN 'primary care' END, y.joined - 7, y.joined - 3,
	3 + floor(@program@.synthetic_draw('readiness', y.person_id) * 8)::integer,
	CASE y.plot WHEN 'steady' THEN 1 WHEN 'improves' THEN 2 WHEN 'falls silent' THEN 3 WHEN 'drops out' THEN 3 WHEN 'declines' THEN 3
		WHEN 'takes too much' THEN 4 ELSE 2 END,
	y.joined, y.ended, CASE WHEN y.ended IS NOT NULL THEN CASE WHEN y.plot = 'drops out' THEN 'declined' ELSE 'independent' END END, y.joined - 7 + time '12:00'
FROM @program@.synthetic_story y
ORDER BY y.person_id;

INSERT INTO @program@.assignment (person_id, staff_id, role, clinical_supervisor_id, during, created_at)
SELECT y.person_id, v.staff_id, v.role, CASE WHEN v.role = 'coach' THEN y.prescriber END, daterange(y.joined, y.ended), y.joined + time '09:00'
FROM @program@.synthetic_story y
CROSS JOIN LATERAL (VALUES (1, y.coach, 'coach'), (2, y.prescriber, 'prescriber'), (3, y.therapist, 'therapist')) AS v (n, staff_id, role)
ORDER BY y.person_id, v.n;

--
-- The plan
--

INSERT INTO @program@.goal (person_id, words, why, stated_on)
SELECT y.person_id,
	CASE WHEN y.locale = 'es' THEN @program@.synthetic_pick(@program@.synthetic_draw('goal', y.person_id),
			ARRAY['Volver a trabajar', 'Dormir bien', 'Ver más a mis hijos', 'Salir de casa cada día'])
		ELSE @program@.synthetic_pick(@program@.synthetic_draw('goal', y.person_id),
			ARRAY['Get back to work', 'Sleep through the night', 'See more of my children', 'Leave the house every day']) END,
	NULL, y.joined
FROM @program@.synthetic_story y
ORDER BY y.person_id;

INSERT INTO @program@.plan (person_id, written_by, words, written_at, reconciled_at)
SELECT y.person_id, y.prescriber, 'Medication as listed, behavioural activation, and practice between sessions.', y.joined + time '10:00', y.joined + time '10:00'
FROM @program@.synthetic_story y
ORDER BY y.person_id;

-- Before the tasks, so that their plans are computed once.
INSERT INTO @program@.excused_period (person_id, during, reason, excused_by, recorded_at)
SELECT y.person_id, y.hospital, 'hospital', y.prescriber, lower(y.hospital) + time '15:00'
FROM @program@.synthetic_story y WHERE y.hospital IS NOT NULL
ORDER BY y.person_id;

-- Offered to whom, and how hard it is to do.
CREATE TABLE @program@.synthetic_offer (n integer PRIMARY KEY, kind text, title text[], schedule text[], hour integer, units text, ease double precision);
INSERT INTO @program@.synthetic_offer VALUES
	(1, 'medication', ARRAY['sertraline 50 mg', 'escitalopram 10 mg', 'fluoxetine 20 mg', 'aripiprazole 10 mg', 'lamotrigine 100 mg', 'lithium 300 mg'],
		ARRAY['FREQ=DAILY', 'FREQ=DAILY', 'FREQ=DAILY', 'FREQ=DAILY', 'FREQ=DAILY;BYHOUR=8,20', 'FREQ=DAILY;BYHOUR=8,20'], 8, 'tablet', 1),
	(2, 'homework', ARRAY['thought record', 'activity diary', 'exposure exercise', 'worry time'],
		ARRAY['FREQ=WEEKLY;BYDAY=TH', 'FREQ=WEEKLY;BYDAY=MO,TH', 'FREQ=WEEKLY;BYDAY=WE', 'FREQ=WEEKLY;BYDAY=SU'], 19, 'times', 0.8),
	(3, 'activity', ARRAY['walk for 20 minutes', 'walk to work', 'swim or cycle'],
		ARRAY['FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'FREQ=WEEKLY;BYDAY=TU,SA'], 17, 'times', 0.85),
	(4, 'medication', ARRAY['hydroxyzine 25 mg, as needed'], ARRAY['AS-NEEDED'], 21, 'tablet', 0.1);

-- Everybody has medication or a walk; half of them both.
INSERT INTO @program@.task (person_id, episode_id, plan_id, goal_id, kind, title, schedule, starts_at, ends, units, max_units_per_day, gap_hazard_days,
	gap_instruction, show_streak, tags, status, prescribed_by, created_at)
SELECT y.person_id, e.episode_id, p.plan_id, CASE WHEN f.n = 3 THEN g.goal_id END, f.kind, f.title[d.variant], f.schedule[d.variant]::coachiatry.schedule,
	y.joined + make_time(f.hour, 0, 0), y.ended, f.units, CASE f.n WHEN 1 THEN 2 WHEN 4 THEN 3 END,
	CASE WHEN f.title[d.variant] LIKE 'lamotrigine%' THEN 5 END,
	CASE WHEN f.title[d.variant] LIKE 'lamotrigine%' THEN 'Do not start again alone: call the prescriber.' END, f.n <> 4,
	CASE WHEN f.n = 2 THEN '{effort}'::text[] WHEN f.n = 3 THEN '{effort,novelty}' ELSE '{}' END,
	CASE WHEN y.ended IS NULL THEN 'active' WHEN y.plot = 'drops out' THEN 'stopped' ELSE 'completed' END,
	CASE WHEN f.kind = 'medication' THEN y.prescriber END, y.joined + time '10:00'
FROM @program@.synthetic_story y
JOIN @program@.episode e USING (person_id)
JOIN @program@.plan p USING (person_id)
JOIN @program@.goal g USING (person_id)
CROSS JOIN @program@.synthetic_offer f
CROSS JOIN LATERAL (SELECT 1 + floor(@program@.synthetic_draw('title', y.person_id, f.n) * cardinality(f.title))::integer AS variant) d
WHERE CASE f.n WHEN 1 THEN y.place % 10 <> 9 WHEN 2 THEN y.place % 5 <> 0 WHEN 3 THEN y.place % 4 <> 1 OR y.place % 10 = 9 ELSE y.place % 5 = 3 END
ORDER BY y.person_id, f.n;

-- A dose that was raised: two tablets a day since some weeks.
CREATE TABLE @program@.synthetic_raise AS
SELECT t.person_id, t.task_id, y.today - 30 - floor(@program@.synthetic_draw('raise', y.person_id) * 30)::integer AS day
FROM @program@.synthetic_story y
JOIN @program@.task t USING (person_id)
WHERE y.place % 11 = 6 AND y.ended IS NULL AND t.max_units_per_day = 2 AND t.schedule::text = 'FREQ=DAILY' AND y.joined < y.today - 90;

UPDATE @program@.task t SET schedule = 'FREQ=DAILY;UNITS=2', max_units_per_day = 3
FROM @program@.synthetic_raise r WHERE t.person_id = r.person_id AND t.task_id = r.task_id;
UPDATE @program@.task_revision v SET until = r.day, revised_at = r.day + time '11:00'
FROM @program@.synthetic_raise r WHERE v.person_id = r.person_id AND v.task_id = r.task_id;
UPDATE @program@.correction c SET corrected_at = r.day + time '11:00'
FROM @program@.synthetic_raise r WHERE c.person_id = r.person_id AND c.record = 'task' AND c.record_id = r.task_id;

INSERT INTO @program@.task_step (person_id, task_id, position, words, written_by, done_at)
SELECT t.person_id, t.task_id, s.n, s.words, y.coach, CASE WHEN s.n < 3 THEN y.joined + s.n::integer * 3 + time '18:00' END
FROM @program@.task t
JOIN @program@.synthetic_story y USING (person_id)
CROSS JOIN LATERAL unnest(CASE WHEN y.locale = 'es' THEN ARRAY['Poner el cuaderno en la mesa', 'Escribir una frase', 'Leerla al día siguiente']
	ELSE ARRAY['Put the notebook on the table', 'Write one sentence', 'Read it the next day'] END) WITH ORDINALITY AS s (words, n)
WHERE t.kind = 'homework'
ORDER BY t.person_id, t.task_id, s.n;

INSERT INTO @program@.commitment (person_id, task_id, if_cue, then_action, due_on, place, obstacle, contingency, confidence, importance, witnessed_by, made_at, kept)
SELECT t.person_id, t.task_id,
	CASE WHEN y.locale = 'es' THEN 'Cuando acabe el desayuno' ELSE 'When breakfast is over' END, t.title, y.today - w.age,
	CASE WHEN y.locale = 'es' THEN 'en casa' ELSE 'at home' END,
	CASE WHEN y.locale = 'es' THEN 'levantarme tarde' ELSE 'getting up late' END,
	CASE WHEN y.locale = 'es' THEN 'hacerlo antes de comer' ELSE 'do it before lunch' END,
	4 + floor(7 * @program@.synthetic_draw('confidence', t.person_id, w.age))::integer, 5 + floor(6 * @program@.synthetic_draw('importance', t.person_id, w.age))::integer,
	y.coach, y.today - w.age - 2 + time '14:00',
	CASE WHEN w.age > 0 THEN @program@.synthetic_draw('kept', t.person_id, w.age) < 0.6 END
FROM @program@.synthetic_story y
CROSS JOIN generate_series(0, 56, 14) AS w (age)
JOIN LATERAL (SELECT t.* FROM @program@.task t WHERE t.person_id = y.person_id AND t.kind <> 'medication' ORDER BY t.task_id LIMIT 1) t ON true
WHERE y.ended IS NULL AND y.today - w.age - 2 >= y.joined AND (y.place + w.age) % 3 = 0
ORDER BY t.person_id, w.age DESC;

INSERT INTO @program@.plan_change_request (person_id, task_id, asked_by, words, asked_at, answered_by, answer, answered_at)
SELECT t.person_id, t.task_id, y.coach, 'Evenings seem to be easier than mornings: could the time move?', y.today - 9 + time '11:00',
	CASE WHEN y.place % 2 = 0 THEN y.prescriber END, CASE WHEN y.place % 2 = 0 THEN 'Yes, with the evening meal.' END,
	CASE WHEN y.place % 2 = 0 THEN y.today - 8 + time '16:00' END
FROM @program@.synthetic_story y
JOIN LATERAL (SELECT t.* FROM @program@.task t WHERE t.person_id = y.person_id ORDER BY t.task_id LIMIT 1) t ON true
WHERE y.place % 7 IN (1, 2) AND y.ended IS NULL
ORDER BY t.person_id;

--
-- The record: check-ins
--

-- What decides a day: the plot, how far it has come, the weekday, and lapses, which begin sharply and pass slowly.
CREATE FUNCTION @program@.synthetic_chance(plot text, person_id bigint, joined_age integer, turn integer, age integer, weekday integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE plot
		WHEN 'steady' THEN 0.94 + 0.06 * @program@.synthetic_draw('constancy', person_id)
		WHEN 'improves' THEN 0.45 + 0.5 * (1 - age::double precision / joined_age)
		WHEN 'declines' THEN CASE WHEN age < turn THEN 0.9 - 0.6 * (1 - age::double precision / turn) ELSE 0.92 END
		WHEN 'misses weekends' THEN CASE WHEN weekday >= 6 THEN 0.45 ELSE 0.95 END
		WHEN 'drops out' THEN CASE WHEN age < turn THEN 0.15 ELSE 0.7 END
		WHEN 'erratic' THEN 0.6
		ELSE 0.9 END
	* CASE weekday WHEN 6 THEN 0.98 WHEN 7 THEN 0.96 ELSE 1 END
	* CASE WHEN @program@.synthetic_draw('lapse', person_id, (age + 3 * person_id) / 12) >= CASE plot WHEN 'steady' THEN 0.03 ELSE 0.09 END THEN 1
		ELSE (ARRAY[1, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.1, 0.1, 0.1])[1 + ((age + 3 * person_id) % 12)::integer] END;

COMMENT ON FUNCTION @program@.synthetic_chance(text, bigint, integer, integer, integer, integer) IS 'How likely a person is to do on a day what is planned.';

-- By slices of people, as what a statement changes is gathered in memory until it ends.
DO $$
BEGIN
	FOR nth IN 1..@program@.synthetic_people() BY 500 LOOP
		INSERT INTO @program@.check_in (person_id, task_id, due_on, occurrence, source, taken, missed, started_at, extent, difficulty, reason, note, recorded_at)
		SELECT s.person_id, s.task_id, s.due_on, s.occurrence, s.source, s.taken, CASE WHEN s.taken = 0 THEN s.units ELSE 0 END,
			CASE WHEN s.taken > 0 THEN s.due_at + s.jitter END,
			CASE WHEN s.taken > 0 AND s.n <> 1 AND s.reports THEN CASE WHEN s.effort < 0.8 THEN 100 ELSE 25 * (1 + floor(s.effort * 100)::integer % 3) END END,
			CASE WHEN s.reports AND s.effort < 0.5 AND s.n <> 4 THEN LEAST(10, floor(s.effort * 8 + CASE WHEN s.taken > 0 THEN 1 ELSE 5 END))::integer END,
			CASE WHEN s.taken = 0 AND s.reports THEN @program@.synthetic_pick(s.why, '{forgot,no_energy,no_time,side_effects,not_needed,away,overwhelmed}') END,
			CASE WHEN s.taken = 0 AND s.reports AND s.effort < 0.12 THEN
				CASE WHEN s.locale = 'es' THEN (ARRAY['Se me olvidó, estaba fuera', 'No tenía fuerzas para levantarme', 'El día se me fue volando', 'Me da náuseas por la mañana',
						'Creo que ya no me hace falta', 'Estaba en casa de mi hermana', 'No sabía por dónde empezar'])[1 + floor(s.why * 7)::integer]
					ELSE (ARRAY['It went out of my mind, I was out', 'I had no strength to get up', 'The day ran away from me', 'It makes me sick in the morning',
						'I think I do not need it any more', 'I stayed at my sister''s', 'I did not know where to start'])[1 + floor(s.why * 7)::integer] END END,
			s.recorded_at
		FROM (
			SELECT d.*, v.source, v.taken, v.reports,
				CASE WHEN v.reports AND d.late < 0.1 THEN d.evening + interval '1 day' * ceil(d.late * 60) + interval '7 hours' * d.why
					WHEN v.reports THEN GREATEST(d.due_at + d.jitter, d.evening - interval '4 hours' * d.why)
					ELSE d.evening + interval '90 minutes' END AS recorded_at
			FROM (
				SELECT k.*, y.locale, y.place, y.plot, y.silence @> k.due_on AS silent, (k.due_on + time '21:00') AT TIME ZONE y.time_zone AS evening,
					@program@.synthetic_draw('done', k.task_id, k.age, k.occurrence)
						< k.ease * @program@.synthetic_chance(y.plot, y.person_id, y.today - y.joined, y.turn, k.age, EXTRACT(isodow FROM k.due_on)::integer) AS done,
					@program@.synthetic_draw('said', k.task_id, k.age, k.occurrence) AS said,
					@program@.synthetic_draw('effort', k.task_id, k.age, k.occurrence) AS effort,
					@program@.synthetic_draw('why', k.task_id, k.age, k.occurrence) AS why,
					@program@.synthetic_draw('late', k.task_id, k.age) AS late,
					interval '1 hour' * @program@.synthetic_draw('when', k.task_id, k.age, k.occurrence) AS jitter
				FROM @program@.synthetic_story y
				CROSS JOIN LATERAL (
					SELECT t.person_id, t.task_id, f.n, f.ease, o.due_on, y.today - o.due_on AS age, o.due_at,
						row_number() OVER (PARTITION BY t.task_id, o.due_on ORDER BY o.due_at) AS occurrence, CASE WHEN o.due_on >= r.day THEN 2 ELSE 1 END AS units
					FROM @program@.task t
					JOIN @program@.synthetic_offer f ON f.title @> ARRAY[t.title]
					LEFT JOIN @program@.synthetic_raise r ON r.person_id = t.person_id AND r.task_id = t.task_id
					CROSS JOIN LATERAL (
						SELECT (i AT TIME ZONE y.time_zone)::date AS due_on, i AS due_at
						FROM coachiatry.occurrences(t.schedule, t.starts_at, tstzrange(t.starts_at AT TIME ZONE y.time_zone, coachiatry.clock()), y.time_zone) i
						WHERE f.n <> 4
						UNION ALL
						SELECT y.today - a, (y.today - a + time '21:30') AT TIME ZONE y.time_zone FROM generate_series(1, y.today - y.joined) a WHERE f.n = 4
						) o
					WHERE t.person_id = y.person_id AND o.due_on < COALESCE(y.ended, 'infinity')
					) k
				WHERE y.person_id BETWEEN nth AND nth + 499 AND (y.hospital @> k.due_on) IS NOT TRUE
				OFFSET 0 -- each draw once, however often it is used
				) d
			CROSS JOIN LATERAL (
				-- People say less of what they did not do, and some say they did it.
				SELECT 'person' AS source, true AS reports, CASE WHEN d.done OR d.said < CASE WHEN d.place % 6 = 1 THEN 0.5 ELSE 0.04 END
					THEN d.units + CASE WHEN d.plot = 'takes too much' AND d.n = 1 AND d.effort < 0.12 THEN 1 ELSE 0 END ELSE 0 END AS taken
				WHERE d.silent IS NOT TRUE AND CASE WHEN d.done THEN d.said < CASE d.plot WHEN 'steady' THEN 0.985 ELSE 0.94 END ELSE d.n <> 4 AND d.said < 0.78 END
				UNION ALL
				-- A pill bottle says what it sees, day by day, when it is not left at home.
				SELECT 'device', false, CASE WHEN d.done AND d.effort < 0.97
					THEN d.units + CASE WHEN d.plot = 'takes too much' AND d.effort < 0.12 THEN 1 ELSE 0 END ELSE 0 END
				WHERE d.n = 1 AND d.place % 3 = 1 AND d.late < 0.95
				UNION ALL
				SELECT 'coach', false, CASE WHEN d.done THEN d.units ELSE 0 END WHERE d.said BETWEEN 0.80 AND 0.83 AND d.n <> 4
				UNION ALL
				SELECT 'seen', false, d.units WHERE d.n = 2 AND d.done AND d.said BETWEEN 0.86 AND 0.90
				UNION ALL
				SELECT 'proxy', false, CASE WHEN d.done THEN d.units ELSE 0 END WHERE d.place % 10 = 7 AND d.n = 1 AND d.why < 0.2
				) v
			) s
		WHERE s.recorded_at <= coachiatry.clock()
		ORDER BY s.person_id, s.task_id, s.due_on, s.occurrence, s.source;
	END LOOP;
END
$$;

-- Some thought again.
UPDATE @program@.check_in c SET taken = 1, missed = 0, reason = NULL, note = CASE WHEN y.locale = 'es' THEN 'Sí que lo hice, por la noche' ELSE 'I did do it, at night' END
FROM @program@.synthetic_story y
WHERE y.place % 3 = 1 AND c.person_id = y.person_id AND c.check_in_id = (
	SELECT l.check_in_id FROM @program@.check_in l
	WHERE l.person_id = y.person_id AND l.source = 'person' AND l.missed = 1 AND l.due_on BETWEEN y.today - 14 AND y.today - 1
	ORDER BY l.due_on DESC, l.check_in_id LIMIT 1);

INSERT INTO @program@.verification (person_id, check_in_id, method, confirmed, verified_by, verified_at)
SELECT c.person_id, c.check_in_id, @program@.synthetic_pick(@program@.synthetic_draw('method', c.task_id, y.today - c.due_on), '{seen,told,told,device}'),
	@program@.synthetic_draw('confirmed', c.task_id, y.today - c.due_on) < 0.9, y.coach, LEAST(c.recorded_at + interval '20 hours', coachiatry.clock())
FROM @program@.check_in c
JOIN @program@.synthetic_story y USING (person_id)
WHERE c.source = 'person' AND @program@.synthetic_draw('verified', c.task_id, y.today - c.due_on, c.occurrence) < 0.04
ORDER BY c.person_id, c.check_in_id;

-- A refill every thirty days, later the less is taken.
INSERT INTO @program@.supply (person_id, task_id, dispensed, days_supply, daily_dose, medication, reference, recorded_at)
SELECT t.person_id, t.task_id, d.day, 30, 1, t.title, 'RX-' || t.task_id || '-' || n, d.day + time '12:00'
FROM @program@.task t
JOIN @program@.synthetic_story y USING (person_id)
CROSS JOIN generate_series(0, 7) AS n
CROSS JOIN LATERAL (SELECT y.joined + 30 * n
	+ floor(n * CASE WHEN y.plot IN ('steady', 'takes too much') THEN 1 ELSE 5 END * @program@.synthetic_draw('refill', t.task_id, n))::integer AS day) d
WHERE t.kind = 'medication' AND t.schedule::text <> 'AS-NEEDED' AND d.day < COALESCE(y.ended, y.today)
ORDER BY t.person_id, t.task_id, n;

--
-- The record: measures and clinicians
--

INSERT INTO @program@.instrument (name, description, recall_days, direction, lowest, highest, reliable_change, self_harm_items, licence) VALUES
	('PHQ-9', 'Depressive symptoms of the last two weeks.', 14, 'lower_is_better', 0, 27, 5, '{9}', 'free to use'),
	('Steps', 'Steps of a day, by a pedometer.', 1, 'higher_is_better', 0, NULL, NULL, '{}', NULL);

-- Every two weeks, loosely following what was done in those before.
INSERT INTO @program@.measurement (person_id, instrument_id, item, measured_on, source, value, measured_at, recorded_at)
SELECT s.person_id, i.instrument_id, v.item, s.day, 'person', v.value, s.at, s.at
FROM (
	SELECT c.person_id, m.day, (m.day + time '19:00') AT TIME ZONE c.time_zone AS at, m.fortnight,
		LEAST(27, GREATEST(0, round(c.severity + 8 - 13 * c.done + 5 * (@program@.synthetic_draw('mood', c.person_id, m.fortnight) - 0.5)))) AS total
	FROM (
		SELECT y.person_id, y.severity, y.today, y.time_zone, (y.today - r.due_on - 1) / 14 AS fortnight, avg((r.taken > 0)::integer)::double precision AS done
		FROM @program@.check_in r
		JOIN @program@.synthetic_story y USING (person_id)
		WHERE r.due_on < y.today
		GROUP BY y.person_id, y.severity, y.today, y.time_zone, (y.today - r.due_on - 1) / 14) c
	CROSS JOIN LATERAL (SELECT c.today - 1 - 14 * c.fortnight AS day, c.fortnight) m
	WHERE @program@.synthetic_draw('answered', c.person_id, m.fortnight) < 0.85
	) s
JOIN @program@.instrument i ON i.name = 'PHQ-9'
CROSS JOIN LATERAL (VALUES (1, '', s.total), (2, '9', CASE WHEN s.total > 12 AND @program@.synthetic_draw('item 9', s.person_id, s.fortnight) < 0.1 THEN 1 ELSE 0 END))
	AS v (n, item, value)
WHERE s.at <= coachiatry.clock()
ORDER BY s.person_id, s.day, v.n;

INSERT INTO @program@.measurement (person_id, instrument_id, measured_on, source, value, unit, recorded_at)
SELECT y.person_id, i.instrument_id, y.today - a, 'device', round(2000 + 9000 * @program@.synthetic_draw('steps', y.person_id, a)), 'steps',
	y.today - a + time '23:30'
FROM @program@.synthetic_story y
CROSS JOIN generate_series(1, 28) AS a
JOIN @program@.instrument i ON i.name = 'Steps'
WHERE y.place % 6 = 2 AND y.ended IS NULL
ORDER BY y.person_id, a DESC;

INSERT INTO @program@.diagnosis (person_id, made_by, code, words, during)
SELECT y.person_id, y.prescriber, d.words[1], d.words[2], daterange(y.joined - 30, NULL)
FROM @program@.synthetic_story y
CROSS JOIN LATERAL (SELECT string_to_array(@program@.synthetic_pick(@program@.synthetic_draw('diagnosis', y.person_id),
	'{F32.1|moderate depressive episode,F33.1|recurrent depressive disorder,F41.1|generalised anxiety disorder,F31.7|bipolar disorder in remission,F90.0|attention deficit}'),
	'|') AS words) d
ORDER BY y.person_id;

INSERT INTO @program@.clinical_note (person_id, written_by, body, written_at)
SELECT y.person_id, y.therapist, 'Invented note: works on activity in small steps; plan unchanged.', y.today - 12 + time '15:00'
FROM @program@.synthetic_story y WHERE y.place % 3 = 2
ORDER BY y.person_id;

--
-- The record: human connection
--

-- Once or twice a week by tier, in the coach's hours; a prompt of the machine beside them.
INSERT INTO @program@.contact (person_id, staff_id, channel, began_by, agency, started_at, ended_at, replied_after, reached, recorded_at)
SELECT c.person_id, CASE WHEN c.agency <> 'automated' THEN c.coach END, c.channel, c.began_by, c.agency, c.started_at,
	CASE WHEN c.channel IN ('voice', 'video', 'body_doubling') AND c.reached THEN c.started_at + interval '1 minute' * (5 + floor(40 * c.length)) END,
	CASE WHEN c.channel = 'text' AND c.reached THEN interval '1 minute' * (1 + floor(240 * c.length * c.length)) END, c.reached,
	c.started_at
FROM (
	SELECT y.person_id, y.coach, a.agency, @program@.synthetic_draw('length', y.person_id, w.week, n) AS length,
		CASE WHEN a.agency = 'automated' THEN 'text'
			ELSE @program@.synthetic_pick(@program@.synthetic_draw('contact', y.person_id, w.week, n), '{text,text,text,voice,voice,video,body_doubling}') END AS channel,
		CASE WHEN a.agency = 'human' AND @program@.synthetic_draw('began', y.person_id, w.week, n) < 0.25 THEN 'person' ELSE 'staff' END AS began_by,
		y.today - 7 * w.week - floor(7 * @program@.synthetic_draw('weekday', y.person_id, w.week, n))::integer
			+ time '09:00' + interval '9 hours' * @program@.synthetic_draw('hour', y.person_id, w.week, n) AS started_at,
		@program@.synthetic_draw('reached', y.person_id, w.week, n) < CASE WHEN y.plot IN ('falls silent', 'drops out') AND w.week < 6 THEN 0.25 ELSE 0.9 END AS reached,
		y.joined, y.ended
	FROM @program@.synthetic_story y
	JOIN @program@.episode e USING (person_id)
	CROSS JOIN generate_series(0, 25) AS w (week)
	CROSS JOIN LATERAL generate_series(1, 1 + (e.tier + 1) / 2) n
	CROSS JOIN LATERAL (SELECT CASE WHEN n = 1 + (e.tier + 1) / 2 THEN 'automated'
		WHEN @program@.synthetic_draw('agency', y.person_id, w.week, n) < 0.1 THEN 'assisted' ELSE 'human' END AS agency) a
	) c
WHERE c.started_at <= coachiatry.clock() - interval '1 hour' AND c.started_at::date >= c.joined AND c.started_at::date < COALESCE(c.ended, 'infinity')
ORDER BY c.person_id, c.started_at;

INSERT INTO @program@.message (person_id, author_kind, author, body, lang, scope_check, sent_at)
SELECT y.person_id, m.author_kind, CASE WHEN m.author_kind = 'staff' THEN y.coach END, m.body, left(y.locale, 2),
	CASE WHEN m.n = 4 AND y.place % 4 = 0 THEN 'flagged' WHEN m.n < 6 THEN 'clear' END, y.today - 20 + m.n::integer * 3 + time '10:00' + m.n * interval '7 minutes'
FROM @program@.synthetic_story y
CROSS JOIN LATERAL unnest(
	ARRAY['staff', 'person', 'staff', 'person', 'staff', 'person'],
	CASE WHEN y.locale = 'es'
		THEN ARRAY['¿Cómo fue la mañana?', 'Bien, pero me costó salir', '¿Qué ayudó?', 'Dejar los zapatos en la puerta', '¿Lo repetimos mañana?', 'Sí, a la misma hora']
		ELSE ARRAY['How was the morning?', 'Fine, but getting out was hard', 'What helped?', 'Leaving my shoes by the door', 'Shall we do that again tomorrow?', 'Yes, same time'] END)
	WITH ORDINALITY AS m (author_kind, body, n)
WHERE y.ended IS NULL AND y.place % 2 = 0
ORDER BY y.person_id, m.n;

-- The last of some are still open.
INSERT INTO @program@.support_request (person_id, asked_at, words, answered_by, answered_at)
SELECT r.person_id, r.asked_at, CASE WHEN r.locale = 'es' THEN 'No puedo empezar, ¿me acompañas?' ELSE 'I cannot get started, can you stay with me?' END,
	CASE WHEN NOT r.is_open THEN r.coach END,
	CASE WHEN NOT r.is_open THEN r.asked_at + interval '1 minute' * (1 + floor(40 * @program@.synthetic_draw('answer', r.person_id, r.n))) END
FROM (
	SELECT y.person_id, y.coach, y.locale, n, n = 0 AND y.place % 12 = 5 AS is_open,
		CASE WHEN n = 0 AND y.place % 12 = 5 THEN coachiatry.clock() - interval '25 minutes'
			ELSE y.today - 5 - 11 * n + time '08:00' + interval '12 hours' * @program@.synthetic_draw('asked', y.person_id, n) END AS asked_at
	FROM @program@.synthetic_story y, generate_series(0, 2) AS n
	WHERE y.ended IS NULL AND y.place % 4 = 1 AND y.joined < y.today - 60) r
ORDER BY r.person_id, r.asked_at;

--
-- Barriers: what coaches noted and tried, and what raters said of texts
--

INSERT INTO @program@.lexicon_entry (lexicon, locale, label, phrase, note, created_at) VALUES
	('barrier', 'en', 'environmental', 'the lift is broken', 'Heard at the site North.', coachiatry.clock() - interval '100 days');

INSERT INTO @program@.barrier (person_id, pattern, words, noted_by, noted_on, status, answered_at, answered_through, resolved_at)
SELECT y.person_id, v.pattern, v.words, y.coach, y.today - 62, v.status, CASE WHEN v.status <> 'suspected' THEN y.today - 60 + time '11:00' END,
	CASE WHEN v.status = 'declined' THEN y.coach END, CASE WHEN v.status = 'resolved' THEN y.today - 9 + time '11:00' END
FROM @program@.synthetic_story y
CROSS JOIN LATERAL (SELECT 1 + floor(5 * @program@.synthetic_draw('barrier', y.person_id))::integer AS n) d
CROSS JOIN LATERAL (SELECT (ARRAY['executive_function', 'avoidance', 'ambivalence', 'skill_deficit', 'environmental'])[d.n] AS pattern,
	(ARRAY['Forgets the tablet when the morning is busy, and loses track of time.', 'Puts off going out again: it makes them anxious.',
		'Is not sure it is worth it, and would like to be better.', 'Does not know how to begin with the diary.', 'No bus after six, and shares the kitchen.'])[d.n] AS words,
	@program@.synthetic_pick(@program@.synthetic_draw('answered', y.person_id, 1), '{agreed,agreed,agreed,resolved,suspected,declined}') AS status) v
WHERE y.place % 2 = 1 AND y.joined < y.today - 70
ORDER BY y.person_id;

INSERT INTO @program@.strategy_use (person_id, strategy, pattern, during, used_by, helped, recorded_at)
SELECT b.person_id, (SELECT m.strategy FROM coachiatry.pattern_strategy m WHERE m.pattern = b.pattern AND NOT m.needs_plan AND NOT m.is_request
		ORDER BY m.position OFFSET floor(2 * @program@.synthetic_draw('strategy', b.person_id))::integer LIMIT 1), b.pattern,
	daterange(y.today - 59, y.today - 38), b.noted_by, @program@.synthetic_draw('helped', b.person_id) < 0.6, y.today - 59 + time '12:00'
FROM @program@.barrier b
JOIN @program@.synthetic_story y USING (person_id)
WHERE b.status IN ('agreed', 'resolved')
ORDER BY b.person_id;

-- Two raters for each note; the second sees it otherwise now and then.
INSERT INTO @program@.barrier_label (person_id, barrier_id, rater, label, labelled_at)
SELECT b.person_id, b.barrier_id, v.rater, CASE WHEN v.n = 2 AND @program@.synthetic_draw('second', b.person_id) < 0.2 THEN 'other' ELSE b.pattern END,
	b.noted_on + 1 + time '10:00'
FROM @program@.barrier b
CROSS JOIN LATERAL (VALUES (1, b.noted_by), (2, (SELECT s.supervisor_id FROM @program@.staff s WHERE s.staff_id = b.noted_by))) AS v (n, rater)
ORDER BY b.person_id, v.n;

-- Everybody agreed to be coached and nearly everybody that models learn from their words; some have withdrawn that since.
INSERT INTO @program@.consent (person_id, category, purpose, during, text_version, explained_by, understood_not_therapy, given_at, recorded_by, recorded_at)
SELECT y.person_id, v.category, v.purpose, daterange(y.joined, NULL), v.category || ' 2025-1', y.coach, true, y.joined + time '09:30', y.coach, y.joined + time '09:30'
FROM @program@.synthetic_story y
CROSS JOIN (VALUES ('general', 'coaching'), ('conversation_analysis', 'to see what gets in the way')) AS v (category, purpose)
WHERE v.category = 'general' OR y.place % 11 <> 5
ORDER BY y.person_id, v.category DESC;
UPDATE @program@.consent c SET revoked_at = GREATEST(c.given_at, y.today - 30 + time '10:00')
FROM @program@.synthetic_story y
WHERE y.person_id = c.person_id AND c.category = 'conversation_analysis' AND y.place % 13 = 1;
SELECT @program@.train_model('barriers', 'en');

--
-- Done
--

DROP FUNCTION @program@.synthetic_chance(text, bigint, integer, integer, integer, integer), @program@.synthetic_name(double precision),
	@program@.synthetic_pick(double precision, text[]), @program@.synthetic_draw(text, bigint, bigint, bigint), @program@.synthetic_seed(),
	@program@.synthetic_people();
DROP TABLE @program@.synthetic_raise, @program@.synthetic_offer, @program@.synthetic_story, @program@.synthetic_staff, @program@.synthetic_team;

ANALYZE @program@.person, @program@.staff, @program@.episode, @program@.assignment, @program@.task, @program@.check_in, @program@.measurement, @program@.contact,
	@program@.task_calendar, @program@.measure_series;

--
-- Warnings
--

INSERT INTO @program@.crisis_resource (name, reach) VALUES ('Sample crisis line', 'an invented number: there is none behind it');
UPDATE @program@.warning_rule SET enabled = true;
SELECT @program@.sweep();
-- What is older than two weeks was followed up.
INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, by_staff_id, reason, done)
SELECT w.person_id, w.warning_id, w.acts_on, 'resolved', COALESCE(w.owner_staff_id, (SELECT min(s.staff_id) FROM @program@.staff s WHERE s.licensed)),
	'asked: no intent, no plan', 'safety plan gone through together'
FROM @program@.warning w
WHERE w.safety AND w.closed_at IS NULL AND NOT EXISTS (
	SELECT FROM @program@.measurement m
	WHERE m.person_id = w.person_id AND m.instrument_id = w.instrument_id AND m.item = w.item AND m.value > 0
		AND m.measured_on > (coachiatry.clock() - interval '14 days')::date)
ORDER BY w.person_id, w.warning_id;
SELECT @program@.sweep();
