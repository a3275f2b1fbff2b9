/*
 * What a text says that lies outside the scope of coaching, or that somebody
 * has to hear of: which of the phrases found in it count, how, and how much.
 * Plain C over phrases.h; nothing here knows the server.
 */
#ifndef COACHIATRY_CHECK_H
#define COACHIATRY_CHECK_H

#include "language/phrases.h"
#include "scope/quotes.h"

/* What somebody has to do about it, from the least. */
typedef enum ScopeSeverity
{
	SCOPE_NOT_CHECKED, /* there is no lexicon for the language */
	SCOPE_NOTE,		   /* labelled, not flagged */
	SCOPE_REFERRAL,
	SCOPE_REVIEW, /* a coach may have left the scope of coaching: the supervisor looks */
	SCOPE_URGENT,
	SCOPE_SAFETY
} ScopeSeverity;

/* What a label of the lexicon is for. */
typedef enum ScopePart
{
	PART_HIT,
	PART_ALLOWED,		/* what lies within such a phrase is none */
	PART_OTHERS_SPEECH, /* what comes after it is said to be another's words */
	PART_OWN_SPEECH		/* what comes after it is the writer's own again */
} ScopePart;

/* A label, and how it is dealt with. */
typedef struct ScopeLabel
{
	const char *name;
	ScopePart part;
	ScopeSeverity severity;
	bool only_coaches;	   /* what others write is none */
	bool reported_is_note; /* another's words are labelled only */
	bool negated_is_note;  /* and so is what is negated */
} ScopeLabel;

/* Most words between what says that another speaks and what is said. */
#define SCOPE_SPEECH_REACH 12

/* A place in a text that counts. */
typedef struct ScopeHit
{
	const Found *found;
	const ScopeLabel *label;
	ScopeSeverity severity;
	bool reported;
} ScopeHit;

/* All of a text, in order. */
typedef struct ScopeHits
{
	ScopeHit *hits;
	size_t n;
} ScopeHits;

extern const ScopeLabel *scope_label(const char *name);
extern bool scope_writes_as_coach(const char *author_kind, bool *as_coach);
extern const char *scope_severity_name(ScopeSeverity severity);
extern ScopeHits scope_hits(const Findings *findings, const ScopeLabel *const *labels,
							const Quotes *quotes, bool as_coach);

#endif
