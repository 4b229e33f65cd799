#include "apps/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "envs/rng.h"

namespace wane {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double interquartile_mean(std::span<const double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t cut = sorted.size() / 4;
  double sum = 0;
  for (std::size_t i = cut; i < sorted.size() - cut; ++i) sum += sorted[i];
  return sum / double(sorted.size() - 2 * cut);
}

namespace {

/// (2000) interquartile means of resamples of the values. `stream` tells apart what is resampled independently.
std::vector<double> resampled_means(std::span<const double> values, std::uint64_t stream) {
  std::vector<double> means(2000), sample(values.size());
  for (std::size_t r = 0; r < means.size(); ++r) {
    for (std::size_t i = 0; i < sample.size(); ++i)
      sample[i] = values[std::size_t(uniform01(Purpose::bootstrap, stream, r, i) * double(values.size()))];
    means[r] = interquartile_mean(sample);
  }
  return means;
}

Interval percentiles(double estimate, std::vector<double> resampled) {
  std::sort(resampled.begin(), resampled.end());
  const std::size_t tail = resampled.size() / 40;  // 2.5 % on each side
  return {estimate, resampled[tail], resampled[resampled.size() - 1 - tail]};
}

}  // namespace

Interval bootstrap_iqm(std::span<const double> values) {
  const double estimate = interquartile_mean(values);
  if (values.size() < 2) return {estimate, estimate, estimate};
  return percentiles(estimate, resampled_means(values, 0));
}

Interval bootstrap_difference(std::span<const double> values, std::span<const double> others) {
  const double estimate = interquartile_mean(values) - interquartile_mean(others);
  if (values.size() < 2 || others.size() < 2) return {estimate, estimate, estimate};
  std::vector<double> differences = resampled_means(values, 0);
  const std::vector<double> less = resampled_means(others, 1);
  for (std::size_t r = 0; r < differences.size(); ++r) differences[r] -= less[r];
  return percentiles(estimate, std::move(differences));
}

Interval wilson(double share, double n) {
  constexpr double z = 1.959964;  // of 95 %
  const double d = 1 + z * z / n, middle = (share + z * z / (2 * n)) / d;
  const double half = z / d * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return {share, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace wane
