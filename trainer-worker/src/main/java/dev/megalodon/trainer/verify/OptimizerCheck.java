package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** AdamW, clipping by the global norm, and the learning rate's factors. */
final class OptimizerCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
    updates(file);
    clipping(file.at("clip."));
    schedules(file.at("sched."));
  }

  private static void updates(GoldenFile file) throws IOException {
    Device device = file.device();
    Tensor parameters = file.input("p0");
    Tensor first = device.allocate(device.accumulationType(), parameters.dims());
    Tensor second = device.allocate(device.accumulationType(), parameters.dims());
    for (int step = 1; file.has("g" + step); step++) {
      AdamW.Settings settings = settings(file.config(), file.numbers("lr" + step)[0], step);
      device.adamW().update(parameters, file.input("g" + step), first, second, settings);
      file.expect("p" + step, parameters, Quantity.OPERATION);
      file.expect("m" + step, first, Quantity.OPERATION);
      file.expect("v" + step, second, Quantity.OPERATION);
    }
  }

  private static AdamW.Settings settings(JsonNode config, double learningRate, long step) {
    return new AdamW.Settings(
        learningRate,
        config.path("betas").path(0).doubleValue(),
        config.path("betas").path(1).doubleValue(),
        config.path("eps").doubleValue(),
        config.path("weight_decay").doubleValue(),
        step,
        /* gradientScale= */ 1);
  }

  private static void clipping(GoldenFile file) throws IOException {
    double limit = file.config("clip").path("max_norm").doubleValue();
    double squares = 0;
    for (int i = 0; file.has("g" + i); i++) {
      squares += file.device().pointwise().sumOfSquares(file.input("g" + i));
    }
    double norm = Math.sqrt(squares);
    file.expect("norm", norm, Quantity.OPERATION);
    double factor = new AdamWSettings(0, 0, 0, 0, limit).clipFactor(norm);
    for (int i = 0; file.has("g" + i); i++) {
      Tensor clipped = file.input("g" + i);
      file.device().pointwise().scale(clipped, factor);
      file.expect("out" + i, clipped, Quantity.OPERATION);
    }
  }

  private static void schedules(GoldenFile file) throws IOException {
    JsonNode config = file.config("sched");
    int[] steps = file.integers("step");
    for (LearningRateSchedule.Shape shape : LearningRateSchedule.Shape.values()) {
      LearningRateSchedule schedule =
          new LearningRateSchedule(
              shape,
              1,
              config.path("warmup").longValue(),
              config.path("total").longValue(),
              config.path("init_ratio").doubleValue(),
              config.path("end_ratio").doubleValue(),
              config.path("cycles").doubleValue());
      double[] factors = Arrays.stream(steps).mapToDouble(schedule::factor).toArray();
      file.expect(shape.name().toLowerCase(Locale.ROOT), factors, Quantity.SCHEDULE);
    }
  }
}
