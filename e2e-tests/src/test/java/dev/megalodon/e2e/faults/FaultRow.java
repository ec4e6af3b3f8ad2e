package dev.megalodon.e2e.faults;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a fault: a line of the table.
 *
 * @param fault its name
 * @param detectedSeconds until workers, or the operator, noticed; absent if nobody had to
 * @param recoveredSeconds until the first step afterwards, from the fault or from the end of an
 *     outage; 0 if training never stopped, absent if it did not go on
 * @param lostSteps steps that were finished before and made again
 * @param equal whether every step and the final parameters have the bits of the uninterrupted run
 * @param survivorsKept whether all pods that it did not hit are the same, never restarted
 * @param source what training went on from: LIVE, CHECKPOINT or BEGINNING; absent if nobody told
 * @param restarts failures that were charged
 * @param causes what the operator wrote down
 * @param parts where the time went
 * @param problems all that is not as it must be; empty if the fault was survived as promised
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record FaultRow(
    String fault,
    @Nullable Double detectedSeconds,
    @Nullable Double recoveredSeconds,
    long lostSteps,
    boolean equal,
    boolean survivorsKept,
    @Nullable String source,
    int restarts,
    List<String> causes,
    @Nullable Parts parts,
    List<String> problems) {

  /** A fault that could not even be measured. */
  static FaultRow broken(String fault, Throwable why) {
    String problem = why.getClass().getSimpleName() + ": " + why.getMessage();
    return new FaultRow(
        fault, null, null, 0, false, false, null, 0, List.of(), null, List.of(problem));
  }

  /** Whether the fault was survived as promised. */
  boolean isGood() {
    return problems.isEmpty();
  }
}
