-- Two statements that work, and one that does not.
ALTER TABLE @program@.note ADD COLUMN weight smallint;
INSERT INTO @program@.word VALUES ('no', 'was refused');
INSERT INTO @program@.word VALUES ('ok', 'again');
