#!/usr/bin/python3
"""The SQL safety lint can fail: each bad script below is found, by the rule named, and each good one is not."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import sql

PIN = "SET LOCAL search_path TO pg_catalog, pg_temp;\n"
SAFE = "SET search_path = pg_catalog, pg_temp"


def in_sql(body, attributes=""):
    return f"CREATE FUNCTION coachiatry.f(a int) RETURNS int LANGUAGE sql {attributes} AS $$ {body} $$;"


def in_plpgsql(body, attributes="", result="int"):
    return f"CREATE FUNCTION coachiatry.f(a int) RETURNS {result} LANGUAGE plpgsql {attributes} AS $$ {body} $$;"


BAD = [
    ("plain-create", "CREATE OR REPLACE FUNCTION coachiatry.f() RETURNS int LANGUAGE c AS 'MODULE_PATHNAME';"),
    ("plain-create", "CREATE OR REPLACE VIEW coachiatry.v AS SELECT 1;"),
    ("plain-create", "CREATE TABLE IF NOT EXISTS coachiatry.t (a int);"),
    ("plain-create", "CREATE SEQUENCE IF NOT EXISTS coachiatry.s;"),
    ("plain-create", "CREATE INDEX IF NOT EXISTS i ON coachiatry.t (a);"),
    ("plain-create", "ALTER TABLE coachiatry.t ADD COLUMN IF NOT EXISTS b int;"),
    ("plain-create", "CREATE OR REPLACE AGGREGATE coachiatry.g(int) (SFUNC = int4pl, STYPE = int);"),
    ("plain-create", "CREATE SCHEMA other;"),
    ("pinned-path", "SET search_path TO public;"),
    ("pinned-path", "SET LOCAL search_path TO pg_catalog, public;"),
    ("pinned-path", "RESET search_path;"),
    ("qualified", "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'MODULE_PATHNAME';"),
    ("qualified", "CREATE TABLE t (a int);"),
    ("qualified", "CREATE TABLE t AS SELECT 1;"),
    ("qualified", "CREATE VIEW v AS SELECT 1;"),
    ("qualified", "CREATE TYPE x AS (a int);"),
    ("qualified", "CREATE TYPE x AS ENUM ('a');"),
    ("qualified", "CREATE TYPE x AS RANGE (SUBTYPE = int);"),
    ("qualified", "CREATE TYPE x;"),
    ("qualified", "CREATE DOMAIN d AS int;"),
    ("qualified", "CREATE SEQUENCE s;"),
    ("qualified", "CREATE AGGREGATE g(int) (SFUNC = int4pl, STYPE = int);"),
    ("qualified", "CREATE OPERATOR + (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl);"),
    ("qualified", "CREATE OPERATOR CLASS o DEFAULT FOR TYPE coachiatry.x USING btree AS OPERATOR 1 coachiatry.<;"),
    ("qualified", "CREATE OPERATOR FAMILY o USING btree;"),
    ("qualified", "CREATE STATISTICS s ON a, b FROM coachiatry.t;"),
    ("qualified", "COMMENT ON FUNCTION f(int) IS 'x';"),
    ("qualified", "COMMENT ON TYPE x IS 'x';"),
    ("qualified", "COMMENT ON OPERATOR CLASS o USING btree IS 'x';"),
    ("qualified", "DROP FUNCTION f(int);"),
    ("qualified", "ALTER FUNCTION f(int) IMMUTABLE;"),
    ("qualified", "GRANT EXECUTE ON FUNCTION f(int) TO PUBLIC;"),
    ("qualified", "CREATE TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION coachiatry.f();"),
    ("qualified", "CREATE POLICY p ON x USING (true);"),
    ("qualified", "INSERT INTO x VALUES (1);"),
    ("definer-path", in_sql("SELECT 1", "SECURITY DEFINER")),
    ("definer-path", in_sql("SELECT 1", "SECURITY DEFINER SET search_path = coachiatry, pg_temp")),
    ("definer-path", in_sql("SELECT 1", "SECURITY DEFINER SET search_path = pg_catalog")),
    ("definer-path", in_sql("SELECT 1", "SECURITY DEFINER SET work_mem = '1MB'")),
    ("definer-path", "CREATE FUNCTION coachiatry.f() RETURNS int LANGUAGE c SECURITY DEFINER AS 'MODULE_PATHNAME';"),
    ("definer-path", in_plpgsql("BEGIN RETURN NEW; END", result="trigger")),
    ("definer-path", "ALTER FUNCTION coachiatry.f(int) SECURITY DEFINER;"),
    ("definer-path", "ALTER FUNCTION coachiatry.f(int) RESET search_path;"),
    ("qualified-body", in_sql("SELECT a + 1")),
    ("qualified-body", in_sql("SELECT -a")),
    ("qualified-body", in_sql("SELECT lower('A')")),
    ("qualified-body", in_sql("SELECT a::text")),
    ("qualified-body", in_sql("SELECT CAST('2026-01-01' AS date)")),
    ("qualified-body", in_sql("SELECT a IN (1, 2)")),
    ("qualified-body", in_sql("SELECT a BETWEEN 1 AND 2")),
    ("qualified-body", in_sql("SELECT 'a' LIKE 'b'")),
    ("qualified-body", in_sql("SELECT a IS DISTINCT FROM 1")),
    ("qualified-body", in_sql("SELECT NULLIF(a, 1)")),
    ("qualified-body", in_sql("SELECT CASE a WHEN 1 THEN 2 END")),
    ("qualified-body", in_sql("SELECT a = ANY (ARRAY[1])")),
    ("qualified-body", in_sql("SELECT a IN (SELECT 1)")),
    ("qualified-body", in_sql("SELECT a > ALL (SELECT 1)")),
    ("qualified-body", in_sql("SELECT 1 FROM coachiatry.t JOIN coachiatry.u USING (a)")),
    ("qualified-body", in_sql("SELECT 1 FROM coachiatry.t NATURAL JOIN coachiatry.u")),
    ("qualified-body", in_sql("SELECT 1 FROM coachiatry.t ORDER BY a USING <")),
    ("qualified-body", in_sql("SELECT (SELECT max(a) FROM coachiatry.t)")),
    ("qualified-body", in_plpgsql("BEGIN RETURN a + 1; END")),
    ("qualified-body", in_plpgsql("BEGIN IF a OPERATOR(pg_catalog.>) 1 THEN PERFORM f(a); END IF; RETURN 1; END")),
    ("qualified-body", in_plpgsql("DECLARE b date; BEGIN RETURN 1; END")),
    ("qualified-body", in_plpgsql("DECLARE b int := abs(a); BEGIN RETURN b; END")),
    ("qualified-body", in_plpgsql("DECLARE b int; BEGIN b := abs(a); RETURN b; END")),
    ("qualified-body", in_plpgsql("BEGIN FOR a IN 1 .. abs(2) LOOP NULL; END LOOP; RETURN 1; END")),
    ("qualified-table", in_sql("SELECT a FROM t", SAFE)),
    ("qualified-table", in_plpgsql("BEGIN DELETE FROM t; RETURN 1; END", SAFE)),
    ("qualified-table", in_plpgsql("DECLARE b int; BEGIN SELECT x INTO b FROM t; RETURN b; END", SAFE)),
]

GOOD = [
    "CREATE FUNCTION coachiatry.f() RETURNS int LANGUAGE c AS 'MODULE_PATHNAME', 'f';",
    "\\echo Use \"CREATE EXTENSION\". \\quit\n",
    "CREATE OPERATOR coachiatry.+ (LEFTARG = int, RIGHTARG = int, FUNCTION = coachiatry.f, RESTRICT = eqsel);",
    "CREATE CAST (coachiatry.x AS jsonb) WITH FUNCTION coachiatry.to_jsonb(coachiatry.x);",
    "CREATE TABLE coachiatry.t (a int DEFAULT 1 + 1);",
    "COMMENT ON CAST (coachiatry.x AS jsonb) IS 'x';",
    "COMMENT ON OPERATOR coachiatry.|| (coachiatry.x, coachiatry.x) IS 'x';",
    "COMMENT ON OPERATOR CLASS coachiatry.o USING btree IS 'x';",
    "COMMENT ON COLUMN coachiatry.t.a IS 'x';",
    "GRANT USAGE ON SCHEMA coachiatry TO PUBLIC;",
    "CREATE FUNCTION @extschema@.f() RETURNS int LANGUAGE c AS 'MODULE_PATHNAME', 'f';",
    in_sql("SELECT a OPERATOR(pg_catalog.+) 1"),
    in_sql("SELECT pg_catalog.lower('A')::pg_catalog.text, a::int, coalesce(a, 1), greatest(a, 1)"),
    in_sql("SELECT a OPERATOR(pg_catalog.=) ANY (ARRAY[1]) AND a IS NOT NULL"),
    in_sql("SELECT extract(year FROM pg_catalog.now())"),
    in_sql("WITH t AS (SELECT 1 AS a) SELECT a FROM t"),
    in_sql("SELECT a + 1 FROM coachiatry.t", SAFE),
    in_sql("SELECT lower('A')", "SECURITY DEFINER " + SAFE),
    "CREATE FUNCTION coachiatry.f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a + 1; END;",
    in_plpgsql("DECLARE b int; c pg_catalog.date; BEGIN b := a; RETURN b OPERATOR(pg_catalog.+) 1; END"),
    in_plpgsql("DECLARE b int; BEGIN SELECT x INTO b FROM coachiatry.t; RETURN b; END"),
    in_plpgsql("BEGIN NEW.a := lower(NEW.b); RETURN NEW; END", SAFE, "trigger"),
]


def rules_of(text, name="coachiatry--1.0.sql"):
    """The rules that a script breaks, or what else is said of it."""
    return {finding.split(": ")[1] for finding in sql.check(Path(name), text)}


def main():
    wrong = [f"not found ({rule}): {text}" for rule, text in BAD if rules_of(PIN + text) != {rule}]
    wrong += [f"found {rules_of(PIN + text)}: {text}" for text in GOOD if rules_of(PIN + text)]
    if rules_of("CREATE TABLE coachiatry.t (a int);\n" + PIN) != {"pinned-path"}:
        wrong.append("a script that pins search_path too late")
    update = "coachiatry--1.0--1.1.sql"
    if rules_of(PIN + "CREATE OR REPLACE VIEW coachiatry.v AS SELECT 1;", update):
        wrong.append("OR REPLACE in an update script is no fault")
    if rules_of("CREATE VIEW coachiatry.v AS SELECT 1;", update) != {"pinned-path"}:
        wrong.append("an update script that pins nothing")
    print("\n".join(wrong)) if wrong else None
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
