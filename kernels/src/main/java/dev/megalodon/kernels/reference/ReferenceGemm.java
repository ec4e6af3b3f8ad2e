package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.shape.GemmShape;

/** Three loops. */
final class ReferenceGemm implements Gemm {
  @Override
  public void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    GemmShape shape = GemmShape.of(a, b, c);
    for (long i = 0; i < shape.m(); i++) {
      for (long j = 0; j < shape.n(); j++) {
        double product = alpha * dot(a, i, b, j, shape.k());
        long at = c.index(i, j);
        set(c.storage(), at, beta == 0 ? product : product + beta * get(c.storage(), at));
      }
    }
  }

  private static double dot(Matrix a, long i, Matrix b, long j, long k) {
    double sum = 0;
    for (long t = 0; t < k; t++) {
      sum += get(a.storage(), a.index(i, t)) * get(b.storage(), b.index(t, j));
    }
    return sum;
  }

  @Override
  public String description() {
    return "reference: scalar FLOAT64 loops";
  }
}
