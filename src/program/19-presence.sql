-- Presence: who is there for a person now, and when the others are again; and the answer that somebody has at once who says that they may harm themselves.

CREATE FUNCTION @program@.hours_of(staff_id bigint, at timestamptz) RETURNS TABLE (begins timestamptz, ends timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT GREATEST(d.begins, lower(v.during)), LEAST(d.ends, upper(v.during))
	FROM @program@.coverage v
	CROSS JOIN LATERAL (SELECT pg_catalog.timezone(v.time_zone, hours_of.at)::date AS today) t
	CROSS JOIN LATERAL pg_catalog.generate_series(-1, 14) AS n
	CROSS JOIN LATERAL (
		SELECT pg_catalog.timezone(v.time_zone, t.today + n + v.hours_from) AS begins, pg_catalog.timezone(v.time_zone, t.today + n + v.hours_until) AS ends) d
	WHERE v.staff_id = hours_of.staff_id
		AND pg_catalog.date_part('isodow', t.today + n) = ANY (v.weekdays)
		AND GREATEST(d.begins, lower(v.during)) < LEAST(d.ends, upper(v.during))
		AND LEAST(d.ends, upper(v.during)) > hours_of.at;
END;

REVOKE ALL ON FUNCTION @program@.hours_of(bigint, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @program@.hours_of(bigint, timestamptz) IS
'The hours of somebody (coverage) that have not ended at a time, of two weeks: from when to when, half-open. No row: none are stated.';

CREATE FUNCTION @program@.who_is_there(person_id bigint DEFAULT NULL, at timestamptz DEFAULT coachiatry.clock())
RETURNS TABLE (role text, staff_id bigint, name text, is_there boolean, until timestamptz, there_again timestamptz, on_call boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	whose CONSTANT bigint := COALESCE(who_is_there.person_id, @program@.actor_person_id(), @program@.actor_proxied_person_id());
BEGIN
	IF who_is_there.at IS NULL THEN
		RAISE EXCEPTION 'at must not be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF NOT COALESCE(@program@.acts_as_owner() AND EXISTS (SELECT FROM @program@.person p WHERE p.person_id = whose)
		OR whose = @program@.actor_person_id() OR whose = @program@.actor_proxied_person_id()
		OR coachiatry.sees('@program@', whose, 'coach', 'supervisor', 'prescriber', 'therapist', 'coordinator'), false) THEN
		RAISE EXCEPTION 'person % does not exist', whose USING ERRCODE = 'no_data_found';
	END IF;
	RETURN QUERY
	WITH team AS (
		SELECT DISTINCT a.role, COALESCE(c.staff_id, a.staff_id) AS staff_id
		FROM @program@.person p
		CROSS JOIN @program@.program_info i
		CROSS JOIN LATERAL (SELECT coachiatry.adherence_day(who_is_there.at, p.time_zone, i.day_start) AS today) d
		JOIN @program@.assignment a ON a.person_id = p.person_id AND a.during @> d.today
		JOIN @program@.staff s ON s.staff_id = a.staff_id AND s.employed @> d.today
		LEFT JOIN LATERAL @program@.covering(a.staff_id, a.person_id, a.role, who_is_there.at, d.today) AS c (staff_id) ON true
		WHERE p.person_id = whose
	)
	SELECT t.role, t.staff_id, s.name, h.is_there, CASE WHEN h.is_there THEN h.until END, h.there_again,
		CASE WHEN h.is_there IS NOT NULL THEN @program@.is_on_call(t.staff_id, who_is_there.at) END
	FROM team t
	JOIN @program@.staff s ON s.staff_id = t.staff_id
	CROSS JOIN LATERAL (
		SELECT bool_or(o.begins <= who_is_there.at) AS is_there, max(o.ends) FILTER (WHERE o.begins <= who_is_there.at) AS until,
			min(o.begins) FILTER (WHERE o.begins > who_is_there.at) AS there_again
		FROM @program@.hours_of(t.staff_id, who_is_there.at) o) h
	ORDER BY array_position('{coach,therapist,prescriber,supervisor}'::text[], t.role), h.is_there DESC NULLS LAST, t.staff_id;
END
$$;

REVOKE ALL ON FUNCTION @program@.who_is_there(bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.who_is_there(bigint, timestamptz) TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber,
	@prefix@_therapist, @prefix@_coordinator;
COMMENT ON FUNCTION @program@.who_is_there(bigint, timestamptz) IS
'Who of the staff of a person (NULL: whoever is signed in, or is represented) is there at a time, by the hours that they state (coverage): is_there, until when, when again at the latest known start within two weeks, and whether they are on call (is_on_call), so that matters of safety may go to them; whoever covers for somebody at that hour (covering) stands in their place. is_there NULL: no hours are stated. For the person, proxies, the staff who see the person, and the owner. Errors: 22004 for a NULL time, P0002 for anybody else.';

--
-- The answer in a crisis
--

CREATE FUNCTION @program@.answer_crisis() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	answer text;
BEGIN
	IF NEW.person_id IS DISTINCT FROM COALESCE(@program@.actor_person_id(), @program@.actor_proxied_person_id())
		OR NOT EXISTS (SELECT FROM @program@.warning w
			WHERE w.person_id = NEW.person_id AND w.warning_id = NEW.warning_id AND w.kind IN ('self_harm', 'concern')) THEN
		RETURN NULL;
	END IF;
	answer := @program@.answer_in_crisis(NEW.person_id);
	IF answer IS NOT NULL AND NOT EXISTS (SELECT FROM @program@.message m
		WHERE m.person_id = NEW.person_id AND m.author_kind = 'system' AND m.body = answer AND m.sent_at > coachiatry.clock() - interval '1 hour') THEN
		INSERT INTO @program@.message (person_id, author_kind, body, lang)
		SELECT p.person_id, 'system', answer, COALESCE(substring(p.locale FROM '^[A-Za-z]+'), 'en') FROM @program@.person p WHERE p.person_id = NEW.person_id;
	END IF;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	-- Whoever has to know is told all the same.
	PERFORM @program@.words_fault(NEW.person_id, SQLSTATE, SQLERRM);
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION @program@.answer_crisis() FROM PUBLIC;
COMMENT ON FUNCTION @program@.answer_crisis() IS
'Trigger: when what a person, or a proxy, writes or answers raises a warning about self-harm, or is told to it, they are answered in the same transaction by a message of the system, at most once an hour.';

CREATE TRIGGER answer_crisis AFTER INSERT ON @program@.warning_event
FOR EACH ROW WHEN (NEW.event IN ('opened', 'answer_changed')) EXECUTE FUNCTION @program@.answer_crisis();
