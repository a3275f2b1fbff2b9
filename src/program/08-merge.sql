-- Two records of one person become one.

CREATE FUNCTION @program@.merge_measurements(keep bigint, duplicate bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	FOR attempt IN 1..10 LOOP
		BEGIN
			WITH clash AS MATERIALIZED (
				SELECT d.instrument_id, d.item, d.measured_on, d.source
				FROM @program@.measurement d
				JOIN @program@.measurement k USING (instrument_id, item, measured_on, source, occurrence)
				WHERE d.person_id = duplicate AND k.person_id = keep
				GROUP BY d.instrument_id, d.item, d.measured_on, d.source
			), moving AS MATERIALIZED (
				SELECT d.measurement_id, c.*, row_number() OVER (PARTITION BY c.instrument_id, c.item, c.measured_on, c.source ORDER BY d.occurrence) AS nth
				FROM clash c
				JOIN @program@.measurement d USING (instrument_id, item, measured_on, source)
				WHERE d.person_id = duplicate
			), free AS MATERIALIZED (
				SELECT c.*, g.occurrence, row_number() OVER (PARTITION BY c.instrument_id, c.item, c.measured_on, c.source
					ORDER BY g.occurrence < u.last, g.occurrence) AS nth
				FROM clash c
				CROSS JOIN LATERAL (
					SELECT max(k.occurrence) AS last, array_agg(k.occurrence) AS taken FROM @program@.measurement k
					WHERE k.person_id = keep AND k.instrument_id = c.instrument_id AND k.item = c.item AND k.measured_on = c.measured_on AND k.source = c.source) u
				CROSS JOIN LATERAL generate_series(1, LEAST(32767, u.last + (SELECT count(*) FROM moving m
					WHERE (m.instrument_id, m.item, m.measured_on, m.source) = (c.instrument_id, c.item, c.measured_on, c.source)))) AS g (occurrence)
				WHERE g.occurrence <> ALL (u.taken)
			)
			UPDATE @program@.measurement d
			SET occurrence = f.occurrence, person_id = keep
			FROM moving m
			JOIN free f USING (instrument_id, item, measured_on, source, nth)
			WHERE d.person_id = duplicate AND d.measurement_id = m.measurement_id;
			UPDATE @program@.measurement d SET person_id = keep WHERE d.person_id = duplicate;
			RETURN;
		EXCEPTION WHEN unique_violation THEN
			-- One of the kept person's that was just being written: what has been waited for is seen now, unless nothing new ever is.
			IF attempt = 10 OR current_setting('transaction_isolation') <> 'read committed' THEN
				RAISE;
			END IF;
		END;
	END LOOP;
END
$$;

REVOKE ALL ON FUNCTION @program@.merge_measurements(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION @program@.merge_measurements(bigint, bigint) IS
'Part of merge_persons(): measurements become the kept person''s. Those of one day and source are another occurrence each: where numbers collide, the duplicate''s follow in their order, and once there is no higher one take those that are free.';

CREATE FUNCTION @program@.merge_persons(keep bigint, duplicate bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	person bigint;
	kept_episode bigint;
	merged_episode bigint;
BEGIN
	-- The tables before any row, as train_model() and rebuild_derived() wait for them first; tasks and reports before persons, as whoever writes or changes one reaches them.
	LOCK TABLE @program@.consent, @program@.task IN ROW EXCLUSIVE MODE;
	PERFORM FROM @program@.task t WHERE t.person_id = duplicate ORDER BY t.task_id FOR UPDATE;
	PERFORM FROM @program@.check_in c WHERE c.person_id = duplicate ORDER BY c.task_id, c.due_on, c.occurrence, c.source FOR UPDATE;
	PERFORM FROM @program@.measurement m WHERE m.person_id = duplicate ORDER BY m.instrument_id, m.item, m.measured_on, m.occurrence, m.source FOR UPDATE;
	-- What is written about the duplicate waits, and is seen as about the kept person, about whom anything may be written meanwhile. Each is locked once: a stronger lock later would wait for whoever waits for the weaker.
	FOR person IN SELECT p.person_id FROM @program@.person p WHERE p.person_id IN (keep, duplicate) OR p.merged_into = duplicate ORDER BY p.person_id LOOP
		IF person = keep THEN
			PERFORM FROM @program@.person p WHERE p.person_id = person FOR NO KEY UPDATE;
		ELSE
			PERFORM FROM @program@.person p WHERE p.person_id = person FOR UPDATE;
		END IF;
	END LOOP;
	IF keep = duplicate OR (SELECT count(*) FROM @program@.person p WHERE p.person_id IN (keep, duplicate)
		AND (p.merged_into IS NULL OR (p.person_id = duplicate AND p.merged_into = keep))) <> 2 THEN
		RAISE EXCEPTION 'cannot merge person % into person %', duplicate, keep
			USING ERRCODE = 'invalid_parameter_value', DETAIL = 'There must be two different persons, neither of whom was merged into somebody else before.';
	END IF;
	-- Rows move table by table; in between, keys refer to rows that have not yet come.
	SET CONSTRAINTS ALL DEFERRED;
	-- Nor would a warning find what it is about: the triggers of all these statements leave both persons alone until the end.
	UPDATE @program@.person p SET merging = pg_current_xact_id() WHERE p.person_id IN (keep, duplicate);

	-- First, since whoever has written one of the kept person's, for which this waits, may have to take a turn yet.
	PERFORM @program@.merge_measurements(keep, duplicate);
	PERFORM @program@.take_turns(ARRAY[keep, duplicate]);

	-- Of two open episodes the kept person's goes on, and takes over what is active.
	SELECT e.episode_id INTO kept_episode FROM @program@.episode e WHERE e.person_id = keep AND e.ended IS NULL;
	SELECT e.episode_id INTO merged_episode FROM @program@.episode e WHERE e.person_id = duplicate AND e.ended IS NULL;
	UPDATE @program@.task t
	SET person_id = keep, episode_id = CASE WHEN t.episode_id = merged_episode THEN COALESCE(kept_episode, merged_episode) ELSE t.episode_id END
	WHERE t.person_id = duplicate;
	IF kept_episode IS NOT NULL THEN
		UPDATE @program@.episode e
		SET ended = GREATEST(coachiatry.clock()::date, e.started), reason = 'merged'
		WHERE e.person_id = duplicate AND e.episode_id = merged_episode;
	END IF;
	UPDATE @program@.episode SET person_id = keep WHERE person_id = duplicate;

	-- What both say once is said once.
	DELETE FROM @program@.preference d
	WHERE d.person_id = duplicate AND EXISTS (SELECT FROM @program@.preference k WHERE k.person_id = keep);
	DELETE FROM @program@.person_characteristic d
	WHERE d.person_id = duplicate AND EXISTS (SELECT FROM @program@.person_characteristic k
		WHERE k.person_id = keep AND k.characteristic = d.characteristic AND k.value = d.value);
	DELETE FROM @program@.proxy d
	WHERE d.person_id = duplicate AND EXISTS (SELECT FROM @program@.proxy k WHERE k.person_id = keep AND k.token_subject = d.token_subject);

	UPDATE @program@.person_characteristic SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.preference SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.proxy SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.assignment SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.goal SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.plan SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.task_revision SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.task_step SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.commitment SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.excused_period SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.plan_change_request SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.check_in SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.verification SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.supply SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.clinical_note SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.diagnosis SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.contact SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.message SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.support_request SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.barrier SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.barrier_label SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.strategy_use SET person_id = keep WHERE person_id = duplicate;
	UPDATE @program@.scope_flag SET person_id = keep WHERE person_id = duplicate;
	-- Of two open referrals of one topic the kept person's goes on.
	UPDATE @program@.referral d SET state = 'closed', answer = 'merged', answered_at = coachiatry.clock()
	WHERE d.person_id = duplicate AND d.state = 'open'
		AND EXISTS (SELECT FROM @program@.referral k WHERE k.person_id = keep AND k.topic = d.topic AND k.state = 'open');
	UPDATE @program@.referral SET person_id = keep WHERE person_id = duplicate;
	PERFORM @program@.merge_text(keep, duplicate);
	UPDATE @program@.correction SET person_id = keep WHERE person_id = duplicate;
	PERFORM @program@.merge_warnings(keep, duplicate);
	SET CONSTRAINTS ALL IMMEDIATE;

	-- Whoever was merged into the duplicate is the kept person, too.
	UPDATE @program@.person p SET merged_into = keep, token_subject = NULL WHERE p.person_id = duplicate OR p.merged_into = duplicate;
	-- While they are merging: what is open stays open (change_warning).
	PERFORM @program@.apply_safety(ARRAY[keep]), @program@.apply_rules(ARRAY[keep], false, coachiatry.clock());
	UPDATE @program@.person p SET merging = NULL WHERE p.person_id IN (keep, duplicate);
	PERFORM @program@.reassign_warnings(ARRAY[keep]);
	-- What is written at the same time sees nothing of this, nor this of it.
	PERFORM @program@.look_by(ARRAY[keep], ARRAY[coachiatry.clock()]);
END
$$;

REVOKE ALL ON FUNCTION @program@.merge_persons(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION @program@.merge_persons(bigint, bigint) IS
'Two records turn out to be one person: everything of the duplicate becomes the kept person''s, and kept calendars and series are as if it had always been so. Of two open episodes the kept person''s goes on. Warnings that are open stay open, with their events, and wait for a human (evidence_changed) where the record of both, or what somebody did about one of the two, no longer calls for them; of two of the same rule and stream one goes on, and the other is "merged"; those of safety all stay. They are looked at once, when all has moved. The duplicate stays as an empty row that says into whom it was merged; its sign-in tokens no longer mean anyone. Called again, it moves what has been written about the duplicate since; what of that is a matter of safety is warned of at once as one of the kept person, moved or not. Errors: 22023 for an unknown person, the same one twice, or one who was merged into somebody else before. What is written about the duplicate waits for its end, and what is written about the kept person at the same time does so at most to be evaluated; 23505 where what both have only once (a preference, a referral) was just being written: then it is called again. Constraints that other transactions defer are checked at its end.';
