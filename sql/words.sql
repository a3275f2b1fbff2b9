-- Words of a text: languages, options, spans, encodings, limits.
SET search_path = public, coachiatry;
SET client_encoding = 'UTF8';

-- Spans are those of the text as it was given: substring() gives what was written.
CREATE FUNCTION pg_temp.shown(document text, locale text DEFAULT NULL, marks boolean DEFAULT false, numbers boolean DEFAULT false)
RETURNS TABLE (ordinal integer, word text, span int4range, written text)
LANGUAGE sql AS $$
	SELECT w.*, substring(document, lower(w.span), upper(w.span) - lower(w.span))
	FROM words(document, locale, marks, numbers) AS w ORDER BY w.ordinal
$$;

SELECT * FROM pg_temp.shown(U&'Don\2019t feel like it \+01F600\+01F600 today? STRASSE Stra\00DFe e\0301t\00E9 cafe\0301s');
SELECT * FROM pg_temp.shown('Is it 3.14 or 1,000, or 30pm? No! v2', marks => true, numbers => true);
SELECT * FROM pg_temp.shown(U&'\0130stanbul \FF21\FF22\FF23 of\FB01ce zero\200Bwidth co\00ADop \FDFA', 'tr');

-- Thai and Chinese by dictionary, Arabic, Hebrew, Korean.
SELECT string_agg(word, '|' ORDER BY ordinal), string_agg(written, '|' ORDER BY ordinal)
FROM pg_temp.shown(U&'\0E2A\0E27\0E31\0E2A\0E14\0E35\0E04\0E23\0E31\0E1A \6211\559C\6B22\5B66\4E60\3002 \0643\062A\0627\0628\061F \05E9\05DC\05D5\05DD \C548\B155', 'th', true);

-- A locale has its rules: in that of POSIX a full stop divides.
SELECT locale, string_agg(word, '|' ORDER BY ordinal)
FROM (VALUES (NULL), ('fi'), ('en_US_POSIX'), ('pt-BR'), ('xx')) AS l (locale), words('a.m. 1,5 can''t-do', locale)
GROUP BY locale ORDER BY locale;

-- Nothing, and what cannot be.
SELECT count(*) FROM words(NULL);
SELECT count(*) FROM words('');
SELECT count(*) FROM words(E' \t\n -- ... ''');
SELECT * FROM words('word', '');
SELECT * FROM words('word', 'e');
SELECT * FROM words('word', '../en');
SELECT * FROM words('word', repeat('en-', 40));
SELECT * FROM words('a B', NULL, NULL, NULL);

-- Sizes: a word is up to 1,024 bytes; 1 MB of text with and without white space.
SELECT length(word), span FROM words(repeat('a', 1024) || ' ' || repeat('b', 1025) || ' ' || repeat(U&'\00E9', 512) || ' ' || repeat(U&'\00E9', 513) || ' c');
SELECT count(*), max(upper(span)) FROM words(repeat('It''s raining, and I did not go. ', 32768));
SELECT count(*), max(upper(span)) FROM words(repeat(U&'Es regnet, ich m\00F6chte nicht. ', 32768));
SELECT count(*), max(upper(span)) FROM words(repeat(U&'\6211\559C\6B22\5B66\4E60', 70000));
SELECT count(*), max(upper(span)) FROM words(repeat('a', 1048576));
SELECT count(*), max(upper(span)) FROM words(repeat('a.', 524288));

-- Many locales in turn: those that were not used for longest make room.
SELECT count(*) FROM unnest(ARRAY['en', 'de', 'fr', 'es', 'it', 'nl', 'sv', 'da', 'nb', 'fi', 'th', 'zh', 'en', 'de']) WITH ORDINALITY AS l (locale, n),
	words('one two', locale);

-- A database in another encoding: words are spelt in its characters, or stand as they were written.
CREATE DATABASE coachiatry_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\connect coachiatry_latin1
SET client_min_messages = warning;
CREATE EXTENSION coachiatry;
SET search_path = public, coachiatry;
SET client_encoding = 'UTF8';
SELECT w.*, substring(document, lower(span), upper(span) - lower(span)) AS written
FROM (VALUES (E'\u00C9t\u00E9 Stra\u00DFe 5 \u00B5g \u00B5')) AS d (document), words(document) AS w;
SELECT lexicon_agg(label, phrase)
FROM (VALUES (E'\u00C9t\u00E9', E'\u00B5 \u00DCBUNG*')) AS v (label, phrase);
SELECT lexicon_agg(label, phrase)::text::lexicon = lexicon_agg(label, phrase), lexicon_send(lexicon_agg(label, phrase))
FROM (VALUES (E'\u00C9t\u00E9', E'\u00DCBUNG*')) AS v (label, phrase);
SELECT f.* FROM find_phrases(E'"\u00FCb" "\u00FCbung*", "ss" "strasse"', E'Die \u00DCbungen, \u00C4h, Stra\u00DFe', 'de') AS f;
SET client_encoding = 'LATIN1';
\connect contrib_regression
DROP DATABASE coachiatry_latin1;

-- And one in which a character can be two code points: U+304B U+309A is one character.
CREATE DATABASE coachiatry_jis TEMPLATE template0 ENCODING 'EUC_JIS_2004' LC_COLLATE 'C' LC_CTYPE 'C';
\connect coachiatry_jis
SET client_min_messages = warning;
CREATE EXTENSION coachiatry;
SET search_path = public, coachiatry;
SELECT span, encode(convert_to(substring(document, lower(span), upper(span) - lower(span)), 'UTF8'), 'hex') AS written
FROM (VALUES (convert_from('\xa4f7a4f720616263a4f720c6fc', 'EUC_JIS_2004'))) AS d (document), words(document) AS w ORDER BY ordinal;
\connect contrib_regression
DROP DATABASE coachiatry_jis;
