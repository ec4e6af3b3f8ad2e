package dev.megalodon.trainer.data.order;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What there is to choose windows from.
 *
 * @param sources one or more
 * @param sequenceLength tokens of a window, L; a window also needs the token after it
 * @param globalSequences windows of a step, G
 */
public record Extent(List<Source> sources, int sequenceLength, int globalSequences) {
  /**
   * A text to choose from.
   *
   * @param tokens how many it has, more than L
   * @param weight its share of the windows, relative to the others'; none when there is one source
   */
  public record Source(long tokens, OptionalDouble weight) {}

  /** Keeps its own copy. */
  public Extent {
    sources = List.copyOf(sources);
  }

  /** How many offsets a window of a source can begin at. */
  long positions(int source) {
    return sources.get(source).tokens() - sequenceLength;
  }

  /** The number of a sequence in the run. */
  long number(long step, int index) {
    return Math.addExact(Math.multiplyExact(step, globalSequences), index);
  }

  /** The mixture of the sources. */
  Mixture mixture(long seed) {
    double[] weights = sources.stream().mapToDouble(source -> source.weight().orElse(1)).toArray();
    return new Mixture(weights, seed);
  }

  /** The only source, for an order that has no mixture. */
  Source only() {
    if (sources.size() != 1) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "spec.data.order is consecutive, which reads one text and knows no weights: leave"
              + " spec.data.sources[].weight out");
    }
    return sources.getFirst();
  }
}
