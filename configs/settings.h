#pragma once
// What a run is: plain structs, one per section of the YAML file. Each field's key, range, unit and meaning stand once,
// in `settings.cpp` (a field without its line there does not compile); `reader.h` turns a file and dotted overrides
// into a `Settings`.
//
//   const std::vector<std::string> overrides = {"a2c.gamma=0.95"};
//   Settings s = read_settings("configs/corridor.yaml", overrides);
//   s.a2c.gamma  // 0.95
//
// Counts of frames are environment steps summed over environments. Spans, ages and ramps are in steps of one
// environment.

#include <cstdint>
#include <string>
#include <vector>

namespace wane {

/// One `world.key: value` as written. It is checked against the settings that the world itself declares
/// (`envs/batch.h`), so it keeps where it came from ("configs/x.yaml:4" or "command line").
struct WorldSetting {
  std::string key;
  std::vector<double> values;  // one number, or two for a range
  std::string where;
};

struct WorldSettings {
  std::string name = "corridor";
  std::vector<WorldSetting> values;
};

struct TrainSettings {
  std::int64_t frames = 1'500'000;
  int envs = 32;   // B
  int steps = 32;  // T, the block: acted, then learned from in one pass
  std::uint64_t seed = 1;
  int threads = 1;  // 0 = all cores
  std::string device = "cpu";
  double stop_success = 0;     // 0 = never stop early
  double stop_live_slots = 0;  // mean per layer and environment; 0 = success alone decides
};

struct EvalSettings {
  std::int64_t every = 100'000;  // frames
  int episodes = 256;
};

struct LogSettings {
  std::int64_t every = 20'480;              // frames between rows
  std::int64_t checkpoint_every = 102'400;  // frames
  std::int64_t keep_every = 0;              // frames between checkpoints that are kept for good; 0 = none
};

struct CurriculumSettings {
  double start = 1;  // first difficulty, 0..1; 1 = no curriculum
  double factor = 1.5;
  double add = 0;
  int episodes = 300;
  double success = 0.9;
  double slip = 0;  // an action less likely than this times the likeliest keeps its episode from being judged; 0: none
};

struct NetworkSettings {
  std::string body = "transformer";  // transformer | mlp
  std::string previous = "none";     // none | action | action_reward: what of the last step is part of the observation
  double embedding_gain = 1;         // of the initial embeddings of codes
  bool zero_code = false;            // code 0 of every cell is 0 initially
};

struct MemorySettings {
  std::string kind = "expire_span";  // expire_span | transformer_xl | adaptive_span | compressive | none | gru | lstm
  int layers = 1;                    // N
  int heads = 4;                     // H
  int width = 64;                    // D
  int feed_forward = 4;              // hidden units of the feed-forward layer, as a multiple of the width
  int max_span = 1024;               // L, steps
  int position_window = 33;          // P: learned positions for ages 0..P-1
  bool null_slot = true;
  bool age_slope = false;
  int slope_from = 1;  // steps
  double steepest_slope = 2;
  double mimetic = 0;               // correlation of initial queries with keys
  std::string compute = "auto";     // auto | fused | attention | device | reference
  std::string storage = "float32";  // float32 | bfloat16: of the slots
  int slots = 0;                    // the most of a layer and environment, own step included; 0 = any number
  std::string evict = "oldest";     // oldest | random | heavy_hitter | soonest: who goes where there is no room
  int sinks = 0;                    // first slots of an episode, which stay until it ends
  std::string residual = "sum";     // sum | gru: GTrXL's gates
};

struct AdaptiveSpanSettings {
  double first_span = 300;  // steps, of every head at first
  double ramp = 32;         // steps; 0 = proportional, z/4 + 2
  double cost = 2e-6;       // price of a step of span, mean over heads
};

struct CompressiveSettings {
  int rate = 4;    // slots that become one
  int slots = 64;  // such ones, at most
};

struct ExpireSpanSettings {
  std::string form = "log";  // log | sigmoid
  double first_span = 300;   // steps, of every new slot at first (log form)
  double first_share = 0.1;  // the same as a share of max_span (sigmoid form)
  bool divide_by_ramp = false;
  double ramp = 0;  // steps; 0 = proportional, e/4 + 2
  bool keep_at_top = false;
  double top = 0.9;  // of max_span
  bool span_dropout = false;
  std::string learn = "usage";  // usage | gradient | both
  double alpha = 1e-6;          // learn: gradient or both, the paper's loss weight
  double cost = 0.001;          // learn: usage or both, price of ln(span / least_span) per slot
  double least_span = 2;        // steps
  double margin = 1.3;          // a slot must outlive the age at which it was needed by this factor
  double even_share = 2;        // attention under even_share / slots is no need
  double least_share = 0;       // nor is attention under this, however many slots there are
  double reach_cost = 0;        // price of attention, times ln((1 + age) / 2), for each layer above
  double witnesses = 0;         // share of the environments that forget nothing before first_span steps
  double restore = 0.1;
  bool gate = true;          // spans stay as born until the agent succeeds
  double open_at = 0.96;     // success of the last long episodes
  double open_from = 1;      // difficulty from which on they count
  double restore_at = 0.93;  // under it, spans are pulled back up
};

struct A2cSettings {
  double gamma = 0.99;
  double gae_lambda = 0.95;
  double value_cost = 0.5;
  double entropy = 0.01;
  double entropy_end = 0.001;
  std::int64_t entropy_frames = 1'500'000;
  double log_barrier = 0;  // weight of the mean of ln pi(a) over all actions
  double clip = 0.5;       // greatest norm of the gradient; 0 = no clipping
  int epochs = 1;          // passes over a block; more than one are PPO's
  double ratio_clip = 0.2;
};

struct OptimiserSettings {
  std::string kind = "adam";  // adam | rmsprop
  double learning_rate = 7e-4;
  double span_learning_rate = 1e-3;
  double span_clip = 0.5;   // greatest norm of the span parameters' gradient; 0 = no clipping
  double end_share = 0.02;  // both rates end at this share of themselves
  std::int64_t fall_frames = 1'500'000;
  std::string fall_from = "start";  // start | full | gate
  double epsilon = 1e-5;
  double decay = 0.99;  // rmsprop
};

struct Settings {
  WorldSettings world;
  TrainSettings train;
  EvalSettings eval;
  LogSettings log;
  CurriculumSettings curriculum;
  NetworkSettings network;
  MemorySettings memory;
  ExpireSpanSettings expire_span;
  AdaptiveSpanSettings adaptive_span;
  CompressiveSettings compressive;
  A2cSettings a2c;
  OptimiserSettings optimiser;
};

}  // namespace wane
