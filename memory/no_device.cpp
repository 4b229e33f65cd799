// In place of the kernels (device_*.cu), where there was no nvcc when wane was built.

#include "configs/error.h"
#include "memory/device_block.h"

namespace wane::device {
namespace {

[[noreturn]] void refuse() { throw Error("this wane was built without CUDA: no nvcc was found"); }

}  // namespace

bool usable() { return false; }

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

template void forward(const Block<float>&, const Weighed<float>&, void*);
template void need(const Block<float>&, const Weighed<float>&, const Needed<float>&, void*);
template void backward(const Block<float>&, const Weighed<float>&, const float*, const float*, const float*,
                       const Gradients<float>&, void*);
template void forward(const Block<double>&, const Weighed<double>&, void*);
template void need(const Block<double>&, const Weighed<double>&, const Needed<double>&, void*);
template void backward(const Block<double>&, const Weighed<double>&, const double*, const double*, const double*,
                       const Gradients<double>&, void*);

}  // namespace wane::device
