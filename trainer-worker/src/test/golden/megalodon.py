"""Megalodon's operations in PyTorch, straight from the equations, in FLOAT64 and without any speed.

Shapes: B batch, L length, D model, G norm groups, N moving-average modes, H heads, z and e a head's query and value width.
Gradients are autograd's: nothing here shares a derivation with the Java code.
"""

import math
from dataclasses import dataclass

import torch


@dataclass
class NormState:
    """What timestep norm has seen: count (B), mean and variance (B, G)."""

    count: torch.Tensor
    mean: torch.Tensor
    var: torch.Tensor

    @staticmethod
    def fresh(batch, groups):
        return NormState(torch.zeros(batch), torch.zeros(batch, groups), torch.ones(batch, groups))


def timestep_norm(x, weight, bias, state, eps, mask=None):
    """x (B, L, D) -> y and the state after it. A masked step gives 0 and leaves the state as it is."""
    batch, length, width = x.shape
    groups = state.mean.shape[1]
    count, mean, var = state.count, state.mean, state.var
    outputs = []
    for t in range(length):
        grouped = x[:, t].reshape(batch, groups, -1)
        group_mean = grouped.mean(-1)
        group_var = grouped.var(-1, unbiased=False)
        seen = torch.ones(batch, dtype=torch.bool) if mask is None else mask[:, t] == 0
        share = (1 / (count + 1))[:, None]
        delta = group_mean - mean
        new_var = (1 - share) * var + share * group_var + share * (1 - share) * delta**2
        new_mean = mean + share * delta
        mean = torch.where(seen[:, None], new_mean, mean)
        var = torch.where(seen[:, None], new_var, var)
        count = count + seen
        y = ((grouped - mean[:, :, None]) * (var[:, :, None] + eps) ** -0.5).reshape(batch, width)
        outputs.append(seen[:, None] * (y * (weight + 1) + bias))
    return torch.stack(outputs, 1), NormState(count, mean, var)


def cema_coefficients(alpha, delta, theta, gamma):
    """p (D, N) real, q and g (D, N) complex; g holds the 1/sqrt(N)."""
    modes = alpha.shape[1]
    a, d = torch.sigmoid(alpha)[..., 0], torch.sigmoid(delta)[..., 0]
    phase = torch.sigmoid(theta)[..., 0] * torch.arange(1, modes + 1) * (2 * math.pi / modes)
    return a, torch.polar(1 - a * d, phase), torch.view_as_complex(gamma) / math.sqrt(modes)


def cema(x, parameters, h):
    """x (B, L, D), h (B, D, N, 2) -> y (B, L, D) and h after it."""
    p, q, g = cema_coefficients(*(parameters[name] for name in ("alpha", "delta", "theta", "gamma")))
    omega = parameters["omega"][:, 0]
    h = torch.view_as_complex(h)
    outputs = []
    for t in range(x.shape[1]):
        h = q * h + p * x[:, t, :, None]
        outputs.append((g * h).real.sum(-1) + omega * x[:, t])
    return torch.stack(outputs, 1), torch.view_as_real(h)


def rms_norm(x, eps):
    return x * (x.pow(2).mean(-1, keepdim=True) + eps) ** -0.5


def layer_norm(x, weight, bias, eps):
    centred = x - x.mean(-1, keepdim=True)
    return centred * (x.var(-1, unbiased=False, keepdim=True) + eps) ** -0.5 * (weight + 1) + bias


def queries_and_keys(u, gamma, beta, heads, eps):
    """u (B, L, Z) -> q and k (B, L, Z), by a norm of each head."""
    batch, length, width = u.shape
    normed = rms_norm(u.reshape(batch, length, heads, -1), eps).reshape(batch, length, width)
    scaled = normed[..., None, :] * (gamma + 1) / math.sqrt(width // heads) + beta
    return scaled[..., 0, :], scaled[..., 1, :]


def rope_tables(positions, width, base):
    angles = positions[:, None] * base ** (-torch.arange(0, width, 2) / width)
    return angles.cos(), angles.sin()


def rope(x, positions, base):
    """x (B, L, H, z): turns adjacent pairs by position."""
    cos, sin = (table[:, None] for table in rope_tables(positions, x.shape[-1], base))
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)


def chunk_attention(q, k, v, chunk, base, cached_k=None, cached_v=None):
    """q, k (B, L, H, z), v (B, L, H, e) -> out, and rotated keys and values of the chunk left open."""
    cached = 0 if cached_k is None else cached_k.shape[1]
    positions = (cached + torch.arange(q.shape[1])) % chunk
    q, k = rope(q, positions, base), rope(k, positions, base)
    if cached:
        k, v = torch.cat([cached_k, k], 1), torch.cat([cached_v, v], 1)
    outputs = []
    for start in range(0, k.shape[1], chunk):
        end = min(start + chunk, k.shape[1])
        first = max(start, cached)
        if first >= end:
            continue
        scores = torch.einsum("blhz,bmhz->bhlm", q[:, first - cached : end - cached], k[:, start:end])
        later = torch.arange(start, end)[None, :] > torch.arange(first, end)[:, None]
        weights = scores.masked_fill(later, -math.inf).softmax(-1)
        outputs.append(torch.einsum("bhlm,bmhe->blhe", weights, v[:, start:end]))
    still_open = k.shape[1] - k.shape[1] % chunk
    return torch.cat(outputs, 1), k[:, still_open:], v[:, still_open:]


def silu(x):
    return x * torch.sigmoid(x)


def feed_forward(y, residual, p, eps):
    """p: norm.weight, norm.bias, fc1.weight, fc2.weight, and fc3.weight or alpha where there is one."""
    n = layer_norm(y, p["norm.weight"], p["norm.bias"], eps)
    hidden = silu(n @ p["fc1.weight"].T)
    if "fc3.weight" in p:
        hidden = hidden * (n @ p["fc3.weight"].T)
    projected = hidden @ p["fc2.weight"].T
    return residual + (p["alpha"] * projected if "alpha" in p else projected)


def token_losses(logits, targets, smoothing=0.0):
    """logits (B, L, V) -> (B, L); 0 where the target is -100."""
    log_p = logits.log_softmax(-1)
    chosen = log_p.gather(-1, targets.clamp(min=0)[..., None].long())[..., 0]
    losses = -(1 - smoothing) * chosen - smoothing * log_p.mean(-1)
    return losses * (targets != -100)


def within(parameters, prefix):
    """Parameters under a prefix, without it."""
    return {name[len(prefix) :]: p for name, p in parameters.items() if name.startswith(prefix)}


def block(x, p, norm_state, h, config):
    """One layer, its parameters without their prefix. Returns out, (NormState, h) after, and what is inside."""
    eps, heads = config["norm_eps"], config["num_heads"]
    t, norm_state = timestep_norm(x, p["mega.timenorm.weight"], p["mega.timenorm.bias"], norm_state, eps)
    c, h = cema(t, within(p, "mega.cema."), h)
    m = rms_norm(c, eps) * (p["mega.rmsnorm.weight"] + 1)
    linear = lambda value, name: value @ p[f"mega.{name}.weight"].T + p[f"mega.{name}.bias"]
    q, k = queries_and_keys(linear(m, "wz"), p["mega.gamma"], p["mega.beta"], heads, eps)
    split = lambda value: value.reshape(*value.shape[:2], heads, -1)
    v, r = silu(linear(t, "wv")), silu(linear(m, "wr"))
    a, open_k, open_v = chunk_attention(split(q), split(k), split(v), config["chunk_size"], config["rope_base"])
    mega_out = x + linear(m, "wh1") + (a.reshape(r.shape) * r) @ p["mega.wh2.weight"].T
    out = feed_forward(mega_out, x, within(p, "nffn."), eps)
    inside = {"tsn": t, "cema": c, "mx": m, "mega_out": mega_out, "k_rotated": open_k, "v": open_v}
    return out, (norm_state, h), inside


def model(tokens, parameters, config, states=None):
    """Logits, the states after (a layer's (NormState, h), then the final norm's), and what is inside each layer."""
    batch, groups = tokens.shape[0], config["norm_num_groups"]
    if states is None:
        states = fresh_states(batch, config)
    x = parameters["embed.weight"][tokens.long()]
    x = x * math.sqrt(config["model_dim"]) if config["scale_emb"] else x
    after, layers = [], []
    for i in range(config["num_layers"]):
        x, state, inside = block(x, within(parameters, f"layers.{i}."), *states[i], config)
        after.append(state)
        layers.append({**inside, "out": x})
    norm = within(parameters, "output.final_norm.")
    x, state = timestep_norm(x, norm["weight"], norm["bias"], states[-1], config["norm_eps"])
    layers.append({"tsn": x})
    head = parameters["embed.weight"] if config["share_emb"] else parameters["output.output.weight"]
    return x @ head.T, [*after, state], layers


def fresh_states(batch, config):
    norm = lambda: NormState.fresh(batch, config["norm_num_groups"])
    h = lambda: torch.zeros(batch, config["model_dim"], config["cema_ndim"], 2)
    return [(norm(), h()) for _ in range(config["num_layers"])] + [norm()]


def schedule_factor(kind, step, warmup, total, init_ratio, end_ratio, cycles=1.0):
    """Of the learning rate; step 0 is the first update."""
    if step < warmup:
        return init_ratio + step * (1 - init_ratio) / warmup
    if kind == "constant":
        return 1.0
    if step > total:
        return end_ratio
    s = (step - warmup) / (total - warmup)
    if kind == "linear":
        return s * end_ratio + (1 - s)
    return end_ratio + 0.5 * (1 - end_ratio) * (math.cos(math.pi * s * cycles) + 1)


def adamw(p, g, m, v, step, lr, betas, eps, decay):
    """One update, the first has step 1. Returns p, m and v after it."""
    p = p * (1 - lr * decay)
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g**2
    denominator = v.sqrt() / math.sqrt(1 - betas[1] ** step) + eps
    return p - lr / (1 - betas[0] ** step) * m / denominator, m, v


def clip_factor(norm, limit):
    return min(1.0, limit / (norm + 1e-6))
