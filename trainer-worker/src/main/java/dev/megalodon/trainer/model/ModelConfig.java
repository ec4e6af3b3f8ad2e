package dev.megalodon.trainer.model;

/**
 * Dimensions and variants of a model. Letters are those of the shapes in this package.
 *
 * @param layers number of blocks
 * @param modelDim D, width of the residual stream
 * @param zDim Z, width of the shared representation, all heads together
 * @param valueDim E, width of the values, all heads together
 * @param heads H, attention heads
 * @param ffnHiddenDim F, width inside the feed-forward network
 * @param cemaDim N, complex modes per channel of the moving average
 * @param chunkSize C, steps that attend to each other
 * @param normGroups G, groups of channels in timestep norm
 * @param normEpsilon ε of every norm
 * @param vocabSize V, number of tokens
 * @param ropeBase base of the rotary angles
 * @param swiglu whether the feed-forward network is gated
 * @param rescaleFfn whether the feed-forward output has a learned scale per channel
 * @param scaleEmbedding whether embeddings are multiplied by √D
 * @param shareEmbedding whether the output projection is the embedding
 */
public record ModelConfig(
    int layers,
    int modelDim,
    int zDim,
    int valueDim,
    int heads,
    int ffnHiddenDim,
    int cemaDim,
    int chunkSize,
    int normGroups,
    double normEpsilon,
    int vocabSize,
    double ropeBase,
    boolean swiglu,
    boolean rescaleFfn,
    boolean scaleEmbedding,
    boolean shareEmbedding) {

  /**
   * Checks every field.
   *
   * @throws IllegalArgumentException naming the field
   */
  public ModelConfig {
    requirePositive("layers", layers);
    requirePositive("heads", heads);
    requirePositive("normGroups", normGroups);
    requirePositive("ffnHiddenDim", ffnHiddenDim);
    requirePositive("cemaDim", cemaDim);
    requirePositive("chunkSize", chunkSize);
    requirePositive("vocabSize", vocabSize);
    requireMultiple("modelDim", modelDim, "normGroups", normGroups);
    requireMultiple("zDim", zDim, "2 x heads (rotary pairs)", 2L * heads);
    requireMultiple("valueDim", valueDim, "heads", heads);
    requirePositive("normEpsilon", normEpsilon);
    requirePositive("ropeBase", ropeBase);
  }

  /** The same model over another vocabulary. */
  public ModelConfig withVocabSize(int newVocabSize) {
    return new ModelConfig(
        layers,
        modelDim,
        zDim,
        valueDim,
        heads,
        ffnHiddenDim,
        cemaDim,
        chunkSize,
        normGroups,
        normEpsilon,
        newVocabSize,
        ropeBase,
        swiglu,
        rescaleFfn,
        scaleEmbedding,
        shareEmbedding);
  }

  /** Width of one head's queries and keys. */
  public int zHeadDim() {
    return zDim / heads;
  }

  /** Width of one head's values. */
  public int valueHeadDim() {
    return valueDim / heads;
  }

  /** Factor on embeddings. */
  public double embeddingScale() {
    return scaleEmbedding ? Math.sqrt(modelDim) : 1;
  }

  /** Number of learned numbers. */
  public long parameterCount() {
    return ParameterCatalog.of(this).stream().mapToLong(ParameterSpec::elements).sum();
  }

  private static void requirePositive(String field, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "model.%s must be greater than 0, not %s".formatted(field, value));
    }
  }

  private static void requireMultiple(String field, int value, String ofField, long of) {
    requirePositive(field, value);
    if (value % of != 0) {
      throw new IllegalArgumentException(
          "model.%s: %d is not a multiple of %s (%d)".formatted(field, value, ofField, of));
    }
  }
}
