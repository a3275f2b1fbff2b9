-- Who is there for a person, hour by hour, against the hours of each minute; whom safety goes to at night; and the answer in a crisis. The clock stands at noon of
-- Tuesday, 10 March 2026, UTC.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(28);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'd', 'coach', false, 3, 'other', '[2026-01-01,)');
INSERT INTO care.person (person_id, name, token_subject, locale) VALUES (1, 'one', 'person', 'en-US'), (2, 'two', 'two', 'fr'), (3, 'three', 'three', 'en');
INSERT INTO care.assignment (person_id, staff_id, role, during) SELECT p, s, r, '[2026-01-01,)' FROM (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r), generate_series(1, 2) p;
INSERT INTO care.instrument (instrument_id, name, self_harm_items) VALUES (1, 'PHQ-9', '{9}');
INSERT INTO care.crisis_resource (name, reach, locale, hours, position) VALUES ('second', '2', NULL, NULL, 2), ('suicide line', '1', 'en', 'day and night', 1), ('elsewhere', '3', 'de', NULL, 1);


--
-- Who is there
--
SELECT is(oracle.read('person', 'SELECT string_agg(format(''%s %s %s'', role, name, coalesce(is_there::text, ''?'')), '', '') FROM care.who_is_there()'),
	'coach c ?, therapist t ?, prescriber p ?', 'whoever states no hours may be there or not');
INSERT INTO care.coverage (staff_id, during, hours_from, hours_until, weekdays, time_zone, on_call) VALUES
	(4, '[2026-01-01,)', '09:00', '12:00', '{1,2,3,4,5}', 'Europe/Berlin', false), (4, '[2026-01-01,)', '14:00', '18:30', '{1,2}', 'Europe/Berlin', false),
	(2, '[2026-01-01,2026-03-20)', '08:00', '24:00', '{1,2,3,4,5,6,7}', 'UTC', true), (5, '[2026-03-01,)', '00:00', '24:00', '{6,7}', 'UTC', false);
INSERT INTO care.coverage (staff_id, during, hours_from, hours_until, covers_for) VALUES (5, '[2026-03-14,2026-03-16)', '10:00', '16:00', 4);
SELECT is(oracle.read('person', $$SELECT string_agg(format('%s %s', name, is_there), '; ') FROM care.who_is_there(at => '2026-03-14 11:00+00') WHERE role = 'coach'$$), 'c f', 'whoever is to cover for somebody, and does not see the person, is not there for them');
INSERT INTO care.assignment (person_id, staff_id, role, during) VALUES (1, 5, 'coach', '[2026-03-14,2026-03-16)');
SELECT is(oracle.read('person', $$SELECT string_agg(format('%s %s %s until %s, then %s', name, is_there, on_call, to_char(until, 'D HH24:MI'), to_char(there_again, 'D HH24:MI')), '; ') FROM care.who_is_there() WHERE is_there IS NOT NULL$$),
	'c f f until , then 3 13:00; t t t until 4 00:00, then 4 08:00', 'hours are stated to the person: between two of the coach''s, and within the therapist''s');
SELECT is(oracle.read('person', $$SELECT string_agg(format('%s %s', name, to_char(there_again, 'D HH24:MI')), '; ') FROM care.who_is_there(at => '2026-03-27 20:00+00') WHERE role = 'coach'$$), 'c 2 07:00',
	'over a weekend, and a change of the clocks');
SELECT is(oracle.read('person', $$SELECT string_agg(format('%s %s', name, is_there), '; ') FROM care.who_is_there(at => '2026-03-14 11:00+00') WHERE role = 'coach'$$), 'd t', 'whoever covers stands in the place, at those hours');
SELECT is(oracle.read('person', $$SELECT string_agg(format('%s %s', name, is_there), '; ') FROM care.who_is_there(at => '2026-03-14 17:00+00') WHERE role = 'coach'$$), 'd t; c f', 'and at no others, when both are named');
SELECT is(oracle.read('coach', 'SELECT count(*) FROM care.who_is_there(1)'), '3', 'the coach reads it about their people');
SELECT throws_ok($$SELECT oracle.read('other', 'SELECT count(*) FROM care.who_is_there(1)')$$, 'P0002', NULL, 'not another one');
SELECT throws_ok($$SELECT oracle.read('two', 'SELECT count(*) FROM care.who_is_there(1)')$$, 'P0002', NULL, 'nor another person');
SELECT throws_ok($$SELECT oracle.read('person', 'SELECT count(*) FROM care.who_is_there(at => NULL)')$$, '22004', NULL, 'and at some time');
SELECT is((SELECT count(*) FROM care.who_is_there(3)), 0::bigint, 'nobody is assigned: no row');
-- Every quarter of an hour of a month: there if some row of hours says so, in plain terms; until is when that ends, there_again the next time that it begins.
CREATE TABLE oracle.quarter AS
SELECT t.at, s.staff_id, bool_or(v.during @> t.at AND (l.at::time, l.at::time) OVERLAPS (v.hours_from, v.hours_until - interval '1 second')
	AND extract(isodow FROM l.at)::smallint = ANY (v.weekdays) AND l.at::time < v.hours_until) AS is_there
FROM generate_series('2026-03-05 00:00+00'::timestamptz, '2026-04-20 00:00+00', '15 minutes') AS t (at)
CROSS JOIN (VALUES (4), (2)) AS s (staff_id)
JOIN care.coverage v ON v.staff_id = s.staff_id
CROSS JOIN LATERAL (SELECT timezone(v.time_zone, t.at) AS at) l
GROUP BY t.at, s.staff_id;
CREATE TABLE oracle.said AS
SELECT q.at, w.* FROM (SELECT DISTINCT at FROM oracle.quarter WHERE at < '2026-04-01') q CROSS JOIN LATERAL care.who_is_there(1, q.at) w WHERE w.staff_id IN (2, 4);
SELECT is_empty($$SELECT * FROM oracle.said d JOIN oracle.quarter q USING (at, staff_id) WHERE d.is_there IS DISTINCT FROM q.is_there AND (d.is_there IS NOT NULL OR q.is_there)$$, 'is_there is what each row of hours says');
SELECT is_empty($$SELECT d.* FROM oracle.said d WHERE d.is_there AND d.until IS DISTINCT FROM
	(SELECT min(q.at) FROM oracle.quarter q WHERE q.staff_id = d.staff_id AND q.at > d.at AND NOT q.is_there)
	AND NOT (d.staff_id = 2 AND d.until = date_trunc('day', d.at) + interval '1 day')$$, 'until is when that ends');
SELECT is_empty($$SELECT d.* FROM oracle.said d WHERE NOT d.is_there AND d.there_again IS DISTINCT FROM
	(SELECT min(q.at) FROM oracle.quarter q WHERE q.staff_id = d.staff_id AND q.at > d.at AND q.is_there)$$, 'there_again is when it begins again');
SELECT cmp_ok((SELECT count(*) FROM oracle.said WHERE NOT is_there), '>', 1000::bigint, 'which was asked often');

--
-- Whom safety goes to
--
CREATE VIEW oracle.live AS
SELECT person_id, string_agg(kind || ' ' || acts_on || coalesce(' ' || owner_staff_id, ''), ', ' ORDER BY kind) AS list FROM care.warning WHERE closed_at IS NULL GROUP BY person_id;
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '9', '2026-03-10', 1);
SELECT is((SELECT list FROM oracle.live WHERE person_id = 1), 'self_harm therapist 2', 'by day to the therapist, who is on call');
SET LOCAL coachiatry.clock = '2026-03-11 03:00+00';
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (2, 1, '9', '2026-03-10', 1);
SELECT is((SELECT list FROM oracle.live WHERE person_id = 2), 'self_harm prescriber 1', 'at night to the prescriber, who states no hours');
INSERT INTO care.coverage (staff_id, during, hours_from, hours_until, on_call) VALUES (1, '[2026-01-01,)', '09:00', '17:00', true);
SELECT care.sweep() \g /dev/null
SELECT is((SELECT list FROM oracle.live WHERE person_id = 2), 'no_clinician supervisor 3, self_harm prescriber 1', 'where nobody is on call, the supervisor is told, and that is critical');
SELECT is((SELECT min(severity) FROM care.warning WHERE kind = 'no_clinician'), 3::smallint, 'that is: of severity 3');
SELECT oracle.act('prescriber', $$SELECT care.acknowledge_warning((SELECT warning_id FROM care.warning WHERE person_id = 2 AND kind = 'self_harm'), '2026-03-11 12:00+00')$$) \g /dev/null
SELECT care.sweep() \g /dev/null
SELECT is((SELECT list FROM oracle.live WHERE person_id = 2), 'self_harm prescriber 1', 'until a clinician has it in hand');
SET LOCAL coachiatry.clock = '2026-03-11 10:00+00';
SELECT care.sweep() \g /dev/null
SELECT is((SELECT list FROM oracle.live WHERE person_id = 1), 'self_harm therapist 2', 'or somebody is on call again');

--
-- The answer in a crisis
--
SELECT is((SELECT count(*) FROM care.message), 0::bigint, 'what was loaded is answered by nobody');
SELECT oracle.act('person', $$INSERT INTO care.message (person_id, author_kind, body, lang) VALUES (1, 'person', 'I want to kill myself', 'en')$$) \g /dev/null
SELECT is(oracle.read('person', 'SELECT string_agg(author_kind || '': '' || body, '' / '' ORDER BY message_id) FROM care.message'),
	E'person: I want to kill myself / system: suicide line: 1 (day and night)\nsecond: 2', 'whoever writes of it is answered with the resources of their locale, in the same transaction');
SELECT is((SELECT list FROM oracle.live WHERE person_id = 1), 'concern therapist 2, self_harm therapist 2', 'while the clinician is told');
SELECT is((SELECT count(*) FROM care.warning_event e JOIN care.warning w USING (person_id, warning_id) WHERE w.kind = 'concern'), 1::bigint, 'the answer itself is no word of crisis');
SELECT oracle.act('person', $$INSERT INTO care.message (person_id, author_kind, body, lang) VALUES (1, 'person', 'I want to kill myself', 'en')$$) \g /dev/null
SELECT is((SELECT count(*) FROM care.message WHERE author_kind = 'system'), 1::bigint, 'once an hour is enough');
SELECT oracle.act('coach', $$SELECT care.raise_concern(1, 'sounded hopeless')$$) \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-11 12:00+00';
SELECT oracle.act('coach', $$SELECT care.raise_concern(1, 'sounded hopeless')$$) \g /dev/null
SELECT is((SELECT count(*) FROM care.message WHERE author_kind = 'system'), 1::bigint, 'what the coach says is not answered to the person');
SELECT oracle.act('two', $$INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (2, 1, '9', '2026-03-11', 2)$$) \g /dev/null
SELECT is((SELECT body FROM care.message WHERE person_id = 2), 'second: 2', 'an answer to such an item is answered, too');

SELECT * FROM finish();
ROLLBACK;
