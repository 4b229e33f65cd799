#include "memory/device_forward.cu"
