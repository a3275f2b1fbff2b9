-- Watching: parameters of detectors, and the spells in which a warning is open: exact rows, defaults, budgets and errors. The extension is loaded;
-- behaviour over random data is in test/unit/watch.c and test/pgtap/warning_*.sql.
SET search_path TO public, coachiatry;
SET datestyle TO 'ISO, YMD';
SET extra_float_digits TO -6;
\pset null NULL

--
-- Parameters
--
-- what each takes, and what it is unless given
SELECT d AS detector, detector_parameters(d) FROM unnest('{missed_run,unrecorded_run,rate_below,rate_drop,over_use,miss_cusum,g_chart,
	cusum,self_starting_cusum,ewma,shewhart,reliable_change,off_track,silence}'::text[]) d;
-- those given stay, NULL is as if left out
SELECT detector_parameters('missed_run', '{"n": 5}'), detector_parameters('ewma', '{"lambda": 0.25, "l": null}'), detector_parameters('cusum', '{"h": 4, "headstart": 2}');
-- their own result is read again
SELECT bool_and(detector_parameters(d, detector_parameters(d)) = detector_parameters(d)) FROM unnest('{missed_run,unrecorded_run,rate_below,rate_drop,over_use,miss_cusum,
	g_chart,cusum,self_starting_cusum,ewma,shewhart,reliable_change,off_track,silence}'::text[]) d;
SELECT detector_parameters(NULL), detector_parameters('cusum', NULL), detector_parameters(NULL, NULL, 100);
-- the limit from a budget of false alarms, and the run length of that limit: at least the budget for whole limits, and the next lower one is less
SELECT p -> 'n' AS n, silence_arl(0.9, (p ->> 'n')::int) >= 1000 AS enough, silence_arl(0.9, (p ->> 'n')::int - 1) < 1000 AS least
FROM detector_parameters('missed_run', '{}', 1000) p;
SELECT p -> 'n' AS n, silence_arl(0.6, (p ->> 'n')::int) >= 300 AS enough, silence_arl(0.6, (p ->> 'n')::int - 1) < 300 AS least
FROM detector_parameters('unrecorded_run', '{"usual": 0.4}', 300) p;
SELECT p -> 'h' AS h, bernoulli_cusum_arl(0.2, 0.5, (p ->> 'h')::float8, 0.2) >= 1000 AS enough, bernoulli_cusum_arl(0.2, 0.5, (p ->> 'h')::float8 - 1, 0.2) < 1000 AS least
FROM detector_parameters('miss_cusum', '{}', 1000) p;
-- exactly the budget for the others
SELECT round(cusum_arl((p ->> 'k')::float8, (p ->> 'h')::float8, sides => 1)::numeric, 1) FROM detector_parameters('cusum', '{}', 500) p;
SELECT round(cusum_arl((p ->> 'k')::float8, (p ->> 'h')::float8, headstart => 1, sides => 1)::numeric, 1) FROM detector_parameters('cusum', '{"headstart": 1}', 500) p;
SELECT round(cusum_arl((p ->> 'k')::float8, (p ->> 'h')::float8, sides => 1)::numeric, 1) FROM detector_parameters('self_starting_cusum', '{"k": 0.25}', 500) p;
SELECT round(ewma_arl((p ->> 'lambda')::float8, (p ->> 'l')::float8, sides => 1)::numeric, 0) FROM detector_parameters('ewma', '{"lambda": 0.2}', 500) p;
SELECT round(shewhart_arl((p ->> 'l')::float8, runs => (p ->> 'runs')::int, sides => 1)::numeric, 1) FROM detector_parameters('shewhart', '{}', 500) p;
SELECT p -> 'alpha' AS alpha, round((1 / ((p ->> 'rate')::float8 * (p ->> 'alpha')::float8))::numeric, 6) AS days FROM detector_parameters('silence', '{"rate": 0.5}', 400) p;
-- errors
SELECT detector_parameters('misses');
SELECT detector_parameters('');
SELECT detector_parameters(repeat('x', 1000));
SELECT detector_parameters('missed_run', '{"m": 3}');
SELECT detector_parameters('missed_run', '[3]');
SELECT detector_parameters('missed_run', '3');
SELECT detector_parameters('missed_run', '{"n": "3"}');
SELECT detector_parameters('missed_run', '{"n": {"n": 3}}');
SELECT detector_parameters('missed_run', '{"n": 2.5}');
SELECT detector_parameters('missed_run', '{"n": 0}');
SELECT detector_parameters('missed_run', '{"n": 1e9}');
SELECT detector_parameters('missed_run', '{"usual": 1}');
SELECT detector_parameters('rate_below', '{"days": 0}');
SELECT detector_parameters('rate_below', '{"rate": 1.5}');
SELECT detector_parameters('rate_drop', '{"before": -1}');
SELECT detector_parameters('rate_drop', '{"drop": -0.1}');
SELECT detector_parameters('over_use', '{"n": 0}');
SELECT detector_parameters('miss_cusum', '{"p0": 0.5, "p1": 0.2}');
SELECT detector_parameters('miss_cusum', '{"h": 0}');
SELECT detector_parameters('miss_cusum', '{"threshold": 0}');
SELECT detector_parameters('g_chart', '{"p": 0}');
SELECT detector_parameters('g_chart', '{"l": -1}');
SELECT detector_parameters('cusum', '{"sd": 0}');
SELECT detector_parameters('cusum', '{"h": 4, "headstart": 5}');
SELECT detector_parameters('cusum', '{"k": -1}');
SELECT detector_parameters('ewma', '{"lambda": 0}');
SELECT detector_parameters('shewhart', '{"runs": 1.5}');
SELECT detector_parameters('reliable_change', '{"reliability": 1}');
SELECT detector_parameters('silence', '{"rate": 0}');
SELECT detector_parameters('silence', '{"alpha": 1}');
SELECT detector_parameters('rate_below', '{}', 100);
SELECT detector_parameters('reliable_change', '{}', 100);
SELECT detector_parameters('cusum', '{}', 0);
SELECT detector_parameters('cusum', '{}', 'NaN');
SELECT detector_parameters('silence', '{}', 1);

--
-- Spells
--
-- open until the alarm is gone; as of today, all of which is known
SELECT * FROM alarm_spells('missed_run', '{"n": 2}', '2026-01-05: + -3 + -2', NULL, NULL, '2026-01-05', '2026-01-11', 0, 0, 1, 0, NULL);
-- held, cleared late, with a cool-down
SELECT opened, ended FROM alarm_spells('missed_run', '{"n": 2}', '2026-01-05: + -3 + -2', NULL, NULL, '2026-01-05', '2026-01-11', 0, 1, 1, 0, NULL);
SELECT opened, ended FROM alarm_spells('missed_run', '{"n": 2}', '2026-01-05: + -3 + -2', NULL, NULL, '2026-01-05', '2026-01-11', 0, 0, 2, 0, NULL);
SELECT opened, ended FROM alarm_spells('missed_run', '{"n": 2}', '2026-01-05: + -3 + -2', NULL, NULL, '2026-01-05', '2026-01-11', 0, 0, 1, 2, NULL);
-- closed by somebody, and opened anew while it lasts
SELECT opened, ended, closed FROM alarm_spells('missed_run', '{"n": 2}', '2026-01-05: + -6', NULL, NULL, '2026-01-05', '2026-01-11', 0, 0, 1, 1, '{2026-01-08}');
-- only from the first day on; what was before is read
SELECT opened, since FROM alarm_spells('missed_run', '{"n": 2}', '2026-01-05: + -6', NULL, NULL, '2026-01-09', '2026-01-11', 0, 0, 1, 0, NULL);
-- the last day is judged once all that was planned is recorded
SELECT opened, judged FROM alarm_spells('unrecorded_run', '{"n": 2}', '2026-01-05: + ? ?', NULL, NULL, '2026-01-05', '2026-01-07', 0, 0, 1, 0, NULL);
SELECT opened, judged FROM alarm_spells('missed_run', '{"n": 2}', '2026-01-05: + - -', NULL, NULL, '2026-01-05', '2026-01-07', 0, 0, 1, 0, NULL);
SELECT opened, judged FROM alarm_spells('missed_run', '{"n": 1}', '2026-01-05: (2,1) (2,0,1)', NULL, NULL, '2026-01-05', '2026-01-06', 0, 0, 1, 0, NULL);
-- ahead: silence as if every day were planned, windows that move on; what it says of a day to come is not known
SELECT * FROM alarm_spells('unrecorded_run', '{"n": 3}', '2026-01-05: +2', NULL, NULL, '2026-01-05', '2026-01-07', 10, 0, 1, 0, NULL);
SELECT opened, ended, statistic FROM alarm_spells('rate_below', '{"days": 3, "rate": 0.5}', '2026-01-05: +2 -2 +', NULL, NULL, '2026-01-05', '2026-01-09', 10, 0, 1, 0, NULL);
-- one that is open may end as soon as no more days are planned
SELECT opened, ended FROM alarm_spells('unrecorded_run', '{"n": 2}', '2026-01-05: ?3 +', NULL, NULL, '2026-01-05', '2026-01-08', 9, 0, 3, 0, NULL);
-- series: up, down, both; silence
SELECT s.direction, a.* FROM (VALUES (NULL), ('up'), ('down'), ('both')) s (direction)
CROSS JOIN LATERAL alarm_spells('shewhart', '{"l": 2}', NULL, '2026-01-05: 0 3 0 -3 0', s.direction, '2026-01-05', '2026-01-09', 0, 0, 1, 0, NULL) a;
-- off track: 12 points better over 28 days are expected, within 4; and the same in plain SQL
SELECT opened, ended, round(statistic::numeric, 6) AS statistic, lim, since, round(shift::numeric, 6) AS shift
FROM alarm_spells('off_track', '{"gain": 12, "days": 28, "band": 4}', NULL, '2026-01-05: 20 . . . . . . 19 . . . . . . 13 . . . . . . 15 . . . . . . 7 14', 'up', '2026-01-05', '2026-02-28', 0, 0, 1, 0, NULL);
SELECT d.day, round((d.mean - (20 - 12 * ln(1 + least(d.day - '2026-01-05', 28)) / ln(29)))::numeric, 6) AS off
FROM to_series_days('2026-01-05: 20 . . . . . . 19 . . . . . . 13 . . . . . . 15 . . . . . . 7 14'::series) d;
SELECT opened FROM alarm_spells('off_track', '{"gain": 12, "days": 28, "band": 4}', NULL, '2026-01-05: 20 . . . . . . 21 . . . . . . 27', 'down', '2026-01-05', '2026-01-20', 0, 0, 1, 0, NULL);
SELECT alarm_spells('off_track', '{}', NULL, '2026-01-05: 20', 'both', '2026-01-05', '2026-01-20', 0, 0, 1, 0, NULL);
SELECT detector_parameters('off_track', '{"gain": -1}');
SELECT detector_parameters('off_track', '{}', 100);
SELECT * FROM alarm_spells('silence', '{"rate": 0.5, "alpha": 0.2}', NULL, '2026-01-05: 1 . . . . . 1', NULL, '2026-01-05', '2026-01-12', 5, 0, 1, 0, NULL);
SELECT opened, since FROM alarm_spells('silence', '{"rate": 0.5, "alpha": 0.2}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, NULL);
-- without days, and without one of the other arguments
SELECT count(*) FROM alarm_spells('missed_run', '{}', 'empty', NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, NULL);
SELECT count(*) FROM alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, NULL);
SELECT count(*) FROM alarm_spells('missed_run', '{"n": 1}', '2026-01-05: -5', NULL, NULL, '2026-01-10', '2026-01-05', 0, 0, 1, 0, NULL);
SELECT count(*) FROM alarm_spells(NULL, '{"n": 1}', '2026-01-05: -5', NULL, NULL, '2026-01-05', '2026-01-09', 0, 0, 1, 0, NULL);
SELECT count(*) FROM alarm_spells('missed_run', NULL, '2026-01-05: -5', NULL, NULL, '2026-01-05', '2026-01-09', 0, 0, 1, 0, NULL);
SELECT count(*) FROM alarm_spells('missed_run', '{"n": 1}', '2026-01-05: -5', NULL, NULL, NULL, '2026-01-09', 0, 0, 1, 0, NULL);
SELECT count(*) FROM alarm_spells('missed_run', '{"n": 1}', '2026-01-05: -5', NULL, NULL, '2026-01-05', '2026-01-09', 0, NULL, 1, 0, NULL);
-- errors
SELECT alarm_spells('misses', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{"m": 1}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, NULL);
SELECT alarm_spells('cusum', '{}', NULL, NULL, 'sideways', '2026-01-05', '2026-01-12', 0, 0, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '-infinity', '2026-01-12', 0, 0, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', 'infinity', 0, 0, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '1026-01-05', '2026-01-12', 0, 0, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 80000, 0, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', -1, 0, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, -1, 1, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 0, 0, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, -1, NULL);
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, '{2026-01-09,2026-01-08}');
SELECT alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, '{NULL}');
SELECT count(*) FROM alarm_spells('missed_run', '{}', NULL, NULL, NULL, '2026-01-05', '2026-01-12', 0, 0, 1, 0, '{2026-01-08,2026-01-08}');
-- as a table of the program takes it
SELECT provolatile, proparallel, proisstrict, proretset FROM pg_proc WHERE oid IN ('alarm_spells'::regproc, 'detector_parameters'::regproc) ORDER BY proname;
