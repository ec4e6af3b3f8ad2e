package dev.megalodon.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.megalodon.crds.v1alpha1.StragglerStatus;
import dev.megalodon.operator.observe.SlowRank;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What people should look at although training goes on. */
class WarningsTest extends PlannerScenario {
  private void checkpoint(int rank, long incarnation, @Nullable String failure) {
    cluster.progress(answer(rank, incarnation, 150, null, failure, List.of(), List.of()));
    pass();
  }

  @Test
  void shouldSayThatCheckpointsFailWhileTheyDo() {
    running();
    checkpoint(0, 1, "no space left on volume checkpoints");
    assertHolds("CheckpointFailing", "WriteFailed");
    assertEquals("no space left on volume checkpoints", condition("CheckpointFailing").message());
    assertHolds("Running", "Training");
    checkpoint(1, 2, null);
    assertHolds("CheckpointFailing", "WriteFailed");
    checkpoint(0, 1, null);
    assertHoldsNot("CheckpointFailing", "Recovered");
    assertEquals(
        List.of("CheckpointFailing", "CheckpointRecovered"),
        cluster.told.stream().map(Notice::reason).filter(r -> r.startsWith("Check")).toList());
  }

  private Optional<?> slow(double ratio, long seconds) {
    cluster.slow(List.of(new SlowRank(1, ratio, ratio / 3, Duration.ofSeconds(seconds))));
    return pass().status();
  }

  @Test
  void shouldNameAStragglerOnceAndUntilItIsNone() {
    running();
    slow(3.14, 29);
    assertNull(status().stragglers());
    slow(3.14, 30);
    assertEquals(List.of(new StragglerStatus(1, 3.1, 1.0)), status().stragglers());
    assertEquals(Optional.empty(), slow(3.6, 35), "noise is not written");
    slow(5, 40);
    assertEquals(List.of(new StragglerStatus(1, 5.0, 1.7)), status().stragglers());
    slow(5, 0);
    assertEquals(
        1,
        Objects.requireNonNull(status().stragglers()).size(),
        "an operator that just started forgets no name");
    cluster.slow(List.of());
    pass();
    assertNull(status().stragglers());
    assertEquals(
        List.of(
            "rank 1 computes 1.0 s in each step, 3.1 times as long as the median of the others"),
        cluster.told.stream()
            .filter(notice -> notice.reason().equals("Straggler"))
            .map(Notice::message)
            .toList());
  }
}
