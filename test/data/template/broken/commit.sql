-- The end of the transaction.
CREATE TABLE @program@.word (word text);
COMMIT;
