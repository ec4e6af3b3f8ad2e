package dev.megalodon.trainer.recovery;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Decides whether living ranks hold a whole state together, and which. Rank r's part is held by
 * itself and by the rank after it; so the state is whole as long as no two neighbours are without
 * it.
 *
 * <p>A step counts as done as soon as one rank knows its gradient norm: the norm is an all-reduce
 * that every rank enters with the summed gradients in hand, so all others can still do the update.
 * If nobody alive knows it, the step is made again from its beginning, which comes to the same.
 */
final class LiveChoice {
  private LiveChoice() {}

  /**
   * The newest state that is whole.
   *
   * @param holdings what each rank holds; ranks that hold nothing are absent
   */
  static Optional<ResumePoint.Live> of(int worldSize, Map<Integer, Holding> holdings) {
    Comparator<Holding> newest =
        Comparator.comparingLong(Holding::lineage).thenComparingLong(Holding::step);
    return holdings.values().stream()
        .max(newest)
        .flatMap(state -> whole(state, worldSize, holdings));
  }

  private static Optional<ResumePoint.Live> whole(
      Holding state, int worldSize, Map<Integer, Holding> holdings) {
    Predicate<Integer> holds =
        rank ->
            Optional.ofNullable(holdings.get(rank))
                .filter(holding -> reaches(holding, state))
                .isPresent();
    List<Integer> newcomers = IntStream.range(0, worldSize).boxed().filter(holds.negate()).toList();
    boolean whole = newcomers.stream().allMatch(newcomer -> holds.test((newcomer + 1) % worldSize));
    return whole ? Optional.of(new ResumePoint.Live(state, newcomers)) : Optional.empty();
  }

  private static boolean reaches(Holding holding, Holding state) {
    boolean oneBehind = holding.step() == state.step() - 1 && holding.reduced();
    return holding.lineage() == state.lineage() && (holding.step() == state.step() || oneBehind);
  }
}
