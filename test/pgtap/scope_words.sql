-- scope_check over sentences that were labelled by hand, and over random texts, where plain SQL over words() says what it
-- must find: each phrase at each word, what is allowed, what lies within another, negation, who speaks, and quotes.
\ir include/setup.sql

SELECT plan(33);

--
-- Sentences labelled by hand
--
CREATE TABLE oracle.line (line text, held_out boolean DEFAULT false, set text);
\copy oracle.line (line) FROM 'test/data/scope_sentences.txt' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
UPDATE oracle.line SET set = 'made to fit';
CREATE TABLE oracle.held (line text, set text);
\copy oracle.held (line) FROM 'test/data/scope_sentences_held_out.txt' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
UPDATE oracle.held SET set = 'held out';
\copy oracle.held (line) FROM 'test/data/scope_sentences_fresh.txt' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
UPDATE oracle.held SET set = 'fresh' WHERE set IS NULL;
\copy oracle.held (line) FROM 'test/data/scope_sentences_after.txt' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
UPDATE oracle.held SET set = 'after' WHERE set IS NULL;
INSERT INTO oracle.line SELECT line, set = 'held out', set FROM oracle.held;
CREATE TABLE oracle.sentence AS
SELECT row_number() OVER () AS id, held_out, set, part[1] AS locale, part[2] AS author, nullif(part[3], '-') AS label, part[4] AS document
FROM oracle.line, string_to_array(line, '|') AS part WHERE line NOT LIKE '#%';
CREATE TABLE oracle.safety (label text);
INSERT INTO oracle.safety VALUES ('self_harm'), ('violence'), ('overdose');

CREATE TABLE oracle.judged AS
SELECT s.*, s.label IN (TABLE oracle.safety) AS is_safety, coalesce(s.label = ANY (flagged), false) AS found, flagged <> '{}' AS flags,
	flagged && ARRAY(TABLE oracle.safety) AS flags_safety
FROM oracle.sentence AS s, LATERAL (SELECT coalesce(array_agg(c.label) FILTER (WHERE c.severity <> 'note'), '{}') AS flagged FROM scope_check(document, locale, author) AS c) AS c;
-- Of sentences that somebody would flag, the share with that label; of the others, the share with none. For safety, with any label of it: they go the same way.
CREATE TABLE oracle.figure AS
SELECT locale, held_out, set, count(*) AS sentences, count(label) AS flagged,
	avg(found::integer) FILTER (WHERE label IS NOT NULL) AS sensitivity, avg((NOT flags)::integer) FILTER (WHERE label IS NULL) AS specificity,
	avg(flags_safety::integer) FILTER (WHERE is_safety) AS safety_sensitivity, avg((NOT flags_safety)::integer) FILTER (WHERE is_safety IS NOT TRUE) AS safety_specificity
FROM oracle.judged GROUP BY locale, held_out, set;
SELECT diag(format('%s, %s: %s sentences, sensitivity %s, specificity %s; safety %s and %s', locale, set, sentences,
	round(sensitivity, 2), round(specificity, 2), round(safety_sensitivity, 2), round(safety_specificity, 2)))
FROM oracle.figure ORDER BY set = 'made to fit' DESC, set, locale;
SELECT diag(format('not as labelled: %s (%s)', document, coalesce(label, 'none'))) FROM oracle.judged WHERE set = 'made to fit' AND (label IS NOT NULL AND NOT found OR label IS NULL AND flags) ORDER BY id;
SELECT cmp_ok(sentences::integer, '>=', least_sentences, format('%s: there are %s sentences', locale, sentences))
FROM oracle.figure JOIN (VALUES ('en', 290), ('es', 180)) AS bar (locale, least_sentences) USING (locale) WHERE set = 'made to fit' ORDER BY locale;
SELECT cmp_ok(round(sensitivity, 3), '>=', 0.95, format('%s: sensitivity of the sentences made to fit', locale)) FROM oracle.figure WHERE set = 'made to fit' ORDER BY locale;
SELECT cmp_ok(round(specificity, 3), '>=', 0.95, format('%s: and specificity', locale)) FROM oracle.figure WHERE set = 'made to fit' ORDER BY locale;
SELECT cmp_ok(round(safety_sensitivity, 3), '>=', 0.9, format('%s: sensitivity of safety', locale)) FROM oracle.figure WHERE set = 'made to fit' ORDER BY locale;
SELECT cmp_ok(round(safety_specificity, 3), '>=', 0.97, format('%s: and specificity', locale)) FROM oracle.figure WHERE set = 'made to fit' ORDER BY locale;
SELECT cmp_ok(round(safety_sensitivity, 3), '>=', 0.45, format('%s: half of what concerns safety is found in sentences held out', locale)) FROM oracle.figure WHERE held_out ORDER BY locale;
SELECT cmp_ok(round(safety_specificity, 3), '>=', 0.95, format('%s: and little else', locale)) FROM oracle.figure WHERE held_out ORDER BY locale;
SELECT cmp_ok(round(safety_sensitivity, 3), '>=', 0.75, format('%s: and of sentences written just before phrases of the same hand', locale)) FROM oracle.figure WHERE set = 'fresh' ORDER BY locale;
SELECT cmp_ok(round(safety_specificity, 3), '>=', 0.9, format('%s, %s: what only sounds like it is left alone', locale, set)) FROM oracle.figure WHERE set IN ('fresh', 'after') ORDER BY locale, set;

-- A sentence said to be another's, quoted or put after "not" keeps its safety labels.
SELECT is_empty(format($q$
	SELECT s.id, s.document FROM oracle.sentence AS s JOIN oracle.judged AS j USING (id)
	WHERE j.is_safety AND j.found AND NOT EXISTS (SELECT FROM scope_check(format(%L, s.document), s.locale, 'coach') AS c WHERE c.label = s.label AND c.severity = 'safety')
	$q$, frame), 'safety is never hidden: ' || frame)
FROM unnest(ARRAY['"%s"', 'She says: %s', E'\u201C%s\u201D', 'It is not that %s', E'No. %s \u2019', 'breathing exercise, %s']) AS frame;

--
-- Random texts
--
CREATE TABLE oracle.phrase AS
SELECT locale, row_number() OVER () AS id, label, phrase, string_to_array(phrase, ' ') AS parts
FROM unnest(ARRAY['en', 'es']) AS locale, to_phrases(starter_lexicon('scope', locale));
CREATE TABLE oracle.morsel AS
SELECT locale, row_number() OVER (PARTITION BY locale)::integer AS n, morsel FROM (VALUES
	('en', ARRAY['not', 'never', 'I', 'can''t', U&'don\2019t', 'she says', 'he told me', 'I told her', 'but', 'I think', 'and', 'the', 'walk', 'your', 'medication', 'myself', 'killing', 'time', 'die', 'want to', 'without', 'dose']),
	('es', ARRAY['no', 'nunca', 'yo', 'dice que', 'le dije', 'pero', 'creo que', 'y', 'la', 'caminar', U&'medicaci\00F3n', 'vivir', 'matar', 'el tiempo', 'quiero', 'sin', 'dosis', U&'seg\00FAn', 'me', 'de risa'])) AS v (locale, morsels), unnest(morsels) AS morsel;
INSERT INTO oracle.morsel
SELECT locale, (SELECT count(*) FROM oracle.morsel AS m WHERE m.locale = l.locale) + n, morsel
FROM unnest(ARRAY['en', 'es']) AS l (locale),
	unnest(ARRAY['.', '!', U&'\00BF', ';', E'\n', ',', '"', '"', U&'\201C', U&'\201D', U&'\00AB', U&'\00BB', '''', U&'\2018', U&'\2019', U&'\+01F600', U&'e\0301', '-', U&'\2026', '?']) WITH ORDINALITY AS v (morsel, n);
-- A third of the pieces are phrases, whose stars have become nothing or an ending.
CREATE TABLE oracle.text AS
WITH piece AS (
	SELECT t.id, locale, author, k, 1 + floor(oracle.random(t.id, k, 3) * (SELECT count(*) FROM oracle.phrase)) AS nth_phrase,
		1 + floor(oracle.random(t.id, k, 4) * (SELECT count(*) FROM oracle.morsel AS m WHERE m.locale = l.locale)) AS nth_morsel
	FROM generate_series(1, 600) AS t (id),
		LATERAL (SELECT (ARRAY['en', 'es'])[1 + t.id % 2] AS locale, (ARRAY['coach', 'person', 'staff', 'proxy', 'clinician'])[1 + floor(oracle.random(t.id, 6) * 5)::integer] AS author) AS l,
		generate_series(1, 3 + floor(oracle.random(t.id, 7) * 25)::integer) AS k
)
SELECT t.id, t.locale, author, string_agg(CASE WHEN oracle.random(t.id, k, 1) < 0.35 THEN replace(phrase, '*', CASE WHEN oracle.random(t.id, k, 2) < 0.5 THEN '' ELSE 's' END) ELSE morsel END
	|| CASE WHEN oracle.random(t.id, k, 5) < 0.75 THEN ' ' ELSE '' END, '' ORDER BY k) AS document
FROM piece AS t JOIN oracle.phrase AS p ON p.id = nth_phrase JOIN oracle.morsel AS m ON m.locale = t.locale AND m.n = nth_morsel
GROUP BY t.id, t.locale, author;
-- Half of the phrases are of the other language: those of the own language are strewn in once more.
UPDATE oracle.text AS t SET document = document || ' ' || (SELECT replace(phrase, '*', '') FROM oracle.phrase AS p WHERE p.locale = t.locale AND p.id % 97 = t.id % 97 ORDER BY oracle.random(t.id, p.id::integer) LIMIT 1) WHERE id % 3 = 0;

-- Words, and of each the number of its sentence: what stands between the words before it has so many stops.
CREATE TABLE oracle.word AS
SELECT t.id, t.locale, w.ordinal, w.word, lower(w.span) AS first, upper(w.span) AS last,
	sum((substring(t.document, before, lower(w.span) - before) ~ U&'[.!?;\000A\2026]')::integer) OVER (PARTITION BY t.id ORDER BY w.ordinal) AS sentence
FROM oracle.text AS t, LATERAL (SELECT *, lag(upper(span), 1, 1) OVER (ORDER BY ordinal) AS before FROM words(t.document, t.locale)) AS w;
ALTER TABLE oracle.word ADD PRIMARY KEY (id, ordinal);
CREATE FUNCTION oracle.is_word(word text, part text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN CASE WHEN right(part, 1) = '*' THEN starts_with(word, left(part, -1)) ELSE word = part END;
CREATE TABLE oracle.beginning AS
SELECT DISTINCT w.word, p.locale, p.part
FROM (SELECT DISTINCT locale, parts[1] AS part FROM oracle.phrase) AS p JOIN (SELECT DISTINCT locale, word FROM oracle.word) AS w USING (locale) WHERE oracle.is_word(w.word, p.part);
ANALYZE oracle.word;
ANALYZE oracle.phrase;
ANALYZE oracle.beginning;

-- The words at which a phrase can end that begins at one: each part is the next word; after a gap, one of the next four of the sentence.
CREATE FUNCTION oracle.ends(of_text bigint, start bigint, parts text[]) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
	WITH RECURSIVE reached (part, ordinal) AS (
		SELECT 1, start
		UNION
		SELECT r.part + 1 + is_gap::integer, o.ordinal
		FROM reached AS r, LATERAL (SELECT parts[r.part + 1] = '*' AS is_gap) AS g, oracle.word AS o
		WHERE o.id = of_text AND o.ordinal BETWEEN r.ordinal + 1 AND r.ordinal + CASE WHEN is_gap THEN 4 ELSE 1 END AND oracle.is_word(o.word, parts[r.part + 1 + is_gap::integer])
			AND (NOT is_gap OR o.sentence = (SELECT b.sentence FROM oracle.word AS b WHERE b.id = of_text AND b.ordinal = r.ordinal))
	)
	SELECT ordinal FROM reached WHERE part = cardinality(parts)
$$;

-- Every phrase at every word.
CREATE TABLE oracle.found AS
SELECT w.id, p.label, p.phrase, w.first, l.last, w.ordinal AS first_word, l.ordinal AS last_word, l.sentence,
	EXISTS (SELECT FROM oracle.word AS n WHERE n.id = w.id AND n.ordinal BETWEEN w.ordinal - 3 AND w.ordinal - 1 AND n.sentence = w.sentence
		AND n.word ~ CASE w.locale WHEN 'en' THEN '^(not|no|never|none|nothing|nobody|neither|nor|without|cannot|hardly|.+n''t|cant|dont|wont|didnt|doesnt|isnt|wasnt|couldnt|wouldnt|shouldnt|havent|hasnt|hadnt|arent|werent)$'
			ELSE U&'^(no|nunca|jam\00E1s|nada|nadie|ning\00FAn|ninguno|ninguna|sin|ni|tampoco|apenas)$' END) AS negated
FROM oracle.word AS w JOIN oracle.beginning AS b USING (word, locale) JOIN oracle.phrase AS p ON p.locale = w.locale AND p.parts[1] = b.part
	CROSS JOIN LATERAL (SELECT w.ordinal + cardinality(parts) - 1 AS ordinal WHERE '*' <> ALL (parts) UNION ALL SELECT * FROM oracle.ends(w.id, w.ordinal, parts) WHERE '*' = ANY (parts)) AS e
	JOIN oracle.word AS l ON l.id = w.id AND l.ordinal = e.ordinal
WHERE '*' = ANY (parts) OR NOT EXISTS (SELECT FROM unnest(parts) WITH ORDINALITY AS u (part, n) LEFT JOIN oracle.word AS o ON o.id = w.id AND o.ordinal = w.ordinal + n - 1 WHERE NOT oracle.is_word(o.word, part));

-- Quotes: from the leftmost mark that opens to its own that closes; the end of a line, or of the text, gives it up.
CREATE FUNCTION oracle.quotes(document text) RETURNS TABLE (first integer, last integer) LANGUAGE sql IMMUTABLE AS $$
	SELECT start + 1, stop - 1
	FROM (SELECT U&'(?<![[:alnum:]])"[^"\000A]*("|\000A|$)|\201C[^\201D"\000A]*([\201D"]|\000A|$)|\201E[^\201C\201D\000A]*([\201C\201D]|\000A|$)|\00AB[^\00BB\000A]*(\00BB|\000A|$)'
			|| U&'|\2018(?=[[:alnum:]])([^''\2019\000A]|[''\2019](?=[[:alnum:]]))*([''\2019](?![[:alnum:]])|\000A|$)|(?<![[:alnum:]])''(?=[[:alnum:]])([^''\2019\000A]|[''\2019](?=[[:alnum:]]))*([''\2019](?![[:alnum:]])|\000A|$)' AS pattern) AS p,
		generate_series(1, regexp_count(document, pattern)) AS n,
		LATERAL (SELECT regexp_instr(document, pattern, 1, n, 0) AS start, regexp_instr(document, pattern, 1, n, 1) AS stop) AS s
	WHERE stop > start + 2 AND substring(document, start, stop - start) ~ U&'^(".*"|\201C.*[\201D"]|\201E.*[\201C\201D]|\00AB.*\00BB|[\2018''].*[''\2019])$'
$$;
CREATE TABLE oracle.quote AS SELECT id, q.* FROM oracle.text, oracle.quotes(document) AS q;

-- The order in which phrases are looked at, as text that sorts so.
CREATE FUNCTION oracle.place(f oracle.found) RETURNS integer[] LANGUAGE sql IMMUTABLE
RETURN ARRAY[(f).first, -(f).last, CASE (f).label WHEN 'own_speech' THEN 0 WHEN 'others_speech' THEN 1 WHEN 'allowed' THEN 2 ELSE 3 END];
CREATE TABLE oracle.speaker AS
SELECT f.*, oracle.place(f) AS place FROM oracle.found AS f
WHERE label = 'own_speech' OR label = 'others_speech' AND NOT EXISTS (SELECT FROM oracle.found AS o WHERE o.id = f.id AND o.label = 'own_speech' AND oracle.place(o) < oracle.place(f) AND o.last > f.first);
CREATE TABLE oracle.hit AS
SELECT DISTINCT f.id, f.label, f.first, f.last, f.first_word, f.sentence, f.negated, oracle.place(f) AS place
FROM oracle.found AS f JOIN oracle.text AS t USING (id)
WHERE f.label NOT IN ('allowed', 'own_speech', 'others_speech')
	AND NOT (f.label IN ('diagnosis', 'treatment_advice', 'therapy') AND t.author NOT IN ('coach', 'staff'))
	AND NOT EXISTS (SELECT FROM oracle.found AS a WHERE a.id = f.id AND a.label = 'allowed' AND a.first <= f.first AND a.last >= f.last);
CREATE TABLE oracle.wanted AS
SELECT h.id, h.label, int4range(h.first, h.last) AS span, h.negated, CASE
		WHEN s.label IS NULL THEN quoted
		WHEN s.label = 'own_speech' THEN false
		ELSE quoted OR h.first_word - s.last_word <= 12 END AS reported
FROM oracle.hit AS h
	CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM oracle.quote AS q WHERE q.id = h.id AND q.first <= h.first AND q.last >= h.last) AS quoted) AS q
	LEFT JOIN LATERAL (SELECT * FROM (SELECT * FROM oracle.speaker AS s WHERE s.id = h.id AND s.place < h.place ORDER BY place DESC LIMIT 1) AS s
		WHERE s.sentence = h.sentence AND s.last_word < h.first_word) AS s ON true
WHERE NOT EXISTS (SELECT FROM oracle.hit AS o WHERE o.id = h.id AND o.label = h.label AND o.first <= h.first AND o.last >= h.last AND (o.first, o.last) <> (h.first, h.last));
CREATE FUNCTION oracle.severity(label text, reported boolean, negated boolean) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE
	WHEN label IN ('self_harm', 'violence', 'overdose') THEN 'safety'
	WHEN reported AND label <> 'side_effect' OR negated AND label <> 'diagnosis' THEN 'note'
	WHEN label = 'side_effect' THEN 'urgent'
	WHEN label IN ('diagnosis', 'treatment_advice', 'therapy') THEN 'review'
	ELSE 'referral' END;

CREATE TABLE oracle.got AS SELECT id, c.* FROM oracle.text, scope_check(document, locale, author) AS c;
SELECT * FROM oracle.agree($q$
	SELECT format('%s %s: %s', id, author, document) AS about,
		(SELECT string_agg(concat_ws(' ', label, span, severity, reported_speech, negated), E'\n' ORDER BY span, label) FROM oracle.got AS g WHERE g.id = t.id) AS got,
		(SELECT string_agg(concat_ws(' ', label, span, oracle.severity(label, reported, negated), reported, negated), E'\n' ORDER BY span, label) FROM oracle.wanted AS w WHERE w.id = t.id) AS wanted
	FROM oracle.text AS t
	$q$, 'scope_check finds in random texts what plain SQL finds');
SELECT cmp_ok((SELECT count(*) FROM oracle.got WHERE severity = 'safety'), '>', 200::bigint, 'there is enough to find');
SELECT cmp_ok((SELECT count(*) FROM oracle.got WHERE reported_speech), '>', 50::bigint, 'reported');
SELECT cmp_ok((SELECT count(*) FROM oracle.got WHERE negated), '>', 50::bigint, 'negated');
SELECT cmp_ok((SELECT count(*) FROM oracle.quote), '>', 50::bigint, 'and quotes');
SELECT is_empty($$SELECT g.* FROM oracle.got AS g WHERE NOT EXISTS (SELECT FROM oracle.found AS f WHERE f.id = g.id AND (f.label, f.phrase, int4range(f.first, f.last)) = (g.label, g.rule, g.span))$$,
	'the rule of a hit is a phrase that is there');
SELECT is_empty($$SELECT id FROM oracle.text, scope_check(document, 'xx', author) AS c WHERE (c.label, c.severity) <> ('not_checked', 'not_checked')$$, 'a language without a lexicon is not checked');

SELECT * FROM finish();
ROLLBACK;
