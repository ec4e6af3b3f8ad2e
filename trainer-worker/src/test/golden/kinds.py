"""What each kind of golden file holds: inputs drawn from a generator, and what is expected of them.

A kind is (inputs, expected): inputs(config, draw) -> {name: tensor}, rounded to what the file stores; expected(config, inputs, beside)
-> {name: tensor}, where beside(file) gives the config and inputs of another file of the folder.
"""

import math

import torch

import megalodon as m

F32, I32, U8 = torch.float32, torch.int32, torch.uint8


class Draw:
    """Random inputs that FLOAT32 holds exactly."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape, scale=1.0, mean=0.0):
        return (mean + scale * torch.randn(*shape, generator=self.generator)).float()

    def positive(self, *shape):
        return (0.5 + torch.rand(*shape, generator=self.generator)).float()

    def integers(self, low, high, *shape):
        return torch.randint(low, high, shape, generator=self.generator).int()


def leaf(tensor):
    return tensor.double().requires_grad_()


def gradients(pairs, leaves):
    """Of the sum of <value, weight> over pairs, by leaf; 0 where a leaf has no part in it."""
    total = sum((value * weight).sum() for value, weight in pairs)
    found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    return {n: torch.zeros_like(x) if g is None else g for (n, x), g in zip(leaves.items(), found)}


def prefixed(prefix, tensors):
    return {prefix + name: tensor for name, tensor in tensors.items()}


def norm_state_out(state):
    return {"count_out": state.count.int(), "mean_out": state.mean, "var_out": state.var}


# Operations


def timestep_norm_inputs(c, draw):
    B, L, D, G = c["B"], c["L"], c["D"], c["G"]
    given = {
        "x": draw.normal(B, L, D, scale=c.get("scale", 1.0), mean=c.get("shift", 0.0)),
        "weight": draw.normal(D, scale=0.2),
        "bias": draw.normal(D, scale=0.2),
        "dy": draw.normal(B, L, D),
        "dmean_out": draw.normal(B, G),
        "dvar_out": draw.normal(B, G),
    }
    if "state" in c:
        given["count"] = torch.tensor(c["state"], dtype=I32)
        given["mean"], given["var"] = draw.normal(B, G, scale=0.3), draw.positive(B, G)
    if c.get("mask"):
        given["mask"] = (draw.integers(0, 4, B, L) == 0).to(U8)
    return given


def timestep_norm(c, given, beside):
    names = ["x", "weight", "bias"] + (["mean", "var"] if "count" in given else [])
    leaves = {name: leaf(given[name]) for name in names}
    state = m.NormState.fresh(given["x"].shape[0], given["dmean_out"].shape[1])
    if "count" in given:
        state = m.NormState(given["count"].double(), leaves["mean"], leaves["var"])
    y, after = m.timestep_norm(leaves["x"], leaves["weight"], leaves["bias"], state, c["eps"], given.get("mask"))
    pairs = [(y, given["dy"]), (after.mean, given["dmean_out"]), (after.var, given["dvar_out"])]
    return {"y": y, **norm_state_out(after), **prefixed("d", gradients(pairs, leaves))}


def cema_parameters(D, N, draw):
    return {
        "alpha": draw.normal(D, N, 1, scale=0.5),
        "delta": draw.normal(D, N, 1, scale=0.5),
        "theta": draw.normal(D, 1, 1, mean=-1.5),
        "gamma": draw.normal(D, N, 2),
        "omega": draw.normal(D, 1, scale=0.25),
    }


def cema_inputs(c, draw):
    B, L, D, N = c["B"], c["L"], c["D"], c["N"]
    given = {"x": draw.normal(B, L, D), **cema_parameters(D, N, draw), "dy": draw.normal(B, L, D), "dh_out": draw.normal(B, D, N, 2)}
    return {**given, "h": draw.normal(B, D, N, 2)} if c.get("state") else given


def cema(c, given, beside):
    names = ["x", "alpha", "delta", "theta", "gamma", "omega"] + (["h"] if "h" in given else [])
    leaves = {name: leaf(given[name]) for name in names}
    h = leaves.get("h", torch.zeros(*given["dh_out"].shape))
    y, after = m.cema(leaves["x"], leaves, h)
    p, q, g = m.cema_coefficients(*(leaves[n] for n in ("alpha", "delta", "theta", "gamma")))
    powers = q[..., None] ** torch.arange(given["x"].shape[1])
    kernel = (p[..., None] * g[..., None] * powers).real.sum(1)
    values = {"coef_p": p, "coef_q": torch.view_as_real(q), "coef_g": torch.view_as_real(g), "kernel": kernel, "y": y, "h_out": after}
    return {**values, **prefixed("d", gradients([(y, given["dy"]), (after, given["dh_out"])], leaves))}


def norms_inputs(c, draw):
    B, L, D = c["B"], c["L"], c["D"]
    given = {}
    for norm, parameters in (("rms_affine", ["weight"]), ("rms_plain", []), ("layernorm", ["weight", "bias"])):
        given[f"{norm}.x"], given[f"{norm}.dy"] = draw.normal(B, L, D), draw.normal(B, L, D)
        given.update({f"{norm}.{name}": draw.normal(D, scale=0.2) for name in parameters})
    pieces = {"z": draw.normal(B, L, D), "gamma": draw.normal(2, D, scale=0.2), "beta": draw.normal(2, D, scale=0.2)}
    return {**given, **prefixed("qk.", {**pieces, "dq_in": draw.normal(B, L, D), "dk_in": draw.normal(B, L, D)})}


def norms(c, given, beside):
    eps, values = c["eps"], {}
    for norm in ("rms_affine", "rms_plain", "layernorm"):
        leaves = {n: leaf(x) for n, x in m.within(given, norm + ".").items() if n in ("x", "weight", "bias")}
        if norm == "layernorm":
            y = m.layer_norm(leaves["x"], leaves["weight"], leaves["bias"], eps)
        else:
            y = m.rms_norm(leaves["x"], eps) * (leaves["weight"] + 1 if "weight" in leaves else 1)
        values.update(prefixed(norm + ".", {"y": y, **prefixed("d", gradients([(y, given[norm + ".dy"])], leaves))}))
    leaves = {n: leaf(given["qk." + n]) for n in ("z", "gamma", "beta")}
    q, k = m.queries_and_keys(leaves["z"], leaves["gamma"], leaves["beta"], c["H"], eps)
    found = gradients([(q, given["qk.dq_in"]), (k, given["qk.dk_in"])], leaves)
    return {**values, **prefixed("qk.", {"q_out": q, "k_out": k, **prefixed("d", found)})}


def rope_inputs(c, draw):
    shape = (c["B"], c["L"], c["H"], c["z"])
    return {"x": draw.normal(*shape), "dy": draw.normal(*shape)}


def rope(c, given, beside):
    positions, x = c["start"] + torch.arange(c["L"]), leaf(given["x"])
    cos, sin = m.rope_tables(positions, c["z"], c["base"])
    y = m.rope(x, positions, c["base"])
    return {"cos": cos, "sin": sin, "y": y, **prefixed("d", gradients([(y, given["dy"])], {"x": x}))}


def attention_inputs(c, draw):
    B, L, H, z, e = c["B"], c["L"], c["H"], c["z"], c["e"]
    given = {"q": draw.normal(B, L, H, z), "k": draw.normal(B, L, H, z), "v": draw.normal(B, L, H, e), "dout": draw.normal(B, L, H, e)}
    if "cached" in c:
        given["cache_k_rotated"] = draw.normal(B, c["cached"], H, z)
        given["cache_v"] = draw.normal(B, c["cached"], H, e)
    return given


def attention(c, given, beside):
    leaves = {name: leaf(given[name]) for name in ("q", "k", "v")}
    cache = [given[n].double() for n in ("cache_k_rotated", "cache_v") if n in given]
    out, open_k, open_v = m.chunk_attention(*leaves.values(), c["chunk"], c["rope_base"], *cache)
    values = {"out": out, **prefixed("d", gradients([(out, given["dout"])], leaves))}
    return {**values, "cache_k_out": open_k, "cache_v_out": open_v} if open_k.shape[1] else values


def feed_forward_parameters(D, F, swiglu, rescale, draw):
    given = {"norm.weight": draw.normal(D, scale=0.2), "norm.bias": draw.normal(D, scale=0.2)}
    given["fc1.weight"] = draw.normal(F, D, scale=(3 * D) ** -0.5)
    given["fc2.weight"] = draw.normal(D, F, scale=(3 * F) ** -0.5)
    if swiglu:
        given["fc3.weight"] = draw.normal(F, D, scale=(3 * D) ** -0.5)
    if rescale:
        given["alpha"] = draw.positive(D)
    return given


def feed_forward_inputs(c, draw):
    x = {name: draw.normal(c["B"], c["L"], c["D"]) for name in ("y_in", "residual", "dout")}
    parameters = feed_forward_parameters(c["D"], c["Fh"], c["swiglu"], c.get("rescale"), draw)
    return {**x, **prefixed("param.", parameters)}


def feed_forward(c, given, beside):
    leaves = {n: leaf(given[n]) for n in ("y_in", "residual")}
    leaves.update({n: leaf(p) for n, p in m.within(given, "param.").items()})
    out = m.feed_forward(leaves["y_in"], leaves["residual"], leaves, c["eps"])
    return {"out": out, **prefixed("grad.", gradients([(out, given["dout"])], leaves))}


def cross_entropy_inputs(c, draw):
    targets = draw.integers(0, c["V"], c["B"], c["L"])
    targets[0, 1] = targets[-1, -1] = c["ignore_index"]
    return {"logits": draw.normal(c["B"], c["L"], c["V"], scale=2.0), "targets": targets}


def cross_entropy(c, given, beside):
    values = {}
    for name, smoothing in c["label_smoothing"].items():
        logits = leaf(given["logits"])
        losses = m.token_losses(logits, given["targets"], smoothing)
        total, valid = losses.sum(), (given["targets"] != c["ignore_index"]).sum()
        (slope,) = torch.autograd.grad(total, [logits])
        means = {"mean": total / losses.numel(), "mean_valid": total / valid}
        slopes = {"dlogits": slope / losses.numel(), "dlogits_mean_valid": slope / valid}
        values.update(prefixed(name + ".", {"token_loss": losses, **means, **slopes}))
    return values


def optimizer_inputs(c, draw):
    given = {"p0": draw.normal(11, 3)}
    given.update({f"g{step}": draw.normal(11, 3) for step in range(1, 6)})
    given.update({f"clip.g{i}": draw.normal(*shape) for i, shape in enumerate([(3, 5), (7,), (2, 3, 1)])})
    return {**given, "sched.step": torch.arange(c["sched"]["total"] + 11).int()}


def optimizer(c, given, beside):
    values, p = {}, given["p0"].double()
    first, second = torch.zeros_like(p), torch.zeros_like(p)
    for step in range(1, 6):
        lr = c["base_lr"] * m.schedule_factor("linear", step - 1, 2, 5, c["sched"]["init_ratio"], c["sched"]["end_ratio"])
        p, first, second = m.adamw(p, given[f"g{step}"].double(), first, second, step, lr, c["betas"], c["eps"], c["weight_decay"])
        values.update({f"p{step}": p, f"m{step}": first, f"v{step}": second, f"lr{step}": torch.tensor(lr)})
    clip = [given[f"clip.g{i}"].double() for i in range(3)]
    norm = math.sqrt(sum((g**2).sum().item() for g in clip))
    factor = m.clip_factor(norm, c["clip"]["max_norm"])
    values.update({"clip.norm": torch.tensor(norm), **{f"clip.out{i}": g * factor for i, g in enumerate(clip)}})
    s = c["sched"]
    for kind in ("linear", "cosine", "constant"):
        factors = [m.schedule_factor(kind, t, s["warmup"], s["total"], s["init_ratio"], s["end_ratio"], s["cycles"]) for t in given["sched.step"].tolist()]
        values["sched." + kind] = torch.tensor(factors)
    return values


# Blocks and models


def layer_parameters(c, draw):
    D, Z, E, N = c["model_dim"], c["z_dim"], c["value_dim"], c["cema_ndim"]
    given = {"mega.timenorm.weight": draw.normal(D, scale=0.15), "mega.timenorm.bias": draw.normal(D, scale=0.15)}
    given.update(prefixed("mega.cema.", cema_parameters(D, N, draw)))
    given["mega.rmsnorm.weight"] = draw.normal(D, scale=0.15)
    for name, width in (("wv", E), ("wz", Z), ("wr", E), ("wh1", D)):
        given[f"mega.{name}.weight"] = draw.normal(width, D, scale=(3 * D) ** -0.5)
        given[f"mega.{name}.bias"] = draw.normal(width, scale=0.15)
    given["mega.wh2.weight"] = draw.normal(D, E, scale=(3 * E) ** -0.5)
    given["mega.gamma"], given["mega.beta"] = draw.normal(2, Z, scale=0.15), draw.normal(2, Z, scale=0.15)
    given.update(prefixed("nffn.", feed_forward_parameters(D, c["ffn_hidden_dim"], c["swiglu"], c["rescale_nffn"], draw)))
    return given


def block_inputs(c, draw):
    B, L, D, G, N = c["B"], c["L"], c["model_dim"], c["norm_num_groups"], c["cema_ndim"]
    given = {}
    if "state" in c:
        given["state.count"] = torch.tensor(c["state"], dtype=I32)
        given["state.mean"], given["state.var"] = draw.normal(B, G, scale=0.3), draw.positive(B, G)
        given["state.h"] = draw.normal(B, D, N, 2, scale=0.5)
    given.update({"x": draw.normal(B, L, D), "dout": draw.normal(B, L, D)})
    given.update({f"dstate_out.{n}": draw.normal(B, G, scale=0.5) for n in ("mean", "var")})
    given["dstate_out.h"] = draw.normal(B, D, N, 2, scale=0.1)
    return {**given, **prefixed(f"layers.{c['layer']}.", layer_parameters(c, draw))}


def block(c, given, beside):
    prefix = f"layers.{c['layer']}."
    parameters = {n: leaf(p) for n, p in m.within(given, prefix).items()}
    x, carried = leaf(given["x"]), {n: leaf(p) for n, p in m.within(given, "state.").items() if n != "count"}
    state, h = m.fresh_states(x.shape[0], {**c, "num_layers": 1})[0]
    if carried:
        state, h = m.NormState(given["state.count"].double(), carried["mean"], carried["var"]), carried["h"]
    out, (state, h), inside = m.block(x, parameters, state, h, c)
    pairs = [(out, given["dout"])] + [(value, given["dstate_out." + n]) for n, value in (("mean", state.mean), ("var", state.var), ("h", h))]
    found = gradients(pairs, {**prefixed(prefix, parameters), "x": x, **prefixed("state.", carried)})
    values = {**{"act." + n: inside[n] for n in ("tsn", "cema", "mx", "mega_out")}, "out": out}
    values.update({"state_out.count": state.count.int(), "state_out.mean": state.mean, "state_out.var": state.var, "state_out.h": h})
    values.update({f"d{n}": found.pop(n) for n in ["x", *prefixed("state.", carried)]})
    return {**values, **prefixed("grad.", found)}


def model_parameters(c, draw):
    given = {"embed.weight": draw.normal(c["vocab_size"], c["model_dim"], scale=c["model_dim"] ** -0.5)}
    for i in range(c["num_layers"]):
        given.update(prefixed(f"layers.{i}.", layer_parameters(c, draw)))
    given.update({f"output.final_norm.{n}": draw.normal(c["model_dim"], scale=0.15) for n in ("weight", "bias")})
    if not c["share_emb"]:
        given["output.output.weight"] = draw.normal(c["vocab_size"], c["model_dim"], scale=c["model_dim"] ** -0.5)
    return given


def model_inputs(c, draw):
    tokens = draw.integers(0, c["vocab_size"], c["B"], c["L"] + 1)
    targets = tokens[:, 1:].clone()
    targets[0, 1] = -100
    return {"tokens": tokens[:, :-1].contiguous(), "targets": targets, **model_parameters(c, draw)}


def parameter_leaves(given):
    return {n: leaf(p) for n, p in given.items() if n.startswith(("embed.", "layers.", "output."))}


def model(c, given, beside):
    leaves = parameter_leaves(given)
    logits, _, layers = m.model(given["tokens"], leaves, c)
    loss = m.token_losses(logits, given["targets"]).mean()
    found = gradients([(loss, torch.tensor(1.0))], leaves)
    norm = torch.sqrt(sum((g**2).sum() for g in found.values()))
    values = {"logits": logits, "loss": loss, "grad_norm": norm, **prefixed("grad.", found)}
    return {**values, **{f"act.layers.{i}.out": layer["out"].float() for i, layer in enumerate(layers[:-1])}}


def stream_inputs(c, draw):
    length = c["L"]
    given = {"tokens": draw.integers(0, c["vocab_size"], c["B"], length)}
    chunk, prefix = c["chunk_size"], c["prefix"]
    lists = [[chunk, 2 * chunk, length - 3 * chunk], [prefix, 1, 1, length - prefix - 2], [length], [1] * 9 + [length - 9]]
    return {**given, **{f"pieces{i}": torch.tensor(pieces, dtype=I32) for i, pieces in enumerate(lists)}}


def stream_caches(tokens, parameters, c):
    """What the model carries after these tokens, read from a fresh pass over them."""
    _, states, layers = m.model(tokens, parameters, c)
    norm = lambda state: {"count": state.count.int(), "mean": state.mean, "var": state.var}
    values = prefixed("final_norm.", norm(states[-1]))
    for i, (state, h) in enumerate(states[:-1]):
        carried = {**norm(state), "h": h, **{n: layers[i][n] for n in ("k_rotated", "v") if layers[i][n].shape[1]}}
        values.update(prefixed(f"layers.{i}.", carried))
    return values


def stream(c, given, beside):
    parameters = parameter_leaves(beside(c["params_from"])[1])
    tokens = given["tokens"]
    values = {"logits": m.model(tokens, parameters, c)[0]}
    values.update(prefixed("cache_prefix.", stream_caches(tokens[:, : c["prefix"]], parameters, c)))
    return {**values, **prefixed("cache_end.", stream_caches(tokens, parameters, c))}


def training_inputs(c, draw):
    return {"tokens": draw.integers(0, c["vocab_size"], c["steps"], c["B"], c["L"] + 1), **prefixed("init.", model_parameters(c, draw))}


def training(c, given, beside):
    parameters = {n: p.double() for n, p in m.within(given, "init.").items()}
    first, second = ({n: torch.zeros_like(p) for n, p in parameters.items()} for _ in range(2))
    history = {"loss": [], "grad_norm": [], "lr": []}
    for step, tokens in enumerate(given["tokens"]):
        leaves = {n: p.detach().requires_grad_() for n, p in parameters.items()}
        loss = m.token_losses(m.model(tokens[:, :-1], leaves, c)[0], tokens[:, 1:]).mean()
        found = gradients([(loss, torch.tensor(1.0))], leaves)
        norm = math.sqrt(sum((g**2).sum().item() for g in found.values()))
        factor = m.clip_factor(norm, c["clip"])
        lr = c["lr"] * m.schedule_factor(c["kind"], step, c["warmup"], c["total"], c.get("init_ratio", 1e-4), c["end_ratio"])
        for n, p in parameters.items():
            updated = m.adamw(p, factor * found[n], first[n], second[n], step + 1, lr, (c["b1"], c["b2"]), c["eps"], c["wd"])
            parameters[n], first[n], second[n] = updated
        for name, value in (("loss", loss.item()), ("grad_norm", norm), ("lr", lr)):
            history[name].append(value)
    moments = {**prefixed("exp_avg.", first), **prefixed("exp_avg_sq.", second)}
    values = {name: torch.tensor(numbers) for name, numbers in history.items()}
    return {**values, **prefixed("final.", parameters), **{n: x.float() for n, x in moments.items()}}
