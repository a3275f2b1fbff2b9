-- Words of a text in any language.
-- Sections: words.

--
-- Words
--

CREATE FUNCTION coachiatry.words(document text, locale text DEFAULT NULL, keep_marks boolean DEFAULT false, fold_numbers boolean DEFAULT false)
RETURNS TABLE (ordinal integer, word text, span int4range)
AS 'MODULE_PATHNAME', 'words_rows'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;

COMMENT ON FUNCTION coachiatry.words(text, text, boolean, boolean) IS
'The words of a text in order, in any language: where ICU finds word boundaries (UAX #29; dictionaries for Thai, Lao, Khmer, Burmese, Chinese and Japanese), with the rules of a locale (a language code, as in en or pt-BR; NULL: of none in particular). word is spelt for caseless comparison (NFKC_Casefold: sharp s is ss, full-width letters are plain ones), the typographic apostrophe as the plain one; where the encoding of the database lacks a character of that, as it was written. span is where the word stands in the text as it was given, in characters, the first of which is 1, without the end: substring(document, lower(span), upper(span) - lower(span)). keep_marks: ? and ! are words too. fold_numbers: a word that begins with a digit and has no letter is 0. A run of letters and digits of over 1,024 bytes is no word, and one of over 65,536 bytes without white space is cut there. No rows for NULL or a text without words. The short cut for letters of alphabets gives what ICU gives. Error 22023 for what cannot be a locale.';
