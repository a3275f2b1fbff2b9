-- The check-ins to measure on: a year of one task for each of :people people, the same rows in three physical orders,
-- and what a program would keep of them: a calendar of each person. Nothing is drawn at random: every run on every
-- machine has the same rows.

CREATE SCHEMA bench;

-- A number in [0, 1) for a key, another one for each seed.
CREATE FUNCTION bench.chance(key bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (pg_catalog.hashint8extended(key, seed) & 1048575) / 1048576.0::float8;

-- A person takes between 76 and 98 of 100 units, and one of ten in a lapse; three of ten months (of 30 days) have a
-- lapse, of 2 to 16 days.
CREATE TABLE bench.by_person AS
WITH month AS (
	SELECT person, month, 0.76 + 0.22 * bench.chance(person, 1) AS rate,
		floor(24 * bench.chance(person * 100 + month, 2)) AS lapse_from,
		floor(24 * bench.chance(person * 100 + month, 2)) + CASE WHEN bench.chance(person * 100 + month, 3) < 0.3
			THEN 2 + floor(15 * bench.chance(person * 100 + month, 4)) ELSE 0 END AS lapse_until
	FROM generate_series(1, :people) AS person, generate_series(0, 12) AS month
)
SELECT person, date '2025-01-01' + 30 * month + i AS day,
	bench.chance(person * 1000 + 30 * month + i, 5) <
		CASE WHEN i >= lapse_from AND i < lapse_until THEN 0.1 ELSE rate END AS taken
FROM month, generate_series(0, 29) AS i
WHERE 30 * month + i < 365
ORDER BY person, day;

CREATE TABLE bench.by_day AS
SELECT * FROM bench.by_person ORDER BY day, person;

CREATE TABLE bench.at_random AS
SELECT * FROM bench.by_person ORDER BY hashint8extended(person * 1000 + (day - date '2025-01-01'), 6), person, day;

-- For queries that answer for every row: the rows of a tenth of the people.
CREATE TABLE bench.tenth AS
SELECT * FROM bench.by_person WHERE person <= greatest(1, :people / 10) ORDER BY person, day;

-- What a program keeps: a calendar of each person; and the same in twelve parts, one for each month.
CREATE TABLE bench.stored AS
SELECT person, coachiatry.adherence_agg(day, taken) AS calendar FROM bench.by_person GROUP BY person ORDER BY person;

CREATE TABLE bench.month AS
SELECT person, coachiatry.adherence_agg(day, taken) AS part
FROM bench.by_person GROUP BY person, date_trunc('month', day) ORDER BY person, date_trunc('month', day);

CREATE TABLE bench.copied (LIKE bench.stored);

VACUUM (ANALYZE, FREEZE);
