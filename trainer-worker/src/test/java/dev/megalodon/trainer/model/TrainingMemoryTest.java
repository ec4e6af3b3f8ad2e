package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.model.ChunkParallelChecks.Precision;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import dev.megalodon.trainer.ranks.LinkedRanks;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a training pass allocates, with and without recomputation, and that steps allocate nothing.
 */
class TrainingMemoryTest {
  /** Loss, every gradient and what was allocated for them. */
  private record Outcome(double loss, double[] gradients, long bytes) {}

  @ParameterizedTest
  @ValueSource(
      strings = {"model_plain", "model_swiglu", "model_swiglu_tied", "model_plain_tied_tail"})
  void shouldHaveTheSameBitsInLessMemory(String name) throws IOException {
    for (Precision precision : Precision.values()) {
      try (Fixture fixture = Fixture.open(name)) {
        Outcome kept = outcome(fixture, precision, Recompute.NONE);
        Outcome again = outcome(fixture, precision, Recompute.LAYER);
        assertEquals(kept.loss(), again.loss());
        assertArrayEquals(kept.gradients(), again.gradients());
        assertEquals(saved(fixture, precision), kept.bytes() - again.bytes());
        assertTrue(again.bytes() < kept.bytes(), name);
      }
    }
  }

  private static Outcome outcome(Fixture fixture, Precision precision, Recompute recompute)
      throws IOException {
    ModelConfig config = fixture.modelConfig();
    int batch = fixture.dim("tokens", 0);
    int length = fixture.dim("tokens", 1);
    try (Device inner = precision.open()) {
      CountingDevice counting = new CountingDevice(inner);
      FlatLayout layout = FlatLayout.of(config, 1, inner.elementType().bytes(), 1 << 15);
      FlatTensors parameters = FlatTensors.allocate(inner, layout);
      FlatTensors gradients = FlatTensors.allocate(inner, layout);
      fixture.loadParameters("", inner, parameters);
      MegalodonModel model =
          new MegalodonModel(counting.device(), inner, config, ModelWeights.of(config, parameters));
      TrainingPass pass =
          new TrainingPass(model, ModelWeights.of(config, gradients), batch, length, recompute);
      long bytes = counting.bytes();
      double loss = 0;
      for (int repetition = 0; repetition < 2; repetition++) {
        loss +=
            pass.accumulate(
                fixture.integers("tokens"),
                fixture.integers("targets"),
                1.0 / (batch * length),
                BackwardProgress.IGNORED);
      }
      assertEquals(bytes, counting.bytes(), "bytes after steps, of those before");
      return new Outcome(loss, inner.transfer().toDoubles(gradients.flat()), bytes);
    }
  }

  /** All layers' activations but one layer's, of the others all but the output; a state more. */
  private static long saved(Fixture fixture, Precision precision) throws IOException {
    ModelConfig config = fixture.modelConfig();
    long batch = fixture.dim("tokens", 0);
    long length = fixture.dim("tokens", 1);
    try (Device inner = precision.open()) {
      CountingDevice layer = new CountingDevice(inner);
      BlockActivations.allocate(new Shapes(inner, layer.device(), config, batch, length));
      CountingDevice state = new CountingDevice(inner);
      BlockState.fresh(inner, state.device(), config, batch);
      long output = batch * length * config.modelDim() * inner.elementType().bytes();
      return (config.layers() - 1) * (layer.bytes() - output) - state.bytes();
    }
  }

  @ParameterizedTest
  @EnumSource(ChunkExchange.class)
  void shouldAllocateNothingInAStepThatExchanges(ChunkExchange exchange) throws Exception {
    ModelConfig config = TestModels.config();
    int chunk = config.chunkSize();
    List<Integer> lengths = List.of(2 * chunk, chunk, chunk - 1);
    LinkedRanks.run(
        InMemoryRanks.networks(lengths.size()),
        links -> {
          try (Device inner = Precision.CPU.open()) {
            CountingDevice counting = new CountingDevice(inner);
            SequenceShare share =
                new SequenceShare(links.chunkGroup(lengths.size()), lengths, exchange);
            TrainingPass pass = pass(counting.device(), config, share);
            ModelState carried = ModelState.fresh(inner, inner, config, 1);
            long before = counting.bytes();
            int[] tokens = new int[share.length()];
            for (int step = 0; step < 3; step++) {
              pass.accumulate(carried, tokens, tokens, 1, BackwardProgress.IGNORED);
            }
            assertEquals(before, counting.bytes());
            return true;
          }
        });
  }

  private static TrainingPass pass(Device device, ModelConfig config, SequenceShare share) {
    FlatTensors gradients = TestModels.parameters(device, config, 2);
    return new TrainingPass(
        TestModels.model(device, config, 1),
        ModelWeights.of(config, gradients),
        1,
        share,
        Recompute.LAYER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5, 4", "4, 0", "4, 4, 4"})
  void shouldRefuseImpossibleSlices(String slices) throws Exception {
    List<Integer> lengths = Arrays.stream(slices.split(", ")).map(Integer::valueOf).toList();
    List<String> messages =
        LinkedRanks.run(
            InMemoryRanks.networks(2),
            links -> {
              try (Device device = Precision.CPU.open()) {
                IllegalArgumentException refusal =
                    assertThrows(
                        IllegalArgumentException.class,
                        () ->
                            pass(
                                device,
                                TestModels.config(),
                                new SequenceShare(
                                    links.chunkGroup(2), lengths, ChunkExchange.ALL_GATHER)));
                return String.valueOf(refusal.getMessage());
              }
            });
    assertTrue(messages.getFirst().contains("slices"), messages.getFirst());
  }
}
