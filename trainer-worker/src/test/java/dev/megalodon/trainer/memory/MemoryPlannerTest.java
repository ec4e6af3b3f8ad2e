package dev.megalodon.trainer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.ModelPreset;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.job.ModelConfigs;
import dev.megalodon.trainer.memory.MemoryItem.Kind;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.Recompute;
import dev.megalodon.trainer.model.TrainingPass;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import dev.megalodon.trainer.training.TrainingState;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlannerTest {
  private static final long GIB = 1L << 30;

  @ParameterizedTest
  @CsvSource({
    "2, 24, 12, 3, 3, 7, 8, 4, false, false, 1, 2, 24, 0",
    "3, 96, 36, 66, 3, 40, 24, 12, true, true, 3, 1, 61, 2",
    "1, 16, 8, 16, 1, 16, 5, 2, true, false, 4, 3, 5, 1",
    "4, 64, 32, 128, 2, 96, 16, 8, false, true, 2, 2, 41, 0"
  })
  void shouldPredictEveryByteThatADeviceHandsOut(
      int layers,
      int d,
      int z,
      int e,
      int heads,
      int f,
      int chunk,
      int groups,
      boolean swiglu,
      boolean rescale,
      int ranks,
      int batch,
      int length,
      int rank) {
    int even = Math.ceilDiv(z, 2 * heads) * 2 * heads;
    ModelConfig config =
        new ModelConfig(
            layers,
            d,
            even,
            e / heads * heads,
            heads,
            f,
            4,
            chunk,
            groups,
            1e-5,
            97,
            1e4,
            swiglu,
            rescale,
            false,
            swiglu);
    for (Recompute recompute : Recompute.values()) {
      try (Device cpu = new CpuDevice(1);
          Device reference = new ReferenceDevice()) {
        assertPredicted(cpu, NumberTypes.FP32, recompute, config, rank, ranks, batch, length);
        assertPredicted(reference, NumberTypes.FP64, recompute, config, rank, ranks, batch, length);
      }
    }
  }

  private static void assertPredicted(
      Device device,
      NumberTypes types,
      Recompute recompute,
      ModelConfig config,
      int rank,
      int ranks,
      int batch,
      int length) {
    MemoryPlan plan =
        MemoryPlanner.plan(
            new MemoryRequest(config, types, rank, ranks, 1, batch, length, recompute, 1, 0));
    FlatLayout layout = TrainingState.layout(config, ranks, device.elementType().bytes());
    FlatTensors parameters = FlatTensors.allocate(device, layout);
    FlatTensors gradients = FlatTensors.allocate(device, layout);
    OptimizerShard.allocate(device, layout, rank);
    long state = device.allocatedBytes();
    assertEquals(state, ofOptimizer(plan));
    ModelWeights weights = ModelWeights.of(config, parameters);
    new TrainingPass(
        new MegalodonModel(device, device, config, weights),
        ModelWeights.of(config, gradients),
        batch,
        length,
        recompute);
    assertEquals(device.allocatedBytes() - state, plan.of(Kind.ACTIVATION));
  }

  private static long ofOptimizer(MemoryPlan plan) {
    return plan.of(MemoryItem.PARAMETERS)
        + plan.of(MemoryItem.GRADIENTS)
        + plan.of(MemoryItem.MASTER)
        + plan.of(MemoryItem.MOMENTS);
  }

  @Test
  void shouldNeed50GibForTheLargestPlainPresetOnEightRanksInBf16() {
    MemoryPlan plan = MemoryPlanner.plan(preset(ModelPreset.MEGA_7_1B, Recompute.NONE));
    double gib = (double) ofOptimizer(plan) / GIB;
    assertTrue(Math.abs(gib - 49.7) <= 0.1, "parameters, gradients, optimizer: " + gib);
  }

  @Test
  void shouldCountLogitsAndCheckpointsAsTheirFormulasSay() {
    MemoryPlan plan = MemoryPlanner.plan(preset(ModelPreset.MEGA_1_3B, Recompute.NONE));
    assertEquals(4096L * 32_000 * 4, plan.of(MemoryItem.LOGITS));
    assertEquals(2 * 256L * 2048 * 4, plan.of(MemoryItem.ATTENTION_SCORES));
    long states = 24L * (4096 / 64) * 2048 * 16 * 2 * 4;
    assertTrue(plan.of(MemoryItem.CEMA_CHECKPOINTS) > states);
    assertTrue(plan.of(MemoryItem.CEMA_CHECKPOINTS) < states * 11 / 10);
    long master = plan.of(MemoryItem.MASTER);
    assertEquals(master * 2, plan.of(MemoryItem.MOMENTS));
    assertEquals(master * 3 + plan.of(MemoryItem.PARAMETERS), plan.of(MemoryItem.SNAPSHOT));
    assertEquals(6L << 20, plan.of(MemoryItem.WIRE));
    assertTrue(plan.of(MemoryItem.OTHER) < plan.of(Kind.ACTIVATION) / 50);
  }

  @Test
  void shouldNeedFarLessWhenLayersAreComputedAgain() {
    long all =
        MemoryPlanner.plan(preset(ModelPreset.MEGA_7_1B, Recompute.NONE)).of(Kind.ACTIVATION);
    long again =
        MemoryPlanner.plan(preset(ModelPreset.MEGA_7_1B, Recompute.LAYER)).of(Kind.ACTIVATION);
    assertTrue(again < all / 5, again + " of " + all);
  }

  @Test
  void shouldRefuseOnlyWhatCannotFit() {
    MemoryPlan plan = MemoryPlanner.plan(preset(ModelPreset.MEGA_200M, Recompute.NONE));
    long needed = plan.outsideHeap();
    long jvm = GIB / 10;
    assertInstanceOf(
        MemoryCheck.Fits.class, MemoryCheck.of(plan, machine(needed + 2 * GIB, jvm, 2 * GIB)));
    assertInstanceOf(
        MemoryCheck.Tight.class, MemoryCheck.of(plan, machine(needed + jvm, jvm, 2 * GIB)));
    MemoryCheck.TooLarge refused =
        assertInstanceOf(
            MemoryCheck.TooLarge.class,
            MemoryCheck.of(plan, machine(needed + jvm - 1, jvm, 2 * GIB)));
    assertTrue(refused.reason().contains("spec.worker.resources.limits.memory"), refused.reason());
    assertTrue(refused.reason().contains("GiB"), refused.reason());
  }

  @Test
  void shouldFindThisProcessInsideTheMachine() {
    MachineMemory machine = MachineMemory.ofThisProcess();
    assertTrue(machine.jvmNow() > 0 && machine.jvmNow() < machine.limit(), machine.toString());
    assertTrue(machine.limit() <= machine.host().orElse(Long.MAX_VALUE), machine.toString());
  }

  private static MachineMemory machine(long limit, long jvm, long heap) {
    return new MachineMemory(limit, OptionalLong.empty(), jvm, heap);
  }

  private static MemoryRequest preset(ModelPreset preset, Recompute recomputation) {
    return new MemoryRequest(
        ModelConfigs.of(preset.dimensions(32_000)),
        NumberTypes.BF16,
        0,
        8,
        1,
        1,
        4096,
        recomputation,
        1,
        0);
  }
}
