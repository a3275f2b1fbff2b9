-- Detectors and run lengths: exact text of rows, results and errors. The
-- extension is loaded; behaviour over random data is in test/pgtap/signal_*.sql.
SET search_path TO public, coachiatry;
SET datestyle TO 'ISO, YMD';
SET timezone TO 'UTC';
SET extra_float_digits TO -6;
\pset null NULL

--
-- Calendars
--
-- known misses in a row; unrecorded, excused and unplanned days are not there
SELECT * FROM missed_run('2026-01-05: + - ? -2 . x1 -', '2026-01-12', trace => true);
SELECT * FROM missed_run('2026-01-05: + - ? -2 . x1 -', '2026-01-08', n => 4);
SELECT * FROM missed_run('2026-01-05: -3 +', '2026-01-08');
SELECT * FROM unrecorded_run('2026-01-05: + ?2 . x1 ?', '2026-01-10', trace => true);
SELECT * FROM unrecorded_run('2026-01-05: + ?2 -', '2026-01-08');
-- as_of is the last day that there is
SELECT as_of::date, alarm, statistic
FROM generate_series(timestamp '2026-01-04', '2026-01-09', '1 day') AS as_of,
	missed_run('2026-01-05: + -4', as_of::date);
SELECT alarm, statistic FROM missed_run('2026-01-05: + -4', 'infinity') UNION ALL
SELECT alarm, statistic FROM missed_run('2026-01-05: + -4', '-infinity');
-- windows
SELECT * FROM rate_below('2026-01-05: +8 ?2 -2', '2026-01-16', days => 7, rate => .75, trace => true);
SELECT * FROM rate_below('2026-01-05: +8 ?2 -2', '2026-01-30', days => 7);
SELECT * FROM rate_drop('2026-01-05: +8 - +', '2026-01-14', days => 4, before => 6, trace => true);
SELECT * FROM rate_drop('2026-01-05: +8 - +', '2026-01-14', days => 20);
SELECT * FROM over_use('2026-01-05: (1,2) + (1,3) +3 (0,2)', '2026-01-11', trace => true);
SELECT * FROM over_use('2026-01-05: (1,2) + (1,3) +3 (0,2)', '2026-01-12');
-- a change of the probability of a miss
SELECT * FROM miss_cusum('2026-01-05: +8 - + - ? - + -3', '2026-01-22', trace => true);
SELECT * FROM miss_cusum('2026-01-05: +8 - + - ? - + -3', '2026-01-22', h => 9.5);
SELECT trace FROM miss_cusum('2026-01-05: (2,1)3', '2026-01-22', trace => true) UNION ALL
SELECT trace FROM miss_cusum('2026-01-05: (2,1)3', '2026-01-22', threshold => .5, trace => true);
-- rare events
SELECT * FROM g_chart('2026-01-05: +2 - +5', '2026-01-12', p => .5, trace => true);
SELECT * FROM g_chart('2026-01-05: +9', '2026-01-13', p => .5);
SELECT * FROM g_chart('2026-01-05: +2 -5', '2026-01-12', p => .8, event => 'adherent');
-- silence
SELECT * FROM silence('2026-01-05 12:00', '2026-01-09 18:00', rate => 1, trace => true);
SELECT * FROM silence('2026-01-05 12:00', '2026-01-15', rate => .5, alpha => .01);
SELECT * FROM silence('2026-01-05 12:00', '2026-01-01', rate => .5);

--
-- Series
--
SELECT * FROM cusum('2026-01-05: 0 1 .2 2 3 -1', '2026-01-12', h => 3, trace => true);
SELECT direction, s.* FROM unnest('{up,down,both}'::text[]) AS direction,
	cusum('2026-01-05: 12 8 6 5 7', '2026-01-09', .5, 4, mean => 10, sd => 2, direction => direction, trace => true) AS s;
SELECT * FROM cusum('2026-01-05: 1', '2026-01-05', k => .5, h => 4, headstart => 2, trace => true);
SELECT * FROM cusum('2026-01-05: 1', '2026-01-04', k => .5, h => 4, headstart => 2, trace => true);
SELECT * FROM cusum('empty', '2026-01-04');
SELECT * FROM self_starting_cusum('2026-01-05: 5 5 6 4 5 6 5 4 9 9 9', '2026-01-20', h => 3, trace => true);
SELECT * FROM self_starting_cusum('2026-01-05: 36.6 36.6 36.6 36.6', '2026-01-20', trace => true);
SELECT * FROM ewma('2026-01-05: 0 1 2 3', '2026-01-20', .2, 2, trace => true);
SELECT * FROM ewma('2026-01-05: 10 9 8 7', '2026-01-20', .2, 2, 10, 1, 'up');
SELECT * FROM shewhart('2026-01-05: 0 1 3.5 4', '2026-01-20', trace => true);
SELECT * FROM shewhart('2026-01-05: -1 1 0.1 2', '2026-01-20', runs => 3);
SELECT * FROM shewhart('2026-01-05: -1 1 0 2', '2026-01-20', runs => 2, direction => 'up');
SELECT * FROM shewhart('empty', '2026-01-20', trace => true);
SELECT * FROM reliable_change('2026-01-05: 47.5 .6 32.5', '2026-01-20', 7.5, .8, trace => true);
SELECT * FROM reliable_change('2026-01-05: 47.5 .6 32.5', '2026-01-20', 7.5, .8, direction => 'up');
SELECT * FROM off_track('2026-01-05: 20 .4 20 .4 20', '2026-01-20', '2026-01-05: 20 .9 40', 5, trace => true);
SELECT * FROM off_track('2026-01-05: 20 .4 20', '2026-01-20', 'empty', 5);
-- a day counts as its mean, a day without a value not at all
SELECT trace FROM cusum('2026-01-05: 6/2 .5 8/4', '2026-01-20', trace => true);

--
-- Any NULL gives NULL
--
SELECT missed_run(NULL, '2026-01-05') IS NULL AS calendar, missed_run('2026-01-05: -', NULL) IS NULL AS day,
	cusum('2026-01-05: 1', '2026-01-05', mean => NULL) IS NULL AS mean, cusum_arl(.5, NULL) IS NULL AS h,
	silence(NULL, '2026-01-05', 1) IS NULL AS never;

--
-- Run lengths, limits, delays
--
SELECT cusum_arl(.5, 4), cusum_arl(.5, 4, shift => 1), cusum_arl(.5, 4, headstart => 2), cusum_arl(.5, 4, 1, 2), cusum_arl(.5, 4, sides => 1);
SELECT ewma_arl(.5, 3.071), ewma_arl(.5, 3.071, 1), ewma_arl(.5, 2, 1.25), ewma_arl(.1, 2.7, sides => 1);
SELECT shewhart_arl(3), shewhart_arl(3, 1), shewhart_arl(3, runs => 8), shewhart_arl(3, 1, 8), shewhart_arl(3, runs => 8, sides => 1);
SELECT bernoulli_cusum_arl(.2, .5, 11, .2), bernoulli_cusum_arl(.2, .5, 11, .5), bernoulli_cusum_arl(.2, .5, 10.5, .5), bernoulli_cusum_arl(.1, .2, 1, .1);
SELECT silence_arl(.8, 3), silence_arl(.8, 5), silence_arl(.5, 5), silence_arl(.5, 7), silence_arl(.3, 7), silence_arl(.3, 14);
SELECT cusum_limit(370), cusum_limit(370, .25), cusum_limit(370, headstart => 2), cusum_limit(370, sides => 1);
SELECT ewma_limit(500, .5), ewma_limit(500), shewhart_limit(370.4), shewhart_limit(100, runs => 8), shewhart_limit(100, sides => 1);
SELECT bernoulli_cusum_limit(365, .2, .5), silence_limit(365, .8), silence_limit(365, .5);
SELECT * FROM expected_delay('cusum', '{"h": 4}', 1);
SELECT * FROM expected_delay('cusum', '{"k": 0.5, "h": 4, "headstart": 2, "mean": 20, "direction": "up"}', -1);
SELECT * FROM expected_delay('ewma', '{"lambda": 0.1, "l": null}', 1);
SELECT * FROM expected_delay('shewhart', '{"runs": 8}', 1);
SELECT * FROM expected_delay('miss_cusum', '{}', .5);
SELECT * FROM expected_delay('missed_run', '{"n": 3}', .5);
SELECT * FROM expected_delay('g_chart', '{"p": 0.5, "l": 8}', .1);
SELECT * FROM expected_delay(NULL, '{}', 1);

--
-- What is refused
--
SELECT missed_run('2026-01-05: -', '2026-01-05', 0);
SELECT unrecorded_run('2026-01-05: -', '2026-01-05', -1);
SELECT rate_below('2026-01-05: -', '2026-01-05', days => 0);
SELECT rate_below('2026-01-05: -', '2026-01-05', rate => 80);
SELECT rate_drop('2026-01-05: -', '2026-01-05', before => 80000);
SELECT rate_drop('2026-01-05: -', '2026-01-05', drop => 'NaN');
SELECT over_use('2026-01-05: -', '2026-01-05', n => 0);
SELECT miss_cusum('2026-01-05: -', '2026-01-05', p0 => .5, p1 => .2);
SELECT miss_cusum('2026-01-05: -', '2026-01-05', p0 => 0);
SELECT miss_cusum('2026-01-05: -', '2026-01-05', p0 => .9, p1 => .95);
SELECT miss_cusum('2026-01-05: -', '2026-01-05', h => 0);
SELECT miss_cusum('2026-01-05: -', '2026-01-05', threshold => 0);
SELECT g_chart('2026-01-05: -', '2026-01-05', 1);
SELECT g_chart('2026-01-05: -', '2026-01-05', .5, -1);
SELECT g_chart('2026-01-05: -', '2026-01-05', .5, event => 'taken');
SELECT silence('2026-01-05', '2026-01-05', 0);
SELECT silence('2026-01-05', '2026-01-05', 1, 1);
SELECT silence('-infinity', '2026-01-05', 1);
SELECT cusum('empty', '2026-01-05', k => -1);
SELECT cusum('empty', '2026-01-05', h => 'NaN');
SELECT cusum('empty', '2026-01-05', mean => 'Infinity');
SELECT cusum('empty', '2026-01-05', sd => 0);
SELECT cusum('empty', '2026-01-05', headstart => 6);
SELECT cusum('empty', '2026-01-05', direction => 'sideways');
SELECT ewma('empty', '2026-01-05', lambda => 0);
SELECT shewhart('empty', '2026-01-05', runs => -1);
SELECT reliable_change('empty', '2026-01-05', 7.5, 1);
SELECT off_track('empty', '2026-01-05', 'empty', -1);
SELECT cusum_arl(.5, -1);
SELECT cusum_arl(.5, 4, sides => 3);
SELECT cusum_arl(.5, 4, shift => 'NaN');
SELECT cusum_arl(.5, 1000);
SELECT cusum_arl(10, 100);
SELECT ewma_arl(1e-9, 3);
SELECT shewhart_arl(50);
SELECT bernoulli_cusum_arl(.2, .5, 11, 0);
SELECT bernoulli_cusum_arl(.2, .5, 20000, .2);
SELECT silence_arl(0, 3);
SELECT silence_arl(.5, 2000);
SELECT cusum_limit(.5);
SELECT cusum_limit(2, 3);
SELECT cusum_limit(1e6, 0);
SELECT shewhart_limit(200, runs => 7);
SELECT silence_limit(1e300, 1e-6);
SELECT expected_delay('over_use', '{}', 1);
SELECT expected_delay('cusum', '[]', 1);
SELECT expected_delay('cusum', '{"h": "4"}', 1);
SELECT expected_delay('g_chart', '{}', .5);
