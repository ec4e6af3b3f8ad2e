package dev.megalodon.trainer.memory;

import dev.megalodon.trainer.memory.MemoryItem.Kind;
import java.util.Locale;

/**
 * Whether a plan fits a machine. Only what cannot fit for certain is refused: the heap is counted
 * as it is now, not as large as it may become.
 */
public sealed interface MemoryCheck {
  /** It fits, however far the heap grows. */
  record Fits() implements MemoryCheck {}

  /**
   * It may fit.
   *
   * @param warning what to know, in one sentence
   */
  record Tight(String warning) implements MemoryCheck {}

  /**
   * It cannot fit.
   *
   * @param reason numbers and the way out, in one sentence
   */
  record TooLarge(String reason) implements MemoryCheck {}

  /** Holds a plan against a machine. */
  static MemoryCheck of(MemoryPlan plan, MachineMemory machine) {
    long least = plan.outsideHeap() + machine.jvmNow();
    long most = plan.outsideHeap() + Math.max(machine.heapLimit(), machine.jvmNow());
    if (least > machine.limit()) {
      return new TooLarge(tooLarge(plan, machine, least));
    }
    return most > machine.limit() ? new Tight(tight(plan, machine)) : new Fits();
  }

  private static String tooLarge(MemoryPlan plan, MachineMemory machine, long least) {
    return ("a rank needs %s (%s for parameters, gradients, optimizer, snapshot and links, %s for"
            + " activations, %s for the JVM) and may use %s: raise"
            + " spec.worker.resources.limits.memory, %s")
        .formatted(
            gib(least),
            gib(plan.of(Kind.STATE)),
            gib(plan.of(Kind.ACTIVATION)),
            gib(machine.jvmNow()),
            gib(machine.limit()),
            wayOut(plan));
  }

  private static String wayOut(MemoryPlan plan) {
    return plan.of(Kind.ACTIVATION) > plan.of(Kind.STATE)
        ? "lower spec.training.microBatchSequences or spec.data.sequenceLength"
        : "use a smaller model or more spec.parallelism.workers";
  }

  private static String tight(MemoryPlan plan, MachineMemory machine) {
    return "tensors and links take %s of the %s there are, which leaves the Java heap less than the %s it may grow to"
        .formatted(gib(plan.outsideHeap()), gib(machine.limit()), gib(machine.heapLimit()));
  }

  /** For people. */
  static String gib(long bytes) {
    double gib = (double) bytes / (1L << 30);
    return String.format(Locale.ROOT, gib < 10 ? "%.3f GiB" : "%.1f GiB", gib);
  }
}
