#!/usr/bin/python3
"""SQL safety. An extension's scripts run as superuser, and its functions run under the search_path of whoever calls
them: a name that is looked up there can be taken by somebody else's object (CVE-2018-1058 and its kin). Therefore:

  pinned-path     a script begins with SET LOCAL search_path TO pg_catalog, pg_temp, and never changes it again
  qualified       what a script creates, alters, drops or comments on names its schema
  plain-create    an install script creates plainly: OR REPLACE would adopt an object that somebody has put there
                  before, with its owner; so would IF NOT EXISTS. That, and IF EXISTS, is refused in updates
                  too: a script knows what is there
  definer-path    SECURITY DEFINER functions and trigger functions SET search_path = pg_catalog, pg_temp
  qualified-body  in the body of any other SQL or PL/pgSQL function every function, type, operator and table names its
                  schema: pg_catalog.lower(x), OPERATOR(pg_catalog.+). IN, BETWEEN, LIKE, CASE x WHEN, NULLIF, IS
                  DISTINCT FROM, USING and NATURAL look an operator up by its bare name and cannot be qualified;
                  = ANY, IS NULL and plain comparisons can.
  qualified-table a body with a fixed path still names the schema of its tables: pg_temp is on that path

BEGIN ATOMIC bodies and defaults are looked up when the script runs, under the pinned path, and are not concerned.

  sql.py [file ...]      the assembled install script and the update scripts unless named; status 1 if it finds any
"""
import re
import subprocess
import sys
from pathlib import Path

try:
    from pglast import ast, enums, parse_plpgsql, parse_sql
    from pglast.parser import ParseError
    from pglast.visitors import Visitor
except ImportError:
    print("python3-pglast is not installed")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[2]
SAFE_PATH = ["pg_catalog", "pg_temp"]
UPDATE_SCRIPT = re.compile(r"--[^-]+(\.[^-]+)*--")


def names(parts):
    """The strings of a name that the parser gives as a list of nodes."""
    return [part.sval for part in parts or () if isinstance(part, ast.String)]


def is_safe_path(setting):
    """Whether a SET is SET search_path = pg_catalog, pg_temp."""
    if not isinstance(setting, ast.VariableSetStmt) or setting.name != "search_path":
        return False
    values = [arg.val.sval for arg in setting.args or () if isinstance(arg, ast.A_Const)]
    return values == SAFE_PATH


class CommonTables(Visitor):
    """Collects the names of common table expressions: they are no tables."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def visit_CommonTableExpr(self, _, node):
        self.found.add(node.ctename)


class Body(Visitor):
    """Finds what one statement of a function's body looks up by a bare name."""

    def __init__(self, report, fixed_path, local_tables=()):
        super().__init__()
        self.report = report
        self.fixed_path = fixed_path
        self.local_tables = set(local_tables)

    def look_at(self, stmt):
        common = CommonTables()
        common(stmt)
        self.local_tables |= common.found
        self(stmt)

    def complain(self, what):
        """Reports a lookup, unless the function's own fixed path makes it safe."""
        if not self.fixed_path:
            self.report("qualified-body", what)

    def visit_RangeVar(self, _, node):
        if not node.schemaname and node.relname not in self.local_tables:
            self.report("qualified-table", f"table {node.relname}")

    def visit_FuncCall(self, _, node):
        name = names(node.funcname)
        if len(name) == 1:
            self.complain(f"function {name[0]}()")

    def visit_TypeName(self, _, node):
        name = names(node.names)
        if len(name) == 1 and not node.pct_type:
            self.complain(f"type {name[0]}")

    def visit_A_Expr(self, _, node):
        name = names(node.name)
        kind = node.kind
        explicit = (enums.A_Expr_Kind.AEXPR_OP, enums.A_Expr_Kind.AEXPR_OP_ANY, enums.A_Expr_Kind.AEXPR_OP_ALL)
        if kind not in explicit:
            self.complain(f"{kind.name.removeprefix('AEXPR_')} (operator {name[0]})")
        elif len(name) == 1:
            self.complain(f"operator {name[0]}")

    def visit_SubLink(self, _, node):
        if node.subLinkType in (enums.SubLinkType.ANY_SUBLINK, enums.SubLinkType.ALL_SUBLINK):
            name = names(node.operName)
            if len(name) < 2:
                self.complain(f"operator {name[0]} before a sub-select" if name else "IN (SELECT ...)")

    def visit_CaseExpr(self, _, node):
        if node.arg is not None:
            self.complain("CASE x WHEN (operator =)")

    def visit_JoinExpr(self, _, node):
        if node.usingClause or node.isNatural:
            self.complain("JOIN USING or NATURAL (operator =)")

    def visit_SortBy(self, _, node):
        if node.useOp and len(names(node.useOp)) == 1:
            self.complain(f"ORDER BY USING {names(node.useOp)[0]}")


def function_name(node):
    return ".".join(names(node.funcname))


def options(node):
    """A function's options by name; those that may come again (SET) as a list."""
    found = {"set": []}
    for option in node.options or ():
        if option.defname == "set":
            found["set"].append(option.arg)
        else:
            found[option.defname] = option.arg
    return found


def plpgsql_expressions(tree):
    """All the SQL pieces of a PL/pgSQL function, with the names of the type of its variables."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == "PLpgSQL_expr":
                yield "sql", value["query"]
            elif key == "PLpgSQL_type":
                yield "type", value["typname"]
            else:
                yield from plpgsql_expressions(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from plpgsql_expressions(value)


def parse_piece(piece):
    """Parses a piece of PL/pgSQL: a statement, an expression, or an assignment to a variable."""
    assigned = re.sub(r"^\s*[\w.\"\[\]]+\s*:?=(?!=)\s*", "", piece, count=1)
    for text in (piece, f"SELECT {piece}", f"SELECT {assigned}"):
        try:
            return parse_sql(text)
        except ParseError as error:
            problem = error
    raise problem


class Script:
    """One script: its statements, and what is wrong with them."""

    def __init__(self, path, text):
        self.path = path
        self.text = self.for_the_parser(text)
        self.is_update = bool(UPDATE_SCRIPT.search(path.name))
        self.is_whole = "--" in path.name
        self.findings = []
        self.statement = None

    @staticmethod
    def for_the_parser(text):
        """Blanks psql's commands, and puts our schema where CREATE EXTENSION would."""
        text = re.sub(r"(?m)^\\.*$", "", text)
        return text.replace("@extschema@", "coachiatry")

    def report(self, rule, what):
        """Notes a finding in the statement at hand."""
        text = self.text.encode()
        start = self.statement.stmt_location
        piece = text[start : start + self.statement.stmt_len] if self.statement.stmt_len else text[start:]
        code = re.match(rb"(\s|--[^\n]*\n|/\*.*?\*/)*", piece, re.S).end()
        line = text[: start + code].count(b"\n") + 1
        head = piece[code:].split(b"\n")[0].decode()[:60]
        self.findings.append(f"{self.path}:{line}: {rule}: {what} in: {head}")

    def check(self):
        statements = parse_sql(self.text)
        for position, self.statement in enumerate(statements):
            stmt = self.statement.stmt
            if position == 0 and self.is_whole and not (is_safe_path(stmt) and stmt.is_local):
                self.report("pinned-path", "the first statement does not pin search_path")
            if isinstance(stmt, ast.VariableSetStmt) and stmt.name == "search_path" and not is_safe_path(stmt):
                self.report("pinned-path", "search_path is changed")
            self.check_create(stmt)
            self.check_targets(stmt)
            if isinstance(stmt, ast.CreateFunctionStmt):
                self.check_function(stmt)
            elif isinstance(stmt, ast.AlterFunctionStmt):
                self.check_alter_function(stmt)
        return self.findings

    def check_create(self, stmt):
        """plain-create"""
        commands = getattr(stmt, "cmds", None) or ()
        if getattr(stmt, "replace", False) and not self.is_update:
            self.report("plain-create", "OR REPLACE")
        if any(getattr(part, word, False) for part in (stmt, *commands) for word in ("if_not_exists", "missing_ok")):
            self.report("plain-create", "IF EXISTS or IF NOT EXISTS")
        if isinstance(stmt, ast.CreateSchemaStmt):
            self.report("plain-create", "CREATE SCHEMA: the control file's schema is ours")

    def check_targets(self, stmt):
        """qualified: the names of what a statement is about"""
        for name in self.targets(stmt):
            if len(name) < 2:
                self.report("qualified", f"name {'.'.join(name)} without its schema")

    def targets(self, stmt):
        """The qualified names of the objects that a statement creates, alters, drops or comments on."""
        for attribute in ("funcname", "defnames", "opclassname", "opfamilyname", "typeName", "typevar", "domainname"):
            value = getattr(stmt, attribute, None)
            if isinstance(value, tuple):
                yield names(value)
            elif isinstance(value, ast.RangeVar):
                yield self.table(value)
        for value in [getattr(stmt, attribute, None) for attribute in ("relation", "view", "sequence", "table")] + [
            getattr(getattr(stmt, "into", None), "rel", None)
        ]:
            if isinstance(value, ast.RangeVar):
                yield self.table(value)
        if isinstance(stmt, ast.CommentStmt):
            yield from self.objects(stmt.objtype, [stmt.object])
        elif isinstance(stmt, (ast.DropStmt, ast.GrantStmt)):
            yield from self.objects(getattr(stmt, "removeType", None) or stmt.objtype, stmt.objects or ())
        elif isinstance(stmt, ast.AlterFunctionStmt):
            yield names(stmt.func.objname)
        elif isinstance(stmt, (ast.AlterObjectSchemaStmt, ast.AlterOwnerStmt, ast.RenameStmt)) and stmt.object:
            yield from self.objects(getattr(stmt, "objectType", None) or stmt.renameType, [stmt.object])

    @staticmethod
    def table(node):
        return [part for part in (node.schemaname, node.relname) if part]

    def objects(self, kind, nodes):
        """Names of the objects of COMMENT, DROP and GRANT that live in a schema."""
        outside = ("OBJECT_SCHEMA", "OBJECT_EXTENSION", "OBJECT_ROLE", "OBJECT_LANGUAGE", "OBJECT_DATABASE")
        if kind.name in outside or kind.name == "OBJECT_CAST":
            return
        for node in nodes:
            if isinstance(node, ast.ObjectWithArgs):
                yield names(node.objname)
            elif isinstance(node, ast.TypeName):
                yield names(node.names)
            elif isinstance(node, ast.RangeVar):
                yield self.table(node)
            elif kind.name in ("OBJECT_OPCLASS", "OBJECT_OPFAMILY"):
                yield names(node)[1:]
            elif kind.name in ("OBJECT_COLUMN", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_TABCONSTRAINT"):
                yield names(node)[:-1]
            else:
                yield names(node)

    def check_alter_function(self, stmt):
        """definer-path: what a function may do is said where it is created"""
        for option in stmt.actions:
            if option.defname in ("security", "set"):
                self.report("definer-path", "ALTER FUNCTION changes SECURITY or SET")

    def check_function(self, stmt):
        """definer-path, and the body"""
        option = options(stmt)
        fixed = any(is_safe_path(setting) for setting in option["set"])
        definer = option.get("security") is not None and option["security"].boolval
        trigger = stmt.returnType and names(stmt.returnType.names)[-1] in ("trigger", "event_trigger")
        language = option["language"].sval.lower() if "language" in option else "sql"
        if (definer or trigger and language != "c") and not fixed:
            kind = "SECURITY DEFINER" if definer else "trigger function"
            self.report("definer-path", f"{kind} {function_name(stmt)} without SET search_path = pg_catalog, pg_temp")
        if "as" in option and language == "sql":
            self.check_sql_body(option["as"][0].sval, fixed)
        elif language == "plpgsql":
            self.check_plpgsql_body(stmt, fixed)

    def check_sql_body(self, body, fixed):
        for raw in parse_sql(body):
            Body(self.report, fixed).look_at(raw.stmt)

    def check_plpgsql_body(self, stmt, fixed):
        text = self.text.encode()
        start = self.statement.stmt_location
        source = text[start : start + self.statement.stmt_len].decode()
        for kind, piece in plpgsql_expressions(parse_plpgsql(source)):
            if kind == "type":
                if not re.match(r'(unknown$|refcursor$|record$|.*\.|.*%)', piece, re.I) and not self.keyword_type(piece):
                    if not fixed:
                        self.report("qualified-body", f"type {piece}")
                continue
            for raw in parse_piece(piece):
                Body(self.report, fixed, ("old_table", "new_table")).look_at(raw.stmt)

    @staticmethod
    def keyword_type(name):
        """Whether the grammar itself qualifies a type's name, as it does integer and boolean."""
        try:
            return len(names(parse_sql(f"SELECT NULL::{name}")[0].stmt.targetList[0].val.typeName.names)) > 1
        except ParseError:
            return False


def scripts_of_the_tree():
    """The install script, assembled now, and the update scripts."""
    subprocess.run(["make", "-s", "-C", str(ROOT), "script"], check=True)
    return sorted(ROOT.glob("coachiatry--*.sql")) + sorted(ROOT.glob("src/update/coachiatry--*--*.sql"))


def check(path, text):
    """What is wrong with a script, a line each."""
    try:
        return Script(path, text).check()
    except ParseError as error:
        return [f"{path}: does not parse: {error}"]


def main(arguments):
    paths = [Path(argument) for argument in arguments] or scripts_of_the_tree()
    findings = [finding for path in paths for finding in check(path, path.read_text())]
    print("\n".join(findings)) if findings else None
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
