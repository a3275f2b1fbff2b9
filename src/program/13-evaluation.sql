-- Evaluation: what should be open, replayed day by day from the facts, and how warnings come to be so.
--
-- warning_replay() is a function of the effective calendars, series and contacts, the rules, what people closed, and a time.  evaluate_warnings() applies the
-- difference between it and what is open; the statement that changes a fact calls it for the persons concerned, sweep() for everybody.  So facts may come in
-- any order, at once or one by one, and be corrected.  Whoever looks at persons first locks their rows of recheck (take_turns), in order, so that each sees
-- what the one before has done, and then those of warning in the order of their keys; sweep() waits for no other warning.

--
-- Replay
--

-- Evidence is written in one way, whatever the session's settings: it is compared with what another session wrote.
CREATE FUNCTION @program@.warning_replay(persons bigint[], as_of timestamptz, only_rule bigint DEFAULT NULL,
	even_disabled boolean DEFAULT false)
RETURNS TABLE (person_id bigint, warning_rule_id bigint, task_id bigint, instrument_id bigint, item text, opened date, cleared date, is_open boolean,
	onset date, evidence jsonb, look_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan SET extra_float_digits = 1
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH watched AS MATERIALIZED (
		SELECT h.person_id, h.time_zone, h.started, coachiatry.adherence_day(as_of, h.time_zone, i.day_start) AS today, i.day_start
		FROM @program@.coached h
		CROSS JOIN @program@.program_info i
		WHERE h.person_id = ANY (persons)
	), rule AS MATERIALIZED (
		SELECT r.* FROM @program@.warning_rule r WHERE (r.enabled OR even_disabled) AND (only_rule IS NULL OR r.warning_rule_id = only_rule)
	), task AS MATERIALIZED (
		SELECT w.person_id, w.time_zone, w.today, w.day_start, t.task_id, t.status, t.kind, t.tags, GREATEST(w.started, t.starts_at::date) AS first,
			x.calendar_with_today AS calendar
		FROM watched w
		JOIN @program@.task t ON t.person_id = w.person_id
		JOIN @program@.effective_calendar x ON x.person_id = t.person_id AND x.task_id = t.task_id
		WHERE t.gap_hazard_days IS NOT NULL OR (t.status = 'active' AND EXISTS (SELECT FROM rule r WHERE r.stream = 'task'))
	), stream AS MATERIALIZED (
		SELECT t.person_id, t.time_zone, t.today, t.day_start, r.*, t.task_id, NULL::bigint AS of_instrument, NULL::text AS of_item,
			t.first, t.calendar, NULL::coachiatry.series AS series, NULL::text AS direction, 1 AS judged_after
		FROM task t
		JOIN rule r ON r.stream = 'task' AND t.status = 'active' AND COALESCE(r.task_kind = t.kind, true) AND (r.tag IS NULL OR r.tag = ANY (t.tags))
		UNION ALL
		SELECT w.person_id, w.time_zone, w.today, w.day_start, r.*, NULL, k.instrument_id, k.item, w.started, NULL, k.series,
			CASE i.direction WHEN 'lower_is_better' THEN 'up' ELSE 'down' END, 0
		FROM watched w
		JOIN @program@.measure_series k ON k.person_id = w.person_id
		JOIN rule r ON r.stream = 'measure' AND COALESCE(r.instrument_id = k.instrument_id, true) AND r.item = k.item
		JOIN @program@.instrument i ON i.instrument_id = k.instrument_id
		UNION ALL
		SELECT w.person_id, w.time_zone, w.today, w.day_start, r.*, NULL, NULL, NULL, w.started, NULL, CASE r.stream
				WHEN 'contact' THEN (
					SELECT coachiatry.series_agg(coachiatry.adherence_day(c.started_at, w.time_zone, w.day_start), 1)
					FROM @program@.contact c
					WHERE c.person_id = w.person_id AND c.agency <> 'automated' AND c.reached)
				ELSE (
					SELECT coachiatry.series_agg(coachiatry.adherence_day(c.started_at, w.time_zone, w.day_start), extract(epoch FROM c.replied_after)::float8 / 3600)
					FROM @program@.contact c
					WHERE c.person_id = w.person_id AND c.began_by = 'staff' AND c.replied_after IS NOT NULL) END,
			'up', 0
		FROM watched w
		JOIN rule r ON r.stream IN ('contact', 'reply')
	), closing AS MATERIALIZED (
		-- What was closed on a day that has not come again, across the date line or with another start of the day, is closed today.
		SELECT w.person_id, w.warning_rule_id, w.task_id, w.instrument_id, w.item, array_agg(LEAST(w.closed_on, h.today) ORDER BY w.closed_on) AS days
		FROM watched h
		JOIN @program@.warning w ON w.person_id = h.person_id AND w.state IN ('resolved', 'declined')
			AND coachiatry.adherence_day(w.closed_at, h.time_zone, h.day_start) <= h.today
		GROUP BY w.person_id, w.warning_rule_id, w.task_id, w.instrument_id, w.item
	), spell AS (
		SELECT s.*, p.opened AS day, p.ended, p.closed, p.judged, p.statistic, p.lim, p.since, p.shift,
			p.opened <= p.judged AND (p.ended IS NULL OR (p.ended > p.judged AND NOT p.closed)) AS is_now,
			-- What will happen by itself happens when that day is over; measures and contacts are judged on the day.
			CASE WHEN p.closed THEN NULL WHEN p.opened > p.judged THEN p.opened WHEN p.ended > p.judged THEN p.ended END AS next_day
		FROM stream s
		LEFT JOIN closing c ON c.person_id = s.person_id AND c.warning_rule_id = s.warning_rule_id AND c.task_id IS NOT DISTINCT FROM s.task_id
			AND c.instrument_id IS NOT DISTINCT FROM s.of_instrument AND c.item IS NOT DISTINCT FROM s.of_item
		CROSS JOIN LATERAL coachiatry.alarm_spells(s.detector, s.parameters, s.calendar, s.series, s.direction, s.first, s.today, 100,
			CASE WHEN s.safety THEN 0 ELSE s.hold_days END, s.clear_days, s.cool_down_days, c.days) p
	)
	SELECT s.person_id, s.warning_rule_id, s.task_id, s.of_instrument, s.of_item, s.day, CASE WHEN s.ended <= s.judged OR s.closed THEN s.ended END,
		s.is_now, COALESCE(s.since, s.day),
		CASE WHEN s.is_now THEN jsonb_build_object('day', s.day, 'statistic', s.statistic, 'limit', s.lim, 'since', s.since, 'shift', s.shift) END,
		timezone(s.time_zone, s.next_day + s.judged_after + s.day_start)
	FROM spell s
	UNION ALL
	-- What was recorded ahead of its day counts once that has come, for rules or as a gap, which one of a task that was stopped is, too; and once in a while everybody is looked at.
	SELECT t.person_id, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, timezone(t.time_zone, t.today + 1 + t.day_start)
	FROM task t
	WHERE coachiatry.clip(t.calendar, daterange(t.today + 1, NULL)) OPERATOR(coachiatry.<>) 'empty'
	UNION ALL
	SELECT s.person_id, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, timezone(s.time_zone, s.today + 1 + s.day_start)
	FROM stream s
	WHERE coachiatry.clip(s.series, daterange(s.today + 1, NULL)) OPERATOR(coachiatry.<>) 'empty'
	UNION ALL
	SELECT w.person_id, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, timezone(w.time_zone, w.today + 100 + w.day_start)
	FROM watched w;
END
$$;

COMMENT ON FUNCTION @program@.warning_replay(bigint[], timestamptz, bigint, boolean) IS
'The spells of every enabled rule (or only one, even_disabled) and stream of some persons who are coached, as of a time, walked day by day from the start of the episode by coachiatry.alarm_spells(): opened (the local day from which on a warning was due), cleared (NULL: not yet), is_open, onset (when the change is thought to have begun), evidence of those that are open (what the detector said on the day it opened), look_at (when it will open or clear by itself if nothing is recorded before). Days of a task are judged once all that was planned is recorded, or they are over; measures and contacts at once. And rows without a rule, whose look_at says when to look again at the latest: one for each person at least. A function of the facts, and of the days on which people resolved or declined such a warning.';

--
-- Who acts
--

CREATE FUNCTION @program@.may_have(staff_id bigint, person_id bigint, acts_on text, day date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN EXISTS (
		SELECT FROM @program@.staff s
		WHERE s.staff_id = may_have.staff_id AND s.role = ANY (CASE may_have.acts_on
			WHEN 'coach' THEN '{coach,supervisor,prescriber,therapist}'
			WHEN 'supervisor' THEN '{supervisor}'
			ELSE '{prescriber,therapist}' END::text[]))
		AND EXISTS (SELECT FROM @program@.grounds(may_have.staff_id) g WHERE g.person_id = may_have.person_id AND g.during @> may_have.day);
END
$$;

CREATE FUNCTION @program@.covering(staff_id bigint, person_id bigint, acts_on text, at timestamptz, day date) RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT v.staff_id
	FROM @program@.coverage v
	JOIN @program@.staff b ON b.staff_id = v.staff_id AND b.employed @> covering.day
	WHERE v.covers_for = covering.staff_id AND @program@.is_within_hours(v, covering.at)
		AND @program@.may_have(v.staff_id, covering.person_id, covering.acts_on, covering.day)
	ORDER BY v.coverage_id;
END;

CREATE FUNCTION @program@.warning_owners(persons bigint[]) RETURNS TABLE (person_id bigint, acts_on text, staff_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp ROWS 4
AS $$
-- Not SQL: that would be planned anew in every statement.
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH owner AS (
		SELECT DISTINCT ON (p.person_id, o.acts_on) p.person_id, o.acts_on, o.staff_id, d.today
		FROM @program@.person p
		CROSS JOIN @program@.program_info i
		CROSS JOIN LATERAL (SELECT coachiatry.adherence_day(coachiatry.clock(), p.time_zone, i.day_start) AS today) d
		JOIN @program@.assignment a ON a.person_id = p.person_id AND a.during @> d.today
		JOIN @program@.staff m ON m.staff_id = a.staff_id
		LEFT JOIN @program@.staff c ON c.staff_id = a.clinical_supervisor_id
		CROSS JOIN LATERAL (
			VALUES (a.role, a.staff_id, 1), (CASE WHEN a.role = 'coach' THEN 'supervisor' END, m.supervisor_id, 2), (c.role, c.staff_id, 3)
		) AS o (acts_on, staff_id, rank)
		JOIN @program@.staff s ON s.staff_id = o.staff_id AND s.employed @> d.today
		WHERE p.person_id = ANY (persons) AND o.acts_on IN ('coach', 'supervisor', 'prescriber', 'therapist')
		ORDER BY p.person_id, o.acts_on, o.rank, lower(a.during), a.assignment_id
	)
	SELECT o.person_id, o.acts_on, COALESCE((SELECT c FROM @program@.covering(o.staff_id, o.person_id, o.acts_on, coachiatry.clock(), o.today) c LIMIT 1), o.staff_id)
	FROM owner o;
END
$$;

CREATE FUNCTION @program@.warning_owner(person_id bigint, acts_on text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT o.staff_id FROM @program@.warning_owners(ARRAY[warning_owner.person_id]) o WHERE o.acts_on = warning_owner.acts_on);
END
$$;

CREATE FUNCTION @program@.is_on_call(staff_id bigint, at timestamptz DEFAULT coachiatry.clock()) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
		-- Hours of their own, or none; who takes somebody else's people is there for these, too, and no less for their own.
		SELECT COALESCE(bool_or(v.on_call AND @program@.is_within_hours(v, is_on_call.at)), false)
			OR (is_on_call.staff_id IS NOT NULL AND COALESCE(bool_and(v.covers_for IS NOT NULL), true))
		FROM @program@.coverage v
		WHERE v.staff_id = is_on_call.staff_id AND v.during @> is_on_call.at);
END
$$;

CREATE FUNCTION @program@.owners_now(persons bigint[]) RETURNS TABLE (person_id bigint, warning_id bigint, staff_id bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT DISTINCT ON (w.person_id, w.warning_id) w.person_id, w.warning_id, o.staff_id
	FROM @program@.warning w
	LEFT JOIN @program@.warning_owners(persons) o ON o.person_id = w.person_id
		AND (o.acts_on = w.acts_on OR (w.safety AND o.acts_on IN ('prescriber', 'therapist')))
	WHERE w.person_id = ANY (persons) AND w.closed_at IS NULL
	ORDER BY w.person_id, w.warning_id, w.safety AND @program@.is_on_call(o.staff_id) DESC, o.acts_on = w.acts_on DESC;
END
$$;

COMMENT ON FUNCTION @program@.is_on_call(bigint, timestamptz) IS
'Whether matters of safety may go to somebody at a time: they have hours (coverage) on call, their own or for somebody whom they cover for. Whoever states no hours of their own, in a row that is in force, is taken to be; false for nobody.';
COMMENT ON FUNCTION @program@.may_have(bigint, bigint, text, date) IS
'Whether what is for some role about a person may be given to a member of staff on a day: they see the person then (grounds), and theirs is a role that may act on it (as in may_act_on).';
COMMENT ON FUNCTION @program@.covering(bigint, bigint, text, timestamptz, date) IS
'Who covers for somebody at a time (coverage) in what is for their role about a person: whoever works here on that day and may have it (may_have), whose coverage was entered first, first. Coverage shows nobody to anybody: it takes an assignment, as handover() makes, or the supervision of one. No row: nobody.';
COMMENT ON FUNCTION @program@.warning_owners(bigint[]) IS
'Whose the warnings about some persons are now, by whom they are for: the staff who are assigned to the person in that role and work here today, the longest assigned first; for a supervisor, that of the coach; for a clinician also the clinical supervisor of an assignment. Whoever covers for them at this hour (covering) instead. No row: nobody.';
COMMENT ON FUNCTION @program@.warning_owner(bigint, text) IS
'Whose a warning about a person is now, as warning_owners() says. NULL: nobody.';
COMMENT ON FUNCTION @program@.owners_now(bigint[]) IS
'Whose each of the open warnings about some persons is now: whoever warning_owners() says for whom it is. One of safety is of a clinician who is on call, before others; of these of whom it was raised for, or else the other. staff_id NULL: nobody''s.';

--
-- Raising
--

CREATE FUNCTION @program@.warning_difference(persons bigint[], only_rule bigint, absence boolean, as_of timestamptz DEFAULT coachiatry.clock())
RETURNS TABLE (person_id bigint, warning_rule_id bigint, task_id bigint, instrument_id bigint, item text, warning_id bigint, due boolean, spell_over boolean,
	opened date, onset date, evidence jsonb, look_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH spell AS MATERIALIZED (
		SELECT s.*, COALESCE(s.task_id, 0) AS t, COALESCE(s.instrument_id, 0) AS i, COALESCE(s.item, '') AS m
		FROM @program@.warning_replay(persons, as_of, only_rule) s
	), held AS MATERIALIZED (
		SELECT w.*, COALESCE(w.task_id, 0) AS t, COALESCE(w.instrument_id, 0) AS i, COALESCE(w.item, '') AS m
		FROM @program@.warning w
		WHERE w.person_id = ANY (persons) AND w.kind = 'rule' AND w.closed_at IS NULL AND (only_rule IS NULL OR w.warning_rule_id = only_rule)
	), past AS MATERIALIZED (
		SELECT s.person_id, s.warning_rule_id, s.t, s.i, s.m, range_agg(daterange(s.opened, s.cleared, '[]')) AS days
		FROM spell s
		WHERE s.cleared IS NOT NULL AND NOT s.is_open
		GROUP BY s.person_id, s.warning_rule_id, s.t, s.i, s.m
	), differs AS MATERIALIZED (
		SELECT COALESCE(h.person_id, s.person_id) AS person_id, COALESCE(h.warning_rule_id, s.warning_rule_id) AS warning_rule_id,
			COALESCE(h.task_id, s.task_id) AS task_id, COALESCE(h.instrument_id, s.instrument_id) AS instrument_id, COALESCE(h.item, s.item) AS item,
			h.warning_id, s.person_id IS NOT NULL AS due,
			COALESCE(o.days @> h.raised_on, false) AS spell_over,
			s.opened, s.onset, s.evidence,
			h.warning_id IS NULL AND NOT absence AND r.detector IN ('unrecorded_run', 'silence') AS waits
		FROM held h
		FULL JOIN (SELECT * FROM spell WHERE is_open) s
			ON s.person_id = h.person_id AND s.warning_rule_id = h.warning_rule_id AND s.t = h.t AND s.i = h.i AND s.m = h.m
		LEFT JOIN past o ON o.person_id = h.person_id AND o.warning_rule_id = h.warning_rule_id AND o.t = h.t AND o.i = h.i AND o.m = h.m
		LEFT JOIN @program@.warning_rule r ON r.warning_rule_id = COALESCE(h.warning_rule_id, s.warning_rule_id)
		WHERE CASE
			WHEN h.warning_id IS NULL THEN true
			WHEN s.person_id IS NULL THEN h.evidence_stands
			ELSE (h.raised_on, h.onset, h.evidence, h.evidence_stands) IS DISTINCT FROM (s.opened, s.onset, s.evidence, true)
				OR r.severity > h.severity END
	)
	SELECT d.person_id, d.warning_rule_id, d.task_id, d.instrument_id, d.item, d.warning_id, d.due, d.spell_over, d.opened, d.onset, d.evidence, NULL::timestamptz
	FROM differs d
	WHERE NOT d.waits
	UNION ALL
	SELECT s.person_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		CASE WHEN s.person_id IN (SELECT d.person_id FROM differs d WHERE d.waits) THEN as_of ELSE min(s.look_at) END
	FROM spell s
	GROUP BY s.person_id
	ORDER BY 1, 2, 3, 4, 5, 6;
END
$$;

COMMENT ON FUNCTION @program@.warning_difference(bigint[], bigint, boolean, timestamptz) IS
'Where what is open is not what warning_replay() says is due: with warning_id NULL a warning is missing (of rules of absence, only with absence); due says whether it is due, spell_over whether the spell in which the open one was raised is one that has passed. And for each person who is coached a row without a rule: when to look again (look_at).';

CREATE FUNCTION @program@.open_warnings(missing jsonb[], as_of timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	made bigint[];
BEGIN
	WITH missed AS (
		SELECT d.* FROM unnest(missing) m
		CROSS JOIN LATERAL jsonb_to_record(m) AS d (person_id bigint, warning_rule_id bigint, task_id bigint, instrument_id bigint, item text,
			opened date, onset date, evidence jsonb)
	), opened AS (
		-- Another may have raised it meanwhile.
		INSERT INTO @program@.warning (person_id, kind, warning_rule_id, task_id, instrument_id, item, says, severity, acts_on, escalate_to,
			acknowledge_within, owner_staff_id, onset, raised_on, raised_at, evidence)
		SELECT d.person_id, 'rule', d.warning_rule_id, d.task_id, d.instrument_id, d.item, r.says, r.severity, r.acts_on, r.escalate_to,
			r.acknowledge_within, o.staff_id, d.onset, d.opened, as_of, d.evidence
		FROM missed d
		JOIN @program@.warning_rule r ON r.warning_rule_id = d.warning_rule_id
		LEFT JOIN @program@.warning_owners(ARRAY(SELECT DISTINCT d.person_id FROM missed d)) o ON o.person_id = d.person_id AND o.acts_on = r.acts_on
		ORDER BY d.person_id, d.warning_rule_id, d.task_id, d.instrument_id, d.item
		ON CONFLICT (person_id, kind, warning_rule_id, task_id, instrument_id, item, occurrence) WHERE closed_at IS NULL DO NOTHING
		RETURNING person_id, warning_id
	)
	SELECT array_agg(o.warning_id) INTO made FROM opened o;
	INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, at)
	SELECT w.person_id, w.warning_id, w.acts_on, 'opened', as_of
	FROM @program@.warning w
	WHERE w.warning_id = ANY (made)
	ORDER BY w.person_id, w.warning_id;
	RETURN COALESCE(cardinality(made), 0);
END
$$;

COMMENT ON FUNCTION @program@.open_warnings(jsonb[], timestamptz) IS
'Opens the warnings of rules that are missing: rows of warning_difference() as objects. Returns how many; one that another has opened meanwhile is not.';

CREATE FUNCTION @program@.change_warning(differs jsonb, as_of timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	due record;
	it @program@.warning;
	what text;
BEGIN
	SELECT d.*, r.severity INTO due
	FROM jsonb_to_record(differs) AS d (person_id bigint, warning_id bigint, warning_rule_id bigint, due boolean, spell_over boolean, opened date, onset date,
		evidence jsonb)
	JOIN @program@.warning_rule r ON r.warning_rule_id = d.warning_rule_id;
	-- Somebody may have acted on it, or written the same, meanwhile.
	SELECT w.* INTO it FROM @program@.warning w
	WHERE w.person_id = due.person_id AND w.warning_id = due.warning_id AND w.closed_at IS NULL
	FOR NO KEY UPDATE;
	IF it.warning_id IS NULL OR (NOT due.due AND NOT it.evidence_stands)
		OR (due.due AND due.severity <= it.severity
			AND (it.raised_on, it.onset, it.evidence, it.evidence_stands) IS NOT DISTINCT FROM (due.opened, due.onset, due.evidence, true)) THEN
		RETURN false;
	END IF;
	what := CASE
		-- What has begun after it was raised, or is there again on a later day, nobody has seen.
		WHEN due.due AND (due.spell_over OR due.severity > it.severity OR due.onset > it.raised_on
			OR (NOT it.evidence_stands AND due.opened > it.raised_on)) THEN 'worsened'
		WHEN it.safety THEN 'answer_changed'
		WHEN due.due OR it.seen THEN 'evidence_changed'
		-- Two records that become one are no reason to end what nobody has looked at.
		WHEN EXISTS (SELECT FROM @program@.person p WHERE p.person_id = it.person_id AND p.merging = pg_current_xact_id_if_assigned()) THEN 'evidence_changed'
		WHEN due.spell_over THEN 'cleared'
		ELSE 'retracted' END;
	UPDATE @program@.warning w
	SET onset = COALESCE(due.onset, w.onset), raised_on = COALESCE(due.opened, w.raised_on), evidence = COALESCE(due.evidence, w.evidence),
		evidence_stands = due.due, severity = CASE WHEN due.due THEN GREATEST(w.severity, due.severity) ELSE w.severity END
	WHERE w.person_id = it.person_id AND w.warning_id = it.warning_id;
	INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, at, detail)
	VALUES (it.person_id, it.warning_id, it.acts_on, what, as_of, it.evidence);
	RETURN true;
END
$$;

COMMENT ON FUNCTION @program@.change_warning(jsonb, timestamptz) IS
'Makes an open warning what is due, a row of warning_difference() as an object, and writes the event; false if there is nothing to do any more. worsened: more severe, a spell after the one in which it was raised, whether that one has passed or was corrected away, or one that began since.';

CREATE FUNCTION @program@.apply_warnings(persons bigint[], only_rule bigint, absence boolean, as_of timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	differs record;
	missing jsonb[] := '{}';
	looked bigint[] := '{}';
	looks timestamptz[] := '{}';
	applied bigint := 0;
BEGIN
	FOR differs IN SELECT * FROM @program@.warning_difference(persons, only_rule, absence, as_of) LOOP
		IF differs.warning_rule_id IS NULL THEN
			looked := array_append(looked, differs.person_id);
			looks := array_append(looks, differs.look_at);
		ELSIF differs.warning_id IS NULL THEN
			missing := array_append(missing, to_jsonb(differs));
		ELSIF @program@.change_warning(to_jsonb(differs), as_of) THEN
			applied := applied + 1;
		END IF;
	END LOOP;
	IF cardinality(missing) > 0 THEN
		applied := applied + @program@.open_warnings(missing, as_of);
	END IF;
	IF applied > 0 THEN
		applied := applied + @program@.raise_unowned(persons);
	END IF;
	UPDATE @program@.stream_fault f SET cleared_at = as_of
	WHERE f.person_id = ANY (persons) AND f.cleared_at IS NULL AND f.warning_rule_id IS NOT NULL AND (only_rule IS NULL OR f.warning_rule_id = only_rule);
	-- A statement only hastens the next look: sweep() puts it off.
	PERFORM @program@.look_again_at(persons, looked, looks, absence AND only_rule IS NULL);
	RETURN applied;
END
$$;

COMMENT ON FUNCTION @program@.apply_warnings(bigint[], bigint, boolean, timestamptz) IS
'Makes what is open what is due, for some persons and all rules or one, and returns how many warnings that concerned: a missing one is opened; one that is no longer due is cleared if its spell has passed, retracted if the facts never said so, and left open with evidence_changed, for a human to close, once somebody has seen it, if it is of safety, or where merge_persons() has made it so. Notes when to look again (recheck). Errors: those of the detectors.';

CREATE FUNCTION @program@.take_turns(persons bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM FROM @program@.recheck k WHERE k.person_id = ANY (persons) ORDER BY k.person_id FOR NO KEY UPDATE;
END
$$;

COMMENT ON FUNCTION @program@.take_turns(bigint[]) IS
'Waits until nobody else evaluates the warnings of some persons, and keeps others waiting until the end of the transaction. Without that the last of two who look at a person at once, each without what the other has changed, would say when to look again.';

CREATE FUNCTION @program@.look_again_at(persons bigint[], looked bigint[], looks timestamptz[], later boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- Rows that need no change are not locked.
	INSERT INTO @program@.recheck AS k (person_id, due_at)
	SELECT u.person_id, u.due_at
	FROM unnest(looked, looks) AS u (person_id, due_at)
	LEFT JOIN @program@.recheck h ON h.person_id = u.person_id
	WHERE h.person_id IS NULL OR u.due_at < h.due_at OR (later AND u.due_at > h.due_at)
	ORDER BY u.person_id
	ON CONFLICT (person_id) DO UPDATE SET due_at = CASE WHEN later THEN EXCLUDED.due_at ELSE LEAST(k.due_at, EXCLUDED.due_at) END;
	IF cardinality(looked) < cardinality(persons) THEN
		DELETE FROM @program@.recheck k WHERE k.person_id = ANY (persons) AND k.person_id <> ALL (looked);
	END IF;
END
$$;

COMMENT ON FUNCTION @program@.look_again_at(bigint[], bigint[], timestamptz[], boolean) IS
'Notes in recheck when to look again at those of persons who were looked at: at the latest then, or with later exactly then. The others of them are not coached, and not looked at.';

CREATE FUNCTION @program@.look_by(persons bigint[], times timestamptz[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE @program@.recheck k SET due_at = u.at
	FROM unnest(persons, times) AS u (person_id, at)
	WHERE k.person_id = u.person_id AND k.due_at > u.at;
END
$$;

COMMENT ON FUNCTION @program@.look_by(bigint[], timestamptz[]) IS
'Has sweep() look at some persons by these times at the latest. Whoever calls it has taken their turn.';

CREATE FUNCTION @program@.write_fault(person_id bigint, warning_rule_id bigint, state text, message text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	INSERT INTO @program@.stream_fault AS f (person_id, warning_rule_id, state, message)
	VALUES (write_fault.person_id, write_fault.warning_rule_id, write_fault.state, write_fault.message)
	ON CONFLICT (person_id, warning_rule_id) WHERE cleared_at IS NULL DO UPDATE SET last_at = coachiatry.clock(), state = EXCLUDED.state, message = EXCLUDED.message;
	-- A rule may succeed tomorrow; safety does not wait for that.
	PERFORM @program@.look_again_at(ARRAY[write_fault.person_id], ARRAY[write_fault.person_id],
		ARRAY[coachiatry.clock() + CASE WHEN write_fault.warning_rule_id IS NULL THEN interval '0' ELSE interval '1 day' END], false);
END
$$;

COMMENT ON FUNCTION @program@.write_fault(bigint, bigint, text, text) IS 'Notes that a rule (NULL: the safety path, or the plan) failed for a person, who is looked at again within a day, or by the next sweep().';

CREATE FUNCTION @program@.is_fault(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(state, 2) NOT IN ('40', '53', '57', '58', 'XX') AND state NOT IN ('54001', '55P03');

COMMENT ON FUNCTION @program@.is_fault(text) IS 'Whether an error of this SQLSTATE is one of a rule or its stream. Lost races, locks that are not waited for, missing resources, a full stack, cancelled queries and damage are not, and end the statement: whoever sends it can tell nobody that it was recorded and not looked at.';

CREATE FUNCTION @program@.apply_rule_by_rule(person_id bigint, absence boolean, as_of timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rule bigint;
	applied bigint := 0;
BEGIN
	FOR rule IN SELECT r.warning_rule_id FROM @program@.warning_rule r ORDER BY r.warning_rule_id LOOP
		BEGIN
			applied := applied + @program@.apply_warnings(ARRAY[apply_rule_by_rule.person_id], rule, absence, as_of);
		EXCEPTION WHEN OTHERS THEN
			IF NOT @program@.is_fault(SQLSTATE) THEN
				RAISE;
			END IF;
			PERFORM @program@.write_fault(apply_rule_by_rule.person_id, rule, SQLSTATE, SQLERRM);
		END;
	END LOOP;
	RETURN applied;
END
$$;

COMMENT ON FUNCTION @program@.apply_rule_by_rule(bigint, boolean, timestamptz) IS
'As apply_warnings() of one person, rule by rule: what fails is noted in stream_fault, and the rest is done.';

--
-- Safety
--

CREATE FUNCTION @program@.safety_role(person_id bigint, first text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE((
	SELECT o.acts_on FROM @program@.warning_owners(ARRAY[person_id]) o
	WHERE o.acts_on IN ('prescriber', 'therapist')
	ORDER BY @program@.is_on_call(o.staff_id) DESC, o.acts_on = first DESC LIMIT 1), first);

COMMENT ON FUNCTION @program@.safety_role(bigint, text) IS
'Which clinicians a safety warning is for: those who are on call now, before others; of these the first, or the other where a person has none of the first.';

CREATE FUNCTION @program@.was_otherwise(persons bigint[], record text, record_id bigint, now jsonb, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
	SELECT FROM @program@.correction c
	WHERE c.person_id = ANY (persons) AND c.record = was_otherwise.record AND c.record_id = was_otherwise.record_id
		AND c.corrected_at >= since AND NOT c.was @> now);

CREATE FUNCTION @program@.has_come_back(persons bigint[], kind text, task_id bigint, item text, days daterange, fact jsonb, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE
RETURN CASE kind
	WHEN 'self_harm' THEN @program@.was_otherwise(persons, 'measurement', (fact ->> 'measurement')::bigint, jsonb_build_object('item', item, 'value', fact -> 'value'), since)
	ELSE EXISTS (
		SELECT FROM @program@.check_in n
		WHERE n.person_id = ANY (persons) AND n.task_id = has_come_back.task_id AND n.due_on <@ days
			AND @program@.was_otherwise(persons, 'check_in', n.check_in_id, jsonb_build_object('due_on', n.due_on, 'taken', n.taken), since))
	OR EXISTS (
		SELECT FROM @program@.correction c
		WHERE c.person_id = ANY (persons) AND c.record = 'check_in' AND c.deleted AND c.corrected_at >= since
			AND (c.was ->> 'task_id')::bigint = has_come_back.task_id AND (c.was ->> 'due_on')::date <@ days AND (c.was ->> 'taken')::integer > 0)
	END;

CREATE FUNCTION @program@.safety_due(persons bigint[])
RETURNS TABLE (person_id bigint, kind text, task_id bigint, instrument_id bigint, item text, onset date, evidence jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET extra_float_digits = 1
AS $$
#variable_conflict use_column
DECLARE
	-- What has been written since about whoever was merged into them is theirs.
	records CONSTANT bigint[] := persons || ARRAY(SELECT p.person_id FROM @program@.person p WHERE p.merged_into = ANY (persons));
BEGIN
	RETURN QUERY
	SELECT o.person_id, f.kind, f.task_id, f.instrument_id, f.item, min(f.day), jsonb_agg(f.fact ORDER BY f.day, f.fact::text)
	FROM (
		SELECT m.person_id, 'self_harm'::text AS kind, NULL::bigint AS task_id, m.instrument_id, m.item::text, m.measured_on AS day, m.measured_on AS until,
			jsonb_build_object('measurement', m.measurement_id, 'value', m.value) AS fact
		FROM @program@.measurement m
		JOIN @program@.instrument i ON i.instrument_id = m.instrument_id AND m.item = ANY (i.self_harm_items)
		WHERE m.person_id = ANY (records) AND m.value > 0
		UNION ALL
		SELECT k.person_id, 'over_use', k.task_id, NULL, NULL, d.day, d.day, jsonb_build_object('day', d.day, 'units', max(d.taken))
		FROM @program@.task t
		JOIN @program@.task_calendar k ON k.person_id = t.person_id AND k.task_id = t.task_id AND k.source <> 'plan'
		CROSS JOIN LATERAL coachiatry.to_adherence_days(k.calendar) d
		WHERE t.person_id = ANY (records) AND t.max_units_per_day IS NOT NULL AND d.taken > t.max_units_per_day
		GROUP BY k.person_id, k.task_id, d.day
		UNION ALL
		SELECT g.person_id, 'gap', g.task_id, NULL, NULL, min(g.day), max(g.day), jsonb_build_object('from', min(g.day))
		FROM (
			SELECT t.person_id, t.task_id, t.gap_hazard_days, d.day, d.taken,
				count(*) FILTER (WHERE d.taken > 0) OVER (PARTITION BY t.person_id, t.task_id ORDER BY d.day) AS island
			FROM @program@.task t
			JOIN @program@.effective_calendar x ON x.person_id = t.person_id AND x.task_id = t.task_id
			CROSS JOIN LATERAL coachiatry.to_adherence_days(x.calendar_with_today) d
			WHERE t.person_id = ANY (records) AND t.gap_hazard_days IS NOT NULL
				-- Most have never missed so many in a row.
				AND (SELECT max(n) FROM unnest((coachiatry.missed_run(x.calendar_with_today, x.today, t.gap_hazard_days, trace => true)).trace) n)
					>= t.gap_hazard_days
				AND d.prescribed > 0 AND d.excused = 0 AND d.taken + d.missed > 0) g
		WHERE g.taken = 0
		GROUP BY g.person_id, g.task_id, g.island, g.gap_hazard_days
		HAVING count(*) >= g.gap_hazard_days) f
	JOIN @program@.person p ON p.person_id = f.person_id
	CROSS JOIN LATERAL (SELECT COALESCE(p.merged_into, p.person_id) AS person_id) o
	-- Followed up already, exactly so, and the same since.
	WHERE NOT EXISTS (SELECT FROM @program@.warning w
		WHERE w.person_id = o.person_id AND w.kind = f.kind AND w.task_id IS NOT DISTINCT FROM f.task_id
			AND w.instrument_id IS NOT DISTINCT FROM f.instrument_id AND w.item IS NOT DISTINCT FROM f.item
			AND w.closed_at IS NOT NULL AND w.evidence @> jsonb_build_array(f.fact)
			AND NOT @program@.has_come_back(records, f.kind, f.task_id, f.item, daterange(f.day, f.until, '[]'), f.fact, w.closed_at))
	GROUP BY o.person_id, f.kind, f.task_id, f.instrument_id, f.item;
END
$$;

COMMENT ON FUNCTION @program@.was_otherwise(bigint[], text, bigint, jsonb, timestamptz) IS
'Whether a row of the record of some persons was, at some time since, otherwise than it is now (correction).';
COMMENT ON FUNCTION @program@.has_come_back(bigint[], text, bigint, text, daterange, jsonb, timestamptz) IS
'Whether a fact of safety_due() was corrected since a time and is there again: the answer was another, a check-in of those days said something else, or one that said that something was taken has been deleted.';
COMMENT ON FUNCTION @program@.safety_due(bigint[]) IS
'What is a matter of safety in the record of some persons and has not been followed up: answers above 0 to items about self-harm, days on which a source reports more than max_units_per_day, and gaps: gap_hazard_days or more planned days in a row that are known missed. An item that was skipped has no row: that is not known, and not 0. A fact counts as followed up once a warning that held it, exactly as it is now, was resolved, unless it was corrected since and has come back (has_come_back). What is written about somebody who was merged is of whoever they were merged into.';

CREATE FUNCTION @program@.raise_safety(persons bigint[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	due record;
	it @program@.warning;
	acts_on text;
	raised bigint := 0;
BEGIN
	FOR due IN
		SELECT COALESCE(d.person_id, w.person_id) AS person_id, COALESCE(d.kind, w.kind) AS kind, COALESCE(d.task_id, w.task_id) AS task_id,
			COALESCE(d.instrument_id, w.instrument_id) AS instrument_id, COALESCE(d.item, w.item) AS item, d.onset,
			e.evidence, w.warning_id
		FROM @program@.safety_due(persons) d
		FULL JOIN (
			SELECT o.*, count(*) OVER same AS of_them, row_number() OVER same AS nth, jsonb_agg(o.evidence) OVER same AS told
			FROM @program@.warning o
			WHERE o.person_id = ANY (persons) AND o.kind IN ('self_harm', 'over_use', 'gap') AND o.closed_at IS NULL
			WINDOW same AS (PARTITION BY o.person_id, o.kind, o.task_id, o.instrument_id, o.item ORDER BY o.occurrence
				ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) w
		ON w.person_id = d.person_id AND w.kind = d.kind AND COALESCE(w.task_id, 0) = COALESCE(d.task_id, 0)
			AND COALESCE(w.instrument_id, 0) = COALESCE(d.instrument_id, 0) AND COALESCE(w.item, '') = COALESCE(d.item, '')
		-- Of several, as of two persons who were merged, each has its own facts, and the first of them what none has.
		CROSS JOIN LATERAL (SELECT CASE WHEN w.of_them > 1 THEN (
			SELECT COALESCE(jsonb_agg(f.fact ORDER BY f.n), '[]')
			FROM jsonb_array_elements(d.evidence) WITH ORDINALITY f (fact, n)
			WHERE w.evidence @> jsonb_build_array(f.fact) OR (w.nth = 1 AND NOT w.told @> jsonb_build_array(jsonb_build_array(f.fact))))
			ELSE COALESCE(d.evidence, '[]') END AS evidence) e
		WHERE w.evidence IS DISTINCT FROM e.evidence
		ORDER BY 1, 2, 3, 4, 5, w.occurrence
	LOOP
		IF due.warning_id IS NULL THEN
			acts_on := @program@.safety_role(due.person_id, CASE due.kind WHEN 'self_harm' THEN 'therapist' ELSE 'prescriber' END);
			INSERT INTO @program@.warning (person_id, kind, task_id, instrument_id, item, says, severity, acts_on, acknowledge_within, owner_staff_id,
				onset, raised_on, evidence)
			SELECT due.person_id, due.kind, due.task_id, due.instrument_id, due.item, CASE due.kind
					WHEN 'self_harm' THEN 'an item about self-harm was answered above 0'
					WHEN 'over_use' THEN 'more was taken than the most that is allowed on a day'
					ELSE 'a gap after which starting again may be dangerous' END,
				3, acts_on, '1 hour', @program@.warning_owner(due.person_id, acts_on), due.onset, @program@.local_day(p.time_zone), due.evidence
			FROM @program@.person p WHERE p.person_id = due.person_id
			ON CONFLICT (person_id, kind, warning_rule_id, task_id, instrument_id, item, occurrence) WHERE closed_at IS NULL DO NOTHING
			RETURNING * INTO it;
			IF it.warning_id IS NULL THEN
				-- Another has raised it meanwhile: tell that one what they did not know.
				raised := raised + @program@.raise_safety(ARRAY[due.person_id]);
				CONTINUE;
			END IF;
		ELSE
			SELECT w.* INTO it FROM @program@.warning w
			WHERE w.person_id = due.person_id AND w.warning_id = due.warning_id AND w.closed_at IS NULL
			FOR NO KEY UPDATE;
			IF it.warning_id IS NULL THEN
				-- Somebody has closed it meanwhile, without what is new.
				raised := raised + @program@.raise_safety(ARRAY[due.person_id]);
				CONTINUE;
			END IF;
			UPDATE @program@.warning w SET evidence = due.evidence, evidence_stands = due.evidence <> '[]'
			WHERE w.person_id = it.person_id AND w.warning_id = it.warning_id;
		END IF;
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, detail)
		VALUES (it.person_id, it.warning_id, it.acts_on, CASE WHEN due.warning_id IS NULL THEN 'opened' ELSE 'answer_changed' END,
			CASE WHEN due.warning_id IS NOT NULL THEN it.evidence END);
		raised := raised + 1;
	END LOOP;
	RETURN raised + @program@.raise_unowned(persons);
END
$$;

CREATE FUNCTION @program@.open_unowned(persons bigint[], kinds text[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	made bigint[];
BEGIN
	WITH opened AS (
		-- Another may have raised it meanwhile.
		INSERT INTO @program@.warning (person_id, kind, says, severity, acts_on, acknowledge_within, owner_staff_id, onset, raised_on)
		SELECT u.person_id, u.kind, CASE u.kind
				WHEN 'no_clinician' THEN 'a warning of safety that no clinician is there for' ELSE 'a warning that nobody is there for' END,
			3, 'supervisor', CASE u.kind WHEN 'no_clinician' THEN interval '1 hour' ELSE '1 day' END, o.staff_id, d.today, d.today
		FROM unnest(persons, kinds) AS u (person_id, kind)
		JOIN @program@.person p ON p.person_id = u.person_id
		CROSS JOIN LATERAL (SELECT @program@.local_day(p.time_zone) AS today) d
		LEFT JOIN @program@.warning_owners(persons) o ON o.person_id = u.person_id AND o.acts_on = 'supervisor'
		ORDER BY u.person_id, u.kind
		ON CONFLICT (person_id, kind, warning_rule_id, task_id, instrument_id, item, occurrence) WHERE closed_at IS NULL DO NOTHING
		RETURNING warning_id
	)
	SELECT array_agg(o.warning_id) INTO made FROM opened o;
	INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event)
	SELECT w.person_id, w.warning_id, w.acts_on, 'opened'
	FROM @program@.warning w
	WHERE w.person_id = ANY (persons) AND w.warning_id = ANY (made)
	ORDER BY w.person_id, w.kind;
	RETURN COALESCE(cardinality(made), 0);
END
$$;

CREATE FUNCTION @program@.raise_unowned(persons bigint[], waits boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing record;
	it @program@.warning;
	people bigint[] := '{}';
	kinds text[] := '{}';
	changed bigint := 0;
BEGIN
	FOR missing IN
		SELECT w.person_id, k.kind, bool_or(CASE k.kind
				WHEN 'no_clinician' THEN w.safety AND NOT w.person_id = ANY (
					CASE WHEN w.state = 'acknowledged' AND w.acknowledged_until > coachiatry.clock() THEN ARRAY(
						SELECT o.person_id FROM @program@.warning_owners(persons) o WHERE o.acts_on IN ('prescriber', 'therapist'))
					ELSE ARRAY(
						SELECT o.person_id FROM @program@.warning_owners(persons) o
						WHERE o.acts_on IN ('prescriber', 'therapist') AND @program@.is_on_call(o.staff_id)) END)
				ELSE w.kind = 'rule' AND NOT w.safety AND w.owner_staff_id IS NULL
					AND EXISTS (SELECT FROM @program@.coached h WHERE h.person_id = w.person_id) END) AS alone,
			max(w.warning_id) FILTER (WHERE w.kind = k.kind) AS warning_id
		FROM @program@.warning w
		CROSS JOIN (VALUES ('no_clinician'), ('no_owner')) AS k (kind)
		WHERE w.person_id = ANY (persons) AND w.closed_at IS NULL
		GROUP BY w.person_id, k.kind
		ORDER BY w.person_id, k.kind
	LOOP
		CONTINUE WHEN missing.alone = (missing.warning_id IS NOT NULL);
		IF NOT waits THEN
			PERFORM FROM @program@.recheck k WHERE k.person_id = missing.person_id FOR NO KEY UPDATE SKIP LOCKED;
			CONTINUE WHEN NOT FOUND AND EXISTS (SELECT FROM @program@.recheck k WHERE k.person_id = missing.person_id);
		END IF;
		IF missing.alone THEN
			people := array_append(people, missing.person_id);
			kinds := array_append(kinds, missing.kind);
		ELSE
			SELECT w.* INTO it FROM @program@.warning w
			WHERE w.person_id = missing.person_id AND w.warning_id = missing.warning_id AND w.closed_at IS NULL AND NOT w.seen
			FOR NO KEY UPDATE;
			CONTINUE WHEN it.warning_id IS NULL;
			INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event) VALUES (it.person_id, it.warning_id, it.acts_on, 'cleared');
			changed := changed + 1;
		END IF;
	END LOOP;
	IF cardinality(people) > 0 THEN
		changed := changed + @program@.open_unowned(people, kinds);
	END IF;
	RETURN changed;
END
$$;

COMMENT ON FUNCTION @program@.raise_safety(bigint[]) IS
'Opens the safety warnings that are due for some persons, coached or not, and tells those that are open what has changed (answer_changed); ends none. Of several of the same item or task each keeps its own facts. Returns how many it wrote to.';
COMMENT ON FUNCTION @program@.open_unowned(bigint[], text[]) IS
'Opens warnings of a kind to the supervisor about persons, one for each of both arrays; one that another has opened meanwhile is not. Returns how many.';
COMMENT ON FUNCTION @program@.raise_unowned(bigint[], boolean) IS
'Opens a critical warning to the supervisor for each of some persons who has an open safety warning and no prescriber or therapist on call (no_clinician; once one has acknowledged it, no prescriber or therapist at all), or, while they are coached, another open warning whose owner nobody is (no_owner); clears it once there is somebody, unless it was seen. Without waits whoever is being looked at by others is left for the next time. Returns how many.';

--
-- All of it
--

CREATE FUNCTION @program@.portions(persons bigint[]) RETURNS SETOF bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT persons[i:i + 199] FROM generate_series(1, cardinality(persons), 200) AS i;
END;

COMMENT ON FUNCTION @program@.portions(bigint[]) IS 'Persons in portions of some hundreds, in their order: plans are made for few, and what they take grows with the square.';

CREATE FUNCTION @program@.tell_unchecked(person_id bigint, state text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- While it is open it speaks of what comes, too.
	IF NOT EXISTS (SELECT FROM @program@.warning w WHERE w.person_id = tell_unchecked.person_id AND w.kind = 'concern' AND w.closed_at IS NULL
		AND w.evidence @> '[{"unchecked": "record"}]') THEN
		PERFORM @program@.tell_concern(tell_unchecked.person_id, 'the record cannot be checked for matters of safety',
			jsonb_build_object('at', coachiatry.clock(), 'unchecked', 'record', 'state', tell_unchecked.state));
	END IF;
END
$$;

COMMENT ON FUNCTION @program@.tell_unchecked(bigint, text) IS
'Opens the safety warning "concern" of a person whose record could not be looked at, with the SQLSTATE of what went wrong, unless one that says so is open. If that fails, too, its error ends the statement: nothing is recorded that nobody can be told of.';

CREATE FUNCTION @program@.apply_safety(persons bigint[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	person bigint;
	applied bigint := 0;
BEGIN
	BEGIN
		applied := @program@.raise_safety(persons);
		-- A plan that could not be advanced is still one.
		UPDATE @program@.stream_fault f SET cleared_at = coachiatry.clock()
		WHERE f.person_id = ANY (persons) AND f.cleared_at IS NULL AND f.warning_rule_id IS NULL AND NOT EXISTS (
			SELECT FROM @program@.task_calendar k WHERE k.person_id = f.person_id AND k.source = 'plan' AND k.stale_at <= coachiatry.clock());
	EXCEPTION WHEN OTHERS THEN
		IF NOT @program@.is_fault(SQLSTATE) THEN
			RAISE;
		END IF;
		FOREACH person IN ARRAY persons LOOP
			BEGIN
				applied := applied + @program@.raise_safety(ARRAY[person]);
			EXCEPTION WHEN OTHERS THEN
				IF NOT @program@.is_fault(SQLSTATE) THEN
					RAISE;
				END IF;
				PERFORM @program@.write_fault(person, NULL, SQLSTATE, SQLERRM);
				PERFORM @program@.tell_unchecked(person, SQLSTATE);
			END;
		END LOOP;
	END;
	RETURN applied;
END
$$;

CREATE FUNCTION @program@.apply_rules(persons bigint[], absence boolean, as_of timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	person bigint;
	applied bigint := 0;
BEGIN
	RETURN @program@.apply_warnings(persons, NULL, absence, as_of);
EXCEPTION WHEN OTHERS THEN
	IF NOT @program@.is_fault(SQLSTATE) THEN
		RAISE;
	END IF;
	IF cardinality(persons) = 1 THEN
		RETURN @program@.apply_rule_by_rule(persons[1], absence, as_of);
	END IF;
	FOREACH person IN ARRAY persons LOOP
		applied := applied + @program@.apply_rules(ARRAY[person], absence, as_of);
	END LOOP;
	RETURN applied;
END
$$;

CREATE FUNCTION @program@.to_look_at(persons bigint[]) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF cardinality(persons) = 0 THEN
		RETURN persons;
	END IF;
	RETURN ARRAY(
		SELECT DISTINCT COALESCE(p.merged_into, p.person_id)
		FROM @program@.person p
		WHERE p.person_id = ANY (persons) AND (p.merging = pg_current_xact_id_if_assigned()) IS NOT TRUE
		ORDER BY 1);
END
$$;

COMMENT ON FUNCTION @program@.to_look_at(bigint[]) IS
'Whose warnings are to be looked at when it is asked about some persons, once each and in order: whoever was merged is whom they were merged into. Without those whose rows merge_persons() is moving in this transaction, which looks at them at its end.';

-- Their plans are kept for the session and made for few people: what a statement of a few persons costs counts.
CREATE FUNCTION @program@.evaluate_warnings(persons bigint[], absence boolean DEFAULT true, as_of timestamptz DEFAULT coachiatry.clock()) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
	people CONSTANT bigint[] := @program@.to_look_at(persons);
	part bigint[];
	applied bigint := 0;
BEGIN
	PERFORM @program@.take_turns(people);
	FOR part IN SELECT @program@.portions(people) LOOP
		-- Safety first, whatever the rules come to.
		applied := applied + @program@.apply_safety(part) + @program@.apply_rules(part, absence, as_of);
	END LOOP;
	-- Whose safety could not be looked at stays due, whatever their rules say.
	PERFORM @program@.look_by(array_agg(f.person_id), array_agg(as_of)) FROM @program@.stream_fault f
	WHERE f.person_id = ANY (people) AND f.warning_rule_id IS NULL AND f.cleared_at IS NULL;
	RETURN applied;
END
$$;

CREATE FUNCTION @program@.look_at_record(safety bigint[], rules bigint[], later bigint[], later_at timestamptz[], soon bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
	part bigint[];
BEGIN
	safety := @program@.to_look_at(safety);
	rules := @program@.to_look_at(rules);
	PERFORM @program@.take_turns(safety || rules || later || soon);
	IF cardinality(later) > 0 THEN
		PERFORM @program@.look_by(later, later_at);
	END IF;
	IF cardinality(rules) > 0 THEN
		-- Who is due is not looked at by the next sweep once this has put it off: what was recorded ahead of its day may be a matter of safety now.
		safety := ARRAY(
			SELECT u.person_id FROM unnest(safety) AS u (person_id)
			UNION
			SELECT k.person_id FROM @program@.recheck k WHERE k.person_id = ANY (rules) AND k.due_at <= coachiatry.clock()
			ORDER BY 1);
	END IF;
	FOR part IN SELECT @program@.portions(safety) LOOP
		PERFORM @program@.apply_safety(part);
	END LOOP;
	FOR part IN SELECT @program@.portions(rules) LOOP
		PERFORM @program@.apply_rules(part, false, coachiatry.clock());
	END LOOP;
	IF cardinality(soon) > 0 THEN
		PERFORM @program@.look_by(soon, array_fill(coachiatry.clock(), ARRAY[cardinality(soon)]));
	END IF;
END
$$;

COMMENT ON FUNCTION @program@.apply_safety(bigint[]) IS
'Opens the safety warnings of some persons (raise_safety); where that fails, person by person, and who fails is noted in stream_fault and told (tell_unchecked). Returns how many warnings it wrote to.';
COMMENT ON FUNCTION @program@.apply_rules(bigint[], boolean, timestamptz) IS
'As apply_warnings() with all rules; where one fails, person by person, and for whom it fails rule by rule: that is noted in stream_fault, and the rest is done.';
COMMENT ON FUNCTION @program@.evaluate_warnings(bigint[], boolean, timestamptz) IS
'Makes the open warnings of some persons what the facts say, as of a time; done twice, it changes nothing more. Returns how many warnings it wrote to. Statements that change facts have it done for the persons concerned, without opening warnings of absence (a plan is often there before its record); sweep() opens these. Errors of detectors and rules never come out of it: they are noted in stream_fault.';
COMMENT ON FUNCTION @program@.look_at_record(bigint[], bigint[], bigint[], timestamptz[], bigint[]) IS
'What the triggers of check_in and measurement call (coachiatry.keep_calendars, keep_series) for the persons, in order and once each, in whose record they have seen what may be a matter of safety, or change what is open by a rule; for those of whom that is so later, after the time at which they are looked at anyway, which must not be put off by somebody who does not see this record yet; and for those of whom a task is recorded for the first time, so that two sources that begin at once, and do not see each other, are looked at together by the next sweep().';

CREATE FUNCTION @program@.may_write_to(person_id bigint, warning_id bigint, waits boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF waits THEN
		PERFORM FROM @program@.warning w WHERE w.person_id = may_write_to.person_id AND w.warning_id = may_write_to.warning_id AND w.closed_at IS NULL
		FOR NO KEY UPDATE;
	ELSE
		PERFORM FROM @program@.warning w WHERE w.person_id = may_write_to.person_id AND w.warning_id = may_write_to.warning_id AND w.closed_at IS NULL
		FOR NO KEY UPDATE SKIP LOCKED;
	END IF;
	RETURN FOUND;
END
$$;

COMMENT ON FUNCTION @program@.may_write_to(bigint, bigint, boolean) IS
'Locks a warning that is open; false if it is not, or, without waits, if somebody else is writing to it.';

CREATE FUNCTION @program@.has_lapsed(it @program@.warning) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	authors bigint[] := '{}';
BEGIN
	IF it.state = 'acknowledged' AND it.acknowledged_until > coachiatry.clock() THEN
		authors := array_append(authors, it.acknowledged_by);
	END IF;
	IF it.silenced_until > coachiatry.clock() THEN
		authors := authors || (SELECT e.by_staff_id FROM @program@.warning_event e
			WHERE e.person_id = it.person_id AND e.warning_id = it.warning_id AND e.event = 'silenced' AND e.by_staff_id IS NOT NULL
			ORDER BY e.warning_event_id DESC LIMIT 1);
	END IF;
	RETURN EXISTS (SELECT FROM @program@.staff s
		JOIN @program@.person p ON p.person_id = it.person_id
		WHERE s.staff_id = ANY (authors) AND NOT (s.employed @> @program@.local_day(p.time_zone) AND @program@.sees_person(s.staff_id, p.person_id)));
END
$$;

COMMENT ON FUNCTION @program@.has_lapsed(@program@.warning) IS
'Whether whoever has acknowledged or silenced a warning for now works here no more, or does not see the person any more. False where nobody has, or the program itself did.';

CREATE FUNCTION @program@.reassign_warnings(persons bigint[], waits boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	people CONSTANT bigint[] := @program@.to_look_at(persons);
	it record;
	changed bigint := 0;
BEGIN
	-- Whoever has no warning keeps nobody waiting.
	IF waits THEN
		PERFORM @program@.take_turns(ARRAY(SELECT w.person_id FROM @program@.warning w WHERE w.person_id = ANY (people) AND w.closed_at IS NULL));
	END IF;
	FOR it IN
		SELECT w.person_id, w.warning_id, w.acts_on, w.owner_staff_id, o.staff_id AS now, @program@.has_lapsed(w) AS lapsed
		FROM @program@.owners_now(people) o
		JOIN @program@.warning w USING (person_id, warning_id)
		WHERE w.owner_staff_id IS DISTINCT FROM o.staff_id OR @program@.has_lapsed(w)
		ORDER BY w.person_id, w.warning_id
	LOOP
		CONTINUE WHEN NOT @program@.may_write_to(it.person_id, it.warning_id, waits)
			OR NOT EXISTS (SELECT FROM @program@.warning w WHERE w.person_id = it.person_id AND w.warning_id = it.warning_id
				AND (w.owner_staff_id, @program@.has_lapsed(w)) IS NOT DISTINCT FROM (it.owner_staff_id, it.lapsed));
		UPDATE @program@.warning w SET owner_staff_id = it.now WHERE w.person_id = it.person_id AND w.warning_id = it.warning_id;
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, detail)
		VALUES (it.person_id, it.warning_id, it.acts_on, CASE WHEN it.lapsed THEN 'lapsed' ELSE 'reassigned' END, jsonb_build_object('from', it.owner_staff_id, 'to', it.now));
		changed := changed + 1;
	END LOOP;
	RETURN changed + @program@.raise_unowned(people, waits);
END
$$;

COMMENT ON FUNCTION @program@.reassign_warnings(bigint[], boolean) IS
'Gives the open warnings of some persons to whoever is there for them now (owners_now), opens those again that somebody had put aside who is not there any more (lapsed, has_lapsed), and warns the supervisor where a safety warning has no clinician. Without waits those that somebody is writing to are left for the next time. Returns how many changed.';

CREATE FUNCTION @program@.warning_deadline(due_from timestamptz, acknowledge_within interval, nth integer) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
-- Beyond all dates it is some quarter of a million years.
RETURN due_from + LEAST(acknowledge_within, interval '250000 years' / nth) * nth;

CREATE FUNCTION @program@.deadlines_missed(due_from timestamptz, acknowledge_within interval, as_of timestamptz) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missed integer := 0;
	step integer := 16384;
BEGIN
	-- Months and days are of no one length: the deadlines themselves are looked at, by halves.
	WHILE step > 0 LOOP
		IF @program@.warning_deadline(due_from, acknowledge_within, missed + step) <= as_of THEN
			missed := missed + step;
		END IF;
		step := step / 2;
	END LOOP;
	RETURN missed;
END
$$;

COMMENT ON FUNCTION @program@.warning_deadline(timestamptz, interval, integer) IS
'The nth deadline of a warning, from 1: so many times acknowledge_within after due_from, in the session''s time zone as all that is added to times.';
COMMENT ON FUNCTION @program@.deadlines_missed(timestamptz, interval, timestamptz) IS
'How many deadlines (warning_deadline) of a warning that nobody acknowledges have passed at a time, 32767 at most.';

CREATE FUNCTION @program@.overdue_at(as_of timestamptz) RETURNS TABLE (person_id bigint, warning_id bigint, acts_on text, owner_staff_id bigint,
	escalate_to text, severity smallint, safety boolean, level smallint, due_at timestamptz, late_by interval)
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT w.person_id, w.warning_id, w.acts_on, w.owner_staff_id, w.escalate_to, w.severity, w.safety, w.level, d.due_at, overdue_at.as_of - d.due_at
	FROM @program@.warning w
	CROSS JOIN LATERAL (SELECT GREATEST(CASE
		WHEN w.state = 'acknowledged' THEN w.acknowledged_until
		ELSE @program@.warning_deadline(w.due_from, w.acknowledge_within, 1 + w.level) END, w.silenced_until) AS due_at) d
	WHERE w.closed_at IS NULL AND d.due_at <= overdue_at.as_of;
END;

COMMENT ON FUNCTION @program@.overdue_at(timestamptz) IS 'The rows of overdue, as of a time. Reads with the rights of the caller.';

CREATE VIEW @program@.overdue WITH (security_invoker = true) AS
SELECT o.* FROM @program@.overdue_at(coachiatry.clock()) o;

COMMENT ON VIEW @program@.overdue IS
'Warnings of which a deadline was missed, by the clock alone, whether sweep() has run or not: nobody has acknowledged it in time, or an acknowledgement has run out.';
COMMENT ON COLUMN @program@.overdue.person_id IS 'About whom.';
COMMENT ON COLUMN @program@.overdue.warning_id IS 'Which warning.';
COMMENT ON COLUMN @program@.overdue.acts_on IS 'Who must act.';
COMMENT ON COLUMN @program@.overdue.owner_staff_id IS 'Whose it is; NULL: nobody''s.';
COMMENT ON COLUMN @program@.overdue.escalate_to IS 'Whose it is too by now.';
COMMENT ON COLUMN @program@.overdue.severity IS '1 notice, 2 warning, 3 critical.';
COMMENT ON COLUMN @program@.overdue.safety IS 'Whether it is one of safety.';
COMMENT ON COLUMN @program@.overdue.level IS 'How often it was escalated, as warning.level.';
COMMENT ON COLUMN @program@.overdue.due_at IS 'The deadline.';
COMMENT ON COLUMN @program@.overdue.late_by IS 'How long ago that was.';
GRANT SELECT ON @program@.overdue TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;

CREATE FUNCTION @program@.take_records(persons bigint[]) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	free bigint[];
BEGIN
	-- Before any row, as advance_plans().
	LOCK TABLE @program@.task_calendar, @program@.measure_series IN ROW EXCLUSIVE MODE;
	-- Whoever changes the plan of a person, or merges them, has locked their row first.
	free := ARRAY(SELECT p.person_id FROM @program@.person p WHERE p.person_id = ANY (persons) ORDER BY p.person_id FOR NO KEY UPDATE SKIP LOCKED);
	RETURN ARRAY(
		WITH calendar AS MATERIALIZED (
			SELECT k.person_id, k.task_id, k.source FROM @program@.task_calendar k
			WHERE k.person_id = ANY (free) AND k.source <> 'plan' FOR NO KEY UPDATE SKIP LOCKED
		), series AS MATERIALIZED (
			SELECT k.person_id, k.instrument_id, k.item FROM @program@.measure_series k WHERE k.person_id = ANY (free) FOR NO KEY UPDATE SKIP LOCKED
		), busy AS MATERIALIZED (
			(SELECT k.person_id, k.task_id, k.source FROM @program@.task_calendar k WHERE k.person_id = ANY (free) AND k.source <> 'plan'
			EXCEPT SELECT c.* FROM calendar c)
			UNION ALL
			(SELECT k.person_id, k.instrument_id, k.item FROM @program@.measure_series k WHERE k.person_id = ANY (free)
			EXCEPT SELECT s.* FROM series s)
		)
		SELECT u.person_id FROM unnest(free) AS u (person_id) WHERE u.person_id NOT IN (SELECT b.person_id FROM busy b) ORDER BY 1);
END
$$;

COMMENT ON FUNCTION @program@.take_records(bigint[]) IS
'Those of some persons whose plan, or what is kept of whose record, nobody is just writing to, and keeps others from it until the end of the transaction, waiting for nobody: a check-in and a sweep that do not see each other would both leave warnings as they were.';

CREATE FUNCTION @program@.advance_one_by_one(persons bigint[], as_of timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	person bigint;
BEGIN
	FOR person IN
		SELECT DISTINCT k.person_id FROM @program@.task_calendar k
		WHERE k.person_id = ANY (persons) AND k.source = 'plan' AND k.stale_at <= as_of
		ORDER BY 1
	LOOP
		BEGIN
			PERFORM @program@.advance_plans(ARRAY[person], as_of);
		EXCEPTION WHEN OTHERS THEN
			IF NOT @program@.is_fault(SQLSTATE) THEN
				RAISE;
			END IF;
			PERFORM @program@.write_fault(person, NULL, SQLSTATE, SQLERRM);
			PERFORM @program@.tell_unchecked(person, SQLSTATE);
		END;
	END LOOP;
END
$$;

COMMENT ON FUNCTION @program@.advance_one_by_one(bigint[], timestamptz) IS
'Advances the plans of those of some persons whose are still behind; who fails is noted in stream_fault and told (tell_unchecked), and holds up nobody else.';

CREATE FUNCTION @program@.sweep(as_of timestamptz DEFAULT coachiatry.clock(), OUT people integer, OUT changed integer, OUT escalated integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	due bigint[] := '{}';
	part bigint[];
	late record;
BEGIN
	-- One at a time: the next finds less to do.
	LOCK TABLE @program@.sweep_run IN SHARE ROW EXCLUSIVE MODE;
	-- Once a day: whoever is coached and has no row, as after a load without triggers, is never due.
	IF NOT EXISTS (SELECT FROM @program@.sweep_run r WHERE r.swept_at >= date_trunc('day', as_of, 'UTC') AND r.swept_at <= as_of) THEN
		INSERT INTO @program@.recheck (person_id, due_at)
		SELECT h.person_id, '-infinity' FROM @program@.coached h WHERE NOT EXISTS (SELECT FROM @program@.recheck k WHERE k.person_id = h.person_id)
		ORDER BY h.person_id
		ON CONFLICT DO NOTHING;
	END IF;
	-- Whoever is being written to stays due.
	FOR part IN SELECT @program@.portions(ARRAY(SELECT k.person_id FROM @program@.recheck k WHERE k.due_at <= as_of ORDER BY 1)) LOOP
		part := @program@.take_records(part);
		BEGIN
			PERFORM @program@.advance_plans(part, as_of);
		EXCEPTION WHEN OTHERS THEN
			IF NOT @program@.is_fault(SQLSTATE) THEN
				RAISE;
			END IF;
		END;
		due := due || part;
	END LOOP;
	due := ARRAY(SELECT k.person_id FROM @program@.recheck k WHERE k.person_id = ANY (due) ORDER BY k.person_id FOR NO KEY UPDATE SKIP LOCKED);
	PERFORM @program@.advance_one_by_one(due, as_of);
	people := cardinality(due);
	changed := @program@.evaluate_warnings(due, true, as_of) + @program@.reassign_warnings(
		(SELECT array_agg(DISTINCT w.person_id) FROM @program@.warning w WHERE w.closed_at IS NULL), false);
	escalated := 0;
	FOR late IN
		SELECT o.* FROM @program@.overdue_at(as_of) o
		-- What is nobody's has been told so; safety goes on.
		WHERE o.level < 32767 AND (o.safety OR COALESCE(o.owner_staff_id, @program@.warning_owner(o.person_id, o.escalate_to)) IS NOT NULL)
		ORDER BY o.person_id, o.warning_id
	LOOP
		-- Somebody may act on it just now, or have acted on it meanwhile.
		CONTINUE WHEN NOT @program@.may_write_to(late.person_id, late.warning_id, false)
			OR NOT EXISTS (SELECT FROM @program@.overdue_at(as_of) o WHERE o.person_id = late.person_id AND o.warning_id = late.warning_id);
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, at, level)
		SELECT w.person_id, w.warning_id, w.acts_on, 'escalated', as_of,
			GREATEST(w.level + 1, @program@.deadlines_missed(w.due_from, w.acknowledge_within, as_of))
		FROM @program@.warning w WHERE w.person_id = late.person_id AND w.warning_id = late.warning_id;
		escalated := escalated + 1;
	END LOOP;
	-- Last, since models stay locked from here on.
	PERFORM @program@.forget_expired(as_of);
	INSERT INTO @program@.sweep_run (swept_at, people, changed, escalated) VALUES (as_of, people, changed, escalated);
END
$$;

COMMENT ON FUNCTION @program@.sweep(timestamptz) IS
'Looks at all who are due (recheck), and once a day at whoever is coached and has no row there: advances their plans (whose cannot be is told, and looked at all the same), opens warnings of absence, and opens or clears what time alone does; reassigns warnings whose owner has gone, opens those again that somebody who has gone had put aside, and escalates those of which a deadline was missed, up to the 32767th, if they are of safety or there is somebody to tell (warning_owner, of acts_on or escalate_to); and has stored models forget whose consent has run out. Returns how many people it looked at, how many warnings changed and how many were escalated, and leaves a row in sweep_run. A warning is dated by the day on which it was due (raised_on), however late the sweep. Whoever is just being written to by somebody else is left for the next sweep. Run it daily or hourly, with whatever runs jobs; done twice it changes nothing more, and two at once wait for each other. as_of: for replays. For the owner.';

REVOKE ALL ON FUNCTION @program@.may_have(bigint, bigint, text, date), @program@.covering(bigint, bigint, text, timestamptz, date), @program@.warning_replay(bigint[], timestamptz, bigint, boolean), @program@.warning_difference(bigint[], bigint, boolean, timestamptz),
	@program@.warning_owners(bigint[]), @program@.warning_owner(bigint, text), @program@.owners_now(bigint[]), @program@.is_on_call(bigint, timestamptz), @program@.safety_role(bigint, text),
	@program@.open_warnings(jsonb[], timestamptz), @program@.change_warning(jsonb, timestamptz), @program@.apply_warnings(bigint[], bigint, boolean, timestamptz),
	@program@.look_again_at(bigint[], bigint[], timestamptz[], boolean), @program@.look_by(bigint[], timestamptz[]), @program@.apply_safety(bigint[]), @program@.apply_rules(bigint[], boolean, timestamptz),
	@program@.look_at_record(bigint[], bigint[], bigint[], timestamptz[], bigint[]),
	@program@.write_fault(bigint, bigint, text, text), @program@.apply_rule_by_rule(bigint, boolean, timestamptz), @program@.safety_due(bigint[]),
	@program@.was_otherwise(bigint[], text, bigint, jsonb, timestamptz), @program@.has_come_back(bigint[], text, bigint, text, daterange, jsonb, timestamptz),
	@program@.raise_safety(bigint[]), @program@.open_unowned(bigint[], text[]), @program@.raise_unowned(bigint[], boolean), @program@.evaluate_warnings(bigint[], boolean, timestamptz), @program@.to_look_at(bigint[]), @program@.tell_unchecked(bigint, text),
	@program@.take_turns(bigint[]), @program@.take_records(bigint[]), @program@.advance_one_by_one(bigint[], timestamptz), @program@.portions(bigint[]), @program@.may_write_to(bigint, bigint, boolean), @program@.reassign_warnings(bigint[], boolean), @program@.has_lapsed(@program@.warning),
	@program@.deadlines_missed(timestamptz, interval, timestamptz), @program@.sweep(timestamptz) FROM PUBLIC;

--
-- A merge
--

CREATE FUNCTION @program@.warning_story(it @program@.warning, at timestamptz, OUT told_at timestamptz, OUT acknowledged_at timestamptz, OUT silenced_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT COALESCE(max(e.at) FILTER (WHERE e.event IN ('opened', 'worsened', 'escalated', 'lapsed')), it.raised_at),
		max(e.at) FILTER (WHERE e.event = 'acknowledged' AND it.state = 'acknowledged' AND it.acknowledged_until > warning_story.at),
		max(e.at) FILTER (WHERE e.event = 'silenced' AND it.silenced_until > warning_story.at)
	INTO told_at, acknowledged_at, silenced_at
	FROM @program@.warning_event e
	WHERE e.person_id = it.person_id AND e.warning_id = it.warning_id;
END
$$;

CREATE FUNCTION @program@.merge_warning(person_id bigint, kept bigint, other bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	k @program@.warning;
	o @program@.warning;
	ks record;
	os record;
	at CONSTANT timestamptz := coachiatry.clock();
BEGIN
	SELECT w.* INTO k FROM @program@.warning w WHERE w.person_id = merge_warning.person_id AND w.warning_id = kept FOR NO KEY UPDATE;
	SELECT w.* INTO o FROM @program@.warning w WHERE w.person_id = merge_warning.person_id AND w.warning_id = other FOR NO KEY UPDATE;
	SELECT s.* INTO ks FROM @program@.warning_story(k, at) s;
	SELECT s.* INTO os FROM @program@.warning_story(o, at) s;
	UPDATE @program@.warning w
	SET onset = LEAST(k.onset, o.onset), raised_on = LEAST(k.raised_on, o.raised_on), raised_at = LEAST(k.raised_at, o.raised_at), severity = GREATEST(k.severity, o.severity)
	WHERE w.person_id = k.person_id AND w.warning_id = k.warning_id;
	-- What was told after somebody had put the one aside is not put aside with it.
	IF o.severity > k.severity OR (os.acknowledged_at IS NULL
			AND (ks.acknowledged_at < os.told_at OR (ks.silenced_at < os.told_at AND os.silenced_at IS NULL))) THEN
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, reason, detail)
		VALUES (k.person_id, k.warning_id, k.acts_on, 'worsened', format('as warning %s', other), jsonb_build_object('severity', k.severity));
		SELECT w.* INTO k FROM @program@.warning w WHERE w.person_id = k.person_id AND w.warning_id = kept;
		ks.acknowledged_at := NULL;
	END IF;
	-- Who has the one in hand has both, unless the other was told later: for the longer time, but no longer than whoever knew the later one said.
	IF os.acknowledged_at >= ks.told_at AND (ks.acknowledged_at IS NULL OR o.acknowledged_until > k.acknowledged_until)
		OR (os.acknowledged_at IS NOT NULL AND ks.acknowledged_at < os.told_at AND o.acknowledged_until < k.acknowledged_until) THEN
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, by_staff_id, until, reason)
		VALUES (k.person_id, k.warning_id, k.acts_on, 'acknowledged', o.acknowledged_by, o.acknowledged_until, format('as warning %s', other));
	END IF;
	-- But one that was shown stays in sight.
	IF k.silenced_until > at AND (o.silenced_until >= k.silenced_until) IS NOT TRUE THEN
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, until, reason)
		VALUES (k.person_id, k.warning_id, k.acts_on, 'silenced', GREATEST(at, o.silenced_until), format('no longer than warning %s', other));
	END IF;
	INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, reason)
	VALUES (o.person_id, o.warning_id, o.acts_on, 'merged', format('warning %s goes on', kept));
	-- Who was late for the other, which nobody had put aside, is late as before.
	UPDATE @program@.warning w SET occurrence = LEAST(k.occurrence, o.occurrence),
		due_from = CASE WHEN COALESCE(os.acknowledged_at, os.silenced_at) IS NULL THEN LEAST(w.due_from, o.due_from) ELSE w.due_from END
	WHERE w.person_id = k.person_id AND w.warning_id = k.warning_id;
	-- Nobody is told of it twice.
	DELETE FROM @program@.warning_outbox b
	USING @program@.warning_event e
	WHERE b.person_id = o.person_id AND e.person_id = b.person_id AND e.warning_event_id = b.warning_event_id AND e.warning_id = o.warning_id;
END
$$;

CREATE FUNCTION @program@.merge_warnings(keep bigint, duplicate bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	same bigint[];
	other bigint;
BEGIN
	-- In the order in which whoever evaluates locks them.
	PERFORM FROM @program@.warning w WHERE w.person_id IN (keep, duplicate) AND w.closed_at IS NULL ORDER BY w.person_id, w.warning_id FOR NO KEY UPDATE;
	-- Where both have one open they are another occurrence each.
	FOR attempt IN 1..10 LOOP
		BEGIN
			UPDATE @program@.warning d
			SET person_id = keep, occurrence = d.occurrence + COALESCE((SELECT max(k.occurrence) FROM @program@.warning k
				WHERE k.person_id = keep AND k.kind = d.kind AND k.warning_rule_id IS NOT DISTINCT FROM d.warning_rule_id
					AND k.task_id IS NOT DISTINCT FROM d.task_id AND k.instrument_id IS NOT DISTINCT FROM d.instrument_id
					AND k.item IS NOT DISTINCT FROM d.item AND k.closed_at IS NULL), 0)
			WHERE d.person_id = duplicate;
			EXIT;
		EXCEPTION WHEN unique_violation THEN
			-- A concern for the kept person that was just being raised: it has been waited for, and is seen now.
			IF attempt = 10 OR current_setting('transaction_isolation') <> 'read committed' THEN
				RAISE;
			END IF;
		END;
	END LOOP;
	UPDATE @program@.warning_event SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.warning_outbox SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.stream_fault d SET person_id = keep, cleared_at = COALESCE(d.cleared_at, coachiatry.clock()) WHERE d.person_id = duplicate;
	DELETE FROM @program@.recheck WHERE person_id = duplicate;
	FOR same IN
		SELECT array_agg(w.warning_id ORDER BY w.seen DESC, w.raised_on, w.warning_id)
		FROM @program@.warning w
		WHERE w.person_id = keep AND w.closed_at IS NULL AND NOT w.safety
		GROUP BY w.kind, w.warning_rule_id, w.task_id, w.instrument_id, w.item
		HAVING count(*) > 1
	LOOP
		FOREACH other IN ARRAY same[2:] LOOP
			PERFORM @program@.merge_warning(keep, same[1], other);
		END LOOP;
	END LOOP;
END
$$;

REVOKE ALL ON FUNCTION @program@.merge_warnings(bigint, bigint), @program@.merge_warning(bigint, bigint, bigint), @program@.warning_story(@program@.warning, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @program@.warning_story(@program@.warning, timestamptz) IS
'Part of merge_persons(): when a warning was last told (opened, worsened, escalated or lapsed), since when an acknowledgement (acknowledged_at) and a silence (silenced_at) that hold at a time have: NULL where there is none.';
COMMENT ON FUNCTION @program@.merge_warnings(bigint, bigint) IS
'Part of merge_persons(): warnings, their events, and what is still to be told of them become the kept person''s. Of two that are open of the same rule and stream one goes on (merge_warning): one that somebody has seen, else the older; those of safety both do.';
COMMENT ON FUNCTION @program@.merge_warning(bigint, bigint, bigint) IS
'Part of merge_persons(): ends a warning (event merged), and gives the other one, which goes on, what it had: the earlier days, the higher severity (worsened), and the longer acknowledgement; deadlines count from the first that nobody had put aside. What was told after an acknowledgement or a silence of the other is not hidden by it: the one that goes on is worsened, which tells it anew, or acknowledged only as long as that other one was. A silence holds only as long as both had one. Of the one that ends nothing more is told.';

--
-- Triggers: check-ins and measurements are folded first, and the fold calls evaluate_warnings() itself
--

CREATE FUNCTION @program@.look_at_persons(persons bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF cardinality(persons) > 0 THEN
		PERFORM @program@.evaluate_warnings(persons, false);
		-- A check-in that is written at the same time sees nothing of this, nor this of it: the next sweep does.
		PERFORM @program@.look_by(persons, array_fill(coachiatry.clock(), ARRAY[cardinality(persons)]));
	END IF;
END
$$;

CREATE FUNCTION @program@.warn_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.look_at_persons((SELECT array_agg(DISTINCT n.person_id) FROM new_rows n));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.warn_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.look_at_persons((SELECT array_agg(r.person_id)
		FROM (SELECT o.person_id FROM old_rows o UNION SELECT n.person_id FROM new_rows n) r));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.warn_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.look_at_persons((SELECT array_agg(DISTINCT o.person_id) FROM old_rows o));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.warn_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	moved CONSTANT bigint[] := (SELECT array_agg(n.person_id) FROM new_rows n JOIN old_rows o USING (person_id) WHERE n.time_zone <> o.time_zone);
BEGIN
	PERFORM @program@.look_at_persons(moved);
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.warn_begun() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO @program@.recheck AS k (person_id, due_at)
	SELECT DISTINCT n.person_id, coachiatry.clock()
	FROM new_rows n
	JOIN @program@.person p ON p.person_id = n.person_id AND p.merged_into IS NULL
	LEFT JOIN @program@.recheck h ON h.person_id = n.person_id
	WHERE h.person_id IS NULL OR h.due_at > coachiatry.clock()
	ORDER BY n.person_id
	ON CONFLICT (person_id) DO UPDATE SET due_at = LEAST(k.due_at, EXCLUDED.due_at);
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.warn_assigned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.reassign_warnings((SELECT array_agg(DISTINCT n.person_id) FROM new_rows n));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.warn_reassigned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.reassign_warnings((SELECT array_agg(r.person_id)
		FROM (SELECT o.person_id FROM old_rows o UNION SELECT n.person_id FROM new_rows n) r));
	RETURN NULL;
END
$$;

CREATE FUNCTION @program@.warn_unassigned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.reassign_warnings((SELECT array_agg(DISTINCT o.person_id) FROM old_rows o));
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION @program@.look_at_persons(bigint[]), @program@.warn_inserted(), @program@.warn_updated(), @program@.warn_deleted(),
	@program@.warn_moved(), @program@.warn_begun(), @program@.warn_assigned(), @program@.warn_reassigned(), @program@.warn_unassigned() FROM PUBLIC;
COMMENT ON FUNCTION @program@.look_at_persons(bigint[]) IS 'What the triggers of plans, contacts and episodes do: evaluates the warnings of some persons, and has the next sweep() look at them again.';
COMMENT ON FUNCTION @program@.warn_inserted() IS 'Trigger: evaluates the warnings of the persons of new rows.';
COMMENT ON FUNCTION @program@.warn_updated() IS 'Trigger: evaluates the warnings of the persons of changed rows, as they were and as they are.';
COMMENT ON FUNCTION @program@.warn_deleted() IS 'Trigger: evaluates the warnings of the persons of deleted rows.';
COMMENT ON FUNCTION @program@.warn_moved() IS 'Trigger: evaluates the warnings of persons whose time zone changed: yesterday may be another day.';
COMMENT ON FUNCTION @program@.warn_begun() IS 'Trigger: has the next sweep() look at those whose coaching, or a task of whom, begins, unless they were merged: nothing is recorded yet that could warn.';
COMMENT ON FUNCTION @program@.warn_assigned() IS 'Trigger: gives open warnings to whoever is there now when an assignment begins.';
COMMENT ON FUNCTION @program@.warn_reassigned() IS 'Trigger: gives open warnings to whoever is there now when an assignment changes or ends, about the persons whose it was and whose it is.';
COMMENT ON FUNCTION @program@.warn_unassigned() IS 'Trigger: gives open warnings to whoever is there now when an assignment is deleted.';

CREATE TRIGGER warn_begun AFTER INSERT ON @program@.task REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_begun();
CREATE TRIGGER warn_updated AFTER UPDATE ON @program@.task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_updated();
CREATE TRIGGER warn_deleted AFTER DELETE ON @program@.task REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_deleted();
CREATE TRIGGER warn_inserted AFTER INSERT ON @program@.task_revision REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_inserted();
CREATE TRIGGER warn_updated AFTER UPDATE ON @program@.task_revision REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_updated();
CREATE TRIGGER warn_deleted AFTER DELETE ON @program@.task_revision REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_deleted();
CREATE TRIGGER warn_inserted AFTER INSERT ON @program@.excused_period REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_inserted();
CREATE TRIGGER warn_updated AFTER UPDATE ON @program@.excused_period REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_updated();
CREATE TRIGGER warn_deleted AFTER DELETE ON @program@.excused_period REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_deleted();
CREATE TRIGGER warn_inserted AFTER INSERT ON @program@.contact REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_inserted();
CREATE TRIGGER warn_updated AFTER UPDATE ON @program@.contact REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_updated();
CREATE TRIGGER warn_deleted AFTER DELETE ON @program@.contact REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_deleted();
CREATE TRIGGER warn_begun AFTER INSERT ON @program@.episode REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_begun();
CREATE TRIGGER warn_updated AFTER UPDATE ON @program@.episode REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_updated();
CREATE TRIGGER warn_updated AFTER UPDATE ON @program@.person REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_moved();
CREATE TRIGGER warn_assigned AFTER INSERT ON @program@.assignment REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_assigned();
CREATE TRIGGER warn_reassigned AFTER UPDATE ON @program@.assignment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_reassigned();
CREATE TRIGGER warn_unassigned AFTER DELETE ON @program@.assignment REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @program@.warn_unassigned();
