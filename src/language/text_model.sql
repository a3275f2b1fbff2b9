-- Text models: classifiers that are trained, merged and explained in SQL.
-- Sections: type, algebra, accessors, comparison, aggregates.

--
-- Type
--

CREATE TYPE coachiatry.text_model;

CREATE FUNCTION coachiatry.text_model_in(cstring)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'text_model_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_out(coachiatry.text_model)
RETURNS cstring
AS 'MODULE_PATHNAME', 'records_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_recv(internal)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'text_model_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_send(coachiatry.text_model)
RETURNS bytea
AS 'MODULE_PATHNAME', 'records_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.text_model (
	INPUT = coachiatry.text_model_in,
	OUTPUT = coachiatry.text_model_out,
	RECEIVE = coachiatry.text_model_recv,
	SEND = coachiatry.text_model_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.text_model IS
'A classifier of texts that can be trained, merged and explained. As text_model_agg makes it, it is a multiset of labelled documents, each the set of its terms, with the person it is about: personal data. Everything that is asked of it (naive Bayes) follows from these counts, so that models merge and subtract exactly, and the same documents give the same bytes under any plan. publishable() makes a model of counts alone, and text_classifier_agg one of weights (logistic regression); these cannot be merged or subtracted. Terms are named: words as words() finds them (numbers as 0), ? and !, pairs of these that follow each other, and a mark of the length (#5-8: of 5 to 8 words). Text form: the word documents, counts or logistic with a colon, then records of quoted texts, each with = and its number unless that is 1, separated by commas: of documents the person, the label, the terms in order and how often that came, as in documents: "7" "change" "#2" "try" "will" "will try"; the word empty for none. At most 1 GB, 1,000 labels, and 1 MB of terms of a document.';

--
-- Algebra
--

CREATE FUNCTION coachiatry.text_model_merge(a coachiatry.text_model, b coachiatry.text_model)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'records_merge_values'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.text_model_merge(coachiatry.text_model, coachiatry.text_model) IS
'Both models together: their documents add. Error 55000 for a model without its documents. The other side when one is NULL. Behind the operator ||.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.text_model, coachiatry.text_model) IS
'Both models together: their documents add. Error 55000 for a model without its documents.';

CREATE FUNCTION coachiatry.text_model_subtract(a coachiatry.text_model, b coachiatry.text_model)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'records_subtract_values'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.text_model_subtract(coachiatry.text_model, coachiatry.text_model) IS
'The first model without the documents of the second: (a || b) - b = a, to the last bit, so that somebody whose consent is withdrawn is forgotten exactly. Errors: 22003 where the first one lacks a document of the second, 55000 for a model without its documents. a - NULL is a; NULL - b is NULL; the result can be empty. Behind the operator -.';

CREATE OPERATOR coachiatry.- (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_subtract
);

COMMENT ON OPERATOR coachiatry.- (coachiatry.text_model, coachiatry.text_model) IS
'Take away again, exactly: (a || b) - b = a.';

--
-- Accessors
--

CREATE FUNCTION coachiatry.publishable(m coachiatry.text_model, min_people integer DEFAULT 5)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'text_model_publishable'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.publishable(coachiatry.text_model, integer) IS
'The model without its documents and people, and without terms that fewer than min_people people used, such as the name of one: only such a model may leave the scope of those whose words it has. Naive Bayes becomes counts of the terms that are left, with a temperature fitted on them; of a logistic model the weights of the others are dropped. It can no longer be merged or subtracted. NULL for an empty or NULL model. Errors: 22023 for min_people below 1, 55000 for more people than those with whom a model of counts was made publishable.';

CREATE FUNCTION coachiatry.classify(m coachiatry.text_model, document text)
RETURNS TABLE (label text, probability float8)
AS 'MODULE_PATHNAME', 'text_model_classify'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5;

COMMENT ON FUNCTION coachiatry.classify(coachiatry.text_model, text) IS
'The labels of a document with their probabilities, which sum to 1, the most probable first, equal ones by name. An empty text, and one without a term of the model, gets the prior: of naive Bayes the shares of documents. No rows for NULL or an empty model. A warning where another version of ICU made the model.';

CREATE FUNCTION coachiatry.best_label(m coachiatry.text_model, document text)
RETURNS text
AS 'MODULE_PATHNAME', 'text_model_best_label'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION coachiatry.best_label(coachiatry.text_model, text) IS
'The first label that classify() gives. NULL for NULL or an empty model.';

CREATE FUNCTION coachiatry.explain(m coachiatry.text_model, document text)
RETURNS TABLE (label text, term text, span int4range, contribution float8)
AS 'MODULE_PATHNAME', 'text_model_explain'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50;

COMMENT ON FUNCTION coachiatry.explain(coachiatry.text_model, text) IS
'Why: for each label, in the order of classify(), what each term of the document contributes to its score, the strongest first, with the place where the term stands first (as in words(); NULL for the mark of the length); the row without a term is the prior or the intercept. The contributions of a label sum to its score; probabilities are the exponentials of scores (naive Bayes), or their logistic functions (logistic regression), over the sum of these. For naive Bayes the mean over labels is taken from each contribution, so that a positive one speaks for its label. No rows for NULL or an empty model.';

CREATE FUNCTION coachiatry.top_terms(m coachiatry.text_model, label text, n integer DEFAULT 10)
RETURNS TABLE (term text, weight float8)
AS 'MODULE_PATHNAME', 'text_model_top_terms'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;

COMMENT ON FUNCTION coachiatry.top_terms(coachiatry.text_model, text, integer) IS
'The n terms that speak most for a label, with what each contributes to its score, the strongest first. No rows for NULL. Error 22023 for a label that the model lacks.';

CREATE FUNCTION coachiatry.model_info(m coachiatry.text_model)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'text_model_info'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.model_info(coachiatry.text_model) IS
'What a model is: {"learner", "has_documents", "labels": {label: documents}, "documents", "terms", "people", "min_people", "temperature", "tokeniser", "locale", "icu", "unicode"}; null where the model does not know it. NULL for NULL.';

--
-- Comparison
--

CREATE FUNCTION coachiatry.text_model_lt(coachiatry.text_model, coachiatry.text_model)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_le(coachiatry.text_model, coachiatry.text_model)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_eq(coachiatry.text_model, coachiatry.text_model)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_ne(coachiatry.text_model, coachiatry.text_model)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_ge(coachiatry.text_model, coachiatry.text_model)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_gt(coachiatry.text_model, coachiatry.text_model)
RETURNS boolean
AS 'MODULE_PATHNAME', 'records_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_cmp(coachiatry.text_model, coachiatry.text_model)
RETURNS integer
AS 'MODULE_PATHNAME', 'records_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_hash(coachiatry.text_model)
RETURNS integer
AS 'MODULE_PATHNAME', 'records_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_hash_extended(coachiatry.text_model, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'records_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.text_model, coachiatry.text_model) IS
'Equal: the same learner with the same documents, counts or weights.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.text_model, coachiatry.text_model) IS
'Not equal.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.text_model, coachiatry.text_model) IS
'Before in the order of text models, which is that of their bytes.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.text_model, coachiatry.text_model) IS
'Before or equal in the order of text models.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.text_model, coachiatry.text_model) IS
'After or equal in the order of text models.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.text_model,
	RIGHTARG = coachiatry.text_model,
	FUNCTION = coachiatry.text_model_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.text_model, coachiatry.text_model) IS
'After in the order of text models.';

CREATE OPERATOR CLASS coachiatry.text_model_ops
DEFAULT FOR TYPE coachiatry.text_model USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.text_model_cmp(coachiatry.text_model, coachiatry.text_model);

COMMENT ON OPERATOR FAMILY coachiatry.text_model_ops USING btree IS
'The total order of text models.';

COMMENT ON OPERATOR CLASS coachiatry.text_model_ops USING btree IS
'The total order of text models, so that they can be sorted, grouped and merge-joined: that of their bytes.';

CREATE OPERATOR CLASS coachiatry.text_model_ops
DEFAULT FOR TYPE coachiatry.text_model USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.text_model_hash(coachiatry.text_model),
	FUNCTION 2 coachiatry.text_model_hash_extended(coachiatry.text_model, bigint);

COMMENT ON OPERATOR FAMILY coachiatry.text_model_ops USING hash IS
'Hashing of text models.';

COMMENT ON OPERATOR CLASS coachiatry.text_model_ops USING hash IS
'Hashing of text models, so that they can be grouped and joined by hash: equal ones hash alike.';

--
-- Aggregates: support functions
--

CREATE FUNCTION coachiatry.text_model_agg_add(coachiatry.text_model, text, text, bigint)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'text_model_agg_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.text_model, coachiatry.text_model)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'records_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_model_agg_final(coachiatry.text_model)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'records_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.text_classifier_agg_final(coachiatry.text_model)
RETURNS coachiatry.text_model
AS 'MODULE_PATHNAME', 'text_classifier_agg_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--
-- Aggregates
--

CREATE AGGREGATE coachiatry.text_model_agg(label text, document text, person bigint) (
	SFUNC = coachiatry.text_model_agg_add,
	STYPE = coachiatry.text_model,
	SSPACE = 65536,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.text_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.text_model_agg(text, text, bigint) IS
'Text model of rows that each give the label of a document and the person it is about. It answers by naive Bayes: multinomial over whether a document has a term, 0.3 added to each count, of terms that at least two documents have, with a temperature of at least 1 that gives the documents of each person, scored by the counts of all others, the least log loss, to which half the square of its logarithm is added. The temperature is fitted when a probability is first asked for in a query, which takes as long as classifying all documents a few times; publishable() keeps it. A row with a NULL is skipped; NULL if no rows are left. Any split of the rows gives the same bytes through rollup. Errors: 22023 for an empty label or one of over 255 bytes, 54000 for a document with over 1 MB of terms.';

CREATE AGGREGATE coachiatry.rollup(m coachiatry.text_model) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.text_model,
	SSPACE = 65536,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.text_model_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.text_model) IS
'Merge of all models, as ||. NULLs are skipped; NULL if nothing is left or all are empty.';

CREATE AGGREGATE coachiatry.text_classifier_agg(label text, document text, person bigint) (
	SFUNC = coachiatry.text_model_agg_add,
	STYPE = coachiatry.text_model,
	SSPACE = 65536,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.text_classifier_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.text_classifier_agg(text, text, bigint) IS
'Text model of the same rows as text_model_agg, with the same terms, that answers by logistic regression: for each label, against all others, weights w and intercept b that minimise |w|^2 / 2 + the sum of ln(1 + exp(-y (w x + b))) over documents. The probability of a label is the logistic function of its score over the sum of these; a temperature, fitted on three folds of people, calibrates it. It has no documents: it cannot be merged or subtracted; it knows how many people used each term, for publishable(). The same rows give the same bytes under any plan on one machine. Until it is made publishable it is personal data. NULLs and errors as for text_model_agg.';
