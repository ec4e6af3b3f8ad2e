package dev.megalodon.e2e.faults;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What came of a soak.
 *
 * @param seed what its faults follow from
 * @param jobs its jobs
 * @param log its faults
 */
record SoakReport(long seed, List<SoakOutcome> jobs, List<String> log) {
  SoakReport {
    jobs = List.copyOf(jobs);
    log = List.copyOf(log);
  }

  /** Share of the time in which steps were made that had to be made, 0 to 1. */
  double goodput() {
    double whole = seconds(SoakOutcome::whole);
    return whole == 0 ? 0 : Math.min(1, seconds(SoakOutcome::useful) / whole);
  }

  private double seconds(Function<SoakOutcome, Duration> part) {
    return jobs.stream().map(part).mapToDouble(Duration::toMillis).sum() / 1000;
  }

  /** What is not as it must be; empty if the soak was survived. */
  List<String> problems() {
    return jobs.stream()
        .flatMap(job -> job.problems().stream().map(problem -> job.job() + ": " + problem))
        .toList();
  }

  /** One line for people. */
  String summary() {
    return String.format(
        Locale.ROOT,
        "soak, seed %d: %d faults, %d jobs, %d steps made again, goodput %.0f %%, %s",
        seed,
        log.size(),
        jobs.size(),
        jobs.stream().mapToLong(SoakOutcome::madeAgain).sum(),
        100 * goodput(),
        problems().isEmpty() ? "nothing stuck, all equal" : "NOT AS IT MUST BE");
  }

  /** All that is needed to see what happened. */
  String details() {
    return summary()
        + problems().stream().map(problem -> "\n- " + problem).collect(Collectors.joining())
        + "\nfaults:\n"
        + String.join("\n", log);
  }
}
