package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The sizes of the reference implementation (arXiv 2404.08801 and its model configurations). */
public enum ModelPreset {
  /** 12 layers, 1,024 wide. */
  @JsonProperty("mega200M")
  MEGA_200M(12, 1024, 1, 256, 2048, 2560, 32, false, false),
  /** 24 layers, 2,048 wide. */
  @JsonProperty("mega1.3B")
  MEGA_1_3B(24, 2048, 2, 512, 4096, 4864, 64, false, false),
  /** 24 layers, 2,048 wide, SwiGLU, the embedding scaled and shared with the output. */
  @JsonProperty("mega1.3B_pg19")
  MEGA_1_3B_PG19(24, 2048, 2, 512, 4096, 3584, 64, true, true),
  /** 32 layers, 4,096 wide. */
  @JsonProperty("mega7.1B")
  MEGA_7_1B(32, 4096, 4, 1024, 8192, 11264, 64, false, false),
  /** 32 layers, 4,096 wide, SwiGLU. */
  @JsonProperty("mega7.3B")
  MEGA_7_3B(32, 4096, 4, 1024, 8192, 8192, 64, true, false);

  /** Tokens of a chunk of attention in every preset; the CRD's rules know the number too. */
  public static final int CHUNK_SIZE = 2048;

  /** Number of token ids when tokens are bytes. */
  public static final int BYTE_VOCABULARY = 256;

  private final int layers;
  private final int modelDim;
  private final int heads;
  private final int zDim;
  private final int valueDim;
  private final int ffnHiddenDim;
  private final int normGroups;
  private final boolean swiglu;
  private final boolean tiedEmbedding;

  ModelPreset(
      int layers,
      int modelDim,
      int heads,
      int zDim,
      int valueDim,
      int ffnHiddenDim,
      int normGroups,
      boolean swiglu,
      boolean tiedEmbedding) {
    this.layers = layers;
    this.modelDim = modelDim;
    this.heads = heads;
    this.zDim = zDim;
    this.valueDim = valueDim;
    this.ffnHiddenDim = ffnHiddenDim;
    this.normGroups = normGroups;
    this.swiglu = swiglu;
    this.tiedEmbedding = tiedEmbedding;
  }

  /** This size with a vocabulary of {@code vocabSize} token ids. */
  public ModelDimensions dimensions(int vocabSize) {
    return new ModelDimensions(
        layers,
        modelDim,
        zDim,
        valueDim,
        heads,
        ffnHiddenDim,
        16,
        CHUNK_SIZE,
        normGroups,
        1e-5,
        vocabSize,
        10_000,
        swiglu,
        false,
        tiedEmbedding,
        tiedEmbedding);
  }
}
