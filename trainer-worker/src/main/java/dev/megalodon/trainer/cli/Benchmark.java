package dev.megalodon.trainer.cli;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.BackwardProgress;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.Initialization;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.TrainingPass;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import dev.megalodon.trainer.optimizer.ShardedOptimizer;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.SoloLinks;
import dev.megalodon.trainer.training.TrainingState;
import java.time.Duration;

/**
 * Measures a device. The fastest of several runs counts: what else the machine does makes runs
 * slower, never faster.
 *
 * @param device what is measured
 * @param patience time for each measurement
 */
record Benchmark(Device device, Duration patience) {
  private static final int SIDE = 1024;
  private static final int BATCH = 4;
  private static final int LENGTH = 512;
  private static final double GIGA = 1e9;

  /** One million parameters in the proportions of mega200M, over bytes. */
  private static final ModelConfig MODEL =
      new ModelConfig(
          4, 128, 64, 256, 2, 256, 16, 128, 8, 1e-5, 256, 10_000, true, false, false, false);

  /** Billions of multiplications and additions a second in the product of two large matrices. */
  double gigaflops() {
    Matrix a = Matrix.of(filled());
    Matrix b = Matrix.of(filled());
    Matrix c = Matrix.of(device.allocate(device.elementType(), SIDE, SIDE));
    double seconds = fastest(() -> device.gemm().multiply(1, a, b.transpose(), 0, c));
    return 2.0 * SIDE * SIDE * SIDE / seconds / GIGA;
  }

  private Tensor filled() {
    Tensor tensor = device.allocate(device.elementType(), SIDE, SIDE);
    device.pointwise().fill(tensor, 0.5);
    return tensor;
  }

  /** Tokens a second in whole training steps of a small model: forward, backward, update. */
  double tokensPerSecond() {
    var layout = TrainingState.layout(MODEL, 1, device.elementType().bytes());
    FlatTensors parameters = FlatTensors.allocate(device, layout);
    FlatTensors gradients = FlatTensors.allocate(device, layout);
    Initialization.initialize(device, MODEL, /* seed= */ 1, parameters);
    OptimizerShard shard = OptimizerShard.allocate(device, layout, 0);
    LearningRateSchedule constant =
        new LearningRateSchedule(LearningRateSchedule.Shape.CONSTANT, 1e-3, 0, 1, 1, 1, 1);
    ShardedOptimizer optimizer =
        new ShardedOptimizer(device, parameters, gradients, shard, AdamWSettings.DEFAULT, constant);
    MegalodonModel model =
        new MegalodonModel(device, device, MODEL, ModelWeights.of(MODEL, parameters));
    TrainingPass pass = new TrainingPass(model, ModelWeights.of(MODEL, gradients), BATCH, LENGTH);
    try (EpochLinks alone = SoloLinks.open()) {
      return BATCH * LENGTH / fastest(() -> step(pass, gradients, optimizer, alone.collectives()));
    }
  }

  private void step(
      TrainingPass pass, FlatTensors gradients, ShardedOptimizer optimizer, Collectives alone) {
    int[] tokens = new int[BATCH * LENGTH];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = i * 31 % MODEL.vocabSize();
    }
    device.pointwise().fill(gradients.flat(), 0);
    pass.accumulate(tokens, tokens, 1.0 / tokens.length, BackwardProgress.IGNORED);
    optimizer.update(alone, /* step= */ 0, optimizer.globalNorm(alone));
  }

  /** Seconds of the fastest run; the first runs compile. */
  private double fastest(Runnable run) {
    long end = System.nanoTime() + patience.toNanos();
    long best = Long.MAX_VALUE;
    do {
      long begun = System.nanoTime();
      run.run();
      best = Math.min(best, System.nanoTime() - begun);
    } while (System.nanoTime() < end);
    return best / GIGA;
  }
}
