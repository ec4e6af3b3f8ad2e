package dev.megalodon.trainer.cli;

import dev.megalodon.trainer.job.TrainingPlan;
import picocli.CommandLine.Option;

/** Options of commands that compute. */
final class DeviceOptions {
  @Option(
      names = "--device",
      defaultValue = "cpu",
      description = "What computes: cpu or reference (default ${DEFAULT-VALUE}).")
  private String device = "cpu";

  @Option(
      names = "--gemm",
      defaultValue = "vector",
      description = "Matrix products on cpu: vector or openblas (default ${DEFAULT-VALUE}).")
  private String gemm = "vector";

  @Option(names = "--threads", description = "Threads that compute (default: all CPUs).")
  private int threads = Runtime.getRuntime().availableProcessors();

  OpenDevice start() {
    return OpenDevice.start(new TrainingPlan.Compute(device, gemm, threads));
  }
}
