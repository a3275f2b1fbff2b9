-- Barriers: what gets in the way, agreed with the person; what is tried; and what is for a clinician.

\echo '== Barriers: a coach''s note, the question that the person read, and the answer =='
SELECT p.name, b.words AS "the coach noted", b.asks AS "the person was asked", b.status
FROM barrier AS b
JOIN person AS p USING (person_id)
WHERE b.lang = 'en' AND p.locale LIKE 'en%'
ORDER BY b.person_id LIMIT 5;

SELECT b.person_id AS barred, p.name AS barred_name
FROM barrier AS b JOIN person AS p USING (person_id) JOIN coached AS h USING (person_id)
WHERE b.status = 'agreed' AND b.words IS NOT NULL
ORDER BY (SELECT count(*) FROM evidence(barrier_profile_of(b.person_id)) AS e WHERE e.weight > 0) DESC, b.person_id LIMIT 1 \gset
\echo '== The evidence (barrier_profile_of):' :barred_name '=='
SELECT e.pattern, round(e.weight::numeric, 1) AS weight, e.kind, e.explanation, e.pointer
FROM evidence(barrier_profile_of(:barred)) AS e WHERE e.weight > 0
ORDER BY e.weight DESC LIMIT 6;

\echo '== What may help (suggest_for) =='
SELECT pattern, name, round(score::numeric, 2) AS score, round(effect::numeric, 2) AS "effect here", techniques FROM suggest_for(:barred, 4);

\echo '== What the program has learnt: weeks that began with a strategy, and matched weeks without (strategy_outcomes) =='
SELECT o.strategy, o.helped || ' of ' || o.used AS "went well", o.helped_without || ' of ' || o.without AS "without it" FROM unnest(strategy_outcomes()) AS o ORDER BY o.used DESC, o.strategy LIMIT 6;

\echo '== What was written of side effects and the like: for a clinician, and where a supervisor should look =='
SELECT p.name, r.topic, 'the ' || r.refer_to || ' ' || s.name AS "for", r.times, r.due_at::date AS due, r.state
FROM referral AS r JOIN person AS p USING (person_id) LEFT JOIN staff AS s ON s.staff_id = r.to_staff_id
ORDER BY r.times DESC, r.person_id LIMIT 4;
SELECT name, safety, flags, since::date, round(value::numeric) AS "value of a look" FROM review_queue LIMIT 4;
