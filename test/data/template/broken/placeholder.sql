-- Another placeholder.
CREATE TABLE @program@.word (word text);
CREATE TABLE @programme@.tone (tone text);
