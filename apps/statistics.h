#pragma once
// What is said of several numbers: seeds of a comparison, rounds of a measurement.
//
//   Interval success = bootstrap_iqm({1, 0.99, 0.97, …});   // .estimate .low .high

#include <span>
#include <vector>

namespace wane {

struct Interval {
  double estimate, low, high;
};

/// The middle value, or the mean of the two in the middle; 0 of none.
double median(std::vector<double> values);

/// Interquartile mean: the mean without the floor(n/4) least and as many greatest (Agarwal et al. 2021). NaN of none.
double interquartile_mean(std::span<const double> values);

/// The same with its percentile bootstrap interval of 95 % over the values, from 2000 resamples; always the same ones.
Interval bootstrap_iqm(std::span<const double> values);

/// The interquartile mean of `values` less that of `others`, with its bootstrap interval: both are resampled, each by
/// itself. Where either has fewer than two, low = high = estimate.
Interval bootstrap_difference(std::span<const double> values, std::span<const double> others);

/// Wilson's score interval of 95 % for a share of `n` trials.
Interval wilson(double share, double n);

}  // namespace wane
