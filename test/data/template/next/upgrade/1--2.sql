-- Notes have a weight.
ALTER TABLE @program@.note ADD COLUMN weight smallint NOT NULL DEFAULT 1;
ALTER TABLE @program@.note ADD CONSTRAINT note_weight CHECK (weight > 0);
CREATE INDEX note_at_idx ON @program@.note (person_id, at);
COMMENT ON TABLE @program@.person IS 'Someone who is coached.';
INSERT INTO @program@.word VALUES ('no', 'was \refused');
