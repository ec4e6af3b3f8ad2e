package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.OperatorDeployment;
import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.faults.Expectation.Charge;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A part of the control plane is away for a while. Training must not notice; what fails meanwhile
 * is handled afterwards.
 *
 * @param part what is away
 * @param time for how long
 * @param killed rank that is killed meanwhile
 */
record Outage(Part part, Duration time, OptionalInt killed) implements Fault {
  /** Parts of the control plane. */
  enum Part {
    /** The operator has no pod. */
    OPERATOR("operator down"),
    /** The API server does not run. */
    API_SERVER("API server stopped");

    private final String what;

    Part(String what) {
      this.what = what;
    }

    private void stop(Scene scene) {
      switch (this) {
        case OPERATOR -> OperatorDeployment.stop(scene.cluster());
        case API_SERVER -> scene.cluster().fault("apiserver-stop").successful();
      }
    }

    private void start(Scene scene) {
      switch (this) {
        case OPERATOR -> OperatorDeployment.start(scene.cluster());
        case API_SERVER -> scene.cluster().fault("apiserver-start").successful();
      }
    }
  }

  static Outage of(Part part, Duration time) {
    return new Outage(part, time, OptionalInt.empty());
  }

  static Outage killing(Part part, Duration time, int killed) {
    return new Outage(part, time, OptionalInt.of(killed));
  }

  @Override
  public String name() {
    return killed.isPresent() ? "rank killed with " + part.what : part.what;
  }

  @Override
  public Expectation expectation() {
    return killed.isPresent() ? Expectation.survived(Charge.CHARGED) : Expectation.unnoticed();
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return killed.isPresent() ? Set.of(killed.getAsInt()) : Set.of();
  }

  @Override
  public Hold hold() {
    return Hold.outage(time);
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public Injection inject(Scene scene) {
    // Found first: without an API server nobody can be looked up.
    Optional<PodProcess> victim = killed.stream().mapToObj(scene::process).findFirst();
    part.stop(scene);
    Instant begun = Instant.now();
    victim.ifPresent(PodProcess::kill);
    return Injection.endedBy(() -> part.start(scene)).since(begun);
  }
}
