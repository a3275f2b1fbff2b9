/*
 * What is fitted: the temperature of a model, on scores that each document
 * gets from a model without its person, and logistic regressions.
 *
 * Everything runs over documents in the order of their records, so that the
 * same documents give the same model to the last bit, however they came.
 */
#include "language/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "language/agreement.h"

/* Documents whose scores a temperature is fitted on, at most: evenly taken. */
#define MOST_SCORED 20000

/*
 * Temperature
 */

/* The logarithmic score of a document by its scores at a temperature. */
static double
loss_at(RecordKind kind, const double *scores, uint32_t truth, uint32_t nlabels, double temperature)
{
	double most = -INFINITY;
	double sum = 0;
	double of_truth = 0;

	for (uint32_t l = 0; l < nlabels; l++)
		most = scores[l] > most ? scores[l] : most;
	for (uint32_t l = 0; l < nlabels; l++)
	{
		double share = kind == RECORD_LOGISTIC ? 1 / (1 + exp(-scores[l] / temperature))
											   : exp((scores[l] - most) / temperature);

		sum += share;
		of_truth = l == truth ? share : of_truth;
	}
	return log_score(of_truth / sum, true);
}

/* Documents whose scores a temperature is fitted on. */
typedef struct Fitting
{
	RecordKind kind;
	const double *scores;
	const uint32_t *truth;
	const double *times;
	size_t n;
	uint32_t nlabels;
} Fitting;

/*
 * The logarithmic score of all documents at a temperature, by its logarithm, of
 * which half the square is added: a few documents, all of them scored right,
 * are no evidence of certainty.
 */
static double
loss_of_all(const Fitting *fitting, double logarithm)
{
	double loss = logarithm * logarithm / 2;
	double temperature = exp(logarithm);

	for (size_t d = 0; d < fitting->n; d++)
		loss += fitting->times[d] * loss_at(fitting->kind, fitting->scores + d * fitting->nlabels,
											fitting->truth[d], fitting->nlabels, temperature);
	return loss;
}

/*
 * The temperature at which scores give the least logarithmic score, by golden
 * section up to 50: from 1 for naive Bayes, which takes terms for independent
 * and so is too certain, never too little; from 1/50 for regressions.  Where
 * the least lies at an end, it is that end.
 */
double
fit_temperature(RecordKind kind, const double *scores, const uint32_t *truth, const double *times,
				size_t n, uint32_t nlabels)
{
	const Fitting fitting = { kind, scores, truth, times, n, nlabels };
	const double golden = (sqrt(5) - 1) / 2;
	const double ends[] = { kind == RECORD_LOGISTIC ? -log(50) : 0, log(50) };
	double low = ends[0];
	double high = ends[1];
	double best;

	if (n == 0 || nlabels < 2)
		return 1;
	for (int i = 0; i < 32; i++)
	{
		double left = high - golden * (high - low);
		double right = low + golden * (high - low);

		if (loss_of_all(&fitting, left) <= loss_of_all(&fitting, right))
			high = right;
		else
			low = left;
	}
	best = (low + high) / 2;
	for (int i = 0; i < 2; i++)
		if (loss_of_all(&fitting, ends[i]) <= loss_of_all(&fitting, best))
			best = ends[i];
	return exp(best);
}

/* Scores of documents, and their labels. */
typedef struct Scored
{
	double *scores;
	uint32_t *truth;
	double *times;
	size_t n;
} Scored;

/* Room for the scores of some documents of a model. */
static Scored
scored_start(const TextModel *model, size_t n)
{
	return (Scored){ .scores = memory_zeros(model->memory, n * model->nlabels, sizeof(double)),
					 .truth = memory_zeros(model->memory, n, sizeof(uint32_t)),
					 .times = memory_zeros(model->memory, n, sizeof(double)) };
}

/* What is left out of the counts. */
typedef struct LeftOut
{
	double *counts; /* by term and label */
	double *totals; /* by label, of counts */
	double *documents;
} LeftOut;

/* Let a document enter (sign 1) or leave (sign -1) what is left out. */
static void
leave_out(const TextModel *model, LeftOut *left, const Document *document, double sign)
{
	const uint32_t *terms = model->corpus.terms + document->term;
	double times = sign * document->times;

	left->documents[document->label] += times;
	left->totals[document->label] += times * document->nterms;
	for (uint32_t i = 0; i < document->nterms; i++)
		left->counts[(size_t) terms[i] * model->nlabels + document->label] += times;
}

/* Score a document by the counts without what is left out. */
static void
score_without(const TextModel *model, const LeftOut *left, const double *totals,
			  const Document *document, double *scores)
{
	const uint32_t *terms = model->corpus.terms + document->term;
	double nterms = (double) model->vocabulary.n;

	for (uint32_t l = 0; l < model->nlabels; l++)
	{
		double all = totals[l] - left->totals[l] + MODEL_SMOOTHING * nterms;

		scores[l] = log(model->documents[l] - left->documents[l] + MODEL_SMOOTHING);
		if (document->nterms > 0)
			scores[l] -= document->nterms * log(all);
		for (uint32_t i = 0; i < document->nterms; i++)
		{
			size_t at = (size_t) terms[i] * model->nlabels + l;

			scores[l] += log(model->counts[at] - left->counts[at] + MODEL_SMOOTHING);
		}
	}
}

/* Where the documents end that are left out together with one: those of its person; if there is but one person, itself. */
static size_t
group_end(const Corpus *corpus, size_t start)
{
	size_t end = start + 1;

	while (corpus->npeople > 1 && end < corpus->n &&
		   corpus->documents[end].group == corpus->documents[start].group)
		end++;
	return end;
}

/* The temperature of naive Bayes: each document is scored by the counts of all other people. */
double
leave_people_out(const TextModel *model)
{
	const Corpus *corpus = &model->corpus;
	const Memory *memory = model->memory;
	uint32_t nlabels = model->nlabels;
	size_t every = corpus->n / MOST_SCORED + 1;
	Scored scored = scored_start(model, corpus->n / every + 1);
	LeftOut left = { .counts = memory_zeros(memory, model->vocabulary.n * nlabels, sizeof(double)),
					 .totals = memory_zeros(memory, nlabels, sizeof(double)),
					 .documents = memory_zeros(memory, nlabels, sizeof(double)) };
	double *totals = memory_zeros(memory, nlabels, sizeof(double));
	size_t end;

	for (size_t i = 0; i < model->vocabulary.n * nlabels; i++)
		totals[i % nlabels] += model->counts[i];
	for (size_t start = 0; start < corpus->n; start = end)
	{
		end = group_end(corpus, start);
		memory->pause();
		for (size_t d = start; d < end; d++)
			leave_out(model, &left, &corpus->documents[d], 1);
		for (size_t d = start; d < end; d++)
		{
			const Document *document = &corpus->documents[d];

			if (d % every != 0)
				continue;
			score_without(model, &left, totals, document, scored.scores + scored.n * nlabels);
			scored.truth[scored.n] = document->label;
			scored.times[scored.n++] = document->times;
		}
		for (size_t d = start; d < end; d++)
			leave_out(model, &left, &corpus->documents[d], -1);
	}
	return fit_temperature(RECORD_COUNTS, scored.scores, scored.truth, scored.times, scored.n,
						   nlabels);
}

/*
 * Logistic regression.  For each label, against all others, minimised over
 * weights w and intercept b:
 *
 *     |w|^2 / 2 + sum over documents of ln(1 + exp(-y (w x + b)))
 *
 * by Newton steps, each found by conjugate gradients (truncated Newton) and
 * shortened until it helps.
 */

/* Steps at most, and those of conjugate gradients for one. */
#define MOST_STEPS 60
#define MOST_GRADIENTS 60

/* The gradient at which to stop, to that at the start; and the rest of conjugate gradients. */
#define GRADIENT_REST 1e-5
#define CONJUGATE_REST 0.1

/* A problem: documents that count, one label, and room for vectors.  The intercept is the last element of each. */
typedef struct Problem
{
	const TextModel *model;
	const bool *left_out; /* by document; NULL: none */
	uint32_t label;
	size_t size;	/* of vectors: terms and the intercept */
	double *slopes; /* by document: times * p (1 - p) */
	double *gradient;
	double *step;
	double *residue;
	double *direction;
	double *product;
	double *trial;
} Problem;

/* Product of two vectors. */
static double
dot(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* The product of a document and a vector. */
static double
document_dot(const TextModel *model, const Document *document, const double *vector)
{
	const uint32_t *terms = model->corpus.terms + document->term;
	double sum = vector[model->vocabulary.n];

	for (uint32_t i = 0; i < document->nterms; i++)
		sum += vector[terms[i]];
	return sum;
}

/* Add a multiple of a document to a vector. */
static void
document_add(const TextModel *model, const Document *document, double times, double *vector)
{
	const uint32_t *terms = model->corpus.terms + document->term;

	vector[model->vocabulary.n] += times;
	for (uint32_t i = 0; i < document->nterms; i++)
		vector[terms[i]] += times;
}

/* ln(1 + exp(x)), for any x. */
static double
softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* What is to be minimised, at some weights. */
static double
objective(const Problem *problem, const double *weights)
{
	const Corpus *corpus = &problem->model->corpus;
	double sum = dot(weights, weights, problem->size - 1) / 2;

	for (size_t d = 0; d < corpus->n; d++)
	{
		const Document *document = &corpus->documents[d];
		double margin;

		if (problem->left_out != NULL && problem->left_out[d])
			continue;
		margin = document_dot(problem->model, document, weights);
		sum += document->times * softplus(document->label == problem->label ? -margin : margin);
	}
	return sum;
}

/* The gradient at some weights, and the slopes for products with the second derivative there. */
static void
derive(Problem *problem, const double *weights)
{
	const Corpus *corpus = &problem->model->corpus;

	memcpy(problem->gradient, weights, (problem->size - 1) * sizeof(double));
	problem->gradient[problem->size - 1] = 0;
	for (size_t d = 0; d < corpus->n; d++)
	{
		const Document *document = &corpus->documents[d];
		double p;

		if (problem->left_out != NULL && problem->left_out[d])
			continue;
		p = 1 / (1 + exp(-document_dot(problem->model, document, weights)));
		problem->slopes[d] = document->times * p * (1 - p);
		document_add(problem->model, document,
					 document->times * (p - (document->label == problem->label)),
					 problem->gradient);
	}
}

/* The second derivative times a vector. */
static void
multiply(Problem *problem, const double *vector, double *product)
{
	const Corpus *corpus = &problem->model->corpus;

	memcpy(product, vector, (problem->size - 1) * sizeof(double));
	product[problem->size - 1] = 0;
	for (size_t d = 0; d < corpus->n; d++)
	{
		const Document *document = &corpus->documents[d];

		if (problem->left_out != NULL && problem->left_out[d])
			continue;
		document_add(problem->model, document,
					 problem->slopes[d] * document_dot(problem->model, document, vector), product);
	}
}

/* The Newton step, by conjugate gradients. */
static void
find_step(Problem *problem)
{
	size_t n = problem->size;
	double rest = dot(problem->gradient, problem->gradient, n);
	double enough = CONJUGATE_REST * CONJUGATE_REST * rest;

	for (size_t i = 0; i < n; i++)
	{
		problem->step[i] = 0;
		problem->residue[i] = problem->direction[i] = -problem->gradient[i];
	}
	for (int k = 0; k < MOST_GRADIENTS && rest > enough; k++)
	{
		double along;
		double before = rest;

		problem->model->memory->pause();
		multiply(problem, problem->direction, problem->product);
		along = rest / dot(problem->direction, problem->product, n);
		if (!isfinite(along))
			return;
		for (size_t i = 0; i < n; i++)
		{
			problem->step[i] += along * problem->direction[i];
			problem->residue[i] -= along * problem->product[i];
		}
		rest = dot(problem->residue, problem->residue, n);
		for (size_t i = 0; i < n; i++)
			problem->direction[i] = problem->residue[i] + rest / before * problem->direction[i];
	}
}

/* Go along the step as far as it helps; whether it does. */
static bool
take_step(Problem *problem, double *weights, double *value)
{
	double slope = dot(problem->gradient, problem->step, problem->size);

	for (double length = 1; length > 1e-8; length /= 2)
	{
		double there;

		for (size_t i = 0; i < problem->size; i++)
			problem->trial[i] = weights[i] + length * problem->step[i];
		there = objective(problem, problem->trial);
		if (there <= *value + 1e-4 * length * slope)
		{
			memcpy(weights, problem->trial, problem->size * sizeof(double));
			*value = there;
			return true;
		}
	}
	return false;
}

/* Minimise, from weights that are all zero. */
static void
minimise(Problem *problem, double *weights)
{
	double value;
	double enough = 0;

	memset(weights, 0, problem->size * sizeof(double));
	value = objective(problem, weights);
	for (int k = 0; k < MOST_STEPS; k++)
	{
		double gradient;

		derive(problem, weights);
		gradient = sqrt(dot(problem->gradient, problem->gradient, problem->size));
		if (k == 0)
			enough = GRADIENT_REST * gradient;
		if (gradient <= enough)
			return;
		find_step(problem);
		if (!take_step(problem, weights, &value))
			return;
	}
}

/* A problem with its vectors. */
static Problem
problem_start(const TextModel *model)
{
	const Memory *memory = model->memory;
	size_t n = model->vocabulary.n + 1;

	return (Problem){ .model = model,
					  .size = n,
					  .slopes = memory_zeros(memory, model->corpus.n, sizeof(double)),
					  .gradient = memory_zeros(memory, n, sizeof(double)),
					  .step = memory_zeros(memory, n, sizeof(double)),
					  .residue = memory_zeros(memory, n, sizeof(double)),
					  .direction = memory_zeros(memory, n, sizeof(double)),
					  .product = memory_zeros(memory, n, sizeof(double)),
					  .trial = memory_zeros(memory, n, sizeof(double)) };
}

/* Folds by which the temperature is fitted. */
#define NFOLDS 3

/* Whether a document is in a fold, that of its person; if there is but one person, its own. */
static bool
in_fold(const Corpus *corpus, size_t nth, int fold)
{
	int64_t group = corpus->npeople > 1 ? (int64_t) corpus->documents[nth].group : (int64_t) nth;

	return fold_of(group, NFOLDS, 0) == fold;
}

/* Score the documents of a fold by regressions on the others. */
static void
score_fold(Problem *problem, int fold, bool *left_out, double *weights, Scored *scored)
{
	const TextModel *model = problem->model;
	const Corpus *corpus = &model->corpus;
	size_t first = scored->n;

	for (size_t d = 0; d < corpus->n; d++)
		left_out[d] = in_fold(corpus, d, fold);
	problem->left_out = left_out;
	for (problem->label = 0; problem->label < model->nlabels; problem->label++)
	{
		scored->n = first;
		minimise(problem, weights);
		for (size_t d = 0; d < corpus->n; d++)
		{
			const Document *document = &corpus->documents[d];

			if (!left_out[d])
				continue;
			scored->scores[scored->n * model->nlabels + problem->label] =
				document_dot(model, document, weights);
			scored->truth[scored->n] = document->label;
			scored->times[scored->n++] = document->times;
		}
	}
}

/* Make a logistic model of one that has its documents: weights, and a temperature from folds of people. */
void
logistic_fit(TextModel *model)
{
	Problem problem = problem_start(model);
	size_t nterms = model->vocabulary.n;
	double *weights = memory_zeros(model->memory, problem.size, sizeof(double));
	bool *left_out = memory_zeros(model->memory, model->corpus.n, sizeof(bool));
	Scored scored = scored_start(model, model->corpus.n);

	for (int fold = 1; fold <= NFOLDS; fold++)
		score_fold(&problem, fold, left_out, weights, &scored);
	model->temperature = fit_temperature(RECORD_LOGISTIC, scored.scores, scored.truth, scored.times,
										 scored.n, model->nlabels);
	problem.left_out = NULL;
	for (problem.label = 0; problem.label < model->nlabels; problem.label++)
	{
		minimise(&problem, weights);
		for (size_t t = 0; t < nterms; t++)
			model->weights[t * model->nlabels + problem.label] = weights[t];
		model->prior[problem.label] = weights[nterms];
	}
	model->kind = RECORD_LOGISTIC;
}
