// All kernels for one instruction set and one element type. A file in instances/ says which
// (ISA_…, ELEMENT_BYTES, INSTANCE: the table's name) and includes this one.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ebb_kernels.h"

#if ISA_AVX512 || ISA_AVX2
#include <immintrin.h>
#endif

#if ISA_AVX512
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#elif ISA_AVX2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#endif

// Products and sums are contracted where this code says so, and nowhere else: debug and release give the same bits.
#pragma STDC FP_CONTRACT OFF

#include "vector.h"
#include "tile.h"
#include "math/vector_math.h"

#include "elementwise.h"
#include "layout.h"
#include "outer.h"
#include "product.h"
#include "program.h"
#include "reduce.h"
#include "contract.h"
#include "lines.h"
#include "random.h"

const ebb_kernels INSTANCE = {
    .product = product,
    .product_reversed = product_reversed,
    .outer = outer,
    .pack = pack,
    .to_panels = to_panels,
    .from_panels = from_panels,
    .row_sum = row_sum,
    .row_mean = row_mean,
    .row_max = row_max,
    .row_norm = row_norm,
    .column_sum = column_sum,
    .column_max = column_max,
    .contract = contract,
    .axis_sum = axis_sum,
    .axis_max = axis_max,
    .rearrange = rearrange,
    .argmax = argmax,
    .accumulate = accumulate,
    .gather_entries = gather_entries,
    .scatter_entries = scatter_entries,
    .argsort = argsort,
    .uniforms = uniforms,
    .normals = normals,
    .program = program,
    .program_burst = program_burst,
};

#if ISA_AVX512 || ISA_AVX2
#pragma clang attribute pop
#endif
