package dev.megalodon.kernels.golden;

import dev.megalodon.kernels.Closeness;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.reference.ReferenceDevice;

/** Devices under test with the tolerance that their precision allows. */
enum TestDevice {
  /** FLOAT64 oracle. */
  REFERENCE {
    @Override
    Device open() {
      return new ReferenceDevice();
    }

    @Override
    void compare(String name, double[] expected, double[] actual, boolean shifted) {
      double tolerance = shifted ? 1e-8 : 1e-10;
      Closeness.assertElements(name, expected, actual, tolerance, tolerance);
    }
  },
  /** FLOAT32 on two threads, matrices by the Vector API. */
  CPU_VECTOR {
    @Override
    Device open() {
      return new CpuDevice(2, GemmProvider.VECTOR, Precision.FP32);
    }

    @Override
    void compare(String name, double[] expected, double[] actual, boolean shifted) {
      compareSingle(name, expected, actual, shifted);
    }
  },
  /** FLOAT32 on two threads, matrices by ND4J's OpenBLAS. */
  CPU_OPENBLAS {
    @Override
    Device open() {
      return new CpuDevice(2, GemmProvider.OPENBLAS, Precision.FP32);
    }

    @Override
    void compare(String name, double[] expected, double[] actual, boolean shifted) {
      compareSingle(name, expected, actual, shifted);
    }
  },
  /** FLOAT32 on two threads, matrices by oneDNN. */
  CPU_ONEDNN {
    @Override
    Device open() {
      return new CpuDevice(2, GemmProvider.ONEDNN, Precision.FP32);
    }

    @Override
    void compare(String name, double[] expected, double[] actual, boolean shifted) {
      compareSingle(name, expected, actual, shifted);
    }
  },
  /**
   * BFLOAT16 parameters, matrices by the Vector API from factors rounded to BFLOAT16. A number
   * loses up to 2⁻⁹ of itself, so tensors are off by some thousandths of their norm, at worst by
   * 1.1e-2 (CEMA's gradient of theta).
   */
  CPU_BF16 {
    @Override
    Device open() {
      return new CpuDevice(2, GemmProvider.VECTOR, Precision.BF16);
    }

    @Override
    void compare(String name, double[] expected, double[] actual, boolean shifted) {
      Closeness.assertNorm(name, expected, actual, 2.5e-2);
    }
  };

  private static void compareSingle(
      String name, double[] expected, double[] actual, boolean shifted) {
    Closeness.assertNorm(name, expected, actual, shifted ? 1e-3 : 1e-5);
  }

  abstract Device open();

  /**
   * Compares with the fixtures' tolerances.
   *
   * @param shifted whether inputs have a mean far greater than their deviation
   */
  abstract void compare(String name, double[] expected, double[] actual, boolean shifted);
}
