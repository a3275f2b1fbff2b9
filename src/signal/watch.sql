-- Watching: a detector with its parameters follows a stream day by day, and when a warning of it is open.

CREATE FUNCTION coachiatry.detector_parameters(detector text, parameters jsonb DEFAULT '{}', arl0 float8 DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'signal_detector_parameters'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.detector_parameters(text, jsonb, float8) IS
'All parameters of a detector that a stream can be watched by, as a JSON object of numbers: those given, and for the others what they are unless given. missed_run and unrecorded_run: n, usual (the probability of such a day, which only a run length asks for); rate_below: days, rate; rate_drop: days, before, drop; over_use: days, n; miss_cusum: p0, p1, h, threshold; g_chart: p, l, threshold; cusum: k, h, mean, sd, headstart; self_starting_cusum: k, h; ewma: lambda, l, mean, sd; shewhart: l, runs, mean, sd; reliable_change: sd, reliability, l; silence: rate, alpha. With arl0 (values from one false alarm to the next, one-sided; days for silence) the limit among them (n, h, l or alpha) is computed from it by silence_limit(), bernoulli_cusum_limit(), cusum_limit(), ewma_limit() or shewhart_limit(). NULL if detector or parameters is. Errors: 22023 for a detector or parameter there is none of, and a value out of range; 0A000 for arl0 of rate_below, rate_drop, over_use, g_chart and reliable_change, whose limit no run length is inverted for; those of the limit functions.';

CREATE FUNCTION coachiatry.alarm_spells(detector text, parameters jsonb, calendar coachiatry.adherence, series coachiatry.series, direction text,
	first date, through date, ahead integer, hold_days integer, clear_days integer, cool_down_days integer, closings date[],
	OUT opened date, OUT ended date, OUT closed boolean, OUT judged date, OUT statistic float8, OUT lim float8, OUT since date, OUT shift float8)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'signal_alarm_spells'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 2;

COMMENT ON FUNCTION coachiatry.alarm_spells(text, jsonb, coachiatry.adherence, coachiatry.series, text, date, date, integer, integer, integer, integer, date[]) IS
'The spells in which a warning is open, by the detector''s answer as of each day from first on. A spell opens (opened) on the day on which the alarm has lasted hold_days more days in a row; it ends (ended; NULL: not by the last day walked) after clear_days days in a row without alarm, or, with closed, on a day of closings (in order), on which somebody closed it; the next one opens more than cool_down_days later. Of the calendar (missed_run, unrecorded_run, rate_below, rate_drop, over_use, miss_cusum, g_chart) or the series (cusum, self_starting_cusum, ewma, shewhart, reliable_change; silence: days since its last value, or since first) the days through the day through are read; then ahead more days are walked as if nothing more were recorded; whether they are planned is not known (unrecorded_run), so a spell opens as if all were, and one that is open ends as if none were. judged: the last day that is over: through of a series, and of a calendar if all that was planned on it is recorded, else the day before. So what opens or ends later than judged has not happened yet, and will on that day, or for unrecorded_run at the soonest then, unless something is recorded before. statistic, lim, since, shift: what the detector said on the day that it opened; NULL beyond through. direction: up (NULL), down or both, of a series. No calendar or series (NULL) is one without days. No rows if another argument is NULL. Errors: those of detector_parameters(), 22008 for days that are not finite or span over 200 years, 22023 for closings out of order.';
