-- Lexicons to start with, until a program has labelled notes of its own: the phrases as rows, and the lexicons they make.
-- Sections: phrases, lexicons.

--
-- Phrases
--

CREATE TABLE coachiatry.starter_phrase (
	locale text NOT NULL CHECK (locale ~ '^[a-z]{2,8}(_[A-Za-z0-9_]+)?$'),
	lexicon text NOT NULL CHECK (lexicon <> ''),
	label text NOT NULL CHECK (label <> ''),
	phrase text NOT NULL CHECK (phrase <> ''),
	weight float8 NOT NULL DEFAULT 1,
	source text NOT NULL,
	note text,
	PRIMARY KEY (locale, lexicon, label, phrase),
	CONSTRAINT starter_phrase_is_one CHECK (label !~ '["\\]' AND phrase !~ '"'),
	CONSTRAINT starter_phrase_compiles CHECK (format('"%s" "%s" = %s', label, phrase, weight)::coachiatry.lexicon IS NOT NULL)
);

COMMENT ON TABLE coachiatry.starter_phrase IS
'Phrases to start with, in English and Spanish: what people and their coaches write of barriers (lexicon barrier: labels executive_function, avoidance, ambivalence, skill_deficit, environmental, other), what is outside the scope of coaching or must be heard of (scope: see scope_check), and talk for and against a change (talk: change_ and sustain_ with desire, ability, reasons, need, commitment, activation, taking_steps; open_question, reflection, affirmation). Written for this extension from published themes, never from the text of an instrument, and unvalidated: nobody has measured on real notes how much they find and how often they are right, so label some of your own and compare (confusion_agg) before anyone relies on them. Reference data: our own rows are of locales en and es; those that a site adds of other locales (es_MX adds to es) are dumped with its database. All sessions hear of a change.';

COMMENT ON COLUMN coachiatry.starter_phrase.locale IS
'A language as in es, or with a region as in es_MX: such rows are used beside those of the language.';

COMMENT ON COLUMN coachiatry.starter_phrase.lexicon IS
'Which lexicon: barrier, scope, talk, or another of a site.';

COMMENT ON COLUMN coachiatry.starter_phrase.label IS
'What the phrase is a sign of.';

COMMENT ON COLUMN coachiatry.starter_phrase.phrase IS
'A phrase as lexicon_agg takes it: whole words, a star at the end of one for all that begin so, a star alone for a gap of up to three words. It is written as between the quotes of a lexicon''s text form: \u{e9} stands for a character, so that our own rows fit every encoding, and it has no double quote, and a label neither that nor a backslash. What is no phrase is refused, so that a lexicon can always be made.';

COMMENT ON COLUMN coachiatry.starter_phrase.weight IS
'How much it says for the label: 1 unless there is reason for more or less.';

COMMENT ON COLUMN coachiatry.starter_phrase.source IS
'Where its theme was published, or that it is our judgement. The words are our own either way.';

COMMENT ON COLUMN coachiatry.starter_phrase.note IS
'What else is to be known, such as where people say so.';

GRANT SELECT ON coachiatry.starter_phrase TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('coachiatry.starter_phrase', $$WHERE locale NOT IN ('en', 'es')$$);

CREATE FUNCTION coachiatry.starter_phrase_changed()
RETURNS trigger
AS 'MODULE_PATHNAME', 'starter_phrase_changed'
LANGUAGE C;

COMMENT ON FUNCTION coachiatry.starter_phrase_changed() IS
'Trigger of starter_phrase: tells all sessions, which compile its lexicons anew when they next need one.';

CREATE TRIGGER tell_sessions AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coachiatry.starter_phrase
FOR EACH STATEMENT EXECUTE FUNCTION coachiatry.starter_phrase_changed();

--
-- Lexicons
--

CREATE FUNCTION coachiatry.starter_lexicon(kind text, locale text)
RETURNS coachiatry.lexicon
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(format('"%s" "%s" = %s', s.label, s.phrase, s.weight), ', ')::coachiatry.lexicon
	FROM coachiatry.starter_phrase AS s
	WHERE s.lexicon = kind
		AND s.locale IN (lower(regexp_replace($2, '[-_@].*', '')),
			regexp_replace(regexp_replace($2, '@.*', ''), '^([A-Za-z]+)[-_]', lower(substring($2, '^[A-Za-z]+')) || '_'));
END;

COMMENT ON FUNCTION coachiatry.starter_lexicon(text, text) IS
'The starter lexicon of a kind (barrier, scope, talk) in the language of a locale, from the rows of starter_phrase: for es-MX those of es and of es_MX. For find_phrases, alone or merged by || with a program''s own. NULL where there are no rows for it, and for NULL. Unvalidated until a program labels its own notes: see starter_phrase.';
