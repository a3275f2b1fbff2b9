#!/usr/bin/python3
"""psycopg 3 as an application uses it: a connection with the application's login, a token for each transaction.  Prints TAP."""
import os
import traceback
from contextlib import contextmanager
from datetime import date, datetime, timezone

import psycopg
from psycopg.adapt import Dumper, Loader
from psycopg.types import TypeInfo
from psycopg.types.json import Jsonb

ANA, CLEO, THEA, CORA = (os.environ["TOKEN_" + name] for name in ("ANA", "CLEO", "THEA", "CORA"))

# One connection for everybody: whatever somebody left on it the next one would find.  libpq reads PGHOST, PGUSER and so on.
connection = psycopg.connect(autocommit=True)


@contextmanager
def acting(token):
    """What is done within is done by whoever the token is for, in one transaction."""
    with connection.transaction():
        connection.execute("SELECT coachiatry.sign_in(%s)", [token])
        yield connection


# Values of the extension's types are strings.  Once a type is registered its arrays are lists of strings.
TYPES = {name: TypeInfo.fetch(connection, f"coachiatry.{name}") for name in ("adherence", "dose_timing", "schedule", "series", "supply")}
for info in TYPES.values():
    info.register(connection)

# A value of each type, as the server writes it.
VALUES = {
    "adherence": "2026-03-01: +3 . - ?2 (1,2,3)",
    "dose_timing": "due 2026-03-01T08:10:00Z taken 2026-03-01T08:00:00Z",
    "schedule": "FREQ=WEEKLY;BYDAY=MO,TH",
    "series": "2026-03-08: 4.5 . 5",
    "supply": '2026-03-01 30 days at 1.5 a day of "a, b"',
}


def rows(query, parameters=None, token=None, **options):
    """The rows of a statement; as whom, where a token is given."""
    if token is None:
        return connection.execute(query, parameters, **options).fetchall()
    with acting(token):
        return connection.execute(query, parameters, **options).fetchall()


def refused(state, query, parameters=None, token=None):
    """That a statement is refused with this SQLSTATE, and that nothing in the error tells what was in it."""
    try:
        rows(query, parameters, token)
    except psycopg.Error as error:
        assert error.sqlstate == state, f"{error.sqlstate}: {error}"
        diag = error.diag
        told = " ".join([str(error)] + [str(getattr(diag, name)) for name in dir(diag) if not name.startswith("_")])
        for secret in ("Ana", "Ben", "hears voices", "example.org", "eyJ"):
            assert secret not in told, f"{told} tells {secret}"
        return error
    raise AssertionError(f"not refused: {query}")


def nobody():
    assert rows("SELECT kind, current_user FROM coachiatry.whoami()") == [("nobody", "clinic_app")]


TESTS = []


def test(function):
    TESTS.append(function)


@test
def somebody_is_signed_in_for_one_transaction():
    assert rows("SELECT kind, staff_id, role, current_user FROM care.whoami()", token=CLEO) == [("staff", 2, "coach", "care_coach")]
    nobody()
    try:
        with acting(ANA):
            raise KeyError("of the application")
    except KeyError:
        nobody()
    refused("42501", "SELECT * FROM care.person")


@test
def one_prepared_statement_shows_everybody_what_is_theirs():
    people = "SELECT name FROM care.person ORDER BY name"
    for _ in range(8):
        assert rows(people, token=CLEO, prepare=True) == [("Ana",)]
        assert rows(people, token=CORA, prepare=True) == [("Ana",), ("Ben",)]
        assert rows(people, token=ANA, prepare=True) == [("Ana",)]
    assert rows("SELECT person_id, source, calendar FROM care.task_calendar ORDER BY source", token=ANA) == [
        (1, "person", "2026-03-03: *6"), (1, "plan", "2026-03-01: ?9")]


@test
def values_and_arrays_as_text_and_binary():
    for name, value in VALUES.items():
        query = f"SELECT %s::{name}, %s::{name}[], %s::{name}"
        sent = [value, [value, None, value], None]
        assert rows(query, sent, ANA) == [(value, [value, None, value], None)]
        # Results in the binary form are bytes, as the type's send function makes them.
        wire = rows(f"SELECT {name}_send(%s)", [value])[0][0]
        assert rows(query, sent, binary=True) == [(wire, [wire, None, wire], None)]


class Calendar(str):
    """A calendar in Python: a class of its own, so that parameters have the type without a cast."""


class CalendarDumper(Dumper):
    oid = TYPES["adherence"].oid

    def dump(self, obj):
        return obj.encode()


class CalendarLoader(Loader):
    def load(self, data):
        return Calendar(bytes(data).decode())


class CalendarWire(Dumper):
    """Sends what the server has sent in the binary form."""
    format = psycopg.pq.Format.BINARY
    oid = TYPES["adherence"].oid

    def dump(self, obj):
        return obj


@test
def calendars_as_a_class_of_their_own():
    connection.adapters.register_dumper(Calendar, CalendarDumper)
    connection.adapters.register_loader("adherence", CalendarLoader)
    days = Calendar("2026-03-01: +3 -")
    assert rows("SELECT pg_typeof(%s)::text, %s || '2026-03-05: +', rollup(d) FROM unnest(%s) AS d", [days, days, [days, days]]) == [
        ("adherence", "2026-03-01: +3 - +", "2026-03-01: (2,2)3 (2,0,2)")]
    (found,), = rows("SELECT calendar FROM care.effective_calendar", token=ANA)
    assert isinstance(found, Calendar)
    with connection.cursor() as cursor:
        cursor.adapters.register_dumper(bytes, CalendarWire)
        wire = rows("SELECT adherence_send(%s)", [days])[0][0]
        assert cursor.execute("SELECT %b", [wire]).fetchall() == [(days,)]


@test
def calendars_as_json_and_what_is_asked_of_them():
    json = {"from": "2026-03-01", "days": [[1, 1, 0, 0], [1, 0, 1, 0]]}
    assert rows("SELECT %s::adherence::jsonb", ["2026-03-01: + -"]) == [(json,)]
    assert rows("SELECT %s::adherence", [Jsonb(json)]) == [("2026-03-01: + -",)]
    assert rows("SELECT longest_streak(calendar) FROM care.effective_calendar", token=ANA) == [(6,)]
    assert rows("SELECT series, clip(series, %s) FROM care.measure_series", ["[2026-03-09,)"], CLEO) == [("2026-03-08: 4.5 5", "2026-03-09: 5")]
    assert rows("SELECT supply_agg(dispensed, days_supply) FROM care.supply", token=ANA) == [("2026-02-01 30 days, 2026-03-01 30 days",)]
    assert rows("SELECT adherence_agg(day, done) FROM unnest(%s, %s) AS r (day, done)", [[date(2026, 3, 1), date(2026, 3, 2)], [True, False]]) == [
        ("2026-03-01: + -",)]


@test
def check_ins_by_the_batch_as_objects_or_as_arrays():
    objects = [
        {"person_id": 1, "task_id": 1, "due_on": "2026-03-09", "taken": True, "note": 'rain, "and how"'},
        {"person_id": 1, "task_id": 1, "due_on": "2026-03-10", "taken": False},
    ]
    for _ in range(2):  # again is harmless
        assert rows("SELECT * FROM care.ingest_check_ins(%s)", [Jsonb(objects)], ANA) == []
    assert rows("SELECT * FROM care.ingest_check_ins(%s, %s, %s, taken => %s, source => %s, note => %s)",
                [[1, 1], [1, 1], [date(2026, 3, 9), date(2026, 3, 10)], [1, 1], ["coach", "coach"], ["by phone", None]], CLEO) == []
    assert rows("SELECT due_on, source, taken, note FROM care.check_in WHERE due_on >= %s ORDER BY source, due_on", [date(2026, 3, 9)], CLEO) == [
        (date(2026, 3, 9), "coach", 1, "by phone"),
        (date(2026, 3, 10), "coach", 1, None),
        (date(2026, 3, 9), "person", 1, 'rain, "and how"'),
        (date(2026, 3, 10), "person", 0, None),
    ]

    another = {"person_id": 2, "task_id": 2, "due_on": "2026-03-09", "taken": True, "note": "hears voices"}
    refused("42501", "SELECT * FROM care.ingest_check_ins(%s)", [Jsonb([*objects, another])], ANA)
    assert rows("SELECT * FROM care.ingest_check_ins(%s, partial => true)", [Jsonb([*objects, another])], ANA) == [
        (3, "42501", 'new row violates row-level security policy for table "check_in"')]


@test
def many_rows_by_one_statement():
    with acting(ANA), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO care.check_in (person_id, task_id, due_on, taken) VALUES (1, 1, %s, 1) RETURNING due_on",
                           [[date(2026, 3, 1)], [date(2026, 3, 2)]], returning=True)
        assert cursor.fetchone() == (date(2026, 3, 1),) and cursor.nextset() and cursor.fetchone() == (date(2026, 3, 2),)
    refused("0A000", "COPY care.check_in (person_id, task_id, due_on, taken) FROM STDIN", token=ANA)
    # So stage, and ingest.
    lines = [("1", "1", "2026-02-28", "true"), ("1", "1", "yesterday", "true")]
    with acting(ANA), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE staged (LIKE care.staged_check_in) ON COMMIT DROP")
        with cursor.copy("COPY staged (person_id, task_id, due_on, taken) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        cursor.execute("SELECT * FROM care.ingest_check_ins((SELECT jsonb_agg(to_jsonb(s)) FROM staged AS s), partial => true)")
        assert cursor.fetchall() == [(2, "22007", 'value of key "due_on" is not a date such as 2026-01-31')]


@test
def what_is_written_comes_back():
    assert rows("INSERT INTO care.goal (person_id, words) VALUES (1, %s) RETURNING words, stated_on", ["walk to the river"], ANA) == [
        ("walk to the river", date(2026, 3, 10))]
    assert rows("INSERT INTO care.message (person_id, author_kind, author, body) VALUES (1, 'staff', 2, %s) RETURNING sent_at", ["Well done"], CLEO) == [
        (datetime(2026, 3, 10, 12, tzinfo=timezone.utc),)]
    assert rows("INSERT INTO care.task (person_id, title, kind, schedule, starts_at) VALUES (1, 'swim', 'exercise', %s, '2026-03-01') RETURNING schedule",
                ["BID"], THEA) == [("FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0",)]
    with acting(CORA):
        (eva,), = rows("INSERT INTO care.person (organization_id, name) VALUES (1, 'Eva') RETURNING person_id")
        (during,), = rows("INSERT INTO care.assignment (person_id, staff_id) VALUES (%s, 2) RETURNING during", [eva])
        assert during.lower == date(2026, 3, 10) and during.upper is None


@test
def what_is_refused_tells_nothing_of_what_was_in_it():
    check_in = ("INSERT INTO care.check_in (person_id, task_id, due_on, source, taken, note)"
                " VALUES (%s, %s, '2026-03-03', %s, %s, 'hears voices') RETURNING note")
    error = refused("42501", check_in, [2, 2, "coach", 1], CLEO)  # somebody else's person
    assert isinstance(error, psycopg.errors.InsufficientPrivilege)
    refused("42501", check_in, [1, 1, "device", 1], CLEO)  # as another source
    refused("42501", "UPDATE care.person SET name = 'Ben' WHERE person_id = 1", token=CLEO)
    refused("42501", "SELECT * FROM care.token_key", token=CORA)
    refused("23505", check_in, [1, 1, "person", 1], ANA)  # it is there already
    refused("23514", check_in, [1, 1, "coach", -1], CLEO)
    refused("23503", check_in, [1, 99, "coach", 1], CLEO)
    assert rows("UPDATE care.check_in SET note = 'hears voices' WHERE person_id = 2 RETURNING note", token=CLEO) == []
    nobody()


@test
def tokens_that_are_no_good_are_refused_alike():
    bad = [os.environ["TOKEN_" + name] for name in ("EXPIRED", "EDITED", "REVOKED", "STRANGER")] + ["nonsense", None]
    for token in bad:
        error = refused("28000", "SELECT coachiatry.sign_in(%s)", [token])
        assert isinstance(error, psycopg.errors.InvalidAuthorizationSpecification)
        assert (error.diag.message_primary, error.diag.message_detail, error.diag.message_hint) == ("token refused", None, None)
        nobody()
    assert not connection.broken


print(f"1..{len(TESTS)}")
for number, function in enumerate(TESTS, 1):
    name = function.__name__.replace("_", " ")
    try:
        function()
        print(f"ok {number} - {name}")
    except Exception:
        print(f"not ok {number} - {name}\n# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
