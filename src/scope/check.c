/*
 * From phrases to hits.  The lexicon of a language holds, beside what counts,
 * three helping sets of phrases: what is allowed although it has such words in
 * it ("breathing exercises", "killing time"), what hands the word to another
 * ("her doctor said") and what takes it back ("but I think").  One sweep over
 * the phrases in the order of the text decides about each: what is allowed
 * comes before what lies within it, and who speaks is known when it is met.
 *
 * Nothing lowers what concerns safety: there, reported and negated are marked
 * and change nothing.
 */
#include "scope/check.h"

#include <stdlib.h>
#include <string.h>

/* Places of helping labels among all. */
#define ALLOWED 0
#define OWN_SPEECH 1

/* The labels; the last one stands for all others that a site may have. */
static const ScopeLabel all_labels[] = {
	[ALLOWED] = { "allowed", PART_ALLOWED, SCOPE_NOTE, false, false, false },
	[OWN_SPEECH] = { "own_speech", PART_OWN_SPEECH, SCOPE_NOTE, false, false, false },
	{ "others_speech", PART_OTHERS_SPEECH, SCOPE_NOTE, false, false, false },
	{ "self_harm", PART_HIT, SCOPE_SAFETY, false, false, false },
	{ "violence", PART_HIT, SCOPE_SAFETY, false, false, false },
	{ "overdose", PART_HIT, SCOPE_SAFETY, false, false, false },
	{ "side_effect", PART_HIT, SCOPE_URGENT, false, false, true },
	{ "diagnosis", PART_HIT, SCOPE_REVIEW, true, true, false },
	{ "treatment_advice", PART_HIT, SCOPE_REVIEW, true, true, true },
	{ "therapy", PART_HIT, SCOPE_REVIEW, true, true, true },
	{ "trauma", PART_HIT, SCOPE_REFERRAL, false, true, true },
	{ "addiction", PART_HIT, SCOPE_REFERRAL, false, true, true },
	{ "grief", PART_HIT, SCOPE_REFERRAL, false, true, true },
	{ "symptom", PART_HIT, SCOPE_REFERRAL, false, true, true },
	{ NULL, PART_HIT, SCOPE_REFERRAL, false, true, true },
};

#define NLABELS (sizeof(all_labels) / sizeof(all_labels[0]))

/* How a label is dealt with. */
const ScopeLabel *
scope_label(const char *name)
{
	const ScopeLabel *label = all_labels;

	while (label->name != NULL && strcmp(label->name, name) != 0)
		label++;
	return label;
}

/* Whether who writes is held to the scope of coaching; false if there is no such writer. */
bool
scope_writes_as_coach(const char *author_kind, bool *as_coach)
{
	static const char *const kinds[] = { "coach",	  "supervisor", "coordinator", "practice_coach",
										 "staff",	  "system",		"person",	   "proxy",
										 "clinician", "prescriber", "therapist" };
	const size_t ncoaches = 6;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		if (strcmp(kinds[i], author_kind) != 0)
			continue;
		*as_coach = i < ncoaches;
		return true;
	}
	return false;
}

/* A severity in words. */
const char *
scope_severity_name(ScopeSeverity severity)
{
	static const char *const names[] = {
		[SCOPE_NOT_CHECKED] = "not_checked", [SCOPE_NOTE] = "note",
		[SCOPE_REFERRAL] = "referral",		 [SCOPE_REVIEW] = "review",
		[SCOPE_URGENT] = "urgent",			 [SCOPE_SAFETY] = "safety",
	};

	return names[severity];
}

/* The sweep over a text. */
typedef struct Sweep
{
	const Quotes *quotes;
	size_t quote;			/* the first one that does not end before the phrase */
	int32_t reach[NLABELS]; /* by label: where the farthest of its phrases so far ends */
	const Found *speaker;	/* the last phrase that says who speaks */
	bool speaks_other;
	bool as_coach;
} Sweep;

/* A phrase with its label, to be ordered. */
typedef struct Candidate
{
	const Found *found;
	const ScopeLabel *label;
} Candidate;

/* Order of the sweep: by beginning, the longer first; of the same words what is allowed first, then that of the lexicon. */
static int
compare_candidates(const void *left, const void *right)
{
	const Candidate *a = left;
	const Candidate *b = right;

	if (a->found->first != b->found->first)
		return a->found->first < b->found->first ? -1 : 1;
	if (a->found->last != b->found->last)
		return a->found->last > b->found->last ? -1 : 1;
	if (a->label->part != b->label->part)
		return a->label->part > b->label->part ? -1 : 1;
	return (a->found->entry > b->found->entry) - (a->found->entry < b->found->entry);
}

/* Whether a phrase lies within one of a label that was met before; it is met now. */
static bool
lies_within(Sweep *sweep, const ScopeLabel *label, const Found *found)
{
	int32_t *reach = &sweep->reach[label - all_labels];
	bool within = found->last <= *reach;

	if (!within)
		*reach = found->last;
	return within;
}

/* Note a phrase that says who speaks; another's does not count that begins within one of the writer's own: "I told" her. */
static void
note_speaker(Sweep *sweep, const ScopeLabel *label, const Found *found)
{
	bool speaks_other = label->part == PART_OTHERS_SPEECH;

	if (!speaks_other)
		lies_within(sweep, label, found);
	else if (found->first < sweep->reach[OWN_SPEECH])
		return;
	sweep->speaker = found;
	sweep->speaks_other = speaks_other;
}

/* Whether a phrase lies between quotation marks. */
static bool
is_quoted(Sweep *sweep, const Found *found)
{
	const Quotes *quotes = sweep->quotes;

	while (sweep->quote < quotes->n && quotes->parts[sweep->quote].last < found->first)
		sweep->quote++;
	return sweep->quote < quotes->n && quotes->parts[sweep->quote].first <= found->first &&
		   found->last <= quotes->parts[sweep->quote].last;
}

/* Whether a phrase is another's words: quoted, or said by somebody earlier in the sentence; the writer's own quote of himself is not. */
static bool
is_reported(Sweep *sweep, const Found *found)
{
	const Found *speaker = sweep->speaker;
	bool quoted = is_quoted(sweep, found);

	if (speaker == NULL || speaker->sentence != found->sentence ||
		speaker->last_word >= found->first_word)
		return quoted;
	if (!sweep->speaks_other)
		return false;
	return quoted || found->first_word - speaker->last_word <= SCOPE_SPEECH_REACH;
}

/* How much a hit matters. */
static ScopeSeverity
severity_of(const ScopeLabel *label, bool reported, bool negated)
{
	if ((reported && label->reported_is_note) || (negated && label->negated_is_note))
		return SCOPE_NOTE;
	return label->severity;
}

/* Take a phrase that is no helper: whether it counts. */
static bool
take_hit(Sweep *sweep, const Candidate *candidate, ScopeHit *hit)
{
	const ScopeLabel *label = candidate->label;
	const Found *found = candidate->found;

	if (label->only_coaches && !sweep->as_coach)
		return false;
	if (found->last <= sweep->reach[ALLOWED])
		return false;
	if (label->name != NULL && lies_within(sweep, label, found))
		return false;
	hit->found = found;
	hit->label = label;
	hit->reported = is_reported(sweep, found);
	hit->severity = severity_of(label, hit->reported, found->negated);
	return true;
}

/* The phrases of a text with their labels, in the order of the sweep. */
static Candidate *
order_candidates(const Findings *findings, const ScopeLabel *const *labels)
{
	const Memory *memory = findings->memory;
	Candidate *candidates =
		memory->resize(memory->owner, NULL, (findings->n + 1) * sizeof(Candidate));

	for (size_t i = 0; i < findings->n; i++)
		candidates[i] =
			(Candidate){ .found = &findings->found[i], .label = labels[findings->found[i].entry] };
	qsort(candidates, findings->n, sizeof(Candidate), compare_candidates);
	return candidates;
}

/* What counts in a text, of the phrases that were found in it; labels are those of the lexicon's entries. */
ScopeHits
scope_hits(const Findings *findings, const ScopeLabel *const *labels, const Quotes *quotes,
		   bool as_coach)
{
	const Memory *memory = findings->memory;
	ScopeHits hits = { .hits = NULL };
	Sweep sweep = { .quotes = quotes, .as_coach = as_coach };
	Candidate *candidates;

	if (findings->n == 0)
		return hits;
	candidates = order_candidates(findings, labels);
	hits.hits = memory->resize(memory->owner, NULL, findings->n * sizeof(ScopeHit));
	for (size_t i = 0; i < findings->n; i++)
	{
		if (i % 1024 == 0)
			memory->pause();
		switch (candidates[i].label->part)
		{
			case PART_ALLOWED:
				lies_within(&sweep, candidates[i].label, candidates[i].found);
				break;
			case PART_OTHERS_SPEECH:
			case PART_OWN_SPEECH:
				note_speaker(&sweep, candidates[i].label, candidates[i].found);
				break;
			case PART_HIT:
				hits.n += take_hit(&sweep, &candidates[i], &hits.hits[hits.n]);
				break;
		}
	}
	return hits;
}
