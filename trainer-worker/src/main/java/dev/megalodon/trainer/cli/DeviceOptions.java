package dev.megalodon.trainer.cli;

import dev.megalodon.kernels.Precision;
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
      description =
          "Matrix products on cpu: vector, openblas or onednn (default ${DEFAULT-VALUE}).")
  private String gemm = "vector";

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      description =
          "Parameters and matrix products on cpu: fp32 or bf16 (default ${DEFAULT-VALUE}).")
  private String precision = "fp32";

  @Option(names = "--threads", description = "Threads that compute (default: all CPUs).")
  private int threads = Runtime.getRuntime().availableProcessors();

  OpenDevice start() {
    return OpenDevice.start(
        new TrainingPlan.Compute(device, gemm, Precision.byName(precision), threads));
  }
}
