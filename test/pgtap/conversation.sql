-- Conversations: facts and figures as a loop over what was written in a random program says, from sentences labelled by hand; who sees whose; and what went
-- together with better weeks, from check-ins as plain SQL counts them. The clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(63);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

--
-- A random program: 30 people, three coaches of two supervisors
--
INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2025-01-01,)'), (2, 's', 'supervisor', false, 1, 'supervisor', '[2025-01-01,)'),
	(3, 'z', 'supervisor', false, 1, 'other supervisor', '[2025-01-01,)'), (4, 'a', 'coach', false, 2, 'coach', '[2025-01-01,)'),
	(5, 'b', 'coach', false, 2, 'second coach', '[2025-01-01,)'), (6, 'c', 'coach', false, 3, 'other coach', '[2025-01-01,)'),
	(7, 'n', 'analyst', false, NULL, 'analyst', '[2025-01-01,)'), (8, 'k', 'coordinator', false, NULL, 'coordinator', '[2025-01-01,)');
INSERT INTO care.person (person_id, name, token_subject, time_zone)
SELECT p, 'person ' || p, 'person.' || p, (ARRAY['UTC', 'America/New_York', 'Asia/Tokyo'])[1 + p % 3] FROM generate_series(1, 30) p;
INSERT INTO care.consent (person_id, category, purpose, text_version) SELECT person_id, 'conversation_analysis', 'x', '1' FROM care.person;
-- Everybody has a coach; some changed from one to another, some have two.
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, 4 + p % 3, 'coach', CASE WHEN p % 4 = 0 THEN daterange('2025-06-01', '2026-02-01') ELSE '[2025-06-01,)' END FROM generate_series(1, 30) p
UNION ALL SELECT p, 4 + (p + 1) % 3, 'coach', daterange('2026-02-01', NULL) FROM generate_series(1, 30) p WHERE p % 4 = 0
UNION ALL SELECT p, 4 + (p + 2) % 3, 'coach', daterange('2025-12-01', NULL) FROM generate_series(1, 30) p WHERE p % 5 = 0
UNION ALL SELECT p, 1, 'prescriber', '[2025-06-01,)' FROM generate_series(1, 30) p;

-- Sentences, and what somebody who reads them says of them.
CREATE TABLE oracle.line (line int PRIMARY KEY, by_staff boolean, lang text, body text, words int, asks boolean, reflects boolean, change boolean, sustain boolean);
INSERT INTO oracle.line VALUES
	(1, false, 'en', 'It rained all day.', 4, NULL, NULL, false, false),
	(2, false, 'en', 'I will go tomorrow.', 4, NULL, NULL, true, false),
	(3, false, 'en-US', 'I don''t want to go!', 5, NULL, NULL, false, true),
	(4, false, 'en', 'I can''t go alone. I will try, ok?', 8, NULL, NULL, true, true),
	(5, false, 'es', U&'Voy a intentarlo ma\00F1ana.', 4, NULL, NULL, true, false),
	(6, false, 'es-MX', 'No puedo.', 2, NULL, NULL, false, true),
	(7, false, 'de', 'Ich schaffe das nicht.', 4, NULL, NULL, NULL, NULL),
	(8, false, '??', 'Who knows.', 2, NULL, NULL, NULL, NULL),
	(11, true, 'en', 'See you tomorrow.', 3, false, false, NULL, NULL),
	(12, true, 'en', 'How are you?', 3, true, false, NULL, NULL),
	(13, true, 'en', 'It sounds like a hard week.', 6, false, true, NULL, NULL),
	(14, true, 'en', 'What helped? It sounds like the walk did!', 8, true, true, NULL, NULL),
	(15, true, 'de', 'Bis morgen, ja?', 3, true, false, NULL, NULL);

-- Messages: bursts and days of silence; two thirds of the person's.
INSERT INTO care.message (person_id, message_id, author_kind, author, body, lang, sent_at)
SELECT p, n, CASE WHEN l.by_staff THEN 'staff' WHEN n % 11 = 0 THEN 'proxy' ELSE 'person' END, CASE WHEN l.by_staff THEN 4 + (p + floor(oracle.random(p, n, 4) * 2)::int) % 3 END,
	l.body, l.lang, timestamptz '2026-03-10 12:00+00' - interval '1 minute' * floor(60 * 24 * 140 * oracle.random(p, n / 3, 1) + 3000 * oracle.random(p, n, 2))
FROM generate_series(1, 30) p, generate_series(1, 60) n, oracle.line l
WHERE l.line = CASE WHEN oracle.random(p, n, 3) < 0.4 THEN 11 + floor(oracle.random(p, n, 5) * 5) ELSE 1 + floor(oracle.random(p, n, 5) * 8) END;
INSERT INTO care.message (person_id, message_id, author_kind, body, sent_at)
SELECT p, 100 + n, 'system', 'A reminder: will you go?', timestamptz '2026-03-10 11:00+00' - interval '1 day' * n FROM generate_series(1, 30) p, generate_series(1, 100) n WHERE n % 5 = p % 5;
INSERT INTO care.contact (person_id, contact_id, staff_id, channel, began_by, agency, started_at, replied_after, reached)
SELECT p, n, CASE WHEN oracle.random(p, n, 14) < 0.85 THEN 4 + (p + n) % 3 END, (ARRAY['text', 'voice', 'in_person'])[1 + floor(oracle.random(p, n, 11) * 3)::int],
	(ARRAY['person', 'proxy', 'staff'])[1 + floor(oracle.random(p, n, 12) * 3)::int], CASE WHEN oracle.random(p, n, 14) < 0.7 THEN 'human' WHEN oracle.random(p, n, 14) < 0.85 THEN 'assisted' ELSE 'automated' END,
	timestamptz '2026-03-10 12:00+00' - interval '1 minute' * floor(60 * 24 * 190 * oracle.random(p, n, 13)),
	CASE WHEN oracle.random(p, n, 15) < 0.5 THEN interval '1 hour' * floor(60 * oracle.random(p, n, 16)) END, oracle.random(p, n, 17) < 0.8
FROM generate_series(1, 30) p, generate_series(1, 25) n;
-- Some have written this morning, and wait not long enough to count.
INSERT INTO care.message (person_id, message_id, author_kind, body, lang, sent_at) SELECT p, 61, 'person', body, lang, '2026-03-10 10:00+00' FROM generate_series(1, 10) p, oracle.line WHERE line = 1;
-- What supervisors said of flags.
INSERT INTO care.scope_flag (person_id, message_id, author, rule, label, severity, state, reviewed_at)
SELECT person_id, message_id, author, 'x', 'diagnosis', (ARRAY['review', 'safety'])[1 + message_id % 2], s, CASE WHEN s <> 'open' THEN coachiatry.clock() END
FROM care.message, LATERAL (SELECT (ARRAY['open', 'confirmed', 'dismissed'])[1 + floor(oracle.random(person_id::int, message_id::int, 21) * 3)::int] AS s) f
WHERE author IS NOT NULL AND oracle.random(person_id::int, message_id::int, 22) < 0.2;

--
-- The oracle: one event after the other
--
CREATE TABLE oracle.event AS
SELECT person_id, sent_at AS at, 1 AS kind, message_id AS id, author_kind = 'staff' AS by_staff, author AS staff_id, NULL::interval AS replied_after FROM care.message WHERE author_kind <> 'system'
UNION ALL
SELECT person_id, started_at, 0, contact_id, began_by = 'staff', staff_id, replied_after FROM care.contact c
WHERE agency IN ('human', 'assisted') AND reached AND (channel <> 'text'
	OR 0 = (SELECT count(*) FROM care.message m WHERE m.person_id = c.person_id AND abs(extract(epoch FROM m.sent_at - c.started_at)) <= 86400));
CREATE TABLE oracle.fact (fact text, person_id bigint, staff_id bigint, by_staff boolean, at timestamptz, id bigint, waited interval);
CREATE FUNCTION oracle.tell() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	e record;
	whose bigint := 0;
	last_at timestamptz;
	asked_at timestamptz;
	asked_id bigint;
	waiting CONSTANT interval := '1 day';
	ends CONSTANT timestamptz := coachiatry.clock();
BEGIN
	FOR e IN SELECT * FROM oracle.event UNION ALL SELECT 999, NULL, 0, NULL, NULL, NULL, NULL ORDER BY person_id, at, kind, id LOOP
		IF e.person_id <> whose THEN
			IF asked_at <= ends - waiting THEN
				INSERT INTO oracle.fact VALUES ('wait', whose, NULL, false, asked_at, asked_id, NULL);
			END IF;
			whose := e.person_id;
			last_at := NULL;
			asked_at := NULL;
		END IF;
		CONTINUE WHEN e.at IS NULL;
		IF e.kind = 0 THEN
			INSERT INTO oracle.fact VALUES ('contact', e.person_id, e.staff_id, e.by_staff, e.at, e.id, NULL);
			IF NOT e.by_staff AND e.replied_after IS NOT NULL THEN
				INSERT INTO oracle.fact VALUES ('wait', e.person_id, NULL, false, e.at, e.id, e.replied_after);
			END IF;
		ELSIF last_at IS NULL OR e.at > last_at + waiting THEN
			INSERT INTO oracle.fact VALUES ('begun', e.person_id, e.staff_id, e.by_staff, e.at, e.id, NULL);
		END IF;
		last_at := e.at;
		IF e.kind = 1 AND NOT e.by_staff THEN
			IF asked_at IS NULL THEN
				asked_at := e.at;
				asked_id := e.id;
			END IF;
		ELSIF asked_at IS NOT NULL THEN
			INSERT INTO oracle.fact VALUES ('wait', e.person_id, NULL, false, asked_at, asked_id, e.at - asked_at);
			asked_at := NULL;
		END IF;
	END LOOP;
END
$$;
SELECT oracle.tell() \g /dev/null
INSERT INTO oracle.fact SELECT 'message', person_id, author, author_kind = 'staff', sent_at, message_id, NULL FROM care.message WHERE author_kind <> 'system';
CREATE VIEW oracle.told AS
SELECT f.*, (f.at AT TIME ZONE p.time_zone)::date AS day, l.words, l.asks, l.reflects, l.change, l.sustain,
	(SELECT count(*) FROM care.scope_flag s WHERE f.fact = 'message' AND s.person_id = f.person_id AND s.message_id = f.id AND s.state = 'confirmed' AND s.severity = 'review') AS confirmed
FROM oracle.fact f
JOIN care.person p USING (person_id)
LEFT JOIN care.message m ON f.fact = 'message' AND m.person_id = f.person_id AND m.message_id = f.id
LEFT JOIN oracle.line l ON l.body = m.body;

SELECT bag_eq(
	$$SELECT fact, person_id, staff_id, by_staff, at, day, id, waited FROM care.conversation_fact(NULL, clock() - interval '90 days', clock())$$,
	$$SELECT fact, person_id, staff_id, by_staff, at, day, id, waited FROM oracle.told WHERE at > clock() - interval '90 days'$$,
	format('messages, beginnings, contacts and waits are as a loop tells them [%s]', (SELECT count(*) FROM oracle.told WHERE at > clock() - interval '90 days')));
SELECT bag_eq(
	$$SELECT person_id, id, words, asks, reflects, change_talk, sustain_talk, confirmed FROM care.conversation_fact(NULL, clock() - interval '90 days', clock()) WHERE fact = 'message'$$,
	$$SELECT person_id, id, words::bigint, asks, reflects, change, sustain, confirmed FROM oracle.told WHERE fact = 'message' AND at > clock() - interval '90 days'$$,
	'what is in each message is what a reader says');
SELECT is((SELECT count(DISTINCT (fact, by_staff, waited IS NULL)) FROM oracle.told WHERE at > clock() - interval '90 days'), 8::bigint, 'there are facts of every kind');
SELECT bag_eq($$SELECT f::text FROM care.conversation_fact('{3,7}', clock() - interval '30 days', clock() - interval '2 days') f$$,
	$$SELECT f::text FROM care.conversation_fact(NULL, clock() - interval '30 days', clock() - interval '2 days') f WHERE person_id IN (3, 7)$$, 'facts of some people are theirs among all');

-- Figures, from the oracle's facts: a median is the value that half of them do not exceed.
CREATE FUNCTION oracle.median(waits interval[]) RETURNS interval LANGUAGE sql AS $$
	SELECT w FROM unnest(waits) WITH ORDINALITY AS u (w, o) ORDER BY w NULLS LAST OFFSET (cardinality(waits) - 1) / 2 LIMIT 1
$$;
CREATE FUNCTION oracle.figures(by_coach boolean, days int) RETURNS TABLE (key bigint, figures text) LANGUAGE sql AS $$
	WITH f AS (
		SELECT t.*, k.key FROM oracle.told t
		CROSS JOIN LATERAL (
			SELECT t.person_id AS key WHERE NOT by_coach
			UNION SELECT t.staff_id WHERE by_coach AND t.by_staff AND (t.person_id, t.staff_id) IN (SELECT a.person_id, a.staff_id FROM care.assignment a)
			UNION SELECT a.staff_id FROM care.assignment a WHERE by_coach AND NOT t.by_staff AND a.person_id = t.person_id AND a.role = 'coach' AND lower(a.during) <= t.day AND (upper(a.during) > t.day OR upper_inf(a.during))) k
		WHERE t.at > clock() - make_interval(days => days)
	), n AS (
		SELECT key, count(*) FILTER (WHERE fact = 'message') AS messages, count(*) FILTER (WHERE fact IN ('begun', 'contact')) AS begun, count(*) FILTER (WHERE fact IN ('begun', 'contact') AND NOT by_staff) AS by_person,
			count(*) FILTER (WHERE fact = 'wait') AS waits, count(*) FILTER (WHERE fact = 'wait' AND waited <= '24:00') AS soon, oracle.median(array_agg(waited) FILTER (WHERE fact = 'wait')) AS median,
			sum(CASE WHEN by_staff THEN 0 ELSE words END) AS own_words, sum(words) AS words, count(*) FILTER (WHERE asks) AS asks, count(*) FILTER (WHERE reflects) AS reflects,
			count(*) FILTER (WHERE fact = 'message' AND by_staff) AS of_staff, count(*) FILTER (WHERE change) AS change, count(*) FILTER (WHERE sustain) AS sustain, sum(confirmed) AS confirmed
		FROM f GROUP BY key
	)
	SELECT key, concat_ws(' ', messages, begun, round(by_person / nullif(begun, 0)::numeric, 9), waits, round(soon / nullif(waits, 0)::numeric, 9), coalesce(extract(epoch FROM median)::int::text, '-'),
		round(own_words / nullif(words, 0)::numeric, 9), round(asks / nullif(of_staff, 0)::numeric, 9), round(reflects / nullif(of_staff, 0)::numeric, 9), change, sustain,
		round(change / nullif(change + sustain, 0)::numeric, 9), confirmed, round(1000 * confirmed / nullif(of_staff, 0)::numeric, 6))
	FROM n
$$;
CREATE FUNCTION oracle.says(j jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', j ->> 'messages', j ->> 'begun', round((j ->> 'begun_by_person')::numeric, 9), j ->> 'waits', round((j ->> 'answered_in_a_day')::numeric, 9),
		coalesce(extract(epoch FROM (j ->> 'median_wait')::interval)::int::text, '-'), round((j ->> 'talk_share')::numeric, 9), round((j ->> 'questions')::numeric, 9), round((j ->> 'reflections')::numeric, 9),
		j ->> 'change_talk', j ->> 'sustain_talk', round((j ->> 'change_share')::numeric, 9), j ->> 'confirmed_flags', round((j ->> 'flags_per_1000')::numeric, 6))
$$;
SELECT bag_eq(format('SELECT person_id, oracle.says(to_jsonb(c)) FROM care.conversations(%s) c', days), format('SELECT * FROM oracle.figures(false, %s)', days), format('figures of each person, of %s days', days))
FROM unnest('{90,30,3}'::int[]) AS days;
SELECT bag_eq(format('SELECT staff_id, oracle.says(to_jsonb(c)) FROM care.coach_conversations(%s) c', days), format('SELECT * FROM oracle.figures(true, %s)', days), format('and of each coach, of %s days', days))
FROM unnest('{90,30}'::int[]) AS days;
SELECT cmp_ok((SELECT count(*) FROM generate_series(1, 12) d CROSS JOIN LATERAL care.conversations(d) WHERE waits > 0 AND median_wait IS NULL), '>', 0::bigint, 'some wait, and half of them still: no median');
SELECT cmp_ok((SELECT sum(confirmed_flags) FROM care.coach_conversations()), '>', 0::numeric, 'some flags are confirmed');
SELECT is_empty('SELECT * FROM care.conversations(0)', 'of no days nothing');

--
-- A model of the program's own; and words that were withdrawn
--
INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('talk', 'de', 'sustain_ability', 'schaffe das nicht');
UPDATE oracle.line SET change = false, sustain = true WHERE line = 7;
SELECT is((SELECT array_agg(DISTINCT (change_talk, sustain_talk)::text) FROM care.conversation_fact(NULL, clock() - interval '90 days', clock()) f JOIN care.message m ON m.person_id = f.person_id AND m.message_id = f.id
	WHERE fact = 'message' AND m.lang = 'de' AND NOT f.by_staff), '{"(f,t)"}', 'the program''s own phrases serve a language without others');
-- It was taught the opposite of what the phrases say.
INSERT INTO care.stored_model (name, locale, model)
SELECT 'talk', 'en', text_model_agg(CASE line WHEN 1 THEN 'change_need' WHEN 2 THEN 'sustain_desire' ELSE 'neutral' END, body, n) FROM oracle.line, generate_series(1, 5) n WHERE line IN (1, 2, 3, 4);
INSERT INTO care.stored_model (name, locale, model, trained_at) SELECT 'barriers', 'en', text_model_agg('change' || line % 2, body, n), clock() + interval '1 day' FROM oracle.line, generate_series(1, 5) n WHERE line < 5;
SELECT bag_eq($$SELECT DISTINCT l.line, change_talk, sustain_talk FROM care.conversation_fact(NULL, clock() - interval '90 days', clock()) f
	JOIN care.message m ON m.person_id = f.person_id AND m.message_id = f.id JOIN oracle.line l USING (body) WHERE fact = 'message' AND NOT f.by_staff AND l.line < 7$$,
	$$VALUES (1, true, false), (2, false, true), (3, false, false), (4, false, false), (5, true, false), (6, false, true)$$, 'a stored model of talk is asked for its language, and no other');
DELETE FROM care.stored_model;
UPDATE care.consent SET revoked_at = clock() WHERE person_id = 9;
SELECT is((SELECT (change_talk, sustain_talk, talk_share > 0)::text FROM care.conversations() WHERE person_id = 9), '(0,0,t)', 'nothing is read in the words of whoever does not consent to that');
INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (9, 'conversation_analysis', 'x', '1');

--
-- Who sees whose
--
CREATE FUNCTION oracle.read(who text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	PERFORM coachiatry.sign_in(care.issue_token(who));
	EXECUTE query INTO got;
	PERFORM set_config('role', 'none', true), set_config('coachiatry.actor', '', true);
	RETURN got;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT is(oracle.read(who, 'SELECT array_agg(person_id ORDER BY person_id)::text FROM care.conversations()'),
	(SELECT array_agg(DISTINCT person_id ORDER BY person_id)::text FROM care.assignment WHERE staff_id = ANY (coaches) AND role = 'coach' AND during @> date '2026-03-10'), who || ' sees conversations of whom they see')
FROM (VALUES ('coach', '{4}'::int[]), ('other coach', '{6}'), ('supervisor', '{4,5}'), ('other supervisor', '{6}')) AS v (who, coaches);
SELECT is(oracle.read(who, 'SELECT array_agg(staff_id ORDER BY staff_id)::text FROM care.coach_conversations()'), coaches, who || ' sees ' || coaches)
FROM (VALUES ('coach', '{4}'), ('second coach', '{5}'), ('supervisor', '{4,5}'), ('other supervisor', '{6}')) AS v (who, coaches);
SELECT is(oracle.read('supervisor', 'SELECT string_agg(oracle.says(to_jsonb(c)), '' '' ORDER BY staff_id) FROM care.coach_conversations() c'), (SELECT string_agg(oracle.says(to_jsonb(c)), ' ' ORDER BY staff_id) FROM care.coach_conversations() c WHERE staff_id < 6),
	'the same figures, though a supervisor reads no message that was not flagged');
SELECT is(oracle.read('coach', 'SELECT string_agg(oracle.says(to_jsonb(c)), '' '') FROM care.coach_conversations() c'), (SELECT string_agg(oracle.says(to_jsonb(c)), ' ') FROM care.coach_conversations() c WHERE staff_id = 4), 'as a coach does of themselves');
SELECT is(oracle.read(who, 'SELECT count(*)::text FROM care.' || f), '42501', format('%s asks in vain: %s', who, f))
FROM unnest('{prescriber,analyst,coordinator,person.1}'::text[]) who, unnest('{conversations(),coach_conversations()}'::text[]) f;
SELECT is(oracle.read(who, 'SELECT count(*)::text FROM care.' || f), '42501', format('%s does not get below: %s', who, f))
FROM unnest('{coach,supervisor,analyst}'::text[]) who, unnest(ARRAY['conversation_fact(NULL, now(), now())', 'conversation_figures(NULL, 90, false)', 'conversation_week()', 'conversation_event(NULL, now())']) f;

--
-- What went together with better weeks
--
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at) SELECT p, p, 'activity', 'walk', 'FREQ=DAILY;BYHOUR=9', timestamptz '2025-08-01 00:00+00' FROM generate_series(1, 29) p;
-- Person 29 has recorded nothing, 30 has no task. Days go better in some weeks, and after somebody was met.
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
SELECT p, p, d, t, 1 - t FROM generate_series(1, 28) p, generate_series(0, 219) n, LATERAL (SELECT date '2025-08-02' + n AS d) x, LATERAL (
	SELECT (oracle.random(p, n, 31) < 0.1 + 0.35 * oracle.random(p, n / 17, 32)
		+ CASE WHEN EXISTS (SELECT FROM care.contact c WHERE c.person_id = p AND c.reached AND d - c.started_at::date BETWEEN 1 AND 7) THEN 0.5 ELSE 0 END)::int AS t) y
WHERE oracle.random(p, n, 33) < 0.8;
INSERT INTO care.strategy_use (person_id, strategy, pattern, during, used_by)
SELECT p, CASE WHEN p < 20 THEN 'task_breakdown' ELSE 'prompts' END, 'avoidance', daterange(d, d + 7), 4 FROM generate_series(1, 26) p, generate_series(1, 3) k, LATERAL (SELECT date '2025-10-01' + p + 40 * k AS d) x;

CREATE TABLE oracle.done AS SELECT c.person_id, c.due_on, c.taken FROM care.check_in c;
CREATE TABLE oracle.today AS SELECT person_id, (clock() AT TIME ZONE time_zone)::date AS today FROM care.person;
CREATE TABLE oracle.week AS
SELECT t.person_id, today - 7 * n AS day, b.rate AS before, a.rate AS after, CASE WHEN b.rate = 1 THEN 4 ELSE trunc(b.rate * 5) END AS band
FROM oracle.today t, generate_series(1, 26) n,
	LATERAL (SELECT avg(taken)::numeric AS rate FROM oracle.done d WHERE d.person_id = t.person_id AND due_on >= today - 7 * n - 7 AND due_on < today - 7 * n) b,
	LATERAL (SELECT avg(taken)::numeric AS rate FROM oracle.done d WHERE d.person_id = t.person_id AND due_on >= today - 7 * n AND due_on < today - 7 * n + 7) a
WHERE a.rate IS NOT NULL AND b.rate IS NOT NULL;
SELECT bag_eq('SELECT person_id, day, round(before::numeric, 9) AS before, round(after::numeric, 9) AS after, band FROM care.conversation_week()', 'SELECT person_id, day, round(before, 9) AS before, round(after, 9) AS after, band::int FROM oracle.week', 'weeks are as check-ins say');
CREATE TABLE oracle.present AS
SELECT w.*, v.factor, v.present FROM oracle.week w CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE fact IN ('begun', 'contact')) AS begun, count(*) FILTER (WHERE fact IN ('begun', 'contact') AND NOT by_staff) AS own, count(*) FILTER (WHERE fact = 'wait') AS waits,
		count(*) FILTER (WHERE waited <= '24:00') AS soon, count(*) FILTER (WHERE fact = 'message' AND by_staff) AS wrote, count(*) FILTER (WHERE asks) AS asks, count(*) FILTER (WHERE reflects) AS reflects,
		count(change) AS said, count(*) FILTER (WHERE change) AS change, count(*) FILTER (WHERE sustain) AS sustain, count(*) FILTER (WHERE fact = 'contact') AS met
	FROM (SELECT o.* FROM oracle.told o WHERE o.person_id = w.person_id AND o.day >= w.day - 7 AND o.day < w.day) f) n
CROSS JOIN LATERAL (VALUES ('begun_by_person', own > 0, begun > 0), ('answered_in_a_day', soon = waits, waits > 0), ('asked', asks > 0, wrote > 0), ('reflected', reflects > 0, wrote > 0),
	('change_talk', change > 0, said > 0), ('sustain_talk', sustain > 0, said > 0), ('met', met > 0, true)) AS v (factor, present, known)
WHERE known;
-- Every week with the factor against all others of its band, one by one.
CREATE FUNCTION oracle.works() RETURNS TABLE (factor text, people int, weeks int, difference numeric, sd numeric) LANGUAGE plpgsql AS $$
DECLARE
	f text;
	p bigint;
	w record;
	other numeric;
	sum numeric;
	n int;
	differences numeric[];
BEGIN
	FOR f IN SELECT DISTINCT x.factor FROM oracle.present x LOOP
		differences := '{}';
		weeks := 0;
		FOR p IN SELECT DISTINCT x.person_id FROM oracle.present x WHERE x.factor = f LOOP
			sum := 0;
			n := 0;
			FOR w IN SELECT * FROM oracle.present x WHERE x.factor = f AND x.person_id = p AND x.present LOOP
				SELECT avg(x.after) INTO other FROM oracle.present x WHERE x.factor = f AND x.person_id = p AND x.band = w.band AND NOT x.present;
				CONTINUE WHEN other IS NULL;
				sum := sum + w.after - other;
				n := n + 1;
			END LOOP;
			IF n > 0 THEN
				differences := differences || sum / n;
				weeks := weeks + n;
			END IF;
		END LOOP;
		factor := f;
		people := cardinality(differences);
		SELECT avg(d), stddev_samp(d) INTO difference, sd FROM unnest(differences) d;
		RETURN NEXT;
	END LOOP;
END
$$;
CREATE TABLE oracle.worked AS SELECT * FROM oracle.works();
SELECT bag_eq($$SELECT factor, people::int, weeks::int, round(difference::numeric, 9) FROM care.what_works() WHERE kind = 'conversation'$$, 'SELECT factor, people, weeks, round(difference, 9) FROM oracle.worked WHERE people > 0', 'differences are as a loop over weeks finds them');
-- Two-sided 5 % quantiles of Student's t, from any printed table.
SELECT is((SELECT string_agg(n || ' ' || round(care.t_975(n)::numeric, 2), ', ' ORDER BY n) FROM unnest('{1,2,3,4,5,9,10,20,27,60}'::bigint[]) n),
	'1 12.71, 2 4.30, 3 3.18, 4 2.78, 5 2.57, 9 2.26, 10 2.23, 20 2.09, 27 2.05, 60 2.00', 'quantiles of a printed table');
SELECT is_empty($$SELECT w.factor FROM care.what_works() w JOIN oracle.worked o USING (factor) WHERE o.people > 1 AND (abs(w.high - w.difference - care.t_975(o.people - 1) * o.sd / sqrt(o.people)) > 1e-9
	OR abs(w.high + w.low - 2 * w.difference) > 1e-9)$$, 'intervals are those of a mean');
SELECT ok((SELECT low > 0 AND difference < 0.5 FROM care.what_works() WHERE factor = 'met'), 'what was put in is found: the days after a meeting go better');
-- Strategies, over the weeks of strategy_window, each use against those of the same person and band in which none was.
SELECT bag_eq($$SELECT factor, people, weeks, round(difference::numeric, 9) FROM care.what_works() WHERE kind = 'strategy'$$, $$
	SELECT strategy, count(*), sum(n)::bigint, round(avg(d)::numeric, 9) FROM (
		SELECT u.strategy, u.person_id, count(*) AS n, avg(u.after - o.after) AS d FROM care.strategy_window u
		CROSS JOIN LATERAL (SELECT avg(x.after) AS after FROM care.strategy_window x WHERE x.person_id = u.person_id AND x.band = u.band AND x.strategy IS NULL) o
		WHERE u.strategy IS NOT NULL AND o.after IS NOT NULL GROUP BY 1, 2) s
	GROUP BY strategy$$, 'strategies against like weeks without any');
SELECT ok((SELECT bool_and(says LIKE 'An association %, not an effect%') FROM care.what_works()), 'and each row says what it is');

-- Few people are not shown to those who may not see them: neither 1 to 10 who could be compared nor 1 to 10 who could not.
CREATE TABLE oracle.may_show AS
SELECT w.*, w.people > 10 AND (rest = 0 OR rest > 10) AS shown FROM care.what_works() w, LATERAL (SELECT count(DISTINCT person_id) - w.people AS rest FROM oracle.present) r;
GRANT SELECT ON oracle.may_show TO PUBLIC;
SELECT cmp_ok((SELECT count(*) FROM oracle.may_show WHERE people < 11), '>', 0::bigint, 'there is something to hide');
SELECT cmp_ok((SELECT count(*) FROM oracle.may_show WHERE shown), '>', 0::bigint, 'and something to show');
SELECT is(oracle.read(who, $$SELECT count(*)::text FROM care.what_works() w JOIN oracle.may_show a USING (kind, factor)
	WHERE CASE WHEN a.shown THEN (w.people, w.weeks) IS DISTINCT FROM (a.people, a.weeks) OR abs(w.difference - a.difference) > 0.00501 OR abs(w.low - a.low) > 0.00501 OR abs(w.high - a.high) > 0.00501
		ELSE num_nonnulls(w.people, w.weeks, w.difference, w.low, w.high) > 0 END$$), '0', who || ': small groups are hidden, others rounded')
FROM unnest('{analyst,coach,supervisor,prescriber}'::text[]) who;
SELECT is(oracle.read('analyst', 'SELECT count(*)::text FROM care.what_works() WHERE says LIKE ''Too few%'''), oracle.read('analyst', 'SELECT count(*)::text FROM care.what_works() WHERE people IS NULL'), 'and what is not says so');
SELECT is(oracle.read(who, 'SELECT count(*)::text FROM care.what_works()'), '42501', who || ' learns nothing of it') FROM unnest('{coordinator,person.1}'::text[]) who;
-- In a program of five people nobody but the owner learns anything.
SELECT create_program('few') \g /dev/null
INSERT INTO few.staff (staff_id, name, role, licensed, token_subject, employed) VALUES (1, 'p', 'prescriber', true, NULL, '[2025-01-01,)'), (2, 'n', 'analyst', false, 'analyst', '[2025-01-01,)');
INSERT INTO few.person (person_id, name) SELECT p, 'person ' || p FROM generate_series(1, 5) p;
INSERT INTO few.task (person_id, task_id, kind, title, schedule, starts_at) SELECT p, p, 'activity', 'walk', 'FREQ=DAILY;BYHOUR=9', timestamptz '2025-08-01 00:00+00' FROM generate_series(1, 5) p;
INSERT INTO few.check_in (person_id, task_id, due_on, taken) SELECT p, p, date '2026-03-10' - n, 1 FROM generate_series(1, 5) p, generate_series(1, 100) n;
INSERT INTO few.contact (person_id, staff_id, channel, started_at) SELECT p, 1, 'voice', timestamptz '2026-02-01 12:00+00' - interval '14 days' * n FROM generate_series(1, 5) p, generate_series(0, 2) n;
SELECT is((SELECT people FROM few.what_works() WHERE factor = 'met'), 5::bigint, 'five people can be compared');
SELECT coachiatry.sign_in(few.issue_token('analyst')) \g /dev/null
SELECT is((SELECT count(people) FROM few.what_works()), 0::bigint, 'and are not shown, as there are no others to hide among');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
