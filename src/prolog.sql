-- First module of the install script: the guard against psql, the pinned
-- search_path under which everything below is created, and the schema's door.
\echo Use "CREATE EXTENSION coachiatry" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

GRANT USAGE ON SCHEMA coachiatry TO PUBLIC;

CREATE FUNCTION coachiatry.coachiatry_version()
RETURNS text
AS 'MODULE_PATHNAME', 'coachiatry_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION coachiatry.coachiatry_version() IS
'Version of the loaded shared library, as text such as 0.1.0. Compare with pg_extension.extversion after an upgrade of the package.';
