--
-- Evidence for barriers from what people do and say
--

--
-- Bayes factors
--

CREATE FUNCTION coachiatry.proportion_factor(hits bigint, n bigint, reference float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'barrier_proportion_factor'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.proportion_factor(bigint, bigint, float8) IS
'Natural logarithm of the Bayes factor that a proportion, of which hits of n are seen, lies above a reference and not below it, with a uniform prior (Morey and Rouder 2011); between -50 and 50. 0 where n is 0. Errors: 22003 for n outside 0 to 1,000,000 or hits outside 0 to n; 22023 for a reference not above 0 and below 1.';

CREATE FUNCTION coachiatry.proportions_factor(hits_a bigint, n_a bigint, hits_b bigint, n_b bigint)
RETURNS float8
AS 'MODULE_PATHNAME', 'barrier_proportions_factor'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.proportions_factor(bigint, bigint, bigint, bigint) IS
'Natural logarithm of the Bayes factor that proportion a is above proportion b, and not the same: independent uniform priors against one common one (Gunel and Dickey 1974), in one direction by the encompassing prior (Klugkist, Kato and Hoijtink 2005); between -50 and 50. 0 where one of them is unseen. Error 22003 for n outside 0 to 1,000,000 or hits outside 0 to n.';

CREATE FUNCTION coachiatry.posterior_rate(hits bigint, n bigint, mean float8, counts_as float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'barrier_posterior_rate'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.posterior_rate(bigint, bigint, float8, float8) IS
'How often something happens, of which hits of n are seen, drawn towards a mean that counts as so many more: the posterior mean of a beta-binomial, (counts_as * mean + hits) / (counts_as + n). Errors: 22003 for n outside 0 to 1,000,000 or hits outside 0 to n; 22023 for a mean not above 0 and below 1, or counts_as not above 0.';

CREATE FUNCTION coachiatry.posterior_share(factors float8[], mean float8, counts_as float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'barrier_posterior_share'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.posterior_share(float8[], float8, float8) IS
'In how large a share of people a sign is there, when of each of them a Bayes factor (its natural logarithm) says how surely it is, drawn towards a mean that counts as so many more: the s that makes the product of s * F + 1 - s over people, and of s^(counts_as * mean) and (1 - s)^(counts_as * (1 - mean)), the largest. Where every factor is sure of itself that is posterior_rate(). Rounded to six decimals, and at least one of these away from 0 and 1. NULL factors are left out; the mean, if there are no others. Errors: 22023 for a factor that is not finite, a mean not above 0 and below 1, or counts_as not above 0; 54000 for more than 1,000,000 factors.';

CREATE FUNCTION coachiatry.evidence_weight(factor float8, sensitivity float8, false_alarm float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'barrier_evidence_weight'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.evidence_weight(float8, float8, float8) IS
'What a signature adds to the log-odds of a pattern, if the data say by a Bayes factor (its natural logarithm) that it is there, the share sensitivity of the people with the pattern show it, and the share false_alarm of those without: ln((sensitivity * F + 1 - sensitivity) / (false_alarm * F + 1 - false_alarm)). It grows with the evidence towards ln(sensitivity / false_alarm), is 0 where the data say nothing, and goes towards ln((1 - sensitivity) / (1 - false_alarm)) where they speak against the signature. Rounded to four decimals. Error 22023 for a factor that is not finite, or shares not above 0 and below 1.';

--
-- Signatures
--

CREATE FUNCTION coachiatry.calendar_signatures(a coachiatry.adherence)
RETURNS TABLE (signature text, factor float8, figures float8[])
AS 'MODULE_PATHNAME', 'barrier_calendar_signatures'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 3;

COMMENT ON FUNCTION coachiatry.calendar_signatures(coachiatry.adherence) IS
'Signatures in the calendar of a task: weekend_split, misses_after_breaks, on_and_off, as far as there is data enough (barrier_signature says how much, and what the figures are). Days count that are planned, not excused, and known to be done (something taken) or missed. factor: logarithm of the Bayes factor that it is there. No rows for NULL.';

CREATE FUNCTION coachiatry.task_signatures(calendars coachiatry.adherence[], discomfort boolean[] DEFAULT NULL)
RETURNS TABLE (signature text, factor float8, figures float8[])
AS 'MODULE_PATHNAME', 'barrier_task_signatures'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5;

COMMENT ON FUNCTION coachiatry.task_signatures(coachiatry.adherence[], boolean[]) IS
'Signatures in the calendars of all tasks of a person: weekend_split, misses_after_breaks and on_and_off of their days counted together (ask either this or calendar_signatures() of each task: both would count the same days twice); discomfort_misses, if it is said which tasks bring discomfort (NULL: those do not); and shared_bursts. Where calendars span more than 200 years, shared days are looked for in the last 200. NULL calendars are left out; no rows for NULL. Errors: 2202E for arrays of different lengths or several dimensions; 54000 for more than 200 calendars.';

CREATE FUNCTION coachiatry.timing_signatures(t coachiatry.dose_timing, late interval DEFAULT '1 hour')
RETURNS TABLE (signature text, factor float8, figures float8[])
AS 'MODULE_PATHNAME', 'barrier_timing_signatures'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 2;

COMMENT ON FUNCTION coachiatry.timing_signatures(coachiatry.dose_timing, interval) IS
'Signatures in when things were due and when they were begun: late_starts (more than late after they were due) and drifting_hours (of the last 365). No rows for NULL. Error 22023 for a negative interval.';

CREATE FUNCTION coachiatry.practice_signatures(extents coachiatry.series)
RETURNS TABLE (signature text, factor float8, figures float8[])
AS 'MODULE_PATHNAME', 'barrier_practice_signatures'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 2;

COMMENT ON FUNCTION coachiatry.practice_signatures(coachiatry.series) IS
'Signatures in how far attempts came, in per cent, day by day (the mean of a day; the last 365): started_not_completed and no_improvement. 0 is an attempt that did not begin, 100 a whole one. No rows for NULL.';

CREATE FUNCTION coachiatry.occasion_signatures(occasions bigint, postponed bigint, stopped_short bigint)
RETURNS TABLE (signature text, factor float8, figures float8[])
AS 'MODULE_PATHNAME', 'barrier_occasion_signatures'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 2;

COMMENT ON FUNCTION coachiatry.occasion_signatures(bigint, bigint, bigint) IS
'Signatures in how often, of some occasions to do a task, it was put off to later, and how often the person came near (took a first step, arrived) and stopped before the task itself: postponed and stopped_short. A NULL is not asked about; no rows for NULL occasions. Error 22003 for occasions outside 0 to 1,000,000, or a part that is outside 0 to the whole.';

CREATE FUNCTION coachiatry.commitment_signatures(confidence coachiatry.series, importance coachiatry.series)
RETURNS TABLE (signature text, factor float8, figures float8[])
AS 'MODULE_PATHNAME', 'barrier_commitment_signatures'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 2;

COMMENT ON FUNCTION coachiatry.commitment_signatures(coachiatry.series, coachiatry.series) IS
'Signatures in a person''s ratings, day by day (the mean of a day; the last 365), of how confident they are and how important it is: falling_confidence and falling_importance. A NULL is not asked about.';

--
-- Evidence, by the shipped weights
--

CREATE FUNCTION coachiatry.signature_evidence(signature text, factor float8, figures float8[], pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT w.pattern, coachiatry.evidence_weight($2, w.sensitivity, w.false_alarm), s.kind,
		format(s.explanation, VARIADIC $3), $4
	FROM coachiatry.barrier_signature s
	JOIN coachiatry.barrier_evidence_weight w ON w.signature = s.signature
	WHERE s.signature = $1 AND $2 IS NOT NULL;
END;

COMMENT ON FUNCTION coachiatry.signature_evidence(text, float8, float8[], text) IS
'A signature as evidence, by the weights of barrier_evidence_weight and in the words of barrier_signature. The statistics are published, which barrier_signature names; that a signature speaks for a pattern, and how much, is our judgement and unvalidated. A program with weights of its own joins them to the signatures instead, with evidence_weight(). No rows for a signature without a weight, or a NULL factor.';

CREATE FUNCTION coachiatry.calendar_evidence(a coachiatry.adherence, pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
	SELECT e.* FROM coachiatry.calendar_signatures($1) s, coachiatry.signature_evidence(s.signature, s.factor, s.figures, $2) e;
END;

COMMENT ON FUNCTION coachiatry.calendar_evidence(coachiatry.adherence, text) IS
'Evidence from the calendar of a task, for barrier_profile_agg(): calendar_signatures() by signature_evidence().';

CREATE FUNCTION coachiatry.task_evidence(calendars coachiatry.adherence[], discomfort boolean[] DEFAULT NULL, pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	SELECT e.* FROM coachiatry.task_signatures($1, $2) s, coachiatry.signature_evidence(s.signature, s.factor, s.figures, $3) e;
END;

COMMENT ON FUNCTION coachiatry.task_evidence(coachiatry.adherence[], boolean[], text) IS
'Evidence from the calendars of all tasks of a person together: task_signatures() by signature_evidence().';

CREATE FUNCTION coachiatry.timing_evidence(t coachiatry.dose_timing, late interval DEFAULT '1 hour', pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT e.* FROM coachiatry.timing_signatures($1, $2) s, coachiatry.signature_evidence(s.signature, s.factor, s.figures, $3) e;
END;

COMMENT ON FUNCTION coachiatry.timing_evidence(coachiatry.dose_timing, interval, text) IS
'Evidence from when things were due and when they were begun: timing_signatures() by signature_evidence().';

CREATE FUNCTION coachiatry.practice_evidence(extents coachiatry.series, pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT e.* FROM coachiatry.practice_signatures($1) s, coachiatry.signature_evidence(s.signature, s.factor, s.figures, $2) e;
END;

COMMENT ON FUNCTION coachiatry.practice_evidence(coachiatry.series, text) IS
'Evidence from how far attempts came: practice_signatures() by signature_evidence().';

CREATE FUNCTION coachiatry.occasion_evidence(occasions bigint, postponed bigint, stopped_short bigint, pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT e.* FROM coachiatry.occasion_signatures($1, $2, $3) s, coachiatry.signature_evidence(s.signature, s.factor, s.figures, $4) e;
END;

COMMENT ON FUNCTION coachiatry.occasion_evidence(bigint, bigint, bigint, text) IS
'Evidence from postponements and approaches that stopped short: occasion_signatures() by signature_evidence().';

CREATE FUNCTION coachiatry.commitment_evidence(confidence coachiatry.series, importance coachiatry.series, pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT e.* FROM coachiatry.commitment_signatures($1, $2) s, coachiatry.signature_evidence(s.signature, s.factor, s.figures, $3) e;
END;

COMMENT ON FUNCTION coachiatry.commitment_evidence(coachiatry.series, coachiatry.series, text) IS
'Evidence from ratings of confidence and importance: commitment_signatures() by signature_evidence().';

--
-- Evidence from reasons and words, by the shipped weights
--

CREATE FUNCTION coachiatry.reason_signatures(reasons text[])
RETURNS TABLE (signature text, factor float8, figures text[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 6
BEGIN ATOMIC
	WITH given AS (
		SELECT r.pattern, r.reason, count(*) AS times
		FROM unnest($1) u
		JOIN coachiatry.barrier_reason r ON r.reason = u
		GROUP BY r.pattern, r.reason
	), counted AS (
		SELECT b.pattern, COALESCE(sum(g.times), 0)::bigint AS hits, (SELECT sum(times) FROM given)::bigint AS n,
			COALESCE(string_agg(g.reason || CASE WHEN g.times > 1 THEN ' ' || g.times ELSE '' END, ', '
				ORDER BY g.times DESC, g.reason COLLATE "C"), 'none') AS list
		FROM coachiatry.barrier_pattern b
		LEFT JOIN given g ON g.pattern = b.pattern
		GROUP BY b.pattern
	)
	SELECT 'reasons_' || c.pattern, coachiatry.proportion_factor(c.hits, c.n, 0.4), ARRAY[c.hits::text, c.n::text, c.list]
	FROM counted c
	WHERE c.n >= 3;
END;

COMMENT ON FUNCTION coachiatry.reason_signatures(text[]) IS
'Signatures in the reason codes of what was missed, one for each time that a reason was given: for each pattern, whether reasons that belong to it (barrier_reason) are more than four tenths of those given, by proportion_factor(). figures: how many of how many reasons, and which. Codes that are not in the catalogue, and NULLs, are left out; no rows below 3 reasons.';

CREATE FUNCTION coachiatry.reason_evidence(reasons text[], pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 6
BEGIN ATOMIC
	SELECT w.pattern, coachiatry.evidence_weight(c.factor, w.sensitivity, w.false_alarm), s.kind, format(s.explanation, VARIADIC c.figures), $2
	FROM coachiatry.reason_signatures($1) c
	JOIN coachiatry.barrier_signature s ON s.signature = c.signature
	JOIN coachiatry.barrier_evidence_weight w ON w.signature = s.signature;
END;

COMMENT ON FUNCTION coachiatry.reason_evidence(text[], text) IS
'Evidence from the reason codes of what was missed, for barrier_profile_agg(): reason_signatures() by the weights of barrier_evidence_weight.';

CREATE FUNCTION coachiatry.text_signatures(document text, l coachiatry.lexicon, locale text DEFAULT 'en')
RETURNS TABLE (signature text, factor float8, figures text[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	WITH found AS (
		SELECT f.label, f.phrase, max(f.weight) AS weight
		FROM coachiatry.find_phrases($2, $1, $3) f
		WHERE f.negated IS NOT TRUE
		GROUP BY f.label, f.phrase
	), said AS (
		SELECT f.label, sum(f.weight ORDER BY f.phrase COLLATE "C") AS factor,
			string_agg('"' || f.phrase || '"', ', ' ORDER BY f.weight DESC, f.phrase COLLATE "C") AS phrases
		FROM found f
		GROUP BY f.label
	), side AS (
		SELECT split_part(s.label, '_', 1) AS name, sum(s.factor ORDER BY s.label COLLATE "C") AS factor,
			string_agg(s.phrases, ', ' ORDER BY s.label COLLATE "C") AS phrases
		FROM said s
		WHERE s.label ~ '^(change|sustain)_'
		GROUP BY split_part(s.label, '_', 1)
	), signs AS (
		SELECT 'words_' || s.label AS signature, s.factor, s.phrases, NULL AS others
		FROM said s
		UNION ALL
		SELECT 'both_sides_spoken', least(c.factor, t.factor), c.phrases, t.phrases
		FROM side c, side t
		WHERE c.name = 'change' AND t.name = 'sustain'
	)
	SELECT g.signature, g.factor, ARRAY[left(g.phrases, 100), left(g.others, 100)]
	FROM signs g
	WHERE g.factor > 0;
END;

COMMENT ON FUNCTION coachiatry.text_signatures(text, coachiatry.lexicon, text) IS
'Signatures in a text: phrases of a lexicon, and both sides spoken for, where it has phrases of labels that begin with change_ and with sustain_ (change_talk, sustain_desire, ...). signature: words_ and the label, or both_sides_spoken; factor: the sum of the weights of different phrases, as logarithms of Bayes factors (1 unless the lexicon says otherwise); negated ones do not count, as find_phrases() has it. figures: the phrases as they stand in the lexicon, not the text, and those of the other side. No rows for a text without phrases.';

CREATE FUNCTION coachiatry.text_evidence(document text, l coachiatry.lexicon, locale text DEFAULT 'en', pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT w.pattern, coachiatry.evidence_weight(g.factor, w.sensitivity, w.false_alarm), s.kind, left(format(s.explanation, VARIADIC g.figures), 240), $4
	FROM coachiatry.text_signatures($1, $2, $3) g
	JOIN coachiatry.barrier_signature s ON s.signature = g.signature
	JOIN coachiatry.barrier_evidence_weight w ON w.signature = s.signature;
END;

COMMENT ON FUNCTION coachiatry.text_evidence(text, coachiatry.lexicon, text, text) IS
'Evidence from a text, for barrier_profile_agg(): text_signatures() by the weights of barrier_evidence_weight. Labels of the lexicon that are patterns (executive_function, avoidance, ...) count, and both sides spoken for; others, and a text without phrases, say nothing.';

--
-- Evidence from a text by a trained model, by the shipped weights
--

CREATE FUNCTION coachiatry.model_signatures(document text, m coachiatry.text_model)
RETURNS TABLE (signature text, factor float8, figures text[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	WITH asked AS (
		SELECT c.label, c.probability, ln(b.p / (1 - b.p)) - ln(b.q / (1 - b.q)) AS factor
		FROM coachiatry.classify($2, $1) c
		JOIN coachiatry.classify($2, '') n ON n.label = c.label
		JOIN coachiatry.barrier_pattern k ON k.pattern = c.label
		CROSS JOIN LATERAL (SELECT least(greatest(c.probability, 1e-9), 1 - 1e-9) AS p, least(greatest(n.probability, 1e-9), 1 - 1e-9) AS q) b
	), said AS (
		SELECT e.label, e.term, row_number() OVER (PARTITION BY e.label ORDER BY e.contribution DESC, e.term COLLATE "C") AS place
		FROM coachiatry.explain($2, $1) e
		WHERE e.span IS NOT NULL AND e.contribution > 0
	)
	SELECT 'words_' || a.label, a.factor, ARRAY[left(s.terms, 100) || format(' (%s %% by the program''s own model)', round(100 * a.probability::numeric)), NULL]
	FROM asked a
	JOIN (SELECT d.label, string_agg('"' || d.term || '"', ', ' ORDER BY d.place) AS terms FROM said d WHERE d.place <= 3 GROUP BY d.label) s ON s.label = a.label
	WHERE a.factor >= 1;
END;

COMMENT ON FUNCTION coachiatry.model_signatures(text, coachiatry.text_model) IS
'Signatures in a text as a trained model reads it: words_ and the label, for labels that are patterns, so that text_signatures() of the same text says the same sign by other means: count one of them. factor: the log-odds of the label less those that the model gives a text without words, which is how much the words say, whatever the shares of labels among those that it was trained on; each within a billion to one; only from 1 on, which is what one phrase of a lexicon says, since every word says a little. figures: the three words or pairs of words of the text that speak most for the label, and its probability; how long the text is counts as well, as in explain(). Calibrated models (classify) make calibrated factors. No rows for NULL, an empty model, or a text of which the model knows no word.';

CREATE FUNCTION coachiatry.model_evidence(document text, m coachiatry.text_model, pointer text DEFAULT NULL)
RETURNS TABLE (pattern text, weight float8, kind text, explanation text, pointer text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT w.pattern, coachiatry.evidence_weight(g.factor, w.sensitivity, w.false_alarm), s.kind, left(format(s.explanation, VARIADIC g.figures), 240), $3
	FROM coachiatry.model_signatures($1, $2) g
	JOIN coachiatry.barrier_signature s ON s.signature = g.signature
	JOIN coachiatry.barrier_evidence_weight w ON w.signature = s.signature;
END;

COMMENT ON FUNCTION coachiatry.model_evidence(text, coachiatry.text_model, text) IS
'Evidence from a text as a trained model reads it, for barrier_profile_agg(): model_signatures() by the weights of barrier_evidence_weight. However sure the model is, it adds no more than ln(sensitivity / false_alarm).';
