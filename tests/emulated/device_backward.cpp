#include "memory/device_backward.cu"
