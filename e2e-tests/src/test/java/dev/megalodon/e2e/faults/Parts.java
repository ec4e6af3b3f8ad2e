package dev.megalodon.e2e.faults;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.e2e.cluster.PodProcess;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of a recovery went, in seconds one after the other; absent where nobody tells.
 *
 * @param replaced from the fault until its pod was replaced
 * @param podStart until the newcomer's process ran
 * @param jvmStart until it answered
 * @param join until all ranks had met
 * @param load until they had the state to go on from
 * @param firstStep until the first step was finished
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Parts(
    @Nullable Double replaced,
    @Nullable Double podStart,
    @Nullable Double jvmStart,
    @Nullable Double join,
    @Nullable Double load,
    @Nullable Double firstStep) {

  /** A newcomer's first moments. */
  private record Arrival(Instant created, Optional<Instant> started, Optional<Instant> answered) {}

  static Parts of(Watch watch, Before before, Instant injected) {
    Optional<Arrival> newcomer = newcomer(watch, before);
    Optional<Recovery> recovery = watch.recovery(injected);
    Optional<Instant> created = newcomer.map(Arrival::created);
    Optional<Instant> started = newcomer.flatMap(Arrival::started);
    Optional<Instant> answered = newcomer.flatMap(Arrival::answered);
    Optional<Instant> opened = recovery.map(it -> Instant.parse(it.openedAt()));
    Optional<Instant> loaded = recovery.map(it -> Instant.parse(it.loadedAt()));
    Optional<Instant> stepped = recovery.map(Recovery::firstStepAt).map(Instant::parse);
    return new Parts(
        between(Optional.of(injected), created),
        between(created, started),
        between(started, answered),
        between(answered, opened),
        between(opened, loaded),
        between(loaded, stepped));
  }

  /** The pod that came last: all others waited for it. */
  private static Optional<Arrival> newcomer(Watch watch, Before before) {
    return watch.pods().entrySet().stream()
        .filter(entry -> !before.pods().contains(entry.getKey()))
        .max(Comparator.comparing(entry -> entry.getValue().at()))
        .map(
            entry ->
                new Arrival(
                    entry.getValue().at(),
                    processStart(entry.getValue()),
                    watch.firstAnswer(entry.getKey())));
  }

  private static Optional<Instant> processStart(Watch.Sighting sighting) {
    return PodProcess.find(sighting.pod()).flatMap(PodProcess::startedAt);
  }

  private static @Nullable Double between(Optional<Instant> from, Optional<Instant> to) {
    return from.flatMap(start -> to.map(end -> Math.max(0, Seconds.between(start, end))))
        .orElse(null);
  }
}
