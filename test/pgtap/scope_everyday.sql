-- The views and functions of every day, asked by each of those who live in them: what they show, whom they refuse, and that what is meant to work does.
\ir include/setup.sql
\ir include/scope.sql
SELECT plan(49);

CREATE FUNCTION oracle.as_actor(someone text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM oracle.become(someone);
	EXECUTE format('SELECT string_agg(concat_ws('','', q::text), '' '' ORDER BY q::text) FROM (%s) q', query) INTO answer;
	PERFORM set_config('role', 'none', true);
	RETURN coalesce(answer, '-');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;

-- Who sees whom
SELECT is(oracle.as_actor(who, 'SELECT person_id FROM care.caseload'), '(2)', who || ': caseload') FROM unnest('{coach,supervisor,prescriber,therapist}'::text[]) who;
SELECT is(oracle.as_actor(who, 'SELECT DISTINCT person_id FROM care.my_day'), '(2)', who || ': my_day') FROM unnest('{coach,supervisor,prescriber,therapist}'::text[]) who;
SELECT is(oracle.as_actor(who, 'SELECT person_id FROM care.data_quality()'), '(2)', who || ': data_quality') FROM unnest('{coach,prescriber}'::text[]) who;
SELECT is(oracle.as_actor(who, 'SELECT person_id FROM care.caseload'), '42501', who || ': no caseload')
FROM unnest('{person,proxy.calendar,coordinator,practice_coach,analyst,auditor,app}'::text[]) who;
SELECT is(oracle.as_actor('nobody as coach', 'SELECT person_id FROM care.caseload'), '-', 'nobody: none');
SELECT is(oracle.as_actor('coach', 'SELECT person_id FROM care.caseload_of(24)'), '-', 'the caseload of another is empty');
SELECT is(oracle.as_actor('coordinator', 'SELECT person_id FROM care.coached'), '(1) (2) (3) (5)', 'coordinator: coached, of the organisation');
SELECT is(oracle.as_actor('person', 'SELECT DISTINCT person_id FROM care.my_calendar'), '(1)', 'person: my_calendar');
SELECT is(oracle.as_actor('proxy.calendar', 'SELECT DISTINCT person_id FROM care.my_calendar'), '(1)', 'proxy with the calendar: my_calendar');
SELECT is(oracle.as_actor('proxy.report', 'SELECT DISTINCT person_id FROM care.my_calendar'), '-', 'proxy without: none');

-- What they see of whom
SELECT is(oracle.as_actor('coach', 'SELECT DISTINCT kind FROM care.timeline(2) WHERE kind IN (''measurement'', ''check_in'', ''contact'')'), '(check_in) (contact) (measurement)',
	'coach: timeline') ;
SELECT is(oracle.as_actor('coach', 'SELECT what FROM care.timeline(2) WHERE kind = ''measurement'''), '("pages read: 5")', 'of scores only those for coaches');
SELECT is(oracle.as_actor('prescriber', 'SELECT count(*) > 1 FROM care.timeline(2) WHERE kind = ''measurement'''), '(t)', 'prescriber: scores');
SELECT is(oracle.as_actor(who, format('SELECT * FROM care.timeline(%s)', person)), '-', who || ': timeline of person ' || person)
FROM (VALUES ('coach', 3), ('coach', 4), ('coach', 5), ('person', 2), ('prescriber', 3)) AS v (who, person);
SELECT isnt(oracle.as_actor('person', 'SELECT kind FROM care.timeline(1)'), '-', 'person: their own timeline');
SELECT isnt(oracle.as_actor('person', 'SELECT kind FROM care.timeline(1, as_known_on => now())'), '-', 'and what was known then');
SELECT is(oracle.as_actor('person', 'SELECT source FROM care.reconcile(2)'), '-', 'nothing of another');

-- Getting data in
SELECT is(oracle.as_actor('coach', $$SELECT * FROM care.ingest_check_ins('[{"person_id": 2, "task_id": 2, "due_on": "2026-01-02", "source": "coach", "taken": 1}]')$$), '-', 'coach: a check-in');
SELECT is(oracle.as_actor('coach', $$SELECT "row", sqlstate FROM care.ingest_check_ins('[{"person_id": 2, "task_id": 2, "due_on": "2026-01-03", "source": "person", "taken": 1},
	{"person_id": 5, "task_id": 5, "due_on": "2026-01-03", "source": "coach", "taken": 1}, {"person_id": 77, "task_id": 5, "due_on": "2026-01-03", "source": "coach", "taken": 1},
	{"person_id": 2, "task_id": 2, "due_on": "2026-01-03", "source": "seen", "taken": 1}]', partial => true)$$), '(1,42501) (2,42501) (3,42501)',
	'in another''s name, of somebody else, or of nobody each is refused alike');
SELECT is((SELECT string_agg(source, ',' ORDER BY source) FROM care.check_in WHERE due_on BETWEEN '2026-01-02' AND '2026-01-03'), 'coach,seen', 'and the others are there');
SELECT is(oracle.as_actor('coach', $$SELECT * FROM care.ingest_measurements('[{"person_id": 2, "instrument": "PHQ-9", "measured_on": "2026-01-02", "value": 1}]')$$), '42501', 'coach: no scores');
SELECT is(oracle.as_actor('person', $$SELECT * FROM care.ingest_measurements('[{"person_id": 1, "instrument": "PHQ-9", "measured_on": "2026-01-02", "value": 1}]')$$), '-', 'person: a score');
SELECT is(oracle.as_actor('proxy.check_in', $$SELECT * FROM care.ingest_check_ins('[{"person_id": 1, "task_id": 1, "due_on": "2026-01-02", "source": "proxy", "taken": true}]')$$), '-',
	'proxy with check-ins: one');
SELECT is(oracle.as_actor('proxy.calendar', $$SELECT * FROM care.ingest_check_ins('[{"person_id": 1, "task_id": 1, "due_on": "2026-01-02", "source": "proxy", "taken": true}]')$$), '42501',
	'proxy without: none');
SELECT is_empty('SELECT * FROM care.verify_derived()', 'all is kept');

-- Plans, leave and endings
SELECT is(oracle.as_actor('prescriber', 'SELECT care.end_episode(2, (SELECT episode_id FROM care.episode WHERE person_id = 2), ''independent'')'), '("")', 'prescriber: the end of coaching');
SELECT is((SELECT count(*) FROM care.task WHERE person_id = 2 AND status = 'active'), 0::bigint, 'and of its tasks');
SELECT is(oracle.as_actor('prescriber', format('SELECT care.end_episode(5, %s, ''independent'')', episode_id)), 'P0002', 'not of somebody else''s') FROM care.episode WHERE person_id = 5;
SELECT is(oracle.as_actor('coordinator', $$SELECT person_id, role, urgency, why FROM care.handover(24, 14, tstzrange(now(), now() + interval '7 days'))$$), '(1,coach,,) (5,coach,,)',
	'coordinator: leave cover, and nothing of what is open');
SELECT is(oracle.as_actor('coach', 'SELECT person_id FROM care.caseload'), '(1) (5)', 'and the coach sees whom they cover');
SELECT is(oracle.as_actor('coordinator', $$SELECT * FROM care.handover(14, 34, tstzrange(now(), now() + interval '7 days'))$$), '42501', 'not to another organisation');
SELECT is(oracle.as_actor('coach', $$SELECT * FROM care.handover(14, 24, tstzrange(now(), now() + interval '7 days'))$$), '42501', 'nor by a coach');
SELECT * FROM finish();
ROLLBACK;
