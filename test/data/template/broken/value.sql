-- A value that is not allowed: known only when it runs.

/* Over the page. */
INSERT INTO
	@program@.program_info SELECT * FROM @program@.program_info;
