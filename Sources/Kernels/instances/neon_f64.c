// The double kernels for NEON.
#if defined(__aarch64__)
#define ISA_NEON 1
#define ELEMENT_BYTES 8
#define INSTANCE ebb_kernels_neon_f64
#include "../instance.h"
#endif
