// The double kernels for AVX-512.
#if defined(__x86_64__)
#define ISA_AVX512 1
#define ELEMENT_BYTES 8
#define INSTANCE ebb_kernels_avx512_f64
#include "../instance.h"
#endif
