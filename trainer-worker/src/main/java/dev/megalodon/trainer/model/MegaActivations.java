package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;

/**
 * What moving-average gated attention computes forward and needs backward.
 *
 * @param normalized (B, L, D): t, the input after timestep norm
 * @param timestepNorm what timestep norm keeps
 * @param averaged (B, L, D): c, t after CEMA
 * @param cema what CEMA keeps
 * @param mixed (B, L, D): m, c after RMS norm
 * @param inverseRms (B·L)
 * @param shared (B, L, Z): u
 * @param sharedInverseRms (B, L, H)
 * @param queries (B, L, Z), rotated
 * @param keys (B, L, Z), rotated
 * @param valueInput (B, L, E): v before its silu
 * @param values (B, L, E): v
 * @param gateInput (B, L, E): r before its silu
 * @param attention (B, L, E): a
 * @param gated (B, L, E): a ⊙ r
 * @param output (B, L, D): y
 */
record MegaActivations(
    Tensor normalized,
    TimestepNorm.Saved timestepNorm,
    Tensor averaged,
    Cema.Saved cema,
    Tensor mixed,
    Tensor inverseRms,
    Tensor shared,
    Tensor sharedInverseRms,
    Tensor queries,
    Tensor keys,
    Tensor valueInput,
    Tensor values,
    Tensor gateInput,
    Tensor attention,
    Tensor gated,
    Tensor output) {

  static MegaActivations allocate(Shapes shapes) {
    ModelConfig config = shapes.config();
    int d = config.modelDim();
    int e = config.valueDim();
    int z = config.zDim();
    return new MegaActivations(
        shapes.sequence(d),
        shapes.timestepNorm(),
        shapes.sequence(d),
        Cema.Saved.allocate(
            shapes.device(),
            shapes.allocator(),
            shapes.batch(),
            shapes.length(),
            d,
            config.cemaDim()),
        shapes.sequence(d),
        shapes.statistics(1),
        shapes.sequence(z),
        shapes.statistics(config.heads()).reshape(shapes.batch(), shapes.length(), config.heads()),
        shapes.sequence(z),
        shapes.sequence(z),
        shapes.sequence(e),
        shapes.sequence(e),
        shapes.sequence(e),
        shapes.sequence(e),
        shapes.sequence(e),
        shapes.sequence(d));
  }
}
