package dev.megalodon.trainer.parallel;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * What the time of one step went into.
 *
 * @param nanos nanoseconds of every phase
 */
public record PhaseTimes(Map<TimedPhase, Long> nanos) {
  public PhaseTimes {
    nanos = Map.copyOf(nanos);
  }

  /** The times in the order of the phases. */
  static PhaseTimes of(long[] nanos) {
    Map<TimedPhase, Long> times = new EnumMap<>(TimedPhase.class);
    Arrays.stream(TimedPhase.values()).forEach(phase -> times.put(phase, nanos[phase.ordinal()]));
    return new PhaseTimes(times);
  }

  /** Seconds of a phase. */
  public double seconds(TimedPhase phase) {
    return nanos.getOrDefault(phase, 0L) / 1e9;
  }

  /** Nanoseconds of the whole step. */
  public long totalNanos() {
    return nanos.values().stream().mapToLong(Long::longValue).sum();
  }
}
