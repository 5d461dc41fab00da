// The float kernels for AVX-512.
#if defined(__x86_64__)
#define ISA_AVX512 1
#define ELEMENT_BYTES 4
#define INSTANCE ebb_kernels_avx512_f32
#include "../instance.h"
#endif
