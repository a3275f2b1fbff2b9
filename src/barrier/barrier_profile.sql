--
-- Barrier profiles: the evidence for each pattern, and how likely that makes it
--

--
-- The type
--

CREATE TYPE coachiatry.barrier_profile;

CREATE FUNCTION coachiatry.barrier_profile_in(cstring)
RETURNS coachiatry.barrier_profile
AS 'MODULE_PATHNAME', 'barrier_profile_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_out(coachiatry.barrier_profile)
RETURNS cstring
AS 'MODULE_PATHNAME', 'barrier_profile_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_recv(internal)
RETURNS coachiatry.barrier_profile
AS 'MODULE_PATHNAME', 'barrier_profile_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_send(coachiatry.barrier_profile)
RETURNS bytea
AS 'MODULE_PATHNAME', 'barrier_profile_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE coachiatry.barrier_profile (
	INPUT = coachiatry.barrier_profile_in,
	OUTPUT = coachiatry.barrier_profile_out,
	RECEIVE = coachiatry.barrier_profile_recv,
	SEND = coachiatry.barrier_profile_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = extended
);

COMMENT ON TYPE coachiatry.barrier_profile IS
'Evidence for the five implementation patterns and other, and the probability of each that it makes. A set of at most 4096 pieces, each a pattern, a weight (log-odds that it adds; -20 to 20), a kind (calendar, timing, words, reason, label), an explanation in words (at most 1000 bytes) and a pointer to what it is about (at most 200 bytes, or none); the same piece given twice is one. Text form: avoidance 1.25 words "it makes me anxious" "note 17", environmental 2 reason "no bus"; a quote or backslash in a text stands after a backslash; the word empty for no evidence. What is read is brought in order: by pattern, the largest weight first.';

--
-- Algebra
--

CREATE FUNCTION coachiatry.barrier_profile_merge(a coachiatry.barrier_profile, b coachiatry.barrier_profile)
RETURNS coachiatry.barrier_profile
AS 'MODULE_PATHNAME', 'barrier_profile_merge'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.barrier_profile_merge(coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'The evidence of both profiles, what is in both once. The other side when one is NULL. Error 54000 above 4096 pieces. Behind the operator ||.';

CREATE OPERATOR coachiatry.|| (
	LEFTARG = coachiatry.barrier_profile,
	RIGHTARG = coachiatry.barrier_profile,
	FUNCTION = coachiatry.barrier_profile_merge,
	COMMUTATOR = OPERATOR(coachiatry.||)
);

COMMENT ON OPERATOR coachiatry.|| (coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'The evidence of both profiles, what is in both once.';

--
-- Accessors
--

CREATE FUNCTION coachiatry.pattern(p coachiatry.barrier_profile, at_least float8 DEFAULT 0.5)
RETURNS text
AS 'MODULE_PATHNAME', 'barrier_profile_pattern'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.pattern(coachiatry.barrier_profile, float8) IS
'The pattern that the evidence supports best; NULL where there is not enough evidence: where none has evidence that speaks for it, or the best one is less likely than at_least. Others may hold as well: see probabilities(). Ties go in the order of barrier_pattern. NULL for NULL; at_least NULL means 0.5. Error 22023 for at_least not above 0 and below 1. A suggestion, to be agreed with the person; how well it finds the true pattern of people has not been validated.';

CREATE FUNCTION coachiatry.probability(p coachiatry.barrier_profile, pattern text)
RETURNS float8
AS 'MODULE_PATHNAME', 'barrier_profile_probability'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.probability(coachiatry.barrier_profile, text) IS
'The probability of a pattern: its log-odds are those of its prior (barrier_pattern) and the weights of its evidence, as if pieces were independent; never outside 0.01 to 0.99 where there is evidence. Patterns do not exclude each other, and their probabilities do not add up to 1. The prior, if there is no evidence of it. NULL for NULL. Error 22023 for an unknown pattern.';

CREATE FUNCTION coachiatry.probabilities(p coachiatry.barrier_profile)
RETURNS TABLE (pattern text, probability float8, log_odds float8, pieces integer)
AS 'MODULE_PATHNAME', 'barrier_profile_probabilities'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 6;

COMMENT ON FUNCTION coachiatry.probabilities(coachiatry.barrier_profile) IS
'All six patterns: those that evidence speaks for, the likeliest first, then the others. log_odds: with the prior, and not bounded as the probability is; pieces: how many pieces of evidence there are of it. No rows for NULL.';

CREATE FUNCTION coachiatry.evidence(p coachiatry.barrier_profile)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
AS 'MODULE_PATHNAME', 'barrier_profile_evidence'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;

COMMENT ON FUNCTION coachiatry.evidence(coachiatry.barrier_profile) IS
'The pieces of evidence, by pattern, what speaks for it most first; a negative weight speaks against it. pointer: NULL if there is none. No rows for an empty or NULL profile.';

CREATE FUNCTION coachiatry.to_jsonb(p coachiatry.barrier_profile)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'barrier_profile_to_jsonb'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.to_jsonb(coachiatry.barrier_profile) IS
'The profile as a document: pattern (null: not enough evidence), probabilities (of each pattern), and evidence (an array of objects with pattern, weight, kind, explanation and, if there is one, pointer). Behind the cast.';

CREATE CAST (coachiatry.barrier_profile AS jsonb)
WITH FUNCTION coachiatry.to_jsonb(coachiatry.barrier_profile);

COMMENT ON CAST (coachiatry.barrier_profile AS jsonb) IS
'The profile as a document, by to_jsonb.';

--
-- Comparison
--

CREATE FUNCTION coachiatry.barrier_profile_lt(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS boolean
AS 'MODULE_PATHNAME', 'barrier_profile_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_le(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS boolean
AS 'MODULE_PATHNAME', 'barrier_profile_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_eq(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS boolean
AS 'MODULE_PATHNAME', 'barrier_profile_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_ne(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS boolean
AS 'MODULE_PATHNAME', 'barrier_profile_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_ge(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS boolean
AS 'MODULE_PATHNAME', 'barrier_profile_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_gt(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS boolean
AS 'MODULE_PATHNAME', 'barrier_profile_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_cmp(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS integer
AS 'MODULE_PATHNAME', 'barrier_profile_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_hash(coachiatry.barrier_profile)
RETURNS integer
AS 'MODULE_PATHNAME', 'barrier_profile_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_hash_extended(coachiatry.barrier_profile, bigint)
RETURNS bigint
AS 'MODULE_PATHNAME', 'barrier_profile_hash_extended'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR coachiatry.= (
	LEFTARG = coachiatry.barrier_profile,
	RIGHTARG = coachiatry.barrier_profile,
	FUNCTION = coachiatry.barrier_profile_eq,
	COMMUTATOR = OPERATOR(coachiatry.=),
	NEGATOR = OPERATOR(coachiatry.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES,
	MERGES
);

COMMENT ON OPERATOR coachiatry.= (coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'Equal: the same evidence.';

CREATE OPERATOR coachiatry.<> (
	LEFTARG = coachiatry.barrier_profile,
	RIGHTARG = coachiatry.barrier_profile,
	FUNCTION = coachiatry.barrier_profile_ne,
	COMMUTATOR = OPERATOR(coachiatry.<>),
	NEGATOR = OPERATOR(coachiatry.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);

COMMENT ON OPERATOR coachiatry.<> (coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'Not equal.';

CREATE OPERATOR coachiatry.< (
	LEFTARG = coachiatry.barrier_profile,
	RIGHTARG = coachiatry.barrier_profile,
	FUNCTION = coachiatry.barrier_profile_lt,
	COMMUTATOR = OPERATOR(coachiatry.>),
	NEGATOR = OPERATOR(coachiatry.>=),
	RESTRICT = scalarltsel,
	JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR coachiatry.< (coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'Before in the order of barrier profiles, which is that of their evidence, piece by piece.';

CREATE OPERATOR coachiatry.<= (
	LEFTARG = coachiatry.barrier_profile,
	RIGHTARG = coachiatry.barrier_profile,
	FUNCTION = coachiatry.barrier_profile_le,
	COMMUTATOR = OPERATOR(coachiatry.>=),
	NEGATOR = OPERATOR(coachiatry.>),
	RESTRICT = scalarlesel,
	JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR coachiatry.<= (coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'Before or equal in the order of barrier profiles.';

CREATE OPERATOR coachiatry.>= (
	LEFTARG = coachiatry.barrier_profile,
	RIGHTARG = coachiatry.barrier_profile,
	FUNCTION = coachiatry.barrier_profile_ge,
	COMMUTATOR = OPERATOR(coachiatry.<=),
	NEGATOR = OPERATOR(coachiatry.<),
	RESTRICT = scalargesel,
	JOIN = scalargejoinsel
);

COMMENT ON OPERATOR coachiatry.>= (coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'After or equal in the order of barrier profiles.';

CREATE OPERATOR coachiatry.> (
	LEFTARG = coachiatry.barrier_profile,
	RIGHTARG = coachiatry.barrier_profile,
	FUNCTION = coachiatry.barrier_profile_gt,
	COMMUTATOR = OPERATOR(coachiatry.<),
	NEGATOR = OPERATOR(coachiatry.<=),
	RESTRICT = scalargtsel,
	JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR coachiatry.> (coachiatry.barrier_profile, coachiatry.barrier_profile) IS
'After in the order of barrier profiles.';

CREATE OPERATOR CLASS coachiatry.barrier_profile_ops
DEFAULT FOR TYPE coachiatry.barrier_profile USING btree AS
	OPERATOR 1 coachiatry.<,
	OPERATOR 2 coachiatry.<=,
	OPERATOR 3 coachiatry.=,
	OPERATOR 4 coachiatry.>=,
	OPERATOR 5 coachiatry.>,
	FUNCTION 1 coachiatry.barrier_profile_cmp(coachiatry.barrier_profile, coachiatry.barrier_profile);

COMMENT ON OPERATOR FAMILY coachiatry.barrier_profile_ops USING btree IS
'The total order of barrier profiles.';

COMMENT ON OPERATOR CLASS coachiatry.barrier_profile_ops USING btree IS
'The total order of barrier profiles, so that they can be sorted, grouped and merge-joined: that of their evidence, piece by piece.';

CREATE OPERATOR CLASS coachiatry.barrier_profile_ops
DEFAULT FOR TYPE coachiatry.barrier_profile USING hash AS
	OPERATOR 1 coachiatry.=,
	FUNCTION 1 coachiatry.barrier_profile_hash(coachiatry.barrier_profile),
	FUNCTION 2 coachiatry.barrier_profile_hash_extended(coachiatry.barrier_profile, bigint);

COMMENT ON OPERATOR FAMILY coachiatry.barrier_profile_ops USING hash IS
'Hashing of barrier profiles.';

COMMENT ON OPERATOR CLASS coachiatry.barrier_profile_ops USING hash IS
'Hashing of barrier profiles, so that they can be grouped and joined by hash: equal ones hash alike.';

--
-- Aggregates: support functions
--

CREATE FUNCTION coachiatry.barrier_profile_agg_add(coachiatry.barrier_profile, text, float8, text, text, text)
RETURNS coachiatry.barrier_profile
AS 'MODULE_PATHNAME', 'barrier_profile_agg_add'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION coachiatry.rollup_add(coachiatry.barrier_profile, coachiatry.barrier_profile)
RETURNS coachiatry.barrier_profile
AS 'MODULE_PATHNAME', 'barrier_profile_rollup_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION coachiatry.barrier_profile_agg_final(coachiatry.barrier_profile)
RETURNS coachiatry.barrier_profile
AS 'MODULE_PATHNAME', 'barrier_profile_agg_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--
-- Aggregates
--

CREATE AGGREGATE coachiatry.barrier_profile_agg(pattern text, weight float8, kind text, explanation text, pointer text) (
	SFUNC = coachiatry.barrier_profile_agg_add,
	STYPE = coachiatry.barrier_profile,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.barrier_profile_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.barrier_profile_agg(text, float8, text, text, text) IS
'Barrier profile of rows that each give a piece of evidence, such as those of calendar_evidence(). A row with a NULL pattern, weight, kind or explanation is skipped; the pointer may be NULL. A piece given twice counts once. NULL if no rows are left. Any split of the rows gives the same bytes through rollup. Errors: 22023 for an unknown pattern or kind, or an empty explanation; 22003 for a weight outside -20 to 20; 54000 for too long a text or more than 4096 pieces.';

CREATE AGGREGATE coachiatry.rollup(p coachiatry.barrier_profile) (
	SFUNC = coachiatry.rollup_add,
	STYPE = coachiatry.barrier_profile,
	SSPACE = 1024,
	INITCOND = 'empty',
	FINALFUNC = coachiatry.barrier_profile_agg_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = coachiatry.rollup_add,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE coachiatry.rollup(coachiatry.barrier_profile) IS
'The evidence of all profiles, as ||. NULLs are skipped; NULL if nothing is left or all are empty.';
