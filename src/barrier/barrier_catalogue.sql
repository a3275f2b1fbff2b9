--
-- Barriers: the implementation patterns, and what shows them. Reference catalogues: everybody may read them, nobody
-- edits them (they are not dumped, and come back as they are with CREATE EXTENSION); a program keeps its own copy of
-- the weights to edit and to estimate anew.
--

--
-- Patterns
--

CREATE TABLE coachiatry.barrier_pattern (
	pattern text PRIMARY KEY,
	position smallint NOT NULL UNIQUE,
	name text NOT NULL,
	description text NOT NULL,
	prior float8 NOT NULL CHECK (prior > 0 AND prior < 1),
	source text NOT NULL
);

COMMENT ON TABLE coachiatry.barrier_pattern IS
'The five implementation patterns, and other: what has no home in them (knowledge, beliefs, side effects). A pattern is a suggestion of what gets in the way, to be agreed with the person, and never a diagnosis; several can hold at once.';

COMMENT ON COLUMN coachiatry.barrier_pattern.pattern IS 'Code.';
COMMENT ON COLUMN coachiatry.barrier_pattern.position IS 'Order in which patterns are listed, and in which ties are broken.';
COMMENT ON COLUMN coachiatry.barrier_pattern.name IS 'Short words for it, as a person would say it.';
COMMENT ON COLUMN coachiatry.barrier_pattern.description IS 'What it is, for staff.';
COMMENT ON COLUMN coachiatry.barrier_pattern.prior IS 'Probability before anything is known of a person: its share of the 78 barriers that families named in PMC8183976, Table 4 (homework in family cognitive-behavioural therapy). That another population has the same shares is not known.';
COMMENT ON COLUMN coachiatry.barrier_pattern.source IS 'What the description and the prior are from.';

INSERT INTO coachiatry.barrier_pattern (pattern, position, name, description, prior, source) VALUES
	('executive_function', 1, 'hard to get started and keep going',
		'Planning, beginning, remembering and keeping time are hard, though the person is willing and able.',
		9 / 78.0::float8, 'Founding white paper; prior: forgetting 9 of 78, PMC8183976 Table 4'),
	('avoidance', 2, 'hard to face',
		'The task brings discomfort, and staying away from it brings relief for a moment.',
		10 / 78.0::float8, 'Founding white paper; prior: avoidance or symptoms 10 of 78, PMC8183976 Table 4'),
	('ambivalence', 3, 'in two minds',
		'There are reasons for the change and reasons against it, and they are not settled.',
		12 / 78.0::float8, 'Founding white paper; prior: not important 5, disinterested 4, against values 3 of 78, PMC8183976 Table 4'),
	('skill_deficit', 4, 'would like a hand with how',
		'The person does not yet know how, or cannot yet do it well enough.',
		8 / 78.0::float8, 'Founding white paper; prior: does not understand how 8 of 78, PMC8183976 Table 4'),
	('environmental', 5, 'things in the way',
		'What is around the person is in the way: time, place, money, transport, housing, other people.',
		12 / 78.0::float8, 'Founding white paper; prior: busy or chaotic home 12 of 78, PMC8183976 Table 4'),
	('other', 6, 'something else',
		'What has no home in the five patterns, such as knowledge, beliefs and side effects. It is often for the clinician.',
		27 / 78.0::float8, 'Ours; prior: does not understand why 8, boring 10, no reward 7, paperwork 2 of 78, PMC8183976 Table 4');

--
-- Signatures
--

CREATE TABLE coachiatry.barrier_signature (
	signature text PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('calendar', 'timing', 'words', 'reason', 'label')),
	definition text NOT NULL,
	least_data text NOT NULL,
	explanation text NOT NULL,
	statistic text NOT NULL,
	source text NOT NULL
);

COMMENT ON TABLE coachiatry.barrier_signature IS
'What is looked for in what people do and say, each a statistic with a least amount of data below which it says nothing. The statistics are published ones; that these signs point to these patterns is clinical writing and our judgement, and has not been validated.';

COMMENT ON COLUMN coachiatry.barrier_signature.signature IS 'Code.';
COMMENT ON COLUMN coachiatry.barrier_signature.kind IS 'Kind of evidence: calendar, timing, words, reason or label.';
COMMENT ON COLUMN coachiatry.barrier_signature.definition IS 'What is asked of the data.';
COMMENT ON COLUMN coachiatry.barrier_signature.least_data IS 'What there must be before it says anything.';
COMMENT ON COLUMN coachiatry.barrier_signature.explanation IS 'What to tell a coach, with places for the figures as format() has them; in English.';
COMMENT ON COLUMN coachiatry.barrier_signature.statistic IS 'How the Bayes factor is computed, and whose definition it is.';
COMMENT ON COLUMN coachiatry.barrier_signature.source IS 'Where it is said that this sign points to its pattern.';

INSERT INTO coachiatry.barrier_signature (signature, kind, definition, least_data, explanation, statistic, source) VALUES
	('weekend_split', 'calendar', 'Misses differ between Saturdays and Sundays and the other days.',
		'8 recorded days of each, 3 misses', 'missed %1$s of %2$s Saturdays and Sundays, %3$s of %4$s other days',
		'Two proportions, Gunel and Dickey 1974', 'Founding white paper: loss of structure; judgement'),
	('misses_after_breaks', 'calendar', 'More is missed on the first day after a day off or a change of the plan than on other days.',
		'5 recorded days after a break, 10 others, 3 misses', 'missed %1$s of %2$s days right after a break or change, %3$s of %4$s other days',
		'Two proportions in one direction, Gunel and Dickey 1974, Klugkist and others 2005', 'Founding white paper: transitions; judgement'),
	('on_and_off', 'calendar', 'Days done and missed alternate: fewer misses after a missed day than after a done one; of planned days that follow each other, both recorded.',
		'8 days after a done one, 8 after a missed one', 'missed %1$s of %2$s days that came after a done one, %3$s of %4$s after a missed one',
		'Runs test, Wald and Wolfowitz 1940, as a Markov chain, Anderson and Goodman 1957; two proportions in one direction', 'Founding white paper: on-off engagement; judgement'),
	('late_starts', 'timing', 'More than a quarter of what is done begins late.',
		'10 times that were due and done', 'began more than %3$s minutes late %1$s of %2$s times',
		'One proportion against 0.25, Morey and Rouder 2011', 'Founding white paper: trouble beginning; judgement'),
	('drifting_hours', 'timing', 'What is done begins later and later after it is due.',
		'10 times that were due and done', 'began %1$s minutes after it was due in the first half of %3$s times, %2$s in the second (medians)',
		'Kendall''s tau, van Doorn and others 2018', 'Founding white paper: time management; judgement'),
	('discomfort_misses', 'calendar', 'Tasks that bring discomfort are missed more than the person''s other tasks.',
		'10 recorded days of each, 3 misses', 'missed %1$s of %2$s times where the task brings discomfort, %3$s of %4$s times elsewhere',
		'Two proportions in one direction, Gunel and Dickey 1974, Klugkist and others 2005', 'Founding white paper: avoidance; PMC8183976; judgement'),
	('postponed', 'calendar', 'More than a fifth of the occasions are put off to later.',
		'5 occasions', 'put off to later %1$s of %2$s times',
		'One proportion against 0.2, Morey and Rouder 2011', 'Founding white paper: avoidance; judgement'),
	('stopped_short', 'calendar', 'More than a fifth of the approaches to a task stop before the task itself.',
		'5 occasions', 'came near and stopped before the task %1$s of %2$s times',
		'One proportion against 0.2, Morey and Rouder 2011', 'Founding white paper: avoidance; judgement'),
	('falling_confidence', 'calendar', 'Ratings of confidence fall.',
		'5 ratings', 'confidence went from %1$s to %2$s in %3$s ratings',
		'Kendall''s tau, van Doorn and others 2018', 'Motivational interviewing: confidence and importance; judgement'),
	('falling_importance', 'calendar', 'Ratings of importance fall.',
		'5 ratings', 'importance went from %1$s to %2$s in %3$s ratings',
		'Kendall''s tau, van Doorn and others 2018', 'Motivational interviewing: confidence and importance; judgement'),
	('started_not_completed', 'calendar', 'More than three tenths of what is begun is left before its end.',
		'5 attempts that began', 'began and did not complete %1$s of %2$s attempts',
		'One proportion against 0.3, Morey and Rouder 2011', 'Founding white paper: skill deficit; judgement'),
	('no_improvement', 'calendar', 'How far attempts come does not grow with practice; asked only where more than usual is left unfinished.',
		'10 attempts, 5 of them unfinished', 'came %1$s %% of the way in the first half of %3$s attempts, %2$s %% in the second (medians)',
		'Kendall''s tau, van Doorn and others 2018: the factor against growth', 'Founding white paper: skill deficit; judgement'),
	('shared_bursts', 'calendar', 'Tasks are missed together: each more where all others of the day were missed than where one was done.',
		'14 days on which two or more tasks are recorded', 'missed everything on %1$s of %2$s days, where %3$s would be by chance, in %4$s stretches',
		'Two proportions in one direction, Gunel and Dickey 1974, Klugkist and others 2005, on weekends and other days apart; the mean of all tasks', 'Founding white paper: environmental barriers; judgement'),
	('words_executive_function', 'words', 'Phrases of the label executive_function.', 'One phrase, not negated', 'said %1$s',
		'Sum of the weights of different phrases', 'PMC8183976: forgetting; judgement'),
	('words_avoidance', 'words', 'Phrases of the label avoidance.', 'One phrase, not negated', 'said %1$s',
		'Sum of the weights of different phrases', 'PMC8183976: avoidance or symptoms; judgement'),
	('words_ambivalence', 'words', 'Phrases of the label ambivalence.', 'One phrase, not negated', 'said %1$s',
		'Sum of the weights of different phrases', 'PMC8183976: not important, against values; judgement'),
	('words_skill_deficit', 'words', 'Phrases of the label skill_deficit.', 'One phrase, not negated', 'said %1$s',
		'Sum of the weights of different phrases', 'PMC8183976: does not understand how; judgement'),
	('words_environmental', 'words', 'Phrases of the label environmental.', 'One phrase, not negated', 'said %1$s',
		'Sum of the weights of different phrases', 'PMC8183976: busy or chaotic home; judgement'),
	('words_other', 'words', 'Phrases of the label other.', 'One phrase, not negated', 'said %1$s',
		'Sum of the weights of different phrases', 'Judgement'),
	('both_sides_spoken', 'words', 'Phrases of labels that begin with change_ and with sustain_ in one text.', 'One phrase of each, not negated',
		'spoke for it (%1$s) and against it (%2$s)', 'The smaller sum of the weights of different phrases',
		'Motivational interviewing: change talk and sustain talk; judgement'),
	('reasons_executive_function', 'reason', 'Reasons that belong to executive_function are more than four tenths of those given.', '3 reasons', '%1$s of %2$s reasons given: %3$s',
		'One proportion against 0.4, Morey and Rouder 2011', 'PMC8183976: forgetting; judgement'),
	('reasons_avoidance', 'reason', 'Reasons that belong to avoidance are more than four tenths of those given.', '3 reasons', '%1$s of %2$s reasons given: %3$s',
		'One proportion against 0.4, Morey and Rouder 2011', 'PMC8183976: avoidance or symptoms; judgement'),
	('reasons_ambivalence', 'reason', 'Reasons that belong to ambivalence are more than four tenths of those given.', '3 reasons', '%1$s of %2$s reasons given: %3$s',
		'One proportion against 0.4, Morey and Rouder 2011', 'PMC8183976: not important, against values; judgement'),
	('reasons_skill_deficit', 'reason', 'Reasons that belong to skill_deficit are more than four tenths of those given.', '3 reasons', '%1$s of %2$s reasons given: %3$s',
		'One proportion against 0.4, Morey and Rouder 2011', 'PMC8183976: does not understand how; judgement'),
	('reasons_environmental', 'reason', 'Reasons that belong to environmental are more than four tenths of those given.', '3 reasons', '%1$s of %2$s reasons given: %3$s',
		'One proportion against 0.4, Morey and Rouder 2011', 'PMC8183976: busy or chaotic home; judgement'),
	('reasons_other', 'reason', 'Reasons that belong to no pattern are more than four tenths of those given.', '3 reasons', '%1$s of %2$s reasons given: %3$s',
		'One proportion against 0.4, Morey and Rouder 2011', 'Judgement'),
	('label_executive_function', 'label', 'Raters who read a text say that it is about executive_function.', 'One text with a label', 'a text is about this, say %1$s of the %2$s who labelled it',
		'Sum over raters of the logarithms of how much likelier the label is where the text is about it; by how far raters agree', 'Judgement'),
	('label_avoidance', 'label', 'Raters who read a text say that it is about avoidance.', 'One text with a label', 'a text is about this, say %1$s of the %2$s who labelled it',
		'Sum over raters of the logarithms of how much likelier the label is where the text is about it; by how far raters agree', 'Judgement'),
	('label_ambivalence', 'label', 'Raters who read a text say that it is about ambivalence.', 'One text with a label', 'a text is about this, say %1$s of the %2$s who labelled it',
		'Sum over raters of the logarithms of how much likelier the label is where the text is about it; by how far raters agree', 'Judgement'),
	('label_skill_deficit', 'label', 'Raters who read a text say that it is about skill_deficit.', 'One text with a label', 'a text is about this, say %1$s of the %2$s who labelled it',
		'Sum over raters of the logarithms of how much likelier the label is where the text is about it; by how far raters agree', 'Judgement'),
	('label_environmental', 'label', 'Raters who read a text say that it is about environmental.', 'One text with a label', 'a text is about this, say %1$s of the %2$s who labelled it',
		'Sum over raters of the logarithms of how much likelier the label is where the text is about it; by how far raters agree', 'Judgement'),
	('label_other', 'label', 'Raters who read a text say that it is about other.', 'One text with a label', 'a text is about this, say %1$s of the %2$s who labelled it',
		'Sum over raters of the logarithms of how much likelier the label is where the text is about it; by how far raters agree', 'Judgement');

--
-- Weights
--

CREATE TABLE coachiatry.barrier_evidence_weight (
	signature text NOT NULL REFERENCES coachiatry.barrier_signature,
	pattern text NOT NULL REFERENCES coachiatry.barrier_pattern,
	sensitivity float8 NOT NULL CHECK (sensitivity > 0 AND sensitivity < 1),
	false_alarm float8 NOT NULL CHECK (false_alarm > 0 AND false_alarm < 1),
	log_odds float8 NOT NULL GENERATED ALWAYS AS (pg_catalog.ln(sensitivity / false_alarm)) STORED,
	strength text NOT NULL DEFAULT 'judgement' CHECK (strength IN ('published', 'judgement')),
	PRIMARY KEY (signature, pattern)
);

COMMENT ON TABLE coachiatry.barrier_evidence_weight IS
'How much each signature says for a pattern: in what share of the people with the pattern it is there, and of those without. All of it is our judgement, to begin with; a program estimates its own from barriers that were confirmed. evidence_weight() makes a weight of these and of how sure it is that the signature is there.';

COMMENT ON COLUMN coachiatry.barrier_evidence_weight.signature IS 'The signature.';
COMMENT ON COLUMN coachiatry.barrier_evidence_weight.pattern IS 'The pattern that it speaks for.';
COMMENT ON COLUMN coachiatry.barrier_evidence_weight.sensitivity IS 'Share of the people with the pattern who show it.';
COMMENT ON COLUMN coachiatry.barrier_evidence_weight.false_alarm IS 'Share of the people without the pattern who show it.';
COMMENT ON COLUMN coachiatry.barrier_evidence_weight.log_odds IS 'The most that it can add to the log-odds of the pattern: ln(sensitivity / false_alarm).';
COMMENT ON COLUMN coachiatry.barrier_evidence_weight.strength IS 'What both shares rest on: published, or our judgement.';

INSERT INTO coachiatry.barrier_evidence_weight (signature, pattern, sensitivity, false_alarm) VALUES
	('weekend_split', 'executive_function', 0.50, 0.10),
	('misses_after_breaks', 'executive_function', 0.50, 0.10),
	('on_and_off', 'ambivalence', 0.60, 0.06),
	('late_starts', 'executive_function', 0.70, 0.12),
	('drifting_hours', 'executive_function', 0.45, 0.08),
	('discomfort_misses', 'avoidance', 0.75, 0.08),
	('postponed', 'avoidance', 0.65, 0.12),
	('stopped_short', 'avoidance', 0.50, 0.06),
	('falling_confidence', 'ambivalence', 0.50, 0.08),
	('falling_importance', 'ambivalence', 0.50, 0.06),
	('started_not_completed', 'skill_deficit', 0.75, 0.10),
	('no_improvement', 'skill_deficit', 0.70, 0.25),
	('shared_bursts', 'environmental', 0.75, 0.08),
	('words_executive_function', 'executive_function', 0.50, 0.05),
	('words_avoidance', 'avoidance', 0.50, 0.05),
	('words_ambivalence', 'ambivalence', 0.50, 0.05),
	('words_skill_deficit', 'skill_deficit', 0.50, 0.05),
	('words_environmental', 'environmental', 0.50, 0.05),
	('words_other', 'other', 0.50, 0.05),
	('both_sides_spoken', 'ambivalence', 0.40, 0.04),
	('reasons_executive_function', 'executive_function', 0.60, 0.06),
	('reasons_avoidance', 'avoidance', 0.60, 0.06),
	('reasons_ambivalence', 'ambivalence', 0.60, 0.06),
	('reasons_skill_deficit', 'skill_deficit', 0.60, 0.06),
	('reasons_environmental', 'environmental', 0.60, 0.06),
	('reasons_other', 'other', 0.60, 0.06),
	('label_executive_function', 'executive_function', 0.60, 0.05),
	('label_avoidance', 'avoidance', 0.60, 0.05),
	('label_ambivalence', 'ambivalence', 0.60, 0.05),
	('label_skill_deficit', 'skill_deficit', 0.60, 0.05),
	('label_environmental', 'environmental', 0.60, 0.05),
	('label_other', 'other', 0.60, 0.05);

--
-- Reasons
--

CREATE TABLE coachiatry.barrier_reason (
	reason text PRIMARY KEY CHECK (reason ~ '^[a-z][a-z0-9_]*$'),
	pattern text NOT NULL REFERENCES coachiatry.barrier_pattern,
	words text NOT NULL,
	source text NOT NULL
);

COMMENT ON TABLE coachiatry.barrier_reason IS
'Reason codes of check-ins that were missed, and the pattern that each belongs to. Which pattern is our judgement.';

COMMENT ON COLUMN coachiatry.barrier_reason.reason IS 'The code.';
COMMENT ON COLUMN coachiatry.barrier_reason.pattern IS 'The pattern that it belongs to.';
COMMENT ON COLUMN coachiatry.barrier_reason.words IS 'What a person would say.';
COMMENT ON COLUMN coachiatry.barrier_reason.source IS 'Where the theme is published, if it is.';

INSERT INTO coachiatry.barrier_reason (reason, pattern, words, source) VALUES
	('forgot', 'executive_function', 'I forgot.', 'PMC8183976'),
	('lost_track_of_time', 'executive_function', 'I lost track of time.', 'Judgement'),
	('could_not_start', 'executive_function', 'I could not get started.', 'Judgement'),
	('disorganised', 'executive_function', 'I could not find what I needed, or lost the plan.', 'Judgement'),
	('anxious', 'avoidance', 'It made me anxious.', 'PMC8183976'),
	('put_off', 'avoidance', 'I put it off.', 'PMC8183976'),
	('too_distressing', 'avoidance', 'It was too much to face.', 'PMC8183976'),
	('not_important', 'ambivalence', 'It did not seem important.', 'PMC8183976'),
	('not_interested', 'ambivalence', 'I was not interested.', 'PMC8183976'),
	('against_values', 'ambivalence', 'It does not fit what matters to me.', 'PMC8183976'),
	('not_sure', 'ambivalence', 'I am not sure that I want to.', 'Judgement'),
	('did_not_know_how', 'skill_deficit', 'I did not know how.', 'PMC8183976'),
	('too_difficult', 'skill_deficit', 'It was too difficult.', 'Judgement'),
	('unclear_when_or_where', 'skill_deficit', 'It was not clear when or where.', 'PMC8183976'),
	('busy', 'environmental', 'Too much was going on.', 'PMC8183976'),
	('no_caregiver', 'environmental', 'The one who helps was not there.', 'PMC8183976'),
	('other_people', 'environmental', 'Other people got in the way.', 'Judgement'),
	('transport', 'environmental', 'I could not get there.', 'Judgement'),
	('money', 'environmental', 'It cost too much.', 'Judgement'),
	('housing', 'environmental', 'I had no place for it.', 'Judgement'),
	('out_of_supply', 'environmental', 'I had run out.', 'Judgement'),
	('side_effects', 'other', 'It did not agree with me.', 'Medication studies'),
	('does_not_help', 'other', 'I do not think that it helps.', 'Medication studies'),
	('did_not_know_why', 'other', 'I do not know what it is for.', 'PMC8183976'),
	('boring', 'other', 'It is boring.', 'PMC8183976'),
	('unwell', 'other', 'I was ill.', 'Judgement');

--
-- Frameworks of implementation science: names and codes only
--

CREATE TABLE coachiatry.implementation_framework (
	framework text PRIMARY KEY,
	name text NOT NULL,
	source text NOT NULL,
	licence text NOT NULL
);

COMMENT ON TABLE coachiatry.implementation_framework IS
'Frameworks that barriers and strategies can be coded by.';

COMMENT ON COLUMN coachiatry.implementation_framework.framework IS 'Code.';
COMMENT ON COLUMN coachiatry.implementation_framework.name IS 'Its name.';
COMMENT ON COLUMN coachiatry.implementation_framework.source IS 'Where it is published.';
COMMENT ON COLUMN coachiatry.implementation_framework.licence IS 'Under what terms.';

INSERT INTO coachiatry.implementation_framework (framework, name, source, licence) VALUES
	('bct', 'Behaviour change techniques', 'Behaviour Change Technique Taxonomy v1 (Michie and others 2013) as in the Behaviour Change Intervention Ontology, Human Behaviour-Change Project', 'CC BY 4.0'),
	('cfir', 'Consolidated Framework for Implementation Research 2.0', 'Damschroder and others 2022, Implementation Science 17:75', 'CC BY 4.0'),
	('com_b', 'Capability, opportunity, motivation and behaviour', 'Michie, van Stralen and West 2011, Implementation Science 6:42', 'CC BY 2.0');

CREATE TABLE coachiatry.implementation_construct (
	framework text NOT NULL REFERENCES coachiatry.implementation_framework,
	code text NOT NULL,
	name text NOT NULL,
	PRIMARY KEY (framework, code)
);

COMMENT ON TABLE coachiatry.implementation_construct IS
'Domains, components and groups of the frameworks: names and codes.';

COMMENT ON COLUMN coachiatry.implementation_construct.framework IS 'The framework.';
COMMENT ON COLUMN coachiatry.implementation_construct.code IS 'Code within it.';
COMMENT ON COLUMN coachiatry.implementation_construct.name IS 'Its name.';

INSERT INTO coachiatry.implementation_construct (framework, code, name) VALUES
	('cfir', 'innovation', 'Innovation'),
	('cfir', 'outer_setting', 'Outer setting'),
	('cfir', 'inner_setting', 'Inner setting'),
	('cfir', 'individuals', 'Individuals'),
	('cfir', 'implementation_process', 'Implementation process'),
	('com_b', 'psychological_capability', 'Psychological capability'),
	('com_b', 'physical_capability', 'Physical capability'),
	('com_b', 'social_opportunity', 'Social opportunity'),
	('com_b', 'physical_opportunity', 'Physical opportunity'),
	('com_b', 'reflective_motivation', 'Reflective motivation'),
	('com_b', 'automatic_motivation', 'Automatic motivation'),
	('bct', '1', 'Goals and planning'),
	('bct', '2', 'Feedback and monitoring'),
	('bct', '3', 'Social support'),
	('bct', '4', 'Shaping knowledge'),
	('bct', '5', 'Natural consequences'),
	('bct', '6', 'Comparison of behaviour'),
	('bct', '7', 'Associations'),
	('bct', '8', 'Repetition and substitution'),
	('bct', '9', 'Comparison of outcomes'),
	('bct', '10', 'Reward and threat'),
	('bct', '11', 'Regulation'),
	('bct', '12', 'Antecedents'),
	('bct', '13', 'Identity'),
	('bct', '14', 'Scheduled consequences'),
	('bct', '15', 'Self-belief'),
	('bct', '16', 'Covert learning');

CREATE TABLE coachiatry.pattern_construct (
	pattern text NOT NULL REFERENCES coachiatry.barrier_pattern,
	framework text NOT NULL,
	code text NOT NULL,
	strength text NOT NULL DEFAULT 'judgement' CHECK (strength IN ('published', 'judgement')),
	PRIMARY KEY (pattern, framework, code),
	FOREIGN KEY (framework, code) REFERENCES coachiatry.implementation_construct
);

COMMENT ON TABLE coachiatry.pattern_construct IS
'What each pattern is in the terms of the frameworks. There is no published mapping of these five patterns: it is our judgement.';

COMMENT ON COLUMN coachiatry.pattern_construct.pattern IS 'The pattern.';
COMMENT ON COLUMN coachiatry.pattern_construct.framework IS 'The framework.';
COMMENT ON COLUMN coachiatry.pattern_construct.code IS 'Code within it.';
COMMENT ON COLUMN coachiatry.pattern_construct.strength IS 'What it rests on: published, or our judgement.';

INSERT INTO coachiatry.pattern_construct (pattern, framework, code) VALUES
	('executive_function', 'com_b', 'psychological_capability'),
	('avoidance', 'com_b', 'automatic_motivation'),
	('ambivalence', 'com_b', 'reflective_motivation'),
	('skill_deficit', 'com_b', 'psychological_capability'),
	('skill_deficit', 'com_b', 'physical_capability'),
	('environmental', 'com_b', 'physical_opportunity'),
	('environmental', 'com_b', 'social_opportunity');

GRANT SELECT ON coachiatry.barrier_pattern, coachiatry.barrier_signature, coachiatry.barrier_evidence_weight,
	coachiatry.barrier_reason, coachiatry.implementation_framework, coachiatry.implementation_construct,
	coachiatry.pattern_construct TO PUBLIC;
