# Common to the rules on C: which files there are, and how they are compiled.
# shellcheck shell=bash

# The files of the project that a pattern names: those in git's index or not yet in it, not those just deleted.
files() {
	git ls-files -co --exclude-standard -- "$@" | while read -r file; do
		if [ -f "$file" ]; then echo "$file"; fi
	done
}

# All C files: ours that become the library, and the programs that test the cores.
library_files() { files 'src/*.c'; }
test_files() { files 'test/unit/*.c' 'test/fuzz/*.c'; }
c_files() { library_files; test_files; }

# The server's headers come in as system headers: their warnings are not ours to mend.
compile_flags=(-std=gnu11 -Isrc -Itest/unit -D_GNU_SOURCE '-DCOACHIATRY_VERSION="lint"'
	-isystem "$("${PG_CONFIG:-pg_config}" --includedir-server)")

# Ends the rule with a reason to be skipped unless a tool is there.
need() {
	if ! command -v "$1" > /dev/null; then
		echo "$1 is not installed"
		exit 77
	fi
}
