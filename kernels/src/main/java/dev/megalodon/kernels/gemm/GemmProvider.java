package dev.megalodon.kernels.gemm;

import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.threads.ThreadTeam;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The implementations there are, by the names that configuration uses. */
public enum GemmProvider {
  /** {@link VectorGemm}: no native code, bits that do not depend on the machine. */
  VECTOR("vector") {
    @Override
    public Gemm create(ThreadTeam team) {
      return new VectorGemm(team);
    }
  },
  /** {@link Nd4jGemm}: ND4J's OpenBLAS, whose bits depend on processor and threads. */
  OPENBLAS("openblas") {
    @Override
    public Gemm create(ThreadTeam team) {
      return new Nd4jGemm(team.size());
    }
  };

  /** The one that is taken when nobody chooses. */
  public static final GemmProvider DEFAULT = VECTOR;

  private final String label;

  GemmProvider(String label) {
    this.label = label;
  }

  /** The name in configuration. */
  public String label() {
    return label;
  }

  /**
   * Starts the implementation with as many threads as the team has.
   *
   * @throws IllegalStateException when it cannot run here
   */
  public abstract Gemm create(ThreadTeam team);

  /**
   * The provider of a name.
   *
   * @throws IllegalArgumentException when there is none, listing those there are
   */
  public static GemmProvider byName(String name) {
    return Arrays.stream(values())
        .filter(provider -> provider.label.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no GEMM is called '%s'; there are %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(GemmProvider::label)
                                .collect(Collectors.joining(", ")))));
  }
}
