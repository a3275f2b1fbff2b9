-- Getting data in: many check-ins or measurements in one call, from an app's queue, a device's service or a file.
--
-- Every way in is an array of entries, JSON objects whose keys are the columns of the table.  The good case is one statement: the entries are read, equal
-- ones become one, and they are written in the order of their natural key, so that calls that overlap wait for each other and never deadlock.  Only where
-- that fails are rows looked at one by one, to find out which are to blame.  Functions named ingest_... do the work and hold for whoever calls them: they
-- act with the rights of the caller.

--
-- Reading entries
--

CREATE FUNCTION @program@.ingest_keys(record text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN record = 'check_in' THEN '{"person_id": "number", "task_id": "number", "due_on": "date", "occurrence": "number", "source": "text",
		"taken": "count", "missed": "number", "started_at": "instant", "extent": "number", "difficulty": "number", "reason": "text", "note": "text",
		"recorded_at": "instant"}'::jsonb
	WHEN record = 'measurement' THEN '{"person_id": "number", "instrument_id": "number", "instrument": "instrument", "item": "text", "measured_on": "date",
		"occurrence": "number", "source": "text", "value": "number", "unit": "text", "measured_at": "instant", "recorded_at": "instant"}'::jsonb END;

COMMENT ON FUNCTION @program@.ingest_keys(text) IS
'Which keys an entry may have, and what each holds: number, count (a number, true or false), text, date, instant, or instrument (the name of one).';

CREATE FUNCTION @program@.ingest_misshapen(entry jsonb, keys jsonb) RETURNS TABLE (state text, message text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE p.problem WHEN 'type' THEN '22P02' WHEN 'date' THEN '22007' WHEN 'instant' THEN '22007' WHEN 'instrument' THEN '23503' ELSE '22023' END,
		CASE p.problem
			WHEN 'entry' THEN 'entry is not an object'
			WHEN 'key' THEN pg_catalog.format('unknown key "%s"', pg_catalog.left(p.key, 63))
			WHEN 'both' THEN 'both "instrument" and "instrument_id" are given'
			WHEN 'type' THEN pg_catalog.format('value of key "%s" is of the wrong type', p.key)
			WHEN 'date' THEN pg_catalog.format('value of key "%s" is not a date such as 2026-01-31', p.key)
			WHEN 'instant' THEN pg_catalog.format('value of key "%s" is not a time with its offset such as 2026-01-31T08:00:00Z', p.key)
			ELSE 'no such instrument' END
	FROM (
		SELECT NULL AS key, CASE WHEN pg_catalog.jsonb_typeof(entry) <> 'object' THEN 'entry' END AS problem
		UNION ALL
		SELECT k.key, CASE
			WHEN NOT keys ? k.key THEN 'key'
			WHEN t.of = 'null' THEN NULL
			WHEN t.of NOT IN ('string', 'number', 'boolean') THEN 'type'
			WHEN t.of = 'boolean' THEN CASE WHEN t.wanted <> 'count' THEN 'type' END
			WHEN t.of = 'number' THEN CASE WHEN t.wanted NOT IN ('number', 'count') THEN 'type' END
			WHEN t.wanted = 'date' THEN CASE WHEN k.value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN 'date' END
			WHEN t.wanted = 'instant'
			THEN CASE WHEN k.value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|[-+][0-9]{2}(:?[0-9]{2}(:[0-9]{2})?)?)$' THEN 'instant' END
			WHEN t.wanted = 'instrument'
			THEN CASE WHEN entry ? 'instrument_id' THEN 'both'
				WHEN NOT EXISTS (SELECT FROM @program@.instrument i WHERE i.name = k.value) THEN 'instrument' END
			END
		FROM pg_catalog.jsonb_each_text(CASE WHEN pg_catalog.jsonb_typeof(entry) = 'object' THEN entry ELSE '{}' END) k
		CROSS JOIN LATERAL (SELECT pg_catalog.jsonb_typeof(entry -> k.key) AS of, keys ->> k.key AS wanted) t) p
	WHERE p.problem IS NOT NULL
	LIMIT 1;
END;

COMMENT ON FUNCTION @program@.ingest_misshapen(jsonb, jsonb) IS
'What is wrong with an entry whatever its values are, as SQLSTATE and words: that it is no object, has an unknown key or a value of another type, or a date or time that one could read in two ways. No row: nothing. Numbers may be strings, so that 64-bit keys survive JavaScript.';

CREATE FUNCTION @program@.ingest_check_in_entry(entry jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE entry ->> 'taken'
	WHEN 'true' THEN entry || '{"taken": 1}'
	WHEN 'false' THEN '{"missed": 1}' || pg_catalog.jsonb_strip_nulls(entry) || '{"taken": 0}'
	ELSE entry END;

COMMENT ON FUNCTION @program@.ingest_check_in_entry(jsonb) IS
'An entry of a check-in with numbers for true and false: true is 1 taken; false is 0 taken, and 1 missed unless the entry says how many.';

CREATE FUNCTION @program@.ingest_check_in_rows(entries jsonb[]) RETURNS TABLE (nth integer, person_id bigint, task_id bigint, due_on date,
	occurrence smallint, source text, taken smallint, missed smallint, started_at timestamptz, extent real, difficulty smallint, reason text, note text,
	recorded_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT e.nth, r.person_id, r.task_id, r.due_on, COALESCE(r.occurrence, 1::smallint), COALESCE(r.source, 'person') COLLATE "C",
		COALESCE(r.taken, 0::smallint), COALESCE(r.missed, 0::smallint), r.started_at, r.extent, r.difficulty, r.reason, r.note,
		COALESCE(r.recorded_at, coachiatry.clock())
	FROM pg_catalog.unnest(entries) WITH ORDINALITY e (entry, nth)
	CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.check_in, @program@.ingest_check_in_entry(e.entry)) r;
END;

COMMENT ON FUNCTION @program@.ingest_check_in_rows(jsonb[]) IS
'Entries as rows of check_in, with the table''s defaults for what an entry leaves out, and their position from 1.';

CREATE FUNCTION @program@.ingest_measurement_rows(entries jsonb[]) RETURNS TABLE (nth integer, person_id bigint, instrument_id bigint, item text,
	measured_on date, occurrence smallint, source text, value double precision, unit text, measured_at timestamptz, recorded_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT e.nth, r.person_id, COALESCE(r.instrument_id, i.instrument_id), COALESCE(r.item, '') COLLATE "C", r.measured_on,
		COALESCE(r.occurrence, 1::smallint), COALESCE(r.source, 'person') COLLATE "C", r.value, r.unit, r.measured_at,
		COALESCE(r.recorded_at, coachiatry.clock())
	FROM pg_catalog.unnest(entries) WITH ORDINALITY e (entry, nth)
	CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::@program@.measurement, e.entry) r
	LEFT JOIN @program@.instrument i ON i.name = e.entry ->> 'instrument';
END;

COMMENT ON FUNCTION @program@.ingest_measurement_rows(jsonb[]) IS
'Entries as rows of measurement, with the table''s defaults for what an entry leaves out, and their position from 1.';

--
-- Writing them
--

CREATE FUNCTION @program@.ingest_write(record text, entries jsonb[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF record = 'check_in' THEN
		INSERT INTO @program@.check_in AS c (person_id, task_id, due_on, occurrence, source, taken, missed, started_at, extent, difficulty, reason, note,
			recorded_at)
		SELECT r.person_id, r.task_id, r.due_on, r.occurrence, r.source, r.taken, r.missed, r.started_at, r.extent, r.difficulty, r.reason, r.note,
			min(r.recorded_at)
		FROM @program@.ingest_check_in_rows(entries) r
		GROUP BY r.person_id, r.task_id, r.due_on, r.occurrence, r.source, r.taken, r.missed, r.started_at, r.extent, r.difficulty, r.reason, r.note
		ORDER BY r.person_id, r.task_id, r.due_on, r.occurrence, r.source
		ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE
		SET taken = EXCLUDED.taken, missed = EXCLUDED.missed, started_at = EXCLUDED.started_at, extent = EXCLUDED.extent,
			difficulty = EXCLUDED.difficulty, reason = EXCLUDED.reason, note = EXCLUDED.note
		WHERE (c.taken, c.missed, c.started_at, c.extent, c.difficulty, c.reason, c.note) IS DISTINCT FROM
			(EXCLUDED.taken, EXCLUDED.missed, EXCLUDED.started_at, EXCLUDED.extent, EXCLUDED.difficulty, EXCLUDED.reason, EXCLUDED.note);
	ELSE
		INSERT INTO @program@.measurement AS m (person_id, instrument_id, item, measured_on, occurrence, source, value, unit, measured_at, recorded_at)
		SELECT r.person_id, r.instrument_id, r.item, r.measured_on, r.occurrence, r.source, r.value, r.unit, r.measured_at, min(r.recorded_at)
		FROM @program@.ingest_measurement_rows(entries) r
		GROUP BY r.person_id, r.instrument_id, r.item, r.measured_on, r.occurrence, r.source, r.value, r.unit, r.measured_at
		ORDER BY r.person_id, r.instrument_id, r.item, r.measured_on, r.occurrence, r.source
		ON CONFLICT (person_id, instrument_id, item, measured_on, occurrence, source) DO UPDATE
		SET value = EXCLUDED.value, unit = EXCLUDED.unit, measured_at = EXCLUDED.measured_at
		WHERE (m.value, m.unit, m.measured_at) IS DISTINCT FROM (EXCLUDED.value, EXCLUDED.unit, EXCLUDED.measured_at);
	END IF;
END
$$;

COMMENT ON FUNCTION @program@.ingest_write(text, jsonb[]) IS
'Writes entries in one statement, in the order of their keys. Equal entries are one; a row that is there already is written only where it differs, and keeps when it was first recorded.';

CREATE FUNCTION @program@.ingest_try(record text, entries jsonb[], keep boolean,
	OUT state text, OUT message text, OUT constraint_name text, OUT column_name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @program@.ingest_write(record, entries);
	IF NOT keep THEN
		RAISE EXCEPTION 'the entries can be written' USING ERRCODE = 'CI000';
	END IF;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, constraint_name = CONSTRAINT_NAME, column_name = COLUMN_NAME;
	IF state = 'CI000' THEN
		state := NULL;
	-- A deadlock, a lost connection or a full disk is no fault of a row; what is too large is.
	ELSIF left(state, 2) NOT IN ('21', '22', '23', '44', 'P0') AND state NOT IN ('42501', '54000', '55000') THEN
		RAISE;
	END IF;
END
$$;

COMMENT ON FUNCTION @program@.ingest_try(text, jsonb[], boolean) IS
'Writes entries, or only finds out whether they could be written (keep false). state is NULL where they can; else it and the rest are what the server said, and nothing is written. Errors that no row can be blamed for are raised.';

--
-- Finding out which rows are to blame
--

CREATE FUNCTION @program@.ingest_unreadable(record text, entry jsonb, OUT state text, OUT message text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one text;
BEGIN
	entry := CASE WHEN record = 'check_in' THEN @program@.ingest_check_in_entry(entry) ELSE entry END;
	FOR one IN SELECT k FROM jsonb_object_keys(entry) k LOOP
		BEGIN
			IF record = 'check_in' THEN
				PERFORM jsonb_populate_record(NULL::@program@.check_in, jsonb_build_object(one, entry -> one));
			ELSE
				PERFORM jsonb_populate_record(NULL::@program@.measurement, jsonb_build_object(one, entry -> one));
			END IF;
		EXCEPTION WHEN data_exception THEN
			-- The server's own words show the value, which may be anything.
			state := SQLSTATE;
			message := format('invalid value of key "%s"', one);
			RETURN;
		END;
	END LOOP;
END
$$;

COMMENT ON FUNCTION @program@.ingest_unreadable(text, jsonb) IS
'Which value of an entry cannot be read as its column''s type, as SQLSTATE and words without the value; NULL where all can.';

CREATE FUNCTION @program@.ingest_judge(record text, entries jsonb[]) RETURNS TABLE (nth integer, place bigint, contradicted boolean, suspect boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r.nth, pg_catalog.row_number() OVER (ORDER BY r.person_id, r.task_id, r.due_on, r.occurrence, r.source, r.nth),
		r.due_on IS NOT NULL AND r.person_id IS NOT NULL AND r.task_id IS NOT NULL
			AND pg_catalog.min(r.said) OVER key <> pg_catalog.max(r.said) OVER key,
		NOT EXISTS (SELECT FROM @program@.task t WHERE t.person_id = r.person_id AND t.task_id = r.task_id)
			OR (r.taken BETWEEN 0 AND 99 AND r.missed BETWEEN 0 AND 99 AND r.taken + r.missed > 0
				AND r.due_on BETWEEN '1990-01-01' AND '2149-12-31' AND r.occurrence BETWEEN 1 AND 1440
				AND COALESCE(r.extent BETWEEN 0 AND 100, true) AND COALESCE(r.difficulty BETWEEN 0 AND 10, true)
				AND r.source = ANY ('{seen,device,pharmacy,coach,person,proxy,import}')) IS NOT TRUE
	FROM (
		SELECT c.*, ROW(c.taken, c.missed, c.started_at, c.extent, c.difficulty, c.reason, c.note)::text COLLATE "C" AS said
		FROM @program@.ingest_check_in_rows(CASE WHEN record = 'check_in' THEN entries END) c) r
	WINDOW key AS (PARTITION BY r.person_id, r.task_id, r.due_on, r.occurrence, r.source)
	UNION ALL
	SELECT r.nth, pg_catalog.row_number() OVER (ORDER BY r.person_id, r.instrument_id, r.item, r.measured_on, r.occurrence, r.source, r.nth),
		r.measured_on IS NOT NULL AND r.person_id IS NOT NULL AND r.instrument_id IS NOT NULL
			AND pg_catalog.min(r.said) OVER key <> pg_catalog.max(r.said) OVER key,
		NOT EXISTS (SELECT FROM @program@.person p WHERE p.person_id = r.person_id)
			OR (r.value > '-infinity' AND r.value < 'infinity' AND r.occurrence > 0 AND r.measured_on BETWEEN '1990-01-01' AND '2149-12-31'
				AND r.source = ANY ('{seen,device,pharmacy,coach,person,proxy,import}')) IS NOT TRUE
	FROM (
		SELECT m.*, ROW(m.value, m.unit, m.measured_at)::text COLLATE "C" AS said
		FROM @program@.ingest_measurement_rows(CASE WHEN record = 'measurement' THEN entries END) m) r
	WINDOW key AS (PARTITION BY r.person_id, r.instrument_id, r.item, r.measured_on, r.occurrence, r.source);
END;

COMMENT ON FUNCTION @program@.ingest_judge(text, jsonb[]) IS
'For each entry that can be read: its place in the order of keys, whether another entry of the same key says something else, and whether it is likely to be refused. The last is a guess that saves work and decides nothing: such an entry is tried alone.';

CREATE FUNCTION @program@.ingest_halve(record text, entries jsonb[], places integer[])
RETURNS TABLE (nth integer, state text, message text, constraint_name text, column_name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	count CONSTANT integer := cardinality(places);
	tried record;
BEGIN
	tried := @program@.ingest_try(record, ARRAY(SELECT entries[p] FROM unnest(places) WITH ORDINALITY AS u (p, n) ORDER BY n), true);
	IF tried.state IS NULL THEN
		RETURN;
	END IF;
	IF count = 1 THEN
		RETURN QUERY SELECT places[1], tried.state, tried.message, tried.constraint_name, tried.column_name;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM @program@.ingest_halve(record, entries, places[:count / 2]);
	RETURN QUERY SELECT * FROM @program@.ingest_halve(record, entries, places[count / 2 + 1:]);
END
$$;

COMMENT ON FUNCTION @program@.ingest_halve(text, jsonb[], integer[]) IS
'Writes the entries of some places, half by half where they cannot all be written, and returns those that cannot.';

CREATE FUNCTION @program@.ingest_apart(record text, entries jsonb[])
RETURNS TABLE (nth integer, state text, message text, constraint_name text, column_name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	keys CONSTANT jsonb := @program@.ingest_keys(record);
	readable integer[] := '{}';
	good integer[] := '{}';
	rest integer[];
	entry record;
	tried record;
BEGIN
	FOR entry IN
		SELECT e.entry, e.nth::integer, m.state, m.message
		FROM unnest(entries) WITH ORDINALITY AS e (entry, nth)
		LEFT JOIN LATERAL @program@.ingest_misshapen(e.entry, keys) m ON true
		ORDER BY e.nth
	LOOP
		nth := entry.nth;
		state := entry.state;
		message := entry.message;
		IF state IS NULL THEN
			SELECT u.state, u.message INTO state, message FROM @program@.ingest_unreadable(record, entry.entry) u;
		END IF;
		IF state IS NULL THEN
			readable := readable || nth;
		ELSE
			RETURN QUERY SELECT nth, state, message, '', '';
		END IF;
	END LOOP;

	FOR entry IN
		SELECT readable[j.nth] AS nth, entries[readable[j.nth]] AS entry, j.contradicted, j.suspect
		FROM @program@.ingest_judge(record, ARRAY(SELECT entries[n] FROM unnest(readable) WITH ORDINALITY AS u (n, o) ORDER BY o)) j
		ORDER BY j.place
	LOOP
		IF entry.contradicted THEN
			RETURN QUERY SELECT entry.nth, '21000', 'another row of the same key says something else', '', '';
			CONTINUE;
		END IF;
		IF entry.suspect THEN
			tried := @program@.ingest_try(record, ARRAY[entry.entry], false);
			IF tried.state IS NOT NULL THEN
				RETURN QUERY SELECT entry.nth, tried.state, tried.message, tried.constraint_name, tried.column_name;
				CONTINUE;
			END IF;
		END IF;
		good := good || entry.nth;
	END LOOP;
	rest := good;
	BEGIN
		FOR nth, state, message, constraint_name, column_name IN SELECT * FROM @program@.ingest_halve(record, entries, good) LOOP
			rest := array_remove(rest, nth);
			RETURN NEXT;
		END LOOP;
		IF rest <> good THEN
			RAISE EXCEPTION 'others are refused' USING ERRCODE = 'CI000';
		END IF;
	EXCEPTION WHEN SQLSTATE 'CI000' THEN
		-- Whoever looks at the record must not see half of what is written: without those refused it is one statement.
		RETURN QUERY SELECT * FROM @program@.ingest_halve(record, entries, rest);
	END;
END
$$;

COMMENT ON FUNCTION @program@.ingest_apart(text, jsonb[]) IS
'Writes those entries that can be written, in one statement, and returns the others with what is wrong with each.';

--
-- Ways in
--

CREATE FUNCTION @program@.ingest(record text, entries jsonb, partial boolean) RETURNS TABLE ("row" integer, sqlstate text, message text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	keys CONSTANT jsonb := @program@.ingest_keys(record);
	list jsonb[];
	fault record;
	first record;
	refused jsonb[] := '{}';
	states text[] := '{}';
	unsafe bigint;
BEGIN
	IF entries IS NULL THEN
		RAISE EXCEPTION 'entries must not be null' USING ERRCODE = 'null_value_not_allowed';
	ELSIF jsonb_typeof(entries) <> 'array' THEN
		RAISE EXCEPTION 'entries must be a JSON array' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'A single one is an array of one object.';
	END IF;
	list := ARRAY(SELECT e.entry FROM jsonb_array_elements(entries) WITH ORDINALITY AS e (entry, nth) ORDER BY e.nth);
	IF record = 'check_in' THEN
		list := @program@.ingest_moved(list);
	END IF;
	IF NOT EXISTS (SELECT FROM unnest(list) AS e (entry), @program@.ingest_misshapen(e.entry, keys))
		AND (@program@.ingest_try(record, list, true)).state IS NULL
	THEN
		RETURN;
	END IF;

	-- Who may not write at all is told so once, and not for each row.
	PERFORM @program@.ingest_write(record, '{}');
	FOR fault IN SELECT a.* FROM @program@.ingest_apart(record, list) a ORDER BY a.nth LOOP
		"row" := fault.nth;
		sqlstate := fault.state;
		message := fault.message;
		RETURN NEXT;
		refused := array_append(refused, list["row"]);
		states := array_append(states, sqlstate);
		IF cardinality(states) = 1 THEN
			first := fault;
		END IF;
	END LOOP;
	IF partial THEN
		PERFORM @program@.raise_refused(record, refused, states);
	ELSIF cardinality(states) > 0 THEN
		unsafe := (SELECT count(*) FROM @program@.unsafe_entries(record, refused));
		RAISE EXCEPTION USING ERRCODE = first.state, MESSAGE = first.message,
			DETAIL = format('It is row %s of %s; %s.', first.nth, cardinality(list),
				CASE WHEN cardinality(states) = 1 THEN 'no other is refused' ELSE cardinality(states) || ' are refused, of which it is the first' END),
			HINT = 'With partial => true the others are kept, and those that are refused are returned.' || CASE
				WHEN unsafe > 0 THEN format(' %s of those refused may be a matter of safety: see to them now.', unsafe) ELSE '' END,
			SCHEMA = '@program@', TABLE = record, CONSTRAINT = first.constraint_name, COLUMN = first.column_name;
	END IF;
END
$$;

COMMENT ON FUNCTION @program@.ingest(text, jsonb, boolean) IS
'What ingest_check_ins() and ingest_measurements() have in common.';

CREATE FUNCTION @program@.ingest_check_ins(check_ins jsonb, partial boolean DEFAULT false)
RETURNS TABLE ("row" integer, sqlstate text, message text)
LANGUAGE sql
BEGIN ATOMIC
	SELECT i."row", i.sqlstate, i.message FROM @program@.ingest('check_in', check_ins, COALESCE(partial, false)) i;
END;

COMMENT ON FUNCTION @program@.ingest_check_ins(jsonb, boolean) IS
'Writes check-ins: an array of objects with the columns of check_in as keys (person_id, task_id, due_on, occurrence, source, taken, missed, started_at, extent, difficulty, reason, note, recorded_at). What is left out or null gets the table''s default. taken may be true (1 taken) or false (1 missed); numbers may be strings; dates are as 2026-01-31, times as 2026-01-31T08:00:00Z, with their offset. A row is the whole of what its source says of that occurrence: if there is one of the same person_id, task_id, due_on, occurrence and source it is replaced, but for recorded_at, when it was first recorded; where nothing differs nothing is written, so that sending again is harmless. All or nothing: the first row that cannot be written is the error, with its own SQLSTATE and its number, from 1, in the detail. With partial all others are kept, and those refused are returned with number, SQLSTATE and message, which names columns and constraints and shows no values; no row returned: all are written. Refused rows that may be a matter of safety are told to the clinicians (raise_refused); without partial the hint of the error says how many there are. A check-in of a task that merge_persons() has moved is one of the person who has it now. Of rows of the same key in one call equal ones are one, and others are all refused (21000). Errors of its own: 22004 for NULL, 22023 for what is not an array; of a row: 22023 unknown key, 22P02, 22003, 22007 and 22008 unreadable values, 23502, 23503 and 23514 constraints. Writes with the rights of the caller.';

CREATE FUNCTION @program@.ingest_check_ins(person_ids bigint[], task_ids bigint[], due_on date[], taken integer[], missed integer[] DEFAULT NULL,
	source text[] DEFAULT NULL, occurrence integer[] DEFAULT NULL, started_at timestamptz[] DEFAULT NULL, extent real[] DEFAULT NULL,
	difficulty integer[] DEFAULT NULL, reason text[] DEFAULT NULL, note text[] DEFAULT NULL, recorded_at timestamptz[] DEFAULT NULL,
	partial boolean DEFAULT false)
RETURNS TABLE ("row" integer, sqlstate text, message text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1
AS $$
#variable_conflict use_column
DECLARE
	rows CONSTANT integer := cardinality(person_ids);
BEGIN
	IF person_ids IS NULL OR task_ids IS NULL OR due_on IS NULL OR taken IS NULL THEN
		RAISE EXCEPTION 'person_ids, task_ids, due_on and taken must not be null' USING ERRCODE = 'null_value_not_allowed';
	ELSIF EXISTS (
		SELECT FROM (VALUES (cardinality(person_ids), array_ndims(person_ids)), (cardinality(task_ids), array_ndims(task_ids)),
			(cardinality(due_on), array_ndims(due_on)), (cardinality(taken), array_ndims(taken)), (cardinality(missed), array_ndims(missed)),
			(cardinality(source), array_ndims(source)), (cardinality(occurrence), array_ndims(occurrence)),
			(cardinality(started_at), array_ndims(started_at)), (cardinality(extent), array_ndims(extent)),
			(cardinality(difficulty), array_ndims(difficulty)), (cardinality(reason), array_ndims(reason)), (cardinality(note), array_ndims(note)),
			(cardinality(recorded_at), array_ndims(recorded_at))) AS given (length, dimensions)
		WHERE length <> rows OR dimensions > 1)
	THEN
		RAISE EXCEPTION 'arrays must be of one length and one dimension' USING ERRCODE = 'array_subscript_error';
	END IF;
	RETURN QUERY
	SELECT i."row", i.sqlstate, i.message
	FROM @program@.ingest('check_in', (
		SELECT COALESCE(jsonb_agg(to_jsonb(r) - 'nth' ORDER BY r.nth), '[]')
		FROM unnest(person_ids, task_ids, due_on, taken, missed, source, occurrence, started_at, extent, difficulty, reason, note, recorded_at)
			WITH ORDINALITY AS r (person_id, task_id, due_on, taken, missed, source, occurrence, started_at, extent, difficulty, reason, note,
				recorded_at, nth)), COALESCE(partial, false)) i;
END
$$;

COMMENT ON FUNCTION @program@.ingest_check_ins(bigint[], bigint[], date[], integer[], integer[], text[], integer[], timestamptz[], real[], integer[], text[], text[], timestamptz[], boolean) IS
'Writes check-ins given as a column each: arrays of one length. A NULL array or element is what an object of the other form leaves out; all else is as there. Errors of its own: 22004 where one of the first four is NULL, 2202E where the arrays are not of one length and dimension.';

CREATE FUNCTION @program@.ingest_measurements(measurements jsonb, partial boolean DEFAULT false)
RETURNS TABLE ("row" integer, sqlstate text, message text)
LANGUAGE sql
BEGIN ATOMIC
	SELECT i."row", i.sqlstate, i.message FROM @program@.ingest('measurement', measurements, COALESCE(partial, false)) i;
END;

COMMENT ON FUNCTION @program@.ingest_measurements(jsonb, boolean) IS
'Writes measurements, as ingest_check_ins() writes check-ins: an array of objects with the columns of measurement as keys (person_id, instrument_id, item, measured_on, occurrence, source, value, unit, measured_at, recorded_at), or instrument, the name, in place of instrument_id. Rows are the same that agree in person_id, instrument_id, item, measured_on, occurrence and source. A name of no instrument is 23503.';

--
-- Files
--

CREATE TYPE @program@.staged_check_in AS (
	person_id text,
	task_id text,
	due_on text,
	occurrence text,
	source text,
	taken text,
	missed text,
	started_at text,
	extent text,
	difficulty text,
	reason text,
	note text,
	recorded_at text
);

COMMENT ON TYPE @program@.staged_check_in IS
'What a file of check-ins is copied into first: all columns are text, so that COPY takes any line. CREATE TEMPORARY TABLE staged (LIKE of this type); COPY staged; then ingest_check_ins((SELECT jsonb_agg(to_jsonb(s)) FROM staged AS s), partial => true) returns the lines that are refused. Up to some 500,000 lines at a time: a jsonb holds 256 MB.';

CREATE TYPE @program@.staged_measurement AS (
	person_id text,
	instrument text,
	item text,
	measured_on text,
	occurrence text,
	source text,
	value text,
	unit text,
	measured_at text,
	recorded_at text
);

COMMENT ON TYPE @program@.staged_measurement IS
'What a file of measurements is copied into first, as staged_check_in; then ingest_measurements().';
