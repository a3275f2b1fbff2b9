-- Forgery: what one may write, one may write only as oneself, about whom one may write, and no more than the scope of one's practice. Each statement is
-- tried as it is allowed, so that it is known to work, and then forged.
\ir include/setup.sql
\ir include/scope.sql

CREATE ROLE forge_pool LOGIN NOINHERIT IN ROLE care_app;
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO care.check_in (person_id, check_in_id, task_id, due_on, source, taken) VALUES (2, 501, 2, current_date - 300, 'coach', 1), (2, 502, 2, current_date - 300, 'person', 1),
	(1, 503, 1, current_date - 300, 'person', 1), (1, 504, 1, current_date - 300, 'proxy', 1), (1, 505, 1, current_date - 300, 'coach', 1);
INSERT INTO care.message (person_id, message_id, author_kind, body, scope_check) VALUES (2, 501, 'person', 'x', 'flagged'), (2, 502, 'person', 'x', 'clear'), (2, 503, 'person', 'x', NULL);
INSERT INTO care.support_request (person_id, support_request_id, words) VALUES (2, 501, 'x'), (2, 502, 'x');
UPDATE care.support_request SET answered_by = 24, answered_at = now() WHERE support_request_id = 502;
INSERT INTO care.plan_change_request (person_id, plan_change_request_id, task_id, asked_by, words) VALUES (2, 501, 2, 24, 'x'), (2, 502, 12, 24, 'x'), (2, 503, 2, 24, 'x');
UPDATE care.plan_change_request SET answered_by = 22, answer = 'x', answered_at = now() WHERE plan_change_request_id = 503;
INSERT INTO care.contact (person_id, contact_id, staff_id, channel) VALUES (2, 501, 14, 'text'), (2, 502, 24, 'text'), (2, 503, 13, 'text'), (2, 504, 11, 'text');
INSERT INTO care.plan (person_id, plan_id, written_by, words) VALUES (2, 501, 11, 'x'), (2, 502, 21, 'x');
INSERT INTO care.diagnosis (person_id, diagnosis_id, made_by, code) VALUES (2, 501, 11, 'F32'), (2, 502, 21, 'F33');
INSERT INTO care.excused_period (person_id, excused_period_id, during, excused_by) VALUES (2, 501, '[2026-01-01,2026-01-02)', 12), (2, 502, '[2026-01-03,2026-01-04)', 22);
INSERT INTO care.task_step (person_id, task_step_id, task_id, position, words, written_by) VALUES (2, 501, 2, 501, 'x', 14), (1, 502, 1, 501, 'x', 24);
INSERT INTO care.commitment (person_id, commitment_id, task_id, then_action) VALUES (2, 501, 2, 'x'), (1, 502, 1, 'x');
INSERT INTO care.assignment (person_id, assignment_id, staff_id, role, during) VALUES (5, 501, 24, 'coach', '[2020-01-01,)');

--
-- The attempts: {w} is first what is allowed, then what is forged.
--
CREATE TABLE oracle.attempt (n serial, actor text, about text, template text, honest text, forged text[], wanted text);
INSERT INTO oracle.attempt (actor, about, template, honest, forged, wanted) VALUES
	-- authors
	('coach', 'who wrote a step', 'INSERT INTO care.task_step (person_id, task_id, position, words, written_by) VALUES (2, 2, 500, ''x'', {w})', '14', '{24,13,34,999,"NULL"}', '42501'),
	('coach', 'who verified', 'INSERT INTO care.verification (person_id, check_in_id, method, verified_by) VALUES (2, 2, ''told'', {w})', '14', '{24,13,999,"NULL"}', '42501'),
	('coach', 'who witnessed', 'INSERT INTO care.commitment (person_id, task_id, then_action, witnessed_by) VALUES (2, 2, ''x'', {w})', '14', '{24,13,999,"NULL"}', '42501'),
	('coach', 'who asked', 'INSERT INTO care.plan_change_request (person_id, task_id, words, asked_by) VALUES (2, 2, ''x'', {w})', '14', '{24,13,999,"NULL"}', '42501'),
	('coach', 'who had contact', 'INSERT INTO care.contact (person_id, channel, staff_id) VALUES (2, ''text'', {w})', '14', '{24,13,999}', '42501'),
	('coach', 'no human', 'INSERT INTO care.contact (person_id, channel, agency, staff_id) VALUES (2, ''text'', {w})', '''automated'', 14', ARRAY['''automated'', NULL'], '42501'),
	('supervisor', 'who had contact', 'INSERT INTO care.contact (person_id, channel, staff_id) VALUES (2, ''text'', {w})', '13', '{14,24,999}', '42501'),
	('prescriber', 'who had contact', 'INSERT INTO care.contact (person_id, channel, staff_id) VALUES (2, ''text'', {w})', '11', '{14,21}', '42501'),
	('coach', 'author', 'INSERT INTO care.message (person_id, body, author_kind, author) VALUES (2, ''x'', {w})', '''staff'', 14',
		ARRAY['''staff'', 24', '''staff'', 13', '''staff'', NULL', '''person'', NULL', '''proxy'', NULL', '''system'', NULL'], '42501'),
	('coach', 'kind of author', 'INSERT INTO care.message (person_id, body, author_kind, author) VALUES (2, ''x'', {w})', '''staff'', 14', ARRAY['''person'', 14', '''system'', 14'], '23514'),
	('coach', 'what was checked', 'INSERT INTO care.message (person_id, body, author_kind, author{w})', ') VALUES (2, ''x'', ''staff'', 14', ARRAY[', scope_check) VALUES (2, ''x'', ''staff'', 14, ''clear''',
		', sent_at) VALUES (2, ''x'', ''staff'', 14, now() - interval ''1 year'''], '42501'),
	('person', 'kind of author', 'INSERT INTO care.message (person_id, body, author_kind) VALUES (1, ''x'', {w})', '''person''', ARRAY['''proxy''', '''system''', '''staff'''], '42501'),
	('proxy.message', 'kind of author', 'INSERT INTO care.message (person_id, body, author_kind) VALUES (1, ''x'', {w})', '''proxy''', ARRAY['''person''', '''system''', '''staff'''], '42501'),
	('person', 'author', 'INSERT INTO care.message (person_id, body, author_kind{w})', ') VALUES (1, ''x'', ''person''', ARRAY[', author) VALUES (1, ''x'', ''person'', 14', ', author) VALUES (1, ''x'', ''person'', NULL'], '42501'),
	('person', 'witness', 'INSERT INTO care.commitment (person_id, task_id, then_action{w})', ') VALUES (1, 1, ''x''', ARRAY[', witnessed_by) VALUES (1, 1, ''x'', 24'], '42501'),
	('prescriber', 'who wrote a plan', 'INSERT INTO care.plan (person_id, words, written_by) VALUES (2, ''x'', {w})', '11', '{21,12,31,"NULL"}', '42501'),
	('therapist', 'who wrote a plan', 'INSERT INTO care.plan (person_id, words, written_by) VALUES (2, ''x'', {w})', '12', '{22,11,"NULL"}', '42501'),
	('prescriber', 'where a plan came from', 'INSERT INTO care.plan (person_id, words, written_by{w})', ') VALUES (2, ''x'', 11', ARRAY[', imported_from) VALUES (2, ''x'', 11, ''elsewhere'''], '42501'),
	('prescriber', 'who wrote a note', 'INSERT INTO care.clinical_note (person_id, body, written_by) VALUES (2, ''x'', {w})', '11', '{21,12,999}', '42501'),
	('therapist', 'who wrote a note', 'INSERT INTO care.clinical_note (person_id, body, written_by) VALUES (2, ''x'', {w})', '12', '{22,11}', '42501'),
	('prescriber', 'who made a diagnosis', 'INSERT INTO care.diagnosis (person_id, code, made_by) VALUES (2, ''F32'', {w})', '11', '{21,12}', '42501'),
	('therapist', 'who made a diagnosis', 'INSERT INTO care.diagnosis (person_id, code, made_by) VALUES (2, ''F32'', {w})', '12', '{22,11}', '42501'),
	('prescriber', 'who excused', 'INSERT INTO care.excused_period (person_id, during, excused_by) VALUES (2, ''[2026-02-01,2026-02-02)'', {w})', '11', '{21,12,"NULL"}', '42501'),
	('therapist', 'who excused', 'INSERT INTO care.excused_period (person_id, during, excused_by) VALUES (2, ''[2026-02-01,2026-02-02)'', {w})', '12', '{22,11,"NULL"}', '42501'),
	('therapist', 'where an excuse came from', 'INSERT INTO care.excused_period (person_id, during, excused_by{w})', ') VALUES (2, ''[2026-02-01,2026-02-02)'', 12', ARRAY[', imported_from) VALUES (2, ''[2026-02-01,2026-02-02)'', 12, ''elsewhere'''], '42501'),
	('prescriber', 'who prescribes', 'INSERT INTO care.task (person_id, kind, prescribed_by) VALUES (2, ''medication'', {w})', '11', '{21,12,31,999,"NULL"}', '42501'),
	('prescriber', 'where a task came from', 'INSERT INTO care.task (person_id, kind, prescribed_by{w})', ') VALUES (2, ''medication'', 11', ARRAY[', imported_from) VALUES (2, ''medication'', 11, ''elsewhere'''], '42501'),
	('therapist', 'who prescribes', 'INSERT INTO care.task (person_id, kind, prescribed_by) VALUES (2, ''exposure'', {w})', 'NULL', '{11,12,21}', '42501'),
	('therapist', 'what is prescribed', 'INSERT INTO care.task (person_id, kind) VALUES (2, {w})', '''exposure''', ARRAY['''medication'''], '42501'),
	('prescriber', 'who answers the coach', 'UPDATE care.plan_change_request SET answer = ''x'', answered_at = now(), answered_by = {w} WHERE plan_change_request_id = 501', '11', '{12,21,14}', '42501'),
	('therapist', 'who answers the coach', 'UPDATE care.plan_change_request SET answer = ''x'', answered_at = now(), answered_by = {w} WHERE plan_change_request_id = 501', '12', '{11,22}', '42501'),
	('coach', 'who answers a request for support', 'UPDATE care.support_request SET answered_at = now(), answered_by = {w} WHERE support_request_id = 501', '14', '{24,13,"NULL"}', '42501'),
	('supervisor', 'who answers a request for support', 'UPDATE care.support_request SET answered_at = now(), answered_by = {w} WHERE support_request_id = 501', '13', '{14,24}', '42501'),
	-- sources
	('coach', 'source', 'INSERT INTO care.check_in (person_id, task_id, due_on, taken, source) VALUES (2, 2, ''2026-01-01'', 1, {w})', '''coach''', ARRAY['''person''', '''proxy''', '''device''', '''pharmacy''', '''import'''], '42501'),
	('coach', 'source, where it was seen', 'INSERT INTO care.check_in (person_id, task_id, due_on, taken, source) VALUES (2, 2, ''2026-01-01'', 1, {w})', '''seen''', ARRAY['DEFAULT'], '42501'),
	('person', 'source', 'INSERT INTO care.check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, ''2026-01-01'', 1, {w})', '''person''', ARRAY['''coach''', '''proxy''', '''seen''', '''device''', '''import'''], '42501'),
	('proxy.check_in', 'source', 'INSERT INTO care.check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, ''2026-01-01'', 1, {w})', '''proxy''', ARRAY['''person''', '''coach''', '''seen'''], '42501'),
	('person', 'source, ingested', 'SELECT CASE WHEN (SELECT count(*) FROM care.ingest_check_ins(''[{"person_id": 1, "task_id": 1, "due_on": "2026-01-01", "taken": 1, "source": {w}}]'')) = 0 THEN 1 END', '"person"', '{"\"seen\"","\"proxy\"","\"coach\""}', '42501'),
	('coach', 'source, ingested', 'SELECT CASE WHEN (SELECT count(*) FROM care.ingest_check_ins(''[{"person_id": 2, "task_id": 2, "due_on": "2026-01-01", "taken": 1, "source": {w}}]'')) = 0 THEN 1 END', '"coach"', '{"\"person\"","\"device\"","null"}', '42501'),
	('person', 'source of a measurement', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, value, source) VALUES (1, 1, ''2026-01-01'', 1, {w})', '''person''', ARRAY['''seen''', '''proxy''', '''device'''], '42501'),
	('proxy.measure', 'source of a measurement', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, value, source) VALUES (1, 1, ''2026-01-01'', 1, {w})', '''proxy''', ARRAY['''seen''', '''person''', 'DEFAULT'], '42501'),
	('prescriber', 'source of a measurement', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, value, source) VALUES (2, 1, ''2026-01-01'', 1, {w})', '''seen''', ARRAY['''person''', '''device''', '''import'''], '42501'),
	('person', 'source, on conflict', 'INSERT INTO care.check_in (person_id, task_id, due_on, taken, source) VALUES (1, 1, current_date - 300, 1, ''person'') ON CONFLICT (person_id, task_id, due_on, occurrence, source) DO UPDATE SET {w}',
		'note = ''x''', ARRAY['source = ''seen''', 'recorded_at = now() - interval ''1 year''', 'person_id = 2'], '42501'),
	-- the records of others
	('coach', 'a check-in', 'UPDATE care.check_in SET note = ''x'' WHERE person_id = 2 AND check_in_id = {w}', '501', '{502}', 'none'),
	('coach', 'a check-in, deleted', 'DELETE FROM care.check_in WHERE person_id = 2 AND check_in_id = {w}', '501', '{502}', 'none'),
	('person', 'a check-in', 'UPDATE care.check_in SET taken = 2 WHERE check_in_id = {w}', '503', '{504,505,502}', 'none'),
	('proxy.check_in', 'a check-in, deleted', 'DELETE FROM care.check_in WHERE check_in_id = {w}', '504', '{503,505,502}', 'none'),
	('coach', 'a contact', 'UPDATE care.contact SET reached = false WHERE person_id = 2 AND contact_id = {w}', '501', '{502,503}', 'none'),
	('supervisor', 'a contact of the coach', 'UPDATE care.contact SET reached = false WHERE person_id = 2 AND contact_id = {w}', '503', '{501,502}', 'none'),
	('prescriber', 'a plan', 'UPDATE care.plan SET words = ''y'' WHERE plan_id = {w}', '501', '{502}', 'none'),
	('prescriber', 'a diagnosis', 'UPDATE care.diagnosis SET words = ''y'' WHERE diagnosis_id = {w}', '501', '{502}', 'none'),
	('therapist', 'an excuse', 'UPDATE care.excused_period SET reason = ''y'' WHERE excused_period_id = {w}', '501', '{502}', 'none'),
	('therapist', 'an excuse, deleted', 'DELETE FROM care.excused_period WHERE excused_period_id = {w}', '501', '{502}', 'none'),
	('coach', 'an answer that was given', 'UPDATE care.support_request SET answered_by = 14, answered_at = now() WHERE support_request_id = {w}', '501', '{502}', 'none'),
	('therapist', 'an answer of another', 'UPDATE care.plan_change_request SET answered_by = 12, answer = ''y'', answered_at = now() WHERE plan_change_request_id = {w}', '501', '{503}', 'none'),
	('supervisor', 'a message that is not flagged', 'UPDATE care.message SET scope_check = ''reviewed'' WHERE person_id = 2 AND message_id = {w}', '501', '{502,503}', 'none'),
	('supervisor', 'a review that clears', 'UPDATE care.message SET scope_check = {w} WHERE person_id = 2 AND message_id = 501', '''reviewed''', ARRAY['''clear''', '''flagged''', 'NULL'], '42501'),
	('supervisor', 'the words of a message', 'UPDATE care.message SET {w} WHERE person_id = 2 AND message_id = 501', 'scope_check = ''reviewed''', ARRAY['body = ''y''', 'scope_check = ''reviewed'', body = ''y''', 'author = 13'], '42501'),
	('person', 'a step', 'UPDATE care.task_step SET {w} WHERE task_step_id = 502', 'done_at = now()', ARRAY['words = ''y''', 'position = 9', 'written_by = NULL'], '42501'),
	-- the scope of practice
	('coach', 'a task', '{w}', 'UPDATE care.task_step SET words = ''y'' WHERE task_step_id = 501', ARRAY['UPDATE care.task SET schedule = ''FREQ=WEEKLY'' WHERE task_id = 2', 'UPDATE care.task SET units = ''spoon'' WHERE task_id = 2',
		'UPDATE care.task SET max_units_per_day = 9 WHERE task_id = 12', 'UPDATE care.task SET ends = current_date WHERE task_id = 2', 'UPDATE care.task SET status = ''stopped'', ends = current_date WHERE task_id = 2',
		'UPDATE care.task SET title = ''y'' WHERE task_id = 2', 'UPDATE care.task SET goal_id = NULL WHERE task_id = 2', 'UPDATE care.task SET starts_at = now() WHERE task_id = 2',
		'UPDATE care.task SET gap_hazard_days = NULL WHERE task_id = 12', 'UPDATE care.task SET show_streak = false WHERE task_id = 2', 'INSERT INTO care.task (person_id) VALUES (2)', 'DELETE FROM care.task WHERE task_id = 2',
		'DELETE FROM care.task_revision WHERE task_id = 2', 'INSERT INTO care.excused_period (person_id, during) VALUES (2, ''[2026-01-01,2026-01-02)'')', 'UPDATE care.goal SET words = ''y'' WHERE person_id = 2',
		'UPDATE care.plan SET words = ''y'' WHERE person_id = 2', 'UPDATE care.episode SET tier = 1 WHERE person_id = 2', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, value, source) VALUES (2, 2, ''2026-01-01'', 1, ''coach'')',
		'SELECT FROM care.diagnosis', 'SELECT FROM care.clinical_note', 'SELECT FROM care.person_characteristic', 'UPDATE care.person SET name = ''y'' WHERE person_id = 2', 'UPDATE care.preference SET person_id = 4 WHERE person_id = 2'], '42501'),
	('therapist', 'a medication', 'UPDATE care.task SET schedule = ''FREQ=WEEKLY'' WHERE person_id = 2 AND task_id = {w}', '2', '{12}', 'none'),
	('therapist', 'a medication''s dose and end', 'UPDATE care.task SET max_units_per_day = 9, ends = current_date + 9 WHERE person_id = 2 AND task_id = {w}', '2', '{12}', 'none'),
	('therapist', 'a request about a medication', 'UPDATE care.plan_change_request SET answered_by = 12, answer = ''x'', answered_at = now() WHERE plan_change_request_id = {w}', '501', '{502}', 'none'),
	('therapist', 'what a task is', 'UPDATE care.task SET {w} WHERE person_id = 2 AND task_id = 2', 'title = ''y''', ARRAY['kind = ''medication''', 'prescribed_by = 11', 'imported_from = ''x''', 'episode_id = NULL', 'person_id = 4'], '42501'),
	('prescriber', 'what a task is', 'UPDATE care.task SET {w} WHERE person_id = 2 AND task_id = 12', 'title = ''y''', ARRAY['kind = ''exposure''', 'prescribed_by = 11', 'imported_from = ''x''', 'person_id = 4', 'task_id = 4'], '42501'),
	('prescriber', 'what the coach does', '{w}', 'UPDATE care.task SET title = ''y'' WHERE task_id = 12', ARRAY['UPDATE care.check_in SET taken = 1', 'INSERT INTO care.task_step (person_id, task_id, position, words) VALUES (2, 2, 9, ''x'')',
		'INSERT INTO care.verification (person_id, check_in_id, method) VALUES (2, 2, ''told'')', 'UPDATE care.goal SET words = ''y''', 'SELECT FROM care.message', 'UPDATE care.clinical_note SET body = ''y''', 'DELETE FROM care.clinical_note',
		'UPDATE care.assignment SET during = ''[2020-01-01,)''', 'INSERT INTO care.assignment (person_id, staff_id) VALUES (4, 11)', 'DELETE FROM care.diagnosis', 'DELETE FROM care.check_in'], '42501'),
	('supervisor', 'what the coach does', '{w}', 'UPDATE care.episode SET tier = 3 WHERE person_id = 2', ARRAY['UPDATE care.check_in SET taken = 1', 'DELETE FROM care.check_in', 'UPDATE care.commitment SET kept = true', 'UPDATE care.task_step SET words = ''y''',
		'INSERT INTO care.message (person_id, author_kind, author, body) VALUES (2, ''staff'', 13, ''x'')', 'INSERT INTO care.verification (person_id, check_in_id, method, verified_by) VALUES (2, 2, ''told'', 13)', 'UPDATE care.task SET title = ''y''',
		'UPDATE care.assignment SET during = ''[2020-01-01,)''', 'SELECT FROM care.clinical_note', 'SELECT FROM care.diagnosis', 'UPDATE care.episode SET person_id = 4', 'INSERT INTO care.episode (person_id) VALUES (2)', 'UPDATE care.staff SET supervisor_id = 13'], '42501'),
	('person', 'what is planned', '{w}', 'UPDATE care.person SET name = ''y'' WHERE person_id = 1', ARRAY['UPDATE care.task SET schedule = NULL', 'INSERT INTO care.task (person_id) VALUES (1)', 'DELETE FROM care.task', 'UPDATE care.episode SET tier = 1',
		'UPDATE care.person SET token_subject = ''person2'' WHERE person_id = 1', 'UPDATE care.person SET token_subject = ''coach10''', 'UPDATE care.person SET organization_id = 2', 'UPDATE care.person SET merged_into = 2', 'UPDATE care.person SET birth_year = 1990',
		'UPDATE care.person SET plan_changes = 0', 'UPDATE care.person SET person_id = 2', 'INSERT INTO care.person (name) VALUES (''x'')', 'UPDATE care.proxy SET scope = ''{report}''', 'INSERT INTO care.proxy (person_id, name, relation) VALUES (1, ''x'', ''x'')',
		'DELETE FROM care.proxy', 'SELECT token_subject FROM care.proxy', 'SELECT token_subject FROM care.staff', 'SELECT FROM care.clinical_note', 'SELECT FROM care.diagnosis', 'INSERT INTO care.excused_period (person_id, during) VALUES (1, ''[2026-01-01,2026-01-02)'')',
		'UPDATE care.commitment SET witnessed_by = 24 WHERE commitment_id = 502', 'DELETE FROM care.commitment', 'DELETE FROM care.message', 'UPDATE care.message SET body = ''y''', 'INSERT INTO care.verification (person_id, check_in_id, method) VALUES (1, 1, ''seen'')',
		'INSERT INTO care.correction (person_id, record, record_id, was, deleted, corrected_by) VALUES (1, ''check_in'', 1, ''{}'', false, ''x'')', 'DELETE FROM care.correction'], '42501'),
	-- other people
	('person', 'another person', 'UPDATE care.person SET name = ''y'' WHERE person_id = {w}', '1', '{2,4,5}', 'none'),
	('person', 'a goal of another', 'INSERT INTO care.goal (person_id, words) VALUES ({w}, ''x'')', '1', '{2,4,5,999}', '42501'),
	('person', 'a characteristic of another', 'INSERT INTO care.person_characteristic (person_id, characteristic, value) VALUES ({w}, ''y'', ''x'')', '1', '{2,4,5,999}', '42501'),
	('coach', 'a person who is not theirs', 'INSERT INTO care.message (person_id, author_kind, author, body) VALUES ({w}, ''staff'', 14, ''x'')', '2', '{1,3,4,5,999}', '42501'),
	('coach', 'a task of another person', 'INSERT INTO care.commitment (person_id, task_id, then_action, witnessed_by) VALUES (2, {w}, ''x'', 14)', '2', '{1,3,4,5,999}', '23503'),
	('prescriber', 'a person who is not theirs', 'INSERT INTO care.task (person_id, kind, prescribed_by) VALUES ({w}, ''medication'', 11)', '2', '{1,3,4,5,999}', '42501'),
	('prescriber', 'a plan of another person', 'UPDATE care.task SET plan_id = {w} WHERE person_id = 2 AND task_id = 12', '501', '{1,4,999}', '23503'),
	-- coordinators
	('coordinator', 'staff of another organisation', 'INSERT INTO care.assignment (person_id, staff_id) VALUES (2, {w})', '24', '{34,31,999}', '42501'),
	('coordinator', 'a person of another organisation', 'INSERT INTO care.assignment (person_id, staff_id) VALUES ({w}, 24)', '5', '{4,999}', '42501'),
	('coordinator', 'clinical supervision across organisations', 'INSERT INTO care.assignment (person_id, staff_id, clinical_supervisor_id) VALUES (2, 24, {w})', '22', '{32,31,999}', '42501'),
	('coordinator', 'clinical supervision across organisations, later', 'UPDATE care.assignment SET clinical_supervisor_id = {w} WHERE assignment_id = 501', '22', '{32,31,999}', '42501'),
	('coordinator', 'clinical supervision by no clinician', 'UPDATE care.assignment SET clinical_supervisor_id = {w} WHERE assignment_id = 501', '22', '{24,15}', '23503'),
	('coordinator', 'an assignment of another organisation', 'UPDATE care.assignment SET during = ''[2020-01-01,2030-01-01)'' WHERE person_id = {w}', '5', '{4}', 'none'),
	('coordinator', 'who is assigned', 'UPDATE care.assignment SET {w} WHERE assignment_id = 501', 'during = ''[2020-01-01,2030-01-01)''', ARRAY['staff_id = 34', 'staff_id = 14', 'role = ''prescriber''', 'person_id = 4'], '42501'),
	('coordinator', 'a coach as a clinician', 'INSERT INTO care.assignment (person_id, staff_id, role) VALUES (5, {w})', '21, ''prescriber''', ARRAY['24, ''prescriber''', '14, ''therapist''', '15, ''prescriber'''], '23503'),
	('coordinator', 'who referred', 'INSERT INTO care.episode (person_id, referred_by) VALUES (5, {w})', '21', '{31,32,999}', '42501'),
	('coordinator', 'who referred, later', 'UPDATE care.episode SET referred_by = {w} WHERE person_id = 5', '21', '{31,32,999}', '42501'),
	('coordinator', 'the supervisor of staff', 'UPDATE care.staff SET supervisor_id = {w} WHERE staff_id = 24', '13', '{33,32,31,999}', '42501'),
	('coordinator', 'staff of another organisation, kept', 'UPDATE care.staff SET name = ''y'' WHERE staff_id = {w}', '24', '{34,31,35,999}', 'none'),
	('coordinator', 'what staff are', 'UPDATE care.staff SET {w} WHERE staff_id = 24', 'name = ''y''', ARRAY['role = ''prescriber''', 'role = ''auditor''', 'licensed = true', 'login_role = ''scope_pool''', 'token_subject = ''prescriber10''', 'token_subject = NULL',
		'organization_id = 2', 'organization_id = NULL', 'staff_id = 999'], '42501'),
	('coordinator', 'what they are themselves', 'UPDATE care.staff SET {w} WHERE staff_id = 15', 'discipline = ''y''', ARRAY['role = ''auditor''', 'licensed = true', 'token_subject = ''auditor10''', 'organization_id = 2'], '42501'),
	('coordinator', 'where new staff work', 'INSERT INTO care.staff (name, role, supervisor_id, organization_id) VALUES (''x'', ''coach'', {w})', '13, 1', ARRAY['13, 2', '13, NULL', '33, 2', '33, 1', '999, 1'], '42501'),
	('coordinator', 'by what new staff sign in', 'INSERT INTO care.staff (name, role, supervisor_id, organization_id{w})', ') VALUES (''x'', ''coach'', 13, 1', ARRAY[', token_subject) VALUES (''x'', ''coach'', 13, 1, ''y''', ', login_role) VALUES (''x'', ''coach'', 13, 1, ''scope_pool''',
		', staff_id) VALUES (''x'', ''coach'', 13, 1, 999'], '42501'),
	('coordinator', 'where a new person is coached', 'INSERT INTO care.person (name, organization_id) VALUES (''x'', {w})', '1', '{2,"NULL",999}', '42501'),
	('coordinator', 'at which site', 'INSERT INTO care.person (name, organization_id, site_id) VALUES (''x'', 1, {w})', '1', '{2,999}', '23503'),
	('coordinator', 'who a person is', 'UPDATE care.person SET {w} WHERE person_id = 5', 'name = ''y''', ARRAY['token_subject = ''x''', 'token_subject = ''person1''', 'organization_id = 2', 'merged_into = 2', 'person_id = 999', 'plan_changes = 9'], '42501'),
	('coordinator', 'a person of another organisation, kept', 'UPDATE care.person SET name = ''y'' WHERE person_id = {w}', '5', '{4,999}', 'none'),
	('coordinator', 'a proxy of another organisation', 'INSERT INTO care.proxy (person_id, name, relation) VALUES ({w}, ''x'', ''friend'')', '5', '{4,999}', '42501'),
	('coordinator', 'by what a proxy signs in', 'INSERT INTO care.proxy (person_id, name, relation{w})', ') VALUES (5, ''x'', ''friend''', ARRAY[', token_subject) VALUES (5, ''x'', ''friend'', ''person1''', ', proxy_id) VALUES (5, ''x'', ''friend'', 1'], '42501'),
	('coordinator', 'a proxy''s subject', 'UPDATE care.proxy SET {w} WHERE person_id = 1 AND proxy_id = 1', 'scope = ''{calendar}''', ARRAY['token_subject = ''y''', 'person_id = 2', 'proxy_id = 9'], '42501'),
	('coordinator', 'hours of staff of another organisation', 'INSERT INTO care.coverage (staff_id, during) VALUES ({w}, ''[2020-01-01,)'')', '24', '{34,999}', '42501'),
	('coordinator', 'cover for staff of another organisation', 'INSERT INTO care.coverage (staff_id, during, covers_for) VALUES (24, ''[2020-01-01,)'', {w})', '14', '{34,999}', '42501'),
	('coordinator', 'hours of another organisation, removed', 'DELETE FROM care.coverage WHERE staff_id = {w}', '24', '{34,31}', 'none'),
	('coordinator', 'a handover', 'SELECT FROM care.handover({w}, tstzrange(now(), now() + interval ''2 days''))', '14, 24', ARRAY['14, 34', '34, 14', '34, 31', '14, 999', '999, 14'], '42501'),
	('coordinator', 'what is clinical', '{w}', 'SELECT FROM care.episode WHERE person_id = 2', ARRAY['SELECT FROM care.task', 'SELECT FROM care.check_in', 'SELECT FROM care.message', 'SELECT FROM care.clinical_note', 'SELECT FROM care.diagnosis', 'SELECT FROM care.measurement',
		'SELECT FROM care.my_day', 'SELECT FROM care.timeline(2)', 'INSERT INTO care.task (person_id) VALUES (2)'], '42501');

SELECT plan((SELECT count(*)::integer + sum(cardinality(forged))::integer FROM oracle.attempt) + 20);
GRANT SELECT ON ALL TABLES IN SCHEMA oracle TO PUBLIC;
-- Become one of the actors; of those who are nobody somebody else has signed in before, with another role.
CREATE FUNCTION oracle.be(someone text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM coachiatry.sign_in((SELECT other.token FROM oracle.actor a, oracle.actor other
		WHERE a.name = someone AND a.token IS NULL AND other.role <> a.role AND other.token IS NOT NULL ORDER BY other.name = 'coach' DESC, other.name LIMIT 1))
	FROM oracle.actor a WHERE a.name = someone AND a.token IS NULL;
	PERFORM oracle.become(someone);
END
$$;
-- What an attempt comes to: as oracle.outcome, and 42501 whether by a privilege or by a policy.
CREATE FUNCTION oracle.try(of_actor text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	PERFORM oracle.be(of_actor);
	got := oracle.outcome(statement);
	PERFORM set_config('role', 'none', true);
	RETURN CASE WHEN got IN ('denied', 'policy') THEN '42501' ELSE got END;
END
$$;
SET LOCAL SESSION AUTHORIZATION forge_pool;
SELECT is(oracle.try(actor, replace(template, '{w}', honest) || CASE WHEN template LIKE 'INSERT%{w})' THEN '' ELSE '' END), 'rows', format('%s may: %s', actor, about))
FROM oracle.attempt ORDER BY n;
SELECT is(oracle.try(actor, replace(template, '{w}', f)), wanted, format('%s may not: %s, %s', actor, about, left(f, 90))) FROM oracle.attempt, unnest(forged) AS f ORDER BY n;

--
-- Rows of one person cannot become another's
--
RESET SESSION AUTHORIZATION;
SELECT results_eq($$SELECT format('%s.%s: %s', table_name, column_name, string_agg(substr(grantee, 6), ' ' ORDER BY grantee)) COLLATE "default" FROM information_schema.role_column_grants
	WHERE table_schema = 'care' AND privilege_type = 'UPDATE' AND grantee <> 'care_owner' AND (column_name IN ('person_id', 'task_id', 'staff_id', 'check_in_id', 'source', 'author', 'author_kind', 'record_id',
		'kind', 'role', 'licensed', 'login_role', 'token_subject', 'organization_id', 'episode_id', 'merged_into', 'imported_from', 'recorded_at', 'written_at', 'asked_at', 'sent_at') OR column_name ~ '_by$')
	GROUP BY table_name, column_name ORDER BY 1$$,
	ARRAY['contact.began_by: coach prescriber supervisor therapist', 'episode.referred_by: coordinator', 'person_characteristic.person_id: person', 'plan_change_request.answered_by: prescriber therapist', 'preference.person_id: person', 'support_request.answered_by: coach prescriber supervisor therapist'],
	'who and whose it is: nobody changes it, but who answers, who referred, and which side began a contact');
SET LOCAL SESSION AUTHORIZATION forge_pool;
SELECT is_empty($$SELECT a.name, s.table_name, o FROM oracle.actor a, (SELECT DISTINCT table_name FROM oracle.base) s
	CROSS JOIN LATERAL (SELECT oracle.try(a.name, format('UPDATE care.%I SET person_id = 4', s.table_name)) AS o OFFSET 0) t
	WHERE a.name <> 'stranger' AND o <> '42501' AND NOT (a.name ~ '^(proxy|nobody)' AND o = 'none')$$, 'nobody moves rows to another person');
-- What is kept of a correction says who made it.
RESET SESSION AUTHORIZATION;
SAVEPOINT corrected;
SET LOCAL SESSION AUTHORIZATION forge_pool;
SELECT oracle.become('coach') \g /dev/null
UPDATE care.check_in SET note = 'by the coach' WHERE person_id = 2 AND check_in_id = 501;
SELECT oracle.become('person') \g /dev/null
UPDATE care.check_in SET note = 'by the person' WHERE check_in_id = 503;
SELECT oracle.become('proxy.check_in') \g /dev/null
DELETE FROM care.check_in WHERE check_in_id = 504;
RESET SESSION AUTHORIZATION;
RESET ROLE;
SELECT results_eq('SELECT record_id, corrected_by FROM care.correction WHERE record_id IN (501, 503, 504) AND record = ''check_in'' ORDER BY 1',
	$$VALUES (501::bigint, 'coach 14'), (503, 'person 1'), (504, 'proxy 2')$$, 'corrections say who made them');
ROLLBACK TO corrected;

--
-- Proxies: what their scope has, and nothing else
--
SET LOCAL SESSION AUTHORIZATION forge_pool;
SELECT * FROM oracle.agree($$SELECT (s.scope, w.about) AS about, oracle.try('proxy.' || s.scope, w.statement) AS got, CASE WHEN s.scope = ANY (w.scopes) THEN 'rows' ELSE w.otherwise END AS wanted
	FROM unnest(ARRAY['calendar', 'check_in', 'message', 'measure', 'report']) AS s (scope), (VALUES
	('checks in', 'INSERT INTO care.check_in (person_id, task_id, due_on, source, taken) VALUES (1, 1, ''2026-01-01'', ''proxy'', 1)', ARRAY['check_in'], '42501'),
	('does a step', 'UPDATE care.task_step SET done_at = now() WHERE task_step_id = 502', ARRAY['check_in'], 'none'),
	('writes', 'INSERT INTO care.message (person_id, author_kind, body) VALUES (1, ''proxy'', ''x'')', ARRAY['message'], '42501'),
	('says what the goal is', 'INSERT INTO care.goal (person_id, words) VALUES (1, ''x'')', ARRAY['message'], '42501'),
	('asks for support', 'INSERT INTO care.support_request (person_id, words) VALUES (1, ''x'')', ARRAY['message'], '42501'),
	('measures', 'INSERT INTO care.measurement (person_id, instrument_id, measured_on, source, value) VALUES (1, 1, ''2026-01-01'', ''proxy'', 1)', ARRAY['measure'], '42501'),
	('reads the plan', 'SELECT FROM care.plan', ARRAY['calendar'], 'none'),
	('reads the tasks', 'SELECT FROM care.task', ARRAY['calendar', 'check_in'], 'none'),
	('reads messages', 'SELECT FROM care.message', ARRAY['message'], 'none'),
	('reads scores', 'SELECT FROM care.measurement', ARRAY['measure'], 'none'),
	('commits', 'INSERT INTO care.commitment (person_id, task_id, then_action) VALUES (1, 1, ''x'')', ARRAY[]::text[], '42501'),
	('renames the person', 'UPDATE care.person SET name = ''y''', ARRAY[]::text[], 'none'),
	('says how to reach them', 'UPDATE care.preference SET tone = ''y''', ARRAY[]::text[], 'none'),
	('says what they are', 'INSERT INTO care.person_characteristic (person_id, characteristic, value) VALUES (1, ''y'', ''y'')', ARRAY[]::text[], '42501'),
	('reads what they are', 'SELECT FROM care.person_characteristic', ARRAY[]::text[], 'none'),
	('widens the scope', 'UPDATE care.proxy SET scope = ''{calendar,check_in,message,report,measure}''', ARRAY[]::text[], '42501'),
	('reads corrections', 'SELECT FROM care.correction', ARRAY[]::text[], 'none')) AS w (about, statement, scopes, otherwise)$$, 'a proxy within their scope, and beyond it');
RESET SESSION AUTHORIZATION;
SAVEPOINT ended;
UPDATE care.proxy SET during = daterange('2020-01-01', (now() AT TIME ZONE 'UTC')::date) WHERE proxy_id = 1;
SELECT is(oracle.outcome('SELECT oracle.become(''proxy.calendar'')'), '28000', 'a proxy whose time has ended does not sign in');
ROLLBACK TO ended;

--
-- What is the owner's
--
SET LOCAL SESSION AUTHORIZATION forge_pool;
SELECT is_empty(format('SELECT a.name, o FROM oracle.actor a CROSS JOIN LATERAL (SELECT oracle.try(a.name, %L) AS o OFFSET 0) t WHERE a.name <> ''stranger'' AND o <> ''42501''', c), 'the owner''s alone: ' || left(c, 60))
FROM unnest(ARRAY['SELECT care.merge_persons(1, 5)', 'SELECT care.rebuild_derived()', 'SELECT care.rotate_token_key()', 'SELECT care.issue_token(''auditor10'')', 'SELECT care.revoke_token(''x'')',
	'SELECT * FROM care.actor_of_subject(''coach10'', current_date)', 'SELECT * FROM care.actor_of_login(''scope_pool'', current_date)', 'SELECT care.advance_plan()', 'SELECT * FROM care.cohort_people()',
	'SELECT coachiatry.drop_program(''care'')', 'SET ROLE care_owner']) AS c;
-- Whoever knows how tokens look, and even a key's name, has no secret.
RESET SESSION AUTHORIZATION;
SELECT coachiatry.sign_token(format('{"sub": "auditor10", "aud": "%s/care", "exp": 4102444800}', current_database()), json_build_object('alg', 'HS256', 'kid', key_id)::text, sha256('guessed')) AS forged FROM care.token_key \gset
SELECT coachiatry.sign_token(format('{"sub": "auditor10", "aud": "%s/care", "exp": 4102444800}', current_database()), json_build_object('alg', 'HS256', 'kid', key_id)::text, secret) AS right FROM care.token_key \gset
SET LOCAL SESSION AUTHORIZATION forge_pool;
SELECT is(oracle.outcome(format('SELECT coachiatry.sign_in(%L)', t)), o, 'a token that is ' || CASE o WHEN 'rows' THEN 'signed' ELSE 'forged' END) FROM (VALUES (:'right', 'rows'), (:'forged', '28000')) AS v (t, o);

--
-- Nobody
--
-- Every cell of the scope matrix, with the role but without being anybody; and, signed in as a coach, with the role of another.
CREATE FUNCTION pg_temp.cells_of_nobody(signed_in_as text) RETURNS TABLE (role text, table_name text, statement text, got text) LANGUAGE plpgsql AS $$
BEGIN
	FOR role IN SELECT DISTINCT a.role FROM oracle.actor a WHERE a.token IS NOT NULL AND a.name IS DISTINCT FROM signed_in_as ORDER BY 1 LOOP
		IF signed_in_as IS NOT NULL THEN PERFORM oracle.become(signed_in_as); END IF;
		PERFORM set_config('role', role, true);
		RETURN QUERY SELECT a.role, c.table_name, c.statement, o.got
		FROM oracle.cell c JOIN oracle.actor a ON a.name = c.actor CROSS JOIN LATERAL (SELECT oracle.outcome(c.statement) AS got OFFSET 0) o
		WHERE a.role = cells_of_nobody.role AND c.command IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'ON CONFLICT', 'FOR UPDATE')
			AND c.table_name NOT IN ('program_info', 'organization', 'site', 'task_kind', 'instrument', 'warning_rule', 'crisis_resource', 'sweep_run', 'evidence_weight', 'lexicon_entry') AND o.got NOT IN ('none', 'denied', 'policy');
	END LOOP;
	PERFORM set_config('role', 'none', true);
END
$$;
RESET SESSION AUTHORIZATION;
RESET coachiatry.actor;
SET LOCAL SESSION AUTHORIZATION forge_pool;
SELECT is_empty('SELECT * FROM pg_temp.cells_of_nobody(NULL)', 'with a role and without an identity one sees and writes nothing');
SELECT is_empty('SELECT * FROM pg_temp.cells_of_nobody(''coach'')', 'nor signed in as a coach with the role of another');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
