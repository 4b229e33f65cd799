# CUDA's language, where nvcc is; all else is built the same without it.
#
#   out: WANE_CUDA is ON where files may be CUDA's
find_program(WANE_NVCC nvcc PATHS /usr/local/cuda/bin DOC "CUDA's compiler; none: no kernels are built")
if(WANE_NVCC)
  set(WANE_CUDA ON)
  set(CMAKE_CUDA_COMPILER ${WANE_NVCC})
  set(CMAKE_CUDA_ARCHITECTURES 80-real 90)  # A100, H100 and H200; what comes after them compiles 90's PTX when it starts
  enable_language(CUDA)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)  # Debian's CMake 3.25 does not know that this nvcc has it
  # Worlds' functions are constexpr, which lets a GPU run them. Without fused multiply-adds floats are the CPU's. The
  # warning is of names that only the host's half of a file uses.
  set(CMAKE_CUDA_FLAGS "${CMAKE_CUDA_FLAGS} --expt-relaxed-constexpr -fmad=false -Werror=all-warnings -Xcudafe --diag_suppress=177 -Xcompiler=-fPIC")
else()
  set(WANE_CUDA OFF)
endif()
message(STATUS "CUDA: ${WANE_CUDA}")
