package dev.megalodon.e2e.faults;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A fault that has begun.
 *
 * @param begun when it began, if bringing it about took longer than that
 * @param end ends it, whatever state it is in; may be called when it is over already
 * @param check what, beyond the usual, is wrong with what came of it; empty if nothing
 */
record Injection(Optional<Instant> begun, Runnable end, Function<Evidence, List<String>> check) {
  /** One that needs no end. */
  static Injection done() {
    return endedBy(() -> {});
  }

  /** One that goes on until this is run. */
  static Injection endedBy(Runnable end) {
    return new Injection(Optional.empty(), end, evidence -> List.of());
  }

  /** The same, with something to check afterwards. */
  Injection checking(Function<Evidence, List<String>> check) {
    return new Injection(begun, end, check);
  }

  /** The same, which began then. */
  Injection since(Instant instant) {
    return new Injection(Optional.of(instant), end, check);
  }
}
