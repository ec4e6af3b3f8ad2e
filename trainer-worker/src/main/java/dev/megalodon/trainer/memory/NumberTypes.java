package dev.megalodon.trainer.memory;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Precision;
import dev.megalodon.trainer.job.TrainingPlan;

/**
 * How wide a parameter and what belongs to it are.
 *
 * @param parameter as the model computes with it
 * @param gradient as ranks add it up
 * @param accumulation of moments, and of master copies where parameters are narrower than gradients
 */
public record NumberTypes(ElementType parameter, ElementType gradient, ElementType accumulation) {
  /** Everything in single precision. */
  public static final NumberTypes FP32 =
      new NumberTypes(ElementType.FLOAT32, ElementType.FLOAT32, ElementType.FLOAT32);

  /** Parameters in bfloat16, everything else in single precision, with master copies. */
  public static final NumberTypes BF16 =
      new NumberTypes(ElementType.BFLOAT16, ElementType.FLOAT32, ElementType.FLOAT32);

  /** Everything in double precision: the reference device. */
  public static final NumberTypes FP64 =
      new NumberTypes(ElementType.FLOAT64, ElementType.FLOAT64, ElementType.FLOAT64);

  /** What a run computes with. */
  static NumberTypes of(TrainingPlan.Compute compute) {
    if (compute.device().equals("reference")) {
      return FP64;
    }
    return of(compute.precision());
  }

  /** What a device that computes in FLOAT32 keeps a model of some precision as. */
  public static NumberTypes of(Precision precision) {
    return switch (precision) {
      case FP32 -> FP32;
      case BF16 -> BF16;
    };
  }

  /** Whether the optimizer needs parameters of its own. */
  public boolean hasMasterCopies() {
    return parameter.bytes() < gradient.bytes();
  }
}
