package dev.megalodon.kernels.golden;

import dev.megalodon.kernels.Closeness;
import dev.megalodon.kernels.Device;
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
  };

  abstract Device open();

  /**
   * Compares with the fixtures' tolerances.
   *
   * @param shifted whether inputs have a mean far greater than their deviation
   */
  abstract void compare(String name, double[] expected, double[] actual, boolean shifted);
}
