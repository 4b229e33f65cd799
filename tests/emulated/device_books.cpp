#include "memory/device_books.cu"
