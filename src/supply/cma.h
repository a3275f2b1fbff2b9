/*
 * Adherence from dispensings, in plain C: continuous medication availability
 * (CMA1 to CMA9), the days that were covered, episodes of treatment, and the
 * proportion of days covered.  Dispensings are packed; see dispensings.h.
 */
#ifndef COACHIATRY_CMA_H
#define COACHIATRY_CMA_H

#include "supply/dispensings.h"

/* The measures that there are. */
#define CMA_FIRST 1
#define CMA_LAST 9

/* A window, end - start days long, 1 or more; a dispensing on its end still belongs to it. */
typedef struct SupplyWindow
{
	int32_t start;
	int32_t end;
} SupplyWindow;

/* What becomes of stock when the next dispensing comes. */
typedef struct StockRule
{
	bool same_medication; /* only a dispensing of the same medication takes it over */
	bool dosage;		  /* it is an amount: at twice the dose it lasts half as long */
} StockRule;

/* What a measure is asked for; the observation window lies in the follow-up window. */
typedef struct CmaQuestion
{
	SupplyWindow observation;
	SupplyWindow followup;
	StockRule rule;
} CmaQuestion;

/* Walks over dispensings and the stock between them. */
typedef struct StockScan
{
	const Dispensing *next;
	const Dispensing *until;
	double end; /* where the interval of the last one ends */
	StockRule rule;
	double stock; /* left for the next one, in days */

	/* The present one */
	const Dispensing *item;
	double interval_end; /* day of the next one, or end */
	double carried;		 /* stock that it found */
	double gap;			 /* days without supply, at the end of its interval */
} StockScan;

/* When an episode of treatment ends. */
typedef struct EpisodeRule
{
	StockRule stock;
	double max_gap; /* days, or percent of the duration before the gap */
	bool gap_is_percent;
	bool on_medication_change; /* another medication starts another episode */
} EpisodeRule;

/* An episode of treatment. */
typedef struct Episode
{
	int32_t start;
	double duration;
	double gap; /* that follows its last dispensing */
} Episode;

/* Walks over episodes. */
typedef struct EpisodeScan
{
	StockScan stock;
	EpisodeRule rule;
} EpisodeScan;

/* Days [from, until) that are in no denominator; sorted and apart from each other. */
typedef struct ExcusedDays
{
	int64_t from;
	int64_t until;
} ExcusedDays;

/* Supply of one medication while the proportion of days covered is counted. */
typedef struct CoveredSpan
{
	uint32_t medication;
	double from;
	double until;
} CoveredSpan;

/* What the proportion of days covered is asked for. */
typedef struct PdcQuestion
{
	SupplyWindow observation; /* here the end day does not belong to it */
	const ExcusedDays *excused;
	size_t nexcused;
} PdcQuestion;

/* A length of time, without the noise of its last bits if it is a whole or half number of days. */
static inline double
without_noise(double days)
{
	double halves = rint(2 * days) / 2;

	return fabs(days - halves) < 1e-9 ? halves : days;
}

/* cma.c */
extern size_t dispensings_before(const Dispensings *supply, double day);
extern bool windows_fit(const CmaQuestion *question);
extern bool cma(const Dispensings *supply, int measure, const CmaQuestion *question, double *value);
extern bool cover_days(const Dispensings *supply, const CmaQuestion *question,
					   CalendarBuffer *days);
extern int64_t sliding_windows(SupplyWindow observation, int32_t width, int32_t step);
extern void episode_scan_init(EpisodeScan *scan, const Dispensings *supply, SupplyWindow followup,
							  const EpisodeRule *rule);
extern bool episode_next(EpisodeScan *scan, Episode *episode);

/* pdc.c */
extern size_t pdc_spans(const Dispensings *supply, SupplyWindow observation);
extern bool pdc(const Dispensings *supply, const PdcQuestion *question, CoveredSpan *spans,
				double *value);

#endif
