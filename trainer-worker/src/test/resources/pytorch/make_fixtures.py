#!/usr/bin/env python3
"""Makes the files beside it with the real torch.save: a small model as the reference implementation
stores it, whole and in two model-parallel shards, tensors of every layout, and files to refuse.

    python3 -m venv venv && venv/bin/pip install torch numpy safetensors && venv/bin/python make_fixtures.py
"""
import json
import os
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
MODEL = dict(num_layers=2, model_dim=16, z_dim=8, value_dim=24, num_heads=2, ffn_hidden_dim=12,
             cema_ndim=3, chunk_size=4, norm_num_groups=4, norm_eps=1e-5, vocab_size=20,
             rope_base=None, swiglu=True, rescale_nffn=False, scale_emb=True, share_emb=True,
             init_mode="he", dropout=0.0, output_size=-1)


class Node(torch.nn.Module):
    """A module with parameters, buffers and children by name: only the names of its state count."""

    def __init__(self, tensors):
        super().__init__()
        children = OrderedDict()
        for name, value in tensors.items():
            head, _, rest = name.partition(".")
            if rest:
                children.setdefault(head, OrderedDict())[rest] = value
            elif isinstance(value, torch.nn.Parameter):
                self.register_parameter(head, value)
            else:
                self.register_buffer(head, value)
        for head, below in children.items():
            self.add_module(head, Node(below))


def parameter(*dims):
    return torch.nn.Parameter(torch.randn(*dims))


def norm(prefix, dim, groups):
    return {prefix + "prior_count": torch.tensor(0, dtype=torch.int64),
            prefix + "prior_mean": torch.zeros(groups), prefix + "prior_logv": torch.zeros(groups),
            prefix + "weight": parameter(dim), prefix + "bias": parameter(dim)}


def model():
    c = MODEL
    d, z, e, n, f = (c[k] for k in ("model_dim", "z_dim", "value_dim", "cema_ndim", "ffn_hidden_dim"))
    head = z // c["num_heads"]
    state = OrderedDict()
    state["embed.weight"] = parameter(c["vocab_size"], d)
    state["rope.freqs"] = 1.0 / torch.tensor([10000 ** (j / head) for j in range(0, head, 2)])
    for layer in range(c["num_layers"]):
        mega, nffn = f"layers.{layer}.mega.", f"layers.{layer}.nffn."
        state[mega + "gamma"], state[mega + "beta"] = parameter(2, z), parameter(2, z)
        state.update(norm(mega + "timenorm.", d, c["norm_num_groups"]))
        for name, dims in dict(alpha=(d, n, 1), delta=(d, n, 1), theta=(d, 1, 1), gamma=(d, n, 2), omega=(d, 1)).items():
            state[mega + "cema." + name] = parameter(*dims)
        state[mega + "rmsnorm.weight"] = parameter(d)
        for name, out in dict(wv=e, wz=z, wr=e, wh1=d).items():
            state[mega + name + ".weight"], state[mega + name + ".bias"] = parameter(out, d), parameter(out)
        state[mega + "wh2.weight"] = parameter(d, e)
        state[nffn + "norm.weight"], state[nffn + "norm.bias"] = parameter(d), parameter(d)
        state[nffn + "fc1.weight"], state[nffn + "fc2.weight"] = parameter(f, d), parameter(d, f)
        state[nffn + "fc3.weight"] = parameter(f, d)
    state.update(norm("output.final_norm.", d, c["norm_num_groups"]))
    state["output.output.weight"] = state["embed.weight"]
    return state


def axis(name):
    """Which axis the reference implementation's layers split; None: every shard has the whole."""
    stem = name.rsplit(".", 1)[0].rsplit(".", 1)[-1]
    if name.endswith("prior_count") or name == "rope.freqs" or stem in ("rmsnorm", "norm"):
        return None
    if name.endswith(("mega.gamma", "mega.beta")) or stem in ("embed", "output", "wh2", "fc2"):
        return 1
    return 0


def shard(state, rank, size):
    result = OrderedDict()
    for name, value in state.items():
        dim = axis(name)
        part = value if dim is None else torch.chunk(value.data, size, dim)[rank].contiguous()
        trained = isinstance(value, torch.nn.Parameter)
        result[name] = torch.nn.Parameter(part.data) if trained else part
    result["output.output.weight"] = result["embed.weight"]
    return result


class Harmful:
    def __reduce__(self):
        return os.system, ("echo this must never run > /tmp/megalodon-pickle-ran",)


def main():
    torch.manual_seed(4)
    whole = model()
    torch.save(Node(whole).to(torch.bfloat16).state_dict(), HERE / "consolidated.pth")
    for rank in range(2):
        part = Node(shard(whole, rank, 2)).to(torch.bfloat16)
        torch.save(part.state_dict(), HERE / f"consolidated.{rank:02d}.pth")
    save_file({k: v.data.to(torch.bfloat16).clone() for k, v in whole.items()
               if k != "output.output.weight" and isinstance(v, torch.nn.Parameter)}, HERE / "expected.safetensors")
    (HERE / "config.json").write_text(json.dumps({"model": MODEL, "model_parallel_size": 1}, indent=1) + "\n")

    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 7
    odd = {
        "contiguous": base, "transposed": base.t(), "strided": base[1::2, 1::2], "row": base[2],
        "expanded": torch.tensor([1.5, -2.5]).expand(3, 2), "scalar": torch.tensor(0.125),
        "empty": torch.zeros(0, 3), "half": (base * 3).half(), "brain": (base.t() * 5).bfloat16()[1:4],
        "long": torch.tensor([1, -2, 1 << 40]), "parameter": torch.nn.Parameter(base[:2] * 2),
        "permuted": torch.arange(24, dtype=torch.float32).reshape(2, 3, 4).permute(2, 0, 1),
        "channels.last": torch.arange(16, dtype=torch.float32).reshape(1, 2, 2, 4).to(memory_format=torch.channels_last),
    }
    torch.save(odd, HERE / "layouts.pth")
    save_file({k: v.detach().contiguous().clone() for k, v in odd.items()}, HERE / "layouts.safetensors")

    torch.save({"x": Harmful()}, HERE / "refused-harmful.pth")
    torch.save({"model": {"x": base}}, HERE / "refused-nested.pth")
    torch.save({"x": [base]}, HERE / "refused-list.pth")
    torch.save({"x": base.double()}, HERE / "refused-double.pth")
    torch.save({"x": base.numpy()}, HERE / "refused-numpy.pth")
    torch.save({"x": base.to_sparse()}, HERE / "refused-sparse.pth")
    torch.save({"x": base}, HERE / "refused-protocol4.pth", pickle_protocol=4)
    torch.save({"x": base}, HERE / "refused-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(base, HERE / "refused-tensor.pth")


main()
