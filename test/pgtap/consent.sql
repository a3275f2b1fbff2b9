-- Consent: how a row begins, ends and stays; who gives and withdraws; and that a stored model has, byte for byte, the words of those who consent and of
-- nobody else, whatever the order of consents, withdrawals, expiry, merges and training. The models to compare with are made by plain aggregates of the
-- rows; who consents is worked out day by day in plain SQL. The clock stands at noon, UTC, and moves.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(88);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.organization (organization_id, name) VALUES (1, 'here'), (2, 'there');
INSERT INTO care.staff (staff_id, organization_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 1, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 1, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 1, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 1, 'k', 'coordinator', false, NULL, 'coordinator', '[2026-01-01,)'), (6, 2, 'k', 'coordinator', false, NULL, 'coordinator there', '[2026-01-01,)');
INSERT INTO care.person (person_id, organization_id, token_subject, time_zone)
SELECT p, CASE p WHEN 9 THEN 2 ELSE 1 END, 'person' || p, CASE p % 3 WHEN 0 THEN 'Pacific/Kiritimati' WHEN 1 THEN 'UTC' ELSE 'Pacific/Niue' END FROM generate_series(1, 60) p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 5) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.proxy (person_id, name, relation, scope, token_subject) VALUES (1, 'x', 'guardian', '{message}', 'guardian'), (1, 'y', 'friend', '{calendar}', 'friend');

-- What one statement comes to, which is undone.
CREATE FUNCTION oracle.tried(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999';
EXCEPTION
	WHEN SQLSTATE 'ZZ999' THEN RETURN 'done';
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
CREATE FUNCTION oracle.clock_at(at timestamptz) RETURNS void LANGUAGE sql AS $$ SELECT set_config('coachiatry.clock', at::text, true) $$;

--
-- A row: begun, withdrawn, kept
--
SELECT is(oracle.tried($$INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (1, 'general', 'x', '1')$$), 'done', 'a consent is given');
SELECT is(oracle.tried(format('INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (1, %L, ''x'', ''1'')', c)), CASE WHEN c = 'everything' THEN '23514' ELSE 'done' END, 'category ' || c)
FROM unnest('{general,mental_health,substance_use,location,messages,conversation_analysis,research,everything}'::text[]) c;
SELECT is(oracle.tried(format('INSERT INTO care.consent (person_id, category, purpose, text_version, %s) VALUES (1, ''general'', ''x'', ''1'', %s)', c, v)), e, w)
FROM (VALUES ('during', '''empty''', '23514', 'for no time at all'), ('given_at', '''2026-03-10 12:01+00''', '23514', 'given after it was recorded'),
	('revoked_at', '''2026-03-10 12:00+00''', '55000', 'one that begins withdrawn'), ('recipient', '''''', '23514', 'to a recipient without a name'),
	('given_by', '''coach''', '23514', 'given by somebody else'), ('during', '''[2026-04-01,)''', 'done', 'from a later day on')) AS v (c, v, e, w);
INSERT INTO care.consent (person_id, consent_id, category, purpose, text_version, given_at) VALUES (1, 101, 'location', 'x', '1', '2026-03-01');
SELECT is(oracle.tried('UPDATE care.consent SET ' || v || ' WHERE consent_id = 101'), e, w)
FROM (VALUES ('revoked_at = ''2026-02-28''', '23514', 'withdrawn before it was given'), ('revoked_at = ''2026-03-10 12:01+00''', '22023', 'withdrawn ahead of time'),
	('revoked_at = ''infinity''', '22023', 'or at the end of time'), ('revoked_at = ''2026-03-10 12:00+00''', 'done', 'withdrawn now'), ('revoked_at = ''2026-03-05''', 'done', 'withdrawn some days ago'),
	('purpose = ''y''', '55000', 'another purpose'), ('during = ''[2026-01-01,2026-01-02)''', '55000', 'another time'), ('category = ''general''', '55000', 'another category'),
	('revoked_by = 4', '23514', 'who wrote down what was not withdrawn'), ('text_version = ''2'', revoked_at = ''2026-03-05''', '55000', 'a withdrawal that changes something else')) AS v (v, e, w);
SELECT is(oracle.tried('DELETE FROM care.consent'), '55000', 'nothing is deleted');
SELECT is(oracle.tried('TRUNCATE care.consent'), '0A000', 'at once neither');
UPDATE care.consent SET revoked_at = '2026-03-05' WHERE consent_id = 101;
SELECT is(oracle.tried('UPDATE care.consent SET revoked_at = ' || v || ' WHERE consent_id = 101'), '55000', 'withdrawn once: not ' || v) FROM unnest(ARRAY['NULL', '''2026-03-06''']) v;

--
-- Who
--
SELECT is(oracle.act('person1', $$INSERT INTO care.consent (person_id, category, purpose, text_version, understood_not_therapy) VALUES (1, 'conversation_analysis', 'x', '1', true)$$), '1', 'the person gives it');
SELECT is(oracle.act('guardian', $$INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (1, 'research', 'x', '1')$$), '1', 'or a proxy who speaks for them');
SELECT is(oracle.act('coordinator', $$INSERT INTO care.consent (person_id, category, purpose, text_version, explained_by, given_at) VALUES (2, 'conversation_analysis', 'x', 'paper', 4, '2026-03-09 09:00+00')$$), '1', 'or the coordinator writes it down');
SELECT results_eq($$SELECT person_id, category, given_by, recorded_by FROM care.consent WHERE consent_id <> 101 ORDER BY person_id, category$$,
	$$VALUES (1::bigint, 'conversation_analysis', 'person', NULL::bigint), (1, 'research', 'proxy', NULL), (2, 'conversation_analysis', 'person', 5)$$, 'it is noted who gave it and who wrote it down');
SELECT is(oracle.said(who, format('INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (%s, ''general'', ''x'', ''1'')', p)), e, who || ' for person ' || p)
FROM (VALUES ('person1', 2, '42501'), ('friend', 1, '42501'), ('coach', 1, '42501'), ('therapist', 1, '42501'), ('coordinator', 9, '42501'), ('coordinator there', 1, '42501')) AS v (who, p, e);
SELECT is(oracle.said('person1', format('INSERT INTO care.consent (person_id, category, purpose, text_version, %s) VALUES (1, ''general'', ''x'', ''1'', %s)', c, v)), '42501', 'nor with ' || c)
FROM (VALUES ('given_at', '''2020-01-01'''), ('recorded_by', '4'), ('given_by', '''proxy''')) AS v (c, v);
SELECT is(oracle.read(who, 'SELECT count(DISTINCT person_id)::text FROM care.consent'), n, who || ' reads of whom they see')
FROM (VALUES ('person1', '1'), ('guardian', '1'), ('friend', '0'), ('coach', '2'), ('therapist', '2'), ('coordinator', '2'), ('coordinator there', '0')) AS v (who, n);
SELECT is(oracle.act('person1', 'UPDATE care.consent SET revoked_at = now() WHERE person_id = 2'), '0', 'nobody withdraws another''s');
SELECT is(oracle.said('coach', 'UPDATE care.consent SET revoked_at = now()'), '42501', 'a coach none');

--
-- Training
--
INSERT INTO care.barrier (person_id, barrier_id, pattern, words, noted_by)
SELECT p, p, 'other', (ARRAY['no bus again', 'no money for it', 'too hard to face', 'puts off the call', 'forgot the pills'])[1 + p % 5] || ' ' || p, 4 FROM generate_series(1, 60) p;
INSERT INTO care.barrier_label (person_id, barrier_id, rater, label)
SELECT p, p, r, (ARRAY['environmental', 'avoidance', 'executive_function'])[1 + (p + r) % 3] FROM generate_series(1, 60) p, unnest('{3,4}'::bigint[]) r;
-- The model that plain aggregates make of the words of some persons.
CREATE FUNCTION oracle.model_of(persons bigint[]) RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT text_model_send(coalesce(text_model_agg(l.label, b.words, l.person_id), 'empty'))
	FROM care.barrier_label l JOIN care.barrier b USING (person_id, barrier_id) WHERE l.person_id = ANY (persons)
$$;
CREATE FUNCTION oracle.has() RETURNS bytea LANGUAGE sql STABLE AS $$ SELECT text_model_send(model) FROM care.stored_model WHERE name = 'm' $$;
SELECT care.train_model('m') AS m \gset
SELECT is(oracle.has(), oracle.model_of('{1,2}'), 'a model learns from those who consent');
SELECT results_eq('SELECT person_id, category FROM care.consent WHERE learnt_at IS NOT NULL ORDER BY 1', $$VALUES (1::bigint, 'conversation_analysis'), (2, 'conversation_analysis')$$, 'and it is noted under what it learnt');
INSERT INTO care.consent (person_id, category, recipient, purpose, text_version) VALUES (3, 'conversation_analysis', 'a university', 'x', '1');
INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (4, 'messages', 'x', '1'), (5, 'general', 'x', '1');
SELECT care.train_model('m') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,2}'), 'not from those who consent to something else, or for somebody else');
SELECT oracle.clock_at('2026-03-11 12:00+00') \g /dev/null
UPDATE care.barrier SET words = 'something else altogether' WHERE person_id = 1;
DELETE FROM care.barrier_label WHERE person_id = 1 AND rater = 4;
SELECT is(oracle.act('guardian', $$UPDATE care.consent SET revoked_at = coachiatry.clock() WHERE category = 'conversation_analysis'$$), '1', 'the proxy withdraws it');
SELECT is(oracle.has(), oracle.model_of('{2}'), 'and in that transaction the model is as if it had never had them, whatever has become of texts and labels');
SELECT is((SELECT revoked_by FROM care.consent WHERE person_id = 1 AND category = 'conversation_analysis'), NULL, 'nobody of the staff wrote that down');
SELECT care.train_model('m') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{2}'), 'and they are not learnt again');
SELECT is(oracle.act('person1', $$INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (1, 'conversation_analysis', 'x', '2')$$), '1', 'who agrees anew, and be it in the same transaction');
SELECT care.train_model('m') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,2}'), 'is learnt from anew');
SELECT is(oracle.act('person1', $$UPDATE care.consent SET revoked_at = coachiatry.clock() WHERE category = 'conversation_analysis' AND revoked_at IS NULL$$), '1', 'who withdraws again');
SELECT is(oracle.has(), oracle.model_of('{2}'), 'is forgotten again: of one time the later word counts');
SELECT is(oracle.act('person1', $$INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (1, 'conversation_analysis', 'x', '3')$$), '1', 'and so on');
SELECT care.train_model('m') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,2}'), 'and on');
-- One word withdraws all that was given before it.
INSERT INTO care.consent (person_id, consent_id, category, purpose, text_version) VALUES (2, 202, 'conversation_analysis', 'x', '2');
SELECT oracle.clock_at('2026-03-11 14:00+00') \g /dev/null
SELECT is(oracle.act('coordinator', $$UPDATE care.consent SET revoked_at = coachiatry.clock() WHERE person_id = 2 AND text_version = 'paper'$$), '1', 'of two sheets one is withdrawn');
SELECT is(oracle.has(), oracle.model_of('{1}'), 'which withdraws both');
SELECT is((SELECT array_agg(revoked_by) FROM care.consent WHERE person_id = 2), '{5,NULL}', 'and the coordinator wrote it down');

--
-- A period that is over
--
INSERT INTO care.consent (person_id, category, purpose, text_version, during)
VALUES (2, 'conversation_analysis', 'x', '3', '[2026-03-11,2026-03-15)'), (3, 'conversation_analysis', 'x', '1', '[2026-03-11,2026-03-15)'), (4, 'conversation_analysis', 'x', '2', '[2026-03-20,)');
INSERT INTO care.consent (person_id, category, purpose, text_version, given_at) VALUES (5, 'conversation_analysis', 'x', '2', '2026-03-11 14:00:59+00');
SELECT is((SELECT given_at FROM care.consent WHERE person_id = 5 AND text_version = '2'), '2026-03-11 14:00+00'::timestamptz, 'a clock that is a little fast is now');
UPDATE care.consent SET revoked_at = '2026-03-11 14:00:59+00' WHERE person_id = 5 AND text_version = '2';
SELECT is((SELECT revoked_at FROM care.consent WHERE person_id = 5 AND text_version = '2'), '2026-03-11 14:00+00'::timestamptz, 'for a withdrawal too');
SELECT care.train_model('m') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,2,3}'), 'a consent holds within its period');
-- Kiritimati (person 3) is 14 hours ahead of UTC, Niue (person 2) 11 behind.
SELECT care.sweep('2026-03-14 09:00+00') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,2,3}'), 'on its last day it holds');
SELECT care.sweep('2026-03-14 10:30+00') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,2}'), 'the next sweep carries its end out, where the day is over');
SELECT care.sweep('2026-03-15 10:30+00') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,2}'), 'and not before it is over there');
SELECT care.sweep('2026-03-15 11:30+00') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1}'), 'when it is, there too');
SELECT oracle.clock_at('2026-03-21 12:00+00') \g /dev/null
SELECT care.train_model('m') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,4}'), 'training needs no sweep: what is over is not learnt, what has begun is');
SELECT care.sweep('2026-03-12 12:00+00') \g /dev/null
SELECT is(oracle.has(), oracle.model_of('{1,4}'), 'a sweep of the past takes nothing away that holds today');

--
-- Safety, and the clinician
--
INSERT INTO care.message (person_id, author_kind, body) SELECT p, 'person', 'I want to kill myself' FROM unnest('{1,2,5}'::bigint[]) p;
SELECT results_eq($$SELECT person_id FROM care.warning WHERE kind = 'concern' AND closed_at IS NULL ORDER BY 1$$, '{1,2,5}'::bigint[], 'words about safety are told of whoever consents, has withdrawn, or was never asked');
SELECT is_empty('SELECT FROM care.referral', 'nobody has withdrawn while a warning was open');
SELECT is(oracle.act('person5', $$UPDATE care.consent SET revoked_at = coachiatry.clock() WHERE category = 'general'$$), '1', 'a consent to something else is withdrawn');
UPDATE care.consent SET revoked_at = coachiatry.clock() WHERE person_id = 3 AND revoked_at IS NULL;
SELECT results_eq('SELECT person_id, topic, refer_to, to_staff_id, state FROM care.referral', $$VALUES (5::bigint, 'consent_withdrawn', 'therapist', 2::bigint, 'open')$$, 'who withdraws anything while a warning is open is referred to their clinician');
SELECT is((SELECT state FROM care.warning WHERE person_id = 5 AND kind = 'concern'), 'open', 'the warning stays');
INSERT INTO care.message (person_id, author_kind, body) VALUES (5, 'person', 'I will end my life');
SELECT is((SELECT count(*) FROM care.scope_flag WHERE person_id = 5 AND severity = 'safety'), 2::bigint, 'and what they write is looked through as before');

--
-- Anything in any order
--
DELETE FROM care.stored_model_part;
DELETE FROM care.stored_model;
-- What happens from day 1 to day 60 to persons 10 to 60, at most one thing a day each: consents with and without an end, withdrawals, forget_text, merges
-- of two, training, sweeps.
CREATE TABLE oracle.event (day integer, person bigint, what text, until integer);
INSERT INTO oracle.event
SELECT day, p, CASE WHEN r < 0.06 THEN 'give' WHEN r < 0.10 THEN 'give for days' WHEN r < 0.14 THEN 'withdraw' WHEN r < 0.15 THEN 'forget' END, day + 1 + floor(oracle.random(p, day, 2) * 12)::integer
FROM generate_series(1, 60) AS day, generate_series(10, 60) AS p, oracle.random(p, day, 1) AS r WHERE r < 0.15;
-- The oracle, in plain SQL: on each day the last thing said counts, and of those that give the ends.
CREATE FUNCTION oracle.consent_on(p bigint, of_day integer) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM oracle.event g WHERE g.person = p AND g.day <= of_day AND g.what LIKE 'give%' AND (g.what = 'give' OR g.until > of_day)
		AND NOT EXISTS (SELECT FROM oracle.event w WHERE w.person = p AND w.what IN ('withdraw', 'forget') AND w.day BETWEEN g.day AND of_day))
$$;
UPDATE care.person SET time_zone = 'UTC' WHERE person_id >= 10;
CREATE TABLE oracle.seen (day integer, step text, people bigint, is_so boolean);
DO $do$
DECLARE
	e record;
	learnt bigint[] := '{}'; -- whom the model should have
	today date;
BEGIN
	FOR n IN 1 .. 60 LOOP
		today := date '2026-04-01' + n;
		PERFORM set_config('coachiatry.clock', (today + time '10:00')::text || '+00', true);
		FOR e IN SELECT * FROM oracle.event WHERE day = n ORDER BY person LOOP
			CASE e.what
				WHEN 'give' THEN INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (e.person, 'conversation_analysis', 'x', '1');
				WHEN 'give for days' THEN
					INSERT INTO care.consent (person_id, category, purpose, text_version, during)
					VALUES (e.person, 'conversation_analysis', 'x', '1', daterange(today, date '2026-04-01' + e.until));
				WHEN 'withdraw' THEN
					-- Any one of them: it is the word that counts.
					UPDATE care.consent c SET revoked_at = coachiatry.clock()
					WHERE (c.person_id, c.consent_id) = (SELECT k.person_id, k.consent_id FROM care.consent k WHERE k.person_id = e.person AND k.revoked_at IS NULL
						ORDER BY hashint8(k.consent_id) LIMIT 1);
				ELSE PERFORM care.forget_text(e.person);
			END CASE;
		END LOOP;
		-- Somebody who withdraws without having agreed to anything says nothing.
		learnt := ARRAY(SELECT p FROM unnest(learnt) p WHERE oracle.consent_on(p, n) OR NOT EXISTS (
			SELECT FROM oracle.event w WHERE w.person = p AND w.day = n AND w.what IN ('withdraw', 'forget')));
		INSERT INTO oracle.seen SELECT n, 'words', cardinality(learnt), oracle.has() IS NULL AND learnt = '{}' OR oracle.has() = oracle.model_of(learnt);
		IF n % 5 = 2 THEN
			PERFORM care.sweep();
			learnt := ARRAY(SELECT p FROM unnest(learnt) p WHERE p IN (1, 4) OR oracle.consent_on(p, n));
			INSERT INTO oracle.seen SELECT n, 'sweep', cardinality(learnt), oracle.has() IS NULL AND learnt = '{}' OR oracle.has() = oracle.model_of(learnt);
		END IF;
		IF n % 7 = 3 THEN
			PERFORM care.train_model('m');
			learnt := ARRAY(SELECT p FROM generate_series(10, 60) p WHERE oracle.consent_on(p, n)) || '{1,4}'::bigint[];
			INSERT INTO oracle.seen SELECT n, 'train', cardinality(learnt), oracle.has() = oracle.model_of(learnt);
		END IF;
	END LOOP;
END
$do$;
SELECT diag(format('%s events; models of up to %s people', (SELECT count(*) FROM oracle.event), (SELECT max(people) FROM oracle.seen)));
SELECT oracle.agree($$SELECT day || ' ' || step AS about, is_so AS got, true AS wanted FROM oracle.seen$$, 'after everything that happened the model has the words of who consents, byte for byte');
SELECT cmp_ok((SELECT count(*) FROM oracle.seen a JOIN oracle.seen b ON b.day = a.day AND b.step = 'sweep' AND b.people < a.people WHERE a.step = 'words'), '>', 0::bigint, 'sweeps took somebody away');
SELECT cmp_ok((SELECT max(people) FROM oracle.seen), '>', 9::bigint, 'and there were people to learn from');

--
-- A merge: the last word counts, whichever record it was said in
--
CREATE FUNCTION oracle.two(keep bigint, duplicate bigint, words text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR n IN 1 .. cardinality(words) LOOP
		PERFORM set_config('coachiatry.clock', ('2026-07-01'::timestamptz + interval '1 day' * keep + interval '1 hour' * n)::text, true);
		CASE words[n]
			WHEN 'keep gives' THEN INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (keep, 'conversation_analysis', 'x', '1');
			WHEN 'duplicate gives' THEN INSERT INTO care.consent (person_id, category, purpose, text_version) VALUES (duplicate, 'conversation_analysis', 'x', '1');
			WHEN 'keep withdraws' THEN PERFORM care.forget_text(keep);
			WHEN 'duplicate withdraws' THEN PERFORM care.forget_text(duplicate);
			WHEN 'train' THEN PERFORM care.train_model('two');
			WHEN 'merge' THEN PERFORM care.merge_persons(keep, duplicate);
		END CASE;
	END LOOP;
END
$$;
INSERT INTO care.person (person_id) SELECT p FROM generate_series(101, 110) p;
INSERT INTO care.barrier (person_id, barrier_id, pattern, words, noted_by) SELECT p, p, 'other', 'words of ' || p, 4 FROM generate_series(101, 110) p;
INSERT INTO care.barrier_label (person_id, barrier_id, rater, label) SELECT p, p, 4, 'avoidance' FROM generate_series(101, 110) p;
SELECT oracle.two(101, 102, '{keep gives,duplicate gives,train,merge}'), oracle.two(103, 104, '{keep gives,train,duplicate gives,duplicate withdraws,merge}'),
	oracle.two(105, 106, '{duplicate gives,duplicate withdraws,keep gives,train,merge}'), oracle.two(107, 108, '{duplicate gives,train,merge}'),
	oracle.two(109, 110, '{keep gives,duplicate gives,train,keep withdraws,merge}') \g /dev/null
SELECT is((SELECT array_agg(k.person_id ORDER BY 1) FROM care.consenting('conversation_analysis') k WHERE k.person_id > 100), '{101,105,107}', 'who agreed last agrees, who withdrew last has withdrawn');
SELECT is((SELECT array_agg(p.person_id ORDER BY 1) FROM care.stored_model_part p JOIN care.stored_model m USING (stored_model_id) WHERE m.name = 'two' AND p.person_id > 100), '{101,105,107}', 'and what models have follows');
SELECT care.train_model('two') \g /dev/null
SELECT is((SELECT text_model_send(model) FROM care.stored_model WHERE name = 'two'), oracle.model_of(ARRAY(SELECT k.person_id FROM care.consenting('conversation_analysis') k)), 'as does the next training');

SELECT * FROM finish();
ROLLBACK;
