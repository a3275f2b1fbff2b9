-- Tables of an electronic-monitoring study, as its files have them.

\set ON_ERROR_STOP on
SET client_min_messages TO warning;
DROP SCHEMA IF EXISTS demo_monitor CASCADE;
CREATE SCHEMA demo_monitor;

CREATE TABLE demo_monitor.monitors (
	patient text, monitor text, start_date date, end_date date, comment text,
	PRIMARY KEY (patient, monitor)
);
CREATE TABLE demo_monitor.regimen (
	patient text, monitor text, expected_per_day integer, start_date date, end_date date, days_on integer, days_off integer
);
CREATE TABLE demo_monitor.openings (patient text, monitor text, opened_at timestamp);
CREATE TABLE demo_monitor.added_openings (patient text, monitor text, date date, added integer, comment text);
CREATE TABLE demo_monitor.nonmonitored (
	patient text, monitor text, start_date date, end_date date, comment text
);
CREATE TABLE demo_monitor.expected_by_monitor_day (
	patient text, monitor text, date date, recorded integer, added integer, corrected integer, expected integer,
	nonmonitored integer, implementation integer, PRIMARY KEY (patient, monitor, date)
);
