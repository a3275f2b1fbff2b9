-- What is written is looked through for safety whatever its language and wherever it is written; and rules of warnings that cannot be made to say nothing:
-- whether one is of safety does not change, and rules that inhibit others hide nothing that nobody is shown. The clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(90);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES
	(1, 'p', 'prescriber', true, NULL, 'prescriber', '[2026-01-01,)'), (2, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(3, 's', 'supervisor', false, 2, 'supervisor', '[2026-01-01,)'), (4, 'c', 'coach', false, 3, 'coach', '[2026-01-01,)');
INSERT INTO care.person (person_id, token_subject, locale)
SELECT n, 'person' || n, l FROM unnest('{en,es,de,es-MX}'::text[]) WITH ORDINALITY AS v (l, n);
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(1, 4) p, (VALUES (1, 'prescriber'), (2, 'therapist'), (4, 'coach')) AS v (s, r);
INSERT INTO care.task (person_id, task_id, kind, title, schedule, starts_at, prescribed_by, created_at)
SELECT p, p * 10, 'medication', 'x', 'FREQ=DAILY', '2026-02-01', 1, '2026-02-01' FROM generate_series(1, 4) p;
INSERT INTO care.crisis_resource (name, reach) VALUES ('line', '024');

-- The severities and labels that are flagged of somebody's texts, how often their concern was told, and the topics that were referred.
CREATE FUNCTION oracle.flags(who bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(f.severity || ' ' || f.label, ', ' ORDER BY f.scope_flag_id) FROM care.scope_flag f WHERE f.person_id = who
$$;
CREATE FUNCTION oracle.told(who bigint) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM care.warning w JOIN care.warning_event e USING (person_id, warning_id) WHERE w.person_id = who AND w.kind = 'concern' AND e.event IN ('opened', 'answer_changed')
$$;
CREATE FUNCTION oracle.referred(who bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(r.topic, ', ' ORDER BY r.topic) FROM care.referral r WHERE r.person_id = who
$$;
-- What comes of a message in a language (NULL: it names none): its language, flags, and whether it is told. Undone.
CREATE FUNCTION oracle.message(who bigint, words text, language text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM oracle.act('person' || who, format('INSERT INTO care.message (person_id, author_kind, body%s) VALUES (%s, ''person'', %L%s)', ', lang' || left(language, 0), who, words, ', ' || quote_literal(language)));
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = concat_ws('; ', (SELECT m.lang FROM care.message m WHERE m.person_id = who AND m.author_kind = 'person'),
		oracle.flags(who), CASE WHEN oracle.told(who) > 0 THEN 'told' END, oracle.referred(who));
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN RETURN SQLERRM;
END
$$;
SAVEPOINT start;

--
-- Languages
--
SELECT is(oracle.message(1, 'my father just died'), 'en; referral grief; grief', 'a message that names no language is in the person''s');
SELECT is(oracle.message(2, U&'se muri\00F3 mi padre'), 'es; referral grief; grief', 'whichever that is');
SELECT is(oracle.message(4, U&'se muri\00F3 mi padre'), 'es-MX; referral grief; grief', 'region and all');
SELECT is(oracle.message(2, 'my father just died'), 'es', 'what is not about safety is read in that alone');
SELECT is(oracle.message(2, 'my father just died', 'en'), 'en; referral grief; grief', 'or in the one it names');
SELECT is(oracle.message(1, U&'se muri\00F3 mi padre', 'en'), 'en', 'and in no other');
SELECT is(oracle.message(2, 'Quiero matarme esta noche'), 'es; safety self_harm; told', 'Spanish by somebody whose language it is');
SELECT is(oracle.message(who, words, lang), concat_ws('; ', COALESCE(lang, locale), 'safety self_harm', 'told'), format('%s, person of %s: "%s"', COALESCE('said to be ' || lang, 'no language said'), locale, words))
FROM unnest('{en,es,es-MX}'::text[], '{1,2,4}'::bigint[]) AS p (locale, who), unnest('{en,es,es-MX,NULL}'::text[]) AS lang, unnest('{"Quiero matarme esta noche","I want to kill myself tonight"}'::text[]) AS words;
SELECT matches(oracle.message(who, words, lang), 'safety self_harm.*; told$', format('%s, person of %s: "%s"', COALESCE('said to be ' || lang, 'no language said'), locale, words))
FROM unnest('{en,de}'::text[], '{1,3}'::bigint[]) AS p (locale, who), unnest('{de,no such/language}'::text[]) AS lang, unnest('{"Quiero matarme esta noche","I want to kill myself tonight"}'::text[]) AS words;
SELECT is(oracle.message(1, 'me siento suicida', 'en'), 'en; safety self_harm; told', 'what two languages share is found once');
SELECT is(oracle.message(3, 'suicidal', 'de'), 'de; safety self_harm; told', 'also where neither is named');
SELECT is(oracle.message(1, w, l), l, format('"%s" is harmless in %s', w, l))
FROM (VALUES ('I need to kill some time before suicide prevention training', 'en'), ('My phone died', 'en'), ('Me muero de risa con ese programa', 'es'), ('Quiero matar el tiempo', 'es')) AS v (w, l);

-- Sentences labelled by hand: the lists of other languages find no safety in those of which their own finds none.
CREATE TABLE oracle.line (line text);
\copy oracle.line FROM PROGRAM 'cat test/data/scope_sentences*.txt' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
CREATE TABLE oracle.sentence AS
SELECT part[1] AS locale, part[2] AS author, part[4] AS document FROM oracle.line, string_to_array(line, '|') AS part WHERE line NOT LIKE '#%';
SELECT cmp_ok((SELECT count(*) FROM oracle.sentence), '>', 700::bigint, 'there are sentences');
SELECT is_empty($$SELECT * FROM oracle.sentence s, care.other_scope_hits(s.document, s.locale, s.author, care.scope_lists())$$, 'no list finds safety in a sentence of another language that its own list does not');

-- A site's own lists.
INSERT INTO care.lexicon_entry (lexicon, locale, label, phrase) VALUES ('scope', 'de', 'self_harm', 'nicht mehr leben'), ('scope', 'de', 'grief', 'oma gestorben'), ('scope', 'de', 'allowed', 'hier nicht mehr leben');
SELECT is(oracle.message(1, 'Ich will nicht mehr leben'), 'en; safety self_harm; told', 'a site''s own phrases about safety are looked for in texts of any language');
SELECT is(oracle.message(1, 'Ich will hier nicht mehr leben'), 'en', 'but where it allows them');
SELECT is(oracle.message(1, 'meine oma gestorben'), 'en', 'others in texts of theirs');
SELECT matches(oracle.message(3, 'meine oma gestorben'), 'referral grief; grief$', 'where they are found');
-- A region of a language that has lists.
INSERT INTO coachiatry.starter_phrase (locale, lexicon, label, phrase, source) VALUES ('es_MX', 'scope', 'self_harm', 'petatearme ya', 'test');
SELECT is(oracle.message(who, 'quiero petatearme ya'), l || '; safety self_harm; told', 'phrases of a region are looked for in those of ' || l) FROM (VALUES (1, 'en'), (2, 'es'), (4, 'es-MX')) AS v (who, l);
ROLLBACK TO start;

-- Notes of check-ins, and coaches' notes.
SELECT oracle.act('person2', $$INSERT INTO care.check_in (person_id, task_id, due_on, missed, note) VALUES (2, 20, '2026-03-09', 1, 'I want to kill myself')$$) \g /dev/null
SELECT is(oracle.told(2), 1::bigint, 'an English note of somebody who speaks Spanish is told');
INSERT INTO care.barrier (person_id, pattern, words, noted_by, asks) VALUES (4, 'other', 'dice que quiere suicidarse', 4, 'x');
SELECT is((SELECT b.lang FROM care.barrier b), 'es-MX', 'a coach''s note that names no language is in the person''s');
SELECT is(oracle.told(4), 1::bigint, 'and is told');
SELECT throws_ok($$INSERT INTO care.message (person_id, author_kind, body) VALUES (99, 'person', 'x')$$, '23503', NULL, 'a message of nobody is refused as before');
SELECT is(oracle.said('person1', $$INSERT INTO care.message (person_id, author_kind, body) VALUES (2, 'person', 'x') RETURNING lang$$), '42501', 'and nobody learns another''s language');
ROLLBACK TO start;

--
-- Requests for support
--
SELECT oracle.act('person1', $$INSERT INTO care.support_request (person_id, words) VALUES (1, 'I want to kill myself tonight')$$) \g /dev/null
SELECT is((SELECT format('%s %s', w.acts_on, w.evidence -> 0 ? 'support_request') FROM care.warning w WHERE w.person_id = 1 AND w.kind = 'concern'), 'therapist t',
	'what is said with a request for support is looked through, and told');
SELECT is((SELECT m.body FROM care.message m WHERE m.person_id = 1), 'line: 024', 'and answered');
SELECT is(oracle.read('supervisor', 'SELECT format(''%s %s %s'', f.label, f.support_request_id IS NOT NULL, f.span) FROM care.scope_flag f'), 'self_harm t [3,22)', 'the supervisor finds it');
SELECT oracle.act('coach', 'UPDATE care.support_request SET answered_by = 4, answered_at = clock()') \g /dev/null
SELECT is(oracle.told(1), 1::bigint, 'when it is answered nothing is told again');
INSERT INTO care.support_request (person_id, words) VALUES (3, 'please call me'), (3, ''), (3, NULL);
SELECT is(oracle.flags(3) IS NULL OR oracle.flags(3) !~ 'safety', true, 'a request that says nothing of the kind is none');
SELECT oracle.act('person2', $$INSERT INTO care.support_request (person_id, words) VALUES (2, 'las pastillas me marean')$$) \g /dev/null
SELECT is(oracle.referred(2), 'side_effect', 'side effects in one are referred');
SELECT care.merge_persons(2, 1) \g /dev/null
SELECT is((SELECT count(*) FROM care.scope_flag f JOIN care.support_request r USING (person_id, support_request_id) WHERE f.person_id = 2), 2::bigint, 'a merge moves its flags');
SELECT is((SELECT count(*) FROM care.warning w WHERE w.kind = 'concern'), 1::bigint, 'and tells nothing anew');
INSERT INTO care.support_request (person_id, words) VALUES (1, 'I want to die');
SELECT is((SELECT jsonb_array_length(w.evidence) FROM care.warning w WHERE w.person_id = 2 AND w.kind = 'concern'), 2, 'who was merged is told of as whoever they are now');
ROLLBACK TO start;

--
-- Reasons of check-ins
--
SELECT oracle.act('person1', $$INSERT INTO care.check_in (person_id, task_id, due_on, missed, reason) VALUES (1, 10, '2026-03-09', 1, 'I want to kill myself tonight')$$) \g /dev/null
SELECT is((SELECT w.evidence -> 0 ->> 'of' FROM care.warning w WHERE w.person_id = 1 AND w.kind = 'concern'), 'reason', 'the reason of a check-in is looked through, and told');
SELECT is((SELECT format('%s %s', f.label, f.span IS NULL) FROM care.scope_flag f), 'self_harm t', 'and flagged, at no place of the note');
UPDATE care.check_in SET note = 'fine' WHERE person_id = 1;
SELECT is(oracle.told(1), 1::bigint, 'one that did not change says nothing new');
UPDATE care.check_in SET reason = 'suicide' WHERE person_id = 1;
SELECT is(oracle.told(1), 2::bigint, 'one that did does, of one word, too');
UPDATE care.check_in SET note = 'I will end my life' WHERE person_id = 1;
SELECT is((SELECT format('%s %s', oracle.told(1), w.evidence -> 2 ? 'of') FROM care.warning w WHERE w.person_id = 1 AND w.kind = 'concern'), '3 f', 'a note is told as a note');
INSERT INTO care.check_in (person_id, task_id, due_on, missed, reason) SELECT 1, 10, date '2026-01-01' + row_number() OVER ()::int, 1, r.reason FROM coachiatry.barrier_reason r;
SELECT is(format('%s %s', oracle.told(1), oracle.referred(1)), '3 ', 'codes of reasons that are known say nothing of the kind');
ROLLBACK TO start;

--
-- Whether a rule is one of safety
--
INSERT INTO care.check_in (person_id, task_id, due_on, taken, missed) SELECT 1, 10, d, (d < '2026-03-07')::int, (d >= '2026-03-07')::int FROM generate_series(date '2026-02-01', '2026-03-09', '1 day') d;
SELECT is((SELECT format('%s %s', w.state, w.safety) FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id) WHERE r.name = 'medication missed'), 'open f', 'a coach''s warning is open');
SELECT throws_ok($$UPDATE care.warning_rule SET safety = true, acts_on = 'prescriber', escalate_to = NULL WHERE name = 'medication missed'$$, '55000',
	'whether warning rule "medication missed" is one of safety cannot be changed', 'its rule does not become one of safety');
INSERT INTO care.warning_rule (name, says, stream, task_kind, detector, parameters, severity, acts_on, cool_down_days, safety)
VALUES ('danger', 'three planned days missed', 'task', 'medication', 'missed_run', '{"n": 3}', 3, 'prescriber', 7, true);
SELECT oracle.act('coach', format('SELECT care.decline_warning(%s, %L)', w.warning_id, 'x')) FROM care.warning w WHERE w.person_id = 1 AND NOT w.safety \g /dev/null
SELECT care.sweep() \g /dev/null
SELECT is((SELECT format('%s %s %s', w.state, w.safety, w.owner_staff_id) FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id) WHERE r.name = 'danger'), 'open t 1',
	'another rule is, and what a coach declines of the one silences nothing of it');
SELECT throws_ok($$UPDATE care.warning_rule SET safety = false WHERE name = 'danger'$$, '55000', NULL, 'nor does one of safety cease to be');
SELECT lives_ok($$UPDATE care.warning_rule SET safety = safety, severity = 3, acknowledge_within = '1 hour'$$, 'all else of rules changes as before');
ROLLBACK TO start;

--
-- Rules that inhibit others
--
CREATE FUNCTION oracle.inhibit(VARIADIC names text[]) RETURNS void LANGUAGE sql AS $$
	UPDATE care.warning_rule r SET inhibited_by = o.warning_rule_id
	FROM generate_series(1, cardinality(names) - 1) n, care.warning_rule o WHERE r.name = names[n] AND o.name = names[n + 1]
$$;
-- Rules of which a coach is shown warnings of person 1.
CREATE FUNCTION oracle.shown() RETURNS text LANGUAGE sql AS $$
	SELECT oracle.read('coach', $q$SELECT string_agg(r.name, ', ' ORDER BY r.name) FROM care.open_item o JOIN care.warning w ON w.person_id = o.person_id AND o.why LIKE w.says || ' %'
		JOIN care.warning_rule r USING (warning_rule_id) WHERE o.person_id = 1 AND o.kind = 'warning'$q$)
$$;
CREATE FUNCTION oracle.aside(act text, rule text, until timestamptz) RETURNS text LANGUAGE sql AS $$
	SELECT oracle.act('coach', format('SELECT care.%s_warning(%s, %L)', act, w.warning_id, until)) FROM care.warning w JOIN care.warning_rule r USING (warning_rule_id) WHERE r.name = rule AND w.person_id = 1
$$;
SELECT throws_ok($$SELECT oracle.inhibit('nothing recorded', 'no contact', 'nothing recorded')$$, '23514', NULL, 'two rules do not inhibit each other');
SELECT throws_ok($$SELECT oracle.inhibit('nothing recorded', 'no contact', 'medication missed', 'nothing recorded')$$, '23514', NULL, 'nor do three in a circle');
SELECT oracle.inhibit('nothing recorded', 'no contact') \g /dev/null
SELECT throws_ok($$SELECT oracle.inhibit('no contact', 'nothing recorded')$$, '23514', 'warning rule "no contact" would be inhibited in a circle', 'nor one by one');
SELECT throws_ok($$SELECT oracle.inhibit('no contact', 'no contact')$$, '23514', NULL, 'nor itself');
SELECT lives_ok($$SELECT oracle.inhibit('missing more', 'nothing recorded', 'no contact'), oracle.inhibit('medication missed', 'no contact')$$, 'lines and branches are none');
INSERT INTO care.warning_rule (name, says, stream, detector, parameters, acts_on) VALUES ('also silent', 'nothing heard at all', 'contact', 'silence', '{"rate": 0.3333, "alpha": 0.005}', 'coach');
SELECT care.sweep() \g /dev/null
SELECT is(oracle.shown(), 'also silent, no contact', 'what is inhibited is not shown');
SELECT oracle.inhibit('no contact', 'also silent') \g /dev/null
SELECT is(oracle.shown(), 'also silent', 'nor what is inhibited by that');
SELECT oracle.aside('silence', 'also silent', '2026-03-20') \g /dev/null
SELECT is(oracle.shown(), 'no contact', 'one that is silenced hides no other');
SELECT oracle.aside('acknowledge', 'no contact', '2026-03-15') \g /dev/null
SELECT is(oracle.shown(), 'nothing recorded', 'nor one that somebody has in hand');
SET LOCAL coachiatry.clock = '2026-03-16 12:00+00';
SELECT is(oracle.shown(), 'no contact', 'until that has run out');
SET LOCAL coachiatry.clock = '2026-03-21 12:00+00';
SELECT is(oracle.shown(), 'also silent', 'and so has the silence');

SELECT * FROM finish();
ROLLBACK;
