// Acting: one query of each environment through all layers, straight on the tables.

#include <c10/util/SmallVector.h>

#include "configs/error.h"
#include "memory/fused_layer.h"
#include "memory/fused_transformer.h"
#include "memory/pool.h"

namespace wane::fused {
namespace {

constexpr int kPast = 128;  // past rows projected at a time

/// Environments that one thread takes through all layers together.
std::int64_t lanes_of_a_piece(std::int64_t lanes) { return lanes >= 256 ? 64 : 16; }

template <class Real>
Real* at(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<Real>() : nullptr;
}

/// What a piece works in; one per thread, used again and again.
template <class Real>
struct Workspace {
  Matrix<Real> h, projected;
  Tape<Real> tape;
  std::vector<std::int32_t> row, age;  // of the slots that one query sees
  std::vector<Real> mask, paid;

  void make_room(std::size_t slots) {
    if (row.size() >= slots) return;
    row.resize(2 * slots);
    age.resize(2 * slots);
    mask.resize(2 * slots);
    paid.resize(2 * slots);
  }
};

/// A call's constants: every layer's weights and table, whose numbers are Stored.
template <class Real, class Stored>
struct Call {
  struct Place {
    Place(const LayerParts& parts, SlotTable& t)
        : layer(parts), lifetime(layer.rule.lifetime()), table(t), hidden(at<Stored>(t.hidden)), key(at<Stored>(t.key)),
          value(at<Stored>(t.value)), span(at<Real>(t.span)) {}
    Layer<Real> layer;
    Lifetime lifetime;
    SlotTable& table;
    Stored *hidden, *key, *value;
    Real* span;
  };

  Call(const Network& network, MemoryState& s, const torch::Tensor& x, std::span<const std::int32_t> all,
       bool remembers, torch::Tensor& to)
      : state(s), lanes(all), remember(remembers), width(int(x.size(1))), in(x.const_data_ptr<Real>()),
        out(to.data_ptr<Real>()), norm_weight(network.norm_weight.const_data_ptr<Real>()),
        norm_bias(network.norm_bias.const_data_ptr<Real>()) {
    for (std::size_t l = 0; l < network.layers.size(); ++l) layers.emplace_back(network.layers[l], state.layers[l]);
  }

  MemoryState& state;
  std::span<const std::int32_t> lanes;
  bool remember;
  int width;
  const Real* in;
  Real* out;
  const Real *norm_weight, *norm_bias;
  c10::SmallVector<Place, 8> layers;

  /// Lanes begin..end-1 of the call.
  void piece(int begin, int end) const {
    thread_local Workspace<Real> w;
    const int n = end - begin, D = width;
    w.h = Eigen::Map<const Matrix<Real>>(in + std::int64_t(begin) * D, n, D);
    w.tape.centred.resize(n, D);
    w.tape.n.resize(n, D);
    w.tape.scale.resize(n);
    w.tape.attended.resize(n, D);
    for (const Place& place : layers) {
      const Layer<Real>& layer = place.layer;
      normalise(w.h.data(), n, D, layer.at[kNormWeight], layer.at[kNormBias], w.tape.centred.data(), w.tape.n.data(),
                w.tape.scale.data());
      w.projected.noalias() = w.tape.n * Eigen::Map<const Matrix<Real>>(layer.at[kProject], 3 * D, D).transpose();
      if (layer.spans()) log_spans(layer, w.tape.n, w.tape.log_span, w.tape.slope);
      for (int i = 0; i < n; ++i) attend(place, w, i, lanes[begin + i]);
      finish(layer, w.h, w.tape);
    }
    normalise(w.h.data(), n, D, norm_weight, norm_bias, w.tape.centred.data(), out + std::int64_t(begin) * D,
              w.tape.scale.data());
  }

 private:
  /// Lane `lane`, row i of the workspace: its slot is born, and its query looks at all that lives.
  void attend(const Place& place, Workspace<Real>& w, int i, std::int32_t lane) const {
    SlotTable& table = place.table;
    const std::int32_t own = present_row(table, state, lane, state.filled);
    const std::int64_t to = std::int64_t(own) * width;
    const Real* const projected = w.projected.row(i).data();
    std::copy_n(w.h.row(i).data(), width, place.hidden + to);
    std::copy_n(projected + width, width, place.key + to);
    std::copy_n(projected + 2 * width, width, place.value + to);
    if (place.span) place.span[own] = std::exp(w.tape.log_span(i));
    give_birth(table, state, lane, own, place.lifetime, place.span ? double(place.span[own]) : 0);

    std::vector<std::int32_t>& live = table.live[lane];
    w.make_room(live.size() + 1);
    int n = 0;
    std::int32_t fading = 0;
    const std::int32_t goes = victim(table, state, lane);
    const auto see = [&](std::int32_t row) {
      const auto age = static_cast<std::int32_t>(state.now - table.birth[row]);
      const bool alive = age < table.death[row] && row != goes, fades = !table.stays[row];
      w.row[n] = row;
      w.age[n] = age;
      if (place.span) w.mask[n] = fades ? place.layer.rule.ramp.mask(place.span[row], Real(age)) : 1;
      fading += alive && fades && age >= table.fade[row];
      n += alive;
    };
    for (const std::int32_t row : live) see(row);
    see(own);
    const bool pays = remember && !table.paid.empty();
    step_forward<Real, Stored>({place.layer.heads, projected, place.key, place.value, n, w.row.data(), w.age.data(),
                                place.span ? w.mask.data() : nullptr, pays ? w.paid.data() : nullptr},
                               w.tape.attended.row(i).data());
    if (!remember) return;
    for (int s = 0; pays && s < n; ++s) table.paid[w.row[s]] += static_cast<float>(w.paid[s]);
    if (goes != kNobody) evict(table, goes, state.now);
    table.seen[lane] = n;
    table.fading[lane] = fading;
    table.expired[lane] = static_cast<std::int32_t>(live.size()) + 1 - n;
    live.assign(w.row.begin(), w.row.begin() + n);
    std::copy_n(projected, width, at<Real>(table.query) + std::int64_t(lane) * width);
  }
};

template <class Real, class Stored>
void look_in(const Network& network, MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes,
             bool remember, torch::Tensor& out) {
  const Call<Real, Stored> call(network, state, x, lanes, remember, out);
  const auto n = static_cast<std::int64_t>(lanes.size()), piece = lanes_of_a_piece(n);
  over_ranges(n, piece, [&](std::int64_t begin, std::int64_t end) { call.piece(int(begin), int(end)); });
  if (!remember) return;
  for (SlotTable& table : state.layers) count_step(table, state, lanes);
}

/// Calls body(first, n rows) on pieces of the table's past.
template <class Body>
void over_past(const SlotTable& table, const Body& body) {
  over_ranges(table.past(), kPast, [&](std::int64_t begin, std::int64_t end) { body(begin, int(end - begin)); });
}

template <class Real, class Stored>
void normalise_past(const Layer<Real>& layer, const SlotTable& table, std::int64_t first, int n, Workspace<Real>& w) {
  const int D = layer.width();
  const Stored* const from = at<Stored>(table.hidden) + first * D;
  w.h.resize(n, D);
  std::copy_n(from, n * D, w.h.data());
  w.tape.centred.resize(n, D);
  w.tape.n.resize(n, D);
  w.tape.scale.resize(n);
  normalise(w.h.data(), n, D, layer.at[kNormWeight], layer.at[kNormBias], w.tape.centred.data(), w.tape.n.data(),
            w.tape.scale.data());
}

template <class Real, class Stored>
void project_past_in(const LayerParts& parts, SlotTable& table) {
  const Layer<Real> layer(parts);
  const int D = layer.width();
  over_past(table, [&](std::int64_t first, int n) {
    thread_local Workspace<Real> w;
    normalise_past<Real, Stored>(layer, table, first, n, w);
    const Eigen::Map<const Matrix<Real>> project(layer.at[kProject], 3 * D, D);
    w.projected.noalias() = w.tape.n * project.bottomRows(2 * D).transpose();
    for (int i = 0; i < n; ++i) {
      std::copy_n(w.projected.row(i).data(), D, at<Stored>(table.key) + (first + i) * D);
      std::copy_n(w.projected.row(i).data() + D, D, at<Stored>(table.value) + (first + i) * D);
    }
  });
}

template <class Real, class Stored>
torch::Tensor past_spans_in(const LayerParts& parts, const SlotTable& table) {
  const Layer<Real> layer(parts);
  const torch::Tensor spans = torch::empty({table.past()}, table.span.options());
  over_past(table, [&](std::int64_t first, int n) {
    thread_local Workspace<Real> w;
    normalise_past<Real, Stored>(layer, table, first, n, w);
    log_spans(layer, w.tape.n, w.tape.log_span, w.tape.slope);
    Eigen::Map<Vector1<Real>>(spans.data_ptr<Real>() + first, n) = w.tape.log_span.array().exp();
  });
  return spans;
}

/// Calls body(Real(), Stored()) for the precision of weights and that of a table.
template <class Body>
auto in_precision(torch::ScalarType weights, torch::ScalarType stored, const Body& body) {
  if (weights == torch::kFloat64) return body(double(), double());
  return stored == torch::kBFloat16 ? body(float(), c10::BFloat16()) : body(float(), float());
}

}  // namespace

void look(const Network& network, MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes,
          bool remember, torch::Tensor& out) {
  const auto weights = network.norm_weight.scalar_type();
  check(x.is_contiguous() && out.is_contiguous() && x.scalar_type() == weights,
        "x and out are contiguous, and of the weights' precision");
  in_precision(weights, state.layers.front().hidden.scalar_type(), [&](auto real, auto stored) {
    look_in<decltype(real), decltype(stored)>(network, state, x, lanes, remember, out);
  });
}

void project_past(const LayerParts& layer, SlotTable& table) {
  in_precision(layer.tensors[kProject].scalar_type(), table.hidden.scalar_type(),
               [&](auto real, auto stored) { project_past_in<decltype(real), decltype(stored)>(layer, table); });
}

torch::Tensor past_spans(const LayerParts& layer, const SlotTable& table) {
  return in_precision(layer.tensors[kProject].scalar_type(), table.hidden.scalar_type(), [&](auto real, auto stored) {
    return past_spans_in<decltype(real), decltype(stored)>(layer, table);
  });
}

}  // namespace wane::fused
