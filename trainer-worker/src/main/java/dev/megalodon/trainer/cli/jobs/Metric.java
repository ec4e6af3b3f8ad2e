package dev.megalodon.trainer.cli.jobs;

/** What can be plotted over the steps. */
enum Metric {
  /** Training loss. */
  LOSS("loss", "training loss, nats per token"),
  /** Speed. */
  THROUGHPUT("throughput", "tokens per second, all ranks"),
  /** Size of the gradient. */
  GRADIENT_NORM("gradientNorm", "global gradient norm before clipping");

  private final String label;
  private final String title;

  Metric(String label, String title) {
    this.label = label;
    this.title = title;
  }

  /** What it is, with its unit. */
  String title() {
    return title;
  }

  /** Its value at a point; NaN if not known. */
  double of(History.Point point) {
    return switch (this) {
      case LOSS -> point.loss();
      case THROUGHPUT -> point.tokensPerSecond();
      case GRADIENT_NORM -> point.gradientNorm();
    };
  }

  /** How the command line calls it. */
  @Override
  public String toString() {
    return label;
  }
}
