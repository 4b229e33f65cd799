#pragma once
// The runs of a comparison: each is this very program, in processes of its own, as many at a time as `--jobs` says.
// What is done already is not done again; what was broken off goes on.
//
//   std::vector<ComparedRun> runs = …;
//   std::vector<nlohmann::json> results = finish(runs, command);   // trains, evaluates, one result.json per run

#include "apps/commands.h"
#include "apps/compare_report.h"

namespace wane {

/// All runs' results, in their order, those that are there already included. Throws Error where a folder holds another
/// experiment, and where a run fails; what is done by then is kept.
std::vector<nlohmann::json> finish(const std::vector<ComparedRun>& runs, const CompareCommand& command);

}  // namespace wane
