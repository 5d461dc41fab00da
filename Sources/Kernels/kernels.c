// Which instruction sets are there, the table of kernels of each, and what a thread does with subnormal numbers.
#include "ebb_kernels.h"

extern const ebb_kernels ebb_kernels_baseline_f32, ebb_kernels_baseline_f64;
#if defined(__x86_64__)
extern const ebb_kernels ebb_kernels_avx2_f32, ebb_kernels_avx2_f64;
extern const ebb_kernels ebb_kernels_avx512_f32, ebb_kernels_avx512_f64;
#elif defined(__aarch64__)
extern const ebb_kernels ebb_kernels_neon_f32, ebb_kernels_neon_f64;
#endif

int ebb_isa_available(ebb_isa isa) {
  switch (isa) {
    case EBB_BASELINE:
      return 1;
#if defined(__x86_64__)
    case EBB_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case EBB_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
    case EBB_NEON:
      return 0;
#elif defined(__aarch64__)
    case EBB_NEON:
      return 1;
    case EBB_AVX2:
    case EBB_AVX512:
      return 0;
#else
    case EBB_AVX2:
    case EBB_AVX512:
    case EBB_NEON:
      return 0;
#endif
  }
  return 0;
}

ebb_isa ebb_isa_best(void) {
  static const ebb_isa fastest_first[] = {EBB_AVX512, EBB_AVX2, EBB_NEON};
  for (unsigned i = 0; i < sizeof fastest_first / sizeof *fastest_first; i++)
    if (ebb_isa_available(fastest_first[i])) return fastest_first[i];
  return EBB_BASELINE;
}

const char *ebb_isa_name(ebb_isa isa) {
  switch (isa) {
    case EBB_BASELINE:
      return "baseline";
    case EBB_AVX2:
      return "avx2";
    case EBB_AVX512:
      return "avx512";
    case EBB_NEON:
      return "neon";
  }
  return "unknown";
}

const char *ebb_op_name(ebb_op operation) {
  static const char *const names[EBB_OP_COUNT] = {
#define EACH(name, value) [EBB_##name] = #name,
#include "operations.h"
  };
  return names[operation];
}

const ebb_kernels *ebb_kernels_for(ebb_isa isa, int bytes) {
  if ((bytes != 4 && bytes != 8) || !ebb_isa_available(isa)) return NULL;
  switch (isa) {
    case EBB_BASELINE:
      return bytes == 4 ? &ebb_kernels_baseline_f32 : &ebb_kernels_baseline_f64;
#if defined(__x86_64__)
    case EBB_AVX2:
      return bytes == 4 ? &ebb_kernels_avx2_f32 : &ebb_kernels_avx2_f64;
    case EBB_AVX512:
      return bytes == 4 ? &ebb_kernels_avx512_f32 : &ebb_kernels_avx512_f64;
    case EBB_NEON:
      return NULL;
#elif defined(__aarch64__)
    case EBB_NEON:
      return bytes == 4 ? &ebb_kernels_neon_f32 : &ebb_kernels_neon_f64;
    case EBB_AVX2:
    case EBB_AVX512:
      return NULL;
#else
    case EBB_AVX2:
    case EBB_AVX512:
    case EBB_NEON:
      return NULL;
#endif
  }
  return NULL;
}

#if defined(__x86_64__)
// MXCSR: bit 15 sets results to 0 (FTZ), bit 6 operands (DAZ).
uint64_t ebb_underflow_abruptly(void) {
  const unsigned before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | 0x8040);
  return before;
}
void ebb_restore_underflow(uint64_t before) { __builtin_ia32_ldmxcsr((unsigned)before); }
#elif defined(__aarch64__)
// FPCR: bit 24 sets both to 0 (FZ).
static void set_fpcr(uint64_t value) { __asm__ volatile("msr fpcr, %0" : : "r"(value) : "memory"); }
uint64_t ebb_underflow_abruptly(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  set_fpcr(before | 1 << 24);
  return before;
}
void ebb_restore_underflow(uint64_t before) { set_fpcr(before); }
#else
uint64_t ebb_underflow_abruptly(void) { return 0; }
void ebb_restore_underflow(uint64_t before) { (void)before; }
#endif
