-- A typing error, in the third line.
CREATE TABLE @program@.word (word text);
CREATE TABEL @program@.tone (tone text);
