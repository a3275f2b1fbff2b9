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

CREATE FUNCTION @program@.ingest_number(said text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(said) <= 1000
	THEN substring(said FROM '^[[:space:]]*([-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]{1,3})?)[[:space:]]*$')::numeric END;

COMMENT ON FUNCTION @program@.ingest_number(text) IS
'What a value of an entry is as a number, whichever way it is written: 1, 1.0, 01 and 1e0 are one. NULL: it is not plainly one.';

CREATE FUNCTION @program@.unsafe_words(entry jsonb, languages text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	has_own CONSTANT boolean := EXISTS (SELECT FROM @program@.lexicon_entry e WHERE e.lexicon = 'scope');
BEGIN
	RETURN EXISTS (
		SELECT FROM jsonb_each(CASE WHEN jsonb_typeof(entry) = 'object' THEN entry ELSE '{}' END) v
		CROSS JOIN unnest(languages) l
		WHERE jsonb_typeof(v.value) IN ('string', 'array', 'object')
			AND (EXISTS (SELECT FROM coachiatry.scope_check(v.value #>> '{}', l, 'person') c WHERE c.severity = 'safety')
				OR has_own AND EXISTS (SELECT FROM @program@.own_scope_hits(v.value #>> '{}', l, 'person') c WHERE c.severity = 'safety')));
EXCEPTION WHEN OTHERS THEN
	IF NOT @program@.is_fault(SQLSTATE) THEN
		RAISE;
	END IF;
	RETURN true;
END
$$;

CREATE FUNCTION @program@.unsafe_entries(record text, entries jsonb[]) RETURNS TABLE (nth integer, person_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	own CONSTANT bigint := @program@.own_person('check_in', 'measure');
	-- Who writes in another language than their own is read, too.
	languages CONSTANT text[] := @program@.scope_lists();
BEGIN
	RETURN QUERY
	WITH named AS MATERIALIZED (
		SELECT e.nth::integer, e.entry, COALESCE(p.merged_into, p.person_id) AS about
		FROM unnest(entries) WITH ORDINALITY AS e (entry, nth)
		CROSS JOIN LATERAL @program@.ingest_number(e.entry ->> 'person_id') AS k
		-- What names nobody is of whoever sends it.
		JOIN @program@.person p ON p.person_id = CASE WHEN k IS NULL THEN own
			WHEN k = trunc(k) AND k BETWEEN -9223372036854775808 AND 9223372036854775807 THEN k::bigint END
	), seen AS MATERIALIZED (
		-- Nothing is told of persons whom one does not see, nor whether they are there; and nothing of the record to whoever does not read it.
		SELECT d.about, s.reads
		FROM (SELECT DISTINCT n.about FROM named n) d
		CROSS JOIN LATERAL (SELECT @program@.acts_as_owner() OR COALESCE(@program@.own_person('calendar', 'check_in') = d.about, false)
			OR COALESCE(coachiatry.sees('@program@', d.about, 'coach', 'supervisor', 'prescriber', 'therapist'), false) AS reads) s
		WHERE s.reads OR own = d.about OR coachiatry.sees('@program@', d.about, 'coordinator')
	), report AS MATERIALIZED (
		SELECT n.nth, n.about, s.reads, t.task_id, t.max_units_per_day AS most, COALESCE(n.entry ->> 'source', 'person') COLLATE "C" AS source,
			COALESCE(d.day::text, n.entry ->> 'due_on', '') AS due, d.day,
			-- One that is not plainly a number is none of the others.
			CASE WHEN n.entry ->> 'occurrence' IS NULL THEN 1 ELSE COALESCE(@program@.ingest_number(n.entry ->> 'occurrence'), -n.nth) END AS occurrence,
			CASE n.entry ->> 'taken' WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE @program@.ingest_number(n.entry ->> 'taken') END AS units,
			n.entry ->> 'taken' IS NOT NULL AS says
		FROM named n
		JOIN seen s ON s.about = n.about
		JOIN @program@.task t ON t.person_id = n.about AND COALESCE(t.task_id = @program@.ingest_number(n.entry ->> 'task_id'), true)
		CROSS JOIN LATERAL (SELECT (jsonb_path_query_first(to_jsonb(substring(n.entry ->> 'due_on' FROM '[0-9]{4}-[0-9]{2}-[0-9]{2}')),
			'$.datetime("YYYY-MM-DD")', silent => true) #>> '{}')::date AS day) d
		WHERE unsafe_entries.record = 'check_in' AND t.max_units_per_day IS NOT NULL
	), day AS (
		-- What one source says of a day is added up, kept or refused, and of one occurrence the most.
		SELECT o.about, o.task_id, o.source, o.due, sum(o.units) AS units
		FROM (
			SELECT u.about, u.task_id, u.source, u.due, max(u.units) AS units
			FROM (
				SELECT r.about, r.task_id, r.source, r.due, r.occurrence, GREATEST(r.units, 0) AS units FROM report r
				UNION ALL
				SELECT r.about, r.task_id, r.source, r.due, c.occurrence, c.taken
				FROM (SELECT DISTINCT r.about, r.task_id, r.source, r.due, r.day FROM report r WHERE r.reads) r
				JOIN @program@.check_in c ON c.person_id = r.about AND c.task_id = r.task_id AND c.due_on = r.day AND c.source = r.source) u
			GROUP BY u.about, u.task_id, u.source, u.due, u.occurrence) o
		GROUP BY o.about, o.task_id, o.source, o.due
	)
	SELECT n.nth, n.about
	FROM named n
	JOIN seen s ON s.about = n.about
	WHERE n.nth IN (
			SELECT r.nth FROM report r JOIN day d USING (about, task_id, source, due)
			-- Whatever is not plainly the most that is allowed, or less, may be above it; what takes nothing adds nothing.
			WHERE r.says AND (r.units IS NULL OR r.units > 0 AND d.units > r.most))
		OR unsafe_entries.record = 'measurement' AND EXISTS (
			SELECT FROM @program@.instrument i
			CROSS JOIN unnest(i.self_harm_items) AS s (item)
			WHERE (COALESCE(btrim(n.entry ->> 'item'), '') = s.item OR @program@.ingest_number(n.entry ->> 'item') = @program@.ingest_number(s.item))
				-- Whatever names no other instrument may be of this one; whatever is not plainly 0 may be above it.
				AND COALESCE(i.instrument_id = @program@.ingest_number(n.entry ->> 'instrument_id') OR i.name = n.entry ->> 'instrument',
					NOT EXISTS (SELECT FROM @program@.instrument o
						WHERE o.instrument_id = @program@.ingest_number(n.entry ->> 'instrument_id') OR o.name = n.entry ->> 'instrument'))
				AND COALESCE(n.entry ->> 'value', '0') !~ '^[[:space:]]*-?0*[.]?0*[[:space:]]*$')
		OR @program@.unsafe_words(n.entry, languages);
END
$$;

CREATE FUNCTION @program@.raise_refused(record text, entries jsonb[], states text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unsafe record;
BEGIN
	FOR unsafe IN
		SELECT u.person_id, entries[u.nth] AS report, states[u.nth] AS state FROM @program@.unsafe_entries(raise_refused.record, entries) u
		ORDER BY u.person_id, u.nth
	LOOP
		-- What is sent again is the same fact, open or followed up, unless it does not say of which day it is.
		CONTINUE WHEN EXISTS (
			SELECT FROM @program@.warning w
			CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(w.evidence) WHEN 'array' THEN w.evidence END) f
			WHERE w.person_id = unsafe.person_id AND w.kind = 'concern' AND f -> 'report' = unsafe.report
				AND (w.closed_at IS NULL OR COALESCE(unsafe.report ->> 'due_on', unsafe.report ->> 'measured_on') ~ '[0-9]{4}'));
		PERFORM @program@.tell_concern(unsafe.person_id, 'a report that was refused may be a matter of safety',
			jsonb_build_object('at', coachiatry.clock(), 'by', @program@.actor_staff_id(), 'refused', unsafe.state, 'report', unsafe.report));
	END LOOP;
END
$$;

REVOKE ALL ON FUNCTION @program@.unsafe_words(jsonb, text[]), @program@.unsafe_entries(text, jsonb[]), @program@.raise_refused(text, jsonb[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.unsafe_entries(text, jsonb[]), @program@.raise_refused(text, jsonb[], text[])
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator;
COMMENT ON FUNCTION @program@.unsafe_words(jsonb, text[]) IS
'Whether the words of an entry, under whatever key, may be about safety: by the lists of the languages, and the program''s own (lexicon_entry, scope). True also where they cannot be checked.';
COMMENT ON FUNCTION @program@.unsafe_entries(text, jsonb[]) IS
'Which of the entries that ingest_check_ins() or ingest_measurements() refused may be a matter of safety: words about it in any language that has lists (unsafe_words), an item about self-harm with anything but 0, or units taken that are not plainly a number, or with which what a source says of the day, the others that are refused and what is kept, is above max_units_per_day. With the position from 1 and the person (whoever they were merged into; of an entry that names nobody, whoever is acting), if whoever is acting is or sees them. Numbers are compared as numbers. In doubt it is.';
COMMENT ON FUNCTION @program@.raise_refused(text, jsonb[], text[]) IS
'Opens the safety warning "concern" for the persons of refused entries that may be a matter of safety (unsafe_entries), with entry and SQLSTATE as evidence: what cannot be recorded is told all the same. Once: an entry that a concern of the person holds already, or held and says of which day it is, is not told again.';

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
