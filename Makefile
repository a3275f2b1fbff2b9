# coachiatry: a PGXS makefile.  Users: make, make install, make installcheck.
# Developers: make help.

EXTENSION = coachiatry
MODULE_big = coachiatry
version := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" \
	$(dir $(firstword $(MAKEFILE_LIST)))coachiatry.control)

# The library, room by room
OBJS = \
	src/coachiatry.o \
	src/adherence/civil.o \
	src/adherence/calendar.o \
	src/adherence/calendar_text.o \
	src/adherence/calendar_wire.o \
	src/adherence/measures.o \
	src/adherence/running.o \
	src/adherence/plot.o \
	src/adherence/plot_parts.o \
	src/adherence/plot_svg.o \
	src/adherence/timing.o \
	src/adherence/number_text.o \
	src/adherence/adherence.o \
	src/adherence/adherence_agg.o \
	src/adherence/adherence_ask.o \
	src/adherence/adherence_json.o \
	src/adherence/adherence_plot.o \
	src/adherence/dose_timing.o \
	src/supply/dispensings.o \
	src/supply/dispensings_text.o \
	src/supply/cma.o \
	src/supply/pdc.o \
	src/supply/supply.o \
	src/supply/supply_agg.o \
	src/supply/supply_ask.o \
	src/supply/supply_json.o \
	src/schedule/recurrence_text.o \
	src/schedule/recurrence.o \
	src/schedule/recurrence_rscale.o \
	src/schedule/phrase.o \
	src/schedule/schedule.o \
	src/schedule/schedule_ask.o \
	src/schedule/fhir.o \
	src/schedule/describe.o \
	src/signal/exact.o \
	src/signal/observations.o \
	src/signal/observations_text.o \
	src/signal/tally.o \
	src/signal/series.o \
	src/signal/series_agg.o \
	src/signal/series_json.o \
	src/signal/distribution.o \
	src/signal/chain.o \
	src/signal/run_length.o \
	src/signal/calendar_detectors.o \
	src/signal/series_detectors.o \
	src/signal/watch.o \
	src/signal/signal_args.o \
	src/signal/signal.o \
	src/signal/signal_arl.o \
	src/signal/watch_parameters.o \
	src/signal/spells.o \
	src/language/words.o \
	src/language/breaker.o \
	src/language/records.o \
	src/language/records_text.o \
	src/language/negation.o \
	src/language/table.o \
	src/language/phrases.o \
	src/language/agreement.o \
	src/language/model.o \
	src/language/learner.o \
	src/language/language.o \
	src/language/values.o \
	src/language/lexicon.o \
	src/language/text_model.o \
	src/language/evaluation.o \
	src/scope/quotes.o \
	src/scope/check.o \
	src/scope/scope.o \
	src/barrier/evidence.o \
	src/barrier/evidence_text.o \
	src/barrier/bayes.o \
	src/barrier/signature.o \
	src/barrier/profile.o \
	src/barrier/profile_agg.o \
	src/barrier/profile_ask.o \
	src/barrier/signature_ask.o \
	src/identity/token.o \
	src/identity/claims.o \
	src/identity/lookup.o \
	src/identity/verify.o \
	src/identity/moment.o \
	src/identity/sight.o \
	src/identity/actor.o \
	src/identity/identity.o \
	src/identity/sees.o \
	src/program/template.o \
	src/program/script.o \
	src/program/roles.o \
	src/program/clock.o \
	src/program/program.o \
	src/program/program_list.o \
	src/program/program_change.o \
	src/program/synthetic.o \
	src/program/changes.o \
	src/program/kept.o \
	src/program/tables.o \
	src/program/writer.o \
	src/program/rules.o \
	src/program/record.o \
	src/program/screen.o \
	src/program/fold.o \
	src/program/keep.o

# The install script, in the order in which it runs
MODULES_sql = \
	src/prolog.sql \
	src/adherence/adherence.sql \
	src/adherence/plot.sql \
	src/adherence/dose_timing.sql \
	src/supply/supply.sql \
	src/schedule/schedule.sql \
	src/signal/series.sql \
	src/signal/detectors.sql \
	src/signal/run_lengths.sql \
	src/signal/watch.sql \
	src/signal/instruments.sql \
	src/language/words.sql \
	src/language/lexicon.sql \
	src/language/agreement.sql \
	src/language/text_model.sql \
	src/scope/starter.sql \
	src/scope/starter_en.sql \
	src/scope/starter_es.sql \
	src/scope/scope.sql \
	src/barrier/barrier_catalogue.sql \
	src/barrier/barrier_profile.sql \
	src/barrier/barrier_evidence.sql \
	src/barrier/strategy.sql \
	src/identity/identity.sql \
	src/program/program.sql \
	src/program/keep.sql

# The files that create_program runs: the parts of a program, and the steps between versions of them; and what synthetic_program fills one with
TEMPLATE_parts = $(wildcard $(srcdir)/src/program/[0-9][0-9]-*.sql)
TEMPLATE_data = $(srcdir)/src/program/synthetic.sql
TEMPLATE_steps = $(wildcard $(srcdir)/src/program/upgrade/*--*.sql)

# One regression test a module, in sql/ and expected/
REGRESS = $(sort $(notdir $(basename $(wildcard $(srcdir)/sql/*.sql))))
REGRESS_OPTS = --load-extension=$(EXTENSION)

DATA = $(wildcard $(srcdir)/src/update/$(EXTENSION)--*--*.sql)
DATA_built = $(EXTENSION)--$(version).sql
# Calls between our own files are bound here: the server loads every library for all to see, and another extension may
# have functions of the same names.
SHLIB_LINK = -Wl,-Bsymbolic -lical -licui18n -licuuc
PG_CPPFLAGS = -I$(srcdir)/src -DCOACHIATRY_VERSION='"$(version)"'
EXTRA_CLEAN = build/test

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(wildcard $(PGXS)),)
include $(PGXS)

$(DATA_built): $(MODULES_sql) $(EXTENSION).control $(firstword $(MAKEFILE_LIST))
	cat $(filter %.sql,$^) > $@

.PHONY: script
script: $(DATA_built)

# The template lies beside the folder extension/, not in it.  A part that is no more would still run: old ones go first.
template_dir = $(DESTDIR)$(datadir)/$(EXTENSION)/program

.PHONY: install-template uninstall-template
install: install-template
install-template:
	$(MKDIR_P) '$(template_dir)/upgrade'
	rm -f '$(template_dir)'/*.sql '$(template_dir)'/upgrade/*.sql
	$(INSTALL_DATA) $(TEMPLATE_parts) $(TEMPLATE_data) '$(template_dir)/'
	$(if $(TEMPLATE_steps),$(INSTALL_DATA) $(TEMPLATE_steps) '$(template_dir)/upgrade/')

uninstall: uninstall-template
uninstall-template:
	rm -rf '$(template_dir)'
	-rmdir '$(DESTDIR)$(datadir)/$(EXTENSION)'

# PGXS makes no folders for objects, where a build is outside the source.
_ := $(shell mkdir -p $(sort $(dir $(OBJS))))

# PGXS tracks no headers.
headers = $(wildcard $(srcdir)/src/*.h $(srcdir)/src/*/*.h)
$(OBJS) $(OBJS:.o=.bc): $(headers)
src/coachiatry.o src/coachiatry.bc: $(EXTENSION).control

# Their inner loops run over the days of a year: vectorise them, as PostgreSQL does with checksum.c.
src/adherence/calendar.o src/adherence/measures.o: CFLAGS += $(CFLAGS_VECTORIZE)
else
# A bare machine can still be set up: make setup, and what starts with it.
all install installcheck clean:
	@echo "$(PG_CONFIG) finds no PostgreSQL server headers: run 'make setup', or set PG_CONFIG" >&2
	@exit 1
endif

# Developers' targets: each is a script
.PHONY: help setup demo test clients bench matrix lint reference fuzz

help: ## list the targets
	@echo "all, install, installcheck, clean: as in every PGXS makefile (PG_CONFIG=... chooses the server)"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1: \2/p' $(firstword $(MAKEFILE_LIST))

setup: ## install the Debian packages that are missing
	tools/setup

demo: ## set up, build, install, load sample people into a private cluster, show results (KEEP=1: leave it running)
	tools/demo

test: ## set up, build, install, run every suite (SUITES="unit pgtap": only these)
	test/run $(SUITES)

clients: ## set up, build, install, run programs in JavaScript, Python and Java against a sample program
	tools/setup clients
	test/run clients

bench: ## measure against the SQL one would write by hand
	test/bench/run

matrix: ## build and test on other PostgreSQL releases (PG="17 18")
	tools/matrix $(PG)

lint: ## run the linters only
	test/lint/run

reference: ## write REFERENCE.md from the comments in the catalogue
	tools/reference

fuzz: ## fuzz for long (RUNS=10000000)
	tools/fuzz $(RUNS)
