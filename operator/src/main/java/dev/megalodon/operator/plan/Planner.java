package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.operator.observe.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides what to do about a job. A function of its arguments: what exists now, what the status
 * says, and the time. Killed between any two of the writes it asks for, it asks for the rest.
 */
public final class Planner {
  private final Limits limits;

  /** A planner with these limits. */
  public Planner(Limits limits) {
    this.limits = limits;
  }

  /**
   * One pass.
   *
   * @param snapshot what exists now
   * @param violations what is wrong with the spec; empty if nothing is
   * @param now the time
   */
  public Plan plan(Snapshot snapshot, List<String> violations, Instant now) {
    if (snapshot.spec().managedBy() != null) {
      return Plan.nothing();
    }
    Pass pass = new Pass(snapshot, now, limits);
    if (snapshot.deleting()) {
      pass.groups.tidy(pass, Optional.empty());
      return pass.toCleanUp();
    }
    snapshot.lookAgain().ifPresent(pass::wakeAt);
    if (pass.status.phase().filter(JobPhase::isFinal).isPresent()) {
      return Finished.plan(pass);
    }
    if (!snapshot.spec().suspend()
        && pass.status.startTime().isEmpty()
        && QueueTime.isAdmitted(pass)) {
      pass.status.started(now);
      Outages.open(pass, now);
    }
    ProgressFold.fold(pass);
    Budget.refund(pass);
    List<Loss> losses = snapshot.spec().suspend() ? List.of() : LossFinder.find(pass);
    Optional<Outcome> outcome = OutcomeFinder.find(pass, violations, losses);
    if (outcome.isPresent()) {
      Ending.plan(pass, outcome.get());
    } else if (snapshot.spec().suspend()) {
      Suspension.plan(pass);
    } else {
      Workforce.plan(pass, losses);
    }
    return pass.toPlan();
  }
}
