package dev.megalodon.trainer.memory;

import dev.megalodon.kernels.ElementType;

/**
 * How wide a parameter and what belongs to it are.
 *
 * @param parameter as the model computes with it
 * @param gradient as ranks add it up
 * @param accumulation of moments, and of master copies where parameters are narrower than gradients
 */
public record Precision(ElementType parameter, ElementType gradient, ElementType accumulation) {
  /** Everything in single precision. */
  public static final Precision FP32 =
      new Precision(ElementType.FLOAT32, ElementType.FLOAT32, ElementType.FLOAT32);

  /** Parameters in bfloat16, everything else in single precision, with master copies. */
  public static final Precision BF16 =
      new Precision(ElementType.BFLOAT16, ElementType.FLOAT32, ElementType.FLOAT32);

  /** Everything in double precision: the reference device. */
  public static final Precision FP64 =
      new Precision(ElementType.FLOAT64, ElementType.FLOAT64, ElementType.FLOAT64);

  /** Whether the optimizer needs parameters of its own. */
  public boolean hasMasterCopies() {
    return parameter.bytes() < gradient.bytes();
  }
}
