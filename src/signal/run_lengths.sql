-- Run lengths: what a limit costs in false alarms, and the limit for a budget of them.
-- Sections: average run lengths, limits from a false-alarm budget, delays.

--
-- Average run lengths
--

CREATE FUNCTION coachiatry.cusum_arl(k float8, h float8, shift float8 DEFAULT 0, headstart float8 DEFAULT 0, sides integer DEFAULT 2)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_cusum_arl'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.cusum_arl(float8, float8, float8, float8, integer) IS
'Values that a CUSUM reads on average until it alarms, when the mean has shifted by so many standard deviations at its start: 0 gives the time between false alarms. sides 2, or 1: the upper one, shift being positive towards it. Exact for normal values (Gauss-Legendre quadrature of Page''s integral equation, solved without subtraction; two sides as by Lucas and Crosier 1982): k = .5 and h = 4 give 167.68, and 8.38 for a shift of 1; with headstart 2 148.70 and 5.29. NULL if an argument is. Errors: 22023 for k or h that is negative or not finite, a headstart outside 0 to h, or sides other than 1 and 2; 54000 for h above about 496, or where a headstart above h / 2 takes too long to wear off; 22003 for a run length beyond float8.';

CREATE FUNCTION coachiatry.ewma_arl(lambda float8, l float8, shift float8 DEFAULT 0, sides integer DEFAULT 2)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_ewma_arl'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.ewma_arl(float8, float8, float8, integer) IS
'Values that an EWMA with the fixed limit l sqrt(lambda / (2 - lambda)) reads on average until it alarms, when the mean has shifted by so many standard deviations at its start. sides 2, or 1: only the upper limit. Exact for normal values (Crowder 1987): lambda = .5 and l = 3.071 give 499.9, and 17.48 for a shift of 1. NULL if an argument is. Errors: 22023 for lambda outside (0, 1], an l that is negative or not finite, or sides other than 1 and 2; 54000 where the limits are more than about 496 lambda apart; 22003 for a run length beyond float8.';

CREATE FUNCTION coachiatry.shewhart_arl(l float8, shift float8 DEFAULT 0, runs integer DEFAULT 0, sides integer DEFAULT 2)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_shewhart_arl'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.shewhart_arl(float8, float8, integer, integer) IS
'Values that a Shewhart chart reads on average until one is beyond l, or, with runs above 0, until so many in a row lie on one side of the mean, when the mean has shifted by so many standard deviations at its start. sides 2, or 1: only the upper one. Exact for normal values (Champ and Woodall 1987): l = 3 gives 370.4, with runs 8 152.7. NULL if an argument is. Errors: 22023 for an l that is negative or not finite, runs outside 0-1,000,000, or sides other than 1 and 2; 22003 for a run length beyond float8.';

CREATE FUNCTION coachiatry.bernoulli_cusum_arl(p0 float8, p1 float8, h float8, p float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_bernoulli_cusum_arl'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.bernoulli_cusum_arl(float8, float8, float8, float8) IS
'Values (recorded planned days) that miss_cusum with p0, p1 and h reads on average until it alarms, when the probability of a miss is p: with p = p0 the time between false alarms. Exact: p0 = .2, p1 = .5 and h = 11 give 1,051.1, and 19.56 for p = .5. NULL if an argument is. Errors: 22023 unless 0 < p0 < p1 < 1 and the sum has whole steps (see miss_cusum), for h outside 1-10,000, or for p outside (0, 1]; 22003 for a run length beyond float8.';

CREATE FUNCTION coachiatry.silence_arl(p float8, n integer)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_silence_arl'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.silence_arl(float8, integer) IS
'Scheduled contacts on average until n in a row have been silent, where each is answered with probability p: (1 - q^n) / (p q^n) with q = 1 - p. So a fixed rule of "three missed" alarms every 155 contacts for somebody who answers 80 % of them, every 14 at 50 %. Also the run length of missed_run (p: that a planned day is not missed), unrecorded_run and g_chart. NULL if an argument is. Errors: 22023 for p outside (0, 1) or n outside 1-1,000,000; 22003 for a run length beyond float8.';

--
-- Limits from a false-alarm budget
--

CREATE FUNCTION coachiatry.cusum_limit(arl0 float8, k float8 DEFAULT 0.5, headstart float8 DEFAULT 0, sides integer DEFAULT 2)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_cusum_limit'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.cusum_limit(float8, float8, float8, integer) IS
'The h of a CUSUM with one false alarm in arl0 values: cusum_arl(k, h, 0, headstart, sides) = arl0. For arl0 = 500 and k = .5: 5.07. NULL if an argument is. Errors: 22023 as for cusum_arl, for arl0 outside 1 to 1e300, or where the lowest h, headstart, has a longer run length; 54000 where h would be too high.';

CREATE FUNCTION coachiatry.ewma_limit(arl0 float8, lambda float8 DEFAULT 0.1, sides integer DEFAULT 2)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_ewma_limit'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.ewma_limit(float8, float8, integer) IS
'The l of an EWMA with one false alarm in arl0 values: ewma_arl(lambda, l, 0, sides) = arl0. For arl0 = 500 and lambda = .1: 2.814. NULL if an argument is. Errors: 22023 as for ewma_arl, for arl0 outside 1 to 1e300, or where l = 0 has a longer run length; 54000 where lambda is too small.';

CREATE FUNCTION coachiatry.shewhart_limit(arl0 float8, runs integer DEFAULT 0, sides integer DEFAULT 2)
RETURNS float8
AS 'MODULE_PATHNAME', 'signal_shewhart_limit'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.shewhart_limit(float8, integer, integer) IS
'The l of a Shewhart chart with one false alarm in arl0 values: shewhart_arl(l, 0, runs, sides) = arl0. For arl0 = 500: 3.09. NULL if an argument is. Errors: 22023 as for shewhart_arl, for arl0 outside 1 to 1e300, or where no l has that run length because l = 0 has a longer one, or the runs alone alarm more often.';

CREATE FUNCTION coachiatry.bernoulli_cusum_limit(arl0 float8, p0 float8, p1 float8)
RETURNS integer
AS 'MODULE_PATHNAME', 'signal_bernoulli_cusum_limit'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.bernoulli_cusum_limit(float8, float8, float8) IS
'The least h of miss_cusum with at most one false alarm in arl0 recorded planned days: bernoulli_cusum_arl(p0, p1, h, p0) >= arl0. For arl0 = 365, p0 = .2 and p1 = .5: 9. NULL if an argument is. Errors: 22023 as for bernoulli_cusum_arl, or for arl0 outside 1 to 1e300; 54000 where h would be above 10,000.';

CREATE FUNCTION coachiatry.silence_limit(arl0 float8, p float8)
RETURNS integer
AS 'MODULE_PATHNAME', 'signal_silence_limit'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.silence_limit(float8, float8) IS
'The least n with at most one false alarm in arl0 scheduled contacts, each answered with probability p: silence_arl(p, n) >= arl0. For arl0 = 365: 4 at p = .8, 8 at p = .5. NULL if an argument is. Errors: 22023 for p outside (0, 1) or arl0 outside 1 to 1e300; 54000 where n would be above 1,000,000.';

--
-- Delays
--

CREATE FUNCTION coachiatry.expected_delay(detector text, parameters jsonb, change float8, OUT delay float8, OUT missed_14 float8,
	OUT missed_30 float8)
AS 'MODULE_PATHNAME', 'signal_expected_delay'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.expected_delay(text, jsonb, float8) IS
'What a detector catches how late: the values (days on which it reads one) that it takes on average to alarm after a change, and the shares of such changes that it has not caught after 14 and after 30 values. parameters is a JSON object of those that the detector has, by name, its defaults where left out; others, such as mean, make no difference and are ignored. change: for cusum, self_starting_cusum, ewma and shewhart a shift in standard deviations, either way; for miss_cusum, missed_run and unrecorded_run the new probability of such a day; for g_chart that of the event. Counted from a statistic at its start (0, or the headstart), which is about the slowest case, and only alarms on the side of the change; exact for normal values, an EWMA with its final limits, a self-starting CUSUM after a long baseline. NULL if an argument is. Errors: 0A000 for another detector, 22023 for parameters that are no object of numbers in their ranges, 54000 and 22003 as for the run lengths.';
