// In place of the kernels (device_*.cu), where there was no nvcc when wane was built.

#include "configs/error.h"
#include "memory/device_books.h"

namespace wane::device {
namespace {

[[noreturn]] void refuse() { throw Error("this wane was built without CUDA: no nvcc was found"); }

}  // namespace

bool usable(bool) { return false; }

template <class Real>
void forward(const Block<Real>&, const Weighed<Real>&, void*) {
  refuse();
}

template <class Real>
void need(const Block<Real>&, const Weighed<Real>&, const Needed<Real>&, void*) {
  refuse();
}

template <class Real>
void backward(const Block<Real>&, const Weighed<Real>&, const Real*, const Real*, const Real*, const Gradients<Real>&,
              void*) {
  refuse();
}

template <class Real>
void look(const Books&, const std::int64_t*, int, int, const Real*, const Lifetime&, const Witnesses&, bool,
          const Sight&, void*) {
  refuse();
}

void forget(const Books&, const std::int64_t*, int, void*) { refuse(); }
void survive(const Books&, int, const Witnesses&, std::int32_t*, void*) { refuse(); }
void keep(const Books&, int, const Books&, std::int64_t*, void*) { refuse(); }

template <class Real>
void relive(const Books&, const Real*, const Lifetime&, const Witnesses&, void*) {
  refuse();
}

void record(const Books&, int, Candidate*, std::uint8_t*, const Sight&, void*) { refuse(); }

template void forward(const Block<float>&, const Weighed<float>&, void*);
template void need(const Block<float>&, const Weighed<float>&, const Needed<float>&, void*);
template void backward(const Block<float>&, const Weighed<float>&, const float*, const float*, const float*,
                       const Gradients<float>&, void*);
template void look(const Books&, const std::int64_t*, int, int, const float*, const Lifetime&, const Witnesses&, bool,
                   const Sight&, void*);
template void relive(const Books&, const float*, const Lifetime&, const Witnesses&, void*);
template void forward(const Block<double>&, const Weighed<double>&, void*);
template void need(const Block<double>&, const Weighed<double>&, const Needed<double>&, void*);
template void backward(const Block<double>&, const Weighed<double>&, const double*, const double*, const double*,
                       const Gradients<double>&, void*);
template void look(const Books&, const std::int64_t*, int, int, const double*, const Lifetime&, const Witnesses&, bool,
                   const Sight&, void*);
template void relive(const Books&, const double*, const Lifetime&, const Witnesses&, void*);

}  // namespace wane::device
