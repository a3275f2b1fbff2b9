-- What people live in: the coach's caseload and day, the person's calendar, one stream of everything that happened, sources against each other, leave
-- cover, and the end of coaching.
--
-- Views are security_invoker and keep person_id, so a condition on it, and later the policies of the tables, reach every table below them. People are
-- those with an open episode who were not merged into somebody else: one who is no longer coached is in none of these views, unless they ask for support.

--
-- Who is coached
--

CREATE VIEW @program@.coached WITH (security_invoker = true) AS
SELECT e.person_id, p.name, p.time_zone, e.episode_id, e.tier, e.started, coachiatry.adherence_day(coachiatry.clock(), p.time_zone, i.day_start) AS today
FROM @program@.episode e
JOIN @program@.person p USING (person_id)
CROSS JOIN @program@.program_info i
WHERE e.ended IS NULL AND p.merged_into IS NULL;

COMMENT ON VIEW @program@.coached IS
'Who is coached now: one row for each person with an open episode.';
COMMENT ON COLUMN @program@.coached.person_id IS 'Who.';
COMMENT ON COLUMN @program@.coached.name IS 'What they want to be called.';
COMMENT ON COLUMN @program@.coached.time_zone IS 'Time zone in which their days begin and end.';
COMMENT ON COLUMN @program@.coached.episode_id IS 'The open episode.';
COMMENT ON COLUMN @program@.coached.tier IS 'Its tier of support, 1 to 4.';
COMMENT ON COLUMN @program@.coached.started IS 'Its first day.';
COMMENT ON COLUMN @program@.coached.today IS 'Today in their time zone.';

CREATE FUNCTION @program@.contact_within_days(tier integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE tier WHEN 4 THEN 1 WHEN 3 THEN 3 WHEN 2 THEN 7 WHEN 1 THEN 14 END;

COMMENT ON FUNCTION @program@.contact_within_days(integer) IS
'After how many days without human contact my_day speaks of it, by tier of support: 14 at tier 1, 7 at 2, 3 at 3, 1 at 4; NULL for any other. A site may replace it.';

--
-- The caseload
--

CREATE FUNCTION @program@.suggested_tier(low double precision, high double precision, completeness double precision, streak integer,
	days_since_contact integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN low IS NULL THEN NULL
	WHEN high < 0.5 THEN 4
	WHEN high < 0.8 THEN 3
	WHEN completeness < 0.5 AND (days_since_contact > 7 OR days_since_contact IS NULL) THEN 3
	WHEN low >= 0.8 AND streak >= 7 AND days_since_contact <= 28 THEN 1
	ELSE 2 END;

COMMENT ON FUNCTION @program@.suggested_tier(double precision, double precision, double precision, integer, integer) IS
'The tier of support that the last 14 days suggest; a human decides. The first that fits: 4 where less than half was done even if all that is unrecorded was (high < 0.5); 3 where high < 0.8, the usual threshold of adherence, or where less than half is recorded and nobody reached the person in the last 7 days; 1 where low >= 0.8, the streak is at least 7 and a human reached them in the last 28 days; else 2. NULL where nothing was planned (low is NULL): then the data suggest nothing. A site may replace it.';

CREATE VIEW @program@.caseload WITH (security_invoker = true) AS
SELECT h.person_id, h.name, s.coach_ids, s.coaches, h.episode_id, h.tier,
	@program@.suggested_tier(b.low, b.high, b.completeness, k.streak, n.days_since_contact) AS suggested_tier,
	c.tasks, k.streak, b.low, b.high, b.completeness, k.trend, n.last_contact, n.days_since_contact, h.today
FROM @program@.coached h
CROSS JOIN LATERAL (
	SELECT pg_catalog.array_agg(a.staff_id ORDER BY pg_catalog.lower(a.during), a.assignment_id) AS coach_ids,
		-- by its key each: a join would read all staff for every person
		pg_catalog.array_agg((SELECT w.name FROM @program@.staff w WHERE w.staff_id = a.staff_id)
			ORDER BY pg_catalog.lower(a.during), a.assignment_id) AS coaches
	FROM @program@.assignment a
	WHERE a.person_id = h.person_id AND a.role = 'coach' AND a.during @> h.today) s
CROSS JOIN LATERAL (
	SELECT pg_catalog.count(*)::integer AS tasks, coachiatry.together(pg_catalog.array_agg(x.calendar_with_today)) AS calendar
	FROM @program@.effective_calendar x
	JOIN @program@.task t USING (person_id, task_id)
	WHERE x.person_id = h.person_id AND t.person_id = h.person_id AND t.status = 'active') c
CROSS JOIN LATERAL (
	SELECT coachiatry.current_streak(COALESCE(c.calendar, 'empty'), h.today) AS streak,
		coachiatry.sparkline(COALESCE(c.calendar, 'empty'), pg_catalog.daterange(h.today - 28, h.today), 28) AS trend) k
CROSS JOIN LATERAL coachiatry.adherence_bounds(c.calendar, pg_catalog.daterange(h.today - 14, h.today)) b
LEFT JOIN LATERAL (
	SELECT l.started_at AS last_contact, h.today - @program@.local_day(h.time_zone, l.started_at) AS days_since_contact
	FROM @program@.contact l
	WHERE l.person_id = h.person_id AND l.agency <> 'automated' AND l.reached AND l.started_at <= coachiatry.clock()
	ORDER BY l.started_at DESC
	LIMIT 1) n ON true;

COMMENT ON VIEW @program@.caseload IS
'One row for each person who is coached: how it goes, and when a human last reached them. Rates end at yesterday and cover the last 14 days of the active tasks, each in the person''s own days. Quick for a condition on person_id; caseload_of(staff) is that for one member of staff.';
COMMENT ON COLUMN @program@.caseload.person_id IS 'Who.';
COMMENT ON COLUMN @program@.caseload.name IS 'What they want to be called.';
COMMENT ON COLUMN @program@.caseload.coach_ids IS 'Staff assigned as coach today, the longest assigned first; NULL where there is none.';
COMMENT ON COLUMN @program@.caseload.coaches IS 'Their names, in the same order.';
COMMENT ON COLUMN @program@.caseload.episode_id IS 'The open episode.';
COMMENT ON COLUMN @program@.caseload.tier IS 'Tier of support as a human decided, 1 (light) to 4 (daily contact).';
COMMENT ON COLUMN @program@.caseload.suggested_tier IS 'The tier that the data suggest, by the rule of suggested_tier(); NULL where nothing was planned. A human decides.';
COMMENT ON COLUMN @program@.caseload.tasks IS 'Active tasks.';
COMMENT ON COLUMN @program@.caseload.streak IS 'Days in a row on which all that the active tasks planned was done, as coachiatry.current_streak of the tasks together: today is pending, and days without anything planned or excused do not count.';
COMMENT ON COLUMN @program@.caseload.low IS 'Share of the planned units of the last 14 days that was done, 0 to 1: the rate if nothing unrecorded was. NULL where nothing was planned.';
COMMENT ON COLUMN @program@.caseload.high IS 'The rate if all that is unrecorded was done.';
COMMENT ON COLUMN @program@.caseload.completeness IS 'Share of the planned units of which it is known whether they were done.';
COMMENT ON COLUMN @program@.caseload.trend IS 'coachiatry.sparkline of the 28 days through yesterday, a letter a day, so that the lines of all people stand in step.';
COMMENT ON COLUMN @program@.caseload.last_contact IS 'When a human last reached them (contact.reached, not automated); NULL: never.';
COMMENT ON COLUMN @program@.caseload.days_since_contact IS 'Local days since then; NULL: never.';
COMMENT ON COLUMN @program@.caseload.today IS 'Today in their time zone.';

CREATE FUNCTION @program@.caseload_of(staff_id bigint) RETURNS SETOF @program@.caseload
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.*
	FROM @program@.caseload c
	WHERE c.person_id = ANY (ARRAY(
		SELECT a.person_id
		FROM @program@.assignment a
		JOIN @program@.coached h USING (person_id)
		WHERE a.staff_id = caseload_of.staff_id AND a.during @> h.today));
END;

COMMENT ON FUNCTION @program@.caseload_of(bigint) IS
'The caseload of one member of staff: the rows of caseload of everyone to whom they are assigned today, in whatever role. No rows for NULL or unknown staff.';

--
-- The day
--

CREATE VIEW @program@.everyday_item WITH (security_invoker = true) AS
-- Whoever asks is heard, coached or not.
SELECT p.person_id, 10 AS urgency, 'support_request'::text AS kind, r.asked_at AS since, NULL::bigint AS task_id,
	pg_catalog.concat_ws(': ', 'asked for support', r.words) AS why
FROM @program@.person p
JOIN @program@.support_request r USING (person_id)
WHERE r.answered_at IS NULL
UNION ALL
-- What is urgent is there for those who are no longer coached, too.
SELECT p.person_id, CASE WHEN r.urgent THEN 9 ELSE 35 END, 'referral', r.opened_at, NULL,
	pg_catalog.concat('for the ', r.refer_to, ' by ', @program@.local_day(p.time_zone, r.due_at), ': ', r.topic)
FROM @program@.person p
JOIN @program@.referral r USING (person_id)
WHERE r.state = 'open'
UNION ALL
SELECT h.person_id, CASE WHEN d.day < h.today THEN 30 ELSE 60 END, CASE WHEN d.day < h.today THEN 'unanswered' ELSE 'due_today' END,
	pg_catalog.timezone(h.time_zone, d.day + i.day_start), t.task_id,
	pg_catalog.format('%s: %s of %s %s %s', COALESCE(NULLIF(t.title, ''), t.kind), d.prescribed - r.units, d.prescribed, t.units,
		CASE WHEN d.day < h.today THEN 'of yesterday not recorded' ELSE 'of today to come' END)
FROM @program@.coached h
CROSS JOIN @program@.program_info i
JOIN @program@.task t USING (person_id)
JOIN @program@.effective_calendar x USING (person_id, task_id)
CROSS JOIN LATERAL coachiatry.to_adherence_days(coachiatry.clip(x.calendar_with_today, pg_catalog.daterange(h.today - 1, h.today + 1))) d
CROSS JOIN LATERAL (
	SELECT COALESCE(pg_catalog.max(o.units), 0) AS units
	FROM (
		SELECT pg_catalog.sum(c.taken + c.missed) AS units
		FROM @program@.check_in c
		WHERE c.person_id = h.person_id AND c.task_id = t.task_id AND c.due_on = d.day
		GROUP BY c.source) o) r
WHERE t.status = 'active' AND d.excused = 0 AND d.prescribed > r.units
UNION ALL
SELECT h.person_id, 40, 'no_contact', l.started_at, NULL,
	CASE WHEN l.started_at IS NULL THEN 'no human contact yet'
		ELSE pg_catalog.format('no human contact for %s days', h.today - @program@.local_day(h.time_zone, l.started_at)) END
FROM @program@.coached h
LEFT JOIN LATERAL (
	SELECT c.started_at
	FROM @program@.contact c
	WHERE c.person_id = h.person_id AND c.agency <> 'automated' AND c.reached AND c.started_at <= coachiatry.clock()
	ORDER BY c.started_at DESC
	LIMIT 1) l ON true
WHERE h.today - GREATEST(@program@.local_day(h.time_zone, l.started_at), h.started) > @program@.contact_within_days(h.tier)
UNION ALL
SELECT h.person_id, 50, 'commitment', c.made_at, c.task_id,
	pg_catalog.concat_ws(': ', 'committed for today', pg_catalog.concat_ws(', ', c.if_cue, c.then_action))
FROM @program@.coached h
JOIN @program@.commitment c ON c.person_id = h.person_id AND c.due_on = h.today
JOIN @program@.task t ON t.person_id = c.person_id AND t.task_id = c.task_id AND t.status = 'active'
WHERE c.kept IS NULL
UNION ALL
SELECT h.person_id, 70, 'plan_change_request', q.asked_at, q.task_id, pg_catalog.concat_ws(': ', 'waits for the clinician', q.words)
FROM @program@.coached h
JOIN @program@.plan_change_request q USING (person_id)
WHERE q.answered_at IS NULL;

COMMENT ON VIEW @program@.everyday_item IS
'What is open, a row each: for everyone who is coached, and requests for support and referrals also of those who no longer are. A part of open_item.';
COMMENT ON COLUMN @program@.everyday_item.person_id IS 'For whom.';
COMMENT ON COLUMN @program@.everyday_item.urgency IS 'The lower, the more urgent: 9 an urgent referral, 10 support_request, 30 unanswered, 35 another referral, 40 no_contact, 50 commitment, 60 due_today, 70 plan_change_request.';
COMMENT ON COLUMN @program@.everyday_item.kind IS 'support_request: nobody has answered yet. referral: no clinician has taken it up. unanswered, due_today: units of an active task that were planned for yesterday, or today, and that no source has recorded as done or missed; of several sources the one that recorded most counts, and excused days do not. no_contact: no human has reached them for more days than contact_within_days(tier) says, counted from the start of the episode at the earliest. commitment: made for today, and not yet known whether it was kept. plan_change_request: the clinician has not answered.';
COMMENT ON COLUMN @program@.everyday_item.since IS 'Since when: when it was asked or made, when the day began that it was due on, when the last contact was (NULL: never).';
COMMENT ON COLUMN @program@.everyday_item.task_id IS 'Which task; NULL where it is about none.';
COMMENT ON COLUMN @program@.everyday_item.why IS 'In plain words.';

CREATE VIEW @program@.open_item WITH (security_invoker = true) AS
SELECT e.person_id, e.urgency, e.kind, e.since, e.task_id, e.why FROM @program@.everyday_item e;

COMMENT ON VIEW @program@.open_item IS
'What is open, a row each. Further parts of the program add kinds of their own to this view, and with it to my_day and handover().';
COMMENT ON COLUMN @program@.open_item.person_id IS 'For whom.';
COMMENT ON COLUMN @program@.open_item.urgency IS 'The lower, the more urgent.';
COMMENT ON COLUMN @program@.open_item.kind IS 'See everyday_item.';
COMMENT ON COLUMN @program@.open_item.since IS 'Since when.';
COMMENT ON COLUMN @program@.open_item.task_id IS 'Which task; NULL where it is about none.';
COMMENT ON COLUMN @program@.open_item.why IS 'In plain words.';

CREATE VIEW @program@.my_day WITH (security_invoker = true) AS
SELECT p.person_id, p.name, h.tier, o.urgency, o.why, o.support_requests, o.asked_at, o.unanswered, o.due_today, o.no_contact, o.commitments,
	o.plan_change_requests, @program@.local_day(p.time_zone) AS today
FROM @program@.person p
LEFT JOIN @program@.coached h USING (person_id)
CROSS JOIN LATERAL (
	SELECT pg_catalog.min(i.urgency) AS urgency,
		pg_catalog.string_agg(i.why, '; ' ORDER BY i.urgency, i.since, i.task_id, i.why) AS why,
		pg_catalog.count(*) FILTER (WHERE i.kind = 'support_request')::integer AS support_requests,
		pg_catalog.min(i.since) FILTER (WHERE i.kind = 'support_request') AS asked_at,
		pg_catalog.count(*) FILTER (WHERE i.kind = 'unanswered')::integer AS unanswered,
		pg_catalog.count(*) FILTER (WHERE i.kind = 'due_today')::integer AS due_today,
		pg_catalog.count(*) FILTER (WHERE i.kind = 'no_contact') > 0 AS no_contact,
		pg_catalog.count(*) FILTER (WHERE i.kind = 'commitment')::integer AS commitments,
		pg_catalog.count(*) FILTER (WHERE i.kind = 'plan_change_request')::integer AS plan_change_requests
	FROM @program@.open_item i
	WHERE i.person_id = p.person_id) o
-- Who is no longer coached is here only for what is urgent: safety, and a request for support.
WHERE o.urgency IS NOT NULL AND (h.person_id IS NOT NULL OR o.urgency <= 10)
ORDER BY o.urgency, o.asked_at, o.unanswered DESC, h.tier DESC NULLS LAST, p.person_id;

COMMENT ON VIEW @program@.my_day IS
'Whom to turn to today: one row for each person for whom something is open, the most urgent first: those who are coached, and whoever asked for support or for whom a matter of safety is open. my_day_of(staff) is that for one member of staff.';
COMMENT ON COLUMN @program@.my_day.person_id IS 'Who.';
COMMENT ON COLUMN @program@.my_day.name IS 'What they want to be called.';
COMMENT ON COLUMN @program@.my_day.tier IS 'Tier of support, 1 to 4; NULL: no longer coached.';
COMMENT ON COLUMN @program@.my_day.urgency IS 'Of their most urgent open item, see open_item; the lower, the more urgent.';
COMMENT ON COLUMN @program@.my_day.why IS 'All that is open, in plain words, the most urgent first.';
COMMENT ON COLUMN @program@.my_day.support_requests IS 'Requests for support that nobody has answered.';
COMMENT ON COLUMN @program@.my_day.asked_at IS 'When the oldest of them was made.';
COMMENT ON COLUMN @program@.my_day.unanswered IS 'Tasks of which something of yesterday is not recorded. Silence is not a miss: nobody knows yet.';
COMMENT ON COLUMN @program@.my_day.due_today IS 'Tasks of which something of today is not yet recorded.';
COMMENT ON COLUMN @program@.my_day.no_contact IS 'Whether no human has reached them for longer than contact_within_days(tier).';
COMMENT ON COLUMN @program@.my_day.commitments IS 'Commitments for today of which it is not yet known whether they were kept.';
COMMENT ON COLUMN @program@.my_day.plan_change_requests IS 'Requests to change the plan that the clinician has not answered.';
COMMENT ON COLUMN @program@.my_day.today IS 'Today in their time zone.';

CREATE FUNCTION @program@.my_day_of(staff_id bigint) RETURNS SETOF @program@.my_day
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT d.*
	FROM @program@.my_day d
	WHERE d.person_id = ANY (ARRAY(
		SELECT a.person_id
		FROM @program@.assignment a
		JOIN @program@.person p USING (person_id)
		WHERE a.staff_id = my_day_of.staff_id AND a.during @> @program@.local_day(p.time_zone)))
	ORDER BY d.urgency, d.asked_at, d.unanswered DESC, d.tier DESC NULLS LAST, d.person_id;
END;

COMMENT ON FUNCTION @program@.my_day_of(bigint) IS
'The day of one member of staff: the rows of my_day of everyone to whom they are assigned today, in whatever role, the most urgent first. No rows for NULL or unknown staff.';

--
-- The person's calendar
--

CREATE VIEW @program@.my_calendar WITH (security_invoker = true) AS
SELECT h.person_id, t.task_id, t.title, t.kind, d.day, d.day - h.today AS days_from_today, d.prescribed AS planned, d.taken AS done, t.units,
	CASE d.status
		WHEN 'excused' THEN 'paused'
		WHEN 'over' THEN 'done'
		WHEN 'taken' THEN 'done'
		WHEN 'extra' THEN 'also done'
		ELSE CASE
			WHEN d.day > h.today THEN 'planned'
			WHEN d.status = 'partial' AND d.day = h.today AND d.missed = 0 THEN 'partly done, more to come'
			WHEN d.status = 'partial' THEN 'partly done'
			WHEN d.status = 'missed' THEN 'not this time'
			WHEN d.day = h.today THEN 'due today'
			ELSE 'not recorded' END
	END AS status,
	CASE WHEN t.show_streak AND t.status = 'active' THEN NULLIF(coachiatry.current_streak(c.calendar, h.today), 0) END AS streak
FROM @program@.coached h
JOIN @program@.task t ON t.person_id = h.person_id AND t.episode_id = h.episode_id
JOIN @program@.effective_calendar x ON x.person_id = t.person_id AND x.task_id = t.task_id
CROSS JOIN LATERAL (
	SELECT x.calendar_with_today OPERATOR(coachiatry.||) @program@.plan_calendar(t.person_id, t.task_id, h.today + 1, h.today + 7) AS calendar
	OFFSET 0) c
CROSS JOIN LATERAL coachiatry.to_adherence_days(coachiatry.clip(c.calendar, pg_catalog.daterange(h.today - 27, h.today + 8))) d
WHERE d.status <> 'none';

COMMENT ON VIEW @program@.my_calendar IS
'The calendar of a person, for them: a row for each task and day of four weeks through today and the next seven days on which something is planned or was done. Other days have no row. The words are neutral, and a streak is shown only while there is one.';
COMMENT ON COLUMN @program@.my_calendar.person_id IS 'Who.';
COMMENT ON COLUMN @program@.my_calendar.task_id IS 'Which task, of the open episode.';
COMMENT ON COLUMN @program@.my_calendar.title IS 'What is done.';
COMMENT ON COLUMN @program@.my_calendar.kind IS 'Kind of task.';
COMMENT ON COLUMN @program@.my_calendar.day IS 'Local day.';
COMMENT ON COLUMN @program@.my_calendar.days_from_today IS '0 is today, -1 yesterday, 1 tomorrow.';
COMMENT ON COLUMN @program@.my_calendar.planned IS 'Units planned for the day.';
COMMENT ON COLUMN @program@.my_calendar.done IS 'Units done on the day.';
COMMENT ON COLUMN @program@.my_calendar.units IS 'What one unit is.';
COMMENT ON COLUMN @program@.my_calendar.status IS 'done; also done (not planned); partly done; partly done, more to come; due today; planned; not this time (known not to be done); not recorded; paused (excused).';
COMMENT ON COLUMN @program@.my_calendar.streak IS 'Planned days in a row that were done, the same in all rows of a task; NULL where the task shows no streak, is not active, or no streak is running.';

--
-- One stream of everything
--

CREATE FUNCTION @program@.timeline(person_id bigint, during tstzrange DEFAULT '(,)', as_known_on timestamptz DEFAULT NULL)
RETURNS TABLE (at timestamptz, day date, kind text, task_id bigint, what text, detail jsonb, recorded_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	-- Of each row that was corrected since: as it was. The first of several is the one with the lowest number, not with the earliest time: a transaction
	-- that began earlier may have waited for a later one.
	WITH was AS (
		SELECT DISTINCT ON (c.record, c.record_id) c.record, c.record_id, c.was AS contents
		FROM @program@.correction c
		WHERE c.person_id = timeline.person_id AND c.corrected_at > timeline.as_known_on
		ORDER BY c.record, c.record_id, c.correction_id
	), task AS (
		SELECT r.* FROM @program@.task r
		WHERE r.person_id = timeline.person_id AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'task' AND w.record_id = r.task_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.task, w.contents) r WHERE w.record = 'task'
	), task_revision AS (
		SELECT r.* FROM @program@.task_revision r
		WHERE r.person_id = timeline.person_id
			AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'task_revision' AND w.record_id = r.task_revision_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.task_revision, w.contents) r
		WHERE w.record = 'task_revision'
	), excused_period AS (
		SELECT r.* FROM @program@.excused_period r
		WHERE r.person_id = timeline.person_id
			AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'excused_period' AND w.record_id = r.excused_period_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.excused_period, w.contents) r
		WHERE w.record = 'excused_period'
	), commitment AS (
		SELECT r.* FROM @program@.commitment r
		WHERE r.person_id = timeline.person_id AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'commitment' AND w.record_id = r.commitment_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.commitment, w.contents) r
		WHERE w.record = 'commitment'
	), check_in AS (
		SELECT r.* FROM @program@.check_in r
		WHERE r.person_id = timeline.person_id AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'check_in' AND w.record_id = r.check_in_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.check_in, w.contents) r WHERE w.record = 'check_in'
	), verification AS (
		SELECT r.* FROM @program@.verification r
		WHERE r.person_id = timeline.person_id
			AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'verification' AND w.record_id = r.verification_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.verification, w.contents) r
		WHERE w.record = 'verification'
	), supply AS (
		SELECT r.* FROM @program@.supply r
		WHERE r.person_id = timeline.person_id AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'supply' AND w.record_id = r.supply_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.supply, w.contents) r WHERE w.record = 'supply'
	), measurement AS (
		SELECT r.* FROM @program@.measurement r
		WHERE r.person_id = timeline.person_id
			AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'measurement' AND w.record_id = r.measurement_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.measurement, w.contents) r
		WHERE w.record = 'measurement'
	), contact AS (
		SELECT r.* FROM @program@.contact r
		WHERE r.person_id = timeline.person_id AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'contact' AND w.record_id = r.contact_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.contact, w.contents) r WHERE w.record = 'contact'
	), support_request AS (
		SELECT r.* FROM @program@.support_request r
		WHERE r.person_id = timeline.person_id
			AND NOT EXISTS (SELECT FROM was w WHERE w.record = 'support_request' AND w.record_id = r.support_request_id)
		UNION ALL
		SELECT r.* FROM was w CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.support_request, w.contents) r
		WHERE w.record = 'support_request'
	), zone AS (
		SELECT p.time_zone AS name, i.day_start
		FROM @program@.person p
		CROSS JOIN @program@.program_info i
		WHERE p.person_id = timeline.person_id
	), event AS (
		SELECT pg_catalog.timezone(z.name, r.starts_at) AS at, r.starts_at::date AS day, 'task'::text AS kind, r.task_id,
			COALESCE(NULLIF(r.title, ''), r.kind) AS what, r.created_at AS recorded_at, r.task_id AS id,
			pg_catalog.jsonb_build_object('kind', r.kind, 'schedule', r.schedule::text, 'units', r.units, 'ends', r.ends, 'status', r.status,
				'max_units_per_day', r.max_units_per_day, 'prescribed_by', r.prescribed_by, 'imported_from', r.imported_from) AS detail
		FROM task r, zone z
		UNION ALL
		SELECT pg_catalog.timezone(z.name, r.ends + z.day_start), r.ends, 'task_end', r.task_id,
			COALESCE(NULLIF(r.title, ''), r.kind), r.created_at, r.task_id, pg_catalog.jsonb_build_object('status', r.status)
		FROM task r, zone z
		WHERE r.ends IS NOT NULL
		UNION ALL
		SELECT pg_catalog.timezone(z.name, r.until + z.day_start), r.until, 'task_revision', r.task_id,
			COALESCE(NULLIF(t.title, ''), t.kind), r.revised_at, r.task_revision_id,
			pg_catalog.jsonb_build_object('former_schedule', r.schedule::text, 'starts_at', r.starts_at)
		FROM task_revision r LEFT JOIN task t ON t.task_id = r.task_id, zone z
		UNION ALL
		SELECT pg_catalog.timezone(z.name, pg_catalog.lower(r.during) + z.day_start), pg_catalog.lower(r.during), 'excused_period', r.task_id,
			COALESCE(NULLIF(r.reason, ''), 'excused'), r.recorded_at, r.excused_period_id,
			pg_catalog.jsonb_build_object('until', pg_catalog.upper(r.during), 'excused_by', r.excused_by, 'imported_from', r.imported_from)
		FROM excused_period r, zone z
		UNION ALL
		SELECT r.made_at, coachiatry.adherence_day(r.made_at, z.name, z.day_start), 'commitment', r.task_id,
			pg_catalog.concat_ws(', ', r.if_cue, r.then_action), r.made_at, r.commitment_id,
			pg_catalog.jsonb_build_object('due_on', r.due_on, 'place', r.place, 'obstacle', r.obstacle, 'contingency', r.contingency,
				'confidence', r.confidence, 'importance', r.importance, 'witnessed_by', r.witnessed_by, 'kept', r.kept)
		FROM commitment r, zone z
		UNION ALL
		SELECT COALESCE(r.started_at, pg_catalog.timezone(z.name, r.due_on + z.day_start)), r.due_on, 'check_in', r.task_id,
			pg_catalog.concat_ws(', ', CASE WHEN r.taken > 0 THEN pg_catalog.format('%s done', r.taken) END,
				CASE WHEN r.missed > 0 THEN pg_catalog.format('%s not done', r.missed) END), r.recorded_at, r.check_in_id,
			pg_catalog.jsonb_build_object('source', r.source, 'occurrence', r.occurrence, 'taken', r.taken, 'missed', r.missed, 'extent', r.extent,
				'difficulty', r.difficulty, 'reason', r.reason, 'note', r.note)
		FROM check_in r, zone z
		UNION ALL
		SELECT r.verified_at, coachiatry.adherence_day(r.verified_at, z.name, z.day_start), 'verification', c.task_id,
			pg_catalog.concat_ws(', ', r.method, CASE WHEN r.confirmed THEN 'confirmed' ELSE 'not confirmed' END), r.verified_at, r.verification_id,
			pg_catalog.jsonb_build_object('check_in_id', r.check_in_id, 'due_on', c.due_on, 'verified_by', r.verified_by, 'note', r.note)
		FROM verification r LEFT JOIN check_in c ON c.check_in_id = r.check_in_id, zone z
		UNION ALL
		SELECT pg_catalog.timezone(z.name, r.dispensed + z.day_start), r.dispensed, 'supply', r.task_id,
			pg_catalog.concat_ws(', ', r.medication, pg_catalog.format('%s days', r.days_supply)), r.recorded_at, r.supply_id,
			pg_catalog.jsonb_build_object('days_supply', r.days_supply, 'daily_dose', r.daily_dose, 'reference', r.reference)
		FROM supply r, zone z
		UNION ALL
		SELECT COALESCE(r.measured_at, pg_catalog.timezone(z.name, r.measured_on + z.day_start)), r.measured_on, 'measurement', NULL,
			pg_catalog.format('%s: %s', pg_catalog.concat_ws(', ', n.name, NULLIF(r.item, '')), pg_catalog.concat_ws(' ', r.value, r.unit)),
			r.recorded_at, r.measurement_id,
			pg_catalog.jsonb_build_object('instrument_id', r.instrument_id, 'item', r.item, 'value', r.value, 'unit', r.unit, 'source', r.source)
		FROM measurement r LEFT JOIN @program@.instrument n ON n.instrument_id = r.instrument_id, zone z
		UNION ALL
		SELECT r.started_at, coachiatry.adherence_day(r.started_at, z.name, z.day_start), 'contact', NULL,
			pg_catalog.concat_ws(', ', r.channel, NULLIF(r.agency, 'human'), CASE WHEN NOT r.reached THEN 'not reached' END), r.recorded_at, r.contact_id,
			pg_catalog.jsonb_build_object('staff_id', r.staff_id, 'began_by', r.began_by, 'agency', r.agency, 'reached', r.reached,
				'minutes', pg_catalog.round(EXTRACT(epoch FROM r.ended_at - r.started_at) / 60), 'replied_after', r.replied_after)
		FROM contact r, zone z
		UNION ALL
		SELECT r.asked_at, coachiatry.adherence_day(r.asked_at, z.name, z.day_start), 'support_request', NULL,
			COALESCE(r.words, 'asked for support'), r.asked_at, r.support_request_id, '{}'
		FROM support_request r, zone z
		UNION ALL
		SELECT r.answered_at, coachiatry.adherence_day(r.answered_at, z.name, z.day_start), 'support_answer', NULL,
			'answered', r.answered_at, r.support_request_id,
			pg_catalog.jsonb_build_object('answered_by', r.answered_by, 'seconds', r.seconds)
		FROM support_request r, zone z
		WHERE r.answered_at IS NOT NULL
	)
	SELECT e.at, e.day, e.kind, e.task_id, e.what, pg_catalog.jsonb_strip_nulls(e.detail || pg_catalog.jsonb_build_object('id', e.id)), e.recorded_at
	FROM event e
	WHERE (timeline.during @> e.at) IS NOT FALSE AND (e.recorded_at <= timeline.as_known_on) IS NOT FALSE
	ORDER BY e.at, e.kind, e.id;
END;

COMMENT ON FUNCTION @program@.timeline(bigint, tstzrange, timestamptz) IS
'Everything about a person as one stream in order of time: kind is task (its start), task_end, task_revision (the day on which a former schedule ended), excused_period, commitment, check_in, verification, supply, measurement, contact, support_request or support_answer. at is the instant, or the start of the local day where only the day is known; day the local day; task_id NULL where it is about no task; what in plain words; detail the rest, with the number of the row (id); recorded_at when it was written. during (NULL: always) chooses by at. With as_known_on the answer is what was known then: what timeline() returned at that time. Rows recorded later are absent, and rows corrected or deleted since appear as they were. Names of instruments and the person''s time zone are today''s; what came from a merged person counts as this one''s from the start. No rows for NULL or an unknown person.';

--
-- Sources against each other
--

CREATE FUNCTION @program@.reconcile(person_id bigint)
RETURNS TABLE (task_id bigint, title text, source text, other text, days integer, agree integer, differ integer, source_rate double precision,
	other_rate double precision, cma double precision, pdc double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH task AS (
		SELECT t.task_id, t.title, x.today, x.calendar
		FROM @program@.task t
		JOIN @program@.effective_calendar x USING (person_id, task_id)
		WHERE t.person_id = reconcile.person_id
	), refill AS (
		SELECT t.task_id, f.supply, w.during,
			pg_catalog.datemultirange(VARIADIC ARRAY(SELECT e.during FROM @program@.excused_period e
				WHERE e.person_id = reconcile.person_id AND (e.task_id = t.task_id OR e.task_id IS NULL))) AS excused
		FROM task t
		JOIN (
			SELECT s.task_id, coachiatry.supply_agg(s.dispensed, s.days_supply, s.daily_dose, s.medication) AS supply
			FROM @program@.supply s
			WHERE s.person_id = reconcile.person_id
			GROUP BY s.task_id) f USING (task_id)
		CROSS JOIN LATERAL (
			SELECT pg_catalog.daterange(coachiatry.first_dispensed(f.supply), t.today) AS during
			WHERE coachiatry.first_dispensed(f.supply) < t.today) w
	), report AS (
		-- A monitor says nothing on a day on which it was not opened: from its first to its last report such a day is one, of nothing taken.
		SELECT t.task_id, k.source, pg_catalog.array_position(i.source_precedence, k.source) AS rank, d.day, d.taken
		FROM task t
		CROSS JOIN @program@.program_info i
		JOIN @program@.task_calendar k ON k.person_id = reconcile.person_id AND k.task_id = t.task_id AND k.source <> 'plan'
		CROSS JOIN LATERAL coachiatry.to_adherence_days(coachiatry.clip(k.calendar, pg_catalog.daterange(NULL, t.today))) d
		WHERE d.taken + d.missed > 0 OR k.source = 'device'
		UNION ALL
		SELECT r.task_id, 'refill', 8, d.day, d.taken
		FROM refill r
		CROSS JOIN LATERAL coachiatry.to_adherence_days(coachiatry.covered_days(r.supply, r.during)) d
	), day AS (
		SELECT t.task_id, d.day, d.prescribed
		FROM task t
		CROSS JOIN LATERAL coachiatry.to_adherence_days(t.calendar) d
		WHERE d.prescribed > 0 AND d.excused = 0
	), answer AS (
		-- Stock covers a day or it does not: units cannot be compared with it.
		SELECT a.task_id, a.source, a.rank, NULL AS other, 0 AS other_rank, a.taken, NULL::integer AS other_taken, NULL::boolean AS same,
			d.prescribed, CASE WHEN a.source = 'refill' THEN a.taken * d.prescribed ELSE LEAST(a.taken, d.prescribed) END AS kept,
			NULL::integer AS other_kept
		FROM report a
		LEFT JOIN day d ON d.task_id = a.task_id AND d.day = a.day
		UNION ALL
		SELECT a.task_id, a.source, a.rank, b.source, b.rank, a.taken, b.taken,
			CASE WHEN b.source = 'refill' THEN (a.taken > 0) = (b.taken > 0) ELSE a.taken = b.taken END,
			d.prescribed, LEAST(a.taken, d.prescribed),
			CASE WHEN b.source = 'refill' THEN b.taken * d.prescribed ELSE LEAST(b.taken, d.prescribed) END
		FROM report a
		JOIN report b ON b.task_id = a.task_id AND b.day = a.day AND b.rank > a.rank
		LEFT JOIN day d ON d.task_id = a.task_id AND d.day = a.day
	), pair AS (
		SELECT a.task_id, a.source, a.rank, a.other, a.other_rank, pg_catalog.count(*)::integer AS days,
			pg_catalog.count(a.same) FILTER (WHERE a.same)::integer AS agree, pg_catalog.count(a.same) FILTER (WHERE NOT a.same)::integer AS differ,
			pg_catalog.sum(a.kept) FILTER (WHERE a.prescribed > 0)::double precision / pg_catalog.sum(a.prescribed) AS source_rate,
			pg_catalog.sum(a.other_kept) FILTER (WHERE a.prescribed > 0)::double precision / pg_catalog.sum(a.prescribed) AS other_rate
		FROM answer a
		GROUP BY a.task_id, a.source, a.rank, a.other, a.other_rank
	)
	SELECT p.task_id, t.title, p.source, p.other, p.days, CASE WHEN p.other IS NOT NULL THEN p.agree END,
		CASE WHEN p.other IS NOT NULL THEN p.differ END, p.source_rate, p.other_rate,
		CASE WHEN p.source = 'refill' THEN coachiatry.cma(r.supply, 7, r.during) END,
		CASE WHEN p.source = 'refill' THEN coachiatry.pdc(r.supply, r.during, r.excused) END
	FROM pair p
	JOIN task t USING (task_id)
	LEFT JOIN refill r USING (task_id)
	ORDER BY p.task_id, p.rank, p.other_rank;
END;

COMMENT ON FUNCTION @program@.reconcile(bigint) IS
'The sources of a person''s record against each other, through yesterday: a row for each source of a task alone (other is NULL), and one for each pair, over the days that both recorded. days: how many; agree, differ: on how many they say the same number of units; source_rate, other_rate: the units that each says were done of the units planned on those days, NULL where none of them was planned. A device counts as recording every day from its first report to its last. Source refill is what was dispensed (supply): days covered by stock, from the first dispensing; it agrees where both or neither have anything; its own row has cma (CMA7) and pdc, which leaves excused days out. A task without a schedule plans what the source that is believed first recorded. No rows for NULL or an unknown person.';

CREATE VIEW @program@.discordance WITH (security_invoker = true) AS
SELECT h.person_id, t.task_id, t.title, o.source, o.days, o.person_rate, o.source_rate, o.person_rate - o.source_rate AS difference
FROM @program@.coached h
CROSS JOIN @program@.program_info i
JOIN @program@.task t ON t.person_id = h.person_id AND t.episode_id = h.episode_id
JOIN @program@.task_calendar m ON m.person_id = t.person_id AND m.task_id = t.task_id AND m.source = 'person'
JOIN @program@.effective_calendar x ON x.person_id = t.person_id AND x.task_id = t.task_id
CROSS JOIN LATERAL (SELECT pg_catalog.daterange(h.today - 28, h.today) AS during) w
CROSS JOIN LATERAL (
	SELECT k.source, c.days, c.person_rate, c.source_rate
	FROM @program@.task_calendar k
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(*)::integer AS days,
			pg_catalog.sum(LEAST(p.taken, d.prescribed))::double precision / pg_catalog.sum(d.prescribed) AS person_rate,
			pg_catalog.sum(LEAST(s.taken, d.prescribed))::double precision / pg_catalog.sum(d.prescribed) AS source_rate
		FROM coachiatry.to_adherence_days(coachiatry.clip(x.calendar, w.during)) d
		JOIN coachiatry.to_adherence_days(coachiatry.clip(m.calendar, w.during)) p ON p.day = d.day AND p.taken + p.missed > 0
		JOIN coachiatry.to_adherence_days(coachiatry.clip(k.calendar, w.during)) s ON s.day = d.day AND (s.taken + s.missed > 0 OR k.source = 'device')
		WHERE d.prescribed > 0 AND d.excused = 0) c
	WHERE k.person_id = t.person_id AND k.task_id = t.task_id AND k.source NOT IN ('plan', 'person') AND c.days > 0
	ORDER BY pg_catalog.array_position(i.source_precedence, k.source)
	LIMIT 1) o;

COMMENT ON VIEW @program@.discordance IS
'What a person says against the source that is believed first among those that recorded something on the same planned days of the last 28, over these days: a row for each task of everyone who is coached, where there is such a day. A device counts as recording every day from its first report to its last in that time. See reconcile() for all sources. A difference is a reason to ask, not to accuse: monitors fail, and pockets hold tablets.';
COMMENT ON COLUMN @program@.discordance.person_id IS 'Who.';
COMMENT ON COLUMN @program@.discordance.task_id IS 'Which task of the open episode.';
COMMENT ON COLUMN @program@.discordance.title IS 'What is done.';
COMMENT ON COLUMN @program@.discordance.source IS 'The other source.';
COMMENT ON COLUMN @program@.discordance.days IS 'Planned days that both recorded.';
COMMENT ON COLUMN @program@.discordance.person_rate IS 'Share of the units planned on those days that was done, as the person says, 0 to 1.';
COMMENT ON COLUMN @program@.discordance.source_rate IS 'The same, as the other source says.';
COMMENT ON COLUMN @program@.discordance.difference IS 'person_rate - source_rate: positive where the person says more.';

CREATE FUNCTION @program@.data_quality(person_id bigint DEFAULT NULL)
RETURNS TABLE (person_id bigint, name text, unrecorded double precision, check_ins integer, late double precision, days_at_once integer, heaped boolean,
	same_value integer, straight_lined boolean, last_recorded timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT h.person_id, h.name, 1 - b.completeness, q.check_ins, q.late, q.days_at_once, q.days_at_once >= 5, q.same_value, q.same_value >= 10,
		COALESCE(q.last_recorded, (SELECT pg_catalog.max(c.recorded_at) FROM @program@.check_in c WHERE c.person_id = h.person_id))
	FROM @program@.coached h
	CROSS JOIN LATERAL (
		SELECT coachiatry.together(pg_catalog.array_agg(x.calendar)) AS calendar
		FROM @program@.effective_calendar x
		JOIN @program@.task t USING (person_id, task_id)
		WHERE x.person_id = h.person_id AND t.person_id = h.person_id AND t.status = 'active') a
	CROSS JOIN LATERAL coachiatry.adherence_bounds(a.calendar, pg_catalog.daterange(h.today - 28, h.today)) b
	CROSS JOIN LATERAL (
		WITH report AS (
			SELECT c.task_id, c.source, c.due_on, c.occurrence, c.extent, c.difficulty, c.recorded_at
			FROM @program@.task t
			JOIN @program@.check_in c USING (person_id, task_id)
			WHERE t.person_id = h.person_id AND c.person_id = h.person_id AND c.due_on >= h.today - 28 AND c.due_on < h.today
				AND c.source IN ('seen', 'coach', 'person', 'proxy')
		), first_of_day AS (
			SELECT r.source, r.due_on, pg_catalog.min(r.recorded_at) AS recorded_at
			FROM report r
			GROUP BY r.source, r.due_on
		), together AS (
			SELECT pg_catalog.count(*) OVER (PARTITION BY f.source ORDER BY f.recorded_at
				RANGE BETWEEN CURRENT ROW AND INTERVAL '10 minutes' FOLLOWING) AS days
			FROM first_of_day f
		), answer AS (
			SELECT r.task_id, r.source, r.due_on, r.occurrence, 'difficulty' AS question, r.difficulty::real AS value
			FROM report r
			WHERE r.difficulty IS NOT NULL
			UNION ALL
			SELECT r.task_id, r.source, r.due_on, r.occurrence, 'extent', r.extent
			FROM report r
			WHERE r.extent IS NOT NULL
		), numbered AS (
			SELECT n.task_id, n.source, n.question, n.value,
				pg_catalog.row_number() OVER (PARTITION BY n.task_id, n.source, n.question ORDER BY n.due_on, n.occurrence)
					- pg_catalog.row_number() OVER (PARTITION BY n.task_id, n.source, n.question, n.value ORDER BY n.due_on, n.occurrence) AS nth
			FROM answer n
		), run AS (
			SELECT pg_catalog.count(*) AS answers
			FROM numbered n
			WHERE n.question = 'difficulty' OR n.value NOT IN (0, 100)
			GROUP BY n.task_id, n.source, n.question, n.value, n.nth
		)
		SELECT pg_catalog.count(*)::integer AS check_ins,
			pg_catalog.avg((@program@.local_day(h.time_zone, r.recorded_at) > r.due_on + 2)::integer)::double precision AS late,
			COALESCE((SELECT pg_catalog.max(g.days) FROM together g), 0)::integer AS days_at_once,
			COALESCE((SELECT pg_catalog.max(n.answers) FROM run n), 0)::integer AS same_value,
			pg_catalog.max(r.recorded_at) AS last_recorded
		FROM report r) q
	WHERE (h.person_id = data_quality.person_id) IS NOT FALSE;
END;

COMMENT ON FUNCTION @program@.data_quality(bigint) IS
'How far the record of the last 28 days through yesterday can be trusted, a row for everyone who is coached, or for one person. unrecorded: share of the planned units of active tasks of which nothing is known, NULL where nothing was planned. The rest is about what people reported (sources seen, coach, person, proxy): check_ins, how many; late, the share recorded more than 2 days after the day it was due; days_at_once, the most days that one source first reported within 10 minutes, and heaped, whether they are 5 or more: entered in one go; same_value, the longest run of one same difficulty, or of one same extent other than 0 and 100, in a task''s reports of one source, and straight_lined, whether it is 10 or more; last_recorded, when something was last recorded of those days, or else at all; NULL: never. These are reasons to look, and no judgement of a person.';

--
-- Leave cover, and the end
--

CREATE FUNCTION @program@.handover(from_staff bigint, to_staff bigint, during tstzrange)
RETURNS TABLE (person_id bigint, name text, role text, assigned daterange, urgency integer, kind text, since timestamptz, task_id bigint, why text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	giver @program@.staff;
	taker @program@.staff;
	sees_all CONSTANT boolean := @program@.acts_as_owner();
BEGIN
	IF NOT (sees_all OR @program@.enrols_staff(from_staff, to_staff)) THEN
		RAISE EXCEPTION 'permission denied to hand over the people of staff % to staff %', from_staff, to_staff
			USING ERRCODE = 'insufficient_privilege', HINT = 'A coordinator of their organisation can.';
	END IF;
	IF isempty(during) OR lower_inf(during) OR upper_inf(during) OR during IS NULL THEN
		RAISE EXCEPTION 'leave cover needs a beginning and an end: "%"', during USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT s.* INTO giver FROM @program@.staff s WHERE s.staff_id = from_staff;
	SELECT s.* INTO taker FROM @program@.staff s WHERE s.staff_id = to_staff;
	IF giver.staff_id IS NULL OR taker.staff_id IS NULL THEN
		RAISE EXCEPTION 'staff % does not exist', CASE WHEN giver.staff_id IS NULL THEN from_staff ELSE to_staff END
			USING ERRCODE = 'no_data_found';
	END IF;
	IF giver.staff_id = taker.staff_id THEN
		RAISE EXCEPTION 'staff % cannot cover for themselves', from_staff USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF NOT (taker.role = giver.role OR (giver.role = 'coach' AND taker.role = 'supervisor')) THEN
		RAISE EXCEPTION 'a % cannot cover for a %', taker.role, giver.role
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Staff are covered by staff of the same role, and coaches by supervisors too.';
	END IF;
	IF NOT taker.employed @> daterange((lower(during) AT TIME ZONE 'UTC')::date,
		(upper(during) AT TIME ZONE 'UTC' - interval '1 microsecond')::date, '[]') THEN
		RAISE EXCEPTION 'staff % does not work here on all of these days', to_staff
			USING ERRCODE = 'invalid_parameter_value', DETAIL = format('Employed during %s.', taker.employed);
	END IF;

	-- Two handovers of the same people at once would assign everyone twice.
	PERFORM pg_advisory_xact_lock('@program@.assignment'::regclass::oid::integer, hashint8(from_staff));

	-- The hours of the one who leaves, or else all.
	INSERT INTO @program@.coverage (staff_id, during, hours_from, hours_until, weekdays, time_zone, on_call, covers_for)
	SELECT to_staff, n.during, n.hours_from, n.hours_until, n.weekdays, n.time_zone, n.on_call, from_staff
	FROM (
		SELECT c.during * handover.during AS during, c.hours_from, c.hours_until, c.weekdays, c.time_zone, c.on_call
		FROM @program@.coverage c
		WHERE c.staff_id = from_staff AND c.covers_for IS NULL AND c.during && handover.during
		UNION ALL
		SELECT handover.during, '00:00', '24:00', '{1,2,3,4,5,6,7}', 'UTC', false
		WHERE NOT EXISTS (SELECT FROM @program@.coverage c
			WHERE c.staff_id = from_staff AND c.covers_for IS NULL AND c.during && handover.during)) n
	WHERE NOT EXISTS (SELECT FROM @program@.coverage c
		WHERE c.staff_id = to_staff AND c.covers_for = from_staff AND c.during = n.during AND c.hours_from = n.hours_from
			AND c.hours_until = n.hours_until AND c.weekdays = n.weekdays AND c.time_zone = n.time_zone);

	-- Whole local days of each person: from the one in which the leave begins to the one in which it ends.
	RETURN QUERY
	WITH given AS (
		SELECT h.person_id, h.name, a.role, a.clinical_supervisor_id,
			a.during * daterange(@program@.local_day(h.time_zone, lower(handover.during)),
				@program@.local_day(h.time_zone, upper(handover.during) - interval '1 microsecond'), '[]') AS days
		FROM @program@.coached h
		JOIN @program@.assignment a ON a.person_id = h.person_id AND a.staff_id = from_staff
	), assigned AS (
		INSERT INTO @program@.assignment (person_id, staff_id, role, clinical_supervisor_id, during)
		SELECT g.person_id, to_staff, g.role, g.clinical_supervisor_id, g.days
		FROM given g
		WHERE NOT isempty(g.days) AND NOT EXISTS (SELECT FROM @program@.assignment a
			WHERE a.person_id = g.person_id AND a.staff_id = to_staff AND a.role = g.role AND a.during @> g.days)
		ORDER BY g.person_id
	)
	SELECT g.person_id, g.name, g.role, g.days, o.urgency, o.kind, o.since, o.task_id, o.why
	FROM given g
	LEFT JOIN @program@.open_item o ON o.person_id = g.person_id AND sees_all
	WHERE NOT isempty(g.days) AND (sees_all OR coachiatry.sees('@program@'::regnamespace, g.person_id, 'coordinator'))
	ORDER BY o.urgency, o.since, g.person_id, o.task_id;
END
$$;

REVOKE ALL ON FUNCTION @program@.handover(bigint, bigint, tstzrange) FROM PUBLIC;
COMMENT ON FUNCTION @program@.handover(bigint, bigint, tstzrange) IS
'Leave cover, in one call: to_staff takes the people of from_staff for a time. Writes a row of coverage for each row of hours of from_staff in that time (for all hours where there is none), and assigns everyone who is coached and assigned to from_staff on any of those days to to_staff too, in the same role, for the person''s local days that the time touches; from_staff stays assigned. Returns each of those people with the days of the new assignment and every open item (open_item), the most urgent first; someone with nothing open has one row with NULLs. Done twice, it changes nothing more. For coordinators of the organisation of both, to whom it returns the people of that organisation and nothing of what is open, and for the owner. Errors: 42501 for anybody else, and for staff of another organisation; 22023 for the same staff twice, a time without beginning or end or an empty one, staff of another role (supervisors may cover for coaches), or who do not work here on all of those days; P0002 for unknown staff.';

CREATE FUNCTION @program@.end_episode(person_id bigint, episode_id bigint, reason text, ended date DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	closing @program@.episode;
	today date;
	first_free date;
BEGIN
	SELECT @program@.local_day(p.time_zone) INTO today FROM @program@.person p WHERE p.person_id = end_episode.person_id;
	SELECT e.* INTO closing FROM @program@.episode e
	WHERE e.person_id = end_episode.person_id AND e.episode_id = end_episode.episode_id
	FOR UPDATE;
	first_free := COALESCE(end_episode.ended, today);
	IF closing.episode_id IS NULL THEN
		RAISE EXCEPTION 'person % has no episode %', end_episode.person_id, end_episode.episode_id USING ERRCODE = 'no_data_found';
	END IF;
	IF closing.ended IS NOT NULL THEN
		RAISE EXCEPTION 'episode % has ended already', end_episode.episode_id USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	IF COALESCE(end_episode.reason, '') = '' THEN
		RAISE EXCEPTION 'an episode ends for a reason' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF first_free < closing.started OR first_free > today THEN
		RAISE EXCEPTION 'episode % cannot end on "%"', end_episode.episode_id, first_free
			USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It began on "%s", and it is closed at once: not later than "%s".', closing.started, today);
	END IF;
	-- A task that has reached its end was completed; one that is cut off was stopped.
	UPDATE @program@.task t
	SET status = CASE WHEN t.ends <= first_free THEN 'completed' ELSE 'stopped' END,
		ends = GREATEST(LEAST(t.ends, first_free), t.starts_at::date)
	WHERE t.person_id = end_episode.person_id AND t.episode_id = end_episode.episode_id AND t.status = 'active';
	UPDATE @program@.episode e
	SET ended = first_free, reason = end_episode.reason
	WHERE e.person_id = end_episode.person_id AND e.episode_id = end_episode.episode_id;
END
$$;

COMMENT ON FUNCTION @program@.end_episode(bigint, bigint, text, date) IS
'Ends an episode of coaching and its active tasks, in one call: ended (NULL: today in the person''s time zone) is the first day without coaching, and the first that is no longer planned. Tasks that have reached their own end by then are completed, the others stopped; one that was yet to start never plans anything. Record and history stay. For whoever may update task and episode; ending is a human''s decision. Errors: P0002 for an unknown person or episode, 55000 for one that has ended, 22023 for no reason, or a day before the episode began or after today.';
