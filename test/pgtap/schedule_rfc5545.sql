-- Every example of RFC 5545, section 3.8.5.3, with the dates it publishes, in
-- the order it gives them. DTSTART is in America/New_York at 9:00. A UNTIL in
-- UTC is written in that zone's wall clock. Examples that go on for ever list
-- the dates that the RFC shows, and the range ends with them.
\ir include/setup.sql

CREATE TABLE oracle.example (
	n integer GENERATED ALWAYS AS IDENTITY,
	rule schedule,
	starts_at timestamp,
	published text, -- months with their days, as in 1997-09: 2-11, 15; 1997-10: 1
	times text DEFAULT '09:00'
);

-- The dates of a list of months with their days.
CREATE FUNCTION oracle.published_dates(published text)
RETURNS SETOF date
LANGUAGE sql IMMUTABLE AS $$
	SELECT format('%s-%s', trim(split_part(month, ':', 1)), day)::date
	FROM regexp_split_to_table(published, ';') AS month,
		regexp_split_to_table(split_part(month, ':', 2), ',') AS days,
		generate_series(split_part(days, '-', 1)::integer,
			coalesce(nullif(split_part(days, '-', 2), ''), split_part(days, '-', 1))::integer) AS day
$$;

INSERT INTO oracle.example (rule, starts_at, published) VALUES
	-- daily for 10 occurrences; until December 24, 1997; every other day; every 10 days, 5 occurrences
	('FREQ=DAILY;COUNT=10', '1997-09-02 09:00', '1997-09: 2-11'),
	('FREQ=DAILY;UNTIL=19971223T190000', '1997-09-02 09:00', '1997-09: 2-30; 1997-10: 1-31; 1997-11: 1-30; 1997-12: 1-23'),
	('FREQ=DAILY;INTERVAL=2', '1997-09-02 09:00', '1997-09: 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30;
		1997-10: 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; 1997-11: 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29; 1997-12: 1,3'),
	('FREQ=DAILY;INTERVAL=10;COUNT=5', '1997-09-02 09:00', '1997-09: 2,12,22; 1997-10: 2,12'),
	-- every day in January, for 3 years, in two ways
	('FREQ=YEARLY;UNTIL=20000131T090000;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA', '1998-01-01 09:00',
		'1998-01: 1-31; 1999-01: 1-31; 2000-01: 1-31'),
	('FREQ=DAILY;UNTIL=20000131T090000;BYMONTH=1', '1998-01-01 09:00', '1998-01: 1-31; 1999-01: 1-31; 2000-01: 1-31'),
	-- weekly for 10 occurrences; until December 24, 1997; every other week
	('FREQ=WEEKLY;COUNT=10', '1997-09-02 09:00', '1997-09: 2,9,16,23,30; 1997-10: 7,14,21,28; 1997-11: 4'),
	('FREQ=WEEKLY;UNTIL=19971223T190000', '1997-09-02 09:00', '1997-09: 2,9,16,23,30; 1997-10: 7,14,21,28;
		1997-11: 4,11,18,25; 1997-12: 2,9,16,23'),
	('FREQ=WEEKLY;INTERVAL=2;WKST=SU', '1997-09-02 09:00', '1997-09: 2,16,30; 1997-10: 14,28; 1997-11: 11,25;
		1997-12: 9,23; 1998-01: 6,20; 1998-02: 3,17'),
	-- weekly on Tuesday and Thursday for five weeks, in two ways
	('FREQ=WEEKLY;UNTIL=19971006T200000;WKST=SU;BYDAY=TU,TH', '1997-09-02 09:00', '1997-09: 2,4,9,11,16,18,23,25,30; 1997-10: 2'),
	('FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH', '1997-09-02 09:00', '1997-09: 2,4,9,11,16,18,23,25,30; 1997-10: 2'),
	-- every other week on Monday, Wednesday and Friday; on Tuesday and Thursday
	('FREQ=WEEKLY;INTERVAL=2;UNTIL=19971223T190000;WKST=SU;BYDAY=MO,WE,FR', '1997-09-01 09:00', '1997-09: 1,3,5,15,17,19,29;
		1997-10: 1,3,13,15,17,27,29,31; 1997-11: 10,12,14,24,26,28; 1997-12: 8,10,12,22'),
	('FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH', '1997-09-02 09:00', '1997-09: 2,4,16,18,30; 1997-10: 2,14,16'),
	-- monthly on the first Friday; on the first and last Sunday of every other month; on the second-to-last Monday
	('FREQ=MONTHLY;COUNT=10;BYDAY=1FR', '1997-09-05 09:00', '1997-09: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5;
		1998-01: 2; 1998-02: 6; 1998-03: 6; 1998-04: 3; 1998-05: 1; 1998-06: 5'),
	('FREQ=MONTHLY;UNTIL=19971223T190000;BYDAY=1FR', '1997-09-05 09:00', '1997-09: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5'),
	('FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU', '1997-09-07 09:00', '1997-09: 7,28; 1997-11: 2,30; 1998-01: 4,25;
		1998-03: 1,29; 1998-05: 3,31'),
	('FREQ=MONTHLY;COUNT=6;BYDAY=-2MO', '1997-09-22 09:00', '1997-09: 22; 1997-10: 20; 1997-11: 17; 1997-12: 22;
		1998-01: 19; 1998-02: 16'),
	-- on the third-to-last day of the month; on the 2nd and 15th; on the first and last day
	('FREQ=MONTHLY;BYMONTHDAY=-3', '1997-09-28 09:00', '1997-09: 28; 1997-10: 29; 1997-11: 28; 1997-12: 29; 1998-01: 29; 1998-02: 26'),
	('FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15', '1997-09-02 09:00', '1997-09: 2,15; 1997-10: 2,15; 1997-11: 2,15; 1997-12: 2,15;
		1998-01: 2,15'),
	('FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1', '1997-09-30 09:00', '1997-09: 30; 1997-10: 1,31; 1997-11: 1,30; 1997-12: 1,31;
		1998-01: 1,31; 1998-02: 1'),
	-- every 18 months on the 10th to 15th; every Tuesday, every other month
	('FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15', '1997-09-10 09:00', '1997-09: 10-15; 1999-03: 10-13'),
	('FREQ=MONTHLY;INTERVAL=2;BYDAY=TU', '1997-09-02 09:00', '1997-09: 2,9,16,23,30; 1997-11: 4,11,18,25; 1998-01: 6,13,20,27;
		1998-03: 3,10,17,24,31'),
	-- yearly in June and July; every other year in January, February and March
	('FREQ=YEARLY;COUNT=10;BYMONTH=6,7', '1997-06-10 09:00', '1997-06: 10; 1997-07: 10; 1998-06: 10; 1998-07: 10; 1999-06: 10;
		1999-07: 10; 2000-06: 10; 2000-07: 10; 2001-06: 10; 2001-07: 10'),
	('FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3', '1997-03-10 09:00', '1997-03: 10; 1999-01: 10; 1999-02: 10; 1999-03: 10;
		2001-01: 10; 2001-02: 10; 2001-03: 10; 2003-01: 10; 2003-02: 10; 2003-03: 10'),
	-- every third year on the 1st, 100th and 200th day; every 20th Monday of the year; Monday of week 20
	('FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200', '1997-01-01 09:00', '1997-01: 1; 1997-04: 10; 1997-07: 19;
		2000-01: 1; 2000-04: 9; 2000-07: 18; 2003-01: 1; 2003-04: 10; 2003-07: 19; 2006-01: 1'),
	('FREQ=YEARLY;BYDAY=20MO', '1997-05-19 09:00', '1997-05: 19; 1998-05: 18; 1999-05: 17'),
	('FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '1997-05-12 09:00', '1997-05: 12; 1998-05: 11; 1999-05: 17'),
	-- every Thursday in March; in June, July and August
	('FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '1997-03-13 09:00', '1997-03: 13,20,27; 1998-03: 5,12,19,26; 1999-03: 4,11,18,25'),
	('FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8', '1997-06-05 09:00', '1997-06: 5,12,19,26; 1997-07: 3,10,17,24,31; 1997-08: 7,14,21,28;
		1998-06: 4,11,18,25; 1998-07: 2,9,16,23,30; 1998-08: 6,13,20,27; 1999-06: 3,10,17,24; 1999-07: 1,8,15,22,29;
		1999-08: 5,12,19,26'),
	-- every Friday the 13th (the RFC excludes DTSTART by EXDATE; here it is no occurrence as it does not match)
	('FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '1997-09-02 09:00', '1998-02: 13; 1998-03: 13; 1998-11: 13; 1999-08: 13; 2000-10: 13'),
	-- the first Saturday that follows the first Sunday of the month; election day
	('FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13', '1997-09-13 09:00', '1997-09: 13; 1997-10: 11; 1997-11: 8; 1997-12: 13;
		1998-01: 10; 1998-02: 7; 1998-03: 7; 1998-04: 11; 1998-05: 9; 1998-06: 13'),
	('FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8', '1996-11-05 09:00', '1996-11: 5; 2000-11: 7; 2004-11: 2'),
	-- the third Tuesday, Wednesday or Thursday of the month; its second-to-last weekday
	('FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '1997-09-04 09:00', '1997-09: 4; 1997-10: 7; 1997-11: 6'),
	('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2', '1997-09-29 09:00', '1997-09: 29; 1997-10: 30; 1997-11: 27; 1997-12: 30;
		1998-01: 29; 1998-02: 26; 1998-03: 30');

INSERT INTO oracle.example (rule, starts_at, published, times) VALUES
	-- every 3 hours from 9:00 to 17:00 (by the RFC's erratum 17:00 of the wall clock); every 15 minutes; every hour and a half
	('FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000', '1997-09-02 09:00', '1997-09: 2', '09:00,12:00,15:00'),
	('FREQ=MINUTELY;INTERVAL=15;COUNT=6', '1997-09-02 09:00', '1997-09: 2', '09:00,09:15,09:30,09:45,10:00,10:15'),
	('FREQ=MINUTELY;INTERVAL=90;COUNT=4', '1997-09-02 09:00', '1997-09: 2', '09:00,10:30,12:00,13:30'),
	-- every 20 minutes from 9:00 to 16:40 every day, in two ways
	('FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40', '1997-09-02 09:00', '1997-09: 2,3',
		'09:00,09:20,09:40,10:00,10:20,10:40,11:00,11:20,11:40,12:00,12:20,12:40,13:00,13:20,13:40,14:00,14:20,14:40,15:00,15:20,15:40,16:00,16:20,16:40'),
	('FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16', '1997-09-02 09:00', '1997-09: 2,3',
		'09:00,09:20,09:40,10:00,10:20,10:40,11:00,11:20,11:40,12:00,12:20,12:40,13:00,13:20,13:40,14:00,14:20,14:40,15:00,15:20,15:40,16:00,16:20,16:40'),
	-- where WKST makes a difference
	('FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', '1997-08-05 09:00', '1997-08: 5,10,19,24', '09:00'),
	('FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', '1997-08-05 09:00', '1997-08: 5,17,19,31', '09:00'),
	-- where a day does not exist
	('FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5', '2007-01-15 09:00', '2007-01: 15,30; 2007-02: 15; 2007-03: 15,30', '09:00');

SELECT plan((SELECT 2 * count(*)::integer + 2 FROM oracle.example));

SELECT is(count(*), 42::bigint, 'all examples are here') FROM oracle.example;

CREATE VIEW oracle.instant AS
SELECT n, array_agg((day + time::time) AT TIME ZONE 'America/New_York' ORDER BY day, time::time) AS instants,
	min(day) AS first, max(day) AS last, array_agg(DISTINCT day) AS days, count(DISTINCT time)::integer AS a_day
FROM oracle.example, oracle.published_dates(published) AS day, regexp_split_to_table(times, ',') AS time
GROUP BY n;

SELECT is(ARRAY(SELECT occurrences(rule, starts_at,
		tstzrange('1990-01-01', (last + 1)::timestamp AT TIME ZONE 'America/New_York'), 'America/New_York')),
	instants, format('example %s: %s', n, rule))
FROM oracle.example JOIN oracle.instant USING (n) ORDER BY n;

SELECT is(planned(rule, starts_at, daterange(NULL, last + 1)),
	(SELECT adherence_agg(day, a_day, 0, 0) FROM unnest(days) AS day), format('its plan: %s', rule))
FROM oracle.example JOIN oracle.instant USING (n) ORDER BY n;

-- What has an end of its own needs no end of the range.
SELECT is_empty($$SELECT n FROM oracle.example JOIN oracle.instant USING (n)
	WHERE rule::text ~ 'COUNT|UNTIL' AND instants IS DISTINCT FROM
		ARRAY(SELECT occurrences(rule, starts_at, tstzrange(NULL, NULL), 'America/New_York'))$$,
	'examples with COUNT or UNTIL need no range');

SELECT * FROM finish();
ROLLBACK;
