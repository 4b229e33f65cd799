// One query of an environment, without gradients.

#include <Eigen/Core>

#include <algorithm>
#include <vector>

#include "memory/fused_call.h"

namespace wane::fused {

template <class Real>
void step_forward(const Call<Real>& call, int b, Real* out) {
  const int first = call.who.offset[b], n = call.slots(b), H = call.heads, d = call.size;
  const Real* q = call.query + std::int64_t(b) * call.width;
  const Real scale = 1 / std::sqrt(Real(d));
  thread_local Eigen::Array<Real, Eigen::Dynamic, 1> logits;
  thread_local std::vector<Real> top;
  logits.resize(n * H);
  top.assign(H, std::numeric_limits<Real>::lowest());
  for (int h = 0; call.null_logit && h < H; ++h) top[h] = call.null_logit[h];
  for (int c = 0; c < n; ++c) {
    const Real* k = call.key + std::int64_t(call.who.row[first + c]) * call.width;
    const std::int32_t age = call.who.age(b, first + c);
    const bool seen = call.who.visible(b, first + c);
    for (int h = 0; h < H; ++h) {
      Real sum = 0;
      const Real* p = call.position + (std::int64_t(h) * call.window + age) * d;
      if (seen && age < call.window) {
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; ++j) sum += q[h * d + j] * (k[h * d + j] + p[j]);
      } else if (seen) {
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; ++j) sum += q[h * d + j] * k[h * d + j];
      }
      sum *= scale;
      if (call.slope && seen) sum -= call.slope[h] * std::log1p(Real(age));
      logits[c * H + h] = seen ? sum : Real(-1e30);
      if (seen) top[h] = std::max(top[h], sum);
    }
  }
  for (int c = 0; c < n; ++c) {
    for (int h = 0; h < H; ++h) logits[c * H + h] -= top[h];
  }
  logits = logits.exp();
  thread_local std::vector<Real> total;
  total.assign(H, 0);
  for (int h = 0; call.null_logit && h < H; ++h) total[h] = std::exp(call.null_logit[h] - top[h]);
  Real* y = out + std::int64_t(b) * call.width;
  std::fill(y, y + call.width, Real(0));
  for (int c = 0; c < n; ++c) {
    if (!call.who.visible(b, first + c)) continue;
    const std::int64_t row = call.who.row[first + c];
    const bool fades = call.span && !call.who.stays[first + c];
    const Real mask = fades ? call.ramp.mask(call.span[row], Real(call.who.age(b, first + c))) : 1;
    const Real* v = call.value + row * call.width;
    for (int h = 0; h < H; ++h) {
      const Real weight = mask * logits[c * H + h];
      total[h] += weight;
#pragma omp simd
      for (int j = 0; j < d; ++j) y[h * d + j] += weight * v[h * d + j];
    }
  }
  for (int h = 0; h < H; ++h) {
    for (int j = 0; j < d; ++j) y[h * d + j] /= total[h];
  }
}

template void step_forward(const Call<float>&, int, float*);
template void step_forward(const Call<double>&, int, double*);

}  // namespace wane::fused
