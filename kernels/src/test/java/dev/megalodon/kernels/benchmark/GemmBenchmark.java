package dev.megalodon.kernels.benchmark;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.threads.ThreadTeam;
import java.util.List;

/** GF/s of both GEMMs side by side. Arguments: numbers of threads, default 1 and 2. */
public final class GemmBenchmark {
  private record Case(String use, int m, int n, int k, boolean transposeA, boolean transposeB) {}

  private static final List<Case> CASES =
      List.of(
          new Case("large", 1024, 1024, 1024, false, false),
          new Case("x·Wᵀ, D 384", 2048, 1024, 384, false, true),
          new Case("x·Wᵀ, D 1024", 2048, 2048, 1024, false, true),
          new Case("dy·W, D 1024", 2048, 1024, 2048, false, false),
          new Case("dyᵀ·x, D 1024", 2048, 1024, 2048, true, false),
          new Case("x·Wᵀ, D 128", 2048, 256, 128, false, true),
          new Case("dy·W, D 128", 2048, 128, 256, false, false),
          new Case("dyᵀ·x, D 128", 256, 128, 2048, true, false),
          new Case("q·kᵀ, z 32", 128, 128, 32, false, true),
          new Case("p·v, e 128", 128, 128, 128, false, false),
          new Case("pᵀ·do, e 128", 128, 128, 128, true, false),
          new Case("one token", 1, 256, 128, false, true),
          new Case("tiny", 8, 8, 8, false, false));

  private GemmBenchmark() {}

  /** Prints one line per case. */
  public static void main(String[] args) {
    List<Integer> threads =
        args.length == 0 ? List.of(1, 2) : List.of(args).stream().map(Integer::valueOf).toList();
    for (int count : threads) {
      try (ThreadTeam team = new ThreadTeam(count);
          HostAllocator allocator = new HostAllocator()) {
        Gemm vector = GemmProvider.VECTOR.create(team);
        Gemm openBlas = GemmProvider.OPENBLAS.create(team);
        System.out.printf("%n%s%n%s%n", vector.description(), openBlas.description());
        System.out.printf(
            "%-16s %-18s %10s %10s %8s%n", "use", "m x n x k", "vector", "openblas", "ratio");
        CASES.forEach(each -> measure(each, vector, openBlas, allocator));
      }
    }
  }

  private static void measure(Case c, Gemm vector, Gemm openBlas, HostAllocator allocator) {
    Matrix a = matrix(allocator, c.m, c.k, c.transposeA);
    Matrix b = matrix(allocator, c.k, c.n, c.transposeB);
    Matrix product = matrix(allocator, c.m, c.n, false);
    double flops = 2.0 * c.m * c.n * c.k;
    double first = flops / Stopwatch.bestNanos(() -> vector.multiply(1, a, b, 0, product));
    double second = flops / Stopwatch.bestNanos(() -> openBlas.multiply(1, a, b, 0, product));
    System.out.printf(
        "%-16s %-18s %10.1f %10.1f %8.2f%n",
        c.use, c.m + " x " + c.n + " x " + c.k, first, second, first / second);
  }

  /** A matrix of ones over some, as the operation reads it. */
  private static Matrix matrix(HostAllocator allocator, int rows, int cols, boolean transposed) {
    Tensor tensor =
        transposed
            ? allocator.allocate(ElementType.FLOAT32, cols, rows)
            : allocator.allocate(ElementType.FLOAT32, rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      HostElements.set(tensor, i, 1.0 / (1 + i % 7));
    }
    return transposed ? Matrix.of(tensor).transpose() : Matrix.of(tensor);
  }
}
