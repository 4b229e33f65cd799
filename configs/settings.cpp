// The one table of all settings: a field's line in settings.h, and its line here. Nothing else has to know of it.

#include <algorithm>
#include <type_traits>
#include <utility>

#include "configs/describe.h"

namespace wane {
namespace {

constexpr Allowed between(double low, double high) { return {.low = low, .high = high}; }
constexpr Allowed at_least(double low) { return {.low = low}; }
constexpr Allowed proportional_or(double low, double high) {
  return {.low = low, .high = high, .zero_word = "proportional"};
}
constexpr Allowed words(std::string_view list) { return {.words = list}; }
constexpr Allowed kAny;

#define AT(field) [](Settings& s) -> Place { return &s.field; }

constexpr Key kKeys[] = {
    {"world.name", AT(world.name), kAny, "", "which world; `wane envs` lists them and the settings of each"},

    {"train.frames", AT(train.frames), at_least(1), "frames", "length of the run"},
    {"train.envs", AT(train.envs), between(1, 1 << 20), "", "B: environments stepped side by side"},
    {"train.steps", AT(train.steps), between(1, 1 << 16), "steps", "T: length of a block, acted and then learned from"},
    {"train.seed", AT(train.seed), at_least(0), "", "every random number of the run follows from it"},
    {"train.threads", AT(train.threads), between(0, 4096), "", "threads; 0: one per core"},
    {"train.device", AT(train.device), words("cpu | cuda"), "", "where the network runs"},
    {"train.stop.success", AT(train.stop_success), between(0, 1), "",
     "end early once an evaluation's greedy success reaches this; 0: never"},
    {"train.stop.live_slots", AT(train.stop_live_slots), at_least(0), "slots",
     "and its live slots per environment and layer are no more than this; 0: success alone decides"},

    {"eval.every", AT(eval.every), at_least(1), "frames", "between evaluations with frozen weights"},
    {"eval.episodes", AT(eval.episodes), between(1, 1 << 24), "episodes", "fresh ones, at full difficulty"},

    {"log.every", AT(log.every), at_least(1), "frames", "between rows of progress.csv"},
    {"log.checkpoint_every", AT(log.checkpoint_every), at_least(1), "frames", "between writes of checkpoints/latest"},
    {"log.keep_every", AT(log.keep_every), at_least(0), "frames", "between checkpoints kept for good; 0: none"},

    {"curriculum.start", AT(curriculum.start), between(0, 1), "", "first difficulty; 1: no curriculum"},
    {"curriculum.factor", AT(curriculum.factor), between(1, 1000), "", "a raise multiplies the difficulty by this"},
    {"curriculum.add", AT(curriculum.add), between(0, 1), "", "and then adds this"},
    {"curriculum.episodes", AT(curriculum.episodes), between(1, 1 << 24), "episodes", "averaged before a raise"},
    {"curriculum.success", AT(curriculum.success), between(0, 1), "", "their success that earns a raise"},
    {"curriculum.slip", AT(curriculum.slip), between(0, 1), "",
     "episodes with an action less likely than this times the likeliest count for neither this nor the gate; 0: none"},

    {"network.body", AT(network.body), words("transformer | mlp"), "",
     "what the memory belongs to; mlp: memory.layers fully connected layers instead, with memory.kind none"},
    {"network.previous", AT(network.previous), words("none | action | action_reward"), "",
     "what of the last step is shown beside the observation"},
    {"network.embedding_gain", AT(network.embedding_gain), between(0.001, 1000), "",
     "of the initial embeddings of codes and previous actions; an observation's sum has variance gain x gain / 3 at "
     "most"},
    {"network.zero_code", AT(network.zero_code), kAny, "",
     "code 0 of every cell is 0 initially: for worlds in which it mostly means that nothing is there"},

    {"memory.kind", AT(memory.kind),
     words("expire_span | transformer_xl | adaptive_span | compressive | none | gru | lstm"), "",
     "what forgets: slots by their learned span, at age max_span, by their heads' learned spans, by blending into one; "
     "at once; a recurrent state by overwriting"},
    {"memory.layers", AT(memory.layers), between(1, 64), "", "N: transformer layers, each with a memory of its own"},
    {"memory.heads", AT(memory.heads), between(1, 64), "", "H: attention heads; a divisor of the width"},
    {"memory.width", AT(memory.width), between(1, 8192), "", "D: hidden size"},
    {"memory.feed_forward", AT(memory.feed_forward), between(1, 64), "",
     "hidden units of the feed-forward layer, as a multiple of the width"},
    {"memory.max_span", AT(memory.max_span), between(1, 1 << 30), "steps", "L: the longest span that a slot can have"},
    {"memory.position_window", AT(memory.position_window), between(0, 4096), "steps",
     "P: ages 0..P-1 have a learned position, older ones none"},
    {"memory.null_slot", AT(memory.null_slot), kAny, "", "attention may go to nothing, so that it need not pay a slot"},
    {"memory.age_slope", AT(memory.age_slope), kAny, "", "each head learns how much less it looks at older slots"},
    {"memory.slope_from", AT(memory.slope_from), between(1, 1 << 30), "steps",
     "age_slope: by ln(age / this); younger slots are all looked at alike, and told apart by their positions"},
    {"memory.steepest_slope", AT(memory.steepest_slope), between(0, 100), "",
     "age_slope: heads start at 0 .. this, evenly spread"},
    {"memory.mimetic", AT(memory.mimetic), between(0, 1), "",
     "correlation of the initial query weights with the key weights: at 1, what is alike is looked at from the first "
     "step on (mimetic initialisation); 0: independent"},
    {"memory.compute", AT(memory.compute), words("auto | fused | attention | device | reference"), "",
     "kernels of ours: whole layers (fused; auto on a CPU), attention alone, attention and in trainings the "
     "book-keeping of slots (device; auto on a GPU), none; fused and device are the same where only one of "
     "them can be"},
    {"memory.storage", AT(memory.storage), words("float32 | bfloat16"), "",
     "how slots are kept: bfloat16 takes half the bytes, and rounds what is remembered to 8 bits"},
    {"memory.slots", AT(memory.slots), between(0, 1 << 30), "slots",
     "the most that a layer keeps for one environment, own step included; 0: any number"},
    {"memory.evict", AT(memory.evict), words("oldest | random | heavy_hitter | soonest"), "",
     "who goes where memory.slots are full: the oldest; any; the one of the older half that was attended to least "
     "(H2O); "
     "the one that would expire first"},
    {"memory.sinks", AT(memory.sinks), between(0, 1 << 20), "slots",
     "the first ones of an episode stay until it ends, whatever the kind says (StreamingLLM)"},
    {"memory.residual", AT(memory.residual), words("sum | gru"), "",
     "how a layer's output joins its input: gru has GTrXL's gates, without our whole-layer kernels"},

    {"expire_span.form", AT(expire_span.form), words("log | sigmoid"), "",
     "span from the hidden state: exp of a linear form, or max_span times its sigmoid (the paper's)"},
    {"expire_span.first_span", AT(expire_span.first_span), between(0.1, 1e9), "steps",
     "span of every new slot at first, form log"},
    {"expire_span.first_share", AT(expire_span.first_share), between(1e-6, 0.999), "",
     "the same as a share of max_span, form sigmoid"},
    {"expire_span.divide_by_ramp", AT(expire_span.divide_by_ramp), kAny, "",
     "form sigmoid for very large max_span: divide the linear form by the ramp"},
    {"expire_span.ramp", AT(expire_span.ramp), proportional_or(1, 1e9), "steps",
     "a slot fades over this many steps after its span; proportional: span/4 + 2"},
    {"expire_span.keep_at_top", AT(expire_span.keep_at_top), kAny, "",
     "a slot born with a span at the top stays until the episode ends"},
    {"expire_span.top", AT(expire_span.top), between(0.01, 1), "",
     "where the top begins, as a share of max_span: between the spans of what is needed to the end and of all else"},
    {"expire_span.span_dropout", AT(expire_span.span_dropout), kAny, "",
     "each update hides the slots older than a random age"},
    {"expire_span.learn", AT(expire_span.learn), words("usage | gradient | both"), "",
     "spans follow the ages at which attention still needs a slot, or the policy's gradient (the paper's), or both"},
    {"expire_span.alpha", AT(expire_span.alpha), between(0, 1), "",
     "learn gradient, both: weight of the loss on spans"},
    {"expire_span.cost", AT(expire_span.cost), between(0, 1000), "",
     "learn usage, both: price per slot of ln(span / least_span)"},
    {"expire_span.least_span", AT(expire_span.least_span), between(0.1, 1e9), "steps",
     "learn usage, both: a shorter span costs nothing"},
    {"expire_span.margin", AT(expire_span.margin), between(1, 100), "",
     "a span must exceed the age at which the slot was needed by this factor"},
    {"expire_span.even_share", AT(expire_span.even_share), between(0, 1000), "",
     "attention under even_share / slots is no need"},
    {"expire_span.least_share", AT(expire_span.least_share), between(0, 1), "",
     "nor is attention under this, however many slots there are"},
    {"expire_span.reach_cost", AT(expire_span.reach_cost), between(0, 1000), "",
     "price of attention, times ln((1 + age) / 2), for each layer above, gate or not: the top layer alone looks far "
     "back, where that will do, and those under it let go; the last step is free"},
    {"expire_span.witnesses", AT(expire_span.witnesses), between(0, 0.9), "",
     "share of the environments, in training, in which nothing is forgotten before first_span steps: there what is "
     "needed is seen to be, however much the others have forgotten; they are judged by no one"},
    {"expire_span.restore", AT(expire_span.restore), between(0, 1000), "",
     "weight of the pull back to first_span while success is under restore_at"},
    {"expire_span.gate", AT(expire_span.gate), kAny, "", "spans stay as born until the agent succeeds"},
    {"expire_span.open_at", AT(expire_span.open_at), between(0, 1), "",
     "success of the last long episodes that opens the gate and lets the price be charged"},
    {"expire_span.open_from", AT(expire_span.open_from), between(0, 1), "",
     "difficulty from which on it can; 1: at the curriculum's end. Less: forget early, grow on what is left"},
    {"expire_span.restore_at", AT(expire_span.restore_at), between(0, 1), "", "success under which restore acts"},

    {"adaptive_span.first_span", AT(adaptive_span.first_span), between(0, 1e9), "steps", "span of every head at first"},
    {"adaptive_span.ramp", AT(adaptive_span.ramp), proportional_or(1, 1e9), "steps",
     "a head's attention fades over this many steps after its span; proportional: span/4 + 2"},
    {"adaptive_span.cost", AT(adaptive_span.cost), between(0, 1000), "", "price of a step of span, mean over heads"},

    {"compressive.rate", AT(compressive.rate), between(2, 1024), "slots",
     "c: slots older than memory.max_span become one, c at a time, their mean"},
    {"compressive.slots", AT(compressive.slots), between(0, 1 << 30), "slots",
     "the most of such means; the oldest goes"},

    {"a2c.gamma", AT(a2c.gamma), between(0, 1), "", "discount of a reward per step that it lies ahead"},
    {"a2c.gae_lambda", AT(a2c.gae_lambda), between(0, 1), "", "0: one-step advantages; 1: full returns"},
    {"a2c.value_cost", AT(a2c.value_cost), between(0, 1000), "", "weight of the value loss"},
    {"a2c.entropy", AT(a2c.entropy), between(0, 100), "", "weight of the policy's entropy at first"},
    {"a2c.entropy_end", AT(a2c.entropy_end), between(0, 100), "", "and in the end"},
    {"a2c.entropy_frames", AT(a2c.entropy_frames), at_least(1), "frames", "from the one to the other"},
    {"a2c.log_barrier", AT(a2c.log_barrier), between(0, 100), "",
     "weight at first of the mean of ln pi(a) over all actions, which brings back those that have all but died out, as "
     "the entropy cannot; 0: none. A chance of this / A / (what the mistake costs) stays. Falls with the rates"},
    {"a2c.clip", AT(a2c.clip), between(0, 1e9), "", "greatest norm of the gradient; 0: no clipping"},
    {"a2c.epochs", AT(a2c.epochs), between(1, 100), "",
     "passes over each block; more than one: PPO, with the clipped ratio in the policy's loss"},
    {"a2c.ratio_clip", AT(a2c.ratio_clip), between(0, 10), "",
     "PPO: an action's probability gains nothing more once it has changed by this share"},

    {"optimiser.kind", AT(optimiser.kind), words("adam | rmsprop"), "", "how gradients become steps"},
    {"optimiser.learning_rate", AT(optimiser.learning_rate), between(0, 10), "", "of all but the span parameters"},
    {"optimiser.span_learning_rate", AT(optimiser.span_learning_rate), between(0, 10), "", "of the span parameters"},
    {"optimiser.span_clip", AT(optimiser.span_clip), between(0, 1e9), "",
     "greatest norm of the span parameters' gradient; 0: no clipping"},
    {"optimiser.end_share", AT(optimiser.end_share), between(0, 1), "", "both rates fall to this share of themselves"},
    {"optimiser.fall_frames", AT(optimiser.fall_frames), at_least(1), "frames", "over this long"},
    {"optimiser.fall_from", AT(optimiser.fall_from), words("start | full | gate"), "",
     "from the first frame, from the first at full difficulty, or from the opening of expire_span's gate"},
    {"optimiser.epsilon", AT(optimiser.epsilon), between(1e-16, 1), "", "keeps the division by small gradients tame"},
    {"optimiser.decay", AT(optimiser.decay), between(0, 0.999999), "", "rmsprop: memory of the squared gradient"},
};
#undef AT

/// Initialises a field of any type, so that the compiler can be asked how many of them a struct takes.
struct Anything {
  template <class T>
  operator T() const;
};

template <class T, class... Fields>
consteval std::size_t field_count() {
  if constexpr (requires { T{Fields{}..., Anything{}}; }) return field_count<T, Fields..., Anything>();
  return sizeof...(Fields);
}

/// As many lines with this prefix as the struct has fields.
template <class Section>
consteval bool described(std::string_view prefix) {
  const auto lines = std::ranges::count_if(kKeys, [&](const Key& key) { return key.name.starts_with(prefix); });
  return std::size_t(lines) == field_count<Section>();
}

static_assert(field_count<Settings>() == 12, "a new section: add its line below");
static_assert(field_count<WorldSettings>() == 2, "world: `name` is in the table, `values` is what the world declares");
static_assert(described<TrainSettings>("train."), "a field of TrainSettings lacks its line in kKeys");
static_assert(described<EvalSettings>("eval."), "a field of EvalSettings lacks its line in kKeys");
static_assert(described<LogSettings>("log."), "a field of LogSettings lacks its line in kKeys");
static_assert(described<CurriculumSettings>("curriculum."), "a field of CurriculumSettings lacks its line in kKeys");
static_assert(described<NetworkSettings>("network."), "a field of NetworkSettings lacks its line in kKeys");
static_assert(described<MemorySettings>("memory."), "a field of MemorySettings lacks its line in kKeys");
static_assert(described<ExpireSpanSettings>("expire_span."), "a field of ExpireSpanSettings lacks its line in kKeys");
static_assert(described<AdaptiveSpanSettings>("adaptive_span."),
              "a field of AdaptiveSpanSettings lacks its line in kKeys");
static_assert(described<CompressiveSettings>("compressive."), "a field of CompressiveSettings lacks its line in kKeys");
static_assert(described<A2cSettings>("a2c."), "a field of A2cSettings lacks its line in kKeys");
static_assert(described<OptimiserSettings>("optimiser."), "a field of OptimiserSettings lacks its line in kKeys");

}  // namespace

std::span<const Key> known_keys() { return kKeys; }

const Key* find_key(std::string_view name) {
  const Key* found = std::ranges::find(kKeys, name, &Key::name);
  return found == std::end(kKeys) ? nullptr : found;
}

}  // namespace wane
