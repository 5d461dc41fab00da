// The double kernels for AVX2 and FMA.
#if defined(__x86_64__)
#define ISA_AVX2 1
#define ELEMENT_BYTES 8
#define INSTANCE ebb_kernels_avx2_f64
#include "../instance.h"
#endif
