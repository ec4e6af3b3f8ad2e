package dev.megalodon.kernels.benchmark;

/** The best of many timings: on a shared machine anything else measures the neighbours. */
final class Stopwatch {
  private static final long BUDGET_NANOS = 600_000_000L;
  private static final int MIN_REPETITIONS = 5;

  private Stopwatch() {}

  /** Nanoseconds of the fastest run within some 0.6 s, after a warm-up of as long. */
  static double bestNanos(Runnable work) {
    best(work);
    return best(work);
  }

  private static double best(Runnable work) {
    double best = Double.POSITIVE_INFINITY;
    long end = System.nanoTime() + BUDGET_NANOS;
    for (int i = 0; i < MIN_REPETITIONS || System.nanoTime() < end; i++) {
      long start = System.nanoTime();
      work.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }
}
