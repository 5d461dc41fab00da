"""Prints what PyTorch, Keras and Optax make of the numbers in these tests, in Float64; Keras' losses are in Float32.

KERAS_BACKEND=torch python make_peers.py
"""
import keras
import numpy as np
import torch

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
torch.set_default_dtype(torch.float64)
start = np.array([0.5, -1.25, 2.0])
gradients = np.array([[0.3, -0.7, 0.05], [-0.2, -0.1, 1.5], [0.0, 0.4, -0.6], [0.9, -0.3, 0.2]])
# The second moment of the first falls after its first step, so that a maximum of it is kept.
falling = np.array([[2.0, -0.7, 0.05], [-0.2, -0.1, 1.5], [0.0, 0.04, -0.6], [0.1, -0.3, 0.2]])


def show(name, values):
    print(name, [float(v) for v in np.asarray(values).reshape(-1)])


def torch_steps(make, gradients=gradients):
    w = torch.nn.Parameter(torch.tensor(start))
    optimizer = make([w])
    for g in gradients:
        w.grad = torch.tensor(g)
        optimizer.step()
    return w.detach().numpy()


def keras_steps(optimizer, gradients=gradients):
    w = keras.Variable(start, dtype="float64")
    for g in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g, dtype="float64")], [w])
    return w.detach().numpy() if hasattr(w, "detach") else keras.ops.convert_to_numpy(w)


def optimizers():
    show("torch Adam amsgrad", torch_steps(lambda p: torch.optim.Adam(
        p, lr=0.1, betas=(0.8, 0.95), eps=1e-6, amsgrad=True), falling))
    show("torch Adam", torch_steps(lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-6), falling))
    show("torch AdamW amsgrad", torch_steps(lambda p: torch.optim.AdamW(
        p, lr=0.1, betas=(0.8, 0.95), eps=1e-6, amsgrad=True, weight_decay=0.05), falling))
    show("keras Adam amsgrad", keras_steps(keras.optimizers.Adam(0.1, 0.8, 0.95, 1e-30, amsgrad=True), falling))
    show("torch Adagrad 0.1", torch_steps(lambda p: torch.optim.Adagrad(
        p, lr=0.1, eps=1e-6, initial_accumulator_value=0.1)))
    show("keras Adagrad 0.1", keras_steps(keras.optimizers.Adagrad(0.1)))


def losses():
    y = np.array([0.25, -3.0, 1.5, 0.0, 2.0, -0.5])
    t = np.array([0.0, 1.0, 1.0, 0.75, -4.0, -0.5])
    for delta in (1.0, 0.3):
        e = torch.tensor(y, requires_grad=True)
        loss = torch.nn.HuberLoss(delta=delta)(e, torch.tensor(t))
        loss.backward()
        show(f"torch Huber {delta}", [loss.item()])
        show(f"torch Huber {delta} gradient", e.grad.numpy())
        show(f"keras Huber {delta}", [float(keras.losses.Huber(delta=delta, dtype="float64")(t, y))])
    z = np.array([[0.2, -1.0, 0.7], [1.5, 0.1, -0.4], [-0.3, 0.6, 0.9], [0.0, 0.5, -2.0]])
    target = np.array([2, 0, 0, 1])
    classes = {0: 0.5, 1: 2.0, 2: 3.0}
    weights = np.array([classes[c] for c in target])
    show("torch CrossEntropyLoss(weight)", [torch.nn.CrossEntropyLoss(torch.tensor([0.5, 2.0, 3.0]))(
        torch.tensor(z), torch.tensor(target)).item()])
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight"):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=reduction, dtype="float64")
        show(f"keras crossentropy {reduction}", [float(loss(target, z, sample_weight=weights))])
        show(f"keras crossentropy {reduction} by sample",
             [float(loss(target, z, sample_weight=np.array([1.0, 0.0, 2.5, 0.25])))])
    # A weight at each step: [B, T, 1] as Keras has them.
    steps = z.reshape(2, 6, 1)
    zeros = np.zeros_like(steps)
    atEach = np.array([[1.0, 1, 0.5, 0, 1, 2], [1, 0, 0, 0, 0, 3]])
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight"):
        loss = keras.losses.MeanSquaredError(reduction=reduction, dtype="float64")
        show(f"keras mse by step {reduction}", [float(loss(zeros, steps, sample_weight=atEach))])


def clipping():
    g = [np.array([3.0, -4.0]), np.array([[0.0], [12.0], [1.5]])]
    for p in (1.0, 3.0, float("inf")):
        w = [torch.nn.Parameter(torch.zeros(a.shape)) for a in g]
        for a, b in zip(w, g):
            a.grad = torch.tensor(b)
        norm = torch.nn.utils.clip_grad_norm_(w, 2.5, norm_type=p)
        show(f"torch clip_grad_norm_ {p}", np.concatenate([[norm.item()]] + [a.grad.numpy().reshape(-1) for a in w]))
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    import optax

    weight = np.array([[0.5, -1.0, 0.0], [0.25, 2.0, 0.0]])
    gradient = np.array([[0.3, -0.001, 0.2], [-0.4, 0.002, -0.1]])
    bias, gradient_bias = np.array([0.1, -0.2, 0.05]), np.array([0.02, 0.01, -0.05])
    tensor = np.arange(1.0, 13.0).reshape(2, 3, 2) / 4 - 1.5
    gradient_tensor = np.cos(np.arange(12.0)).reshape(2, 3, 2)
    column, gradient_column = np.array([[0.5], [-1.5]]), np.array([[1.0], [2.0]])
    parameters = {k: jnp.array(v) for k, v in dict(w=weight, b=bias, t=tensor, c=column).items()}
    updates = {
        k: jnp.array(v) for k, v in dict(w=gradient, b=gradient_bias, t=gradient_tensor, c=gradient_column).items()}
    rule = optax.adaptive_grad_clip(0.1, 1e-3)
    clipped, _ = rule.update(updates, rule.init(parameters), parameters)
    for k in "wbtc":
        show(f"optax adaptive_grad_clip {k}", clipped[k])


def fit():
    """Two epochs of a linear read-out, in the order of the samples, with weights."""
    x = np.array([0.5, -1.0, 2.0, 1.5, -0.5]).reshape(5, 1)
    y = np.array([1.0, -0.5, 3.0, 2.0, 0.0]).reshape(5, 1)
    for classes in (False, True):
        model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        model.set_weights([np.array([[0.3]]), np.array([-0.2])])
        if classes:
            labels = np.array([1, 0, 1, 1, 0])
            model.compile(keras.optimizers.SGD(0.1), keras.losses.BinaryCrossentropy(from_logits=True, dtype="float64"))
            model.fit(x, labels.reshape(5, 1), epochs=2, batch_size=2, shuffle=False,
                      class_weight={0: 3.0, 1: 0.5}, verbose=0)
        else:
            model.compile(keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError(dtype="float64"))
            history = model.fit(x, y, epochs=2, batch_size=2, shuffle=False,
                                sample_weight=np.array([1.0, 2.0, 0.5, 0.0, 3.0]),
                                validation_data=(x[::-1] / 2, y), verbose=0).history
            show("keras fit history", history["loss"] + history["val_loss"])
        show(f"keras fit classes={classes}", np.concatenate([w.reshape(-1) for w in model.get_weights()]))


if __name__ == "__main__":
    optimizers()
    losses()
    clipping()
    fit()
