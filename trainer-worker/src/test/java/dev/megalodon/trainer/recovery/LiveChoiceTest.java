package dev.megalodon.trainer.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What living ranks can go on from. */
class LiveChoiceTest {
  private static Holding at(long lineage, long step, boolean reduced) {
    return new Holding(lineage, step, reduced, 0.1 + step, 5.5, null, 1.0 / 3, "cpu", "text");
  }

  private static Optional<List<Integer>> newcomers(int worldSize, Map<Integer, Holding> holdings) {
    return LiveChoice.of(worldSize, holdings).map(ResumePoint.Live::newcomers);
  }

  private static long step(int worldSize, Map<Integer, Holding> holdings) {
    return LiveChoice.of(worldSize, holdings).orElseThrow().state().step();
  }

  @Test
  void shouldNeedOneOfEveryTwoNeighbours() {
    Holding state = at(1, 10, false);
    assertEquals(Optional.of(List.of(1)), newcomers(3, Map.of(0, state, 2, state)));
    assertEquals(Optional.of(List.of(0)), newcomers(2, Map.of(1, state)));
    assertEquals(Optional.of(List.of(1, 3)), newcomers(4, Map.of(0, state, 2, state)));
    assertEquals(Optional.empty(), newcomers(3, Map.of(0, state)));
    assertEquals(
        Optional.empty(), newcomers(4, Map.of(1, state, 2, state)), "0 and 3 are one ring");
    assertEquals(Optional.empty(), newcomers(4, Map.of()));
  }

  @Test
  void shouldFinishAStepWhoseNormSomebodyKnows() {
    Map<Integer, Holding> apart = Map.of(0, at(1, 10, true), 1, at(1, 11, false));
    assertEquals(11, step(3, apart));
    assertEquals(Optional.of(List.of(2)), newcomers(3, apart));
  }

  @Test
  void shouldMakeAStepAgainWhoseNormNobodyKnows() {
    assertEquals(10, step(2, Map.of(0, at(1, 10, true), 1, at(1, 10, false))));
  }

  @Test
  void shouldNotTakeARankAlongThatCannotDoTheUpdate() {
    Map<Integer, Holding> behind = Map.of(0, at(1, 10, false), 1, at(1, 11, false));
    assertEquals(Optional.of(List.of(0)), newcomers(2, behind));
    assertEquals(Optional.empty(), newcomers(3, behind));
  }

  @Test
  void shouldNotMixLineages() {
    Map<Integer, Holding> mixed =
        Map.of(0, at(2, 8, false), 1, at(1, 12, false), 2, at(2, 8, false));
    assertEquals(8, step(3, mixed), "the newer lineage counts, not the greater step");
    assertEquals(Optional.of(List.of(1)), newcomers(3, mixed));
  }

  @Test
  void shouldKeepEveryBitOfWhatTravels() {
    ResumePoint live = new ResumePoint.Live(at(7, 10, true), List.of(1, 4));
    assertEquals(live, ResumePoint.decode(live.encoded()));
    ResumePoint checkpoint = new ResumePoint.Checkpoint("sha256:00", "ns/job-1/folder with space");
    assertEquals(checkpoint, ResumePoint.decode(checkpoint.encoded()));
    assertEquals(
        new ResumePoint.Beginning(), ResumePoint.decode(new ResumePoint.Beginning().encoded()));
  }
}
