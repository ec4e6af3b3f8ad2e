package dev.megalodon.kernels.gemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * The OpenBLAS that ND4J computes with, called without ND4J's arrays.
 *
 * <p>Its version does not know processors of recent years and takes them for a Haswell, at half
 * their speed. So, before it is loaded, the environment variable {@code OPENBLAS_CORETYPE} is set
 * to {@code SkylakeX} where the processor has AVX-512 and nobody has set it. That has no effect
 * when ND4J was used before in this process; {@link #coreName} tells which kernels run.
 */
final class OpenBlas {
  private static final int ROW_MAJOR = 101;
  private static final int NOT_TRANSPOSED = 111;
  private static final int TRANSPOSED = 112;
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final List<String> SKYLAKE_X_FLAGS =
      List.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");

  private final NativeLibrary library;
  private final MethodHandle sgemm;

  /**
   * Loads the library.
   *
   * @throws IllegalStateException when it cannot be loaded here
   */
  OpenBlas() {
    chooseKernels();
    library = load();
    sgemm =
        library.function(
            "cblas_sgemm",
            FunctionDescriptor.ofVoid(
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_FLOAT,
                ADDRESS,
                JAVA_INT,
                ADDRESS,
                JAVA_INT,
                JAVA_FLOAT,
                ADDRESS,
                JAVA_INT));
  }

  private static void chooseKernels() {
    if (hasSkylakeXInstructions()) {
      NativeLibrary.setDefault("OPENBLAS_CORETYPE", "SkylakeX");
    }
  }

  private static boolean hasSkylakeXInstructions() {
    if (!Files.isReadable(CPU_INFO)) {
      return false;
    }
    try (var lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> Arrays.asList(line.split("\\s+")).containsAll(SKYLAKE_X_FLAGS))
          .orElse(false);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the processor's flags in " + CPU_INFO, e);
    }
  }

  private static NativeLibrary load() {
    try {
      Path glue = Path.of(Loader.load(org.bytedeco.openblas.global.openblas.class));
      return new NativeLibrary(glue.resolveSibling(System.mapLibraryName("openblas") + ".0"));
    } catch (LinkageError | IllegalArgumentException e) {
      throw new IllegalStateException(
          "ND4J's OpenBLAS cannot be loaded here; choose the GEMM 'vector'", e);
    }
  }

  /** Sets how many threads every later call uses. */
  void setThreads(int threads) {
    try {
      library
          .function("openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT))
          .invokeExact(threads);
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  /** The processor whose kernels run. */
  String coreName() {
    return text("openblas_get_corename");
  }

  /** Version and build options. */
  String config() {
    return text("openblas_get_config");
  }

  private String text(String name) {
    try {
      MethodHandle handle = library.function(name, FunctionDescriptor.of(ADDRESS));
      MemorySegment text = (MemorySegment) handle.invokeExact();
      return text.reinterpret(Long.MAX_VALUE).getString(0).strip();
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  /** C = α·op(A)·op(B) + β·C, all row-major with the given elements from row to row. */
  void sgemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float alpha,
      MemorySegment a,
      int strideA,
      MemorySegment b,
      int strideB,
      float beta,
      MemorySegment c,
      int strideC) {
    try {
      sgemm.invokeExact(
          ROW_MAJOR,
          transposeA ? TRANSPOSED : NOT_TRANSPOSED,
          transposeB ? TRANSPOSED : NOT_TRANSPOSED,
          m,
          n,
          k,
          alpha,
          a,
          strideA,
          b,
          strideB,
          beta,
          c,
          strideC);
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }
}
