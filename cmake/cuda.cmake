# CUDA's language, where nvcc is; all else is built the same without it.
#
#   out: WANE_CUDA is ON where files may be CUDA's; -DWANE_NVCC=OFF builds without
set(WANE_CUDA OFF)
find_program(WANE_NVCC nvcc PATHS /usr/local/cuda/bin DOC "CUDA's compiler; none: no kernels are built")
if(WANE_NVCC)
  set(CMAKE_CUDA_COMPILER ${WANE_NVCC})
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)  # A100; H100 and H200, whose PTX what comes after them compiles when it starts
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90)
  endif()
  enable_language(CUDA)
endif()
if(WANE_NVCC AND CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12)
  message(STATUS "${WANE_NVCC} is version ${CMAKE_CUDA_COMPILER_VERSION}; C++20 takes 12: no kernels are built")
elseif(WANE_NVCC)
  set(WANE_CUDA ON)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)  # Debian's CMake 3.25 does not know that this nvcc has it
  # Functions that are constexpr can be run by a GPU. The warning is of names that only the host's half of a file uses.
  set(CMAKE_CUDA_FLAGS "${CMAKE_CUDA_FLAGS} --expt-relaxed-constexpr -Werror=all-warnings -Xcudafe --diag_suppress=177 -Xcompiler=-fPIC")
endif()
message(STATUS "CUDA: ${WANE_CUDA}")
