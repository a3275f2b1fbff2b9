--
-- Strategies: what to try for which barrier. Reference catalogues, as those of barriers.
--

--
-- Techniques and strategies
--

CREATE TABLE coachiatry.strategy (
	strategy text PRIMARY KEY,
	name text NOT NULL,
	strategy_group text NOT NULL,
	is_technique boolean NOT NULL,
	ontology text[] NOT NULL DEFAULT '{}',
	source text NOT NULL,
	licence text
);

COMMENT ON TABLE coachiatry.strategy IS
'Behaviour change techniques by their codes (labels and identifiers of the Behaviour Change Intervention Ontology by the Human Behaviour-Change Project, CC BY 4.0), and strategies of coaching by names of the field, each made of techniques.';

COMMENT ON COLUMN coachiatry.strategy.strategy IS 'Code: that of the technique (1.4), or a name.';
COMMENT ON COLUMN coachiatry.strategy.name IS 'Its name.';
COMMENT ON COLUMN coachiatry.strategy.strategy_group IS 'The group of techniques; of a strategy, coaching.';
COMMENT ON COLUMN coachiatry.strategy.is_technique IS 'Whether it is a technique, not a strategy made of some.';
COMMENT ON COLUMN coachiatry.strategy.ontology IS 'Identifiers in the ontology.';
COMMENT ON COLUMN coachiatry.strategy.source IS 'Where it is named.';
COMMENT ON COLUMN coachiatry.strategy.licence IS 'Under what terms; NULL: ours.';

INSERT INTO coachiatry.strategy (strategy, name, strategy_group, is_technique, ontology, source, licence)
SELECT t.code, t.label, t.technique_group, true, t.ontology::text[],
	'Behaviour Change Intervention Ontology, Human Behaviour-Change Project', 'CC BY 4.0'
FROM (VALUES
	('1.1', 'Goal setting (behaviour)', 'Goals and planning', '{BCIO:007004,BCIO:007003}'),
	('1.2', 'Problem solving', 'Goals and planning', '{BCIO:007008}'),
	('1.3', 'Goal setting (outcome)', 'Goals and planning', '{BCIO:007006,BCIO:007005}'),
	('1.4', 'Action planning', 'Goals and planning', '{BCIO:007010}'),
	('1.5', 'Review behaviour goal(s)', 'Goals and planning', '{BCIO:007011}'),
	('1.6', 'Discrepancy between current behaviour and goal', 'Goals and planning', '{BCIO:007012}'),
	('1.7', 'Review outcome goal(s)', 'Goals and planning', '{BCIO:007013}'),
	('1.8', 'Behavioural contract', 'Goals and planning', '{BCIO:007014}'),
	('1.9', 'Commitment', 'Goals and planning', '{BCIO:007015}'),
	('2.1', 'Monitoring of behaviour by others without feedback', 'Feedback and monitoring', '{BCIO:007018,BCIO:007019}'),
	('2.2', 'Feedback on behaviour', 'Feedback and monitoring', '{BCIO:007023}'),
	('2.3', 'Self-monitoring of behaviour', 'Feedback and monitoring', '{BCIO:007024}'),
	('2.4', 'Self-monitoring of outcome(s) of behaviour', 'Feedback and monitoring', '{BCIO:007025}'),
	('2.5', 'Monitoring of outcome(s) of behaviour without feedback', 'Feedback and monitoring', '{BCIO:007020,BCIO:007021}'),
	('2.6', 'Biofeedback', 'Feedback and monitoring', '{BCIO:007026}'),
	('2.7', 'Feedback on outcome(s) of behaviour', 'Feedback and monitoring', '{BCIO:007027}'),
	('3.1', 'Social support (unspecified)', 'Social support', '{BCIO:007029,BCIO:007034,BCIO:007039,BCIO:007028}'),
	('3.2', 'Social support (practical)', 'Social support', '{BCIO:007030,BCIO:007035,BCIO:007040}'),
	('3.3', 'Social support (emotional)', 'Social support', '{BCIO:007031,BCIO:007036,BCIO:007041}'),
	('4.1', 'Instruction on how to perform the behaviour', 'Shaping knowledge', '{BCIO:007051,BCIO:007058}'),
	('4.2', 'Information about antecedents', 'Shaping knowledge', '{BCIO:007052}'),
	('4.3', 'Re-attribution', 'Shaping knowledge', '{BCIO:007053}'),
	('4.4', 'Behavioural experiments', 'Shaping knowledge', '{BCIO:007054}'),
	('5.1', 'Information about health consequences', 'Natural consequences', '{BCIO:007063}'),
	('5.2', 'Salience of consequences', 'Natural consequences', '{BCIO:007068}'),
	('5.3', 'Information about social and environmental consequences', 'Natural consequences', '{BCIO:007176,BCIO:007064}'),
	('5.4', 'Monitoring of emotional consequences', 'Natural consequences', '{BCIO:007066}'),
	('5.5', 'Anticipated regret', 'Natural consequences', '{BCIO:007067}'),
	('5.6', 'Information about emotional consequences', 'Natural consequences', '{BCIO:007065}'),
	('6.1', 'Demonstration of the behaviour', 'Comparison of behaviour', '{BCIO:007055}'),
	('6.2', 'Social comparison', 'Comparison of behaviour', '{BCIO:007073}'),
	('6.3', 'Information about others'' approval', 'Comparison of behaviour', '{BCIO:007074}'),
	('7.1', 'Prompts/cues', 'Associations', '{BCIO:007081,BCIO:007080}'),
	('7.2', 'Cue signalling reward', 'Associations', '{BCIO:007082}'),
	('7.3', 'Reduce prompts/cues', 'Associations', '{BCIO:007084}'),
	('7.4', 'Remove access to the reward', 'Associations', '{BCIO:007092,BCIO:007293}'),
	('7.5', 'Remove aversive stimulus', 'Associations', '{BCIO:050331}'),
	('7.6', 'Satiation', 'Associations', '{BCIO:007087}'),
	('7.7', 'Exposure', 'Associations', '{BCIO:007085,BCIO:007170,BCIO:007172}'),
	('7.8', 'Associative learning', 'Associations', '{BCIO:007090}'),
	('8.1', 'Behavioural practice/rehearsal', 'Repetition and substitution', '{BCIO:007094}'),
	('8.2', 'Behaviour substitution', 'Repetition and substitution', '{BCIO:007095}'),
	('8.3', 'Habit formation', 'Repetition and substitution', '{BCIO:007096}'),
	('8.4', 'Habit reversal', 'Repetition and substitution', '{BCIO:007097}'),
	('8.5', 'Overcorrection', 'Repetition and substitution', '{BCIO:007098}'),
	('8.6', 'Generalisation of target behaviour', 'Repetition and substitution', '{BCIO:007099}'),
	('8.7', 'Graded tasks', 'Repetition and substitution', '{BCIO:007100}'),
	('9.1', 'Credible source', 'Comparison of outcomes', '{BCIO:007075}'),
	('9.2', 'Pros and cons', 'Comparison of outcomes', '{BCIO:007069}'),
	('9.3', 'Comparative imagining of future outcomes', 'Comparison of outcomes', '{BCIO:007070}'),
	('10.1', 'Material incentive (behaviour)', 'Reward and threat', '{BCIO:007209}'),
	('10.2', 'Material reward (behaviour)', 'Reward and threat', '{BCIO:007257}'),
	('10.3', 'Non-specific reward', 'Reward and threat', '{BCIO:007252}'),
	('10.4', 'Social reward', 'Reward and threat', '{BCIO:007265}'),
	('10.5', 'Social incentive', 'Reward and threat', '{BCIO:007218}'),
	('10.6', 'Non-specific incentive', 'Reward and threat', '{BCIO:007202}'),
	('10.7', 'Self-incentive', 'Reward and threat', '{BCIO:007202}'),
	('10.8', 'Incentive (outcome)', 'Reward and threat', '{BCIO:007216}'),
	('10.9', 'Self-reward', 'Reward and threat', '{BCIO:007252}'),
	('10.10', 'Reward (outcome)', 'Reward and threat', '{BCIO:007264}'),
	('10.11', 'Future punishment', 'Reward and threat', '{BCIO:007189,BCIO:007203}'),
	('11.1', 'Pharmacological support', 'Regulation', '{BCIO:007146,BCIO:007144,BCIO:007145}'),
	('11.2', 'Reduce negative emotions', 'Regulation', '{BCIO:050344}'),
	('11.3', 'Conserving mental resources', 'Regulation', '{BCIO:007134}'),
	('11.4', 'Paradoxical instructions', 'Regulation', '{BCIO:007135}'),
	('12.1', 'Restructuring the physical environment', 'Antecedents', '{BCIO:050348}'),
	('12.2', 'Restructuring the social environment', 'Antecedents', '{BCIO:050349}'),
	('12.3', 'Avoidance/reducing exposure to cues for the behaviour', 'Antecedents', '{BCIO:007153}'),
	('12.4', 'Distraction', 'Antecedents', '{BCIO:007154,BCIO:007155}'),
	('12.5', 'Adding objects to the environment', 'Antecedents', '{BCIO:007156}'),
	('12.6', 'Body changes', 'Antecedents', '{BCIO:007136}'),
	('13.1', 'Identification of self as role model', 'Identity', '{BCIO:007158}'),
	('13.2', 'Framing/reframing', 'Identity', '{BCIO:007056}'),
	('13.3', 'Incompatible beliefs', 'Identity', '{BCIO:007057}'),
	('13.4', 'Valued self-identity', 'Identity', '{BCIO:007159}'),
	('13.5', 'Identity associated with changed behaviour', 'Identity', '{BCIO:007160}'),
	('14.1', 'Behaviour cost', 'Scheduled consequences', '{BCIO:007092,BCIO:007293}'),
	('14.2', 'Punishment', 'Scheduled consequences', '{BCIO:007241}'),
	('14.3', 'Remove reward', 'Scheduled consequences', '{BCIO:007092,BCIO:007293}'),
	('14.4', 'Reward approximation', 'Scheduled consequences', '{BCIO:007253}'),
	('14.5', 'Rewarding completion', 'Scheduled consequences', '{BCIO:007254}'),
	('14.6', 'Situation-specific reward', 'Scheduled consequences', '{BCIO:007256}'),
	('14.7', 'Reward incompatible behaviour', 'Scheduled consequences', '{BCIO:007255}'),
	('14.8', 'Reward alternative behaviour', 'Scheduled consequences', '{BCIO:007251}'),
	('14.9', 'Reduce reward frequency', 'Scheduled consequences', '{BCIO:007279}'),
	('14.10', 'Remove punishment', 'Scheduled consequences', '{BCIO:007286}'),
	('15.1', 'Verbal persuasion about capability', 'Self-belief', '{BCIO:007137}'),
	('15.2', 'Mental rehearsal of successful performance', 'Self-belief', '{BCIO:007138}'),
	('15.3', 'Focus on past success', 'Self-belief', '{BCIO:007139}'),
	('15.4', 'Self-talk', 'Self-belief', '{BCIO:007140}'),
	('16.1', 'Imaginary punishment', 'Covert learning', '{BCIO:007118}'),
	('16.2', 'Imaginary reward', 'Covert learning', '{BCIO:007119}'),
	('16.3', 'Vicarious consequences', 'Covert learning', '{BCIO:007121,BCIO:007120}')
) AS t (code, label, technique_group, ontology);

INSERT INTO coachiatry.strategy (strategy, name, strategy_group, is_technique, source) VALUES
	('structured_planning', 'Structured planning', 'Coaching', false, 'Founding white paper'),
	('task_breakdown', 'Task breakdown', 'Coaching', false, 'Founding white paper'),
	('initiation_prompts', 'Initiation prompts', 'Coaching', false, 'Founding white paper'),
	('organisational_systems', 'Organisational systems', 'Coaching', false, 'Founding white paper'),
	('time_management', 'Time management', 'Coaching', false, 'Founding white paper'),
	('self_monitoring_and_habit', 'Self-monitoring and habit', 'Coaching', false, 'Ours'),
	('graded_exposure_support', 'Graded exposure support', 'Coaching', false, 'Founding white paper'),
	('in_the_moment_encouragement', 'In-the-moment encouragement', 'Coaching', false, 'Founding white paper'),
	('calming_support', 'Help with strong feelings in the moment', 'Coaching', false, 'Founding white paper: in-the-moment encouragement'),
	('systematic_tracking', 'Systematic tracking', 'Coaching', false, 'Founding white paper'),
	('motivational_interviewing', 'Motivational interviewing', 'Coaching', false, 'Founding white paper'),
	('values_clarification', 'Values clarification', 'Coaching', false, 'Founding white paper'),
	('alliance_for_commitment', 'Alliance to strengthen commitment', 'Coaching', false, 'Founding white paper'),
	('goal_setting', 'Goal setting', 'Coaching', false, 'Ours'),
	('skills_training', 'Skills training', 'Coaching', false, 'Founding white paper'),
	('graduated_practice', 'Graduated practice', 'Coaching', false, 'Founding white paper'),
	('performance_feedback', 'Feedback', 'Coaching', false, 'Founding white paper'),
	('modify_expectations', 'Modify expectations', 'Coaching', false, 'Founding white paper'),
	('environmental_modification', 'Environmental modification', 'Coaching', false, 'Founding white paper'),
	('resource_connection', 'Resource connection', 'Coaching', false, 'Founding white paper'),
	('relationship_navigation', 'Relationship navigation', 'Coaching', false, 'Founding white paper'),
	('adapt_recommendations', 'Ask the clinician to adapt the recommendation', 'Coaching', false, 'Founding white paper');

CREATE TABLE coachiatry.strategy_technique (
	strategy text NOT NULL REFERENCES coachiatry.strategy,
	technique text NOT NULL REFERENCES coachiatry.strategy,
	strength text NOT NULL CHECK (strength IN ('published', 'judgement')),
	source text NOT NULL,
	PRIMARY KEY (strategy, technique)
);

COMMENT ON TABLE coachiatry.strategy_technique IS
'Which techniques a strategy is made of. The founding white paper names no techniques: that these are the codes of its strategies is our judgement; strength is that of the link from the technique to what it changes.';

COMMENT ON COLUMN coachiatry.strategy_technique.strategy IS 'The strategy.';
COMMENT ON COLUMN coachiatry.strategy_technique.technique IS 'The technique.';
COMMENT ON COLUMN coachiatry.strategy_technique.strength IS 'Whether what the technique changes is published, or our judgement.';
COMMENT ON COLUMN coachiatry.strategy_technique.source IS 'Where, and what it changes: a domain of the Theoretical Domains Framework, or a mechanism.';

INSERT INTO coachiatry.strategy_technique (strategy, technique, strength, source) VALUES
	('structured_planning', '1.4', 'published', 'Memory, attention and decisions; behavioural regulation: PMC10221514 T2, PMC7336619 T4 (Connell 2019: no definite link)'),
	('task_breakdown', '8.7', 'published', 'Skills; beliefs about capabilities; memory, attention and decisions: PMC10221514'),
	('initiation_prompts', '7.1', 'published', 'Memory, attention and decisions: PMC8158171 T4, 93.75 %'),
	('organisational_systems', '12.5', 'judgement', 'Judgement'),
	('organisational_systems', '12.1', 'judgement', 'Judgement'),
	('organisational_systems', '11.3', 'published', 'Memory, attention and decisions: PMC8158171 T4, 81.25 %'),
	('time_management', '1.4', 'judgement', 'Judgement'),
	('time_management', '1.2', 'published', 'Behavioural regulation: PMC8158171 T4, 100 %'),
	('self_monitoring_and_habit', '2.3', 'published', 'Behavioural regulation: PMC8158171 T4, 93.75 %'),
	('self_monitoring_and_habit', '8.3', 'published', 'Memory, attention and decisions; behavioural regulation: PMC8158171 T4'),
	('graded_exposure_support', '7.7', 'judgement', 'Match of labels'),
	('graded_exposure_support', '8.7', 'published', 'Beliefs about capabilities: PMC10221514'),
	('in_the_moment_encouragement', '15.1', 'published', 'Beliefs about capabilities: PMC10221514'),
	('in_the_moment_encouragement', '3.3', 'published', 'Emotion: PMC4526951 T4'),
	('calming_support', '11.2', 'published', 'Emotion: PMC10221514'),
	('systematic_tracking', '2.3', 'judgement', 'Judgement'),
	('systematic_tracking', '5.4', 'published', 'Emotion: PMC10221514'),
	('motivational_interviewing', '9.2', 'judgement', 'Judgement; Hardcastle 2017 for motivational interviewing'),
	('motivational_interviewing', '1.9', 'judgement', 'Judgement; Hardcastle 2017 for motivational interviewing'),
	('motivational_interviewing', '13.2', 'judgement', 'Judgement; Hardcastle 2017 for motivational interviewing'),
	('values_clarification', '13.4', 'judgement', 'Judgement'),
	('values_clarification', '9.3', 'judgement', 'Judgement'),
	('alliance_for_commitment', '1.9', 'published', 'Intentions: PMC4526951 T4'),
	('alliance_for_commitment', '3.1', 'judgement', 'Judgement'),
	('goal_setting', '1.1', 'published', 'Intentions 87.5 %, goals 87.5 %: PMC8158171'),
	('skills_training', '4.1', 'published', 'Skills; knowledge: PMC10221514'),
	('skills_training', '6.1', 'published', 'Skills: PMC10221514'),
	('graduated_practice', '8.1', 'published', 'Skills: PMC4526951'),
	('graduated_practice', '8.7', 'published', 'Skills: PMC10221514'),
	('performance_feedback', '2.2', 'published', 'Feedback processes: PMC8158171, 100 %'),
	('modify_expectations', '1.5', 'judgement', 'Judgement'),
	('environmental_modification', '12.1', 'published', 'Environmental context and resources: PMC4526951 T4'),
	('environmental_modification', '12.5', 'published', 'Environmental context and resources: PMC4526951 T4'),
	('resource_connection', '3.2', 'published', 'Social influences: PMC7336619, PMC4526951'),
	('relationship_navigation', '12.2', 'published', 'Social influences; environmental context and resources: PMC7336619'),
	('adapt_recommendations', '1.7', 'judgement', 'Judgement');

--
-- Which strategy for which pattern
--

CREATE TABLE coachiatry.pattern_strategy (
	pattern text NOT NULL REFERENCES coachiatry.barrier_pattern,
	strategy text NOT NULL REFERENCES coachiatry.strategy,
	position smallint NOT NULL,
	rationale text NOT NULL,
	strength text NOT NULL CHECK (strength IN ('white_paper', 'published', 'judgement')),
	source text NOT NULL,
	needs_plan boolean NOT NULL DEFAULT false,
	is_request boolean NOT NULL DEFAULT false,
	PRIMARY KEY (pattern, strategy),
	UNIQUE (pattern, position)
);

COMMENT ON TABLE coachiatry.pattern_strategy IS
'Implementation mapping: strategies for each pattern. That a pattern lacks what a strategy gives is our judgement everywhere; no published mapping of these five patterns exists.';

COMMENT ON COLUMN coachiatry.pattern_strategy.pattern IS 'The pattern.';
COMMENT ON COLUMN coachiatry.pattern_strategy.strategy IS 'The strategy.';
COMMENT ON COLUMN coachiatry.pattern_strategy.position IS 'Order within the pattern and strength, while nothing is known of outcomes.';
COMMENT ON COLUMN coachiatry.pattern_strategy.rationale IS 'Why.';
COMMENT ON COLUMN coachiatry.pattern_strategy.strength IS 'What it rests on: named for this pattern in the founding white paper; published; or our judgement.';
COMMENT ON COLUMN coachiatry.pattern_strategy.source IS 'Where.';
COMMENT ON COLUMN coachiatry.pattern_strategy.needs_plan IS 'Offered only where the clinician''s plan holds such a task: exposure, and work with emotion.';
COMMENT ON COLUMN coachiatry.pattern_strategy.is_request IS 'No act of a coach: a request to the clinician.';

INSERT INTO coachiatry.pattern_strategy (pattern, strategy, position, rationale, strength, source, needs_plan, is_request) VALUES
	('executive_function', 'structured_planning', 1, 'A plan of when, where and how takes the planning out of the moment.', 'white_paper', 'Founding white paper', false, false),
	('executive_function', 'task_breakdown', 2, 'A first step that is small enough is begun.', 'white_paper', 'Founding white paper', false, false),
	('executive_function', 'initiation_prompts', 3, 'A cue at the right time stands in for remembering.', 'white_paper', 'Founding white paper', false, false),
	('executive_function', 'organisational_systems', 4, 'Things that lie where they are needed ask less of memory and attention.', 'white_paper', 'Founding white paper', false, false),
	('executive_function', 'time_management', 5, 'Time that is set aside is kept.', 'white_paper', 'Founding white paper', false, false),
	('executive_function', 'self_monitoring_and_habit', 6, 'What is done at the same cue each day comes to need no decision.', 'judgement', 'Behavioural regulation: PMC8158171', false, false),
	('avoidance', 'graded_exposure_support', 1, 'Steps of rising difficulty, as the clinician''s plan has them, are borne with company.', 'white_paper', 'Founding white paper', true, false),
	('avoidance', 'in_the_moment_encouragement', 2, 'Company and belief in the person carry over the moment of challenge.', 'white_paper', 'Founding white paper', false, false),
	('avoidance', 'calming_support', 3, 'Ways to lessen strong feelings, as the clinician''s plan has them, make the moment bearable.', 'white_paper', 'Founding white paper', true, false),
	('avoidance', 'systematic_tracking', 4, 'A record shows what was faced, and what it felt like before and after.', 'white_paper', 'Founding white paper', false, false),
	('ambivalence', 'motivational_interviewing', 1, 'The person''s own reasons, spoken by the person, settle the two minds.', 'white_paper', 'Founding white paper; Hardcastle 2017', false, false),
	('ambivalence', 'values_clarification', 2, 'What matters to the person shows what the task is for.', 'white_paper', 'Founding white paper', false, false),
	('ambivalence', 'alliance_for_commitment', 3, 'A commitment that is made to somebody is kept.', 'white_paper', 'Founding white paper', false, false),
	('ambivalence', 'goal_setting', 4, 'A goal of the person''s own gives the task a direction.', 'judgement', 'Intentions, goals: PMC8158171', false, false),
	('skill_deficit', 'skills_training', 1, 'To be told and shown how.', 'white_paper', 'Founding white paper', false, false),
	('skill_deficit', 'graduated_practice', 2, 'Practice in steps builds the skill.', 'white_paper', 'Founding white paper', false, false),
	('skill_deficit', 'performance_feedback', 3, 'To hear how it went shows what to do next.', 'white_paper', 'Founding white paper', false, false),
	('skill_deficit', 'modify_expectations', 4, 'A goal that can be reached now is a step to the one that cannot.', 'white_paper', 'Founding white paper', false, false),
	('environmental', 'environmental_modification', 1, 'What is in the way is moved, and what helps is put there.', 'white_paper', 'Founding white paper', false, false),
	('environmental', 'resource_connection', 2, 'Practical help: transport, money, housing, care of others.', 'white_paper', 'Founding white paper', false, false),
	('environmental', 'relationship_navigation', 3, 'Other people become helpers, or at least no hindrance.', 'white_paper', 'Founding white paper', false, false),
	('environmental', 'adapt_recommendations', 4, 'Where circumstances cannot change, the clinician may change what is recommended.', 'white_paper', 'Founding white paper: coaches do not change treatment', false, true),
	('other', 'adapt_recommendations', 1, 'Side effects, doubts about the treatment and questions about it are for the clinician.', 'judgement', 'Scope of coaching', false, true);

GRANT SELECT ON coachiatry.strategy, coachiatry.strategy_technique, coachiatry.pattern_strategy TO PUBLIC;

--
-- What works: outcomes of strategies
--

CREATE TYPE coachiatry.strategy_outcome AS (
	strategy text,
	pattern text,
	helped bigint,
	used bigint,
	helped_without bigint,
	without bigint
);

COMMENT ON TYPE coachiatry.strategy_outcome IS
'What followed a strategy: of used windows in which it was used for a pattern, helped went well; and of without matched windows, in which it was not used (such as after an equally bad week), helped_without did. Strategies are used after bad days, and bad days are followed by better ones: without matched windows every strategy looks good.';

CREATE FUNCTION coachiatry.strategy_effects(outcomes coachiatry.strategy_outcome[], prior_windows float8 DEFAULT 20)
RETURNS TABLE (strategy text, pattern text, effect float8, low float8, high float8, rate_with float8, rate_without float8, factor float8, used bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
	WITH given AS (
		SELECT o.strategy, o.pattern, sum(o.helped)::bigint AS helped, sum(o.used)::bigint AS used,
			sum(o.helped_without)::bigint AS helped_without, sum(o.without)::bigint AS without
		FROM unnest(outcomes) o
		WHERE o.strategy IS NOT NULL AND o.pattern IS NOT NULL
			AND o.helped IS NOT NULL AND o.used IS NOT NULL AND o.helped_without IS NOT NULL AND o.without IS NOT NULL
		GROUP BY o.strategy, o.pattern
	), pooled AS (
		SELECT g.*, (sum(g.helped) OVER p + 1)::float8 / (sum(g.used) OVER p + 2)::float8 AS mean_with,
			(sum(g.helped_without) OVER p + 1)::float8 / (sum(g.without) OVER p + 2)::float8 AS mean_without
		FROM given g
		WINDOW p AS (PARTITION BY g.pattern)
	), posterior AS (
		SELECT p.*,
			coachiatry.posterior_rate(p.helped, p.used, p.mean_with, prior_windows) AS rate_with,
			coachiatry.posterior_rate(p.helped_without, p.without, p.mean_without, prior_windows) AS rate_without
		FROM pooled p
	), spread AS (
		SELECT p.*, 1.959964 * sqrt(p.rate_with * (1 - p.rate_with) / (prior_windows + p.used + 1)
			+ p.rate_without * (1 - p.rate_without) / (prior_windows + p.without + 1)) AS half
		FROM posterior p
	)
	SELECT s.strategy, s.pattern, s.rate_with - s.rate_without, s.rate_with - s.rate_without - s.half,
		s.rate_with - s.rate_without + s.half, s.rate_with, s.rate_without,
		coachiatry.proportions_factor(s.helped, s.used, s.helped_without, s.without), s.used
	FROM spread s
	ORDER BY 3 DESC, 1, 2;
END;

COMMENT ON FUNCTION coachiatry.strategy_effects(coachiatry.strategy_outcome[], float8) IS
'What each strategy adds to how often it goes well, the best first: rate_with less rate_without, both means of a beta-binomial whose prior is the mean of all strategies of the pattern (with one success and one failure added) and counts as much as prior_windows windows; low and high: about 95 % of the posterior of the difference, by the normal distribution. A strategy of which little is known is therefore close to the mean of its pattern. factor: logarithm of the Bayes factor that it goes well more often with it than without, by proportions_factor, without shrinkage. used: windows in which it was used. Several outcomes of a strategy and pattern add up; those with a NULL are left out; no rows for NULL. Errors: 22003 for counts that cannot be; 22023 for prior_windows not above 0.';

CREATE FUNCTION coachiatry.suggest_strategies(p coachiatry.barrier_profile, n integer DEFAULT 3, plan_holds_exposure boolean DEFAULT false, outcomes coachiatry.strategy_outcome[] DEFAULT NULL, at_least float8 DEFAULT 0.5)
RETURNS TABLE (pattern text, strategy text, name text, score float8, effect float8, is_request boolean, rationale text, strength text, techniques text[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
	WITH likely AS (
		SELECT q.pattern, q.probability
		FROM coachiatry.probabilities(p) q
		WHERE q.probability >= at_least AND q.pieces > 0 AND coachiatry.pattern(p, at_least) IS NOT NULL
	), scored AS (
		SELECT m.*, l.probability * (1 + COALESCE(e.effect, 0)) AS score, e.effect,
			row_number() OVER (PARTITION BY m.strategy
				ORDER BY l.probability * (1 + COALESCE(e.effect, 0)) DESC, m.pattern) AS nth
		FROM likely l
		JOIN coachiatry.pattern_strategy m ON m.pattern = l.pattern
		LEFT JOIN coachiatry.strategy_effects(outcomes) e ON e.strategy = m.strategy AND e.pattern = m.pattern
		WHERE NOT m.needs_plan OR plan_holds_exposure
	)
	SELECT s.pattern, s.strategy, g.name, s.score, s.effect, s.is_request, s.rationale, s.strength,
		ARRAY(SELECT t.technique FROM coachiatry.strategy_technique t WHERE t.strategy = s.strategy
			ORDER BY string_to_array(t.technique, '.')::integer[])
	FROM scored s
	JOIN coachiatry.strategy g ON g.strategy = s.strategy
	JOIN coachiatry.barrier_pattern b ON b.pattern = s.pattern
	WHERE s.nth = 1
	ORDER BY s.score DESC, b.position, s.strength = 'white_paper' DESC, s.strength = 'published' DESC, s.position
	LIMIT n;
END;

COMMENT ON FUNCTION coachiatry.suggest_strategies(coachiatry.barrier_profile, integer, boolean, coachiatry.strategy_outcome[], float8) IS
'Strategies to offer for what a profile shows, the best first, at most n (NULL: all): those of the patterns that are as likely as at_least or more. score: the probability of the pattern times one plus the strategy''s effect in outcomes, as strategy_effects() has it (0 where there is none); ties in the order of patterns, then named in the white paper before published before judgement, then by position. Exposure and work with emotion come only with plan_holds_exposure: that the clinician''s plan holds such a task. is_request: no act of a coach, but a request to the clinician. techniques: codes in strategy. Which strategy is for which pattern is our judgement where the white paper does not name it. No rows where the profile names no pattern (not enough evidence), or is NULL.';
