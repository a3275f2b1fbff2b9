-- What messages say that lies outside the scope of coaching, or that somebody has to hear of.
-- Sections: check.

--
-- Check
--

CREATE FUNCTION coachiatry.scope_check(document text, locale text, author_kind text)
RETURNS TABLE (rule text, label text, span int4range, severity text, reported_speech boolean, negated boolean)
AS 'MODULE_PATHNAME', 'scope_check'
LANGUAGE C STABLE PARALLEL SAFE ROWS 2;

COMMENT ON FUNCTION coachiatry.scope_check(text, text, text) IS
'Where a message has phrases of the starter lexicon scope of its language: what a coach must not say, and what somebody has to hear of. For people to look at: a hit blocks nothing, and no rows say only that no phrase of the list was found. It never means that there is no risk; the lists are unvalidated (starter_phrase). label and severity: self_harm, violence (and abuse), overdose: safety; side_effect: urgent; diagnosis, treatment_advice, therapy: review, only where the author is held to the scope of coaching; trauma, addiction, grief, symptom: referral. Any other label that a site gives: referral. author_kind: person, proxy, clinician, prescriber and therapist are not held to it; coach, supervisor, coordinator, practice_coach, staff (a member of staff whose role is not said) and system are. rule: the phrase, as in to_phrases. span: as in words(). Of hits of one label, one that lies within another is left out, and so is what lies within a phrase of label allowed: shared techniques (breathing exercises) and idioms (killing time). reported_speech: between quotation marks, or up to 12 words after somebody else is said to speak (label others_speech) in the same sentence, and the writer has not taken the word back (own_speech: but I think). negated: as in find_phrases. What is reported of diagnosis, treatment_advice, therapy, trauma, addiction, grief and symptom, and what is negated of side_effect, treatment_advice, therapy, trauma, addiction, grief and symptom, is labelled and not flagged: severity note. Nothing lowers safety, and what another tells of side effects stays urgent. A language without a lexicon, and a NULL locale, give one row with label and severity not_checked and else NULL: have a human read some of these. No rows for a NULL document. The lexicon is compiled once a session and language, and anew when starter_phrase has changed. Errors: 22023 for another author_kind and for what cannot be a locale, 22004 for a NULL author_kind. Source of the tiers: our judgement.';
