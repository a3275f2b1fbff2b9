/*
 * The normal and Student's distribution as plain C: what detectors and run
 * lengths ask of them.  Tails keep their relative accuracy far out.
 */
#ifndef COACHIATRY_DISTRIBUTION_H
#define COACHIATRY_DISTRIBUTION_H

extern double normal_density(double x);
extern double normal_tail(double x);
extern double normal_tail_quantile(double tail);
extern double student_tail(double t, double degrees);
extern double student_to_normal(double t, double degrees);

#endif
