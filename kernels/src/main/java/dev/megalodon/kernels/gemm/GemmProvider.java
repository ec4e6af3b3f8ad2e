package dev.megalodon.kernels.gemm;

import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Named;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.threads.ThreadTeam;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** The implementations there are, by the names that configuration uses. */
public enum GemmProvider implements Named {
  /** {@link VectorGemm}: no native code, bits that do not depend on the machine. */
  VECTOR("vector", EnumSet.allOf(Precision.class)) {
    @Override
    Gemm start(ThreadTeam team, Precision precision) {
      return new VectorGemm(team, precision);
    }
  },
  /** {@link Nd4jGemm}: ND4J's OpenBLAS, whose bits depend on processor and threads. */
  OPENBLAS("openblas", EnumSet.of(Precision.FP32)) {
    @Override
    Gemm start(ThreadTeam team, Precision precision) {
      return new Nd4jGemm(team.size());
    }
  },
  /** {@link OneDnnGemm}: oneDNN, whose bits depend on processor and threads. */
  ONEDNN("onednn", EnumSet.allOf(Precision.class)) {
    @Override
    Gemm start(ThreadTeam team, Precision precision) {
      return new OneDnnGemm(team, precision);
    }
  };

  /** The one that is taken when nobody chooses. */
  public static final GemmProvider DEFAULT = VECTOR;

  private final String label;
  private final Set<Precision> precisions;

  GemmProvider(String label, Set<Precision> precisions) {
    this.label = label;
    this.precisions = precisions;
  }

  @Override
  public String label() {
    return label;
  }

  /** Whether it has a precision at all; the processor may still lack what it needs. */
  public boolean has(Precision precision) {
    return precisions.contains(precision);
  }

  /**
   * Starts the implementation with as many threads as the team has.
   *
   * @throws IllegalArgumentException when it lacks the precision
   * @throws IllegalStateException when it cannot run here
   */
  public Gemm create(ThreadTeam team, Precision precision) {
    if (!has(precision)) {
      throw new IllegalArgumentException(
          "gemm %s has no %s: choose another gemm, or precision %s"
              .formatted(label, precision.label(), labels(precisions)));
    }
    return start(team, precision);
  }

  abstract Gemm start(ThreadTeam team, Precision precision);

  private static String labels(Set<Precision> precisions) {
    return precisions.stream().map(Precision::label).collect(Collectors.joining(" or "));
  }

  /**
   * The provider of a name.
   *
   * @throws IllegalArgumentException when there is none, listing those there are
   */
  public static GemmProvider byName(String name) {
    return Named.byName(GemmProvider.class, "GEMM", name);
  }
}
