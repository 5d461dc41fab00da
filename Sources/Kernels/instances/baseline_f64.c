// The double kernels for the baseline.
#define ISA_BASELINE 1
#define ELEMENT_BYTES 8
#define INSTANCE ebb_kernels_baseline_f64
#include "../instance.h"
