#pragma once
// A rule of retention says how long a slot lives. It is all in which the attention memories differ; one `.cpp` each:
// expire_span, transformer_xl, adaptive_span, compressive, none.
//
//   auto rule = make_retention(settings);
//   Tensor u = rule->log_spans(n);        // undefined where the rule knows no spans
//   rule->lifetime().death_age(std::exp(u[i]));
//
// Shapes: R rows (slots), D hidden size.

#include <torch/nn/module.h>
#include <torch/types.h>

#include <memory>
#include <span>

#include "configs/settings.h"
#include "memory/lifetime.h"

namespace wane {

/// Slots that become one rather than die (compressive). Between blocks: those of age `window` and more, `rate` at a
/// time, their hidden states' mean; at most `slots` of such means are kept.
struct Pooling {
  int window = 0, rate = 0, slots = 0;  // rate 0: none do
};

/// Whom spans learn from (`expire_span.learn`): the need that attention shows, the policy's loss.
struct SpanTeachers {
  bool need = true, policy = false;
  static SpanTeachers of(const ExpireSpanSettings& settings) {
    return {settings.learn != "gradient", settings.learn != "usage"};
  }
};

class Retention : public torch::nn::Module {
 public:
  /// ln of the span in steps, one per slot, from n (R, D), the very tensor that keys and values are computed from
  /// -> (R), differentiable in n and in the rule's parameters. Undefined: this rule has no spans, and masks nothing.
  virtual torch::Tensor log_spans(const torch::Tensor& n) const;

  /// The same before its upper bound, a linear form of n: what the price acts on, and the pull back up. At the bound
  /// the gradient of ln of the span is all but 0, and a slot that got there could never come down.
  virtual torch::Tensor unbounded_log_spans(const torch::Tensor& n) const;

  /// Both by hand, for the fused kernels: z = parameters()[0] . n + parameters()[1] (R) becomes ln of the span, and
  /// `slope` (R) its derivative by z. Only rules with spans.
  virtual void shape_spans(std::span<float> z, std::span<float> slope) const;
  virtual void shape_spans(std::span<double> z, std::span<double> slope) const;
  double unbounded_offset = 0, unbounded_scale = 1;  // offset + scale z

  /// Of slots, with the weights of now.
  virtual Lifetime lifetime() const = 0;

  /// Spans that belong to heads (adaptive_span): (H) in steps, differentiable. Undefined: there are none. The same by
  /// hand: `longest` times parameters()[0], clamped to 0..1.
  virtual torch::Tensor head_spans() const;
  double longest = 0;

  virtual Pooling pooling() const;

  /// How a slot, or a head's look, fades. Only rules with spans fade.
  Ramp ramp;
};

/// The rule that `memory.kind` names. Throws Error for a name that is none.
std::shared_ptr<Retention> make_retention(const Settings& settings);

// The rules, each in the file of its name.
std::shared_ptr<Retention> make_expire_span(const Settings& settings);
std::shared_ptr<Retention> make_transformer_xl(const Settings& settings);
std::shared_ptr<Retention> make_adaptive_span(const Settings& settings);
std::shared_ptr<Retention> make_compressive(const Settings& settings);
std::shared_ptr<Retention> make_none();

}  // namespace wane
