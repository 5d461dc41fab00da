#include "ebb_kernels.h"
