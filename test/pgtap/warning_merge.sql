-- Two records turn out to be one person, and both have warnings: what is open goes on, each once, with its story, and is looked at when all has moved; and what
-- is written later about whoever was merged is heard as of the person they are. Then many pairs with random records and acts, beside people who always were
-- one and have the facts of both. The clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL timezone = 'UTC';
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(107);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)'),
	(5, 'd', 'coach', false, 3, 'other_coach', '[2026-01-01,)'), (6, 'k', 'coordinator', false, NULL, 'coordinator', '[2026-01-01,)');
INSERT INTO care.crisis_resource (name, reach) VALUES ('a line', '000');
INSERT INTO care.instrument (instrument_id, name, direction, self_harm_items) VALUES (1, 'PHQ-9', 'lower_is_better', '{9}'), (2, 'WHO-5', 'higher_is_better', '{}');
-- One of a measure, whose warning is for the coach to hear of, but not of what.
INSERT INTO care.warning_rule (warning_rule_id, name, says, stream, instrument_id, detector, parameters, acts_on)
VALUES (100, 'high', 'x', 'measure', 1, 'shewhart', '{"l": 1, "mean": 5, "sd": 2}', 'therapist');

-- Two people n and n + 1 with a task of medication each, of which three days were missed and on one too much was taken.
CREATE FUNCTION oracle.two(n bigint) RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.person (person_id, token_subject) SELECT p, 'person' || p FROM generate_series(n, n + 1) p;
	INSERT INTO care.episode (person_id, started) SELECT p, '2026-02-01' FROM generate_series(n, n + 1) p;
	INSERT INTO care.assignment (person_id, staff_id, role, during)
	SELECT p, s, r, '[2026-01-01,)' FROM generate_series(n, n + 1) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
	INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day, gap_hazard_days)
	SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, 2, 3 FROM generate_series(n, n + 1) p;
	INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
	SELECT p, p * 10, date '2026-02-01' + d, CASE WHEN d = 30 THEN 3 WHEN d < 34 THEN 1 ELSE 0 END, (d >= 34)::int FROM generate_series(n, n + 1) p, generate_series(0, 36) d;
	INSERT INTO care.contact (person_id, staff_id, channel, started_at) SELECT p, 4, 'voice', timestamptz '2026-02-10 12:00+00' + (p - n) * interval '2 days' FROM generate_series(n, n + 1) p;
	INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value)
	SELECT p, 1, i, '2026-03-08', CASE i WHEN '9' THEN 2 ELSE 9 END FROM generate_series(n, n + 1) p, unnest('{9,""}'::text[]) i;
$$;
-- What of warnings must not change when two are merged: of which, what became of it.
CREATE FUNCTION oracle.stories(people bigint[]) RETURNS TABLE (warning_id bigint, what text, task_id bigint, instrument_id bigint, state text, events text)
LANGUAGE sql STABLE AS $$
	SELECT w.warning_id, coalesce(r.name, w.kind), w.task_id, w.instrument_id, w.state, string_agg(e.event, ',' ORDER BY e.warning_event_id)
	FROM care.warning w
	JOIN care.warning_event e USING (person_id, warning_id)
	LEFT JOIN care.warning_rule r USING (warning_rule_id)
	WHERE w.person_id = ANY (people)
	GROUP BY w.warning_id, r.name, w.kind, w.task_id, w.instrument_id, w.state
$$;

--
-- What is open goes on
--
SELECT oracle.two(1), care.sweep() \g /dev/null
CREATE TABLE oracle.before AS SELECT * FROM oracle.stories('{1,2}');
CREATE TABLE oracle.outbox AS SELECT warning_event_id FROM care.warning_outbox;
SELECT results_eq('SELECT what, count(*) FROM oracle.before GROUP BY what ORDER BY what', $$VALUES ('gap', 2::bigint), ('high', 2), ('medication missed', 2), ('no contact', 2), ('over_use', 2), ('self_harm', 2)$$,
	'both have warnings of tasks, measures and contact, and of safety');
SELECT is((SELECT count(*) FROM oracle.before WHERE state = 'open' AND events = 'opened'), 12::bigint, 'which nobody has seen');

-- A merge that fails leaves all as it was, and nobody unheard.
CREATE FUNCTION oracle.merge_in_vain() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM care.merge_persons(1, 2);
	RAISE EXCEPTION USING ERRCODE = 'ZZ999';
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN NULL;
END
$$;
SELECT oracle.merge_in_vain() \g /dev/null
SELECT bag_eq('SELECT * FROM oracle.stories(''{1,2}'')', 'SELECT * FROM oracle.before', 'a merge that is undone has changed no warning');
SAVEPOINT heard;
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) SELECT p, 1, '9', '2026-03-09', 1 FROM generate_series(1, 2) p;
SELECT is((SELECT count(*) FROM care.warning_event WHERE event = 'answer_changed'), 2::bigint, 'and both are heard in the same transaction');
ROLLBACK TO heard;

SELECT care.merge_persons(1, 2) \g /dev/null
SELECT is_empty('SELECT warning_id FROM care.warning WHERE person_id = 2 UNION ALL SELECT warning_id FROM care.warning_event WHERE person_id = 2 UNION ALL SELECT 1 FROM care.recheck WHERE person_id = 2',
	'nothing is left of the duplicate');
SELECT bag_eq($$SELECT * FROM oracle.stories('{1}') WHERE task_id IS NOT NULL OR what = 'self_harm'$$, $$SELECT * FROM oracle.before WHERE task_id IS NOT NULL OR what = 'self_harm'$$,
	'what is about tasks, and safety, is as it was: not retracted, told again or opened anew');
SELECT is((SELECT count(*) FROM care.warning WHERE person_id = 1), 12::bigint, 'there is none that was not there');
SELECT results_eq($$SELECT what, state, count(*) FROM oracle.stories('{1}') WHERE what IN ('high', 'no contact') GROUP BY 1, 2 ORDER BY 1, 2$$,
	$$VALUES ('high', 'merged', 1::bigint), ('high', 'open', 1), ('no contact', 'merged', 1), ('no contact', 'open', 1)$$, 'of two of one rule and stream one is open, and one ended');
SELECT results_eq($$SELECT w.closed_on, e.reason = 'warning ' || k.warning_id || ' goes on', k.occurrence::int FROM care.warning w JOIN care.warning_event e USING (person_id, warning_id)
	JOIN care.warning k ON k.person_id = w.person_id AND k.warning_rule_id = w.warning_rule_id AND k.closed_at IS NULL WHERE e.event = 'merged'$$,
	$$VALUES (date '2026-03-10', true, 1), ('2026-03-10', true, 1)$$, 'which says why');
SELECT is((SELECT raised_on FROM care.warning JOIN care.warning_rule USING (warning_rule_id) WHERE name = 'no contact' AND state = 'open'), date '2026-02-28', 'and it is as old as the record of both says');
SELECT is((SELECT array_agg(e.event || ' ' || w.state) FROM care.warning_outbox o JOIN care.warning_event e USING (person_id, warning_event_id) JOIN care.warning w USING (person_id, warning_id)
	WHERE o.warning_event_id NOT IN (SELECT warning_event_id FROM oracle.outbox) OR w.state = 'merged'), NULL, 'nothing is to be told anew, and nothing of what ended');
SELECT is((SELECT count(*) FROM care.warning_outbox), 10::bigint, 'and all else once');
SELECT is_empty($$SELECT 1 FROM care.warning_difference('{1}', NULL, true) WHERE warning_rule_id IS NOT NULL$$, 'a replay says the same');
SELECT is((SELECT count(*) FROM care.person WHERE merging IS NOT NULL), 0::bigint, 'no merge is under way');
SELECT ok((SELECT due_at <= clock() FROM care.recheck WHERE person_id = 1), 'the next sweep looks again');
SELECT is((care.sweep()).changed, 0, 'and finds nothing to do');

-- Two answers of two records are two warnings: each keeps its own, one that is new is told of once, and one that was followed up is not told of again.
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (1, 1, '9', '2026-03-10', 1);
SELECT results_eq($$SELECT w.occurrence::int, jsonb_array_length(w.evidence), e.events FROM care.warning w JOIN oracle.stories('{1}') e USING (warning_id) WHERE w.kind = 'self_harm' ORDER BY 1$$,
	$$VALUES (1, 2, 'opened,answer_changed'), (2, 1, 'opened')$$, 'a new answer is told of once');
SELECT oracle.act('therapist', format('SELECT care.resolve_warning(%s, %L, %L)', warning_id, 'asked', 'plan')) FROM care.warning WHERE kind = 'self_harm' AND occurrence = 1 \g /dev/null
SELECT care.evaluate_warnings('{1}') \g /dev/null
SELECT is((SELECT array_agg(state || ' ' || evidence_stands ORDER BY occurrence) FROM care.warning WHERE kind = 'self_harm'), '{resolved true,open true}'::text[], 'the other stays open, with its own');
UPDATE care.measurement SET value = 3 WHERE measured_on = '2026-03-10';
SELECT is((SELECT array_agg(state || jsonb_array_length(evidence) ORDER BY occurrence) FROM care.warning WHERE kind = 'self_harm'), '{resolved2,open2}'::text[], 'and takes what changes');

--
-- Of two one: which, and what it keeps
--
CREATE FUNCTION oracle.silent(p bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT warning_id FROM care.warning JOIN care.warning_rule USING (warning_rule_id) WHERE person_id = p AND name = 'no contact' AND occurrence = 1 AND state <> 'merged' $$;
CREATE FUNCTION oracle.one_of(p bigint) RETURNS TABLE (warning_id bigint, state text, acknowledged_by bigint, acknowledged_until timestamptz, silenced_until timestamptz, severity smallint, seen boolean) LANGUAGE sql STABLE AS $$
	SELECT w.warning_id, w.state, w.acknowledged_by, w.acknowledged_until, w.silenced_until, w.severity, w.seen
	FROM care.warning w JOIN care.warning_rule USING (warning_rule_id) WHERE w.person_id = p AND name = 'no contact' AND w.closed_at IS NULL $$;
CREATE FUNCTION oracle.try(acts text, OUT one text) LANGUAGE plpgsql AS $$
DECLARE
	act text;
	ids bigint[];
BEGIN
	PERFORM oracle.two(11), care.sweep();
	ids := ARRAY[oracle.silent(11), oracle.silent(12)];
	FOREACH act IN ARRAY string_to_array(acts, ';') LOOP
		CONTINUE WHEN act = '';
		act := CASE WHEN act = 'later' THEN 'SET LOCAL coachiatry.clock = ''2026-03-10 13:00+00''' WHEN act ~ '^worse' THEN
			format('INSERT INTO care.warning_event (person_id, warning_id, acts_on, event) SELECT person_id, warning_id, acts_on, %L FROM care.warning WHERE warning_id = %s', 'worsened', right(act, 2)) ELSE act END;
		IF act ~ '^care' THEN
			PERFORM oracle.act('coach', 'SELECT ' || replace(replace(act, '$1', ids[1]::text), '$2', ids[2]::text));
		ELSE
			EXECUTE replace(replace(act, '$1', ids[1]::text), '$2', ids[2]::text);
		END IF;
	END LOOP;
	PERFORM care.merge_persons(11, 12);
	SELECT concat_ws(' ', array_position(ids, o.warning_id), o.state, 'by ' || o.acknowledged_by, to_char(o.acknowledged_until, 'DD'), 'silent ' || to_char(o.silenced_until, 'DD'), 'severity ' || o.severity,
		(SELECT string_agg(e.event, ',' ORDER BY e.warning_event_id) FROM care.warning_event e WHERE e.warning_id = o.warning_id)) INTO one FROM oracle.one_of(11) o;
	IF (SELECT array_agg(w.state) FROM care.warning w WHERE w.warning_id = ANY (ids) AND w.closed_at IS NOT NULL) <> '{merged}' OR (SELECT count(*) FROM oracle.one_of(11)) <> 1 THEN
		one := one || ' not merged';
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = one;
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN one := SQLERRM;
END
$$;
SELECT is(oracle.try(v.acts), v.wanted, v.about) FROM (VALUES
	('', '1 open severity 2 opened,evidence_changed', 'the older one goes on'),
	('care.acknowledge_warning($2, ''2026-03-14'')', '2 acknowledged by 4 14 severity 2 opened,acknowledged,evidence_changed', 'or one that somebody has in hand'),
	('care.acknowledge_warning($1, ''2026-03-12'');care.acknowledge_warning($2, ''2026-03-14'')', '1 acknowledged by 4 14 severity 2 opened,acknowledged,acknowledged,evidence_changed', 'for as long as anybody has'),
	('care.acknowledge_warning($1, ''2026-03-14'');care.acknowledge_warning($2, ''2026-03-12'')', '1 acknowledged by 4 14 severity 2 opened,acknowledged,evidence_changed', 'and no shorter'),
	('care.acknowledge_warning($2, ''2026-03-11'');SET LOCAL coachiatry.clock = ''2026-03-12 12:00+00''', '2 acknowledged by 4 11 severity 2 opened,acknowledged,evidence_changed', 'one that was seen is the one, its time over or not'),
	('care.silence_warning($1, ''2026-03-20'')', '1 open silent 10 severity 2 opened,silenced,silenced,evidence_changed', 'what somebody saw before is in sight'),
	('care.silence_warning($2, ''2026-03-20'')', '1 open severity 2 opened,evidence_changed', 'in any order'),
	('care.silence_warning($1, ''2026-03-20'');care.silence_warning($2, ''2026-03-15'')', '1 open silent 15 severity 2 opened,silenced,silenced,evidence_changed', 'a silence of both holds for the shorter'),
	('UPDATE care.warning SET severity = 3 WHERE warning_id = $2', '1 open severity 3 opened,worsened,evidence_changed', 'the more severe counts'),
	('care.acknowledge_warning($1, ''2026-03-20'');UPDATE care.warning SET severity = 3 WHERE warning_id = $2', '1 open by 4 severity 3 opened,acknowledged,worsened,evidence_changed', 'and must be acknowledged anew'),
	('care.acknowledge_warning($2, ''2026-03-20'');UPDATE care.warning SET severity = 3 WHERE warning_id = $2', '2 acknowledged by 4 20 severity 3 opened,acknowledged,evidence_changed', 'unless it was'),
	-- What comes later than that.
	('care.acknowledge_warning($1, ''2026-12-31'');later;worse $2', '1 open by 4 severity 2 opened,acknowledged,worsened,evidence_changed', 'nobody has in hand what came after they said so'),
	('care.acknowledge_warning($1, ''2026-12-31'');later;worse $2;care.acknowledge_warning($2, ''2026-03-12'')', '1 acknowledged by 4 12 severity 2 opened,acknowledged,acknowledged,evidence_changed',
		'or for no longer than they said then'),
	('care.acknowledge_warning($2, ''2026-12-31'');care.acknowledge_warning($1, ''2026-03-20'');later;worse $1;care.acknowledge_warning($1, ''2026-03-12'')',
		'1 acknowledged by 4 12 severity 2 opened,acknowledged,worsened,acknowledged,evidence_changed', 'whichever it is'),
	('care.acknowledge_warning($2, ''2026-12-31'');care.acknowledge_warning($1, ''2026-03-20'');later;worse $1', '1 open by 4 severity 2 opened,acknowledged,worsened,evidence_changed', 'and what came later takes over nothing'),
	('care.acknowledge_warning($1, ''2026-12-31'');later;worse $2;care.silence_warning($2, ''2026-03-12'')', '1 open by 4 severity 2 opened,acknowledged,worsened,evidence_changed', 'a silence does not do instead'),
	('care.silence_warning($1, ''2026-12-31'');later;worse $2', '1 open severity 2 opened,silenced,worsened,evidence_changed', 'and is no longer than what it was about'),
	('care.acknowledge_warning($1, ''2026-03-10 12:30+00'');later;worse $2', '1 acknowledged by 4 10 severity 2 opened,acknowledged,evidence_changed', 'one that has run out hides nothing')
	) AS v (acts, wanted, about);
SELECT is(oracle.try('care.acknowledge_warning($1, ''2026-03-14'');INSERT INTO care.contact (person_id, staff_id, channel, started_at) VALUES (12, 4, ''voice'', ''2026-03-10 10:00+00'')'),
	'1 acknowledged by 4 14 severity 2 opened,acknowledged,evidence_changed not merged', 'one that only one has is not merged, and waits for whoever has seen it where the record of both says otherwise');
SELECT oracle.two(21), care.sweep() \g /dev/null
SELECT is(oracle.said(who, format('INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, reason) VALUES (21, %s, %L, %L, %L)', oracle.silent(21), 'coach', 'merged', 'x')),
	CASE who WHEN 'owner' THEN '55000' WHEN 'superuser' THEN '55000' ELSE '42501' END, who || ' ends none as merged that is the only one')
FROM unnest('{coach,supervisor,therapist,owner,superuser}'::text[]) who;
SELECT is(oracle.said('coach', format('SELECT care.act_on_warning(%s, %L, NULL, %L, NULL)', oracle.silent(21), 'merged', 'x')), '22023', 'nor is that an act');
SELECT is(oracle.said('owner', format('INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, reason) SELECT 1, warning_id, acts_on, %L, %L FROM care.warning WHERE kind = %L AND person_id = 1 AND closed_at IS NULL LIMIT 1', 'merged', 'x', 'over_use')),
	'55000', 'one of safety never is');
-- Nobody can have warnings left alone.
SELECT is(oracle.said(who, 'UPDATE care.person SET merging = pg_current_xact_id() WHERE person_id = 21'), '42501', who || ' cannot say that a merge is under way')
FROM unnest('{person21,coach,supervisor,prescriber,therapist,coordinator}'::text[]) who;
SELECT is(oracle.said('coordinator', 'INSERT INTO care.person (name, merging) VALUES (''x'', pg_current_xact_id())'), '42501', 'not of somebody new either');
UPDATE care.person SET merging = '3' WHERE person_id = 21;
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (21, 1, '9', '2026-03-10', 3);
SELECT is((SELECT count(*) FROM care.warning_event WHERE person_id = 21 AND event = 'answer_changed'), 1::bigint, 'and in another transaction it means nothing');

-- One that is opened after somebody has put the other off for long is told, in one that is open again.
SELECT oracle.two(27) \g /dev/null
DELETE FROM care.measurement WHERE person_id = 27;
SELECT care.sweep(), oracle.act('therapist', format('SELECT care.acknowledge_warning(%s, %L)', warning_id, '2026-12-31')) FROM care.warning WHERE person_id = 28 AND warning_rule_id = 100 \g /dev/null
SET LOCAL coachiatry.clock = '2026-03-10 13:00+00';
INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) VALUES (27, 1, '2026-03-10', 9);
SELECT care.merge_persons(27, 28) \g /dev/null
SELECT results_eq($$SELECT w.state, w.acknowledged_until, (SELECT string_agg(e.event, ',') FROM care.warning_outbox b JOIN care.warning_event e USING (person_id, warning_event_id) WHERE e.person_id = w.person_id AND e.warning_id = w.warning_id AND e.at = clock())
	FROM care.warning w WHERE w.person_id = 27 AND w.warning_rule_id = 100 AND w.closed_at IS NULL$$, $$VALUES ('open', NULL::timestamptz, 'worsened')$$, 'what is new is told, though it goes on as one that somebody had in hand');
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
-- What somebody did about the one record ends nothing of the other that nobody has looked at: it waits for a human.
CREATE FUNCTION oracle.unseen(p bigint) RETURNS TABLE (what text, state text, stands boolean, events text) LANGUAGE sql STABLE AS $$
	SELECT s.what, s.state, w.evidence_stands, s.events FROM oracle.stories(ARRAY[p]) s JOIN care.warning w USING (warning_id)
	WHERE w.closed_at IS NULL AND s.what IN ('high', 'no contact', 'answers late') $$;
CREATE FUNCTION oracle.resolve(p bigint) RETURNS void LANGUAGE sql AS $$
	SELECT oracle.act('therapist', format('SELECT care.resolve_warning(%s, %L)', w.warning_id, 'x'))
	FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id) WHERE w.person_id = p AND w.closed_at IS NULL AND r.name IN ('high', 'no contact', 'answers late') $$;
INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on, cool_down_days) VALUES ('answers late', 'x', 'reply', 'shewhart', '{"l": 1, "mean": 5, "sd": 2}', 'coach', 14);
SELECT oracle.two(23), oracle.two(25) \g /dev/null
INSERT INTO care.contact (person_id, staff_id, channel, started_at, replied_after, reached)
SELECT p, 4, 'text', '2026-03-08 10:00+00', '20 hours', false FROM unnest('{23,24,25,26}'::bigint[]) p;
SELECT care.sweep(), oracle.resolve(24), oracle.resolve(25), care.merge_persons(23, 24), care.merge_persons(25, 26) \g /dev/null
SELECT results_eq(format('SELECT * FROM oracle.unseen(%s) ORDER BY what', p),
	$$VALUES ('answers late', 'open', false, 'opened,evidence_changed'), ('high', 'open', false, 'opened,evidence_changed'), ('no contact', 'open', false, 'opened,evidence_changed')$$,
	format('one that nobody has looked at stays open, of %s', CASE p WHEN 23 THEN 'whom is kept' ELSE 'the duplicate' END))
FROM unnest('{23,25}'::bigint[]) p;
INSERT INTO care.measurement (person_id, instrument_id, measured_on, value) SELECT p, 1, '2026-03-10', 3 FROM unnest('{23,25}'::bigint[]) p;
SELECT care.sweep() \g /dev/null
SELECT is((SELECT count(*) FROM unnest('{23,25}'::bigint[]) p CROSS JOIN oracle.unseen(p) u WHERE NOT u.stands AND u.events = 'opened,evidence_changed'), 6::bigint, 'whatever comes, and whoever sweeps');
SELECT oracle.resolve(23) \g /dev/null
SELECT is_empty('SELECT * FROM oracle.unseen(23)', 'until somebody closes it');

--
-- What is written later about whoever was merged
--
CREATE FUNCTION oracle.heard() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT string_agg(w.person_id || ' ' || w.kind || ' ' || jsonb_array_length(w.evidence) || ' ' || w.owner_staff_id, ', ' ORDER BY w.person_id, w.kind)
	FROM care.warning w WHERE w.person_id BETWEEN 31 AND 39 AND w.safety AND w.closed_at IS NULL $$;
INSERT INTO care.person (person_id, token_subject) SELECT p, 'person' || p FROM generate_series(31, 33) p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(31, 33) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r) WHERE p <> 32;
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day) SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-03-01', 1, 2 FROM generate_series(31, 33) p;
SELECT care.merge_persons(31, 32) \g /dev/null
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (32, 1, '9', '2026-03-10', 2);
SELECT is(oracle.heard(), '31 self_harm 1 2', 'an answer is heard at once, as of the person they are');
SELECT is(oracle.read('therapist', 'SELECT string_agg(person_id::text, '','') FROM care.open_item WHERE kind = ''safety'' AND person_id > 30'), '31', 'by whoever looks after them');
SELECT is((SELECT count(*) FROM care.measurement WHERE person_id IN (31, 32)), 1::bigint, 'and is not lost');
CREATE TABLE oracle.events AS SELECT warning_event_id FROM care.warning_event;
SELECT care.evaluate_warnings('{31,32}', false), care.merge_persons(31, 32) \g /dev/null
SELECT is_empty('SELECT event FROM care.warning_event WHERE warning_event_id NOT IN (SELECT warning_event_id FROM oracle.events)', 'once: when it moves it is what it was');
SELECT is((SELECT person_id FROM care.measurement WHERE person_id IN (31, 32)), 31::bigint, 'with them');
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (32, 1, '9', '2026-03-09', 2), (31, 1, '9', '2026-03-08', 2);
SELECT is(oracle.heard(), '31 self_harm 3 2', 'what is written about both is told of as one');
DELETE FROM care.measurement WHERE person_id = 32;
SELECT is(oracle.heard(), '31 self_harm 2 2', 'and what is taken away again, too');
INSERT INTO care.episode (person_id, episode_id, started) VALUES (32, 3200, '2026-03-01');
INSERT INTO care.task (person_id, task_id, episode_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day) VALUES (32, 329, 3200, 'medication', 'x', 'FREQ=DAILY', '2026-03-01', 1, 2);
INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (32, 329, '2026-03-10', 4);
SELECT is(oracle.heard(), '31 over_use 1 1, 31 self_harm 2 2', 'a check-in is');
SELECT care.raise_concern(32, 'x') \g /dev/null
SELECT is(oracle.heard(), '31 concern 1 2, 31 over_use 1 1, 31 self_harm 2 2', 'and a concern');
SAVEPOINT concerned;
SELECT is(oracle.act('coach', 'SELECT care.raise_concern(32, ''x'')'), '1', 'which whoever looks after the person raises under either record');
SELECT is((SELECT array_agg(evidence -> -1 ->> 'by') FROM care.warning WHERE person_id = 31 AND kind = 'concern'), '{4}', 'and says that it was they');
ROLLBACK TO concerned;
SELECT is(oracle.said('other_coach', format('SELECT care.raise_concern(%s, ''x'')', p)), 'P0002', 'but nobody who does not see them') FROM unnest('{31,32,3200}'::bigint[]) p;
INSERT INTO care.message (person_id, author_kind, body, lang) VALUES (32, 'person', 'I want to kill myself', 'en');
SELECT is(oracle.heard(), '31 concern 2 2, 31 over_use 1 1, 31 self_harm 2 2', 'and words');
SELECT is((SELECT count(*) FROM care.ingest_check_ins('[{"person_id": 32, "task_id": 320, "due_on": "2026-03-10", "taken": 500}]', partial => true)), 1::bigint, 'a check-in that nobody could write is refused');
SELECT is(oracle.heard(), '31 concern 3 2, 31 over_use 1 1, 31 self_harm 2 2', 'which is told');
INSERT INTO care.support_request (person_id, words) VALUES (32, 'x');
SELECT is((SELECT array_agg(person_id) FROM care.support_request), '{31}'::bigint[], 'who asks for support is not left alone');
SELECT is((SELECT count(*) FROM care.ingest_check_ins('[{"person_id": 32, "task_id": 320, "due_on": "2026-03-09", "taken": 1}, {"person_id": 32, "task_id": "320", "due_on": "2026-03-10", "taken": 5}, 7, {"person_id": 32, "task_id": 321, "due_on": "2026-03-10", "taken": 1}]',
	partial => true)), 2::bigint, 'one of a task that has moved is not');
SELECT is((SELECT array_agg(taken ORDER BY due_on) FROM care.check_in WHERE person_id = 31 AND task_id = 320), '{1,5}'::smallint[], 'but where its task is');
SELECT is(oracle.heard(), '31 concern 3 2, 31 over_use 1 1, 31 over_use 1 1, 31 self_harm 2 2', 'and told');
SELECT is(oracle.said('person31', 'SELECT care.ingest_check_ins(''[{"person_id": 32, "task_id": 320, "due_on": "2026-03-08", "taken": 1}]'')'), 'done', 'as whoever they are');
SELECT is(oracle.said('person33', 'SELECT care.ingest_check_ins(''[{"person_id": 32, "task_id": 320, "due_on": "2026-03-08", "taken": 1}]'')'), '42501', 'and nobody else');
SELECT is(oracle.read('other_coach', 'SELECT care.ingest_moved(ARRAY[''{"person_id": 32, "task_id": 320}''::jsonb])::text'), '{"{\"task_id\": 320, \"person_id\": 32}"}', 'who learns nothing of it');
SELECT is((SELECT array_agg(m ->> 'person_id' ORDER BY nth) FROM unnest(care.ingest_moved(ARRAY(SELECT jsonb_build_object('person_id', v, 'task_id', '320') FROM unnest('{32,x32,99999999999999999999,-32,31,3.2e1,""}'::text[]) v)
	|| '[32]'::jsonb || '7'::jsonb || '{"task_id": 320}'::jsonb)) WITH ORDINALITY AS u (m, nth)), '{31,x32,99999999999999999999,-32,31,3.2e1,"",NULL,NULL,NULL}', 'whatever an entry may call a person');
-- However many were merged, only those who are named are looked at.
SAVEPOINT crowd;
INSERT INTO care.person (person_id, merged_into) SELECT p, 33 FROM generate_series(100001, 100300) p;
SET LOCAL track_functions = 'all';
SELECT coalesce(sum(pg_stat_get_xact_function_calls(oid)), 0) AS asked FROM pg_proc WHERE pronamespace = 'coachiatry'::regnamespace AND proname = 'sees' \gset before_
SELECT is(oracle.read('coach', 'SELECT care.ingest_moved(ARRAY[''{"person_id": 32, "task_id": 320}'', ''{"person_id": 33, "task_id": 330}'', ''{"person_id": 32, "task_id": 329}''::jsonb])::text'), '{"{\"task_id\": 320, \"person_id\": 31}","{\"task_id\": 330, \"person_id\": 33}","{\"task_id\": 329, \"person_id\": 32}"}', 'those who are named are found');
SELECT is((SELECT sum(pg_stat_get_xact_function_calls(oid)) - :before_asked FROM pg_proc WHERE pronamespace = 'coachiatry'::regnamespace AND proname = 'sees'), 1::numeric, 'and asked about once');
ROLLBACK TO crowd;
SELECT is_empty('SELECT 1 FROM care.warning WHERE person_id = 32 UNION ALL SELECT 1 FROM care.recheck WHERE person_id = 32', 'no warning is about whom nobody looks after, and no sweep looks at them');
SELECT care.merge_persons(33, 31) \g /dev/null
INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, value) VALUES (32, 1, '9', '2026-03-07', 2), (31, 1, '9', '2026-03-06', 2);
SELECT is(oracle.heard(), '33 concern 3 2, 33 over_use 1 1, 33 over_use 1 1, 33 self_harm 4 2', 'nor when that person is merged in turn');
SELECT lives_ok('SELECT care.merge_persons(33, 32)', 'into whom what is left moves');
SELECT is(oracle.heard(), '33 concern 3 2, 33 over_use 1 1, 33 over_use 1 1, 33 self_harm 4 2', 'as it was');

-- Whatever the numbers of a day's measurements are, none is lost, and none is in the way.
INSERT INTO care.person (person_id) VALUES (61), (62);
CREATE TABLE oracle.day AS SELECT p, date '2026-03-01' + d AS day, o, 100 * d + 10 * (p - 60) + row_number() OVER (PARTITION BY p, d ORDER BY o) AS value
FROM (VALUES (61, 1, '{1}'::int[]), (62, 1, '{1,2}'), (61, 2, '{32767}'), (62, 2, '{32767}'), (61, 3, '{1,3,32767}'), (62, 3, '{2,3,32766,32767}'), (61, 4, '{1}'), (62, 4, '{2,32767}'), (62, 5, '{32767}'), (61, 6, '{32766}'), (62, 6, '{32765,32766}'))
	AS v (p, d, os) CROSS JOIN unnest(os) AS o;
INSERT INTO care.measurement (person_id, instrument_id, measured_on, occurrence, value) SELECT p, 2, day, o, value FROM oracle.day;
SELECT lives_ok('SELECT care.merge_persons(61, 62)', 'two who both have the last number are merged');
SELECT results_eq('SELECT measured_on, array_agg(occurrence::int ORDER BY value), array_agg(value::int ORDER BY value) FROM care.measurement WHERE person_id = 61 GROUP BY 1 ORDER BY 1',
	$$VALUES (date '2026-03-02', '{1,2,3}'::int[], '{111,121,122}'::int[]), ('2026-03-03', '{32767,1}', '{211,221}'), ('2026-03-04', '{1,3,32767,2,4,5,6}', '{311,312,313,321,322,323,324}'),
		('2026-03-05', '{1,2,32767}', '{411,421,422}'), ('2026-03-06', '{32767}', '{521}'), ('2026-03-07', '{32766,32767,1}', '{611,621,622}')$$, 'with each measurement under a number of its own: the kept person''s as they were');

--
-- Many
--
INSERT INTO care.warning_rule (name, says, stream, instrument_id, detector, parameters, acts_on, hold_days, clear_days, cool_down_days, safety) VALUES
	('m1', 'x', 'measure', 1, 'ewma', '{"mean": 5, "sd": 2, "l": 1.5}', 'therapist', 1, 2, 3, false), ('m2', 'x', 'measure', 2, 'shewhart', '{"l": 0.5, "mean": 5, "sd": 2}', 'therapist', 0, 1, 0, true),
	('c1', 'x', 'contact', NULL, 'silence', '{"rate": 0.5, "alpha": 0.2}', 'coach', 0, 1, 2, false), ('t1', 'x', 'task', NULL, 'rate_below', '{"days": 5, "rate": 0.7}', 'coach', 0, 2, 2, false),
	('t2', 'x', 'task', NULL, 'missed_run', '{"n": 2}', 'supervisor', 0, 1, 0, false);
CREATE FUNCTION oracle.pick(n integer, VARIADIC keys integer[]) RETURNS integer LANGUAGE sql STABLE AS $$ SELECT floor(oracle.random(VARIADIC keys) * n)::integer $$;
-- Person p is merged with p + 100, and p + 200 always was both; of p + 100 nothing is known in some pairs. Nobody acts on warnings of odd people.
CREATE TABLE oracle.fact AS
SELECT p, h, d, date '2026-02-01' + d AS day, oracle.pick(10, p, h, d, 1) AS r, oracle.pick(10, p, h, d, 2) AS s, oracle.pick(10, p, h, d, 3) AS v, oracle.pick(20, p, h, d, 4) AS c
FROM generate_series(1001, 1060) p, generate_series(0, 1) h, generate_series(0, 37) d;
INSERT INTO care.person (person_id) SELECT p + w FROM generate_series(1001, 1060) p, unnest('{0,100,200}'::int[]) w;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT person_id, s, r, '[2026-01-01,)' FROM care.person, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach'), (5, 'coach')) AS v (s, r)
WHERE person_id > 1000 AND (person_id >= 1200 OR oracle.random(person_id::int, s, 5) < 0.7);
INSERT INTO care.episode (person_id, started) SELECT person_id, '2026-02-01' FROM care.person WHERE person_id > 1000;
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, max_units_per_day, gap_hazard_days)
SELECT p + w, (p + w) * 10 + h, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, CASE oracle.pick(2, p, h, 6) WHEN 0 THEN 1 END, CASE oracle.pick(2, p, h, 7) WHEN 0 THEN 3 END
FROM generate_series(1001, 1060) p, generate_series(0, 1) h, unnest('{0,100,200}'::int[]) w WHERE w = 200 OR w = h * 100;
CREATE FUNCTION oracle.write(days int4range, twins boolean) RETURNS void LANGUAGE sql AS $$
	INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed)
	SELECT q, q * 10 + h, day, CASE WHEN r < 6 THEN 1 + (r = 0)::int ELSE 0 END, (r >= 6)::int FROM oracle.fact CROSS JOIN LATERAL (SELECT p + CASE WHEN twins THEN 200 ELSE h * 100 END AS q) x WHERE s < 9 AND d <@ days;
	INSERT INTO care.measurement (person_id, instrument_id, item, measured_on, occurrence, value)
	SELECT p + CASE WHEN twins THEN 200 ELSE h * 100 END, i.i, i.item, day, 1 + CASE WHEN twins THEN h ELSE 0 END, CASE i.item WHEN '' THEN v ELSE (v = 1)::int END
	FROM oracle.fact, (VALUES (1, ''), (2, ''), (1, '9')) AS i (i, item) WHERE (r + i.i + length(i.item)) % 4 = 0 AND d <@ days;
	INSERT INTO care.contact (person_id, staff_id, channel, started_at)
	SELECT p + CASE WHEN twins THEN 200 ELSE h * 100 END, 4, 'text', day + time '10:00' FROM oracle.fact WHERE c = 0 AND d <@ days;
$$;
SELECT oracle.write('[0,34)', false), oracle.write('[0,34)', true), care.sweep() \g /dev/null
-- Of even people: somebody has seen it, silenced it, or dealt with it.
INSERT INTO care.warning_event (person_id, warning_id, acts_on, event, by_staff_id, until, reason, done)
SELECT w.person_id, w.warning_id, w.acts_on, e.event, 2, CASE WHEN e.event IN ('acknowledged', 'silenced') THEN clock() + make_interval(days => 1 + oracle.pick(9, w.warning_id::int, 9)) END, 'x', 'x'
FROM care.warning w CROSS JOIN LATERAL (SELECT (CASE WHEN w.safety THEN '{acknowledged,acknowledged,resolved}' ELSE '{acknowledged,silenced,resolved,declined}' END::text[])[1 + oracle.pick(4, w.warning_id::int, 8)] AS event) e
WHERE w.closed_at IS NULL AND w.kind NOT LIKE 'no%' AND w.person_id BETWEEN 1001 AND 1199 AND w.person_id % 2 = 0 AND e.event IS NOT NULL AND oracle.random(w.warning_id::int, 10) < 0.6
ORDER BY w.person_id, w.warning_id;
SELECT oracle.write('[34,38)', false), oracle.write('[34,38)', true), care.sweep() \g /dev/null
CREATE TABLE oracle.was AS SELECT w.*, 1001 + (w.person_id - 1001) % 100 AS whose FROM care.warning w WHERE w.person_id BETWEEN 1001 AND 1199;
CREATE TABLE oracle.then AS SELECT max(warning_event_id) AS last FROM care.warning_event;
SELECT care.merge_persons(p, p + 100) FROM generate_series(1001, 1060) p \g /dev/null
CREATE VIEW oracle.now AS
SELECT w.*, (SELECT count(*) FROM care.warning_event e WHERE e.person_id = w.person_id AND e.warning_id = w.warning_id AND e.warning_event_id > (SELECT last FROM oracle.then)) AS told
FROM care.warning w WHERE w.person_id BETWEEN 1001 AND 1199;
SELECT diag(format('%s warnings, %s open of pairs; %s merged, %s of safety', count(*), count(*) FILTER (WHERE closed_at IS NULL), count(*) FILTER (WHERE state = 'merged'), count(*) FILTER (WHERE safety AND closed_at IS NULL))) FROM oracle.now;
SELECT cmp_ok((SELECT count(*) FROM oracle.now WHERE state = 'merged'), '>', 10::bigint, 'some were merged');
SELECT is_empty('SELECT warning_id FROM oracle.was w WHERE NOT EXISTS (SELECT FROM oracle.now n WHERE n.person_id = w.whose AND n.warning_id = w.warning_id)', 'none is lost');
SELECT is_empty('SELECT n.warning_id, n.state FROM oracle.now n JOIN oracle.was w USING (warning_id) WHERE w.safety AND w.closed_at IS NULL AND n.closed_at IS NOT NULL', 'none of safety ended');
SELECT is_empty($$SELECT n.warning_id, n.kind, n.told FROM oracle.now n JOIN oracle.was w USING (warning_id) WHERE w.kind IN ('self_harm', 'over_use', 'gap') AND w.closed_at IS NULL
	AND (n.evidence, n.state) IS DISTINCT FROM (w.evidence, w.state)$$, 'nor is anything of safety told anew');
SELECT is_empty('SELECT person_id, kind, warning_rule_id FROM oracle.now WHERE closed_at IS NULL AND NOT safety GROUP BY person_id, kind, warning_rule_id, task_id, instrument_id, item HAVING count(*) > 1',
	'of a rule and stream one is open');
SELECT is_empty('SELECT n.warning_id, n.state FROM oracle.now n JOIN oracle.was w USING (warning_id) WHERE w.closed_at IS NULL AND w.task_id IS NOT NULL AND n.kind = ''rule'' AND n.closed_at IS NOT NULL',
	'those of tasks go on, as their record does');
SELECT is_empty($$SELECT n.warning_id, n.state FROM oracle.now n WHERE n.told > 0 AND n.state IN ('cleared', 'retracted') AND EXISTS (
	SELECT FROM oracle.now o WHERE o.closed_at IS NULL AND (o.person_id, o.kind, o.warning_rule_id, o.task_id, o.instrument_id, o.item) IS NOT DISTINCT FROM (n.person_id, n.kind, n.warning_rule_id, n.task_id, n.instrument_id, n.item)
		AND o.warning_id NOT IN (SELECT warning_id FROM oracle.was))$$, 'none ended that was opened anew');
SELECT is_empty($$SELECT warning_id, told FROM oracle.now n WHERE told > 4$$, 'and each is told of a few things at most');
SELECT is_empty($$SELECT r.name, d.* FROM care.warning_difference(ARRAY(SELECT generate_series(1001, 1199)::bigint), NULL, false) d JOIN care.warning_rule r USING (warning_rule_id)$$, 'what is open is what a replay of the merged people says');
SELECT is_empty($$SELECT d.person_id, d.kind, f FROM care.safety_due(ARRAY(SELECT generate_series(1001, 1199)::bigint)) d CROSS JOIN jsonb_array_elements(d.evidence) f WHERE 1 <> (
	SELECT count(*) FROM care.warning w WHERE w.person_id = d.person_id AND w.kind = d.kind AND w.closed_at IS NULL AND w.evidence @> jsonb_build_array(f)
		AND (w.task_id, w.instrument_id, w.item) IS NOT DISTINCT FROM (d.task_id, d.instrument_id, d.item))$$, 'each matter of safety is in one open warning');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'calendars and series are those of the facts');
SELECT care.sweep() \g /dev/null
CREATE FUNCTION oracle.open(twins boolean) RETURNS TABLE (whose bigint, rule text, task bigint, instrument_id bigint, item text, raised_on date, onset date, evidence jsonb, stands boolean)
LANGUAGE sql STABLE AS $$
	SELECT 1001 + (w.person_id - 1001) % 100, r.name, w.task_id % 10, w.instrument_id, w.item, w.raised_on, w.onset, w.evidence, w.evidence_stands
	FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id)
	WHERE w.closed_at IS NULL AND NOT w.safety AND w.person_id % 2 = 1 AND w.person_id > 1000 AND (w.person_id > 1200) = twins
$$;
SELECT cmp_ok((SELECT count(*) FROM oracle.open(true)), '>', 40::bigint, 'people who always were one have open warnings');
SELECT bag_eq('SELECT * FROM oracle.open(false) WHERE stands', 'SELECT * FROM oracle.open(true)', 'and those who were merged the same');
SELECT is_empty($$SELECT n.warning_id, n.state FROM oracle.now n JOIN oracle.was w USING (warning_id) WHERE w.closed_at IS NULL AND w.warning_rule_id IS NOT NULL AND n.state IN ('cleared', 'retracted')$$,
	'what was open ends by no merge, nor by the next sweep');
SELECT is_empty($$SELECT o.* FROM oracle.open(false) o WHERE NOT o.stands AND NOT EXISTS (SELECT FROM oracle.was w JOIN care.warning_rule r USING (warning_rule_id) WHERE w.closed_at IS NULL AND (w.whose, r.name) = (o.whose, o.rule))$$,
	'and nothing else waits for a human');
SELECT is_empty('SELECT * FROM care.stream_fault', 'nothing failed');

SELECT * FROM finish();
ROLLBACK;
