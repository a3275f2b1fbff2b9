-- Kept values: the trigger functions that fold the record of a program into its calendars and series.

CREATE FUNCTION coachiatry.keep_calendars()
RETURNS trigger
AS 'MODULE_PATHNAME', 'keep_calendars'
LANGUAGE C;

COMMENT ON FUNCTION coachiatry.keep_calendars() IS
'Trigger of a program''s check_in, for each statement: before it, to announce it; after it, with transition tables, to add and subtract its rows in task_calendar of the same schema, acting as the owner of check_in. Several kinds of changes of one statement are one. Keys are written in the order of person_id, task_id, source. Plans of the same persons that have fallen behind are advanced. Errors: 22003 where a day would have more than 99 units of a kind, 22008 where a calendar would span over 200 years, 39P01 if it is not fired so, 55000 where the kept calendar does not hold what is taken away: see rebuild_derived() of the program.';

CREATE FUNCTION coachiatry.keep_series()
RETURNS trigger
AS 'MODULE_PATHNAME', 'keep_series'
LANGUAGE C;

COMMENT ON FUNCTION coachiatry.keep_series() IS
'Trigger of a program''s measurement, for each statement, as keep_calendars(): adds and subtracts its rows in measure_series of the same schema, in the order of person_id, instrument_id, item.';

CREATE FUNCTION coachiatry.forget_rules()
RETURNS trigger
AS 'MODULE_PATHNAME', 'program_forget_rules'
LANGUAGE C;

COMMENT ON FUNCTION coachiatry.forget_rules() IS
'Trigger of the tables of a program that keep_calendars() and keep_series() read rules from (warning_rule, instrument, program_info): what sessions keep of them is read anew once the change is committed, and in the same session at once. Fires always, also where changes are replicated to. Errors: 39P01 if it is not called as a trigger.';
