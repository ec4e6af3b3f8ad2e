package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.Closeness;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.reference.ReferenceDevice;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The cpu against the oracle, on sizes that fit its vectors and blocks and on such that do not. */
class ReferenceAgreementTest {
  private static final long SEED = 20240801;

  @ParameterizedTest
  @EnumSource(Operation.class)
  void shouldAgreeWithReference(Operation operation) {
    check(operation, Precision.FP32);
  }

  /**
   * Inputs that bf16 rounds are rounded already, so what is left is single precision's own error.
   */
  @ParameterizedTest
  @EnumSource(Operation.class)
  void shouldAgreeWithReferenceOnParametersInBfloat16(Operation operation) {
    check(operation, Precision.BF16);
  }

  private static void check(Operation operation, Precision precision) {
    for (Sizes sizes : Sizes.all()) {
      Map<String, double[]> expected = results(new ReferenceDevice(), operation, sizes);
      Map<String, double[]> actual = results(cpu(precision), operation, sizes);
      expected.forEach(
          (name, values) ->
              Closeness.assertNorm(
                  operation + " " + name + " " + sizes,
                  values,
                  Objects.requireNonNull(actual.get(name)),
                  operation.tolerance()));
    }
  }

  private static Device cpu(Precision precision) {
    return new CpuDevice(2, GemmProvider.VECTOR, precision);
  }

  private static Map<String, double[]> results(Device device, Operation operation, Sizes sizes) {
    try (device) {
      Prepared prepared = operation.prepare(device, sizes, SEED);
      prepared.run();
      return prepared.results();
    }
  }
}
