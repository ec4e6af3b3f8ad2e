"""The folders that make_golden.py writes: configurations by file name. Lengths divide nothing, so that tails are everywhere."""


def folder(D, heads, Z, E, F, modes, chunk, groups, vocab, steps):
    base = dict(
        num_layers=2, model_dim=D, z_dim=Z, value_dim=E, num_heads=heads, ffn_hidden_dim=F, cema_ndim=modes, chunk_size=chunk,
        norm_num_groups=groups, norm_eps=1e-5, vocab_size=vocab, rope_base=10000.0, swiglu=False, rescale_nffn=False,
        scale_emb=False, share_emb=False,
    )  # fmt: skip
    tied = {**base, "swiglu": True, "rescale_nffn": True, "scale_emb": True, "share_emb": True}
    z, e = Z // heads, E // heads
    tail = 2 * chunk + chunk // 2 + 1
    long = 4 * chunk + 1  # the last rank has one step
    slices = {
        "2": ("plain", [2 * chunk, tail - 2 * chunk]),
        "3_uneven": ("swiglu_tied", [chunk, 3 * chunk, 1]),
        "5": ("swiglu_tied", [chunk, chunk, chunk, chunk, 1]),
    }
    return {
        "op_timestep_norm": dict(eps=1e-5, cases=[
            dict(B=3, L=tail, D=D, G=groups),
            dict(B=1, L=7, D=D, G=groups, state=[11]),
            dict(B=3, L=19, D=15, G=5, mask=True, state=[0, 2, 31]),
            dict(B=2, L=1, D=21, G=7, state=[9, 0]),
            dict(B=1, L=17, D=9, G=3, shift=50.0, scale=0.5),
        ]),
        "op_cema": dict(layout="x,y: B,L,D; h: B,D,N,2; coef_q,coef_g: D,N,2; kernel: D,L", cases=[
            dict(B=3, L=tail, D=7, N=modes),
            dict(B=1, L=13, D=11, N=3, state=True),
            dict(B=2, L=1, D=3, N=modes, state=True),
        ]),
        "op_norms": dict(eps=1e-5, B=1, L=5, D=Z, H=heads),
        "op_rope": dict(cases=[
            dict(B=1, L=chunk + 1, H=heads, z=z, base=500000.0, start=0),
            dict(B=3, L=5, H=1, z=2, base=10000.0, start=chunk - 2),
        ]),
        "op_attention": dict(rope_base=10000.0, scale=1.0, cases=[
            dict(B=1, L=tail, H=heads, z=z, e=e, chunk=chunk),
            dict(B=2, L=chunk, H=heads, z=z, e=e, chunk=chunk),
            dict(B=1, L=chunk + 3, H=heads, z=z, e=e, chunk=chunk, cached=chunk - 1),
            dict(B=3, L=1, H=1, z=z, e=5, chunk=chunk),
        ]),
        "op_ffn": dict(eps=1e-5, cases=[
            dict(B=1, L=3, D=13, Fh=9, swiglu=False, rescale=True),
            dict(B=3, L=1, D=13, Fh=9, swiglu=True),
        ]),
        "op_cross_entropy": dict(label_smoothing=dict(plain=0.0, smooth=0.1), ignore_index=-100, B=3, L=7, V=vocab),
        "op_optim": dict(
            betas=[0.9, 0.98], eps=1e-8, weight_decay=0.1, base_lr=0.01,
            sched=dict(warmup=7, total=33, init_ratio=1e-4, end_ratio=0.01, cycles=1.0),
            clip=dict(max_norm=1.0, note="coef = max/(norm+1e-6), used only if < 1"),
            lr_note="lr_t = base*factor(t-1) with warmup 2, total 5",
        ),
        "block_plain": dict(layer=0, **{**base, "num_layers": 1}, B=1, L=2 * chunk),
        "block_tail": dict(layer=0, **{**base, "num_layers": 1, "swiglu": True}, B=3, L=tail),
        "block_state": dict(layer=1, **{**base, "swiglu": True, "rescale_nffn": True}, B=2, L=chunk + 1, state=[tail, 1]),
        "model_plain": dict(**base, B=2, L=tail),
        "model_swiglu": dict(**{**base, "num_layers": 1, "swiglu": True, "rope_base": 500000.0}, B=1, L=chunk - 1),
        "model_swiglu_tied": dict(**tied, B=1, L=long),
        "model_plain_tied_tail": dict(**{**base, "num_layers": 1, "share_emb": True}, B=2, L=chunk + 1),
        "stream": dict(params_from="model_plain.safetensors", prefix=chunk + 2, **base, B=2, L=3 * chunk + 5),
        **{
            f"chunk_parallel_{n}": dict(params_from=f"model_{of}.safetensors", ranks=len(lengths), lengths=lengths, **(base if of == "plain" else tied))
            for n, (of, lengths) in slices.items()
        },
        "train_adamw": dict(
            **{**base, "num_layers": 1, "swiglu": True}, B=3, L=chunk + 1, steps=steps, warmup=3, total=steps, lr=3e-3, wd=0.1,
            clip=1.0, b1=0.9, b2=0.98, eps=1e-8, kind="cosine", end_ratio=0.01, final="F64",
        ),
    }  # fmt: skip


LAYOUTS = {
    "small": folder(D=18, heads=3, Z=18, E=27, F=25, modes=5, chunk=6, groups=6, vocab=23, steps=7),
    "wide": folder(D=96, heads=3, Z=48, E=144, F=130, modes=8, chunk=24, groups=12, vocab=211, steps=20),
}
