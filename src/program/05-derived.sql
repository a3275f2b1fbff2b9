-- What is kept from the facts: calendars and series, folded by triggers in the statement that changes a fact, and always equal to what the facts say.
--
-- Two writers share task_calendar.  Rows of records (source seen, device ...) are sums of check-ins: the C trigger adds and subtracts.  Rows of source plan
-- are a pure function of the task, its revisions, the excused periods and a day: plan_calendar() computes them afresh.  Locks are taken by person_id, and
-- within a person by task_id and source; whoever changes a plan first raises person.plan_changes.

CREATE TABLE @program@.task_calendar (
	person_id bigint NOT NULL,
	task_id bigint NOT NULL,
	source text COLLATE "C" NOT NULL,
	calendar coachiatry.adherence NOT NULL,
	planned_through date,
	stale_at timestamptz,
	PRIMARY KEY (person_id, task_id, source)
) WITH (fillfactor = 70);

CREATE INDEX task_calendar_stale_idx ON @program@.task_calendar (stale_at) WHERE source = 'plan';

COMMENT ON TABLE @program@.task_calendar IS 'Kept calendars: a row for the plan of each task, and one for each source that recorded something. Written by triggers only; see verify_derived(). Row triggers that somebody adds fire, those for statements need not.';
COMMENT ON COLUMN @program@.task_calendar.person_id IS 'Who.';
COMMENT ON COLUMN @program@.task_calendar.task_id IS 'Which task.';
COMMENT ON COLUMN @program@.task_calendar.source IS 'plan: prescribed units and excused days; or the source of the check-ins that were added: taken and missed units.';
COMMENT ON COLUMN @program@.task_calendar.calendar IS 'The calendar. That of a plan may be empty; a source without units has no row.';
COMMENT ON COLUMN @program@.task_calendar.planned_through IS 'Last local day that the plan covers; only for source plan.';
COMMENT ON COLUMN @program@.task_calendar.stale_at IS 'When the next local day will have ended, and the plan should reach further (infinity: never); only for source plan.';

CREATE TABLE @program@.measure_series (
	person_id bigint NOT NULL,
	instrument_id bigint NOT NULL,
	item text COLLATE "C" NOT NULL,
	series coachiatry.series NOT NULL,
	PRIMARY KEY (person_id, instrument_id, item)
) WITH (fillfactor = 70);

COMMENT ON TABLE @program@.measure_series IS 'Kept series: the day means of each measure, all sources together. Written by triggers only; see verify_derived(). Row triggers that somebody adds fire, those for statements need not.';
COMMENT ON COLUMN @program@.measure_series.person_id IS 'Whose.';
COMMENT ON COLUMN @program@.measure_series.instrument_id IS 'Of which instrument.';
COMMENT ON COLUMN @program@.measure_series.item IS 'Which item; empty for the total.';
COMMENT ON COLUMN @program@.measure_series.series IS 'Count and sum of each day.';

--
-- The plan of a task
--

CREATE FUNCTION @program@.local_day(time_zone text, at timestamptz DEFAULT coachiatry.clock()) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT coachiatry.adherence_day(at, time_zone, i.day_start) FROM @program@.program_info i);

COMMENT ON FUNCTION @program@.local_day(text, timestamptz) IS
'The day that an instant belongs to in a time zone, where days begin at program_info.day_start. NULL for a NULL argument; 22023 for an unknown time zone.';

CREATE FUNCTION @program@.plan_calendar(person_id bigint, task_id bigint, since date, through date) RETURNS coachiatry.adherence
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
-- Not SQL: that would be planned anew in every statement.
BEGIN
	RETURN (WITH former AS (
		SELECT r.schedule, r.starts_at, lag(r.until) OVER (ORDER BY r.until) AS since, r.until
		FROM @program@.task_revision r
		WHERE r.person_id = plan_calendar.person_id AND r.task_id = plan_calendar.task_id
	), version AS (
		SELECT f.schedule, f.starts_at, f.since, f.until FROM former f
		UNION ALL
		SELECT t.schedule, t.starts_at, (SELECT max(f.until) FROM former f), NULL
		FROM @program@.task t
		WHERE t.person_id = plan_calendar.person_id AND t.task_id = plan_calendar.task_id
	), span AS (
		SELECT GREATEST(plan_calendar.since, (SELECT min(v.starts_at)::date FROM version v)) AS since,
			LEAST(plan_calendar.through + 1, t.ends) AS until
		FROM @program@.task t
		WHERE t.person_id = plan_calendar.person_id AND t.task_id = plan_calendar.task_id
	), part AS (
		SELECT coachiatry.planned(v.schedule, v.starts_at,
			daterange(GREATEST(s.since, v.since), LEAST(s.until, v.until))) AS calendar
		FROM version v, span s
		WHERE GREATEST(s.since, v.since) < LEAST(s.until, v.until)
		UNION ALL
		SELECT coachiatry.adherence_agg(e.day, 'excused')
		FROM (
			-- However many periods a day lies in.
			SELECT DISTINCT GREATEST(s.since, lower(x.during)) + n AS day
			FROM span s, @program@.excused_period x,
				generate_series(0, LEAST(s.until, upper(x.during)) - GREATEST(s.since, lower(x.during)) - 1) n
			WHERE x.person_id = plan_calendar.person_id AND (x.task_id = plan_calendar.task_id OR x.task_id IS NULL)) e
	)
	SELECT COALESCE(coachiatry.rollup(p.calendar), 'empty') FROM part p);
END
$$;

COMMENT ON FUNCTION @program@.plan_calendar(bigint, bigint, date, date) IS
'What is planned for a task on the days from since (NULL: its first) through a day, both included: the units of each schedule while it was in force, and the days excused, each once. Computed from the facts; empty if there is nothing.';

CREATE FUNCTION @program@.plan_due(as_of timestamptz) RETURNS TABLE (person_id bigint, task_id bigint, yesterday date, stale_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT t.person_id, t.task_id, d.yesterday,
		CASE WHEN t.ends <= d.yesterday + 1 THEN 'infinity'
			ELSE pg_catalog.timezone(p.time_zone, (d.yesterday + 2) + i.day_start) END
	FROM @program@.person p
	JOIN @program@.task t USING (person_id)
	CROSS JOIN @program@.program_info i
	CROSS JOIN LATERAL (SELECT coachiatry.adherence_day(plan_due.as_of, p.time_zone, i.day_start) - 1 AS yesterday) d;
END;

COMMENT ON FUNCTION @program@.plan_due(timestamptz) IS
'How far the plan of each task should reach at as_of: through yesterday in the person''s time zone; and stale_at, when that will be too short: when today will have ended, infinity where the task has.';

CREATE FUNCTION @program@.replan(persons bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- Waits for changes of these plans that are under way; the next statements see them.
	PERFORM FROM @program@.person p WHERE p.person_id = ANY (persons) ORDER BY p.person_id FOR NO KEY UPDATE;
	UPDATE @program@.person p SET plan_changes = p.plan_changes + 1 WHERE p.person_id = ANY (persons);
	INSERT INTO @program@.task_calendar AS k (person_id, task_id, source, calendar, planned_through, stale_at)
	SELECT d.person_id, d.task_id, 'plan', @program@.plan_calendar(d.person_id, d.task_id, NULL, d.yesterday), d.yesterday, d.stale_at
	FROM @program@.plan_due(coachiatry.clock()) d
	WHERE d.person_id = ANY (persons)
	ORDER BY d.person_id, d.task_id
	ON CONFLICT (person_id, task_id, source) DO UPDATE
	SET calendar = EXCLUDED.calendar, planned_through = EXCLUDED.planned_through, stale_at = EXCLUDED.stale_at;
	DELETE FROM @program@.task_calendar k
	WHERE k.person_id = ANY (persons) AND k.source = 'plan'
		AND NOT EXISTS (SELECT FROM @program@.task t WHERE t.person_id = k.person_id AND t.task_id = k.task_id);
END
$$;

REVOKE ALL ON FUNCTION @program@.replan(bigint[]) FROM PUBLIC;
COMMENT ON FUNCTION @program@.replan(bigint[]) IS 'Computes the kept plans of some persons afresh, through yesterday. The triggers call it when a task, a revision, an excused period or a time zone changes.';

CREATE FUNCTION @program@.advance_plans(persons bigint[], as_of timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	behind bigint[];
	advanced bigint;
BEGIN
	-- Before any row: whoever waits here for rebuild_derived() holds nothing that it waits for.
	LOCK TABLE @program@.task_calendar IN ROW EXCLUSIVE MODE;
	IF persons IS NULL THEN
		SELECT array_agg(DISTINCT k.person_id) INTO behind
		FROM @program@.task_calendar k
		WHERE k.source = 'plan' AND k.stale_at <= as_of;
	ELSE
		SELECT array_agg(DISTINCT k.person_id) INTO behind
		FROM @program@.task_calendar k
		WHERE k.source = 'plan' AND k.stale_at <= as_of AND k.person_id = ANY (persons);
	END IF;
	PERFORM FROM @program@.person p WHERE p.person_id = ANY (behind) ORDER BY p.person_id FOR NO KEY UPDATE;
	UPDATE @program@.task_calendar k
	SET calendar = k.calendar OPERATOR(coachiatry.||) @program@.plan_calendar(k.person_id, k.task_id, k.planned_through + 1, d.yesterday),
		planned_through = d.yesterday, stale_at = d.stale_at
	FROM @program@.plan_due(as_of) d
	WHERE k.person_id = ANY (behind) AND d.person_id = k.person_id AND d.task_id = k.task_id
		AND k.source = 'plan' AND k.stale_at <= as_of;
	GET DIAGNOSTICS advanced = ROW_COUNT;
	RETURN advanced;
END
$$;

CREATE FUNCTION @program@.advance_plan(as_of timestamptz DEFAULT coachiatry.clock(), only_person bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	person bigint;
	advanced bigint := 0;
BEGIN
	RETURN @program@.advance_plans(CASE WHEN only_person IS NOT NULL THEN ARRAY[only_person] END, as_of);
EXCEPTION WHEN OTHERS THEN
	IF NOT @program@.is_fault(SQLSTATE) THEN
		RAISE;
	END IF;
	IF only_person IS NULL THEN
		FOR person IN
			SELECT DISTINCT k.person_id FROM @program@.task_calendar k WHERE k.source = 'plan' AND k.stale_at <= as_of ORDER BY 1
		LOOP
			advanced := advanced + @program@.advance_plan(as_of, person);
		END LOOP;
	END IF;
	RETURN advanced;
END
$$;

REVOKE ALL ON FUNCTION @program@.advance_plans(bigint[], timestamptz), @program@.advance_plan(timestamptz, bigint) FROM PUBLIC;
COMMENT ON FUNCTION @program@.advance_plans(bigint[], timestamptz) IS
'Moves the kept plans that have fallen behind to yesterday, as seen at as_of in each person''s time zone, of some persons (NULL: of everyone); returns how many moved. Errors: those of plan_calendar().';
COMMENT ON FUNCTION @program@.advance_plan(timestamptz, bigint) IS
'advance_plans() of everyone or of one person; plans that cannot be moved stay behind, and no error comes out of it: what was recorded is kept, and sweep() tells. The triggers of the record call it for their person, sweep() advances whom it looks at; run it daily for the others, or not at all: views extend the plan themselves.';

--
-- Reading
--

CREATE FUNCTION @program@.planned_where_unscheduled(person_id bigint, task_id bigint, record coachiatry.adherence) RETURNS coachiatry.adherence
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH former AS (
		SELECT r.schedule, pg_catalog.lag(r.until) OVER (ORDER BY r.until) AS since, r.until
		FROM @program@.task_revision r
		WHERE r.person_id = planned_where_unscheduled.person_id AND r.task_id = planned_where_unscheduled.task_id
	), version AS (
		SELECT f.schedule, f.since, f.until FROM former f
		UNION ALL
		SELECT t.schedule, (SELECT pg_catalog.max(f.until) FROM former f), NULL
		FROM @program@.task t
		WHERE t.person_id = planned_where_unscheduled.person_id AND t.task_id = planned_where_unscheduled.task_id
	), part AS (
		SELECT v.schedule, coachiatry.clip(planned_where_unscheduled.record, pg_catalog.daterange(v.since, v.until)) AS calendar
		FROM version v
	)
	SELECT coachiatry.rollup(CASE WHEN p.schedule IS NULL THEN coachiatry.planned_as_recorded(p.calendar) ELSE p.calendar END) FROM part p;
END;

COMMENT ON FUNCTION @program@.planned_where_unscheduled(bigint, bigint, coachiatry.adherence) IS
'A record of a task, with what is recorded counted as planned on the days on which the task had no schedule. NULL for a NULL record.';

CREATE VIEW @program@.effective_calendar WITH (security_invoker = true) AS
SELECT t.person_id, t.task_id, d.today,
	coachiatry.clip(c.calendar, pg_catalog.daterange(NULL, d.today)) AS calendar,
	c.calendar AS calendar_with_today
FROM @program@.task t
JOIN @program@.person p USING (person_id)
CROSS JOIN @program@.program_info i
CROSS JOIN LATERAL (SELECT coachiatry.adherence_day(coachiatry.clock(), p.time_zone, i.day_start) AS today) d
LEFT JOIN @program@.task_calendar k ON k.person_id = t.person_id AND k.task_id = t.task_id AND k.source = 'plan'
CROSS JOIN LATERAL (
	SELECT coachiatry.prefer(pg_catalog.array_agg(r.calendar ORDER BY pg_catalog.array_position(i.source_precedence, r.source))) AS calendar
	FROM @program@.task_calendar r
	WHERE r.person_id = t.person_id AND r.task_id = t.task_id AND r.source <> 'plan') record
CROSS JOIN LATERAL (
	SELECT CASE
		WHEN k.planned_through >= d.today THEN NULL
		WHEN k.planned_through IS NULL
			OR EXISTS (SELECT FROM @program@.task_revision v
				WHERE v.person_id = t.person_id AND v.task_id = t.task_id AND v.until > k.planned_through + 1)
			OR EXISTS (SELECT FROM @program@.excused_period x
				WHERE x.person_id = t.person_id AND (x.task_id = t.task_id OR x.task_id IS NULL)
					AND (pg_catalog.upper(x.during) <= k.planned_through + 1) IS NOT TRUE)
		THEN @program@.plan_calendar(t.person_id, t.task_id, k.planned_through + 1, d.today)
		WHEN k.planned_through + 1 < LEAST(t.ends, d.today + 1)
		THEN coachiatry.planned(t.schedule, t.starts_at, pg_catalog.daterange(k.planned_through + 1, LEAST(t.ends, d.today + 1)))
		END AS calendar) coming
CROSS JOIN LATERAL (
	SELECT (k.calendar OPERATOR(coachiatry.||) coming.calendar) OPERATOR(coachiatry.||)
		CASE
			WHEN EXISTS (SELECT FROM @program@.task_revision v
				WHERE v.person_id = t.person_id AND v.task_id = t.task_id AND (v.schedule IS NULL) <> (t.schedule IS NULL))
			THEN @program@.planned_where_unscheduled(t.person_id, t.task_id, record.calendar)
			WHEN t.schedule IS NULL THEN coachiatry.planned_as_recorded(record.calendar)
			ELSE record.calendar
		END AS calendar) c;

COMMENT ON VIEW @program@.effective_calendar IS
'The effective calendar of each task: the plan, and for each day the record of the source that is believed first (program_info.source_precedence) among those that recorded something. Several reports of one dose never add up. On days without a schedule, what is recorded counts as planned.';
COMMENT ON COLUMN @program@.effective_calendar.person_id IS 'Who.';
COMMENT ON COLUMN @program@.effective_calendar.task_id IS 'Which task.';
COMMENT ON COLUMN @program@.effective_calendar.today IS 'Today in the person''s time zone.';
COMMENT ON COLUMN @program@.effective_calendar.calendar IS 'Through yesterday: what rates are asked of.';
COMMENT ON COLUMN @program@.effective_calendar.calendar_with_today IS 'With today, and what was recorded ahead: what current_streak(calendar_with_today, today) is asked of, which treats today as pending.';

CREATE FUNCTION @program@.verify_derived() RETURNS TABLE (derived text, person_id bigint, of_id bigint, label text, kept text, expected text)
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'task_calendar', COALESCE(k.person_id, f.person_id), COALESCE(k.task_id, f.task_id), COALESCE(k.source, f.source),
		k.calendar::text, f.calendar::text
	FROM (SELECT c.person_id, c.task_id, c.source, c.calendar FROM @program@.task_calendar c WHERE c.source <> 'plan') k
	FULL JOIN (
		SELECT r.person_id, r.task_id, r.source, coachiatry.adherence_agg(r.due_on, 0, r.taken, r.missed) AS calendar
		FROM @program@.check_in r
		GROUP BY r.person_id, r.task_id, r.source) f
	ON k.person_id = f.person_id AND k.task_id = f.task_id AND k.source = f.source
	WHERE k.calendar OPERATOR(coachiatry.=) f.calendar IS NOT TRUE
	UNION ALL
	SELECT 'task_calendar', COALESCE(k.person_id, f.person_id), COALESCE(k.task_id, f.task_id), 'plan', k.calendar::text, f.calendar::text
	FROM (SELECT c.person_id, c.task_id, c.calendar FROM @program@.task_calendar c WHERE c.source = 'plan') k
	FULL JOIN (
		SELECT t.person_id, t.task_id,
			@program@.plan_calendar(t.person_id, t.task_id, NULL, COALESCE(c.planned_through, @program@.local_day(p.time_zone) - 1)) AS calendar
		FROM @program@.task t
		JOIN @program@.person p USING (person_id)
		LEFT JOIN @program@.task_calendar c ON c.person_id = t.person_id AND c.task_id = t.task_id AND c.source = 'plan') f
	ON k.person_id = f.person_id AND k.task_id = f.task_id
	WHERE k.calendar OPERATOR(coachiatry.=) f.calendar IS NOT TRUE
	UNION ALL
	SELECT 'measure_series', COALESCE(k.person_id, f.person_id), COALESCE(k.instrument_id, f.instrument_id), COALESCE(k.item, f.item),
		k.series::text, f.series::text
	FROM @program@.measure_series k
	FULL JOIN (
		SELECT m.person_id, m.instrument_id, m.item, coachiatry.series_agg(m.measured_on, m.value) AS series
		FROM @program@.measurement m
		GROUP BY m.person_id, m.instrument_id, m.item) f
	ON k.person_id = f.person_id AND k.instrument_id = f.instrument_id AND k.item = f.item
	WHERE k.series OPERATOR(coachiatry.=) f.series IS NOT TRUE;
END;

COMMENT ON FUNCTION @program@.verify_derived() IS
'Computes every kept calendar and series afresh from the facts and returns those that differ: derived (table), person_id, of_id (task or instrument), label (source or item), kept, expected; NULL where there is none. No rows: all is well. Plans are compared through the day they reach.';

CREATE FUNCTION @program@.rebuild_derived() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	differing bigint;
BEGIN
	-- Writers of facts wait, and what they have written is seen; readers go on.  The order is that in which a statement of theirs locks tables.
	LOCK TABLE @program@.task, @program@.task_revision, @program@.excused_period, @program@.check_in, @program@.measurement, @program@.person,
		@program@.task_calendar, @program@.measure_series IN SHARE ROW EXCLUSIVE MODE;
	SELECT count(*) INTO differing FROM @program@.verify_derived();
	DELETE FROM @program@.task_calendar;
	DELETE FROM @program@.measure_series;
	INSERT INTO @program@.task_calendar (person_id, task_id, source, calendar)
	SELECT r.person_id, r.task_id, r.source, coachiatry.adherence_agg(r.due_on, 0, r.taken, r.missed)
	FROM @program@.check_in r
	GROUP BY r.person_id, r.task_id, r.source;
	INSERT INTO @program@.measure_series (person_id, instrument_id, item, series)
	SELECT m.person_id, m.instrument_id, m.item, coachiatry.series_agg(m.measured_on, m.value)
	FROM @program@.measurement m
	GROUP BY m.person_id, m.instrument_id, m.item;
	PERFORM @program@.replan((SELECT array_agg(DISTINCT t.person_id) FROM @program@.task t));
	-- Whatever came without triggers has been looked at by nobody.
	PERFORM @program@.look_at_everybody();
	RETURN differing;
END
$$;

REVOKE ALL ON FUNCTION @program@.rebuild_derived() FROM PUBLIC;
COMMENT ON FUNCTION @program@.rebuild_derived() IS
'Computes all kept calendars and series afresh, in one transaction in which writers wait, and has the next sweep() look at everybody for warnings; returns how many differed before. Should never be needed: verify_derived() says whether it is.';

--
-- Triggers: the record
--

CREATE TRIGGER keep_announce_insert BEFORE INSERT ON @program@.check_in FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
CREATE TRIGGER keep_announce_update BEFORE UPDATE ON @program@.check_in FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
CREATE TRIGGER keep_announce_delete BEFORE DELETE ON @program@.check_in FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
CREATE TRIGGER keep_insert AFTER INSERT ON @program@.check_in REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
CREATE TRIGGER keep_update AFTER UPDATE ON @program@.check_in REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();
CREATE TRIGGER keep_delete AFTER DELETE ON @program@.check_in REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_calendars();

CREATE TRIGGER keep_announce_insert BEFORE INSERT ON @program@.measurement FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();
CREATE TRIGGER keep_announce_update BEFORE UPDATE ON @program@.measurement FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();
CREATE TRIGGER keep_announce_delete BEFORE DELETE ON @program@.measurement FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();
CREATE TRIGGER keep_insert AFTER INSERT ON @program@.measurement REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();
CREATE TRIGGER keep_update AFTER UPDATE ON @program@.measurement REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();
CREATE TRIGGER keep_delete AFTER DELETE ON @program@.measurement REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.keep_series();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON @program@.task_calendar FOR EACH STATEMENT EXECUTE FUNCTION @program@.refuse_truncate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON @program@.measure_series FOR EACH STATEMENT EXECUTE FUNCTION @program@.refuse_truncate();

--
-- Triggers: the plan
--

-- All in one statement, whose triggers see all of it, and after whose rows in order: a change of one schedule or of many is one change.
-- Old and new rows are brought together by grouping, which takes any number of them; a plan is kept for the session, and a join would be one for few.
CREATE FUNCTION @program@.plan_revised() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	persons bigint[];
BEGIN
	IF NOT EXISTS (SELECT n.person_id, n.task_id, n.schedule::text FROM new_rows n EXCEPT SELECT o.person_id, o.task_id, o.schedule::text FROM old_rows o) THEN
		RETURN NULL;
	END IF;
	-- Everyone whom this statement will replan and evaluate, too: locks are taken by kind, and of each kind in order.
	SELECT array_agg(DISTINCT n.person_id) INTO persons FROM new_rows n;
	PERFORM FROM @program@.person p WHERE p.person_id = ANY (persons) ORDER BY p.person_id FOR NO KEY UPDATE;
	PERFORM @program@.take_turns(persons);
	WITH revised AS (
		SELECT r.person_id, r.task_id, min(r.created_at) AS written,
			(array_agg(r.schedule) FILTER (WHERE r.former))[1] AS schedule, min(r.starts_at) FILTER (WHERE r.former) AS starts_at,
			min(r.starts_at) FILTER (WHERE NOT r.former) AS starts_again
		FROM (SELECT o.person_id, o.task_id, o.schedule, o.starts_at, o.created_at, true AS former FROM old_rows o
			UNION ALL SELECT n.person_id, n.task_id, n.schedule, n.starts_at, NULL, false FROM new_rows n) r
		GROUP BY r.person_id, r.task_id
		HAVING count(*) = 2 AND (array_agg(r.schedule::text) FILTER (WHERE r.former))[1] IS DISTINCT FROM (array_agg(r.schedule::text) FILTER (WHERE NOT r.former))[1]
	), dated AS (
		SELECT c.person_id, c.task_id, c.schedule, c.starts_at, @program@.local_day(p.time_zone, c.written) AS written,
			GREATEST(@program@.local_day(p.time_zone), CASE WHEN c.starts_again <> c.starts_at THEN c.starts_again::date END) AS day
		FROM revised c JOIN @program@.person p USING (person_id)
	), change AS (
		SELECT d.*, (SELECT min(r.until) FROM @program@.task_revision r
			WHERE r.person_id = d.person_id AND r.task_id = d.task_id AND r.until >= d.day) AS next
		FROM dated d
	), dropped AS ( -- what was to come later does not come any more
		DELETE FROM @program@.task_revision r USING change c
		WHERE r.person_id = c.person_id AND r.task_id = c.task_id AND r.until > c.next
	), ended AS (
		UPDATE @program@.task_revision r SET until = c.day FROM change c
		WHERE r.person_id = c.person_id AND r.task_id = c.task_id AND r.until = c.next AND c.next > c.day
	)
	INSERT INTO @program@.task_revision (person_id, task_id, until, schedule, starts_at)
	SELECT c.person_id, c.task_id, c.day, c.schedule, c.starts_at
	FROM change c
	WHERE c.next IS NULL AND c.written < c.day AND c.starts_at::date < c.day
	ORDER BY c.person_id, c.task_id;
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.task_moves_as_it_is() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION 'a task cannot get another key and another schedule at once'
		USING ERRCODE = 'feature_not_supported', HINT = 'Change the schedule in a statement of its own, so that the former one is kept.',
			TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
END
$$;

CREATE FUNCTION @program@.plan_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.replan((SELECT array_agg(DISTINCT n.person_id) FROM new_rows n));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.plan_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.replan((SELECT array_agg(DISTINCT r.person_id)
		FROM (SELECT o.person_id FROM old_rows o UNION SELECT n.person_id FROM new_rows n) r));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.plan_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.replan((SELECT array_agg(DISTINCT o.person_id) FROM old_rows o));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.person_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.replan(ARRAY[NEW.person_id]);
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.day_start_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.replan((SELECT array_agg(DISTINCT t.person_id) FROM @program@.task t));
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION @program@.plan_revised(), @program@.task_moves_as_it_is(), @program@.plan_inserted(), @program@.plan_updated(), @program@.plan_deleted(),
	@program@.person_moved(), @program@.day_start_moved() FROM PUBLIC;
COMMENT ON FUNCTION @program@.plan_revised() IS 'Trigger: tasks whose schedule changes keep the former one as a task_revision until today, or until their new start if that is later; not on the day the task was written.';
COMMENT ON FUNCTION @program@.task_moves_as_it_is() IS 'Trigger: refuses (0A000) a change of a task''s key and schedule at once, in which nothing would say whose former schedule it was.';
COMMENT ON FUNCTION @program@.plan_inserted() IS 'Trigger: replans the persons of new tasks, revisions and excused periods.';
COMMENT ON FUNCTION @program@.plan_updated() IS 'Trigger: replans the persons of changed tasks, revisions and excused periods, as they were and as they are.';
COMMENT ON FUNCTION @program@.plan_deleted() IS 'Trigger: replans the persons of deleted tasks, revisions and excused periods.';
COMMENT ON FUNCTION @program@.person_moved() IS 'Trigger: replans someone whose time zone changed: yesterday may be another day.';
COMMENT ON FUNCTION @program@.day_start_moved() IS 'Trigger: replans everyone when the program''s day begins at another hour.';

CREATE TRIGGER task_moves_as_it_is BEFORE UPDATE ON @program@.task
FOR EACH ROW WHEN ((OLD.person_id, OLD.task_id) IS DISTINCT FROM (NEW.person_id, NEW.task_id) AND OLD.schedule::text IS DISTINCT FROM NEW.schedule::text)
EXECUTE FUNCTION @program@.task_moves_as_it_is();

CREATE TRIGGER plan_inserted AFTER INSERT ON @program@.task REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_inserted();
-- Before plan_updated by its name.
CREATE TRIGGER plan_revised AFTER UPDATE ON @program@.task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_revised();
CREATE TRIGGER plan_updated AFTER UPDATE ON @program@.task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_updated();
CREATE TRIGGER plan_deleted AFTER DELETE ON @program@.task REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_deleted();

CREATE TRIGGER plan_inserted AFTER INSERT ON @program@.task_revision REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_inserted();
CREATE TRIGGER plan_updated AFTER UPDATE ON @program@.task_revision REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_updated();
CREATE TRIGGER plan_deleted AFTER DELETE ON @program@.task_revision REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_deleted();

CREATE TRIGGER plan_inserted AFTER INSERT ON @program@.excused_period REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_inserted();
CREATE TRIGGER plan_updated AFTER UPDATE ON @program@.excused_period REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_updated();
CREATE TRIGGER plan_deleted AFTER DELETE ON @program@.excused_period REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.plan_deleted();

CREATE TRIGGER person_moved AFTER UPDATE ON @program@.person
FOR EACH ROW WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION @program@.person_moved();
CREATE TRIGGER day_start_moved AFTER UPDATE ON @program@.program_info
FOR EACH ROW WHEN (OLD.day_start IS DISTINCT FROM NEW.day_start) EXECUTE FUNCTION @program@.day_start_moved();
