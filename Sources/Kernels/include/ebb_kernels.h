// The compute kernels.
