package dev.megalodon.trainer.model;

import dev.megalodon.trainer.model.ChunkParallelChecks.Precision;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models and their training by 1 to 5 ranks that share every sequence, in memory: what the fixtures
 * hold of each rank, and what one rank alone computes.
 */
class ChunkParallelGoldenTest {
  static Stream<Arguments> ways() {
    return Arrays.stream(Precision.values())
        .flatMap(
            precision ->
                Arrays.stream(ChunkExchange.values())
                    .map(exchange -> Arguments.of(precision, exchange)));
  }

  private static ChunkParallelChecks checks(Precision precision, ChunkExchange exchange) {
    return new ChunkParallelChecks(InMemoryRanks::networks, precision, exchange);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void shouldMatchWhatEveryRankHas(Precision precision, ChunkExchange exchange) throws Exception {
    ChunkParallelChecks checks = checks(precision, exchange);
    for (int ranks : new int[] {2, 4}) {
      checks.checkSlices("chunk_parallel_" + ranks);
    }
    checks.checkSlices("chunk_parallel_3_uneven");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void shouldMatchModels(Precision precision, ChunkExchange exchange) throws Exception {
    List<String> models =
        List.of("model_plain", "model_swiglu", "model_swiglu_tied", "model_plain_tied_tail");
    for (String model : models) {
      checks(precision, exchange).checkModel(model);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldFollowTheTrajectory(ChunkExchange exchange) throws Exception {
    checks(Precision.CPU, exchange).checkTraining();
  }

  /** In one way only: the oracle is slow, and models are held to it in all ways. */
  @Test
  void shouldFollowTheTrajectoryInDoublePrecision() throws Exception {
    checks(Precision.REFERENCE, ChunkExchange.ALL_GATHER).checkTrainingByMostRanks();
  }
}
