// Learning: a block of all environments as one node of LibTorch's autograd.

#include <c10/util/SmallVector.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "configs/error.h"
#include "memory/candidates.h"
#include "memory/fused_layer.h"
#include "memory/fused_transformer.h"
#include "memory/pool.h"

namespace wane::fused {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext, torch::autograd::variable_list;

constexpr int kRows = 128;                         // present rows of a chunk, where one environment does not have more
constexpr std::int64_t kGroups = 16;               // sets of gradients, each summed over chunks in order
constexpr std::int64_t kMostGradients = 16 << 20;  // numbers in all sets together

/// What one unroll keeps for its backward, besides parameters.
template <class Real>
struct ChunkTape {
  c10::SmallVector<Tape<Real>, 4> layers;
  Matrix<Real> centred;  // of the last norm
  Vector1<Real> scale;
};

struct Saved : torch::CustomClassHolder {
  std::vector<LayerParts> layers;
  Tensor norm_weight, norm_bias;
  std::vector<Candidates> who;                    // (N)
  std::vector<std::vector<std::int32_t>> offset;  // (N), of the tables' pasts
  int envs = 0, steps = 0;
  SpanTeachers teachers;
  bool learns_spans = false, has_spans = false;
};
template <class Real>
struct SavedTapes : Saved {
  std::vector<ChunkTape<Real>> tapes;
};

/// x, then the last norm's weight and bias, then every defined part of every layer.
variable_list parameters_of(const Network& network) {
  variable_list all{network.norm_weight, network.norm_bias};
  for (const LayerParts& layer : network.layers) {
    for (const Tensor& part : layer.tensors) {
      if (part.defined()) all.push_back(part);
    }
  }
  return all;
}

/// Chunks of neighbouring environments: their number follows from shapes alone.
struct Chunks {
  Chunks(int envs, int block) : all(envs), steps(block), each(std::max(1, kRows / std::max(1, block))) {}
  std::int64_t count() const { return (all + each - 1) / each; }
  Chunk at(std::int64_t c, std::span<const std::int32_t> offset) const {
    const int first = static_cast<int>(c) * each;
    return {first, std::min(each, all - first), steps, offset};
  }
  int all, steps, each;
};

/// Outputs: features; ln of the newborns' spans before their bound (B, T) of every layer, where the rule has spans;
/// need, then charge, then reach, of every layer.
template <class Real>
variable_list forward_in(AutogradContext* context, const Tensor& x, const Network& network, const MemoryState& state,
                         const UnrollOptions& options) {
  const int B = state.envs, T = state.filled, D = static_cast<int>(x.size(2));
  const std::size_t N = network.layers.size();
  auto saved = c10::make_intrusive<SavedTapes<Real>>();
  saved->layers.assign(network.layers.begin(), network.layers.end());
  saved->norm_weight = network.norm_weight;
  saved->norm_bias = network.norm_bias;
  saved->envs = B;
  saved->steps = T;
  saved->teachers = network.teachers;
  saved->learns_spans = options.learn_spans;
  saved->has_spans = state.layers.front().span.defined();
  std::vector<Layer<Real>> layers;
  variable_list past;
  for (std::size_t l = 0; l < N; ++l) {
    layers.emplace_back(network.layers[l]);
    past.push_back(state.layers[l].hidden.narrow(0, 0, state.layers[l].past()).to(x.scalar_type()));
    saved->who.push_back(block_candidates(state.layers[l], state, options.greatest_age));
    saved->offset.push_back(state.layers[l].offset);
  }
  const bool needs = saved->has_spans && network.teachers.need && options.learn_spans;
  const Chunks chunks(B, T);
  saved->tapes.resize(chunks.count());

  Tensor features = torch::empty_like(x);
  variable_list out{features};
  std::vector<Real*> born;
  for (std::size_t l = 0; saved->has_spans && l < N; ++l) {
    out.push_back(torch::empty({B, T}, x.options()));
    born.push_back(out.back().template data_ptr<Real>());
  }
  std::vector<std::vector<BlockSums>> sums(N, std::vector<BlockSums>(B));
  const Real* const in = x.const_data_ptr<Real>();
  Real* const to = features.data_ptr<Real>();
  over_pieces(chunks.count(), [&](std::int64_t c) {
    thread_local Matrix<Real> h;
    ChunkTape<Real>& tape = saved->tapes[c];
    const std::int64_t first = chunks.at(c, {}).first * std::int64_t(T) * D;
    tape.layers.resize(N);
    h = Eigen::Map<const Matrix<Real>>(in + first, chunks.at(c, {}).present(), D);
    for (std::size_t l = 0; l < N; ++l) {
      const Chunk chunk = chunks.at(c, saved->offset[l]);
      Tape<Real>& layer = tape.layers[l];
      layer_forward(layers[l], chunk, saved->who[l], past[l].template const_data_ptr<Real>(), needs, h, layer,
                    sums[l].data());
      for (int i = 0; saved->has_spans && i < chunk.envs; ++i)
        std::copy_n(layer.unbounded.data() + chunk.start(i) + chunk.past(i), T,
                    born[l] + std::int64_t(chunk.first + i) * T);
    }
    tape.centred.resize(h.rows(), D);
    tape.scale.resize(h.rows());
    normalise(h.data(), int(h.rows()), D, network.norm_weight.const_data_ptr<Real>(),
              network.norm_bias.const_data_ptr<Real>(), tape.centred.data(), to + first, tape.scale.data());
  });
  for (const auto of : {&BlockSums::need, &BlockSums::charge, &BlockSums::reach}) {
    for (const auto& of_layer : sums) {
      double total = 0;
      for (const BlockSums& of_env : of_layer) total += of_env.*of;
      out.push_back(torch::full({}, total / (double(B) * T), x.options()));
    }
  }
  if (!context) return out;
  context->saved_data["saved"] = c10::IValue::make_capsule(c10::intrusive_ptr<Saved>(std::move(saved)));
  context->save_for_backward(parameters_of(network));  // LibTorch notices when they change before backward
  return out;
}

/// d: gradients of the outputs of forward_in. Returns those of x and of the parameters.
template <class Real>
variable_list backward_in(const Saved& base, const variable_list& d) {
  const auto& saved = static_cast<const SavedTapes<Real>&>(base);
  const int T = saved.steps;
  const std::size_t N = saved.layers.size();
  const auto D = static_cast<int>(saved.norm_weight.size(0));
  std::vector<Layer<Real>> layers(saved.layers.begin(), saved.layers.end());
  const Network network{saved.layers, saved.norm_weight, saved.norm_bias, saved.teachers};
  const variable_list parameters = parameters_of(network);
  std::int64_t total = 0;
  for (const Tensor& parameter : parameters) total += parameter.numel();

  std::vector<SpanGradients<Real>> spans;
  variable_list kept;  // contiguous gradients, alive as long as the pointers into them
  const double pairs = double(saved.envs) * T;
  for (std::size_t l = 0; l < N; ++l) {
    const std::size_t need = 1 + (saved.has_spans ? N : 0) + l;
    const auto of_sums = [&](std::size_t i) { return static_cast<Real>(d[need + i * N].item<double>() / pairs); };
    SpanGradients<Real> of_layer{};
    of_layer.learns = saved.learns_spans;
    of_layer.reach = of_sums(2);
    if (saved.has_spans && saved.learns_spans) {
      kept.push_back(d[1 + l].contiguous());
      of_layer = {true, saved.teachers.policy, of_sums(0), of_sums(1), of_sums(2), kept.back().const_data_ptr<Real>()};
    }
    spans.push_back(of_layer);
  }
  kept.push_back(d[0].contiguous());
  const Real* const d_features = kept.back().const_data_ptr<Real>();

  const Chunks chunks(saved.envs, T);
  const std::int64_t groups = std::clamp<std::int64_t>(kMostGradients / total, 1, std::min(kGroups, chunks.count()));
  const Tensor sets = torch::zeros({groups, total}, d[0].options());
  Tensor d_x = torch::empty_like(d[0]);
  Real* const d_in = d_x.data_ptr<Real>();
  over_pieces(groups, [&](std::int64_t g) {
    thread_local Matrix<Real> dh;
    Real* const set = sets.data_ptr<Real>() + g * total;
    Real *const norm_weight = set, *const norm_bias = set + D;
    for (std::int64_t c = g * chunks.count() / groups; c < (g + 1) * chunks.count() / groups; ++c) {
      // Backward reads the tape last: nobody else has it.
      auto& tape = const_cast<ChunkTape<Real>&>(saved.tapes[c]);
      const Chunk present = chunks.at(c, {});
      const std::int64_t first = present.first * std::int64_t(T) * D;
      dh = Eigen::Map<const Matrix<Real>>(d_features + first, present.present(), D);
      normalise_backward(tape.centred, tape.scale, saved.norm_weight.template const_data_ptr<Real>(), dh, norm_weight,
                         norm_bias);
      Real* end_of_layers = set + total;
      for (std::size_t l = N; l-- > 0;) {
        PartGradients<Real> to{};
        for (int p = kParts; p-- > 0;) {
          const Tensor& part = saved.layers[l].tensors[p];
          if (part.defined()) to[p] = end_of_layers -= part.numel();
        }
        layer_backward(layers[l], chunks.at(c, saved.offset[l]), saved.who[l], spans[l], tape.layers[l], dh, to);
      }
      Eigen::Map<Matrix<Real>>(d_in + first, present.present(), D) = dh;
    }
  });
  const Tensor sum = groups == 1 ? sets[0] : sets.sum(0);
  variable_list result{d_x};
  std::int64_t at = 0;
  for (const Tensor& parameter : parameters) {
    result.push_back(sum.narrow(0, at, parameter.numel()).view(parameter.sizes()));
    at += parameter.numel();
  }
  for (std::size_t i = 0; i < parameters.size() && !saved.learns_spans; ++i) {  // none, rather than 0: no step counts
    for (const LayerParts& layer : saved.layers) {
      for (const Part part : {kSpanWeight, kSpanBias, kHeadSpans})
        if (parameters[i].is_same(layer.tensors[part])) result[1 + i] = Tensor();
    }
  }
  return result;
}

class FusedUnroll : public torch::autograd::Function<FusedUnroll> {
 public:
  static variable_list forward(AutogradContext* context, Tensor x, at::TensorList, const Network& network,
                               const MemoryState& state, const UnrollOptions& options) {
    return x.scalar_type() == torch::kFloat64 ? forward_in<double>(context, x, network, state, options)
                                              : forward_in<float>(context, x, network, state, options);
  }

  static variable_list backward(AutogradContext* context, variable_list d) {
    const auto saved = c10::static_intrusive_pointer_cast<Saved>(context->saved_data["saved"].toCapsule());
    context->get_saved_variables();
    variable_list result =
        d[0].scalar_type() == torch::kFloat64 ? backward_in<double>(*saved, d) : backward_in<float>(*saved, d);
    result.resize(result.size() + 3);  // network, state and options have no gradient
    return result;
  }
};

}  // namespace

Unrolled unroll(const Network& network, const MemoryState& state, const Tensor& x, const UnrollOptions& options) {
  const Tensor in = x.contiguous();
  const variable_list parameters = parameters_of(network);
  const variable_list out =
      torch::GradMode::is_enabled() ? FusedUnroll::apply(in, at::TensorList(parameters), network, state, options)
      : in.scalar_type() == torch::kFloat64 ? forward_in<double>(nullptr, in, network, state, options)
                                            : forward_in<float>(nullptr, in, network, state, options);
  Unrolled result{out[0], {}};
  const std::size_t N = network.layers.size(), spans = out.size() == 1 + 4 * N ? N : 0;
  for (std::size_t l = 0; l < N; ++l) {
    LayerLosses losses{{},
                       out[1 + spans + l],
                       out[1 + spans + N + l],
                       network.layers[l].rule->head_spans(),
                       out[1 + spans + 2 * N + l]};
    if (losses.heads.defined() && !options.learn_spans) losses.heads = losses.heads.detach();
    if (spans) losses.born = options.learn_spans ? out[1 + l] : out[1 + l].detach();
    result.layers.push_back(std::move(losses));
  }
  return result;
}

}  // namespace wane::fused
