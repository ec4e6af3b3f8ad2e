package dev.megalodon.trainer.interchange;

import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a model's tensors say of its configuration. Shapes give every width; the number of heads and
 * of norm groups can be seen in buffers only; the chunk size, ε, the rope base and whether
 * embeddings are scaled cannot be seen at all.
 */
public final class ModelShapes {
  /** The reference implementation's own default. */
  private static final double ROPE_BASE = 10_000;

  /** The reference implementation's own default. */
  private static final double NORM_EPSILON = 1e-5;

  private static final String FIRST = "layers.0.";

  private final Map<String, NamedTensor> tensors;

  /**
   * What tensors do not say.
   *
   * @param heads needed where the buffer rope.freqs is missing
   * @param normGroups needed where the buffers prior_mean are missing
   * @param chunkSize always needed
   * @param normEpsilon 1e-5 if not given
   * @param ropeBase 10,000 if not given
   * @param scaleEmbedding whether embeddings are multiplied by √D
   */
  public record Given(
      OptionalInt heads,
      OptionalInt normGroups,
      OptionalInt chunkSize,
      OptionalDouble normEpsilon,
      OptionalDouble ropeBase,
      boolean scaleEmbedding) {
    /** Nothing is given. */
    public static final Given NOTHING =
        new Given(
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            false);
  }

  /** Looks at whole tensors, buffers included. */
  ModelShapes(Map<String, NamedTensor> tensors) {
    this.tensors = tensors;
  }

  /** Tokens that the embedding has. */
  int vocabulary() throws InterchangeException {
    return dim("embed.weight", 0);
  }

  /**
   * The configuration that the tensors have.
   *
   * @throws InterchangeException naming the tensor that is missing, or the option to give
   */
  ModelConfig config(Given given) throws IOException {
    int zDim = dim(FIRST + "mega.wz.weight", 0);
    try {
      return new ModelConfig(
          layers(),
          dim("embed.weight", 1),
          zDim,
          dim(FIRST + "mega.wv.weight", 0),
          heads(zDim, given),
          dim(FIRST + "nffn.fc1.weight", 0),
          dim(FIRST + "mega.cema.alpha", 1),
          given.chunkSize().orElseThrow(() -> missing("the chunk size", "--chunk-size")),
          normGroups(given),
          given.normEpsilon().orElse(NORM_EPSILON),
          vocabulary(),
          given.ropeBase().orElse(ROPE_BASE),
          tensors.containsKey(FIRST + "nffn.fc3.weight"),
          tensors.containsKey(FIRST + "nffn.alpha"),
          given.scaleEmbedding(),
          sharesEmbedding());
    } catch (IllegalArgumentException e) {
      throw new InterchangeException("the tensors make no model: " + e.getMessage());
    }
  }

  /** How many layers there are without a gap. */
  int layers() {
    int layers = 0;
    while (tensors.containsKey("layers.%d.mega.wz.weight".formatted(layers))) {
      layers++;
    }
    return layers;
  }

  private int heads(int zDim, Given given) throws InterchangeException {
    if (given.heads().isPresent()) {
      return given.heads().getAsInt();
    }
    if (!tensors.containsKey(OfficialBuffers.FREQUENCIES)) {
      throw missing("the number of heads", "--heads");
    }
    return zDim / Math.max(1, 2 * dim(OfficialBuffers.FREQUENCIES, 0));
  }

  private int normGroups(Given given) throws InterchangeException {
    String prior = OfficialBuffers.FINAL_NORM + OfficialBuffers.PRIOR_MEAN;
    if (given.normGroups().isPresent()) {
      return given.normGroups().getAsInt();
    }
    if (!tensors.containsKey(prior)) {
      throw missing("the number of norm groups", "--norm-groups");
    }
    return dim(prior, 0);
  }

  /** Files with a tied output hold it twice; a trained one that is not tied is never the same. */
  private boolean sharesEmbedding() throws IOException {
    NamedTensor output = tensors.get("output.output.weight");
    NamedTensor embedding = tensors.get("embed.weight");
    return output == null || (embedding != null && output.isSame(embedding));
  }

  private int dim(String name, int axis) throws InterchangeException {
    NamedTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new InterchangeException(
          "there is no tensor '%s': is this a Megalodon model in the reference names?"
              .formatted(name));
    }
    List<Long> dims = tensor.dims();
    if (axis >= dims.size() || dims.get(axis) > Integer.MAX_VALUE) {
      throw new InterchangeException("tensor '%s' has the shape %s".formatted(name, dims));
    }
    return dims.get(axis).intValue();
  }

  private static InterchangeException missing(String what, String option) {
    return new InterchangeException(
        "nothing in the files says %s: give %s, or --config with the model's config.json"
            .formatted(what, option));
  }
}
