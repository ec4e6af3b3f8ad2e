package dev.megalodon.trainer.cli.jobs;

import java.util.function.ToDoubleFunction;

/** What can be plotted over the steps. */
enum Metric {
  /** Training loss. */
  LOSS("loss", "training loss, nats per token", History.Point::loss),
  /** Speed. */
  THROUGHPUT("throughput", "tokens per second, all ranks", History.Point::tokensPerSecond),
  /** Size of the gradient. */
  GRADIENT_NORM(
      "gradientNorm", "global gradient norm before clipping", History.Point::gradientNorm);

  private final String label;
  private final String title;
  private final ToDoubleFunction<History.Point> value;

  Metric(String label, String title, ToDoubleFunction<History.Point> value) {
    this.label = label;
    this.title = title;
    this.value = value;
  }

  /** What it is, with its unit. */
  String title() {
    return title;
  }

  /** Its value at a point; NaN if not known. */
  double of(History.Point point) {
    return value.applyAsDouble(point);
  }

  @Override
  public String toString() {
    return label;
  }
}
