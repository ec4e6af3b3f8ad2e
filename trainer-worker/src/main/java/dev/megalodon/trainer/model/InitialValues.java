package dev.megalodon.trainer.model;

/** How training starts a parameter, as the reference implementation does. */
sealed interface InitialValues {
  /** One number everywhere: 0 for biases and norms. */
  record Constant(double value) implements InitialValues {}

  /** Normal with mean 0. */
  record Normal(double deviation) implements InitialValues {}

  /** Normal with mean 0, drawn again where its absolute value passes the bound. */
  record TruncatedNormal(double deviation, double bound) implements InitialValues {}

  /** Complex numbers as (…, 2): the real parts normal, the imaginary parts 0. */
  record RealNormal(double deviation) implements InitialValues {}

  /** θ of the moving average: logit(D^(−j/D)) for j = 1..D, the channels in random order. */
  record Frequencies() implements InitialValues {}

  /** Zero everywhere. */
  static InitialValues zero() {
    return new Constant(0);
  }

  /** N(0, 1/(3·fan-in)), what Kaiming initialization with a = √5 gives. */
  static InitialValues linear(long fanIn) {
    return new Normal(Math.sqrt(1.0 / (3.0 * fanIn)));
  }
}
