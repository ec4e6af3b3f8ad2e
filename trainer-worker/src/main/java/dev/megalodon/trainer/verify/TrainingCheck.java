package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.BackwardProgress;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
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
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** A training run: loss, gradient norm and rate of every step, and what it ends with. */
final class TrainingCheck implements GoldenCheck {
  /** Where the rate starts if the file does not say: the reference implementation's default. */
  private static final double INITIAL_RATIO = 1e-4;

  @Override
  public void run(GoldenFile file) throws IOException {
    try (EpochLinks alone = SoloLinks.open()) {
      new Run(file, alone.collectives()).compare();
    }
  }

  private static final class Run {
    private final GoldenFile file;
    private final Device device;
    private final Collectives alone;
    private final FlatTensors parameters;
    private final FlatTensors gradients;
    private final OptimizerShard shard;
    private final ShardedOptimizer optimizer;
    private final LearningRateSchedule schedule;
    private final TrainingPass pass;
    private final int batch;
    private final int length;

    Run(GoldenFile file, Collectives alone) throws IOException {
      this.file = file;
      this.alone = alone;
      device = file.device();
      ModelConfig config = file.modelConfig();
      batch = file.dim("tokens", 1);
      length = file.dim("tokens", 2) - 1;
      FlatLayout layout = GoldenModel.layout(device, config);
      parameters = FlatTensors.allocate(device, layout);
      gradients = FlatTensors.allocate(device, layout);
      shard = OptimizerShard.allocate(device, layout, 0);
      schedule = schedule(file);
      optimizer =
          new ShardedOptimizer(device, parameters, gradients, shard, settings(file), schedule);
      file.at("init.").loadParameters(parameters);
      MegalodonModel model =
          new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
      pass = new TrainingPass(model, ModelWeights.of(config, gradients), batch, length);
    }

    void compare() throws IOException {
      int steps = file.dim("tokens", 0);
      int[] tokens = file.integers("tokens"); // (steps, B, L + 1)
      double[] losses = new double[steps];
      double[] norms = new double[steps];
      double[] rates = new double[steps];
      for (int step = 0; step < steps; step++) {
        int from = step * batch * (length + 1);
        int[] own = Arrays.copyOfRange(tokens, from, from + batch * (length + 1));
        losses[step] = accumulate(own);
        norms[step] = optimizer.globalNorm(alone);
        rates[step] = schedule.rate(step);
        optimizer.update(alone, step, norms[step]);
      }
      file.expect("loss", losses, Quantity.TRAINING_LOSS);
      file.expect("grad_norm", norms, Quantity.GRADIENT);
      file.expect("lr", rates, Quantity.SCHEDULE);
      file.at("final.").expectAll(parameters, Quantity.TRAINED);
      file.at("exp_avg.").expectAll(moments(shard.firstMoment()), Quantity.TRAINED);
      file.at("exp_avg_sq.").expectAll(moments(shard.secondMoment()), Quantity.TRAINED);
    }

    private double accumulate(int[] tokens) {
      device.pointwise().fill(gradients.flat(), 0);
      double scale = 1.0 / (batch * length);
      int[] inputs = columns(tokens, 0);
      return scale * pass.accumulate(inputs, columns(tokens, 1), scale, BackwardProgress.IGNORED);
    }

    /** With one rank, a shard is laid out as the parameters are. */
    private FlatTensors moments(Tensor moment) {
      return new FlatTensors(parameters.layout(), moment);
    }

    /** Columns {@code from} to {@code from} + L of (B, L + 1). */
    private int[] columns(int[] tokens, int from) {
      int[] result = new int[batch * length];
      for (int b = 0; b < batch; b++) {
        System.arraycopy(tokens, b * (length + 1) + from, result, b * length, length);
      }
      return result;
    }

    private static AdamWSettings settings(GoldenFile file) throws IOException {
      return new AdamWSettings(
          file.config("b1").doubleValue(),
          file.config("b2").doubleValue(),
          file.config("eps").doubleValue(),
          file.config("wd").doubleValue(),
          file.config("clip").doubleValue());
    }

    private static LearningRateSchedule schedule(GoldenFile file) throws IOException {
      String kind = file.config("kind").textValue().toUpperCase(Locale.ROOT);
      return new LearningRateSchedule(
          LearningRateSchedule.Shape.valueOf(kind),
          file.config("lr").doubleValue(),
          file.config("warmup").longValue(),
          file.config("total").longValue(),
          file.config().path("init_ratio").asDouble(INITIAL_RATIO),
          file.config("end_ratio").doubleValue(),
          /* cycles= */ 1);
    }
  }
}
