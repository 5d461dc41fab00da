"""Writes Tests/Vectors/jax-gradients.json: declared gradients, and gradients inside a recurrence, in Float64.

python make_gradients.py
"""
import json
import os

os.environ["JAX_ENABLE_X64"] = "1"
import jax
import jax.numpy as jnp
import numpy as np

random = np.random.default_rng(7)
steps, batch, features = 5, 2, 2


def rounded(*shape):
    return np.round(random.normal(size=shape), 3)


# Spikes whose gradient is a surrogate: u' = 0.9 u (1 − s) + x·W, s' = u' > 1. Of each surrogate its antiderivative. (Inside a
# scan the second derivatives of custom_vjp and custom_jvp are others than in the same loop unrolled; these are not.)
surrogates = {
    "straightThrough": lambda x: x,
    "fastSigmoid": lambda x: x / (1 + 5 * jnp.abs(x)),
    "arctangent": lambda x: jnp.arctan(jnp.pi * x) / jnp.pi,
}


def spike(surrogate):
    def f(x):
        smooth = surrogate(x)
        return jax.lax.stop_gradient(jnp.where(x > 0, 1.0, 0.0)) + (smooth - jax.lax.stop_gradient(smooth))

    return f


def spikes(f, w, x, read):
    def step(state, x):
        u, s = state
        u = 0.9 * u * (1 - s) + x @ w
        s = f(u - 1)
        return (u, s), s

    zeros = jnp.zeros((batch, features))
    _, s = jax.lax.scan(step, (zeros, zeros), x)
    return jnp.sum(read * s * s)


w, x, read = rounded(features, features) + 0.5, rounded(steps, batch, features) + 0.6, rounded(steps, batch, features)
spiking = {"w": w, "x": x, "read": read, "cases": []}
for name, surrogate in surrogates.items():
    f = spike(surrogate)
    gradient = jax.grad(spikes, argnums=(1, 2))
    dw, dx = gradient(f, w, x, read)
    second = jax.grad(lambda w: jnp.sum(gradient(f, w, x, read)[0] ** 2))(w)
    spiking["cases"].append({"name": name, "loss": spikes(f, w, x, read), "dw": dw, "dx": dx, "second": second})


# Test-time training: at each step the memory M descends the loss ½‖tanh(k M) − v‖² of its own sample.
def inner(m, k, v):
    return 0.5 * jnp.sum((jnp.tanh(k @ m) - v) ** 2)


def memory(parameters, x, read):
    def step(m, x):
        k, v = x @ parameters["key"], x @ parameters["value"]
        m = m - 0.3 * jax.grad(inner)(m, k, v)
        return m, k @ m

    run = lambda x: jax.lax.scan(step, jnp.zeros((features, features)), x)[1]
    return jnp.sum(read * jax.vmap(run, 1, 1)(x))


parameters = {"key": rounded(features, features), "value": rounded(features, features)}
gradient = jax.grad(memory)
# The derivative of the gradient's norm: a third derivative of the inner loss.
second = jax.grad(lambda p: jnp.sum(gradient(p, x, read)["key"] ** 2))(parameters)
learning = {
    "parameters": parameters,
    "loss": memory(parameters, x, read),
    "gradients": gradient(parameters, x, read),
    "second": second,
}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if isinstance(value, str) else np.asarray(value).reshape(-1).tolist()


path = os.path.join(os.path.dirname(__file__), "..", "..", "Vectors", "jax-gradients.json")
with open(path, "w") as file:
    json.dump(plain({"spikes": spiking, "memory": learning}), file, indent=1)
    file.write("\n")
