// PostGraphile 4 as an application uses it: an HTTP server whose sessions know a token each. It can only set parameters, so that is how people sign in.
// Prints TAP with node --test-reporter=tap.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import pg from 'pg';
import PostGraphile from 'postgraphile';
const { gql, makeExtendSchemaPlugin, makeJSONPgSmartTagsPlugin, postgraphile } = PostGraphile;

// What the application's log-in has left: the role and the token of each session.
const sessions = new Map(['ana person', 'cleo coach', 'thea therapist', 'cora coordinator', 'expired person', 'edited coach', 'revoked person', 'stranger person']
	.map(session => session.split(' '))
	.map(([name, role]) => [name, { role: `care_${role}`, token: process.env[`TOKEN_${name.toUpperCase()}`] }]));

// Each request is a transaction, whose parameters say who is acting. Nobody is signed in without a session.
function pgSettings(request) {
	const session = sessions.get(request.headers['x-session']);
	return session ? { role: session.role, 'coachiatry.token': session.token } : {};
}

// The plural of staff is staff, so the two ends of its reference to itself need names; the second reference is there for the constraint alone.
const names = makeJSONPgSmartTagsPlugin({
	version: 1,
	config: {
		constraint: {
			'care.staff.staff_supervisor_id_fkey': { tags: { fieldName: 'supervisor', foreignFieldName: 'supervisees' } },
			'care.staff.staff_supervisor_is_in_the_tree': { tags: { omit: true } },
		},
	},
});

// PostGraphile leaves out functions that have one name, as both forms of ingest_check_ins have.
const ingest = makeExtendSchemaPlugin(() => ({
	typeDefs: gql`
		type Refusal { row: Int!, sqlstate: String!, message: String! }
		extend type Mutation { ingestCheckIns(checkIns: JSON!, partial: Boolean = false): [Refusal!]! }
	`,
	resolvers: {
		Mutation: {
			async ingestCheckIns(_query, { checkIns, partial }, { pgClient }) {
				return (await pgClient.query('SELECT * FROM care.ingest_check_ins($1::jsonb, $2)', [JSON.stringify(checkIns), partial])).rows;
			},
		},
	},
}));

// One connection for everybody: whatever somebody left on it the next one would find. With ignoreRBAC false the schema has what the login's roles may do.
const pool = new pg.Pool({ max: 1 });
const server = createServer(postgraphile(pool, 'care', {
	pgSettings, appendPlugins: [names, ingest], ignoreRBAC: false, dynamicJson: true, extendedErrors: ['errcode'], disableQueryLog: true,
}));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(async () => {
	server.close();
	server.closeAllConnections();
	await pool.end();
});

// What the server answers to a request of a session: data, or errors.
async function ask(session, query, variables) {
	const response = await fetch(`http://127.0.0.1:${server.address().port}/graphql`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...(session && { 'x-session': session }) },
		body: JSON.stringify({ query, variables }),
	});
	return response.json();
}

async function data(session, query, variables) {
	const answer = await ask(session, query, variables);
	assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
	return answer.data;
}

// That a request is refused with this SQLSTATE, and that nothing in the answer tells what was in it.
async function refused(code, session, query, variables) {
	const answer = await ask(session, query, variables);
	assert.equal(answer.errors?.[0]?.errcode ?? answer.errors?.[0]?.message, code);
	const told = JSON.stringify(answer);
	for (const secret of ['Ana', 'Ben', 'hears voices', 'example.org', 'eyJ']) assert(!told.includes(secret), `${told} tells ${secret}`);
	return answer.errors[0];
}

const nobody = async () => assert.deepEqual((await pool.query('SELECT kind, current_user AS login FROM coachiatry.whoami()')).rows,
	[{ kind: 'nobody', login: 'clinic_app' }]);

const people = '{ allPeople(orderBy: NAME_ASC) { nodes { name } } }';
const seen = async session => (await data(session, people)).allPeople.nodes.map(person => person.name);

test('a session is signed in for one request', async () => {
	assert.deepEqual(await data('cleo', '{ actorStaffId actorPersonId actorRole }'), { actorStaffId: '2', actorPersonId: null, actorRole: 'coach' });
	await nobody();
	await refused('42501', undefined, people);
	await nobody();
});

test('everybody sees what is theirs', async () => {
	for (let round = 0; round < 3; round++) {
		assert.deepEqual(await seen('cleo'), ['Ana']);
		assert.deepEqual(await seen('cora'), ['Ana', 'Ben']);
		assert.deepEqual(await seen('ana'), ['Ana']);
	}
	sessions.set('ana as a coach', { ...sessions.get('ana'), role: 'care_coach' });
	assert.deepEqual(await seen('ana as a coach'), [], 'a role that is not the token\'s is nobody\'s');
});

test('views and columns are those of whoever asks', async () => {
	const caseload = '{ allCaseloads { nodes { name coaches tasks streak } } }';
	assert.deepEqual(await data('cleo', caseload), { allCaseloads: { nodes: [{ name: 'Ana', coaches: ['Cleo'], tasks: 1, streak: 0 }] } });
	await refused('42501', 'ana', caseload);
	const team = '{ personByPersonId(personId: "1") { assignmentsByPersonId { nodes { staffByStaffId { name role } } } } }';
	assert.deepEqual(await data('ana', team), { personByPersonId: { assignmentsByPersonId: { nodes: [
		{ staffByStaffId: { name: 'Thea', role: 'therapist' } }, { staffByStaffId: { name: 'Cleo', role: 'coach' } }] } } });
	await refused('42501', 'ana', '{ allStaff { nodes { tokenSubject } } }');
	assert.deepEqual(await data('cleo', '{ personByPersonId(personId: "2") { name } }'), { personByPersonId: null });
});

test('values of the types are strings, in and out', async () => {
	const kept = '{ allTaskCalendars(condition: { calendar: "2026-03-03: *6" }) { nodes { source calendar } } }';
	assert.deepEqual(await data('ana', kept), { allTaskCalendars: { nodes: [{ source: 'person', calendar: '2026-03-03: *6' }] } });
	assert.deepEqual(await data('cleo', '{ allMeasureSeries { nodes { series } } }'), { allMeasureSeries: { nodes: [{ series: '2026-03-08: 4.5 5' }] } });
	assert.deepEqual(await data('cleo', '{ allEffectiveCalendars { nodes { calendar } } }'),
		{ allEffectiveCalendars: { nodes: [{ calendar: '2026-03-01: ?2 +6 ?' }] } });

	const prescribe = `mutation ($schedule: String!) {
		createTask(input: { task: { personId: "1", title: "swim", kind: "exercise", schedule: $schedule, startsAt: "2026-03-01T00:00:00" } }) { task { schedule } }
	}`;
	assert.deepEqual(await data('thea', prescribe, { schedule: 'BID' }), { createTask: { task: { schedule: 'FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0' } } });
	await refused('22P02', 'thea', prescribe, { schedule: 'now and then' });
});

test('check-ins, one and many', async () => {
	const one = `mutation ($note: String) {
		createCheckIn(input: { checkIn: { personId: "1", taskId: "1", dueOn: "2026-03-09", taken: 1, note: $note } }) { checkIn { source taken note } }
	}`;
	assert.deepEqual(await data('ana', one, { note: 'rain, "and how"' }), { createCheckIn: { checkIn: { source: 'person', taken: 1, note: 'rain, "and how"' } } });

	const many = 'mutation ($rows: JSON!, $partial: Boolean) { ingestCheckIns(checkIns: $rows, partial: $partial) { row sqlstate message } }';
	const rows = [{ person_id: 1, task_id: 1, due_on: '2026-03-09', taken: true, note: 'rain, "and how"' }, { person_id: 1, task_id: 1, due_on: '2026-03-10', taken: false }];
	const another = { person_id: 2, task_id: 2, due_on: '2026-03-09', taken: true, note: 'hears voices' };
	for (let sent = 0; sent < 2; sent++) // again is harmless
		assert.deepEqual(await data('ana', many, { rows }), { ingestCheckIns: [] });
	await refused('42501', 'ana', many, { rows: [...rows, another] });
	assert.deepEqual(await data('ana', many, { rows: [...rows, another], partial: true }),
		{ ingestCheckIns: [{ row: 3, sqlstate: '42501', message: 'new row violates row-level security policy for table "check_in"' }] });
	assert.deepEqual(await data('cleo', '{ allCheckIns(condition: { dueOn: "2026-03-10" }) { nodes { source missed } } }'),
		{ allCheckIns: { nodes: [{ source: 'person', missed: 1 }] } });
});

test('what a coach and a coordinator write comes back', async () => {
	assert.deepEqual(await data('cleo', `mutation {
		createMessage(input: { message: { personId: "1", authorKind: "staff", author: "2", body: "Well done" } }) {
			message { body sentAt personByPersonId { name } }
		}
	}`), { createMessage: { message: { body: 'Well done', sentAt: '2026-03-10T12:00:00+00:00', personByPersonId: { name: 'Ana' } } } });
	assert.deepEqual(await data('cora', 'mutation { createPerson(input: { person: { organizationId: "1", name: "Eva" } }) { person { name timeZone } } }'),
		{ createPerson: { person: { name: 'Eva', timeZone: 'UTC' } } });
	assert.deepEqual(await data('ana', 'mutation { createGoal(input: { goal: { personId: "1", words: "walk to the river" } }) { goal { words statedOn } } }'),
		{ createGoal: { goal: { words: 'walk to the river', statedOn: '2026-03-10' } } });
});

test('what is refused tells nothing of what was in it', async () => {
	const checkIn = `mutation ($person: BigInt!, $task: BigInt!, $source: String!, $taken: Int!) {
		createCheckIn(input: { checkIn: { personId: $person, taskId: $task, dueOn: "2026-03-03", source: $source, taken: $taken, note: "hears voices" } }) {
			clientMutationId
		}
	}`;
	const refusal = await refused('42501', 'cleo', checkIn, { person: '2', task: '2', source: 'coach', taken: 1 }); // somebody else's person
	assert.equal(refusal.message, 'new row violates row-level security policy for table "check_in"');
	await refused('42501', 'cleo', checkIn, { person: '1', task: '1', source: 'device', taken: 1 }); // as another source
	await refused('42501', 'cora', '{ allTaskCalendars { nodes { calendar } } }');
	await refused('42501', 'cleo', 'mutation { updatePersonByPersonId(input: { personId: "1", personPatch: { name: "Ben" } }) { person { name } } }');
	await refused('23505', 'ana', checkIn, { person: '1', task: '1', source: 'person', taken: 1 }); // it is there already
	await refused('23514', 'cleo', checkIn, { person: '1', task: '1', source: 'coach', taken: -1 });
	await refused('23503', 'cleo', checkIn, { person: '1', task: '99', source: 'coach', taken: 1 });
	const { errors: [{ message }] } = await ask('ana', '{ allTokenKeys { nodes { secret } } }');
	assert.match(message, /Cannot query field "allTokenKeys"/);
	await nobody();
});

test('tokens that are no good are refused alike', async () => {
	sessions.set('nonsense', { role: 'care_person', token: 'nonsense' });
	for (const session of ['expired', 'edited', 'revoked', 'stranger', 'nonsense']) {
		const { message } = await refused('28000', session, people);
		assert.equal(message, 'token refused');
		await nobody();
	}
	assert.deepEqual(await seen('ana'), ['Ana']);
});
