/*
 * The text form of evidence:
 *
 *     avoidance 1.25 words "it makes me anxious" "note 17", environmental 2 reason "no bus"
 *     empty
 *
 * Each piece has its pattern, its weight, its kind, and in quotes why, then
 * what it points to, if anything.  A quote or backslash stands after a
 * backslash.
 */
#include "barrier/evidence.h"

#include "adherence/number_text.h"
#include "adherence/text_reader.h"

/* The one way to write that there is no evidence. */
#define EMPTY_WORD "empty"

/* Letters of names. */
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz_"

/*
 * Writing
 */

/* Send a text in quotes. */
static void
put_quoted(const TextSink *sink, Piece text)
{
	size_t sent = 0;

	sink_string(sink, " \"");
	for (size_t i = 0; i < text.size; i++)
	{
		if (text.bytes[i] != '"' && text.bytes[i] != '\\')
			continue;
		sink->put(sink->target, text.bytes + sent, i - sent);
		sink_string(sink, "\\");
		sent = i;
	}
	sink->put(sink->target, text.bytes + sent, text.size - sent);
	sink_string(sink, "\"");
}

/* Send a piece. */
void
evidence_format(const Evidence *piece, bool is_first, const TextSink *sink)
{
	char number[NUMBER_SIZE];

	if (!is_first)
		sink_string(sink, ", ");
	sink_string(sink, pattern_name(piece->pattern));
	sink_string(sink, " ");
	sink->put(sink->target, number, number_format(piece->weight, number));
	sink_string(sink, " ");
	sink_string(sink, kind_name_of_evidence(piece->kind));
	put_quoted(sink, piece->explanation);
	if (piece->pointer.size > 0)
		put_quoted(sink, piece->pointer);
}

/*
 * Reading
 */

/* Begin to read a text form. */
EvidenceFault
evidence_text_start(EvidenceText *text, const char *written)
{
	text->at = written;
	skip_space(&text->at);
	text->is_empty = parse_word(&text->at, EMPTY_WORD);
	skip_space(&text->at);
	return (*text->at == '\0') == text->is_empty ? EVIDENCE_OK : EVIDENCE_SYNTAX;
}

/* Read a text in quotes into room for the longest there may be. */
static EvidenceFault
parse_quoted(const char **at, char *room, size_t longest, Piece *text)
{
	*text = (Piece){ .bytes = room };
	if (!parse_char(at, '"'))
		return EVIDENCE_SYNTAX;
	while (**at != '"')
	{
		*at += **at == '\\' && ((*at)[1] == '"' || (*at)[1] == '\\');
		if (**at == '\0')
			return EVIDENCE_SYNTAX;
		if (text->size == longest)
			return EVIDENCE_TOO_LONG;
		room[text->size++] = *(*at)++;
	}
	++*at;
	return EVIDENCE_OK;
}

/* Read a name; the place after it. */
static Piece
parse_name(const char **at)
{
	Piece name = { .bytes = *at };

	name.size = strspn(*at, NAME_LETTERS);
	*at += name.size;
	skip_space(at);
	return name;
}

/* Read what stands before the texts of a piece. */
static EvidenceFault
parse_head(const char **at, Evidence *piece)
{
	Piece name = parse_name(at);

	if (!pattern_by_name(name.bytes, name.size, &piece->pattern))
		return name.size == 0 ? EVIDENCE_SYNTAX : EVIDENCE_PATTERN;
	if (!number_parse(at, &piece->weight))
		return EVIDENCE_SYNTAX;
	piece->weight += 0.0; /* no negative zero */
	skip_space(at);
	name = parse_name(at);
	if (!kind_by_name(name.bytes, name.size, &piece->kind))
		return name.size == 0 ? EVIDENCE_SYNTAX : EVIDENCE_KIND;
	return EVIDENCE_OK;
}

/* Read the next piece of a text form that is not at its end; it is good until the one after it is read. */
EvidenceFault
evidence_text_next(EvidenceText *text, Evidence *piece)
{
	EvidenceFault fault = parse_head(&text->at, piece);

	piece->pointer = (Piece){ .bytes = text->pointer };
	if (fault == EVIDENCE_OK)
		fault = parse_quoted(&text->at, text->explanation, EVIDENCE_MAX_EXPLANATION,
							 &piece->explanation);
	skip_space(&text->at);
	if (fault == EVIDENCE_OK && *text->at == '"')
		fault = parse_quoted(&text->at, text->pointer, EVIDENCE_MAX_POINTER, &piece->pointer);
	if (fault != EVIDENCE_OK)
		return fault;
	skip_space(&text->at);
	if (parse_char(&text->at, ','))
	{
		skip_space(&text->at);
		if (*text->at == '\0')
			return EVIDENCE_SYNTAX;
	}
	else if (*text->at != '\0')
		return EVIDENCE_SYNTAX;
	return evidence_check(piece);
}
