-- A privilege that the owner does not have.
CREATE TABLE public.word (word text);
CREATE ROLE @prefix@_king SUPERUSER;
