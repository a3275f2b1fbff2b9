-- Barriers and words in a program: who sees and says what, what is written and what it sets off, profiles, learning from outcomes, agreement, a merge, and
-- forgetting byte for byte. The clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(101);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'd', 'coach', false, 3, 'other coach', '[2026-01-01,)'), (6, 'k', 'coordinator', false, NULL, 'coordinator', '[2026-01-01,)');
INSERT INTO care.person (person_id, name, token_subject, locale)
VALUES (1, 'one', 'person', 'en-US'), (2, 'two', 'second', 'es'), (3, 'three', NULL, 'de'), (4, 'four', NULL, 'en'), (5, 'five', NULL, 'en');
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 4) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 5, 'coach', '[2026-01-01,)');
INSERT INTO care.proxy (person_id, name, relation, scope, token_subject) VALUES (1, 'x', 'friend', '{calendar}', 'proxy'), (1, 'y', 'friend', '{measure}', 'other proxy');
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at) SELECT p, p * 10, 'activity', 'walk', 'FREQ=DAILY;BYHOUR=9', '2025-11-01 09:00' FROM generate_series(1, 5) p;

--
-- The person's answer
--
SELECT oracle.act('coach', $$INSERT INTO care.barrier (person_id, task_id, pattern, words, noted_by) VALUES (1, 10, 'avoidance', 'Puts off going out.', 4), (2, 20, 'environmental', 'No bus.', 4)$$) \g /dev/null
SELECT barrier_id AS b FROM care.barrier WHERE person_id = 1 \gset
SELECT is(oracle.read('person', 'SELECT string_agg(asks || '' '' || status, '','') FROM care.barrier'), 'It may be hard to face. Do you agree? suspected', 'the person reads a question in words, about themselves alone');
SELECT is(oracle.read('second', 'SELECT asks FROM care.barrier'), 'Quizá haya cosas alrededor que lo impiden. ¿Es así?', 'in their language');
SELECT is(oracle.said('person', 'SELECT ' || c || ' FROM care.barrier'), '42501', 'and not ' || c) FROM unnest('{pattern,words,profile}'::text[]) c;
SELECT is(oracle.said('coach', $$INSERT INTO care.barrier (person_id, pattern, noted_by) VALUES (5, 'other', 4)$$), '42501', 'a coach notes nothing about people whom they do not see');
SELECT is(oracle.said('coach', $$INSERT INTO care.barrier (person_id, pattern, noted_by) VALUES (1, 'other', 5)$$), '42501', 'nor in the name of another');
SELECT is(oracle.said('coach', 'UPDATE care.barrier SET status = ''agreed'''), '42501', 'nor answers for the person');
SELECT is(oracle.said(who, format('SELECT care.agree_barrier(%s, true)', :b)), wanted, who || ' answers: ' || wanted)
FROM (VALUES ('person', 'done'), ('proxy', 'done'), ('coach', 'done'), ('second', 'P0002'), ('other proxy', 'P0002'), ('therapist', '42501'), ('supervisor', '42501')) AS v (who, wanted);
SELECT is(oracle.said('person', format('SELECT care.agree_barrier(%s, NULL)', :b)), '22004', 'an answer is yes or no');
SELECT oracle.act('person', format('SELECT care.agree_barrier(%s, true)', :b)) \g /dev/null
SELECT is((SELECT format('%s %s %s', status, answered_at = clock(), answered_through) FROM care.barrier WHERE person_id = 1), 'agreed t ', 'what the person said, and that they said it');
SELECT oracle.act('coach', format('SELECT care.agree_barrier(%s, false)', :b)) \g /dev/null
SELECT is((SELECT format('%s %s', status, answered_through) FROM care.barrier WHERE person_id = 1), 'declined 4', 'minds change, and a coach may write that down');
SELECT is(oracle.said('coach', format('SELECT care.resolve_barrier(%s)', :b)), '55000', 'what was declined is not resolved');
SELECT oracle.act('person', format('SELECT care.agree_barrier(%s, true)', :b)) \g /dev/null
SELECT oracle.act('coach', format('SELECT care.resolve_barrier(%s)', :b)) \g /dev/null
SELECT is(oracle.said('person', format('SELECT care.agree_barrier(%s, true)', :b)), '55000', 'what is resolved is not answered');
SELECT is(oracle.said('coach', 'SELECT care.agree_barrier(999, true)'), 'P0002', 'one that is not there');

--
-- A profile and what may help
--
SELECT is(oracle.read('coach', 'SELECT care.barrier_profile_of(4)::text'), 'empty', 'nothing is known: the profile is empty');
SELECT is(oracle.read('coach', 'SELECT count(*)::text FROM care.suggest_for(4)'), '0', 'and nothing is suggested');
SELECT is(oracle.read('coach', 'SELECT care.barrier_profile_of(5)::text'), NULL, 'of whom one does not see there is none');
SELECT is(oracle.said('person', 'SELECT care.barrier_profile_of(1)'), '42501', 'the person reads words, not codes');
-- Weekends are missed, mornings are late, reasons fit.
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed, started_at, reason)
SELECT 4, 40, d::date, CASE WHEN m THEN 0 ELSE 1 END, CASE WHEN m THEN 1 ELSE 0 END, CASE WHEN NOT m THEN d + interval '11 hours' END,
	CASE WHEN m THEN (ARRAY['forgot', 'lost_track_of_time', 'busy'])[1 + extract(day FROM d)::integer % 3] END
FROM generate_series(timestamptz '2026-01-05 00:00+00', '2026-03-08 00:00+00', '1 day') AS d, LATERAL (SELECT extract(isodow FROM d) > 5 AS m) x;
-- The oracle: the same pieces by the toolkit's own functions, from the rows.
SELECT is(care.barrier_profile_of(4), (
	SELECT barrier_profile_agg(e.pattern, e.weight, e.kind, e.explanation, e.pointer) FROM (
		SELECT e.* FROM task_evidence(ARRAY[(SELECT adherence_agg(due_on, 1, taken, missed) || planned('FREQ=DAILY'::schedule, '2025-11-01', daterange('2026-03-09', '2026-03-10'))
			|| planned('FREQ=DAILY'::schedule, '2025-11-01', daterange('2025-11-01', '2026-01-05')) FROM care.check_in WHERE person_id = 4)], ARRAY[false]) e
		UNION ALL SELECT e.* FROM timing_evidence((SELECT dose_timing_agg(started_at, due_on + time '09:00' AT TIME ZONE 'UTC') FROM care.check_in WHERE person_id = 4 AND taken > 0)) e
		UNION ALL SELECT e.* FROM reason_evidence((SELECT array_agg(reason) FROM care.check_in WHERE person_id = 4)) e) e), 'the profile is that of the toolkit over the same facts');
SELECT is(oracle.read('coach', 'SELECT coachiatry.pattern(care.barrier_profile_of(4))'), 'executive_function', 'the pattern shows');
SELECT is(pattern(care.barrier_profile_of(4, '2026-01-10 12:00+00')), NULL, 'not after five days');
SELECT care.set_evidence_weight(signature, pattern, 0.5, 0.49, 'test') FROM coachiatry.barrier_evidence_weight WHERE pattern = 'executive_function' \g /dev/null
SELECT is(pattern(care.barrier_profile_of(4)), NULL, 'by the program''s own weights it would not');
SELECT is((SELECT count(*) FROM care.evidence_weight WHERE replaced_at IS NOT NULL), (SELECT count(*) FROM coachiatry.barrier_evidence_weight WHERE pattern = 'executive_function'), 'those before are kept');
SELECT care.set_evidence_weight(signature, pattern, sensitivity, false_alarm, 'back') FROM coachiatry.barrier_evidence_weight WHERE pattern = 'executive_function' \g /dev/null
SELECT is(oracle.said('coach', 'SELECT care.set_evidence_weight(''late_starts'', ''executive_function'', 0.5, 0.1, ''x'')'), '42501', 'weights are the owner''s');
SELECT is(oracle.read('coach', 'SELECT string_agg(strategy, '','') FROM care.suggest_for(4, 2)'), 'structured_planning,task_breakdown', 'strategies follow');
SELECT oracle.act('coach', 'SELECT care.propose_barrier(4)') \g /dev/null
SELECT is((SELECT format('%s %s %s %s', pattern, status, noted_by, pattern(profile)) FROM care.barrier WHERE person_id = 4), 'executive_function suspected  executive_function', 'it can be proposed, with its evidence');
SELECT is(oracle.read('coach', 'SELECT care.propose_barrier(4)::text'), NULL, 'once');
SELECT is(oracle.read('other coach', 'SELECT care.propose_barrier(4)::text'), NULL, 'and by their coach');
SELECT oracle.act('coach', 'SELECT care.agree_barrier(barrier_id, false) FROM care.barrier WHERE person_id = 4') \g /dev/null
SELECT ok(probability(care.barrier_profile_of(4), 'executive_function') < 0.5, 'the person''s no outweighs the signs');
SELECT is((SELECT explanation FROM evidence(care.barrier_profile_of(4)) WHERE kind = 'label'), 'the person declined on 2026-03-10', 'and is evidence, with its day');
-- Words, of messages for the coach alone.
SELECT oracle.act('second', $$INSERT INTO care.message (person_id, author_kind, body, lang) VALUES (2, 'person', 'I put it off again, it makes me anxious to go', 'en')$$) \g /dev/null
SELECT ok(oracle.read('coach', $$SELECT string_agg(e.pattern || ' ' || e.pointer, ',') FROM coachiatry.evidence(care.barrier_profile_of(2)) e WHERE e.kind = 'words'$$) LIKE '%avoidance message%', 'what a message says is evidence for the coach');
SELECT is(oracle.read('therapist', $$SELECT count(*)::text FROM coachiatry.evidence(care.barrier_profile_of(2)) e WHERE e.pointer LIKE 'message%'$$), '0', 'not for clinicians, who do not read the conversation');
INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('barrier', 'en', 'environmental', 'the lift is broken');
INSERT INTO care.check_in (person_id, task_id, due_on, missed, note) SELECT 4, 40, '2026-03-09', 1, 'the lift is broken, and the lift is broken';
SELECT is((SELECT explanation FROM evidence(care.barrier_profile_of(4)) WHERE pattern = 'environmental' AND kind = 'words'), 'said "the lift is broken"', 'the program''s own phrases count');
SELECT throws_ok($$INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('barrier', 'en', 'other', 'a*b')$$, '22023', NULL, 'what is no phrase is refused');
SELECT is((SELECT count(*) FROM care.suggest_for(2) WHERE strategy = 'graded_exposure_support'), 0::bigint, 'exposure is not offered without a plan of it');
INSERT INTO care.barrier (person_id, pattern, noted_by, status, answered_at) VALUES (2, 'avoidance', 4, 'agreed', clock());
INSERT INTO care.task (person_id, task_id, kind, title) VALUES (2, 21, 'exposure', 'bus');
SELECT is((SELECT strategy FROM care.suggest_for(2, 1)), 'graded_exposure_support', 'and is with one');

--
-- What came of it
--
INSERT INTO care.strategy_use (person_id, strategy, pattern, during, used_by) VALUES (4, 'task_breakdown', 'executive_function', '[2026-02-16,2026-02-23)', 4);
SELECT throws_ok($$INSERT INTO care.strategy_use (person_id, strategy, pattern, during) VALUES (4, 'task_breakdown', 'other', '[5874897-12-01,)')$$, '23514', NULL, 'a strategy that begins beyond all windows is refused, which would stop the suggestions for everybody');
SELECT bag_eq('SELECT strategy_use_id IS NOT NULL AS used, day, round(before::numeric, 4) AS b, round(after::numeric, 4) AS a, band FROM care.strategy_window WHERE person_id = 4 AND day >= ''2026-01-12''', $$
	SELECT day = '2026-02-16' AS used, day, round(b::numeric, 4) AS b, round(a::numeric, 4) AS a, floor(5 * least(b, 0.999))::integer AS band FROM (VALUES (date '2026-01-13'), ('2026-01-20'), ('2026-01-27'), ('2026-02-03'), ('2026-02-16'), ('2026-03-03')) AS d (day),
		LATERAL (SELECT avg(taken) AS b FROM care.check_in WHERE person_id = 4 AND due_on >= day - 7 AND due_on < day) b, LATERAL (SELECT avg(taken) AS a FROM care.check_in WHERE person_id = 4 AND due_on >= day AND due_on < day + 7) a$$,
	'weeks with and without, as plain SQL counts them');
SELECT is(care.strategy_outcomes(), NULL, 'one person is not enough to learn from');
SELECT is((care.strategy_outcomes(1))[1], ('task_breakdown', 'executive_function', 0, 1, 0, 3)::strategy_outcome, 'the owner may look: three matched weeks for the one');
SELECT is(oracle.read('coach', 'SELECT care.strategy_outcomes(1)::text'), NULL, 'others may not');
SELECT strategy_use_id AS u FROM care.strategy_use \gset
SELECT is(oracle.said('other coach', format('SELECT care.end_strategy(%s, true)', :u)), 'P0002', 'who does not see the person ends nothing');
SELECT oracle.act('coach', format('SELECT care.end_strategy(%s, true, %L)', :u, '2026-02-20')) \g /dev/null
SELECT is((SELECT format('%s %s', during, helped) FROM care.strategy_use), '[2026-02-16,2026-02-21) t', 'a strategy ends, and helped');

--
-- What is written
--
CREATE VIEW oracle.flag AS SELECT string_agg(label || ' ' || severity, ',' ORDER BY scope_flag_id) AS list, person_id FROM care.scope_flag GROUP BY person_id;
SELECT is((SELECT count(*) FROM care.scope_flag), 0::bigint, 'nothing so far was flagged');
SELECT is((SELECT scope_check FROM care.message), NULL, 'and no text is said to be clear');
SELECT oracle.act('person', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (1, 'person', 'I want to kill myself')$$) \g /dev/null
SELECT is((SELECT string_agg(DISTINCT label || ' ' || severity, ',') FROM care.scope_flag WHERE person_id = 1), 'self_harm safety', 'words about safety are flagged');
SELECT is((SELECT format('%s %s %s', kind, acts_on, owner_staff_id) FROM care.warning WHERE person_id = 1 AND closed_at IS NULL), 'concern therapist 2', 'and the clinician is warned in the same transaction');
SELECT ok((SELECT evidence -> 0 ? 'message' AND evidence::text LIKE '%self_harm%' AND evidence::text NOT LIKE '%I want%' FROM care.warning WHERE person_id = 1), 'with the phrase and where it stands, not the text');
SELECT is(oracle.read('coach', 'SELECT string_agg(kind, '','') FROM care.open_item WHERE person_id = 1 AND kind LIKE ''safe%'''), 'safety_hold', 'the coach sees the hold');
SELECT is(oracle.said('coach', 'SELECT FROM care.scope_flag'), '42501', 'and no flags');
SELECT is(oracle.read('coach', 'SELECT count(*)::text FROM care.warning'), '0', 'nor the warning');
SELECT is(oracle.read('supervisor', 'SELECT string_agg(body, '','') FROM care.message'), 'I want to kill myself', 'the supervisor reads what is flagged, and only that');
SELECT is(oracle.said('supervisor', 'SELECT care.review_flag(scope_flag_id, ''dismissed'') FROM care.scope_flag'), 'done', 'and may dismiss it');
SELECT oracle.act('supervisor', 'SELECT care.review_flag(scope_flag_id, ''dismissed'') FROM care.scope_flag') \g /dev/null
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 1 AND safety AND closed_at IS NULL), 1::bigint, 'which ends no warning');
SELECT is((SELECT scope_check FROM care.message WHERE person_id = 1), 'reviewed', 'the message is reviewed');
INSERT INTO care.message (person_id, author_kind, body) VALUES (4, 'person', 'I do not want to kill myself'), (4, 'person', 'She says she wants to kill herself');
SELECT is((SELECT jsonb_array_length(evidence) FROM care.warning WHERE person_id = 4 AND kind = 'concern'), 2, 'negated and reported words about safety are raised as well');
SELECT oracle.act('coach', $$INSERT INTO care.message (person_id, author_kind, author, body) VALUES (1, 'staff', 4, 'You should stop taking your medication')$$) \g /dev/null
SELECT is((SELECT format('%s %s %s', label, severity, author) FROM care.scope_flag WHERE severity = 'review' ORDER BY scope_flag_id DESC LIMIT 1), 'treatment_advice review 4', 'what a coach must not say');
SELECT is(oracle.read('supervisor', 'SELECT count(*)::text FROM care.confirmed_flags'), '0', 'counts for nobody');
SELECT oracle.act('supervisor', 'SELECT care.review_flag(scope_flag_id, ''confirmed'') FROM care.scope_flag WHERE severity = ''review''') \g /dev/null
SELECT is(oracle.read('supervisor', 'SELECT staff_id || '' '' || label FROM care.confirmed_flags'), '4 treatment_advice', 'until it is confirmed');
SELECT oracle.act('person', $$INSERT INTO care.check_in (person_id, task_id, due_on, source, missed, note) VALUES (1, 10, '2026-03-09', 'person', 1, 'the pills make me dizzy')$$) \g /dev/null
SELECT is((SELECT format('%s %s %s %s %s', topic, refer_to, to_staff_id, due_at - clock(), urgent) FROM care.referral WHERE person_id = 1), 'side_effect prescriber 1 1 day t', 'side effects in a note are for the prescriber, within a day');
SELECT is(oracle.read('prescriber', 'SELECT urgency || '' '' || why FROM care.open_item WHERE person_id = 1 AND kind = ''referral'''), '9 for the prescriber by 2026-03-11: side_effect', 'and in their day');
UPDATE care.check_in SET difficulty = 3 WHERE person_id = 1;
SELECT is((SELECT times FROM care.referral WHERE person_id = 1), 1, 'a note that did not change says nothing new');
UPDATE care.check_in SET note = 'the pills make me so dizzy' WHERE person_id = 1;
SELECT is((SELECT times FROM care.referral WHERE person_id = 1), 2, 'one that did adds to what is open');
SELECT is(oracle.said('coach', 'SELECT care.answer_referral(referral_id, ''in_care'', ''x'') FROM care.referral'), '42501', 'coaches do not answer');
SELECT oracle.act('prescriber', 'SELECT care.answer_referral(referral_id, ''in_care'', ''seen on Monday'') FROM care.referral') \g /dev/null
UPDATE care.check_in SET note = 'the pills make me dizzy still' WHERE person_id = 1;
SELECT is((SELECT string_agg(state || times, ',' ORDER BY referral_id) FROM care.referral WHERE person_id = 1), 'in_care2,open1', 'what is urgent is asked anew');
INSERT INTO care.message (person_id, author_kind, body) VALUES (1, 'person', 'my father just died');
SELECT is((SELECT format('%s %s %s', topic, refer_to, due_at - clock()) FROM care.referral WHERE topic = 'grief'), 'grief therapist 7 days', 'grief is for the therapist');
SELECT oracle.act('therapist', 'SELECT care.answer_referral(referral_id, ''closed'', ''known'') FROM care.referral WHERE topic = ''grief''') \g /dev/null
INSERT INTO care.message (person_id, author_kind, body) VALUES (1, 'person', 'I miss my father, it was his funeral');
SELECT is((SELECT string_agg(state || times, ',') FROM care.referral WHERE topic = 'grief'), 'closed2', 'what was answered not long ago informs, and asks nothing');
SET LOCAL coachiatry.clock = '2026-05-10 12:00+00';
INSERT INTO care.message (person_id, author_kind, body) VALUES (1, 'person', 'my father just died');
SELECT is((SELECT string_agg(state || times, ',' ORDER BY referral_id) FROM care.referral WHERE topic = 'grief'), 'closed2,open1', 'later it asks again');
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT is(oracle.said('coach', 'SELECT care.refer(1, ''sleep'', ''asks about it'')'), 'done', 'coaches refer');
SELECT is(oracle.said('coach', 'SELECT care.refer(5, ''sleep'', ''asks about it'')'), 'P0002', 'whom they see');

-- Languages without lists.
INSERT INTO care.message (person_id, message_id, author_kind, body, lang) SELECT 3, 1000 + n, 'person', 'Ich will nicht mehr leben', 'de' FROM generate_series(1, 400) n;
SELECT ok((SELECT count(*) BETWEEN 15 AND 70 AND bool_and(label = 'not_checked') FROM care.scope_flag WHERE person_id = 3), 'German is not checked: some of it goes to a human');
SELECT is((SELECT count(*) FROM care.message WHERE person_id = 3 AND scope_check = 'clear'), 0::bigint, 'and none of it is clear');
SELECT is(oracle.read('supervisor', 'SELECT count(*)::text FROM care.message WHERE person_id = 3'), (SELECT count(*)::text FROM care.scope_flag WHERE person_id = 3), 'the supervisor reads the sample');
INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('scope', 'de', 'self_harm', 'nicht mehr leben');
INSERT INTO care.message (person_id, author_kind, body, lang) VALUES (3, 'person', 'Ich will nicht mehr leben', 'de');
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 3 AND kind = 'concern'), 1::bigint, 'a site''s own phrases take the safety path');
SELECT is(oracle.read('supervisor', 'SELECT string_agg(person_id || '' '' || safety, '','') FROM (SELECT * FROM care.review_queue LIMIT 2) q'), (
	SELECT string_agg(person_id || ' ' || n, ',' ORDER BY v DESC) FROM (SELECT person_id, count(*) AS n, count(*) * 50 + 0.0 AS v FROM care.scope_flag WHERE state = 'open' AND severity = 'safety' GROUP BY person_id) x), 'the queue begins with safety');

-- What a site allows is no hit, unless it is of safety.
SAVEPOINT before;
INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('scope', 'en', 'allowed', 'the page if you have depression'), ('scope', 'en', 'allowed', 'kill myself dancing'),
	('scope', 'en', 'grief', 'my late cat'), ('scope', 'en', 'allowed', 'my late cat video');
INSERT INTO care.message (person_id, message_id, author_kind, author, body, lang) VALUES (3, 7001, 'staff', 4, 'read the page if you have depression', 'en'), (3, 7002, 'staff', 4, 'read on, you have depression', 'en');
INSERT INTO care.message (person_id, message_id, author_kind, body, lang) VALUES (3, 7003, 'person', 'I kill myself dancing', 'en'), (3, 7004, 'person', 'see my late cat video', 'en'), (3, 7005, 'person', 'I miss my late cat', 'en');
SELECT is((SELECT array_agg(DISTINCT message_id) FROM care.scope_flag WHERE message_id IN (7001, 7002)), '{7002}'::bigint[], 'what a site allows is no hit there, and one elsewhere');
SELECT is((SELECT count(*) FROM care.warning w, jsonb_array_elements(w.evidence) e WHERE w.person_id = 3 AND (e ->> 'message')::bigint = 7003), 1::bigint, 'but words of safety are told all the same');
SELECT is((SELECT array_agg(DISTINCT message_id) FROM care.scope_flag WHERE message_id IN (7004, 7005)), '{7005}'::bigint[], 'its own phrases keep to it, too');
ROLLBACK TO before;

-- What fails stops nobody.
ALTER TABLE care.lexicon_entry DROP CONSTRAINT lexicon_entry_phrase_compiles;
INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('scope', 'en', 'grief', '*');
SELECT lives_ok($$INSERT INTO care.message (person_id, author_kind, body) VALUES (2, 'person', 'I want to kill myself')$$, 'a broken list aborts nothing');
SELECT is((SELECT state FROM care.stream_fault WHERE person_id = 2), '22023', 'it is a fault that is shown');
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 2 AND kind = 'concern'), 1::bigint, 'and the rest is done');
SELECT lives_ok($$INSERT INTO care.message (person_id, author_kind, body, lang) VALUES (2, 'person', 'x', 'no such/language')$$, 'nor does a language that is none');
ALTER TABLE care.scope_flag ADD CONSTRAINT broken CHECK (label <> 'self_harm') NOT VALID;
INSERT INTO care.message (person_id, message_id, author_kind, body) VALUES (2, 9999, 'person', 'I will end my life');
SELECT is((SELECT count(*) FROM care.warning w, jsonb_array_elements(w.evidence) e WHERE w.person_id = 2 AND (e ->> 'message')::bigint = 9999), 1::bigint, 'flags that cannot be kept keep no warning back');
ALTER TABLE care.scope_flag DROP CONSTRAINT broken;
DELETE FROM care.lexicon_entry WHERE phrase = '*';

--
-- Labels, models, forgetting
--
INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, missed, note) VALUES (1, 5001, 10, '2026-02-01', 'proxy', 1, 'no bus again'), (2, 5002, 20, '2026-02-01', 'proxy', 1, 'no bus today'),
	(4, 5004, 40, '2026-02-01', 'proxy', 1, 'too hard to face'), (4, 5005, 40, '2026-02-02', 'proxy', 1, 'no money for it');
UPDATE care.person SET locale = 'en' WHERE person_id = 2;
SELECT oracle.act('coach', $$INSERT INTO care.barrier_label (person_id, check_in_id, rater, label) VALUES (1, 5001, 4, 'environmental'), (2, 5002, 4, 'environmental'), (4, 5004, 4, 'avoidance'), (4, 5005, 4, 'environmental')$$) \g /dev/null
SELECT oracle.act('other coach', $$INSERT INTO care.barrier_label (person_id, check_in_id, rater, label) VALUES (1, 5001, 5, 'avoidance'), (1, 5001, 5, 'environmental')$$) \g /dev/null
SELECT is(oracle.read('other coach', 'SELECT count(*)::text FROM care.barrier_label'), '2', 'raters see only what they said themselves');
SELECT is(oracle.said('other coach', $$INSERT INTO care.barrier_label (person_id, check_in_id, rater, label) VALUES (1, 5001, 4, 'other')$$), '42501', 'and say it in their own name');
SELECT is(oracle.read('supervisor', 'SELECT string_agg(label || '' '' || texts || '' '' || raters || '' '' || coalesce(alpha::numeric(9, 3)::text, ''-''), '','') FROM care.label_agreement()'), 'avoidance 4 2 0.000,environmental 4 2 -',
	'their agreement is known: of one text with two raters');
INSERT INTO care.consent (person_id, category, purpose, text_version) SELECT p, 'conversation_analysis', 'x', '1' FROM generate_series(1, 5) p;
SELECT care.train_model('barriers') \g /dev/null
CREATE VIEW oracle.document AS SELECT l.person_id, l.label, c.note FROM care.barrier_label l JOIN care.check_in c USING (person_id, check_in_id);
SELECT is((SELECT text_model_send(model) FROM care.stored_model), (SELECT text_model_send(text_model_agg(label, note, person_id)) FROM oracle.document), 'the model is that of the labels');
-- What was trained is forgotten, whatever has become of the texts since.
UPDATE care.check_in SET note = 'something else' WHERE check_in_id = 5001;
SELECT is(oracle.said('second', 'SELECT care.forget_text(1)'), 'P0002', 'nobody withdraws the words of another');
SELECT oracle.act('person', 'SELECT care.forget_text(1)') \g /dev/null
SELECT is((SELECT text_model_send(model) FROM care.stored_model), (SELECT text_model_send(text_model_agg(label, note, person_id)) FROM oracle.document WHERE person_id <> 1), 'forgotten: byte for byte as if it had never had them');
SELECT care.train_model('barriers') \g /dev/null
SELECT is((SELECT text_model_send(model) FROM care.stored_model), (SELECT text_model_send(text_model_agg(label, note, person_id)) FROM oracle.document WHERE person_id <> 1), 'and not learnt again');

--
-- A merge
--
SELECT count(*) AS flags FROM care.scope_flag WHERE person_id IN (1, 4) \gset
INSERT INTO care.referral (person_id, topic, reason, refer_to) VALUES (4, 'grief', 'x', 'therapist');
SELECT care.merge_persons(4, 1) \g /dev/null
SELECT is_empty($$SELECT 1 FROM care.barrier WHERE person_id = 1 UNION ALL SELECT 1 FROM care.barrier_label WHERE person_id = 1 UNION ALL SELECT 1 FROM care.strategy_use WHERE person_id = 1
	UNION ALL SELECT 1 FROM care.scope_flag WHERE person_id = 1 UNION ALL SELECT 1 FROM care.referral WHERE person_id = 1 UNION ALL SELECT 1 FROM care.consent WHERE person_id = 1
	UNION ALL SELECT 1 FROM care.stored_model_part WHERE person_id = 1$$, 'nothing is left of the duplicate');
SELECT is((SELECT count(*) FROM care.scope_flag WHERE person_id = 4), :flags::bigint, 'its flags moved, and none was raised anew');
SELECT is((SELECT count(*) FROM care.referral WHERE person_id = 4 AND topic = 'grief' AND state = 'open'), 1::bigint, 'of two open referrals one goes on');
SELECT is((SELECT text_model_send(model) FROM care.stored_model), (SELECT text_model_send(text_model_agg(label, note, person_id)) FROM oracle.document WHERE person_id = 2), 'and who withdrew as one of two has withdrawn');

SELECT * FROM finish();
ROLLBACK;
