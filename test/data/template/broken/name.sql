-- A name that is not there; the letters before it take more than a byte each.
CREATE TABLE @program@.word (word text DEFAULT 'ü€😀ü€😀ü€😀ü€😀ü€😀ü€😀ü€😀ü€😀ü€😀ü€😀ü€😀ü€😀',
	noted date DEFAULT nowadays());
