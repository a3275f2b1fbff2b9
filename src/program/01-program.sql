-- The program itself: one row that says what it is, and its settings.

GRANT USAGE ON SCHEMA @program@ TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist,
	@prefix@_coordinator, @prefix@_practice_coach, @prefix@_analyst, @prefix@_auditor, @prefix@_app;

CREATE TABLE @program@.program_info (
	only_row boolean PRIMARY KEY DEFAULT true,
	name text NOT NULL,
	domain text NOT NULL,
	template_version integer NOT NULL,
	role_prefix text NOT NULL,
	roles_made text[] NOT NULL,
	source_precedence text[] NOT NULL DEFAULT '{seen,device,pharmacy,coach,person,proxy,import}',
	day_start time NOT NULL DEFAULT '00:00',
	notify_warnings boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT coachiatry.clock(),
	created_by text NOT NULL,
	CONSTRAINT program_info_one_row CHECK (only_row),
	CONSTRAINT program_info_domain CHECK (domain IN ('psychiatry', 'medicine', 'education', 'workplace')),
	CONSTRAINT program_info_template_version CHECK (template_version > 0),
	CONSTRAINT program_info_source_precedence CHECK (cardinality(source_precedence) = 7 AND array_ndims(source_precedence) = 1
		AND source_precedence @> '{seen,device,pharmacy,coach,person,proxy,import}'),
	CONSTRAINT program_info_day_start CHECK (day_start < '24:00')
);

GRANT SELECT ON @program@.program_info TO @prefix@_person, @prefix@_coach, @prefix@_supervisor, @prefix@_prescriber, @prefix@_therapist,
	@prefix@_coordinator, @prefix@_practice_coach, @prefix@_analyst, @prefix@_auditor, @prefix@_app;

COMMENT ON TABLE @program@.program_info IS
'What this program is: one row. source_precedence, day_start and notify_warnings may be changed by the owner; the rest is written by coachiatry.create_program and coachiatry.upgrade_program.';
COMMENT ON COLUMN @program@.program_info.only_row IS
'Always true: the key that keeps the table to one row.';
COMMENT ON COLUMN @program@.program_info.name IS
'Name of the program, which is its schema''s.';
COMMENT ON COLUMN @program@.program_info.domain IS
'Field of work: psychiatry, medicine, education or workplace. It decides which vocabulary and starter rows the program began with.';
COMMENT ON COLUMN @program@.program_info.template_version IS
'Version of the template that the program''s objects are of.';
COMMENT ON COLUMN @program@.program_info.role_prefix IS
'What the names of the program''s roles begin with, before the underscore.';
COMMENT ON COLUMN @program@.program_info.roles_made IS
'Roles that were made together with the program; coachiatry.drop_program drops no others.';
COMMENT ON COLUMN @program@.program_info.source_precedence IS
'Sources of records, the one to believe first: where several say something of one day, the first that does counts. Each of the seven once.';
COMMENT ON COLUMN @program@.program_info.day_start IS
'Time of day at which a day begins, as in coachiatry.adherence_day: 03:00 counts what happens before three in the morning to the day before.';
COMMENT ON COLUMN @program@.program_info.notify_warnings IS
'Whether a transaction that writes to warning_outbox sends one notification, without content, on the channel @program@_warning.';
COMMENT ON COLUMN @program@.program_info.created_at IS
'When the program was made.';
COMMENT ON COLUMN @program@.program_info.created_by IS
'Database role that made it.';
