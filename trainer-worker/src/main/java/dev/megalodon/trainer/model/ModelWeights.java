package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * All parameters of a model by their role, or all gradients.
 *
 * @param embedding (V, D)
 * @param blocks by layer
 * @param finalNormWeight (D), stored without the 1
 * @param finalNormBias (D)
 * @param output D → V; the embedding itself in a model that shares it
 */
public record ModelWeights(
    Tensor embedding,
    List<BlockWeights> blocks,
    Tensor finalNormWeight,
    Tensor finalNormBias,
    Linear output) {

  /** Views on a flat buffer of parameters or gradients. */
  public static ModelWeights of(ModelConfig config, FlatTensors tensors) {
    Tensor embedding = tensors.tensor(ParameterCatalog.EMBEDDING);
    Tensor output = config.shareEmbedding() ? embedding : tensors.tensor(ParameterCatalog.OUTPUT);
    return new ModelWeights(
        embedding,
        IntStream.range(0, config.layers())
            .mapToObj(layer -> BlockWeights.of(config, tensors, layer))
            .toList(),
        tensors.tensor(ParameterCatalog.FINAL_NORM + "weight"),
        tensors.tensor(ParameterCatalog.FINAL_NORM + "bias"),
        new Linear(output, Optional.empty()));
  }
}
