-- Weights estimated from confirmed barriers. People are simulated whose patterns are known and who show signs with known shares; estimates are compared with
-- those shares, with a plain count where signs are either there or not, and with a grid where they are more or less sure. The clock stands at noon, UTC.
\ir include/setup.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(26);

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id) VALUES (1, 't', 'therapist', true, NULL), (2, 'c', 'coach', false, 1);

--
-- Nobody, and few
--
SELECT is((SELECT count(*) FROM care.evidence_weight_estimates() e WHERE e.sensitivity <> e.sensitivity_now OR e.false_alarm <> e.false_alarm_now OR e.people_with + e.people_without <> 0), 0::bigint, 'nobody has answered: nothing would change');
SELECT is(care.estimate_evidence_weights(), 0::bigint, 'and nothing does');

-- 400 people: of the first 200 it is environmental, of the others avoidance, and they were asked about one or both. Whoever it is true of says "missed the bus"
-- in 0.8 of cases, others in 0.1; gives transport as a reason six times in 0.7, others in 0.15, and forgetting else.
CREATE TABLE oracle.person AS
SELECT p, p <= 200 AS is_environmental, oracle.random(p, 1) < CASE WHEN p <= 200 THEN 0.8 ELSE 0.1 END AS says_bus, oracle.random(p, 2) < CASE WHEN p <= 200 THEN 0.7 ELSE 0.15 END AS gives_transport,
	oracle.random(p, 3) < 0.5 AS was_asked, oracle.random(p, 4) < 0.9 AS wrote, oracle.random(p, 5) < 0.9 AS gave_reasons, oracle.random(p, 6) < 0.1 AS labelled
FROM generate_series(1, 400) p;
INSERT INTO care.person (person_id) SELECT p FROM oracle.person;
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at) SELECT p, p, 'activity', 'x', 'FREQ=DAILY', '2026-01-01' FROM oracle.person;
INSERT INTO care.check_in (person_id, task_id, due_on, missed, recorded_at, note) SELECT p, p, '2026-03-01', 1, '2026-03-01', CASE WHEN says_bus THEN 'missed the bus' ELSE 'nothing to say' END FROM oracle.person WHERE wrote;
INSERT INTO care.check_in (person_id, task_id, due_on, missed, recorded_at, reason)
SELECT p, p, date '2026-02-01' + n, 1, '2026-03-01', CASE WHEN gives_transport THEN 'transport' ELSE 'forgot' END FROM oracle.person, generate_series(1, 6) n WHERE gave_reasons;
INSERT INTO care.barrier (person_id, pattern, noted_by, noted_on, status, answered_at)
SELECT p, CASE WHEN is_environmental THEN 'environmental' ELSE 'avoidance' END, 2, date '2026-03-02', 'agreed', timestamptz '2026-03-03' FROM oracle.person
UNION ALL SELECT p, 'environmental', 2, '2026-03-02', 'declined', '2026-03-03' FROM oracle.person WHERE NOT is_environmental AND was_asked;
-- A text that a rater has labelled is read for labels, not for words.
INSERT INTO care.barrier_label (person_id, check_in_id, rater, label, labelled_at)
SELECT c.person_id, c.check_in_id, 2, CASE WHEN says_bus THEN 'environmental' ELSE 'other' END, '2026-03-02' FROM care.check_in c JOIN oracle.person ON p = person_id WHERE labelled AND note IS NOT NULL;
-- Written after they answered: not known then.
INSERT INTO care.check_in (person_id, task_id, due_on, missed, recorded_at, note) SELECT p, p, '2026-03-08', 1, '2026-03-08', 'missed the bus' FROM oracle.person;

CREATE TABLE oracle.estimate AS SELECT * FROM care.evidence_weight_estimates();
SELECT results_eq($$SELECT people_with, people_without FROM oracle.estimate WHERE signature = 'words_environmental'$$,
	'SELECT count(*) FILTER (WHERE is_environmental), count(*) FILTER (WHERE NOT is_environmental) FROM oracle.person WHERE wrote AND NOT labelled', 'those count of whom there is something to look at');
SELECT cmp_ok(abs(sensitivity - (SELECT (20 * 0.5 + count(*) FILTER (WHERE says_bus)) / (20 + count(*)) FROM oracle.person WHERE wrote AND NOT labelled AND is_environmental)::float8), '<=', 1e-6::float8, 'sensitivity of words is a count, drawn towards the shipped one') FROM oracle.estimate WHERE signature = 'words_environmental';
SELECT cmp_ok(abs(false_alarm - (SELECT (20 * 0.05 + count(*) FILTER (WHERE says_bus)) / (20 + count(*)) FROM oracle.person WHERE wrote AND NOT labelled AND NOT is_environmental)::float8), '<=', 1e-6::float8, 'false alarm as well, of who declined and of who named another alone') FROM oracle.estimate WHERE signature = 'words_environmental';
SELECT cmp_ok(abs(sensitivity - (SELECT (20 * 0.6 + count(*) FILTER (WHERE says_bus)) / (20 + count(*)) FROM oracle.person WHERE wrote AND labelled AND is_environmental)::float8), '<=', 1e-6::float8,
	'and of labels, of people with a text that was labelled') FROM oracle.estimate WHERE signature = 'label_environmental';
-- Four standard errors and what the shipped weight draws.
CREATE TABLE oracle.wanted (signature text, pattern text, sensitivity float8, false_alarm float8, shipped_sensitivity float8, shipped_false_alarm float8);
INSERT INTO oracle.wanted VALUES ('words_environmental', 'environmental', 0.8, 0.1, 0.5, 0.05), ('reasons_environmental', 'environmental', 0.7, 0.15, 0.6, 0.06);
SELECT cmp_ok(abs(e.sensitivity - (20 * w.shipped_sensitivity + e.people_with * w.sensitivity) / (20 + e.people_with)), '<', 4 * sqrt(w.sensitivity * (1 - w.sensitivity) / e.people_with), e.signature || ' finds its sensitivity')
FROM oracle.estimate e JOIN oracle.wanted w USING (signature, pattern) ORDER BY 1;
SELECT cmp_ok(abs(e.false_alarm - (20 * w.shipped_false_alarm + e.people_without * w.false_alarm) / (20 + e.people_without)), '<', 4 * sqrt(w.false_alarm * (1 - w.false_alarm) / e.people_without), e.signature || ' finds its false alarms')
FROM oracle.estimate e JOIN oracle.wanted w USING (signature, pattern) ORDER BY 1;
-- More or less sure: the likeliest on a grid.
CREATE TABLE oracle.factor AS
SELECT p.is_environmental, s.factor FROM oracle.person p, reason_signatures(array_fill(CASE WHEN p.gives_transport THEN 'transport' ELSE 'forgot' END, ARRAY[6])) s
WHERE p.gave_reasons AND s.signature = 'reasons_environmental';
SELECT cmp_ok(abs(e.sensitivity - (SELECT s FROM generate_series(0.001, 0.999, 0.001) s ORDER BY (SELECT sum(ln(s * exp(factor) + 1 - s)) FROM oracle.factor WHERE is_environmental) + 20 * (0.6 * ln(s) + 0.4 * ln(1 - s)) DESC LIMIT 1)::float8),
	'<', 0.001::float8, 'of what is counted the factors say how surely') FROM oracle.estimate e WHERE signature = 'reasons_environmental';
SELECT is_empty($$SELECT signature FROM oracle.estimate WHERE people_with + people_without = 0 AND (sensitivity <> sensitivity_now OR false_alarm <> false_alarm_now)$$, 'signs of which nobody is known stay as they are');
SELECT ok(people_with = 0 AND sensitivity = sensitivity_now AND people_without > 300, 'those of a pattern that nobody has learn their false alarms') FROM oracle.estimate WHERE signature = 'reasons_executive_function';

--
-- Into force, and back
--
SELECT care.estimate_evidence_weights() AS n \gset
SELECT is(:n::bigint, (SELECT count(*) FROM oracle.estimate WHERE people_with + people_without > 0 AND (sensitivity <> sensitivity_now OR false_alarm <> false_alarm_now)), 'all that change are put into force');
SELECT cmp_ok(:n, '>', 4, 'some do');
SELECT bag_eq($$SELECT signature, pattern, sensitivity, false_alarm FROM care.evidence_weight WHERE replaced_at IS NULL$$, 'SELECT signature, pattern, sensitivity, false_alarm FROM oracle.estimate', 'as estimated');
SELECT is((SELECT basis FROM care.evidence_weight WHERE signature = 'words_environmental' AND replaced_at IS NULL),
	(SELECT format('estimated from %s people with it and %s without; the shipped weight counts as 20 of each', people_with, people_without) FROM oracle.estimate WHERE signature = 'words_environmental'), 'with what they rest on');
SELECT is(care.estimate_evidence_weights(), 0::bigint, 'a second time nothing changes: weights are drawn towards the shipped one, not towards the last estimate');
SELECT is((SELECT count(*) FROM care.evidence_weight WHERE replaced_at IS NOT NULL), :n::bigint, 'those before are kept');
SET LOCAL coachiatry.clock = '2026-03-11 12:00+00';
-- The profile of the last person says more where the sign has turned out to say more.
SELECT is((SELECT e.weight FROM evidence(care.barrier_profile_of(p)) e WHERE e.pattern = 'environmental' AND e.kind = 'words'),
	(SELECT evidence_weight(s.factor, w.sensitivity, w.false_alarm) FROM oracle.estimate w, text_signatures('missed the bus', starter_lexicon('barrier', 'en')) s WHERE w.signature = 'words_environmental' AND s.signature = w.signature), 'profiles weigh by them')
FROM (SELECT min(p) AS p FROM oracle.person WHERE is_environmental) v;
SELECT is(care.restore_evidence_weights('2026-03-10 11:00+00'), 0::bigint, 'before the program began there is nothing to bring back');
SELECT care.set_evidence_weight('words_environmental', 'environmental', 0.9, 0.01, 'a guess') \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-12 12:00+00';
SELECT is(care.restore_evidence_weights('2026-03-11 11:00+00'), 1::bigint, 'what has changed since is brought back');
SELECT is((SELECT sensitivity FROM care.evidence_weight WHERE signature = 'words_environmental' AND replaced_at IS NULL), (SELECT sensitivity FROM oracle.estimate WHERE signature = 'words_environmental'), 'as it was');
SELECT is((SELECT count(*) FROM care.evidence_weight WHERE signature = 'words_environmental'), 4::bigint, 'and everything is kept');

-- Few people change little: one who confirms it.
SELECT cmp_ok(abs(posterior_share('{50}', 0.5, 20) - 0.5), '<', 0.03::float8, 'one person moves a share by less than three hundredths');
SELECT throws_ok('SELECT * FROM care.evidence_weight_estimates(0)', '22023', NULL, 'shipped weights count as somebody');

SELECT * FROM finish();
ROLLBACK;
