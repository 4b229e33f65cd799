#include "agents/feed.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <chrono>

#include "configs/error.h"

namespace wane {

Feed::Feed(const Training& training) : whole_(training.frames == 0) {
  under_way_.difficulty = training.curriculum.difficulty();
}

void Feed::note(const Training& training) {
  const auto begin = std::chrono::steady_clock::now();
  const Rollout& block = training.rollout;
  auto ended = block.finished.begin();
  for (std::size_t t = 0; t < static_cast<std::size_t>(block.steps); ++t) {  // environment 0 is the first row
    under_way_.actions.push_back(static_cast<std::int32_t>(block.actions[t]));
    if (!block.terminated[t] && !block.truncated[t]) continue;
    while (ended->lane != 0) ++ended;
    under_way_.seed = (ended++)->seed;
    under_way_.ended = true;
    if (whole_) last_ = std::move(under_way_);
    under_way_ = {};
    under_way_.difficulty = training.curriculum.difficulty();
    whole_ = true;
  }
  under_way_.seed = training.batch->episode_seed(0);
  if (asked_) hand_over(training);
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void Feed::hand_over(const Training& training) {
  if (!last_ && (!whole_ || under_way_.actions.empty())) return;
  LiveEpisode news = last_ ? std::move(*last_) : under_way_;
  last_.reset();
  news.frames = training.frames;
  const torch::NoGradGuard no_gradients;
  for (const auto& weight : training.agent->parameters())
    news.weights.push_back(weight.detach().to(torch::kCPU, weight.dtype(), false, true));
  asked_ = false;
  const std::lock_guard lock(mutex_);
  handed_ = std::move(news);
}

std::optional<LiveEpisode> Feed::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(handed_, std::nullopt);
}

void load_weights(const LiveEpisode& live, const Agent& agent) {
  const torch::NoGradGuard no_gradients;
  auto weights = agent.parameters();
  check(weights.size() == live.weights.size(), "weights of the same network");
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i].copy_(live.weights[i]);
}

}  // namespace wane
