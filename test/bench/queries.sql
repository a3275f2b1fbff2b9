-- What is measured. A query answers with rows (person [, day], n); what is timed is SELECT max(n) of them, so that the
-- answer is wholly computed but 20,000 rows need not be sent and printed. Another command is timed as it is.

CREATE TABLE bench.query (
	name text PRIMARY KEY,
	ordinal int GENERATED ALWAYS AS IDENTITY,
	batch text NOT NULL, -- queries of a batch run in turns
	command text NOT NULL,
	settings text NOT NULL DEFAULT '', -- commands that come first
	-- What the plan must be: 'hash' (a HashAggregate), 'two' (the same by two processes), 'disk' (may use the disk)
	plan text NOT NULL DEFAULT '',
	answer text, -- queries with the same one must have the same answers
	key text NOT NULL DEFAULT 'person', -- columns of the answer before n; empty: a command that has no answer
	repeat int NOT NULL DEFAULT 1 -- how often it runs in its turn; its time there is the median
);

-- From rows to longest streaks, for each physical order.
--
-- The usual gaps-and-islands SQL: in a streak, a row's number among the person's rows and its number among those that
-- are taken grow alike. As longest_streak does, it counts planned days: one without a row breaks nothing. The shorter
-- form, in which the day minus its number stays the same, is right only while every day has a row; it is measured too.
-- Both have memory enough to sort in. There is no index: given a primary key (person, day), the planner reads it instead
-- of sorting, and with rows stored person by person that is no faster, and with other orders slower.
INSERT INTO bench.query (name, batch, command, settings, plan, answer, repeat)
SELECT form.name || ' ' || rows, rows, replace(form.command, '@rows@', 'bench.' || rows), settings, plan, answer, repeat
FROM unnest(ARRAY['by_person', 'by_day', 'at_random']) WITH ORDINALITY AS place(rows, place), (VALUES
	(1, 'count', 'SELECT person, count(*) AS n FROM @rows@ GROUP BY person', '', 'hash', NULL, 1),
	(2, 'streak', 'SELECT person, longest_streak(adherence_agg(day, taken)) AS n FROM @rows@ GROUP BY person',
		'', 'hash', 'longest streak', 1),
	(3, 'streak, two processes',
		'SELECT person, longest_streak(adherence_agg(day, taken)) AS n FROM @rows@ GROUP BY person',
		-- The last three matter to small runs only.
		'SET max_parallel_workers_per_gather = 1; SET parallel_leader_participation = on; '
		'SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0; SET enable_sort = off;', 'two', 'longest streak', 1),
	(4, 'islands', 'SELECT person, max(days) AS n FROM (
			SELECT person, count(*) AS days FROM (
				SELECT person, taken, row_number() OVER (PARTITION BY person ORDER BY day)
					- row_number() OVER (PARTITION BY person, taken ORDER BY day) AS island
				FROM @rows@) AS numbered
			WHERE taken GROUP BY person, island) AS streaks
		GROUP BY person', '', '', 'longest streak', 1),
	(5, 'every day', 'SELECT person, max(days) AS n FROM (
			SELECT person, count(*) AS days FROM (
				SELECT person, day - row_number() OVER (PARTITION BY person ORDER BY day)::int AS island
				FROM @rows@ WHERE taken) AS taken_days
			GROUP BY person, island) AS streaks
		GROUP BY person', '', '', 'longest streak', 1),
	(6, 'ranges', 'SELECT person, (SELECT max(upper(streak) - lower(streak)) FROM unnest(streaks) AS streak) AS n
		FROM (SELECT person, range_agg(daterange(day, day + 1)) AS streaks FROM @rows@ WHERE taken GROUP BY person)
			AS people', '', '', 'longest streak', 1),
	-- For its memory alone
	(7, 'array', 'SELECT person, array_length(array_agg(day), 1) AS n FROM @rows@ GROUP BY person', '', 'hash', NULL, 0)
) AS form(ordinal, name, command, settings, plan, answer, repeat)
WHERE form.name <> 'islands' OR rows = 'by_person' -- elsewhere it takes 20 s
ORDER BY place, form.ordinal;

-- With the server's default of jit, which is on: what it costs to compile is in the time.
INSERT INTO bench.query (name, batch, command, settings, plan, answer)
SELECT name || ', JIT', 'JIT', command, 'SET jit = on;', plan, answer
FROM bench.query WHERE name IN ('count by_person', 'streak by_person') ORDER BY ordinal;

-- With memory as a server of many sessions grants it: the calendars fit, what the others gather does not.
INSERT INTO bench.query (name, batch, command, settings, plan, answer)
SELECT name || ', 64MB', '64MB', command, 'SET work_mem = ''64MB'';', CASE plan WHEN 'hash' THEN plan ELSE 'disk' END, answer
FROM bench.query WHERE name IN ('streak by_person', 'islands by_person', 'ranges by_person') ORDER BY ordinal;

-- From stored calendars, in the same turns as from rows.
INSERT INTO bench.query (name, batch, command, answer, repeat) VALUES
	('stored streak', 'by_person', 'SELECT person, longest_streak(calendar) AS n FROM bench.stored', 'longest streak', 15),
	('stored nothing', 'by_person', 'SELECT person, person AS n FROM bench.stored', NULL, 15),
	('avg', 'by_person', 'SELECT person, avg(taken::int) AS n FROM bench.by_person GROUP BY person', 'rate', 1),
	('stored rate', 'by_person', 'SELECT person, adherence_rate(calendar) AS n FROM bench.stored', 'rate', 15),
	('rollup', 'by_person', 'SELECT person, longest_streak(rollup(part)) AS n FROM bench.month GROUP BY person',
		'longest streak', 5);

-- Every row: sliding and running windows.
INSERT INTO bench.query (name, batch, command, answer, key) VALUES
	('sliding avg', 'windows', 'SELECT person, day, avg(taken::int) OVER (PARTITION BY person ORDER BY day
		ROWS 27 PRECEDING) AS n FROM bench.tenth', 'sliding rate', 'person, day'),
	('sliding rate', 'windows', 'SELECT person, day, adherence_rate(day, taken) OVER (PARTITION BY person ORDER BY day
		ROWS 27 PRECEDING) AS n FROM bench.tenth', 'sliding rate', 'person, day'),
	('running islands', 'windows', 'SELECT person, day,
			count(*) FILTER (WHERE taken) OVER (PARTITION BY person, lapses ORDER BY day) AS n
		FROM (SELECT *, count(*) FILTER (WHERE NOT taken) OVER (PARTITION BY person ORDER BY day) AS lapses
			FROM bench.tenth) AS counted', 'running streak', 'person, day'),
	('running streak', 'windows', 'SELECT person, day, current_streak(day, taken) OVER (PARTITION BY person ORDER BY day
		ROWS UNBOUNDED PRECEDING) AS n FROM bench.tenth', 'running streak', 'person, day');

-- In and out.
INSERT INTO bench.query (name, batch, command, key, repeat) VALUES
	('sparkline', 'in and out', 'SELECT person, length(sparkline(calendar)) AS n FROM bench.stored', 'person', 5),
	('text', 'in and out', 'SELECT person, length(calendar::text) AS n FROM bench.stored', 'person', 5),
	('copy out', 'in and out', format('COPY bench.stored TO %L (FORMAT binary)',
		current_setting('data_directory') || '/calendars.copy'), '', 5),
	('copy in', 'in and out', format('COPY bench.copied FROM %L (FORMAT binary)',
		current_setting('data_directory') || '/calendars.copy'), '', 5);
