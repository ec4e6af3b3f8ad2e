package dev.megalodon.e2e.faults;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.e2e.faults.Expectation.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds what came of a fault to what was promised. */
final class Verdict {
  private final Fault fault;
  private final Expectation expected;
  private final Evidence evidence;
  private final Timeline timeline;
  private final Reference reference;

  Verdict(Fault fault, Evidence evidence, Timeline timeline, Reference reference) {
    this.fault = fault;
    this.expected = fault.expectation();
    this.evidence = evidence;
    this.timeline = timeline;
    this.reference = reference;
  }

  /** The line of the table. */
  FaultRow row(Parts parts) {
    List<String> differences = differences();
    List<String> lostPods = evidence.before().lost(evidence.scene());
    return new FaultRow(
        fault.name(),
        detectedSeconds(),
        recoveredSeconds(),
        evidence.steps().madeAgain(),
        differences.isEmpty(),
        lostPods.isEmpty(),
        evidence.watch().recovery(timeline.injected()).map(it -> it.source().name()).orElse(null),
        evidence.restarts(),
        evidence.causes(),
        timeline.stepped().isPresent() ? parts : null,
        problems(differences, lostPods));
  }

  private List<String> problems(List<String> differences, List<String> lostPods) {
    List<String> found = new ArrayList<>(differences);
    lostPods.forEach(pod -> found.add("a survivor was not kept: " + pod));
    checkOutcome(found);
    checkLoss(found);
    checkCharge(found);
    found.addAll(timeline.injection().check().apply(evidence));
    return List.copyOf(found);
  }

  private void checkOutcome(List<String> found) {
    Optional<String> failure = evidence.failure().map(it -> it.reason() + ": " + it.message());
    if (expected.outcome() == Outcome.FAILED) {
      if (failure.isEmpty()) {
        found.add("the job went on, although it could not");
      }
      return;
    }
    failure.ifPresent(why -> found.add("the job failed: " + why));
    boolean moved = evidence.firstNewStep().isPresent();
    if (expected.outcome() == Outcome.UNNOTICED && moved) {
      found.add("training left its epoch, although no rank was lost");
    }
    if (expected.outcome() == Outcome.NEW_EPOCH && !moved) {
      found.add("no step was made in a newer epoch");
    }
    if (expected.outcome() == Outcome.NEW_EPOCH && moved && timeline.stepped().isEmpty()) {
      found.add("training went on, but not within the bound");
    }
    if (fault.hold().untilRecovered() && moved && !timeline.beforeEnd()) {
      found.add(
          "training went on only when the fault was over, after %.0f s"
              .formatted(Seconds.between(timeline.injected(), timeline.ended())));
    }
    if (!moved && !timeline.runningAfter()) {
      found.add("the job was done before the fault was over: it proves nothing");
    }
  }

  private void checkLoss(List<String> found) {
    long lost = evidence.steps().madeAgain();
    if (lost > expected.lostAtMost()) {
      found.add(
          "%d steps were made again, at most %d may be".formatted(lost, expected.lostAtMost()));
    }
  }

  private void checkCharge(List<String> found) {
    boolean wrong =
        switch (expected.charge()) {
          case ANY -> false;
          case CHARGED -> evidence.restarts() == 0;
          case UNCHARGED -> evidence.restarts() != 0;
        };
    if (wrong) {
      found.add("status.restarts is %d, for %s".formatted(evidence.restarts(), evidence.causes()));
    }
  }

  /** Of the whole training, or of what there is of it if the job had to fail. */
  private List<String> differences() {
    if (expected.outcome() == Outcome.FAILED) {
      return reference.differences(evidence.steps());
    }
    if (evidence.failure().isPresent()) {
      return List.of("it has no final parameters to compare");
    }
    // The log is on the volume that was full.
    boolean mayMissLines = fault instanceof FillVolume;
    return reference.differences(
        evidence.scene().workspace(), evidence.scene().job(), mayMissLines);
  }

  private @Nullable Double detectedSeconds() {
    if (expected.outcome() == Outcome.UNNOTICED) {
      return null;
    }
    Instant since = timeline.injected();
    return evidence
        .watch()
        .firstNotice(evidence.before().survivors().keySet(), since)
        .or(() -> operatorNoticed(since))
        .map(at -> Seconds.between(since, at))
        .orElse(null);
  }

  private Optional<Instant> operatorNoticed(Instant since) {
    return evidence.attempts().stream()
        .map(AttemptStatus::detected)
        .map(Instant::parse)
        .filter(at -> !at.isBefore(since))
        .min(Comparator.naturalOrder());
  }

  private @Nullable Double recoveredSeconds() {
    if (expected.outcome() == Outcome.FAILED) {
      return evidence
          .failure()
          .map(it -> Seconds.between(timeline.injected(), Instant.parse(it.lastTransitionTime())))
          .orElse(null);
    }
    if (timeline.stepped().isEmpty()) {
      boolean mayStay = expected.outcome() != Outcome.NEW_EPOCH;
      return mayStay && evidence.failure().isEmpty() ? 0.0 : null;
    }
    boolean afterOutage =
        fault.hold().isOutage() && timeline.stepped().get().isAfter(timeline.ended());
    Instant from = afterOutage ? timeline.ended() : timeline.injected();
    return Seconds.between(from, timeline.stepped().get());
  }
}
