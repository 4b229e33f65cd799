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

Interval bootstrap_iqm(std::span<const double> values) {
  constexpr std::size_t kResamples = 2000, kTail = kResamples / 40;  // 2.5 % on each side
  const double estimate = interquartile_mean(values);
  if (values.size() < 2) return {estimate, estimate, estimate};
  std::vector<double> means, sample(values.size());
  for (std::size_t r = 0; r < kResamples; ++r) {
    for (std::size_t i = 0; i < sample.size(); ++i)
      sample[i] = values[std::size_t(uniform01(Purpose::bootstrap, 0, r, i) * double(values.size()))];
    means.push_back(interquartile_mean(sample));
  }
  std::sort(means.begin(), means.end());
  return {estimate, means[kTail], means[kResamples - 1 - kTail]};
}

Interval wilson(double share, double n) {
  constexpr double z = 1.959964;  // of 95 %
  const double d = 1 + z * z / n, middle = (share + z * z / (2 * n)) / d;
  const double half = z / d * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return {share, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace wane
