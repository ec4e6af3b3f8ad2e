package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.trainer.exit.WorkerExit;
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
  private GemmProvider gemm = GemmProvider.DEFAULT;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      description =
          "Parameters and matrix products on cpu: fp32 or bf16 (default ${DEFAULT-VALUE}).")
  private Precision precision = Precision.FP32;

  @Option(names = "--threads", description = "Threads that compute (default: all CPUs).")
  private int threads = Runtime.getRuntime().availableProcessors();

  /**
   * Starts the device, unless it would compute in bf16.
   *
   * @param why what bf16 does not go with
   * @throws WorkerExit {@code BAD_SPEC} for bf16
   */
  OpenDevice startInFullPrecision(String why) {
    if (precision != Precision.FP32) {
      throw new WorkerExit(ExitCode.BAD_SPEC, why);
    }
    return start();
  }

  OpenDevice start() {
    return OpenDevice.start(new TrainingPlan.Compute(device, gemm.label(), precision, threads));
  }
}
