-- A role that is not this program's.
CREATE TABLE @program@.word (word text);
SET ROLE NONE;
