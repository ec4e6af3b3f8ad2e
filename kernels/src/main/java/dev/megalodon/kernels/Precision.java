package dev.megalodon.kernels;

/**
 * How precisely a model is kept and multiplied on a device that computes in FLOAT32. Activations,
 * gradients, norms, recurrences and sums are FLOAT32 in either.
 */
public enum Precision implements Named {
  /** FLOAT32 parameters, factors of matrix products as they are. */
  FP32("fp32", ElementType.FLOAT32),
  /** BFLOAT16 parameters, factors of matrix products rounded to BFLOAT16, sums in FLOAT32. */
  BF16("bf16", ElementType.BFLOAT16);

  private final String label;
  private final ElementType parameterType;

  Precision(String label, ElementType parameterType) {
    this.label = label;
    this.parameterType = parameterType;
  }

  @Override
  public String label() {
    return label;
  }

  /** Type of parameters in memory. */
  public ElementType parameterType() {
    return parameterType;
  }

  /**
   * The precision of a name.
   *
   * @throws IllegalArgumentException when there is none, listing those there are
   */
  public static Precision byName(String name) {
    return Named.byName(Precision.class, "precision", name);
  }
}
