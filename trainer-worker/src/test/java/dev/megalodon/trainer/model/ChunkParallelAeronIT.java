package dev.megalodon.trainer.model;

import dev.megalodon.trainer.model.ChunkParallelChecks.Precision;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.TestNetworks;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Models and their training in FLOAT32 by 1 to 5 ranks that share every sequence, over Aeron:
 * shared memory between ranks of equal parity, UDP between the others.
 */
class ChunkParallelAeronIT {
  @TempDir Path folder;

  private final Map<Integer, List<Network>> networks = new HashMap<>(); // by number of ranks

  @ParameterizedTest
  @CsvSource({
    "AERON_IPC, ALL_GATHER",
    "AERON_IPC, WAVEFRONT",
    "AERON_MIXED, ALL_GATHER",
    "AERON_MIXED, WAVEFRONT"
  })
  void shouldMatchWhatEveryRankHas(TestNetworks kind, ChunkExchange exchange) throws Exception {
    ChunkParallelChecks checks = checks(kind, exchange);
    checks.checkSlices("chunk_parallel_2");
    checks.checkSlices("chunk_parallel_3_uneven");
    checks.checkSlices("chunk_parallel_4");
  }

  @ParameterizedTest
  @EnumSource
  void shouldMatchModels(ChunkExchange exchange) throws Exception {
    ChunkParallelChecks checks = checks(TestNetworks.AERON_MIXED, exchange);
    checks.checkModel("model_plain");
    checks.checkModel("model_swiglu");
    checks.checkModel("model_swiglu_tied");
    checks.checkModel("model_plain_tied_tail");
  }

  @ParameterizedTest
  @EnumSource
  void shouldFollowTheTrajectory(ChunkExchange exchange) throws Exception {
    checks(TestNetworks.AERON_MIXED, exchange).checkTraining();
  }

  @AfterEach
  void closeNetworks() {
    networks.values().forEach(TestNetworks::closeAll);
  }

  private ChunkParallelChecks checks(TestNetworks kind, ChunkExchange exchange) {
    return new ChunkParallelChecks(ranks -> open(kind, ranks), Precision.CPU, exchange);
  }

  private List<Network> open(TestNetworks kind, int ranks) {
    return networks.computeIfAbsent(
        ranks, count -> kind.open(count, folder.resolve("ranks-" + count)));
  }
}
