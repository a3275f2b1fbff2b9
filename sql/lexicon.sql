-- The lexicon: making, text and binary forms, finding, negation, faults.
SET search_path = public, coachiatry;
SET client_encoding = 'UTF8';

CREATE TABLE phrase (label text, phrase text, weight float8);
INSERT INTO phrase VALUES
	('avoidance', U&'Can\2019t  FACE', 1), ('avoidance', 'put* off', 2), ('avoidance', 'put* off', 0.5), ('environmental', 'no money', 1),
	('environmental', 'bus', 1), ('routine', 'walk*', 0.25), ('place', 'walking', 1), ('routine', 'walk* to the bus', 1), ('ambivalence', 'feel like', -1.5),
	(NULL, 'nobody', 1), ('nobody', NULL, 1), ('nobody', 'nobody', NULL);
SELECT lexicon_agg(label, phrase, weight) AS lexicon FROM phrase \gset
SELECT :'lexicon'::lexicon;
SELECT * FROM to_phrases(:'lexicon');
SELECT lexicon_agg(label, phrase) FROM phrase WHERE weight > 0 AND label LIKE 'a%';
SELECT lexicon_agg(label, phrase) FROM phrase WHERE false;

-- Whole words, any case, overlapping; where they stand.
SELECT f.*, substring(document, lower(span), upper(span) - lower(span)) AS written
FROM (VALUES (U&'I can''t face it \+01F600: I keep putting off WALKING to the bus. Walks, buses... No, money!')) AS d (document), find_phrases(:'lexicon', document) AS f;

-- Negation: before the phrase, in the same clause; by language.
SELECT n, f.phrase, f.span, f.negated
FROM (VALUES (1, 'I do not feel like it'), (2, 'I don''t really feel like it'), (3, U&'I don\2019t think I will feel like it'), (4, 'No. Feel like it!'),
	(5, E'No\nfeel like it'), (6, 'feel like it, not'), (7, 'not not feel like'), (8, 'nothing to feel like; feel like it')) AS d (n, document),
	find_phrases(:'lexicon', document) AS f ORDER BY n, f.span;
SELECT n, locale, f.phrase, f.negated
FROM (VALUES (1, 'de', 'Ich schlafe heute nicht.'), (2, 'de', 'Ich schlafe. Nicht gut.'), (3, 'de', 'Ich habe keinen Grund, schlafe'), (4, 'fr', U&'Je n\2019aime pas'), (5, 'fr', 'J aime pas'),
	(6, 'es', 'No duermo'), (7, 'nl', 'Ik slaap bijna nooit'), (8, 'sv', 'Jag sover inte'), (9, 'pt-BR', U&'n\00E3o durmo'), (10, 'it', 'Non dormo'), (11, 'th', 'schlafe nicht'),
	(12, NULL, 'schlafe nicht'), (13, 'da', 'Jeg sover ikke'), (14, 'nb', 'Jeg sover aldri')) AS d (n, locale, document),
	find_phrases('"x" "schlafe", "x" "aime", "x" "duermo", "x" "slaap", "x" "sover", "x" "durmo", "x" "dormo"', document, locale) AS f ORDER BY n;

-- Thai: words by dictionary, in the phrase and in the text.
SELECT f.label, f.span FROM find_phrases((SELECT lexicon_agg('greeting', U&'\0E2A\0E27\0E31\0E2A\0E14\0E35\0E04\0E23\0E31\0E1A')), U&'... \0E2A\0E27\0E31\0E2A\0E14\0E35\0E04\0E23\0E31\0E1A!', 'th') AS f;

-- Text form: what is read is brought to it.
SELECT input::lexicon AS lexicon
FROM (VALUES ('empty'), (' "b" "Two  WORDS" , "a" "x"=2,"a" "x" = 3e-1 '), ('"q\"\\" "caf\u{e9}"'), ('"a" "x" = -0'), ('"a" "x" = 0.1')) AS v (input);
SELECT ''::lexicon;
SELECT '"a"'::lexicon;
SELECT '"a" "b" "c"'::lexicon;
SELECT '"a" "b",'::lexicon;
SELECT '"a" "b" "'::lexicon;
SELECT '"a" "b" = '::lexicon;
SELECT '"a" "b" = 0x10'::lexicon;
SELECT '"a" "b" = nan'::lexicon;
SELECT '"a" "b" = 1e999'::lexicon;
SELECT '"a" "b\u{d800}"'::lexicon;
SELECT '"a" "b\u{0}"'::lexicon;
SELECT '"" "b"'::lexicon;
SELECT '"a" "..."'::lexicon;
SELECT '"a" "b*c"'::lexicon;
SELECT '"a" "*"'::lexicon;
SELECT '"a" "* b"'::lexicon;
SELECT '"a" "b *"'::lexicon;
SELECT '"a" "b * * c"'::lexicon;
SELECT '"a" " B  *  c* * d "'::lexicon;
SELECT span, substring(document, lower(span), upper(span) - lower(span)), negated
FROM (VALUES ('He took pills. Took all of my pills, and took, one by one two pills; not took. Pills')) AS v (document), find_phrases('"a" "took * pills"', document);
SELECT format('"%s" "b"', repeat('x', 256))::lexicon;
SELECT format('"a" "%s"', repeat('x ', 33))::lexicon;
SELECT format('"a" "%s"', repeat('x', 256))::lexicon;
SELECT lexicon_agg('a', '?!');
SELECT lexicon_agg('', 'b');
SELECT lexicon_agg('a', 'b', 'NaN');

-- Binary form, as text is checked.
SELECT lexicon_send('"a" "b*" = 2');
CREATE TABLE lexicons (l lexicon);
INSERT INTO lexicons VALUES (:'lexicon'), ('empty'), (NULL), ('"a" "x"');

-- Algebra, comparison, grouping.
SELECT '"a" "x" = 2, "b" "y"'::lexicon || '"a" "x", "c" "z"' AS merged, NULL::lexicon || '"a" "x"' AS one, NULL::lexicon || NULL AS none;
SELECT rollup(l), count(DISTINCT l), max(hashtext(l::text)) IS NOT NULL AS hashed FROM lexicons;
SELECT l, count(*) FROM (TABLE lexicons UNION ALL TABLE lexicons) AS twice GROUP BY l ORDER BY l;
SELECT '"a" "x"'::lexicon < '"a" "x" = 2', '"a" "x"'::lexicon <> '"a" "x"', '"a" "x"'::lexicon >= 'empty';
SELECT count(*) FROM lexicons AS a JOIN lexicons AS b USING (l);
SELECT opcname, amname, amvalidate(c.oid) FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcname IN ('lexicon_ops', 'confusion_ops') ORDER BY 1, 2;

-- Another lexicon in each row; one that lies out of line.
CREATE TABLE stored (id integer, l lexicon);
INSERT INTO stored SELECT i, (SELECT lexicon_agg('l' || i, 'w' || md5((i * 1000 + k)::text)) FROM generate_series(1, 300) AS k) FROM generate_series(1, 3) AS i;
ALTER TABLE stored ALTER l SET STORAGE EXTERNAL;
INSERT INTO stored SELECT id + 10, l || '"x" "y"' FROM stored;
SELECT id, f.label, count(*) FROM stored, LATERAL (SELECT string_agg(phrase, ' ') AS document FROM to_phrases(l)) AS d, find_phrases(l, document) AS f
GROUP BY id, f.label ORDER BY id, f.label;
SELECT id, count(f.label) FROM stored, LATERAL (SELECT 'w' || md5((id % 10 * 1000 + k)::text) AS document FROM generate_series(1, 100) AS k) AS d,
	find_phrases(l, document) AS f GROUP BY id ORDER BY id;
SELECT count(*) FROM find_phrases(NULL, 'x');
SELECT count(*) FROM find_phrases('"a" "x"', NULL);
SELECT count(*) FROM find_phrases('empty', 'x y');
SELECT count(*) FROM find_phrases('"a" "x"', 'x', '-');
DROP TABLE phrase, lexicons, stored;
