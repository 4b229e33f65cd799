// Writes the run that tensorboard_reads_us.py reads: rows at 100..500 frames, then, resumed from 300, rows at 400..600.
//   write_example_run FOLDER start|resume

#include <cstdio>
#include <string_view>

#include "apps/run_log.h"

int main(int count, char** words) {
  if (count != 3) return std::fputs("usage: write_example_run FOLDER start|resume\n", stderr), 2;
  const bool resume = std::string_view(words[2]) == "resume";
  wane::RunLog log(words[1], {"rollout/success_rate", "eval/success_rate"}, resume ? 300 : -1);
  for (std::int64_t frames = resume ? 400 : 100; frames <= (resume ? 600 : 500); frames += 100) {
    const auto x = static_cast<double>(frames);
    std::vector<std::pair<std::string, double>> values{{"rollout/success_rate", resume ? -x : x / 1024}};
    if (frames % 200 == 0) values.emplace_back("eval/success_rate", x);
    log.row(frames, values);
  }
}
