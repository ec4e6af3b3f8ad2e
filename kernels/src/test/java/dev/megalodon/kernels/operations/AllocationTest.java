package dev.megalodon.kernels.operations;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Vectors that the compiler fails to keep in registers become objects, some hundred bytes for every
 * 16 elements, and the operation 10 to 20 times slower. Its results stay right, so only the
 * allocated bytes tell.
 */
class AllocationTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(Operation.class)
  void shouldNotBoxVectors(Operation operation) {
    check(operation, AllocationMain.bytesPerRun(operation, Precision.FP32));
  }

  /** Those that read parameters or factors in each of the ways there are. */
  @ParameterizedTest
  @EnumSource(names = {"GEMM", "EMBEDDING", "COLUMNS"})
  void shouldNotBoxVectorsOfBfloat16(Operation operation) {
    check(operation, AllocationMain.bytesPerRun(operation, Precision.BF16));
  }

  /**
   * What C2 inlines where depends on what it compiled before. Here it may inline everything, which
   * takes its methods over every limit they can go over.
   */
  @ParameterizedTest
  @MethodSource("machines")
  void shouldNotBoxVectorsOfGemmHoweverItIsCompiled(Precision precision, List<String> flags)
      throws IOException, InterruptedException {
    List<String> all =
        Stream.concat(flags.stream(), Stream.of("-XX:InlineSmallCode=100000")).toList();
    String bytes = new JavaMachine(all).output(AllocationMain.class, precision.label(), directory);
    check(Operation.GEMM, Long.parseLong(bytes));
  }

  static Stream<Arguments> machines() {
    return Stream.of(
        Arguments.of(Precision.FP32, List.of()),
        Arguments.of(Precision.FP32, List.of("-XX:UseAVX=2")),
        Arguments.of(Precision.BF16, List.of("-XX:UseAVX=2", "-XX:MaxVectorSize=16")));
  }

  private static void check(Operation operation, long bytes) {
    assertTrue(
        bytes <= AllocationMain.LIMIT,
        () ->
            operation + " allocates " + bytes + " bytes a run, more than " + AllocationMain.LIMIT);
  }
}
