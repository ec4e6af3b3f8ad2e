"""A model whose sequences are split over ranks: what each rank sums up, starts from, and sends back.

The slices are computed one after the other with the states between them as nodes of autograd's graph, so what crosses backward is
autograd's. What a rank contributes to the all-gathers is computed from its inputs and its output's gradient by the definitions.
"""

import torch

import megalodon as m
from kinds import parameter_leaves


def inputs(c, draw):
    return {"lengths": torch.tensor(c["lengths"], dtype=torch.int32)}


class Slice:
    """One rank's states before it, which keep their gradients, and what it computed."""

    def __init__(self, states, result):
        self.states = states
        self.logits, self.after, self.layers = result


def keep(tensor):
    """A node of its own for what crosses into a slice, which remembers its gradient."""
    node = tensor * 1 if tensor.requires_grad else tensor.clone().requires_grad_()
    node.retain_grad()
    return node


def kept(state):
    if isinstance(state, tuple):
        return (kept(state[0]), keep(state[1]))
    return m.NormState(state.count, keep(state.mean), keep(state.var))


def run(tokens, lengths, leaves, c):
    slices, states, start = [], m.fresh_states(tokens.shape[0], c), 0
    for length in lengths:
        states = [kept(state) for state in states]
        slices.append(Slice(states, m.model(tokens[:, start : start + length], leaves, c, states)))
        for layer in slices[-1].layers:
            for name in layer:
                layer[name].retain_grad()
        states, start = slices[-1].after, start + length
    return slices


def norm_summary(x, groups):
    """count, mean and sum of squared deviations of a slice's steps."""
    grouped = x.reshape(*x.shape[:2], groups, -1)
    mean, var = grouped.mean(-1), grouped.var(-1, unbiased=False)
    local_mean = mean.mean(1)
    count = torch.full((x.shape[0],), x.shape[1], dtype=torch.int32)
    return {"local_count": count, "local_mean": local_mean, "local_m2": (var + (mean - local_mean[:, None]) ** 2).sum(1)}


def norm_adjoint(x, weight, state, dy, eps):
    """Sums over the slice of the gradients of the two moments, which are a_t and s_t of the equations with origin 0."""
    groups = state.mean.shape[1]
    grouped = lambda value: value.reshape(*value.shape[:2], groups, -1)
    counts = state.count[:, None] + torch.arange(1, x.shape[1] + 1)
    means, variances = [], []
    for t in range(x.shape[1]):
        _, after = m.timestep_norm(x[:, : t + 1], weight, weight, state, eps)
        means.append(after.mean)
        variances.append(after.var)
    mean, var = torch.stack(means, 1), torch.stack(variances, 1)
    e, centred, r = grouped(dy * (weight + 1)), grouped(x) - mean[..., None], (var + eps) ** -0.5
    d_mean, d_var = -r * e.sum(-1), -0.5 * r**3 * (e * centred).sum(-1)
    a, s = (d_mean - 2 * mean * d_var) / counts[..., None], d_var / counts[..., None]
    return a.sum(1), s.sum(1)


def norm_numbers(name, inputs_of, states, outputs, weight, c):
    adjoints = [norm_adjoint(x, weight, state, y.grad, c["norm_eps"]) for x, state, y in zip(inputs_of, states, outputs)]
    values = {}
    for rank, (x, state) in enumerate(zip(inputs_of, states)):
        later = adjoints[rank + 1 :]
        zero = torch.zeros_like(state.mean)
        suffix = [sum((pair[i] for pair in later), zero) for i in range(2)]
        numbers = {
            **norm_summary(x, c["norm_num_groups"]),
            "prefix_count": state.count.int(), "prefix_mean": state.mean, "prefix_var": state.var,
            "adj_local_a": adjoints[rank][0], "adj_local_q": adjoints[rank][1],
            "adj_suffix_a": suffix[0], "adj_suffix_q": suffix[1],
            "dprefix_mean": state.mean.grad, "dprefix_var": state.var.grad,
        }  # fmt: skip
        values.update({f"rank{rank}.{name}.{n}": value for n, value in numbers.items()})
    return values


def cema_numbers(name, inputs_of, states, outputs, parameters):
    _, q, g = m.cema_coefficients(*(parameters[n] for n in ("alpha", "delta", "theta", "gamma")))
    values = {}
    for rank, (x, h, y) in enumerate(zip(inputs_of, states, outputs)):
        powers = q.conj()[..., None] ** torch.arange(1, x.shape[1] + 1)  # (D, N, L)
        local = torch.einsum("dnl,dn,bld->bdn", powers, g.conj(), y.grad.to(q.dtype))
        last = rank == len(states) - 1
        numbers = {
            "u_local": m.cema(x, parameters, torch.zeros_like(h))[1],
            "h_in": h,
            "adj_local": torch.view_as_real(local),
            "adj_h_out": torch.zeros_like(h) if last else states[rank + 1].grad,
            "adj_h_in": h.grad,
        }
        values.update({f"rank{rank}.{name}.{n}": value for n, value in numbers.items()})
    return values


def expected(c, given, beside):
    source_config, source = beside(c["params_from"])
    config, leaves = {**source_config, **c}, parameter_leaves(source)
    tokens, targets, lengths = source["tokens"], source["targets"], given["lengths"].tolist()
    slices = run(tokens, lengths, leaves, config)
    logits = torch.cat([piece.logits for piece in slices], 1)
    losses = m.token_losses(logits, targets)
    losses.mean().backward()
    values = {"logits": logits, "rank_loss_sum": torch.stack([part.sum() for part in losses.split(lengths, 1)])}
    scale = config["model_dim"] ** 0.5 if config["scale_emb"] else 1.0
    embedded = (leaves["embed.weight"][tokens.long()] * scale).split(lengths, 1)
    xs = list(embedded)
    for i in range(config["num_layers"]):
        parameters = m.within(leaves, f"layers.{i}.mega.")
        norm_outputs = [piece.layers[i]["tsn"] for piece in slices]
        norm_states = [piece.states[i][0] for piece in slices]
        averaged = [piece.layers[i]["cema"] for piece in slices]
        values.update(norm_numbers(f"layers.{i}.mega.timenorm", xs, norm_states, norm_outputs, parameters["timenorm.weight"], config))
        values.update(cema_numbers(f"layers.{i}.mega.cema", norm_outputs, [piece.states[i][1] for piece in slices], averaged, m.within(parameters, "cema.")))
        xs = [piece.layers[i]["out"] for piece in slices]
    finals = [piece.layers[-1]["tsn"] for piece in slices]
    states = [piece.states[-1] for piece in slices]
    values.update(norm_numbers("output.final_norm", xs, states, finals, leaves["output.final_norm.weight"], config))
    return values
