// The float kernels for NEON.
#if defined(__aarch64__)
#define ISA_NEON 1
#define ELEMENT_BYTES 4
#define INSTANCE ebb_kernels_neon_f32
#include "../instance.h"
#endif
