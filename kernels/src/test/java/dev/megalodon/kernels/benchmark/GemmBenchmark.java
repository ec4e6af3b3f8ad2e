package dev.megalodon.kernels.benchmark;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.threads.ThreadTeam;
import java.util.ArrayList;
import java.util.List;

/**
 * GF/s of all GEMMs in all precisions side by side. Arguments: numbers of threads, default 1 and 2.
 */
public final class GemmBenchmark {
  private record Case(String use, int m, int n, int k, boolean transposeA, boolean transposeB) {
    /** Gradients of weights and attention multiply activations; the others a weight. */
    boolean bIsWeight() {
      return !transposeA && !use.contains("·k") && !use.contains("·v");
    }
  }

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

  /** What is measured: a GEMM, and what type the parameters among its factors have. */
  private record Subject(String name, Gemm gemm, Precision precision) {
    double gigaflops(Case c, HostAllocator allocator) {
      ElementType weights = c.bIsWeight() ? precision.parameterType() : ElementType.FLOAT32;
      Matrix a = matrix(allocator, ElementType.FLOAT32, c.m, c.k, c.transposeA);
      Matrix b = matrix(allocator, weights, c.k, c.n, c.transposeB);
      Matrix product = matrix(allocator, ElementType.FLOAT32, c.m, c.n, false);
      double flops = 2.0 * c.m * c.n * c.k;
      return flops / Stopwatch.bestNanos(() -> gemm.multiply(1, a, b, 0, product));
    }
  }

  /** Prints one line per case. */
  public static void main(String[] args) {
    List<Integer> threads =
        args.length == 0 ? List.of(1, 2) : List.of(args).stream().map(Integer::valueOf).toList();
    for (int count : threads) {
      try (ThreadTeam team = new ThreadTeam(count)) {
        List<Subject> subjects = start(team);
        subjects.forEach(subject -> System.out.println(subject.gemm.description()));
        System.out.printf("%-16s %-18s", "use", "m x n x k");
        subjects.forEach(subject -> System.out.printf(" %14s", subject.name));
        System.out.println();
        CASES.forEach(each -> measure(each, subjects));
        subjects.forEach(subject -> subject.gemm.close());
      }
    }
  }

  /** Everything that starts here; what does not is named with its reason. */
  private static List<Subject> start(ThreadTeam team) {
    List<Subject> subjects = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      for (GemmProvider provider : GemmProvider.values()) {
        String name = provider.label() + " " + precision.label();
        try {
          subjects.add(new Subject(name, provider.create(team, precision), precision));
        } catch (IllegalStateException | IllegalArgumentException e) {
          System.out.println("without " + name + ": " + e.getMessage());
        }
      }
    }
    return subjects;
  }

  private static void measure(Case c, List<Subject> subjects) {
    System.out.printf("%-16s %-18s", c.use, c.m + " x " + c.n + " x " + c.k);
    for (Subject subject : subjects) {
      try (HostAllocator allocator = new HostAllocator()) {
        System.out.printf(" %14.1f", subject.gigaflops(c, allocator));
      }
    }
    System.out.println();
  }

  /** A matrix of ones over some, as the operation reads it. */
  private static Matrix matrix(
      HostAllocator allocator, ElementType type, int rows, int cols, boolean transposed) {
    Tensor tensor =
        transposed ? allocator.allocate(type, cols, rows) : allocator.allocate(type, rows, cols);
    for (int i = 0; i < tensor.size(); i++) {
      HostElements.set(tensor, i, 1.0 / (1 + i % 7));
    }
    return transposed ? Matrix.of(tensor).transpose() : Matrix.of(tensor);
  }
}
