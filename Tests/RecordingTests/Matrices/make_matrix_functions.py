"""Values and derivatives of functions of matrices, complex products and Fourier transforms, from JAX and NumPy in
Float64: prints MatrixFunctionVectors.swift.

For each function f, with fixed weights W: L = sum(W * f(A)), its gradient G, and the gradient of sum(V * G).
"""
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import jax.scipy.linalg
import numpy as np

random = np.random.default_rng(5)
print("""// Made by make_matrix_functions.py.

/// What JAX computes for L = Σ W ⊙ f(A) and its derivatives.
struct MatrixFunctionVector {
  var shape: [Int]
  var a: [Double]
  var w: [Double]
  var v: [Double]
  var value: [Double]
  var gradient: [Double]
  /// The gradient of Σ V ⊙ G, where G is the gradient.
  var second: [Double]
}

let matrixFunctionVectors: [String: MatrixFunctionVector] = [""")


def text(x):
    return "[" + ", ".join(repr(float(value)) for value in np.asarray(x).ravel()) + "]"


def signed(a):
    q, r = jnp.linalg.qr(a)
    signs = jnp.where(jnp.diag(r) < 0, -1.0, 1.0)
    return q * signs, r * signs[:, None]


right = jnp.array([0.5, -1.0, 2.0])
functions = {
    "inverse": ((3, 3), 1.0, jnp.linalg.inv),
    "solve": ((3, 3), 1.0, lambda a: jnp.linalg.solve(a, right)),
    "exponential": ((3, 3), 0.7, jax.scipy.linalg.expm),
    "exponential, small": ((3, 3), 0.003, jax.scipy.linalg.expm),
    "exponential, large": ((3, 3), 4.0, jax.scipy.linalg.expm),
    "q": ((3, 3), 1.0, lambda a: signed(a)[0]),
    "r": ((3, 3), 1.0, lambda a: signed(a)[1]),
    "tall q": ((4, 2), 1.0, lambda a: signed(a)[0]),
    "tall r": ((4, 2), 1.0, lambda a: signed(a)[1]),
    "cumulative product": ((5,), 1.0, jnp.cumprod),
}
for name, (shape, scale, f) in functions.items():
    a = scale * random.standard_normal(shape)
    if name == "cumulative product":
        a[2] = 0
    value = f(a)
    w, v = random.standard_normal(value.shape), random.standard_normal(shape)
    gradient = jax.grad(lambda a: jnp.sum(w * f(a)))
    second = jax.grad(lambda a: jnp.sum(v * gradient(a)))
    print(f'  "{name}": MatrixFunctionVector(')
    print(f"    shape: {list(shape)}, a: {text(a)},")
    print(f"    w: {text(w)}, v: {text(v)},")
    print(f"    value: {text(value)},")
    print(f"    gradient: {text(gradient(a))},")
    print(f"    second: {text(second(a))}),")
print("]")
