-- What people do about warnings, where they find them, and what a rule would do before it is enabled.

--
-- Acts
--

CREATE FUNCTION @program@.may_act_on(person_id bigint, acts_on text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(CASE may_act_on.acts_on
	WHEN 'coach' THEN coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist')
	WHEN 'supervisor' THEN coachiatry.sees('@program@', person_id, 'supervisor')
	ELSE coachiatry.sees('@program@', person_id, 'prescriber', 'therapist') END, false);

COMMENT ON FUNCTION @program@.may_act_on(bigint, text) IS
'Whether whoever is acting may act on a warning about a person: on those of coaches also supervisors and treating clinicians, on those of clinicians any clinician who treats the person; always only for people they see.';

CREATE FUNCTION @program@.act_on_warning(warning_id bigint, event text, until timestamptz, reason text, done text, seen_event bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	it @program@.warning;
BEGIN
	SELECT w.* INTO it FROM @program@.warning w WHERE w.warning_id = act_on_warning.warning_id;
	-- A hidden one and a missing one fail alike.
	IF it.warning_id IS NULL OR NOT (@program@.acts_as_owner() OR @program@.may_act_on(it.person_id, it.acts_on)) THEN
		RAISE EXCEPTION 'warning % does not exist', act_on_warning.warning_id USING ERRCODE = 'no_data_found';
	END IF;
	-- The other events are the program's.
	IF (act_on_warning.event IN ('acknowledged', 'silenced', 'resolved', 'declined')) IS NOT TRUE THEN
		RAISE EXCEPTION 'a warning is "acknowledged", "silenced", "resolved" or "declined"' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF act_on_warning.event IN ('acknowledged', 'silenced') AND (until > coachiatry.clock() AND until < 'infinity') IS NOT TRUE THEN
		RAISE EXCEPTION 'a warning is % until a time to come', act_on_warning.event USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF act_on_warning.event = 'acknowledged' AND it.safety AND until > coachiatry.clock() + interval '7 days' THEN
		RAISE EXCEPTION 'a warning of safety is acknowledged for 7 days at most'
			USING ERRCODE = 'invalid_parameter_value', HINT = 'It can be acknowledged again.';
	END IF;
	IF act_on_warning.event IN ('resolved', 'declined') AND COALESCE(reason, '') = '' THEN
		RAISE EXCEPTION 'a warning is % for a reason', act_on_warning.event USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- In the order of whoever evaluates.
	IF act_on_warning.event IN ('resolved', 'declined') THEN
		PERFORM @program@.take_turns(ARRAY[it.person_id]);
	END IF;
	PERFORM @program@.may_write_to(it.person_id, it.warning_id, true);
	-- Nobody puts aside what they cannot have read.  Not an error of serialization: whoever sends those again by themselves would do it unread.
	IF EXISTS (SELECT FROM @program@.warning_event e
			WHERE e.person_id = it.person_id AND e.warning_id = it.warning_id AND e.event IN ('worsened', 'answer_changed')
				AND e.warning_event_id > COALESCE(seen_event, it.last_event_id, 0)) THEN
		RAISE EXCEPTION 'warning % has been told anew', it.warning_id
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Read what is new, and act then.';
	END IF;
	INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, by_staff_id, until, reason, done)
	VALUES (it.person_id, it.warning_id, it.acts_on, act_on_warning.event, @program@.actor_staff_id(), act_on_warning.until, act_on_warning.reason,
		act_on_warning.done);
END
$$;

CREATE FUNCTION @program@.acknowledge_warning(warning_id bigint, until timestamptz, seen_event bigint DEFAULT NULL) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	SELECT @program@.act_on_warning(acknowledge_warning.warning_id, 'acknowledged', acknowledge_warning.until, NULL, NULL, acknowledge_warning.seen_event);
END;

CREATE FUNCTION @program@.silence_warning(warning_id bigint, until timestamptz, seen_event bigint DEFAULT NULL) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	SELECT @program@.act_on_warning(silence_warning.warning_id, 'silenced', silence_warning.until, NULL, NULL, silence_warning.seen_event);
END;

CREATE FUNCTION @program@.resolve_warning(warning_id bigint, reason text, done text DEFAULT NULL, seen_event bigint DEFAULT NULL) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	SELECT @program@.act_on_warning(resolve_warning.warning_id, 'resolved', NULL, resolve_warning.reason, resolve_warning.done, resolve_warning.seen_event);
END;

CREATE FUNCTION @program@.decline_warning(warning_id bigint, reason text, seen_event bigint DEFAULT NULL) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	SELECT @program@.act_on_warning(decline_warning.warning_id, 'declined', NULL, decline_warning.reason, NULL, decline_warning.seen_event);
END;

CREATE FUNCTION @program@.survivor(person_id bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	next bigint := survivor.person_id;
BEGIN
	-- Whoever is being merged is waited for, and not merged before the end of the transaction.
	WHILE next IS NOT NULL LOOP
		survivor.person_id := next;
		SELECT p.merged_into INTO next FROM @program@.person p WHERE p.person_id = survivor.person_id FOR KEY SHARE;
	END LOOP;
	RETURN survivor.person_id;
END
$$;

REVOKE ALL ON FUNCTION @program@.survivor(bigint) FROM PUBLIC;
COMMENT ON FUNCTION @program@.survivor(bigint) IS 'Whom a person was merged into; who was not, or is unknown, themselves.';

CREATE FUNCTION @program@.ask_as_survivor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	NEW.person_id := @program@.survivor(NEW.person_id);
	RETURN NEW;
END
$$;

REVOKE ALL ON FUNCTION @program@.ask_as_survivor() FROM PUBLIC;
COMMENT ON FUNCTION @program@.ask_as_survivor() IS 'Trigger: who asks for support under the record of somebody who was merged asks as whoever they were merged into, whom somebody looks after.';

CREATE TRIGGER ask_as_survivor BEFORE INSERT ON @program@.support_request FOR EACH ROW EXECUTE FUNCTION @program@.ask_as_survivor();

CREATE FUNCTION @program@.tell_concern(person_id bigint, says text, fact jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	it @program@.warning;
	acts_on text;
BEGIN
	tell_concern.person_id := @program@.survivor(tell_concern.person_id);
	acts_on := @program@.safety_role(tell_concern.person_id, 'therapist');
	INSERT INTO @program@.warning (person_id, kind, says, severity, acts_on, acknowledge_within, owner_staff_id, onset, raised_on, evidence)
	SELECT p.person_id, 'concern', tell_concern.says, 3, acts_on, '1 hour', @program@.warning_owner(p.person_id, acts_on),
		@program@.local_day(p.time_zone), @program@.local_day(p.time_zone), jsonb_build_array(fact)
	FROM @program@.person p WHERE p.person_id = tell_concern.person_id
	ON CONFLICT (person_id, kind, warning_rule_id, task_id, instrument_id, item, occurrence) WHERE closed_at IS NULL DO NOTHING
	RETURNING * INTO it;
	IF it.warning_id IS NOT NULL THEN
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, by_staff_id)
		VALUES (it.person_id, it.warning_id, it.acts_on, 'opened', @program@.actor_staff_id());
	ELSE
		UPDATE @program@.warning w SET evidence = w.evidence || fact
		WHERE w.person_id = tell_concern.person_id AND w.kind = 'concern' AND w.occurrence = 1 AND w.closed_at IS NULL
		RETURNING * INTO it;
		IF it.warning_id IS NULL THEN
			IF NOT EXISTS (SELECT FROM @program@.person p WHERE p.person_id = tell_concern.person_id) THEN
				RAISE EXCEPTION 'person % does not exist', tell_concern.person_id USING ERRCODE = 'no_data_found';
			END IF;
			-- Somebody has closed it meanwhile.
			PERFORM @program@.tell_concern(tell_concern.person_id, says, fact);
			RETURN;
		END IF;
		INSERT INTO @program@.warning_event (person_id, warning_id, acts_on, event, by_staff_id)
		VALUES (it.person_id, it.warning_id, it.acts_on, 'answer_changed', @program@.actor_staff_id());
	END IF;
	PERFORM @program@.raise_unowned(ARRAY[tell_concern.person_id]);
END
$$;

COMMENT ON FUNCTION @program@.tell_concern(bigint, text, jsonb) IS
'Opens the safety warning "concern" of a person (of whoever they were merged into), with a fact as its evidence; adds it to the one that is open, and tells that again.';

CREATE FUNCTION @program@.crisis_resources(person_id bigint) RETURNS SETOF @program@.crisis_resource
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.*
	FROM @program@.crisis_resource c
	JOIN @program@.person p ON p.person_id = crisis_resources.person_id
	WHERE c.locale IS NULL OR p.locale = c.locale OR p.locale ^@ (c.locale || '-') OR p.locale ^@ (c.locale || '_')
	ORDER BY c.position, c.crisis_resource_id;
END;

REVOKE ALL ON FUNCTION @program@.crisis_resources(bigint) FROM PUBLIC;
COMMENT ON FUNCTION @program@.crisis_resources(bigint) IS 'The crisis resources for a person: those of their locale, and those for everybody, in the order in which to show them.';

CREATE FUNCTION @program@.answer_in_crisis(person_id bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
		SELECT string_agg(r.name || ': ' || r.reach || COALESCE(' (' || r.hours || ')', ''), E'\n' ORDER BY r.position, r.crisis_resource_id)
		FROM @program@.crisis_resources(answer_in_crisis.person_id) r);
END
$$;

REVOKE ALL ON FUNCTION @program@.answer_in_crisis(bigint) FROM PUBLIC;
COMMENT ON FUNCTION @program@.answer_in_crisis(bigint) IS
'What a person is answered who says that they may harm themselves: a line for each of the crisis resources for them, with its hours. NULL: the program has none.';

CREATE FUNCTION @program@.raise_concern(person_id bigint, words text) RETURNS SETOF @program@.crisis_resource
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	-- Not survivor(): nobody waits for, or holds up, a merge of somebody whom they do not see.
	about CONSTANT bigint := (SELECT COALESCE(p.merged_into, p.person_id) FROM @program@.person p WHERE p.person_id = raise_concern.person_id);
BEGIN
	IF about IS NULL OR NOT (@program@.acts_as_owner()
		OR COALESCE(coachiatry.sees('@program@', about, 'coach', 'supervisor', 'prescriber', 'therapist'), false)) THEN
		RAISE EXCEPTION 'person % does not exist', raise_concern.person_id USING ERRCODE = 'no_data_found';
	END IF;
	IF COALESCE(words, '') = '' THEN
		RAISE EXCEPTION 'a concern is said in words' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM @program@.tell_concern(about, 'staff are concerned for the person''s safety',
		jsonb_build_object('at', coachiatry.clock(), 'by', @program@.actor_staff_id(), 'words', words));
	RETURN QUERY SELECT c.* FROM @program@.crisis_resources(about) c ORDER BY c.position, c.crisis_resource_id;
END
$$;

REVOKE ALL ON FUNCTION @program@.act_on_warning(bigint, text, timestamptz, text, text, bigint), @program@.raise_concern(bigint, text),
	@program@.tell_concern(bigint, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.act_on_warning(bigint, text, timestamptz, text, text, bigint), @program@.raise_concern(bigint, text)
TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
COMMENT ON FUNCTION @program@.act_on_warning(bigint, text, timestamptz, text, text, bigint) IS
'What acknowledge_warning(), silence_warning(), resolve_warning() and decline_warning() do: writes the event of whoever is acting. What has been told anew (worsened, answer_changed) since the call began, or since seen_event, is not put aside unread. seen_event: the newest event of the warning that they have read (warning_event, take_from_outbox); NULL: all that is there. Errors: P0002 for a warning that does not exist or that they may not act on (may_act_on), 22023 for another event, a time that is not to come, is infinite, or for safety more than 7 days on, or a missing reason, 55000 where its state does not allow it, or it has been told anew.';
COMMENT ON FUNCTION @program@.acknowledge_warning(bigint, timestamptz, bigint) IS
'I have it in hand, until then (for safety at most 7 days on); after that, or once I do not see the person any more, it is open again. Errors as for act_on_warning().';
COMMENT ON FUNCTION @program@.silence_warning(bigint, timestamptz, bigint) IS
'Do not show it among open items until then, or until I do not see the person any more. Error 55000 for one of safety; others as for act_on_warning().';
COMMENT ON FUNCTION @program@.resolve_warning(bigint, text, text, bigint) IS
'It has been dealt with, for a reason. One of safety takes licensed staff, who say what they found (reason) and what was done (done); error 55000 otherwise. Others as for act_on_warning().';
COMMENT ON FUNCTION @program@.decline_warning(bigint, text, bigint) IS
'It was none, because of a reason: counts against the rule in warning_predictive_value. Error 55000 for one of safety; others as for act_on_warning().';
COMMENT ON FUNCTION @program@.raise_concern(bigint, text) IS
'Staff who see a person (whoever they were merged into) are concerned for their safety: a safety warning to the clinicians, at once, with these words; raised again it is told again. Returns the crisis resources for the person''s locale, first things first. Errors: P0002 for a person who does not exist or whom one does not see, 22023 for no words.';

--
-- Reports that were refused
--

CREATE FUNCTION @program@.unsafe_entry(record text, entry jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	about CONSTANT bigint := (SELECT COALESCE(p.merged_into, p.person_id) FROM @program@.person p WHERE p.person_id::text = entry ->> 'person_id');
	said CONSTANT text := entry ->> 'taken';
	amount CONSTANT numeric := CASE WHEN length(said) <= 1000 THEN substring(said FROM '^[[:space:]]*([-+]?([0-9]+[.]?[0-9]*|[.][0-9]+))[[:space:]]*$') END;
BEGIN
	-- Nothing is told of persons whom one does not see, nor whether they are there.
	IF about IS NULL OR NOT (@program@.acts_as_owner() OR COALESCE(@program@.own_person('check_in', 'measure') = about, false)
		OR COALESCE(coachiatry.sees('@program@', about, 'coach', 'supervisor', 'prescriber', 'therapist', 'coordinator'), false)) THEN
		RETURN NULL;
	END IF;
	RETURN (SELECT about WHERE CASE record
		WHEN 'measurement' THEN EXISTS (
			SELECT FROM @program@.instrument i
			WHERE COALESCE(entry ->> 'item', '') = ANY (i.self_harm_items)
				-- Whatever names no other instrument may be of this one; whatever is not plainly 0 may be above it.
				AND COALESCE(i.instrument_id::text = entry ->> 'instrument_id' OR i.name = entry ->> 'instrument',
					NOT EXISTS (SELECT FROM @program@.instrument o WHERE o.instrument_id::text = entry ->> 'instrument_id' OR o.name = entry ->> 'instrument'))
				AND COALESCE(entry ->> 'value', '0') !~ '^[[:space:]]*-?0*[.]?0*[[:space:]]*$')
		ELSE EXISTS (
			SELECT FROM @program@.task t
			WHERE t.person_id = about AND t.task_id::text = entry ->> 'task_id'
				-- Whatever is not plainly the most that is allowed, or less, may be above it.
				AND said NOT IN ('true', 'false') AND COALESCE(amount > t.max_units_per_day, t.max_units_per_day IS NOT NULL)) END);
END
$$;

CREATE FUNCTION @program@.raise_refused(record text, entry jsonb, state text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	about CONSTANT bigint := @program@.unsafe_entry(record, entry);
BEGIN
	IF about IS NOT NULL THEN
		PERFORM @program@.tell_concern(about, 'a report that was refused may be a matter of safety',
			jsonb_build_object('at', coachiatry.clock(), 'by', @program@.actor_staff_id(), 'refused', state, 'report', entry));
	END IF;
END
$$;

REVOKE ALL ON FUNCTION @program@.unsafe_entry(text, jsonb), @program@.raise_refused(text, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.unsafe_entry(text, jsonb), @program@.raise_refused(text, jsonb, text)
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator;
COMMENT ON FUNCTION @program@.unsafe_entry(text, jsonb) IS
'Whether an entry that ingest_check_ins() or ingest_measurements() refused may be a matter of safety: an item about self-harm with anything but 0, or units taken that are above max_units_per_day, or not plainly a number. Then the person (whoever they were merged into), if whoever is acting is or sees them; else NULL. In doubt it is.';
COMMENT ON FUNCTION @program@.raise_refused(text, jsonb, text) IS
'Opens the safety warning "concern" for the person of a refused entry that may be a matter of safety (unsafe_entry), with the entry as evidence: what cannot be recorded is told all the same.';

--
-- Reports about somebody who was merged
--

CREATE FUNCTION @program@.ingest_moved(entries jsonb[]) RETURNS jsonb[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	named CONSTANT bigint[] := ARRAY(
		SELECT DISTINCT CASE WHEN e.entry ->> 'person_id' ~ '^[0-9]{1,18}$' THEN (e.entry ->> 'person_id')::bigint END
		FROM unnest(entries) AS e (entry));
	merged bigint[];
	into_whom bigint[];
BEGIN
	-- Materialized: whom one sees is asked of those who were merged, each once, and not of everybody.
	WITH found AS MATERIALIZED (
		SELECT p.person_id, p.merged_into FROM @program@.person p WHERE p.person_id = ANY (named) AND p.merged_into IS NOT NULL
	)
	-- Nothing is told of persons whom one does not see.
	SELECT array_agg(f.person_id), array_agg(f.merged_into) INTO merged, into_whom
	FROM found f
	WHERE @program@.acts_as_owner() OR COALESCE(@program@.own_person('check_in') = f.merged_into, false)
		OR COALESCE(coachiatry.sees('@program@', f.merged_into, 'coach', 'supervisor', 'prescriber', 'therapist', 'coordinator'), false);
	IF merged IS NULL THEN
		RETURN entries;
	END IF;
	RETURN ARRAY(
		SELECT CASE WHEN t.task_id IS NULL THEN e.entry ELSE e.entry || jsonb_build_object('person_id', t.person_id) END
		FROM unnest(entries) WITH ORDINALITY AS e (entry, nth)
		LEFT JOIN unnest(merged, into_whom) AS m (person_id, merged_into)
			ON m.person_id = CASE WHEN e.entry ->> 'person_id' ~ '^[0-9]{1,18}$' THEN (e.entry ->> 'person_id')::bigint END
		LEFT JOIN @program@.task t ON t.person_id = m.merged_into AND t.task_id::text = e.entry ->> 'task_id'
		ORDER BY e.nth);
END
$$;

REVOKE ALL ON FUNCTION @program@.ingest_moved(jsonb[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.ingest_moved(jsonb[])
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator, @prefix@_practice_coach,
	@prefix@_analyst, @prefix@_auditor;
COMMENT ON FUNCTION @program@.ingest_moved(jsonb[]) IS
'Entries of check-ins, in which those of a task that merge_persons() has moved name the person who has it now, if whoever is acting is or sees them.';

--
-- Delivery
--

CREATE FUNCTION @program@.take_from_outbox(at_most integer DEFAULT 100)
RETURNS TABLE (warning_event_id bigint, person_id bigint, warning_id bigint, event text, at timestamptz, acts_on text, owner_staff_id bigint,
	severity smallint, safety boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH taken AS (
		DELETE FROM @program@.warning_outbox o
		WHERE (o.person_id, o.warning_outbox_id) IN (
			SELECT b.person_id, b.warning_outbox_id FROM @program@.warning_outbox b
			ORDER BY b.warning_outbox_id LIMIT at_most FOR UPDATE SKIP LOCKED)
		RETURNING o.person_id, o.warning_event_id
	)
	SELECT e.warning_event_id, e.person_id, e.warning_id, e.event, e.at, w.acts_on,
		COALESCE(CASE WHEN e.event = 'escalated' THEN @program@.warning_owner(w.person_id, w.escalate_to) END, w.owner_staff_id), w.severity, w.safety
	FROM taken t
	JOIN @program@.warning_event e ON e.person_id = t.person_id AND e.warning_event_id = t.warning_event_id
	JOIN @program@.warning w ON w.person_id = e.person_id AND w.warning_id = e.warning_id
	ORDER BY e.warning_event_id;
END;

REVOKE ALL ON FUNCTION @program@.take_from_outbox(integer) FROM PUBLIC;
COMMENT ON FUNCTION @program@.take_from_outbox(integer) IS
'Takes the oldest events out of warning_outbox, without what they are about: whom to tell (owner_staff_id: whose it is, or, of one that was escalated, whose it is too now, by warning.escalate_to, if there is somebody; NULL: nobody is there), and how urgent it is. In a transaction: if that is rolled back they are there again. Any number may take at once; none waits for another. For the owner, and whom they grant it.';

--
-- Where they are found
--

CREATE FUNCTION @program@.coach_notices(person_id bigint) RETURNS TABLE (urgency integer, kind text, since timestamptz, task_id bigint, why text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
	IF NOT COALESCE(coachiatry.sees('@program@', coach_notices.person_id, 'coach', 'supervisor'), false) THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT 6, 'safety_hold', min(w.raised_at), NULL::bigint, 'clinician informed; pause exposure and streak prompts'
		|| CASE WHEN bool_or(w.kind = 'gap') THEN '; do not encourage a restart' ELSE '' END
	FROM @program@.warning w
	WHERE w.person_id = coach_notices.person_id AND w.closed_at IS NULL AND w.safety
	HAVING count(*) > 0
	UNION ALL
	SELECT 20, 'contact_today', min(w.raised_at), NULL, 'contact today'
	FROM @program@.warning w
	WHERE w.person_id = coach_notices.person_id AND w.closed_at IS NULL AND w.kind = 'rule' AND w.instrument_id IS NOT NULL
		AND (w.silenced_until <= coachiatry.clock() OR w.silenced_until IS NULL)
	HAVING count(*) > 0;
END
$$;

REVOKE ALL ON FUNCTION @program@.coach_notices(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.coach_notices(bigint) TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
COMMENT ON FUNCTION @program@.coach_notices(bigint) IS
'What a coach or supervisor is told of the clinicians'' warnings about a person they see, without their content: safety_hold while one of safety is open, contact_today while one of a measure is. No rows for anybody else.';

CREATE FUNCTION @program@.my_warnings() RETURNS TABLE (warning_id bigint, task_id bigint, says text, onset date, raised_on date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT w.warning_id, w.task_id, w.says, w.onset, w.raised_on
	FROM @program@.warning w
	JOIN @program@.warning_rule r ON r.warning_rule_id = w.warning_rule_id
	WHERE w.person_id = @program@.own_person('calendar') AND w.closed_at IS NULL AND w.evidence_stands AND r.show_to_person
	ORDER BY w.raised_on, w.warning_id;
END
$$;

REVOKE ALL ON FUNCTION @program@.my_warnings() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.my_warnings() TO @prefix@_person;
COMMENT ON FUNCTION @program@.my_warnings() IS
'The open warnings about whoever is acting, or whom they are a proxy for with the calendar in their scope, of rules that the program shows to persons (warning_rule.show_to_person), as long as the facts still say so (warning.evidence_stands). No rows for anybody else.';

CREATE FUNCTION @program@.is_in_sight(it @program@.warning) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (it).closed_at IS NULL AND ((it).safety OR (COALESCE((it).silenced_until <= coachiatry.clock(), true)
	AND ((it).state <> 'acknowledged' OR (it).acknowledged_until <= coachiatry.clock())));

COMMENT ON FUNCTION @program@.is_in_sight(@program@.warning) IS
'Whether a warning is open, and neither silenced nor acknowledged for now; one of safety until it is resolved.';

CREATE FUNCTION @program@.is_inhibited(person_id bigint, warning_rule_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
	SELECT FROM @program@.warning_rule r
	JOIN @program@.warning w ON w.person_id = is_inhibited.person_id AND w.warning_rule_id = r.inhibited_by AND @program@.is_in_sight(w)
	WHERE r.warning_rule_id = is_inhibited.warning_rule_id AND NOT r.safety);

COMMENT ON FUNCTION @program@.is_inhibited(bigint, bigint) IS
'Whether the warnings of a rule are not to be shown for a person for now, because one of the rule that inhibits it (warning_rule.inhibited_by) is (is_in_sight), as far as the caller sees it; one that is inhibited itself counts, as there are no circles, and what is at the end of the line is shown. False for NULL, and for rules of safety.';

CREATE OR REPLACE VIEW @program@.open_item WITH (security_invoker = true) AS
SELECT e.person_id, e.urgency, e.kind, e.since, e.task_id, e.why FROM @program@.everyday_item e
UNION ALL
SELECT w.person_id, CASE WHEN w.safety THEN 5 WHEN w.severity = 3 THEN 8 ELSE 20 END, CASE WHEN w.safety THEN 'safety' ELSE 'warning' END,
	w.raised_at, w.task_id, pg_catalog.concat(w.says, ' (since ', w.onset, ')', CASE WHEN NOT w.evidence_stands THEN '; the record has changed since' END)
FROM @program@.warning w
WHERE @program@.is_in_sight(w) AND (w.safety OR NOT @program@.is_inhibited(w.person_id, w.warning_rule_id))
UNION ALL
SELECT p.person_id, n.urgency, n.kind, n.since, n.task_id, n.why
FROM @program@.person p
CROSS JOIN LATERAL @program@.coach_notices(p.person_id) n
UNION ALL
SELECT f.person_id, 25, 'fault', f.first_at, NULL,
	pg_catalog.format('nobody is being warned by %s: error %s', COALESCE('rule "' || r.name || '"', 'the safety path'), f.state)
FROM @program@.stream_fault f
LEFT JOIN @program@.warning_rule r USING (warning_rule_id)
WHERE f.cleared_at IS NULL;

COMMENT ON VIEW @program@.open_item IS
'What is open, a row each: the everyday items (everyday_item), and warnings. Safety, and requests for support, are there for those who are no longer coached, too.';
COMMENT ON COLUMN @program@.open_item.urgency IS 'The lower, the more urgent: 5 safety, 6 safety_hold, 8 a critical warning, 10 support_request, 20 warning and contact_today, 25 fault, and those of everyday_item.';
COMMENT ON COLUMN @program@.open_item.kind IS 'safety, warning: a row of warning that is open, and neither acknowledged nor silenced for now (safety is there until it is resolved). safety_hold, contact_today: what coaches are told of those of clinicians (coach_notices). fault: a rule could not be evaluated. Others: see everyday_item.';

CREATE FUNCTION @program@.explain_warning(warning_id bigint)
RETURNS TABLE (line integer, what text, words text)
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH it AS (
		SELECT w.*, r.name, r.description, r.detector, r.parameters FROM @program@.warning w
		LEFT JOIN @program@.warning_rule r USING (warning_rule_id)
		WHERE w.warning_id = explain_warning.warning_id
	), told AS (
		SELECT 1 AS part, NULL::bigint AS nth, 'what' AS what, i.says AS words FROM it i
		UNION ALL
		SELECT 2, NULL, 'rule', pg_catalog.format('%s: %s%s. %s', i.name, i.detector, CASE WHEN i.parameters = '{}' THEN '' ELSE ' ' || i.parameters::text END, i.description)
		FROM it i WHERE i.name IS NOT NULL
		UNION ALL
		SELECT 3, NULL, 'when', pg_catalog.format('due from %s on, thought to have begun on %s, raised at %s', i.raised_on, i.onset, i.raised_at) FROM it i
		UNION ALL
		SELECT 4, NULL, 'evidence', CASE WHEN NOT i.evidence_stands THEN 'the record has changed since; then: ' ELSE '' END || i.evidence::text FROM it i
		UNION ALL
		SELECT 4, 1, 'days', pg_catalog.string_agg(pg_catalog.concat_ws(' ', d.day, d.status), ', ' ORDER BY d.day)
		FROM it i
		JOIN @program@.effective_calendar x ON x.person_id = i.person_id AND x.task_id = i.task_id
		CROSS JOIN LATERAL coachiatry.to_adherence_days(coachiatry.clip(x.calendar_with_today, pg_catalog.daterange(i.onset, i.raised_on, '[]'))) d
		WHERE i.kind = 'rule' AND d.status <> 'none'
		HAVING pg_catalog.count(*) > 0
		UNION ALL
		SELECT 4, 1, 'days', pg_catalog.string_agg(pg_catalog.concat_ws(' ', d.day, d.mean), ', ' ORDER BY d.day)
		FROM it i
		JOIN @program@.measure_series k ON k.person_id = i.person_id AND k.instrument_id = i.instrument_id AND k.item = i.item
		CROSS JOIN LATERAL coachiatry.to_series_days(coachiatry.clip(k.series, pg_catalog.daterange(i.onset, i.raised_on, '[]'))) d
		WHERE i.kind = 'rule'
		HAVING pg_catalog.count(*) > 0
		UNION ALL
		SELECT 5, NULL, 'who', pg_catalog.format('for the %s: %s', i.acts_on, COALESCE('staff ' || i.owner_staff_id, 'nobody is there')) FROM it i
		UNION ALL
		SELECT 6, e.warning_event_id, e.event, pg_catalog.concat_ws(', ', e.at, 'by staff ' || e.by_staff_id, 'until ' || e.until, 'level ' || e.level, e.reason, e.done)
		FROM it i JOIN @program@.warning_event e ON e.person_id = i.person_id AND e.warning_id = i.warning_id
	)
	SELECT pg_catalog.row_number() OVER (ORDER BY t.part, t.nth)::integer, t.what, t.words FROM told t;
END;

COMMENT ON FUNCTION @program@.explain_warning(bigint) IS
'Why there is a warning and what became of it, in plain words, line by line: what has happened, the rule with its detector, parameters and expected false alarms, when, the evidence, the days from its onset until it was due and what the record says of them now, whose it is, and every event. Reads with the rights of the caller: no lines for one that does not exist or is not seen.';

--
-- Before a rule is enabled
--

CREATE FUNCTION @program@.expected_false_alarms(rule text, people integer DEFAULT 40, days integer DEFAULT 30, usual float8 DEFAULT NULL) RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT people * days / CASE r.detector
		WHEN 'missed_run' THEN coachiatry.silence_arl(1 - COALESCE(usual, (k.p ->> 'usual')::float8), (k.p ->> 'n')::integer)
		WHEN 'unrecorded_run' THEN coachiatry.silence_arl(1 - COALESCE(usual, (k.p ->> 'usual')::float8), (k.p ->> 'n')::integer)
		WHEN 'miss_cusum' THEN coachiatry.bernoulli_cusum_arl((k.p ->> 'p0')::float8, (k.p ->> 'p1')::float8, (k.p ->> 'h')::float8,
			COALESCE(usual, (k.p ->> 'p0')::float8))
		WHEN 'silence' THEN 1 / (COALESCE(usual, (k.p ->> 'rate')::float8) * (k.p ->> 'alpha')::float8)
		WHEN 'cusum' THEN coachiatry.cusum_arl((k.p ->> 'k')::float8, (k.p ->> 'h')::float8, sides => 1, headstart => (k.p ->> 'headstart')::float8)
		WHEN 'self_starting_cusum' THEN coachiatry.cusum_arl((k.p ->> 'k')::float8, (k.p ->> 'h')::float8, sides => 1)
		WHEN 'ewma' THEN coachiatry.ewma_arl((k.p ->> 'lambda')::float8, (k.p ->> 'l')::float8, sides => 1)
		WHEN 'shewhart' THEN coachiatry.shewhart_arl((k.p ->> 'l')::float8, runs => (k.p ->> 'runs')::integer, sides => 1)
		END
	FROM @program@.warning_rule r
	CROSS JOIN LATERAL (SELECT coachiatry.detector_parameters(r.detector, r.parameters) AS p) k
	WHERE r.name = expected_false_alarms.rule;
END;

COMMENT ON FUNCTION @program@.expected_false_alarms(text, integer, integer, float8) IS
'How many false alarms a rule is expected to raise among so many people in so many days, one stream each with something to read every day, by the run lengths of its detector (hold_days and cool_down_days make them fewer). usual: the probability that a planned day is missed (missed_run: 0.1; miss_cusum: p0) or not recorded (unrecorded_run: 0.3), or contacts a day (silence: its rate). NULL for rate_below, rate_drop, over_use, g_chart and reliable_change, whose run lengths are not known: ask backtest(). NULL for no such rule.';

CREATE FUNCTION @program@.backtest(rule text, since date DEFAULT '-infinity')
RETURNS TABLE (person_id bigint, task_id bigint, instrument_id bigint, item text, opened date, cleared date, onset date)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT s.person_id, s.task_id, s.instrument_id, s.item, s.opened, s.cleared, s.onset
	FROM @program@.warning_rule r
	CROSS JOIN LATERAL @program@.warning_replay(ARRAY(
		SELECT h.person_id FROM @program@.coached h
		WHERE @program@.acts_as_owner()
			OR coachiatry.sees('@program@', h.person_id, CASE WHEN r.acts_on IN ('prescriber', 'therapist') THEN 'prescriber' ELSE 'supervisor' END)
			OR coachiatry.sees('@program@', h.person_id, 'therapist')), coachiatry.clock(), r.warning_rule_id, true) s
	WHERE r.name = backtest.rule AND s.opened >= backtest.since AND (s.is_open OR s.cleared IS NOT NULL)
	ORDER BY s.opened, s.person_id, s.task_id, s.instrument_id, s.item;
END
$$;

REVOKE ALL ON FUNCTION @program@.backtest(text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.backtest(text, date) TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
COMMENT ON FUNCTION @program@.backtest(text, date) IS
'The warnings that a rule would have raised, enabled or not, among those who are coached now, from a day on: nothing is written. For the owner, and about the people they see for clinicians, and for supervisors where the rule is not for clinicians.';

CREATE VIEW @program@.warning_predictive_value WITH (security_invoker = true) AS
SELECT r.warning_rule_id, r.name, pg_catalog.count(w.warning_id) AS raised, pg_catalog.count(*) FILTER (WHERE w.state = 'resolved') AS resolved,
	pg_catalog.count(*) FILTER (WHERE w.state = 'declined') AS declined,
	pg_catalog.count(*) FILTER (WHERE w.state IN ('cleared', 'retracted')) AS passed,
	pg_catalog.count(*) FILTER (WHERE w.state = 'resolved')::double precision
		/ NULLIF(pg_catalog.count(*) FILTER (WHERE w.state IN ('resolved', 'declined')), 0) AS predictive_value
FROM @program@.warning_rule r
LEFT JOIN @program@.warning w USING (warning_rule_id)
GROUP BY r.warning_rule_id;

COMMENT ON VIEW @program@.warning_predictive_value IS
'How often a rule was right, as those judged who acted on it, over the warnings that whoever asks may see.';
COMMENT ON COLUMN @program@.warning_predictive_value.warning_rule_id IS 'The rule.';
COMMENT ON COLUMN @program@.warning_predictive_value.name IS 'Its name.';
COMMENT ON COLUMN @program@.warning_predictive_value.raised IS 'Warnings that it raised.';
COMMENT ON COLUMN @program@.warning_predictive_value.resolved IS 'Those that somebody dealt with.';
COMMENT ON COLUMN @program@.warning_predictive_value.declined IS 'Those of which somebody said that there was nothing.';
COMMENT ON COLUMN @program@.warning_predictive_value.passed IS 'Those that passed, or whose facts changed, before anybody saw them.';
COMMENT ON COLUMN @program@.warning_predictive_value.predictive_value IS 'Share of resolved among those resolved or declined; NULL: none yet.';
GRANT SELECT ON @program@.warning_predictive_value TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
