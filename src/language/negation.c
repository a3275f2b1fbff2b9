/*
 * How languages negate, for phrases in short informal texts: which words do
 * it, and on which side of what they negate they stand.  English has them
 * before it; German, Dutch and the Scandinavian languages also after the verb
 * at the end of a clause; French around the verb, and often only behind it.
 */
#include "language/phrases.h"

#include <string.h>

static const Negation negations[] = {
	{ "en", 3, 0,
	  "not no never none nothing nobody neither nor without cannot hardly *n't cant dont wont "
	  "didnt doesnt isnt wasnt couldnt wouldnt shouldnt havent hasnt hadnt arent werent" },
	{ "de", 3, 3, "nicht kein* nie niemals nichts niemand* ohne weder kaum" },
	{ "nl", 3, 3, "niet geen nooit niets niemand zonder nauwelijks" },
	{ "fr", 3, 2, "ne n'* pas jamais rien aucun aucune personne sans ni guère" },
	{ "es", 3, 0, "no nunca jamás nada nadie ningún ninguno ninguna sin ni tampoco apenas" },
	{ "pt", 3, 0, "não nunca jamais nada ninguém nenhum nenhuma sem nem tampouco" },
	{ "it", 3, 0, "non mai niente nulla nessun nessuno nessuna senza né neanche" },
	{ "sv", 3, 2, "inte ej aldrig ingen inget inga utan knappt" },
	{ "da", 3, 2, "ikke ej aldrig ingen intet uden næppe" },
	{ "nb", 3, 2, "ikke aldri ingen ingenting uten neppe" },
	{ "no", 3, 2, "ikke aldri ingen ingenting uten neppe" },
};

/* How the language of a locale negates; NULL if that is not known. */
const Negation *
find_negation(const char *locale)
{
	size_t length = strcspn(locale, "-_@");

	for (size_t i = 0; i < sizeof(negations) / sizeof(negations[0]); i++)
		if (length == 2 && strncmp(locale, negations[i].language, length) == 0)
			return &negations[i];
	return NULL;
}
