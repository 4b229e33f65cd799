#include "attention_cases.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "draws.h"

namespace wane {
namespace {

/// `count` different numbers of lo..hi-1, ascending.
std::vector<int> distinct(Draws& draws, int count, int lo, int hi) {
  std::vector<int> all;
  for (int i = lo; i < hi; ++i) all.push_back(i);
  while (static_cast<int>(all.size()) > count)
    all.erase(all.begin() + draws.whole(0, static_cast<int>(all.size()) - 1));
  return all;
}

std::vector<std::int32_t> shuffled_rows(Draws& draws, int rows) {
  std::vector<std::int32_t> order(rows);
  for (int i = 0; i < rows; ++i) order[i] = i;
  for (int i = rows - 1; i > 0; --i) std::swap(order[i], order[draws.whole(0, i)]);
  return order;
}

/// Past slots of the first episode, then one slot per query; all ages and episodes of a block mixed.
Candidates random_candidates(Draws& draws, const CaseOptions& options, const std::vector<std::int32_t>& rows,
                             int envs) {
  const int now = 50 + options.past, oldest = 18 + options.past;
  Candidates who;
  who.envs = envs;
  who.queries = options.queries;
  who.offset = {0};
  if (options.dropout) who.greatest_age = draws.whole(0, 6);
  const auto add = [&](std::int64_t birth, std::int32_t episode) {
    who.row.push_back(rows[who.row.size()]);
    who.birth.push_back(birth);
    who.episode.push_back(episode);
    who.stays.push_back(options.spans && draws.chance(0.1));
  };
  for (int b = 0; b < envs; ++b) {
    const int past = b == 0 ? 0 : draws.whole(1, options.past);
    for (int birth : distinct(draws, past, now - oldest, now)) add(birth, 0);
    int episode = draws.whole(0, 1);
    for (int t = 0; t < options.queries; ++t) {
      episode += draws.chance(0.2);
      add(now + t, episode);
      who.query_step.push_back(now + t);
      who.query_episode.push_back(episode);
    }
    who.offset.push_back(static_cast<std::int32_t>(who.row.size()));
  }
  return who;
}

}  // namespace

AttentionCase random_case(std::uint64_t seed, const CaseOptions& options) {
  Draws draws(seed);
  const int envs = draws.whole(2, 4);
  int heads = draws.whole(1, 3), size = std::vector{1, 3, 5, 8}[draws.whole(0, 3)];
  if (options.heads) heads = options.heads;
  if (options.size) size = options.size;
  const int window = std::vector{1, 4, 64}[draws.whole(0, 2)], width = heads * size;
  const int rows = envs * (options.past + options.queries) + 2;
  AttentionCase made;
  made.who = random_candidates(draws, options, shuffled_rows(draws, rows), envs);
  AttentionInput& in = made.in;
  in.query = draws.tensor({envs, options.queries, width}, -2, 2);
  in.key = draws.tensor({rows, width}, -2, 2);
  in.value = draws.tensor({rows, width});
  in.position = draws.tensor({heads, window, size});
  if (options.spans) in.span = draws.tensor({rows}, 0.3, 8 + options.past);
  if (options.spans && options.need) in.log_span = torch::log(in.span) + draws.tensor({rows}, -0.5, 0.5);
  if (options.null_slot) in.null_logit = draws.tensor({heads});
  if (options.slope) in.slope = draws.tensor({heads}, 0, 2);
  if (heads > 1 && options.slope) in.slope[0] = 0;
  in.slope_from = std::vector{1, 3, 8}[seed % 3];
  if (options.head_spans) in.head_span = draws.tensor({heads}, 0.3, 20);
  in.ramp.steps = options.ramp;
  in.need = {1.3, 0.4, options.least_share, options.reach};
  for (std::size_t i = 0; i < made.who.row.size(); ++i) {
    const double span = options.spans ? in.span[made.who.row[i]].item<double>() : 0;
    const int lives = options.spans ? in.ramp.death_age(span) : draws.whole(1, 8 + options.past);
    made.who.death_age.push_back(made.who.stays[i] ? kNever : lives);
  }
  for (const auto& [name, tensor] : tensors_of(in)) tensor->requires_grad_();
  return made;
}

std::vector<std::pair<std::string, torch::Tensor*>> tensors_of(AttentionInput& in) {
  std::vector<std::pair<std::string, torch::Tensor*>> all = {
      {"query", &in.query},        {"key", &in.key},           {"value", &in.value},           {"span", &in.span},
      {"log_span", &in.log_span},  {"position", &in.position}, {"null_logit", &in.null_logit}, {"slope", &in.slope},
      {"head_span", &in.head_span}};
  std::erase_if(all, [](const auto& one) { return !one.second->defined(); });
  return all;
}

AttentionResult run_attention(Attend attend, const AttentionCase& from, torch::ScalarType precision, bool of_spans,
                              torch::Device device) {
  AttentionCase made = from;
  AttentionResult result;
  std::vector<torch::Tensor> inputs;
  for (const auto& [name, tensor] : tensors_of(made.in)) {
    *tensor = tensor->detach().to(device, precision).clone();
    if (name == "span" && !of_spans) continue;
    inputs.push_back(tensor->requires_grad_());
    result.names.push_back(name);
  }
  result.output = attend(made.in, made.who);
  const torch::Tensor target = Draws(5).tensor(result.output.out.sizes()).to(device, precision);
  torch::Tensor loss = (result.output.out * target).sum();
  if (made.in.log_span.defined()) loss = loss + 0.7 * result.output.need;
  if (made.in.span.defined()) loss = loss + 0.3 * result.output.charge;
  if (made.in.need.reach) loss = loss + 0.9 * result.output.reach;
  result.gradients = torch::autograd::grad({loss}, inputs, {}, std::nullopt, false, true);
  return result;
}

std::vector<CaseOptions> option_grid() {
  std::vector<CaseOptions> grid;
  const auto add = [&](int queries, auto change) {
    grid.emplace_back().queries = queries;
    change(grid.back());
  };
  for (int queries : {1, 2, 7}) {
    for (double ramp : {3.0, 0.0}) {
      add(queries, [&](auto& o) { o.ramp = ramp; });
      add(queries, [&](auto& o) { o.ramp = ramp, o.null_slot = false; });
      add(queries, [&](auto& o) { o.ramp = ramp, o.slope = false; });
      add(queries, [&](auto& o) { o.ramp = ramp, o.need = o.null_slot = o.slope = false; });
      add(queries, [&](auto& o) { o.ramp = ramp, o.dropout = true; });
    }
    add(queries, [](auto& o) { o.spans = false; });
    add(queries, [](auto& o) { o.least_share = 0.2; });
    add(queries, [](auto& o) { o.reach = true; });
    add(queries, [](auto& o) { o.reach = o.head_spans = true, o.spans = o.slope = o.null_slot = false; });
    add(queries, [](auto& o) { o.spans = false, o.head_spans = true; });
    add(queries, [](auto& o) { o.spans = o.null_slot = false, o.head_spans = true, o.ramp = 0; });
    add(queries, [](auto& o) { o.spans = o.null_slot = o.slope = false, o.dropout = true; });
  }
  return grid;
}

AttentionOutput naive_attention(const AttentionInput& in, const Candidates& who) {
  const auto number = [](const torch::Tensor& t, auto... at) { return t.index({at...}).template item<double>(); };
  const int heads = in.position.size(0), window = in.position.size(1), size = in.position.size(2);
  AttentionOutput result;
  result.out = torch::zeros({who.envs, who.queries, heads * size}, torch::kFloat64);
  double need = 0, charge = 0, reach = 0;
  for (int b = 0; b < who.envs; ++b) {
    for (int t = 0; t < who.queries; ++t) {
      const int q = b * who.queries + t;
      std::vector<int> seen;
      std::vector<double> ages, masks, greatest;
      for (int c = who.offset[b]; c < who.offset[b + 1]; ++c) {
        const double age = who.query_step[q] - who.birth[c];
        if (age < 0 || age >= who.death_age[c] || age > who.greatest_age || who.episode[c] != who.query_episode[q])
          continue;
        const double e = in.span.defined() ? number(in.span, who.row[c]) : 0;
        const double ramp = in.ramp.steps > 0 ? in.ramp.steps : e / 4 + 2;
        const bool solid = !in.span.defined() || who.stays[c];
        seen.push_back(c);
        ages.push_back(age);
        masks.push_back(solid ? 1 : std::min(1.0, std::max(0.0, 1 + (e - age) / ramp)));
        if (masks.back() > 0 && masks.back() < 1) charge += e / ramp;
      }
      greatest.assign(seen.size(), 0);
      for (int h = 0; h < heads; ++h) {
        double total = in.null_logit.defined() ? std::exp(number(in.null_logit, h)) : 0;
        std::vector<double> weights;
        for (std::size_t i = 0; i < seen.size(); ++i) {
          double logit = 0;
          for (int j = 0; j < size; ++j) {
            const double p = ages[i] < window ? number(in.position, h, int(ages[i]), j) : 0;
            logit += number(in.query, b, t, h * size + j) * (number(in.key, who.row[seen[i]], h * size + j) + p);
          }
          logit /= std::sqrt(double(size));
          if (in.slope.defined())
            logit -= number(in.slope, h) * std::log(std::max(1.0, (1.0 + ages[i]) / in.slope_from));
          const double z = in.head_span.defined() ? number(in.head_span, h) : 0;
          const double look =
              in.head_span.defined()
                  ? std::clamp(1 + (z - ages[i]) / (in.ramp.steps > 0 ? in.ramp.steps : z / 4 + 2), 0., 1.)
                  : 1;
          weights.push_back(masks[i] * look * std::exp(logit));
          total += weights.back();
        }
        for (std::size_t i = 0; i < seen.size(); ++i) {
          greatest[i] = std::max(greatest[i], weights[i] / total);
          reach += weights[i] / total * std::max(0.0, std::log((1 + ages[i]) / 2));
          const auto columns = torch::indexing::Slice(h * size, (h + 1) * size);
          result.out.index({b, t, columns}) +=
              weights[i] / total * in.value.detach().index({who.row[seen[i]], columns});
        }
      }
      if (!in.log_span.defined()) continue;
      const double slots = std::count_if(masks.begin(), masks.end(), [](double m) { return m > 0; });
      for (std::size_t i = 0; i < seen.size(); ++i) {
        const double even = in.need.even_share / (slots + in.null_logit.defined());
        const double above = std::max(0.0, greatest[i] - std::max(even, in.need.least_share));
        need += above * above *
                std::max(0.0, std::log(in.need.margin * ages[i] + 1) - number(in.log_span, who.row[seen[i]]));
      }
    }
  }
  if (in.log_span.defined()) result.need = torch::full({}, need / (who.envs * who.queries), torch::kFloat64);
  if (in.need.reach) result.reach = torch::full({}, reach / (who.envs * who.queries), torch::kFloat64);
  if (in.span.defined()) result.charge = torch::full({}, charge / (who.envs * who.queries), torch::kFloat64);
  return result;
}

}  // namespace wane
