-- What a program learns for its profiles: how far raters can be believed, what its own model makes of a text, and that each text is read once. Shares of
-- raters are compared with a count pair by pair, and with raters whose errors are known; factors of the model with the scores that explain() adds up; weights
-- in the profile with the formulas written out. The clock stands at noon of 10 March 2026, UTC.
\ir include/setup.sql
\ir include/sign_in.sql
SET LOCAL coachiatry.clock = '2026-03-10 12:00+00';
SELECT create_program('care') \g /dev/null
SELECT plan(42);
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

INSERT INTO care.staff (staff_id, name, role, licensed, supervisor_id, token_subject, employed) VALUES (1, 't', 'therapist', true, NULL, 'therapist', '[2026-01-01,)'),
	(2, 's', 'supervisor', false, 1, 'supervisor', '[2026-01-01,)'), (3, 'c', 'coach', false, 2, 'coach', '[2026-01-01,)'), (4, 'd', 'coach', false, 2, 'other coach', '[2026-01-01,)'),
	(5, 'e', 'coach', false, 2, NULL, '[2026-01-01,)'), (6, 'f', 'coach', false, 2, NULL, '[2026-01-01,)');
CREATE FUNCTION oracle.draw(a integer, b integer, c integer) RETURNS float8 LANGUAGE sql STABLE AS $$ SELECT oracle.random(a, b, c) $$;

--
-- Raters: 2,000 texts, each of which is about avoidance or environmental or both or neither, labelled by some of raters 3 to 6, who err as they do
--
INSERT INTO care.person (person_id) SELECT generate_series(1, 2000);
INSERT INTO care.barrier (person_id, barrier_id, pattern, words, noted_by, noted_on) SELECT p, p, 'other', 'x', 3, '2026-03-01' FROM generate_series(1, 2000) p;
CREATE TABLE oracle.truth AS SELECT p, k AS pattern, oracle.draw(p, 1, n::integer) < 0.3 AS is_so FROM generate_series(1, 2000) p, unnest('{avoidance,environmental}'::text[]) WITH ORDINALITY AS u (k, n);
CREATE TABLE oracle.rater (rater bigint, sensitivity float8, false_alarm float8);
INSERT INTO oracle.rater VALUES (3, 0.95, 0.01), (4, 0.8, 0.05), (5, 0.6, 0.1), (6, 0.3, 0.3);
INSERT INTO care.barrier_label (person_id, barrier_id, rater, label, labelled_at)
SELECT t.p, t.p, r.rater, t.pattern, '2026-03-02' FROM oracle.truth t CROSS JOIN oracle.rater r
WHERE oracle.draw(t.p, 2, r.rater::integer) < 0.6
	AND oracle.draw(t.p, 3, (10 * r.rater + length(t.pattern))::integer) < CASE WHEN t.is_so THEN r.sensitivity ELSE r.false_alarm END;
-- Whoever labelled a text without one of the two gave it another label.
INSERT INTO care.barrier_label (person_id, barrier_id, rater, label, labelled_at)
SELECT p, p, r.rater, 'other', '2026-03-02' FROM generate_series(1, 2000) p CROSS JOIN oracle.rater r
WHERE oracle.draw(p, 2, r.rater::integer) < 0.6 AND NOT EXISTS (SELECT FROM care.barrier_label l WHERE l.person_id = p AND l.rater = r.rater);

-- Pair by pair, in a loop.
CREATE TABLE oracle.pair (rater bigint, label text, other_says boolean, says boolean);
DO $$
DECLARE
	a record;
	b record;
	k text;
BEGIN
	FOR a IN SELECT person_id, rater, array_agg(label) AS labels FROM care.barrier_label GROUP BY 1, 2 LOOP
		FOR b IN SELECT array_agg(label) AS labels FROM care.barrier_label l WHERE l.person_id = a.person_id AND l.rater <> a.rater GROUP BY l.rater LOOP
			FOREACH k IN ARRAY '{executive_function,avoidance,ambivalence,skill_deficit,environmental,other}'::text[] LOOP
				INSERT INTO oracle.pair VALUES (a.rater, k, k = ANY (b.labels), k = ANY (a.labels));
			END LOOP;
		END LOOP;
	END LOOP;
END
$$;
CREATE FUNCTION oracle.share(of_label text, of_rater bigint, other boolean) RETURNS float8 LANGUAGE sql STABLE AS $$
	SELECT (10 * (10 * CASE WHEN other THEN 0.7 ELSE 0.05 END + count(*) FILTER (WHERE says)) / (10 + count(*)) + count(*) FILTER (WHERE says AND rater = of_rater))
		/ (10.0 + count(*) FILTER (WHERE rater = of_rater))
	FROM oracle.pair WHERE label = of_label AND other_says = other
$$;
SELECT oracle.agree($$SELECT s.rater || ' ' || s.label AS about, round(s.sensitivity::numeric, 10) AS got, round(oracle.share(s.label, s.rater, true)::numeric, 10) AS wanted FROM care.rater_shares() s$$, 'sensitivities of raters, pair by pair');
SELECT oracle.agree($$SELECT s.rater || ' ' || s.label AS about, round(s.false_alarm::numeric, 10) AS got, round(oracle.share(s.label, s.rater, false)::numeric, 10) AS wanted FROM care.rater_shares() s$$, 'and false alarms');
SELECT oracle.agree($$SELECT s.rater || ' ' || s.label AS about, s.pairs AS got, (SELECT count(*) FROM oracle.pair p WHERE p.rater = s.rater AND p.label = s.label) AS wanted FROM care.rater_shares() s$$, 'and how many pairs there are');
-- Nobody is believed more than they should be: four standard errors of 700 texts about it, and 1,600 not about it.
SELECT is_empty($$SELECT s.rater, s.label, s.sensitivity, r.sensitivity FROM care.rater_shares() s JOIN oracle.rater r USING (rater) WHERE s.label IN ('avoidance', 'environmental')
	AND s.sensitivity > greatest(r.sensitivity, r.false_alarm) + 4 * 0.5 / sqrt(700)$$, 'no sensitivity is taken for higher than it is');
SELECT is_empty($$SELECT s.rater, s.label, s.false_alarm, r.false_alarm FROM care.rater_shares() s JOIN oracle.rater r USING (rater) WHERE s.label IN ('avoidance', 'environmental')
	AND s.false_alarm < r.false_alarm - 4 * sqrt(r.false_alarm * (1 - r.false_alarm) / 1600)$$, 'nor a false alarm for lower');
SELECT is((SELECT rater FROM care.rater_shares() WHERE label = 'avoidance' ORDER BY ln(sensitivity / false_alarm) LIMIT 1), 6::bigint, 'who guesses says least');
SELECT cmp_ok((SELECT ln(sensitivity / false_alarm) FROM care.rater_shares() WHERE label = 'avoidance' AND rater = 6), '<', 0.35::float8, 'next to nothing');

-- In a profile: of a text the raters together, of a person the text that says most, through the weight of the sign.
CREATE TABLE oracle.labelled AS
SELECT t.p, t.pattern, sum(CASE WHEN t.pattern = ANY (r.labels) THEN ln(s.sensitivity / s.false_alarm) ELSE ln((1 - s.sensitivity) / (1 - s.false_alarm)) END) AS factor,
	count(*) FILTER (WHERE t.pattern = ANY (r.labels)) AS say_so, count(*) AS raters
FROM (SELECT DISTINCT p, k AS pattern FROM oracle.truth, unnest('{avoidance,environmental,other}'::text[]) k WHERE p <= 60) t
JOIN (SELECT person_id AS p, rater, array_agg(label) AS labels FROM care.barrier_label GROUP BY 1, 2) r USING (p)
JOIN care.rater_shares() s ON s.rater = r.rater AND s.label = t.pattern
GROUP BY t.p, t.pattern;
SELECT oracle.agree($$
	SELECT l.p || ' ' || l.pattern AS about, abs(e.weight - CASE WHEN l.factor > 0 AND l.say_so > 0 THEN ln((0.6 * exp(l.factor) + 0.4) / (0.05 * exp(l.factor) + 0.95)) ELSE 0 END) < 0.002 AS got, true AS wanted
	FROM oracle.labelled l
	CROSS JOIN LATERAL (SELECT coalesce(sum(e.weight), 0) AS weight FROM evidence(care.barrier_profile_of(l.p)) e WHERE e.pattern = l.pattern AND e.kind = 'label') e$$, 'labels weigh what their formula says');
SELECT cmp_ok((SELECT max(e.weight) FROM generate_series(1, 60) p, evidence(care.barrier_profile_of(p)) e WHERE e.kind = 'label'), '<=', ln(0.6 / 0.05)::float8, 'and never more than the sign can say');
SELECT is((SELECT e.explanation FROM oracle.labelled l, evidence(care.barrier_profile_of(l.p)) e WHERE l.say_so = 2 AND l.raters = 3 AND l.factor > 0 AND e.pattern = l.pattern AND e.kind = 'label' LIMIT 1),
	'a text is about this, say 2 of the 3 who labelled it', 'in words, without who said so');
-- A label of tomorrow is not known today.
SELECT is((SELECT count(*) FROM generate_series(1, 60) p, evidence(care.barrier_profile_of(p, '2026-03-01 12:00+00')) e WHERE e.kind = 'label'), 0::bigint, 'as of the day before they were labelled texts have no labels');

--
-- The model
--
-- Words that no list has: people 3001 to 3040 wrote of kobolds, who are in the way, and of gnomes, whom they avoid, and of elves, who are nothing of the kind.
INSERT INTO care.person (person_id, token_subject) SELECT p, 'person' || p FROM generate_series(3001, 3060) p;
INSERT INTO care.assignment (person_id, staff_id, role, during)
SELECT p, s, r, '[2026-01-01,)' FROM generate_series(3041, 3060) p, (VALUES (1, 'therapist'), (3, 'coach'), (4, 'coach')) AS v (s, r);
INSERT INTO care.barrier (person_id, barrier_id, pattern, words, noted_by, noted_on)
SELECT 3000 + p, 10000 + 10 * p + n, 'other', (ARRAY['the kobolds at the door again', 'quarrel with the gnomes', 'the elves sing well'])[1 + n % 3] || CASE WHEN oracle.draw(p, n, 7) < 0.3 THEN ' in the rain' ELSE '' END, 3, '2026-03-01'
FROM generate_series(1, 40) p, generate_series(0, 5) n;
INSERT INTO care.barrier_label (person_id, barrier_id, rater, label, labelled_at)
SELECT person_id, barrier_id, 3, CASE WHEN words LIKE '%kobolds%' THEN 'environmental' WHEN words LIKE '%gnomes%' THEN 'avoidance' ELSE 'nothing' END, '2026-03-02' FROM care.barrier WHERE barrier_id > 10000;
INSERT INTO care.consent (person_id, category, purpose, text_version) SELECT p, 'conversation_analysis', 'x', '1' FROM generate_series(3001, 3050) p;
SELECT care.train_model('folk') \g /dev/null
SELECT published AS m FROM care.stored_model \gset

SELECT is(published, publishable(model), 'what profiles ask is published: no documents, no people') FROM care.stored_model;
SELECT is_empty($$SELECT t.term FROM care.stored_model m, top_terms(m.published, 'environmental', 1000) t WHERE t.term !~ '^#' AND (SELECT count(DISTINCT b.person_id) FROM care.barrier b
	JOIN care.barrier_label l USING (person_id, barrier_id) WHERE ' ' || b.words || ' ' LIKE '% ' || t.term || ' %' AND b.barrier_id > 10000) < 5$$, 'and no terms that fewer than five used');
-- Another way to the same figure: probabilities are softmax of what explain() adds up.
CREATE FUNCTION oracle.log_odds(m text_model, document text, of_label text) RETURNS float8 LANGUAGE sql STABLE AS $$
	WITH score AS (SELECT label, sum(contribution) AS score FROM explain(m, document) GROUP BY label)
	-- No more than a billion to one.
	SELECT least(greatest((SELECT score FROM score WHERE label = of_label) - ln(sum(exp(score))), -ln(1e9 - 1)), ln(1e9 - 1)) FROM score WHERE label <> of_label
$$;
CREATE TABLE oracle.document AS
SELECT string_agg(w, ' ' ORDER BY oracle.draw(d, n::integer, 11)) AS body FROM generate_series(1, 240) d, unnest('{the,kobolds,at,door,gnomes,quarrel,with,elves,sing,well,rain,unheard}'::text[]) WITH ORDINALITY AS u (w, n)
WHERE oracle.draw(d, n::integer, 12) < 0.3 GROUP BY d;
SELECT oracle.agree(format($$SELECT d.body || ' ' || k AS about, CASE WHEN s.factor IS NOT NULL THEN s.factor >= 1 AND abs(s.factor - o.more) < 1e-6
		ELSE o.more < 1 OR NOT EXISTS (SELECT FROM explain(%1$L, d.body) e WHERE e.label = k AND e.span IS NOT NULL AND e.contribution > 0) END AS got, true AS wanted
	FROM oracle.document d CROSS JOIN unnest('{environmental,avoidance}'::text[]) k
	CROSS JOIN LATERAL (SELECT oracle.log_odds(%1$L, d.body, k) - oracle.log_odds(%1$L, '', k) AS more) o
	LEFT JOIN LATERAL model_signatures(d.body, %1$L) s ON s.signature = 'words_' || k$$, :'m'), 'factors of the model are the log-odds of what explain() adds up, less those of no words');
SELECT cmp_ok((SELECT count(*) FROM oracle.document, model_signatures(body, :'m')), '>', 20::bigint, 'there are some');
SELECT is_empty(format($$SELECT s.* FROM oracle.document, model_signatures(body, %L) s WHERE s.signature NOT IN ('words_environmental', 'words_avoidance')$$, :'m'), 'only of patterns');
SELECT is((SELECT count(*) FROM model_signatures('unheard of', :'m')) + (SELECT count(*) FROM model_signatures('', :'m')) + (SELECT count(*) FROM model_signatures(NULL, :'m')) + (SELECT count(*) FROM model_signatures('kobolds', NULL)), 0::bigint, 'nothing of what is unheard of');
SELECT is((SELECT explanation FROM model_evidence('kobolds and kobolds and more kobolds', :'m')), (SELECT format('said "kobolds" (%s %% by the program''s own model)', round(100 * probability::numeric)) FROM classify(:'m', 'kobolds and kobolds and more kobolds') WHERE label = 'environmental'), 'with the terms that made it');
SELECT is_empty(format($$SELECT body FROM oracle.document, model_evidence(body, %L) e WHERE e.weight > ln(0.5 / 0.05) + 0.0001$$, :'m'), 'however sure, within what words can say');

-- In a profile. Person 3041 writes of kobolds and of no bus, which is a phrase of the list for the same pattern; 3042 of no bus alone, and of gnomes.
INSERT INTO care.barrier (person_id, barrier_id, pattern, words, noted_by, noted_on) VALUES (3041, 20001, 'other', 'missed the bus for the kobolds at the door', 3, '2026-03-02'),
	(3042, 20002, 'other', 'missed the bus', 3, '2026-03-02'), (3042, 20003, 'other', 'quarrel with the gnomes', 3, '2026-03-02'), (3043, 20004, 'other', 'does not see the point', 3, '2026-03-02'),
	(3051, 20005, 'other', 'missed the bus for the kobolds at the door', 3, '2026-03-02');
CREATE FUNCTION oracle.told(p bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(e.pattern || ' ' || e.kind || ' ' || CASE WHEN e.explanation LIKE '%model%' THEN 'model' WHEN e.kind = 'words' THEN 'list' ELSE 'raters' END || ' ' || e.pointer, ', ' ORDER BY e.pattern, e.kind, e.pointer)
	FROM evidence(care.barrier_profile_of(p)) e
$$;
SELECT is(oracle.told(3041), 'environmental words list note 20001', 'a model that nobody has put to use changes nothing');
SELECT is(oracle.told(3042), 'environmental words list note 20002', 'nor finds what no list has');
SELECT care.use_model('folk') AS used \gset
SELECT is(:used::bigint, (SELECT stored_model_id FROM care.stored_model WHERE in_use), 'it is put to use');
SELECT throws_ok($$SELECT care.use_model('lore')$$, 'P0002', NULL, 'one that does not exist is not');
SELECT is(oracle.told(3041), 'environmental words model note 20001', 'then it reads the text, and the list does not read it again: one piece');
SELECT is(oracle.told(3042), 'avoidance words model note 20003', 'where it knows the label its word counts: this model has never heard of a bus');
SELECT is(oracle.told(3043), (SELECT string_agg(e.pattern || ' words list note 20004', ', ' ORDER BY e.pattern) FROM text_evidence('does not see the point', starter_lexicon('barrier', 'en')) e), 'labels that it does not know are looked for in the lists');
SELECT isnt(oracle.told(3043), NULL, 'in which there is something');
SELECT is(oracle.told(3051), 'environmental words list note 20005', 'whoever does not consent is read by no model');
SELECT is((SELECT weight FROM evidence(care.barrier_profile_of(3041))), (SELECT weight FROM model_evidence('missed the bus for the kobolds at the door', :'m')), 'its weight is that of the sign of words');
-- A text that a rater has labelled.
INSERT INTO care.barrier_label (person_id, barrier_id, rater, label, labelled_at) VALUES (3041, 20001, 3, 'avoidance', '2026-03-03'), (3041, 20001, 4, 'avoidance', '2026-03-03'), (3042, 20002, 4, 'environmental', '2026-03-03');
SELECT is(oracle.told(3041), 'avoidance label raters note 20001', 'a text that raters have labelled is read by nobody else');
SELECT is(oracle.told(3042), 'avoidance words model note 20003, environmental label raters note 20002', 'other texts of the person are');
SELECT is(oracle.read('coach', 'SELECT string_agg(e.pattern || '' '' || e.explanation, '','') FROM coachiatry.evidence(care.barrier_profile_of(3041)) e'), 'avoidance a text is about this, say 1 of the 1 who labelled it', 'a coach is told what they said themselves');
SELECT is(oracle.read('coach', 'SELECT string_agg(e.pattern || '' '' || e.kind, '','' ORDER BY 1) FROM coachiatry.evidence(care.barrier_profile_of(3042)) e'), 'avoidance words', 'and not what another did: of that text, to them unlabelled, the model knows nothing');
SELECT is(oracle.read('therapist', 'SELECT string_agg(e.explanation, '','') FROM coachiatry.evidence(care.barrier_profile_of(3041)) e'), 'a text is about this, say 2 of the 2 who labelled it', 'clinicians are told what all said');
-- Messages and their labels are the coaches'.
INSERT INTO care.message (person_id, message_id, author_kind, body, sent_at) VALUES (3044, 30001, 'person', 'kobolds at the door', '2026-03-03'), (3045, 30002, 'person', 'x', '2026-03-03');
INSERT INTO care.barrier_label (person_id, message_id, rater, label, labelled_at) VALUES (3045, 30002, 3, 'environmental', '2026-03-04');
SELECT is(oracle.read('coach', format('SELECT string_agg(e.pattern || '' '' || e.kind, '','') FROM coachiatry.evidence(care.barrier_profile_of(%s)) e', p)), w, 'the coach has the message of ' || p) FROM (VALUES (3044, 'environmental words'), (3045, 'environmental label')) AS v (p, w);
SELECT is(oracle.read('therapist', format('SELECT count(*)::text FROM coachiatry.evidence(care.barrier_profile_of(%s)) e', p)), '0', 'the clinician has not that of ' || p) FROM unnest('{3044,3045}'::bigint[]) p;
-- Withdrawal: not read, and not in what others are read by.
SELECT care.forget_text(p) FROM generate_series(3001, 3036) p \g /dev/null
SELECT is((SELECT published FROM care.stored_model), (SELECT publishable(text_model_agg(l.label, b.words, l.person_id)) FROM care.barrier b JOIN care.barrier_label l USING (person_id, barrier_id) WHERE b.person_id BETWEEN 3037 AND 3040), 'what profiles ask is without those who withdraw');
SELECT is(oracle.told(3044), NULL, 'and where fewer than five are left who used a term it says nothing');

--
-- No text twice: all kinds of people
--
SELECT is_empty($$SELECT p, e.pointer, e.pattern FROM generate_series(3001, 3060) p, evidence(care.barrier_profile_of(p)) e WHERE e.pointer IS NOT NULL AND e.explanation !~ '^spoke for it'
	GROUP BY p, e.pointer, e.pattern HAVING count(*) > 1$$, 'no text is evidence for a pattern twice');
SELECT is_empty($$SELECT p, e.pattern, e.kind FROM generate_series(3001, 3060) p, evidence(care.barrier_profile_of(p)) e WHERE e.kind IN ('words', 'label') AND e.explanation !~ '^spoke for it'
	GROUP BY p, e.pattern, e.kind HAVING count(*) > 1$$, 'nor a sign more than once');

SELECT * FROM finish();
ROLLBACK;
