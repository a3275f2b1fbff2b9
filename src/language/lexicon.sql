-- The lexicon: phrases with a label and a weight, compiled to one automaton.
-- Sections: type, algebra, accessors, comparison, aggregates.

--
-- Type
--

CREATE TYPE coachiatry.lexicon;

CREATE FUNCTION coachiatry.lexicon_in(cstring)
RETURNS coachiatry.lexicon
AS 'MODULE_PATHNAME', 'lexicon_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_out(coachiatry.lexicon)
RETURNS cstring
AS 'MODULE_PATHNAME', 'records_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_recv(internal)
RETURNS coachiatry.lexicon
AS 'MODULE_PATHNAME', 'lexicon_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_send(coachiatry.lexicon)
RETURNS bytea
AS 'MODULE_PATHNAME', 'records_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.lexicon (
	INPUT = coachiatry.lexicon_in,
	OUTPUT = coachiatry.lexicon_out,
	RECEIVE = coachiatry.lexicon_recv,
	SEND = coachiatry.lexicon_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.lexicon IS
'Phrases, each with a label and a weight, to be found in texts by find_phrases. A phrase is up to 32 words, spelt as those of words(); one with a star at its end stands for all words that begin so (walk*: walk, walks, walking), and a star alone for a gap of up to three words. Equal lexicons have equal bytes. Text form: of each label and phrase, in order, both in quotes, then = and the weight unless that is 1, separated by commas, as in "avoidance" "can''t face", "avoidance" "put* off" = 2; where the database is not UTF8, \u{2019} for what is not ASCII; the word empty for none. What is read is brought to that form: phrases are spelt and ordered, and of a label and phrase given twice the larger weight counts.';

--
-- Algebra
--

CREATE FUNCTION coachiatry.lexicon_merge(a coachiatry.lexicon, b coachiatry.lexicon)
RETURNS coachiatry.lexicon
AS 'MODULE_PATHNAME', 'records_merge_values'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.lexicon_merge(coachiatry.lexicon, coachiatry.lexicon) IS
'Both lexicons together; of a label and phrase in both the larger weight counts. The other side when one is NULL. Behind the operator ||.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.lexicon,
	RIGHTARG = coachiatry.lexicon,
	FUNCTION = coachiatry.lexicon_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.lexicon, coachiatry.lexicon) IS
'Both lexicons together; of a label and phrase in both the larger weight counts.';

--
-- Accessors
--

CREATE FUNCTION coachiatry.to_phrases(l coachiatry.lexicon)
RETURNS TABLE (label text, phrase text, weight float8)
AS 'MODULE_PATHNAME', 'lexicon_entries'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 200;

COMMENT ON FUNCTION coachiatry.to_phrases(coachiatry.lexicon) IS
'The phrases of a lexicon in order, with label and weight. No rows for an empty or NULL lexicon.';

CREATE FUNCTION coachiatry.find_phrases(l coachiatry.lexicon, document text, locale text DEFAULT 'en')
RETURNS TABLE (label text, phrase text, weight float8, span int4range, negated boolean)
AS 'MODULE_PATHNAME', 'lexicon_find_phrases'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5;

COMMENT ON FUNCTION coachiatry.find_phrases(coachiatry.lexicon, text, text) IS
'Where a text has phrases of a lexicon: all of them, overlapping ones too, in the order in which they stand in the text. Words are compared whole, without regard to case, as words(document, locale) finds them; what stands between them does not matter. A phrase with a gap is found with every end that it can have. span as in words(). negated: a word that negates in the language of the locale (en, de, nl, fr, es, pt, it, sv, da, nb) is among the 3 words before the phrase (in German and Dutch also the 3 after it, in French and the Scandinavian languages the 2 after it) and in the same clause: no . ! ? ; or end of line between them; NULL for other languages, and where locale is NULL. Words of the phrase itself, or in a gap of it, do not negate it. French elisions are one word with what follows (l''eau, n''aime). No rows for a NULL lexicon or text. Error 22023 for what cannot be a locale.';

--
-- Comparison
--

CREATE FUNCTION coachiatry.lexicon_lt(coachiatry.lexicon, coachiatry.lexicon)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_le(coachiatry.lexicon, coachiatry.lexicon)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_eq(coachiatry.lexicon, coachiatry.lexicon)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_ne(coachiatry.lexicon, coachiatry.lexicon)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_ge(coachiatry.lexicon, coachiatry.lexicon)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_gt(coachiatry.lexicon, coachiatry.lexicon)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_cmp(coachiatry.lexicon, coachiatry.lexicon)
RETURNS integer
AS 'MODULE_PATHNAME', 'records_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_hash(coachiatry.lexicon)
RETURNS integer
AS 'MODULE_PATHNAME', 'records_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_hash_extended(coachiatry.lexicon, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'records_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.lexicon,
	RIGHTARG = coachiatry.lexicon,
	FUNCTION = coachiatry.lexicon_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.lexicon, coachiatry.lexicon) IS
'Equal: the same phrases with the same labels and weights.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.lexicon,
	RIGHTARG = coachiatry.lexicon,
	FUNCTION = coachiatry.lexicon_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.lexicon, coachiatry.lexicon) IS
'Not equal.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.lexicon,
	RIGHTARG = coachiatry.lexicon,
	FUNCTION = coachiatry.lexicon_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.lexicon, coachiatry.lexicon) IS
'Before in the order of lexicons, which is that of their bytes.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.lexicon,
	RIGHTARG = coachiatry.lexicon,
	FUNCTION = coachiatry.lexicon_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.lexicon, coachiatry.lexicon) IS
'Before or equal in the order of lexicons.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.lexicon,
	RIGHTARG = coachiatry.lexicon,
	FUNCTION = coachiatry.lexicon_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.lexicon, coachiatry.lexicon) IS
'After or equal in the order of lexicons.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.lexicon,
	RIGHTARG = coachiatry.lexicon,
	FUNCTION = coachiatry.lexicon_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.lexicon, coachiatry.lexicon) IS
'After in the order of lexicons.';

CREATE OPERATOR CLASS coachiatry.lexicon_ops
DEFAULT FOR TYPE coachiatry.lexicon USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.lexicon_cmp(coachiatry.lexicon, coachiatry.lexicon);

COMMENT ON OPERATOR FAMILY coachiatry.lexicon_ops USING btree IS
'The total order of lexicons.';

COMMENT ON OPERATOR CLASS coachiatry.lexicon_ops USING btree IS
'The total order of lexicons, so that they can be sorted, grouped and merge-joined: that of their bytes.';

CREATE OPERATOR CLASS coachiatry.lexicon_ops
DEFAULT FOR TYPE coachiatry.lexicon USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.lexicon_hash(coachiatry.lexicon),
	FUNCTION 2 coachiatry.lexicon_hash_extended(coachiatry.lexicon, bigint);

COMMENT ON OPERATOR FAMILY coachiatry.lexicon_ops USING hash IS
'Hashing of lexicons.';

COMMENT ON OPERATOR CLASS coachiatry.lexicon_ops USING hash IS
'Hashing of lexicons, so that they can be grouped and joined by hash: equal ones hash alike.';

--
-- Aggregates: support functions
--

CREATE FUNCTION coachiatry.lexicon_agg_add(coachiatry.lexicon, text, text)
RETURNS coachiatry.lexicon
AS 'MODULE_PATHNAME', 'lexicon_agg_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_agg_add(coachiatry.lexicon, text, text, float8)
RETURNS coachiatry.lexicon
AS 'MODULE_PATHNAME', 'lexicon_agg_add_weighted'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.lexicon, coachiatry.lexicon)
RETURNS coachiatry.lexicon
AS 'MODULE_PATHNAME', 'records_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.lexicon_agg_final(coachiatry.lexicon)
RETURNS coachiatry.lexicon
AS 'MODULE_PATHNAME', 'records_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--
-- Aggregates
--

CREATE AGGREGATE coachiatry.lexicon_agg(label text, phrase text) (
	SFUNC = coachiatry.lexicon_agg_add,
	STYPE = coachiatry.lexicon,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.lexicon_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.lexicon_agg(text, text) IS
'Lexicon of rows that each give a label and a phrase, with weight 1; as lexicon_agg(label, phrase, weight).';

CREATE AGGREGATE coachiatry.lexicon_agg(label text, phrase text, weight float8) (
	SFUNC = coachiatry.lexicon_agg_add,
	STYPE = coachiatry.lexicon,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.lexicon_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.lexicon_agg(text, text, float8) IS
'Lexicon of rows that each give a label (1 to 255 bytes), a phrase (up to 32 words of up to 255 bytes; a star right after a word: all words that begin so; a star alone between two words: a gap of none to three words of the same sentence, as in "took * pills") and a weight. Of a label and phrase given twice the larger weight counts, so that the order does not matter. A row with a NULL is skipped; NULL if no rows are left. Any split of the rows gives the same bytes through rollup. Errors: 22023 for a phrase without words, a star inside a word, a gap at either end, or an empty or too long label; 22003 for a weight that is not finite; 54000 for too long a phrase.';

CREATE AGGREGATE coachiatry.rollup(l coachiatry.lexicon) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.lexicon,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.lexicon_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.lexicon) IS
'Merge of all lexicons, as ||. NULLs are skipped; NULL if nothing is left or all are empty.';
