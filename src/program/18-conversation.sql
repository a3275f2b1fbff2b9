-- Conversations: who begins them, how long an answer takes, who talks, what is asked, and what is said for and against a change; of each person, and of each
-- coach. Figures, never a message. And what went together with better weeks.
--
-- All of it rests on conversation_fact(), which reads messages and contacts as they are; nothing is kept. An automated contact and a message of the system
-- are nobody's: they begin nothing and answer nothing.

--
-- Talk for and against a change
--

CREATE FUNCTION @program@.talk_lexicon(locale text) RETURNS coachiatry.lexicon
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coachiatry.rollup(l.lexicon)
	FROM (VALUES (coachiatry.starter_lexicon('talk', talk_lexicon.locale)), (@program@.own_lexicon('talk', talk_lexicon.locale))) AS l (lexicon);
END;

COMMENT ON FUNCTION @program@.talk_lexicon(text) IS
'Phrases of talk in the language of a locale: the starter lexicon and the program''s own (lexicon_entry, talk). NULL for a language without any.';

CREATE FUNCTION @program@.talk_model(locale text) RETURNS coachiatry.text_model
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.published
	FROM @program@.stored_model m
	CROSS JOIN LATERAL (
		SELECT pg_catalog.bool_or(k.label ~ '^change(_|$)') AND pg_catalog.bool_or(k.label ~ '^sustain(_|$)') AS knows_talk
		FROM pg_catalog.jsonb_object_keys(coachiatry.model_info(m.published) -> 'labels') AS k (label)) i
	WHERE m.locale = pg_catalog.lower(pg_catalog.substring(talk_model.locale, '^[A-Za-z]+')) AND i.knows_talk
	ORDER BY m.trained_at DESC, m.stored_model_id DESC
	LIMIT 1;
END;

COMMENT ON FUNCTION @program@.talk_model(text) IS
'The published form of the stored model of the language of a locale that was trained last among those with labels of both change talk (change, or beginning with change_) and sustain talk (sustain, sustain_); NULL: none. Reads with the rights of the caller: for the owner, and for what runs as the owner.';

--
-- Facts
--

CREATE FUNCTION @program@.conversation_event(persons bigint[], until timestamptz)
RETURNS TABLE (person_id bigint, at timestamptz, is_message boolean, id bigint, by_staff boolean, staff_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.person_id, m.sent_at, true, m.message_id, m.author_kind = 'staff', m.author
	FROM @program@.message m
	WHERE m.author_kind <> 'system' AND m.sent_at <= conversation_event.until
		AND (conversation_event.persons IS NULL OR m.person_id = ANY (conversation_event.persons))
	UNION ALL
	SELECT c.person_id, c.started_at, false, c.contact_id, c.began_by = 'staff', c.staff_id
	FROM @program@.contact c
	WHERE c.agency <> 'automated' AND c.reached AND c.started_at <= conversation_event.until
		AND (conversation_event.persons IS NULL OR c.person_id = ANY (conversation_event.persons))
		AND NOT (c.channel = 'text' AND EXISTS (
			SELECT FROM @program@.message m
			WHERE m.person_id = c.person_id AND m.sent_at BETWEEN c.started_at - interval '1 day' AND c.started_at + interval '1 day'));
END;

COMMENT ON FUNCTION @program@.conversation_event(bigint[], timestamptz) IS
'Messages, and contacts in which the person was reached, of some persons (NULL: of everyone) up to an instant, without what was automated. A contact by text within a day of a message is taken for the same conversation, and left out.';

CREATE FUNCTION @program@.conversation_fact(persons bigint[], since timestamptz, until timestamptz)
RETURNS TABLE (fact text, person_id bigint, staff_id bigint, by_staff boolean, at timestamptz, day date, id bigint, words bigint, asks boolean,
	reflects boolean, change_talk boolean, sustain_talk boolean, confirmed bigint, waited interval)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH event AS MATERIALIZED (
		SELECT e.*, lag(e.at) OVER before AS last_at, lag(e.is_message AND NOT e.by_staff) OVER before AS after_ask,
			min(e.at) FILTER (WHERE e.by_staff OR NOT e.is_message) OVER (before ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS answered_at
		FROM @program@.conversation_event(persons, until) e
		WINDOW before AS (PARTITION BY e.person_id ORDER BY e.at, e.is_message, e.id)
	), message AS MATERIALIZED (
		SELECT m.person_id, m.message_id, m.author, m.author_kind = 'staff' AS by_staff, m.sent_at, m.body, l.locale, lower(substring(l.locale, '^[A-Za-z]+')) AS language
		FROM @program@.message m
		CROSS JOIN LATERAL (SELECT CASE WHEN m.lang ~ '^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$' THEN m.lang END AS locale) l
		WHERE m.author_kind <> 'system' AND m.sent_at > since AND m.sent_at <= until AND (persons IS NULL OR m.person_id = ANY (persons))
	), language AS MATERIALIZED (
		SELECT d.language, @program@.talk_lexicon(d.language) AS lexicon, @program@.talk_model(d.language) AS model
		FROM (SELECT DISTINCT m.language FROM message m WHERE m.language IS NOT NULL) d
	), consents AS MATERIALIZED (
		SELECT c.person_id FROM @program@.consenting('conversation_analysis') c
	), read AS (
		SELECT m.*, w.words, w.marks, s.signs, t.label
		-- By language, so that what is compiled for one serves all of its messages.
		FROM (SELECT o.*, l.lexicon, l.model FROM message o LEFT JOIN language l USING (language) ORDER BY o.language) m
		CROSS JOIN LATERAL (
			SELECT count(*) FILTER (WHERE r.word NOT IN ('?', '!')) AS words, count(*) FILTER (WHERE r.word = '?') AS marks
			FROM coachiatry.words(m.body, m.locale, true) r) w
		CROSS JOIN LATERAL (
			SELECT array_agg(DISTINCT substring(f.label, '^(?:change|sustain|reflection)(?=_|$)')) AS signs
			FROM coachiatry.find_phrases(m.lexicon, m.body, COALESCE(m.locale, 'en')) f
			WHERE f.negated IS NOT TRUE) s
		CROSS JOIN LATERAL (SELECT CASE WHEN NOT m.by_staff THEN coachiatry.best_label(m.model, m.body) END AS label) t
	)
	SELECT 'message', r.person_id, r.author, r.by_staff, r.sent_at, @program@.local_day(p.time_zone, r.sent_at), r.message_id, r.words,
		CASE WHEN r.by_staff THEN r.marks > 0 END, CASE WHEN r.by_staff THEN COALESCE('reflection' = ANY (r.signs), false) END,
		CASE WHEN x.says_nothing THEN NULL WHEN r.label IS NOT NULL THEN r.label ~ '^change(_|$)' ELSE COALESCE('change' = ANY (r.signs), false) END,
		CASE WHEN x.says_nothing THEN NULL WHEN r.label IS NOT NULL THEN r.label ~ '^sustain(_|$)' ELSE COALESCE('sustain' = ANY (r.signs), false) END,
		(SELECT count(*) FROM @program@.scope_flag f
		WHERE r.by_staff AND f.person_id = r.person_id AND f.message_id = r.message_id AND f.state = 'confirmed' AND f.severity = 'review'), NULL::interval
	FROM read r
	JOIN @program@.person p USING (person_id)
	-- Nothing is said of the talk of staff, of whoever does not consent to that, and in languages without phrases or model.
	CROSS JOIN LATERAL (SELECT r.by_staff OR num_nonnulls(r.lexicon, r.model) = 0
		OR NOT EXISTS (SELECT FROM consents c WHERE c.person_id = r.person_id) AS says_nothing) x
	UNION ALL
	SELECT CASE WHEN e.is_message THEN 'begun' ELSE 'contact' END, e.person_id, e.staff_id, e.by_staff, e.at, @program@.local_day(p.time_zone, e.at), e.id,
		NULL, NULL, NULL, NULL, NULL, NULL, NULL
	FROM event e
	JOIN @program@.person p USING (person_id)
	WHERE e.at > since AND (NOT e.is_message OR e.last_at IS NULL OR e.at - e.last_at > interval '1 day')
	UNION ALL
	SELECT 'wait', e.person_id, NULL, false, e.at, @program@.local_day(p.time_zone, e.at), e.id, NULL, NULL, NULL, NULL, NULL, NULL, e.answered_at - e.at
	FROM event e
	JOIN @program@.person p USING (person_id)
	WHERE e.at > since AND e.is_message AND NOT e.by_staff AND e.after_ask IS NOT TRUE AND (e.answered_at IS NOT NULL OR until - e.at >= interval '1 day')
	UNION ALL
	SELECT 'wait', e.person_id, NULL, false, e.at, @program@.local_day(p.time_zone, e.at), e.id, NULL, NULL, NULL, NULL, NULL, NULL, c.replied_after
	FROM event e
	JOIN @program@.person p USING (person_id)
	JOIN @program@.contact c ON c.person_id = e.person_id AND c.contact_id = e.id
	WHERE e.at > since AND NOT e.is_message AND NOT e.by_staff AND c.replied_after IS NOT NULL;
END
$$;

COMMENT ON FUNCTION @program@.conversation_fact(bigint[], timestamptz, timestamptz) IS
'What the figures of conversations are made of, from conversation_event() after since: fact message: each one, its words, whether staff asked (a question mark) or reflected (phrases of talk_lexicon), whether the person spoke for or against a change (by talk_model() of the language where there is one, else talk_lexicon(), unless negated; NULL without their consent to conversation_analysis), and flags of a coach''s scope that a supervisor confirmed. begun: a message after more than a day without any event; contact: each contact, by whom it was begun. wait: from a message of the person or a proxy that no other of theirs goes before unanswered, until somebody of the staff writes or there is a contact, or that of a contact (replied_after); NULL while nobody has, for a day or more. staff_id is who wrote or met. Reads with the rights of the caller: for the owner, and for what runs as the owner.';

--
-- Figures
--

CREATE FUNCTION @program@.conversation_figures(persons bigint[], days integer, by_coach boolean)
RETURNS TABLE (person_id bigint, staff_id bigint, messages bigint, begun bigint, begun_by_person double precision, waits bigint,
	answered_in_a_day double precision, median_wait interval, talk_share double precision, questions double precision, reflections double precision,
	change_talk bigint, sustain_talk bigint, change_share double precision, confirmed_flags bigint, flags_per_1000 double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH told AS (
		SELECT f.*, CASE WHEN NOT conversation_figures.by_coach THEN f.person_id END AS of_person, c.staff_id AS of_coach
		FROM @program@.conversation_fact(conversation_figures.persons, coachiatry.clock() - pg_catalog.make_interval(days => conversation_figures.days),
			coachiatry.clock()) f
		LEFT JOIN LATERAL (
			-- What staff did is theirs; what the person did belongs to whoever coached them on that day.
			SELECT DISTINCT a.staff_id FROM @program@.assignment a
			WHERE a.person_id = f.person_id AND CASE WHEN f.by_staff THEN a.staff_id = f.staff_id ELSE a.role = 'coach' AND a.during @> f.day END) c
			ON conversation_figures.by_coach
		WHERE NOT conversation_figures.by_coach OR c.staff_id IS NOT NULL
	), figure AS (
		SELECT t.of_person, t.of_coach, pg_catalog.count(t.words) AS messages, pg_catalog.count(*) FILTER (WHERE t.fact IN ('begun', 'contact')) AS begun,
			pg_catalog.avg((NOT t.by_staff)::integer) FILTER (WHERE t.fact IN ('begun', 'contact')) AS begun_by_person,
			pg_catalog.count(*) FILTER (WHERE t.fact = 'wait') AS waits,
			pg_catalog.avg(COALESCE(t.waited <= interval '1 day', false)::integer) FILTER (WHERE t.fact = 'wait') AS answered_in_a_day,
			pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY COALESCE(EXTRACT(epoch FROM t.waited)::double precision, 'infinity'))
				FILTER (WHERE t.fact = 'wait') AS median_seconds,
			pg_catalog.sum(t.words) FILTER (WHERE NOT t.by_staff) AS words_of_person, pg_catalog.sum(t.words) AS words,
			pg_catalog.avg(t.asks::integer) AS questions, pg_catalog.avg(t.reflects::integer) AS reflections,
			pg_catalog.count(*) FILTER (WHERE t.change_talk) AS change_talk, pg_catalog.count(*) FILTER (WHERE t.sustain_talk) AS sustain_talk,
			pg_catalog.sum(t.confirmed)::bigint AS confirmed, pg_catalog.count(*) FILTER (WHERE t.fact = 'message' AND t.by_staff) AS by_staff
		FROM told t
		GROUP BY t.of_person, t.of_coach
	)
	SELECT f.of_person, f.of_coach, f.messages, f.begun, f.begun_by_person::double precision, f.waits, f.answered_in_a_day::double precision,
		CASE WHEN f.median_seconds < 'infinity' THEN pg_catalog.make_interval(secs => f.median_seconds) END,
		(COALESCE(f.words_of_person, 0) / NULLIF(f.words, 0))::double precision, f.questions::double precision, f.reflections::double precision,
		f.change_talk, f.sustain_talk, f.change_talk::double precision / NULLIF(f.change_talk + f.sustain_talk, 0), COALESCE(f.confirmed, 0),
		1000 * COALESCE(f.confirmed, 0)::double precision / NULLIF(f.by_staff, 0)
	FROM figure f;
END;

COMMENT ON FUNCTION @program@.conversation_figures(bigint[], integer, boolean) IS
'The figures of conversations() and coach_conversations(), of some persons (NULL: of everyone). Reads with the rights of the caller: for the owner, and for what runs as the owner.';

CREATE FUNCTION @program@.conversations(days integer DEFAULT 90)
RETURNS TABLE (person_id bigint, messages bigint, begun bigint, begun_by_person double precision, waits bigint, answered_in_a_day double precision,
	median_wait interval, talk_share double precision, questions double precision, reflections double precision, change_talk bigint, sustain_talk bigint,
	change_share double precision, confirmed_flags bigint, flags_per_1000 double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT f.person_id, f.messages, f.begun, f.begun_by_person, f.waits, f.answered_in_a_day, f.median_wait, f.talk_share, f.questions, f.reflections,
		f.change_talk, f.sustain_talk, f.change_share, f.confirmed_flags, f.flags_per_1000
	FROM @program@.conversation_figures(
		CASE WHEN NOT @program@.acts_as_owner() THEN ARRAY(SELECT @program@.visible_persons('coach', 'supervisor')) END, days, false) f
	ORDER BY f.person_id;
END
$$;

CREATE FUNCTION @program@.coach_conversations(days integer DEFAULT 90)
RETURNS TABLE (staff_id bigint, messages bigint, begun bigint, begun_by_person double precision, waits bigint, answered_in_a_day double precision,
	median_wait interval, talk_share double precision, questions double precision, reflections double precision, change_talk bigint, sustain_talk bigint,
	change_share double precision, confirmed_flags bigint, flags_per_1000 double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	me CONSTANT bigint := @program@.actor_staff_id();
	coaches bigint[];
BEGIN
	IF @program@.acts_as_owner() THEN
		coaches := ARRAY(SELECT s.staff_id FROM @program@.staff s WHERE s.role = 'coach');
	ELSIF COALESCE(coachiatry.acts_as('@program@'::regnamespace, 'coach'), false) THEN
		coaches := ARRAY[me];
	ELSIF COALESCE(coachiatry.acts_as('@program@'::regnamespace, 'supervisor'), false) THEN
		coaches := ARRAY(
			WITH RECURSIVE tree AS (
				SELECT s.staff_id, s.role FROM @program@.staff s WHERE s.supervisor_id = me
				UNION
				SELECT s.staff_id, s.role FROM tree t JOIN @program@.staff s ON s.supervisor_id = t.staff_id
			)
			SELECT t.staff_id FROM tree t WHERE t.role = 'coach');
	END IF;
	RETURN QUERY
	SELECT f.staff_id, f.messages, f.begun, f.begun_by_person, f.waits, f.answered_in_a_day, f.median_wait, f.talk_share, f.questions, f.reflections,
		f.change_talk, f.sustain_talk, f.change_share, f.confirmed_flags, f.flags_per_1000
	FROM @program@.conversation_figures(ARRAY(SELECT DISTINCT a.person_id FROM @program@.assignment a WHERE a.staff_id = ANY (coaches)), days, true) f
	WHERE f.staff_id = ANY (coaches)
	ORDER BY f.staff_id;
END
$$;

REVOKE ALL ON FUNCTION @program@.talk_model(text), @program@.conversation_event(bigint[], timestamptz),
	@program@.conversation_fact(bigint[], timestamptz, timestamptz), @program@.conversation_figures(bigint[], integer, boolean),
	@program@.conversations(integer), @program@.coach_conversations(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.conversations(integer), @program@.coach_conversations(integer) TO @prefix@_coach, @prefix@_supervisor;
COMMENT ON FUNCTION @program@.conversations(integer) IS
'Figures of the conversation with each person of the last days, for coaches and supervisors of whom they see; a supervisor reads flagged messages only, but all of them count. messages: how many, by person, proxy and staff. begun: exchanges (a message after more than a day of silence, and each contact in which the person was reached); begun_by_person: the share that the person or a proxy began. waits: messages and contacts of theirs that waited for an answer; answered_in_a_day: the share that a human of the staff answered within 24 hours; median_wait: NULL if half or more still wait. talk_share: words of the person and proxies among all words. questions, reflections: shares of the staff''s messages that ask, that reflect. change_talk, sustain_talk: messages of the person for, and against, a change (conversation_fact); change_share: change talk among both. confirmed_flags, flags_per_1000: messages of staff beyond a coach''s scope as supervisors confirmed, and that for 1,000 messages of staff; open and dismissed flags do not count. NULL where there is nothing to divide by. No rows for anybody else.';
COMMENT ON FUNCTION @program@.coach_conversations(integer) IS
'The same figures (conversations) for each coach: what they wrote and began themselves, and what the persons did on days on which they were assigned to them as coach; an answer of any human counts, as the person waits for an answer and not for a name. Only of persons to whom they are or were assigned. Supervisors get the coaches of their tree, coaches themselves, the owner all; no rows for anybody else. A coach with hard conversations has worse figures: they are for talking about, not for ranking.';

--
-- What went together with better weeks
--

CREATE FUNCTION @program@.conversation_week()
RETURNS TABLE (person_id bigint, day date, before double precision, after double precision, band integer, begun_by_person boolean, answered_in_a_day boolean,
	asked boolean, reflected boolean, change_talk boolean, sustain_talk boolean, met boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH fact AS MATERIALIZED (
		SELECT f.* FROM @program@.conversation_fact(NULL, coachiatry.clock() - interval '200 days', coachiatry.clock()) f
	), record AS MATERIALIZED (
		SELECT x.person_id, pg_catalog.min(x.today) AS today, coachiatry.together(pg_catalog.array_agg(x.calendar)) AS calendar
		FROM @program@.effective_calendar x
		WHERE x.person_id IN (SELECT f.person_id FROM fact f)
		GROUP BY x.person_id
	), talked AS (
		SELECT f.person_id, (r.today - f.day - 1) / 7 AS n, pg_catalog.bool_or(NOT f.by_staff) FILTER (WHERE f.fact IN ('begun', 'contact')) AS begun_by_person,
			pg_catalog.bool_and(COALESCE(f.waited <= interval '1 day', false)) FILTER (WHERE f.fact = 'wait') AS answered_in_a_day,
			pg_catalog.bool_or(f.asks) AS asked, pg_catalog.bool_or(f.reflects) AS reflected, pg_catalog.bool_or(f.change_talk) AS change_talk,
			pg_catalog.bool_or(f.sustain_talk) AS sustain_talk, pg_catalog.bool_or(f.fact = 'contact') AS met
		FROM fact f
		JOIN record r USING (person_id)
		WHERE f.day < r.today
		GROUP BY f.person_id, (r.today - f.day - 1) / 7
	)
	SELECT r.person_id, r.today - 7 * n.n, w.before, w.after, pg_catalog.floor(5 * LEAST(w.before, 0.999))::integer, t.begun_by_person, t.answered_in_a_day, t.asked,
		t.reflected, t.change_talk, t.sustain_talk, COALESCE(t.met, false)
	FROM record r
	CROSS JOIN pg_catalog.generate_series(1, 26) AS n (n)
	CROSS JOIN LATERAL (
		SELECT coachiatry.adherence_rate(r.calendar, pg_catalog.daterange(r.today - 7 * n.n - 7, r.today - 7 * n.n), true) AS before,
			coachiatry.adherence_rate(r.calendar, pg_catalog.daterange(r.today - 7 * n.n, r.today - 7 * n.n + 7), true) AS after) w
	LEFT JOIN talked t ON t.person_id = r.person_id AND t.n = n.n
	WHERE w.before IS NOT NULL AND w.after IS NOT NULL;
END;

COMMENT ON FUNCTION @program@.conversation_week() IS
'Weeks of the last half year of everyone with whom there was a conversation in it: what was said in the seven days before day (NULL where there was nothing of the kind to say it of), the share of what was planned and recorded that was done in them (before, and in which fifth that lies), and in the seven days from day on (after), of all tasks together. Only weeks with something recorded in both. Reads with the rights of the caller: for the owner, and for what runs as the owner.';

CREATE FUNCTION @program@.t_975(degrees bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE degrees WHEN 1 THEN 12.706204736432 WHEN 2 THEN 4.302652729911
	ELSE 1.959963984540 + 2.372271230 / degrees + 2.822498616 / degrees ^ 2 + 2.555849680 / degrees ^ 3 + 1.589534054 / degrees ^ 4 END;

COMMENT ON FUNCTION @program@.t_975(bigint) IS
'The 0.975 quantile of Student''s t distribution, by the expansion of Abramowitz and Stegun (1964), 26.7.5, from three degrees of freedom on, where it is right to 0.004; from ten on to 0.00001. NULL for NULL.';

CREATE FUNCTION @program@.what_works()
RETURNS TABLE (kind text, factor text, people bigint, weeks bigint, difference double precision, low double precision, high double precision, says text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	is_owner CONSTANT boolean := @program@.acts_as_owner();
BEGIN
	IF NOT (is_owner OR COALESCE(coachiatry.acts_as('@program@'::regnamespace, 'analyst', 'coach', 'supervisor', 'prescriber', 'therapist'), false)) THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH week AS MATERIALIZED (
		SELECT 'conversation' AS kind, v.factor, w.person_id, w.band, w.after, v.present
		FROM @program@.conversation_week() w
		CROSS JOIN LATERAL (VALUES ('begun_by_person', w.begun_by_person), ('answered_in_a_day', w.answered_in_a_day), ('asked', w.asked), ('reflected', w.reflected),
			('change_talk', w.change_talk), ('sustain_talk', w.sustain_talk), ('met', w.met)) AS v (factor, present)
		WHERE v.present IS NOT NULL
		UNION ALL
		SELECT 'strategy', s.strategy, w.person_id, w.band, w.after, w.strategy_use_id IS NOT NULL
		FROM @program@.strategy_window w
		JOIN (SELECT DISTINCT u.person_id, u.strategy FROM @program@.strategy_use u) s ON s.person_id = w.person_id AND s.strategy = COALESCE(w.strategy, s.strategy)
	), matched AS (
		SELECT k.kind, k.factor, k.person_id, count(*) FILTER (WHERE k.present) AS weeks,
			avg(k.after) FILTER (WHERE k.present) - avg(k.after) FILTER (WHERE NOT k.present) AS difference
		FROM week k
		GROUP BY k.kind, k.factor, k.person_id, k.band
		HAVING bool_or(k.present) AND bool_or(NOT k.present)
	), of_person AS (
		SELECT m.kind, m.factor, m.person_id, sum(m.weeks) AS weeks, sum(m.weeks * m.difference) / sum(m.weeks) AS difference
		FROM matched m
		GROUP BY m.kind, m.factor, m.person_id
	), found AS (
		SELECT o.kind, o.factor, count(*) AS people, sum(o.weeks)::bigint AS weeks, avg(o.difference) AS difference,
			@program@.t_975(NULLIF(count(*) - 1, 0)) * stddev_samp(o.difference) / sqrt(count(*)) AS margin
		FROM of_person o
		GROUP BY o.kind, o.factor
	), shown AS (
		-- With those of whom nothing can be said each factor makes a table of two cells.
		SELECT f.*, NOT is_owner
			AND (@program@.small_cells(ARRAY[f.people, (SELECT count(DISTINCT k.person_id) FROM week k) - f.people]))[1] AS hidden,
			CASE WHEN is_owner THEN 15 ELSE 2 END AS digits
		FROM found f
	)
	SELECT s.kind, s.factor, CASE WHEN NOT s.hidden THEN s.people END, CASE WHEN NOT s.hidden THEN s.weeks END,
		CASE WHEN NOT s.hidden THEN round(s.difference::numeric, s.digits)::double precision END,
		CASE WHEN NOT s.hidden THEN round((s.difference - s.margin)::numeric, s.digits)::double precision END,
		CASE WHEN NOT s.hidden THEN round((s.difference + s.margin)::numeric, s.digits)::double precision END,
		CASE WHEN s.hidden THEN 'Too few people to be shown.'
			ELSE 'An association within the same people, not an effect: what else differed between those weeks is not known.' END
	FROM shown s
	ORDER BY s.kind, s.factor COLLATE "C";
END
$$;

REVOKE ALL ON FUNCTION @program@.conversation_week(), @program@.what_works() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @program@.what_works() TO @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist, @prefix@_analyst;
COMMENT ON FUNCTION @program@.what_works() IS
'What went together with better weeks, and for how many: of each factor, how much more of the plan was done in the seven days after weeks with it than after weeks of the same person without it that had gone as well (the same fifth of the share done: factors come after bad weeks, and bad weeks are followed by better ones), as the mean over people, each once, with its 95 % interval (Student''s t). kind conversation (conversation_week): begun_by_person; answered_in_a_day: all that waited; asked, reflected: by staff, among weeks in which they wrote; change_talk, sustain_talk: among weeks in which the person wrote; met: a contact. kind strategy (strategy_window): each that was used. weeks: how many with the factor were compared. It is an association: nobody was randomised, and what else differed is not known; says says so. For staff who see persons, and analysts, over the whole program and rounded to 0.01: NULL where 1 to 10 people, or all but 1 to 10, could be compared (small_cells). The owner sees all, unrounded. No rows for anybody else.';
