package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Tensor;

/**
 * Parameters of one moving-average gated attention layer, or their gradients. Norm weights, and γ,
 * are stored without the 1 that is added to them.
 *
 * @param timestepNormWeight (D)
 * @param timestepNormBias (D)
 * @param cema complex exponential moving average
 * @param rmsNormWeight (D)
 * @param value D → E
 * @param shared D → Z, the representation of which queries and keys are made
 * @param gate D → E
 * @param hidden1 D → D, with the bias
 * @param hidden2 E → D
 * @param gamma (2, Z): of queries, of keys
 * @param beta (2, Z): of queries, of keys
 */
record MegaWeights(
    Tensor timestepNormWeight,
    Tensor timestepNormBias,
    Cema.Parameters cema,
    Tensor rmsNormWeight,
    Linear value,
    Linear shared,
    Linear gate,
    Linear hidden1,
    Linear hidden2,
    Tensor gamma,
    Tensor beta) {

  /** Views on the parameters of a layer. */
  static MegaWeights of(FlatTensors tensors, int layer) {
    String prefix = ParameterCatalog.mega(layer);
    return new MegaWeights(
        tensors.tensor(prefix + "timenorm.weight"),
        tensors.tensor(prefix + "timenorm.bias"),
        cema(tensors, prefix + "cema."),
        tensors.tensor(prefix + "rmsnorm.weight"),
        Linear.biased(tensors, prefix + "wv"),
        Linear.biased(tensors, prefix + "wz"),
        Linear.biased(tensors, prefix + "wr"),
        Linear.biased(tensors, prefix + "wh1"),
        Linear.unbiased(tensors, prefix + "wh2"),
        tensors.tensor(prefix + "gamma"),
        tensors.tensor(prefix + "beta"));
  }

  private static Cema.Parameters cema(FlatTensors tensors, String prefix) {
    return new Cema.Parameters(
        tensors.tensor(prefix + "alpha"),
        tensors.tensor(prefix + "delta"),
        tensors.tensor(prefix + "theta"),
        tensors.tensor(prefix + "gamma"),
        tensors.tensor(prefix + "omega"));
  }
}
