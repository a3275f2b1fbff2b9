-- Detectors: whether a calendar or a series has changed, as of a day.
-- Sections: what a detector says, detectors over a calendar, a detector of silence, detectors over a series.

--
-- What a detector says
--

CREATE TYPE coachiatry.signal AS (
	alarm boolean,
	statistic float8,
	lim float8,
	since date,
	shift float8,
	trace float8[]
);

COMMENT ON TYPE coachiatry.signal IS
'What a detector says as of a day: (alarm boolean, statistic float8, lim float8, since date, shift float8, trace float8[]). alarm: whether the statistic is beyond its limit now; a detector is a pure function of its value and is not reset by an alarm. statistic and lim: the two that are compared (statistic is NULL where there is no value yet). since: with an alarm, the day on which the change is thought to have begun. shift: with an alarm, how large the change is: for a series the mean of the values from since on less what was usual before, in the units of the measure; for a calendar a difference of probabilities or rates; NULL where a detector has none. trace: with trace => true, the statistic after each day that had a value, in order, as of that day.';

--
-- Detectors over a calendar
--

CREATE FUNCTION coachiatry.missed_run(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE, n integer DEFAULT 3,
	trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_missed_run'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.missed_run(coachiatry.adherence, date, integer, boolean) IS
'Whether the last n planned days of which something is known, or more, were all missed. statistic: how many in a row; lim: n, at which it alarms; since: the first of them; shift: NULL. Days on which nothing was planned, excused and unrecorded days are not there; a day with anything taken ends a run. NULL if an argument is. Error 22023 for n outside 1-1,000,000. Its run length is silence_arl(p, n), with p the probability that a planned day is not missed.';

CREATE FUNCTION coachiatry.unrecorded_run(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE, n integer DEFAULT 3,
	trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_unrecorded_run'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.unrecorded_run(coachiatry.adherence, date, integer, boolean) IS
'Whether of the last n planned days, or more, nothing is known. statistic: how many in a row; lim: n, at which it alarms; since: the first of them; shift: NULL. Days on which nothing was planned and excused days are not there. as_of counts as a day that is over. NULL if an argument is. Error 22023 for n outside 1-1,000,000.';

CREATE FUNCTION coachiatry.rate_below(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE, days integer DEFAULT 14,
	rate float8 DEFAULT 0.8, trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_rate_below'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.rate_below(coachiatry.adherence, date, integer, float8, boolean) IS
'Whether the adherence rate of the days calendar days that end with as_of is below rate. statistic: adherence_rate(a, within those days, skip_unrecorded => true), NULL where nothing of them is recorded, which is no alarm; lim: rate; since: the first recorded day of them that fell short; shift: statistic less rate. NULL if an argument is. Error 22023 for days outside 1-73,050 or a rate outside 0-1.';

CREATE FUNCTION coachiatry.rate_drop(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE, days integer DEFAULT 14,
	before integer DEFAULT 28, drop float8 DEFAULT 0.2, trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_rate_drop'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.rate_drop(coachiatry.adherence, date, integer, integer, float8, boolean) IS
'Whether the adherence rate has fallen by more than drop: that of the days calendar days that end with as_of, against that of the before days before them. statistic: the earlier rate less the later one, unrecorded days left out, NULL where nothing of one of the two is recorded, which is no alarm; lim: drop; since: the first recorded day of the later ones that fell short; shift: the later rate less the earlier one. NULL if an argument is. Error 22023 for days or before outside 1-73,050 or a drop outside 0-1.';

CREATE FUNCTION coachiatry.over_use(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE, days integer DEFAULT 7, n integer DEFAULT 2,
	trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_over_use'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.over_use(coachiatry.adherence, date, integer, integer, boolean) IS
'Whether n or more of the days calendar days that end with as_of were days of status over: more taken than prescribed. statistic: how many; lim: n, at which it alarms; since: the first of them; shift: NULL. NULL if an argument is. Error 22023 for days outside 1-73,050 or n outside 1-1,000,000.';

CREATE FUNCTION coachiatry.miss_cusum(a coachiatry.adherence, as_of date DEFAULT CURRENT_DATE, p0 float8 DEFAULT 0.2, p1 float8 DEFAULT 0.5,
	h float8 DEFAULT 11, threshold float8 DEFAULT 1.0, trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_miss_cusum'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.miss_cusum(coachiatry.adherence, date, float8, float8, float8, float8, boolean) IS
'Whether the probability that a planned day is not adherent has gone from p0 towards p1: the Bernoulli CUSUM on whole numbers (Reynolds and Stoumbos 1999). Each recorded planned day that is not adherent (taken below threshold x prescribed) adds m - 1, any other takes away 1, and the sum stays at 0 or above; m is ln(p1 (1 - p0) / (p0 (1 - p1))) / -ln((1 - p1) / (1 - p0)), rounded. statistic: the sum; lim: h rounded up, at which it alarms; since: the first day after the sum was last 0; shift: the share of days since then that were not adherent, less p0. Unrecorded and excused days are not there. The defaults alarm once in 1,051 such days while p0 holds, and 19.6 after a change to p1: bernoulli_cusum_arl, bernoulli_cusum_limit. NULL if an argument is. Error 22023 unless 0 < p0 < p1 < 1 and m >= 2, for h outside 1-10,000, or for a threshold outside (0, 1].';

CREATE FUNCTION coachiatry.g_chart(a coachiatry.adherence, as_of date, p float8, l float8 DEFAULT 3, event text DEFAULT 'missed',
	threshold float8 DEFAULT 1.0, trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_g_chart'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.g_chart(coachiatry.adherence, date, float8, float8, text, float8, boolean) IS
'Whether a rare event has become rarer: the g-chart of the recorded planned days since the last one (Kaminsky and others 1992), p being the probability of the event on such a day. event: ''missed'', a day that is not adherent (taken below threshold x prescribed), so that an alarm is good news, or a record too good to be true; ''adherent'', any other recorded planned day, so that an alarm is an absence. statistic: the days since the last event; lim: (1 - p) / p + l sqrt(1 - p) / p, above which it alarms; since: the day of the last event, the first recorded day if there was none; shift: 1 / (statistic + 1), the estimated probability, less p. Its run length is silence_arl(p, floor(lim) + 1). NULL if an argument is. Error 22023 for p outside (0, 1), an l that is negative or infinite, any other event, or a threshold outside (0, 1].';

--
-- A detector of silence
--

CREATE FUNCTION coachiatry.silence(last_at timestamptz, as_of timestamptz, rate float8, alpha float8 DEFAULT 0.01,
	trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_silence'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.silence(timestamptz, timestamptz, float8, float8, boolean) IS
'Whether it has been quiet for longer than chance explains, where contacts come at a rate of so many a day: exp(-rate x gap) < alpha. statistic: days from last_at to as_of (0 if that is later); lim: -ln(alpha) / rate, above which it alarms; since: the day of last_at in the time zone of the session; shift: NULL. NULL if an argument is. Errors: 22023 for a rate that is not finite and above 0 or an alpha outside (0, 1), 22008 for an infinite instant.';

--
-- Detectors over a series
--

CREATE FUNCTION coachiatry.cusum(s coachiatry.series, as_of date DEFAULT CURRENT_DATE, k float8 DEFAULT 0.5, h float8 DEFAULT 5,
	mean float8 DEFAULT 0, sd float8 DEFAULT 1, headstart float8 DEFAULT 0, direction text DEFAULT 'both', trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_cusum'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.cusum(coachiatry.series, date, float8, float8, float8, float8, float8, text, boolean) IS
'Whether a measure has shifted from its mean: the CUSUM (Page 1954) with headstart (Lucas and Crosier 1982). With z = (day mean - mean) / sd, up = max(0, up + z - k) and down = max(0, down - z - k), both from headstart on; k, h and headstart are in standard deviations, and without mean and sd the values are taken to be standardised already. direction: ''up'', ''down'' or ''both'', without which a rule warns of recovery. statistic: the sum of that side, of both the larger; lim: h, above which it alarms; since: the first day after that sum was last 0; shift: the mean since then less mean. Days without a value are not there. cusum_limit gives h for a budget of false alarms. NULL if an argument is. Error 22023 for k or h that is negative or not finite, an sd that is not above 0, a headstart outside 0 to h, or another direction.';

CREATE FUNCTION coachiatry.self_starting_cusum(s coachiatry.series, as_of date DEFAULT CURRENT_DATE, k float8 DEFAULT 0.5, h float8 DEFAULT 5,
	direction text DEFAULT 'both', trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_self_starting_cusum'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.self_starting_cusum(coachiatry.series, date, float8, float8, text, boolean) IS
'The CUSUM that needs no baseline (Hawkins 1987): each day mean, from the third on, is compared with the n - 1 before it. T = (x - their mean) / their sd, U is the normal value with the probability of T sqrt((n - 1) / n) in Student''s distribution with n - 2 degrees of freedom, and the CUSUM is that of U; while the values before are all equal a value enters mean and sd but not the CUSUM. Its run lengths without a change are those of cusum_arl(k, h) from the first day on; a plug-in mean of 28 days gives twice as many false alarms in the month after. A shift within the first two weeks becomes part of what is usual. statistic, lim and since as for cusum; shift: the mean since then less the mean of all values before. NULL if an argument is. Error 22023 for k or h that is negative or not finite, or a direction other than ''up'', ''down'' or ''both''.';

CREATE FUNCTION coachiatry.ewma(s coachiatry.series, as_of date DEFAULT CURRENT_DATE, lambda float8 DEFAULT 0.1, l float8 DEFAULT 2.7,
	mean float8 DEFAULT 0, sd float8 DEFAULT 1, direction text DEFAULT 'both', trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_ewma'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.ewma(coachiatry.series, date, float8, float8, float8, float8, text, boolean) IS
'Whether a measure has shifted a little and for long: the exponentially weighted moving average Z = (1 - lambda) Z + lambda z of z = (day mean - mean) / sd, from 0 on (Roberts 1959), against limits that widen as it settles: l sqrt(lambda / (2 - lambda) (1 - (1 - lambda)^(2 t))) after t values. statistic: Z for direction ''up'', -Z for ''down'', |Z| for ''both''; lim: that limit, above which it alarms; since: the first day after Z came to its side of 0; shift: the mean since then less mean. Days without a value are not there. ewma_limit gives l for a budget of false alarms (with fixed limits: with these there are a few more in the first days). NULL if an argument is. Error 22023 for lambda outside (0, 1], an l that is negative or not finite, an sd that is not above 0, or another direction.';

CREATE FUNCTION coachiatry.shewhart(s coachiatry.series, as_of date DEFAULT CURRENT_DATE, l float8 DEFAULT 3, runs integer DEFAULT 0,
	mean float8 DEFAULT 0, sd float8 DEFAULT 1, direction text DEFAULT 'both', trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_shewhart'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.shewhart(coachiatry.series, date, float8, integer, float8, float8, text, boolean) IS
'Whether the last value is far out: alarm where z = (day mean - mean) / sd is beyond l (Shewhart 1931), or, with runs above 0, where the last runs values or more lie on the same side of the mean (Champ and Woodall 1987; with 8 and l = 3 once in 152.7 values by chance). statistic: z for direction ''up'', -z for ''down'', |z| for ''both'', NULL without a value; lim: l; since: the first day of the run on that side, or of the values in a row beyond the limit; shift: the mean since then less mean. A value at the mean ends a run. NULL if an argument is. Error 22023 for an l that is negative or not finite, runs outside 0-1,000,000, an sd that is not above 0, or another direction.';

CREATE FUNCTION coachiatry.reliable_change(s coachiatry.series, as_of date, sd float8, reliability float8, l float8 DEFAULT 1.96,
	direction text DEFAULT 'both', trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_reliable_change'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.reliable_change(coachiatry.series, date, float8, float8, float8, text, boolean) IS
'Whether the last value differs from the first by more than the instrument''s error (Jacobson and Truax 1991): the difference over sd sqrt(2 (1 - reliability)), sd being that of the instrument in a population. clip() the series to choose the baseline. statistic: that index for direction ''up'', its negative for ''down'', its size for ''both'', NULL without a value; lim: l, above which it alarms; since: the first of the values in a row that differ so; shift: their mean less the first value. NULL if an argument is. Error 22023 for an sd that is not above 0, a reliability outside [0, 1), an l that is negative or not finite, or another direction.';

CREATE FUNCTION coachiatry.off_track(s coachiatry.series, as_of date, expected coachiatry.series, band float8 DEFAULT 0,
	direction text DEFAULT 'down', trace boolean DEFAULT false)
RETURNS coachiatry.signal
AS 'MODULE_PATHNAME', 'signal_off_track'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.off_track(coachiatry.series, date, coachiatry.series, float8, text, boolean) IS
'Whether the last value is off an expected trajectory by more than band, in the units of the measure (the idea of "not on track" of Lambert''s outcome questionnaires). expected holds the trajectory on some days: straight lines between them, level before the first and after the last. direction: ''down'' where lower is worse, ''up'' where higher is, or ''both''. statistic: how far off, on that side, NULL without a value or a trajectory; lim: band, above which it alarms; since: the first of the values in a row that are off; shift: the mean of their differences from the trajectory. NULL if an argument is. Error 22023 for a band that is negative or not finite, or another direction.';
