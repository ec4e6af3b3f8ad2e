package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;

/**
 * A device that has started.
 *
 * @param device what computes
 * @param numerics what the bits of its results depend on
 */
record OpenDevice(Device device, String numerics) implements AutoCloseable {
  /**
   * Starts a device.
   *
   * @throws WorkerExit {@code DEVICE_UNAVAILABLE} with the reason in its own words
   */
  static OpenDevice start(TrainingPlan.Compute compute) {
    try {
      return switch (compute.device()) {
        case "reference" -> reference(compute);
        case "cpu" -> cpu(compute);
        default ->
            throw new WorkerExit(
                ExitCode.BAD_SPEC,
                "there is no device '%s'; there are cpu and reference".formatted(compute.device()));
      };
    } catch (IllegalArgumentException e) {
      throw new WorkerExit(ExitCode.BAD_SPEC, String.valueOf(e.getMessage()), e);
    } catch (IllegalStateException | LinkageError e) {
      throw new WorkerExit(
          ExitCode.DEVICE_UNAVAILABLE,
          "device %s with gemm %s cannot start: %s".formatted(compute.device(), compute.gemm(), e),
          e);
    }
  }

  private static OpenDevice reference(TrainingPlan.Compute compute) {
    if (compute.precision() != Precision.FP32) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "device reference is fp64 and has no %s".formatted(compute.precision().label()));
    }
    return new OpenDevice(new ReferenceDevice(), "reference fp64");
  }

  private static OpenDevice cpu(TrainingPlan.Compute compute) {
    GemmProvider gemm = GemmProvider.byName(compute.gemm());
    if (!gemm.has(compute.precision())) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "gemm %s has no %s; choose vector or onednn"
              .formatted(gemm.label(), compute.precision().label()));
    }
    Device device = new CpuDevice(compute.threads(), gemm, compute.precision());
    String precision = "cpu " + compute.precision().label();
    return new OpenDevice(
        device,
        switch (gemm) {
          case VECTOR -> precision + ", gemm vector";
          // Its kernels are chosen by processor and cut by threads, and either changes sums.
          case OPENBLAS -> precision + ", gemm openblas, %d threads".formatted(compute.threads());
          case ONEDNN -> precision + ", gemm " + device.gemm().description();
        });
  }

  @Override
  public void close() {
    device.close();
  }
}
