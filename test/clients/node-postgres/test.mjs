// node-postgres as an application uses it: a pool with one login, a token for each transaction. Prints TAP with node --test-reporter=tap.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import pg from 'pg';

const { TOKEN_ANA: ana, TOKEN_CLEO: cleo, TOKEN_THEA: thea, TOKEN_CORA: cora } = process.env;

// One connection for everybody: whatever somebody left on it the next one would find. The driver reads PGHOST, PGUSER and so on.
const pool = new pg.Pool({ max: 1 });
after(() => pool.end());

// Everything that work does is done by whoever the token is for, in one transaction.
async function as(token, work) {
	const client = await pool.connect();
	try {
		await client.query('BEGIN');
		await client.query('SELECT coachiatry.sign_in($1)', [token]);
		const result = await work(client);
		await client.query('COMMIT');
		return result;
	} catch (error) {
		await client.query('ROLLBACK');
		throw error;
	} finally {
		client.release();
	}
}

// Arrays of the extension's types arrive as arrays of strings, as text[] does (1009); dates as they are written (1082), not as a moment of the local day.
async function registerTypes() {
	const { rows } = await pool.query(`SELECT typarray FROM pg_type
		WHERE typnamespace = 'coachiatry'::regnamespace AND typtype = 'b' AND typarray <> 0`);
	for (const { typarray } of rows) pg.types.setTypeParser(typarray, pg.types.getTypeParser(1009));
	pg.types.setTypeParser(1082, text => text);
}

// A value of each type, as the server writes it.
const values = {
	adherence: '2026-03-01: +3 . - ?2 (1,2,3)',
	dose_timing: 'due 2026-03-01T08:10:00Z taken 2026-03-01T08:00:00Z',
	schedule: 'FREQ=WEEKLY;BYDAY=MO,TH',
	series: '2026-03-08: 4.5 . 5',
	supply: '2026-03-01 30 days at 1.5 a day of "a, b"',
};

// The rows of a statement; as whom, where a token is given.
const rows = async (text, parameters, token) =>
	(await (token ? as(token, client => client.query(text, parameters)) : pool.query(text, parameters))).rows;

// That a statement is refused with this SQLSTATE, and that nothing in the error tells what was in it.
async function refused(code, text, parameters, token) {
	await assert.rejects(rows(text, parameters, token), error => {
		assert.equal(error.code, code);
		const told = JSON.stringify({ ...error, message: error.message });
		for (const secret of ['Ana', 'Ben', 'hears voices', 'example.org', 'eyJ']) assert(!told.includes(secret), `${told} tells ${secret}`);
		return true;
	});
}

const nobody = async () => assert.deepEqual(await rows('SELECT kind, current_user AS login FROM coachiatry.whoami()'),
	[{ kind: 'nobody', login: 'clinic_app' }]);

await registerTypes();

test('somebody is signed in for one transaction', async () => {
	assert.deepEqual(await rows('SELECT kind, staff_id, role, current_user AS as FROM care.whoami()', [], cleo),
		[{ kind: 'staff', staff_id: '2', role: 'coach', as: 'care_coach' }]);
	await nobody();
	await assert.rejects(as(ana, () => { throw new Error('of the application'); }), /of the application/);
	await nobody();
	await refused('42501', 'SELECT * FROM care.person');
});

test('one prepared statement shows everybody what is theirs', async () => {
	const people = { name: 'people', text: 'SELECT name FROM care.person ORDER BY name' };
	const seen = token => as(token, async client => (await client.query(people)).rows.map(row => row.name));
	for (let round = 0; round < 8; round++) {
		assert.deepEqual(await seen(cleo), ['Ana']);
		assert.deepEqual(await seen(cora), ['Ana', 'Ben']);
		assert.deepEqual(await seen(ana), ['Ana']);
	}
	assert.deepEqual(await rows('SELECT person_id, source, calendar FROM care.task_calendar ORDER BY source', [], ana),
		[{ person_id: '1', source: 'person', calendar: '2026-03-03: *6' }, { person_id: '1', source: 'plan', calendar: '2026-03-01: ?9' }]);
});

for (const [type, value] of Object.entries(values)) {
	test(`${type}: values and arrays as text, parameters as binary`, async () => {
		const text = `SELECT $1::${type} AS value, $2::${type}[] AS several, $3::${type} AS none`;
		const sent = [value, [value, null, value], null];
		assert.deepEqual(await rows(text, sent, ana), [{ value, several: [value, null, value], none: null }]);

		// A Buffer is sent as it is, so in the binary form. Results are text: the driver would decode binary ones as UTF-8.
		const [{ bytes }] = await rows(`SELECT ${type}_send($1) AS bytes`, [value]);
		assert.deepEqual(await rows(`SELECT $1::${type} AS value`, [bytes]), [{ value }]);
		await refused('22P03', `SELECT $1::${type}`, [Buffer.from('hears voices')]);
	});
}

test('calendars as JSON, and what is asked of them', async () => {
	assert.deepEqual(await rows("SELECT $1::adherence::jsonb AS json", ['2026-03-01: + -']),
		[{ json: { from: '2026-03-01', days: [[1, 1, 0, 0], [1, 0, 1, 0]] } }]);
	assert.deepEqual(await rows('SELECT $1::jsonb::adherence AS calendar', [{ from: '2026-03-01', days: [[1, 1, 0, 0], [1, 0, 1, 0]] }]),
		[{ calendar: '2026-03-01: + -' }]);
	assert.deepEqual(await rows('SELECT longest_streak(calendar) AS longest FROM care.effective_calendar', [], ana), [{ longest: 6 }]);
	assert.deepEqual(await rows('SELECT series, clip(series, $1) AS last FROM care.measure_series', ['[2026-03-09,)'], cleo),
		[{ series: '2026-03-08: 4.5 5', last: '2026-03-09: 5' }]);
	assert.deepEqual(await rows('SELECT supply_agg(dispensed, days_supply) AS supply FROM care.supply', [], ana),
		[{ supply: '2026-02-01 30 days, 2026-03-01 30 days' }]);
	assert.deepEqual(await rows('SELECT adherence_agg(day, done) AS calendar FROM unnest($1::date[], $2::boolean[]) AS r (day, done)',
		[['2026-03-01', '2026-03-02'], [true, false]]), [{ calendar: '2026-03-01: + -' }]);
});

test('check-ins by the batch, as objects or as arrays', async () => {
	const objects = [
		{ person_id: 1, task_id: 1, due_on: '2026-03-09', taken: true, note: 'rain, "and how"' },
		{ person_id: 1, task_id: 1, due_on: '2026-03-10', taken: false },
	];
	for (let sent = 0; sent < 2; sent++) // again is harmless
		assert.deepEqual(await rows('SELECT * FROM care.ingest_check_ins($1::jsonb)', [JSON.stringify(objects)], ana), []);
	assert.deepEqual(await rows('SELECT * FROM care.ingest_check_ins($1, $2, $3, taken => $4, source => $5, note => $6)',
		[[1, 1], [1, 1], ['2026-03-09', '2026-03-10'], [1, 1], ['coach', 'coach'], ['by phone', null]], cleo), []);
	assert.deepEqual(await rows("SELECT due_on, source, taken, note FROM care.check_in WHERE due_on >= '2026-03-09' ORDER BY source, due_on", [], cleo), [
		{ due_on: '2026-03-09', source: 'coach', taken: 1, note: 'by phone' },
		{ due_on: '2026-03-10', source: 'coach', taken: 1, note: null },
		{ due_on: '2026-03-09', source: 'person', taken: 1, note: 'rain, "and how"' },
		{ due_on: '2026-03-10', source: 'person', taken: 0, note: null },
	]);

	const another = { person_id: 2, task_id: 2, due_on: '2026-03-09', taken: true, note: 'hears voices' };
	await refused('42501', 'SELECT * FROM care.ingest_check_ins($1::jsonb)', [JSON.stringify([...objects, another])], ana);
	assert.deepEqual(await rows('SELECT * FROM care.ingest_check_ins($1::jsonb, partial => true)', [JSON.stringify([...objects, another])], ana),
		[{ row: 3, sqlstate: '42501', message: 'new row violates row-level security policy for table "check_in"' }]);
});

test('what is written comes back', async () => {
	const [goal] = await rows('INSERT INTO care.goal (person_id, words) VALUES (1, $1) RETURNING *', ['walk to the river'], ana);
	assert.equal(goal.words, 'walk to the river');
	assert.equal(goal.stated_on, '2026-03-10');
	const [message] = await rows("INSERT INTO care.message (person_id, author_kind, author, body) VALUES (1, 'staff', 2, $1) RETURNING message_id, sent_at",
		['Well done'], cleo);
	assert.deepEqual(message.sent_at, new Date('2026-03-10T12:00:00Z'));
	assert.deepEqual(await rows("INSERT INTO care.task (person_id, title, kind, schedule, starts_at) VALUES (1, 'swim', 'exercise', $1, '2026-03-01') RETURNING schedule",
		['BID'], thea), [{ schedule: 'FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0' }]);
	const enrolled = await as(cora, async client => {
		const { rows: [{ person_id }] } = await client.query("INSERT INTO care.person (organization_id, name) VALUES (1, 'Eva') RETURNING person_id");
		return (await client.query('INSERT INTO care.assignment (person_id, staff_id) VALUES ($1, 2) RETURNING during', [person_id])).rows;
	});
	assert.deepEqual(enrolled, [{ during: '[2026-03-10,)' }]);
});

test('what is refused tells nothing of what was in it', async () => {
	const checkIn = "INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, note) VALUES ($1, $2, '2026-03-03', $3, $4, 'hears voices') RETURNING note";
	await refused('42501', checkIn, [2, 2, 'coach', 1], cleo); // somebody else's person
	await refused('42501', checkIn, [1, 1, 'device', 1], cleo); // as another source
	await refused('42501', "UPDATE care.person SET name = 'Ben' WHERE person_id = 1", [], cleo);
	await refused('42501', 'SELECT * FROM care.token_key', [], cora);
	await refused('23505', checkIn, [1, 1, 'person', 1], ana); // it is there already
	await refused('23514', checkIn, [1, 1, 'coach', -1], cleo);
	await refused('23503', checkIn, [1, 99, 'coach', 1], cleo);
	assert.deepEqual(await rows("UPDATE care.check_in SET note = 'hears voices' WHERE person_id = 2 RETURNING note", [], cleo), []);
	await nobody();
});

test('tokens that are no good are refused alike', async () => {
	const { TOKEN_EXPIRED, TOKEN_EDITED, TOKEN_REVOKED, TOKEN_STRANGER } = process.env;
	for (const token of [TOKEN_EXPIRED, TOKEN_EDITED, TOKEN_REVOKED, TOKEN_STRANGER, 'nonsense', null]) {
		await assert.rejects(rows('SELECT coachiatry.sign_in($1)', [token]), { code: '28000', message: 'token refused', detail: undefined, hint: undefined });
		await refused('28000', 'SELECT 1', [], token ?? 'null');
		await nobody();
	}
	assert.equal(pool.totalCount, 1);
});
