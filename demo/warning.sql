-- Early warnings: who is warned about, since when, and why.

\echo '== Early warnings: what each rule would have raised in half a year (backtest), and what is open now =='
SELECT r.name AS rule, r.acts_on AS "for the", r.detector, round(expected_false_alarms(r.name, (SELECT count(*) FROM coached)::int, 30)::numeric, 1) AS "false a month, by chance",
	(SELECT count(*) FROM backtest(r.name)) AS "in 180 days", (SELECT count(*) FROM warning AS w WHERE w.warning_rule_id = r.warning_rule_id AND w.closed_at IS NULL) AS "open now"
FROM warning_rule AS r
ORDER BY r.warning_rule_id;

\echo '== The newest ones: who, since when, whose they are =='
SELECT p.name, w.says, w.onset AS "thought to have begun", w.raised_on AS "due from", w.acts_on || ' ' || s.name AS "for"
FROM warning AS w
JOIN person AS p USING (person_id)
LEFT JOIN staff AS s ON s.staff_id = w.owner_staff_id
WHERE w.closed_at IS NULL AND w.kind = 'rule'
ORDER BY w.raised_on DESC, w.warning_id
LIMIT 8;

SELECT w.warning_id AS warned, p.name AS warned_name
FROM warning AS w JOIN person AS p USING (person_id) JOIN warning_rule AS r USING (warning_rule_id)
WHERE w.closed_at IS NULL AND r.name = 'missing more'
ORDER BY w.raised_on DESC, w.warning_id LIMIT 1 \gset
\echo '== Why (explain_warning):' :warned_name '=='
SELECT what, words FROM explain_warning(:warned) ORDER BY line;

\echo '== Safety: for clinicians alone, until licensed staff have followed it up =='
SELECT w.kind, count(*) AS open, min(w.raised_on) AS "oldest", count(*) FILTER (WHERE w.owner_staff_id IS NULL) AS "nobody there"
FROM warning AS w WHERE w.closed_at IS NULL AND w.kind <> 'rule'
GROUP BY w.kind ORDER BY w.kind;
