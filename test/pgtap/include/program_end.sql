-- The end of a test with made-up templates: their folder goes.
\set removed `rm -rf :'folder'`
