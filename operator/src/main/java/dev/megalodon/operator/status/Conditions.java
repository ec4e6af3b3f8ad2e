package dev.megalodon.operator.status;

import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.Condition.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects the conditions of one pass over those of the status before. {@code lastTransitionTime}
 * moves only when {@code status} changes, as {@code metav1.Condition} demands.
 */
public final class Conditions {
  /** Longest message that a status carries, characters. */
  static final int MAX_MESSAGE = 4096;

  private final Map<String, Condition> byType = new LinkedHashMap<>();
  private final String now;
  private final long generation;

  /** Starts from the conditions written last. */
  public Conditions(List<Condition> before, Instant now, long generation) {
    before.forEach(condition -> byType.put(condition.type(), condition));
    this.now = Times.seconds(now);
    this.generation = generation;
  }

  /** The condition as it stands, if it was ever set. */
  public Optional<Condition> get(ConditionType type) {
    return Optional.ofNullable(byType.get(type.label()));
  }

  /** Whether a condition is True. */
  public boolean holds(ConditionType type) {
    return get(type).filter(condition -> condition.status() == Status.TRUE).isPresent();
  }

  /** When a condition's status last changed; empty if it was never set. */
  public Optional<Instant> since(ConditionType type) {
    return get(type).flatMap(condition -> Times.parse(condition.lastTransitionTime()));
  }

  /** Sets a condition. */
  public void set(ConditionType type, boolean holds, String reason, String message) {
    Status status = holds ? Status.TRUE : Status.FALSE;
    String since =
        get(type)
            .filter(before -> before.status() == status)
            .map(Condition::lastTransitionTime)
            .orElse(now);
    byType.put(
        type.label(),
        new Condition(type.label(), status, word(reason), cut(message), since, generation));
  }

  /** Sets a condition that is only worth showing when it holds or once held. */
  public void setIfKnown(ConditionType type, boolean holds, String reason, String message) {
    if (holds || byType.containsKey(type.label())) {
      set(type, holds, reason, message);
    }
  }

  /** Says in the words of another status what both say. */
  void rephrase(@Nullable List<Condition> other) {
    Objects.requireNonNullElse(other, List.<Condition>of()).stream()
        .filter(told -> isSame(told, byType.get(told.type())))
        .forEach(told -> byType.put(told.type(), told));
  }

  private static boolean isSame(Condition one, @Nullable Condition other) {
    return other != null
        && one.status() == other.status()
        && one.reason().equals(other.reason())
        && Objects.equals(one.observedGeneration(), other.observedGeneration());
  }

  /** The result, in the order conditions were first set. */
  public List<Condition> build() {
    return new ArrayList<>(byType.values());
  }

  /** The API server refuses reasons that are not one word. */
  private static String word(String reason) {
    String word = reason.replaceAll("[^A-Za-z0-9_]", "");
    return word.isEmpty() || !Character.isLetter(word.charAt(0)) ? "Unknown" : word;
  }

  private static String cut(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE);
  }
}
