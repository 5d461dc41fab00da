// The float kernels for the baseline.
#define ISA_BASELINE 1
#define ELEMENT_BYTES 4
#define INSTANCE ebb_kernels_baseline_f32
#include "../instance.h"
