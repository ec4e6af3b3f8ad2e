package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.ElementType;

/** What is compared, which decides how close it must be. */
enum Quantity {
  /** Values and gradients of one operation. */
  OPERATION(1e-5),
  /** The same where inputs have a mean far greater than their deviation. */
  SHIFTED(1e-3),
  /** Values and gradients of one block, and states. */
  BLOCK(5e-5),
  /** Logits of a model; absolute. */
  LOGITS(2e-5),
  /** Loss of a model; absolute. */
  LOSS(5e-6),
  /** Gradients of a model, and their norm. */
  GRADIENT(1e-4),
  /** Losses of a training run; absolute. */
  TRAINING_LOSS(2e-5),
  /** Parameters and moments after training. */
  TRAINED(1e-3),
  /** A function of the step alone. */
  SCHEDULE(1e-12);

  private static final double DOUBLE = 1e-10;
  private static final double SHIFTED_DOUBLE = 1e-8;
  private static final double STORED_AS_SINGLE = 1e-6;

  private final double single;

  Quantity(double single) {
    this.single = single;
  }

  /**
   * What is allowed.
   *
   * @param device type of the device's elements
   * @param stored bytes of an expected element in its file
   */
  Tolerance tolerance(ElementType device, int stored) {
    if (this == SCHEDULE) {
      return new Tolerance.Elementwise(single, single);
    }
    if (device != ElementType.FLOAT64) {
      boolean absolute = this == LOGITS || this == LOSS || this == TRAINING_LOSS;
      return absolute ? new Tolerance.Elementwise(single, 0) : new Tolerance.Norm(single);
    }
    double whole = this == SHIFTED ? SHIFTED_DOUBLE : DOUBLE;
    boolean exact = stored == ElementType.FLOAT64.bytes();
    return new Tolerance.Elementwise(whole, exact ? whole : STORED_AS_SINGLE);
  }
}
