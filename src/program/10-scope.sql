-- Scope: who sees whom, and who may do what with which table.
--
-- A role of the program decides which tables and columns one may use; a policy, which rows.  Policies ask who is acting (09-identity.sql), never which role
-- the session has, so that whoever has several roles still is only one person.  test/data/scope_matrix.csv says the same in a table, and is tested cell by
-- cell.  A part that comes after this one brings the privileges and policies of its own tables with it.
--
-- Whom staff see is one question, coachiatry.sees(program, person_id, roles...), which the planner knows as a condition for an index; it looks the answer up
-- once a statement, in sees_persons() below.  What a statement changes or locks is asked about once more, row by row, by still_sees(): another transaction may
-- have ended the assignment while the row was waited for.

--
-- Who is asking
--

CREATE FUNCTION @program@.acts_as_owner() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_catalog.pg_has_role(COALESCE(NULLIF(pg_catalog.current_setting('role'), 'none'), SESSION_USER::text)::name, '@prefix@_owner', 'USAGE');

COMMENT ON FUNCTION @program@.acts_as_owner() IS
'Whether the role of SET ROLE, or else of the login, has the rights of the program''s owner: what functions that run as the owner ask before they do what only the owner may.';

CREATE FUNCTION @program@.own_person(VARIADIC scope text[]) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN COALESCE(@program@.actor_person_id(), (
		SELECT x.person_id FROM @program@.proxy x
		WHERE x.person_id = @program@.actor_proxied_person_id() AND x.proxy_id = @program@.actor_proxy_id() AND x.scope && own_person.scope));
END
$$;

COMMENT ON FUNCTION @program@.own_person(text[]) IS
'The person who is acting, or for whom a proxy is acting whose scope has any of these words (proxy.scope). NULL for anybody else.';

CREATE FUNCTION @program@.grounds(staff_id bigint)
RETURNS TABLE (person_id bigint, ground text, through_staff bigint, assigned_as text, during daterange, holds boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
BEGIN ATOMIC
	WITH RECURSIVE me AS (
		SELECT s.staff_id, s.role, s.organization_id FROM @program@.staff s WHERE s.staff_id = grounds.staff_id
	), tree AS (
		SELECT s.staff_id FROM me m JOIN @program@.staff s ON s.supervisor_id = m.staff_id WHERE m.role = 'supervisor'
		UNION
		SELECT s.staff_id FROM tree t JOIN @program@.staff s ON s.supervisor_id = t.staff_id
	), ground AS (
		SELECT a.person_id, 'assigned' AS ground, a.staff_id, a.role, a.during
		FROM me m JOIN @program@.assignment a ON a.staff_id = m.staff_id
		WHERE m.role IN ('coach', 'supervisor', 'prescriber', 'therapist')
		UNION ALL
		SELECT a.person_id, 'supervises', a.staff_id, a.role, a.during
		FROM tree t JOIN @program@.assignment a ON a.staff_id = t.staff_id
		WHERE a.role IN ('coach', 'supervisor')
		UNION ALL
		SELECT a.person_id, 'supervises clinically', a.staff_id, a.role, a.during
		FROM me m JOIN @program@.assignment a ON a.clinical_supervisor_id = m.staff_id
		WHERE m.role IN ('prescriber', 'therapist')
	), near AS MATERIALIZED (
		SELECT pg_catalog.daterange(u.utc - 2, u.utc + 2) AS days FROM (SELECT pg_catalog.timezone('UTC', coachiatry.clock())::date AS utc) u
	)
	-- Today is the person's; but wherever they are, and whenever their day starts, it is one of four days.
	SELECT g.person_id, g.ground, g.staff_id, g.role, g.during, CASE
		WHEN g.during @> n.days THEN true
		WHEN NOT g.during && n.days THEN false
		ELSE g.during @> coachiatry.adherence_day(coachiatry.clock(),
			(SELECT p.time_zone FROM @program@.person p WHERE p.person_id = g.person_id), (SELECT i.day_start FROM @program@.program_info i)) END
	FROM ground g
	CROSS JOIN near n
	UNION ALL
	SELECT p.person_id, 'enrols', NULL, NULL, NULL, true
	FROM me m JOIN @program@.person p ON p.organization_id IS NOT DISTINCT FROM m.organization_id
	WHERE m.role = 'coordinator';
END;

COMMENT ON FUNCTION @program@.grounds(bigint) IS
'Why a member of staff sees persons, a row for each ground, past ones too: assigned (to them, in whatever role); supervises (a supervisor: somebody in their tree is assigned as coach or supervisor); supervises clinically (a prescriber or therapist: they are the clinical supervisor of the assignment); enrols (a coordinator: the person is of their organisation, or both of none). through_staff is who is assigned; holds, whether the assignment is in force today in the person''s time zone. No rows for other roles. Reads with the rights of the caller.';

CREATE FUNCTION @program@.sees_persons(staff_id bigint) RETURNS TABLE (person_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
BEGIN ATOMIC
	SELECT DISTINCT g.person_id FROM @program@.grounds(sees_persons.staff_id) g WHERE g.holds ORDER BY g.person_id;
END;

CREATE FUNCTION @program@.sees_person(staff_id bigint, person_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM @program@.grounds(sees_person.staff_id) g WHERE g.person_id = sees_person.person_id AND g.holds);

-- The three ways in which an organisation can be another are each a look into an index.
CREATE FUNCTION @program@.sees_everybody(staff_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
	SELECT FROM @program@.staff s
	WHERE s.staff_id = sees_everybody.staff_id AND s.role = 'coordinator'
		AND NOT EXISTS (SELECT FROM @program@.person p WHERE p.organization_id < s.organization_id)
		AND NOT EXISTS (SELECT FROM @program@.person p WHERE p.organization_id > s.organization_id)
		AND NOT EXISTS (SELECT FROM @program@.person p WHERE p.organization_id IS NULL AND s.organization_id IS NOT NULL)
		AND NOT EXISTS (SELECT FROM @program@.person p WHERE p.organization_id IS NOT NULL AND s.organization_id IS NULL));

REVOKE ALL ON FUNCTION @program@.grounds(bigint), @program@.sees_persons(bigint), @program@.sees_person(bigint, bigint), @program@.sees_everybody(bigint)
FROM PUBLIC;
COMMENT ON FUNCTION @program@.sees_persons(bigint) IS
'The persons whom a member of staff sees today, each once, in ascending order: those for whom one of the grounds holds. coachiatry.sees() asks it as the owner.';
COMMENT ON FUNCTION @program@.sees_person(bigint, bigint) IS 'Whether a member of staff sees a person today, as sees_persons().';
COMMENT ON FUNCTION @program@.sees_everybody(bigint) IS
'Whether a member of staff is a coordinator of whose organisation all persons are: then nobody needs to look who they are.';

CREATE FUNCTION @program@.visible_persons(VARIADIC as_roles text[]) RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50
BEGIN ATOMIC
	SELECT pg_catalog.unnest(coachiatry.seen_persons('@program@'::regnamespace, VARIADIC as_roles));
END;

COMMENT ON FUNCTION @program@.visible_persons(text[]) IS
'The persons whom the member of staff who is acting sees today, if their role is one of these: coach, supervisor, prescriber, therapist, coordinator. No rows for anybody else. See grounds().';

CREATE FUNCTION @program@.own_organization() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT s.organization_id FROM @program@.staff s WHERE s.staff_id = @program@.actor_staff_id());
END
$$;

COMMENT ON FUNCTION @program@.own_organization() IS
'The organisation of the member of staff who is acting; NULL if they have none, and for anybody else.';

CREATE FUNCTION @program@.visible_staff() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 50
AS $$
DECLARE
	organization CONSTANT bigint := @program@.own_organization();
BEGIN
	IF @program@.actor_staff_id() IS NOT NULL THEN
		RETURN QUERY SELECT s.staff_id FROM @program@.staff s WHERE s.organization_id IS NOT DISTINCT FROM organization;
	END IF;
	RETURN QUERY
	SELECT c.staff_id
	FROM @program@.assignment a
	CROSS JOIN LATERAL (VALUES (a.staff_id), (a.clinical_supervisor_id)) AS c (staff_id)
	WHERE a.person_id = ANY (ARRAY(
		SELECT @program@.visible_persons('coach', 'supervisor', 'prescriber', 'therapist')
		UNION ALL SELECT @program@.own_person('calendar', 'check_in', 'message', 'report', 'measure')));
END
$$;

COMMENT ON FUNCTION @program@.visible_staff() IS
'The staff whose names whoever is acting may know, some of them twice: for staff, those of their own organisation, and whoever is or was assigned to somebody whom they see; for a person or proxy, whoever is or was assigned to that person. No rows for nobody.';

CREATE FUNCTION @program@.enrols_staff(VARIADIC staff_ids bigint[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- Not STABLE, as still_sees(): a row of staff may have been waited for.
	RETURN coachiatry.acts_as('@program@'::regnamespace, 'coordinator') AND NOT EXISTS (
		SELECT FROM unnest(staff_ids) AS n (staff_id)
		WHERE n.staff_id IS NOT NULL AND NOT EXISTS (
			SELECT FROM @program@.staff s
			WHERE s.staff_id = n.staff_id AND s.organization_id IS NOT DISTINCT FROM @program@.own_organization()));
END
$$;

COMMENT ON FUNCTION @program@.enrols_staff(bigint[]) IS
'Whether a coordinator is acting and all of these staff are of their organisation, by what has been committed up to now; NULL among them is passed over.';

CREATE FUNCTION @program@.still_sees(person_id bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	acting_as CONSTANT text := @program@.actor_role();
BEGIN
	-- Not STABLE: each call sees what has been committed by then.
	CASE acting_as
		WHEN 'person' THEN
			RETURN still_sees.person_id = @program@.actor_person_id();
		WHEN 'proxy' THEN
			RETURN EXISTS (SELECT FROM @program@.proxy x
				WHERE x.person_id = still_sees.person_id AND x.person_id = @program@.actor_proxied_person_id()
					AND x.proxy_id = @program@.actor_proxy_id() AND x.during @> (now() AT TIME ZONE 'UTC')::date);
		ELSE
			RETURN coachiatry.sees('@program@'::regnamespace, still_sees.person_id, acting_as);
	END CASE;
END
$$;

COMMENT ON FUNCTION @program@.still_sees(bigint) IS
'Whether whoever is acting sees a person by what has been committed up to now, not by what the statement saw when it began. Restrictive policies ask it of each row that is changed or locked.';

CREATE FUNCTION @program@.scores_for_coaches() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 10
AS $$
BEGIN
	RETURN QUERY SELECT i.instrument_id FROM @program@.instrument i WHERE i.for_coaches;
END
$$;

COMMENT ON FUNCTION @program@.scores_for_coaches() IS 'The instruments whose values come to coaches and their supervisors (instrument.for_coaches).';

REVOKE ALL ON FUNCTION @program@.own_person(text[]), @program@.own_organization(), @program@.visible_staff(),
	@program@.enrols_staff(bigint[]), @program@.still_sees(bigint), @program@.scores_for_coaches() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.own_person(text[]), @program@.own_organization(), @program@.visible_staff(),
	@program@.enrols_staff(bigint[]), @program@.still_sees(bigint), @program@.scores_for_coaches()
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator, @prefix@_practice_coach, @prefix@_auditor;

--
-- Reference tables: no row of theirs is about a person
--

GRANT SELECT ON @program@.organization, @program@.site, @program@.task_kind, @program@.instrument
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator, @prefix@_practice_coach,
	@prefix@_analyst, @prefix@_auditor;

--
-- People
--

ALTER TABLE @program@.staff ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT (staff_id, name, role, discipline) ON @program@.staff TO @prefix@_person;
GRANT SELECT (staff_id, organization_id, name, role, discipline, licensed, supervisor_id, employed, created_at) ON @program@.staff
TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_practice_coach, @prefix@_auditor;
GRANT SELECT, INSERT (organization_id, name, role, discipline, licensed, supervisor_id, employed),
	UPDATE (name, discipline, supervisor_id, employed) ON @program@.staff TO @prefix@_coordinator;
CREATE POLICY owner ON @program@.staff TO @prefix@_owner USING (true);
CREATE POLICY colleagues ON @program@.staff FOR SELECT
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_practice_coach
USING (staff_id = ANY (ARRAY(SELECT @program@.visible_staff())));
CREATE POLICY enrolled ON @program@.staff FOR SELECT TO @prefix@_coordinator
USING ((SELECT coachiatry.acts_as('@program@', 'coordinator')) AND organization_id IS NOT DISTINCT FROM (SELECT @program@.own_organization()));
CREATE POLICY audit ON @program@.staff FOR SELECT TO @prefix@_auditor USING ((SELECT coachiatry.acts_as('@program@', 'auditor')));
CREATE POLICY enrol ON @program@.staff FOR INSERT TO @prefix@_coordinator
WITH CHECK (@program@.enrols_staff(supervisor_id) AND organization_id IS NOT DISTINCT FROM (SELECT @program@.own_organization()));
CREATE POLICY keep ON @program@.staff FOR UPDATE TO @prefix@_coordinator
USING (@program@.enrols_staff(staff_id)) WITH CHECK (@program@.enrols_staff(staff_id, supervisor_id));

ALTER TABLE @program@.person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE (name, time_zone, locale) ON @program@.person TO @prefix@_person;
GRANT SELECT ON @program@.person TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
GRANT SELECT, INSERT (organization_id, site_id, name, time_zone, locale, birth_year), UPDATE (site_id, name, time_zone, locale, birth_year)
ON @program@.person TO @prefix@_coordinator;
GRANT SELECT (person_id, organization_id, site_id, merged_into, created_at) ON @program@.person TO @prefix@_auditor;
CREATE POLICY owner ON @program@.person TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.person FOR SELECT TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('calendar', 'check_in', 'message', 'report', 'measure')));
CREATE POLICY own_update ON @program@.person FOR UPDATE TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY team ON @program@.person FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY enrolled ON @program@.person TO @prefix@_coordinator
USING ((SELECT coachiatry.acts_as('@program@', 'coordinator')) AND organization_id IS NOT DISTINCT FROM (SELECT @program@.own_organization()));
CREATE POLICY audit ON @program@.person FOR SELECT TO @prefix@_auditor USING ((SELECT coachiatry.acts_as('@program@', 'auditor')));
CREATE POLICY still_update ON @program@.person AS RESTRICTIVE FOR UPDATE TO @prefix@_person, @prefix@_coordinator USING (@program@.still_sees(person_id));

ALTER TABLE @program@.person_characteristic ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON @program@.person_characteristic TO @prefix@_person;
CREATE POLICY owner ON @program@.person_characteristic TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.person_characteristic TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY still_update ON @program@.person_characteristic AS RESTRICTIVE FOR UPDATE TO @prefix@_person USING (@program@.still_sees(person_id));
CREATE POLICY still_delete ON @program@.person_characteristic AS RESTRICTIVE FOR DELETE TO @prefix@_person USING (@program@.still_sees(person_id));

ALTER TABLE @program@.preference ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON @program@.preference TO @prefix@_person;
GRANT SELECT, INSERT, UPDATE (channel, hours_from, hours_until, tone, updated_at) ON @program@.preference TO @prefix@_coach;
GRANT SELECT ON @program@.preference TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.preference TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.preference FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('message')));
CREATE POLICY own_insert ON @program@.preference FOR INSERT TO @prefix@_person WITH CHECK (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY own_update ON @program@.preference FOR UPDATE TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY own_delete ON @program@.preference FOR DELETE TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY team ON @program@.preference FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY coach_insert ON @program@.preference FOR INSERT TO @prefix@_coach
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach'));
CREATE POLICY coach_update ON @program@.preference FOR UPDATE TO @prefix@_coach
USING (coachiatry.sees('@program@', person_id, 'coach'));
CREATE POLICY still_update ON @program@.preference AS RESTRICTIVE FOR UPDATE TO @prefix@_person, @prefix@_coach USING (@program@.still_sees(person_id));
CREATE POLICY still_delete ON @program@.preference AS RESTRICTIVE FOR DELETE TO @prefix@_person USING (@program@.still_sees(person_id));

ALTER TABLE @program@.proxy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT (person_id, proxy_id, name, relation, scope, during, created_at) ON @program@.proxy
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
GRANT SELECT, INSERT (person_id, name, relation, scope, during), UPDATE (name, relation, scope, during) ON @program@.proxy TO @prefix@_coordinator;
CREATE POLICY owner ON @program@.proxy TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.proxy FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY self ON @program@.proxy FOR SELECT TO @prefix@_person
USING (person_id = (SELECT @program@.actor_proxied_person_id()) AND proxy_id = (SELECT @program@.actor_proxy_id()));
CREATE POLICY team ON @program@.proxy FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY enrolled ON @program@.proxy FOR SELECT TO @prefix@_coordinator USING (coachiatry.sees('@program@', person_id, 'coordinator'));
CREATE POLICY enrol ON @program@.proxy FOR INSERT TO @prefix@_coordinator WITH CHECK (coachiatry.sees('@program@', person_id, 'coordinator'));
CREATE POLICY keep ON @program@.proxy FOR UPDATE TO @prefix@_coordinator USING (coachiatry.sees('@program@', person_id, 'coordinator'));
CREATE POLICY still_update ON @program@.proxy AS RESTRICTIVE FOR UPDATE TO @prefix@_coordinator USING (@program@.still_sees(person_id));

ALTER TABLE @program@.episode ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.episode TO @prefix@_person, @prefix@_coach;
GRANT SELECT, UPDATE (readiness, tier, ended, reason) ON @program@.episode TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
GRANT SELECT, INSERT (person_id, referred_by, referred_from, offered, accepted, readiness, tier, started),
	UPDATE (referred_by, referred_from, offered, accepted, readiness, tier, started, ended, reason) ON @program@.episode TO @prefix@_coordinator;
CREATE POLICY owner ON @program@.episode TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.episode FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar')));
CREATE POLICY team ON @program@.episode FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY team_update ON @program@.episode FOR UPDATE TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY enrolled ON @program@.episode FOR SELECT TO @prefix@_coordinator USING (coachiatry.sees('@program@', person_id, 'coordinator'));
CREATE POLICY enrol ON @program@.episode FOR INSERT TO @prefix@_coordinator WITH CHECK (coachiatry.sees('@program@', person_id, 'coordinator') AND @program@.enrols_staff(referred_by));
CREATE POLICY keep ON @program@.episode FOR UPDATE TO @prefix@_coordinator
USING (coachiatry.sees('@program@', person_id, 'coordinator')) WITH CHECK (coachiatry.sees('@program@', person_id, 'coordinator') AND @program@.enrols_staff(referred_by));
CREATE POLICY still_update ON @program@.episode AS RESTRICTIVE FOR UPDATE
TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator USING (@program@.still_sees(person_id));

ALTER TABLE @program@.assignment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.assignment
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_auditor;
GRANT SELECT, INSERT (person_id, staff_id, role, clinical_supervisor_id, during), UPDATE (clinical_supervisor_id, during) ON @program@.assignment
TO @prefix@_coordinator;
CREATE POLICY owner ON @program@.assignment TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.assignment FOR SELECT TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('calendar', 'check_in', 'message', 'report', 'measure')));
CREATE POLICY team ON @program@.assignment FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY enrolled ON @program@.assignment FOR SELECT TO @prefix@_coordinator USING (coachiatry.sees('@program@', person_id, 'coordinator'));
CREATE POLICY enrol ON @program@.assignment FOR INSERT TO @prefix@_coordinator
WITH CHECK (coachiatry.sees('@program@', person_id, 'coordinator') AND @program@.enrols_staff(staff_id, clinical_supervisor_id));
CREATE POLICY keep ON @program@.assignment FOR UPDATE TO @prefix@_coordinator
USING (coachiatry.sees('@program@', person_id, 'coordinator')) WITH CHECK (coachiatry.sees('@program@', person_id, 'coordinator') AND @program@.enrols_staff(clinical_supervisor_id));
CREATE POLICY audit ON @program@.assignment FOR SELECT TO @prefix@_auditor USING ((SELECT coachiatry.acts_as('@program@', 'auditor')));
CREATE POLICY still_update ON @program@.assignment AS RESTRICTIVE FOR UPDATE TO @prefix@_coordinator USING (@program@.still_sees(person_id));

ALTER TABLE @program@.coverage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.coverage TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_auditor;
GRANT SELECT, INSERT (staff_id, during, hours_from, hours_until, weekdays, time_zone, on_call, covers_for),
	UPDATE (during, hours_from, hours_until, weekdays, time_zone, on_call), DELETE ON @program@.coverage TO @prefix@_coordinator;
CREATE POLICY owner ON @program@.coverage TO @prefix@_owner USING (true);
CREATE POLICY colleagues ON @program@.coverage FOR SELECT
TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator
USING (staff_id = ANY (ARRAY(SELECT @program@.visible_staff())));
CREATE POLICY audit ON @program@.coverage FOR SELECT TO @prefix@_auditor USING ((SELECT coachiatry.acts_as('@program@', 'auditor')));
CREATE POLICY enrol ON @program@.coverage FOR INSERT TO @prefix@_coordinator WITH CHECK (@program@.enrols_staff(staff_id, covers_for));
CREATE POLICY keep ON @program@.coverage FOR UPDATE TO @prefix@_coordinator USING (@program@.enrols_staff(staff_id));
CREATE POLICY remove ON @program@.coverage FOR DELETE TO @prefix@_coordinator USING (@program@.enrols_staff(staff_id));

--
-- The plan
--

ALTER TABLE @program@.goal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE (words, why, status) ON @program@.goal TO @prefix@_person;
GRANT SELECT ON @program@.goal TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.goal TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.goal FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar', 'message')));
CREATE POLICY own_insert ON @program@.goal FOR INSERT TO @prefix@_person WITH CHECK (person_id = (SELECT @program@.own_person('message')));
CREATE POLICY own_update ON @program@.goal FOR UPDATE TO @prefix@_person USING (person_id = (SELECT @program@.own_person('message')));
CREATE POLICY team ON @program@.goal FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY still_update ON @program@.goal AS RESTRICTIVE FOR UPDATE TO @prefix@_person USING (@program@.still_sees(person_id));

ALTER TABLE @program@.plan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.plan TO @prefix@_person, @prefix@_coach, @prefix@_supervisor;
GRANT SELECT, INSERT (person_id, written_by, words, written_at), UPDATE (words, reconciled_at, ended_at) ON @program@.plan
TO @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.plan TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.plan FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar')));
CREATE POLICY team ON @program@.plan FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.plan FOR INSERT TO @prefix@_prescriber, @prefix@_therapist
WITH CHECK (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND written_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY correct ON @program@.plan FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND written_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY still_update ON @program@.plan AS RESTRICTIVE FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));

-- Medication tasks are the prescribers'; coaches change none: they write steps, and ask (plan_change_request).
ALTER TABLE @program@.task ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.task TO @prefix@_person, @prefix@_coach, @prefix@_supervisor;
GRANT SELECT, INSERT (person_id, episode_id, plan_id, goal_id, kind, title, schedule, starts_at, ends, units, max_units_per_day, gap_hazard_days,
		gap_instruction, show_streak, tags, status, prescribed_by),
	UPDATE (plan_id, goal_id, title, schedule, starts_at, ends, units, max_units_per_day, gap_hazard_days, gap_instruction, show_streak, tags, status)
ON @program@.task TO @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.task TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.task FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar', 'check_in')));
CREATE POLICY team ON @program@.task FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY prescribe ON @program@.task FOR INSERT TO @prefix@_prescriber
WITH CHECK (coachiatry.sees('@program@', person_id, 'prescriber') AND prescribed_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY represcribe ON @program@.task FOR UPDATE TO @prefix@_prescriber
USING (coachiatry.sees('@program@', person_id, 'prescriber'));
CREATE POLICY write ON @program@.task FOR INSERT TO @prefix@_therapist
WITH CHECK (coachiatry.sees('@program@', person_id, 'therapist') AND kind <> 'medication' AND prescribed_by IS NULL);
CREATE POLICY correct ON @program@.task FOR UPDATE TO @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'therapist') AND kind <> 'medication');
CREATE POLICY still_update ON @program@.task AS RESTRICTIVE FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));

ALTER TABLE @program@.task_revision ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.task_revision TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_therapist;
GRANT SELECT, DELETE ON @program@.task_revision TO @prefix@_prescriber;
CREATE POLICY owner ON @program@.task_revision TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.task_revision FOR SELECT TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('calendar', 'check_in')));
CREATE POLICY team ON @program@.task_revision FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY remove ON @program@.task_revision FOR DELETE TO @prefix@_prescriber
USING (coachiatry.sees('@program@', person_id, 'prescriber'));
CREATE POLICY still_delete ON @program@.task_revision AS RESTRICTIVE FOR DELETE TO @prefix@_prescriber USING (@program@.still_sees(person_id));

ALTER TABLE @program@.task_step ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE (done_at) ON @program@.task_step TO @prefix@_person;
GRANT SELECT, INSERT (person_id, task_id, position, words, written_by, done_at), UPDATE (position, words, done_at), DELETE ON @program@.task_step
TO @prefix@_coach;
GRANT SELECT ON @program@.task_step TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.task_step TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.task_step FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar', 'check_in')));
CREATE POLICY own_update ON @program@.task_step FOR UPDATE TO @prefix@_person USING (person_id = (SELECT @program@.own_person('check_in')));
CREATE POLICY team ON @program@.task_step FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.task_step FOR INSERT TO @prefix@_coach
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach') AND written_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY correct ON @program@.task_step FOR UPDATE TO @prefix@_coach
USING (coachiatry.sees('@program@', person_id, 'coach'));
CREATE POLICY remove ON @program@.task_step FOR DELETE TO @prefix@_coach
USING (coachiatry.sees('@program@', person_id, 'coach'));
CREATE POLICY still_update ON @program@.task_step AS RESTRICTIVE FOR UPDATE TO @prefix@_person, @prefix@_coach USING (@program@.still_sees(person_id));
CREATE POLICY still_delete ON @program@.task_step AS RESTRICTIVE FOR DELETE TO @prefix@_coach USING (@program@.still_sees(person_id));

ALTER TABLE @program@.commitment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT (person_id, task_id, if_cue, then_action, due_on, place, obstacle, contingency, confidence, importance, made_at, kept),
	UPDATE (if_cue, then_action, due_on, place, obstacle, contingency, confidence, importance, kept) ON @program@.commitment TO @prefix@_person;
GRANT SELECT, INSERT (person_id, task_id, if_cue, then_action, due_on, place, obstacle, contingency, confidence, importance, witnessed_by, made_at, kept),
	UPDATE (if_cue, then_action, due_on, place, obstacle, contingency, confidence, importance, kept) ON @program@.commitment TO @prefix@_coach;
GRANT SELECT ON @program@.commitment TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.commitment TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.commitment FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar')));
CREATE POLICY own_insert ON @program@.commitment FOR INSERT TO @prefix@_person WITH CHECK (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY own_update ON @program@.commitment FOR UPDATE TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY team ON @program@.commitment FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.commitment FOR INSERT TO @prefix@_coach
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach') AND witnessed_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY correct ON @program@.commitment FOR UPDATE TO @prefix@_coach
USING (coachiatry.sees('@program@', person_id, 'coach'));
CREATE POLICY still_update ON @program@.commitment AS RESTRICTIVE FOR UPDATE TO @prefix@_person, @prefix@_coach USING (@program@.still_sees(person_id));

ALTER TABLE @program@.excused_period ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.excused_period TO @prefix@_person, @prefix@_coach, @prefix@_supervisor;
GRANT SELECT, INSERT (person_id, task_id, during, reason, excused_by), UPDATE (during, reason), DELETE ON @program@.excused_period
TO @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.excused_period TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.excused_period FOR SELECT TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('calendar', 'check_in')));
CREATE POLICY team ON @program@.excused_period FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.excused_period FOR INSERT TO @prefix@_prescriber, @prefix@_therapist
WITH CHECK (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND excused_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY correct ON @program@.excused_period FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND excused_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY remove ON @program@.excused_period FOR DELETE TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND excused_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY still_update ON @program@.excused_period AS RESTRICTIVE FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));
CREATE POLICY still_delete ON @program@.excused_period AS RESTRICTIVE FOR DELETE TO @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));

-- Whoever may change the task answers: of a medication, a prescriber.
ALTER TABLE @program@.plan_change_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.plan_change_request TO @prefix@_person, @prefix@_supervisor;
GRANT SELECT, INSERT (person_id, task_id, asked_by, words, asked_at) ON @program@.plan_change_request TO @prefix@_coach;
GRANT SELECT, UPDATE (answered_by, answer, answered_at) ON @program@.plan_change_request TO @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.plan_change_request TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.plan_change_request FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY team ON @program@.plan_change_request FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY ask ON @program@.plan_change_request FOR INSERT TO @prefix@_coach
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach') AND asked_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY answer ON @program@.plan_change_request FOR UPDATE TO @prefix@_prescriber
USING (coachiatry.sees('@program@', person_id, 'prescriber')
	AND (answered_by IS NULL OR answered_by = (SELECT @program@.actor_staff_id())))
WITH CHECK (answered_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY answer_others ON @program@.plan_change_request FOR UPDATE TO @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'therapist')
	AND (answered_by IS NULL OR answered_by = (SELECT @program@.actor_staff_id()))
	AND EXISTS (SELECT FROM @program@.task t
		WHERE t.person_id = plan_change_request.person_id AND t.task_id = plan_change_request.task_id AND t.kind <> 'medication'))
WITH CHECK (answered_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY still_update ON @program@.plan_change_request AS RESTRICTIVE FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));

--
-- The record
--

ALTER TABLE @program@.check_in ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE (taken, missed, started_at, extent, difficulty, reason, note), DELETE ON @program@.check_in TO @prefix@_person, @prefix@_coach;
GRANT SELECT ON @program@.check_in TO @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.check_in TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.check_in FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar', 'check_in')));
CREATE POLICY own_insert ON @program@.check_in FOR INSERT TO @prefix@_person
WITH CHECK (person_id = (SELECT @program@.own_person('check_in')) AND source = (SELECT @program@.actor_role()));
CREATE POLICY own_update ON @program@.check_in FOR UPDATE TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('check_in')) AND source = (SELECT @program@.actor_role()));
CREATE POLICY own_delete ON @program@.check_in FOR DELETE TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('check_in')) AND source = (SELECT @program@.actor_role()));
CREATE POLICY team ON @program@.check_in FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.check_in FOR INSERT TO @prefix@_coach
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach') AND source IN ('coach', 'seen'));
CREATE POLICY correct ON @program@.check_in FOR UPDATE TO @prefix@_coach
USING (coachiatry.sees('@program@', person_id, 'coach') AND source IN ('coach', 'seen'));
CREATE POLICY remove ON @program@.check_in FOR DELETE TO @prefix@_coach
USING (coachiatry.sees('@program@', person_id, 'coach') AND source IN ('coach', 'seen'));
CREATE POLICY still_update ON @program@.check_in AS RESTRICTIVE FOR UPDATE TO @prefix@_person, @prefix@_coach USING (@program@.still_sees(person_id));
CREATE POLICY still_delete ON @program@.check_in AS RESTRICTIVE FOR DELETE TO @prefix@_person, @prefix@_coach USING (@program@.still_sees(person_id));

ALTER TABLE @program@.verification ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.verification TO @prefix@_person, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
GRANT SELECT, INSERT (person_id, check_in_id, method, confirmed, verified_by, verified_at, note) ON @program@.verification TO @prefix@_coach;
CREATE POLICY owner ON @program@.verification TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.verification FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar')));
CREATE POLICY team ON @program@.verification FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.verification FOR INSERT TO @prefix@_coach
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach') AND verified_by = (SELECT @program@.actor_staff_id()));

ALTER TABLE @program@.supply ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.supply TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.supply TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.supply FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar')));
CREATE POLICY team ON @program@.supply FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));

-- Scores are the clinicians'; coaches and their supervisors see those of the instruments that are marked so.
ALTER TABLE @program@.measurement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE (value, unit, measured_at), DELETE ON @program@.measurement TO @prefix@_person, @prefix@_prescriber, @prefix@_therapist;
GRANT SELECT ON @program@.measurement TO @prefix@_coach, @prefix@_supervisor;
CREATE POLICY owner ON @program@.measurement TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.measurement FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('measure')));
CREATE POLICY own_insert ON @program@.measurement FOR INSERT TO @prefix@_person
WITH CHECK (person_id = (SELECT @program@.own_person('measure')) AND source = (SELECT @program@.actor_role()));
CREATE POLICY own_update ON @program@.measurement FOR UPDATE TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('measure')) AND source = (SELECT @program@.actor_role()));
CREATE POLICY own_delete ON @program@.measurement FOR DELETE TO @prefix@_person
USING (person_id = (SELECT @program@.own_person('measure')) AND source = (SELECT @program@.actor_role()));
CREATE POLICY clinicians ON @program@.measurement FOR SELECT TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist'));
CREATE POLICY coaches ON @program@.measurement FOR SELECT TO @prefix@_coach, @prefix@_supervisor
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor')
	AND instrument_id = ANY (ARRAY(SELECT @program@.scores_for_coaches())));
CREATE POLICY write ON @program@.measurement FOR INSERT TO @prefix@_prescriber, @prefix@_therapist
WITH CHECK (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist') AND source = 'seen');
CREATE POLICY correct ON @program@.measurement FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist') AND source = 'seen');
CREATE POLICY remove ON @program@.measurement FOR DELETE TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist') AND source = 'seen');
CREATE POLICY still_update ON @program@.measurement AS RESTRICTIVE FOR UPDATE TO @prefix@_person, @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));
CREATE POLICY still_delete ON @program@.measurement AS RESTRICTIVE FOR DELETE TO @prefix@_person, @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));

ALTER TABLE @program@.clinical_note ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT (person_id, written_by, body, written_at) ON @program@.clinical_note TO @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.clinical_note TO @prefix@_owner USING (true);
CREATE POLICY clinicians ON @program@.clinical_note FOR SELECT TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.clinical_note FOR INSERT TO @prefix@_prescriber, @prefix@_therapist
WITH CHECK (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND written_by = (SELECT @program@.actor_staff_id()));

ALTER TABLE @program@.diagnosis ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT (person_id, made_by, code_system, code, words, during), UPDATE (words, during) ON @program@.diagnosis
TO @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.diagnosis TO @prefix@_owner USING (true);
CREATE POLICY clinicians ON @program@.diagnosis FOR SELECT TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.diagnosis FOR INSERT TO @prefix@_prescriber, @prefix@_therapist
WITH CHECK (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND made_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY correct ON @program@.diagnosis FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist')
	AND made_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY still_update ON @program@.diagnosis AS RESTRICTIVE FOR UPDATE TO @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));

ALTER TABLE @program@.contact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.contact TO @prefix@_person;
GRANT SELECT, INSERT (person_id, staff_id, channel, began_by, agency, started_at, ended_at, replied_after, reached),
	UPDATE (channel, began_by, agency, started_at, ended_at, replied_after, reached) ON @program@.contact
TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.contact TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.contact FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('message')));
CREATE POLICY team ON @program@.contact FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY write ON @program@.contact FOR INSERT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist')
	AND staff_id = (SELECT @program@.actor_staff_id()));
CREATE POLICY correct ON @program@.contact FOR UPDATE TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist')
	AND staff_id = (SELECT @program@.actor_staff_id()));
CREATE POLICY still_update ON @program@.contact AS RESTRICTIVE FOR UPDATE TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (@program@.still_sees(person_id));

-- The conversation is the person's and the coach's.  A clinician reads the report, not the chat; a supervisor reads what was flagged.
ALTER TABLE @program@.message ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT (person_id, author_kind, body, lang) ON @program@.message TO @prefix@_person;
GRANT SELECT, INSERT (person_id, author_kind, author, body, lang) ON @program@.message TO @prefix@_coach;
GRANT SELECT, UPDATE (scope_check) ON @program@.message TO @prefix@_supervisor;
CREATE POLICY owner ON @program@.message TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.message FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('message')));
CREATE POLICY own_insert ON @program@.message FOR INSERT TO @prefix@_person
WITH CHECK (person_id = (SELECT @program@.own_person('message')) AND author_kind = (SELECT @program@.actor_role()));
CREATE POLICY coach ON @program@.message FOR SELECT TO @prefix@_coach USING (coachiatry.sees('@program@', person_id, 'coach'));
CREATE POLICY write ON @program@.message FOR INSERT TO @prefix@_coach
WITH CHECK (coachiatry.sees('@program@', person_id, 'coach') AND author = (SELECT @program@.actor_staff_id()));
CREATE POLICY flagged ON @program@.message FOR SELECT TO @prefix@_supervisor
USING (coachiatry.sees('@program@', person_id, 'supervisor') AND scope_check IN ('flagged', 'reviewed'));
CREATE POLICY review ON @program@.message FOR UPDATE TO @prefix@_supervisor
USING (coachiatry.sees('@program@', person_id, 'supervisor') AND scope_check = 'flagged')
WITH CHECK (scope_check = 'reviewed');
CREATE POLICY still_update ON @program@.message AS RESTRICTIVE FOR UPDATE TO @prefix@_supervisor USING (@program@.still_sees(person_id));

ALTER TABLE @program@.support_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT (person_id, words) ON @program@.support_request TO @prefix@_person;
GRANT SELECT, UPDATE (answered_by, answered_at) ON @program@.support_request
TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.support_request TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.support_request FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('message')));
CREATE POLICY own_insert ON @program@.support_request FOR INSERT TO @prefix@_person
WITH CHECK (person_id = (SELECT @program@.own_person('message')));
CREATE POLICY team ON @program@.support_request FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));
CREATE POLICY answer ON @program@.support_request FOR UPDATE TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist') AND answered_by IS NULL)
WITH CHECK (answered_by = (SELECT @program@.actor_staff_id()));
CREATE POLICY still_update ON @program@.support_request AS RESTRICTIVE FOR UPDATE
TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist USING (@program@.still_sees(person_id));

-- An auditor sees that, when and by whom something was changed, not what it said.
ALTER TABLE @program@.correction ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.correction TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
GRANT SELECT (person_id, correction_id, record, record_id, deleted, corrected_at, corrected_by) ON @program@.correction TO @prefix@_auditor;
CREATE POLICY owner ON @program@.correction TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.correction FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.actor_person_id()));
CREATE POLICY clinicians ON @program@.correction FOR SELECT TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist'));
CREATE POLICY coaches ON @program@.correction FOR SELECT TO @prefix@_coach, @prefix@_supervisor
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor')
	AND (record <> 'measurement' OR (was ->> 'instrument_id')::bigint = ANY (ARRAY(SELECT @program@.scores_for_coaches()))));
CREATE POLICY audit ON @program@.correction FOR SELECT TO @prefix@_auditor USING ((SELECT coachiatry.acts_as('@program@', 'auditor')));

--
-- What is kept
--

ALTER TABLE @program@.task_calendar ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.task_calendar TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.task_calendar TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.task_calendar FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('calendar', 'check_in')));
CREATE POLICY team ON @program@.task_calendar FOR SELECT TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor', 'prescriber', 'therapist'));

ALTER TABLE @program@.measure_series ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT ON @program@.measure_series TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
CREATE POLICY owner ON @program@.measure_series TO @prefix@_owner USING (true);
CREATE POLICY own ON @program@.measure_series FOR SELECT TO @prefix@_person USING (person_id = (SELECT @program@.own_person('measure')));
CREATE POLICY clinicians ON @program@.measure_series FOR SELECT TO @prefix@_prescriber, @prefix@_therapist
USING (coachiatry.sees('@program@', person_id, 'prescriber', 'therapist'));
CREATE POLICY coaches ON @program@.measure_series FOR SELECT TO @prefix@_coach, @prefix@_supervisor
USING (coachiatry.sees('@program@', person_id, 'coach', 'supervisor')
	AND instrument_id = ANY (ARRAY(SELECT @program@.scores_for_coaches())));

--
-- Views: what they show is decided by the tables below them
--

GRANT SELECT ON @program@.effective_calendar, @program@.coached, @program@.my_calendar
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;
GRANT SELECT ON @program@.coached TO @prefix@_coordinator;
GRANT SELECT ON @program@.caseload, @program@.everyday_item, @program@.open_item, @program@.my_day, @program@.discordance
TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist;

--
-- Why
--

CREATE FUNCTION @program@.why_visible(staff_id bigint, person_id bigint) RETURNS TABLE (visible boolean, why text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	asked CONSTANT bigint := why_visible.person_id;
	member @program@.staff;
	employed boolean;
BEGIN
	IF NOT (@program@.acts_as_owner() OR coachiatry.acts_as('@program@'::regnamespace, 'auditor')
		OR COALESCE(@program@.actor_staff_id() = why_visible.staff_id, false)
		OR COALESCE(@program@.own_person('calendar', 'check_in', 'message', 'report', 'measure') = asked, false)
		OR COALESCE(coachiatry.sees('@program@', asked, 'coordinator'), false)
		OR asked = ANY (ARRAY(SELECT @program@.visible_persons('supervisor')))) THEN
		RETURN;
	END IF;
	SELECT s.* INTO member FROM @program@.staff s WHERE s.staff_id = why_visible.staff_id;
	-- Staff whom those who ask may not know are as if they were not there, unless they see or saw the person.
	IF member.staff_id IS NULL OR NOT (@program@.acts_as_owner() OR coachiatry.acts_as('@program@'::regnamespace, 'auditor') OR member.role = 'auditor'
		OR EXISTS (SELECT FROM @program@.visible_staff() v (staff_id) WHERE v.staff_id = member.staff_id)
		OR EXISTS (SELECT FROM @program@.grounds(member.staff_id) g WHERE g.person_id = asked)) THEN
		RETURN;
	END IF;
	employed := member.employed @> (now() AT TIME ZONE 'UTC')::date;
	IF NOT employed THEN
		RETURN QUERY SELECT false, format('staff %s does not work here today (%s): they can do nothing', member.staff_id, member.employed);
	END IF;
	IF member.role = 'auditor' THEN
		RETURN QUERY SELECT employed, format('as auditor, staff %s sees who changed what and when: no contents', member.staff_id)
		FROM @program@.person p WHERE p.person_id = asked;
	END IF;
	RETURN QUERY
	SELECT employed AND g.holds,
		concat_ws(', ', CASE g.ground
			WHEN 'assigned' THEN format('staff %s is assigned as %s', member.staff_id, g.assigned_as)
			WHEN 'enrols' THEN format('as coordinator of the same organisation, staff %s sees how the person is enrolled: no plan, no record, no messages', member.staff_id)
			WHEN 'supervises' THEN format('staff %s supervises staff %s, who is assigned as %s', member.staff_id, g.through_staff, g.assigned_as)
			ELSE format('staff %s is the clinical supervisor of staff %s, who is assigned as %s', member.staff_id, g.through_staff, g.assigned_as) END,
			'during ' || g.during,
			CASE WHEN NOT g.holds THEN 'which is not today' END)
	FROM @program@.grounds(member.staff_id) g
	WHERE g.person_id = asked
	ORDER BY g.holds DESC, lower(g.during), g.ground, g.through_staff;
	IF NOT FOUND AND member.role <> 'auditor' THEN
		RETURN QUERY SELECT false, CASE
			WHEN member.role = 'coordinator' THEN format('staff %s is coordinator of another organisation', member.staff_id)
			WHEN member.role IN ('practice_coach', 'analyst') THEN format('as %s, staff %s sees no person', member.role, member.staff_id)
			ELSE format('staff %s is not assigned to the person, and supervises nobody who is', member.staff_id) END;
	END IF;
END
$$;

REVOKE ALL ON FUNCTION @program@.why_visible(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.why_visible(bigint, bigint)
TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_coordinator, @prefix@_auditor;
COMMENT ON FUNCTION @program@.why_visible(bigint, bigint) IS
'Why a member of staff sees a person, or does not: a row for each ground, whether it makes them visible now, and in words. Grounds are those of grounds(), which the policies use: past and coming assignments are named too. Who may ask: the owner and auditors about everybody; staff about themselves; a person or proxy, the coordinators of the organisation, and supervisors of the coaching about that person. Others, and whoever asks about what does not exist, get no rows; nor do those who ask about staff whom they may not know (visible_staff) and who neither see nor saw the person.';
GRANT EXECUTE ON FUNCTION @program@.handover(bigint, bigint, tstzrange) TO @prefix@_coordinator;
