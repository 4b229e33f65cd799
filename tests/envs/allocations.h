#pragma once
// Counts every `operator new` of this program (allocations.cpp replaces it).

namespace wane {
long allocations();  // so far, all threads
}
