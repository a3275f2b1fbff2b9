-- Instruments that are often used, for a program to adopt.
-- Sections: the catalogue.

--
-- The catalogue
--

CREATE TABLE coachiatry.instrument_catalogue (
	name text PRIMARY KEY,
	description text NOT NULL,
	recall_days smallint,
	direction text NOT NULL CHECK (direction IN ('lower_is_better', 'higher_is_better')),
	lowest float8 NOT NULL,
	highest float8 NOT NULL CHECK (highest > lowest),
	reliable_change float8 CHECK (reliable_change > 0),
	reliable_change_source text,
	self_harm_items text[] NOT NULL DEFAULT '{}',
	licence text NOT NULL,
	CHECK ((reliable_change IS NULL) = (reliable_change_source IS NULL))
);

GRANT SELECT ON coachiatry.instrument_catalogue TO PUBLIC;
COMMENT ON TABLE coachiatry.instrument_catalogue IS
'Questionnaires that are often used, as reference data: what they measure, their range, and which of their items ask about self-harm or suicide. No item is quoted, and whoever uses one keeps to its licence. A program adopts one with add_instrument(). Numbers of items are those of the usual edition: check them against yours, as an answer above 0 to them is a matter of safety.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.name IS 'Its usual name.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.description IS 'What it measures, and who fills it in where that is not the person.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.recall_days IS 'How many days back it asks; NULL: no fixed time.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.direction IS 'lower_is_better or higher_is_better.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.lowest IS 'Lowest total.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.highest IS 'Highest total.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.reliable_change IS 'Change of the total beyond measurement error (Jacobson and Truax 1991), where one is published; NULL: none is given here.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.reliable_change_source IS 'Who published it.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.self_harm_items IS 'Items that ask about self-harm or suicide, by number: any answer above 0 is a safety matter. An answer of 0 excludes nothing.';
COMMENT ON COLUMN coachiatry.instrument_catalogue.licence IS 'Whether it may be used freely; permission is asked of its holder.';

INSERT INTO coachiatry.instrument_catalogue VALUES
	('PHQ-9', 'Depressive symptoms.', 14, 'lower_is_better', 0, 27, 6, 'NHS Talking Therapies manual', '{9}', 'free to use'),
	('PHQ-8', 'Depressive symptoms, without the item about self-harm.', 14, 'lower_is_better', 0, 24, NULL, NULL, '{}', 'free to use'),
	('GAD-7', 'Anxiety.', 14, 'lower_is_better', 0, 21, 4, 'NHS Talking Therapies manual', '{}', 'free to use'),
	('EPDS', 'Depressive symptoms around birth.', 7, 'lower_is_better', 0, 30, 4, 'Matthey 2004', '{10}', 'free to use where the source is named'),
	('QIDS-SR16', 'Depressive symptoms.', 7, 'lower_is_better', 0, 27, NULL, NULL, '{12}', 'free for care and research; others ask'),
	('BDI-II', 'Depressive symptoms.', 14, 'lower_is_better', 0, 63, NULL, NULL, '{9}', 'licensed by its publisher'),
	('MADRS', 'Depressive symptoms, rated by a clinician.', 7, 'lower_is_better', 0, 60, NULL, NULL, '{10}', 'ask its holder'),
	('HAM-D17', 'Depressive symptoms, rated by a clinician.', 7, 'lower_is_better', 0, 52, NULL, NULL, '{3}', 'in the public domain'),
	('CORE-10', 'Psychological distress.', 7, 'lower_is_better', 0, 40, 6, 'Barkham and others 2013', '{6}', 'free to use unchanged'),
	('CORE-OM', 'Psychological distress; the total of 34 items.', 7, 'lower_is_better', 0, 136, NULL, NULL, '{9,16,24,34}', 'free to use unchanged'),
	('OQ-45.2', 'Outcome of treatment: distress, relationships, roles.', 7, 'lower_is_better', 0, 180, 14, 'Lambert and others 2004', '{8}', 'licensed by its publisher'),
	('PCL-5', 'Symptoms of post-traumatic stress.', 30, 'lower_is_better', 0, 80, NULL, NULL, '{}', 'in the public domain'),
	('ISI', 'Severity of insomnia.', 14, 'lower_is_better', 0, 28, NULL, NULL, '{}', 'ask its holder'),
	('AUDIT', 'Use of alcohol and its harm.', 365, 'lower_is_better', 0, 40, NULL, NULL, '{}', 'free to use'),
	('WHO-5', 'Well-being, as a percentage.', 14, 'higher_is_better', 0, 100, 10, 'Topp and others 2015', '{}', 'free to use unchanged');
