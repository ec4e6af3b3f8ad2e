package dev.megalodon.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits with a bound and a name. */
public final class Await {
  private Await() {}

  /**
   * Asks until there is an answer. An API server that does not answer just now is none.
   *
   * @param what what is waited for, for the error
   * @throws AssertionError after the bound
   */
  public static <T> T until(String what, Duration bound, Supplier<Optional<T>> question) {
    Instant end = Instant.now().plus(bound);
    while (true) {
      Optional<T> answer = ask(question);
      if (answer.isPresent()) {
        return answer.get();
      }
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("waited %d s for %s".formatted(bound.toSeconds(), what));
      }
      pause();
    }
  }

  private static <T> Optional<T> ask(Supplier<Optional<T>> question) {
    try {
      return question.get();
    } catch (KubernetesClientException away) {
      return Optional.empty();
    }
  }

  /** Asks until it is so. */
  public static void until(String what, Duration bound, BooleanSupplier question) {
    until(what, bound, () -> question.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
